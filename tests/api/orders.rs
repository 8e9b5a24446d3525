//! The way of an order: who may move it, how far, and what ends it when nobody does.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::money::{Due, Shop};
use crate::support::{Client, Reply, World};

const PRICE: i64 = 120_000;
const BUYER: &str = "0933333333";

/// A paid order of so many units.
async fn paid(world: &World, (buyer, shop): (&Client, &Shop), quantity: i64) -> Due {
    let due = world.due(buyer, &shop.product, quantity, "bank_transfer").await;
    let notice = world.count("select count(*) + 1 from payment_credits");
    world.sepay(notice, &due.reference, due.total).await.expect(200);
    world.run_jobs().await;
    due
}

impl Shop {
    async fn does(&self, due: &Due, action: &str, body: Value) -> Reply {
        self.producer.client.post(&format!("/v1/producer/orders/{}/{action}", due.order_id()), body).await
    }

    /// The producer does one after the other.
    async fn goes(&self, due: &Due, actions: &[&str]) -> Value {
        let mut order = Value::Null;
        for action in actions {
            let body = match *action {
                "fail-delivery" | "send-back" | "refuse" => json!({"reason": "Không có người nhận"}),
                _ => json!({}),
            };
            order = self.does(due, action, body).await.expect(200);
        }
        order
    }
}

async fn seen(buyer: &Client, due: &Due) -> Value {
    buyer.get(&format!("/v1/buyer/orders/{}", due.order_id())).await.expect(200)
}

async fn way(buyer: &Client, due: &Due) -> Vec<String> {
    let events = buyer.get(&format!("/v1/buyer/orders/{}/events", due.order_id())).await.expect(200);
    let steps = events["data"].as_array().expect("steps").iter();
    steps.map(|step| step["to_status"].as_str().expect("a status").to_owned()).collect()
}

#[actix_web::test]
async fn nobody_answers_and_the_order_ends_by_itself_with_money_and_goods_back() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 5).await;
    let buyer = world.buyer(BUYER).await;
    let due = paid(&world, (&buyer, &shop), 2).await;
    assert_eq!(world.stock(&shop.product), (3, 0));
    world.pass(TimeDelta::minutes(24 * 60 - 1));
    world.run_jobs().await;
    assert_eq!(world.state(&due), "paid paid captured captured", "a minute is left");
    world.pass(TimeDelta::minutes(1));
    world.run_jobs().await;
    assert_eq!(world.state(&due), "paid auto_cancelled captured captured");
    assert_eq!(world.stock(&shop.product), (5, 0));
    assert_eq!(world.reviews(), ["refund_due 240000"]);
    let buyer = world.buyer(BUYER).await;
    let order = seen(&buyer, &due).await;
    assert_eq!((&order["refunded_vnd"], &order["allowed_actions"]), (&json!(240_000), &json!([])));
    let producer = world.sign_in("0911111111", "producer").await;
    let late = producer.post(&format!("/v1/producer/orders/{}/accept", due.order_id()), json!({})).await;
    assert_eq!(late.refused(409, "orders.illegal_action")["current_status"], "auto_cancelled");
    world.finish().await;
}

#[actix_web::test]
async fn who_does_not_claim_in_time_has_received_the_goods() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 5).await;
    let buyer = world.buyer(BUYER).await;
    let due = paid(&world, (&buyer, &shop), 1).await;
    let order = shop.goes(&due, &["accept", "pack", "hand-over", "deliver"]).await;
    assert_eq!((&order["status"], &order["allowed_actions"]), (&json!("delivered"), &json!([])));
    world.pass(TimeDelta::hours(71));
    world.run_jobs().await;
    assert_eq!(world.state(&due), "paid delivered captured captured");
    world.pass(TimeDelta::hours(1));
    world.run_jobs().await;
    assert_eq!(world.state(&due), "paid completed captured captured");
    let buyer = world.buyer(BUYER).await;
    let expected = ["awaiting_payment", "paid", "accepted", "packed", "handed_over", "delivered", "completed"];
    assert_eq!(way(&buyer, &due).await, expected);
    assert!(world.reviews().is_empty());
    world.finish().await;
}

#[actix_web::test]
async fn what_nobody_takes_comes_back_and_is_owed_without_touching_the_stock() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 5).await;
    let buyer = world.buyer(BUYER).await;
    let due = paid(&world, (&buyer, &shop), 2).await;
    let order = shop.goes(&due, &["accept", "pack", "hand-over", "fail-delivery"]).await;
    assert_eq!(order["status_reason"], "Không có người nhận");
    let cancel = buyer.post(&format!("/v1/buyer/orders/{}/cancel", due.order_id()), json!({"reason": "Thôi"})).await;
    assert_eq!(cancel.refused(409, "orders.illegal_action")["current_status"], "delivery_failed");
    let order = shop.goes(&due, &["send-back", "receive-return"]).await;
    assert_eq!((&order["status"], &order["refunded_vnd"]), (&json!("returned"), &json!(240_000)));
    world.run_jobs().await;
    assert_eq!(world.reviews(), ["refund_due 240000"]);
    assert_eq!(world.stock(&shop.product), (3, 0), "whether it can be sold again is for the producer to say");
    world.finish().await;
}

#[actix_web::test]
async fn a_second_try_delivers_what_failed_at_first() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 5).await;
    let buyer = world.buyer(BUYER).await;
    let due = paid(&world, (&buyer, &shop), 1).await;
    shop.goes(&due, &["accept", "pack", "hand-over", "fail-delivery", "deliver"]).await;
    let order =
        buyer.post(&format!("/v1/buyer/orders/{}/confirm-receipt", due.order_id()), json!({})).await.expect(200);
    assert_eq!(order["status"], "completed");
    world.finish().await;
}

#[actix_web::test]
async fn an_illegal_action_names_what_is_allowed_and_changes_nothing() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 5).await;
    let buyer = world.buyer(BUYER).await;
    let due = paid(&world, (&buyer, &shop), 1).await;
    let before = seen(&buyer, &due).await;
    for action in ["pack", "hand-over", "deliver", "make-ready", "receive-return"] {
        let problem = shop.does(&due, action, json!({})).await.refused(409, "orders.illegal_action");
        assert_eq!(problem["allowed_actions"], json!(["accept", "refuse"]), "{action}");
    }
    for action in ["fail-delivery", "send-back"] {
        shop.does(&due, action, json!({"reason": "Sai"})).await.refused(409, "orders.illegal_action");
    }
    let problem = buyer.post(&format!("/v1/buyer/orders/{}/confirm-receipt", due.order_id()), json!({})).await;
    assert_eq!(problem.refused(409, "orders.illegal_action")["allowed_actions"], json!(["cancel"]));
    assert_eq!(seen(&buyer, &due).await, before);
    world.finish().await;
}
