use serde_json::json;

use super::mark_paid::sale_of;
use super::model::{Order, OrderEvent, OrderRefusal, OrderStatus, Side};
use super::store;
use crate::insights::{self, Direction};
use crate::jobs::{self, Job};
use crate::kernel::error::CommonProblem;
use crate::kernel::{Audience, Error, OrderId, Result, Tx};
use crate::{audit, stock};

/// Something that one side does to its order. An event that the status does not allow is refused with the actions
/// that it does allow, and changes nothing.
pub fn move_order(tx: &mut Tx<'_>, side: Side, id: OrderId, event: OrderEvent, reason: Option<&str>) -> Result<Order> {
    let order = own_order(tx, side, id)?;
    let next = order.status.after(event).filter(|_| order.status.actions(side).contains(&event));
    let next = next.ok_or_else(|| illegal(&order, side))?;
    let moved = store::move_status(tx, &order, next, reason)?.ok_or_else(|| illegal(&order, side))?;
    store::record_events(tx, std::slice::from_ref(&moved), event, Some(order.status), reason)?;
    if order.status.is_sold() && matches!(next, OrderStatus::Cancelled | OrderStatus::Refused) {
        undo_sale(tx, &moved)?;
    }
    audit::write(
        tx,
        &format!("order.{event}"),
        "order",
        id.0,
        json!({"from": order.status.as_str(), "to": next.as_str()}),
    )?;
    Ok(moved)
}

/// The actor's own order, locked; anybody else's does not exist.
fn own_order(tx: &mut Tx<'_>, side: Side, id: OrderId) -> Result<Order> {
    match side {
        Side::Buyer => {
            let buyer_id = tx.who.must(Audience::Buyer)?;
            store::find_buyers_order(tx, buyer_id, id)?;
        }
        Side::Producer => {
            tx.who.must(Audience::Producer)?;
            let producer_id = tx.who.producer_id.ok_or(CommonProblem::NotFound)?;
            store::find_producers_order(tx, producer_id, id)?;
        }
    }
    store::lock_order(tx, id)
}

fn illegal(order: &Order, side: Side) -> Error {
    let actions: Vec<&str> = order.status.actions(side).into_iter().map(OrderEvent::as_str).collect();
    Error::from(OrderRefusal::IllegalAction)
        .with("current_status", order.status.as_str())
        .with("allowed_actions", actions)
}

/// Goods back into the stock, the sale out of its day's figures, the money owed to the buyer: in this transaction,
/// the last by a job, since payments stand above orders.
fn undo_sale(tx: &mut Tx<'_>, order: &Order) -> Result<()> {
    let lines = store::lines_of(tx, &[order.id])?;
    let sale = sale_of(order, &lines).ok_or_else(|| Error::internal("a sold order has no day of sale"))?;
    tx.as_platform(|tx| {
        stock::give_back(tx, order.id)?;
        insights::record(tx, std::slice::from_ref(&sale), Direction::Undone)
    })?;
    jobs::enqueue(tx, &Job::OweRefund { order_id: order.id.0 }, tx.now, Some(&format!("owe_refund:{}", order.id)))
}
