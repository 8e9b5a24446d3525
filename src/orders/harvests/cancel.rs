use serde_json::json;

use super::declare::{Promised, promised, refuse};
use super::model::HarvestAction;
use super::plan::must_allow;
use super::store::{self, Harvest};
use crate::kernel::{HarvestId, Result, Tx};
use crate::{audit, stock};

/// There will be no harvest: its orders end and all that was paid for them is owed back.
pub fn cancel(tx: &mut Tx<'_>, id: HarvestId) -> Result<Harvest> {
    let (harvest, next) = must_allow(tx, id, HarvestAction::Cancel)?;
    let Promised { lot, waiting } = promised(tx, &harvest)?;
    for one in &waiting {
        refuse(tx, &one.order)?;
    }
    stock::end_plan(tx, &harvest.plan(), &lot, None)?;
    let harvest = store::move_on(tx, &harvest, next, None)?;
    audit::write(tx, "harvest.cancelled", "harvest", id.0, json!({"orders": waiting.len()}))?;
    Ok(harvest)
}
