use chrono::NaiveDate;
use serde_json::json;

use super::model::{ANSWERS_MAX, Begins, ComplaintEvent, ComplaintRefusal, ComplaintStatus, Party};
use super::news;
use super::store::{self, Complaint};
use crate::kernel::error::CommonProblem;
use crate::kernel::time::vietnam_day;
use crate::kernel::{Audience, ComplaintId, Error, Result, Tx};
use crate::{audit, calendar};

/// Something that one party does to its complaint, with what it writes. What the status does not allow is refused with
/// what it does allow, and changes nothing.
pub fn move_complaint(
    tx: &mut Tx<'_>,
    party: Party,
    id: ComplaintId,
    event: ComplaintEvent,
    text: Option<&str>,
) -> Result<Complaint> {
    let old = own(tx, party, id)?;
    let next = old.status.after(party, event).ok_or_else(|| illegal(&old, party))?;
    if event == ComplaintEvent::Refer && !store::vulnerable(tx, &[id])?.is_empty() {
        return Err(ComplaintRefusal::MayNotBeReferred.into());
    }
    let answers = old.answers.saturating_add(i32::from(event == ComplaintEvent::Answer));
    if answers > ANSWERS_MAX {
        return Err(ComplaintRefusal::TooManyAnswers.into());
    }
    let due_on = if next == old.status { old.due_on } else { due_on(tx, next, old.received_on)? };
    let moved = store::move_status(tx, &old, next, due_on, answers)?.ok_or_else(|| illegal(&old, party))?;
    store::record(tx, &moved, event, Some(old.status), text)?;
    let detail = json!({"from": old.status, "to": next});
    audit::write(tx, &format!("complaint.{event}"), "complaint", id.0, detail)?;
    news::tell(tx, &moved, party, event)?;
    Ok(moved)
}

/// The actor's own complaint, locked; anybody else's does not exist.
fn own(tx: &mut Tx<'_>, party: Party, id: ComplaintId) -> Result<Complaint> {
    match party {
        Party::Buyer => {
            let buyer_id = tx.who.must(Audience::Buyer)?;
            store::find_buyers(tx, buyer_id, id)?;
        }
        Party::Producer => {
            tx.who.must(Audience::Producer)?;
            let producer_id = tx.who.producer_id.ok_or(CommonProblem::NotFound)?;
            store::find_producers(tx, producer_id, id)?;
        }
        Party::Operator => {
            tx.who.must(Audience::Operator)?;
        }
    }
    store::lock(tx, id)
}

fn illegal(complaint: &Complaint, party: Party) -> Error {
    let actions: Vec<&str> = complaint.status.actions(party).into_iter().map(ComplaintEvent::as_str).collect();
    Error::from(ComplaintRefusal::IllegalAction)
        .with("current_status", complaint.status.as_str())
        .with("allowed_actions", actions)
}

/// Until when a step that begins now must end.
pub fn due_on(tx: &mut Tx<'_>, status: ComplaintStatus, received_on: NaiveDate) -> Result<Option<NaiveDate>> {
    let Some(clock) = status.clock() else { return Ok(None) };
    let from = match clock.begins {
        Begins::WithReceipt => received_on,
        Begins::WithStep => vietnam_day(tx.now),
    };
    calendar::add_working_days(tx, from, clock.working_days).map(Some)
}
