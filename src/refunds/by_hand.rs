//! What a person paid back, and what is decided about it in the queue.

use serde_json::json;

use super::decide::in_queue;
use super::model::{Refund, RefundEvent, RefundStatus};
use super::record::tell;
use super::store::{self, Step};
use crate::audit;
use crate::kernel::{Audience, RefundId, Result, ReviewId, Tx};
use crate::ledger::{self, LedgerAccount, Transfer, TransferKind};
use crate::payments::{self, Decision, Review};

/// An operator has paid it back; that it waited in the queue for that is decided with it. By the bank's number of it, or by
/// our reference of what was paid, its line in the bank's statement is found.
pub fn by_hand(tx: &mut Tx<'_>, id: RefundId, note: &str, bank_reference: Option<&str>) -> Result<Refund> {
    tx.who.must(Audience::Operator)?;
    let refund = returned(tx, id, note)?;
    if let Some(reference) = bank_reference {
        store::set_hand_reference(tx, id, reference)?;
    }
    if let Some(review) = in_queue(tx, id)? {
        payments::resolve(tx, review.id, Decision::RefundedByHand, note)?;
    }
    Ok(refund)
}

/// Decides what waits in the queue. What is owed back cannot be done by hand while it is on its way, and what is not to be
/// paid back is not sent any more.
pub fn resolve(tx: &mut Tx<'_>, id: ReviewId, decision: Decision, note: &str) -> Result<Review> {
    tx.who.must(Audience::Operator)?;
    let refund_id = payments::find_review(tx, id)?.refund_id;
    let review = payments::resolve(tx, id, decision, note)?;
    let Some(refund_id) = refund_id else { return Ok(review) };
    if decision == Decision::RefundedByHand {
        returned(tx, refund_id, note)?;
        return Ok(review);
    }
    let refund = store::lock(tx, refund_id)?;
    if refund.status != RefundStatus::Rejected {
        let step = Step { status: refund.after(RefundEvent::Reject)?, reason: Some(note), next_at: None };
        store::update(tx, &refund, &step)?;
    }
    Ok(review)
}

/// Back the way that it came: through the provider that has it, or had it; what was collected in cash, from our account.
fn returned(tx: &mut Tx<'_>, id: RefundId, note: &str) -> Result<Refund> {
    let refund = store::lock(tx, id)?;
    let step = Step { status: refund.after(RefundEvent::ByHand)?, reason: Some(note), next_at: None };
    let refund = store::update(tx, &refund, &step)?;
    let from = if refund.provider.is_carrier() { LedgerAccount::Bank } else { LedgerAccount::Clearing };
    let sent = Transfer::new(TransferKind::RefundSent, id.0, (LedgerAccount::RefundsOwed, from), refund.amount_vnd)
        .of_order(refund.order_id)
        .of_refund(id);
    let sent = if from == LedgerAccount::Clearing { sent.through(refund.provider.as_str()) } else { sent };
    tx.as_platform(|tx| {
        ledger::post(tx, vec![sent])?;
        tell(tx, &refund)
    })?;
    audit::write(tx, "refund.by-hand", "refund", id.0, json!({"status": refund.status.as_str()}))?;
    Ok(refund)
}
