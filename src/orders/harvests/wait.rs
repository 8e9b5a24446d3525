use super::store;
use crate::kernel::{OrderId, Result, Tx};
use crate::orders::model::{Order, OrderEvent, Side};
use crate::orders::steps::{self, Step};

/// Of orders that were just paid, those of a harvest wait for it. In the payment's own transaction: a harvest that is
/// declared afterwards finds every paid order waiting.
pub fn wait(tx: &mut Tx<'_>, paid: &[Order]) -> Result<()> {
    let ids: Vec<OrderId> = paid.iter().map(|order| order.id).collect();
    let waiting = store::orders_of_live(tx, &ids)?;
    for order in paid.iter().filter(|order| waiting.contains(&order.id)) {
        let step = Step { event: OrderEvent::WaitHarvest, reason: None, refund: None };
        steps::take(tx, order, Side::Platform, &step)?;
    }
    Ok(())
}
