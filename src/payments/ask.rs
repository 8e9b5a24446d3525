use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::apply::apply_fresh;
use super::configured::Providers;
use super::health::Called;
use super::listing::plan_list;
use super::model::{Attempt, AttemptStatus, Channel};
use super::providers::{Asked, Outcome, PaymentEvent, ProviderId, Question, Reading, Schedule, Verdict, send};
use super::store;
use super::{credits, health, inbox};
use crate::app::App;
use crate::jobs::{self, Happened, Job, happened};
use crate::kernel::time::day_in_vietnam;
use crate::kernel::{AttemptId, CallbackId, CheckoutId, Error, JobId, Result, Tx};

/// Questions that are planned at once.
const PLANNED_MAX: i64 = 200;
/// Attempts of a day that are asked for once more.
const ASKED_AGAIN_MAX: i64 = 2_000;
/// For a provider that was switched off: it may be switched on again.
const OFF: Schedule = Schedule { first_s: &[], then_every_s: 600 };
/// A purchase waits so long for the last word of a provider before it is given up all the same.
const LAST_WORD_WITHIN: TimeDelta = TimeDelta::minutes(2);
/// What is paid at the last moment is known there a little later.
pub const LAST_MOMENT: TimeDelta = TimeDelta::seconds(2);

/// Plans a question for each attempt whose time has come, and when it is asked again.
pub fn plan_questions(tx: &mut Tx<'_>, providers: &Providers) -> Result<()> {
    tx.who.must_be_platform()?;
    for attempt in store::lock_due_questions(tx, PLANNED_MAX)? {
        let schedule = providers.find(attempt.provider).and_then(|provider| provider.schedule());
        let next = schedule.unwrap_or(OFF).next(attempt.created_at, attempt.expires_at, tx.now);
        store::set_next_poll(tx, attempt.id, next)?;
        if schedule.is_some() {
            plan_question(tx, &attempt)?;
        }
    }
    Ok(())
}

fn plan_question(tx: &mut Tx<'_>, attempt: &Attempt) -> Result<()> {
    if attempt.provider.is_listed() { plan_list(tx) } else { plan_ask(tx, attempt.id) }
}

fn plan_ask(tx: &mut Tx<'_>, id: AttemptId) -> Result<()> {
    let (job, now) = (Job::AskAttempt { attempt_id: id.0 }, tx.now);
    jobs::enqueue(tx, &job, now, Some(&format!("ask_attempt:{id}")))
}

/// Asks the last time about the attempts of a purchase whose time is over, and says when to look again whether they were
/// answered; nothing when there is nothing to wait for any more.
pub fn ask_before_expiry(tx: &mut Tx<'_>, checkout_id: CheckoutId) -> Result<Option<DateTime<Utc>>> {
    const LOOK_AGAIN_AFTER: TimeDelta = TimeDelta::seconds(5);
    tx.who.must_be_platform()?;
    let now = tx.now;
    let waiting = store::pending_questions(tx, checkout_id)?;
    let is_open = |attempt: &&Attempt| {
        let last = attempt.expires_at + LAST_MOMENT;
        attempt.expires_at <= now && now < last + LAST_WORD_WITHIN && attempt.asked_at.is_none_or(|at| at < last)
    };
    let waiting: Vec<&Attempt> = waiting.iter().filter(is_open).collect();
    for attempt in waiting.iter().filter(|attempt| attempt.expires_at + LAST_MOMENT <= now) {
        plan_question(tx, attempt)?;
    }
    let first = waiting.iter().map(|attempt| attempt.expires_at + LAST_MOMENT).min();
    Ok(first.map(|last| if last > now { last } else { now + LOOK_AGAIN_AFTER }))
}

/// Asks once more for every attempt that began on a day in Vietnam and of which no provider has said how it ended.
pub fn ask_again(tx: &mut Tx<'_>, providers: &Providers, day: NaiveDate) -> Result<()> {
    tx.who.must_be_platform()?;
    let is_asked = |id: &ProviderId| !id.is_listed() && providers.find(*id).is_some_and(|p| p.schedule().is_some());
    let asked: Vec<ProviderId> = ProviderId::ALL.iter().copied().filter(is_asked).collect();
    let (begins, ends) = day_in_vietnam(day).ok_or_else(|| Error::internal("the end of time"))?;
    let endless = store::endless_attempts(tx, &asked, (begins, ends), ASKED_AGAIN_MAX)?;
    endless.into_iter().try_for_each(|id| plan_ask(tx, id))
}

/// Does what a notice of the same would do: of what a provider lists and never told us.
pub fn tell_listed(tx: &mut Tx<'_>, provider: ProviderId, event: &PaymentEvent, body: &[u8]) -> Result<Verdict> {
    tx.who.must_be_platform()?;
    let verdict = apply_said(tx, provider, body, event)?;
    tx.write_now()?;
    Ok(verdict)
}

/// Asks an attempt's provider how it stands; what it says goes the way of its notices. No answer is no news: it is
/// asked again by the schedule.
pub async fn ask(app: &App, id: AttemptId) -> Result<Happened> {
    let attempt = app.db.job(move |tx| store::find_attempt_of(tx, id)).await?;
    let Some(said) = question(app, &attempt, Wish::Know).await? else { return Ok(happened(|_| Ok(()))) };
    if let Asked::Unclear(why) = &said.asked {
        tracing::warn!(why, provider = attempt.provider.as_str(), attempt = %id, "a provider's answer says nothing");
        return Ok(happened(move |tx| health::called(tx, attempt.provider, Called::Failed)));
    }
    Ok(happened(move |tx| {
        record(tx, &attempt, &said.body, &said.asked)?;
        health::called(tx, attempt.provider, Called::Answered)
    }))
}

/// What is wanted of a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    Know,
    CallOff,
}

/// What a provider said, as it came and as it was read.
#[derive(Debug)]
pub struct Said {
    pub body: Vec<u8>,
    pub asked: Asked,
}

/// Asks an attempt's provider; nothing when there is nothing to ask it. No answer is one that says nothing.
pub async fn question(app: &App, attempt: &Attempt, wish: Wish) -> Result<Option<Said>> {
    let number = JobId::generate().0.simple().to_string();
    let question = Question {
        reference: &attempt.reference,
        order: attempt.provider_order.as_deref(),
        amount: attempt.amount_vnd,
        created_at: attempt.created_at,
        now: app.db.clock.now(),
        number: &number,
    };
    let Some(provider) = app.providers.find(attempt.provider) else { return Ok(None) };
    let call = match wish {
        Wish::Know => provider.ask(&question),
        Wish::CallOff => provider.cancel(&question),
    };
    let Some(call) = call else { return Ok(None) };
    Ok(Some(match send(&app.providers.client, call).await {
        Ok(answer) => Said { asked: provider.read_asked(&question, &answer), body: answer.body },
        Err(error) => Said { asked: Asked::Unclear(format!("{error:?}")), body: Vec::new() },
    }))
}

/// Writes what a provider said of an attempt.
pub fn record(tx: &mut Tx<'_>, attempt: &Attempt, body: &[u8], asked: &Asked) -> Result<()> {
    let Asked::Told(events) = asked else { return not_told(tx, attempt.id, asked) };
    let mut is_final = false;
    for event in events {
        let verdict = told(tx, attempt, body, event)?;
        let has_ended = event.outcome != Outcome::Pending && verdict != Verdict::WrongAmount;
        is_final = is_final || has_ended;
    }
    store::set_asked(tx, attempt.id, true)?;
    if is_final { store::set_next_poll(tx, attempt.id, None) } else { Ok(()) }
}

/// It goes on, or the provider has no such order: then nobody pays by it once we have given it up.
fn not_told(tx: &mut Tx<'_>, id: AttemptId, asked: &Asked) -> Result<()> {
    store::set_asked(tx, id, *asked == Asked::Pending)?;
    let has_ended = store::lock_attempt(tx, id)?.status != AttemptStatus::Pending;
    if *asked == Asked::Unknown && has_ended { store::set_next_poll(tx, id, None) } else { Ok(()) }
}

/// Keeps what was said and does what a notice of the same would do. What is booked like that already is no news.
fn told(tx: &mut Tx<'_>, attempt: &Attempt, body: &[u8], event: &PaymentEvent) -> Result<Verdict> {
    let known = credits::find_credit(tx, attempt.provider, event)?;
    let is_known = known
        .is_some_and(|credit| credit.is_ours && credit.attempt_id == Some(attempt.id) && credit.amount == event.amount);
    if is_known && event.outcome == Outcome::Paid {
        let is_whole = event.amount == attempt.amount_vnd;
        return Ok(if is_whole { Verdict::AlreadyApplied } else { Verdict::WrongAmount });
    }
    let verdict = apply_said(tx, attempt.provider, body, event)?;
    // The next event of the same answer must find what this one did.
    tx.write_now()?;
    Ok(verdict)
}

fn apply_said(tx: &mut Tx<'_>, provider: ProviderId, body: &[u8], event: &PaymentEvent) -> Result<Verdict> {
    let raw = inbox::RawRow {
        id: CallbackId::generate(),
        provider,
        channel: Channel::Question,
        source: provider.as_str().to_owned(),
        query: String::new(),
        headers: Vec::new(),
        body: body.to_vec(),
    };
    apply_fresh(tx, &inbox::Arrived { raw, reading: Reading::Verified(event.clone()) })
}
