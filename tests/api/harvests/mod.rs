//! Harvests: what is bought before it is brought in waits for it, and nobody pays for what did not come.

mod days;
mod money;
mod races;
mod settling;
mod shown;

use chrono::{NaiveDate, TimeDelta};
use ocop_market::kernel::time::vietnam_day;
use serde_json::{Value, json};

use crate::support::money::{Due, Shop};
use crate::support::{Client, Product, World};

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
pub async fn planned(world: &World, shop: &Shop, rule: &str) -> String {
    planned_of(world, shop, &shop.product, rule).await
}

async fn planned_of(world: &World, shop: &Shop, product: &Product, rule: &str) -> String {
    let path = format!("/v1/producer/variants/{}/harvests", product.variant_id);
    let made = shop.producer.client.post(&path, forecast(world, (10, 0), rule)).await.expect(201);
    format!("/v1/producer/harvests/{}", made["id"].as_str().expect("an id"))
}

pub fn came(world: &World, harvested: i64) -> Value {
    came_as(world, "VU-1", harvested)
}

fn came_as(world: &World, code: &str, harvested: i64) -> Value {
    json!({"harvested": harvested,
           "lot": {"code": code, "harvested_on": day(world, 0), "expires_on": day(world, 20)}})
}

async fn paid(world: &World, shop: &Shop, buyer: &Client, (units, notice): (i64, i64)) -> Due {
    paid_of(world, &shop.product, buyer, (units, notice)).await
}

async fn paid_of(world: &World, product: &Product, buyer: &Client, (units, notice): (i64, i64)) -> Due {
    let due = world.due(buyer, product, units, "bank_transfer").await;
    world.sepay(notice, &due.reference, due.total).await.expect(200);
    due
}

/// A harvest that brought one of two orders less than it had bought, and one that an order waits for; the money comes by
/// SePay's notices from this number on.
pub async fn short_and_waiting(world: &World, shop: &Shop, notice: i64) {
    let buyer = world.buyer("0933333331").await;
    let tea = world.product(&shop.operator, &shop.producer, "Chè Shan tuyết", (PRICE, 0)).await;
    let harvest = planned_of(world, shop, &tea, "first_paid").await;
    paid_of(world, &tea, &buyer, (3, notice)).await;
    world.pass(TimeDelta::minutes(1));
    let short = paid_of(world, &tea, &buyer, (4, notice + 1)).await;
    shop.producer.client.post(&format!("{harvest}/declare"), came(world, 5)).await.expect(200);
    assert_eq!(fate(&buyer, &short).await, fated("paid", 2, 2 * PRICE));
    waiting(world, shop, (&buyer, notice + 2)).await;
}

/// A harvest that a paid order waits for.
pub async fn waiting(world: &World, shop: &Shop, (buyer, notice): (&Client, i64)) {
    let rice = world.product(&shop.operator, &shop.producer, "Gạo nếp nương", (PRICE, 0)).await;
    planned_of(world, shop, &rice, "pro_rata").await;
    paid_of(world, &rice, buyer, (2, notice)).await;
    world.run_jobs().await;
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

/// What buyers and producers were told: topic, and what it says of units and money.
fn told(world: &World) -> String {
    world.text(
        "select string_agg(concat_ws(' ', topic, facts->>'got', facts->>'ordered', facts->>'refund_vnd'), ', ' \
           order by topic, facts->>'ordered', facts->>'refund_vnd') \
         from notices where topic like 'harvest%' or topic in ('order_refused', 'order_auto_cancelled')",
    )
}

/// What the officials' figures have of everything: money, units, grams.
fn figures(world: &World) -> String {
    world.text("select concat_ws(' ', sum(value_vnd), sum(units), sum(grams)) from sales_daily")
}
