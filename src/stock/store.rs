use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use schema::{lot_levels, lots, stock_levels, stock_movements};
use uuid::Uuid;

use super::model::{Change, Level, MovementKind, undated_lot};
use crate::kernel::{EventId, LotId, ProducerId, ProductId, Result, Tx, VariantId};

/// Opens the stock of a new variant.
pub fn open(
    tx: &mut Tx<'_>,
    (producer_id, product_id): (ProducerId, ProductId),
    variant_id: VariantId,
    quantity: i32,
) -> Result<()> {
    diesel::insert_into(stock_levels::table)
        .values((
            stock_levels::variant_id.eq(variant_id),
            stock_levels::producer_id.eq(producer_id),
            stock_levels::product_id.eq(product_id),
            stock_levels::on_hand.eq(0),
        ))
        .execute(tx.conn)?;
    if quantity > 0 {
        let (kind, lot_id, note) = (MovementKind::Opening, None, None);
        add(tx, &Change { producer_id, variant_id, lot_id, kind, delta: quantity, note })?;
    }
    Ok(())
}

/// Somebody counted and found what was thought to be there.
pub fn record_count(tx: &mut Tx<'_>, change: &Change<'_>) -> Result<()> {
    diesel::insert_into(stock_movements::table)
        .values((
            stock_movements::id.eq(EventId::generate()),
            stock_movements::variant_id.eq(change.variant_id),
            stock_movements::lot_id.eq(change.lot_id.unwrap_or(undated_lot(change.variant_id))),
            stock_movements::producer_id.eq(change.producer_id),
            stock_movements::kind.eq(MovementKind::Counted),
            stock_movements::delta.eq(0),
            stock_movements::saleable_delta.eq(0),
            stock_movements::actor_account_id.eq(tx.who.account_id),
            stock_movements::note.eq(change.note),
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

/// Locks these variants' stock in id order, so that two buyers never wait for each other. The lock guards the levels of
/// the variants' lots, too.
pub fn lock(tx: &mut Tx<'_>, variants: &[VariantId]) -> Result<()> {
    stock_levels::table
        .filter(stock_levels::variant_id.eq_any(variants))
        .order(stock_levels::variant_id)
        .select(stock_levels::variant_id)
        .for_no_key_update()
        .load::<VariantId>(tx.conn)?;
    Ok(())
}

/// The producer's own variant: its product and its stock, held until the transaction ends.
pub fn lock_own(tx: &mut Tx<'_>, producer_id: ProducerId, variant_id: VariantId) -> Result<(ProductId, Level)> {
    let (product_id, on_hand, reserved) = stock_levels::table
        .find(variant_id)
        .filter(stock_levels::producer_id.eq(producer_id))
        .select((stock_levels::product_id, stock_levels::on_hand, stock_levels::reserved))
        .for_no_key_update()
        .first(tx.conn)?;
    Ok((product_id, Level { on_hand, reserved }))
}

/// The stock of the producer's own variant.
pub fn own_level(tx: &mut Tx<'_>, producer_id: ProducerId, variant_id: VariantId) -> Result<Level> {
    let (on_hand, reserved) = stock_levels::table
        .find(variant_id)
        .filter(stock_levels::producer_id.eq(producer_id))
        .select((stock_levels::on_hand, stock_levels::reserved))
        .first(tx.conn)?;
    Ok(Level { on_hand, reserved })
}

/// Which product a variant of this producer belongs to.
pub fn own_product(tx: &mut Tx<'_>, producer_id: ProducerId, variant_id: VariantId) -> Result<ProductId> {
    let levels = stock_levels::table.find(variant_id).filter(stock_levels::producer_id.eq(producer_id));
    Ok(levels.select(stock_levels::product_id).first(tx.conn)?)
}

/// What a lot has of a variant.
pub fn lot_level(tx: &mut Tx<'_>, lot_id: LotId, variant_id: VariantId) -> Result<Level> {
    let found = lot_levels::table
        .find((lot_id, variant_id))
        .select((lot_levels::on_hand, lot_levels::reserved))
        .first(tx.conn)
        .optional()?;
    let (on_hand, reserved) = found.unwrap_or((0, 0));
    Ok(Level { on_hand, reserved })
}

#[derive(QueryableByName)]
struct LevelRow {
    #[diesel(sql_type = Integer)]
    on_hand: i32,
    #[diesel(sql_type = Integer)]
    reserved: i32,
}

/// Adds to a lot that can be sold, or to the undated one, which is made if need be. The level is locked.
pub fn add(tx: &mut Tx<'_>, change: &Change<'_>) -> Result<Level> {
    let Change { producer_id, variant_id, lot_id, kind, delta, note } = *change;
    let sql = "with undated as ( \
           insert into lots (id, producer_id, product_id, status, created_at, updated_at) \
           select variant_id, producer_id, product_id, 'open', $6, $6 from stock_levels \
           where variant_id = $1 and $2 = $1 on conflict do nothing), \
         added as ( \
           insert into lot_levels (lot_id, variant_id, producer_id, on_hand) values ($2, $1, $3, $4) \
           on conflict (lot_id, variant_id) do update set on_hand = lot_levels.on_hand + excluded.on_hand), \
         moved as ( \
           insert into stock_movements \
             (id, variant_id, lot_id, producer_id, kind, delta, saleable_delta, actor_account_id, note, at) \
           values ($9, $1, $2, $3, $5, $4, $4, $7, $8, $6)) \
         update stock_levels set on_hand = on_hand + $4 where variant_id = $1 and producer_id = $3 \
         returning on_hand, reserved";
    let LevelRow { on_hand, reserved } = diesel::sql_query(sql)
        .bind::<SqlUuid, _>(variant_id)
        .bind::<SqlUuid, _>(lot_id.unwrap_or(undated_lot(variant_id)))
        .bind::<SqlUuid, _>(producer_id)
        .bind::<Integer, _>(delta)
        .bind::<Text, _>(kind)
        .bind::<Timestamptz, _>(tx.now)
        .bind::<Nullable<SqlUuid>, _>(tx.who.account_id)
        .bind::<Nullable<Text>, _>(note)
        .bind::<SqlUuid, _>(EventId::generate())
        .get_result(tx.conn)?;
    Ok(Level { on_hand, reserved })
}

/// Takes away what is free of one lot, or of those that can be sold, first of what expires first. The level is locked
/// and its caller has seen that there is as much.
pub fn take(tx: &mut Tx<'_>, change: &Change<'_>) -> Result<Level> {
    let Change { producer_id, variant_id, lot_id, kind, delta, note } = *change;
    let sql = "with free as ( \
           select l.lot_id, b.is_saleable, l.on_hand - l.reserved as quantity, \
             sum(l.on_hand - l.reserved) over (order by b.expires_on, b.harvested_on, b.id) as upto \
           from lot_levels l join lots b on b.id = l.lot_id \
           where l.variant_id = $1 and l.on_hand > l.reserved and case when $2 is null then b.is_saleable else b.id = $2 end), \
         parts as ( \
           select lot_id, is_saleable, least(quantity, -$4 - (upto - quantity))::int as quantity \
           from free where upto - quantity < -$4), \
         moved as ( \
           insert into stock_movements \
             (id, variant_id, lot_id, producer_id, kind, delta, saleable_delta, actor_account_id, note, at) \
           select gen_random_uuid(), $1, lot_id, $3, $5, -quantity, case when is_saleable then -quantity else 0 end, $7, $8, $6 \
           from parts), \
         taken as ( \
           update lot_levels l set on_hand = l.on_hand - p.quantity \
           from parts p where l.lot_id = p.lot_id and l.variant_id = $1) \
         update stock_levels set on_hand = on_hand - \
           (select coalesce(sum(quantity) filter (where is_saleable), 0)::int from parts) \
         where variant_id = $1 and producer_id = $3 returning on_hand, reserved";
    let LevelRow { on_hand, reserved } = diesel::sql_query(sql)
        .bind::<SqlUuid, _>(variant_id)
        .bind::<Nullable<SqlUuid>, _>(lot_id)
        .bind::<SqlUuid, _>(producer_id)
        .bind::<Integer, _>(delta)
        .bind::<Text, _>(kind)
        .bind::<Timestamptz, _>(tx.now)
        .bind::<Nullable<SqlUuid>, _>(tx.who.account_id)
        .bind::<Nullable<Text>, _>(note)
        .get_result(tx.conn)?;
    Ok(Level { on_hand, reserved })
}

/// A movement of a variant's stock, with its lot's code.
#[derive(Debug, Clone, Queryable)]
pub struct Movement {
    pub id: Uuid,
    pub kind: MovementKind,
    pub delta: i32,
    pub saleable_delta: i32,
    pub lot_id: LotId,
    pub lot_code: Option<String>,
    pub order_id: Option<Uuid>,
    pub note: Option<String>,
    pub at: DateTime<Utc>,
}

/// What happened to the stock of the producer's variant, the newest first.
pub fn movements(
    tx: &mut Tx<'_>,
    (producer_id, variant_id): (ProducerId, VariantId),
    lot_id: Option<LotId>,
    before: Option<(DateTime<Utc>, Uuid)>,
    rows: i64,
) -> Result<Vec<Movement>> {
    use stock_movements as m;
    let mut query = m::table
        .left_join(lots::table.on(lots::id.eq(m::lot_id)))
        .filter(m::variant_id.eq(variant_id))
        .filter(m::producer_id.eq(producer_id))
        .select((
            m::id,
            m::kind,
            m::delta,
            m::saleable_delta,
            m::lot_id,
            lots::code.nullable(),
            m::order_id,
            m::note,
            m::at,
        ))
        .into_boxed();
    if let Some(lot_id) = lot_id {
        query = query.filter(m::lot_id.eq(lot_id));
    }
    if let Some((at, id)) = before {
        query = query.filter(m::at.lt(at).or(m::at.eq(at).and(m::id.lt(id))));
    }
    Ok(query.order((m::at.desc(), m::id.desc())).limit(rows).load(tx.conn)?)
}
