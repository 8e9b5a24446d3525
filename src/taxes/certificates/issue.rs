//! Issuing a certificate.

use serde_json::json;

use super::store::{self, Certificate};
use crate::audit;
use crate::kernel::Month;
use crate::kernel::{Error, ProducerId, Result, TaxCertificateId, Tx};
use crate::producers;
use crate::taxes::model::{Sums, TaxRefusal, vietnam_year};
use crate::taxes::periods::{self, PeriodStatus};

/// What a certificate is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    Month(Month),
    Year(i32),
}

impl Span {
    /// `month` is 1 to 12.
    pub fn new(year: i32, month: Option<i32>) -> Option<Span> {
        match month {
            None => Some(Span::Year(year)),
            Some(month) => Month::parse(&format!("{year:04}-{month:02}")).map(Span::Month),
        }
    }

    pub fn parse(text: &str) -> Option<Span> {
        Month::parse(text).map(Span::Month).or_else(|| text.parse().ok().map(Span::Year))
    }

    /// The first month and the last.
    pub fn months(self) -> Option<(Month, Month)> {
        match self {
            Span::Month(month) => Some((month, month)),
            Span::Year(year) => {
                Some((Month::parse(&format!("{year:04}-01"))?, Month::parse(&format!("{year:04}-12"))?))
            }
        }
    }

    /// `tháng 11/2026`, `năm 2026`
    pub fn shown(self) -> String {
        match self {
            Span::Month(month) => format!("tháng {}", month.shown()),
            Span::Year(year) => format!("năm {year}"),
        }
    }
}

impl std::fmt::Display for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Span::Month(month) => month.fmt(f),
            Span::Year(year) => write!(f, "{year:04}"),
        }
    }
}

/// Whether a certificate was made now or had been made before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Issued {
    Now,
    Before,
}

/// The certificate of a closed month or year for the actor's own producer. As long as nothing more is declared of that
/// time it is the same one, however often it is asked for.
pub fn issue(tx: &mut Tx<'_>, span: Span) -> Result<(Certificate, Issued)> {
    let producer_id = producers::registered(tx)?;
    let producer = producers::find(tx, producer_id)?;
    let (certificate, issued) = tx.as_platform(|tx| {
        let (until_seq, sums) = declared(tx, producer_id, span)?;
        let year = vietnam_year(tx.now);
        let number = store::hold_numbers(tx, year)?.checked_add(1);
        let number = number.ok_or_else(|| Error::internal("certificates without an end"))?;
        if let Some(certificate) = store::same(tx, producer_id, &span.to_string(), until_seq)? {
            return Ok((certificate, Issued::Before));
        }
        let certificate = Certificate {
            id: TaxCertificateId::generate(),
            year,
            number,
            producer_id,
            span: span.to_string(),
            until_seq,
            name: producer.name,
            tax_code: producer.tax_code,
            address: producer.address,
            revenue_vnd: sums.revenue,
            withheld_vat_vnd: sums.withheld_vat,
            withheld_pit_vnd: sums.withheld_pit,
            returned_revenue_vnd: sums.returned_revenue,
            returned_vat_vnd: sums.returned_vat,
            returned_pit_vnd: sums.returned_pit,
            issued_at: tx.now,
        };
        store::take_number(tx, year, number)?;
        store::insert(tx, &certificate)?;
        Ok((certificate, Issued::Now))
    })?;
    if issued == Issued::Now {
        let detail = json!({"span": span.to_string(), "number": certificate.number});
        audit::write(tx, "tax_certificate.issued", "tax_certificate", certificate.id.0, detail)?;
    }
    Ok((certificate, issued))
}

/// What was declared of somebody in a time that is closed, and until which declaration.
fn declared(tx: &mut Tx<'_>, producer_id: ProducerId, span: Span) -> Result<(i32, Sums)> {
    let (from, until) = span.months().ok_or_else(|| Error::internal("a time without months"))?;
    let statuses = periods::statuses_of(tx, (from, until))?;
    let is_closed = statuses.iter().all(|(_, status)| *status != PeriodStatus::Open)
        && statuses.last().is_some_and(|(month, _)| *month == until.first_day());
    if !is_closed {
        return Err(TaxRefusal::NotClosed.into());
    }
    let until_seq = store::newest_seq(tx, producer_id, (from, until))?.ok_or(TaxRefusal::NothingWithheld)?;
    let months = store::sums_of(tx, producer_id, (from, until), until_seq)?;
    let sums = Sums::total(months.into_iter().map(|(_, sums)| sums))?;
    let is_nothing = [sums.withheld_vat, sums.withheld_pit, sums.returned_vat, sums.returned_pit] == [0; 4];
    if is_nothing { Err(TaxRefusal::NothingWithheld.into()) } else { Ok((until_seq, sums)) }
}
