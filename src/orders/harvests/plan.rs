use chrono::Days as DayCount;
use serde_json::json;

use super::mind;
use super::model::{Calendar, HarvestAction, HarvestRefusal, HarvestStatus, ShortfallRule};
use super::store::{self, Harvest};
use crate::kernel::time::vietnam_day;
use crate::kernel::{Error, HarvestId, Result, Tx, VariantId};
use crate::{audit, producers, stock};

/// What a producer expects to harvest.
pub struct Forecast {
    pub expected: i32,
    pub calendar: Calendar,
    pub shortfall_rule: ShortfallRule,
}

/// From its first day on the variant can be ordered, up to what is expected. A variant has either stock or a harvest.
pub fn plan(tx: &mut Tx<'_>, variant_id: VariantId, forecast: &Forecast) -> Result<Harvest> {
    let producer_id = producers::registered(tx)?;
    let Forecast { expected, calendar, shortfall_rule } = forecast;
    let faults = calendar.faults(tx);
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let Calendar { orders, harvest, ships } = calendar;
    let plan = stock::open_plan(tx, (producer_id, variant_id), *expected, orders.from..=orders.until)?;
    let harvest = Harvest {
        id: HarvestId::generate(),
        producer_id,
        product_id: plan.product_id,
        variant_id,
        lot_id: plan.lot_id,
        expected: *expected,
        orders_from: orders.from,
        orders_until: orders.until,
        harvest_from: harvest.from,
        harvest_until: harvest.until,
        ships_from: ships.from,
        ships_until: ships.until,
        shortfall_rule: *shortfall_rule,
        status: HarvestStatus::Open,
        harvested: None,
        promised: None,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    store::insert(tx, &harvest)?;
    mind::plan_round(tx, &harvest, 1)?;
    audit::write(tx, "harvest.planned", "harvest", harvest.id.0, json!({"expected": expected}))?;
    Ok(harvest)
}

/// No more orders from now on; unpaid checkouts that hold some of it may still be paid.
pub fn close(tx: &mut Tx<'_>, id: HarvestId) -> Result<Harvest> {
    let (harvest, next) = must_allow(tx, id, HarvestAction::Close)?;
    let today = vietnam_day(tx.now);
    stock::stop_plan(tx, &harvest.plan(), today.checked_sub_days(DayCount::new(1)).unwrap_or(today))?;
    let harvest = store::move_on(tx, &harvest, next, None)?;
    audit::write(tx, "harvest.closed", "harvest", id.0, json!({}))?;
    Ok(harvest)
}

/// The producer's own harvest, locked, and where the action leads, if its status allows it.
pub fn must_allow(tx: &mut Tx<'_>, id: HarvestId, action: HarvestAction) -> Result<(Harvest, HarvestStatus)> {
    let producer_id = producers::registered(tx)?;
    let harvest = store::lock_own(tx, producer_id, id)?;
    match harvest.status.after(action) {
        Some(next) => Ok((harvest, next)),
        None => Err(Error::from(HarvestRefusal::ActionNotAllowed)
            .with("current_status", harvest.status.as_str())
            .with("allowed_actions", json!(harvest.status.actions()))),
    }
}
