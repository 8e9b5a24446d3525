use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use schema::{tax_declaration_sellers, tax_declarations, tax_filings, tax_payments, tax_periods};

use super::model::{PeriodStatus, TaxPaymentStatus};
use crate::kernel::Month;
use crate::kernel::{AccountId, ProducerId, Result, TaxDeclarationId, TaxPaymentId, TaxPeriodId, Tx, Vnd};
use crate::producers::ProducerKind;
use crate::taxes::model::Sums;

/// Rows of one statement: more have more values than a statement may bind.
const ROWS_AT_ONCE: usize = 1_000;

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = tax_periods)]
pub struct Period {
    pub id: TaxPeriodId,
    pub month: NaiveDate,
    pub status: PeriodStatus,
    pub due_on: NaiveDate,
    pub opened_at: DateTime<Utc>,
    pub locked_at: Option<DateTime<Utc>>,
    pub version: i32,
}

impl Period {
    pub fn month(&self) -> Month {
        Month::of_day(self.month)
    }
}

pub fn newest_month(tx: &mut Tx<'_>) -> Result<Option<Month>> {
    let day: Option<NaiveDate> = tax_periods::table.select(diesel::dsl::max(tax_periods::month)).first(tx.conn)?;
    Ok(day.map(Month::of_day))
}

#[derive(QueryableByName)]
struct MomentRow {
    #[diesel(sql_type = Nullable<Timestamptz>)]
    at: Option<DateTime<Utc>>,
}

/// When tax was withheld for the first time.
pub fn first_taxed_at(tx: &mut Tx<'_>) -> Result<Option<DateTime<Utc>>> {
    let row: MomentRow = diesel::sql_query("select min(at) as at from tax_lines").get_result(tx.conn)?;
    Ok(row.at)
}

/// Opens a month, once.
pub fn open(tx: &mut Tx<'_>, month: Month, due_on: NaiveDate) -> Result<()> {
    diesel::insert_into(tax_periods::table)
        .values((
            tax_periods::id.eq(TaxPeriodId::generate()),
            tax_periods::month.eq(month.first_day()),
            tax_periods::status.eq(PeriodStatus::Open),
            tax_periods::due_on.eq(due_on),
            tax_periods::opened_at.eq(tx.now),
        ))
        .on_conflict_do_nothing()
        .execute(tx.conn)?;
    Ok(())
}

/// All months, for whoever closes or amends one: what one declaration leaves over the next takes up.
pub fn lock_all(tx: &mut Tx<'_>) -> Result<Vec<Period>> {
    Ok(tax_periods::table.order(tax_periods::month).for_update().select(Period::as_select()).load(tx.conn)?)
}

pub fn lock(tx: &mut Tx<'_>, id: TaxPeriodId) -> Result<Period> {
    Ok(tax_periods::table.find(id).for_update().select(Period::as_select()).first(tx.conn)?)
}

pub fn find(tx: &mut Tx<'_>, id: TaxPeriodId) -> Result<Period> {
    Ok(tax_periods::table.find(id).select(Period::as_select()).first(tx.conn)?)
}

/// The newest first, one more than the page holds.
pub fn list(tx: &mut Tx<'_>, before: Option<NaiveDate>, rows: i64) -> Result<Vec<Period>> {
    let mut query = tax_periods::table.select(Period::as_select()).into_boxed();
    if let Some(before) = before {
        query = query.filter(tax_periods::month.lt(before));
    }
    Ok(query.order(tax_periods::month.desc()).limit(rows).load(tx.conn)?)
}

/// Moves a month whose row is held.
pub fn move_to(tx: &mut Tx<'_>, old: &Period, next: PeriodStatus) -> Result<Period> {
    let locked_at = if old.status == PeriodStatus::Open { Some(tx.now) } else { old.locked_at };
    Ok(diesel::update(tax_periods::table.find(old.id))
        .filter(tax_periods::status.eq(old.status))
        .set((
            tax_periods::status.eq(next),
            tax_periods::locked_at.eq(locked_at),
            tax_periods::version.eq(tax_periods::version + 1),
        ))
        .returning(Period::as_returning())
        .get_result(tx.conn)?)
}

/// How months of a span stand, the first first.
pub fn statuses_of(tx: &mut Tx<'_>, (from, until): (Month, Month)) -> Result<Vec<(NaiveDate, PeriodStatus)>> {
    Ok(tax_periods::table
        .filter(tax_periods::month.between(from.first_day(), until.first_day()))
        .order(tax_periods::month)
        .select((tax_periods::month, tax_periods::status))
        .load(tx.conn)?)
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = tax_declarations)]
pub struct Declaration {
    pub id: TaxDeclarationId,
    pub period_id: TaxPeriodId,
    pub revision: i32,
    pub seq: i32,
    pub revenue_vnd: i64,
    pub withheld_vat_vnd: i64,
    pub withheld_pit_vnd: i64,
    pub returned_revenue_vnd: i64,
    pub returned_vat_vnd: i64,
    pub returned_pit_vnd: i64,
    pub carried_in_vat_vnd: i64,
    pub carried_in_pit_vnd: i64,
    pub declared_vat_vnd: i64,
    pub declared_pit_vnd: i64,
    pub carried_out_vat_vnd: i64,
    pub carried_out_pit_vnd: i64,
    pub reason: Option<String>,
    pub made_by: Option<AccountId>,
    pub at: DateTime<Utc>,
}

/// The last of all declarations.
pub fn last_declaration(tx: &mut Tx<'_>) -> Result<Option<Declaration>> {
    let query = tax_declarations::table.order(tax_declarations::seq.desc()).select(Declaration::as_select());
    Ok(query.first(tx.conn).optional()?)
}

pub fn insert_declaration(tx: &mut Tx<'_>, declaration: &Declaration) -> Result<()> {
    diesel::insert_into(tax_declarations::table).values(declaration).execute(tx.conn)?;
    Ok(())
}

pub fn declarations_of(tx: &mut Tx<'_>, ids: &[TaxPeriodId]) -> Result<Vec<Declaration>> {
    Ok(tax_declarations::table
        .filter(tax_declarations::period_id.eq_any(ids))
        .order((tax_declarations::period_id, tax_declarations::revision))
        .select(Declaration::as_select())
        .load(tx.conn)?)
}

/// What is to be declared, paid or differed from now.
pub fn newest_of(tx: &mut Tx<'_>, id: TaxPeriodId) -> Result<Declaration> {
    Ok(tax_declarations::table
        .filter(tax_declarations::period_id.eq(id))
        .order(tax_declarations::revision.desc())
        .select(Declaration::as_select())
        .first(tx.conn)?)
}

pub fn period_of(tx: &mut Tx<'_>, id: TaxDeclarationId) -> Result<TaxPeriodId> {
    Ok(tax_declarations::table.find(id).select(tax_declarations::period_id).first(tx.conn)?)
}

#[derive(QueryableByName)]
struct SumsRow {
    #[diesel(sql_type = SqlUuid)]
    producer_id: ProducerId,
    #[diesel(sql_type = BigInt)]
    revenue: i64,
    #[diesel(sql_type = BigInt)]
    vat: i64,
    #[diesel(sql_type = BigInt)]
    pit: i64,
    #[diesel(sql_type = BigInt)]
    revenue_back: i64,
    #[diesel(sql_type = BigInt)]
    vat_back: i64,
    #[diesel(sql_type = BigInt)]
    pit_back: i64,
}

impl SumsRow {
    fn sums(&self) -> Sums {
        Sums {
            revenue: self.revenue,
            withheld_vat: self.vat,
            withheld_pit: self.pit,
            returned_revenue: self.revenue_back,
            returned_vat: self.vat_back,
            returned_pit: self.pit_back,
        }
    }
}

/// Freezes every line until a moment that no declaration has yet, for this one, and answers their sums by seller. One
/// statement: what is frozen is what is summed. Of whoever declares himself nothing was withheld.
pub fn freeze(tx: &mut Tx<'_>, id: TaxDeclarationId, until: DateTime<Utc>) -> Result<Vec<(ProducerId, Sums)>> {
    let rows: Vec<SumsRow> = diesel::sql_query(
        "with line as materialized ( \
             select l.* from tax_lines l where l.at < $2 and l.reason <> 'declares_itself' \
               and not exists (select from tax_declaration_lines d where d.line_id = l.id)), \
         frozen as (insert into tax_declaration_lines (line_id, declaration_id) select id, $1 from line returning line_id) \
         select l.producer_id, \
                coalesce(sum(l.base_vnd) filter (where l.refund_id is null), 0)::bigint as revenue, \
                coalesce(sum(l.vat_vnd) filter (where l.refund_id is null), 0)::bigint as vat, \
                coalesce(sum(l.pit_vnd) filter (where l.refund_id is null), 0)::bigint as pit, \
                coalesce(sum(l.base_vnd) filter (where l.refund_id is not null), 0)::bigint as revenue_back, \
                coalesce(sum(l.vat_vnd) filter (where l.refund_id is not null), 0)::bigint as vat_back, \
                coalesce(sum(l.pit_vnd) filter (where l.refund_id is not null), 0)::bigint as pit_back \
         from line l join frozen f on f.line_id = l.id group by l.producer_id order by l.producer_id",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<Timestamptz, _>(until)
    .load(tx.conn)?;
    Ok(rows.iter().map(|row| (row.producer_id, row.sums())).collect())
}

/// A seller as a declaration names it.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = tax_declaration_sellers)]
pub struct Seller {
    pub declaration_id: TaxDeclarationId,
    pub producer_id: ProducerId,
    pub name: String,
    pub kind: ProducerKind,
    pub tax_code: Option<String>,
    pub registration_number: Option<String>,
    pub address: String,
    pub commune_code: String,
    pub commune_name: String,
    pub province_code: String,
    pub province_name: String,
    pub revenue_vnd: i64,
    pub withheld_vat_vnd: i64,
    pub withheld_pit_vnd: i64,
    pub returned_revenue_vnd: i64,
    pub returned_vat_vnd: i64,
    pub returned_pit_vnd: i64,
}

impl Seller {
    pub fn sums(&self) -> Sums {
        Sums {
            revenue: self.revenue_vnd,
            withheld_vat: self.withheld_vat_vnd,
            withheld_pit: self.withheld_pit_vnd,
            returned_revenue: self.returned_revenue_vnd,
            returned_vat: self.returned_vat_vnd,
            returned_pit: self.returned_pit_vnd,
        }
    }
}

pub fn insert_sellers(tx: &mut Tx<'_>, sellers: &[Seller]) -> Result<()> {
    for some in sellers.chunks(ROWS_AT_ONCE) {
        diesel::insert_into(tax_declaration_sellers::table).values(some).execute(tx.conn)?;
    }
    Ok(())
}

/// The annex of a month, with all its revisions, in the order of revisions and sellers.
pub fn sellers(
    tx: &mut Tx<'_>,
    id: TaxPeriodId,
    after: Option<(i32, ProducerId)>,
    rows: i64,
) -> Result<Vec<(i32, Seller)>> {
    let mut query = tax_declaration_sellers::table
        .inner_join(tax_declarations::table.on(tax_declarations::id.eq(tax_declaration_sellers::declaration_id)))
        .filter(tax_declarations::period_id.eq(id))
        .select((tax_declarations::revision, Seller::as_select()))
        .into_boxed();
    if let Some((revision, producer_id)) = after {
        let later = tax_declarations::revision.gt(revision);
        let same = tax_declarations::revision.eq(revision).and(tax_declaration_sellers::producer_id.gt(producer_id));
        query = query.filter(later.or(same));
    }
    Ok(query.order((tax_declarations::revision, tax_declaration_sellers::producer_id)).limit(rows).load(tx.conn)?)
}

/// What of a declaration belongs to a province: where its sellers live.
#[derive(Debug, Clone, QueryableByName)]
pub struct OfProvince {
    #[diesel(sql_type = SqlUuid)]
    pub declaration_id: TaxDeclarationId,
    #[diesel(sql_type = Text)]
    pub province_code: String,
    #[diesel(sql_type = Text)]
    pub province_name: String,
    #[diesel(sql_type = BigInt)]
    pub sellers: i64,
    #[diesel(sql_type = BigInt)]
    pub vat_vnd: i64,
    #[diesel(sql_type = BigInt)]
    pub pit_vnd: i64,
}

pub fn by_province(tx: &mut Tx<'_>, ids: &[TaxDeclarationId]) -> Result<Vec<OfProvince>> {
    Ok(diesel::sql_query(
        "select declaration_id, province_code, min(province_name) as province_name, count(*) as sellers, \
                sum(withheld_vat_vnd - returned_vat_vnd)::bigint as vat_vnd, \
                sum(withheld_pit_vnd - returned_pit_vnd)::bigint as pit_vnd \
         from tax_declaration_sellers where declaration_id = any($1) \
         group by declaration_id, province_code order by declaration_id, province_code",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .load(tx.conn)?)
}

/// That a declaration was handed in.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = tax_filings)]
pub struct Filing {
    pub declaration_id: TaxDeclarationId,
    pub reference: String,
    pub filed_on: NaiveDate,
    pub filed_by: AccountId,
    pub at: DateTime<Utc>,
}

pub fn insert_filing(tx: &mut Tx<'_>, filing: &Filing) -> Result<()> {
    diesel::insert_into(tax_filings::table).values(filing).execute(tx.conn)?;
    Ok(())
}

pub fn filings_of(tx: &mut Tx<'_>, ids: &[TaxDeclarationId]) -> Result<Vec<Filing>> {
    let query = tax_filings::table.filter(tax_filings::declaration_id.eq_any(ids));
    Ok(query.select(Filing::as_select()).load(tx.conn)?)
}

/// What goes, or went, to the state.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = tax_payments)]
pub struct TaxPayment {
    pub id: TaxPaymentId,
    pub declaration_id: TaxDeclarationId,
    pub vat_vnd: Vnd,
    pub pit_vnd: Vnd,
    pub reference: String,
    pub paid_on: NaiveDate,
    pub status: TaxPaymentStatus,
    pub proposed_by: AccountId,
    pub proposed_at: DateTime<Utc>,
    pub decided_by: Option<AccountId>,
    pub decided_at: Option<DateTime<Utc>>,
}

pub fn insert_payment(tx: &mut Tx<'_>, payment: &TaxPayment) -> QueryResult<usize> {
    diesel::insert_into(tax_payments::table).values(payment).execute(tx.conn)
}

pub fn find_payment(tx: &mut Tx<'_>, id: TaxPaymentId) -> Result<TaxPayment> {
    Ok(tax_payments::table.find(id).select(TaxPayment::as_select()).first(tx.conn)?)
}

pub fn payments_of(tx: &mut Tx<'_>, ids: &[TaxDeclarationId]) -> Result<Vec<TaxPayment>> {
    let query = tax_payments::table.filter(tax_payments::declaration_id.eq_any(ids)).order(tax_payments::id);
    Ok(query.select(TaxPayment::as_select()).load(tx.conn)?)
}

/// Writes a decision on a payment whose month is held.
pub fn decide_payment(tx: &mut Tx<'_>, old: &TaxPayment, next: TaxPaymentStatus, by: AccountId) -> Result<TaxPayment> {
    Ok(diesel::update(tax_payments::table.find(old.id))
        .filter(tax_payments::status.eq(old.status))
        .set((tax_payments::status.eq(next), tax_payments::decided_by.eq(by), tax_payments::decided_at.eq(tx.now)))
        .returning(TaxPayment::as_returning())
        .get_result(tx.conn)?)
}
