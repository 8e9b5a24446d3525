//! All SQL on reservations.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Date, Integer, Timestamptz, Untyped, Uuid as SqlUuid};
use schema::{lots, reservations, stock_levels};
use uuid::Uuid;

use super::allot::{Free, Part};
use crate::kernel::sql::Prepare;
use crate::kernel::{AccountId, LotId, OrderId, Result, Tx, VariantId};
use crate::stock::model::ReservationStatus;

#[derive(QueryableByName)]
struct FreeRow {
    #[diesel(sql_type = SqlUuid)]
    variant_id: VariantId,
    #[diesel(sql_type = SqlUuid)]
    lot_id: LotId,
    #[diesel(sql_type = Integer)]
    quantity: i32,
    #[diesel(sql_type = Bool)]
    is_planned: bool,
}

/// What can be sold today of locked variants, in the order in which lots are to be sold: first what expires first.
/// While a harvest of a variant is planned, only that is sold, on its days.
pub fn free_lots(tx: &mut Tx<'_>, variants: &[VariantId], today: NaiveDate) -> Result<Vec<Free>> {
    let rows: Vec<FreeRow> = diesel::sql_query(
        "select variant_id, lot_id, quantity, is_planned from ( \
           select l.variant_id, l.lot_id, l.on_hand - l.reserved as quantity, b.is_saleable, b.sells_from, b.sells_until, \
             b.expires_on, b.harvested_on, b.sells_until is not null as is_planned, \
             bool_or(b.sells_until is not null) over (partition by l.variant_id) as only_planned \
           from lot_levels l join lots b on b.id = l.lot_id where l.variant_id = any($1)) l \
         where quantity > 0 and is_saleable and (expires_on is null or expires_on >= $2) \
           and case when only_planned then $2 between sells_from and sells_until else true end \
         order by variant_id, expires_on, harvested_on, lot_id",
    )
    .bind::<Array<SqlUuid>, _>(variants)
    .bind::<Date, _>(today)
    .prepared()
    .load(tx.conn)?;
    let free = |FreeRow { variant_id, lot_id, quantity, is_planned }| Free { variant_id, lot_id, quantity, is_planned };
    Ok(rows.into_iter().map(free).collect())
}

/// Reserves these parts of locked variants' lots, at the end of the transaction.
pub fn hold(tx: &mut Tx<'_>, parts: &[Part<'_>]) -> Result<()> {
    let of = |id: fn(&Part<'_>) -> Uuid| parts.iter().map(id).collect::<Vec<Uuid>>();
    let (variants, lots) = (of(|part| part.hold.variant_id.0), of(|part| part.lot_id.0));
    let quantities: Vec<i32> = parts.iter().map(|part| part.quantity).collect();
    let lots_held = sql::<Untyped>(
        "update lot_levels l set reserved = l.reserved + p.quantity from ( \
           select lot_id, variant_id, sum(quantity)::int as quantity from unnest(",
    )
    .bind::<Array<SqlUuid>, _>(lots.clone())
    .sql("::uuid[], ")
    .bind::<Array<SqlUuid>, _>(variants.clone())
    .sql("::uuid[], ")
    .bind::<Array<Integer>, _>(quantities.clone())
    .sql(
        "::int[]) as p (lot_id, variant_id, quantity) group by lot_id, variant_id) p \
           where l.lot_id = p.lot_id and l.variant_id = p.variant_id returning l.lot_id",
    );
    let levels_held = sql::<Untyped>(
        "update stock_levels s set reserved = s.reserved + p.quantity from ( \
           select variant_id, sum(quantity)::int as quantity from unnest(",
    )
    .bind::<Array<SqlUuid>, _>(variants.clone())
    .sql("::uuid[], ")
    .bind::<Array<Integer>, _>(quantities.clone())
    .sql(
        "::int[]) as p (variant_id, quantity) group by variant_id) p \
           where s.variant_id = p.variant_id returning s.variant_id",
    );
    let rows: Vec<_> = parts
        .iter()
        .map(|part| {
            (
                reservations::order_id.eq(part.hold.order_id),
                reservations::variant_id.eq(part.hold.variant_id),
                reservations::lot_id.eq(part.lot_id),
                reservations::buyer_account_id.eq(part.hold.buyer_id),
                reservations::producer_id.eq(part.hold.producer_id),
                reservations::quantity.eq(part.quantity),
                reservations::status.eq(ReservationStatus::Held),
                reservations::created_at.eq(tx.now),
            )
        })
        .collect();
    let number = rows.len();
    tx.later_exactly(lots_held, different(parts, |part| (part.lot_id.0, part.hold.variant_id.0)))?;
    tx.later_exactly(levels_held, different(parts, |part| part.hold.variant_id.0))?;
    tx.later(diesel::insert_into(reservations::table).values(rows), number)
}

fn different<K: Ord>(parts: &[Part<'_>], key: impl Fn(&Part<'_>) -> K) -> usize {
    parts.iter().map(key).collect::<BTreeSet<K>>().len()
}

/// Locks the stock of everything that these orders reserved, whatever became of it, in id order.
pub fn lock_reserved(tx: &mut Tx<'_>, orders: &[OrderId]) -> Result<()> {
    let reserved = reservations::table.filter(reservations::order_id.eq_any(orders)).select(reservations::variant_id);
    stock_levels::table
        .filter(stock_levels::variant_id.eq_any(reserved))
        .order(stock_levels::variant_id)
        .select(stock_levels::variant_id)
        .for_no_key_update()
        .load::<VariantId>(tx.conn)?;
    Ok(())
}

pub fn end_held(tx: &mut Tx<'_>, orders: &[OrderId]) -> Result<usize> {
    run(
        tx,
        orders,
        "with ended as ( \
           update reservations set status = 'released', ended_at = $2 \
           where order_id = any((select $1::uuid[])::uuid[]) and status = 'held' returning variant_id, lot_id, quantity), \
         parts as (select lot_id, variant_id, sum(quantity)::int as quantity from ended group by lot_id, variant_id), \
         lots_freed as ( \
           update lot_levels l set reserved = l.reserved - p.quantity \
           from parts p where l.lot_id = p.lot_id and l.variant_id = p.variant_id) \
         update stock_levels s set reserved = s.reserved - e.quantity \
         from (select p.variant_id, sum(p.quantity)::int as quantity from parts p join lots b on b.id = p.lot_id \
               where b.is_saleable group by p.variant_id) e \
         where s.variant_id = e.variant_id returning s.variant_id",
    )
}

/// An order with goods of a planned lot.
#[derive(QueryableByName)]
struct Planned {
    #[diesel(sql_type = SqlUuid)]
    order_id: OrderId,
}

/// Takes held goods out of the stock; returns the orders with goods of planned lots. Movements get random ids: pages go by
/// their time.
pub fn consume_held(tx: &mut Tx<'_>, orders: &[OrderId]) -> Result<Vec<OrderId>> {
    let sql = "with ended as ( \
           update reservations set status = 'consumed', ended_at = $2 \
           where order_id = any((select $1::uuid[])::uuid[]) and status = 'held' returning order_id, variant_id, lot_id, producer_id, quantity), \
         parts as ( \
           select e.*, case when b.is_saleable then e.quantity else 0 end as saleable, b.sells_until is not null as is_planned \
           from ended e join lots b on b.id = e.lot_id), \
         moved as ( \
           insert into stock_movements (id, variant_id, lot_id, producer_id, kind, delta, saleable_delta, order_id, at) \
           select gen_random_uuid(), variant_id, lot_id, producer_id, 'sold', -quantity, -saleable, order_id, $2 from parts), \
         lots_sold as ( \
           update lot_levels l set on_hand = l.on_hand - p.quantity, reserved = l.reserved - p.quantity \
           from (select lot_id, variant_id, sum(quantity)::int as quantity from parts group by lot_id, variant_id) p \
           where l.lot_id = p.lot_id and l.variant_id = p.variant_id), \
         levels_sold as ( \
           update stock_levels s set on_hand = s.on_hand - p.quantity, reserved = s.reserved - p.quantity \
           from (select variant_id, sum(saleable)::int as quantity from parts group by variant_id) p \
           where s.variant_id = p.variant_id) \
         select distinct order_id from parts where is_planned";
    let ids: Vec<Uuid> = orders.iter().map(|id| id.0).collect();
    let now = tx.now;
    let query = diesel::sql_query(sql).bind::<Array<SqlUuid>, _>(ids).bind::<Timestamptz, _>(now);
    let planned: Vec<Planned> = query.prepared().load(tx.conn)?;
    Ok(planned.into_iter().map(|row| row.order_id).collect())
}

pub fn return_consumed(tx: &mut Tx<'_>, orders: &[OrderId]) -> Result<usize> {
    run(
        tx,
        orders,
        "with back as ( \
           update reservations set status = 'returned' \
           where order_id = any((select $1::uuid[])::uuid[]) and status = 'consumed' returning order_id, variant_id, lot_id, producer_id, quantity), \
         parts as ( \
           select e.*, case when b.is_saleable then e.quantity else 0 end as saleable \
           from back e join lots b on b.id = e.lot_id), \
         moved as ( \
           insert into stock_movements (id, variant_id, lot_id, producer_id, kind, delta, saleable_delta, order_id, at) \
           select gen_random_uuid(), variant_id, lot_id, producer_id, 'returned', quantity, saleable, order_id, $2 from parts), \
         lots_back as ( \
           update lot_levels l set on_hand = l.on_hand + p.quantity \
           from (select lot_id, variant_id, sum(quantity)::int as quantity from parts group by lot_id, variant_id) p \
           where l.lot_id = p.lot_id and l.variant_id = p.variant_id) \
         update stock_levels s set on_hand = s.on_hand + p.quantity \
         from (select variant_id, sum(saleable)::int as quantity from parts group by variant_id) p \
         where s.variant_id = p.variant_id returning s.variant_id",
    )
}

/// A variant whose stock a statement changed.
#[derive(QueryableByName)]
struct Changed {
    #[diesel(sql_type = SqlUuid)]
    #[expect(dead_code, reason = "only counted")]
    variant_id: Uuid,
}

fn run(tx: &mut Tx<'_>, orders: &[OrderId], sql: &str) -> Result<usize> {
    let ids: Vec<Uuid> = orders.iter().map(|id| id.0).collect();
    let now = tx.now;
    let query = diesel::sql_query(sql).bind::<Array<SqlUuid>, _>(ids).bind::<Timestamptz, _>(now);
    Ok(query.prepared().load::<Changed>(tx.conn)?.len())
}

/// Goods of an order and the lot that they come from.
#[derive(Debug, Clone, Queryable)]
pub struct LotPart {
    pub order_id: OrderId,
    pub variant_id: VariantId,
    pub lot_id: LotId,
    /// As printed on the label; none for goods without dates.
    pub code: Option<String>,
    pub harvested_on: Option<NaiveDate>,
    pub expires_on: Option<NaiveDate>,
    pub quantity: i32,
    pub status: ReservationStatus,
    pub buyer_id: AccountId,
}

/// From which lots the lines of these orders come, in the order in which they expire.
pub fn lots_of(tx: &mut Tx<'_>, orders: &[OrderId]) -> Result<Vec<LotPart>> {
    Ok(reservations::table
        .inner_join(lots::table.on(lots::id.eq(reservations::lot_id)))
        .filter(reservations::order_id.eq_any(orders))
        .order((reservations::order_id, reservations::variant_id, lots::expires_on, lots::harvested_on, lots::id))
        .select((
            reservations::order_id,
            reservations::variant_id,
            reservations::lot_id,
            lots::code,
            lots::harvested_on,
            lots::expires_on,
            reservations::quantity,
            reservations::status,
            reservations::buyer_account_id,
        ))
        .load(tx.conn)?)
}
