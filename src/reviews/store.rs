use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use schema::{review_events, review_figures, review_hidden_figures, reviews};

use super::model::{HideReason, ProductReviewEvent, ProductReviewStatus, ReviewRefusal};
use crate::kernel::error::OnConstraint as _;
use crate::kernel::{AccountId, EventId, OrderId, ProducerId, ProductId, ProductReviewId, Result, Tx};

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = reviews)]
pub struct Review {
    pub id: ProductReviewId,
    pub order_id: OrderId,
    pub product_id: ProductId,
    pub producer_id: ProducerId,
    pub buyer_account_id: AccountId,
    pub product_title: String,
    pub stars: i32,
    pub text: String,
    pub status: ProductReviewStatus,
    pub hidden_reason: Option<HideReason>,
    pub hidden_note: Option<String>,
    pub appeal: Option<String>,
    pub answer: Option<String>,
    pub answered_at: Option<DateTime<Utc>>,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub edited_at: Option<DateTime<Utc>>,
}

pub fn insert(tx: &mut Tx<'_>, review: &Review) -> Result<()> {
    diesel::insert_into(reviews::table)
        .values(review)
        .execute(tx.conn)
        .on_constraint("reviews_product_key", ReviewRefusal::AlreadyReviewed)?;
    Ok(())
}

/// A review that the actor may see; row-level security hides every other.
pub fn find(tx: &mut Tx<'_>, id: ProductReviewId) -> Result<Review> {
    Ok(reviews::table.find(id).select(Review::as_select()).first(tx.conn)?)
}

pub fn find_buyers(tx: &mut Tx<'_>, buyer_id: AccountId, id: ProductReviewId) -> Result<Review> {
    Ok(reviews::table
        .find(id)
        .filter(reviews::buyer_account_id.eq(buyer_id))
        .select(Review::as_select())
        .first(tx.conn)?)
}

/// What is hidden is no business of the producer.
pub fn find_producers(tx: &mut Tx<'_>, producer_id: ProducerId, id: ProductReviewId) -> Result<Review> {
    Ok(reviews::table
        .find(id)
        .filter(reviews::producer_id.eq(producer_id))
        .filter(reviews::status.eq(ProductReviewStatus::Visible))
        .select(Review::as_select())
        .first(tx.conn)?)
}

pub fn lock(tx: &mut Tx<'_>, id: ProductReviewId) -> Result<Review> {
    Ok(reviews::table.find(id).select(Review::as_select()).for_update().first(tx.conn)?)
}

/// Writes a review over the version that was read; `None` when somebody else was faster.
pub fn rewrite(tx: &mut Tx<'_>, review: &Review) -> Result<Option<Review>> {
    Ok(diesel::update(reviews::table.find(review.id))
        .filter(reviews::version.eq(review.version))
        .set((
            reviews::stars.eq(review.stars),
            reviews::text.eq(&review.text),
            reviews::status.eq(review.status),
            reviews::hidden_reason.eq(review.hidden_reason),
            reviews::hidden_note.eq(&review.hidden_note),
            reviews::appeal.eq(&review.appeal),
            reviews::answer.eq(&review.answer),
            reviews::answered_at.eq(review.answered_at),
            reviews::edited_at.eq(review.edited_at),
            reviews::version.eq(reviews::version + 1),
        ))
        .returning(Review::as_returning())
        .get_result(tx.conn)
        .optional()?)
}

/// Keeps what was written, and why.
pub fn record(
    tx: &mut Tx<'_>,
    review: &Review,
    event: ProductReviewEvent,
    text: &str,
    reason: Option<HideReason>,
) -> Result<()> {
    diesel::insert_into(review_events::table)
        .values((
            review_events::id.eq(EventId::generate()),
            review_events::review_id.eq(review.id),
            review_events::buyer_account_id.eq(review.buyer_account_id),
            review_events::producer_id.eq(review.producer_id),
            review_events::event.eq(event),
            review_events::stars.eq(review.stars),
            review_events::text.eq(text),
            review_events::reason.eq(reason.map(HideReason::as_str)),
            review_events::actor_role.eq(tx.who.role.as_str()),
            review_events::at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Changes the figures of a product by so many visible reviews and stars.
pub fn count(tx: &mut Tx<'_>, of: &Review, reviews: i32, stars: i32) -> Result<()> {
    diesel::insert_into(review_figures::table)
        .values((
            review_figures::product_id.eq(of.product_id),
            review_figures::producer_id.eq(of.producer_id),
            review_figures::reviews.eq(0),
            review_figures::stars.eq(0),
        ))
        .on_conflict_do_nothing()
        .execute(tx.conn)?;
    diesel::update(review_figures::table.find(of.product_id))
        .set((
            review_figures::reviews.eq(review_figures::reviews + reviews),
            review_figures::stars.eq(review_figures::stars + stars),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Changes how many reviews of a product are hidden for a reason.
pub fn count_hidden(tx: &mut Tx<'_>, of: &Review, reason: HideReason, reviews: i32) -> Result<()> {
    diesel::insert_into(review_hidden_figures::table)
        .values((
            review_hidden_figures::product_id.eq(of.product_id),
            review_hidden_figures::reason.eq(reason),
            review_hidden_figures::producer_id.eq(of.producer_id),
            review_hidden_figures::reviews.eq(0),
        ))
        .on_conflict_do_nothing()
        .execute(tx.conn)?;
    diesel::update(review_hidden_figures::table.find((of.product_id, reason)))
        .set(review_hidden_figures::reviews.eq(review_hidden_figures::reviews + reviews))
        .execute(tx.conn)?;
    Ok(())
}

/// Whose reviews are meant.
#[derive(Debug, Clone, Copy)]
pub enum Of {
    Product(ProductId),
    Producer(ProducerId),
}

/// Visible reviews, the newest first, one more than the page holds.
pub fn visible(tx: &mut Tx<'_>, of: Of, before: Option<ProductReviewId>, rows: i64) -> Result<Vec<Review>> {
    let mut query = reviews::table
        .filter(reviews::status.eq(ProductReviewStatus::Visible))
        .select(Review::as_select())
        .into_boxed();
    query = match of {
        Of::Product(id) => query.filter(reviews::product_id.eq(id)),
        Of::Producer(id) => query.filter(reviews::producer_id.eq(id)),
    };
    if let Some(before) = before {
        query = query.filter(reviews::id.lt(before));
    }
    Ok(query.order(reviews::id.desc()).limit(rows).load(tx.conn)?)
}

pub fn list_buyers(
    tx: &mut Tx<'_>,
    buyer_id: AccountId,
    before: Option<ProductReviewId>,
    rows: i64,
) -> Result<Vec<Review>> {
    let mut query =
        reviews::table.filter(reviews::buyer_account_id.eq(buyer_id)).select(Review::as_select()).into_boxed();
    if let Some(before) = before {
        query = query.filter(reviews::id.lt(before));
    }
    Ok(query.order(reviews::id.desc()).limit(rows).load(tx.conn)?)
}

pub fn list(
    tx: &mut Tx<'_>,
    status: Option<ProductReviewStatus>,
    before: Option<ProductReviewId>,
    rows: i64,
) -> Result<Vec<Review>> {
    let mut query = reviews::table.select(Review::as_select()).into_boxed();
    if let Some(status) = status {
        query = query.filter(reviews::status.eq(status));
    }
    if let Some(before) = before {
        query = query.filter(reviews::id.lt(before));
    }
    Ok(query.order(reviews::id.desc()).limit(rows).load(tx.conn)?)
}

/// Visible reviews, and the sum of their stars.
#[derive(Debug, Clone, Copy, Default)]
pub struct Figures {
    pub reviews: i64,
    pub stars: i64,
}

pub fn figures(tx: &mut Tx<'_>, of: Of) -> Result<Figures> {
    let query = review_figures::table.select((review_figures::reviews, review_figures::stars)).into_boxed();
    let rows: Vec<(i32, i32)> = match of {
        Of::Product(id) => query.filter(review_figures::product_id.eq(id)).load(tx.conn)?,
        Of::Producer(id) => query.filter(review_figures::producer_id.eq(id)).load(tx.conn)?,
    };
    let add = |sum: Figures, (reviews, stars): (i32, i32)| Figures {
        reviews: sum.reviews.saturating_add(i64::from(reviews)),
        stars: sum.stars.saturating_add(i64::from(stars)),
    };
    Ok(rows.into_iter().fold(Figures::default(), add))
}

/// How many are hidden, by reason.
pub fn hidden(tx: &mut Tx<'_>, of: Of) -> Result<BTreeMap<HideReason, i64>> {
    let query = review_hidden_figures::table
        .filter(review_hidden_figures::reviews.gt(0))
        .select((review_hidden_figures::reason, review_hidden_figures::reviews))
        .into_boxed();
    let rows: Vec<(HideReason, i32)> = match of {
        Of::Product(id) => query.filter(review_hidden_figures::product_id.eq(id)).load(tx.conn)?,
        Of::Producer(id) => query.filter(review_hidden_figures::producer_id.eq(id)).load(tx.conn)?,
    };
    let mut by_reason = BTreeMap::new();
    for (reason, reviews) in rows {
        let sum: &mut i64 = by_reason.entry(reason).or_default();
        *sum = sum.saturating_add(i64::from(reviews));
    }
    Ok(by_reason)
}
