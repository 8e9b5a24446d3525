//! The days of a harvest, and whose it is.

use chrono::{NaiveDate, TimeDelta};
use ocop_market::kernel::time::{next_vietnam_day, vietnam_day};
use serde_json::json;

use super::{PRICE, came, day, figures, forecast, paid, planned, producer, told};
use crate::support::{Client, World};

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

#[actix_web::test]
async fn a_harvest_is_its_producers_alone_and_its_days_end_it() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 0).await;
    let stranger = world.producer(&shop.operator, "0922222222", "Hộ trồng chè", "00769").await.client;
    let path = format!("/v1/producer/variants/{}/harvests", shop.product.variant_id);
    stranger.post(&path, forecast(&world, (10, 0), "first_paid")).await.refused(404, "not_found");
    let harvest = planned(&world, &shop, "first_paid").await;
    stranger.get(&harvest).await.refused(404, "not_found");
    for (verb, body) in [("close", json!({})), ("declare", came(&world, 1)), ("cancel", json!({}))] {
        stranger.post(&format!("{harvest}/{verb}"), body).await.refused(404, "not_found");
    }
    assert_eq!(stranger.get("/v1/producer/harvests").await.expect(200)["data"], json!([]));

    // The lot of a harvest to come is nothing that could be put right, closed or called back.
    let lot = shop.producer.client.get(&harvest).await.expect(200)["lot_id"].clone();
    let lot = format!("/v1/producer/lots/{}", lot.as_str().expect("an id"));
    for (verb, body) in [("close", json!({})), ("recall", json!({"reason": "Nhầm"}))] {
        let refused = shop.producer.client.post(&format!("{lot}/{verb}"), body).await;
        refused.refused(409, "stock.lot_action_not_allowed");
    }
    let wrong = json!({"harvested": 1, "lot": {"code": "VU-1", "harvested_on": day(&world, 1)}});
    let refused = shop.producer.client.post(&format!("{harvest}/declare"), wrong).await.refused(422, "invalid_input");
    assert_eq!(refused["errors"][0]["pointer"], "/lot/harvested_on");

    // On the evening of the last day a quote is made; it still holds when the day is over, but nothing is sold any more.
    let buyer = world.buyer("0933333331").await;
    let now = world.app.db.clock.now();
    world.pass(next_vietnam_day(now) - now + TimeDelta::days(2) - TimeDelta::minutes(5));
    let buyer = Client::new(world.http.clone(), world.base.clone(), {
        drop(buyer);
        world.session("0933333331", "buyer", TimeDelta::zero()).1.token
    });
    buyer.put_in_cart(&shop.product.variant_id, 1).await;
    let body = buyer.checkout_body(PRICE).await;
    world.pass(TimeDelta::minutes(6));
    let told = buyer.post("/v1/buyer/checkouts", body).await.refused(409, "stock.not_enough");
    assert_eq!(told["lines"][0]["available"], 0);
    buyer.quote(json!({"commune_code": "00721"})).await.refused(409, "orders.harvest_not_open");
    world.finish().await;
}

/// A second after that Vietnamese day.
fn pass_day(world: &World, last: NaiveDate) {
    let now = world.app.db.clock.now();
    let days = last - vietnam_day(now);
    world.pass(next_vietnam_day(now) - now + days + TimeDelta::seconds(1));
}

#[actix_web::test]
async fn a_harvest_that_nobody_declares_ends_by_itself_after_two_reminders() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 0).await;
    let (harvested, sent) = (day(&world, 5), day(&world, 7));
    let harvest = planned(&world, &shop, "pro_rata").await;
    let buyers = [world.buyer("0933333331").await, world.buyer("0933333332").await];
    let dues = [paid(&world, &shop, &buyers[0], (3, 1)).await, paid(&world, &shop, &buyers[1], (4, 2)).await];
    world.run_jobs().await;
    assert_eq!(told(&world), "");
    pass_day(&world, harvested);
    world.run_jobs().await;
    assert_eq!(told(&world), "harvest_due 7");
    pass_day(&world, sent);
    world.run_jobs().await;
    assert_eq!(told(&world), "harvest_due 7, harvest_due 7");
    pass_day(&world, sent + TimeDelta::days(2));
    world.run_jobs().await;
    assert_eq!(world.count("select count(*) from orders where status = 'waiting_harvest'"), 2, "the grace is not over");
    pass_day(&world, sent + TimeDelta::days(3));
    world.run_jobs().await;
    let fates = "select string_agg(concat_ws(' ', o.status, o.refunded_vnd, f.cause, f.amount_vnd), ', ' order by o.total_vnd) \
                 from orders o join order_refunds f on f.order_id = o.id";
    assert_eq!(
        world.text(fates),
        "auto_cancelled 150000 not_answered 150000, auto_cancelled 200000 not_answered 200000"
    );
    assert_eq!(dues.len(), 2);
    assert_eq!((world.stock(&shop.product), figures(&world)), ((0, 0), "0 0 0".to_owned()));
    assert_eq!(world.reviews().len(), 2);
    let ended = producer(&world).get(&harvest).await.expect(200);
    assert_eq!((&ended["status"], &ended["allowed_actions"]), (&json!("cancelled"), &json!([])));
    let late = came(&world, 7);
    producer(&world).post(&format!("{harvest}/declare"), late).await.refused(409, "orders.harvest_action_not_allowed");
    world.finish().await;
}
