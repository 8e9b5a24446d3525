//! One person says what is to be done.

use serde_json::json;

use super::model::{CorrectableAccount, Decision, DecisionKind, DecisionStatus, Posting, cleared, is_reversible};
use super::store;
use crate::audit;
use crate::kernel::error::OnConstraint;
use crate::kernel::input::{FaultCode, Faults};
use crate::kernel::{
    AccountId, Audience, DecisionId, DecisionPostingId, Error, ExceptionId, ProducerId, Result, TransferId, Tx, Vnd,
};
use crate::ledger::{self, LedgerRefusal, TransferKind};
use crate::payments::providers::ProviderId;
use crate::reconciliation::exceptions::{self, Exception};
use crate::reconciliation::model::{ExceptionEvent, ExceptionStatus, ReconciliationRefusal};

/// What is to be posted.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub debit: CorrectableAccount,
    pub credit: CorrectableAccount,
    pub amount: Vnd,
    pub provider: Option<ProviderId>,
    pub producer_id: Option<ProducerId>,
}

/// A correction of the books, by itself or as the end of an exception, of which then nothing may be left standing.
pub fn propose_correction(
    tx: &mut Tx<'_>,
    wanted: &[Wanted],
    exception_id: Option<ExceptionId>,
    reason: String,
) -> Result<(Decision, Vec<Posting>)> {
    let operator_id = tx.who.must(Audience::Operator)?;
    must_be_sound(wanted)?;
    let decision = new(tx, operator_id, DecisionKind::Correction, reason);
    let decision = Decision { exception_id, ..decision };
    let postings: Vec<Posting> = (0..).zip(wanted).map(|(place, one)| posting(decision.id, place, one)).collect();
    if let Some(id) = exception_id {
        let exception = claim(tx, id)?;
        must_clear(&exception, cleared(&postings, exception.provider))?;
    }
    keep(tx, &decision)?;
    let nobody = Error::invalid("/postings", FaultCode::Unknown, "producer_id");
    store::insert_postings(tx, &postings).on_constraint("money_decision_postings_producer_id_fkey", nobody)?;
    Ok((decision, postings))
}

/// Nothing is to be done about an exception of which nothing stands in clearing.
pub fn propose_dismissal(tx: &mut Tx<'_>, id: ExceptionId, reason: String) -> Result<Decision> {
    let operator_id = tx.who.must(Audience::Operator)?;
    let exception = claim(tx, id)?;
    must_clear(&exception, 0)?;
    let decision = new(tx, operator_id, DecisionKind::Dismissal, reason);
    let decision = Decision { exception_id: Some(id), ..decision };
    keep(tx, &decision)?;
    Ok(decision)
}

/// A transfer is to be taken back.
pub fn propose_reversal(tx: &mut Tx<'_>, id: TransferId, reason: String) -> Result<Decision> {
    let operator_id = tx.who.must(Audience::Operator)?;
    let kind = ledger::kind_of(tx, id)?;
    if kind == TransferKind::Reversal {
        return Err(LedgerRefusal::IsReversal.into());
    }
    if !is_reversible(kind) {
        return Err(ReconciliationRefusal::NotReversible.into());
    }
    let decision = new(tx, operator_id, DecisionKind::Reversal, reason);
    let decision = Decision { reverses: Some(id), ..decision };
    keep(tx, &decision)?;
    Ok(decision)
}

fn new(tx: &Tx<'_>, by: AccountId, kind: DecisionKind, reason: String) -> Decision {
    Decision {
        id: DecisionId::generate(),
        kind,
        exception_id: None,
        reverses: None,
        reason,
        status: DecisionStatus::Proposed,
        proposed_by: by,
        proposed_at: tx.now,
        decided_by: None,
        decided_at: None,
        note: None,
        version: 1,
    }
}

fn keep(tx: &mut Tx<'_>, decision: &Decision) -> Result<()> {
    store::insert(tx, decision)
        .on_constraint("money_decisions_reverses_key", ReconciliationRefusal::AlreadyProposed)?;
    audit::write(tx, "money_decision.proposed", "money_decision", decision.id.0, json!({"kind": decision.kind}))
}

fn posting(decision_id: DecisionId, place: i32, wanted: &Wanted) -> Posting {
    let Wanted { debit, credit, amount, provider, producer_id } = *wanted;
    Posting {
        id: DecisionPostingId::generate(),
        decision_id,
        place,
        debit,
        credit,
        amount_vnd: amount,
        provider,
        producer_id,
    }
}

/// An exception waits for one decision at a time.
fn claim(tx: &mut Tx<'_>, id: ExceptionId) -> Result<Exception> {
    let exception = exceptions::lock(tx, id)?;
    let next = exception.status.after(ExceptionEvent::Propose).ok_or_else(|| not_now(exception.status))?;
    exceptions::has_moved(tx, &exception, next)?;
    Ok(exception)
}

pub fn not_now(status: ExceptionStatus) -> Error {
    Error::from(ReconciliationRefusal::ActionNotAllowed)
        .with("current_status", status.as_str())
        .with("allowed_actions", json!(status.actions()))
}

fn must_clear(exception: &Exception, cleared: i64) -> Result<()> {
    let standing = exception.standing_vnd();
    if cleared == standing {
        return Ok(());
    }
    Err(Error::from(ReconciliationRefusal::DoesNotClear).with("standing_vnd", standing))
}

/// What the fields of a posting say together.
fn must_be_sound(wanted: &[Wanted]) -> Result<()> {
    let mut faults = Faults::default();
    faults.inside("postings", |at| {
        if wanted.is_empty() {
            at.add(FaultCode::Empty, "");
        }
        for (place, one) in wanted.iter().enumerate() {
            at.inside(&place.to_string(), |at| one.look(at));
        }
    });
    if faults.is_clean() { Ok(()) } else { Err(Error::Invalid(faults.into_found())) }
}

impl Wanted {
    fn look(&self, at: &mut Faults) {
        let sides = [self.debit, self.credit];
        if self.debit == self.credit {
            at.inside("credit", |at| at.add(FaultCode::Duplicate, ""));
        }
        if self.amount == Vnd::ZERO {
            at.inside("amount_vnd", |at| at.add(FaultCode::OutOfRange, "1–100000000000"));
        }
        if self.provider.is_none() && sides.iter().any(|side| side.is_of_provider()) {
            at.inside("provider", |at| at.add(FaultCode::Missing, ""));
        }
        if self.producer_id.is_none() && sides.contains(&CorrectableAccount::Producer) {
            at.inside("producer_id", |at| at.add(FaultCode::Missing, ""));
        }
    }
}
