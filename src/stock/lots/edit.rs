use chrono::NaiveDate;
use serde_json::json;

use super::api::{LotPatch, LotView};
use super::model::{Days, Keeper, Lot, LotEvent, LotRefusal, LotStatus};
use super::store;
use crate::kernel::error::CommonProblem;
use crate::kernel::time::vietnam_day;
use crate::kernel::{Error, LotId, Result, Tx};
use crate::producers::Change;
use crate::{audit, places, producers};

/// Puts right what was said of a lot, while nothing of it is sold or held. A lot that expired by mistake is for sale
/// again.
pub fn edit(tx: &mut Tx<'_>, id: LotId, version: i32, patch: LotPatch) -> Result<Lot> {
    let producer_id = producers::registered(tx)?;
    let old = store::lock_own(tx, producer_id, id)?.ok_or(CommonProblem::NotFound)?;
    if old.version != version {
        let current = LotView::of(tx, old)?;
        return Err(Error::from(CommonProblem::VersionStale).with("current", json!(current)));
    }
    let next = old.moved(Keeper::Producer, LotEvent::Edit)?;
    store::lock_levels(tx, &[id])?;
    if store::is_sold(tx, id)? {
        return Err(LotRefusal::Sold.into());
    }
    let code = patch.code.as_ref().map(|code| code.as_str().to_owned()).or(old.code.clone());
    let origin = match patch.origin {
        Change::Set(place) => Some(places::resolve(tx, &place, "/origin")?),
        Change::Clear => None,
        Change::Keep => old.origin_commune_code.clone(),
    };
    let days = merged(&old, patch.harvested_on, patch.packed_on, patch.expires_on)?;
    let faults = days.faults(vietnam_day(tx.now), "");
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let lot = store::rewrite(tx, &Lot { code, origin_commune_code: origin, status: next, ..old.clone() }, days)?;
    if old.status == LotStatus::Expired {
        store::bring_back(tx, id)?;
    }
    audit::write(tx, "lot.edited", "lot", id.0, json!({"from": old.status, "to": next, "version": lot.version}))?;
    Ok(lot)
}

fn merged(
    old: &Lot,
    harvested_on: Option<NaiveDate>,
    packed_on: Change<NaiveDate>,
    expires_on: Change<NaiveDate>,
) -> Result<Days> {
    let harvested_on = harvested_on.or(old.harvested_on).ok_or_else(|| Error::internal("a dated lot has no day"))?;
    Ok(Days { harvested_on, packed_on: packed_on.over(old.packed_on), expires_on: expires_on.over(old.expires_on) })
}
