use serde_json::json;

use super::allot::allot;
use super::store;
use crate::kernel::time::vietnam_day;
use crate::kernel::{Error, OrderId, Result, Tx, VariantId};
use crate::stock::model::{Hold, Shortage, StockRefusal};
use crate::stock::store::lock;

/// What was held for orders.
pub struct Held {
    /// Variants of which goods of a harvest that is to come were held.
    pub planned: Vec<VariantId>,
}

/// Holds goods for orders: all of them, or none and a refusal that names what is available of each missing variant.
/// They come from the lots that expire first, and from none whose last day is over; while a harvest is planned, only
/// from it and only on the days on which it is sold.
pub fn hold(tx: &mut Tx<'_>, holds: &[Hold]) -> Result<Held> {
    let mut ids: Vec<VariantId> = holds.iter().map(|hold| hold.variant_id).collect();
    ids.sort_unstable();
    ids.dedup();
    lock(tx, &ids)?;
    let today = vietnam_day(tx.now);
    let free = store::free_lots(tx, &ids, today)?;
    match allot(holds, &free) {
        Ok(parts) => {
            store::hold(tx, &parts)?;
            let mut planned: Vec<VariantId> = free.iter().filter(|f| f.is_planned).map(|f| f.variant_id).collect();
            planned.dedup();
            Ok(Held { planned })
        }
        Err(short) => {
            let lines: Vec<serde_json::Value> = short.iter().map(line).collect();
            Err(Error::from(StockRefusal::NotEnough).with("lines", lines))
        }
    }
}

fn line(short: &Shortage) -> serde_json::Value {
    let Shortage { variant_id, wanted, available } = short;
    json!({"variant_id": variant_id, "wanted": wanted, "available": available})
}

/// The orders were paid: what was held leaves the stock, also of lots that may not be sold any more. Returns those whose
/// goods are of planned lots.
pub fn consume(tx: &mut Tx<'_>, orders: &[OrderId]) -> Result<Vec<OrderId>> {
    store::lock_reserved(tx, orders)?;
    store::consume_held(tx, orders)
}

/// The orders ended unpaid: what was held is free again.
pub fn release(tx: &mut Tx<'_>, orders: &[OrderId]) -> Result<()> {
    store::lock_reserved(tx, orders)?;
    store::end_held(tx, orders).map(drop)
}

/// A paid order was cancelled before it left: its goods are back in their lots, once. What belongs to a lot that may
/// not be sold any more is there, but not for sale.
pub fn give_back(tx: &mut Tx<'_>, order_id: OrderId) -> Result<()> {
    store::lock_reserved(tx, &[order_id])?;
    store::return_consumed(tx, &[order_id]).map(drop)
}
