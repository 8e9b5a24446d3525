//! What is done later: which operation does which job, and the loop that looks for jobs.

use std::time::Duration;

use chrono::{DurationRound, TimeDelta};

use crate::app::{App, Shared};
use crate::jobs::{self, Job};
use crate::kernel::{CallbackId, CheckoutId, Error, OrderId, Result, Tx};
use crate::{audit, identity, orders, payments, storage};

/// How often the worker looks for due jobs.
const PAUSE: Duration = Duration::from_millis(500);
/// How often old rows are thrown away.
const PURGE_EVERY: TimeDelta = TimeDelta::hours(1);
/// How often the worker looks for messages of providers that nobody finished.
const TAKE_UP_EVERY: TimeDelta = TimeDelta::minutes(1);

/// Does one job inside its transaction.
pub fn work(app: &App, tx: &mut Tx<'_>, job: &Job) -> Result<()> {
    match job {
        Job::ExpireCheckout { checkout_id } => {
            orders::expire(tx, CheckoutId(*checkout_id))?;
            payments::close(tx, CheckoutId(*checkout_id))
        }
        Job::ClosePayment { checkout_id } => payments::close(tx, CheckoutId(*checkout_id)),
        Job::OweRefund { order_id } => payments::owe_refund(tx, OrderId(*order_id)),
        Job::TakeUpCallbacks => {
            payments::take_up_callbacks(tx)?;
            plan_take_up(tx)
        }
        Job::ApplyCallback { callback_id } => payments::apply_kept(tx, &app.providers, CallbackId(*callback_id)),
        Job::Purge => purge(app, tx),
    }
}

fn purge(app: &App, tx: &mut Tx<'_>) -> Result<()> {
    jobs::purge(tx)?;
    identity::purge(tx)?;
    payments::purge_callbacks(tx)?;
    storage::purge(tx, &app.photos)?;
    audit::prepare_months(tx)?;
    plan_purge(tx)
}

/// The purge of the next full hour.
pub fn plan_purge(tx: &mut Tx<'_>) -> Result<()> {
    plan(tx, &Job::Purge, PURGE_EVERY)
}

/// The look at unfinished messages at the next full minute.
pub fn plan_take_up(tx: &mut Tx<'_>) -> Result<()> {
    plan(tx, &Job::TakeUpCallbacks, TAKE_UP_EVERY)
}

/// Plans the next time; two workers that plan it plan it once.
fn plan(tx: &mut Tx<'_>, job: &Job, every: TimeDelta) -> Result<()> {
    let begun = tx.now.duration_trunc(every).map_err(Error::internal)?;
    let next = begun + every;
    jobs::enqueue(tx, job, next, Some(&format!("{}:{}", job.kind(), next.timestamp())))
}

/// Does every job that is due; returns how many were done.
pub async fn run_due(app: &Shared) -> Result<usize> {
    let held = app.clone();
    jobs::run_due(&app.db, move |tx, job| work(&held, tx, job)).await
}

/// Looks for work until the process ends.
pub async fn run(app: &Shared) {
    let mut is_planned = false;
    loop {
        if let Err(error) = look(app, &mut is_planned).await {
            tracing::error!(?error, "the worker could not look for jobs");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// What comes again and again is planned once; after that each plans its next time.
async fn look(app: &Shared, is_planned: &mut bool) -> Result<()> {
    if !*is_planned {
        app.db.job(|tx| plan_purge(tx).and_then(|()| plan_take_up(tx))).await?;
        *is_planned = true;
    }
    run_due(app).await.map(drop)
}
