//! Two persons approve what is sent.

use serde_json::json;

use super::model::{Batch, Purpose, Rail, TransferEvent, TransferStatus};
use super::request::plan;
use super::step::step;
use super::store::{self, Change};
use crate::audit;
use crate::kernel::{Audience, OutgoingBatchId, OutgoingId, Result, Tx};
use crate::outgoing::OutgoingRefusal;

/// A batch of the actor: an operator is its first person, while what the platform makes waits for two.
pub fn open_batch(tx: &mut Tx<'_>, purpose: Purpose) -> Result<Batch> {
    let made_by = tx.who.must(Audience::Operator).ok();
    if made_by.is_none() {
        tx.who.must_be_platform()?;
    }
    store::insert_batch(tx, purpose, made_by)
}

/// Whether nobody has looked at a batch of the platform yet; nobody can until the transaction ends.
pub fn is_untouched(tx: &mut Tx<'_>, id: OutgoingBatchId) -> Result<bool> {
    Ok(store::lock_batch(tx, id)?.made_by.is_none())
}

/// The first person says that a batch of the platform is right; the second one, who is another, has it sent. What was
/// released after a hold is approved again.
pub fn approve(tx: &mut Tx<'_>, id: OutgoingBatchId) -> Result<Batch> {
    let by = tx.who.must(Audience::Operator)?;
    let batch = store::lock_batch(tx, id)?;
    let waiting = store::lock_of_batch(tx, id, TransferStatus::Requested)?;
    if waiting.is_empty() {
        return Err(OutgoingRefusal::NothingToApprove.into());
    }
    if batch.made_by == Some(by) {
        return Err(OutgoingRefusal::SecondPerson.into());
    }
    let ids: Vec<OutgoingId> = waiting.iter().map(|one| one.id).collect();
    if batch.approved_by.is_some() && store::has_released(tx, &ids, by)? {
        return Err(OutgoingRefusal::SecondPerson.into());
    }
    if batch.made_by.is_none() {
        audit::write(tx, "outgoing.look", "outgoing_batch", id.0, json!({"transfers": waiting.len()}))?;
        return store::set_maker(tx, id, by);
    }
    let batch = if batch.approved_by.is_none() { store::set_approver(tx, id, by)? } else { batch };
    audit::write(tx, "outgoing.approve", "outgoing_batch", id.0, json!({"transfers": waiting.len()}))?;
    for old in waiting {
        let next_at = Some(tx.now).filter(|_| old.rail == Rail::Payos);
        let approved = step(tx, &old, TransferEvent::Approve, &Change { next_at, ..Change::default() })?;
        plan(tx, &approved)?;
    }
    Ok(batch)
}
