//! Who hears of a complaint: both sides, but not of what they did themselves.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde_json::json;

use super::model::{ComplaintEvent, Party};
use super::store::Complaint;
use crate::kernel::time::from_vietnam;
use crate::kernel::{Error, Result, Tx};
use crate::notifications::{self, News, Notice, Recipient};
use crate::webhooks::{self, Event, EventType};

/// A complaint has been made. Its buyer hears of it too: until when somebody will answer is his right to know.
pub fn tell_opened(tx: &mut Tx<'_>, complaint: &Complaint, order_code: &str) -> Result<()> {
    let (complaint_code, order_code, due_on) = (complaint.code.clone(), order_code.to_owned(), due(complaint)?);
    let news = News::ComplaintOpened { complaint_code, order_code, due_on };
    for to in [Some(buyer(complaint)), producer(complaint)].into_iter().flatten() {
        say(tx, complaint, to, news.clone())?;
    }
    emit(tx, complaint)
}

/// Other systems hear what it is about and until when it is to be answered, and nothing of who complains or in which
/// words.
fn emit(tx: &mut Tx<'_>, complaint: &Complaint) -> Result<()> {
    let data = json!({"complaint_id": complaint.id, "complaint_code": complaint.code, "order_id": complaint.order_id,
                      "producer_id": complaint.producer_id, "kind": complaint.kind, "status": complaint.status,
                      "received_on": complaint.received_on, "due_on": complaint.due_on});
    let (producer_id, kind) = (complaint.producer_id, EventType::ComplaintReceived);
    webhooks::emit(tx, &Event { producer_id, kind, object_id: complaint.id.0, occasion: String::new(), data })
}

/// A party has moved a complaint: the others hear of it, once for each step.
pub fn tell(tx: &mut Tx<'_>, complaint: &Complaint, by: Party, event: ComplaintEvent) -> Result<()> {
    if by != Party::Buyer
        && let Some(news) = news_of(complaint, event, Party::Buyer)?
    {
        say(tx, complaint, buyer(complaint), news)?;
    }
    if by != Party::Producer
        && let Some(to) = producer(complaint)
        && let Some(news) = news_of(complaint, event, Party::Producer)?
    {
        say(tx, complaint, to, news)?;
    }
    Ok(())
}

fn news_of(complaint: &Complaint, event: ComplaintEvent, side: Party) -> Result<Option<News>> {
    let complaint_code = complaint.code.clone();
    Ok(Some(match event {
        ComplaintEvent::Open => return Ok(None),
        ComplaintEvent::Acknowledge => News::ComplaintAcknowledged { complaint_code, due_on: due(complaint)? },
        // The producer has to answer now.
        ComplaintEvent::Negotiate if side == Party::Producer => {
            News::ComplaintReceived { complaint_code, answer_by: end_of(due(complaint)?)? }
        }
        ComplaintEvent::Negotiate => News::ComplaintNegotiating { complaint_code, due_on: due(complaint)? },
        ComplaintEvent::Answer => News::ComplaintAnswered { complaint_code },
        ComplaintEvent::Refer => News::ComplaintReferred { complaint_code },
        ComplaintEvent::Settle => News::ComplaintSettled { complaint_code },
        ComplaintEvent::Refuse => News::ComplaintRefused { complaint_code },
        ComplaintEvent::Escalate => News::ComplaintEscalated { complaint_code },
        ComplaintEvent::Withdraw | ComplaintEvent::Close => News::ComplaintClosed { complaint_code },
    }))
}

fn buyer(complaint: &Complaint) -> Recipient {
    Recipient::Account(complaint.buyer_account_id)
}

/// The producer of an order that was never paid has nothing to do with it.
fn producer(complaint: &Complaint) -> Option<Recipient> {
    complaint.producer_id.map(Recipient::Producer)
}

fn due(complaint: &Complaint) -> Result<NaiveDate> {
    complaint.due_on.ok_or_else(|| Error::internal("an open complaint without a deadline"))
}

/// When a day is over in Vietnam.
fn end_of(day: NaiveDate) -> Result<DateTime<Utc>> {
    let next = day.and_time(NaiveTime::MIN) + TimeDelta::days(1);
    from_vietnam(next).ok_or_else(|| Error::internal("a day without an end"))
}

fn say(tx: &mut Tx<'_>, complaint: &Complaint, to: Recipient, news: News) -> Result<()> {
    let notice = Notice { to, news, object_id: complaint.id.0, occasion: "" };
    notifications::tell_each(tx, &notice, &complaint.version.to_string())
}
