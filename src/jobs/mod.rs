//! Work for later, enqueued in the transaction that causes it: the table is the outbox.
//!
//! A job's effect and its completion commit together, fenced by the token of its lease, so a job whose worker died
//! is taken again and one whose lease ran out cannot complete twice. Failures are tried again with growing pauses;
//! after [`ATTEMPTS_MAX`] tries a job is dead and waits for a person.
//!
//! A job that calls somebody outside ([`OUTSIDE`]) has three steps, with no transaction open in the middle one: it
//! reads what is intended, calls, and writes what happened in the transaction that completes it. Its worker may die
//! after the call and before the writing, so the call is made at least once and carries an id that stays the same.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Integer, Jsonb, Text, Timestamptz, Uuid as SqlUuid};
use schema::jobs;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::kernel::later::{Fragment, Row};
use crate::kernel::{CheckoutId, Db, Error, JobId, Result, Tx};

/// How often a job is tried before it waits for a person.
pub const ATTEMPTS_MAX: i32 = 20;
/// How long a worker may hold a job before another takes it.
const LEASE: TimeDelta = TimeDelta::seconds(60);
/// How long reading the intent and calling outside may take together: well below the lease, so that what happened can
/// still be written.
const OUTSIDE_WITHIN: Duration = Duration::from_secs(40);
/// Calls that one worker makes at a time, so that a receiver that hangs holds up neither the others nor other jobs.
pub const OUTSIDE_AT_ONCE: usize = 8;
/// The kinds whose work is a call outside.
pub const OUTSIDE: &[&str] = &[
    "book_shipment",
    "cancel_shipment",
    "ask_shipment",
    "push_notice",
    "deliver_webhook",
    "ask_attempt",
    "call_off_attempt",
    "run_refund",
    "send_transfer",
    "list_transactions",
    "list_recent",
];
/// The longest pause between two tries, in milliseconds, before chance lengthens it.
const PAUSE_MAX_MS: u64 = 3_600_000;

/// Every kind of work there is. A stored job is this, as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Job {
    /// Give back the stock of a checkout that nobody paid in time.
    ExpireCheckout { checkout_id: Uuid },
    /// A checkout was cancelled: its payment is not expected any more.
    ClosePayment { checkout_id: Uuid },
    /// The status of an order has lasted as long as it may.
    EndWait { order_id: Uuid },
    /// Nobody acted on a claim in time.
    EndClaimWait { claim_id: Uuid },
    /// A checkout was paid: its producers are to know and to answer.
    OrdersPaid { checkout_id: Uuid },
    /// A paid order is not answered yet: remind somebody, in the first, second or third round.
    RemindOrder { order_id: Uuid, round: u8 },
    /// The operator has decided on a producer's profile: its household and other systems are to know.
    ProducerDecided { producer_id: Uuid },
    /// A lot was recalled: whoever holds or got goods of it is to know, from after this order and variant.
    TellRecall { lot_id: Uuid, after: Option<(Uuid, Uuid)> },
    /// A planned harvest is not declared yet: remind its producer, in the first or second round, or end it in the third.
    MindHarvest { harvest_id: Uuid, round: u8 },
    /// A parcel is somewhere else than before: its order follows.
    ShipmentMoved { shipment_id: Uuid },
    /// Money of a paid order is owed to its buyer.
    OweRefund { refund_id: Uuid },
    /// Send a refund, or ask its provider what became of it.
    RunRefund { refund_id: Uuid },
    /// Look for refunds whose time has come.
    LookAfterRefunds,
    /// Look for messages of providers that nobody finished, and hand them over.
    TakeUpCallbacks,
    /// A message of a provider was stored but not applied: its request or the database ended between.
    ApplyCallback { callback_id: Uuid },
    /// Look for attempts to pay whose provider is to be asked.
    LookAfterPayments,
    /// Ask a provider how an attempt to pay stands.
    AskAttempt { attempt_id: Uuid },
    /// Nobody is to pay by an attempt any more: have its order called off at its provider.
    CallOffAttempt { attempt_id: Uuid },
    /// Look up in SePay's list what came in for all open attempts.
    ListRecent,
    /// Look for outgoing transfers that are to be sent or asked for.
    LookAfterOutgoing,
    /// Send an outgoing transfer, or ask what became of it.
    SendTransfer { transfer_id: Uuid },
    /// An outgoing transfer has come to an end, or to another one: whoever wanted it is to know.
    OutgoingEnded { transfer_id: Uuid },
    /// Pay producers in the run of the week that is due on this day, from after this producer.
    RunPayouts { week_on: NaiveDate, after: Option<Uuid> },
    /// Compare what providers say of the day that is over with what we know.
    Reconcile,
    /// Read a provider's list of a day in Vietnam.
    ListTransactions { provider: String, day: NaiveDate },
    /// A day is over in Vietnam: take out of the stock what must not be sold any more.
    ExpireLots,
    /// Book a parcel with its carrier.
    BookShipment { shipment_id: Uuid },
    /// Call a parcel off at its carrier.
    CancelShipment { shipment_id: Uuid },
    /// Ask a carrier where a silent parcel is.
    AskShipment { shipment_id: Uuid },
    /// Look for messages of carriers that nobody finished, and for silent parcels.
    LookAfterShipments,
    /// Bring a notice to somebody by the next channel.
    PushNotice { notice_id: Uuid },
    /// Send an event to an endpoint.
    DeliverWebhook { delivery_id: Uuid },
    /// A day is over in Vietnam: sum the books up to the end of each month that is over.
    SumMonths,
    /// Seal numbers of bank accounts with the current key, from after this account, and forget those that nobody needs.
    TendAccounts { after: Option<Uuid> },
    /// A fee was announced: every approved producer is to know, from after this one.
    TellFee { schedule_id: Uuid, after: Option<Uuid> },
    /// A day is over in Vietnam: close the months of tax that are over, and tell who comes near the threshold.
    MindTaxes,
    /// Throw away what is past its keeping: keys, codes, ended sessions, forged callbacks, done jobs.
    Purge,
}

impl Job {
    pub fn expire_checkout(checkout_id: CheckoutId) -> Job {
        Job::ExpireCheckout { checkout_id: checkout_id.0 }
    }

    pub fn kind(&self) -> &'static str {
        match self {
            Job::ExpireCheckout { .. } => "expire_checkout",
            Job::ClosePayment { .. } => "close_payment",
            Job::EndWait { .. } => "end_wait",
            Job::EndClaimWait { .. } => "end_claim_wait",
            Job::OrdersPaid { .. } => "orders_paid",
            Job::RemindOrder { .. } => "remind_order",
            Job::ProducerDecided { .. } => "producer_decided",
            Job::TellRecall { .. } => "tell_recall",
            Job::MindHarvest { .. } => "mind_harvest",
            Job::ShipmentMoved { .. } => "shipment_moved",
            Job::OweRefund { .. } => "owe_refund",
            Job::RunRefund { .. } => "run_refund",
            Job::LookAfterRefunds => "look_after_refunds",
            Job::TakeUpCallbacks => "take_up_callbacks",
            Job::ApplyCallback { .. } => "apply_callback",
            Job::LookAfterPayments => "look_after_payments",
            Job::AskAttempt { .. } => "ask_attempt",
            Job::CallOffAttempt { .. } => "call_off_attempt",
            Job::ListRecent => "list_recent",
            Job::LookAfterOutgoing => "look_after_outgoing",
            Job::SendTransfer { .. } => "send_transfer",
            Job::OutgoingEnded { .. } => "outgoing_ended",
            Job::RunPayouts { .. } => "run_payouts",
            Job::Reconcile => "reconcile",
            Job::ListTransactions { .. } => "list_transactions",
            Job::ExpireLots => "expire_lots",
            Job::BookShipment { .. } => "book_shipment",
            Job::CancelShipment { .. } => "cancel_shipment",
            Job::AskShipment { .. } => "ask_shipment",
            Job::LookAfterShipments => "look_after_shipments",
            Job::PushNotice { .. } => "push_notice",
            Job::DeliverWebhook { .. } => "deliver_webhook",
            Job::SumMonths => "sum_months",
            Job::TendAccounts { .. } => "tend_accounts",
            Job::TellFee { .. } => "tell_fee",
            Job::MindTaxes => "mind_taxes",
            Job::Purge => "purge",
        }
    }
}

#[derive(Insertable)]
#[diesel(table_name = jobs, treat_none_as_default_value = false)]
struct NewJob {
    id: JobId,
    kind: &'static str,
    payload: serde_json::Value,
    dedup_key: Option<String>,
    run_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
}

impl Row for NewJob {
    fn insert(rows: Vec<Self>) -> Fragment {
        Box::new(diesel::insert_into(jobs::table).values(rows).on_conflict_do_nothing())
    }
}

/// Enqueues work; with a `dedup_key` that is already waiting, nothing more.
pub fn enqueue(tx: &mut Tx<'_>, job: &Job, run_at: DateTime<Utc>, dedup_key: Option<&str>) -> Result<()> {
    tx.note(NewJob {
        id: JobId::generate(),
        kind: job.kind(),
        payload: serde_json::to_value(job).map_err(Error::internal)?,
        dedup_key: dedup_key.map(str::to_owned),
        run_at,
        created_at: tx.now,
    })
}

/// A job in the hands of one worker.
#[derive(Debug, Clone, QueryableByName)]
pub struct Lease {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub lease_token: Uuid,
    #[diesel(sql_type = Jsonb)]
    pub payload: serde_json::Value,
    #[diesel(sql_type = Integer)]
    pub attempts: i32,
}

impl Lease {
    fn job(&self) -> Result<Job> {
        serde_json::from_value(self.payload.clone()).map_err(Error::internal)
    }
}

/// Takes the job that has waited longest, if any is due whose work is done inside one transaction.
pub fn take(tx: &mut Tx<'_>) -> Result<Option<Lease>> {
    take_where(tx, "kind <> all($5)", OUTSIDE)
}

/// Takes the job of these kinds that has waited longest, if any is due.
pub fn take_of(tx: &mut Tx<'_>, kinds: &[&str]) -> Result<Option<Lease>> {
    take_where(tx, "kind = any($5)", kinds)
}

fn take_where(tx: &mut Tx<'_>, of_kinds: &str, kinds: &[&str]) -> Result<Option<Lease>> {
    let lease = diesel::sql_query(format!(
        "update jobs set lease_token = $1, leased_until = $2, attempts = attempts + 1 where id = ( \
           select id from jobs where done_at is null and dead_at is null and run_at <= $3 \
             and (leased_until is null or leased_until < $3) and attempts < $4 and {of_kinds} \
           order by run_at limit 1 for update skip locked) \
         returning id, lease_token, payload, attempts"
    ))
    .bind::<SqlUuid, _>(JobId::generate().0)
    .bind::<Timestamptz, _>(tx.now + LEASE)
    .bind::<Timestamptz, _>(tx.now)
    .bind::<Integer, _>(ATTEMPTS_MAX)
    .bind::<Array<Text>, _>(kinds)
    .get_result(tx.conn)
    .optional()?;
    Ok(lease)
}

/// Marks the job done in the transaction of its effect. Somebody else's lease makes the whole transaction fail.
pub fn complete(tx: &mut Tx<'_>, lease: &Lease) -> Result<()> {
    let changed = diesel::sql_query(
        "update jobs set done_at = $1, lease_token = null, leased_until = null \
         where id = $2 and lease_token = $3 and done_at is null",
    )
    .bind::<Timestamptz, _>(tx.now)
    .bind::<SqlUuid, _>(lease.id)
    .bind::<SqlUuid, _>(lease.lease_token)
    .execute(tx.conn)?;
    if changed == 1 { Ok(()) } else { Err(Error::internal("the job's lease was taken over")) }
}

/// Puts a failed job back with a growing pause, or ends it after its last try.
pub fn fail(tx: &mut Tx<'_>, lease: &Lease, why: &str) -> Result<()> {
    diesel::sql_query(
        "update jobs set lease_token = null, leased_until = null, last_error = $1, run_at = $2, \
           dead_at = case when attempts >= $3 then $4 end \
         where id = $5 and lease_token = $6",
    )
    .bind::<Text, _>(why.chars().take(500).collect::<String>())
    .bind::<Timestamptz, _>(tx.now + pause_after(lease.attempts, rand::random()))
    .bind::<Integer, _>(ATTEMPTS_MAX)
    .bind::<Timestamptz, _>(tx.now)
    .bind::<SqlUuid, _>(lease.id)
    .bind::<SqlUuid, _>(lease.lease_token)
    .execute(tx.conn)?;
    Ok(())
}

/// Two seconds after the first try, twice as long after each further one, and by chance up to half as long again, so
/// that jobs that failed together do not come back together.
fn pause_after(tries: i32, random: u64) -> TimeDelta {
    let doublings = u32::try_from(tries).unwrap_or(0).min(30);
    let pause_ms = 1000_u64.checked_shl(doublings).unwrap_or(PAUSE_MAX_MS).min(PAUSE_MAX_MS);
    let chance_ms = random.checked_rem(pause_ms / 2).unwrap_or(0);
    TimeDelta::milliseconds(i64::try_from(pause_ms.saturating_add(chance_ms)).unwrap_or(i64::MAX))
}

/// Runs what is due until nothing is; returns how many jobs were done. `work` does a job inside a transaction.
pub async fn run_due<W>(db: &Db, work: W) -> Result<usize>
where
    W: Fn(&mut Tx<'_>, &Job) -> Result<()> + Clone + Send + 'static,
{
    let mut done: usize = 0;
    while let Some(lease) = db.job(take).await? {
        let (held, work) = (lease.clone(), work.clone());
        let outcome = db
            .job(move |tx| {
                work(tx, &held.job()?)?;
                complete(tx, &held)
            })
            .await;
        if end(db, lease, outcome).await? {
            done = done.saturating_add(1);
        }
    }
    Ok(done)
}

/// What a call outside brought, as the writing of it: it runs in the transaction that completes the job.
pub type Happened = Box<dyn FnMut(&mut Tx<'_>) -> Result<()> + Send>;

/// What happened is written by this.
pub fn happened(write: impl FnMut(&mut Tx<'_>) -> Result<()> + Send + 'static) -> Happened {
    Box::new(write)
}

/// Runs what is due of these kinds, [`OUTSIDE_AT_ONCE`] at a time, until nothing is; returns how many jobs were done.
pub async fn run_outside<'a, C>(db: &Db, kinds: &'static [&'static str], call: C) -> Result<usize>
where
    C: Fn(Job) -> Pin<Box<dyn Future<Output = Result<Happened>> + 'a>>,
{
    let lanes = (0..OUTSIDE_AT_ONCE).map(|_| run_lane(db, kinds, &call));
    futures_util::future::join_all(lanes).await.into_iter().sum()
}

/// One after the other until nothing is due. `call` reads what is intended, calls outside with no transaction open, and
/// answers how to write what happened.
pub async fn run_lane<'a, C>(db: &Db, kinds: &'static [&'static str], call: &C) -> Result<usize>
where
    C: Fn(Job) -> Pin<Box<dyn Future<Output = Result<Happened>> + 'a>>,
{
    let mut done: usize = 0;
    while let Some(lease) = db.job(move |tx| take_of(tx, kinds)).await? {
        if run_one_outside(db, lease, call).await? {
            done = done.saturating_add(1);
        }
    }
    Ok(done)
}

async fn run_one_outside<'a, C>(db: &Db, lease: Lease, call: &C) -> Result<bool>
where
    C: Fn(Job) -> Pin<Box<dyn Future<Output = Result<Happened>> + 'a>>,
{
    let called = match lease.job() {
        Ok(job) => tokio::time::timeout(OUTSIDE_WITHIN, call(job))
            .await
            .unwrap_or_else(|_| Err(Error::Unavailable("the call outside took too long".to_owned()))),
        Err(error) => Err(error),
    };
    let held = lease.clone();
    let outcome = match called {
        Ok(mut write) => {
            db.job(move |tx| {
                write(tx)?;
                complete(tx, &held)
            })
            .await
        }
        Err(error) => Err(error),
    };
    end(db, lease, outcome).await
}

/// Says whether the job was done; one that failed is put back.
async fn end(db: &Db, lease: Lease, outcome: Result<()>) -> Result<bool> {
    let Err(error) = outcome else { return Ok(true) };
    tracing::error!(?error, job = %lease.id, attempts = lease.attempts, "job failed");
    db.job(move |tx| fail(tx, &lease, &format!("{error:?}"))).await?;
    Ok(false)
}

/// How many jobs wait past their time, and how many are dead.
pub fn backlog(tx: &mut Tx<'_>) -> Result<(i64, i64)> {
    #[derive(QueryableByName)]
    struct Backlog {
        #[diesel(sql_type = BigInt)]
        waiting: i64,
        #[diesel(sql_type = BigInt)]
        dead: i64,
    }
    let row: Backlog = diesel::sql_query(
        "select count(*) filter (where dead_at is null and run_at <= $1) as waiting, \
                count(*) filter (where dead_at is not null) as dead from jobs where done_at is null",
    )
    .bind::<Timestamptz, _>(tx.now)
    .get_result(tx.conn)?;
    Ok((row.waiting, row.dead))
}

/// Throws away done jobs and expired idempotency keys; gives up jobs whose worker died at the last try.
pub fn purge(tx: &mut Tx<'_>) -> Result<()> {
    const DONE_KEPT: TimeDelta = TimeDelta::days(7);
    diesel::delete(jobs::table.filter(jobs::done_at.lt(tx.now - DONE_KEPT))).execute(tx.conn)?;
    diesel::delete(schema::idempotency_keys::table.filter(schema::idempotency_keys::expires_at.lt(tx.now)))
        .execute(tx.conn)?;
    diesel::sql_query(
        "update jobs set lease_token = null, leased_until = null, last_error = 'its worker died', dead_at = $1 \
         where done_at is null and dead_at is null and attempts >= $2 and leased_until < $1",
    )
    .bind::<Timestamptz, _>(tx.now)
    .bind::<Integer, _>(ATTEMPTS_MAX)
    .execute(tx.conn)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::SeedableRng as _;

    use super::*;

    proptest! {
        #[test]
        fn a_pause_doubles_up_to_an_hour_and_is_lengthened_by_at_most_half(tries in 1..=ATTEMPTS_MAX, random in any::<u64>()) {
            let plain = 2_i64.pow(tries.unsigned_abs()).min(3600) * 1000;
            let pause = pause_after(tries, random).num_milliseconds();
            prop_assert!((plain..=plain * 3 / 2).contains(&pause), "{pause} ms after try {tries}");
        }

        #[test]
        fn no_number_of_tries_makes_the_pause_panic_or_longer_than_an_hour_and_a_half(tries in any::<i32>(), random in any::<u64>()) {
            let pause = pause_after(tries, random);
            prop_assert!((TimeDelta::seconds(1)..=TimeDelta::minutes(90)).contains(&pause), "{pause} after try {tries}");
        }

        #[test]
        fn jobs_that_failed_together_do_not_come_back_together(tries in 1..=ATTEMPTS_MAX, seed in any::<u64>()) {
            let mut random = rand::rngs::StdRng::seed_from_u64(seed);
            let pauses: std::collections::BTreeSet<TimeDelta> = (0..100).map(|_| pause_after(tries, random.random())).collect();
            prop_assert!(pauses.len() > 80, "{} different pauses of 100", pauses.len());
        }
    }
}
