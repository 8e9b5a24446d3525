//! A harvest that nobody declares: its producer is reminded, and reminded again, before it ends by itself.

use chrono::{DateTime, Days, NaiveTime, Utc};
use serde_json::json;

use super::declare::{Promised, promised};
use super::model::{HarvestAction, HarvestStatus};
use super::store::{self, Harvest};
use crate::jobs::{self, Job};
use crate::kernel::time::from_vietnam;
use crate::kernel::{Error, HarvestId, Result, Tx};
use crate::notifications::{self, News, Notice, Recipient};
use crate::orders::model::{OrderEvent, RefundCause, Side};
use crate::orders::steps::{self, Step, rest};
use crate::{audit, catalog, stock};

/// How many days after the last one of sending a harvest that nobody declared ends.
const GRACE_DAYS: u64 = 3;
/// The round in which it ends; in those before, its producer is reminded.
const LAST_ROUND: u8 = 3;

/// Plans a round: at the end of the last day of harvest, of sending, and of the grace.
pub fn plan_round(tx: &mut Tx<'_>, harvest: &Harvest, round: u8) -> Result<()> {
    let job = Job::MindHarvest { harvest_id: harvest.id.0, round };
    jobs::enqueue(tx, &job, round_at(harvest, round)?, None)
}

/// When a harvest that nobody declares ends, and its orders with it.
pub fn ends_at(harvest: &Harvest) -> Result<DateTime<Utc>> {
    round_at(harvest, LAST_ROUND)
}

fn round_at(harvest: &Harvest, round: u8) -> Result<DateTime<Utc>> {
    let last_day = match round {
        1 => Some(harvest.harvest_until),
        2 => Some(harvest.ships_until),
        LAST_ROUND => harvest.ships_until.checked_add_days(Days::new(GRACE_DAYS)),
        _ => None,
    };
    let next_day = last_day.and_then(|day| day.succ_opt());
    let at = next_day.and_then(|day| from_vietnam(day.and_time(NaiveTime::MIN)));
    at.ok_or_else(|| Error::internal(format!("there is no round {round}")))
}

/// Reminds, or ends the harvest in the last round. Too early, or once it is decided, nothing changes.
pub fn mind(tx: &mut Tx<'_>, id: HarvestId, round: u8) -> Result<()> {
    tx.who.must_be_platform()?;
    let harvest = store::lock(tx, id)?;
    let Some(ended) = harvest.status.after(HarvestAction::Cancel) else { return Ok(()) };
    if round_at(&harvest, round)? > tx.now {
        return Ok(());
    }
    if round == LAST_ROUND {
        return end(tx, &harvest, ended);
    }
    remind(tx, &harvest, round)?;
    plan_round(tx, &harvest, round.saturating_add(1))
}

/// Where nobody waits there is nothing to remind of.
fn remind(tx: &mut Tx<'_>, harvest: &Harvest, round: u8) -> Result<()> {
    let ordered = stock::plan_ordered(tx, &[harvest.lot_id])?.remove(&harvest.lot_id).unwrap_or(0);
    if ordered == 0 {
        return Ok(());
    }
    let goods = catalog::for_sale(tx, &[harvest.variant_id])?;
    let product_title = goods.into_iter().next().map(|goods| goods.product_title).unwrap_or_default();
    let news = News::HarvestDue { product_title, ordered, declare_by: ends_at(harvest)? };
    let occasion = if round == 1 { "" } else { "second" };
    let to = Recipient::Producer(harvest.producer_id);
    notifications::tell(tx, &Notice { to, news, object_id: harvest.id.0, occasion })
}

/// Nobody said what came: whoever still waits gets everything back, and nothing more is expected.
fn end(tx: &mut Tx<'_>, harvest: &Harvest, ended: HarvestStatus) -> Result<()> {
    let Promised { lot, waiting } = promised(tx, harvest)?;
    for one in &waiting {
        let refund = Some((RefundCause::NotAnswered, rest(&one.order)));
        let step = Step { event: OrderEvent::GiveUp, reason: None, refund };
        steps::take(tx, &one.order, Side::Platform, &step)?;
    }
    stock::end_plan(tx, &harvest.plan(), &lot, None)?;
    store::move_on(tx, harvest, ended, None)?;
    audit::write(tx, "harvest.ended", "harvest", harvest.id.0, json!({"orders": waiting.len()}))
}
