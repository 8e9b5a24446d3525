//! Another person says yes, and it is done; or somebody says no.

use serde_json::json;

use super::model::{Decision, DecisionEvent, DecisionKind, DecisionStatus, Posting};
use super::propose::not_now;
use super::store;
use crate::audit;
use crate::kernel::error::OnConstraint;
use crate::kernel::{AccountId, Audience, DecisionId, Error, Result, Tx};
use crate::ledger::{self, Transfer, TransferKind};
use crate::payments;
use crate::reconciliation::exceptions;
use crate::reconciliation::model::{ExceptionEvent, ReconciliationRefusal};

/// Does what somebody else has proposed, in the transaction that says so.
pub fn approve(tx: &mut Tx<'_>, id: DecisionId) -> Result<(Decision, Vec<Posting>)> {
    let operator_id = tx.who.must(Audience::Operator)?;
    let seen = store::find(tx, id)?;
    if seen.status == DecisionStatus::Proposed && seen.proposed_by == operator_id {
        return Err(ReconciliationRefusal::SamePerson.into());
    }
    let event = match seen.kind {
        DecisionKind::Dismissal => ExceptionEvent::Dismiss,
        DecisionKind::Correction | DecisionKind::Reversal => ExceptionEvent::Resolve,
    };
    let decision = decide(tx, (&seen, DecisionEvent::Approve), operator_id, None)?;
    if let Some(exception_id) = seen.exception_id {
        let exception = exceptions::lock(tx, exception_id)?;
        let next = exception.status.after(event).ok_or_else(|| not_now(exception.status))?;
        exceptions::has_moved(tx, &exception, next)?;
        if let Some(credit_id) = exception.credit_id {
            payments::cash_settled(tx, &[credit_id])?;
        }
    }
    let postings = store::postings(tx, &[id])?;
    match decision.reverses {
        Some(transfer_id) => {
            tx.as_platform(|tx| ledger::reverse(tx, transfer_id))?;
            let credits = store::credits_ended_by(tx, transfer_id)?;
            payments::cash_owed_again(tx, &credits)?;
            exceptions::reopen(tx, &credits)?;
        }
        None => tx.as_platform(|tx| ledger::post(tx, postings.iter().map(transfer).collect()))?,
    }
    Ok((decision, postings))
}

/// Says no; whoever proposed may too. An exception waits again, unless it agreed meanwhile.
pub fn decline(tx: &mut Tx<'_>, id: DecisionId, note: &str) -> Result<(Decision, Vec<Posting>)> {
    let operator_id = tx.who.must(Audience::Operator)?;
    let seen = store::find(tx, id)?;
    let decision = decide(tx, (&seen, DecisionEvent::Decline), operator_id, Some(note))?;
    if let Some(exception_id) = seen.exception_id {
        let exception = exceptions::lock(tx, exception_id)?;
        if let Some(next) = exception.status.after(ExceptionEvent::Decline) {
            exceptions::has_moved(tx, &exception, next)?;
        }
    }
    Ok((decision, store::postings(tx, &[id])?))
}

fn decide(
    tx: &mut Tx<'_>,
    (seen, event): (&Decision, DecisionEvent),
    by: AccountId,
    note: Option<&str>,
) -> Result<Decision> {
    let next = seen.status.after(event).ok_or_else(|| over(seen.status))?;
    let decided = store::decide(tx, (seen, next), by, note)
        .on_constraint("money_decisions_two_people_check", ReconciliationRefusal::SamePerson)?;
    let Some(decision) = decided else { return Err(over(store::find(tx, seen.id)?.status)) };
    let detail = json!({"kind": decision.kind, "status": decision.status});
    audit::write(tx, "money_decision.decided", "money_decision", decision.id.0, detail)?;
    Ok(decision)
}

fn over(status: DecisionStatus) -> Error {
    Error::from(ReconciliationRefusal::ActionNotAllowed)
        .with("current_status", status.as_str())
        .with("allowed_actions", json!(status.actions()))
}

fn transfer(posting: &Posting) -> Transfer {
    let sides = (posting.debit.account(), posting.credit.account());
    let transfer = Transfer::new(TransferKind::Correction, posting.id.0, sides, posting.amount_vnd);
    Transfer {
        provider: posting.provider.map(|provider| provider.as_str().to_owned()),
        producer_id: posting.producer_id,
        ..transfer
    }
}
