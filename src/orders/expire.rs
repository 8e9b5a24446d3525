use serde_json::json;

use super::cancel_checkout::end_unpaid;
use super::model::{CheckoutStatus, OrderEvent, OrderStatus};
use super::store;
use crate::audit;
use crate::kernel::{CheckoutId, Result, Tx};

/// Nobody paid in time: the stock is free again. Too early, or too late, changes nothing.
pub fn expire(tx: &mut Tx<'_>, checkout_id: CheckoutId) -> Result<()> {
    tx.who.must_be_platform()?;
    let checkout = store::lock_checkout(tx, checkout_id)?;
    if checkout.status != CheckoutStatus::AwaitingPayment || checkout.expires_at > tx.now {
        return Ok(());
    }
    end_unpaid(tx, checkout_id, CheckoutStatus::Expired, (OrderEvent::Expire, OrderStatus::Expired))?;
    audit::write(tx, "checkout.expired", "checkout", checkout_id.0, json!({}))
}
