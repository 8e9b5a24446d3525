use super::model::{Attempt, AttemptStatus, CallbackOutcome, PaymentStatus, ReviewKind};
use super::providers::{Outcome, PaymentEvent, ProviderId, Reading, Verdict};
use super::store::{self, NewReview};
use crate::audit;
use crate::kernel::{AttemptId, CallbackId, CheckoutId, Result, Tx};
use crate::orders::{self, Paid};

/// A stored message with what it says.
#[derive(Debug, Clone)]
pub struct Message {
    pub callback_id: CallbackId,
    pub provider: ProviderId,
    pub reading: Reading,
}

/// Does what a message says, at most once, and notes what became of it, in one transaction. The order of the checks
/// is the providers' own: signature, order, amount, state.
pub fn apply(tx: &mut Tx<'_>, message: &Message) -> Result<Verdict> {
    tx.who.must_be_platform()?;
    let (verdict, outcome, event_key) = match &message.reading {
        Reading::Unverified(fault) => (Verdict::Unverified(*fault), CallbackOutcome::Unverified, None),
        Reading::NotForUs => (Verdict::Applied, CallbackOutcome::NotForUs, None),
        Reading::Verified(event) => {
            let verdict = apply_event(tx, message, event)?;
            (verdict, outcome_of(verdict), Some(event.event_key.as_str()))
        }
    };
    store::finish_callback(tx, message.callback_id, event_key, outcome)?;
    Ok(verdict)
}

fn outcome_of(verdict: Verdict) -> CallbackOutcome {
    match verdict {
        Verdict::Applied => CallbackOutcome::Applied,
        Verdict::AlreadyApplied => CallbackOutcome::AlreadyApplied,
        Verdict::UnknownOrder => CallbackOutcome::UnknownOrder,
        Verdict::WrongAmount => CallbackOutcome::WrongAmount,
        Verdict::Parked | Verdict::Unavailable => CallbackOutcome::Parked,
        Verdict::Unverified(_) => CallbackOutcome::Unverified,
    }
}

fn apply_event(tx: &mut Tx<'_>, message: &Message, event: &PaymentEvent) -> Result<Verdict> {
    if !event.payee_account_ours {
        park(tx, message, event, (ReviewKind::OtherAccount, None))?;
        return Ok(Verdict::Parked);
    }
    let Some((found, checkout_id)) = store::find_attempt(tx, message.provider, &event.references)? else {
        park(tx, message, event, (ReviewKind::UnknownReference, None))?;
        return Ok(Verdict::UnknownOrder);
    };
    // Locks in the order of the whole program: checkout, then payment, then attempt. Repetitions wait here.
    orders::lock_checkout(tx, checkout_id)?;
    let payment = store::lock_payment(tx, found.payment_id)?;
    let attempt = store::lock_attempt(tx, found.id)?;
    if store::was_applied(tx, message.provider, &event.event_key)? {
        return Ok(Verdict::AlreadyApplied);
    }
    if event.amount != attempt.amount_vnd {
        park(tx, message, event, (ReviewKind::WrongAmount, Some(attempt.id)))?;
        return Ok(Verdict::WrongAmount);
    }
    match event.outcome {
        Outcome::Paid if payment.status == PaymentStatus::Captured => second(tx, message, event, &attempt),
        Outcome::Paid => pay(tx, message, event, (&attempt, checkout_id)),
        _ if attempt.status != AttemptStatus::Pending => Ok(Verdict::AlreadyApplied),
        Outcome::Pending => Ok(Verdict::Applied),
        Outcome::Failed => end(tx, &attempt, AttemptStatus::Failed, event),
        Outcome::Cancelled => end(tx, &attempt, AttemptStatus::Cancelled, event),
        Outcome::Expired => end(tx, &attempt, AttemptStatus::Expired, event),
        Outcome::Review => {
            let (kind, attempt_id) = (ReviewKind::SuspectedFraud, Some(attempt.id));
            review(
                tx,
                NewReview {
                    kind,
                    credit_id: None,
                    attempt_id,
                    order_id: None,
                    callback_id: Some(message.callback_id),
                    amount: event.amount,
                },
            )?;
            store::move_attempt(tx, attempt.id, AttemptStatus::InReview, &event.raw_code)?;
            Ok(Verdict::Parked)
        }
    }
}

/// The money for an attempt: the checkout is paid if it still waits, else the money waits.
fn pay(
    tx: &mut Tx<'_>,
    message: &Message,
    event: &PaymentEvent,
    (attempt, checkout_id): (&Attempt, CheckoutId),
) -> Result<Verdict> {
    if orders::mark_paid(tx, checkout_id)? == Paid::TooLate {
        park(tx, message, event, (ReviewKind::LatePayment, Some(attempt.id)))?;
        store::move_attempt(tx, attempt.id, AttemptStatus::InReview, &event.raw_code)?;
        return Ok(Verdict::Parked);
    }
    let booked = (Some(attempt.id), Some(attempt.payment_id));
    store::insert_credit(tx, message.provider, event, message.callback_id, booked)?
        .ok_or_else(|| crate::kernel::Error::internal("one transaction of a provider for two attempts"))?;
    store::capture(tx, attempt.payment_id)?;
    store::move_attempt(tx, attempt.id, AttemptStatus::Captured, &event.raw_code)?;
    let detail = serde_json::json!({"provider": message.provider.as_str(), "amount_vnd": event.amount});
    audit::write(tx, "payment.captured", "payment", attempt.payment_id.0, detail)?;
    Ok(Verdict::Applied)
}

/// Money for a payment that is captured already: the same transaction told again, or a second one.
fn second(tx: &mut Tx<'_>, message: &Message, event: &PaymentEvent, attempt: &Attempt) -> Result<Verdict> {
    let is_new = park(tx, message, event, (ReviewKind::SecondPayment, Some(attempt.id)))?;
    Ok(if is_new { Verdict::Parked } else { Verdict::AlreadyApplied })
}

fn end(tx: &mut Tx<'_>, attempt: &Attempt, status: AttemptStatus, event: &PaymentEvent) -> Result<Verdict> {
    store::move_attempt(tx, attempt.id, status, &event.raw_code)?;
    Ok(Verdict::Applied)
}

/// Keeps money that fits nowhere and puts it into the queue; `false` when its transaction is known already.
fn park(
    tx: &mut Tx<'_>,
    message: &Message,
    event: &PaymentEvent,
    (kind, attempt_id): (ReviewKind, Option<AttemptId>),
) -> Result<bool> {
    if event.outcome != Outcome::Paid || event.amount.amount() == 0 {
        return Ok(false);
    }
    let credit = store::insert_credit(tx, message.provider, event, message.callback_id, (attempt_id, None))?;
    let Some(credit_id) = credit else { return Ok(false) };
    review(
        tx,
        NewReview {
            kind,
            credit_id: Some(credit_id),
            attempt_id,
            order_id: None,
            callback_id: Some(message.callback_id),
            amount: event.amount,
        },
    )?;
    Ok(true)
}

fn review(tx: &mut Tx<'_>, new: NewReview) -> Result<()> {
    tracing::warn!(kind = new.kind.as_str(), amount_vnd = new.amount.amount(), "money waits for a person");
    store::insert_review(tx, new)
}
