use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{Array, Integer, Timestamptz, Uuid as SqlUuid};
use schema::{reservations, stock_levels, stock_movements};
use uuid::Uuid;

use super::model::{Hold, Level, MovementKind};
use crate::kernel::sql::Prepare;
use crate::kernel::{EventId, OrderId, ProducerId, Result, Tx, VariantId};

/// Opens the stock of a new variant.
pub fn open(tx: &mut Tx<'_>, producer_id: ProducerId, variant_id: VariantId, quantity: i32) -> Result<()> {
    diesel::insert_into(stock_levels::table)
        .values((
            stock_levels::variant_id.eq(variant_id),
            stock_levels::producer_id.eq(producer_id),
            stock_levels::on_hand.eq(quantity),
        ))
        .execute(tx.conn)?;
    if quantity != 0 {
        move_stock(tx, (producer_id, variant_id), MovementKind::Opening, quantity, None)?;
    }
    Ok(())
}

pub fn move_stock(
    tx: &mut Tx<'_>,
    (producer_id, variant_id): (ProducerId, VariantId),
    kind: MovementKind,
    delta: i32,
    note: Option<&str>,
) -> Result<()> {
    diesel::insert_into(stock_movements::table)
        .values((
            stock_movements::id.eq(EventId::generate()),
            stock_movements::variant_id.eq(variant_id),
            stock_movements::producer_id.eq(producer_id),
            stock_movements::kind.eq(kind.as_str()),
            stock_movements::delta.eq(delta),
            stock_movements::actor_account_id.eq(tx.who.account_id),
            stock_movements::note.eq(note),
            stock_movements::at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Stock of these variants as it is now; nothing is locked.
pub fn levels(tx: &mut Tx<'_>, variants: &[VariantId]) -> Result<HashMap<VariantId, Level>> {
    let rows: Vec<(VariantId, i32, i32)> = stock_levels::table
        .filter(stock_levels::variant_id.eq_any(variants))
        .select((stock_levels::variant_id, stock_levels::on_hand, stock_levels::reserved))
        .load(tx.conn)?;
    Ok(rows.into_iter().map(|(id, on_hand, reserved)| (id, Level { on_hand, reserved })).collect())
}

/// Locks these variants' stock in id order, so that two buyers never wait for each other.
pub fn lock(tx: &mut Tx<'_>, variants: &[VariantId]) -> Result<HashMap<VariantId, Level>> {
    let rows: Vec<(VariantId, i32, i32)> = stock_levels::table
        .filter(stock_levels::variant_id.eq_any(variants))
        .order(stock_levels::variant_id)
        .select((stock_levels::variant_id, stock_levels::on_hand, stock_levels::reserved))
        .for_no_key_update()
        .load(tx.conn)?;
    Ok(rows.into_iter().map(|(id, on_hand, reserved)| (id, Level { on_hand, reserved })).collect())
}

/// A variant whose stock a statement changed.
#[derive(QueryableByName)]
struct Changed {
    #[diesel(sql_type = SqlUuid)]
    #[expect(dead_code, reason = "only counted")]
    variant_id: Uuid,
}

/// Raises what is reserved where enough is available; returns how many variants that was.
pub fn raise_reserved(tx: &mut Tx<'_>, wanted: &[(VariantId, i32)]) -> Result<usize> {
    let (ids, quantities) = unzip(wanted);
    let changed = diesel::sql_query(
        "update stock_levels s set reserved = s.reserved + w.quantity \
         from unnest($1::uuid[], $2::int[]) as w(variant_id, quantity) \
         where s.variant_id = w.variant_id and s.on_hand - s.reserved >= w.quantity returning s.variant_id",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Array<Integer>, _>(quantities)
    .prepared()
    .load::<Changed>(tx.conn)?;
    Ok(changed.len())
}

fn unzip(wanted: &[(VariantId, i32)]) -> (Vec<Uuid>, Vec<i32>) {
    wanted.iter().map(|(id, quantity)| (id.0, *quantity)).unzip()
}

pub fn insert_reservations(tx: &mut Tx<'_>, holds: &[Hold]) -> Result<()> {
    let rows: Vec<_> = holds
        .iter()
        .map(|hold| {
            (
                reservations::order_id.eq(hold.order_id),
                reservations::variant_id.eq(hold.variant_id),
                reservations::buyer_account_id.eq(hold.buyer_id),
                reservations::producer_id.eq(hold.producer_id),
                reservations::quantity.eq(hold.quantity),
                reservations::status.eq("held"),
                reservations::created_at.eq(tx.now),
            )
        })
        .collect();
    let rows = diesel::insert_into(reservations::table).values(rows).returning(reservations::variant_id);
    rows.prepared().load::<VariantId>(tx.conn)?;
    Ok(())
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
           where order_id = any($1) and status = 'held' returning variant_id, quantity) \
         update stock_levels s set reserved = s.reserved - e.quantity \
         from (select variant_id, sum(quantity)::int as quantity from ended group by variant_id) e \
         where s.variant_id = e.variant_id returning s.variant_id",
    )
}

/// Takes held goods out of the stock. Movements get random ids: nobody pages through them.
pub fn consume_held(tx: &mut Tx<'_>, orders: &[OrderId]) -> Result<usize> {
    run(
        tx,
        orders,
        "with ended as ( \
           update reservations set status = 'consumed', ended_at = $2 \
           where order_id = any($1) and status = 'held' returning order_id, variant_id, producer_id, quantity), \
         moved as ( \
           insert into stock_movements (id, variant_id, producer_id, kind, delta, order_id, at) \
           select gen_random_uuid(), variant_id, producer_id, 'sold', -quantity, order_id, $2 from ended) \
         update stock_levels s set on_hand = s.on_hand - e.quantity, reserved = s.reserved - e.quantity \
         from (select variant_id, sum(quantity)::int as quantity from ended group by variant_id) e \
         where s.variant_id = e.variant_id returning s.variant_id",
    )
}

pub fn return_consumed(tx: &mut Tx<'_>, orders: &[OrderId]) -> Result<usize> {
    run(
        tx,
        orders,
        "with back as (select order_id, variant_id, producer_id, quantity from reservations \
                       where order_id = any($1) and status = 'consumed'), \
         moved as ( \
           insert into stock_movements (id, variant_id, producer_id, kind, delta, order_id, at) \
           select gen_random_uuid(), variant_id, producer_id, 'returned', quantity, order_id, $2 from back) \
         update stock_levels s set on_hand = s.on_hand + e.quantity \
         from (select variant_id, sum(quantity)::int as quantity from back group by variant_id) e \
         where s.variant_id = e.variant_id returning s.variant_id",
    )
}

fn run(tx: &mut Tx<'_>, orders: &[OrderId], sql: &str) -> Result<usize> {
    let ids: Vec<Uuid> = orders.iter().map(|id| id.0).collect();
    let now = tx.now;
    let query = diesel::sql_query(sql).bind::<Array<SqlUuid>, _>(ids).bind::<Timestamptz, _>(now);
    Ok(query.prepared().load::<Changed>(tx.conn)?.len())
}

/// Changes the stock on hand by a difference, never below what is reserved; `None` if that was refused.
pub fn add(tx: &mut Tx<'_>, producer_id: ProducerId, variant_id: VariantId, delta: i32) -> Result<Option<Level>> {
    let row: Option<(i32, i32)> = diesel::update(stock_levels::table)
        .filter(stock_levels::variant_id.eq(variant_id))
        .filter(stock_levels::producer_id.eq(producer_id))
        .filter((stock_levels::on_hand + delta).ge(stock_levels::reserved))
        .filter((stock_levels::on_hand + delta).le(super::model::ON_HAND_MAX))
        .set(stock_levels::on_hand.eq(stock_levels::on_hand + delta))
        .returning((stock_levels::on_hand, stock_levels::reserved))
        .get_result(tx.conn)
        .optional()?;
    Ok(row.map(|(on_hand, reserved)| Level { on_hand, reserved }))
}

/// The stock of the producer's own variant.
pub fn own_level(tx: &mut Tx<'_>, producer_id: ProducerId, variant_id: VariantId) -> Result<Level> {
    let (on_hand, reserved) = stock_levels::table
        .filter(stock_levels::variant_id.eq(variant_id))
        .filter(stock_levels::producer_id.eq(producer_id))
        .select((stock_levels::on_hand, stock_levels::reserved))
        .first(tx.conn)?;
    Ok(Level { on_hand, reserved })
}
