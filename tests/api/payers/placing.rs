//! Placing an order with `pay_with`: the try to pay is in the same answer, and is the one that is asked for later.

use serde_json::{Value, json};

use super::PRICE;
use crate::support::money::{Due, PAID, WAITING};
use crate::support::payers::FakePayers;
use crate::support::{Client, Product, World, new_key};

const CHECKOUTS: &str = "/v1/buyer/checkouts";
const OPENING: [&str; 3] = ["momo", "zalopay", "payos"];

async fn body(buyer: &Client, product: &Product, provider: &str) -> Value {
    buyer.put_in_cart(&product.variant_id, 1).await;
    let mut body = buyer.checkout_body(product.price_vnd).await;
    body["pay_with"] = json!(provider);
    body
}

async fn shown(buyer: &Client, attempt: &Value) -> Value {
    buyer.get(&format!("/v1/buyer/payment-attempts/{}", attempt["id"].as_str().expect("an id"))).await.expect(200)
}

#[actix_web::test]
async fn what_is_placed_with_a_way_to_pay_is_paid_by_it() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 9).await;
    let buyer = world.buyer("0933333333").await;
    for (number, (provider, step)) in [("bank_transfer", "transfer"), ("vnpay", "redirect")].into_iter().enumerate() {
        let key = new_key();
        let mut body = body(&buyer, &shop.product, provider).await;
        body["client_ref"] = json!(new_key());
        let placed = buyer.post_with_key(CHECKOUTS, &key, body.clone()).await.expect(201);
        let attempt = &placed["payment_attempt"];
        assert_eq!((&attempt["checkout_id"], &attempt["provider"]), (&placed["id"], &json!(provider)));
        assert_eq!((&attempt["amount_vnd"], &attempt["status"]), (&placed["total_vnd"], &json!("pending")));
        assert_eq!(attempt["next_step"]["kind"], step);
        assert_eq!(&shown(&buyer, attempt).await, attempt);
        let id = placed["id"].as_str().expect("an id");
        assert_eq!(&buyer.start_attempt(&placed, provider).await, attempt, "a second try is the first");
        // An answer that was lost is asked for again, with the key and without.
        let replayed = buyer.post_with_key(CHECKOUTS, &key, body.clone()).await;
        assert_eq!((replayed.header("idempotent-replayed"), &replayed.json), ("true", &placed));
        let by_ref = buyer.post(CHECKOUTS, body.clone()).await.expect(200);
        assert_eq!((by_ref["id"].as_str(), &by_ref["payment_attempt"]), (Some(id), attempt));

        let reference = attempt["reference"].as_str().expect("a reference").to_owned();
        let due = Due { checkout: placed.clone(), attempt: attempt.clone(), reference, total: PRICE };
        assert_eq!(world.state(&due), WAITING);
        if provider == "vnpay" {
            world.vnpay(&due.reference, due.total, ("00", "00", "71")).await.expect(200);
        } else {
            world.sepay(i64::try_from(number).expect("a number") + 1, &due.reference, due.total).await.expect(200);
        }
        assert_eq!(world.state(&due), PAID);
        let by_ref = buyer.post(CHECKOUTS, body).await.expect(200);
        assert_eq!((&by_ref["status"], by_ref.get("payment_attempt")), (&json!("paid"), None), "nothing is to be paid");
    }
    world.finish().await;
}

#[actix_web::test]
async fn a_provider_that_opens_orders_opens_one_and_its_page_is_in_the_answer() {
    let payers = FakePayers::start();
    let world = payers.world().await;
    let shop = world.shop(PRICE, 9).await;
    let buyer = world.buyer("0933333333").await;
    for provider in OPENING {
        let key = new_key();
        let body = body(&buyer, &shop.product, provider).await;
        let placed = buyer.post_with_key(CHECKOUTS, &key, body.clone()).await.expect(201);
        let attempt = &placed["payment_attempt"];
        let reference = attempt["reference"].as_str().expect("a reference");
        let url = format!("https://pay.example.vn/{provider}/{reference}");
        assert_eq!(attempt["next_step"], json!({"kind": "redirect", "url": url}));
        assert_eq!(&shown(&buyer, attempt).await, attempt);
        let replayed = buyer.post_with_key(CHECKOUTS, &key, body).await;
        assert_eq!((replayed.header("idempotent-replayed"), &replayed.json), ("true", &placed));
        assert_eq!(&buyer.start_attempt(&placed, provider).await, attempt);
        assert_eq!(payers.desk(|desk| desk.asked_for(&format!("{provider}/create"))), 1);
    }
    // Nobody answers: it is bought all the same, and asked for again.
    let body = body(&buyer, &shop.product, "momo").await;
    payers.desk(|desk| desk.loses_next_answer = true);
    let placed = buyer.post(CHECKOUTS, body).await.expect(201);
    assert_eq!(placed["payment_attempt"]["next_step"], json!({"kind": "wait"}));
    assert_eq!(buyer.start_attempt(&placed, "momo").await["id"], placed["payment_attempt"]["id"]);
    world.finish().await;
    payers.stop().await;
}

#[actix_web::test]
async fn a_purchase_that_was_made_before_is_shown_whatever_can_pay_it() {
    let world = World::start().await;
    let shop = world.shop(50_000_001, 9).await;
    let buyer = world.buyer("0933333333").await;
    let mut wish = body(&buyer, &shop.product, "bank_transfer").await;
    wish["client_ref"] = json!(new_key());
    let placed = buyer.post(CHECKOUTS, wish.clone()).await.expect(201);
    for (provider, is_told) in [("bank_transfer", true), ("momo", false)] {
        wish["pay_with"] = json!(provider);
        let again = buyer.post(CHECKOUTS, wish.clone()).await.expect(200);
        assert_eq!((&again["id"], again.get("payment_attempt").is_some()), (&placed["id"], is_told), "{provider}");
    }
    world.finish().await;
}

#[actix_web::test]
async fn what_cannot_be_paid_so_is_not_bought() {
    let world = World::start().await;
    let shop = world.shop(50_000_001, 9).await;
    let buyer = world.buyer("0933333333").await;
    let dear = body(&buyer, &shop.product, "momo").await;
    buyer.post(CHECKOUTS, dear.clone()).await.refused(409, "payments.amount_too_large");
    assert_eq!(world.text("select string_agg(quantity::text, ' ') from cart_lines"), "1", "the cart is as it was");
    assert_eq!(world.text("select count(*) || ' ' || (select sum(reserved) from stock_levels) from orders"), "0 0");
    let mut unknown = dear.clone();
    unknown["pay_with"] = json!("cash");
    buyer.post(CHECKOUTS, unknown).await.refused(422, "invalid_input");
    let mut by_bank = dear;
    by_bank["pay_with"] = json!("bank_transfer");
    buyer.post(CHECKOUTS, by_bank).await.expect(201);
    world.finish().await;
}

#[actix_web::test]
async fn a_provider_that_is_off_takes_no_purchase() {
    let world = World::with(&[("MOMO_SECRET_KEY", "")]).await;
    let shop = world.shop(PRICE, 9).await;
    let buyer = world.buyer("0933333333").await;
    let mut wish = body(&buyer, &shop.product, "momo").await;
    buyer.post(CHECKOUTS, wish.clone()).await.refused(409, "payments.provider_off");
    // Carriers bring cash; nobody begins to pay with them.
    wish["pay_with"] = json!("ghn");
    let refused = buyer.post(CHECKOUTS, wish).await.refused(422, "invalid_input");
    let expected = "bank_transfer, vnpay, payos, momo, zalopay, vietqr_vn";
    assert!(refused["errors"].to_string().contains(expected), "{refused}");
    assert_eq!(world.count("select count(*) from orders"), 0);
    world.finish().await;
}

#[actix_web::test]
async fn a_guest_is_told_the_try_and_the_token() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 9).await;
    let device = json!({"device_id": "a phone of nobody"});
    let tokens = world.visitor().post("/v1/auth/guest", device).await.expect(200);
    let guest = world.visitor().with_token(tokens["access_token"].as_str().expect("a token"));
    let placed = guest.post(CHECKOUTS, body(&guest, &shop.product, "bank_transfer").await).await.expect(201);
    assert_eq!(placed["payment_attempt"]["next_step"]["kind"], "transfer");
    assert!(placed["order_token"].as_str().is_some_and(|token| token.len() > 20));
    world.finish().await;
}
