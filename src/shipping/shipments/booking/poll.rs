//! Asks carriers about parcels of which nothing was heard: GHTK calls back once and never again.

use chrono::TimeDelta;

use super::store;
use crate::app::App;
use crate::jobs::{self, Happened, Job, happened};
use crate::kernel::{Error, Result, ShipmentId, Tx};
use crate::shipping::carriers::{Found, Meaning, send};
use crate::shipping::shipments::events::{self, NewEvent, Source, record};
use crate::shipping::shipments::store as shipments_store;
use crate::shipping::shipments::{BookingStatus, Shipment};

/// How long a parcel may be silent before its carrier is asked, and asked again.
const SILENT: TimeDelta = TimeDelta::hours(6);
/// Parcels that are asked for at once.
const ASKED_MAX: i64 = 200;

/// Plans a question for each parcel that has been silent for too long.
pub fn poll(tx: &mut Tx<'_>) -> Result<()> {
    tx.who.must_be_platform()?;
    let before = tx.now - SILENT;
    for id in store::take_silent(tx, before, ASKED_MAX)? {
        let (job, now) = (Job::AskShipment { shipment_id: id.0 }, tx.now);
        jobs::enqueue(tx, &job, now, Some(&format!("ask_shipment:{id}")))?;
    }
    Ok(())
}

/// Asks where one parcel is.
pub async fn ask(app: &App, id: ShipmentId) -> Result<Happened> {
    let shipment = app.db.job(move |tx| shipments_store::find(tx, id)).await?;
    let api = shipment.carrier.filter(|_| shipment.booking == BookingStatus::Booked);
    let api = api.and_then(|carrier| app.carriers.find(carrier));
    let Some((api, question)) = api.and_then(|api| Some((api, api.find(&id.to_string())?))) else {
        return Ok(happened(|_| Ok(())));
    };
    match api.read_found(&send(&app.carriers.client, question).await?) {
        Found::Known { raw_code, at, .. } => {
            let meaning = api.meaning(&raw_code);
            Ok(happened(move |tx| {
                let shipment = shipments_store::lock(tx, id)?;
                let happened_at = at.unwrap_or(tx.now);
                answered(tx, &shipment, &raw_code, (meaning, happened_at))
            }))
        }
        Found::Unknown => Ok(happened(|_| Ok(()))),
        Found::Unclear(why) => Err(Error::Unavailable(why)),
    }
}

/// An answer that repeats the last that was heard is no news.
fn answered(
    tx: &mut Tx<'_>,
    shipment: &Shipment,
    raw_code: &str,
    (meaning, happened_at): (Meaning, chrono::DateTime<chrono::Utc>),
) -> Result<()> {
    if events::last_raw_code(tx, shipment.id)?.as_deref() == Some(raw_code) {
        return Ok(());
    }
    let status = if let Meaning::Status(status) = meaning { Some(status) } else { None };
    let event = NewEvent {
        source: Source::Poll,
        raw_code: Some(raw_code.to_owned()),
        status,
        note: None,
        happened_at,
        dedup_key: format!("poll:{raw_code}:{}", happened_at.timestamp()),
    };
    record(tx, shipment, &event).map(drop)
}
