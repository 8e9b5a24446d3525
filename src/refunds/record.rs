//! What a provider said of a refund, and what follows from it.

use super::model::{Refund, RefundEvent, RefundPurpose, RefundSaid, RefundTry, TryOutcome};
use super::owe::follow;
use super::policy::next_try;
use super::run::Calling;
use super::store::{self, NewAnswer, Step};
use super::transfer::is_transfer;
use crate::jobs::{self, Job};
use crate::kernel::{Error, Result, Tx};
use crate::ledger::{self, LedgerAccount, Transfer, TransferKind};
use crate::notifications::{self, News, Notice, Recipient};
use crate::orders;
use crate::payments;
use crate::payments::providers::{ProviderId, Refunded};

/// Letters kept of what a provider says.
const DETAIL_MAX: usize = 500;
/// Letters kept of a provider's code.
const CODE_MAX: usize = 200;
/// Bytes kept of an answer.
const BODY_MAX: usize = 64 * 1024;

/// What came back from a call.
#[derive(Debug, Clone)]
pub struct Heard {
    pub said: Refunded,
    pub http_status: Option<i16>,
    pub body: Option<Vec<u8>>,
}

/// Keeps what was said, and moves the refund if it is still about the try that is open.
pub fn record(tx: &mut Tx<'_>, calling: &Calling, heard: &Heard) -> Result<()> {
    tx.who.must_be_platform()?;
    let refund = store::lock(tx, calling.refund.id)?;
    // Another may have gone out while the answer was on its way.
    let has_others = calling.has_others || store::has_sent_others(tx, refund.payment_id, refund.id)?;
    let said = what_counts((calling, has_others), &heard.said);
    let detail = match &said {
        Refunded::Refused(code) => Some(code.as_str()),
        Refunded::Unclear(why) => Some(why.as_str()),
        _ => None,
    };
    let detail: Option<String> = detail.map(|text| text.chars().take(DETAIL_MAX).collect());
    let answer = NewAnswer {
        try_id: calling.attempt.id,
        purpose: calling.purpose,
        said: RefundSaid::from(&said),
        detail: detail.as_deref(),
        http_status: heard.http_status,
        body: heard.body.as_deref().and_then(|body| body.get(..body.len().min(BODY_MAX))),
    };
    store::insert_answer(tx, &answer)?;
    let attempt = store::find_try(tx, calling.attempt.id)?;
    if attempt.outcome.is_some() || !refund.is_on_its_way() {
        return Ok(());
    }
    match said {
        Refunded::Done => succeed(tx, &refund, &attempt, (RefundEvent::Succeed, None)),
        Refunded::Processing => stay(tx, &refund, RefundEvent::Accept),
        Refunded::Refused(code) => fail(tx, &refund, &attempt, (RefundEvent::Fail, &code)),
        Refunded::Unclear(_) => stay(tx, &refund, RefundEvent::Lose),
        Refunded::Unknown => {
            store::set_absent(tx, attempt.id)?;
            let now = tx.now;
            stay(tx, &refund, RefundEvent::Lose)?;
            store::wait(tx, refund.id, now)?;
            // The job that asked ends with this, so its name is still taken.
            jobs::enqueue(tx, &Job::RunRefund { refund_id: refund.id.0 }, now, None)
        }
    }
}

/// What of an answer counts for this very try.
fn what_counts((calling, has_others): (&Calling, bool), said: &Refunded) -> Refunded {
    let is_sending = calling.purpose == RefundPurpose::Send;
    match said {
        // VNPAY tells of the payment that refunds are taken from: of which of several, or of which try, it does not say.
        Refunded::Done | Refunded::Refused(_) | Refunded::Processing
            if !is_sending
                && (has_others || calling.attempt.try_no > 1)
                && calling.refund.provider == ProviderId::Vnpay =>
        {
            Refunded::Unclear("told of a payment with several refunds, or tries".to_owned())
        }
        // What is refused the second time may have been done the first time.
        Refunded::Refused(code) if is_sending && calling.attempt.sends > 1 => {
            Refunded::Unclear(format!("refused when it was sent again: {code}"))
        }
        // Who is told to pay back and has never heard of it, has not said what he did.
        Refunded::Unknown if is_sending => Refunded::Unclear("unknown to who was told".to_owned()),
        said => said.clone(),
    }
}

/// On its way still.
fn stay(tx: &mut Tx<'_>, refund: &Refund, event: RefundEvent) -> Result<()> {
    let step = Step { status: refund.after(event)?, reason: None, next_at: refund.next_at };
    store::update(tx, refund, &step).map(drop)
}

/// The buyer has it.
pub fn succeed(
    tx: &mut Tx<'_>,
    refund: &Refund,
    attempt: &RefundTry,
    (event, reason): (RefundEvent, Option<&str>),
) -> Result<()> {
    let step = Step { status: refund.after(event)?, reason, next_at: None };
    store::end_try(tx, attempt.id, TryOutcome::Succeeded, None)?;
    let refund = store::update(tx, refund, &step)?;
    tx.as_platform(|tx| {
        let sides = (LedgerAccount::RefundsOwed, LedgerAccount::Clearing);
        let sent = Transfer::new(TransferKind::RefundSent, attempt.id.0, sides, refund.amount_vnd)
            .through(refund.provider.as_str())
            .of_order(refund.order_id)
            .of_refund(refund.id);
        // A transfer is booked where it is made.
        if !is_transfer(&refund) {
            ledger::post(tx, vec![sent])?;
        }
        payments::leave_queue(tx, refund.id)?;
        tell(tx, &refund)
    })
}

/// Refused for good under this reference: the next try has another, and after the last a person has it.
pub fn fail(tx: &mut Tx<'_>, refund: &Refund, attempt: &RefundTry, (event, code): (RefundEvent, &str)) -> Result<()> {
    let code: String = code.chars().take(CODE_MAX).collect();
    let status = refund.after(event)?;
    store::end_try(tx, attempt.id, TryOutcome::Failed, Some(&code))?;
    // The same account would be wrong again: its buyer may name another one.
    let next_at = if is_transfer(refund) { None } else { next_try(refund.tries, tx.now) };
    let reason = if code.is_empty() { None } else { Some(code.as_str()) };
    // One that is given up is looked at at once, by whoever gives it up below.
    let step = Step { status, reason, next_at: Some(next_at.unwrap_or(tx.now)) };
    let refund = store::update(tx, refund, &step)?;
    if next_at.is_none() {
        give_up(tx, &refund, &format!("Bị từ chối {} lần: {code}", refund.tries))
    } else {
        Ok(())
    }
}

/// From here on a person has it.
pub fn give_up(tx: &mut Tx<'_>, refund: &Refund, why: &str) -> Result<()> {
    let step = Step { status: refund.after(RefundEvent::GiveUp)?, reason: Some(why), next_at: None };
    let refund = store::update(tx, refund, &step)?;
    tracing::warn!(refund = %refund.id, why, "a refund waits for a person");
    follow(tx, &refund)
}

/// The buyer is told that the money is back, once.
pub fn tell(tx: &mut Tx<'_>, refund: &Refund) -> Result<()> {
    let order = orders::find_order(tx, refund.order_id)?;
    if order.buyer_account_id != refund.buyer_account_id {
        return Err(Error::internal("a refund to somebody else"));
    }
    let notice = Notice {
        to: Recipient::Account(refund.buyer_account_id),
        news: News::RefundSent { order_code: order.code, refund_vnd: refund.amount_vnd },
        object_id: refund.id.0,
        occasion: "",
    };
    notifications::tell(tx, &notice)
}
