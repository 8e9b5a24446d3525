use serde_json::json;

use super::model::{Keeper, Lot, LotEvent, LotRefusal};
use super::store;
use crate::kernel::error::CommonProblem;
use crate::kernel::{Error, LotId, Result, Tx};
use crate::{audit, producers};

/// Nothing more is added to the lot. Only an empty one can be closed; what buyers give back to it is for sale again.
pub fn close(tx: &mut Tx<'_>, id: LotId) -> Result<Lot> {
    let producer_id = producers::registered(tx)?;
    let lot = store::lock_own(tx, producer_id, id)?.ok_or(CommonProblem::NotFound)?;
    let next = lot.moved(Keeper::Producer, LotEvent::Close)?;
    store::lock_levels(tx, &[id])?;
    let on_hand: i32 = store::levels_of(tx, &[id])?.iter().map(|level| level.on_hand).sum();
    if on_hand > 0 {
        return Err(Error::from(LotRefusal::NotEmpty).with("on_hand", on_hand));
    }
    let lot = store::set_status(tx, id, next)?;
    audit::write(tx, "lot.closed", "lot", id.0, json!({}))?;
    Ok(lot)
}
