use std::collections::HashMap;

use serde_json::json;

use super::model::{HarvestRefusal, HarvestStatus};
use super::store::{self, Harvest};
use crate::kernel::time::vietnam_day;
use crate::kernel::{Error, ProducerId, Result, Tx, VariantId};
use crate::orders::items::Item;
use crate::orders::quotes::{Part, QuoteRefusal};
use crate::stock::Held;

/// The harvest that each producer's goods are of, if any. Refused, with the lines, are goods of a harvest that takes
/// no orders now, and those that stand beside other goods of their producer: one order waits for one harvest.
pub fn of_items(tx: &mut Tx<'_>, items: &[Item]) -> Result<HashMap<ProducerId, Harvest>> {
    let ids: Vec<VariantId> = items.iter().map(|item| item.goods.variant_id).collect();
    let live = store::live(tx, &ids)?;
    let today = vietnam_day(tx.now);
    let is_sold = |harvest: &&Harvest| {
        harvest.status == HarvestStatus::Open && (harvest.orders_from..=harvest.orders_until).contains(&today)
    };
    let unsold = live.iter().filter(|harvest| !is_sold(harvest)).map(|harvest| {
        json!({"variant_id": harvest.variant_id, "orders_from": harvest.orders_from, "orders_until": harvest.orders_until})
    });
    let unsold: Vec<serde_json::Value> = unsold.collect();
    if !unsold.is_empty() {
        return Err(Error::from(HarvestRefusal::NotOpen).with("lines", unsold));
    }
    let is_alone = |harvest: &&Harvest| {
        items.iter().filter(|item| item.goods.producer_id == harvest.producer_id).take(2).count() == 1
    };
    let mixed: Vec<serde_json::Value> = live
        .iter()
        .filter(|harvest| !is_alone(harvest))
        .map(|harvest| json!({"variant_id": harvest.variant_id}))
        .collect();
    if !mixed.is_empty() {
        return Err(Error::from(HarvestRefusal::Mixed).with("lines", mixed));
    }
    Ok(live.into_iter().map(|harvest| (harvest.producer_id, harvest)).collect())
}

/// What is held is of the harvests that the quote showed, and of no other. The goods are locked.
pub fn as_shown(tx: &mut Tx<'_>, held: &Held, parts: &[Part]) -> Result<()> {
    let mut shown: Vec<uuid::Uuid> = parts.iter().filter_map(|part| part.harvest_id).collect();
    if held.planned.is_empty() && shown.is_empty() {
        return Ok(());
    }
    let mut now: Vec<uuid::Uuid> = store::live(tx, &held.planned)?.into_iter().map(|harvest| harvest.id.0).collect();
    now.sort_unstable();
    shown.sort_unstable();
    if now == shown { Ok(()) } else { Err(QuoteRefusal::Expired.into()) }
}
