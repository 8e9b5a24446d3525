//! What everybody sees of goods that are sold before they are there.

use chrono::TimeDelta;
use ocop_market::kernel::time::next_vietnam_day;
use serde_json::json;

use super::{PRICE, came, forecast, producer};
use crate::support::money::Shop;
use crate::support::{Client, World};

/// What the list and the page of the only product say is available, each looked at twice: made anew, and kept.
async fn shown(world: &World, shop: &Shop) -> [i64; 4] {
    let mut shown = [0; 4];
    for places in shown.chunks_mut(2) {
        let list = world.visitor().get("/v1/public/products").await.expect(200);
        let page = world.visitor().get(&format!("/v1/public/products/{}", shop.product.id)).await.expect(200);
        let told = [&list["data"][0]["available"], &page["variants"][0]["available"]];
        for (place, told) in places.iter_mut().zip(told) {
            *place = told.as_i64().expect("a number");
        }
    }
    shown
}

/// What is available of the only line of a cart, and whether it can be bought.
async fn in_cart(buyer: &Client) -> (i64, bool) {
    let cart = buyer.get("/v1/buyer/cart").await.expect(200);
    let line = &cart["producers"][0]["lines"][0];
    (line["available"].as_i64().expect("a number"), line["can_be_bought"].as_bool().expect("a word"))
}

fn pass_days(world: &World, days: i64) {
    let now = world.app.db.clock.now();
    world.pass(next_vietnam_day(now) - now + TimeDelta::days(days - 1) + TimeDelta::seconds(1));
}

#[actix_web::test]
async fn a_planned_harvest_is_shown_on_its_days_of_orders_and_they_come_and_go_by_themselves() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 0).await;
    let path = format!("/v1/producer/variants/{}/harvests", shop.product.variant_id);
    shop.producer.client.post(&path, forecast(&world, (10, 1), "first_paid")).await.expect(201);
    let buyer = || world.session("0933333331", "buyer", TimeDelta::zero()).1;
    world.account("0933333331");
    buyer().put_in_cart(&shop.product.variant_id, 3).await;
    assert_eq!((shown(&world, &shop).await, in_cart(&buyer()).await), ([0; 4], (0, false)), "tomorrow");
    let early = world.visitor().get("/v1/public/products").await;

    pass_days(&world, 1);
    let tag = [("if-none-match", early.header("etag"))];
    world.visitor().send(reqwest::Method::GET, "/v1/public/products", &tag, None).await.expect(200);
    assert_eq!((shown(&world, &shop).await, in_cart(&buyer()).await), ([10; 4], (10, true)), "the first day");
    buyer().check_out(3 * PRICE).await.expect(201);
    assert_eq!(shown(&world, &shop).await, [7; 4]);
    world.pass(TimeDelta::minutes(20));
    world.run_jobs().await;
    assert_eq!(shown(&world, &shop).await, [10; 4], "nobody paid");

    pass_days(&world, 2);
    assert_eq!(shown(&world, &shop).await, [10; 4], "the last day");
    buyer().put_in_cart(&shop.product.variant_id, 3).await;
    pass_days(&world, 1);
    assert_eq!((shown(&world, &shop).await, in_cart(&buyer()).await), ([0; 4], (0, false)), "over");
    world.finish().await;
}

#[actix_web::test]
async fn a_harvest_that_is_closed_shows_nothing_until_something_of_it_is_left_over() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 0).await;
    assert_eq!(shown(&world, &shop).await, [0; 4]);
    let harvest = super::planned(&world, &shop, "pro_rata").await;
    assert_eq!(shown(&world, &shop).await, [10; 4]);
    producer(&world).post(&format!("{harvest}/close"), json!({})).await.expect(200);
    assert_eq!(shown(&world, &shop).await, [0; 4]);
    producer(&world).post(&format!("{harvest}/declare"), came(&world, 6)).await.expect(200);
    assert_eq!(shown(&world, &shop).await, [6; 4], "what nobody ordered is stock");
    world.finish().await;
}
