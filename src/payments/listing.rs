//! What came in on our bank account, looked up in SePay's list while transfers are waited for: a notice that was lost is
//! found within minutes. One list serves all tries that are open.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};

use super::ask::{LAST_MOMENT, tell_listed};
use super::health::{self, Called};
use super::providers::{HttpAnswer, PaymentEvent, ProviderId, SepayApi, SepayTransaction, send};
use super::{credits, store};
use crate::app::App;
use crate::jobs::{self, Happened, Job, happened};
use crate::kernel::{Error, Result, Tx};

const PROVIDER: ProviderId = ProviderId::BankTransfer;
/// How often there is a list at most.
const EVERY: TimeDelta = TimeDelta::seconds(30);
/// Pages of a list, of a hundred rows each; what is beyond is left to the night.
const PAGES_MAX: u32 = 20;
/// SePay takes three questions a second.
const PAUSE: Duration = Duration::from_millis(350);
/// How far SePay's clock and ours may be apart.
const CLOCKS: TimeDelta = TimeDelta::minutes(1);
/// How long a transfer is waited for at most.
const WAITED_MAX: TimeDelta = TimeDelta::hours(25);
/// Movements that are told in one transaction; the others are told by the next list.
const TOLD_MAX: usize = 50;
/// The longest that SePay can have us wait.
const LATER_MAX_S: i64 = 3_600;

/// Plans the next list, unless one is planned.
pub fn plan_list(tx: &mut Tx<'_>) -> Result<()> {
    let begun = tx.now.duration_trunc(EVERY).map_err(Error::internal)?;
    plan_list_at(tx, begun + EVERY)
}

fn plan_list_at(tx: &mut Tx<'_>, at: DateTime<Utc>) -> Result<()> {
    jobs::enqueue(tx, &Job::ListRecent, at, Some("list_recent"))
}

/// What came of asking for a list.
enum Listed {
    Rows(Vec<SepayTransaction>),
    /// SePay has enough of us for so long.
    Later(i64),
    Silent(String),
}

/// Reads what came in since the oldest open try began, and does what notices of it would do. Tries whose time was over
/// before have had the last word then.
pub async fn list_recent(app: &App) -> Result<Happened> {
    let nothing = || happened(|_| Ok(()));
    let Some(sepay) = app.providers.bank_transfer.sepay.as_ref() else { return Ok(nothing()) };
    let Some(since) = app.db.job(|tx| store::waits_since(tx, PROVIDER)).await? else { return Ok(nothing()) };
    let begun = app.db.clock.now();
    let since = since.max(begun - WAITED_MAX) - CLOCKS;
    match listed(app, sepay, (since, begun + CLOCKS)).await {
        Listed::Rows(rows) => {
            let bank = &app.providers.bank_transfer;
            let told =
                rows.iter().map(|row| (bank.listed(row), row.said())).filter(|(event, _)| event.payee_account_ours);
            let told: Vec<(PaymentEvent, String)> = told.collect();
            Ok(happened(move |tx| record(tx, begun, &told)))
        }
        Listed::Later(seconds) => Ok(happened(move |tx| {
            health::called(tx, PROVIDER, Called::Failed)?;
            let again_at = tx.now + TimeDelta::seconds(seconds);
            plan_list_at(tx, again_at)
        })),
        Listed::Silent(why) => {
            tracing::warn!(why, provider = PROVIDER.as_str(), "what came in could not be listed");
            Ok(happened(|tx| health::called(tx, PROVIDER, Called::Failed)))
        }
    }
}

async fn listed(app: &App, sepay: &SepayApi, between: (DateTime<Utc>, DateTime<Utc>)) -> Listed {
    let (mut told, mut seen) = (Vec::new(), BTreeSet::new());
    for page in 1..=PAGES_MAX {
        let answer = match send(&app.providers.client, sepay.recent(between, page)).await {
            Ok(answer) => answer,
            Err(error) => return Listed::Silent(format!("{error:?}")),
        };
        let (rows, is_full) = match SepayApi::read_page(&answer) {
            Ok(read) => read,
            Err(why) => return later(&answer).map_or(Listed::Silent(why), Listed::Later),
        };
        // What comes in while pages are turned can move a row to the next page.
        told.extend(rows.into_iter().filter(|row| seen.insert(row.id.clone())));
        if !is_full {
            return Listed::Rows(told);
        }
        tokio::time::sleep(PAUSE).await;
    }
    Listed::Rows(told)
}

/// How long SePay wants to be left alone.
fn later(answer: &HttpAnswer) -> Option<i64> {
    answer.retry_after_s.filter(|_| answer.status == 429).map(|seconds| i64::from(seconds).clamp(1, LATER_MAX_S))
}

fn record(tx: &mut Tx<'_>, begun: DateTime<Utc>, told: &[(PaymentEvent, String)]) -> Result<()> {
    let events: Vec<&PaymentEvent> = told.iter().map(|(event, _)| event).collect();
    let new = credits::unbooked(tx, PROVIDER, &events)?;
    for (event, said) in new.iter().take(TOLD_MAX).filter_map(|place| told.get(*place)) {
        tell_listed(tx, PROVIDER, event, said.as_bytes())?;
    }
    if new.len() <= TOLD_MAX {
        store::set_listed(tx, PROVIDER, (begun, begun - LAST_MOMENT))?;
    }
    health::called(tx, PROVIDER, Called::Answered)
}
