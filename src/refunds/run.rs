use chrono::{DateTime, Utc};

use super::model::{Refund, RefundEvent, RefundPurpose, RefundRail, RefundStatus, RefundTry, number_of};
use super::owe;
use super::policy::{self, ALARM_AFTER, STOPPED_FOR};
use super::record::{Heard, give_up, record};
use super::store::{self, Step};
use super::transfer::{self, is_transfer};
use crate::app::App;
use crate::jobs::{Happened, happened};
use crate::kernel::{CrashPoint, Error, JobId, RefundId, RefundTryId, Result, Tx};
use crate::notifications::{self, News, Notice, Recipient};
use crate::outgoing::Rules;
use crate::payments::providers::{HttpAnswer, RefundQuestion, Refunded, send};
use crate::payments::{self, Source};
use crate::{orders, outgoing};

/// Refunds that are planned at once.
const PLANNED_MAX: i64 = 200;
/// Who decided a refund, as providers are told.
const BY: &str = "ocop";

/// Plans a look at each refund whose time has come.
pub fn look_after(tx: &mut Tx<'_>) -> Result<()> {
    tx.who.must_be_platform()?;
    for id in store::due(tx, PLANNED_MAX)? {
        owe::plan(tx, id)?;
    }
    Ok(())
}

/// By what a refund can be sent now.
#[derive(Debug, Clone, Copy)]
struct Means {
    pays_back: bool,
    rules: Rules,
}

/// What a provider is to be called for.
#[derive(Debug, Clone)]
pub struct Calling {
    pub refund: Refund,
    pub attempt: RefundTry,
    pub source: Source,
    pub purpose: RefundPurpose,
    /// Whether other refunds of the same payment were sent.
    pub has_others: bool,
}

impl Calling {
    fn question(&self, now: DateTime<Utc>) -> RefundQuestion<'_> {
        RefundQuestion {
            number: &self.attempt.number,
            reference: &self.source.reference,
            transaction: &self.source.transaction,
            created_at: self.source.attempted_at,
            captured: self.source.captured,
            amount: self.refund.amount_vnd,
            asked_at: self.attempt.asked_at,
            by: BY,
            now,
        }
    }
}

/// Sends a refund, or asks what became of it: what is intended is written first, under a reference that stays the same,
/// then the provider is called with no transaction open, and what it said is written with the end of the job.
pub async fn run(app: &App, id: RefundId) -> Result<Happened> {
    let provider = app.db.job(move |tx| store::find(tx, id)).await?.provider;
    let means = Means { pays_back: app.providers.pays_back(provider), rules: app.outgoing.rules };
    let Some(calling) = app.db.job(move |tx| intend(tx, id, means)).await? else {
        return Ok(happened(|_| Ok(())));
    };
    CrashPoint::RefundAfterStore.pass();
    let question = calling.question(app.db.clock.now());
    let number = JobId::generate().0.simple().to_string();
    let call = match calling.purpose {
        RefundPurpose::Send => app.providers.refund(provider, &question),
        RefundPurpose::Ask => app.providers.ask_refund(provider, &question, &number),
    };
    let Some(call) = call else { return Err(Error::internal("a provider that pays back cannot be asked to")) };
    CrashPoint::RefundBeforeCall.pass();
    let answer = send(&app.providers.client, call).await;
    CrashPoint::RefundAfterAcceptBeforeRecord.pass();
    let heard = heard(app, &calling, &question, answer);
    Ok(happened(move |tx| {
        record(tx, &calling, &heard)?;
        tx.write_now()?;
        CrashPoint::RefundAfterRecord.pass();
        Ok(())
    }))
}

/// What an answer says, or that there was none.
fn heard(app: &App, calling: &Calling, question: &RefundQuestion<'_>, answer: Result<HttpAnswer>) -> Heard {
    let provider = calling.refund.provider;
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => {
            tracing::warn!(?error, provider = provider.as_str(), refund = %calling.refund.id, "no answer to a refund");
            return Heard { said: Refunded::Unclear(format!("{error:?}")), http_status: None, body: None };
        }
    };
    let said = match calling.purpose {
        RefundPurpose::Send => app.providers.read_refund(provider, question, &answer),
        RefundPurpose::Ask => app.providers.read_refund_asked(provider, question, &answer),
    };
    Heard { said, http_status: i16::try_from(answer.status).ok(), body: Some(answer.body) }
}

/// What is to be done about a refund now, written before it is done; nothing when it is not its time. Whoever comes second
/// finds that it is not.
fn intend(tx: &mut Tx<'_>, id: RefundId, means: Means) -> Result<Option<Calling>> {
    tx.who.must_be_platform()?;
    let refund = store::lock(tx, id)?;
    if refund.next_at.is_none_or(|at| at > tx.now) {
        return Ok(None);
    }
    match refund.status {
        RefundStatus::Approved | RefundStatus::Failed => begin(tx, refund, means),
        RefundStatus::Sent | RefundStatus::Unknown => go_on(tx, refund, means.pays_back),
        _ => Err(Error::internal("what does not wait is looked at")),
    }
}

/// A new try, unless outgoing money is stopped or the provider pays back no more.
fn begin(tx: &mut Tx<'_>, refund: Refund, means: Means) -> Result<Option<Calling>> {
    let is_possible = match refund.rail {
        RefundRail::Provider => means.pays_back,
        RefundRail::Transfer => true,
        RefundRail::Hand => false,
    };
    if !is_possible {
        return give_up(tx, &refund, "Đơn vị thanh toán không còn nhận hoàn tiền").map(|()| None);
    }
    if outgoing::is_stopped(tx)? {
        let later = tx.now + STOPPED_FOR;
        return store::wait(tx, refund.id, later).map(|()| None);
    }
    let try_no = refund.tries.saturating_add(1);
    let attempt = RefundTry {
        id: RefundTryId::generate(),
        refund_id: refund.id,
        try_no,
        number: number_of(refund.id, try_no),
        asked_at: tx.now,
        sends: 1,
        is_absent: false,
        outcome: None,
        code: None,
        ended_at: None,
    };
    if is_transfer(&refund) {
        return transfer::begin(tx, &refund, &attempt, means.rules).map(|()| None);
    }
    store::insert_try(tx, &attempt)?;
    let next_at = Some(policy::next_question(attempt.asked_at, tx.now));
    let step = Step { status: refund.after(RefundEvent::Send)?, reason: None, next_at };
    let refund = store::update(tx, &refund, &step)?;
    calling(tx, refund, attempt, RefundPurpose::Send).map(Some)
}

/// Asks about the try that is open; one that its provider does not have goes out again under the same reference.
fn go_on(tx: &mut Tx<'_>, refund: Refund, pays_back: bool) -> Result<Option<Calling>> {
    let attempt = store::open_try(tx, refund.id)?;
    alarm(tx, &refund, &attempt)?;
    if is_transfer(&refund) {
        // Its end is told.
        let next_at = policy::tomorrow(tx.now);
        return store::wait(tx, refund.id, next_at).map(|()| None);
    }
    let next_at = policy::next_question(attempt.asked_at, tx.now);
    store::wait(tx, refund.id, next_at)?;
    // It may be switched on again.
    if !pays_back {
        return Ok(None);
    }
    if !attempt.is_absent {
        return calling(tx, refund, attempt, RefundPurpose::Ask).map(Some);
    }
    if outgoing::is_stopped(tx)? {
        return Ok(None);
    }
    let attempt = store::send_again(tx, attempt.id)?;
    calling(tx, refund, attempt, RefundPurpose::Send).map(Some)
}

/// Calls people once about a try that has no end for too long. A transfer calls them by itself.
fn alarm(tx: &mut Tx<'_>, refund: &Refund, attempt: &RefundTry) -> Result<()> {
    let has_called = refund.alarmed_at.is_some_and(|at| at >= attempt.asked_at);
    if has_called || attempt.asked_at + ALARM_AFTER > tx.now {
        return Ok(());
    }
    tracing::error!(refund = %refund.id, status = refund.status.as_str(), "a refund has no end after three days");
    store::set_alarmed(tx, refund.id)?;
    if is_transfer(refund) {
        return Ok(());
    }
    let order_code = orders::find_order(tx, refund.order_id)?.code;
    let news = News::RefundOverdue { order_code, refund_vnd: refund.amount_vnd, sent_at: attempt.asked_at };
    let notice = Notice { to: Recipient::Operators, news, object_id: refund.id.0, occasion: "" };
    notifications::tell_each(tx, &notice, &attempt.try_no.to_string())
}

fn calling(tx: &mut Tx<'_>, refund: Refund, attempt: RefundTry, purpose: RefundPurpose) -> Result<Calling> {
    let order = orders::find_order(tx, refund.order_id)?;
    let source = payments::source_of(tx, (order.checkout_id, order.id))?;
    let source = source.ok_or_else(|| Error::internal("a refund of what was not paid"))?;
    let has_others = store::has_sent_others(tx, refund.payment_id, refund.id)?;
    Ok(Calling { refund, attempt, source, purpose, has_others })
}
