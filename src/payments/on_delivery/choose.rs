use serde_json::json;

use super::model::{Barred, CAME_BACK_WITHIN, Situation, bars};
use crate::kernel::error::CommonProblem;
use crate::kernel::{Audience, CheckoutId, Error, Result, Tx};
use crate::orders::{self, Checkout, CheckoutAction, CheckoutStatus};
use crate::payments::model::{AttemptEvent, DueEvent, PaymentRefusal};
use crate::payments::{moves, start};
use crate::shipping::Carriers;

/// What the operator offers.
#[derive(Clone, Copy)]
pub struct Offer<'a> {
    pub is_on: bool,
    /// Those that are connected.
    pub carriers: &'a Carriers,
}

/// Has a whole purchase paid in cash when it comes. What is to be paid so already stays so. A try to pay ahead ends: money
/// that it still brings waits for a person.
pub fn choose(tx: &mut Tx<'_>, offer: Offer<'_>, checkout_id: CheckoutId) -> Result<Checkout> {
    let buyer_id = tx.who.must(Audience::Buyer)?;
    let checkout = orders::lock_checkout(tx, checkout_id)?;
    if checkout.buyer_account_id != buyer_id {
        return Err(CommonProblem::NotFound.into());
    }
    if checkout.status == CheckoutStatus::Confirmed {
        return Ok(checkout);
    }
    let actions = start::actions(&checkout, tx.now);
    if !actions.contains(&CheckoutAction::Pay) {
        return Err(Error::from(PaymentRefusal::NotPayable)
            .with("current_status", checkout.status.as_str())
            .with("allowed_actions", json!(actions)));
    }
    // Purchases of one buyer at once are counted one after the other.
    orders::lock_cash(tx, buyer_id)?;
    let barred = why_not(tx, offer, &checkout)?;
    if !barred.is_empty() {
        return Err(Error::from(PaymentRefusal::NotOnDelivery).with("reasons", json!(barred)));
    }
    orders::confirm(tx, &checkout)?;
    tx.as_platform(|tx| moves::end_payment(tx, checkout_id, (DueEvent::Cancel, AttemptEvent::Cancel)))?;
    tx.write_now()?;
    orders::find_checkout(tx, checkout_id)
}

/// Every reason why a purchase cannot be paid in cash when it comes.
pub fn why_not(tx: &mut Tx<'_>, offer: Offer<'_>, checkout: &Checkout) -> Result<Vec<Barred>> {
    let since = tx.now - CAME_BACK_WITHIN;
    let situation = Situation {
        is_on: offer.is_on,
        is_guest: tx.who.is_guest,
        history: orders::cash_history(tx, checkout.buyer_account_id, since)?,
        orders: orders::cash_facts(tx, checkout.id)?,
    };
    Ok(bars(&situation, |order| order.carrier.is_some_and(|carrier| offer.carriers.find(carrier).is_some())))
}
