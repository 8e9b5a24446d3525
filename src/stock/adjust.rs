use serde_json::json;

use super::lots::{self, Lot, NewLot};
use super::model::{Change, Level, MovementKind, ON_HAND_MAX, StockRefusal};
use super::{plans, store};
use crate::audit;
use crate::kernel::error::CommonProblem;
use crate::kernel::input::FaultCode;
use crate::kernel::time::vietnam_day;
use crate::kernel::{Audience, Error, LotId, ProducerId, ProductId, Result, Tx, VariantId};

/// Which lot a change is about.
#[derive(Clone)]
pub enum LotChoice {
    /// Nobody said.
    None,
    Known(LotId),
    /// What is on the label of goods that come in.
    Labelled(NewLot),
}

/// A difference with its reason. A difference, because the phone that sends it may have been offline while buyers
/// bought.
pub struct Adjustment<'a> {
    pub kind: MovementKind,
    pub delta: i32,
    pub lot: LotChoice,
    pub note: Option<&'a str>,
}

/// Changes the producer's own stock; answers with the lot that was named.
pub fn adjust(tx: &mut Tx<'_>, variant_id: VariantId, adjustment: &Adjustment<'_>) -> Result<(Level, Option<LotId>)> {
    tx.who.must(Audience::Producer)?;
    let producer_id = tx.who.producer_id.ok_or(CommonProblem::NotFound)?;
    let product_id = store::own_product(tx, producer_id, variant_id)?;
    // Lots are locked before levels.
    let lot = match &adjustment.lot {
        LotChoice::None => None,
        LotChoice::Known(id) => Some(known_lot(tx, (producer_id, product_id), variant_id, *id)?),
        LotChoice::Labelled(new) => Some(lots::open_or_find(tx, (producer_id, product_id), new, "/lot")?),
    };
    let (_, level) = store::lock_own(tx, producer_id, variant_id)?;
    plans::must_have_none(tx, variant_id)?;
    let Adjustment { kind, delta, note, .. } = *adjustment;
    let lot_id = lot.as_ref().map(|lot| lot.id);
    let change = Change { producer_id, variant_id, lot_id, kind, delta, note };
    let level = apply(tx, &change, lot.as_ref(), level)?;
    let detail = json!({"delta": delta, "kind": kind.as_str(), "lot_id": lot_id});
    audit::write(tx, "stock.adjusted", "variant", variant_id.0, detail)?;
    Ok((level, lot_id))
}

/// A lot of the variant's product, or the variant's undated one; any other is as good as none.
pub fn known_lot(
    tx: &mut Tx<'_>,
    (producer_id, product_id): (ProducerId, ProductId),
    variant_id: VariantId,
    id: LotId,
) -> Result<Lot> {
    let lot = lots::lock_own(tx, producer_id, id)?;
    let fits = |lot: &Lot| lot.product_id == product_id && (!lot.is_undated() || lot.id.0 == variant_id.0);
    lot.filter(fits).ok_or_else(|| Error::invalid("/lot_id", FaultCode::Unknown, "a lot of the variant's product"))
}

/// Writes a change of a locked level: nothing falls below what is held, nothing is added to what must not be sold.
pub fn apply(tx: &mut Tx<'_>, change: &Change<'_>, lot: Option<&Lot>, level: Level) -> Result<Level> {
    if change.delta > 0 {
        if let Some(lot) = lot {
            lot.must_take_goods(vietnam_day(tx.now))?;
        }
        if level.on_hand.saturating_add(change.delta) > ON_HAND_MAX {
            return Err(Error::from(StockRefusal::TooMuch).with("on_hand", level.on_hand));
        }
        return store::add(tx, change);
    }
    let there = match lot {
        Some(lot) => store::lot_level(tx, lot.id, change.variant_id)?,
        None => level,
    };
    if there.available().saturating_add(change.delta) < 0 {
        return Err(Error::from(StockRefusal::BelowReserved)
            .with("on_hand", there.on_hand)
            .with("reserved", there.reserved));
    }
    store::take(tx, change)
}
