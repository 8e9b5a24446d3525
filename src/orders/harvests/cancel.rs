use std::collections::HashMap;

use serde_json::json;

use super::declare::{Promised, promised, refuse};
use super::model::{HarvestAction, HarvestStatus};
use super::plan::must_allow;
use super::store::{self, Harvest};
use crate::kernel::{Error, HarvestId, OrderId, Result, Tx};
use crate::orders::OrderLine;
use crate::{audit, orders, stock};

/// There will be no harvest: its orders end and all that was paid for them is owed back.
pub fn cancel(tx: &mut Tx<'_>, id: HarvestId) -> Result<Harvest> {
    let harvest = must_allow(tx, id, HarvestAction::Cancel)?;
    let Promised { lot, waiting } = promised(tx, &harvest)?;
    let ids: Vec<OrderId> = waiting.iter().map(|(order, _)| order.id).collect();
    let lines = orders::lines_of(tx, &ids)?;
    let lines: HashMap<OrderId, &OrderLine> = lines.iter().map(|line| (line.order_id, line)).collect();
    for (order, _) in &waiting {
        let line = lines.get(&order.id).ok_or_else(|| Error::internal("an order without a line"))?;
        refuse(tx, &harvest, (order, line))?;
    }
    stock::end_plan(tx, &harvest.plan(), &lot, None)?;
    let harvest = store::set_status(tx, &harvest, HarvestStatus::Cancelled, None)?;
    audit::write(tx, "harvest.cancelled", "harvest", id.0, json!({"orders": ids.len()}))?;
    Ok(harvest)
}
