//! All SQL on planned lots; their levels are counted in `stock/store.rs`.

use std::ops::RangeInclusive;

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Integer, Timestamptz, Uuid as SqlUuid};
use schema::{lot_levels, lots};

use super::Plan;
use crate::kernel::{Error, EventId, LotId, OrderId, Result, Tx, VariantId};
use crate::stock::lots::LotStatus;

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
