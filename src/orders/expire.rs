use serde_json::json;

use super::cancel_checkout::end_unpaid;
use super::model::{CheckoutAction, OrderEvent, OrderStatus};
use super::store;
use crate::audit;
use crate::kernel::{CheckoutId, Result, Tx};

/// Nobody paid in time: the stock is free again. Too early, or too late, changes nothing.
pub fn expire(tx: &mut Tx<'_>, checkout_id: CheckoutId) -> Result<()> {
    tx.who.must_be_platform()?;
    let checkout = store::lock_checkout(tx, checkout_id)?;
    let Some(next) = checkout.status.after(CheckoutAction::Expire).filter(|_| checkout.expires_at <= tx.now) else {
        return Ok(());
    };
    end_unpaid(tx, checkout_id, next, (OrderEvent::Expire, OrderStatus::Expired))?;
    audit::write(tx, "checkout.expired", "checkout", checkout_id.0, json!({}))
}
