use std::net::IpAddr;

use super::model::{Attempt, AttemptStatus, PaymentRefusal, next_step_json};
use super::providers::{AttemptStart, PAYMENT_MAX_VND, Provider, ProviderId, TRANSFER_MAX_VND};
use super::store;
use super::transfer_code::TransferCode;
use crate::audit;
use crate::kernel::error::CommonProblem;
use crate::kernel::{AttemptId, Audience, CheckoutId, Result, Tx, Vnd};
use crate::orders::{self, CheckoutStatus};

/// Who pays from where, in which language.
#[derive(Debug, Clone, Copy)]
pub struct Payer {
    pub address: IpAddr,
    pub english: bool,
}

/// Begins a try to pay a checkout, or answers with the one that is under way with the same provider: a buyer who
/// taps twice sees one QR code.
pub fn start(tx: &mut Tx<'_>, provider: &dyn Provider, checkout_id: CheckoutId, payer: Payer) -> Result<Attempt> {
    let buyer_id = tx.who.must(Audience::Buyer)?;
    let checkout = orders::lock_checkout(tx, checkout_id)?;
    if checkout.buyer_account_id != buyer_id {
        return Err(CommonProblem::NotFound.into());
    }
    if checkout.status != CheckoutStatus::AwaitingPayment || checkout.expires_at <= tx.now {
        return Err(PaymentRefusal::NotPayable.into());
    }
    if checkout.total_vnd.amount() > amount_max(provider.id()) {
        return Err(PaymentRefusal::AmountTooLarge.into());
    }
    let payment = store::ensure_payment(tx, checkout_id, buyer_id, checkout.total_vnd)?;
    if let Some(attempt) = store::pending_attempt(tx, payment.id, provider.id())? {
        return Ok(attempt);
    }
    let reference = TransferCode::generate(rand::random());
    let step = provider.start(&AttemptStart {
        reference: reference.as_str(),
        amount: checkout.total_vnd,
        created_at: tx.now,
        expires_at: checkout.expires_at,
        client_ip: payer.address,
        english: payer.english,
    });
    let attempt = Attempt {
        id: AttemptId::generate(),
        payment_id: payment.id,
        buyer_account_id: buyer_id,
        provider: provider.id(),
        reference: reference.as_str().to_owned(),
        amount_vnd: checkout.total_vnd,
        status: AttemptStatus::Pending,
        next_step: next_step_json(step),
        version: 1,
        created_at: tx.now,
        expires_at: checkout.expires_at,
    };
    store::insert_attempt(tx, &attempt)?;
    let detail =
        serde_json::json!({"provider": attempt.provider.as_str(), "amount_vnd": Vnd::amount(attempt.amount_vnd)});
    audit::write(tx, "payment.attempt_started", "payment_attempt", attempt.id.0, detail)?;
    Ok(attempt)
}

fn amount_max(provider: ProviderId) -> i64 {
    match provider {
        ProviderId::BankTransfer => TRANSFER_MAX_VND,
        ProviderId::Vnpay => PAYMENT_MAX_VND,
    }
}
