use serde_json::json;

use super::model::{Keeper, Lot, LotEvent};
use super::store;
use crate::jobs::{self, Job};
use crate::kernel::error::CommonProblem;
use crate::kernel::{Audience, LotId, Result, Tx};
use crate::stock::MovementKind;
use crate::webhooks::{self, Event, EventType};
use crate::{audit, producers};

/// The producer calls a lot of its own back.
pub fn recall_own(tx: &mut Tx<'_>, id: LotId, reason: &str) -> Result<Lot> {
    let producer_id = producers::registered(tx)?;
    let lot = store::lock_own(tx, producer_id, id)?.ok_or(CommonProblem::NotFound)?;
    recall(tx, &lot, reason)
}

/// The operator calls anybody's lot back.
pub fn recall_any(tx: &mut Tx<'_>, id: LotId, reason: &str) -> Result<Lot> {
    tx.who.must(Audience::Operator)?;
    let lot = store::lock_any(tx, id)?;
    recall(tx, &lot, reason)
}

/// At once nothing of it is for sale, whatever happens to those who hold or have it: they are told soon.
fn recall(tx: &mut Tx<'_>, lot: &Lot, reason: &str) -> Result<Lot> {
    let next = lot.moved(Keeper::of(tx), LotEvent::Recall)?;
    store::lock_levels(tx, &[lot.id])?;
    store::take_out(tx, &[lot.id], (next, Some(reason)), MovementKind::Recalled)?;
    audit::write(tx, "lot.recalled", "lot", lot.id.0, json!({"from": lot.status}))?;
    let (job, now) = (Job::TellRecall { lot_id: lot.id.0, after: None }, tx.now);
    jobs::enqueue(tx, &job, now, None)?;
    let lot = store::find(tx, lot.id)?;
    emit(tx, &lot)?;
    Ok(lot)
}

/// Other systems hear it with the recall itself; a lot is recalled once.
fn emit(tx: &mut Tx<'_>, lot: &Lot) -> Result<()> {
    let data = json!({"lot_id": lot.id, "lot_code": lot.code, "product_id": lot.product_id,
                      "producer_id": lot.producer_id, "harvested_on": lot.harvested_on, "expires_on": lot.expires_on,
                      "status": lot.status, "status_reason": lot.status_reason});
    let (producer_id, kind) = (Some(lot.producer_id), EventType::LotRecalled);
    webhooks::emit(tx, &Event { producer_id, kind, object_id: lot.id.0, occasion: String::new(), data })
}
