//! What the carrier collects, when it is booked, and what becomes of it when nothing is collected.

use chrono::TimeDelta;
use serde_json::json;

use super::{BUYER, Cash, PRODUCER};

#[actix_web::test]
async fn the_carrier_collects_what_is_owed_and_it_is_booked_once_when_it_delivered() {
    let cash = Cash::open().await;
    let due = cash.chosen(2).await;
    cash.sent(&due).await;
    assert_eq!(cash.ghn.desk(|desk| desk.collects.clone()), [240_000]);
    assert_eq!(cash.parcel(&due, "cod_vnd"), "240000");
    assert_eq!(cash.seen(&due).await["allowed_actions"], json!([]), "that it came, its carrier says");
    let refused = cash.sells(&due, "deliver", json!({})).await;
    refused.refused(409, "orders.carrier_tells");
    cash.ghn_says(&due, "delivering", 1).await;
    assert_eq!(cash.books(&due), "");
    for second in [2, 3, 2] {
        cash.ghn_says(&due, "delivered", second).await;
    }
    assert_eq!(cash.books(&due), "capture clearing orders 240000 ghn");
    let order = cash.seen(&due).await;
    assert_eq!((&order["to_collect_vnd"], &order["paid_at"]), (&json!(0), &order["delivered_at"]));
    let collected = "select concat_ws(' ', k.provider, k.provider_txn, k.amount_vnd, p.status, p.amount_vnd)
                     from payment_credits k join payments p on p.id = k.payment_id";
    assert_eq!(cash.world.text(collected), "ghn GHN00001 240000 captured 240000");
    cash.world.pass(TimeDelta::hours(73));
    cash.world.run_jobs().await;
    assert_eq!(cash.status(&due), "completed");
    let books = cash.books(&due);
    assert!(books.starts_with("capture clearing orders 240000 ghn, sale orders producer 240000"), "{books}");
    cash.finish().await;
}

#[actix_web::test]
async fn the_price_follows_the_weight_until_the_parcel_goes_and_nothing_is_paid_back() {
    let cash = Cash::open().await;
    let due = cash.waiting(2, "carrier:ghn").await;
    cash.execute("update order_lines set is_weighed = true");
    cash.choose(&due).await.expect(200);
    cash.sells(&due, "accept", json!({})).await.expect(200);
    let packed = json!({"weights": [{"variant_id": cash.shop.product.variant_id, "weight_g": 2_700}]});
    let order = cash.sells(&due, "pack", packed).await.expect(200);
    // 100 of 2800 grams of 240,000 đồng, rounded up.
    assert_eq!((&order["refunded_vnd"], &order["to_collect_vnd"]), (&json!(8_572), &json!(231_428)));
    cash.goes(&due, &["hand-over"]).await;
    cash.world.run_jobs().await;
    assert_eq!(cash.ghn.desk(|desk| desk.collects.clone()), [231_428]);
    cash.ghn_says(&due, "delivered", 1).await;
    assert_eq!(cash.books(&due), "capture clearing orders 231428 ghn");
    assert_eq!(cash.world.count("select count(*) from refunds"), 0);
    assert!(cash.world.reviews().is_empty());
    cash.finish().await;
}

#[actix_web::test]
async fn what_ends_before_it_goes_owes_nothing_and_its_goods_are_back() {
    let cash = Cash::open().await;
    let cancelled = cash.chosen(2).await;
    let path = format!("/v1/buyer/orders/{}/cancel", cancelled.order_id());
    cash.buyer.post(&path, json!({"reason": "Đặt nhầm"})).await.expect(200);
    let refused = cash.chosen(3).await;
    cash.sells(&refused, "refuse", json!({"reason": "Hết hàng"})).await.expect(200);
    let unanswered = cash.chosen(4).await;
    cash.world.run_jobs().await;
    cash.world.pass(TimeDelta::hours(25));
    cash.world.run_jobs().await;
    for (due, status) in [(&cancelled, "cancelled"), (&refused, "refused"), (&unanswered, "auto_cancelled")] {
        assert_eq!((cash.status(due).as_str(), cash.books(due).as_str()), (status, ""));
    }
    assert_eq!(cash.world.stock(&cash.shop.product), (20, 0));
    assert_eq!(
        cash.world.count("select count(*) from refunds") + cash.world.count("select count(*) from payment_reviews"),
        0
    );
    let told = "select string_agg(topic, ',' order by n.id) from notices n join accounts a on a.id = n.account_id where a.phone = '+84933333333'";
    assert_eq!(cash.world.text(told), "order_refused_unpaid,order_cancelled_unpaid");
    cash.finish().await;
}

#[actix_web::test]
async fn what_nobody_takes_comes_back_without_money_and_its_buyer_pays_ahead_for_a_while() {
    let cash = Cash::open().await;
    let due = cash.waiting(1, "carrier:ghn").await;
    cash.execute("update orders set shipping_vnd = 30000, total_vnd = total_vnd + 30000");
    cash.execute("update checkouts set total_vnd = total_vnd + 30000");
    cash.execute("update payments set amount_vnd = amount_vnd + 30000");
    cash.choose(&due).await.expect(200);
    cash.sent(&due).await;
    assert_eq!(cash.ghn.desk(|desk| desk.collects.clone()), [150_000]);
    cash.ghn_says(&due, "delivery_fail", 1).await;
    cash.ghn_says(&due, "returned", 2).await;
    assert_eq!(cash.status(&due), "returned");
    assert_eq!(cash.books(&due), "carriage_borne commission carriage 30000", "the way is nobody's but the platform's");
    assert!(cash.world.reviews().is_empty());
    let next = cash.waiting(1, "carrier:ghn").await;
    let reasons = cash.choose(&next).await.refused(409, "payments.not_on_delivery")["reasons"].clone();
    assert_eq!(reasons, json!([{"reason": "came_back", "order_ids": []}]));
    cash.world.pass(TimeDelta::days(91));
    cash.world.run_jobs().await;
    let buyer = cash.world.session(BUYER, "buyer", TimeDelta::zero()).1;
    buyer.put_in_cart(&cash.shop.product.variant_id, 1).await;
    let checkout = buyer.check_out(120_000).await.expect(201);
    let id = checkout["id"].as_str().expect("an id");
    cash.execute(&format!("update orders set delivery_code = 'carrier:ghn' where checkout_id = '{id}'"));
    buyer.post(&format!("/v1/buyer/checkouts/{id}/pay-on-delivery"), json!({})).await.expect(200);
    cash.finish().await;
}

#[actix_web::test]
async fn of_a_parcel_that_is_lost_nobody_says_that_it_was_paid() {
    let cash = Cash::open().await;
    let due = cash.chosen(1).await;
    cash.sent(&due).await;
    cash.ghn_says(&due, "picked", 1).await;
    cash.ghn_says(&due, "lost", 2).await;
    cash.sells(&due, "deliver", json!({})).await.refused(409, "orders.carrier_tells");
    let path = format!("/v1/buyer/orders/{}/confirm-receipt", due.order_id());
    cash.buyer.post(&path, json!({})).await.refused(409, "orders.carrier_tells");
    cash.sells(&due, "send-back", json!({"reason": "Hãng làm mất hàng"})).await.expect(200);
    cash.goes(&due, &["receive-return"]).await;
    assert_eq!((cash.status(&due).as_str(), cash.books(&due).as_str()), ("returned", ""));
    let next = cash.waiting(1, "carrier:ghn").await;
    cash.choose(&next).await.expect(200);
    cash.finish().await;
}

#[actix_web::test]
async fn a_parcel_with_money_to_collect_is_not_given_away_by_hand() {
    let cash = Cash::open().await;
    let due = cash.chosen(1).await;
    cash.ghn.desk(|desk| desk.refuses = true);
    cash.goes(&due, &["accept", "pack", "hand-over"]).await;
    cash.world.run_jobs().await;
    assert_eq!(cash.parcel(&due, "booking"), "refused");
    let producer = cash.world.session(PRODUCER, "producer", TimeDelta::zero()).1;
    let path = format!("/v1/producer/shipments/{}", cash.parcel(&due, "id"));
    let refused = producer.post(&format!("{path}/note-waybill"), json!({"code": "GHN-1"})).await;
    assert_eq!(refused.refused(409, "shipping.not_for_booking")["allowed_actions"], json!(["cancel", "rebook"]));
    cash.ghn.desk(|desk| desk.refuses = false);
    producer.post(&format!("{path}/rebook"), json!({})).await.expect(200);
    cash.world.run_jobs().await;
    assert_eq!(
        (cash.parcel(&due, "booking").as_str(), cash.ghn.desk(|desk| desk.collects.clone())),
        ("booked", vec![120_000])
    );
    cash.finish().await;
}

#[actix_web::test]
async fn what_is_owed_back_of_cash_goes_to_an_account_that_the_buyer_names() {
    let cash = Cash::open().await;
    let due = cash.chosen(1).await;
    cash.sent(&due).await;
    cash.ghn_says(&due, "delivered", 1).await;
    let claim = json!({"kind": "missing", "text": "Không có hàng trong hộp", "wish": "refund",
        "lines": [{"variant_id": cash.shop.product.variant_id, "quantity": 1}]});
    let path = format!("/v1/buyer/orders/{}/claims", due.order_id());
    let claim = cash.buyer.post(&path, claim).await.expect(201);
    let producer = cash.world.session(PRODUCER, "producer", TimeDelta::zero()).1;
    let accept = format!("/v1/producer/claims/{}/accept", claim["id"].as_str().expect("an id"));
    producer.post(&accept, json!({})).await.expect(200);
    cash.world.run_jobs().await;
    let refunds = format!("/v1/buyer/orders/{}/refunds", due.order_id());
    let refund = cash.buyer.get(&refunds).await.expect(200)["data"][0].clone();
    assert_eq!((&refund["amount_vnd"], &refund["status"]), (&json!(120_000), &json!("manual")));
    assert_eq!(refund["wants_bank_account"], json!(true), "{refund}");
    let review = cash.world.text("select id from payment_reviews where kind = 'refund_due'");
    let by_hand = json!({"resolution": "refunded_by_hand", "note": "Đã chuyển khoản."});
    cash.shop.operator.post(&format!("/v1/operator/payment-reviews/{review}/resolve"), by_hand).await.expect(200);
    assert!(
        cash.books(&due).ends_with("refund orders refunds_owed 120000, refund_sent refunds_owed bank 120000"),
        "{}",
        cash.books(&due)
    );
    cash.finish().await;
}
