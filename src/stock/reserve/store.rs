//! All SQL on reservations.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date, Integer, Nullable, Timestamptz, Uuid as SqlUuid};
use schema::{lots, reservations, stock_levels};
use uuid::Uuid;

use crate::kernel::sql::Prepare;
use crate::kernel::{AccountId, Error, LotId, OrderId, Result, Tx, VariantId};
use crate::stock::model::{Hold, ReservationStatus, Shortage};

#[derive(QueryableByName)]
struct ShortageRow {
    #[diesel(sql_type = Nullable<SqlUuid>)]
    variant_id: Option<VariantId>,
    #[diesel(sql_type = BigInt)]
    wanted: i64,
    #[diesel(sql_type = BigInt)]
    available: i64,
}

/// Wants and lots of a variant are laid along one line each, one after the other; where a want and a lot overlap, that
/// much of the lot is the want's.
///
/// `(select $1)` hides how long a list is, so that one plan is as good as another: PostgreSQL then plans the statement
/// once per connection, which else costs it more than the work itself.
const HOLD: &str = "with wanted as ( \
       select w.*, sum(w.quantity) over (partition by w.variant_id order by w.number) as upto \
       from unnest((select $1::uuid[]), (select $2::uuid[]), (select $3::uuid[]), (select $4::uuid[]), (select $5::int[])) with ordinality \
         as w(order_id, variant_id, buyer_id, producer_id, quantity, number)), \
     free as ( \
       select l.variant_id, l.lot_id, l.on_hand - l.reserved as quantity, \
         sum(l.on_hand - l.reserved) over (partition by l.variant_id order by b.expires_on, b.harvested_on, b.id) as upto \
       from lot_levels l join lots b on b.id = l.lot_id \
       where l.variant_id = any((select $2::uuid[])::uuid[]) and l.on_hand > l.reserved and b.is_saleable \
         and (b.expires_on is null or b.expires_on >= (select $6::date)) \
         and case when b.sells_until is null then not exists ( \
             select from lot_levels p join lots h on h.id = p.lot_id \
             where p.variant_id = l.variant_id and h.sells_until is not null) \
           else (select $6::date) between b.sells_from and b.sells_until end), \
     short as ( \
       select w.variant_id, w.wanted, coalesce(f.available, 0) as available \
       from (select variant_id, max(upto) as wanted from wanted group by variant_id) w \
       left join (select variant_id, max(upto) as available from free group by variant_id) f using (variant_id) \
       where coalesce(f.available, 0) < w.wanted), \
     parts as ( \
       select w.order_id, w.variant_id, f.lot_id, w.buyer_id, w.producer_id, \
         sum(least(w.upto, f.upto) - greatest(w.upto - w.quantity, f.upto - f.quantity))::int as quantity \
       from wanted w join free f on f.variant_id = w.variant_id \
         and f.upto - f.quantity < w.upto and w.upto - w.quantity < f.upto \
       where not exists (select from short) \
       group by w.order_id, w.variant_id, f.lot_id, w.buyer_id, w.producer_id), \
     lots_held as ( \
       update lot_levels l set reserved = l.reserved + p.quantity \
       from (select lot_id, variant_id, sum(quantity)::int as quantity from parts group by lot_id, variant_id) p \
       where l.lot_id = p.lot_id and l.variant_id = p.variant_id returning l.variant_id), \
     levels_held as ( \
       update stock_levels s set reserved = s.reserved + p.quantity \
       from (select variant_id, sum(quantity)::int as quantity from parts group by variant_id) p \
       where s.variant_id = p.variant_id returning s.variant_id), \
     held as ( \
       insert into reservations \
         (order_id, variant_id, lot_id, buyer_account_id, producer_id, quantity, status, created_at) \
       select order_id, variant_id, lot_id, buyer_id, producer_id, quantity, 'held', $7 from parts) \
     select variant_id, wanted, available from short \
     union all \
     select null, (select count(*) from (select distinct lot_id, variant_id from parts) p), \
       (select count(*) from lots_held join levels_held using (variant_id)) \
     order by variant_id";

/// Reserves what is wanted of locked levels, first what expires first; or nothing, and says what is missing.
pub fn hold(tx: &mut Tx<'_>, holds: &[Hold], today: NaiveDate) -> Result<Vec<Shortage>> {
    let of = |id: fn(&Hold) -> Uuid| holds.iter().map(id).collect::<Vec<Uuid>>();
    let now = tx.now;
    let rows: Vec<ShortageRow> = diesel::sql_query(HOLD)
        .bind::<Array<SqlUuid>, _>(of(|hold| hold.order_id.0))
        .bind::<Array<SqlUuid>, _>(of(|hold| hold.variant_id.0))
        .bind::<Array<SqlUuid>, _>(of(|hold| hold.buyer_id.0))
        .bind::<Array<SqlUuid>, _>(of(|hold| hold.producer_id.0))
        .bind::<Array<Integer>, _>(holds.iter().map(|hold| hold.quantity).collect::<Vec<i32>>())
        .bind::<Date, _>(today)
        .bind::<Timestamptz, _>(now)
        .prepared()
        .load(tx.conn)?;
    let mut short = Vec::new();
    for ShortageRow { variant_id, wanted, available } in rows {
        match variant_id {
            Some(variant_id) => short.push(Shortage { variant_id, wanted, available }),
            // How many lots were to be changed, and how many were: an actor whom a policy stops would hold nothing.
            None if wanted != available => return Err(Error::internal("reserved less than was held")),
            None => {}
        }
    }
    Ok(short)
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
