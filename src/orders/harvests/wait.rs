use chrono::{DateTime, Utc};

use super::mind;
use super::store;
use crate::kernel::{Error, OrderId, Result, Tx};
use crate::orders::model::{Order, OrderEvent, Side};
use crate::orders::steps::{self, Step};
use crate::stock;

/// Of orders that were just paid, those of a harvest wait for it. In the payment's own transaction: a harvest that is
/// declared afterwards finds every paid order waiting.
pub fn wait(tx: &mut Tx<'_>, paid: &[Order]) -> Result<()> {
    let ids: Vec<OrderId> = paid.iter().map(|order| order.id).collect();
    let planned = stock::planned_orders(tx, &ids)?;
    for order in paid.iter().filter(|order| planned.iter().any(|(id, _)| *id == order.id)) {
        let step = Step { event: OrderEvent::WaitHarvest, reason: None, refund: None };
        steps::take(tx, order, Side::Platform, &step)?;
    }
    Ok(())
}

/// Until when an order waits for its harvest at the most.
pub fn waits_until(tx: &mut Tx<'_>, order_id: OrderId) -> Result<DateTime<Utc>> {
    let planned = stock::planned_orders(tx, &[order_id])?;
    let (_, lot_id) = planned.first().ok_or_else(|| Error::internal("an order waits for no harvest"))?;
    mind::ends_at(&store::of_lot(tx, *lot_id)?)
}
