use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Timestamptz, Uuid as SqlUuid};
use schema::{tax_thresholds, tax_warnings};

use crate::kernel::{OrderId, ProducerId, Result, Tx};

/// Below it no tax is owed for a year.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = tax_thresholds)]
pub struct Threshold {
    pub effective_on: NaiveDate,
    pub amount_vnd: i64,
    pub source: String,
}

/// What is in force on a day. There is one for every day of this market.
pub fn threshold_on(tx: &mut Tx<'_>, day: NaiveDate) -> Result<Threshold> {
    Ok(tax_thresholds::table
        .filter(tax_thresholds::effective_on.le(day))
        .order(tax_thresholds::effective_on.desc())
        .select(Threshold::as_select())
        .first(tx.conn)?)
}

#[derive(QueryableByName)]
struct Earned {
    #[diesel(sql_type = SqlUuid)]
    producer_id: ProducerId,
    #[diesel(sql_type = BigInt)]
    revenue: i64,
}

/// What each seller of whom tax is withheld has sold in a time, less what was returned in it, where that is at least so
/// much.
pub fn revenues(
    tx: &mut Tx<'_>,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
    at_least: i64,
) -> Result<Vec<(ProducerId, i64)>> {
    let rows: Vec<Earned> = diesel::sql_query(
        "select producer_id, sum(case when refund_id is null then base_vnd else -base_vnd end)::bigint as revenue \
         from tax_lines where at >= $1 and at < $2 and reason <> 'declares_itself' group by producer_id \
         having sum(case when refund_id is null then base_vnd else -base_vnd end) >= $3 order by producer_id",
    )
    .bind::<Timestamptz, _>(from)
    .bind::<Timestamptz, _>(until)
    .bind::<BigInt, _>(at_least)
    .load(tx.conn)?;
    Ok(rows.into_iter().map(|row| (row.producer_id, row.revenue)).collect())
}

#[derive(QueryableByName)]
struct Sum {
    #[diesel(sql_type = BigInt)]
    revenue: i64,
}

/// What one seller has sold in a time, less what was returned in it.
pub fn revenue(tx: &mut Tx<'_>, id: ProducerId, (from, until): (DateTime<Utc>, DateTime<Utc>)) -> Result<i64> {
    let row: Sum = diesel::sql_query(
        "select coalesce(sum(case when refund_id is null then base_vnd else -base_vnd end), 0)::bigint as revenue \
         from tax_lines where producer_id = $1 and at >= $2 and at < $3",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<Timestamptz, _>(from)
    .bind::<Timestamptz, _>(until)
    .get_result(tx.conn)?;
    Ok(row.revenue)
}

/// Writes down that somebody is told of a step, and of those that lie below it; says whether it is the first time.
pub fn warned(
    tx: &mut Tx<'_>,
    (producer_id, year, percent): (ProducerId, i32, i32),
    (revenue, threshold): (i64, i64),
) -> Result<bool> {
    let step = |step: i32| {
        (
            tax_warnings::producer_id.eq(producer_id),
            tax_warnings::year.eq(year),
            tax_warnings::percent.eq(step),
            tax_warnings::revenue_vnd.eq(revenue),
            tax_warnings::threshold_vnd.eq(threshold),
            tax_warnings::at.eq(tx.now),
        )
    };
    let steps: Vec<_> = [70, 90, 100].into_iter().filter(|one| *one <= percent).map(step).collect();
    let new: Vec<i32> = diesel::insert_into(tax_warnings::table)
        .values(steps)
        .on_conflict_do_nothing()
        .returning(tax_warnings::percent)
        .get_results(tx.conn)?;
    Ok(new.contains(&percent))
}

/// An order's tax, or what a refund has taken back of it.
#[derive(Debug, Clone, QueryableByName)]
pub struct OfOrder {
    #[diesel(sql_type = SqlUuid)]
    pub order_id: OrderId,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub refund_id: Option<uuid::Uuid>,
    #[diesel(sql_type = Timestamptz)]
    pub at: DateTime<Utc>,
    #[diesel(sql_type = BigInt)]
    pub base_vnd: i64,
    #[diesel(sql_type = BigInt)]
    pub vat_vnd: i64,
    #[diesel(sql_type = BigInt)]
    pub pit_vnd: i64,
}

/// Of whom what was withheld in a time, by order, the first first.
pub fn by_order(
    tx: &mut Tx<'_>,
    id: ProducerId,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
    rows: i64,
) -> Result<Vec<OfOrder>> {
    Ok(diesel::sql_query(
        "select order_id, refund_id, min(at) as at, sum(base_vnd)::bigint as base_vnd, sum(vat_vnd)::bigint as vat_vnd, \
                sum(pit_vnd)::bigint as pit_vnd \
         from tax_lines where producer_id = $1 and at >= $2 and at < $3 \
         group by order_id, refund_id order by min(at), order_id, refund_id limit $4",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<Timestamptz, _>(from)
    .bind::<Timestamptz, _>(until)
    .bind::<BigInt, _>(rows)
    .load(tx.conn)?)
}
