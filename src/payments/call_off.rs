//! Orders at providers by which nobody is to pay any more.

use chrono::TimeDelta;

use super::ask::{Said, Wish, question, record};
use super::model::{Attempt, AttemptStatus};
use super::providers::{Asked, Outcome, PaymentEvent, ProviderId};
use super::store;
use crate::app::App;
use crate::jobs::{self, Happened, Job, happened};
use crate::kernel::{AttemptId, CheckoutId, Error, Result, Tx, Vnd};

/// An order that its provider does not know may still be on its way there.
const OPENED_WITHIN: TimeDelta = TimeDelta::minutes(1);

/// The open tries of a purchase are not to be paid by any more, but for that with the provider that is kept; where orders
/// stay open, their providers are asked to call them off. The purchase is locked.
pub fn withdraw(tx: &mut Tx<'_>, checkout_id: CheckoutId, kept: Option<ProviderId>) -> Result<()> {
    let now = tx.now;
    for id in store::withdraw_attempts(tx, checkout_id, kept)? {
        jobs::enqueue(tx, &Job::CallOffAttempt { attempt_id: id.0 }, now, Some(&format!("call_off_attempt:{id}")))?;
    }
    Ok(())
}

/// Calls an order off, after a last question: whatever was paid by it meanwhile goes the way of the provider's notices.
/// Without an answer the job comes again.
pub async fn call_off(app: &App, id: AttemptId) -> Result<Happened> {
    let attempt = app.db.job(move |tx| store::find_attempt_of(tx, id)).await?;
    if matches!(attempt.status, AttemptStatus::Captured | AttemptStatus::Failed) {
        return Ok(happened(|_| Ok(())));
    }
    let Some(last) = question(app, &attempt, Wish::Know).await? else { return Ok(happened(|_| Ok(()))) };
    match &last.asked {
        Asked::Unclear(why) => return Err(Error::Unavailable(why.clone())),
        Asked::Unknown if may_be_opened(app, &attempt) => {
            return Err(Error::Unavailable("the order may still be opened".to_owned()));
        }
        Asked::Unknown => return Ok(written(attempt, vec![last])),
        Asked::Told(events) if is_over(attempt.amount_vnd, events) => return Ok(written(attempt, vec![last])),
        Asked::Told(_) | Asked::Pending => {}
    }
    let Some(end) = question(app, &attempt, Wish::CallOff).await? else { return Ok(happened(|_| Ok(()))) };
    match &end.asked {
        Asked::Told(_) => Ok(written(attempt, vec![last, end])),
        // It may have been paid between the two questions: the next look will tell.
        Asked::Unclear(why) => Err(Error::Unavailable(why.clone())),
        Asked::Pending | Asked::Unknown => Err(Error::Unavailable("the order was not called off".to_owned())),
    }
}

fn may_be_opened(app: &App, attempt: &Attempt) -> bool {
    attempt.opened_at.is_none() && app.db.clock.now() < attempt.created_at + OPENED_WITHIN
}

/// Whether nobody can pay by an order of which this was told: it has ended, or all of it was paid.
fn is_over(amount: Vnd, events: &[PaymentEvent]) -> bool {
    let has_ended =
        events.iter().any(|event| matches!(event.outcome, Outcome::Cancelled | Outcome::Expired | Outcome::Failed));
    let paid = events.iter().filter(|event| event.outcome == Outcome::Paid).map(|event| event.amount);
    has_ended || Vnd::sum(paid).is_none_or(|paid| paid >= amount)
}

fn written(attempt: Attempt, told: Vec<Said>) -> Happened {
    happened(move |tx| told.iter().try_for_each(|said| record(tx, &attempt, &said.body, &said.asked)))
}
