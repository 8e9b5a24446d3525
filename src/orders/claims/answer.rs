//! How a claim moves: the one function that everybody's operations end in.

use serde_json::json;

use super::model::{ClaimEvent, ClaimRefusal, ClaimStatus, Party};
use super::store::{self, Change, Claim};
use crate::audit;
use crate::jobs::{self, Job};
use crate::kernel::error::CommonProblem;
use crate::kernel::input::FaultCode;
use crate::kernel::{Audience, ClaimId, Error, Result, Tx, Vnd};
use crate::notifications::{self, News, Notice, Recipient};
use crate::orders::model::{Order, OrderEvent, RefundCause, Side};
use crate::orders::steps::{self, Step};
use crate::orders::store as orders_store;
use crate::webhooks::{self, Event, EventType};

/// What somebody says to a claim.
#[derive(Debug, Clone, Copy)]
pub struct Say<'a> {
    pub event: ClaimEvent,
    pub text: Option<&'a str>,
    /// What is offered or decided.
    pub amount: Option<Vnd>,
}

/// Something that one party does to its claim. What the status does not allow is refused with what it does allow, and
/// changes nothing.
pub fn answer(tx: &mut Tx<'_>, party: Party, id: ClaimId, say: &Say<'_>) -> Result<Claim> {
    let (claim, order) = own(tx, party, id)?;
    if !claim.status.actions(party, claim.keeps).contains(&say.event) {
        return Err(illegal(&claim, party));
    }
    if say.event == ClaimEvent::Offer
        && say.amount.is_none_or(|amount| amount == Vnd::ZERO || amount >= claim.claimed_vnd)
    {
        let expected = format!("1–{}", claim.claimed_vnd.amount().saturating_sub(1));
        return Err(Error::invalid("/amount_vnd", FaultCode::OutOfRange, &expected));
    }
    let moved = take(tx, &claim, party, say)?;
    if let Some((event, refund)) = order_step(&moved, &order, say.event) {
        steps::take(tx, &order, Side::Platform, &Step { event, reason: None, refund })?;
    }
    tell(tx, &moved, &order)?;
    Ok(moved)
}

/// A deadline has passed: the operator decides. Too early, or after somebody acted, nothing changes.
pub fn end_claim_wait(tx: &mut Tx<'_>, id: ClaimId) -> Result<()> {
    let (claim, _) = own(tx, Party::Platform, id)?;
    let is_over = claim.due_at.is_some_and(|due_at| due_at <= tx.now);
    if !is_over || claim.status.after(Party::Platform, ClaimEvent::TimeOut).is_none() {
        return Ok(());
    }
    let say = Say { event: ClaimEvent::TimeOut, text: None, amount: None };
    take(tx, &claim, Party::Platform, &say).map(drop)
}

/// The goods of a locked order are back: what its claim grants for them, if it came back because of one.
pub fn receive_return(tx: &mut Tx<'_>, order: &Order) -> Result<Option<Vnd>> {
    let claim = store::of_order(tx, order.id)?.filter(|claim| claim.status == ClaimStatus::Returning);
    let Some(claim) = claim else { return Ok(None) };
    let say = Say { event: ClaimEvent::ReceiveReturn, text: None, amount: None };
    let moved = take(tx, &claim, Party::Platform, &say)?;
    tell(tx, &moved, order)?;
    Ok(moved.granted_vnd)
}

/// The actor's own claim with its order, locked; anybody else's does not exist.
fn own(tx: &mut Tx<'_>, party: Party, id: ClaimId) -> Result<(Claim, Order)> {
    let claim = readable(tx, party, id)?;
    let order = orders_store::lock_order(tx, claim.order_id)?;
    // Whoever moved it held the order, so it stays now as it is read.
    Ok((store::find(tx, id)?, order))
}

/// The actor's own claim as it is now.
pub fn readable(tx: &mut Tx<'_>, party: Party, id: ClaimId) -> Result<Claim> {
    match party {
        Party::Buyer => {
            let buyer_id = tx.who.must(Audience::Buyer)?;
            store::find_buyers(tx, buyer_id, id)
        }
        Party::Producer => {
            tx.who.must(Audience::Producer)?;
            let producer_id = tx.who.producer_id.ok_or(CommonProblem::NotFound)?;
            store::find_producers(tx, producer_id, id)
        }
        Party::Operator => {
            tx.who.must(Audience::Operator)?;
            store::find(tx, id)
        }
        Party::Platform => {
            tx.who.must_be_platform()?;
            store::find(tx, id)
        }
    }
}

fn take(tx: &mut Tx<'_>, claim: &Claim, party: Party, say: &Say<'_>) -> Result<Claim> {
    let next = claim.status.after(party, say.event).ok_or_else(|| illegal(claim, party))?;
    let granted = match say.event {
        ClaimEvent::Accept | ClaimEvent::ReceiveReturn => Some(claim.claimed_vnd),
        ClaimEvent::AcceptOffer => claim.offered_vnd,
        ClaimEvent::Decide => say.amount,
        _ => None,
    };
    let change = Change {
        status: next,
        offered: if say.event == ClaimEvent::Offer { say.amount } else { claim.offered_vnd },
        granted,
        due_at: next.lasts().map(|time| tx.now + time),
    };
    let moved = store::move_status(tx, claim, &change)?.ok_or_else(|| illegal(claim, party))?;
    store::record(tx, &moved, (say.event, Some(claim.status)), say.text, say.amount.or(granted))?;
    enqueue_end(tx, &moved)?;
    let detail = json!({"from": claim.status, "to": next, "granted_vnd": granted});
    audit::write(tx, &format!("claim.{}", say.event), "claim", claim.id.0, detail)?;
    Ok(moved)
}

/// Plans what happens when nobody acts in time.
pub fn enqueue_end(tx: &mut Tx<'_>, claim: &Claim) -> Result<()> {
    match claim.due_at {
        Some(due_at) if claim.status.after(Party::Platform, ClaimEvent::TimeOut).is_some() => {
            jobs::enqueue(tx, &Job::EndClaimWait { claim_id: claim.id.0 }, due_at, None)
        }
        _ => Ok(()),
    }
}

/// What a claim's step does to its order, and what is owed with it.
fn order_step(moved: &Claim, order: &Order, event: ClaimEvent) -> Option<(OrderEvent, Option<(RefundCause, Vnd)>)> {
    match (event, moved.granted_vnd) {
        (ClaimEvent::Withdraw, _) | (_, Some(Vnd::ZERO)) => Some((OrderEvent::DismissClaim, None)),
        (ClaimEvent::AskReturn, _) => Some((OrderEvent::AgreeReturn, None)),
        (_, Some(granted)) => {
            let is_all = granted == steps::rest(order);
            let event = if is_all { OrderEvent::RefundAll } else { OrderEvent::RefundPart };
            Some((event, Some((RefundCause::Claim, granted))))
        }
        (_, None) => None,
    }
}

fn illegal(claim: &Claim, party: Party) -> Error {
    let actions = claim.status.actions(party, claim.keeps);
    let actions: Vec<&str> = actions.into_iter().map(ClaimEvent::as_str).collect();
    Error::from(ClaimRefusal::IllegalAction)
        .with("current_status", claim.status.as_str())
        .with("allowed_actions", actions)
}

/// The buyer hears what was granted; other systems hear of every end.
fn tell(tx: &mut Tx<'_>, claim: &Claim, order: &Order) -> Result<()> {
    if !matches!(claim.status, ClaimStatus::Settled | ClaimStatus::Decided | ClaimStatus::Withdrawn) {
        return Ok(());
    }
    if let Some(granted) = claim.granted_vnd {
        let notice = Notice {
            to: Recipient::Account(claim.buyer_account_id),
            news: News::ClaimDecided { order_code: order.code.clone(), refund_vnd: granted },
            object_id: claim.id.0,
            occasion: "",
        };
        notifications::tell(tx, &notice)?;
    }
    let data = json!({"claim_id": claim.id, "order_id": claim.order_id, "status": claim.status,
                      "granted_vnd": claim.granted_vnd});
    let event = Event {
        producer_id: Some(claim.producer_id),
        kind: EventType::ClaimDecided,
        object_id: claim.id.0,
        occasion: "",
        data,
    };
    webhooks::emit(tx, &event)
}
