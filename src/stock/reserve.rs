use std::collections::BTreeMap;

use serde_json::json;

use super::model::{Hold, StockRefusal};
use super::store;
use crate::kernel::{Error, OrderId, Result, Tx, VariantId};

/// Holds goods for orders: all of them, or none and a refusal that names what is available of each missing variant.
pub fn hold(tx: &mut Tx<'_>, holds: &[Hold]) -> Result<()> {
    let mut wanted: BTreeMap<VariantId, i32> = BTreeMap::new();
    for hold in holds {
        let sum = wanted.entry(hold.variant_id).or_insert(0);
        *sum = sum.saturating_add(hold.quantity);
    }
    let ids: Vec<VariantId> = wanted.keys().copied().collect();
    let levels = store::lock(tx, &ids)?;
    let missing: Vec<serde_json::Value> = wanted
        .iter()
        .filter_map(|(id, quantity)| {
            let available = levels.get(id).map_or(0, |level| level.available());
            (available < *quantity).then(|| json!({"variant_id": id, "wanted": quantity, "available": available}))
        })
        .collect();
    if !missing.is_empty() {
        return Err(Error::from(StockRefusal::NotEnough).with("lines", missing));
    }
    let wanted: Vec<(VariantId, i32)> = wanted.into_iter().collect();
    if store::raise_reserved(tx, &wanted)? != wanted.len() {
        return Err(Error::internal("locked stock changed under its lock"));
    }
    store::insert_reservations(tx, holds)
}

/// The orders were paid: what was held leaves the stock.
pub fn consume(tx: &mut Tx<'_>, orders: &[OrderId]) -> Result<()> {
    store::lock_reserved(tx, orders)?;
    store::consume_held(tx, orders).map(drop)
}

/// The orders ended unpaid: what was held is free again.
pub fn release(tx: &mut Tx<'_>, orders: &[OrderId]) -> Result<()> {
    store::lock_reserved(tx, orders)?;
    store::end_held(tx, orders).map(drop)
}

/// A paid order was cancelled before it left: its goods are back in the stock.
pub fn give_back(tx: &mut Tx<'_>, order_id: OrderId) -> Result<()> {
    store::lock_reserved(tx, &[order_id])?;
    store::return_consumed(tx, &[order_id]).map(drop)
}
