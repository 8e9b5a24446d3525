use super::model::{OrderEvent, OrderStatus, RefundCause, Side};
use super::steps::{self, Step};
use super::store;
use crate::kernel::{OrderId, Result, Tx};

/// A status has lasted as long as it may: who did not answer loses the order, who did not claim has received it. Too
/// early, or after somebody acted, nothing changes.
pub fn end_wait(tx: &mut Tx<'_>, id: OrderId) -> Result<()> {
    tx.who.must_be_platform()?;
    let order = store::lock_order(tx, id)?;
    if order.due_at.is_none_or(|due_at| due_at > tx.now) {
        return Ok(());
    }
    let rest = steps::rest(&order);
    let (event, refund) = match order.status {
        OrderStatus::Paid | OrderStatus::Confirmed | OrderStatus::WaitingHarvest => {
            (OrderEvent::GiveUp, Some((RefundCause::NotAnswered, rest)))
        }
        OrderStatus::WeightInQuestion => (OrderEvent::GiveUp, Some((RefundCause::WeightNotDecided, rest))),
        OrderStatus::Delivered => (OrderEvent::Complete, None),
        _ => return Ok(()),
    };
    steps::take(tx, &order, Side::Platform, &Step { event, reason: None, refund }).map(drop)
}
