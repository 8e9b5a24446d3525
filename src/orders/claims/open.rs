use serde_json::json;

use super::answer::enqueue_end;
use super::model::{ClaimEvent, ClaimKind, ClaimRefusal, ClaimStatus, ClaimWish};
use super::store::{self, Claim, ClaimLine};
use crate::kernel::input::{Fault, FaultCode};
use crate::kernel::{ClaimId, Error, OrderId, PhotoId, Result, Tx, VariantId, Vnd};
use crate::notifications::{self, News, Notice, Recipient};
use crate::orders::got_lines::{GotLine, got_lines, share_of};
use crate::orders::items::is_fresh;
use crate::orders::model::{Order, OrderEvent, Side};
use crate::orders::move_order::own_order;
use crate::orders::steps::{self, Step};
use crate::storage::{self, Thing, ThingKind};
use crate::webhooks::{self, Event, EventType};

/// What a buyer claims.
#[derive(Debug, Clone)]
pub struct Demand {
    pub kind: ClaimKind,
    pub text: String,
    pub wish: ClaimWish,
    /// How much of what.
    pub lines: Vec<(VariantId, i32)>,
    pub photo_ids: Vec<PhotoId>,
}

/// Of one's own delivered order, within its window, once.
pub fn open(tx: &mut Tx<'_>, order_id: OrderId, demand: &Demand) -> Result<Claim> {
    let order = own_order(tx, Side::Buyer, order_id)?;
    if order.status.after(OrderEvent::Claim).is_none() {
        return Err(steps::illegal(&order, Side::Buyer));
    }
    if order.due_at.is_none_or(|due_at| due_at < tx.now) {
        return Err(ClaimRefusal::WindowClosed.into());
    }
    let got = got_lines(tx, &[order.id])?;
    let faults = faults(demand, &got);
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let (claim, lines) = claim_of(tx, &order, demand, &got)?;
    let moved = steps::take(tx, &order, Side::Buyer, &Step { event: OrderEvent::Claim, reason: None, refund: None })?;
    store::insert(tx, &claim, &lines)?;
    let thing =
        Thing { kind: ThingKind::Claim, id: claim.id.0, producer_id: Some(claim.producer_id), is_public: false };
    storage::attach(tx, &demand.photo_ids, &thing)?;
    store::record(tx, &claim, (ClaimEvent::Open, None), Some(&claim.text), Some(claim.claimed_vnd))?;
    crate::audit::write(tx, "claim.open", "claim", claim.id.0, json!({"order_id": order.id, "kind": claim.kind}))?;
    enqueue_end(tx, &claim)?;
    tell(tx, &claim, &moved)?;
    Ok(claim)
}

/// Everything that is wrong with a demand.
fn faults(demand: &Demand, got: &[GotLine]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut add = |pointer: String, code, expected: &str| {
        faults.push(Fault { pointer, code, expected: expected.to_owned() });
    };
    if demand.lines.is_empty() {
        add("/lines".to_owned(), FaultCode::Empty, "at least one line");
    }
    for (place, (variant_id, quantity)) in demand.lines.iter().enumerate() {
        let said_before = demand.lines.iter().take(place).any(|(other, _)| other == variant_id);
        match got.iter().find(|got| got.line.variant_id == *variant_id) {
            _ if said_before => add(format!("/lines/{place}/variant_id"), FaultCode::Duplicate, ""),
            None => add(format!("/lines/{place}/variant_id"), FaultCode::Unknown, "a variant of the order"),
            Some(got) if *quantity > got.units => {
                add(format!("/lines/{place}/quantity"), FaultCode::OutOfRange, &format!("1–{}", got.units));
            }
            Some(_) => {}
        }
    }
    if demand.kind.needs_photo() && demand.photo_ids.is_empty() {
        add("/photo_ids".to_owned(), FaultCode::Missing, "at least one photo");
    }
    faults
}

/// A claim for what was paid for the goods, and for the way when everything is claimed, but not for more than is left to
/// owe.
fn claim_of(tx: &Tx<'_>, order: &Order, demand: &Demand, got: &[GotLine]) -> Result<(Claim, Vec<ClaimLine>)> {
    let impossible = || Error::internal("a claim of no amount of money");
    let id = ClaimId::generate();
    let mut lines = Vec::with_capacity(demand.lines.len());
    let (mut keeps, mut is_everything) = (true, demand.lines.len() == got.len());
    for GotLine { line, units, paid, .. } in got {
        let Some((_, quantity)) = demand.lines.iter().find(|(variant_id, _)| *variant_id == line.variant_id) else {
            continue;
        };
        keeps &= !is_fresh(line.transport_class);
        is_everything &= quantity == units;
        lines.push(ClaimLine {
            claim_id: id,
            variant_id: line.variant_id,
            buyer_account_id: order.buyer_account_id,
            producer_id: order.producer_id,
            quantity: *quantity,
            amount_vnd: share_of(*paid, *quantity, *units).ok_or_else(impossible)?,
        });
    }
    let shipping_vnd = if is_everything { order.shipping_vnd } else { Vnd::ZERO };
    let paid = Vnd::sum(lines.iter().map(|line| line.amount_vnd).chain([shipping_vnd])).ok_or_else(impossible)?;
    let claimed_vnd = paid.min(steps::rest(order));
    if claimed_vnd == Vnd::ZERO {
        return Err(ClaimRefusal::NothingPaid.into());
    }
    let claim = Claim {
        id,
        order_id: order.id,
        buyer_account_id: order.buyer_account_id,
        producer_id: order.producer_id,
        kind: demand.kind,
        text: demand.text.clone(),
        wish: demand.wish,
        status: ClaimStatus::Open,
        keeps,
        shipping_vnd,
        claimed_vnd,
        offered_vnd: None,
        granted_vnd: None,
        due_at: ClaimStatus::Open.lasts().map(|time| tx.now + time),
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    Ok((claim, lines))
}

fn tell(tx: &mut Tx<'_>, claim: &Claim, order: &Order) -> Result<()> {
    let answer_by = claim.due_at.ok_or_else(|| Error::internal("an open claim without a deadline"))?;
    let notice = Notice {
        to: Recipient::Producer(claim.producer_id),
        news: News::ClaimOpened { order_code: order.code.clone(), answer_by },
        object_id: claim.id.0,
        occasion: "",
    };
    notifications::tell(tx, &notice)?;
    let data = json!({"claim_id": claim.id, "order_id": claim.order_id, "kind": claim.kind, "wish": claim.wish,
                      "claimed_vnd": claim.claimed_vnd, "answer_by": answer_by});
    let event = Event {
        producer_id: Some(claim.producer_id),
        kind: EventType::ClaimOpened,
        object_id: claim.id.0,
        occasion: String::new(),
        data,
    };
    webhooks::emit(tx, &event)
}
