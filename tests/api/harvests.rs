//! Harvests: what is bought before it is brought in waits for it, and nobody pays for what did not come.

use chrono::{NaiveDate, TimeDelta};
use ocop_market::kernel::time::{next_vietnam_day, vietnam_day};
use serde_json::{Value, json};

use crate::support::money::{Due, Shop};
use crate::support::{Client, World};

const PRICE: i64 = 50_000;

fn day(world: &World, days: i64) -> NaiveDate {
    vietnam_day(world.app.db.clock.now()) + TimeDelta::days(days)
}

fn producer(world: &World) -> Client {
    world.session("0911111111", "producer", TimeDelta::zero()).1
}

fn forecast(world: &World, (expected, first): (i64, i64), rule: &str) -> Value {
    json!({"expected": expected, "orders_from": day(world, first), "orders_until": day(world, first + 2),
           "harvest_from": day(world, 3), "harvest_until": day(world, 5), "ships_from": day(world, 4),
           "ships_until": day(world, 7), "shortfall_rule": rule})
}

/// Of something without stock, ten can be ordered from today on; returns the path of the harvest.
async fn planned(world: &World, shop: &Shop, rule: &str) -> String {
    let path = format!("/v1/producer/variants/{}/harvests", shop.product.variant_id);
    let made = shop.producer.client.post(&path, forecast(world, (10, 0), rule)).await.expect(201);
    format!("/v1/producer/harvests/{}", made["id"].as_str().expect("an id"))
}

fn came(world: &World, harvested: i64) -> Value {
    json!({"harvested": harvested,
           "lot": {"code": "VU-1", "harvested_on": day(world, 0), "expires_on": day(world, 20)}})
}

async fn paid(world: &World, shop: &Shop, buyer: &Client, (units, notice): (i64, i64)) -> Due {
    let due = world.due(buyer, &shop.product, units, "bank_transfer").await;
    world.sepay(notice, &due.reference, due.total).await.expect(200);
    due
}

async fn order(buyer: &Client, due: &Due) -> Value {
    buyer.get(&format!("/v1/buyer/orders/{}", due.order_id())).await.expect(200)
}

/// Status, units missing and what is owed back.
async fn fate(buyer: &Client, due: &Due) -> (String, i64, i64) {
    let order = order(buyer, due).await;
    let number = |value: &Value| value.as_i64().expect("a number");
    let status = order["status"].as_str().expect("a status").to_owned();
    (status, number(&order["lines"][0]["missing"]), number(&order["refunded_vnd"]))
}

fn fated(status: &str, missing: i64, refunded: i64) -> (String, i64, i64) {
    (status.to_owned(), missing, refunded)
}

fn told(world: &World) -> i64 {
    world.count("select count(*) from notices where topic = 'harvest_short'")
}

#[actix_web::test]
async fn orders_wait_for_the_harvest_up_to_its_cap_and_who_paid_first_is_served_first() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 0).await;
    let harvest = planned(&world, &shop, "first_paid").await;
    let (one, two, three) =
        (world.buyer("0933333331").await, world.buyer("0933333332").await, world.buyer("0933333333").await);
    let second = world.due(&two, &shop.product, 4, "bank_transfer").await;
    let first = paid(&world, &shop, &one, (4, 1)).await;
    world.pass(TimeDelta::minutes(1));
    world.sepay(2, &second.reference, second.total).await.expect(200);
    world.run_jobs().await;

    let waiting = order(&one, &first).await;
    assert_eq!((&waiting["status"], &waiting["due_at"]), (&json!("waiting_harvest"), &Value::Null));
    assert_eq!(waiting["allowed_actions"], json!(["cancel"]));
    let accept = format!("/v1/producer/orders/{}/accept", first.order_id());
    shop.producer.client.post(&accept, json!({})).await.refused(409, "orders.illegal_action");

    three.put_in_cart(&shop.product.variant_id, 3).await;
    three.check_out(3 * PRICE).await.refused(409, "stock.not_enough");
    three.put_in_cart(&shop.product.variant_id, 2).await;
    let held = three.check_out(2 * PRICE).await.expect(201);
    let declare = format!("{harvest}/declare");
    shop.producer.client.post(&declare, came(&world, 5)).await.refused(409, "orders.harvest_still_held");
    let cancel = format!("/v1/buyer/checkouts/{}/cancel", held["id"].as_str().expect("an id"));
    three.post(&cancel, json!({})).await.expect(200);

    let declared = shop.producer.client.post(&declare, came(&world, 5)).await.expect(200);
    assert_eq!((&declared["status"], &declared["harvested"]), (&json!("harvested"), &json!(5)));
    world.run_jobs().await;
    assert_eq!(fate(&one, &first).await, fated("paid", 0, 0));
    assert_eq!(fate(&two, &second).await, fated("paid", 3, 3 * PRICE));
    assert!(order(&two, &second).await["due_at"].is_string());
    assert_eq!((world.stock(&shop.product), told(&world)), ((0, 0), 1));
    assert_eq!(world.reviews(), [format!("refund_due {}", 3 * PRICE)]);
    shop.producer.client.post(&declare, came(&world, 9)).await.refused(409, "orders.harvest_action_not_allowed");

    // What the second order got of it comes back when it is refused, and no more.
    shop.producer.client.post(&accept, json!({})).await.expect(200);
    let refuse = format!("/v1/producer/orders/{}/refuse", second.order_id());
    shop.producer.client.post(&refuse, json!({"reason": "Hết hàng"})).await.expect(200);
    assert_eq!(fate(&two, &second).await, fated("refused", 3, 4 * PRICE));
    assert_eq!(world.stock(&shop.product), (1, 0));
    world.run_jobs().await;
    world.finish().await;
}

#[actix_web::test]
async fn a_small_harvest_is_shared_and_who_gets_nothing_gets_everything_back() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 0).await;
    let harvest = planned(&world, &shop, "pro_rata").await;
    let buyers = [world.buyer("0933333331").await, world.buyer("0933333332").await, world.buyer("0933333333").await];
    let mut dues = Vec::new();
    for ((buyer, units), notice) in buyers.iter().zip([3, 4, 2]).zip(1..) {
        dues.push(paid(&world, &shop, buyer, (units, notice)).await);
    }
    shop.producer.client.post(&format!("{harvest}/close"), json!({})).await.expect(200);
    shop.producer
        .client
        .post(&format!("{harvest}/close"), json!({}))
        .await
        .refused(409, "orders.harvest_action_not_allowed");
    shop.producer.client.post(&format!("{harvest}/declare"), came(&world, 1)).await.expect(200);
    world.run_jobs().await;
    assert_eq!(fate(&buyers[0], &dues[0]).await, fated("refused", 0, 3 * PRICE));
    assert_eq!(fate(&buyers[1], &dues[1]).await, fated("paid", 3, 3 * PRICE));
    assert_eq!(fate(&buyers[2], &dues[2]).await, fated("refused", 0, 2 * PRICE));
    assert_eq!((world.stock(&shop.product), told(&world)), ((0, 0), 3));
    world.finish().await;
}

#[actix_web::test]
async fn what_is_left_over_is_stock_and_what_is_not_harvested_at_all_is_owed_back() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 0).await;
    let harvest = planned(&world, &shop, "first_paid").await;
    let buyer = world.buyer("0933333331").await;
    let kept = paid(&world, &shop, &buyer, (2, 1)).await;
    let cancelled = paid(&world, &shop, &buyer, (3, 2)).await;
    assert_eq!(world.stock(&shop.product), (5, 0));
    let cancel = format!("/v1/buyer/orders/{}/cancel", cancelled.order_id());
    buyer.post(&cancel, json!({"reason": "Đổi ý"})).await.expect(200);
    assert_eq!(
        (fate(&buyer, &cancelled).await, world.stock(&shop.product)),
        (fated("cancelled", 0, 3 * PRICE), (8, 0))
    );

    let adjustments = format!("/v1/producer/variants/{}/stock-adjustments", shop.product.variant_id);
    let more = json!({"reason": "harvested", "delta": 5});
    shop.producer.client.post(&adjustments, more.clone()).await.refused(409, "stock.harvest_planned");
    let plan = format!("/v1/producer/variants/{}/harvests", shop.product.variant_id);
    let again = forecast(&world, (10, 0), "pro_rata");
    shop.producer.client.post(&plan, again.clone()).await.refused(409, "stock.harvest_planned");

    shop.producer.client.post(&format!("{harvest}/declare"), came(&world, 12)).await.expect(200);
    assert_eq!((fate(&buyer, &kept).await, world.stock(&shop.product)), (fated("paid", 0, 0), (10, 0)));
    shop.producer.client.post(&plan, again.clone()).await.refused(409, "stock.not_empty");
    shop.producer.client.post(&adjustments, more).await.expect(200);
    paid(&world, &shop, &buyer, (15, 3)).await;
    assert_eq!((world.stock(&shop.product), told(&world)), ((0, 0), 0));

    let next = shop.producer.client.post(&plan, again).await.expect(201);
    let lost = paid(&world, &shop, &buyer, (7, 4)).await;
    let cancel = format!("/v1/producer/harvests/{}/cancel", next["id"].as_str().expect("an id"));
    shop.producer.client.post(&cancel, json!({})).await.expect(200);
    world.run_jobs().await;
    assert_eq!((fate(&buyer, &lost).await, told(&world)), (fated("refused", 0, 7 * PRICE), 1));
    assert_eq!(world.stock(&shop.product), (0, 0));
    world.finish().await;
}

#[actix_web::test]
async fn a_harvest_is_ordered_on_its_days_and_apart_from_other_goods_of_its_producer() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 0).await;
    let other = world.product(&shop.operator, &shop.producer, "Chè Shan tuyết", (PRICE, 10)).await;
    let path = format!("/v1/producer/variants/{}/harvests", shop.product.variant_id);
    let mut wrong = forecast(&world, (10, 1), "first_paid");
    wrong["orders_until"] = json!(day(&world, 6));
    wrong["ships_from"] = json!(day(&world, 2));
    let refused = shop.producer.client.post(&path, wrong).await.refused(422, "invalid_input");
    assert!(refused.to_string().contains("/orders_until") && refused.to_string().contains("/ships_from"), "{refused}");
    let made = shop.producer.client.post(&path, forecast(&world, (10, 1), "first_paid")).await.expect(201);

    let to = json!({"commune_code": "00721"});
    let buyer = world.buyer("0933333331").await;
    buyer.put_in_cart(&shop.product.variant_id, 1).await;
    let early = buyer.quote(to.clone()).await.refused(409, "orders.harvest_not_open");
    assert_eq!(early["lines"][0]["variant_id"], json!(shop.product.variant_id));
    let now = world.app.db.clock.now();
    world.pass(next_vietnam_day(now) - now + TimeDelta::seconds(1));

    let buyer = world.session("0933333331", "buyer", TimeDelta::zero()).1;
    buyer.put_in_cart(&other.variant_id, 1).await;
    let mixed = buyer.quote(to.clone()).await.refused(409, "orders.harvest_mixed");
    assert_eq!(mixed["lines"], json!([{"variant_id": shop.product.variant_id}]));
    buyer.delete(&format!("/v1/buyer/cart/lines/{}", other.variant_id)).await;
    let shown = buyer.quote(to.clone()).await.expect(200);
    assert_eq!(shown["producers"][0]["contract"]["harvest"]["harvest_id"], made["id"]);

    // The quote still holds, and nothing more is sold: the stock itself says so.
    let body = buyer.checkout_body(PRICE).await;
    let close = format!("/v1/producer/harvests/{}/close", made["id"].as_str().expect("an id"));
    producer(&world).post(&close, json!({})).await.expect(200);
    buyer.post("/v1/buyer/checkouts", body).await.refused(409, "stock.not_enough");
    buyer.quote(to).await.refused(409, "orders.harvest_not_open");
    world.finish().await;
}
