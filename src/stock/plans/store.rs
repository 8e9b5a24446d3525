//! All SQL on planned lots; their levels are counted in `stock/store.rs`.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Integer, Timestamptz, Uuid as SqlUuid};
use schema::{lot_levels, lots, reservations};

use super::Plan;
use crate::kernel::{Error, EventId, LotId, OrderId, Result, Tx, VariantId};
use crate::stock::lots::LotStatus;
use crate::stock::model::ReservationStatus;

pub fn insert(tx: &mut Tx<'_>, plan: &Plan, sells: &RangeInclusive<NaiveDate>) -> Result<()> {
    diesel::insert_into(lots::table)
        .values((
            lots::id.eq(plan.lot_id),
            lots::producer_id.eq(plan.producer_id),
            lots::product_id.eq(plan.product_id),
            lots::status.eq(LotStatus::Open),
            lots::sells_from.eq(sells.start()),
            lots::sells_until.eq(sells.end()),
            lots::created_at.eq(tx.now),
            lots::updated_at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    Ok(())
}

pub fn is_planned(tx: &mut Tx<'_>, variant_id: VariantId) -> Result<bool> {
    let planned = lot_levels::table
        .inner_join(lots::table)
        .filter(lot_levels::variant_id.eq(variant_id))
        .filter(lots::sells_until.is_not_null());
    Ok(diesel::select(diesel::dsl::exists(planned)).get_result(tx.conn)?)
}

pub fn lot_of(tx: &mut Tx<'_>, order_id: OrderId) -> Result<Option<LotId>> {
    Ok(reservations::table
        .inner_join(lots::table.on(lots::id.eq(reservations::lot_id)))
        .filter(reservations::order_id.eq(order_id))
        .filter(lots::sells_until.is_not_null())
        .select(reservations::lot_id)
        .first(tx.conn)
        .optional()?)
}

pub fn wanted(tx: &mut Tx<'_>, lot_id: LotId) -> Result<Vec<(OrderId, i32)>> {
    Ok(reservations::table
        .filter(reservations::lot_id.eq(lot_id))
        .filter(reservations::status.eq(ReservationStatus::Consumed.as_str()))
        .order(reservations::order_id)
        .select((reservations::order_id, reservations::quantity))
        .load(tx.conn)?)
}

pub fn ordered(tx: &mut Tx<'_>, ids: &[LotId]) -> Result<HashMap<LotId, i32>> {
    let rows: Vec<(LotId, Option<i64>)> = reservations::table
        .filter(reservations::lot_id.eq_any(ids))
        .filter(reservations::status.eq(ReservationStatus::Consumed.as_str()))
        .group_by(reservations::lot_id)
        .select((reservations::lot_id, diesel::dsl::sum(reservations::quantity)))
        .load(tx.conn)?;
    // A planned lot has no more than its cap.
    Ok(rows.into_iter().map(|(id, sum)| (id, i32::try_from(sum.unwrap_or(0)).unwrap_or(i32::MAX))).collect())
}

pub fn free(tx: &mut Tx<'_>, ids: &[LotId]) -> Result<HashMap<LotId, i32>> {
    let rows: Vec<(LotId, i32, i32)> = lot_levels::table
        .filter(lot_levels::lot_id.eq_any(ids))
        .select((lot_levels::lot_id, lot_levels::on_hand, lot_levels::reserved))
        .load(tx.conn)?;
    Ok(rows.into_iter().map(|(id, on_hand, reserved)| (id, on_hand.saturating_sub(reserved))).collect())
}

pub fn set_last_day(tx: &mut Tx<'_>, id: LotId, last: NaiveDate) -> Result<()> {
    diesel::update(lots::table.find(id))
        .set((lots::sells_until.eq(last), lots::version.eq(lots::version + 1), lots::updated_at.eq(tx.now)))
        .execute(tx.conn)?;
    Ok(())
}

pub fn forget_days(tx: &mut Tx<'_>, id: LotId) -> Result<()> {
    let none: Option<NaiveDate> = None;
    diesel::update(lots::table.find(id))
        .set((lots::sells_from.eq(none), lots::sells_until.eq(none), lots::updated_at.eq(tx.now)))
        .execute(tx.conn)?;
    Ok(())
}

/// Takes this much out of what a paid order has of the lot; the order keeps some of it.
pub fn shorten(tx: &mut Tx<'_>, plan: &Plan, order_id: OrderId, missing: i32) -> Result<()> {
    let sql = "with less as ( \
           update reservations set quantity = quantity - $4 \
           where order_id = $1 and variant_id = $2 and lot_id = $3 and status = 'consumed' and quantity > $4 \
           returning producer_id), \
         moved as ( \
           insert into stock_movements (id, variant_id, lot_id, producer_id, kind, delta, saleable_delta, order_id, at) \
           select $6, $2, $3, producer_id, 'short', $4, $4, $1, $5 from less), \
         lot_back as ( \
           update lot_levels set on_hand = on_hand + $4 from less where lot_id = $3 and variant_id = $2) \
         update stock_levels set on_hand = on_hand + $4 from less where variant_id = $2";
    let changed = diesel::sql_query(sql)
        .bind::<SqlUuid, _>(order_id)
        .bind::<SqlUuid, _>(plan.variant_id)
        .bind::<SqlUuid, _>(plan.lot_id)
        .bind::<Integer, _>(missing)
        .bind::<Timestamptz, _>(tx.now)
        .bind::<SqlUuid, _>(EventId::generate())
        .execute(tx.conn)?;
    if changed == 1 { Ok(()) } else { Err(Error::internal("an order was not shortened")) }
}
