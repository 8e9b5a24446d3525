use std::net::IpAddr;

use chrono::{DateTime, Utc};

use super::model::{Attempt, AttemptStatus, PaymentRefusal, next_step_json};
use super::providers::{AttemptStart, NextStep, Provider, Start};
use super::transfer_code::TransferCode;
use super::{call_off, store};
use crate::audit;
use crate::kernel::error::CommonProblem;
use crate::kernel::{AttemptId, Audience, CheckoutId, Error, PaymentId, Result, Tx};
use crate::orders::{self, Checkout, CheckoutAction};

/// Who pays from where, in which language.
#[derive(Debug, Clone, Copy)]
pub struct Payer {
    pub address: IpAddr,
    pub english: bool,
}

/// Begins a try to pay a checkout, or answers with the one that is under way with the same provider: a buyer who
/// taps twice sees one QR code, and a provider that opens orders opens one. Another way than before has the order of that
/// called off.
pub fn start(tx: &mut Tx<'_>, provider: &dyn Provider, checkout_id: CheckoutId, payer: Payer) -> Result<Attempt> {
    let buyer_id = tx.who.must(Audience::Buyer)?;
    let checkout = orders::lock_checkout(tx, checkout_id)?;
    if checkout.buyer_account_id != buyer_id {
        return Err(CommonProblem::NotFound.into());
    }
    let actions = actions(&checkout, tx.now);
    if !actions.contains(&CheckoutAction::Pay) {
        return Err(Error::from(PaymentRefusal::NotPayable)
            .with("current_status", checkout.status.as_str())
            .with("allowed_actions", serde_json::json!(actions)));
    }
    must_take(provider, &checkout)?;
    let (payment_id, pending) = store::find_payment(tx, checkout_id, provider.id())?;
    if let Some(attempt) = pending {
        return Ok(attempt);
    }
    let payment = payment_id.unwrap_or_else(PaymentId::generate);
    let attempt = new_attempt(tx, provider, (&checkout, payment), payer);
    match payment_id {
        None => store::insert_payment(tx, payment, &checkout)?,
        Some(_) => tx.as_platform(|tx| call_off::withdraw(tx, checkout_id, Some(provider.id())))?,
    }
    begin(tx, &attempt)?;
    Ok(attempt)
}

/// The first try to pay a purchase that this transaction places.
pub fn start_first(tx: &mut Tx<'_>, provider: &dyn Provider, checkout: &Checkout, payer: Payer) -> Result<Attempt> {
    must_take(provider, checkout)?;
    let payment = PaymentId::generate();
    let attempt = new_attempt(tx, provider, (checkout, payment), payer);
    store::insert_payment(tx, payment, checkout)?;
    begin(tx, &attempt)?;
    Ok(attempt)
}

fn must_take(provider: &dyn Provider, checkout: &Checkout) -> Result<()> {
    let amounts = provider.amounts();
    if checkout.total_vnd.amount() < *amounts.start() {
        return Err(PaymentRefusal::AmountTooSmall.into());
    }
    if checkout.total_vnd.amount() > *amounts.end() {
        return Err(PaymentRefusal::AmountTooLarge.into());
    }
    Ok(())
}

fn begin(tx: &mut Tx<'_>, attempt: &Attempt) -> Result<()> {
    store::insert_attempt(tx, attempt)?;
    let detail = serde_json::json!({"provider": attempt.provider.as_str(), "amount_vnd": attempt.amount_vnd});
    audit::write(tx, "payment.attempt_started", "payment_attempt", attempt.id.0, detail)
}

/// What its buyer can do now. When the time to pay is over it only waits for its end.
pub fn actions(checkout: &Checkout, now: DateTime<Utc>) -> Vec<CheckoutAction> {
    let is_over = checkout.expires_at <= now;
    checkout.status.actions().into_iter().filter(|action| *action != CheckoutAction::Pay || !is_over).collect()
}

/// With a fresh transfer code. There are about a thousand million: one that was given out before is seen when the attempt
/// is written, and all is done again with another.
fn new_attempt(
    tx: &Tx<'_>,
    provider: &dyn Provider,
    (checkout, payment_id): (&Checkout, PaymentId),
    payer: Payer,
) -> Attempt {
    let reference = provider.reference(&TransferCode::generate(rand::random()), tx.now);
    let started = provider.start(&AttemptStart {
        reference: &reference,
        amount: checkout.total_vnd,
        created_at: tx.now,
        expires_at: checkout.expires_at,
        client_ip: payer.address,
        english: payer.english,
        now: tx.now,
    });
    let (step, opened_at) = match started {
        Start::Ready(step) | Start::Account(step, _) => (step, Some(tx.now)),
        Start::Call(_) => (NextStep::Wait, None),
    };
    let asked = provider.schedule().and_then(|schedule| schedule.next(tx.now, checkout.expires_at, tx.now));
    Attempt {
        id: AttemptId::generate(),
        payment_id,
        buyer_account_id: checkout.buyer_account_id,
        provider: provider.id(),
        reference,
        amount_vnd: checkout.total_vnd,
        status: AttemptStatus::Pending,
        next_step: next_step_json(step),
        version: 1,
        created_at: tx.now,
        expires_at: checkout.expires_at,
        opened_at,
        next_poll_at: asked,
        asked_at: None,
        withdrawn_at: None,
        own_account: None,
        provider_order: None,
        own_step: None,
    }
}
