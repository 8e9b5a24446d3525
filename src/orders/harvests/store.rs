use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use schema::{harvests, order_shortfalls, orders};

use super::model::{HarvestStatus, ShortfallRule};
use crate::kernel::error::OnConstraint;
use crate::kernel::sql::Prepare;
use crate::kernel::{HarvestId, LotId, OrderId, ProducerId, ProductId, Result, Tx, VariantId, Vnd};
use crate::orders::model::{Order, OrderStatus};
use crate::stock::{Plan, StockRefusal};

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
    /// What paid orders waited for when it was declared.
    pub promised: Option<i32>,
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

/// Anybody's harvest, which nobody else changes until the transaction ends.
pub fn lock(tx: &mut Tx<'_>, id: HarvestId) -> Result<Harvest> {
    Ok(harvests::table.find(id).select(Harvest::as_select()).for_no_key_update().first(tx.conn)?)
}

pub fn of_lot(tx: &mut Tx<'_>, lot_id: LotId) -> Result<Harvest> {
    Ok(harvests::table.filter(harvests::lot_id.eq(lot_id)).select(Harvest::as_select()).first(tx.conn)?)
}

/// What of a product can be ordered on this day or later.
pub fn open_of_product(tx: &mut Tx<'_>, product_id: ProductId, today: NaiveDate) -> Result<Vec<Harvest>> {
    Ok(harvests::table
        .filter(harvests::product_id.eq(product_id))
        .filter(harvests::status.eq(HarvestStatus::Open))
        .filter(harvests::orders_until.ge(today))
        .order((harvests::orders_from, harvests::id))
        .select(Harvest::as_select())
        .load(tx.conn)?)
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

/// What came, and what paid orders waited for, in sale units.
#[derive(Debug, Clone, Copy)]
pub struct Brought {
    pub harvested: i32,
    pub promised: i32,
}

/// Moves a locked harvest on; only one that is in has brought something.
pub fn move_on(tx: &mut Tx<'_>, harvest: &Harvest, next: HarvestStatus, brought: Option<Brought>) -> Result<Harvest> {
    Ok(diesel::update(harvests::table.find(harvest.id))
        .filter(harvests::status.eq(harvest.status))
        .set((
            harvests::status.eq(next),
            harvests::harvested.eq(brought.map(|brought| brought.harvested)),
            harvests::promised.eq(brought.map(|brought| brought.promised)),
            harvests::version.eq(harvests::version + 1),
            harvests::updated_at.eq(tx.now),
        ))
        .returning(Harvest::as_returning())
        .get_result(tx.conn)?)
}

/// Locks those of these orders that wait for their harvest, in id order.
pub fn lock_waiting(tx: &mut Tx<'_>, ids: &[OrderId]) -> Result<Vec<Order>> {
    Ok(orders::table
        .filter(orders::id.eq_any(ids))
        .filter(orders::status.eq(OrderStatus::WaitingHarvest))
        .order(orders::id)
        .select(Order::as_select())
        .for_update()
        .load(tx.conn)?)
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

/// What a line misses of its harvest.
#[derive(Debug, Clone, Copy)]
pub struct Shortfall {
    pub quantity: i32,
    pub refund_vnd: Vnd,
}

pub fn shortfalls_of(tx: &mut Tx<'_>, ids: &[OrderId]) -> Result<HashMap<(OrderId, VariantId), Shortfall>> {
    let rows: Vec<(OrderId, VariantId, i32, Vnd)> = order_shortfalls::table
        .filter(order_shortfalls::order_id.eq_any(ids))
        .select((
            order_shortfalls::order_id,
            order_shortfalls::variant_id,
            order_shortfalls::quantity,
            order_shortfalls::refund_vnd,
        ))
        .load(tx.conn)?;
    let shortfall = |(order_id, variant_id, quantity, refund_vnd): (OrderId, VariantId, i32, Vnd)| {
        ((order_id, variant_id), Shortfall { quantity, refund_vnd })
    };
    Ok(rows.into_iter().map(shortfall).collect())
}
