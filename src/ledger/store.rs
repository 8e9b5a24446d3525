use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{Query, QueryFragment};
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use schema::{ledger_balances, ledger_transfers};
use uuid::Uuid;

use super::model::{LedgerAccount, Posted, Transfer, TransferKind};
use crate::kernel::sql::Prepare;
use crate::kernel::{Error, OrderId, ProducerId, RefundId, Result, TransferId, Tx, Vnd};

/// Writes these movements down, in their order; returns the id of each.
fn written(tx: &Tx<'_>, transfers: &[Transfer]) -> impl QueryFragment<Pg> + Query<SqlType = SqlUuid> + use<> {
    fn all<T>(transfers: &[Transfer], of: impl Fn(&Transfer) -> T) -> Vec<T> {
        transfers.iter().map(of).collect()
    }
    sql::<SqlUuid>(
        "insert into ledger_transfers (id, kind, subject_id, debit, credit, amount_vnd, provider, producer_id, \
           order_id, refund_id, reverses, at) \
         select t.*, ",
    )
    .bind::<Timestamptz, _>(tx.now)
    .sql("::timestamptz from unnest(")
    .bind::<Array<SqlUuid>, _>(all(transfers, |_| TransferId::generate()))
    .sql("::uuid[], ")
    .bind::<Array<Text>, _>(all(transfers, |one| one.kind.as_str()))
    .sql("::text[], ")
    .bind::<Array<SqlUuid>, _>(all(transfers, |one| one.subject_id))
    .sql("::uuid[], ")
    .bind::<Array<Text>, _>(all(transfers, |one| one.debit.as_str()))
    .sql("::text[], ")
    .bind::<Array<Text>, _>(all(transfers, |one| one.credit.as_str()))
    .sql("::text[], ")
    .bind::<Array<BigInt>, _>(all(transfers, |one| one.amount))
    .sql("::bigint[], ")
    .bind::<Array<Nullable<Text>>, _>(all(transfers, |one| one.provider.clone()))
    .sql("::text[], ")
    .bind::<Array<Nullable<SqlUuid>>, _>(all(transfers, |one| one.producer_id))
    .sql("::uuid[], ")
    .bind::<Array<Nullable<SqlUuid>>, _>(all(transfers, |one| one.order_id))
    .sql("::uuid[], ")
    .bind::<Array<Nullable<SqlUuid>>, _>(all(transfers, |one| one.refund_id))
    .sql("::uuid[], ")
    .bind::<Array<Nullable<SqlUuid>>, _>(all(transfers, |one| one.reverses))
    .sql("::uuid[]) as t returning id")
}

/// Writes these movements down, in their order.
pub fn insert(tx: &mut Tx<'_>, transfers: &[Transfer]) -> QueryResult<()> {
    written(tx, transfers).prepared().load::<TransferId>(tx.conn).map(drop)
}

/// The same at the end of the transaction.
pub fn insert_later(tx: &mut Tx<'_>, transfers: &[Transfer]) -> Result<()> {
    tx.later(written(tx, transfers), 0)
}

pub fn find(tx: &mut Tx<'_>, id: TransferId) -> Result<Posted> {
    Ok(ledger_transfers::table.find(id).select(Posted::as_select()).first(tx.conn)?)
}

/// What a movement was.
pub fn kind_of(tx: &mut Tx<'_>, id: TransferId) -> Result<TransferKind> {
    Ok(ledger_transfers::table.find(id).select(ledger_transfers::kind).first(tx.conn)?)
}

/// The provider through which an order was paid.
pub fn captured_through(tx: &mut Tx<'_>, order_id: OrderId) -> Result<String> {
    let provider: Option<String> = ledger_transfers::table
        .filter(ledger_transfers::kind.eq(TransferKind::Capture))
        .filter(ledger_transfers::subject_id.eq(order_id.0))
        .select(ledger_transfers::provider)
        .first(tx.conn)?;
    provider.ok_or_else(|| Error::internal("a capture through nobody"))
}

/// What a producer has with us now; below zero he owes.
pub fn balance(tx: &mut Tx<'_>, producer_id: ProducerId) -> Result<i64> {
    let kept = ledger_balances::table.find(producer_id).select(ledger_balances::balance_vnd).first(tx.conn);
    Ok(kept.optional()?.unwrap_or(0))
}

/// What these producers have with us now; who never had anything is left out.
pub fn balances(tx: &mut Tx<'_>, producers: &[ProducerId]) -> Result<Vec<(ProducerId, i64)>> {
    Ok(ledger_balances::table
        .filter(ledger_balances::producer_id.eq_any(producers))
        .order(ledger_balances::producer_id)
        .select((ledger_balances::producer_id, ledger_balances::balance_vnd))
        .load(tx.conn)?)
}

/// Producers who have at least so much with us, in the order of their ids.
pub fn with_at_least(
    tx: &mut Tx<'_>,
    least: Vnd,
    after: Option<ProducerId>,
    rows_max: i64,
) -> Result<Vec<(ProducerId, i64)>> {
    let mut query = ledger_balances::table
        .filter(ledger_balances::balance_vnd.ge(least.amount()))
        .order(ledger_balances::producer_id)
        .select((ledger_balances::producer_id, ledger_balances::balance_vnd))
        .limit(rows_max)
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(ledger_balances::producer_id.gt(after));
    }
    Ok(query.load(tx.conn)?)
}

/// The movement of this kind about this subject.
pub fn posted(tx: &mut Tx<'_>, kind: TransferKind, subject_id: Uuid) -> Result<TransferId> {
    let named = ledger_transfers::table
        .filter(ledger_transfers::kind.eq(kind))
        .filter(ledger_transfers::subject_id.eq(subject_id));
    Ok(named.select(ledger_transfers::id).first(tx.conn)?)
}

#[derive(QueryableByName)]
struct Earned {
    #[diesel(sql_type = SqlUuid)]
    producer_id: ProducerId,
    #[diesel(sql_type = BigInt)]
    earned_vnd: i64,
}

/// What these producers have of these orders, fees, taxes and late refunds taken off; who has nothing of them is left out.
pub fn earned(tx: &mut Tx<'_>, producers: &[ProducerId], orders: &[OrderId]) -> Result<Vec<(ProducerId, i64)>> {
    let rows: Vec<Earned> = diesel::sql_query(
        "select producer_id, sum(earned)::bigint as earned_vnd from ( \
             select producer_id, order_id, sum(case when credit = 'producer' then amount_vnd else -amount_vnd end) as earned \
             from ledger_transfers \
             where order_id = any($2) and producer_id = any($1) and (debit = 'producer' or credit = 'producer') \
             group by producer_id, order_id) x \
         where earned > 0 group by producer_id",
    )
    .bind::<Array<SqlUuid>, _>(producers)
    .bind::<Array<SqlUuid>, _>(orders)
    .load(tx.conn)?;
    Ok(rows.into_iter().map(|row| (row.producer_id, row.earned_vnd)).collect())
}

#[derive(QueryableByName)]
struct Sum {
    #[diesel(sql_type = BigInt)]
    sum: i64,
}

/// What a producer had with us at a moment, its own movements included: the last sum of a month before it, and what moved
/// since.
pub fn balance_at(tx: &mut Tx<'_>, producer_id: ProducerId, at: DateTime<Utc>) -> Result<i64> {
    let row: Sum = diesel::sql_query(
        "with summed as (select at, balance_vnd from ledger_producer_checkpoints where producer_id = $1 and at <= $2 \
                         order by at desc limit 1) \
         select (coalesce((select balance_vnd from summed), 0) \
                 + coalesce(sum(case when credit = 'producer' then amount_vnd else -amount_vnd end), 0))::bigint as sum \
         from ledger_transfers where producer_id = $1 and (debit = 'producer' or credit = 'producer') and at <= $2 \
           and at >= coalesce((select at from summed), '-infinity')",
    )
    .bind::<SqlUuid, _>(producer_id)
    .bind::<Timestamptz, _>(at)
    .get_result(tx.conn)?;
    Ok(row.sum)
}

/// A movement of a producer's account with what it left there.
#[derive(Debug, Clone, QueryableByName)]
pub struct StatementLine {
    #[diesel(sql_type = SqlUuid)]
    pub id: TransferId,
    #[diesel(sql_type = Text)]
    pub kind: TransferKind,
    /// What the account got; below zero: gave.
    #[diesel(sql_type = BigInt)]
    pub change_vnd: i64,
    #[diesel(sql_type = BigInt)]
    pub balance_vnd: i64,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub order_id: Option<OrderId>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub refund_id: Option<RefundId>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub reverses: Option<TransferId>,
    #[diesel(sql_type = Timestamptz)]
    pub at: DateTime<Utc>,
}

/// The newest first, one more than the page holds. What was there before it is the last sum of a month that all of them come
/// after: ids are drawn by the program's clock, whose difference from the database's is far from a day.
pub fn statement(
    tx: &mut Tx<'_>,
    producer_id: ProducerId,
    before: Option<TransferId>,
    rows: i64,
) -> Result<Vec<StatementLine>> {
    Ok(diesel::sql_query(
        "with page as ( \
             select id, kind, order_id, refund_id, reverses, at, \
                    case when credit = 'producer' then amount_vnd else -amount_vnd end as change_vnd \
             from ledger_transfers \
             where producer_id = $1 and (debit = 'producer' or credit = 'producer') and ($2 is null or id < $2) \
             order by id desc limit $3), \
         first as (select id, at from page order by id limit 1), \
         summed as (select c.at, c.balance_vnd from ledger_producer_checkpoints c, first \
                    where c.producer_id = $1 and c.at <= first.at - interval '1 day' order by c.at desc limit 1), \
         base as (select coalesce((select balance_vnd from summed), 0) \
                      + coalesce(sum(case when credit = 'producer' then amount_vnd else -amount_vnd end), 0) as vnd \
                  from ledger_transfers where producer_id = $1 and (debit = 'producer' or credit = 'producer') \
                    and id < (select id from first) and at >= coalesce((select at from summed), '-infinity')) \
         select page.*, (base.vnd + sum(change_vnd) over (order by id))::bigint as balance_vnd from page, base order by id desc",
    )
    .bind::<SqlUuid, _>(producer_id)
    .bind::<Nullable<SqlUuid>, _>(before)
    .bind::<BigInt, _>(rows)
    .load(tx.conn)?)
}

/// A movement of a producer's account.
#[derive(Debug, Clone, QueryableByName)]
pub struct Movement {
    #[diesel(sql_type = Text)]
    pub kind: TransferKind,
    #[diesel(sql_type = BigInt)]
    pub change_vnd: i64,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub order_id: Option<OrderId>,
    #[diesel(sql_type = Timestamptz)]
    pub at: DateTime<Utc>,
}

/// The movements of a time, the first first: from a moment until just before another.
pub fn movements(
    tx: &mut Tx<'_>,
    producer_id: ProducerId,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
    rows: i64,
) -> Result<Vec<Movement>> {
    Ok(diesel::sql_query(
        "select kind, case when credit = 'producer' then amount_vnd else -amount_vnd end as change_vnd, order_id, at \
         from ledger_transfers \
         where producer_id = $1 and (debit = 'producer' or credit = 'producer') and at >= $2 and at < $3 \
         order by id limit $4",
    )
    .bind::<SqlUuid, _>(producer_id)
    .bind::<Timestamptz, _>(from)
    .bind::<Timestamptz, _>(until)
    .bind::<BigInt, _>(rows)
    .load(tx.conn)?)
}

/// An account with all that ever went through it until a moment.
#[derive(Debug, Clone, QueryableByName)]
pub struct AccountLine {
    #[diesel(sql_type = Text)]
    pub account: LedgerAccount,
    #[diesel(sql_type = Nullable<Text>)]
    pub provider: Option<String>,
    #[diesel(sql_type = BigInt)]
    pub debits_vnd: i64,
    #[diesel(sql_type = BigInt)]
    pub credits_vnd: i64,
    #[diesel(sql_type = BigInt)]
    pub transfers: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub waits_since: Option<DateTime<Utc>>,
}

/// Accounts of which each provider has one.
const OF_PROVIDERS: &str = "('clearing', 'suspense', 'set_aside', 'provider_fees')";

/// All accounts as they were at a moment: the last sums of a month before it, and what moved since. What leaves an account is
/// what came first, so what waits there waits since the first movement that what left does not reach; that is looked for in
/// the month after the last sum that what left does reach.
pub fn accounts(tx: &mut Tx<'_>, at: DateTime<Utc>) -> Result<Vec<AccountLine>> {
    Ok(diesel::sql_query(format!(
        "with summed as ( \
             select at, account, case when account in {OF_PROVIDERS} then nullif(provider, '') end as provider, \
                    sum(debits_vnd) as debits, sum(credits_vnd) as credits, sum(transfers) as transfers \
             from ledger_checkpoints where at <= $1 group by 1, 2, 3), \
         last as (select coalesce(max(at), '-infinity') as at from summed), \
         part as ( \
             select account, provider, debits, credits, transfers from summed where at = (select at from last) \
             union all \
             select s.account, case when s.account in {OF_PROVIDERS} then l.provider end, s.debit_vnd, s.credit_vnd, 1 \
             from ledger_transfers l \
             cross join lateral (values (l.debit, l.amount_vnd, 0), (l.credit, 0, l.amount_vnd)) s (account, debit_vnd, credit_vnd) \
             where l.at >= (select at from last) and l.at <= $1), \
         whole as ( \
             select account, provider, sum(debits) as debits, sum(credits) as credits, sum(transfers) as transfers, \
                    least(sum(debits), sum(credits)) as reached, sum(debits) > sum(credits) as is_debit \
             from part group by account, provider) \
         select w.account, w.provider, w.debits::bigint as debits_vnd, w.credits::bigint as credits_vnd, \
                w.transfers::bigint as transfers, f.at as waits_since \
         from whole w \
         left join lateral ( \
             select coalesce(max(c.at), '-infinity') as at, coalesce(max(case when w.is_debit then c.debits else c.credits end), 0) as so_far \
             from summed c where c.account = w.account and c.provider is not distinct from w.provider \
               and case when w.is_debit then c.debits else c.credits end <= w.reached) b on true \
         left join lateral ( \
             select coalesce(min(c.at), 'infinity') as at \
             from summed c where c.account = w.account and c.provider is not distinct from w.provider and c.at > b.at) e on true \
         left join lateral ( \
             select min(r.at) as at from ( \
                 select l.at, b.so_far + sum(l.amount_vnd) over (order by l.at, l.id rows unbounded preceding) as so_far \
                 from ledger_transfers l \
                 where l.at >= b.at and l.at < e.at and l.at <= $1 and w.account = case when w.is_debit then l.debit else l.credit end \
                   and case when w.account in {OF_PROVIDERS} then l.provider end is not distinct from w.provider) r \
             where r.so_far > w.reached) f on w.debits <> w.credits \
         order by w.account, w.provider"
    ))
    .bind::<Timestamptz, _>(at)
    .load(tx.conn)?)
}

/// What transfers to look for.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub account: Option<LedgerAccount>,
    pub provider: Option<String>,
    pub producer_id: Option<ProducerId>,
    pub order_id: Option<OrderId>,
}

/// The newest first, one more than the page holds.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, before: Option<TransferId>, rows: i64) -> Result<Vec<Posted>> {
    let mut query = ledger_transfers::table.select(Posted::as_select()).into_boxed();
    if let Some(account) = filter.account {
        query = query.filter(ledger_transfers::debit.eq(account).or(ledger_transfers::credit.eq(account)));
    }
    if let Some(provider) = &filter.provider {
        query = query.filter(ledger_transfers::provider.eq(provider.clone()));
    }
    if let Some(producer_id) = filter.producer_id {
        query = query.filter(ledger_transfers::producer_id.eq(producer_id));
    }
    if let Some(order_id) = filter.order_id {
        query = query.filter(ledger_transfers::order_id.eq(order_id));
    }
    if let Some(before) = before {
        query = query.filter(ledger_transfers::id.lt(before));
    }
    Ok(query.order(ledger_transfers::id.desc()).limit(rows).load(tx.conn)?)
}

/// Up to when the books were summed last, and when the first movement was while they never were.
#[derive(Debug, QueryableByName)]
pub struct Summed {
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub until: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub first_at: Option<DateTime<Utc>>,
}

pub fn summed(tx: &mut Tx<'_>) -> Result<Summed> {
    Ok(diesel::sql_query(
        "select s.at as until, case when s.at is null then (select min(at) from ledger_transfers) end as first_at \
         from (select max(at) as at from ledger_checkpoints) s",
    )
    .get_result(tx.conn)?)
}

/// Writes the sums of everything before a moment: those of the moment before, and what moved between.
pub fn sum_until(tx: &mut Tx<'_>, since: Option<DateTime<Utc>>, until: DateTime<Utc>) -> Result<()> {
    diesel::sql_query(
        "insert into ledger_checkpoints (at, account, provider, debits_vnd, credits_vnd, transfers) \
         select $2, account, provider, sum(debits), sum(credits), sum(transfers) from ( \
             select account, provider, debits_vnd as debits, credits_vnd as credits, transfers from ledger_checkpoints where at = $1 \
             union all \
             select s.account, coalesce(l.provider, ''), s.debit_vnd, s.credit_vnd, 1 \
             from ledger_transfers l \
             cross join lateral (values (l.debit, l.amount_vnd, 0), (l.credit, 0, l.amount_vnd)) s (account, debit_vnd, credit_vnd) \
             where l.at >= coalesce($1, '-infinity') and l.at < $2) part \
         group by account, provider",
    )
    .bind::<Nullable<Timestamptz>, _>(since)
    .bind::<Timestamptz, _>(until)
    .execute(tx.conn)?;
    diesel::sql_query(
        "insert into ledger_producer_checkpoints (producer_id, at, balance_vnd) \
         select m.producer_id, $2, m.change_vnd + coalesce(c.balance_vnd, 0) \
         from (select producer_id, sum(case when credit = 'producer' then amount_vnd else -amount_vnd end) as change_vnd \
               from ledger_transfers where at >= coalesce($1, '-infinity') and at < $2 \
                 and (debit = 'producer' or credit = 'producer') group by producer_id) m \
         left join lateral (select balance_vnd from ledger_producer_checkpoints p where p.producer_id = m.producer_id \
                            order by at desc limit 1) c on true",
    )
    .bind::<Nullable<Timestamptz>, _>(since)
    .bind::<Timestamptz, _>(until)
    .execute(tx.conn)?;
    Ok(())
}
