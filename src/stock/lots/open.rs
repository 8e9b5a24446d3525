use serde_json::json;

use super::model::{Days, Lot, LotRefusal, NewLot};
use super::store;
use crate::kernel::error::CommonProblem;
use crate::kernel::time::vietnam_day;
use crate::kernel::{Error, ProducerId, ProductId, Result, Tx};
use crate::{audit, places, producers};

/// A new lot of a product of the actor's own, still without goods.
pub fn open(tx: &mut Tx<'_>, product_id: ProductId, new: &NewLot) -> Result<Lot> {
    let producer_id = producers::registered(tx)?;
    if !store::has_product(tx, producer_id, product_id)? {
        return Err(CommonProblem::NotFound.into());
    }
    let (lot, is_new) = insert(tx, (producer_id, product_id), new, "")?;
    if is_new { Ok(lot) } else { Err(LotRefusal::CodeTaken.into()) }
}

/// The lot with this code, locked: made if there is none, and refused if there is one of which something else is known.
pub fn open_or_find(tx: &mut Tx<'_>, of: (ProducerId, ProductId), new: &NewLot, below: &str) -> Result<Lot> {
    let (lot, is_new) = insert(tx, of, new, below)?;
    let days = (lot.harvested_on, lot.packed_on, lot.expires_on);
    let is_same = days == (Some(new.harvested_on), new.packed_on, new.expires_on) && lot.product_id == of.1;
    if is_new || is_same { Ok(lot) } else { Err(LotRefusal::Differs.into()) }
}

/// Gives a locked lot that was planned what stands on its label, now that it is harvested.
pub fn label(tx: &mut Tx<'_>, lot: &Lot, new: &NewLot, below: &str) -> Result<Lot> {
    let NewLot { code, harvested_on, packed_on, expires_on, origin } = new;
    let days = Days { harvested_on: *harvested_on, packed_on: *packed_on, expires_on: *expires_on };
    let faults = days.faults(vietnam_day(tx.now), below);
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let origin = match origin {
        Some(place) => Some(places::resolve(tx, place, &format!("{below}/origin"))?),
        None => None,
    };
    let code = Some(code.as_str().to_owned());
    store::rewrite(tx, &Lot { code, origin_commune_code: origin, ..lot.clone() }, days)
}

fn insert(tx: &mut Tx<'_>, of: (ProducerId, ProductId), new: &NewLot, below: &str) -> Result<(Lot, bool)> {
    let NewLot { code, harvested_on, packed_on, expires_on, origin } = new;
    let days = Days { harvested_on: *harvested_on, packed_on: *packed_on, expires_on: *expires_on };
    let faults = days.faults(vietnam_day(tx.now), below);
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let origin = match origin {
        Some(place) => Some(places::resolve(tx, place, &format!("{below}/origin"))?),
        None => None,
    };
    let made = store::insert(tx, of, code.as_str(), days, origin)?;
    let lot = store::lock_by_code(tx, of.0, code.as_str())?;
    if made {
        audit::write(tx, "lot.opened", "lot", lot.id.0, json!({"product_id": of.1}))?;
    }
    Ok((lot, made))
}
