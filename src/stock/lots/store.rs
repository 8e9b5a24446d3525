//! All SQL on lots; their levels are counted in `stock/store.rs`.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use schema::{lot_levels, lots, reservations, stock_levels};
use uuid::Uuid;

use super::model::{Days, Lot, LotRefusal, LotStatus};
use crate::kernel::error::OnConstraint;
use crate::kernel::{LotId, OrderId, ProducerId, ProductId, Result, Tx, VariantId};
use crate::places::CommuneCode;
use crate::stock::{MovementKind, ReservationStatus};

pub fn has_product(tx: &mut Tx<'_>, producer_id: ProducerId, product_id: ProductId) -> Result<bool> {
    let levels = stock_levels::table
        .filter(stock_levels::product_id.eq(product_id))
        .filter(stock_levels::producer_id.eq(producer_id));
    Ok(diesel::select(diesel::dsl::exists(levels)).get_result(tx.conn)?)
}

/// Makes a lot; `false` when the producer has one with this code.
pub fn insert(
    tx: &mut Tx<'_>,
    (producer_id, product_id): (ProducerId, ProductId),
    code: &str,
    days: Days,
    origin: Option<CommuneCode>,
) -> Result<bool> {
    let made = diesel::insert_into(lots::table)
        .values((
            lots::id.eq(LotId::generate()),
            lots::producer_id.eq(producer_id),
            lots::product_id.eq(product_id),
            lots::code.eq(code),
            lots::harvested_on.eq(days.harvested_on),
            lots::packed_on.eq(days.packed_on),
            lots::expires_on.eq(days.expires_on),
            lots::origin_commune_code.eq(origin),
            lots::status.eq(LotStatus::Open),
            lots::created_at.eq(tx.now),
            lots::updated_at.eq(tx.now),
        ))
        .on_conflict((lots::producer_id, lots::code))
        .do_nothing()
        .execute(tx.conn)?;
    Ok(made == 1)
}

pub fn lock_by_code(tx: &mut Tx<'_>, producer_id: ProducerId, code: &str) -> Result<Lot> {
    Ok(lots::table
        .filter(lots::producer_id.eq(producer_id))
        .filter(lots::code.eq(code))
        .select(Lot::as_select())
        .for_no_key_update()
        .first(tx.conn)?)
}

/// A lot of this producer, held until the transaction ends.
pub fn lock_own(tx: &mut Tx<'_>, producer_id: ProducerId, id: LotId) -> Result<Option<Lot>> {
    Ok(lots::table
        .find(id)
        .filter(lots::producer_id.eq(producer_id))
        .select(Lot::as_select())
        .for_no_key_update()
        .first(tx.conn)
        .optional()?)
}

pub fn lock_any(tx: &mut Tx<'_>, id: LotId) -> Result<Lot> {
    Ok(lots::table.find(id).select(Lot::as_select()).for_no_key_update().first(tx.conn)?)
}

pub fn find(tx: &mut Tx<'_>, id: LotId) -> Result<Lot> {
    Ok(lots::table.find(id).select(Lot::as_select()).first(tx.conn)?)
}

pub fn find_own(tx: &mut Tx<'_>, producer_id: ProducerId, id: LotId) -> Result<Lot> {
    Ok(lots::table.find(id).filter(lots::producer_id.eq(producer_id)).select(Lot::as_select()).first(tx.conn)?)
}

/// Lots for sale whose last day is before this one, held in id order.
pub fn lock_expired(tx: &mut Tx<'_>, today: NaiveDate, rows: i64) -> Result<Vec<LotId>> {
    Ok(lots::table
        .filter(lots::is_saleable)
        .filter(lots::expires_on.lt(today))
        .order(lots::id)
        .limit(rows)
        .select(lots::id)
        .for_no_key_update()
        .load(tx.conn)?)
}

/// Locks the stock of every variant that was packed from these lots, in id order.
pub fn lock_levels(tx: &mut Tx<'_>, ids: &[LotId]) -> Result<()> {
    let packed = lot_levels::table.filter(lot_levels::lot_id.eq_any(ids)).select(lot_levels::variant_id);
    stock_levels::table
        .filter(stock_levels::variant_id.eq_any(packed))
        .order(stock_levels::variant_id)
        .select(stock_levels::variant_id)
        .for_no_key_update()
        .load::<VariantId>(tx.conn)?;
    Ok(())
}

/// Whether any buyer holds, got or gave back goods of the lot.
pub fn is_sold(tx: &mut Tx<'_>, id: LotId) -> Result<bool> {
    let sold = reservations::table
        .filter(reservations::lot_id.eq(id))
        .filter(reservations::status.ne(ReservationStatus::Released.as_str()));
    Ok(diesel::select(diesel::dsl::exists(sold)).get_result(tx.conn)?)
}

/// Writes code, days, origin and status of a locked lot.
pub fn rewrite(tx: &mut Tx<'_>, lot: &Lot, days: Days) -> Result<Lot> {
    diesel::update(lots::table.find(lot.id))
        .set((
            lots::code.eq(&lot.code),
            lots::harvested_on.eq(days.harvested_on),
            lots::packed_on.eq(days.packed_on),
            lots::expires_on.eq(days.expires_on),
            lots::origin_commune_code.eq(&lot.origin_commune_code),
            lots::status.eq(lot.status),
            lots::version.eq(lots::version + 1),
            lots::updated_at.eq(tx.now),
        ))
        .returning(Lot::as_returning())
        .get_result(tx.conn)
        .on_constraint("lots_code_key", LotRefusal::CodeTaken)
}

pub fn set_status(tx: &mut Tx<'_>, id: LotId, status: LotStatus) -> Result<Lot> {
    Ok(diesel::update(lots::table.find(id))
        .set((lots::status.eq(status), lots::version.eq(lots::version + 1), lots::updated_at.eq(tx.now)))
        .returning(Lot::as_returning())
        .get_result(tx.conn)?)
}

/// Gives locked lots a status in which nothing of them is for sale, and takes what was out of the levels.
pub fn take_out(
    tx: &mut Tx<'_>,
    ids: &[LotId],
    (status, reason): (LotStatus, Option<&str>),
    kind: MovementKind,
) -> Result<()> {
    let sql = "with sold as (select id from lots where id = any($1) and is_saleable), \
         ended as ( \
           update lots set status = $2, status_reason = $3, version = version + 1, updated_at = $5 where id = any($1)), \
         gone as (select l.* from lot_levels l join sold on sold.id = l.lot_id), \
         moved as ( \
           insert into stock_movements \
             (id, variant_id, lot_id, producer_id, kind, delta, saleable_delta, actor_account_id, note, at) \
           select gen_random_uuid(), variant_id, lot_id, producer_id, $4, 0, -on_hand, $6, $3, $5 from gone where on_hand > 0) \
         update stock_levels s set on_hand = s.on_hand - g.on_hand, reserved = s.reserved - g.reserved \
         from (select variant_id, sum(on_hand)::int as on_hand, sum(reserved)::int as reserved from gone group by variant_id) g \
         where s.variant_id = g.variant_id";
    diesel::sql_query(sql)
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Text, _>(status)
        .bind::<Nullable<Text>, _>(reason)
        .bind::<Text, _>(kind)
        .bind::<Timestamptz, _>(tx.now)
        .bind::<Nullable<SqlUuid>, _>(tx.who.account_id)
        .execute(tx.conn)?;
    Ok(())
}

/// What is left of a lot that is for sale again counts in the levels again.
pub fn bring_back(tx: &mut Tx<'_>, id: LotId) -> Result<()> {
    let sql = "with moved as ( \
           insert into stock_movements \
             (id, variant_id, lot_id, producer_id, kind, delta, saleable_delta, actor_account_id, at) \
           select gen_random_uuid(), variant_id, lot_id, producer_id, $2, 0, on_hand, $3, $4 \
           from lot_levels where lot_id = $1 and on_hand > 0) \
         update stock_levels s set on_hand = s.on_hand + l.on_hand, reserved = s.reserved + l.reserved \
         from lot_levels l where l.lot_id = $1 and s.variant_id = l.variant_id";
    diesel::sql_query(sql)
        .bind::<SqlUuid, _>(id)
        .bind::<Text, _>(MovementKind::Reinstated)
        .bind::<Nullable<SqlUuid>, _>(tx.who.account_id)
        .bind::<Timestamptz, _>(tx.now)
        .execute(tx.conn)?;
    Ok(())
}

/// What a lot has of one variant.
#[derive(Debug, Clone, Copy, Queryable)]
pub struct LotLevel {
    pub lot_id: LotId,
    pub variant_id: VariantId,
    pub on_hand: i32,
    pub reserved: i32,
}

pub fn levels_of(tx: &mut Tx<'_>, ids: &[LotId]) -> Result<Vec<LotLevel>> {
    Ok(lot_levels::table
        .filter(lot_levels::lot_id.eq_any(ids))
        .order((lot_levels::lot_id, lot_levels::variant_id))
        .select((lot_levels::lot_id, lot_levels::variant_id, lot_levels::on_hand, lot_levels::reserved))
        .load(tx.conn)?)
}

/// Which lots a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub producer_id: Option<ProducerId>,
    pub product_id: Option<ProductId>,
    pub variant_id: Option<VariantId>,
    pub status: Option<LotStatus>,
    pub code: Option<String>,
}

/// Where a page of lots ended.
pub type Place = (Option<NaiveDate>, Option<NaiveDate>, Uuid);

/// Lots in the order in which they are sold: what expires first, what was harvested first, goods without dates last.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, after: Option<Place>, rows: i64) -> Result<Vec<Lot>> {
    let (expires_on, harvested_on, id) = after.map_or((None, None, None), |(e, h, id)| (e, h, Some(id)));
    let sql = "select * from lots \
         where ($1 is null or producer_id = $1) and ($2 is null or product_id = $2) and ($3 is null or status = $3) \
           and ($4 is null or code = $4) \
           and ($5 is null or exists (select from lot_levels l where l.lot_id = lots.id and l.variant_id = $5 and l.on_hand > 0)) \
           and ($8 is null or (coalesce(expires_on, 'infinity'), coalesce(harvested_on, 'infinity'), id) \
                              > (coalesce($6, 'infinity'), coalesce($7, 'infinity'), $8)) \
         order by coalesce(expires_on, 'infinity'), coalesce(harvested_on, 'infinity'), id limit $9";
    Ok(diesel::sql_query(sql)
        .bind::<Nullable<SqlUuid>, _>(filter.producer_id)
        .bind::<Nullable<SqlUuid>, _>(filter.product_id)
        .bind::<Nullable<Text>, _>(filter.status)
        .bind::<Nullable<Text>, _>(filter.code.as_deref())
        .bind::<Nullable<SqlUuid>, _>(filter.variant_id)
        .bind::<Nullable<Date>, _>(expires_on)
        .bind::<Nullable<Date>, _>(harvested_on)
        .bind::<Nullable<SqlUuid>, _>(id)
        .bind::<BigInt, _>(rows)
        .load(tx.conn)?)
}

/// How many orders, and how many people, hold or got goods of a lot.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct Concerned {
    #[diesel(sql_type = BigInt)]
    pub orders: i64,
    #[diesel(sql_type = BigInt)]
    pub buyers: i64,
}

pub fn concerned(tx: &mut Tx<'_>, id: LotId) -> Result<Concerned> {
    let sql = "select count(distinct order_id) as orders, count(distinct buyer_account_id) as buyers \
         from lot_orders where lot_id = $1";
    Ok(diesel::sql_query(sql).bind::<SqlUuid, _>(id).get_result(tx.conn)?)
}

/// Goods of a lot in an order.
#[derive(Debug, Clone, QueryableByName)]
pub struct LotOrder {
    #[diesel(sql_type = SqlUuid)]
    pub order_id: OrderId,
    #[diesel(sql_type = Text)]
    pub order_code: String,
    #[diesel(sql_type = Text)]
    pub order_status: String,
    #[diesel(sql_type = SqlUuid)]
    pub variant_id: VariantId,
    #[diesel(sql_type = Integer)]
    pub quantity: i32,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub paid_at: Option<DateTime<Utc>>,
}

/// The orders with goods of a lot, in the order in which they were placed. A producer sees an order when it is paid.
pub fn orders_of(
    tx: &mut Tx<'_>,
    id: LotId,
    is_paid: bool,
    after: Option<(Uuid, Uuid)>,
    rows: i64,
) -> Result<Vec<LotOrder>> {
    let (order_id, variant_id) = after.unzip();
    let sql = "select * from lot_orders where lot_id = $1 and (paid_at is not null or not $2) \
           and ($3 is null or (order_id, variant_id) > ($3, $4)) order by order_id, variant_id limit $5";
    Ok(diesel::sql_query(sql)
        .bind::<SqlUuid, _>(id)
        .bind::<diesel::sql_types::Bool, _>(is_paid)
        .bind::<Nullable<SqlUuid>, _>(order_id)
        .bind::<Nullable<SqlUuid>, _>(variant_id)
        .bind::<BigInt, _>(rows)
        .load(tx.conn)?)
}
