//! How an order moves: the one function that everybody's operations end in.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::got_lines::got_lines;
use super::mark_paid::sale_of;
use super::model::{Order, OrderEvent, OrderRefusal, OrderStatus, RefundCause, Side, Terms, Way};
use super::store::{self, Change};
use super::{books, harvests, items, news};
use crate::insights::{self, Direction};
use crate::jobs::{self, Job};
use crate::kernel::{Error, RefundId, Result, Tx, Vnd};
use crate::{audit, stock, vouchers};

/// How long a producer has to answer a paid order.
pub const ANSWER_WITHIN: TimeDelta = TimeDelta::hours(24);
/// How long a buyer has to decide on a smaller weight.
const WEIGHT_DECISION_WITHIN: TimeDelta = TimeDelta::hours(12);
/// How long a buyer can claim after delivery when the goods keep, and when they do not; the contract says the same.
const CLAIM_WITHIN: TimeDelta = TimeDelta::hours(72);
const CLAIM_FRESH_WITHIN: TimeDelta = TimeDelta::hours(24);

/// What happens to an order, and what follows from it.
#[derive(Debug, Clone, Copy)]
pub struct Step<'a> {
    pub event: OrderEvent,
    /// What the other side is told.
    pub reason: Option<&'a str>,
    /// What is owed back with it.
    pub refund: Option<(RefundCause, Vnd)>,
}

/// Moves a locked order by one event with all that follows: its step in the history, what is owed back, its goods,
/// its sale in the figures and the end of its new status, all in this transaction. An event that the status does not
/// know is refused with what the side could do instead, and changes nothing.
pub fn take(tx: &mut Tx<'_>, order: &Order, side: Side, step: &Step<'_>) -> Result<Order> {
    let next = order.status.after(step.event).ok_or_else(|| illegal(order, side))?;
    let refund = step.refund.filter(|(_, amount)| *amount != Vnd::ZERO);
    let owed = order.refunded_vnd.plus(refund.map_or(Vnd::ZERO, |(_, amount)| amount));
    let change = Change {
        status: next,
        reason: step.reason,
        refunded: owed.filter(|owed| *owed <= order.total_vnd).ok_or_else(|| Error::internal("more owed than paid"))?,
        due_at: ends_at(tx, order, next)?,
    };
    let moved = store::move_status(tx, order, &change)?.ok_or_else(|| illegal(order, side))?;
    store::record_events(tx, std::slice::from_ref(&moved), step.event, Some(order.status), step.reason)?;
    follow(tx, order.status, &moved, refund)?;
    let detail = json!({"from": order.status.as_str(), "to": next.as_str()});
    audit::write(tx, &format!("order.{}", step.event), "order", moved.id.0, detail)?;
    Ok(moved)
}

/// When the status that an order just reaches ends by itself. What does not keep is claimed within hours, and nobody waits
/// for ever for a harvest.
fn ends_at(tx: &mut Tx<'_>, order: &Order, next: OrderStatus) -> Result<Option<DateTime<Utc>>> {
    match next {
        OrderStatus::Delivered => {}
        OrderStatus::WaitingHarvest => return harvests::waits_until(tx, order.id).map(Some),
        _ => return Ok(due_at(next, tx.now)),
    }
    let lines = store::lines_of(tx, &[order.id])?;
    let is_fresh = lines.iter().any(|line| items::is_fresh(line.transport_class));
    Ok(Some(tx.now + if is_fresh { CLAIM_FRESH_WITHIN } else { CLAIM_WITHIN }))
}

/// When a status that was just reached ends by itself, whatever the goods are.
pub fn due_at(status: OrderStatus, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    match status {
        OrderStatus::Paid | OrderStatus::Confirmed => Some(now + ANSWER_WITHIN),
        OrderStatus::WeightInQuestion => Some(now + WEIGHT_DECISION_WITHIN),
        _ => None,
    }
}

/// The platform's part of a move, which the actor causes but may not do by itself. Payments stand above orders, so
/// the money is news to them.
fn follow(tx: &mut Tx<'_>, before: OrderStatus, moved: &Order, refund: Option<(RefundCause, Vnd)>) -> Result<()> {
    if let Some(due_at) = moved.due_at {
        jobs::enqueue(tx, &Job::EndWait { order_id: moved.id.0 }, due_at, None)?;
    }
    let owed_back = refund.filter(|_| !moved.is_uncollected()).map_or(Vnd::ZERO, |(_, amount)| amount);
    news::spread(tx, moved, owed_back)?;
    let was_undone = before.is_sold() && !moved.status.is_sold();
    let goods_are_back = before.is_sold() && moved.status.gives_goods_back();
    let refund = match refund {
        Some((cause, amount)) => tx.as_platform(|tx| owe(tx, moved, cause, amount))?.map(|id| (id, amount)),
        None => None,
    };
    if was_undone || goods_are_back {
        tx.as_platform(|tx| undo(tx, moved, (was_undone, goods_are_back)))?;
    }
    if moved.status == OrderStatus::Delivered && moved.terms == Terms::OnDelivery {
        books::collected(tx, moved)?;
    }
    if let Some(owed) = refund {
        books::owed_back(tx, moved, before.has_ended(), owed)?;
    }
    if moved.paid_at.is_some() && moved.status.has_ended() { books::ended(tx, moved) } else { Ok(()) }
}

/// What nobody has paid yet is let off instead: it is written down, and no money moves.
fn owe(tx: &mut Tx<'_>, moved: &Order, cause: RefundCause, amount: Vnd) -> Result<Option<RefundId>> {
    let refund_id = store::insert_refund(tx, moved, cause, amount)?;
    if moved.is_uncollected() {
        return Ok(None);
    }
    jobs::enqueue(tx, &Job::OweRefund { refund_id: refund_id.0 }, tx.now, None)?;
    Ok(Some(refund_id))
}

fn undo(tx: &mut Tx<'_>, moved: &Order, (was_undone, goods_are_back): (bool, bool)) -> Result<()> {
    if goods_are_back {
        stock::give_back(tx, moved.id)?;
    }
    if was_undone {
        let got = got_lines(tx, &[moved.id])?;
        let sale = sale_of(moved, &got).ok_or_else(|| Error::internal("a sold order has no day of sale"))?;
        insights::record(tx, std::slice::from_ref(&sale), Direction::Undone)?;
        vouchers::give_back_share(tx, moved.checkout_id, moved.producer_id)?;
    }
    Ok(())
}

pub fn illegal(order: &Order, side: Side) -> Error {
    let actions: Vec<&str> =
        order.actions(side, Way::of(&order.delivery_code)).into_iter().map(OrderEvent::as_str).collect();
    Error::from(OrderRefusal::IllegalAction)
        .with("current_status", order.status.as_str())
        .with("allowed_actions", actions)
}

/// What is left to owe when an order ends without its goods.
pub fn rest(order: &Order) -> Vnd {
    order.total_vnd.minus(order.refunded_vnd).unwrap_or(Vnd::ZERO)
}
