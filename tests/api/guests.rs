//! Buying without signing in, and finding the order again.

use chrono::TimeDelta;
use diesel::connection::SimpleConnection;
use ocop_market::jobs::Job;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Client, Reply, World, new_key};

/// The recipient's number in every checkout of tests.
const PHONE: &str = "0912345678";

/// Asks for a guest from a network of one's own.
async fn ask_for_guest(world: &World, network: u8) -> Reply {
    let address = format!("10.200.{network}.1");
    let headers = [("content-type", "application/json"), ("x-forwarded-for", address.as_str())];
    let body = json!({"device_id": format!("guest-{}", new_key())}).to_string();
    world.visitor().send(Method::POST, "/v1/auth/guest", &headers, Some(body)).await
}

async fn guest(world: &World) -> Client {
    let tokens = ask_for_guest(world, 1).await.expect(200);
    world.visitor().with_token(tokens["access_token"].as_str().expect("a token"))
}

async fn prove(world: &World, network: u8, (code, phone, token): (&str, &str, &str)) -> Reply {
    let address = format!("10.201.{network}.1");
    let headers = [("content-type", "application/json"), ("x-forwarded-for", address.as_str())];
    let body = json!({"order_code": code, "phone": phone, "order_token": token, "device_id": "another phone"});
    world.visitor().send(Method::POST, "/v1/auth/guest/orders", &headers, Some(body.to_string())).await
}

/// What a purchase is proved with.
fn proof(checkout: &Value) -> (&str, &str) {
    let code = checkout["orders"][0]["code"].as_str().expect("a code");
    (code, checkout["order_token"].as_str().expect("a token"))
}

#[actix_web::test]
async fn a_guest_buys_pays_and_cancels_from_another_device() {
    let world = World::start().await;
    let shop = world.shop(450_000, 20).await;
    let tokens = ask_for_guest(&world, 1).await.expect(200);
    let account = &tokens["account"];
    assert_eq!(
        (&account["phone"], &account["is_guest"], &account["roles"]),
        (&Value::Null, &json!(true), &json!(["buyer"]))
    );
    let first = world.visitor().with_token(tokens["access_token"].as_str().expect("a token"));
    let due = world.due(&first, &shop.product, 2, "bank_transfer").await;
    let (code, token) = proof(&due.checkout);
    let shown = first.get(&format!("/v1/buyer/checkouts/{}", due.id())).await.expect(200);
    assert_eq!(shown.get("order_token"), None, "told once");
    world.sepay(1, &due.reference, due.total).await.expect(200);
    assert_eq!(world.state(&due), "paid paid captured captured");
    world.run_jobs().await;

    let again = prove(&world, 1, (&code.to_lowercase(), "+84 912 345 678", token)).await.expect(200);
    assert_eq!(again["account"]["id"], account["id"]);
    let other = world.visitor().with_token(again["access_token"].as_str().expect("a token"));
    let order = other.get(&format!("/v1/buyer/orders/{}", due.order_id())).await.expect(200);
    assert_eq!((&order["status"], &order["code"]), (&json!("paid"), &json!(code)));
    assert_eq!(
        world.count("select count(*) from deliveries where account_id in (select id from accounts where is_guest)"),
        0
    );
    let path = format!("/v1/buyer/orders/{}/cancel", due.order_id());
    assert_eq!(other.post(&path, json!({"reason": "Đặt nhầm"})).await.expect(200)["status"], "cancelled");
    assert_eq!(first.get("/v1/buyer/orders").await.expect(200)["data"][0]["status"], "cancelled");

    let fresh = json!({"refresh_token": again["refresh_token"], "device_id": "another phone"});
    let fresh = world.visitor().post("/v1/auth/refresh", fresh).await.expect(200);
    let other = world.visitor().with_token(fresh["access_token"].as_str().expect("a token"));
    other.post("/v1/auth/sign-out", json!({})).await.expect(204);
    other.get("/v1/buyer/orders").await.refused(401, "session_ended");
    first.get("/v1/buyer/orders").await.expect(200);
    world.finish().await;
}

#[actix_web::test]
async fn a_repeated_checkout_gives_the_same_token_and_none_is_stored() {
    let world = World::start().await;
    let shop = world.shop(450_000, 20).await;
    let buyer = guest(&world).await;
    buyer.put_in_cart(&shop.product.variant_id, 1).await;
    let (mut body, key) = (buyer.checkout_body(450_000).await, new_key());
    body["client_ref"] = json!(new_key());
    let first = buyer.post_with_key("/v1/buyer/checkouts", &key, body.clone()).await;
    let replayed = buyer.post_with_key("/v1/buyer/checkouts", &key, body.clone()).await;
    assert_eq!(replayed.header("idempotent-replayed"), "true");
    assert_eq!(first.text, replayed.text);
    let by_ref = buyer.post("/v1/buyer/checkouts", body).await.expect(200);
    let first = first.expect(201);
    let (_, token) = proof(&first);
    assert_eq!(by_ref["order_token"], json!(token));
    assert_eq!(world.count(&format!("select count(*) from idempotency_keys where body like '%{token}%'")), 0);
    assert_eq!(world.count("select count(*) from idempotency_keys where body like '%order_token%'"), 2, "the gap is");

    let known = world.buyer("0933333333").await;
    known.put_in_cart(&shop.product.variant_id, 1).await;
    let checkout = known.check_out(450_000).await.expect(201);
    assert_eq!(checkout.get("order_token"), None, "nobody else gets one");
    world.finish().await;
}

#[actix_web::test]
async fn what_is_wrong_with_a_proof_is_not_told() {
    let world = World::start().await;
    let shop = world.shop(450_000, 20).await;
    let due = world.due(&guest(&world).await, &shop.product, 1, "bank_transfer").await;
    let other = world.due(&guest(&world).await, &shop.product, 1, "bank_transfer").await;
    let known = world.due(&world.buyer("0933333333").await, &shop.product, 1, "bank_transfer").await;
    let ((code, token), (_, foreign)) = (proof(&due.checkout), proof(&other.checkout));
    let known_code = known.checkout["orders"][0]["code"].as_str().expect("a code");
    let id = ocop_market::kernel::CheckoutId(known.id().parse().expect("an id"));
    let made_up = world.app.tokens.order(id).expect("a token");
    let mut told = Vec::new();
    for (network, wrong) in [
        (code, PHONE, foreign),
        (code, PHONE, "x"),
        (code, "0912345679", token),
        ("ZZZZZZZZ", PHONE, token),
        (known_code, PHONE, made_up.as_str()),
    ]
    .into_iter()
    .enumerate()
    {
        let network = u8::try_from(network).expect("few");
        let mut problem = prove(&world, network, wrong).await.refused(401, "identity.guest_order_wrong");
        problem.as_object_mut().expect("a problem").remove("instance");
        told.push(problem);
    }
    assert!(told.iter().all(|problem| *problem == told[0]), "{told:#?}");
    assert_eq!(world.count("select count(*) from sessions where device_id = 'another phone'"), 0);
    prove(&world, 9, (code, PHONE, token)).await.expect(200);
    world.finish().await;
}

#[actix_web::test]
async fn wrong_proofs_are_limited_for_each_code_and_network_and_right_ones_are_not() {
    let world = World::start().await;
    let shop = world.shop(450_000, 20).await;
    let due = world.due(&guest(&world).await, &shop.product, 1, "bank_transfer").await;
    let (code, token) = proof(&due.checkout);
    for _ in 0..8 {
        prove(&world, 1, (code, PHONE, token)).await.expect(200);
    }
    // At once, each from a network of its own: five pass, whether or not the code is known.
    for (place, tried) in [code, "ZZZZZZZZ"].into_iter().enumerate() {
        let from = u8::try_from(10 + place * 20).expect("few");
        let tries = (from..from + 8).map(|network| prove(&world, network, (tried, PHONE, "x")));
        let statuses: Vec<u16> = futures_util::future::join_all(tries).await.iter().map(|r| r.status).collect();
        assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 5, "{tried}: {statuses:?}");
        assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 3, "{tried}: {statuses:?}");
    }
    let waits = prove(&world, 60, (code, PHONE, token)).await;
    assert!(!waits.header("retry-after").is_empty());
    waits.refused(429, "identity.too_many_failures");
    world.pass(TimeDelta::minutes(16));
    prove(&world, 60, (code, PHONE, token)).await.expect(200);

    for number in 0..20 {
        let unknown = format!("ZZZZZZ{number:02}");
        prove(&world, 70, (&unknown, PHONE, "x")).await.refused(401, "identity.guest_order_wrong");
    }
    prove(&world, 70, (code, PHONE, token)).await.refused(429, "identity.too_many_failures");
    prove(&world, 71, (code, PHONE, token)).await.expect(200);
    world.finish().await;
}

#[actix_web::test]
async fn a_network_makes_thirty_guests_an_hour() {
    let world = World::start().await;
    let asked = (0..33).map(|_| ask_for_guest(&world, 7));
    let statuses: Vec<u16> = futures_util::future::join_all(asked).await.iter().map(|reply| reply.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 30, "{statuses:?}");
    ask_for_guest(&world, 7).await.refused(429, "identity.too_many_guests");
    ask_for_guest(&world, 8).await.expect(200);
    assert_eq!(world.count("select count(*) from accounts where is_guest"), 31);
    world.pass(TimeDelta::minutes(61));
    ask_for_guest(&world, 7).await.expect(200);
    world.finish().await;
}

#[actix_web::test]
async fn a_guest_opens_no_other_surface_and_has_no_password() {
    let world = World::start().await;
    let shop = world.shop(450_000, 20).await;
    let buyer = guest(&world).await;
    for path in [
        "/v1/producer/profile",
        "/v1/producer/orders",
        "/v1/official/sales",
        "/v1/operator/producers",
        "/v1/operator/role-grants",
    ] {
        buyer.get(path).await.refused(401, "unauthenticated");
    }
    let password = json!({"new_password": "mot mat khau that la dai 2027"});
    buyer.put("/v1/auth/password", password).await.refused(403, "identity.guest_not_allowed");
    let me = buyer.get("/v1/auth/me").await.expect(200);
    assert_eq!((&me["is_guest"], &me["has_password"]), (&json!(true), &json!(false)));

    // Whoever proves the recipient's number has an account of his own, and so has whoever is given a role by it.
    let due = world.due(&buyer, &shop.product, 1, "bank_transfer").await;
    let signed_in = world.buyer(PHONE).await;
    let other = signed_in.get("/v1/auth/me").await.expect(200);
    assert_eq!((&other["is_guest"], other["id"] == me["id"]), (&json!(false), false));
    signed_in.get(&format!("/v1/buyer/orders/{}", due.order_id())).await.refused(404, "not_found");
    let role = json!({"phone": PHONE, "role": "helper"});
    shop.operator.post("/v1/operator/role-grants", role).await.expect(201);
    assert_eq!(
        world.count("select count(*) from role_grants g join accounts a on a.id = g.account_id where a.is_guest"),
        0
    );
    let forced = world.database.owner().batch_execute("update accounts set password_hash = 'x' where is_guest");
    assert!(forced.expect_err("no password").to_string().contains("accounts_guest_check"));

    let account = me["id"].as_str().expect("an id");
    shop.operator.post(&format!("/v1/operator/accounts/{account}/suspend"), json!({})).await.expect(200);
    buyer.get("/v1/buyer/cart").await.refused(401, "session_ended");
    let (code, token) = proof(&due.checkout);
    prove(&world, 1, (code, PHONE, token)).await.refused(403, "identity.account_suspended");
    world.finish().await;
}

#[actix_web::test]
async fn guests_who_never_bought_are_removed_when_they_cannot_come_back() {
    let world = World::start().await;
    let shop = world.shop(450_000, 20).await;
    let idle = guest(&world).await;
    idle.put_in_cart(&shop.product.variant_id, 1).await;
    idle.quote(json!({"commune_code": "00721"})).await.expect(200);
    let with_photo = guest(&world).await;
    world.photo(&with_photo, 1).await;
    let bought = world.due(&guest(&world).await, &shop.product, 1, "bank_transfer").await;
    let guests = || world.count("select count(*) from accounts where is_guest");
    world.pass(TimeDelta::days(29));
    world.work(Job::Purge).await.expect("a purge");
    assert_eq!(guests(), 3, "their sessions live");
    world.pass(TimeDelta::days(2));
    guest(&world).await;
    world.work(Job::Purge).await.expect("a purge");
    assert_eq!(guests(), 3, "one is new, one bought, and a photo keeps one");
    world.pass(TimeDelta::days(32));
    world.work(Job::Purge).await.expect("a purge");
    assert_eq!(guests(), 1, "only who bought");
    assert_eq!(world.count("select count(*) from cart_lines"), 0);
    assert_eq!(
        (world.count("select count(*) from guest_openings"), world.count("select count(*) from quotes")),
        (0, 1)
    );
    let (code, token) = proof(&bought.checkout);
    prove(&world, 1, (code, PHONE, token)).await.expect(200);
    world.finish().await;
}
