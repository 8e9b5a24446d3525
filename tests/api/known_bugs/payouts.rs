//! From a split purchase to each seller's bank account.

use chrono::TimeDelta;
use ocop_market::jobs::Job;
use serde_json::{Value, json};

use super::{Fair, HONEY, TEA, WAY, dong};
use crate::payouts::{approval, ready_account};
use crate::support::payout_desk::PayoutDesk;
use crate::support::{Client, Producer, Product};

/// Sellers of raw produce of their own, of which nothing is withheld, with accounts that are ready.
async fn fair(desk: &PayoutDesk) -> Fair {
    let fair = Fair::in_world(desk.world(&[]).await).await;
    fair.world.second_operator().await;
    for (producer, product) in [&fair.honey, &fair.tea] {
        let path = format!("/v1/producer/products/{}/tax-category", product.id);
        producer.client.put(&path, json!({"tax_category": "raw_own"})).await.expect(200);
        ready_account(&fair.world, &fair.operator, producer).await;
    }
    fair.world.pass(TimeDelta::seconds(1));
    fair
}

fn operator(fair: &Fair, phone: &str) -> Client {
    fair.world.session(phone, "operator", TimeDelta::zero()).1
}

/// A run by hand that a second person has approved, and what it pays.
async fn pays_out(fair: &Fair) -> Value {
    let run = operator(fair, "0900000001").post("/v1/operator/payout-runs", json!({})).await.expect(201);
    let id = run["id"].as_str().expect("an id");
    let approved = operator(fair, "0900000002").post(&approval(id), json!({})).await.expect(200);
    fair.world.run_jobs().await;
    approved
}

async fn is_received(fair: &Fair, seller: &(Producer, Product), order: &str) {
    fair.goes(seller, order, &["accept", "pack", "hand-over", "deliver"]).await;
    fair.buyer.post(&format!("/v1/buyer/orders/{order}/confirm-receipt"), json!({})).await.expect(200);
}

async fn balance((producer, _): &(Producer, Product)) -> i64 {
    dong(&producer.client.get("/v1/producer/balance").await.expect(200), "balance_vnd")
}

/// The orders that a seller's account speaks of.
async fn orders_told_of((producer, _): &(Producer, Product)) -> Vec<String> {
    let told = producer.client.get("/v1/producer/statement").await.expect(200);
    let entries = told["data"].as_array().expect("entries").iter();
    let mut orders: Vec<String> = entries.filter_map(|entry| entry["order_id"].as_str().map(str::to_owned)).collect();
    orders.dedup();
    orders
}

#[actix_web::test]
async fn spree_14622_each_seller_of_a_split_purchase_is_paid_whatever_becomes_of_the_other() {
    let desk = PayoutDesk::start();
    let fair = fair(&desk).await;
    let checkout = fair.bought((2, 1), None).await;
    let (honey, tea) = (fair.order_of(&checkout, &fair.honey), fair.order_of(&checkout, &fair.tea));
    is_received(&fair, &fair.honey, &honey).await;
    is_received(&fair, &fair.tea, &tea).await;
    let shares = [2 * HONEY + WAY, TEA + WAY];
    assert_eq!([balance(&fair.honey).await, balance(&fair.tea).await], shares);
    assert_eq!([orders_told_of(&fair.honey).await, orders_told_of(&fair.tea).await], [vec![honey], vec![tea]]);
    let run = pays_out(&fair).await;
    assert_eq!(run["shares"], json!([{"status": "approved", "transfers": 2, "amount_vnd": shares[0] + shares[1]}]));
    desk.desk(|desk| {
        for paid in desk.paid.values_mut() {
            paid.state = if paid.amount == shares[0] { "FAILED" } else { "SUCCEEDED" };
        }
    });
    fair.world.pass(TimeDelta::minutes(1));
    fair.world.work(Job::LookAfterOutgoing).await.expect("looked");
    fair.world.run_jobs().await;
    assert_eq!([balance(&fair.honey).await, balance(&fair.tea).await], [shares[0], 0]);
    desk.desk(|desk| desk.state = Some("SUCCEEDED"));
    pays_out(&fair).await;
    assert_eq!([balance(&fair.honey).await, balance(&fair.tea).await], [0, 0]);
    let paid =
        desk.desk(|desk| desk.paid.values().filter(|paid| paid.state == "SUCCEEDED").map(|paid| paid.amount).sum());
    assert_eq!((paid, dong(&checkout, "total_vnd")), (shares[0] + shares[1], shares[0] + shares[1]));
    fair.world.finish().await;
    desk.stop().await;
}

#[actix_web::test]
async fn spree_14622_a_refunded_part_leaves_its_seller_nothing_and_the_other_everything() {
    let desk = PayoutDesk::start();
    let fair = fair(&desk).await;
    let checkout = fair.bought((2, 1), None).await;
    let (honey, tea) = (fair.order_of(&checkout, &fair.honey), fair.order_of(&checkout, &fair.tea));
    fair.goes(&fair.honey, &honey, &["accept", "pack", "hand-over", "deliver"]).await;
    let claim = json!({"kind": "missing", "text": "Thiếu hàng trong thùng.", "wish": "refund",
                       "lines": [{"variant_id": fair.honey.1.variant_id, "quantity": 2}]});
    let claim = fair.buyer.post(&format!("/v1/buyer/orders/{honey}/claims"), claim).await.expect(201);
    let accept = format!("/v1/producer/claims/{}/accept", claim["id"].as_str().expect("an id"));
    fair.honey.0.client.post(&accept, json!({})).await.expect(200);
    is_received(&fair, &fair.tea, &tea).await;
    fair.world.run_jobs().await;
    assert_eq!(dong(&fair.seen(&honey).await, "refunded_vnd"), 2 * HONEY + WAY);
    assert_eq!([balance(&fair.honey).await, balance(&fair.tea).await], [0, TEA + WAY]);
    desk.desk(|desk| desk.state = Some("SUCCEEDED"));
    let run = pays_out(&fair).await;
    assert_eq!(run["shares"], json!([{"status": "approved", "transfers": 1, "amount_vnd": TEA + WAY}]));
    assert_eq!([balance(&fair.honey).await, balance(&fair.tea).await], [0, 0]);
    fair.world.finish().await;
    desk.stop().await;
}
