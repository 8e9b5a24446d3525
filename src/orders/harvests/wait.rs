use chrono::{DateTime, Utc};

use super::mind;
use super::store;
use crate::kernel::{Error, OrderId, Result, Tx};
use crate::orders::model::{Order, OrderEvent, Side};
use crate::orders::steps::{self, Step};
use crate::stock;

/// Orders of harvests that were just paid wait for them. In the payment's own transaction: a harvest that is declared
/// afterwards finds every paid order waiting.
pub fn wait<'a>(tx: &mut Tx<'_>, paid: impl Iterator<Item = &'a Order>) -> Result<()> {
    for order in paid {
        let step = Step { event: OrderEvent::WaitHarvest, reason: None, refund: None };
        steps::take(tx, order, Side::Platform, &step)?;
    }
    Ok(())
}

/// Until when an order waits for its harvest at the most.
pub fn waits_until(tx: &mut Tx<'_>, order_id: OrderId) -> Result<DateTime<Utc>> {
    let lot_id = stock::planned_lot(tx, order_id)?.ok_or_else(|| Error::internal("an order waits for no harvest"))?;
    mind::ends_at(&store::of_lot(tx, lot_id)?)
}
