//! What operators decide about refunds.

use serde_json::json;

use super::model::{Refund, RefundEvent, RefundRail, RefundRefusal, TryOutcome};
use super::owe::follow;
use super::policy::next_try;
use super::record::{fail, succeed};
use super::store::{self, Step};
use crate::kernel::{Audience, Error, RefundId, Result, Tx};
use crate::ledger::{self, TransferKind};
use crate::{audit, payments};

fn written(tx: &mut Tx<'_>, event: RefundEvent, id: RefundId) -> Result<Refund> {
    let refund = store::find(tx, id)?;
    audit::write(tx, &format!("refund.{event}"), "refund", id.0, json!({"status": refund.status.as_str()}))?;
    Ok(refund)
}

/// Approves a refund. It goes out when as many persons have as are needed; nobody is two of them.
pub fn approve(tx: &mut Tx<'_>, id: RefundId) -> Result<Refund> {
    let by = tx.who.must(Audience::Operator)?;
    let refund = store::lock(tx, id)?;
    let status = refund.after(RefundEvent::Approve)?;
    if !store::insert_approval(tx, &refund, by)? {
        return Err(RefundRefusal::SecondPerson.into());
    }
    let persons = store::approvals(tx, &refund)?.len();
    if persons >= usize::try_from(refund.approvals_needed).map_err(Error::internal)? {
        let step = Step { status, reason: None, next_at: Some(tx.now) };
        let refund = store::update(tx, &refund, &step)?;
        follow(tx, &refund)?;
    }
    written(tx, RefundEvent::Approve, id)
}

/// It is not paid back. The money stays owed in the books until two people correct them.
pub fn reject(tx: &mut Tx<'_>, id: RefundId, reason: &str) -> Result<Refund> {
    tx.who.must(Audience::Operator)?;
    let refund = store::lock(tx, id)?;
    let step = Step { status: refund.after(RefundEvent::Reject)?, reason: Some(reason), next_at: None };
    let refund = store::update(tx, &refund, &step)?;
    // What is to become of it stays a question in the queue.
    follow(tx, &refund)?;
    written(tx, RefundEvent::Reject, id)
}

/// One that was given up is tried once more, as a new try.
pub fn retry(tx: &mut Tx<'_>, id: RefundId) -> Result<Refund> {
    tx.who.must(Audience::Operator)?;
    let refund = store::lock(tx, id)?;
    let status = refund.after(RefundEvent::Retry)?;
    if refund.rail == RefundRail::Hand {
        return Err(RefundRefusal::NoRail.into());
    }
    let step = Step { status, reason: None, next_at: Some(tx.now) };
    let refund = store::update(tx, &refund, &step)?;
    follow(tx, &refund)?;
    written(tx, RefundEvent::Retry, id)
}

/// Somebody has looked at the provider: it was paid back.
pub fn found_done(tx: &mut Tx<'_>, id: RefundId, note: &str) -> Result<Refund> {
    tx.who.must(Audience::Operator)?;
    let refund = store::lock(tx, id)?;
    refund.after(RefundEvent::FoundDone)?;
    let attempt = store::open_try(tx, id)?;
    succeed(tx, &refund, &attempt, (RefundEvent::FoundDone, Some(note)))?;
    written(tx, RefundEvent::FoundDone, id)
}

/// Somebody has looked at the provider: it was not, and will not be under this reference.
pub fn found_failed(tx: &mut Tx<'_>, id: RefundId, note: &str) -> Result<Refund> {
    tx.who.must(Audience::Operator)?;
    let refund = store::lock(tx, id)?;
    refund.after(RefundEvent::FoundFailed)?;
    let attempt = store::open_try(tx, id)?;
    fail(tx, &refund, &attempt, (RefundEvent::FoundFailed, note))?;
    written(tx, RefundEvent::FoundFailed, id)
}

/// What had succeeded came back: it leaves the books, and there is a new try, or a person has it.
pub fn take_back(tx: &mut Tx<'_>, id: RefundId, reason: &str) -> Result<Refund> {
    tx.who.must(Audience::Operator)?;
    let refund = store::lock(tx, id)?;
    let status = refund.after(RefundEvent::TakeBack)?;
    if refund.rail != RefundRail::Provider {
        // What comes back of a transfer is told of the transfer.
        return Err(refund.refusal());
    }
    let attempt = store::succeeded_try(tx, id)?;
    tx.as_platform(|tx| {
        let sent = ledger::posted(tx, TransferKind::RefundSent, attempt.id.0)?;
        ledger::reverse(tx, sent)
    })?;
    store::end_try(tx, attempt.id, TryOutcome::Failed, None)?;
    let next_at = next_try(refund.tries, tx.now);
    let step = Step { status, reason: Some(reason), next_at: Some(next_at.unwrap_or(tx.now)) };
    let refund = store::update(tx, &refund, &step)?;
    if next_at.is_none() {
        super::record::give_up(tx, &refund, reason)?;
    }
    written(tx, RefundEvent::TakeBack, id)
}

/// For who finds it in the queue: what is decided there is decided of the refund too.
pub fn in_queue(tx: &mut Tx<'_>, id: RefundId) -> Result<Option<payments::Review>> {
    let review = payments::review_of_refund(tx, id)?;
    Ok(review.filter(|review| review.status == payments::ReviewStatus::Open))
}
