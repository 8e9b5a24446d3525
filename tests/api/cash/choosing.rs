//! Who may choose it, and what it does.

use chrono::TimeDelta;
use serde_json::json;

use super::{Cash, PRODUCER};
use crate::support::new_key;

#[actix_web::test]
async fn a_purchase_is_sold_without_money_and_its_time_to_pay_does_not_end_it() {
    let cash = Cash::open().await;
    let due = cash.waiting(2, "carrier:ghn").await;
    let ways = cash.ways(&due).await;
    assert_eq!(ways["on_delivery"], json!({"is_possible": true, "reasons": []}));
    let chosen = cash.choose(&due).await.expect(200);
    assert_eq!(
        (&chosen["status"], &chosen["allowed_actions"], &chosen["paid_at"]),
        (&json!("confirmed"), &json!([]), &json!(null))
    );
    let order = &chosen["orders"][0];
    assert_eq!((&order["status"], &order["terms"]), (&json!("confirmed"), &json!("on_delivery")));
    assert_eq!((&order["to_collect_vnd"], &order["paid_at"]), (&json!(240_000), &json!(null)));
    assert_eq!(cash.world.stock(&cash.shop.product), (18, 0));
    cash.world.pass(TimeDelta::minutes(20));
    cash.world.run_jobs().await;
    assert_eq!(cash.world.state(&due), "confirmed confirmed cancelled cancelled");
    let told = "select string_agg(topic, ',') from notices n join accounts a on a.id = n.account_id where a.phone = '+84911111111' and n.topic like 'order%'";
    assert_eq!(cash.world.text(told), "order_confirmed");
    let inbox = cash.world.session(PRODUCER, "producer", TimeDelta::zero()).1;
    let orders = inbox.get("/v1/producer/orders?status=confirmed").await.expect(200);
    assert_eq!(orders["data"][0]["allowed_actions"], json!(["accept", "refuse"]));
    assert_eq!(cash.books(&due), "", "no money moves before it is there");
    cash.finish().await;
}

#[actix_web::test]
async fn choosing_again_answers_with_the_same_purchase_and_does_nothing() {
    let cash = Cash::open().await;
    let due = cash.waiting(1, "carrier:ghn").await;
    let path = format!("/v1/buyer/checkouts/{}/pay-on-delivery", due.id());
    let key = new_key();
    let first = cash.buyer.post_with_key(&path, &key, json!({})).await.expect(200);
    let again = cash.buyer.post_with_key(&path, &key, json!({})).await;
    assert_eq!((again.header("idempotent-replayed"), &again.json), ("true", &first));
    let other = cash.buyer.post(&path, json!({})).await.expect(200);
    assert_eq!((&other["status"], &other["version"]), (&json!("confirmed"), &first["version"]));
    cash.world.run_jobs().await;
    assert_eq!(cash.world.count("select count(*) from order_events where event = 'confirm'"), 1);
    assert_eq!(cash.world.stock(&cash.shop.product), (19, 0));
    cash.buyer
        .post(&format!("/v1/buyer/checkouts/{}/payment-attempts", due.id()), json!({"provider": "bank_transfer"}))
        .await
        .refused(409, "payments.not_payable");
    cash.finish().await;
}

#[actix_web::test]
async fn money_that_comes_after_the_choice_waits_for_a_person() {
    let cash = Cash::open().await;
    let due = cash.chosen(1).await;
    cash.world.sepay(1, &due.reference, due.total).await.expect(200);
    assert_eq!(cash.world.reviews(), ["late_payment 120000"]);
    assert_eq!(cash.world.state(&due), "confirmed confirmed cancelled in_review");
    cash.finish().await;
}

#[actix_web::test]
async fn what_is_paid_or_over_is_not_chosen() {
    let cash = Cash::open().await;
    let paid = cash.waiting(1, "carrier:ghn").await;
    cash.world.sepay(1, &paid.reference, paid.total).await.expect(200);
    let refused = cash.choose(&paid).await.refused(409, "payments.not_payable");
    assert_eq!((&refused["current_status"], &refused["allowed_actions"]), (&json!("paid"), &json!([])));
    let over = cash.waiting(1, "carrier:ghn").await;
    cash.world.pass(TimeDelta::minutes(16));
    let buyer = cash.world.session(super::BUYER, "buyer", TimeDelta::zero()).1;
    let path = format!("/v1/buyer/checkouts/{}/pay-on-delivery", over.id());
    assert_eq!(
        buyer.post(&path, json!({})).await.refused(409, "payments.not_payable")["allowed_actions"],
        json!(["cancel"])
    );
    cash.finish().await;
}

/// What is refused, and what the ways to pay say of it.
async fn barred(cash: &Cash, due: &crate::support::money::Due) -> Vec<String> {
    let ways = cash.ways(due).await["on_delivery"].clone();
    let refused = cash.choose(due).await.refused(409, "payments.not_on_delivery");
    assert_eq!(ways, json!({"is_possible": false, "reasons": refused["reasons"]}));
    assert_eq!(cash.world.state(due), "awaiting_payment awaiting_payment pending pending");
    let reasons = refused["reasons"].as_array().expect("reasons").iter();
    reasons.map(|one| one["reason"].as_str().expect("a reason").to_owned()).collect()
}

#[actix_web::test]
async fn every_reason_why_not_is_named_at_once_and_is_not_offered() {
    let cash = Cash::with(&[("CASH_ON_DELIVERY", "off")]).await;
    let due = cash.waiting(2, "own").await;
    assert_eq!(barred(&cash, &due).await, ["switched_off", "not_by_carrier"]);
    cash.finish().await;
    let cash = Cash::open().await;
    let due = cash.waiting(2, "pooled").await;
    cash.execute("update order_lines set product_set = 15");
    assert_eq!(barred(&cash, &due).await, ["not_by_carrier", "alcohol"]);
    cash.execute("update order_lines set product_set = 4");
    cash.execute("update orders set delivery_code = 'carrier:ghn'");
    cash.execute("update lots set sells_from = '2026-01-01', sells_until = '2100-01-01'");
    assert_eq!(barred(&cash, &due).await, ["pre_order"]);
    cash.execute("update lots set sells_from = null, sells_until = null");
    cash.choose(&due).await.expect(200);
    cash.finish().await;
}

#[actix_web::test]
async fn a_carrier_that_is_not_connected_collects_nothing() {
    let cash = Cash::with(&[("GHN_TOKEN", ""), ("CASH_ON_DELIVERY", "on")]).await;
    let due = cash.waiting(1, "carrier:ghn").await;
    let reasons = cash.choose(&due).await.refused(409, "payments.not_on_delivery")["reasons"].clone();
    assert_eq!(reasons, json!([{"reason": "carrier_off", "order_ids": [due.order_id()]}]));
    cash.finish().await;
}

#[actix_web::test]
async fn a_buyer_has_three_such_orders_under_way_at_the_most() {
    let cash = Cash::open().await;
    let mut last = cash.chosen(1).await;
    for _ in 0..2 {
        last = cash.chosen(1).await;
    }
    let fourth = cash.waiting(1, "carrier:ghn").await;
    assert_eq!(barred(&cash, &fourth).await, ["too_many_under_way"]);
    cash.sells(&last, "refuse", json!({"reason": "Hết hàng"})).await.expect(200);
    cash.choose(&fourth).await.expect(200);
    cash.finish().await;
}

#[actix_web::test]
async fn a_guest_whose_number_nobody_has_proved_pays_ahead() {
    let cash = Cash::open().await;
    let made = cash.world.visitor().post("/v1/auth/guest", json!({"device_id": "d"})).await.expect(200);
    let guest = cash.world.visitor().with_token(made["access_token"].as_str().expect("a token"));
    let due = cash.world.due(&guest, &cash.shop.product, 1, "bank_transfer").await;
    cash.execute("update orders set delivery_code = 'carrier:ghn'");
    let path = format!("/v1/buyer/checkouts/{}/pay-on-delivery", due.id());
    let refused = guest.post(&path, json!({})).await.refused(409, "payments.not_on_delivery");
    assert_eq!(refused["reasons"], json!([{"reason": "unproven_phone", "order_ids": []}]));
    cash.finish().await;
}
