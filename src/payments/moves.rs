use chrono::{DateTime, Utc};

use super::model::{Attempt, AttemptEvent, AttemptStatus, DueEvent, Payment};
use super::{call_off, store};
use crate::kernel::{CheckoutId, Error, PaymentId, Result, Tx};

/// What a provider says moves a locked attempt; what its status does not allow changes nothing.
pub fn move_attempt(tx: &mut Tx<'_>, attempt: &Attempt, event: AttemptEvent, raw_code: &str) -> Result<()> {
    match attempt.status.after(event) {
        Some(next) => store::move_attempt(tx, attempt, next, raw_code),
        None => Ok(()),
    }
}

/// The money for payments is there, by these attempts, all as far as the first, with the provider's code and when it is asked
/// to confirm it. Of payment and attempt one must be locked, or their checkout: what moved meanwhile has everything done again.
pub fn capture(tx: &mut Tx<'_>, due: &[(&Payment, &Attempt)], told: (&str, Option<DateTime<Utc>>)) -> Result<()> {
    let Some((payment, attempt)) = due.first() else { return Ok(()) };
    let paid = payment.status.after(DueEvent::Capture).zip(attempt.status.after(AttemptEvent::Capture));
    let (payment_next, attempt_next) = paid.ok_or_else(|| Error::internal("what is captured already is paid again"))?;
    let payments: Vec<PaymentId> = due.iter().map(|(payment, _)| payment.id).collect();
    let attempts: Vec<&Attempt> = due.iter().map(|(_, attempt)| *attempt).collect();
    store::capture_payments(tx, &payments, (payment.status, payment_next))?;
    store::capture_attempts(tx, &attempts, (attempt.status, attempt_next), told)
}

/// A payment that is not expected any more ends, with its attempts that may still end so; one that has ended stays as
/// it is.
pub fn end_payment(tx: &mut Tx<'_>, checkout_id: CheckoutId, events: (DueEvent, AttemptEvent)) -> Result<()> {
    let Some(payment) = store::lock_payment_of(tx, checkout_id)? else { return Ok(()) };
    let Some(next) = payment.status.after(events.0) else { return Ok(()) };
    store::end_payment(tx, &payment, next)?;
    call_off::withdraw(tx, checkout_id, None)?;
    for old in AttemptStatus::ALL {
        if let Some(next) = old.after(events.1) {
            store::end_attempts(tx, payment.id, (*old, next))?;
        }
    }
    Ok(())
}
