use super::claims;
use super::model::{Order, OrderEvent, RefundCause, Side};
use super::steps::{self, Step};
use super::store;
use crate::kernel::error::CommonProblem;
use crate::kernel::{Audience, OrderId, Result, Tx, Vnd};

/// Something that one side does to its order. An event that the status does not allow is refused with the actions
/// that it does allow, and changes nothing.
pub fn move_order(tx: &mut Tx<'_>, side: Side, id: OrderId, event: OrderEvent, reason: Option<&str>) -> Result<Order> {
    let order = own_order(tx, side, id)?;
    if !order.status.actions(side).contains(&event) {
        return Err(steps::illegal(&order, side));
    }
    // What comes back because of a claim is owed by the claim.
    let claimed = if event == OrderEvent::ReceiveReturn { claims::receive_return(tx, &order)? } else { None };
    let refund = claimed.map(|amount| (RefundCause::Claim, amount)).or_else(|| owed(&order, event));
    steps::take(tx, &order, side, &Step { event, reason, refund })
}

/// The actor's own order, locked; anybody else's does not exist.
pub fn own_order(tx: &mut Tx<'_>, side: Side, id: OrderId) -> Result<Order> {
    readable(tx, side, id)?;
    store::lock_order(tx, id)
}

/// The actor's own order as it is now; anybody else's does not exist.
pub fn readable(tx: &mut Tx<'_>, side: Side, id: OrderId) -> Result<Order> {
    match side {
        Side::Buyer => {
            let buyer_id = tx.who.must(Audience::Buyer)?;
            store::find_buyers_order(tx, buyer_id, id)
        }
        Side::Producer => {
            tx.who.must(Audience::Producer)?;
            let producer_id = tx.who.producer_id.ok_or(CommonProblem::NotFound)?;
            store::find_producers_order(tx, producer_id, id)
        }
        Side::Platform => {
            tx.who.must_be_platform()?;
            store::find_order(tx, id)
        }
    }
}

/// What is owed back when an order ends so: everything, but not the way of goods that went and came back.
fn owed(order: &Order, event: OrderEvent) -> Option<(RefundCause, Vnd)> {
    let rest = steps::rest(order);
    match event {
        OrderEvent::Cancel => Some((RefundCause::Cancelled, rest)),
        OrderEvent::Refuse => Some((RefundCause::Refused, rest)),
        OrderEvent::ReceiveReturn => {
            Some((RefundCause::NotDelivered, rest.minus(order.shipping_vnd).unwrap_or(Vnd::ZERO)))
        }
        _ => None,
    }
}
