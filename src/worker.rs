//! What is done later: which operation does which job, and the loop that looks for jobs.

use std::time::Duration;

use chrono::{DurationRound, TimeDelta};

use crate::app::{App, Shared};
use crate::jobs::{self, Happened, Job};
use crate::kernel::time::next_vietnam_day;
use crate::kernel::{
    AttemptId, BankAccountId, CallbackId, CheckoutId, ClaimId, Error, FeeScheduleId, HarvestId, LotId, NoticeId,
    OrderId, OutgoingId, ProducerId, RefundId, Result, ShipmentId, Tx, WebhookDeliveryId,
};
use crate::notifications::{Pushed, Step};
use crate::outgoing::Purpose;
use crate::payouts::PayoutRules;
use crate::{
    audit, charges, identity, ledger, notifications, orders, outgoing, payments, payouts, reconciliation, refunds,
    shipping, stock, storage, taxes, webhooks,
};

/// How often the worker looks for due jobs.
const PAUSE: Duration = Duration::from_millis(500);
/// How often old rows are thrown away.
const PURGE_EVERY: TimeDelta = TimeDelta::hours(1);
/// How often the worker looks for messages of providers that nobody finished.
const TAKE_UP_EVERY: TimeDelta = TimeDelta::minutes(1);
/// How often the worker looks for messages of carriers that nobody finished, and for parcels of which nobody hears.
const LOOK_AFTER_EVERY: TimeDelta = TimeDelta::minutes(15);
/// How often the worker looks for attempts to pay whose provider is to be asked.
const LOOK_AFTER_PAYMENTS_EVERY: TimeDelta = TimeDelta::seconds(15);
/// How often the worker looks for refunds whose time has come.
const LOOK_AFTER_REFUNDS_EVERY: TimeDelta = TimeDelta::minutes(1);
/// How often the worker looks for outgoing transfers that are to be sent or asked for.
const LOOK_AFTER_OUTGOING_EVERY: TimeDelta = TimeDelta::minutes(1);

/// How often the worker looks whether a number of a bank account is to be sealed anew or forgotten.
const TEND_EVERY: TimeDelta = TimeDelta::hours(1);

/// Does one job inside its transaction.
pub fn work(app: &App, tx: &mut Tx<'_>, job: &Job) -> Result<()> {
    match job {
        Job::ExpireCheckout { checkout_id } => expire_checkout(tx, CheckoutId(*checkout_id)),
        Job::ClosePayment { checkout_id } => payments::close(tx, CheckoutId(*checkout_id)),
        Job::EndWait { order_id } => orders::end_wait(tx, OrderId(*order_id)),
        Job::EndClaimWait { claim_id } => orders::end_claim_wait(tx, ClaimId(*claim_id)),
        Job::OrdersPaid { checkout_id } => {
            payments::withdraw(tx, CheckoutId(*checkout_id), None)?;
            orders::watch(tx, CheckoutId(*checkout_id))
        }
        Job::RemindOrder { order_id, round } => orders::remind(tx, OrderId(*order_id), *round),
        Job::ProducerDecided { producer_id } => producer_decided(tx, ProducerId(*producer_id)),
        Job::TellRecall { lot_id, after } => orders::tell_recall(tx, LotId(*lot_id), *after),
        Job::MindHarvest { harvest_id, round } => orders::mind_harvest(tx, HarvestId(*harvest_id), *round),
        Job::ShipmentMoved { shipment_id } => payments::parcel_moved(tx, ShipmentId(*shipment_id)),
        Job::OweRefund { refund_id } => refunds::owe(tx, (&app.providers, app.config.refunds), RefundId(*refund_id)),
        Job::LookAfterRefunds => {
            refunds::look_after(tx)?;
            plan_look_after_refunds(tx)
        }
        Job::TakeUpCallbacks => {
            payments::take_up_callbacks(tx)?;
            plan_take_up(tx)
        }
        Job::ApplyCallback { callback_id } => payments::apply_kept(tx, &app.providers, CallbackId(*callback_id)),
        Job::LookAfterPayments => {
            payments::plan_questions(tx, &app.providers)?;
            plan_look_after_payments(tx)
        }
        Job::LookAfterOutgoing => {
            outgoing::look_after(tx)?;
            plan_look_after_outgoing(tx)
        }
        Job::OutgoingEnded { transfer_id } => outgoing_ended(tx, OutgoingId(*transfer_id)),
        Job::RunPayouts { week_on, after } => {
            let rules = PayoutRules::new(&app.config, app.outgoing.rules);
            payouts::run_weekly(tx, rules, *week_on, after.map(ProducerId))?;
            plan_payouts(tx, rules)
        }
        Job::Reconcile => {
            reconciliation::round(tx, &app.providers)?;
            plan_reconciliation(tx)
        }
        Job::ExpireLots => expire_lots(tx),
        Job::SumMonths => sum_months(tx),
        Job::TendAccounts { after } => tend_accounts(app, tx, after.map(BankAccountId)),
        Job::TellFee { schedule_id, after } => {
            charges::tell_fee(tx, FeeScheduleId(*schedule_id), after.map(ProducerId))
        }
        Job::MindTaxes => mind_taxes(tx),
        Job::LookAfterShipments => {
            shipping::look_after(tx, &app.carriers)?;
            plan_look_after(tx)
        }
        Job::BookShipment { .. }
        | Job::CancelShipment { .. }
        | Job::AskShipment { .. }
        | Job::AskAttempt { .. }
        | Job::CallOffAttempt { .. }
        | Job::RunRefund { .. }
        | Job::SendTransfer { .. }
        | Job::ListTransactions { .. }
        | Job::ListRecent
        | Job::PushNotice { .. }
        | Job::DeliverWebhook { .. } => Err(Error::internal(format!("{} calls outside", job.kind()))),
        Job::Purge => purge(app, tx),
    }
}

/// People and other systems hear what the operator decided.
fn producer_decided(tx: &mut Tx<'_>, id: ProducerId) -> Result<()> {
    notifications::producer_decided(tx, id)?;
    webhooks::producer_decided(tx, id)
}

/// Whoever wanted money to be sent hears what became of it.
fn outgoing_ended(tx: &mut Tx<'_>, id: OutgoingId) -> Result<()> {
    match outgoing::find(tx, id)?.purpose {
        Purpose::Payout => payouts::ended(tx, id),
        Purpose::Refund => refunds::transfer_ended(tx, id),
    }
}

/// Gives an unpaid purchase up, once the providers that could have its money had their last word.
fn expire_checkout(tx: &mut Tx<'_>, id: CheckoutId) -> Result<()> {
    if let Some(again_at) = payments::ask_before_expiry(tx, id)? {
        return jobs::enqueue(tx, &Job::expire_checkout(id), again_at, None);
    }
    orders::expire(tx, id)?;
    payments::close(tx, id)
}

fn purge(app: &App, tx: &mut Tx<'_>) -> Result<()> {
    jobs::purge(tx)?;
    identity::purge(tx)?;
    notifications::purge(tx)?;
    webhooks::purge(tx)?;
    payments::purge_callbacks(tx)?;
    payments::purge_calls(tx)?;
    orders::purge_quotes(tx)?;
    shipping::purge_messages(tx)?;
    storage::purge(tx, &app.photos)?;
    audit::prepare_months(tx)?;
    plan_purge(tx)
}

/// Month by month, each by itself, then the same two hours after the next midnight in Vietnam.
fn sum_months(tx: &mut Tx<'_>) -> Result<()> {
    if ledger::sum_month(tx)? { jobs::enqueue(tx, &Job::SumMonths, tx.now, None) } else { plan_sums(tx) }
}

/// As many steps as it takes, then the next look.
fn tend_accounts(app: &App, tx: &mut Tx<'_>, after: Option<BankAccountId>) -> Result<()> {
    match outgoing::tend_accounts(tx, &app.outgoing.vault, after)? {
        Some(last) => {
            let next = Job::TendAccounts { after: Some(last.0) };
            jobs::enqueue(tx, &next, tx.now, Some(&format!("tend_accounts:{last}")))
        }
        None => plan_tending(tx),
    }
}

/// As many runs as it takes, then the next one at midnight in Vietnam.
fn expire_lots(tx: &mut Tx<'_>) -> Result<()> {
    if stock::expire_lots(tx)? { jobs::enqueue(tx, &Job::ExpireLots, tx.now, None) } else { plan_expiry(tx) }
}

/// Closes what is over, then the same an hour after the next midnight in Vietnam, when nothing of the day before is still
/// being written.
fn mind_taxes(tx: &mut Tx<'_>) -> Result<()> {
    taxes::close(tx)?;
    taxes::warn(tx)?;
    plan_taxes(tx)
}

/// The look at taxes an hour after the next midnight in Vietnam.
pub fn plan_taxes(tx: &mut Tx<'_>) -> Result<()> {
    const AFTER_MIDNIGHT: TimeDelta = TimeDelta::hours(1);
    let next = next_vietnam_day(tx.now) + AFTER_MIDNIGHT;
    jobs::enqueue(tx, &Job::MindTaxes, next, Some(&format!("mind_taxes:{}", next.timestamp())))
}

/// The look at months of the books two hours after the next midnight in Vietnam.
pub fn plan_sums(tx: &mut Tx<'_>) -> Result<()> {
    const AFTER_MIDNIGHT: TimeDelta = TimeDelta::hours(2);
    let next = next_vietnam_day(tx.now) + AFTER_MIDNIGHT;
    jobs::enqueue(tx, &Job::SumMonths, next, Some(&format!("sum_months:{}", next.timestamp())))
}

/// The expiry of lots at the next midnight in Vietnam.
pub fn plan_expiry(tx: &mut Tx<'_>) -> Result<()> {
    let next = next_vietnam_day(tx.now);
    jobs::enqueue(tx, &Job::ExpireLots, next, Some(&format!("expire_lots:{}", next.timestamp())))
}

/// The comparison with providers of the next morning in Vietnam.
pub fn plan_reconciliation(tx: &mut Tx<'_>) -> Result<()> {
    let next = reconciliation::next_round(tx.now);
    jobs::enqueue(tx, &Job::Reconcile, next, Some(&format!("reconcile:{}", next.timestamp())))
}

/// The purge of the next full hour.
pub fn plan_purge(tx: &mut Tx<'_>) -> Result<()> {
    plan(tx, &Job::Purge, PURGE_EVERY)
}

/// The look at unfinished messages at the next full minute.
pub fn plan_take_up(tx: &mut Tx<'_>) -> Result<()> {
    plan(tx, &Job::TakeUpCallbacks, TAKE_UP_EVERY)
}

/// The look at parcels at the next full quarter of an hour.
pub fn plan_look_after(tx: &mut Tx<'_>) -> Result<()> {
    plan(tx, &Job::LookAfterShipments, LOOK_AFTER_EVERY)
}

/// The look at attempts to pay at the next quarter of a minute.
pub fn plan_look_after_payments(tx: &mut Tx<'_>) -> Result<()> {
    plan(tx, &Job::LookAfterPayments, LOOK_AFTER_PAYMENTS_EVERY)
}

/// The look at refunds at the next full minute.
pub fn plan_look_after_refunds(tx: &mut Tx<'_>) -> Result<()> {
    plan(tx, &Job::LookAfterRefunds, LOOK_AFTER_REFUNDS_EVERY)
}

/// The look at outgoing transfers at the next full minute.
pub fn plan_look_after_outgoing(tx: &mut Tx<'_>) -> Result<()> {
    plan(tx, &Job::LookAfterOutgoing, LOOK_AFTER_OUTGOING_EVERY)
}

/// The look at bank accounts at the next full hour.
pub fn plan_tending(tx: &mut Tx<'_>) -> Result<()> {
    plan(tx, &Job::TendAccounts { after: None }, TEND_EVERY)
}

/// The run of payouts on the next day of the week for it.
pub fn plan_payouts(tx: &mut Tx<'_>, rules: PayoutRules) -> Result<()> {
    let week_on = payouts::next_run_on(tx.now, rules.weekday);
    let job = Job::RunPayouts { week_on, after: None };
    jobs::enqueue(tx, &job, payouts::run_at(week_on), Some(&format!("run_payouts:{week_on}")))
}

/// Plans the next time; two workers that plan it plan it once.
fn plan(tx: &mut Tx<'_>, job: &Job, every: TimeDelta) -> Result<()> {
    let begun = tx.now.duration_trunc(every).map_err(Error::internal)?;
    let next = begun + every;
    jobs::enqueue(tx, job, next, Some(&format!("{}:{}", job.kind(), next.timestamp())))
}

/// Does one job that calls outside: reads what is intended, calls with no transaction open, and answers how to write
/// what happened.
async fn call(app: Shared, job: Job) -> Result<Happened> {
    match job {
        Job::BookShipment { shipment_id } => shipping::book(&app, ShipmentId(shipment_id)).await,
        Job::CancelShipment { shipment_id } => shipping::cancel_booking(&app, ShipmentId(shipment_id)).await,
        Job::AskShipment { shipment_id } => shipping::ask(&app, ShipmentId(shipment_id)).await,
        Job::AskAttempt { attempt_id } => payments::ask(&app, AttemptId(attempt_id)).await,
        Job::CallOffAttempt { attempt_id } => payments::call_off(&app, AttemptId(attempt_id)).await,
        Job::RunRefund { refund_id } => refunds::run(&app, RefundId(refund_id)).await,
        Job::SendTransfer { transfer_id } => outgoing::carry(&app, OutgoingId(transfer_id)).await,
        Job::ListTransactions { provider, day } => reconciliation::list_transactions(&app, &provider, day).await,
        Job::ListRecent => payments::list_recent(&app).await,
        Job::PushNotice { notice_id } => push_notice(&app, NoticeId(notice_id)).await,
        Job::DeliverWebhook { delivery_id } => deliver_webhook(&app, WebhookDeliveryId(delivery_id)).await,
        other => Err(Error::internal(format!("{} is done inside a transaction", other.kind()))),
    }
}

async fn deliver_webhook(app: &Shared, delivery_id: WebhookDeliveryId) -> Result<Happened> {
    let key = app.config.webhooks.key.clone();
    let Some(call) = app.db.job(move |tx| webhooks::intent(tx, &key, delivery_id)).await? else {
        return Ok(jobs::happened(|_| Ok(())));
    };
    let told = app.webhooks.call(&call).await;
    Ok(jobs::happened(move |tx| webhooks::record(tx, &call, &told)))
}

async fn push_notice(app: &Shared, notice_id: NoticeId) -> Result<Happened> {
    let held = app.clone();
    let step = app.db.job(move |tx| notifications::intent(tx, &held.senders, notice_id)).await?;
    Ok(match step {
        Step::Nothing => jobs::happened(|_| Ok(())),
        Step::Wait(until) => jobs::happened(move |tx| notifications::again(tx, notice_id, until)),
        Step::Send(channel, message) => {
            let sent = app.senders.send(channel, &message).await;
            let pushed = Pushed { notice_id, channel, sent };
            jobs::happened(move |tx| notifications::record(tx, &pushed))
        }
    })
}

/// Does every job that is due; returns how many were done.
pub async fn run_due(app: &Shared) -> Result<usize> {
    let mut done: usize = 0;
    loop {
        let now_done = run_inside(app).await?.saturating_add(run_outside(app).await?);
        if now_done == 0 {
            return Ok(done);
        }
        done = done.saturating_add(now_done);
    }
}

async fn run_inside(app: &Shared) -> Result<usize> {
    let held = app.clone();
    jobs::run_due(&app.db, move |tx, job| work(&held, tx, job)).await
}

async fn run_outside(app: &Shared) -> Result<usize> {
    jobs::run_outside(&app.db, jobs::OUTSIDE, |job| Box::pin(call(app.clone(), job))).await
}

/// Looks for work until the process ends. Calls outside are made beside the other jobs and beside each other, so that
/// whatever does not wait for a receiver never does.
pub async fn run(app: &Shared) {
    let inside = async {
        let mut is_planned = false;
        loop {
            pause_after(look(app, &mut is_planned).await).await;
        }
    };
    let lanes = (0..jobs::OUTSIDE_AT_ONCE).map(|_| async {
        loop {
            let looked = jobs::run_lane(&app.db, jobs::OUTSIDE, &|job| Box::pin(call(app.clone(), job))).await;
            pause_after(looked.map(drop)).await;
        }
    });
    futures_util::future::join(inside, futures_util::future::join_all(lanes)).await;
}

async fn pause_after(look: Result<()>) {
    if let Err(error) = look {
        tracing::error!(?error, "the worker could not look for jobs");
    }
    tokio::time::sleep(PAUSE).await;
}

/// What comes again and again is planned once; after that each plans its next time.
async fn look(app: &Shared, is_planned: &mut bool) -> Result<()> {
    if !*is_planned {
        app.db.job(|tx| plan_purge(tx).and_then(|()| plan_take_up(tx)).and_then(|()| plan_expiry(tx))).await?;
        app.db.job(|tx| plan_purge(tx).and_then(|()| plan_take_up(tx)).and_then(|()| plan_look_after(tx))).await?;
        app.db.job(|tx| plan_look_after_payments(tx).and_then(|()| plan_look_after_refunds(tx))).await?;
        let rules = PayoutRules::new(&app.config, app.outgoing.rules);
        app.db.job(move |tx| plan_look_after_outgoing(tx).and_then(|()| plan_payouts(tx, rules))).await?;
        app.db.job(|tx| plan_reconciliation(tx).and_then(|()| plan_taxes(tx)).and_then(|()| plan_tending(tx))).await?;
        app.db.job(plan_sums).await?;
        *is_planned = true;
    }
    run_inside(app).await.map(drop)
}
