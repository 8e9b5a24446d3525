//! Money that arrives as it should, and messages that are not what they say. Money that fits nowhere is next door.
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a helper of tests fails by panicking")]

use chrono::TimeDelta;
use ocop_market::jobs::Job;
use ocop_market::kernel::Territory;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::money::{
    ALREADY, CONFIRMED, Due, PAID, SEPAY, VNPAY, VNPAY_RETURN, WAITING, transfer, vnpay_query,
};
use crate::support::{Client, Product, Reply, World};

const PRICE: i64 = 185_000;

fn vectors(provider: &str, kind: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(include_str!("../vectors/payments.json")).expect("the vectors");
    let vectors = all[provider].as_array().expect("a list");
    vectors.iter().filter(|vector| vector["kind"] == kind).cloned().collect()
}

async fn send(world: &World, vector: &Value) -> Reply {
    let http = &vector["http"];
    let path = http["path_query"].as_str().expect("a path");
    let path = path.replace("/<ipn>", VNPAY).replace("/<webhook>", SEPAY);
    let headers: Vec<(&str, &str)> = http["headers"]
        .as_object()
        .map(|all| all.iter().map(|(name, value)| (name.as_str(), value.as_str().expect("a header"))).collect())
        .unwrap_or_default();
    let method = if http["method"] == "GET" { Method::GET } else { Method::POST };
    world.visitor().send(method, &path, &headers, http["body"].as_str().map(str::to_owned)).await
}

/// The answer in the provider's own spelling and order.
fn expected_body(vector: &Value) -> String {
    let body = &vector["expected"]["body"];
    match (body["RspCode"].as_str(), body["Message"].as_str()) {
        (Some(code), Some(message)) => format!(r#"{{"RspCode":"{code}","Message":"{message}"}}"#),
        _ => format!(r#"{{"success":{}}}"#, vector["expected"]["http_status"] == 200),
    }
}

/// Each vector meets a marketplace that has seen none of the others: what they name is renamed behind them.
async fn every_vector(world: &World, provider: &str, (kind, least): (&str, usize)) {
    let shop = world.shop(PRICE, 100).await;
    let buyer = world.buyer("0933333333").await;
    let vectors = vectors(if provider == "vnpay" { "vnpay" } else { "sepay" }, kind);
    assert!(vectors.len() >= least, "{} vectors", vectors.len());
    for (number, vector) in vectors.iter().enumerate() {
        let id = &vector["id"];
        let seed = &vector["seed"][0];
        assert_eq!((seed["amount_vnd"].as_i64(), seed["state"].as_str()), (Some(PRICE), Some("pending")), "{id}");
        let due = world.due(&buyer, &shop.product, 1, provider).await;
        let named = seed["ref"].as_str().expect("a reference");
        world.database.execute(&format!(
            "update payment_attempts set reference = '{named}' where reference = '{}'",
            due.reference
        ));
        let answer = send(world, vector).await;
        assert_eq!(json!(answer.status), vector["expected"]["http_status"], "{id}");
        assert_eq!(answer.text, expected_body(vector), "{id}");
        assert_eq!(answer.header("content-type"), "application/json", "{id}");
        let state = world.state(&due);
        if vector["assert"]["order_state"] == "paid" {
            assert_eq!(state, PAID, "{id}");
        } else {
            assert!(state.starts_with("awaiting_payment awaiting_payment pending "), "{id}: {state}");
        }
        let verified = world.text("select verified from payment_callbacks order by id desc limit 1");
        assert_eq!(json!(verified == "true"), vector["expected"]["signature_valid"], "{id}");
        world.database.execute(&format!(
            "begin; set local session_replication_role = replica;
             update payment_attempts set reference = 'GONE{number}' where reference = '{named}';
             update payment_callbacks set event_key = event_key || ' {number}' where event_key not like '% %';
             update payment_credits set provider_txn = provider_txn || ' {number}' where provider_txn not like '% %';
             commit"
        ));
    }
}

#[actix_web::test]
async fn every_recorded_vnpay_notice_is_answered_and_applied_as_documented() {
    let world = World::start().await;
    every_vector(&world, "vnpay", ("ipn", 9)).await;
    assert_eq!(world.reviews(), ["suspected_fraud 185000", "wrong_amount 18500"]);
    world.finish().await;
}

#[actix_web::test]
async fn every_recorded_sepay_notice_is_answered_and_applied_as_documented() {
    let world = World::start().await;
    let recorded = vectors("sepay", "webhook")[0]["config"]["now_unix"].as_i64().expect("a moment");
    let back = TimeDelta::seconds(recorded - world.app.db.clock.now().timestamp());
    world.pass(back);
    every_vector(&world, "bank_transfer", ("webhook", 8)).await;
    assert_eq!(world.reviews(), ["wrong_amount 18500", "unknown_reference 2277000"]);
    world.pass(-back);
    world.finish().await;
}

async fn queue(operator: &Client) -> Vec<Value> {
    operator.get("/v1/operator/payment-reviews").await.expect(200)["data"].as_array().expect("a list").clone()
}

#[actix_web::test]
async fn a_forged_notice_does_not_stand_in_the_way_of_the_genuine_one() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 3).await;
    let buyer = world.buyer("0933333333").await;
    let by_bank = world.due(&buyer, &shop.product, 1, "bank_transfer").await;
    let notice = transfer(1, &by_bank.reference, by_bank.total);
    for _ in 0..3 {
        let answer = world.sepay_signed(&notice, "somebody else's secret").await;
        assert_eq!((answer.status, answer.text.as_str()), (401, r#"{"success":false}"#));
    }
    let by_card = world.due(&buyer, &shop.product, 1, "vnpay").await;
    let genuine = vnpay_query(&by_card.reference, by_card.total, ("00", "00", "71"));
    let (fields, _) = genuine.split_once("&vnp_SecureHash").expect("a signature");
    let forged = world.visitor().get(&format!("{VNPAY}?{fields}&vnp_SecureHash={}", "0".repeat(128))).await;
    assert_eq!((forged.status, forged.text.as_str()), (200, r#"{"RspCode":"97","Message":"Invalid signature"}"#));
    assert_eq!([world.state(&by_bank), world.state(&by_card)], [WAITING, WAITING]);
    world.sepay_notice(&notice).await.expect(200);
    assert_eq!(world.visitor().get(&format!("{VNPAY}?{genuine}")).await.text, CONFIRMED);
    assert_eq!([world.state(&by_bank), world.state(&by_card)], [PAID, PAID]);
    assert_eq!(
        world.count("select count(*) from payment_callbacks where outcome = 'unverified' and verified = false"),
        4
    );
    world.finish().await;
}

#[actix_web::test]
async fn a_success_after_a_failure_pays_while_the_checkout_waits() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 3).await;
    let buyer = world.buyer("0933333333").await;
    let due = world.due(&buyer, &shop.product, 1, "vnpay").await;
    for body in [CONFIRMED, ALREADY] {
        assert_eq!(world.vnpay(&due.reference, due.total, ("99", "02", "71")).await.text, body);
    }
    assert_eq!(world.state(&due), "awaiting_payment awaiting_payment pending failed");
    let again = buyer.start_attempt(&due.checkout, "vnpay").await;
    assert_ne!(again["reference"], json!(due.reference), "a failed attempt is not shown again");
    assert_eq!(world.vnpay(&due.reference, due.total, ("00", "00", "72")).await.text, CONFIRMED);
    assert_eq!(world.state(&due), PAID);
    // What comes late about the failure takes nothing back.
    assert_eq!(world.vnpay(&due.reference, due.total, ("24", "02", "0")).await.text, ALREADY);
    assert_eq!(world.state(&due), PAID);
    world.finish().await;
}

#[actix_web::test]
async fn the_return_page_shows_and_changes_nothing() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 3).await;
    let buyer = world.buyer("0933333333").await;
    let due = world.due(&buyer, &shop.product, 1, "vnpay").await;
    let query = vnpay_query(&due.reference, due.total, ("00", "00", "71"));
    let show = async |query: &str| {
        let page = world.visitor().get(&format!("{VNPAY_RETURN}?{query}")).await;
        assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
        page.text
    };
    assert!(show(&query).await.contains("Đang chờ xác nhận"));
    assert!(show(&query.replace("vnp_Amount=1", "vnp_Amount=2")).await.contains("Không xác nhận được"));
    assert_eq!(world.state(&due), WAITING);
    assert_eq!(world.count("select count(*) from payment_callbacks"), 0);
    world.visitor().get(&format!("{VNPAY}?{query}")).await.expect(200);
    assert!(show(&query).await.contains("Đã thanh toán"));
    world.finish().await;
}

#[actix_web::test]
async fn the_qr_code_of_a_transfer_is_a_picture_for_its_buyer_only() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 3).await;
    let buyer = world.buyer("0933333333").await;
    let other = world.buyer("0955555555").await;
    let due = world.due(&buyer, &shop.product, 1, "bank_transfer").await;
    let path =
        |attempt: &Value| format!("/v1/buyer/payment-attempts/{}/qr.png", attempt["id"].as_str().expect("an id"));
    let picture = buyer.get(&path(&due.attempt)).await;
    assert_eq!((picture.status, picture.header("content-type")), (200, "image/png"));
    assert!(picture.text.contains("PNG") && picture.text.contains("IEND"));
    other.get(&path(&due.attempt)).await.refused(404, "not_found");
    let by_card = buyer.start_attempt(&due.checkout, "vnpay").await;
    buyer.get(&path(&by_card)).await.refused(404, "not_found");
    world.finish().await;
}

async fn paid(world: &World, (buyer, product): (&Client, &Product), id: i64) -> Due {
    let due = world.due(buyer, product, 2, "bank_transfer").await;
    world.sepay(id, &due.reference, due.total).await.expect(200);
    due
}

#[actix_web::test]
async fn a_cancelled_paid_order_is_owed_back_once_and_leaves_stock_and_figures() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 5).await;
    let buyer = world.buyer("0933333333").await;
    let due = paid(&world, (&buyer, &shop.product), 1).await;
    let official = world.official("0944444444", Territory::Province("08".to_owned())).await;
    let sold = official.get("/v1/official/sales?group_by=commune").await.expect(200);
    assert_eq!((&sold["total"]["value_vnd"], &sold["total"]["orders"]), (&json!(370_000), &json!(1)));
    assert_eq!(world.stock(&shop.product), (3, 0));

    let path = format!("/v1/buyer/orders/{}/cancel", due.order_id());
    let cancelled = buyer.post(&path, json!({"reason": "Đặt nhầm"})).await.expect(200);
    assert_eq!(cancelled["status"], "cancelled");
    buyer.post(&path, json!({"reason": "Đặt nhầm"})).await.refused(409, "orders.illegal_action");
    world.run_jobs().await;
    let refund_id = world.text("select id::text from order_refunds").parse().expect("an id");
    let job = Job::OweRefund { refund_id };
    world.work(job).await.expect("the job once more");
    assert_eq!(world.reviews(), ["refund_due 370000"]);
    assert_eq!(world.stock(&shop.product), (5, 0));
    let left = official.get("/v1/official/sales?group_by=commune").await.expect(200);
    assert_eq!((&left["total"]["value_vnd"], &left["total"]["orders"]), (&json!(0), &json!(0)), "{left}");

    let open = queue(&shop.operator).await;
    assert_eq!((open.len(), &open[0]["kind"]), (1, &json!("refund_due")));
    let path = format!("/v1/operator/payment-reviews/{}/resolve", open[0]["id"].as_str().expect("an id"));
    let decision = json!({"resolution": "refunded_by_hand", "note": "Đã chuyển trả khách, bút toán FT26328"});
    let decided = shop.operator.post(&path, decision.clone()).await.expect(200);
    assert_eq!((&decided["status"], &decided["resolution"]), (&json!("resolved"), &json!("refunded_by_hand")));
    shop.operator.post(&path, decision.clone()).await.refused(409, "payments.already_resolved");
    assert_eq!(buyer.post(&path, decision).await.status, 401, "a buyer decides nothing");
    assert!(queue(&shop.operator).await.is_empty());
    world.finish().await;
}

#[actix_web::test]
async fn an_api_key_is_believed_but_not_beside_a_wrong_signature() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 3).await;
    let buyer = world.buyer("0933333333").await;
    let due = world.due(&buyer, &shop.product, 1, "bank_transfer").await;
    let body = transfer(1, &due.reference, due.total).to_string();
    let kind = ("content-type", "application/json");
    let key = ("authorization", "Apikey OCOP_TEST_KEY");
    let now = world.app.db.clock.now().timestamp().to_string();
    let (stamp, forged) = (("x-sepay-timestamp", now.as_str()), ("x-sepay-signature", "sha256=00"));
    let refused: [&[(&str, &str)]; 4] = [
        &[kind],
        &[kind, ("authorization", "Apikey OCOP_TEST_KEX")],
        &[kind, ("authorization", "OCOP_TEST_KEY")],
        &[kind, key, stamp, forged],
    ];
    for headers in refused {
        assert_eq!(
            world.visitor().send(Method::POST, SEPAY, headers, Some(body.clone())).await.status,
            401,
            "{headers:?}"
        );
    }
    assert_eq!(world.state(&due), WAITING);
    world.visitor().send(Method::POST, SEPAY, &[kind, key], Some(body)).await.expect(200);
    assert_eq!(world.state(&due), PAID);
    assert_eq!(
        world.count("select count(*) from payment_callbacks where headers::text ilike '%OCOP_TEST_KEY%'"),
        0,
        "a key was kept"
    );
    world.finish().await;
}

/// P-13.
#[actix_web::test]
async fn a_notice_of_more_than_64_kib_is_refused_and_not_stored() {
    let world = World::start().await;
    let mut notice = transfer(1, "qua dai", 1000);
    notice["description"] = json!("x".repeat(64 * 1024));
    world.sepay_notice(&notice).await.refused(413, "body_too_large");
    notice["description"] = json!("x".repeat(300 * 1024));
    assert_eq!(world.sepay_notice(&notice).await.status, 413);
    assert_eq!(world.count("select count(*) from payment_callbacks"), 0);
    notice["description"] = json!("x".repeat(60 * 1024));
    world.sepay_notice(&notice).await.expect(200);
    world.finish().await;
}

#[actix_web::test]
async fn a_notice_that_cannot_be_read_is_kept_and_refused() {
    let world = World::start().await;
    for odd in [json!({"id": 1}), json!([]), json!({"id": "x", "transferAmount": 1.5})] {
        assert_eq!(world.sepay_notice(&odd).await.status, 400, "{odd}");
    }
    assert_eq!(world.count("select count(*) from payment_callbacks where outcome = 'unverified'"), 3);
    world.finish().await;
}
