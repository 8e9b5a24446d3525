//! A review is hidden only for a reason of the law; its author is told and may ask for another look, once.

use serde_json::json;

use super::model::{Author, HideReason, ProductReviewEvent, ProductReviewStatus, ReviewRefusal};
use super::news;
use super::store::{self, Review};
use crate::audit;
use crate::kernel::{Audience, Error, ProductReviewId, Result, Tx};
use crate::storage::{self, ThingKind};

pub fn hide(tx: &mut Tx<'_>, id: ProductReviewId, reason: HideReason, note: &str) -> Result<Review> {
    tx.who.must(Audience::Operator)?;
    let old = store::lock(tx, id)?;
    let status = next_or_illegal(&old, Author::Operator, ProductReviewEvent::Hide)?;
    let new = Review { status, hidden_reason: Some(reason), hidden_note: Some(note.to_owned()), appeal: None, ..old };
    let hidden = written(tx, &new, Author::Operator, (ProductReviewEvent::Hide, note, Some(reason)))?;
    tx.as_platform(|tx| {
        store::count(tx, &hidden, -1, hidden.stars.saturating_neg())?;
        store::count_hidden(tx, &hidden, reason, 1)
    })?;
    storage::set_public(tx, ThingKind::Review, id.0, false)?;
    Ok(hidden)
}

pub fn restore(tx: &mut Tx<'_>, id: ProductReviewId, note: &str) -> Result<Review> {
    tx.who.must(Audience::Operator)?;
    let old = store::lock(tx, id)?;
    let status = next_or_illegal(&old, Author::Operator, ProductReviewEvent::Restore)?;
    let reason = old.hidden_reason.ok_or_else(|| Error::internal("a review is hidden without a reason"))?;
    let new = Review { status, hidden_reason: None, hidden_note: None, ..old };
    let shown = written(tx, &new, Author::Operator, (ProductReviewEvent::Restore, note, Some(reason)))?;
    tx.as_platform(|tx| {
        store::count_hidden(tx, &shown, reason, -1)?;
        store::count(tx, &shown, 1, shown.stars)
    })?;
    storage::set_public(tx, ThingKind::Review, id.0, true)?;
    Ok(shown)
}

/// After another look it stays hidden.
pub fn uphold(tx: &mut Tx<'_>, id: ProductReviewId, note: &str) -> Result<Review> {
    tx.who.must(Audience::Operator)?;
    let old = store::lock(tx, id)?;
    let status = next_or_illegal(&old, Author::Operator, ProductReviewEvent::Uphold)?;
    let reason = old.hidden_reason;
    let new = Review { status, hidden_note: Some(note.to_owned()), ..old };
    written(tx, &new, Author::Operator, (ProductReviewEvent::Uphold, note, reason))
}

/// The author asks for another look.
pub fn appeal(tx: &mut Tx<'_>, id: ProductReviewId, text: &str) -> Result<Review> {
    let buyer_id = tx.who.must(Audience::Buyer)?;
    store::find_buyers(tx, buyer_id, id)?;
    let old = store::lock(tx, id)?;
    let status = next_or_illegal(&old, Author::Buyer, ProductReviewEvent::Appeal)?;
    let reason = old.hidden_reason;
    let new = Review { status, appeal: Some(text.to_owned()), ..old };
    written(tx, &new, Author::Buyer, (ProductReviewEvent::Appeal, text, reason))
}

fn written(
    tx: &mut Tx<'_>,
    new: &Review,
    author: Author,
    (event, text, reason): (ProductReviewEvent, &str, Option<HideReason>),
) -> Result<Review> {
    let review = store::rewrite(tx, new)?.ok_or_else(|| illegal(new, author))?;
    store::record(tx, &review, event, text, reason)?;
    let detail = json!({"to": review.status, "reason": reason});
    audit::write(tx, &format!("review.{event}"), "review", review.id.0, detail)?;
    news::tell(tx, &review, event)?;
    Ok(review)
}

pub fn next_or_illegal(review: &Review, author: Author, event: ProductReviewEvent) -> Result<ProductReviewStatus> {
    review.status.after(author, event).ok_or_else(|| illegal(review, author))
}

pub fn illegal(review: &Review, author: Author) -> Error {
    let actions: Vec<&str> = review.status.actions(author).into_iter().map(ProductReviewEvent::as_str).collect();
    Error::from(ReviewRefusal::IllegalAction)
        .with("current_status", review.status.as_str())
        .with("allowed_actions", actions)
}
