//! What the author and the producer change.

use serde_json::json;

use super::model::{Author, EDITABLE_FOR, ProductReviewEvent, ReviewRefusal};
use super::moderate::{illegal, next_or_illegal};
use super::news;
use super::store::{self, Review};
use super::views::private_view;
use crate::audit;
use crate::kernel::error::CommonProblem;
use crate::kernel::{Audience, Error, ProductReviewId, Result, Tx};

/// For some days the author may change stars and text, over the version that was seen.
pub fn edit(
    tx: &mut Tx<'_>,
    version: i32,
    id: ProductReviewId,
    stars: Option<i32>,
    text: Option<String>,
) -> Result<Review> {
    let buyer_id = tx.who.must(Audience::Buyer)?;
    store::find_buyers(tx, buyer_id, id)?;
    let old = store::lock(tx, id)?;
    if old.version != version {
        let current = private_view(tx, old, Author::Buyer)?;
        return Err(Error::from(CommonProblem::VersionStale).with("current", json!(current)));
    }
    next_or_illegal(&old, Author::Buyer, ProductReviewEvent::Edit)?;
    if tx.now > old.created_at + EDITABLE_FOR {
        return Err(ReviewRefusal::TooLate.into());
    }
    let (stars_before, actor) = (old.stars, Author::Buyer);
    let new = Review {
        stars: stars.unwrap_or(old.stars),
        text: text.unwrap_or(old.text.clone()),
        edited_at: Some(tx.now),
        ..old
    };
    let edited = store::rewrite(tx, &new)?.ok_or_else(|| illegal(&new, actor))?;
    store::record(tx, &edited, ProductReviewEvent::Edit, &edited.text, None)?;
    let difference = edited.stars.saturating_sub(stars_before);
    if difference != 0 {
        tx.as_platform(|tx| store::count(tx, &edited, 0, difference))?;
    }
    audit::write(tx, "review.edit", "review", id.0, json!({"from": stars_before, "to": edited.stars}))?;
    Ok(edited)
}

/// The producer's one public answer; written again, it takes the place of the one before.
pub fn answer(tx: &mut Tx<'_>, id: ProductReviewId, text: String) -> Result<Review> {
    tx.who.must(Audience::Producer)?;
    let producer_id = tx.who.producer_id.ok_or(CommonProblem::NotFound)?;
    store::find_producers(tx, producer_id, id)?;
    let old = store::lock(tx, id)?;
    next_or_illegal(&old, Author::Producer, ProductReviewEvent::Answer)?;
    let new = Review { answer: Some(text.clone()), answered_at: Some(tx.now), ..old };
    let answered = store::rewrite(tx, &new)?.ok_or_else(|| illegal(&new, Author::Producer))?;
    store::record(tx, &answered, ProductReviewEvent::Answer, &text, None)?;
    audit::write(tx, "review.answer", "review", id.0, json!({}))?;
    news::tell(tx, &answered, ProductReviewEvent::Answer)?;
    Ok(answered)
}
