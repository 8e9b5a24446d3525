//! A database that is slow, locked, full or gone, and a process that ends: who asks is told to come again, what was
//! begun is finished, and nothing is kept waiting.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use futures_util::future::join;
use ocop_market::kernel::{Actor, Error};
use serde_json::json;

use crate::support::process::Process;
use crate::support::{World, new_key};

const CHECKOUTS: &str = "/v1/buyer/checkouts";

/// What becomes of a statement that fails in the database.
async fn outcome(world: &World, sql: &'static str) -> Result<(), Error> {
    world.app.db.write(&Actor::PLATFORM, move |tx| Ok(tx.conn.batch_execute(sql)?)).await
}

#[actix_web::test]
async fn what_the_database_cannot_now_is_answered_come_again() {
    let world = World::start().await;
    for (what, sql) in [
        ("57014", "set local statement_timeout = '30ms'; select pg_sleep(2)"),
        ("57P01", "select pg_terminate_backend(pg_backend_pid())"),
        ("53200", "do $$ begin raise 'out of shared memory' using errcode = '53200'; end $$"),
        (
            "53100",
            "do $$ begin raise 'could not extend file \"x\": No space left on device' using errcode = '53100'; end $$",
        ),
        (
            "53400",
            "do $$ begin raise 'temporary file size exceeds \"temp_file_limit\" (1kB)' using errcode = '53400'; end $$",
        ),
    ] {
        let outcome = outcome(&world, sql).await;
        assert!(matches!(outcome, Err(Error::Unavailable(_))), "{what}: {outcome:?}");
    }
    let broken = outcome(&world, "select 1/0").await;
    assert!(matches!(broken, Err(Error::Internal(_))), "{broken:?}");
    assert!(outcome(&world, "select 1").await.is_ok(), "the connections are whole again");
    world.finish().await;
}

#[actix_web::test]
async fn too_many_connections_are_answered_come_again() {
    let world = World::start().await;
    let name = world.text("select current_database()");
    world.database.execute(&format!("alter database {name} connection limit 0"));
    world.database.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()");
    let reply = world.visitor().get("/v1/public/products?q=moi").await;
    assert!(!reply.header("retry-after").is_empty());
    reply.refused(503, "unavailable");
    assert_eq!(world.visitor().get("/healthz").await.status, 200);
    assert_eq!(world.visitor().get("/readyz").await.status, 503);
    world.database.execute(&format!("alter database {name} connection limit -1"));
    world.visitor().get("/v1/public/products?q=moi").await.expect(200);
    world.finish().await;
}

/// Holds every stock level of the world for a while.
fn hold_stock(world: &World) -> PgConnection {
    let mut holder = world.database.owner();
    holder.batch_execute("begin; select * from stock_levels for update").expect("the locks");
    holder
}

#[actix_web::test]
async fn a_wait_for_a_lock_ends_after_two_seconds() {
    let world = World::start().await;
    let shop = world.shop(50_000, 10).await;
    let buyer = world.buyer("0933333333").await;
    buyer.put_in_cart(&shop.product.variant_id, 1).await;
    let body = buyer.checkout_body(50_000).await;
    let holder = hold_stock(&world);
    let (started, key) = (Instant::now(), new_key());
    let reply = buyer.post_with_key(CHECKOUTS, &key, body.clone()).await;
    assert!((1_900..4_000).contains(&started.elapsed().as_millis()), "{:?}", started.elapsed());
    assert!(!reply.header("retry-after").is_empty());
    reply.refused(503, "unavailable");
    drop(holder);
    buyer.post_with_key(CHECKOUTS, &key, body.clone()).await.expect(201);
    world.finish().await;
}

#[actix_web::test]
async fn a_repetition_of_what_still_runs_does_not_keep_a_connection() {
    let world = World::start().await;
    let shop = world.shop(50_000, 10).await;
    let buyer = world.buyer("0933333333").await;
    buyer.put_in_cart(&shop.product.variant_id, 1).await;
    let (key, body) = (new_key(), buyer.checkout_body(50_000).await);
    let holder = hold_stock(&world);
    let first = buyer.post_with_key(CHECKOUTS, &key, body.clone());
    let again = async {
        actix_web::rt::time::sleep(Duration::from_millis(300)).await;
        let started = Instant::now();
        let reply = buyer.post_with_key(CHECKOUTS, &key, body.clone()).await;
        drop(holder);
        (reply, started.elapsed())
    };
    let (first, (again, waited)) = join(first, again).await;
    assert!((280..1_500).contains(&waited.as_millis()), "{waited:?}");
    assert_eq!(again.header("retry-after"), "1");
    again.refused(409, "request_in_progress");
    let made = first.expect(201);
    let replay = buyer.post_with_key(CHECKOUTS, &key, body.clone()).await;
    assert_eq!((replay.header("idempotent-replayed"), &replay.json), ("true", &made));
    buyer.post_with_key(CHECKOUTS, &key, json!({})).await.expect(422);
    world.finish().await;
}

/// F-03
#[actix_web::test]
async fn a_server_that_is_told_to_end_says_so_first_and_finishes_what_it_has_begun() {
    let world = World::start().await;
    let shop = world.shop(50_000, 10).await;
    let mut buyer = world.buyer("0933333333").await;
    buyer.put_in_cart(&shop.product.variant_id, 1).await;
    let body = buyer.checkout_body(50_000).await;
    let mut server = Process::serve(&world, &[("DRAIN_SECONDS", "2")]).await;
    buyer.base.clone_from(&server.base);
    let mut visitor = world.visitor();
    visitor.base.clone_from(&server.base);
    assert_eq!(visitor.get("/readyz").await.status, 200);

    let holder = hold_stock(&world);
    server.signal("TERM");
    let told = Instant::now();
    while visitor.get("/readyz").await.status == 200 {
        assert!(told.elapsed() < Duration::from_secs(1), "it does not say that it ends");
    }
    visitor.get("/readyz").await.refused(503, "unavailable");
    assert_eq!(visitor.get("/healthz").await.status, 200, "it lives");
    visitor.get("/v1/public/provinces").await.expect(200);
    // Begun just before the last connection, finished after it.
    actix_web::rt::time::sleep(Duration::from_millis(1_500).saturating_sub(told.elapsed())).await;
    let begun = buyer.post("/v1/buyer/checkouts", body.clone());
    let rest = async {
        actix_web::rt::time::sleep(Duration::from_millis(2_700).saturating_sub(told.elapsed())).await;
        let is_closed = tokio::net::TcpStream::connect(&server.address).await.is_err();
        drop(holder);
        is_closed
    };
    let (reply, is_closed) = join(begun, rest).await;
    assert!(is_closed, "no new connections");
    reply.expect(201);
    let ended = server.ended_within(Duration::from_secs(25)).await.expect("an end");
    assert!(ended.success(), "{ended}: {}", server.log());
    world.finish().await;
}

#[actix_web::test]
async fn a_server_that_is_interrupted_ends_at_once() {
    let world = World::start().await;
    let mut server = Process::serve(&world, &[("DRAIN_SECONDS", "60")]).await;
    server.signal("INT");
    assert!(server.ended_within(Duration::from_secs(5)).await.is_some_and(|ended| ended.success()));
    world.finish().await;
}

#[actix_web::test]
async fn a_worker_that_is_told_to_end_does() {
    let world = World::start().await;
    for signal in ["TERM", "INT"] {
        let mut worker = Process::start(&world, "worker", &[("RUST_LOG", "info")]);
        let waiting = "select count(*) from jobs where kind = 'purge'";
        let started = Instant::now();
        while world.count(waiting) == 0 {
            assert!(started.elapsed() < Duration::from_secs(20), "it does not work: {}", worker.log());
            actix_web::rt::time::sleep(Duration::from_millis(50)).await;
        }
        actix_web::rt::time::sleep(Duration::from_millis(300)).await;
        worker.signal(signal);
        let ended = worker.ended_within(Duration::from_secs(10)).await.expect("an end");
        assert!(ended.success(), "{signal}: {ended}: {}", worker.log());
        world.database.execute("delete from jobs");
    }
    world.finish().await;
}
