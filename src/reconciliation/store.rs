use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use schema::{settlement_files, settlement_lines, settlement_matches};

use super::model::{Decided, FileFormat, Line, LineKind, Ours, OursId, SettlementSource, Statement};
use crate::kernel::time::day_in_vietnam;
use crate::kernel::{
    AccountId, CreditId, Error, ExceptionId, MappingId, Result, ReviewId, SettlementFileId, SettlementLineId,
    TransferId, Tx, Vnd,
};
use crate::payments::providers::ProviderId;

/// Rows of a statement that many rows need: each row is bound value by value.
const ROWS_AT_ONCE: usize = 2_000;
/// How far before a day a refund may have been sent that is settled then.
const SENT_BEFORE_MAX: TimeDelta = TimeDelta::days(60);

/// One settlement of a provider at a time.
pub fn lock_provider(tx: &mut Tx<'_>, provider: ProviderId) -> Result<()> {
    diesel::sql_query("select pg_advisory_xact_lock(hashtextextended('settlement:' || $1, 0))")
        .bind::<Text, _>(provider.as_str())
        .execute(tx.conn)?;
    Ok(())
}

/// What a provider says of a day, as it is shown.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = settlement_files)]
pub struct File {
    pub id: SettlementFileId,
    pub provider: ProviderId,
    pub source: SettlementSource,
    pub format: FileFormat,
    pub settled_on: NaiveDate,
    pub mapping_id: Option<MappingId>,
    pub reads_refunds: bool,
    pub sha256: Vec<u8>,
    pub lines: i32,
    pub imported_at: DateTime<Utc>,
}

impl File {
    pub fn statement(&self) -> Statement {
        Statement {
            id: self.id,
            provider: self.provider,
            settled_on: self.settled_on,
            reads_refunds: self.reads_refunds,
        }
    }
}

pub fn find_by_hash(tx: &mut Tx<'_>, sha256: &[u8]) -> Result<Option<File>> {
    let known = settlement_files::table.filter(settlement_files::sha256.eq(sha256));
    Ok(known.select(File::as_select()).first(tx.conn).optional()?)
}

pub fn find_file(tx: &mut Tx<'_>, id: SettlementFileId) -> Result<File> {
    Ok(settlement_files::table.find(id).select(File::as_select()).first(tx.conn)?)
}

pub fn content(tx: &mut Tx<'_>, id: SettlementFileId) -> Result<(FileFormat, Vec<u8>)> {
    let found = settlement_files::table.find(id).select((settlement_files::format, settlement_files::content));
    Ok(found.first(tx.conn)?)
}

/// The newest first, one more than the page holds.
pub fn list_files(
    tx: &mut Tx<'_>,
    provider: Option<ProviderId>,
    before: Option<SettlementFileId>,
    rows: i64,
) -> Result<Vec<File>> {
    let mut query = settlement_files::table.select(File::as_select()).into_boxed();
    if let Some(provider) = provider {
        query = query.filter(settlement_files::provider.eq(provider));
    }
    if let Some(before) = before {
        query = query.filter(settlement_files::id.lt(before));
    }
    Ok(query.order(settlement_files::id.desc()).limit(rows).load(tx.conn)?)
}

pub fn insert_file(tx: &mut Tx<'_>, file: &File, content: &[u8], by: Option<AccountId>) -> Result<()> {
    diesel::insert_into(settlement_files::table)
        .values((
            settlement_files::id.eq(file.id),
            settlement_files::provider.eq(file.provider),
            settlement_files::source.eq(file.source),
            settlement_files::format.eq(file.format),
            settlement_files::settled_on.eq(file.settled_on),
            settlement_files::mapping_id.eq(file.mapping_id),
            settlement_files::reads_refunds.eq(file.reads_refunds),
            settlement_files::sha256.eq(&file.sha256),
            settlement_files::content.eq(content),
            settlement_files::lines.eq(file.lines),
            settlement_files::imported_by.eq(by),
            settlement_files::imported_at.eq(file.imported_at),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// The days since one, in Vietnam, of which a provider's list was read.
pub fn listed_since(tx: &mut Tx<'_>, provider: ProviderId, day: NaiveDate) -> Result<Vec<NaiveDate>> {
    Ok(settlement_files::table
        .filter(settlement_files::provider.eq(provider))
        .filter(settlement_files::source.eq(SettlementSource::List))
        .filter(settlement_files::settled_on.ge(day))
        .select(settlement_files::settled_on)
        .load(tx.conn)?)
}

/// The statements of a provider since a day, of each day the last.
pub fn statements_since(tx: &mut Tx<'_>, provider: ProviderId, day: NaiveDate) -> Result<Vec<Statement>> {
    let files: Vec<File> = settlement_files::table
        .filter(settlement_files::provider.eq(provider))
        .filter(settlement_files::settled_on.ge(day))
        .distinct_on(settlement_files::settled_on)
        .order((settlement_files::settled_on, settlement_files::id.desc()))
        .select(File::as_select())
        .load(tx.conn)?;
    Ok(files.iter().map(File::statement).collect())
}

/// A line as it is kept, with its id and the earlier line that it repeats.
pub type KeptLine<'a> = (SettlementLineId, &'a Line, Option<SettlementLineId>);

pub fn insert_lines(tx: &mut Tx<'_>, statement: &Statement, lines: &[KeptLine<'_>]) -> Result<()> {
    for part in lines.chunks(ROWS_AT_ONCE) {
        let rows: Vec<_> = part
            .iter()
            .map(|(id, line, repeats)| {
                (
                    settlement_lines::id.eq(*id),
                    settlement_lines::file_id.eq(statement.id),
                    settlement_lines::provider.eq(statement.provider),
                    settlement_lines::line.eq(line.line),
                    settlement_lines::kind.eq(line.kind),
                    settlement_lines::refs.eq(&line.refs),
                    settlement_lines::transaction_no.eq(&line.transaction),
                    settlement_lines::amount_vnd.eq(line.amount),
                    settlement_lines::fee_vnd.eq(line.fee),
                    settlement_lines::moved_at.eq(line.moved_at),
                    settlement_lines::repeats.eq(*repeats),
                )
            })
            .collect();
        diesel::insert_into(settlement_lines::table).values(rows).execute(tx.conn)?;
    }
    Ok(())
}

pub fn insert_matches(tx: &mut Tx<'_>, matches: &[(SettlementLineId, OursId)]) -> Result<()> {
    for part in matches.chunks(ROWS_AT_ONCE) {
        let rows: Vec<_> = part
            .iter()
            .map(|(line_id, ours)| {
                let (credit_id, transfer_id) = ours.parts();
                (
                    settlement_matches::line_id.eq(*line_id),
                    settlement_matches::credit_id.eq(credit_id),
                    settlement_matches::transfer_id.eq(transfer_id),
                    settlement_matches::matched_at.eq(tx.now),
                )
            })
            .collect();
        diesel::insert_into(settlement_matches::table).values(rows).execute(tx.conn)?;
    }
    Ok(())
}

/// A line that a provider has told before.
#[derive(Debug, Clone, QueryableByName)]
pub struct Earlier {
    #[diesel(sql_type = SqlUuid)]
    pub id: SettlementLineId,
    #[diesel(sql_type = Integer)]
    pub line: i32,
    #[diesel(sql_type = Text)]
    pub kind: LineKind,
    #[diesel(sql_type = Array<Text>)]
    pub refs: Vec<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub transaction_no: Option<String>,
    #[diesel(sql_type = BigInt)]
    pub amount_vnd: Vnd,
    #[diesel(sql_type = BigInt)]
    pub fee_vnd: Vnd,
    #[diesel(sql_type = Date)]
    pub settled_on: NaiveDate,
    #[diesel(sql_type = Bool)]
    pub is_matched: bool,
}

const EARLIER: &str = "select l.id, l.line, l.kind, l.refs, l.transaction_no, l.amount_vnd, l.fee_vnd, f.settled_on, \
    exists (select from settlement_matches m where m.line_id = l.id) as is_matched \
    from settlement_lines l join settlement_files f on f.id = l.file_id where l.repeats is null and l.provider = $1 ";

/// What was told before under the same numbers, and of the same day without any.
pub fn earlier(tx: &mut Tx<'_>, statement: &Statement, transactions: &[String]) -> Result<Vec<Earlier>> {
    let sql = format!(
        "{EARLIER} and (l.transaction_no = any($2) or (l.transaction_no is null and f.settled_on = $3)) order by l.id"
    );
    Ok(diesel::sql_query(sql)
        .bind::<Text, _>(statement.provider.as_str())
        .bind::<Array<Text>, _>(transactions)
        .bind::<Date, _>(statement.settled_on)
        .load(tx.conn)?)
}

/// Lines of exceptions that may still agree with what was heard of later, the oldest first.
pub fn waiting_lines(tx: &mut Tx<'_>, provider: ProviderId, rows: i64) -> Result<Vec<Earlier>> {
    let sql = format!(
        "{EARLIER} and exists (select from reconciliation_exceptions e where e.line_id = l.id \
           and e.kind = 'missing_here' and e.status in ('open', 'proposed')) order by l.id limit $2"
    );
    Ok(diesel::sql_query(sql).bind::<Text, _>(provider.as_str()).bind::<BigInt, _>(rows).load(tx.conn)?)
}

#[derive(QueryableByName)]
struct OursRow {
    #[diesel(sql_type = Text)]
    kind: LineKind,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    credit_id: Option<CreditId>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    transfer_id: Option<TransferId>,
    #[diesel(sql_type = Nullable<Text>)]
    reference: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    transaction_no: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    provider_reference: Option<String>,
    #[diesel(sql_type = BigInt)]
    amount_vnd: Vnd,
    #[diesel(sql_type = Bool)]
    is_due: bool,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    review_id: Option<ReviewId>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    exception_id: Option<ExceptionId>,
}

/// What of ours is not settled and may stand in a statement: what moved on its day, and what has one of these names.
/// Refunds are as many as were sent within two months.
pub fn ours(tx: &mut Tx<'_>, statement: &Statement, lines: &[Line]) -> Result<Vec<Ours>> {
    let transactions: Vec<&str> = lines.iter().filter_map(|line| line.transaction.as_deref()).collect();
    let refs: Vec<&str> = lines.iter().flat_map(|line| line.refs.iter().map(String::as_str)).collect();
    let (begins, ends) = day_in_vietnam(statement.settled_on).ok_or_else(|| Error::internal("the end of time"))?;
    let rows: Vec<OursRow> = diesel::sql_query(
        "with named as ( \
             select id from payment_credits where provider = $1 and coalesce(moved_at, received_at) >= $2 \
               and coalesce(moved_at, received_at) < $3 \
             union select id from payment_credits where provider = $1 and provider_txn = any($4) \
             union select id from payment_credits where provider = $1 and provider_reference = any($4) \
             union select id from payment_credits where provider = $1 and provider_reference = any($5) \
             union select k.id from payment_attempts a join payment_credits k on k.attempt_id = a.id \
                   where a.reference = any($5) and k.provider = $1) \
         select v.kind, v.credit_id, v.transfer_id, v.reference, v.transaction_no, v.provider_reference, v.amount_vnd, \
                v.is_expected and v.moved_at >= $2 and v.moved_at < $3 \
                  and not exists (select from reconciliation_exceptions e where e.credit_id = v.credit_id) as is_due, \
                (select r.id from payment_reviews r where r.credit_id = v.credit_id \
                   and r.resolution = 'no_money_received' order by r.id desc limit 1) as review_id, \
                (select e.id from reconciliation_exceptions e join money_decisions d on d.exception_id = e.id \
                 where e.credit_id = v.credit_id and e.status in ('resolved', 'dismissed') and d.status = 'executed' \
                 order by e.id desc limit 1) as exception_id \
         from clearing_movements v \
         where v.credit_id in (select id from named) \
           and not exists (select from settlement_matches m where m.credit_id = v.credit_id) \
         union all \
         select v.kind, v.credit_id, v.transfer_id, v.reference, v.transaction_no, v.provider_reference, v.amount_vnd, \
                $6 and v.moved_at >= $2 and v.moved_at < $3 \
                  and not exists (select from reconciliation_exceptions e where e.transfer_id = v.transfer_id), null, \
                (select e.id from reconciliation_exceptions e join money_decisions d on d.exception_id = e.id \
                 where e.transfer_id = v.transfer_id and e.status in ('resolved', 'dismissed') and d.status = 'executed' \
                 order by e.id desc limit 1) \
         from clearing_movements v \
         where v.kind = 'refund' and v.provider = $1 and v.moved_at >= $7 and v.moved_at < $3 + interval '2 days' \
           and not exists (select from settlement_matches m where m.transfer_id = v.transfer_id)",
    )
    .bind::<Text, _>(statement.provider.as_str())
    .bind::<Timestamptz, _>(begins)
    .bind::<Timestamptz, _>(ends)
    .bind::<Array<Text>, _>(transactions)
    .bind::<Array<Text>, _>(refs)
    .bind::<Bool, _>(statement.reads_refunds)
    .bind::<Timestamptz, _>(begins - SENT_BEFORE_MAX)
    .load(tx.conn)?;
    rows.into_iter().map(one_of_ours).collect()
}

fn one_of_ours(row: OursRow) -> Result<Ours> {
    let OursRow { kind, credit_id, transfer_id, reference, transaction_no, provider_reference, .. } = row;
    let OursRow { amount_vnd, is_due, review_id, exception_id, .. } = row;
    let id = credit_id.map(OursId::Credit).or(transfer_id.map(OursId::Sent));
    Ok(Ours {
        id: id.ok_or_else(|| Error::internal("a movement of nothing"))?,
        kind,
        reference,
        transactions: transaction_no.into_iter().chain(provider_reference).collect(),
        amount: amount_vnd,
        is_due,
        decided: exception_id.map(Decided::Exception).or(review_id.map(Decided::Review)),
    })
}

/// What came of a statement.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct Sums {
    #[diesel(sql_type = BigInt)]
    pub matched: i64,
    #[diesel(sql_type = BigInt)]
    pub repeated: i64,
    #[diesel(sql_type = BigInt)]
    pub exceptions: i64,
    #[diesel(sql_type = BigInt)]
    pub paid_vnd: i64,
    #[diesel(sql_type = BigInt)]
    pub refunded_vnd: i64,
    #[diesel(sql_type = BigInt)]
    pub fees_vnd: i64,
}

pub fn sums(tx: &mut Tx<'_>, id: SettlementFileId) -> Result<Sums> {
    Ok(diesel::sql_query(
        "select count(m.line_id) as matched, count(l.repeats) as repeated, \
                (select count(*) from reconciliation_exceptions e where e.file_id = $1) as exceptions, \
                coalesce(sum(l.amount_vnd) filter (where m.line_id is not null and l.kind = 'payment'), 0)::bigint as paid_vnd, \
                coalesce(sum(l.amount_vnd) filter (where m.line_id is not null and l.kind = 'refund'), 0)::bigint as refunded_vnd, \
                coalesce(sum(l.fee_vnd) filter (where m.line_id is not null), 0)::bigint as fees_vnd \
         from settlement_lines l left join settlement_matches m on m.line_id = l.id where l.file_id = $1",
    )
    .bind::<SqlUuid, _>(id)
    .get_result(tx.conn)?)
}

/// As lines that are compared again.
pub fn as_lines(earlier: &[Earlier]) -> Vec<Line> {
    let line = |one: &Earlier| Line {
        line: one.line,
        kind: one.kind,
        refs: one.refs.clone(),
        transaction: one.transaction_no.clone(),
        amount: one.amount_vnd,
        fee: one.fee_vnd,
        moved_at: None,
    };
    earlier.iter().map(line).collect()
}
