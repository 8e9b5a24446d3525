use super::model::{Order, OrderEvent, OrderRefusal, RefundCause, Side, Way};
use super::steps::{self, Step};
use super::{claims, parcels, pick_up, store};
use crate::kernel::error::CommonProblem;
use crate::kernel::{Audience, Error, OrderId, Result, Tx, Vnd};

/// Something that one side does to its order. An event that the status does not allow is refused with the actions
/// that it does allow, and changes nothing.
pub fn move_order(tx: &mut Tx<'_>, side: Side, id: OrderId, event: OrderEvent, reason: Option<&str>) -> Result<Order> {
    let order = own_order(tx, side, id)?;
    allowed(tx, &order, side, event)?;
    let order = if event == OrderEvent::MakeReady { pick_up::with_code(tx, order)? } else { order };
    // What comes back because of a claim is owed by the claim.
    let claimed = if event == OrderEvent::ReceiveReturn { claims::receive_return(tx, &order)? } else { None };
    let refund = claimed.map(|amount| (RefundCause::Claim, amount)).or_else(|| owed(&order, event));
    let moved = steps::take(tx, &order, side, &Step { event, reason, refund })?;
    if event == OrderEvent::HandOver {
        parcels::send(tx, &moved)?;
    }
    parcels::bring_along(tx, &moved, side, event)?;
    Ok(moved)
}

/// Whether this side may cause this event now: by the order's status, and by the way its goods come.
pub fn allowed(tx: &mut Tx<'_>, order: &Order, side: Side, event: OrderEvent) -> Result<()> {
    let told = parcels::told_by_carrier(tx, std::slice::from_ref(order))?;
    let way = parcels::way_of(order, &told);
    let actions = order.actions(side, way);
    if actions.contains(&event) {
        return Ok(());
    }
    let would_be_known = order.status.after(event).is_some() && event.sides().contains(&side);
    let is_told = order.is_uncollected() && matches!(event, OrderEvent::Deliver | OrderEvent::ConfirmReceipt);
    let is_told = is_told || (way == Way::Carried && !way.has(side, event) && event != OrderEvent::MakeReady);
    let is_carriers = would_be_known && is_told;
    let refusal = if is_carriers { OrderRefusal::CarrierTells } else { OrderRefusal::IllegalAction };
    let actions: Vec<&str> = actions.into_iter().map(OrderEvent::as_str).collect();
    Err(Error::from(refusal).with("current_status", order.status.as_str()).with("allowed_actions", actions))
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

/// What is owed back when an order ends so: everything, but not the way of goods that went and came back, unless nobody
/// has paid for it.
pub fn owed(order: &Order, event: OrderEvent) -> Option<(RefundCause, Vnd)> {
    let rest = steps::rest(order);
    match event {
        OrderEvent::Cancel => Some((RefundCause::Cancelled, rest)),
        OrderEvent::Refuse => Some((RefundCause::Refused, rest)),
        OrderEvent::ReceiveReturn if order.is_uncollected() => Some((RefundCause::NotDelivered, rest)),
        OrderEvent::ReceiveReturn => {
            Some((RefundCause::NotDelivered, rest.minus(order.shipping_vnd).unwrap_or(Vnd::ZERO)))
        }
        _ => None,
    }
}
