use serde_json::json;

use super::model::{Level, MovementKind, StockRefusal};
use super::store;
use crate::audit;
use crate::kernel::error::CommonProblem;
use crate::kernel::{Audience, Error, Result, Tx, VariantId};

/// Changes the producer's own stock by a difference with a reason. A difference, because the phone that sends it may
/// have been offline while buyers bought.
pub fn adjust(
    tx: &mut Tx<'_>,
    variant_id: VariantId,
    kind: MovementKind,
    delta: i32,
    note: Option<&str>,
) -> Result<Level> {
    tx.who.must(Audience::Producer)?;
    let producer_id = tx.who.producer_id.ok_or(CommonProblem::NotFound)?;
    let before = store::own_level(tx, producer_id, variant_id)?;
    let Some(level) = store::add(tx, producer_id, variant_id, delta)? else {
        return Err(Error::from(StockRefusal::BelowReserved)
            .with("on_hand", before.on_hand)
            .with("reserved", before.reserved));
    };
    store::move_stock(tx, (producer_id, variant_id), kind, delta, note)?;
    audit::write(tx, "stock.adjusted", "variant", variant_id.0, json!({"delta": delta, "kind": kind.as_str()}))?;
    Ok(level)
}
