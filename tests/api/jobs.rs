//! Work done later.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use ocop_market::jobs::{self, Job};
use ocop_market::kernel::Error;
use ocop_market::worker;

use crate::support::World;

#[actix_web::test]
async fn the_hourly_purge_plans_the_next_one_once_and_makes_months_ahead() {
    let world = World::start().await;
    world.app.db.job(worker::plan_purge).await.expect("planned");
    world.app.db.job(worker::plan_purge).await.expect("planned by a second worker");
    assert_eq!(world.count("select count(*) from jobs where kind = 'purge'"), 1);
    world.pass(TimeDelta::hours(1));
    assert_eq!(world.run_jobs().await, 1);
    assert_eq!(world.count("select count(*) from jobs where kind = 'purge' and done_at is null"), 1);
    assert!(world.count("select count(*) from pg_class where relname ~ '^audit_events_[0-9]{6}$'") >= 3);
    world.finish().await;
}

/// F-33: the lease of a worker that died is taken over, and the dead one's completion is refused.
#[actix_web::test]
async fn a_job_whose_worker_died_is_done_by_another_once() {
    let world = World::start().await;
    world.app.db.job(|tx| jobs::enqueue(tx, &Job::Purge, tx.now, None)).await.expect("enqueued");
    let dead = world.app.db.job(jobs::take).await.expect("taken").expect("a job");
    assert!(world.app.db.job(jobs::take).await.expect("looked").is_none(), "a leased job is nobody else's");
    world.pass(TimeDelta::seconds(61));
    let taken = world.app.db.job(jobs::take).await.expect("taken").expect("the same job again");
    assert_eq!(taken.id, dead.id);
    let late = dead.clone();
    assert!(world.app.db.job(move |tx| jobs::complete(tx, &late)).await.is_err(), "fenced");
    world.app.db.job(move |tx| jobs::complete(tx, &taken)).await.expect("done");
    world.finish().await;
}

/// F-34
#[actix_web::test]
async fn a_poison_job_is_tried_with_pauses_and_ends_dead_while_others_go_on() {
    let world = World::start().await;
    world.app.db.job(|tx| jobs::enqueue(tx, &Job::Purge, tx.now, None)).await.expect("enqueued");
    for _ in 0..jobs::ATTEMPTS_MAX {
        let done = jobs::run_due(&world.app.db, |_, _| Err(Error::internal("poison"))).await.expect("looked");
        assert_eq!(done, 0);
        world.pass(TimeDelta::hours(2));
    }
    assert_eq!(world.count("select count(*) from jobs where dead_at is not null"), 1);
    assert_eq!(world.run_jobs().await, 0, "a dead job is not tried again");
    world.database.execute("delete from jobs");
    world.finish().await;
}

#[actix_web::test]
async fn a_job_that_killed_its_worker_at_every_try_ends_dead() {
    let world = World::start().await;
    world
        .app
        .db
        .job(|tx| jobs::enqueue(tx, &Job::OweRefund { refund_id: uuid::Uuid::nil() }, tx.now, None))
        .await
        .expect("enqueued");
    for _ in 0..jobs::ATTEMPTS_MAX {
        assert!(world.app.db.job(jobs::take).await.expect("looked").is_some());
        world.pass(TimeDelta::seconds(61));
    }
    assert!(world.app.db.job(jobs::take).await.expect("looked").is_none(), "it is not tried for ever");
    world.app.db.job(jobs::purge).await.expect("purged");
    assert_eq!(world.app.db.job(jobs::backlog).await.expect("counted"), (0, 1));
    world.database.execute("delete from jobs");
    world.finish().await;
}

/// Jobs whose object is one of these ids, of a kind that the tests below run as calls outside.
async fn enqueue_calls(world: &World, ids: &[u128]) {
    let ids = ids.to_vec();
    let enqueue = move |tx: &mut ocop_market::kernel::Tx<'_>| {
        ids.iter().try_for_each(|id| jobs::enqueue(tx, &call_job(*id), tx.now, None))
    };
    world.app.db.job(enqueue).await.expect("enqueued");
}

fn call_job(id: u128) -> Job {
    Job::OweRefund { refund_id: uuid::Uuid::from_u128(id) }
}

const CALLS: &[&str] = &["owe_refund"];

/// A call sees no open transaction; what it brought and the job's end are one.
#[actix_web::test]
async fn what_a_call_outside_brought_is_written_with_the_end_of_its_job_or_not_at_all() {
    let world = World::start().await;
    enqueue_calls(&world, &[1]).await;
    let world_seen = &world;
    // Others of the lanes look for jobs meanwhile, for less than that.
    let open = "select count(*) from pg_stat_activity where datname = current_database() \
        and state like 'idle in tr%' and state_change < now() - interval '200 milliseconds'";
    let run = async |is_kept: bool| {
        jobs::run_outside(&world.app.db, CALLS, |job| {
            Box::pin(async move {
                assert_eq!(job, call_job(1));
                tokio::time::sleep(Duration::from_millis(300)).await;
                assert_eq!(world_seen.count(open), 0, "a transaction waits for the call");
                Ok(jobs::happened(move |tx| {
                    jobs::enqueue(tx, &Job::TakeUpCallbacks, tx.now, Some("what happened"))?;
                    if is_kept { Ok(()) } else { Err(Error::internal("the writing failed")) }
                }))
            })
        })
        .await
        .expect("looked")
    };
    assert_eq!(run(false).await, 0);
    assert_eq!(world.count("select count(*) from jobs where dedup_key = 'what happened'"), 0, "nothing was kept");
    world.pass(TimeDelta::minutes(2));
    assert_eq!(run(true).await, 1, "it is tried again");
    assert_eq!(world.count("select count(*) from jobs where dedup_key = 'what happened'"), 1);
    assert_eq!(run(true).await, 0, "and is done");
    world.finish().await;
}

/// The worker was too slow and another one took its job over: only the other one's writing stays.
#[actix_web::test]
async fn what_happened_is_not_written_by_a_worker_that_lost_its_lease() {
    let world = World::start().await;
    enqueue_calls(&world, &[1]).await;
    let done = jobs::run_outside(&world.app.db, CALLS, |_| {
        Box::pin(async {
            world.pass(TimeDelta::seconds(61));
            let other = world.app.db.job(|tx| jobs::take_of(tx, CALLS)).await?.expect("the lease is over");
            world.app.db.job(move |tx| jobs::complete(tx, &other)).await?;
            Ok(jobs::happened(|tx| jobs::enqueue(tx, &Job::TakeUpCallbacks, tx.now, Some("what happened"))))
        })
    })
    .await
    .expect("looked");
    assert_eq!(done, 0);
    assert_eq!(world.count("select count(*) from jobs where dedup_key = 'what happened'"), 0);
    assert_eq!(world.count("select count(*) from jobs where done_at is not null"), 1);
    world.finish().await;
}

/// Seven receivers hang; a hundred other calls are made past them, and never more at a time than the limit.
#[actix_web::test]
async fn receivers_that_hang_hold_up_nobody_elses_calls() {
    const QUICK: usize = 100;
    let world = World::start().await;
    enqueue_calls(&world, &(0..107).collect::<Vec<u128>>()).await;
    let (made, running, most) = (Arc::new(AtomicUsize::new(0)), AtomicUsize::new(0), AtomicUsize::new(0));
    let done = jobs::run_outside(&world.app.db, CALLS, |job| {
        let made = made.clone();
        let (running, most) = (&running, &most);
        Box::pin(async move {
            most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            let hangs = (0..7).any(|id| job == call_job(id));
            while hangs && made.load(Ordering::SeqCst) < QUICK {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            running.fetch_sub(1, Ordering::SeqCst);
            Ok(jobs::happened(move |_| {
                made.fetch_add(usize::from(!hangs), Ordering::SeqCst);
                Ok(())
            }))
        })
    })
    .await
    .expect("looked");
    assert_eq!(done, 107);
    assert_eq!(most.load(Ordering::SeqCst), jobs::OUTSIDE_AT_ONCE);
    world.finish().await;
}
