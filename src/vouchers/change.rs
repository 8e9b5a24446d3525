//! Whoever owns a voucher pauses, resumes or ends it. What was taken stays taken.

use serde_json::json;

use super::model::VoucherEvent;
use super::store::{self, Owner, Voucher};
use crate::kernel::{Audience, Result, Role, Tx, VoucherId};
use crate::{audit, producers};

/// Whose vouchers the actor may see: a producer his own, the operator all.
pub fn owner(tx: &mut Tx<'_>) -> Result<Owner> {
    if tx.who.role == Role::Holder(Audience::Producer) {
        return Ok(Owner::Producer(producers::registered(tx)?));
    }
    tx.who.must(Audience::Operator)?;
    Ok(Owner::Operator)
}

pub fn change(tx: &mut Tx<'_>, id: VoucherId, event: VoucherEvent) -> Result<Voucher> {
    let owner = owner(tx)?;
    let old = store::find(tx, owner, id)?;
    let next = old.status.moved(event)?;
    let Some(voucher) = store::change(tx, &old, next)? else {
        return Err(store::find(tx, owner, id)?.status.refusal());
    };
    audit::write(tx, &format!("voucher.{event}"), "voucher", id.0, json!({"from": old.status, "to": next}))?;
    Ok(voucher)
}
