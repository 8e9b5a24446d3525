use super::model::{AttemptEvent, DueEvent, ReviewKind};
use super::moves;
use super::store::{self, NewReview};
use crate::kernel::{CheckoutId, RefundId, Result, Tx};
use crate::notifications::{self, News, Notice, Recipient};
use crate::orders::{self, CheckoutStatus};

/// Money of a paid order is owed to its buyer and waits in the queue, once; the buyer is told.
pub fn owe_refund(tx: &mut Tx<'_>, refund_id: RefundId) -> Result<()> {
    tx.who.must_be_platform()?;
    let (order_id, amount) = orders::find_refund(tx, refund_id)?;
    let order = orders::find_order(tx, order_id)?;
    // Of each refund once: an order may have several.
    let notice = Notice {
        to: Recipient::Account(order.buyer_account_id),
        news: News::RefundOwed { order_code: order.code, refund_vnd: amount },
        object_id: refund_id.0,
        occasion: "",
    };
    notifications::tell(tx, &notice)?;
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
    store::insert_review(tx, owed).map(drop)
}

/// The checkout ended unpaid: its payment is not expected any more. Money that still comes goes to review.
pub fn close(tx: &mut Tx<'_>, checkout_id: CheckoutId) -> Result<()> {
    tx.who.must_be_platform()?;
    let events = match orders::lock_checkout(tx, checkout_id)?.status {
        CheckoutStatus::Expired => (DueEvent::Expire, AttemptEvent::Expire),
        CheckoutStatus::Cancelled => (DueEvent::Cancel, AttemptEvent::Cancel),
        CheckoutStatus::AwaitingPayment | CheckoutStatus::Paid => return Ok(()),
    };
    moves::end_payment(tx, checkout_id, events)
}
