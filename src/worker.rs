//! What is done later: which operation does which job, and the loop that looks for jobs.

use std::time::Duration;

use chrono::{DurationRound, TimeDelta};

use crate::app::App;
use crate::jobs::{self, Job};
use crate::kernel::{CheckoutId, Error, OrderId, Result, Tx};
use crate::{audit, identity, orders, payments};

/// How often the worker looks for due jobs.
const PAUSE: Duration = Duration::from_millis(500);
/// How often old rows are thrown away.
const PURGE_EVERY: TimeDelta = TimeDelta::hours(1);

/// Does one job inside its transaction.
pub fn work(tx: &mut Tx<'_>, job: &Job) -> Result<()> {
    match job {
        Job::ExpireCheckout { checkout_id } => {
            orders::expire(tx, CheckoutId(*checkout_id))?;
            payments::close(tx, CheckoutId(*checkout_id))
        }
        Job::ClosePayment { checkout_id } => payments::close(tx, CheckoutId(*checkout_id)),
        Job::OweRefund { order_id } => payments::owe_refund(tx, OrderId(*order_id)),
        Job::Purge => purge(tx),
    }
}

fn purge(tx: &mut Tx<'_>) -> Result<()> {
    jobs::purge(tx)?;
    identity::purge(tx)?;
    payments::purge_callbacks(tx)?;
    audit::prepare_months(tx)?;
    plan_purge(tx)
}

/// The next full hour; planning it twice, by two workers, plans it once.
pub fn plan_purge(tx: &mut Tx<'_>) -> Result<()> {
    let begun = tx.now.duration_trunc(PURGE_EVERY).map_err(Error::internal)?;
    let next = begun + PURGE_EVERY;
    jobs::enqueue(tx, &Job::Purge, next, Some(&format!("purge:{}", next.timestamp())))
}

/// Looks for work until the process ends.
pub async fn run(app: &App) {
    let begun = app.db.job(plan_purge).await;
    if let Err(error) = begun {
        tracing::error!(?error, "the worker could not plan its first purge");
    }
    loop {
        if let Err(error) = jobs::run_due(&app.db, work).await {
            tracing::error!(?error, "the worker could not look for jobs");
        }
        tokio::time::sleep(PAUSE).await;
    }
}
