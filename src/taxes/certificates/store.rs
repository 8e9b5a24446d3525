use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use schema::{tax_certificate_numbers, tax_certificates, tax_declaration_sellers, tax_declarations, tax_periods};

use crate::kernel::Month;
use crate::kernel::{ProducerId, Result, TaxCertificateId, Tx};
use crate::taxes::model::Sums;
use crate::taxes::periods::Seller;

/// A certificate as it was issued.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = tax_certificates)]
pub struct Certificate {
    pub id: TaxCertificateId,
    pub year: i32,
    pub number: i32,
    pub producer_id: ProducerId,
    pub span: String,
    pub until_seq: i32,
    pub name: String,
    pub tax_code: Option<String>,
    pub address: String,
    pub revenue_vnd: i64,
    pub withheld_vat_vnd: i64,
    pub withheld_pit_vnd: i64,
    pub returned_revenue_vnd: i64,
    pub returned_vat_vnd: i64,
    pub returned_pit_vnd: i64,
    pub issued_at: DateTime<Utc>,
}

impl Certificate {
    /// `CTKT-2026-0000001`
    pub fn code(&self) -> String {
        format!("CTKT-{}-{:07}", self.year, self.number)
    }

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

/// Holds the numbers of a year until the transaction ends, and answers the last one. Whoever gives up gives none away.
pub fn hold_numbers(tx: &mut Tx<'_>, year: i32) -> Result<i32> {
    diesel::insert_into(tax_certificate_numbers::table)
        .values((tax_certificate_numbers::year.eq(year), tax_certificate_numbers::last_number.eq(0)))
        .on_conflict_do_nothing()
        .execute(tx.conn)?;
    let held = tax_certificate_numbers::table.find(year).for_update();
    Ok(held.select(tax_certificate_numbers::last_number).first(tx.conn)?)
}

pub fn take_number(tx: &mut Tx<'_>, year: i32, number: i32) -> Result<()> {
    diesel::update(tax_certificate_numbers::table.find(year))
        .set(tax_certificate_numbers::last_number.eq(number))
        .execute(tx.conn)?;
    Ok(())
}

pub fn insert(tx: &mut Tx<'_>, certificate: &Certificate) -> Result<()> {
    diesel::insert_into(tax_certificates::table).values(certificate).execute(tx.conn)?;
    Ok(())
}

/// The certificate that says the same already.
pub fn same(tx: &mut Tx<'_>, producer_id: ProducerId, span: &str, until_seq: i32) -> Result<Option<Certificate>> {
    Ok(tax_certificates::table
        .filter(tax_certificates::producer_id.eq(producer_id))
        .filter(tax_certificates::span.eq(span))
        .filter(tax_certificates::until_seq.eq(until_seq))
        .select(Certificate::as_select())
        .first(tx.conn)
        .optional()?)
}

pub fn find(tx: &mut Tx<'_>, producer_id: ProducerId, id: TaxCertificateId) -> Result<Certificate> {
    Ok(tax_certificates::table
        .find(id)
        .filter(tax_certificates::producer_id.eq(producer_id))
        .select(Certificate::as_select())
        .first(tx.conn)?)
}

/// The newest first, one more than the page holds.
pub fn list(
    tx: &mut Tx<'_>,
    producer_id: ProducerId,
    before: Option<TaxCertificateId>,
    rows: i64,
) -> Result<Vec<Certificate>> {
    let mut query = tax_certificates::table
        .filter(tax_certificates::producer_id.eq(producer_id))
        .select(Certificate::as_select())
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(tax_certificates::id.lt(before));
    }
    Ok(query.order(tax_certificates::id.desc()).limit(rows).load(tx.conn)?)
}

/// Those about a year and its months, the oldest first.
pub fn list_all(tx: &mut Tx<'_>, producer_id: ProducerId, year: i32) -> Result<Vec<Certificate>> {
    const CERTIFICATES_MAX: i64 = 100;
    Ok(tax_certificates::table
        .filter(tax_certificates::producer_id.eq(producer_id))
        .filter(tax_certificates::span.like(format!("{year:04}%")))
        .order(tax_certificates::id)
        .limit(CERTIFICATES_MAX)
        .select(Certificate::as_select())
        .load(tx.conn)?)
}

/// Until which declaration there is anything of a seller in a span; None where there is nothing.
pub fn newest_seq(tx: &mut Tx<'_>, producer_id: ProducerId, (from, until): (Month, Month)) -> Result<Option<i32>> {
    Ok(tax_declaration_sellers::table
        .inner_join(tax_declarations::table.on(tax_declarations::id.eq(tax_declaration_sellers::declaration_id)))
        .inner_join(tax_periods::table.on(tax_periods::id.eq(tax_declarations::period_id)))
        .filter(tax_declaration_sellers::producer_id.eq(producer_id))
        .filter(tax_periods::month.between(from.first_day(), until.first_day()))
        .select(diesel::dsl::max(tax_declarations::seq))
        .first(tx.conn)?)
}

/// What was declared of a seller, by month, until a declaration.
pub fn sums_of(
    tx: &mut Tx<'_>,
    producer_id: ProducerId,
    (from, until): (Month, Month),
    until_seq: i32,
) -> Result<Vec<(Month, Sums)>> {
    let rows: Vec<(NaiveDate, Seller)> = tax_declaration_sellers::table
        .inner_join(tax_declarations::table.on(tax_declarations::id.eq(tax_declaration_sellers::declaration_id)))
        .inner_join(tax_periods::table.on(tax_periods::id.eq(tax_declarations::period_id)))
        .filter(tax_declaration_sellers::producer_id.eq(producer_id))
        .filter(tax_periods::month.between(from.first_day(), until.first_day()))
        .filter(tax_declarations::seq.le(until_seq))
        .order(tax_declarations::seq)
        .select((tax_periods::month, Seller::as_select()))
        .load(tx.conn)?;
    Ok(rows.into_iter().map(|(month, seller)| (Month::of_day(month), seller.sums())).collect())
}
