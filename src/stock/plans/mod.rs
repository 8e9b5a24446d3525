//! Lots of harvests that are still to come.
//!
//! A planned lot has no label yet. It holds what is expected, so that it is sold, held and given back like any other;
//! while there is one, nothing else of its variant is sold and nobody counts or adjusts. When the harvest is in, what
//! was expected leaves it and what is really left over comes in.

mod store;

use std::collections::HashMap;
use std::ops::RangeInclusive;

use chrono::NaiveDate;

use super::lots::{self, Lot, NewLot};
use super::model::{Change, Level, MovementKind, ON_HAND_MAX, StockRefusal};
use super::store as levels;
use crate::kernel::error::CommonProblem;
use crate::kernel::{Error, LotId, OrderId, ProducerId, ProductId, Result, Tx, VariantId};

/// A planned lot and whose it is.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    pub producer_id: ProducerId,
    pub product_id: ProductId,
    pub variant_id: VariantId,
    pub lot_id: LotId,
}

/// Opens the lot of a harvest to come, of which as much is sold as is expected. The variant must have no stock.
pub fn open(
    tx: &mut Tx<'_>,
    (producer_id, variant_id): (ProducerId, VariantId),
    expected: i32,
    sells: RangeInclusive<NaiveDate>,
) -> Result<Plan> {
    let (product_id, level) = levels::lock_own(tx, producer_id, variant_id)?;
    must_have_none(tx, variant_id)?;
    if level.on_hand > 0 {
        return Err(Error::from(StockRefusal::NotEmpty).with("on_hand", level.on_hand));
    }
    let plan = Plan { producer_id, product_id, variant_id, lot_id: LotId::generate() };
    store::insert(tx, &plan, &sells)?;
    levels::add(tx, &change(&plan, MovementKind::Planned, expected))?;
    Ok(plan)
}

/// Nothing more is sold of it after this day.
pub fn stop(tx: &mut Tx<'_>, plan: &Plan, last: NaiveDate) -> Result<()> {
    lock(tx, plan)?;
    store::set_last_day(tx, plan.lot_id, last)
}

/// Locks a planned lot and then its level: what there is of it, and what unpaid checkouts hold.
pub fn lock(tx: &mut Tx<'_>, plan: &Plan) -> Result<(Lot, Level)> {
    let lot = lots::lock_own(tx, plan.producer_id, plan.lot_id)?.ok_or(CommonProblem::NotFound)?;
    levels::lock_own(tx, plan.producer_id, plan.variant_id)?;
    let level = levels::lot_level(tx, plan.lot_id, plan.variant_id)?;
    Ok((lot, level))
}

/// Of what a paid order has of a locked plan, this much was not harvested: it is as if it had not been sold.
pub fn shorten(tx: &mut Tx<'_>, plan: &Plan, order_id: OrderId, missing: i32) -> Result<()> {
    store::shorten(tx, plan, order_id, missing)
}

/// The harvest is in, or will never be: what is left of the plan goes, and what is left of the harvest comes, as a lot
/// with this label. The plan is locked and nothing of it is held.
pub fn end(tx: &mut Tx<'_>, plan: &Plan, lot: &Lot, harvest: Option<(&NewLot, i32)>) -> Result<()> {
    let there = levels::lot_level(tx, plan.lot_id, plan.variant_id)?.on_hand;
    if there > 0 {
        levels::take(tx, &change(plan, MovementKind::Planned, there.saturating_neg()))?;
    }
    if let Some((label, left)) = harvest {
        lots::label(tx, lot, label, "/lot")?;
        if left > 0 {
            let on_hand = levels::own_level(tx, plan.producer_id, plan.variant_id)?.on_hand;
            if on_hand.saturating_add(left) > ON_HAND_MAX {
                return Err(Error::from(StockRefusal::TooMuch).with("on_hand", on_hand));
            }
            levels::add(tx, &change(plan, MovementKind::Harvested, left))?;
        }
    }
    store::forget_days(tx, plan.lot_id)
}

/// The planned lot that an order has goods of, if any.
pub fn lot_of(tx: &mut Tx<'_>, order_id: OrderId) -> Result<Option<LotId>> {
    store::lot_of(tx, order_id)
}

/// What paid orders have of a lot, in the order of their ids.
pub fn wanted(tx: &mut Tx<'_>, plan: &Plan) -> Result<Vec<(OrderId, i32)>> {
    store::wanted(tx, plan.lot_id)
}

/// How much paid orders have of each of these lots; none of those that are not in the answer.
pub fn ordered(tx: &mut Tx<'_>, lots: &[LotId]) -> Result<HashMap<LotId, i32>> {
    store::ordered(tx, lots)
}

/// How much of each of these lots nobody has bought or holds.
pub fn free(tx: &mut Tx<'_>, lots: &[LotId]) -> Result<HashMap<LotId, i32>> {
    store::free(tx, lots)
}

/// A variant that is sold against a planned harvest has no stock that could be counted.
pub fn must_have_none(tx: &mut Tx<'_>, variant_id: VariantId) -> Result<()> {
    if store::is_planned(tx, variant_id)? { Err(StockRefusal::HarvestPlanned.into()) } else { Ok(()) }
}

fn change(plan: &Plan, kind: MovementKind, delta: i32) -> Change<'static> {
    let Plan { producer_id, variant_id, lot_id, .. } = *plan;
    Change { producer_id, variant_id, lot_id: Some(lot_id), kind, delta, note: None }
}
