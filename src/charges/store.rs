use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date, Text, Uuid as SqlUuid};
use schema::{charge_returns, fee_schedules, order_charges, product_tax_categories, tax_lines, tax_readings};
use uuid::Uuid;

use super::charge::Late;
use super::model::{Reading, TaxCategory, TaxReason};
use crate::kernel::{
    AccountId, EventId, FeeScheduleId, OrderId, ProducerId, ProductId, RefundId, Result, Tx, VariantId, Vnd,
};
use crate::producers::ProducerKind;

/// A fee with its day.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = fee_schedules)]
pub struct Schedule {
    pub id: FeeScheduleId,
    pub rate_bp: i32,
    pub effective_on: NaiveDate,
    pub note: String,
    pub announced_at: DateTime<Utc>,
}

pub fn schedule(tx: &mut Tx<'_>, id: FeeScheduleId) -> Result<Schedule> {
    Ok(fee_schedules::table.find(id).select(Schedule::as_select()).first(tx.conn)?)
}

/// What is in force on a day. There is one for every day of this market.
pub fn schedule_on(tx: &mut Tx<'_>, day: NaiveDate) -> Result<Schedule> {
    Ok(fee_schedules::table
        .filter(fee_schedules::effective_on.le(day))
        .order(fee_schedules::effective_on.desc())
        .select(Schedule::as_select())
        .first(tx.conn)?)
}

/// What was announced and has not begun, the next first.
pub fn schedules_after(tx: &mut Tx<'_>, day: NaiveDate, rows: i64) -> Result<Vec<Schedule>> {
    Ok(fee_schedules::table
        .filter(fee_schedules::effective_on.gt(day))
        .order(fee_schedules::effective_on)
        .limit(rows)
        .select(Schedule::as_select())
        .load(tx.conn)?)
}

pub fn insert_schedule(tx: &mut Tx<'_>, new: &Schedule, by: AccountId) -> QueryResult<usize> {
    diesel::insert_into(fee_schedules::table)
        .values((
            fee_schedules::id.eq(new.id),
            fee_schedules::rate_bp.eq(new.rate_bp),
            fee_schedules::effective_on.eq(new.effective_on),
            fee_schedules::note.eq(&new.note),
            fee_schedules::announced_by.eq(by),
            fee_schedules::announced_at.eq(new.announced_at),
        ))
        .execute(tx.conn)
}

/// Which reading of contradicting texts is followed from a day on.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = tax_readings)]
pub struct ReadingRow {
    pub effective_on: NaiveDate,
    pub reading: Reading,
    pub note: String,
    pub decided_at: DateTime<Utc>,
}

pub fn insert_reading(tx: &mut Tx<'_>, new: &ReadingRow, by: AccountId) -> QueryResult<usize> {
    diesel::insert_into(tax_readings::table)
        .values((
            tax_readings::effective_on.eq(new.effective_on),
            tax_readings::reading.eq(new.reading),
            tax_readings::note.eq(&new.note),
            tax_readings::decided_by.eq(by),
            tax_readings::decided_at.eq(new.decided_at),
        ))
        .execute(tx.conn)
}

/// The reading in force on a day and those that follow.
pub fn readings_from(tx: &mut Tx<'_>, day: NaiveDate) -> Result<Vec<ReadingRow>> {
    let begun = tax_readings::table
        .filter(tax_readings::effective_on.le(day))
        .order(tax_readings::effective_on.desc())
        .select(tax_readings::effective_on)
        .first::<NaiveDate>(tx.conn)
        .optional()?;
    Ok(tax_readings::table
        .filter(tax_readings::effective_on.ge(begun.unwrap_or(day)))
        .order(tax_readings::effective_on)
        .limit(100)
        .select(ReadingRow::as_select())
        .load(tx.conn)?)
}

/// A rule of the state as it is in force.
#[derive(Debug, Clone, QueryableByName)]
pub struct Rate {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub tax_category: TaxCategory,
    #[diesel(sql_type = Text)]
    pub producer_kind: ProducerKind,
    #[diesel(sql_type = Text)]
    pub reading: Reading,
    #[diesel(sql_type = Date)]
    pub effective_on: NaiveDate,
    #[diesel(sql_type = diesel::sql_types::Integer)]
    pub vat_bp: i32,
    #[diesel(sql_type = diesel::sql_types::Integer)]
    pub pit_bp: i32,
    #[diesel(sql_type = Text)]
    pub source: String,
}

/// The rule of every category for these kinds of producers on a day. What is settled since goes before a reading.
pub fn rates(tx: &mut Tx<'_>, kinds: &[ProducerKind], day: NaiveDate) -> Result<Vec<Rate>> {
    let kinds: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
    Ok(diesel::sql_query(
        "select distinct on (producer_kind, tax_category) id, tax_category, producer_kind, reading, effective_on, vat_bp, pit_bp, \
                source \
         from tax_rates \
         where producer_kind = any($1) and effective_on <= $2 \
           and reading in ('settled', (select r.reading from tax_readings r where r.effective_on <= $2 \
                                       order by r.effective_on desc limit 1)) \
         order by producer_kind, tax_category, effective_on desc, (reading = 'settled') desc",
    )
    .bind::<Array<Text>, _>(kinds)
    .bind::<Date, _>(day)
    .load(tx.conn)?)
}

pub fn rates_on(tx: &mut Tx<'_>, kind: ProducerKind, day: NaiveDate) -> Result<Vec<Rate>> {
    rates(tx, &[kind], day)
}

/// What somebody has said that a product is for the tax office.
#[derive(Debug, Clone)]
pub struct Declared {
    pub product_id: ProductId,
    pub tax_category: TaxCategory,
    /// None where nobody has said anything.
    pub since: Option<DateTime<Utc>>,
}

pub fn insert_category(
    tx: &mut Tx<'_>,
    (product_id, producer_id): (ProductId, ProducerId),
    category: TaxCategory,
    by: AccountId,
) -> Result<()> {
    diesel::insert_into(product_tax_categories::table)
        .values((
            product_tax_categories::product_id.eq(product_id),
            product_tax_categories::producer_id.eq(producer_id),
            product_tax_categories::since.eq(tx.now),
            product_tax_categories::tax_category.eq(category),
            product_tax_categories::declared_by.eq(by),
        ))
        .execute(tx.conn)?;
    Ok(())
}

pub fn category(tx: &mut Tx<'_>, id: ProductId) -> Result<Option<Declared>> {
    let row: Option<(TaxCategory, DateTime<Utc>)> = product_tax_categories::table
        .filter(product_tax_categories::product_id.eq(id))
        .order(product_tax_categories::since.desc())
        .select((product_tax_categories::tax_category, product_tax_categories::since))
        .first(tx.conn)
        .optional()?;
    Ok(row.map(|(tax_category, since)| Declared { product_id: id, tax_category, since: Some(since) }))
}

/// What these products were at a moment; those of which nobody had said anything are left out.
pub fn categories_at(
    tx: &mut Tx<'_>,
    ids: &[ProductId],
    at: DateTime<Utc>,
) -> Result<BTreeMap<ProductId, TaxCategory>> {
    let rows: Vec<(ProductId, TaxCategory)> = product_tax_categories::table
        .filter(product_tax_categories::product_id.eq_any(ids))
        .filter(product_tax_categories::since.le(at))
        .order(product_tax_categories::since)
        .select((product_tax_categories::product_id, product_tax_categories::tax_category))
        .load(tx.conn)?;
    // The last word counts.
    Ok(rows.into_iter().collect())
}

/// What an order was charged.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = order_charges)]
pub struct Charged {
    pub order_id: OrderId,
    pub producer_id: ProducerId,
    pub schedule_id: FeeScheduleId,
    pub earned_vnd: Vnd,
    pub fee_base_vnd: Vnd,
    pub fee_vnd: Vnd,
    pub at: DateTime<Utc>,
}

pub fn insert_charged(tx: &mut Tx<'_>, charged: &Charged) -> Result<()> {
    diesel::insert_into(order_charges::table).values(charged).execute(tx.conn)?;
    Ok(())
}

/// What refunds have taken back so far.
#[derive(Debug, Clone, Copy)]
pub struct Taken {
    pub less_vnd: Vnd,
    pub fee_vnd: Vnd,
}

/// What an order was charged and what was taken back of it. Whoever takes something back holds the order.
pub fn charged(tx: &mut Tx<'_>, id: OrderId) -> Result<Option<(Charged, Taken)>> {
    let charged = order_charges::table.find(id).select(Charged::as_select()).first(tx.conn).optional()?;
    let Some(charged) = charged else { return Ok(None) };
    let rows: Vec<(Vnd, Vnd)> = charge_returns::table
        .filter(charge_returns::order_id.eq(id))
        .select((charge_returns::less_vnd, charge_returns::fee_vnd))
        .load(tx.conn)?;
    let sum = |part: fn(&(Vnd, Vnd)) -> Vnd| Vnd::sum(rows.iter().map(part)).unwrap_or(Vnd::MOST);
    Ok(Some((charged, Taken { less_vnd: sum(|row| row.0), fee_vnd: sum(|row| row.1) })))
}

pub fn insert_return(tx: &mut Tx<'_>, late: &Late, fee: Vnd) -> Result<()> {
    diesel::insert_into(charge_returns::table)
        .values((
            charge_returns::refund_id.eq(late.refund_id),
            charge_returns::order_id.eq(late.order_id),
            charge_returns::producer_id.eq(late.producer_id),
            charge_returns::less_vnd.eq(late.less),
            charge_returns::fee_vnd.eq(fee),
            charge_returns::at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// A line of tax, or what a refund takes back of one.
#[derive(Debug, Clone)]
pub struct NewTaxLine {
    pub order_id: OrderId,
    pub variant_id: VariantId,
    pub refund_id: Option<RefundId>,
    pub producer_id: ProducerId,
    pub tax_category: TaxCategory,
    pub applied_category: TaxCategory,
    pub reason: TaxReason,
    pub rate_id: Uuid,
    pub base_vnd: Vnd,
    pub vat_vnd: Vnd,
    pub pit_vnd: Vnd,
}

pub fn insert_tax_lines(tx: &mut Tx<'_>, lines: &[NewTaxLine]) -> Result<()> {
    let rows: Vec<_> = lines
        .iter()
        .map(|line| {
            (
                tax_lines::id.eq(EventId::generate().0),
                tax_lines::order_id.eq(line.order_id),
                tax_lines::variant_id.eq(line.variant_id),
                tax_lines::refund_id.eq(line.refund_id),
                tax_lines::producer_id.eq(line.producer_id),
                tax_lines::tax_category.eq(line.tax_category),
                tax_lines::applied_category.eq(line.applied_category),
                tax_lines::reason.eq(line.reason),
                tax_lines::rate_id.eq(line.rate_id),
                tax_lines::base_vnd.eq(line.base_vnd),
                tax_lines::vat_vnd.eq(line.vat_vnd),
                tax_lines::pit_vnd.eq(line.pit_vnd),
                tax_lines::at.eq(tx.now),
            )
        })
        .collect();
    diesel::insert_into(tax_lines::table).values(rows).execute(tx.conn)?;
    Ok(())
}

/// A taxed line with its rule, and what of it was not taken back yet.
#[derive(Debug, Clone)]
pub struct Returned {
    pub line: NewTaxLine,
    pub rate: (i32, i32),
    pub base_net: Vnd,
    pub vat_net: Vnd,
    pub pit_net: Vnd,
}

#[derive(QueryableByName)]
struct TaxedRow {
    #[diesel(sql_type = SqlUuid)]
    variant_id: VariantId,
    #[diesel(sql_type = SqlUuid)]
    producer_id: ProducerId,
    #[diesel(sql_type = Text)]
    tax_category: TaxCategory,
    #[diesel(sql_type = Text)]
    applied_category: TaxCategory,
    #[diesel(sql_type = Text)]
    reason: TaxReason,
    #[diesel(sql_type = SqlUuid)]
    rate_id: Uuid,
    #[diesel(sql_type = diesel::sql_types::Integer)]
    vat_bp: i32,
    #[diesel(sql_type = diesel::sql_types::Integer)]
    pit_bp: i32,
    #[diesel(sql_type = BigInt)]
    base_vnd: Vnd,
    #[diesel(sql_type = BigInt)]
    vat_vnd: Vnd,
    #[diesel(sql_type = BigInt)]
    pit_vnd: Vnd,
    #[diesel(sql_type = BigInt)]
    base_net: Vnd,
    #[diesel(sql_type = BigInt)]
    vat_net: Vnd,
    #[diesel(sql_type = BigInt)]
    pit_net: Vnd,
}

pub fn taxed(tx: &mut Tx<'_>, order_id: OrderId) -> Result<Vec<Returned>> {
    let rows: Vec<TaxedRow> = diesel::sql_query(
        "select l.variant_id, l.producer_id, l.tax_category, l.applied_category, l.reason, l.rate_id, r.vat_bp, r.pit_bp, \
                l.base_vnd, l.vat_vnd, l.pit_vnd, (l.base_vnd - b.base)::bigint as base_net, \
                (l.vat_vnd - b.vat)::bigint as vat_net, (l.pit_vnd - b.pit)::bigint as pit_net \
         from tax_lines l join tax_rates r on r.id = l.rate_id \
         cross join lateral ( \
             select coalesce(sum(x.base_vnd), 0) as base, coalesce(sum(x.vat_vnd), 0) as vat, coalesce(sum(x.pit_vnd), 0) as pit \
             from tax_lines x where x.order_id = l.order_id and x.variant_id = l.variant_id and x.refund_id is not null) b \
         where l.order_id = $1 and l.refund_id is null order by l.variant_id",
    )
    .bind::<SqlUuid, _>(order_id)
    .load(tx.conn)?;
    Ok(rows.into_iter().map(|row| returned(order_id, row)).collect())
}

fn returned(order_id: OrderId, row: TaxedRow) -> Returned {
    Returned {
        line: NewTaxLine {
            order_id,
            variant_id: row.variant_id,
            refund_id: None,
            producer_id: row.producer_id,
            tax_category: row.tax_category,
            applied_category: row.applied_category,
            reason: row.reason,
            rate_id: row.rate_id,
            base_vnd: row.base_vnd,
            vat_vnd: row.vat_vnd,
            pit_vnd: row.pit_vnd,
        },
        rate: (row.vat_bp, row.pit_bp),
        base_net: row.base_net,
        vat_net: row.vat_net,
        pit_net: row.pit_net,
    }
}
