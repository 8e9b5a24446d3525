use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use schema::{harvests, order_shortfalls, orders, reservations};

use super::model::{HarvestStatus, ShortfallRule};
use super::shortfall::Want;
use crate::kernel::error::OnConstraint;
use crate::kernel::sql::Prepare;
use crate::kernel::{HarvestId, LotId, OrderId, ProducerId, ProductId, Result, Tx, VariantId, Vnd};
use crate::orders::model::{Order, OrderStatus};
use crate::stock::{Plan, ReservationStatus, StockRefusal};

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = harvests)]
pub struct Harvest {
    pub id: HarvestId,
    pub producer_id: ProducerId,
    pub product_id: ProductId,
    pub variant_id: VariantId,
    pub lot_id: LotId,
    /// Sale units that can be bought.
    pub expected: i32,
    pub orders_from: NaiveDate,
    pub orders_until: NaiveDate,
    pub harvest_from: NaiveDate,
    pub harvest_until: NaiveDate,
    pub ships_from: NaiveDate,
    pub ships_until: NaiveDate,
    pub shortfall_rule: ShortfallRule,
    pub status: HarvestStatus,
    pub harvested: Option<i32>,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl Harvest {
    pub fn plan(&self) -> Plan {
        let Self { producer_id, product_id, variant_id, lot_id, .. } = *self;
        Plan { producer_id, product_id, variant_id, lot_id }
    }
}

pub fn insert(tx: &mut Tx<'_>, harvest: &Harvest) -> Result<()> {
    diesel::insert_into(harvests::table)
        .values(harvest)
        .execute(tx.conn)
        .map(drop)
        .on_constraint("harvests_live_key", StockRefusal::HarvestPlanned)
}

pub fn find_own(tx: &mut Tx<'_>, producer_id: ProducerId, id: HarvestId) -> Result<Harvest> {
    Ok(harvests::table
        .find(id)
        .filter(harvests::producer_id.eq(producer_id))
        .select(Harvest::as_select())
        .first(tx.conn)?)
}

/// The producer's own harvest, which nobody else changes until the transaction ends.
pub fn lock_own(tx: &mut Tx<'_>, producer_id: ProducerId, id: HarvestId) -> Result<Harvest> {
    Ok(harvests::table
        .find(id)
        .filter(harvests::producer_id.eq(producer_id))
        .select(Harvest::as_select())
        .for_no_key_update()
        .first(tx.conn)?)
}

/// The newest first, one more than the page holds.
pub fn list(
    tx: &mut Tx<'_>,
    producer_id: ProducerId,
    status: Option<HarvestStatus>,
    before: Option<HarvestId>,
    rows: i64,
) -> Result<Vec<Harvest>> {
    let mut query =
        harvests::table.filter(harvests::producer_id.eq(producer_id)).select(Harvest::as_select()).into_boxed();
    if let Some(status) = status {
        query = query.filter(harvests::status.eq(status));
    }
    if let Some(before) = before {
        query = query.filter(harvests::id.lt(before));
    }
    Ok(query.order(harvests::id.desc()).limit(rows).load(tx.conn)?)
}

/// The harvests against which these variants are sold now or are still to be delivered.
pub fn live(tx: &mut Tx<'_>, variants: &[VariantId]) -> Result<Vec<Harvest>> {
    let live = [HarvestStatus::Open, HarvestStatus::Closed];
    Ok(harvests::table
        .filter(harvests::variant_id.eq_any(variants))
        .filter(harvests::status.eq_any(live))
        .order(harvests::variant_id)
        .select(Harvest::as_select())
        .prepared()
        .load(tx.conn)?)
}

pub fn set_status(
    tx: &mut Tx<'_>,
    harvest: &Harvest,
    status: HarvestStatus,
    harvested: Option<i32>,
) -> Result<Harvest> {
    Ok(diesel::update(harvests::table.find(harvest.id))
        .set((
            harvests::status.eq(status),
            harvests::harvested.eq(harvested),
            harvests::version.eq(harvests::version + 1),
            harvests::updated_at.eq(tx.now),
        ))
        .returning(Harvest::as_returning())
        .get_result(tx.conn)?)
}

/// Which of these orders have goods of a harvest that is still to come.
pub fn orders_of_live(tx: &mut Tx<'_>, ids: &[OrderId]) -> Result<Vec<OrderId>> {
    let live = [HarvestStatus::Open, HarvestStatus::Closed];
    Ok(reservations::table
        .inner_join(harvests::table.on(harvests::lot_id.eq(reservations::lot_id)))
        .filter(reservations::order_id.eq_any(ids))
        .filter(harvests::status.eq_any(live))
        .select(reservations::order_id)
        .distinct()
        .prepared()
        .load(tx.conn)?)
}

/// Locks the orders that wait for a harvest, in id order.
pub fn lock_waiting(tx: &mut Tx<'_>, harvest: &Harvest) -> Result<Vec<Order>> {
    let of_lot = reservations::table.filter(reservations::lot_id.eq(harvest.lot_id)).select(reservations::order_id);
    Ok(orders::table
        .filter(orders::id.eq_any(of_lot))
        .filter(orders::status.eq(OrderStatus::WaitingHarvest))
        .order(orders::id)
        .select(Order::as_select())
        .for_update()
        .load(tx.conn)?)
}

/// What paid orders have of a harvest's lot, in the order of their ids.
pub fn wants(tx: &mut Tx<'_>, harvest: &Harvest) -> Result<Vec<Want>> {
    let rows: Vec<(OrderId, i32, Option<DateTime<Utc>>)> = reservations::table
        .inner_join(orders::table)
        .filter(reservations::lot_id.eq(harvest.lot_id))
        .filter(reservations::status.eq(ReservationStatus::Consumed.as_str()))
        .order(reservations::order_id)
        .select((reservations::order_id, reservations::quantity, orders::paid_at))
        .load(tx.conn)?;
    let want = |(order_id, quantity, paid_at): (OrderId, i32, Option<DateTime<Utc>>)| Want {
        order_id,
        quantity,
        paid_at: paid_at.unwrap_or(tx.now),
    };
    Ok(rows.into_iter().map(want).collect())
}

/// What an order misses of a harvest, and what is owed back for it.
pub fn insert_shortfall(
    tx: &mut Tx<'_>,
    (order, harvest): (&Order, &Harvest),
    quantity: i32,
    refund: Vnd,
) -> Result<()> {
    diesel::insert_into(order_shortfalls::table)
        .values((
            order_shortfalls::order_id.eq(order.id),
            order_shortfalls::variant_id.eq(harvest.variant_id),
            order_shortfalls::harvest_id.eq(harvest.id),
            order_shortfalls::buyer_account_id.eq(order.buyer_account_id),
            order_shortfalls::producer_id.eq(order.producer_id),
            order_shortfalls::quantity.eq(quantity),
            order_shortfalls::refund_vnd.eq(refund),
            order_shortfalls::at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// How many sale units of a line its harvest did not bring.
pub fn missing_of(tx: &mut Tx<'_>, ids: &[OrderId]) -> Result<HashMap<(OrderId, VariantId), i32>> {
    let rows: Vec<(OrderId, VariantId, i32)> = order_shortfalls::table
        .filter(order_shortfalls::order_id.eq_any(ids))
        .select((order_shortfalls::order_id, order_shortfalls::variant_id, order_shortfalls::quantity))
        .load(tx.conn)?;
    Ok(rows.into_iter().map(|(order_id, variant_id, quantity)| ((order_id, variant_id), quantity)).collect())
}
