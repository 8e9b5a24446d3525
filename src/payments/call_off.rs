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
    store::withdraw_attempts(tx, checkout_id, kept)?.into_iter().try_for_each(|id| plan(tx, id))
}

pub fn plan(tx: &mut Tx<'_>, id: AttemptId) -> Result<()> {
    let (job, now) = (Job::CallOffAttempt { attempt_id: id.0 }, tx.now);
    jobs::enqueue(tx, &job, now, Some(&format!("call_off_attempt:{id}")))
}

/// Calls an order off, after a last question where one can be asked: whatever was paid by it meanwhile goes the way of the
/// provider's notices. Without an answer the job comes again.
pub async fn call_off(app: &App, id: AttemptId) -> Result<Happened> {
    let attempt = app.db.job(move |tx| store::find_attempt_of(tx, id)).await?;
    let is_done = matches!(attempt.status, AttemptStatus::Captured | AttemptStatus::Failed);
    // To an account number of its own can be paid although the try was paid otherwise.
    let nothing = || happened(|_| Ok(()));
    if is_done && attempt.own_account.is_none() {
        return Ok(nothing());
    }
    let last = question(app, &attempt, Wish::Know).await?;
    match last.as_ref().map(|last| &last.asked) {
        Some(Asked::Unclear(why)) => return Err(Error::Unavailable(why.clone())),
        Some(Asked::Unknown) if may_be_opened(app, &attempt) => {
            return Err(Error::Unavailable("the order may still be opened".to_owned()));
        }
        Some(Asked::Unknown) => return Ok(written(attempt, last)),
        // No word about money: its provider's list is still waited for.
        Some(Asked::Over) => return Ok(nothing()),
        Some(Asked::Told(events)) if is_over(attempt.amount_vnd, events) => return Ok(written(attempt, last)),
        Some(Asked::Told(_) | Asked::Pending) | None => {}
    }
    let Some(end) = question(app, &attempt, Wish::CallOff).await? else { return Ok(nothing()) };
    match &end.asked {
        Asked::Told(_) => Ok(written(attempt, last.into_iter().chain([end]))),
        Asked::Over => Ok(nothing()),
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

fn written(attempt: Attempt, told: impl IntoIterator<Item = Said>) -> Happened {
    let told: Vec<Said> = told.into_iter().collect();
    happened(move |tx| told.iter().try_for_each(|said| record(tx, &attempt, &said.body, &said.asked)))
}
