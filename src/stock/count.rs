use serde_json::json;

use super::adjust::{apply, known_lot};
use super::model::{Change, Level, MovementKind, StockRefusal};
use super::plans;
use super::store::{self, Movement};
use super::views::MovementView;
use crate::audit;
use crate::kernel::error::CommonProblem;
use crate::kernel::{Audience, Error, LotId, Result, Tx, VariantId};

/// The newest movements that a refused count is told of.
const MOVEMENTS_MAX: i64 = 20;

/// What a producer counted, and what the phone showed when the count began: of the variant's stock, or of one lot.
pub struct Count<'a> {
    pub expected_on_hand: i32,
    pub counted: i32,
    pub lot_id: Option<LotId>,
    pub note: Option<&'a str>,
}

/// Sets the stock to what was counted, unless it has changed since the count began: then nothing is written and the
/// refusal says what happened meanwhile.
pub fn count(tx: &mut Tx<'_>, variant_id: VariantId, count: &Count<'_>) -> Result<Level> {
    tx.who.must(Audience::Producer)?;
    let producer_id = tx.who.producer_id.ok_or(CommonProblem::NotFound)?;
    let product_id = store::own_product(tx, producer_id, variant_id)?;
    let lot = match count.lot_id {
        Some(id) => Some(known_lot(tx, (producer_id, product_id), variant_id, id)?),
        None => None,
    };
    let (_, level) = store::lock_own(tx, producer_id, variant_id)?;
    plans::must_have_none(tx, variant_id)?;
    let there = match &lot {
        Some(lot) => store::lot_level(tx, lot.id, variant_id)?,
        None => level,
    };
    let (kind, delta) = (MovementKind::Counted, count.counted.saturating_sub(there.on_hand));
    let change = Change { producer_id, variant_id, lot_id: count.lot_id, kind, delta, note: count.note };
    if there.on_hand != count.expected_on_hand {
        return Err(changed(tx, &change, count.expected_on_hand, there)?);
    }
    let level = match delta {
        0 => store::record_count(tx, &change).map(|()| level)?,
        _ => apply(tx, &change, lot.as_ref(), level)?,
    };
    let detail = json!({"counted": count.counted, "delta": delta, "lot_id": count.lot_id});
    audit::write(tx, "stock.counted", "variant", variant_id.0, detail)?;
    Ok(level)
}

fn changed(tx: &mut Tx<'_>, change: &Change<'_>, expected: i32, there: Level) -> Result<Error> {
    let newest = store::movements(tx, (change.producer_id, change.variant_id), change.lot_id, None, MOVEMENTS_MAX)?;
    let since = since(newest, change.lot_id.is_some(), expected, there.on_hand);
    let views: Vec<MovementView> = since.into_iter().map(MovementView::from).collect();
    Ok(Error::from(StockRefusal::Changed)
        .with("on_hand", there.on_hand)
        .with("reserved", there.reserved)
        .with("movements", json!(views)))
}

/// The newest movements back to where the stock was as expected; all of them when it was not so lately.
fn since(newest: Vec<Movement>, is_of_lot: bool, expected: i32, mut on_hand: i32) -> Vec<Movement> {
    let mut since = Vec::new();
    for movement in newest {
        if on_hand == expected {
            break;
        }
        on_hand = on_hand.saturating_sub(if is_of_lot { movement.delta } else { movement.saleable_delta });
        since.push(movement);
    }
    since
}
