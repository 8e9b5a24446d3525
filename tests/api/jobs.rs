//! Work done later.

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
