use chrono::{DateTime, Utc};

use super::model::{Attempt, AttemptEvent, AttemptStatus, DueEvent, Payment};
use super::{call_off, store};
use crate::kernel::{CheckoutId, Error, Result, Tx};

/// What a provider says moves a locked attempt; what its status does not allow changes nothing.
pub fn move_attempt(tx: &mut Tx<'_>, attempt: &Attempt, event: AttemptEvent, raw_code: &str) -> Result<()> {
    match attempt.status.after(event) {
        Some(next) => store::move_attempt(tx, attempt, next, raw_code),
        None => Ok(()),
    }
}

/// The money for a payment is there, by this attempt, with the provider's code and when it is asked to confirm it. Of
/// payment and attempt one must be locked, or their checkout: what moved meanwhile has everything done again.
pub fn capture(
    tx: &mut Tx<'_>,
    payment: &Payment,
    attempt: &Attempt,
    told: (&str, Option<DateTime<Utc>>),
) -> Result<()> {
    let paid = payment.status.after(DueEvent::Capture).zip(attempt.status.after(AttemptEvent::Capture));
    let (payment_next, attempt_next) = paid.ok_or_else(|| Error::internal("what is captured already is paid again"))?;
    store::capture(tx, (payment, payment_next), (attempt, attempt_next), told)
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
