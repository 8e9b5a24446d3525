use serde_json::json;

use super::store;
use crate::audit;
use crate::kernel::{Audience, Error, RefundId, Result, ReviewId, Tx};
use crate::payments::books;
use crate::payments::model::{Decision, PaymentRefusal, Resolution, Review, ReviewEvent, ReviewStatus};

/// Records what a person decided about odd or owed money, with the reason. Once.
pub fn resolve(tx: &mut Tx<'_>, id: ReviewId, decision: Decision, note: &str) -> Result<Review> {
    let operator_id = tx.who.must(Audience::Operator)?;
    let resolution = Resolution::from(decision);
    let seen = store::find_review(tx, id)?;
    let next = seen.status.after(ReviewEvent::Resolve).ok_or_else(already)?;
    let now = tx.now;
    let resolved = store::resolve_review(tx, (&seen, next), (resolution, Some(note)), (Some(operator_id), now))?;
    let review = resolved.ok_or_else(already)?;
    tx.as_platform(|tx| books::decided(tx, &review, resolution))?;
    audit::write(tx, "payment_review.resolved", "payment_review", id.0, json!({"resolution": resolution.as_str()}))?;
    Ok(review)
}

/// What is owed back was paid back without anybody's decision: if it waits for one, it does no longer.
pub fn leave_queue(tx: &mut Tx<'_>, refund_id: RefundId) -> Result<()> {
    let Some(seen) = store::review_of_refund(tx, refund_id)? else { return Ok(()) };
    let Some(next) = seen.status.after(ReviewEvent::Resolve) else { return Ok(()) };
    let now = tx.now;
    store::resolve_review(tx, (&seen, next), (Resolution::RefundedByProvider, None), (None, now)).map(drop)
}

/// What is resolved stays so.
fn already() -> Error {
    Error::from(PaymentRefusal::AlreadyResolved)
        .with("current_status", ReviewStatus::Resolved.as_str())
        .with("allowed_actions", json!(ReviewStatus::Resolved.actions()))
}
