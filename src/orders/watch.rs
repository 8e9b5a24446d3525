use super::model::{Order, OrderStatus, Terms};
use super::{news, remind, store};
use crate::jobs::{self, Job};
use crate::kernel::{CheckoutId, Result, Tx, Vnd};
use crate::vouchers;

/// The orders of a checkout were sold: from now on each waits for its producer's answer, who is told, and not for ever.
/// Whoever was faster than this job is not told of what he has answered already.
pub fn watch(tx: &mut Tx<'_>, checkout_id: CheckoutId) -> Result<()> {
    tx.who.must_be_platform()?;
    vouchers::tell_spent_out(tx, checkout_id)?;
    for order in store::orders_of(tx, checkout_id)? {
        // Who waits for a harvest has his deadline from that move.
        if let Some(due_at) = order.due_at.filter(|_| order.status != OrderStatus::WaitingHarvest) {
            jobs::enqueue(tx, &Job::EndWait { order_id: order.id.0 }, due_at, None)?;
        }
        let sold = if order.terms == Terms::OnDelivery { OrderStatus::Confirmed } else { OrderStatus::Paid };
        if order.status == sold {
            news::spread(tx, &order, Vnd::ZERO)?;
            remind::plan(tx, &order, 1)?;
        } else if order.paid_at.is_some() {
            news::emit(tx, &Order { status: sold, status_reason: None, ..order })?;
        }
    }
    Ok(())
}
