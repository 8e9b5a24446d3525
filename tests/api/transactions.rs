//! What a transaction promises that writes its rows at its end.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use diesel::prelude::*;
use ocop_market::audit;
use ocop_market::kernel::{Actor, Error, Result, Tx};
use schema::{idempotency_keys, stock_levels};
use uuid::Uuid;

use crate::support::World;

fn deed(tx: &mut Tx<'_>, object_id: Uuid) -> Result<()> {
    audit::write(tx, "checkout.placed", "checkout", object_id, serde_json::json!({}))
}

fn deeds(world: &World, object_id: Uuid) -> i64 {
    world.count(&format!("select count(*) from audit_events where object_id = '{object_id}'"))
}

#[actix_web::test]
async fn what_waits_is_written_with_the_transaction_or_not_at_all() {
    let world = World::start().await;
    let (kept, dropped) = (Uuid::from_u128(1), Uuid::from_u128(2));
    world.app.db.job(move |tx| deed(tx, kept)).await.expect("written");
    let failed = world.app.db.job(move |tx| deed(tx, dropped).and(Err::<(), _>(Error::internal("on purpose")))).await;
    assert!(failed.is_err());
    assert_eq!((deeds(&world, kept), deeds(&world, dropped)), (1, 0));
    world.finish().await;
}

#[actix_web::test]
async fn more_than_can_wait_is_written_on_the_way() {
    let world = World::start().await;
    let object = Uuid::from_u128(3);
    world.app.db.job(move |tx| (0..100).try_for_each(|_| deed(tx, object))).await.expect("written");
    assert_eq!(deeds(&world, object), 100);
    world.finish().await;
}

#[actix_web::test]
async fn a_row_that_is_not_as_it_was_seen_has_everything_done_again_and_then_given_up() {
    let world = World::start().await;
    let (object, tries) = (Uuid::from_u128(4), Arc::new(AtomicU32::new(0)));
    let counted = Arc::clone(&tries);
    let work = move |tx: &mut Tx<'_>| {
        counted.fetch_add(1, Ordering::SeqCst);
        deed(tx, object)?;
        let nobody = diesel::update(stock_levels::table.find(object)).set(stock_levels::reserved.eq(0));
        tx.later_exactly(nobody.returning(stock_levels::variant_id), 1)
    };
    let outcome = world.app.db.job(work).await;
    assert!(matches!(outcome, Err(Error::Unavailable(_))), "{outcome:?}");
    assert_eq!((tries.load(Ordering::SeqCst), deeds(&world, object)), (3, 0));
    world.finish().await;
}

#[actix_web::test]
async fn a_name_that_was_taken_meanwhile_has_everything_done_again_with_another() {
    let world = World::start().await;
    let tries = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&tries);
    // The names drawn are 1, 1, 2.
    let work = move |tx: &mut Tx<'_>| {
        let name = counted.fetch_add(1, Ordering::SeqCst).max(1);
        let row = (
            idempotency_keys::actor.eq("system".to_owned()),
            idempotency_keys::route.eq("POST /test".to_owned()),
            idempotency_keys::key.eq(format!("drawn-name-number-{name}")),
            idempotency_keys::fingerprint.eq(vec![0_u8; 32]),
            idempotency_keys::status.eq(200_i16),
            idempotency_keys::body.eq("{}".to_owned()),
            idempotency_keys::created_at.eq(tx.now),
            idempotency_keys::expires_at.eq(tx.now),
        );
        tx.later(diesel::insert_into(idempotency_keys::table).values(row), 1)
    };
    world.app.db.job(work.clone()).await.expect("the first name is free");
    assert_eq!(tries.load(Ordering::SeqCst), 1);
    world.app.db.job(work).await.expect("the next name is free");
    assert_eq!(tries.load(Ordering::SeqCst), 3, "a taken name is drawn once, then another");
    assert_eq!(world.count("select count(*) from idempotency_keys where route = 'POST /test'"), 2);
    world.finish().await;
}

#[actix_web::test]
async fn the_platform_at_work_for_somebody_stays_at_work_until_all_of_it_is_done() {
    let world = World::start().await;
    let role = |tx: &mut Tx<'_>| -> Result<String> {
        let role = diesel::dsl::sql::<diesel::sql_types::Text>("current_setting('app.role')");
        Ok(diesel::select(role).get_result(tx.conn)?)
    };
    let work = move |tx: &mut Tx<'_>| {
        let before = role(tx)?;
        let (inner, between) = tx.as_platform(|tx| Ok((tx.as_platform(role)?, role(tx)?)))?;
        Ok([before, inner, between, role(tx)?])
    };
    let roles = world.app.db.write(&Actor::Anonymous { request_id: None }, work).await.expect("looked");
    assert_eq!(roles, ["anonymous", "system", "system", "anonymous"]);
    world.finish().await;
}
