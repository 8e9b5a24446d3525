//! Links of payOS by which nobody is to pay any more are called off, and what was paid by them all the same is kept.
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a helper of tests fails by panicking")]

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{PRICE, ask_by_schedule};
use crate::support::money::{Due, PAID, WAITING};
use crate::support::payers::{FakePayers, Fate};
use crate::support::{Client, World};

async fn cancel(buyer: &Client, due: &Due) {
    buyer.post(&format!("/v1/buyer/checkouts/{}/cancel", due.id()), json!({})).await.expect(200);
}

/// Jobs that failed come again.
async fn run_jobs_again(world: &World) {
    world.pass(TimeDelta::seconds(5));
    world.run_jobs().await;
}

/// What payOS was asked since the links were opened.
fn asked(payers: &FakePayers) -> Vec<String> {
    payers
        .desk(|desk| desk.asked.drain(..).filter(|path| path.starts_with("payos/") && path != "payos/create").collect())
}

fn fate(payers: &FakePayers, due: &Due) -> Fate {
    payers.desk(|desk| desk.orders[&due.reference].fate.clone())
}

#[actix_web::test]
async fn a_link_is_called_off_when_its_purchase_ends_or_is_paid_in_another_way() {
    let payers = FakePayers::start();
    let world = payers.world().await;
    let shop = world.shop(PRICE, 9).await;
    let buyer = world.buyer("0933333333").await;
    let cancelled = world.due(&buyer, &shop.product, 1, "payos").await;
    cancel(&buyer, &cancelled).await;
    world.run_jobs().await;
    assert_eq!(asked(&payers), ["payos/query", "payos/cancel"], "never before a last question");
    assert_eq!((fate(&payers, &cancelled), world.reviews().len()), (Fate::Failed, 0));
    assert_eq!(world.state(&cancelled), "cancelled cancelled cancelled cancelled");

    // Momo was begun first, and is paid while the link is open.
    buyer.put_in_cart(&shop.product.variant_id, 1).await;
    let checkout = buyer.check_out(PRICE).await.expect(201);
    let momo = buyer.start_attempt(&checkout, "momo").await;
    let link = buyer.start_attempt(&checkout, "payos").await;
    world.run_jobs().await;
    assert!(asked(&payers).is_empty());
    world.momo(momo["reference"].as_str().expect("a reference"), PRICE, (0, 71)).await.expect(204);
    world.run_jobs().await;
    assert_eq!(asked(&payers), ["payos/query", "payos/cancel"]);
    let reference = link["reference"].as_str().expect("a reference");
    let status = world.text(&format!("select status from payment_attempts where reference = '{reference}'"));
    assert_eq!(status, "cancelled");

    let expired = world.due(&buyer, &shop.product, 1, "payos").await;
    world.pass(TimeDelta::seconds(903));
    world.run_jobs().await;
    run_jobs_again(&world).await;
    assert_eq!(world.state(&expired), "expired expired expired expired");
    assert_eq!(asked(&payers), ["payos/query", "payos/query", "payos/cancel"]);
    assert_eq!(fate(&payers, &expired), Fate::Failed);
    world.finish().await;
    payers.stop().await;
}

#[actix_web::test]
async fn another_way_calls_the_link_off_and_the_first_way_begins_anew() {
    let payers = FakePayers::start();
    let world = payers.world().await;
    let shop = world.shop(PRICE, 9).await;
    let buyer = world.buyer("0933333333").await;
    let due = world.due(&buyer, &shop.product, 1, "payos").await;
    let start = async |provider: &str| buyer.start_attempt(&due.checkout, provider).await;
    assert_eq!(start("payos").await["id"], due.attempt["id"], "the same way is the same try");
    let transfer = start("bank_transfer").await;
    assert_eq!(start("bank_transfer").await["id"], transfer["id"]);
    let second: Value = start("payos").await;
    assert_ne!(second["reference"], due.reference, "nobody is sent to a link that is being called off");
    world.run_jobs().await;
    assert_eq!(asked(&payers), ["payos/query", "payos/cancel"]);
    assert_eq!(world.state(&due), "awaiting_payment awaiting_payment pending cancelled");
    world.payos(second["reference"].as_str().expect("a reference"), PRICE, "FT1").await.expect(200);
    assert_eq!(world.text("select status from checkouts"), "paid");
    world.finish().await;
    payers.stop().await;
}

/// Before the last question, and between it and the calling off.
#[actix_web::test]
async fn a_link_that_was_paid_meanwhile_stays_paid() {
    let payers = FakePayers::start();
    let world = payers.world().await;
    let shop = world.shop(PRICE, 9).await;
    let buyer = world.buyer("0933333333").await;
    let before = world.due(&buyer, &shop.product, 1, "payos").await;
    buyer.start_attempt(&before.checkout, "bank_transfer").await;
    payers.set(&before.reference, PRICE, Fate::Paid(901));
    world.run_jobs().await;
    assert_eq!(asked(&payers), ["payos/query"]);
    assert_eq!(world.state(&before), PAID);

    let between = world.due(&buyer, &shop.product, 1, "payos").await;
    buyer.start_attempt(&between.checkout, "momo").await;
    payers.desk(|desk| desk.pays_when_called_off = Some(902));
    world.run_jobs().await;
    assert_eq!((world.state(&between).as_str(), fate(&payers, &between)), (WAITING, Fate::Paid(902)));
    run_jobs_again(&world).await;
    assert_eq!(world.state(&between), PAID);
    assert_eq!(asked(&payers), ["payos/query", "payos/cancel", "payos/query"]);

    let late = world.due(&buyer, &shop.product, 1, "payos").await;
    cancel(&buyer, &late).await;
    payers.set(&late.reference, PRICE, Fate::Paid(903));
    world.run_jobs().await;
    assert_eq!(asked(&payers), ["payos/query"]);
    assert_eq!(
        (world.state(&late).as_str(), world.reviews()),
        ("cancelled cancelled cancelled in_review", vec!["late_payment 185000".to_owned()])
    );
    world.finish().await;
    payers.stop().await;
}

#[actix_web::test]
async fn a_link_is_called_off_however_long_payos_is_away() {
    let payers = FakePayers::start();
    let world = payers.world().await;
    let shop = world.shop(PRICE, 9).await;
    let buyer = world.buyer("0933333333").await;
    let due = world.due(&buyer, &shop.product, 1, "payos").await;
    payers.desk(|desk| desk.is_down = true);
    cancel(&buyer, &due).await;
    world.run_jobs().await;
    run_jobs_again(&world).await;
    assert!(asked(&payers).iter().all(|path| path == "payos/query"));
    payers.desk(|desk| desk.is_down = false);
    world.pass(TimeDelta::minutes(1));
    world.run_jobs().await;
    assert_eq!(fate(&payers, &due), Fate::Failed);
    ask_by_schedule(&world, TimeDelta::minutes(11)).await;
    assert_eq!(world.count("select count(*) from payment_attempts where next_poll_at is not null"), 0);
    world.finish().await;
    payers.stop().await;
}

/// The buyer taps payOS and then another way before payOS has answered.
#[actix_web::test]
async fn a_link_that_payos_does_not_know_yet_is_looked_for_again() {
    let payers = FakePayers::start();
    let world = payers.world().await;
    let shop = world.shop(PRICE, 9).await;
    let buyer = world.buyer("0933333333").await;
    payers.desk(|desk| desk.is_down = true);
    let due = world.due(&buyer, &shop.product, 1, "payos").await;
    payers.desk(|desk| desk.is_down = false);
    buyer.start_attempt(&due.checkout, "bank_transfer").await;
    world.run_jobs().await;
    payers.set(&due.reference, PRICE, Fate::Waiting);
    run_jobs_again(&world).await;
    assert_eq!(asked(&payers), ["payos/query", "payos/query", "payos/cancel"]);
    assert_eq!(fate(&payers, &due), Fate::Failed);
    world.finish().await;
    payers.stop().await;
}
