use super::model::{AttemptEvent, DueEvent, ReviewKind};
use super::moves;
use super::queue::{self, NewReview};
use crate::kernel::{CheckoutId, OrderId, RefundId, Result, Tx, Vnd};
use crate::orders::{self, CheckoutStatus};

/// Money that is owed back waits in the queue for a person, once.
pub fn queue_refund(tx: &mut Tx<'_>, refund_id: RefundId, (order_id, amount): (OrderId, Vnd)) -> Result<()> {
    let owed = NewReview {
        kind: ReviewKind::RefundDue,
        credit_id: None,
        attempt_id: None,
        order_id: Some(order_id),
        refund_id: Some(refund_id),
        callback_id: None,
        story: None,
        amount,
    };
    queue::insert_review(tx, owed).map(drop)
}

/// The checkout ended unpaid: its payment is not expected any more. Money that still comes goes to review.
pub fn close(tx: &mut Tx<'_>, checkout_id: CheckoutId) -> Result<()> {
    tx.who.must_be_platform()?;
    let events = match orders::lock_checkout(tx, checkout_id)?.status {
        CheckoutStatus::Expired => (DueEvent::Expire, AttemptEvent::Expire),
        CheckoutStatus::Cancelled => (DueEvent::Cancel, AttemptEvent::Cancel),
        CheckoutStatus::AwaitingPayment | CheckoutStatus::Paid | CheckoutStatus::Confirmed => return Ok(()),
    };
    moves::end_payment(tx, checkout_id, events)
}
