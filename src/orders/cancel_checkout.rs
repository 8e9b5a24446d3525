use serde_json::json;

use super::model::{Checkout, CheckoutAction, CheckoutStatus, OrderEvent, OrderRefusal, OrderStatus};
use super::store;
use crate::jobs::{self, Job};
use crate::kernel::error::CommonProblem;
use crate::kernel::{Audience, CheckoutId, Error, OrderId, Result, Tx};
use crate::{audit, stock, vouchers};

/// The buyer gives up an unpaid purchase: all its orders end and their stock is free at once.
pub fn cancel_checkout(tx: &mut Tx<'_>, checkout_id: CheckoutId) -> Result<Checkout> {
    let buyer_id = tx.who.must(Audience::Buyer)?;
    let checkout = store::lock_checkout(tx, checkout_id)?;
    if checkout.buyer_account_id != buyer_id {
        return Err(CommonProblem::NotFound.into());
    }
    let next = checkout.status.after(CheckoutAction::Cancel).ok_or_else(|| ended(&checkout))?;
    end_unpaid(tx, checkout_id, next, (OrderEvent::Cancel, OrderStatus::Cancelled))?;
    jobs::enqueue(tx, &Job::ClosePayment { checkout_id: checkout_id.0 }, tx.now, None)?;
    audit::write(tx, "checkout.cancelled", "checkout", checkout_id.0, json!({}))?;
    store::find_checkout(tx, checkout_id)
}

fn ended(checkout: &Checkout) -> Error {
    Error::from(OrderRefusal::CheckoutEnded)
        .with("current_status", checkout.status.as_str())
        .with("allowed_actions", json!(checkout.status.actions()))
}

/// Ends a locked checkout and its orders without payment.
pub fn end_unpaid(
    tx: &mut Tx<'_>,
    checkout_id: CheckoutId,
    checkout_status: CheckoutStatus,
    (event, order_status): (OrderEvent, OrderStatus),
) -> Result<()> {
    store::end_checkout(tx, checkout_id, checkout_status)?;
    let orders = store::end_waiting_orders(tx, checkout_id, order_status)?;
    store::record_events(tx, &orders, event, Some(OrderStatus::AwaitingPayment), None)?;
    let ids: Vec<OrderId> = orders.iter().map(|order| order.id).collect();
    stock::release(tx, &ids)?;
    vouchers::give_back(tx, checkout_id)
}
