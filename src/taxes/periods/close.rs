//! Closing the months that are over.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate, TimeDelta};
use serde_json::json;

use super::model::{PeriodEvent, PeriodStatus};
use super::store::{self, Declaration, Period, Seller};
use crate::kernel::Month;
use crate::kernel::{AccountId, Error, ProducerId, Result, TaxDeclarationId, Tx};
use crate::places::{self, Commune, CommuneCode};
use crate::taxes::model::{Outcome, Sums, outcome};
use crate::{audit, calendar, producers};

/// The day of the next month on which a month's tax is due (Law 108/2025, article 45.2; Decree 252/2026, article 10.2).
const DUE_DAY: u64 = 20;
/// What happened in a month is written down so long after its end at the latest.
const WRITTEN_WITHIN: TimeDelta = TimeDelta::hours(1);
/// Months that one run opens; the next one goes on.
const MONTHS_MAX: usize = 120;

/// Opens the months until today's and freezes those that are over. Doing it twice, or twice at once, does it once.
pub fn close(tx: &mut Tx<'_>) -> Result<()> {
    tx.who.must_be_platform()?;
    let current = Month::of(tx.now);
    open_until(tx, current)?;
    for period in store::lock_all(tx)? {
        let is_over = period.month().ends_at()? + WRITTEN_WITHIN <= tx.now;
        if period.status == PeriodStatus::Open && is_over {
            lock(tx, &period)?;
        }
    }
    Ok(())
}

fn open_until(tx: &mut Tx<'_>, current: Month) -> Result<()> {
    let newest = store::newest_month(tx)?;
    let mut month = match newest {
        Some(newest) => newest.next()?,
        None => store::first_taxed_at(tx)?.map_or(current, Month::of).min(current),
    };
    for _ in 0..MONTHS_MAX {
        if month > current {
            break;
        }
        let due_on = due_on(tx, month)?;
        store::open(tx, month, due_on)?;
        month = month.next()?;
    }
    Ok(())
}

/// The 20th of the next month, or the next working day where that is none: a time limit that ends on a day of rest ends
/// with the next working day (Civil Code, article 148.5).
fn due_on(tx: &mut Tx<'_>, month: Month) -> Result<NaiveDate> {
    let day_before = month.next()?.first_day().checked_add_days(Days::new(DUE_DAY.saturating_sub(2)));
    calendar::add_working_days(tx, day_before.ok_or_else(|| Error::internal("the end of time"))?, 1)
}

fn lock(tx: &mut Tx<'_>, period: &Period) -> Result<()> {
    let next = period.status.moved(PeriodEvent::Lock)?;
    let (declaration, _) = declare_lines(tx, period, (0, None, None))?;
    store::move_to(tx, period, next)?;
    let detail = json!({"month": period.month().to_string(), "declaration_id": declaration.id});
    audit::write(tx, "tax_period.locked", "tax_period", period.id.0, detail)
}

/// Freezes what no declaration has yet of what happened until the month's end, sums it up, and says of how many sellers
/// it is. As the platform; all months are held.
pub fn declare_lines(
    tx: &mut Tx<'_>,
    period: &Period,
    (revision, reason, made_by): (i32, Option<String>, Option<AccountId>),
) -> Result<(Declaration, usize)> {
    let id = TaxDeclarationId::generate();
    let frozen = store::freeze(tx, id, period.month().ends_at()?)?;
    let sums = Sums::total(frozen.iter().map(|(_, sums)| *sums))?;
    let last = store::last_declaration(tx)?;
    let (seq, carried_vat, carried_pit) =
        last.map_or((0, 0, 0), |last| (last.seq, last.carried_out_vat_vnd, last.carried_out_pit_vnd));
    let vat = outcome(sums.net_vat(), carried_vat).ok_or_else(too_much)?;
    let pit = outcome(sums.net_pit(), carried_pit).ok_or_else(too_much)?;
    let Outcome { declared: declared_vat_vnd, carried_out: carried_out_vat_vnd } = vat;
    let Outcome { declared: declared_pit_vnd, carried_out: carried_out_pit_vnd } = pit;
    let declaration = Declaration {
        id,
        period_id: period.id,
        revision,
        seq: seq.checked_add(1).ok_or_else(too_much)?,
        revenue_vnd: sums.revenue,
        withheld_vat_vnd: sums.withheld_vat,
        withheld_pit_vnd: sums.withheld_pit,
        returned_revenue_vnd: sums.returned_revenue,
        returned_vat_vnd: sums.returned_vat,
        returned_pit_vnd: sums.returned_pit,
        carried_in_vat_vnd: carried_vat,
        carried_in_pit_vnd: carried_pit,
        declared_vat_vnd,
        declared_pit_vnd,
        carried_out_vat_vnd,
        carried_out_pit_vnd,
        reason,
        made_by,
        at: tx.now,
    };
    store::insert_declaration(tx, &declaration)?;
    let sellers = sellers(tx, id, &frozen)?;
    store::insert_sellers(tx, &sellers)?;
    Ok((declaration, sellers.len()))
}

/// The sellers as they are called and live now.
fn sellers(tx: &mut Tx<'_>, id: TaxDeclarationId, frozen: &[(ProducerId, Sums)]) -> Result<Vec<Seller>> {
    let ids: Vec<ProducerId> = frozen.iter().map(|(id, _)| *id).collect();
    let mut known = producers::find_all(tx, &ids)?;
    let mut communes: BTreeMap<CommuneCode, Commune> = BTreeMap::new();
    let mut sellers = Vec::with_capacity(frozen.len());
    for (producer_id, sums) in frozen {
        let producer = known.remove(producer_id).ok_or_else(|| Error::internal("a seller vanished"))?;
        let code = producer.residence_commune_code;
        if !communes.contains_key(&code) {
            communes.insert(code.clone(), places::commune(tx, &code)?);
        }
        let commune = communes.get(&code).ok_or_else(|| Error::internal("a commune vanished"))?;
        sellers.push(Seller {
            declaration_id: id,
            producer_id: *producer_id,
            name: producer.name,
            kind: producer.kind,
            tax_code: producer.tax_code,
            registration_number: producer.registration_number,
            address: producer.address,
            commune_code: code.as_str().to_owned(),
            commune_name: commune.name.clone(),
            province_code: commune.province_code.as_str().to_owned(),
            province_name: commune.province_name.clone(),
            revenue_vnd: sums.revenue,
            withheld_vat_vnd: sums.withheld_vat,
            withheld_pit_vnd: sums.withheld_pit,
            returned_revenue_vnd: sums.returned_revenue,
            returned_vat_vnd: sums.returned_vat,
            returned_pit_vnd: sums.returned_pit,
        });
    }
    Ok(sellers)
}

fn too_much() -> Error {
    Error::internal("taxes of more than can be counted")
}
