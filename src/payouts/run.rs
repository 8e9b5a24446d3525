//! Runs: everybody who can be paid is paid.

use chrono::NaiveDate;
use serde_json::json;

use super::held::{Due, dues};
use super::model::{PayoutRefusal, PayoutRules, Run};
use super::store;
use crate::audit;
use crate::jobs::{self, Job};
use crate::kernel::{Audience, CrashPoint, Error, OutgoingBatchId, ProducerId, Result, Tx};
use crate::ledger::{self, LedgerRefusal};
use crate::notifications::{self, News, Notice, Recipient};
use crate::outgoing::{self, Purpose};

/// Producers of one step of a run.
const STEP: i64 = 100;

/// The run of a week, once: a second one of the same week does nothing. Goes through all producers in steps, each of which
/// commits by itself and plans the one after.
pub fn run_weekly(tx: &mut Tx<'_>, rules: PayoutRules, week_on: NaiveDate, after: Option<ProducerId>) -> Result<()> {
    tx.who.must_be_platform()?;
    let run_id = match (store::run_of_week(tx, week_on)?, after) {
        (Some(_), None) => return Ok(()),
        // What somebody has looked at does not grow: what comes late is a run of its own, which two persons look at.
        (Some(run_id), Some(_)) if outgoing::is_untouched(tx, run_id)? => run_id,
        (Some(_), Some(_)) => open_run(tx, None)?.id,
        (None, _) => open_run(tx, Some(week_on))?.id,
    };
    let balances = ledger::with_at_least(tx, rules.minimum, after, STEP)?;
    let dues = dues(tx, &balances)?;
    for due in pay(tx, rules, run_id, &dues)? {
        let (producer_id, Some(amount_vnd)) = (due.producer_id, rules.due(due.free())) else { continue };
        let news = News::PayoutWaits { amount_vnd };
        let notice = Notice { to: Recipient::Producer(producer_id), news, object_id: producer_id.0, occasion: "" };
        notifications::tell_each(tx, &notice, &week_on.to_string())?;
    }
    match balances.last() {
        Some((last, _)) if i64::try_from(balances.len()).is_ok_and(|rows| rows == STEP) => {
            let next = Job::RunPayouts { week_on, after: Some(last.0) };
            jobs::enqueue(tx, &next, tx.now, Some(&format!("run_payouts:{week_on}:{last}")))
        }
        _ => Ok(()),
    }
}

/// A run by hand, of these producers or of the first hundred who can be paid. The operator is the first of the two persons.
pub fn run_by_hand(tx: &mut Tx<'_>, rules: PayoutRules, producers: Option<&[ProducerId]>) -> Result<Run> {
    tx.who.must(Audience::Operator)?;
    let balances = match producers {
        Some(producers) => ledger::balances(tx, producers)?,
        None => ledger::with_at_least(tx, rules.minimum, None, STEP)?,
    };
    let dues = dues(tx, &balances)?;
    let run = open_run(tx, None)?;
    let waiting = pay(tx, rules, run.id, &dues)?;
    let due = dues.iter().filter(|due| rules.due(due.free()).is_some()).count();
    if due == waiting.len() {
        return Err(PayoutRefusal::NothingDue.into());
    }
    Ok(run)
}

fn open_run(tx: &mut Tx<'_>, week_on: Option<NaiveDate>) -> Result<Run> {
    let batch = outgoing::open_batch(tx, Purpose::Payout)?;
    let run = store::insert_run(tx, batch.id, week_on)?;
    audit::write(tx, "payout.run", "payout_run", run.id.0, json!({"week_on": week_on}))?;
    Ok(run)
}

/// Answers who has money due and is not paid: he has no account that is ready, or a payout is on its way.
fn pay(tx: &mut Tx<'_>, rules: PayoutRules, run_id: OutgoingBatchId, dues: &[Due]) -> Result<Vec<Due>> {
    let ids: Vec<ProducerId> = dues.iter().map(|due| due.producer_id).collect();
    let accounts = outgoing::ready_among(tx, &ids)?;
    let under_way: Vec<Option<ProducerId>> =
        outgoing::under_way_among(tx, &ids)?.into_iter().map(|transfer| transfer.producer_id).collect();
    let mut waiting = Vec::new();
    for due in dues {
        let (Due { producer_id, balance, .. }, Some(amount)) = (due, rules.due(due.free())) else { continue };
        match accounts.get(producer_id) {
            Some(account_id) if !under_way.contains(&Some(*producer_id)) => {
                let payee = (*producer_id, *account_id);
                let asked = outgoing::request(tx, rules.outgoing, run_id, payee, amount);
                let transfer = asked.map_err(less_than_was_seen)?;
                must_leave_held(tx, due)?;
                store::insert(tx, (transfer.id, run_id, *producer_id), (*balance, amount))?;
                CrashPoint::PayoutAfterHold.pass();
            }
            _ => waiting.push(*due),
        }
    }
    Ok(waiting)
}

/// What waits for carriers stays: the balance is locked by now, and a refund may have taken from it since it was read.
fn must_leave_held(tx: &mut Tx<'_>, due: &Due) -> Result<()> {
    if ledger::balance(tx, due.producer_id)? >= due.held {
        return Ok(());
    }
    Err(Error::Conflict("a refund has taken from what may be paid".to_owned()))
}

/// A refund has taken from the balance since it was read: the transaction is run again, and sees what is left.
fn less_than_was_seen(error: Error) -> Error {
    match error {
        Error::Refused(problem, _) if problem == LedgerRefusal::NotEnough.problem() => {
            Error::Conflict(problem.en.to_owned())
        }
        other => other,
    }
}
