use chrono::TimeDelta;

use super::store::{self, Message, MessageOutcome};
use crate::app::App;
use crate::kernel::{Result, ShipmentId, Tx, ids};
use crate::shipping::carriers::{CarrierApi, Carriers, Meaning, News, RawMessage};
use crate::shipping::shipments::{self, BookingStatus, Heard, NewEvent, Source};

/// How long a message is left to the request that brought it.
const LEFT_ALONE: TimeDelta = TimeDelta::minutes(1);
/// Messages taken up at once.
const BATCH_MAX: i64 = 500;
/// How far a carrier's clock may be before ours.
const AHEAD_MAX: TimeDelta = TimeDelta::hours(24);

/// Keeps a genuine message and commits, then does what it says. Whoever meets an error asks the carrier to come again,
/// or leaves the message to [`take_up`].
pub async fn receive(
    app: &App,
    api: &dyn CarrierApi,
    message: Message,
    query: &str,
    token: Option<&str>,
) -> Result<bool> {
    let raw = RawMessage { query, token, content_type: &message.content_type, body: &message.body };
    if !api.is_genuine(&raw) {
        return Ok(false);
    }
    let news = api.read_message(&raw);
    let kept = message.clone();
    app.db.callback(move |tx| store::insert(tx, &kept)).await?;
    app.db.callback(move |tx| apply(tx, &message, news.as_ref())).await?;
    Ok(true)
}

fn apply(tx: &mut Tx<'_>, message: &Message, news: Option<&News>) -> Result<()> {
    let is_sound = |news: &&News| news.happened_at <= tx.now + AHEAD_MAX;
    let Some(news) = news.filter(is_sound) else {
        return store::finish(tx, message.id, MessageOutcome::Malformed, None).map(drop);
    };
    let reference = news.reference.as_deref().and_then(ids::parse).map(ShipmentId);
    let Some(shipment) = shipments::heard_of(tx, message.carrier, (reference, &news.code))? else {
        return store::finish(tx, message.id, MessageOutcome::UnknownShipment, None).map(drop);
    };
    let heard = shipments::record(tx, &shipment, &event_of(news))?;
    // The message may be quicker than the answer that would have brought the number.
    if shipment.code.is_none() && shipment.booking != BookingStatus::ByHand {
        shipments::learn_code(tx, shipment.id, &news.code)?;
        if shipment.booking == BookingStatus::Cancelling {
            shipments::plan_cancelling(tx, shipment.id)?;
        }
    }
    let outcome = if heard == Heard::New { MessageOutcome::Applied } else { MessageOutcome::Repeated };
    store::finish(tx, message.id, outcome, Some(shipment.id)).map(drop)
}

fn event_of(news: &News) -> NewEvent {
    NewEvent {
        source: Source::Carrier,
        raw_code: Some(news.raw_code.clone()),
        status: if let Meaning::Status(status) = news.meaning { Some(status) } else { None },
        note: None,
        happened_at: news.happened_at,
        dedup_key: news.dedup_key.clone(),
    }
}

/// Does what messages say whose requests ended between keeping and doing.
pub fn take_up(tx: &mut Tx<'_>, carriers: &Carriers) -> Result<()> {
    tx.who.must_be_platform()?;
    let before = tx.now - LEFT_ALONE;
    for message in store::open(tx, before, BATCH_MAX)? {
        let Some(api) = carriers.find(message.carrier) else { continue };
        let raw = RawMessage { query: "", token: None, content_type: &message.content_type, body: &message.body };
        let news = api.read_message(&raw);
        apply(tx, &message, news.as_ref())?;
    }
    Ok(())
}
