//! What operators decide about refunds.

use serde_json::json;

use super::model::{Refund, RefundEvent, RefundRail, RefundRefusal, RefundTry, TryOutcome};
use super::owe::follow;
use super::record::{give_up, succeed};
use super::store::{self, Step};
use crate::kernel::{AccountId, Audience, Error, RefundId, Result, Tx};
use crate::ledger::{self, TransferKind};
use crate::{audit, outgoing, payments};

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

/// It is not paid back. The money stays owed in the books until somebody pays it back by hand after all.
pub fn reject(tx: &mut Tx<'_>, id: RefundId, reason: &str) -> Result<Refund> {
    tx.who.must(Audience::Operator)?;
    let refund = store::lock(tx, id)?;
    let step = Step { status: refund.after(RefundEvent::Reject)?, reason: Some(reason), next_at: None };
    let refund = store::update(tx, &refund, &step)?;
    // What is to become of it stays a question in the queue.
    follow(tx, &refund)?;
    written(tx, RefundEvent::Reject, id)
}

/// One that was given up is tried once more, as a new try. Who said that its money did not arrive does not have it sent again.
pub fn retry(tx: &mut Tx<'_>, id: RefundId) -> Result<Refund> {
    let by = tx.who.must(Audience::Operator)?;
    let refund = store::lock(tx, id)?;
    let status = refund.after(RefundEvent::Retry)?;
    if refund.rail == RefundRail::Hand {
        return Err(RefundRefusal::NoRail.into());
    }
    store::insert_approval(tx, &refund, by)?;
    let persons = store::approvals(tx, &refund)?.len();
    let is_enough = persons >= usize::try_from(refund.approvals_needed).map_err(Error::internal)?;
    if !is_enough || outgoing::has_ended(tx, id, by)? {
        return Err(RefundRefusal::SecondPerson.into());
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

/// Somebody has looked at the provider: it was not, and will not be under this reference. Another person has it sent again.
pub fn found_failed(tx: &mut Tx<'_>, id: RefundId, note: &str) -> Result<Refund> {
    let by = tx.who.must(Audience::Operator)?;
    let refund = store::lock(tx, id)?;
    refund.after(RefundEvent::FoundFailed)?;
    let attempt = store::open_try(tx, id)?;
    did_not_arrive(tx, (&refund, &attempt), (RefundEvent::FoundFailed, note), by)?;
    written(tx, RefundEvent::FoundFailed, id)
}

/// Money goes out a second time only when two persons say so: one has now.
fn did_not_arrive(
    tx: &mut Tx<'_>,
    (refund, attempt): (&Refund, &RefundTry),
    (event, why): (RefundEvent, &str),
    by: AccountId,
) -> Result<()> {
    store::end_try(tx, attempt.id, TryOutcome::Failed, None)?;
    let step = Step { status: refund.after(event)?, reason: Some(why), next_at: Some(tx.now) };
    store::update(tx, refund, &step)?;
    let doubted = store::ask_two(tx, refund)?;
    store::insert_approval(tx, &doubted, by)?;
    give_up(tx, &doubted, why)
}

/// What had succeeded came back: it leaves the books, and another person has it sent again.
pub fn take_back(tx: &mut Tx<'_>, id: RefundId, reason: &str) -> Result<Refund> {
    let by = tx.who.must(Audience::Operator)?;
    let refund = store::lock(tx, id)?;
    refund.after(RefundEvent::TakeBack)?;
    if refund.rail != RefundRail::Provider {
        // What comes back of a transfer is told of the transfer.
        return Err(refund.refusal());
    }
    let attempt = store::succeeded_try(tx, id)?;
    tx.as_platform(|tx| {
        let sent = ledger::posted(tx, TransferKind::RefundSent, attempt.id.0)?;
        ledger::reverse(tx, sent)
    })?;
    did_not_arrive(tx, (&refund, &attempt), (RefundEvent::TakeBack, reason), by)?;
    written(tx, RefundEvent::TakeBack, id)
}

/// For who finds it in the queue: what is decided there is decided of the refund too.
pub fn in_queue(tx: &mut Tx<'_>, id: RefundId) -> Result<Option<payments::Review>> {
    let review = payments::review_of_refund(tx, id)?;
    Ok(review.filter(|review| review.status == payments::ReviewStatus::Open))
}
