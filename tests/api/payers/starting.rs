//! Starting to pay where a provider must open an order first: one order per try, whatever becomes of the answer.
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a helper of tests fails by panicking")]

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{PRICE, ask_by_schedule};
use crate::support::payers::{FakePayers, Fate};
use crate::support::{Client, Product, Reply, World, new_key};

/// Starts to pay under a key.
async fn start(buyer: &Client, checkout: &str, (provider, key): (&str, &str)) -> Reply {
    let path = format!("/v1/buyer/checkouts/{checkout}/payment-attempts");
    buyer.post_with_key(&path, key, json!({"provider": provider})).await
}

async fn checkout(buyer: &Client, product: &Product) -> String {
    buyer.put_in_cart(&product.variant_id, 1).await;
    let checkout = buyer.check_out(product.price_vnd).await.expect(201);
    checkout["id"].as_str().expect("an id").to_owned()
}

const OPENING: [&str; 3] = ["momo", "zalopay", "payos"];

#[actix_web::test]
async fn a_buyer_gets_the_link_of_one_order_however_often_they_tap() {
    let payers = FakePayers::start();
    let world = payers.world().await;
    let shop = world.shop(PRICE, 9).await;
    let buyer = world.buyer("0933333333").await;
    for provider in OPENING {
        let (checkout, key) = (checkout(&buyer, &shop.product).await, new_key());
        let first = start(&buyer, &checkout, (provider, &key)).await.expect(201);
        let reference = first["reference"].as_str().expect("a reference");
        let url = format!("https://pay.example.vn/{provider}/{reference}");
        assert_eq!(first["next_step"], json!({"kind": "redirect", "url": url}));
        let replayed = start(&buyer, &checkout, (provider, &key)).await;
        assert_eq!((replayed.header("idempotent-replayed"), &replayed.json), ("true", &first));
        let tapped = start(&buyer, &checkout, (provider, &new_key())).await.expect(201);
        assert_eq!(tapped, first);
        let shown = buyer.get(&format!("/v1/buyer/payment-attempts/{}", first["id"].as_str().expect("an id"))).await;
        assert_eq!(shown.expect(200), first);
        assert_eq!(payers.desk(|desk| desk.asked_for(&format!("{provider}/create"))), 1);
    }
    world.finish().await;
    payers.stop().await;
}

#[actix_web::test]
async fn an_order_whose_answer_was_lost_is_never_opened_again_under_another_name() {
    let payers = FakePayers::start();
    let world = payers.world().await;
    let shop = world.shop(PRICE, 9).await;
    let buyer = world.buyer("0933333333").await;
    for provider in OPENING {
        let (checkout, key) = (checkout(&buyer, &shop.product).await, new_key());
        payers.desk(|desk| desk.loses_next_answer = true);
        let first = start(&buyer, &checkout, (provider, &key)).await.expect(201);
        assert_eq!((&first["status"], &first["next_step"]), (&json!("pending"), &json!({"kind": "wait"})));
        let orders = || payers.desk(|desk| desk.orders.keys().cloned().collect::<Vec<_>>());
        let before = orders();
        for key in [key, new_key()] {
            let again = start(&buyer, &checkout, (provider, &key)).await.expect(201);
            assert_eq!((&again["id"], &again["reference"]), (&first["id"], &first["reference"]), "{provider}");
        }
        assert_eq!(orders(), before, "{provider} has no second order");
        // Nobody has its link, and yet it is paid: the provider is asked.
        let reference = first["reference"].as_str().expect("a reference");
        payers.set(reference, PRICE, Fate::Paid(77));
        ask_by_schedule(&world, TimeDelta::seconds(61)).await;
        assert_eq!(
            world.text(&format!("select status from payment_attempts where reference = '{reference}'")),
            "captured"
        );
        assert_eq!(world.text(&format!("select status from checkouts where id = '{checkout}'")), "paid");
    }
    world.finish().await;
    payers.stop().await;
}

#[actix_web::test]
async fn a_provider_that_could_not_be_reached_is_asked_again_for_the_same_order() {
    let payers = FakePayers::start();
    let world = payers.world().await;
    let shop = world.shop(PRICE, 9).await;
    let buyer = world.buyer("0933333333").await;
    for provider in OPENING {
        let (checkout, key) = (checkout(&buyer, &shop.product).await, new_key());
        payers.desk(|desk| desk.is_down = true);
        let first = start(&buyer, &checkout, (provider, &key)).await.expect(201);
        assert_eq!(first["next_step"]["kind"], "wait");
        payers.desk(|desk| desk.is_down = false);
        let again = start(&buyer, &checkout, (provider, &key)).await.expect(201);
        assert_eq!(
            (&again["reference"], &again["next_step"]["kind"]),
            (&first["reference"], &json!("redirect")),
            "{provider}"
        );
    }
    world.finish().await;
    payers.stop().await;
}

#[actix_web::test]
async fn a_try_that_the_provider_refuses_has_failed_and_the_next_has_another_name() {
    let payers = FakePayers::start();
    let world = payers.world().await;
    let shop = world.shop(PRICE, 9).await;
    let buyer = world.buyer("0933333333").await;
    for provider in OPENING {
        let checkout = checkout(&buyer, &shop.product).await;
        payers.desk(|desk| desk.refuses = true);
        let first = start(&buyer, &checkout, (provider, &new_key())).await.expect(201);
        assert_eq!((&first["status"], &first["next_step"]["kind"]), (&json!("failed"), &json!("wait")), "{provider}");
        payers.desk(|desk| desk.refuses = false);
        let second = start(&buyer, &checkout, (provider, &new_key())).await.expect(201);
        assert_ne!(second["reference"], first["reference"]);
        assert_eq!(second["next_step"]["kind"], "redirect");
    }
    world.finish().await;
    payers.stop().await;
}

/// Twice at the same moment: one order, and both see its link sooner or later.
#[actix_web::test]
async fn two_taps_at_once_open_one_order() {
    let payers = FakePayers::start();
    let world = payers.world().await;
    let shop = world.shop(PRICE, 50).await;
    let buyer = world.buyer("0933333333").await;
    for provider in OPENING.into_iter().cycle().take(12) {
        let checkout = checkout(&buyer, &shop.product).await;
        let (one, two) = (new_key(), new_key());
        let taps = [start(&buyer, &checkout, (provider, &one)), start(&buyer, &checkout, (provider, &two))];
        let answers = futures_util::future::join_all(taps).await;
        let ids: Vec<Value> = answers.into_iter().map(|answer| answer.expect(201)["id"].clone()).collect();
        assert_eq!(ids[0], ids[1]);
        let shown = buyer.get(&format!("/v1/buyer/payment-attempts/{}", ids[0].as_str().expect("an id"))).await;
        assert_eq!(shown.expect(200)["next_step"]["kind"], "redirect");
    }
    assert_eq!(payers.desk(|desk| desk.orders.len()), 12);
    world.finish().await;
    payers.stop().await;
}

#[actix_web::test]
async fn a_buyer_waits_so_long_at_most_and_the_link_comes_later() {
    let payers = FakePayers::start();
    let world = payers.world_with(&[("PROVIDER_LINK_MS", "400")]).await;
    let shop = world.shop(PRICE, 9).await;
    let buyer = world.buyer("0933333333").await;
    let checkout = checkout(&buyer, &shop.product).await;
    payers.desk(|desk| desk.takes = Duration::from_millis(1500));
    let begun = std::time::Instant::now();
    let first = start(&buyer, &checkout, ("momo", &new_key())).await.expect(201);
    assert!((400..1_500).contains(&begun.elapsed().as_millis()), "{:?}", begun.elapsed());
    assert_eq!(first["next_step"]["kind"], "wait");
    let path = format!("/v1/buyer/payment-attempts/{}", first["id"].as_str().expect("an id"));
    while buyer.get(&path).await.expect(200)["next_step"]["kind"] == "wait" {
        assert!(begun.elapsed() < Duration::from_secs(15), "no link");
        actix_web::rt::time::sleep(Duration::from_millis(100)).await;
    }
    world.finish().await;
    payers.stop().await;
}

#[actix_web::test]
async fn a_provider_takes_no_amount_that_it_cannot() {
    let world = World::start().await;
    let shop = world.shop(1000, 9).await;
    let dear = world.product(&shop.operator, &shop.producer, "Sâm", (50_000_001, 9)).await;
    let buyer = world.buyer("0933333333").await;
    let cheap = checkout(&buyer, &shop.product).await;
    // As a voucher may leave it.
    world.database.execute("update checkouts set total_vnd = 999");
    start(&buyer, &cheap, ("momo", &new_key())).await.refused(409, "payments.amount_too_small");
    world.database.execute("update checkouts set total_vnd = 1000");
    start(&buyer, &cheap, ("momo", &new_key())).await.expect(201);
    let large = checkout(&buyer, &dear).await;
    start(&buyer, &large, ("momo", &new_key())).await.refused(409, "payments.amount_too_large");
    start(&buyer, &large, ("bank_transfer", &new_key())).await.expect(201);
    world.finish().await;
}
