use serde_json::json;

use super::model::LotStatus;
use super::store;
use crate::audit;
use crate::kernel::time::vietnam_day;
use crate::kernel::{Result, Tx};
use crate::stock::MovementKind;

/// Lots that one run takes out of the stock.
const LOTS_MAX: i64 = 200;

/// Takes lots whose last day is over out of the stock; `true` when there may be more of them. What unpaid checkouts
/// hold of them stays theirs until they end.
pub fn expire(tx: &mut Tx<'_>) -> Result<bool> {
    tx.who.must_be_platform()?;
    let lots = store::lock_expired(tx, vietnam_day(tx.now), LOTS_MAX)?;
    store::lock_levels(tx, &lots)?;
    store::take_out(tx, &lots, (LotStatus::Expired, None), MovementKind::Expired)?;
    for id in &lots {
        audit::write(tx, "lot.expired", "lot", id.0, json!({}))?;
    }
    Ok(i64::try_from(lots.len()).is_ok_and(|number| number == LOTS_MAX))
}
