//! Every night: what providers list of the day that is over, and what we have learned since.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use sha2::Digest as _;

use super::exceptions;
use super::model::{FileFormat, Line, LineKind, SettlementSource};
use super::settle::{look_again, settle};
use super::store::{self, File};
use crate::app::App;
use crate::jobs::{self, Happened, Job, happened};
use crate::kernel::calls::send;
use crate::kernel::time::{next_vietnam_day, vietnam_day};
use crate::kernel::{Error, Result, SettlementFileId, Tx, Vnd};
use crate::payments::providers::{PaymentEvent, ProviderId, SepayApi, SepayTransaction};
use crate::payments::{self, Providers};

/// How long a carrier may keep what it collected; they settle once or twice a week.
const CASH_SETTLED_WITHIN: TimeDelta = TimeDelta::days(10);
/// Parcels that are noted in one round.
const OVERDUE_MAX: i64 = 1_000;
/// When the round begins in Vietnam: SePay has given up by then to tell us of what came in before midnight.
const BEGINS_AFTER: TimeDelta = TimeDelta::hours(5);
/// Days whose lists are read if nobody read them then.
const LISTED_BACK: u64 = 7;
/// Pages of one day's list, of a hundred rows each.
const PAGES_MAX: u32 = 50;
/// SePay takes three questions a second.
const PAUSE: Duration = Duration::from_millis(350);

/// When the next round begins.
pub fn next_round(now: DateTime<Utc>) -> DateTime<Utc> {
    let today = next_vietnam_day(now) - TimeDelta::days(1) + BEGINS_AFTER;
    if today > now { today } else { today + TimeDelta::days(1) }
}

/// Plans lists of the days that are over and were not read, asks once more for every attempt of yesterday that has no
/// end, and looks again at what did not agree.
pub fn round(tx: &mut Tx<'_>, providers: &Providers) -> Result<()> {
    tx.who.must_be_platform()?;
    let today = vietnam_day(tx.now);
    if providers.bank_transfer.sepay.is_some() {
        plan_lists(tx, ProviderId::BankTransfer, today)?;
    }
    let yesterday = today.checked_sub_days(Days::new(1)).ok_or_else(|| Error::internal("the beginning of time"))?;
    payments::ask_again(tx, providers, yesterday)?;
    ProviderId::ALL.iter().try_for_each(|provider| look_again(tx, *provider))?;
    note_overdue(tx)
}

/// Cash that its carrier should have settled by now is noted once, for two people to decide on, unless it is still settled.
fn note_overdue(tx: &mut Tx<'_>) -> Result<()> {
    let found = exceptions::overdue(tx, tx.now - CASH_SETTLED_WITHIN, OVERDUE_MAX)?;
    if found.is_empty() {
        return Ok(());
    }
    tracing::error!(parcels = found.len(), "carriers have not settled what they collected");
    exceptions::insert_overdue(tx, &found)
}

fn plan_lists(tx: &mut Tx<'_>, provider: ProviderId, today: NaiveDate) -> Result<()> {
    let days = (1..=LISTED_BACK).filter_map(|back| today.checked_sub_days(Days::new(back)));
    let days: Vec<NaiveDate> = days.collect();
    let first = days.last().copied().unwrap_or(today);
    let known = store::listed_since(tx, provider, first)?;
    for day in days.into_iter().filter(|day| !known.contains(day)) {
        let (job, now) = (Job::ListTransactions { provider: provider.as_str().to_owned(), day }, tx.now);
        jobs::enqueue(tx, &job, now, Some(&format!("list_transactions:{provider}:{day}")))?;
    }
    Ok(())
}

/// Reads a provider's list of a day and settles what it says. A list that cannot be read whole is read again later.
pub async fn list_transactions(app: &App, provider: &str, day: NaiveDate) -> Result<Happened> {
    let sepay = app
        .providers
        .bank_transfer
        .sepay
        .as_ref()
        .filter(|_| ProviderId::parse(provider) == Some(ProviderId::BankTransfer));
    let Some(sepay) = sepay else { return Ok(happened(|_| Ok(()))) };
    let (pages, told) = listed(app, sepay, day).await?;
    let bank = &app.providers.bank_transfer;
    let rows: Vec<(PaymentEvent, SepayTransaction)> =
        told.into_iter().map(|row| (bank.listed(&row), row)).filter(|(event, _)| event.payee_account_ours).collect();
    Ok(happened(move |tx| record(tx, day, &pages, &rows)))
}

/// All pages, and what came in on that day by Vietnam's clock.
async fn listed(app: &App, sepay: &SepayApi, day: NaiveDate) -> Result<(Vec<u8>, Vec<SepayTransaction>)> {
    let next = day.succ_opt().ok_or_else(|| Error::internal("the end of time"))?;
    let (mut pages, mut told, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
    for page in 1..=PAGES_MAX {
        let call = sepay.list(&day.to_string(), &next.to_string(), page);
        let answer =
            send(&app.providers.client, call).await.map_err(|e| Error::Unavailable(format!("SePay: {e:?}")))?;
        let (rows, is_full) = SepayApi::read_page(&answer).map_err(Error::Unavailable)?;
        pages.extend_from_slice(&answer.body);
        pages.push(b'\n');
        for row in rows {
            let at =
                row.at.ok_or_else(|| Error::Unavailable("SePay lists a movement without its moment".to_owned()))?;
            // What comes in while pages are turned moves a row to the next page as well.
            if vietnam_day(at) == day && seen.insert(row.id.clone()) {
                told.push(row);
            }
        }
        if !is_full {
            return Ok((pages, told));
        }
        tokio::time::sleep(PAUSE).await;
    }
    Err(Error::internal("a day's list has more pages than are read"))
}

/// What we were never told goes the way of a notice first, so that it is credited; then the day is settled.
fn record(tx: &mut Tx<'_>, day: NaiveDate, pages: &[u8], rows: &[(PaymentEvent, SepayTransaction)]) -> Result<()> {
    let provider = ProviderId::BankTransfer;
    store::lock_provider(tx, provider)?;
    if store::listed_since(tx, provider, day)?.contains(&day) {
        return Ok(());
    }
    let own_accounts: Vec<&str> = rows.iter().filter_map(|(event, _)| event.own_account.as_deref()).collect();
    let named = payments::references_of(tx, &own_accounts)?;
    let lines: Vec<Line> = (1..).zip(rows).map(|(place, (event, row))| line(place, event, (row, &named))).collect();
    let file = File {
        id: SettlementFileId::generate(),
        provider,
        source: SettlementSource::List,
        format: FileFormat::Json,
        settled_on: day,
        mapping_id: None,
        reads_refunds: false,
        // Two days without a movement have one text.
        sha256: sha2::Sha256::new().chain_update(format!("{provider} {day}\n")).chain_update(pages).finalize().to_vec(),
        lines: i32::try_from(lines.len()).map_err(Error::internal)?,
        imported_at: tx.now,
    };
    let statement = file.statement();
    for place in super::settle::unknown(tx, &statement, &lines)? {
        if let Some((event, row)) = rows.get(place) {
            payments::tell_listed(tx, provider, event, row.said().as_bytes())?;
        }
    }
    store::insert_file(tx, &file, pages, None)?;
    settle(tx, &statement, &lines)
}

/// An account number of a try's own names it before all that was written.
fn line(place: i32, event: &PaymentEvent, (row, named): (&SepayTransaction, &BTreeMap<String, String>)) -> Line {
    let by_account = event.own_account.as_ref().and_then(|account| named.get(account));
    Line {
        line: place,
        kind: LineKind::Payment,
        refs: by_account.into_iter().chain(&event.references).take(20).cloned().collect(),
        transaction: event.provider_txn.clone(),
        amount: event.amount,
        fee: Vnd::ZERO,
        moved_at: row.at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_begins_at_five_in_the_morning_in_vietnam() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        assert_eq!(next_round(at("2026-11-25T16:59:59Z")), at("2026-11-25T22:00:00Z"));
        assert_eq!(next_round(at("2026-11-25T17:00:00Z")), at("2026-11-25T22:00:00Z"));
        assert_eq!(next_round(at("2026-11-25T22:00:00Z")), at("2026-11-26T22:00:00Z"));
        assert_eq!(next_round(at("2028-02-28T22:00:01Z")), at("2028-02-29T22:00:00Z"));
    }
}
