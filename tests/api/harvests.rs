//! Harvests: what is bought before it is brought in waits for it, and nobody pays for what did not come.

use chrono::{NaiveDate, TimeDelta};
use futures_util::future::{join, join_all, join3};
use ocop_market::kernel::time::{next_vietnam_day, vietnam_day};
use serde_json::{Value, json};

use crate::support::money::{Due, Shop};
use crate::support::{Client, Product, Reply, World, new_key};

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
    assert_eq!(waiting["status"], "waiting_harvest");
    let ends = next_vietnam_day(world.app.db.clock.now()) + TimeDelta::days(7 + 3);
    assert_eq!(waiting["due_at"], json!(ends), "three days after the last day of sending");
    let shown = shop.producer.client.get(&harvest).await.expect(200);
    assert_eq!((&shown["ordered"], &shown["allowed_actions"]), (&json!(8), &json!(["close", "declare", "cancel"])));
    let open = format!("/v1/public/products/{}/harvests", shop.product.id);
    let seen = world.visitor().get(&open).await.expect(200);
    assert_eq!((&seen["data"][0]["id"], &seen["data"][0]["available"]), (&shown["id"], &json!(2)));
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
    assert_eq!(world.stock(&shop.product), (0, 0));
    assert_eq!(told(&world), "harvest_in 4, harvest_short 1 4 150000");
    assert_eq!(world.reviews(), [format!("refund_due {}", 3 * PRICE)]);
    assert_eq!(figures(&world), format!("{} 5 7000", 5 * PRICE), "what never came was not sold");
    assert_eq!(world.visitor().get(&open).await.expect(200)["data"], json!([]));
    let reminders = "select count(*) from jobs where kind = 'remind_order' and done_at is null and run_at > now()";
    assert_eq!(world.count(reminders), 2, "the wait for an answer begins with the harvest");
    shop.producer.client.post(&declare, came(&world, 9)).await.refused(409, "orders.harvest_action_not_allowed");

    // What the second order got of it comes back when it is refused, and no more.
    shop.producer.client.post(&accept, json!({})).await.expect(200);
    let refuse = format!("/v1/producer/orders/{}/refuse", second.order_id());
    shop.producer.client.post(&refuse, json!({"reason": "Hết hàng"})).await.expect(200);
    assert_eq!(fate(&two, &second).await, fated("refused", 3, 4 * PRICE));
    assert_eq!(world.stock(&shop.product), (1, 0));
    assert_eq!(figures(&world), format!("{} 4 5600", 4 * PRICE));
    world.run_jobs().await;
    assert_eq!(world.count("select sum(amount_vnd) from payment_reviews where kind = 'refund_due'"), 4 * PRICE);
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
    assert_eq!(world.stock(&shop.product), (0, 0));
    assert_eq!(told(&world), "harvest_short 1 4 150000, order_refused 100000, order_refused 150000");
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
    assert_eq!((world.stock(&shop.product), told(&world)), ((0, 0), "harvest_in 2".to_owned()));

    let next = shop.producer.client.post(&plan, again).await.expect(201);
    let lost = paid(&world, &shop, &buyer, (7, 4)).await;
    let cancel = format!("/v1/producer/harvests/{}/cancel", next["id"].as_str().expect("an id"));
    shop.producer.client.post(&cancel, json!({})).await.expect(200);
    world.run_jobs().await;
    assert_eq!(fate(&buyer, &lost).await, fated("refused", 0, 7 * PRICE));
    assert_eq!(told(&world), "harvest_in 2, order_refused 350000");
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

/// Sends again with the same key while the server is busy, as every client shall; no other 5xx is forgiven.
async fn insist(client: &Client, path: &str, body: &Value) -> Reply {
    let key = new_key();
    for _ in 0..600 {
        let reply = client.post_with_key(path, &key, body.clone()).await;
        if reply.status != 503 && reply.json["code"] != "request_in_progress" {
            assert!(reply.status < 500, "{}", reply.text);
            return reply;
        }
        actix_web::rt::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("{path} stayed busy");
}

#[actix_web::test]
async fn forty_who_order_at_once_get_exactly_the_cap() {
    const BUYERS: usize = 40;
    const CAP: i64 = 10;
    let world = World::start().await;
    let shop = world.shop(PRICE, 0).await;
    planned(&world, &shop, "first_paid").await;
    let buyers: Vec<Client> =
        (0..BUYERS).map(|number| world.session(&format!("09360{number:05}"), "buyer", TimeDelta::zero()).1).collect();
    let units = |number: usize| i64::try_from(number % 3).expect("small") + 1;
    let mut bodies = Vec::new();
    for (number, buyer) in buyers.iter().enumerate() {
        buyer.put_in_cart(&shop.product.variant_id, units(number)).await;
        bodies.push(buyer.checkout_body(PRICE * units(number)).await);
    }
    let tries = buyers.iter().zip(&bodies).map(|(buyer, body)| insist(buyer, "/v1/buyer/checkouts", body));
    let replies = join_all(tries).await;
    let mut won = 0;
    for (number, reply) in replies.into_iter().enumerate() {
        if reply.status == 201 {
            won += units(number);
        } else {
            let told = reply.refused(409, "stock.not_enough");
            let available = told["lines"][0]["available"].as_i64().expect("a number");
            assert!((0..units(number)).contains(&available), "{available} of {}", units(number));
        }
    }
    assert!((CAP - 2..=CAP).contains(&won), "{won} are held, though somebody wanted one");
    // Whoever wants one gets what is left, and then there is no more.
    let last = world.session("0933333331", "buyer", TimeDelta::zero()).1;
    for _ in won..CAP {
        last.put_in_cart(&shop.product.variant_id, 1).await;
        last.check_out(PRICE).await.expect(201);
    }
    last.put_in_cart(&shop.product.variant_id, 1).await;
    assert_eq!(last.check_out(PRICE).await.refused(409, "stock.not_enough")["lines"][0]["available"], 0);
    assert_eq!(world.stock(&shop.product), (CAP, CAP));
    assert_eq!(world.count("select deadlocks from pg_stat_database where datname = current_database()"), 0);
    world.finish().await;
}

#[actix_web::test]
async fn who_declares_twice_and_cancels_at_once_a_hundred_times_loses_nothing() {
    const ROUNDS: i64 = 100;
    let world = World::start().await;
    let shop = world.shop(PRICE, 0).await;
    let buyer = world.session("0933333331", "buyer", TimeDelta::zero()).1;
    let producer = &shop.producer.client;
    let adjustments = format!("/v1/producer/variants/{}/stock-adjustments", shop.product.variant_id);
    let (mut shortened, mut kept_waiting) = (0, 0);
    for round in 1..=ROUNDS {
        let harvest = planned(&world, &shop, if round % 2 == 0 { "pro_rata" } else { "first_paid" }).await;
        let due = paid(&world, &shop, &buyer, (3, round)).await;
        let declare = format!("{harvest}/declare");
        let declares = [2, 1].map(|units| came_as(&world, &format!("VU-{round}-{units}"), units));
        let cancel = format!("/v1/buyer/orders/{}/cancel", due.order_id());
        let (one, other, cancelled) = join3(
            insist(producer, &declare, &declares[0]),
            insist(producer, &declare, &declares[1]),
            insist(&buyer, &cancel, &json!({"reason": "Đổi ý"})),
        )
        .await;
        cancelled.expect(200);
        let (won, lost, units) = if one.status == 200 { (one, other, 2) } else { (other, one, 1) };
        won.expect(200);
        lost.refused(409, "orders.harvest_action_not_allowed");
        let (status, missing, refunded) = fate(&buyer, &due).await;
        assert_eq!((status.as_str(), refunded), ("cancelled", 3 * PRICE));
        if missing > 0 {
            assert_eq!(missing, 3 - units);
            shortened += 1;
        } else {
            kept_waiting += 1;
        }
        assert_eq!(world.stock(&shop.product), (i32::try_from(units).expect("small").into(), 0));
        producer.post(&adjustments, json!({"reason": "sold_elsewhere", "delta": -units})).await.expect(200);
    }
    println!("declared first {shortened}, cancelled first {kept_waiting}");
    world.run_jobs().await;
    let owed = world.count("select sum(amount_vnd) from payment_reviews where kind = 'refund_due'");
    assert_eq!(owed, ROUNDS * 3 * PRICE, "nothing is owed twice");
    world.finish().await;
}

/// Who pays while a harvest is declared either waits for it and is counted, or is refused nothing: the money of an order
/// is never left without goods and without a refund.
#[actix_web::test]
async fn who_pays_while_a_harvest_is_declared_is_never_forgotten() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 0).await;
    let buyer = world.session("0933333331", "buyer", TimeDelta::zero()).1;
    let producer = &shop.producer.client;
    for round in 1..=20_i64 {
        let harvest = planned(&world, &shop, "first_paid").await;
        let due = world.due(&buyer, &shop.product, 2, "bank_transfer").await;
        let declare = format!("{harvest}/declare");
        let body = came_as(&world, &format!("VU-{round}"), 1);
        let (declared, notice) =
            join(insist(producer, &declare, &body), world.sepay(round, &due.reference, due.total)).await;
        notice.expect(200);
        if declared.status != 200 {
            declared.refused(409, "orders.harvest_still_held");
            insist(producer, &declare, &body).await.expect(200);
        }
        assert_eq!(fate(&buyer, &due).await, fated("paid", 1, PRICE));
        let refuse = format!("/v1/producer/orders/{}/refuse", due.order_id());
        producer.post(&refuse, json!({"reason": "Hết hàng"})).await.expect(200);
        let adjustments = format!("/v1/producer/variants/{}/stock-adjustments", shop.product.variant_id);
        producer.post(&adjustments, json!({"reason": "sold_elsewhere", "delta": -1})).await.expect(200);
    }
    world.finish().await;
}

/// Bags of ten kilograms whose price follows their weight, brought for 15,000 đồng.
async fn oranges(shop: &Shop) -> Product {
    let zones = ["same_commune", "bordering_commune", "same_district", "same_province", "other_province"];
    let zone =
        |zone| json!({"zone": zone, "fee_vnd": 15_000, "weight_g_max": 10_000_000, "days_min": 0, "days_max": 3});
    shop.producer.client.put("/v1/producer/own-delivery", json!({"zones": zones.map(zone)})).await.expect(200);
    let mut new = crate::support::new_product("Cam sành", PRICE, 0);
    new["variants"][0] = json!({"label": "Túi 10 kg", "unit": "bag", "net_weight_g": 10_000, "price_vnd": PRICE,
                                "quantity": 0, "is_weighed": true});
    let made = shop.producer.client.post("/v1/producer/products", new).await.expect(201);
    let id = made["id"].as_str().expect("an id").to_owned();
    shop.producer.client.post(&format!("/v1/producer/products/{id}/submit"), json!({})).await.expect(200);
    shop.operator.post(&format!("/v1/operator/products/{id}/publish"), json!({})).await.expect(200);
    let variant_id = made["variants"][0]["id"].as_str().expect("a variant").to_owned();
    Product { id, variant_id, price_vnd: PRICE }
}

/// A paid order of so many bags with 20,000 đồng off.
async fn paid_with_voucher(world: &World, shop: &Shop, bags: &Product, (buyer, units): (&Client, i64)) -> Due {
    let mut voucher = crate::support::new_voucher("amount");
    voucher["payer"] = json!("province");
    let made = shop.operator.post("/v1/operator/vouchers", voucher).await.expect(201);
    buyer.put_in_cart(&bags.variant_id, units).await;
    let question = json!({"commune_code": "00721", "voucher_code": made["code"]});
    let quote = buyer.quote(question).await.expect(200);
    let total = quote["total_vnd"].as_i64().expect("đồng");
    assert_eq!(total, units * PRICE - 20_000 + 15_000);
    let mut body = crate::support::checkout(total);
    body["quote_id"] = quote["id"].clone();
    body["contract_sha256"] = quote["contract_sha256"].clone();
    let checkout = buyer.post("/v1/buyer/checkouts", body).await.expect(201);
    let attempt = buyer.start_attempt(&checkout, "bank_transfer").await;
    let reference = attempt["reference"].as_str().expect("a reference").to_owned();
    world.sepay(1, &reference, total).await.expect(200);
    Due { checkout, attempt, reference, total }
}

/// The words of a paper.
async fn paper(world: &World, client: &Client, path: &str) -> String {
    let reply = world.http.get(format!("{}{path}", client.base));
    let reply = reply.bearer_auth(client.token.as_deref().expect("a token")).send().await.expect("an answer");
    crate::orders::words(&reply.bytes().await.expect("bytes")).replace('\n', " ")
}

/// Three bags with 20,000 đồng off, brought for 15,000: two come, and they are packed lighter and claimed afterwards.
#[actix_web::test]
async fn weights_and_claims_are_of_what_really_came_and_never_owe_more_than_was_paid() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 0).await;
    let bags = oranges(&shop).await;
    let harvest = planned_of(&world, &shop, &bags, "first_paid").await;
    let buyer = world.buyer("0933333331").await;
    let due = paid_with_voucher(&world, &shop, &bags, (&buyer, 3)).await;
    let total = due.total;
    let off_goods = order(&buyer, &due).await["lines"][0]["discount_vnd"].as_i64().expect("đồng");
    let goods = 3 * PRICE - off_goods;
    shop.producer.client.post(&format!("{harvest}/declare"), came(&world, 2)).await.expect(200);
    // A third of what was paid for the goods, to the đồng, and nothing of the way.
    let short = (goods + 1) / 3;
    assert_eq!(fate(&buyer, &due).await, fated("paid", 1, short));

    let of_producer = format!("/v1/producer/orders/{}", due.order_id());
    shop.producer.client.post(&format!("{of_producer}/accept"), json!({})).await.expect(200);
    let list = paper(&world, &shop.producer.client, &format!("{of_producer}/packing-list.pdf")).await;
    assert!(list.contains("20 kg") && !list.contains("30 kg"), "{list}");
    let contract = paper(&world, &buyer, &format!("/v1/buyer/orders/{}/contract.pdf", due.order_id())).await;
    assert!(contract.contains("sau khi thu hoạch") && contract.contains("người thanh toán trước"), "{contract}");
    let weights = |grams: i64| json!({"weights": [{"variant_id": bags.variant_id, "weight_g": grams}]});
    // 19 of the 20 kilograms that came: a twentieth of what is left to pay for the goods, rounded up.
    let packed = shop.producer.client.post(&format!("{of_producer}/pack"), weights(19_000)).await.expect(200);
    let light = goods - short - (goods - short) * 19 / 20;
    assert_eq!((&packed["status"], &packed["refunded_vnd"]), (&json!("packed"), &json!(short + light)));
    for step in ["hand-over", "deliver"] {
        shop.producer.client.post(&format!("{of_producer}/{step}"), json!({})).await.expect(200);
    }
    assert_eq!(world.text("select concat_ws(' ', weight_g, goods_vnd) from shipments"), format!("20000 {}", 2 * PRICE));

    let claim = |quantity: i64| {
        json!({"kind": "missing", "text": "Thiếu hàng.", "wish": "refund",
               "lines": [{"variant_id": bags.variant_id, "quantity": quantity}]})
    };
    let path = format!("/v1/buyer/orders/{}/claims", due.order_id());
    let refused = buyer.post(&path, claim(3)).await.refused(422, "invalid_input");
    assert_eq!(refused["errors"][0]["expected"], "1–2");
    let claimed = buyer.post(&path, claim(2)).await.expect(201);
    assert_eq!(
        claimed["claimed_vnd"],
        json!(total - short - light),
        "all that came, the way, and no more than is left"
    );
    let id = claimed["id"].as_str().expect("an id");
    shop.producer.client.post(&format!("/v1/producer/claims/{id}/accept"), json!({})).await.expect(200);
    let end = order(&buyer, &due).await;
    assert_eq!((&end["status"], &end["refunded_vnd"]), (&json!("refunded"), &json!(total)));
    world.finish().await;
}

#[actix_web::test]
async fn who_gets_nothing_gets_the_way_and_the_voucher_back_too() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 0).await;
    let bags = oranges(&shop).await;
    let harvest = planned_of(&world, &shop, &bags, "pro_rata").await;
    let buyer = world.buyer("0933333331").await;
    let due = paid_with_voucher(&world, &shop, &bags, (&buyer, 2)).await;
    assert_eq!(world.text("select concat_ws(' ', uses, spent_vnd) from vouchers"), "1 20000");
    shop.producer.client.post(&format!("{harvest}/declare"), came(&world, 0)).await.expect(200);
    assert_eq!(fate(&buyer, &due).await, fated("refused", 0, due.total));
    assert_eq!(world.text("select concat_ws(' ', uses, spent_vnd) from vouchers"), "0 0");
    world.run_jobs().await;
    assert_eq!(world.reviews(), [format!("refund_due {}", due.total)]);
    world.finish().await;
}
