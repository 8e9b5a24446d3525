use chrono::{DateTime, Utc};
use diesel::prelude::*;
use schema::payment_reviews;

use crate::kernel::{AccountId, AttemptId, CallbackId, CreditId, OrderId, RefundId, Result, ReviewId, Tx, Vnd};
use crate::payments::model::{Resolution, Review, ReviewKind, ReviewStatus};

/// What a new entry of the review queue is about.
#[derive(Debug, Clone)]
pub struct NewReview {
    pub kind: ReviewKind,
    pub credit_id: Option<CreditId>,
    pub attempt_id: Option<AttemptId>,
    pub order_id: Option<OrderId>,
    pub refund_id: Option<RefundId>,
    pub callback_id: Option<CallbackId>,
    /// What is told, where no credit and no order keeps it from coming in twice.
    pub story: Option<String>,
    pub amount: Vnd,
}

/// Puts an entry into the queue; `false` when it is there already, or was and is decided.
pub fn insert_review(tx: &mut Tx<'_>, review: NewReview) -> Result<bool> {
    let inserted = diesel::insert_into(payment_reviews::table)
        .values((
            payment_reviews::id.eq(ReviewId::generate()),
            payment_reviews::kind.eq(review.kind),
            payment_reviews::credit_id.eq(review.credit_id),
            payment_reviews::attempt_id.eq(review.attempt_id),
            payment_reviews::order_id.eq(review.order_id),
            payment_reviews::refund_id.eq(review.refund_id),
            payment_reviews::callback_id.eq(review.callback_id),
            payment_reviews::story.eq(review.story),
            payment_reviews::amount_vnd.eq(review.amount),
            payment_reviews::status.eq(ReviewStatus::Open),
            payment_reviews::created_at.eq(tx.now),
        ))
        .on_conflict_do_nothing()
        .execute(tx.conn)?;
    Ok(inserted == 1)
}

/// The oldest first: who waits longest is served first.
pub fn list_reviews(tx: &mut Tx<'_>, status: ReviewStatus, after: Option<ReviewId>, rows: i64) -> Result<Vec<Review>> {
    let mut query =
        payment_reviews::table.filter(payment_reviews::status.eq(status)).select(Review::as_select()).into_boxed();
    if let Some(after) = after {
        query = query.filter(payment_reviews::id.gt(after));
    }
    Ok(query.order(payment_reviews::id).limit(rows).load(tx.conn)?)
}

pub fn find_review(tx: &mut Tx<'_>, id: ReviewId) -> Result<Review> {
    Ok(payment_reviews::table.find(id).select(Review::as_select()).first(tx.conn)?)
}

/// What waits, or waited, for a person because of this refund.
pub fn review_of_refund(tx: &mut Tx<'_>, id: RefundId) -> Result<Option<Review>> {
    let of_refund = payment_reviews::table.filter(payment_reviews::refund_id.eq(id));
    Ok(of_refund.select(Review::as_select()).first(tx.conn).optional()?)
}

/// Decides a review as it was seen; `None` when somebody has meanwhile.
pub fn resolve_review(
    tx: &mut Tx<'_>,
    (seen, next): (&Review, ReviewStatus),
    (resolution, note): (Resolution, Option<&str>),
    (by, at): (Option<AccountId>, DateTime<Utc>),
) -> Result<Option<Review>> {
    Ok(diesel::update(payment_reviews::table.find(seen.id))
        .filter(payment_reviews::status.eq(seen.status))
        .set((
            payment_reviews::status.eq(next),
            payment_reviews::resolution.eq(resolution),
            payment_reviews::note.eq(note),
            payment_reviews::resolved_by.eq(by),
            payment_reviews::resolved_at.eq(at),
            payment_reviews::version.eq(payment_reviews::version + 1),
        ))
        .returning(Review::as_returning())
        .get_result(tx.conn)
        .optional()?)
}
