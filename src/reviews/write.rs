use serde_json::json;

use super::model::{ProductReviewEvent, ProductReviewStatus, ReviewRefusal};
use super::store::{self, Review};
use crate::kernel::input::FaultCode;
use crate::kernel::{Audience, Error, OrderId, PhotoId, ProductId, ProductReviewId, Result, Tx};
use crate::storage::{self, Thing, ThingKind};
use crate::{audit, orders, producers};

/// What a buyer thinks of a product.
#[derive(Debug, Clone)]
pub struct Opinion {
    pub product_id: ProductId,
    pub stars: i32,
    pub text: String,
    pub photo_ids: Vec<PhotoId>,
}

/// Only who has got a product reviews it, once for an order, and never one's own.
pub fn write(tx: &mut Tx<'_>, order_id: OrderId, opinion: Opinion) -> Result<Review> {
    let Opinion { product_id, stars, text, photo_ids } = opinion;
    let buyer_id = tx.who.must(Audience::Buyer)?;
    let order = orders::find_buyers_order(tx, buyer_id, order_id)?;
    let lines = orders::lines_of(tx, &[order_id])?;
    let Some(line) = lines.into_iter().find(|line| line.product_id == product_id) else {
        return Err(Error::invalid("/product_id", FaultCode::Unknown, "a product of the order"));
    };
    if !order.status.was_delivered() {
        let refusal = Error::from(ReviewRefusal::NotDelivered);
        return Err(refusal.with("current_status", order.status.as_str()));
    }
    if producers::of_account(tx, buyer_id)? == Some(order.producer_id) {
        return Err(ReviewRefusal::OwnProduct.into());
    }
    let review = Review {
        id: ProductReviewId::generate(),
        order_id,
        product_id,
        producer_id: order.producer_id,
        buyer_account_id: buyer_id,
        product_title: line.product_title,
        stars,
        text,
        status: ProductReviewStatus::Visible,
        hidden_reason: None,
        hidden_note: None,
        appeal: None,
        answer: None,
        answered_at: None,
        version: 1,
        created_at: tx.now,
        edited_at: None,
    };
    store::insert(tx, &review)?;
    let thing =
        Thing { kind: ThingKind::Review, id: review.id.0, producer_id: Some(review.producer_id), is_public: true };
    storage::attach(tx, &photo_ids, &thing)?;
    store::record(tx, &review, ProductReviewEvent::Write, &review.text, None)?;
    tx.as_platform(|tx| store::count(tx, &review, 1, stars))?;
    let detail = json!({"order_id": order_id, "product_id": product_id, "stars": stars});
    audit::write(tx, "review.write", "review", review.id.0, detail)?;
    Ok(review)
}
