use serde_json::json;

use super::model::{PaymentRefusal, Resolution, Review, ReviewEvent, ReviewStatus};
use super::{books, store};
use crate::audit;
use crate::kernel::{Audience, Error, Result, ReviewId, Tx};

/// Records what a person decided about odd or owed money, with the reason. Once.
pub fn resolve(tx: &mut Tx<'_>, id: ReviewId, resolution: Resolution, note: &str) -> Result<Review> {
    let operator_id = tx.who.must(Audience::Operator)?;
    let seen = store::find_review(tx, id)?;
    let next = seen.status.after(ReviewEvent::Resolve).ok_or_else(already)?;
    let now = tx.now;
    let resolved = store::resolve_review(tx, (&seen, next), (resolution, note), (operator_id, now))?;
    let review = resolved.ok_or_else(already)?;
    tx.as_platform(|tx| books::decided(tx, &review, resolution))?;
    audit::write(tx, "payment_review.resolved", "payment_review", id.0, json!({"resolution": resolution.as_str()}))?;
    Ok(review)
}

/// What is resolved stays so.
fn already() -> Error {
    Error::from(PaymentRefusal::AlreadyResolved)
        .with("current_status", ReviewStatus::Resolved.as_str())
        .with("allowed_actions", json!(ReviewStatus::Resolved.actions()))
}
