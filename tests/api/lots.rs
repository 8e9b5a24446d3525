//! Lots: what expires first is sold first, what must not be sold is not, and counts never undo what buyers did.

use chrono::{NaiveDate, TimeDelta};
use ocop_market::jobs::Job;
use ocop_market::kernel::time::{next_vietnam_day, vietnam_day};
use serde_json::{Value, json};

use crate::support::money::Shop;
use crate::support::{Client, Reply, World, new_key};

const PRICE: i64 = 50_000;

/// A day of Vietnam, counted from today.
fn day(world: &World, days: i64) -> NaiveDate {
    vietnam_day(world.app.db.clock.now()) + TimeDelta::days(days)
}

/// The clock passes midnight in Vietnam.
fn pass_midnight(world: &World) {
    let now = world.app.db.clock.now();
    world.pass(next_vietnam_day(now) - now + TimeDelta::seconds(1));
}

/// As if signed in just now.
fn buyer(world: &World, phone: &str) -> Client {
    world.session(phone, "buyer", TimeDelta::zero()).1
}

fn producer(world: &World) -> Client {
    world.session("0911111111", "producer", TimeDelta::zero()).1
}

fn operator(world: &World) -> Client {
    world.session("0900000001", "operator", TimeDelta::zero()).1
}

fn adjustments(shop: &Shop) -> String {
    format!("/v1/producer/variants/{}/stock-adjustments", shop.product.variant_id)
}

fn counts(shop: &Shop) -> String {
    format!("/v1/producer/variants/{}/stock-counts", shop.product.variant_id)
}

/// A harvest with its label, good from today's day to another; returns the lot's id.
async fn harvest(world: &World, shop: &Shop, (code, days, units): (&str, i64, i64)) -> String {
    let lot = json!({"code": code, "harvested_on": day(world, 0), "expires_on": day(world, days)});
    let body = json!({"reason": "harvested", "delta": units, "lot": lot});
    let stock = producer(world).post(&adjustments(shop), body).await.expect(200);
    stock["lot_id"].as_str().expect("the lot").to_owned()
}

/// On hand and reserved of a lot.
fn in_lot(world: &World, lot: &str) -> (i64, i64) {
    let of = |column: &str| world.count(&format!("select {column} from lot_levels where lot_id = '{lot}'"));
    (of("on_hand"), of("reserved"))
}

async fn buy(world: &World, shop: &Shop, phone: &str, units: i64) -> Reply {
    let buyer = buyer(world, phone);
    buyer.put_in_cart(&shop.product.variant_id, units).await;
    buyer.check_out(PRICE * units).await
}

/// What the list and the page of the only product say is available.
async fn offered(world: &World, shop: &Shop) -> [i64; 2] {
    let list = world.visitor().get("/v1/public/products").await.expect(200);
    let page = world.visitor().get(&format!("/v1/public/products/{}", shop.product.id)).await.expect(200);
    [&list["data"][0], &page["variants"][0]].map(|told| told["available"].as_i64().expect("a number"))
}

async fn patch(client: &Client, path: &str, version: i64, body: Value) -> Reply {
    let (key, version) = (new_key(), format!("\"{version}\""));
    let headers = [("content-type", "application/json"), ("if-match", version.as_str()), ("idempotency-key", &key)];
    client.send(reqwest::Method::PATCH, path, &headers, Some(body.to_string())).await
}

#[actix_web::test]
async fn what_expires_first_is_sold_first_and_nothing_after_its_last_day_even_if_the_job_is_late() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 5).await;
    let late = harvest(&world, &shop, ("LATE", 2, 3)).await;
    let soon = harvest(&world, &shop, ("SOON", 0, 6)).await;
    let stock = format!("/v1/producer/variants/{}/stock", shop.product.variant_id);
    let shown = producer(&world).get(&stock).await.expect(200);
    let codes: Vec<&Value> = shown["lots"].as_array().expect("lots").iter().map(|lot| &lot["code"]).collect();
    assert_eq!((shown["available"].as_i64(), codes), (Some(14), vec![&json!("SOON"), &json!("LATE"), &Value::Null]));

    buy(&world, &shop, "0933333331", 7).await.expect(201);
    assert_eq!((in_lot(&world, &soon), in_lot(&world, &late)), ((6, 6), (3, 1)));
    assert_eq!(world.count("select count(*) from reservations"), 2, "one for each lot");
    world.pass(TimeDelta::minutes(16));
    world.run_jobs().await;
    assert_eq!((in_lot(&world, &soon), in_lot(&world, &late)), ((6, 0), (3, 0)));

    pass_midnight(&world);
    assert_eq!(world.stock(&shop.product), (14, 0), "nobody has looked at the calendar yet");
    assert_eq!(offered(&world, &shop).await, [8, 8], "but everybody sees what can be bought");
    let told = buy(&world, &shop, "0933333332", 9).await.refused(409, "stock.not_enough");
    let line = json!([{"variant_id": shop.product.variant_id, "wanted": 9, "available": 8}]);
    assert_eq!(told["lines"], line);
    assert_eq!(world.count("select count(*) from reservations where status = 'held'"), 0);
    buy(&world, &shop, "0933333332", 8).await.expect(201);
    assert_eq!((in_lot(&world, &soon), in_lot(&world, &late)), ((6, 0), (3, 3)));

    assert_eq!(offered(&world, &shop).await, [0, 0]);
    world.work(Job::ExpireLots).await.expect("the job");
    assert_eq!((world.stock(&shop.product), offered(&world, &shop).await), ((8, 8), [0, 0]));
    let newest = format!("/v1/producer/variants/{}/stock-movements?limit=1", shop.product.variant_id);
    let moved = producer(&world).get(&newest).await.expect(200)["data"][0].clone();
    let told = (&moved["kind"], &moved["delta"], &moved["saleable_delta"], &moved["lot_code"]);
    assert_eq!(told, (&json!("expired"), &json!(0), &json!(-6), &json!("SOON")));
    assert_eq!(world.count("select count(*) from jobs where kind = 'expire_lots' and done_at is null"), 1, "tomorrow");

    // What is rotten is thrown away by the name of its lot.
    let away = json!({"reason": "spoiled", "delta": -6, "lot_id": soon});
    producer(&world).post(&adjustments(&shop), away.clone()).await.expect(200);
    assert_eq!((in_lot(&world, &soon), world.stock(&shop.product)), ((0, 0), (8, 8)));
    producer(&world).post(&adjustments(&shop), away).await.refused(409, "stock.below_reserved");
    let more = json!({"reason": "counted", "delta": 1, "lot_id": soon});
    let refused = producer(&world).post(&adjustments(&shop), more).await.refused(409, "stock.lot_not_open");
    assert_eq!(refused["current_status"], "expired");
    world.finish().await;
}

#[actix_web::test]
async fn what_a_checkout_holds_of_a_lot_that_expires_stays_its_own_until_it_ends() {
    let world = World::with(&[("CHECKOUT_SECONDS", "86400")]).await;
    let shop = world.shop(PRICE, 0).await;
    let lot = harvest(&world, &shop, ("DAY", 0, 6)).await;
    let first = buyer(&world, "0933333331");
    let paid = world.due(&first, &shop.product, 2, "bank_transfer").await;
    buy(&world, &shop, "0933333332", 3).await.expect(201);
    pass_midnight(&world);
    world.work(Job::ExpireLots).await.expect("the job");
    assert_eq!((world.stock(&shop.product), in_lot(&world, &lot)), ((0, 0), (6, 5)));
    buy(&world, &shop, "0933333333", 1).await.refused(409, "stock.not_enough");

    world.sepay(1, &paid.reference, paid.total).await.expect(200);
    assert_eq!((world.stock(&shop.product), in_lot(&world, &lot)), ((0, 0), (4, 3)));
    let accept = format!("/v1/producer/orders/{}/accept", paid.order_id());
    producer(&world).post(&accept, json!({})).await.expect(200);
    world.pass(TimeDelta::days(1));
    world.run_jobs().await;
    assert_eq!((world.stock(&shop.product), in_lot(&world, &lot)), ((0, 0), (4, 0)), "free, but not for sale");

    let order = paid.checkout["orders"][0]["id"].as_str().expect("an order").to_owned();
    let cancel = format!("/v1/buyer/orders/{order}/cancel");
    buyer(&world, "0933333331").post(&cancel, json!({"reason": "Đặt nhầm"})).await.expect(200);
    assert_eq!((world.stock(&shop.product), in_lot(&world, &lot)), ((0, 0), (6, 0)));
    let back = "select saleable_delta * 100 + delta from stock_movements where kind = 'returned'";
    assert_eq!(world.count(back), 2, "the movement says that nothing became saleable");
    world.finish().await;
}

#[actix_web::test]
async fn a_recalled_lot_is_for_sale_nowhere_at_once_and_everybody_it_concerns_is_known() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 4).await;
    let lot = harvest(&world, &shop, ("BAD", 30, 10)).await;
    let paid = world.due(&buyer(&world, "0933333331"), &shop.product, 2, "bank_transfer").await;
    world.sepay(1, &paid.reference, paid.total).await.expect(200);
    buy(&world, &shop, "0933333332", 3).await.expect(201);
    let gone = buy(&world, &shop, "0933333333", 1).await.expect(201);
    let cancel = format!("/v1/buyer/checkouts/{}/cancel", gone["id"].as_str().expect("an id"));
    buyer(&world, "0933333333").post(&cancel, json!({})).await.expect(200);

    let recall = format!("/v1/producer/lots/{lot}/recall");
    let reason = json!({"reason": "Nhãn in sai"});
    let recalled = producer(&world).post(&recall, reason.clone()).await.expect(200);
    assert_eq!((&recalled["status"], &recalled["status_reason"]), (&json!("recalled"), &json!("Nhãn in sai")));
    assert_eq!(
        (&recalled["concerned"], &recalled["allowed_actions"]),
        (&json!({"orders": 2, "buyers": 2}), &json!([]))
    );
    assert_eq!((world.stock(&shop.product), in_lot(&world, &lot)), ((4, 0), (8, 3)));
    buy(&world, &shop, "0933333333", 5).await.refused(409, "stock.not_enough");
    let again = producer(&world).post(&recall, reason.clone()).await.refused(409, "stock.lot_action_not_allowed");
    assert_eq!(again["current_status"], "recalled");

    let mine = producer(&world).get(&format!("/v1/producer/lots/{lot}/orders")).await.expect(200);
    let row = &mine["data"][0];
    assert_eq!(
        (mine["data"].as_array().map(Vec::len), &row["status"], &row["quantity"]),
        (Some(1), &json!("paid"), &json!(2))
    );
    let first = operator(&world).get(&format!("/v1/operator/lots/{lot}/orders?limit=1")).await.expect(200);
    let cursor = first["page"]["next_cursor"].as_str().expect("a second page");
    let second =
        operator(&world).get(&format!("/v1/operator/lots/{lot}/orders?limit=1&cursor={cursor}")).await.expect(200);
    assert_eq!(
        (&first["data"][0]["status"], &second["data"][0]["status"]),
        (&json!("paid"), &json!("awaiting_payment"))
    );

    // A later cancellation brings goods back that nobody may buy.
    let order = paid.checkout["orders"][0]["id"].as_str().expect("an order").to_owned();
    let refuse = format!("/v1/producer/orders/{order}/refuse");
    producer(&world).post(&refuse, json!({"reason": "Lô bị thu hồi"})).await.expect(200);
    assert_eq!((world.stock(&shop.product), in_lot(&world, &lot)), ((4, 0), (10, 3)));

    // The operator calls back what is anybody's, also what has expired; not what has no label.
    let other = harvest(&world, &shop, ("OLD", 0, 1)).await;
    pass_midnight(&world);
    world.work(Job::ExpireLots).await.expect("the job");
    let recalled =
        operator(&world).post(&format!("/v1/operator/lots/{other}/recall"), reason.clone()).await.expect(200);
    assert_eq!(recalled["status"], "recalled");
    let undated = format!("/v1/operator/lots/{}/recall", shop.product.variant_id);
    operator(&world).post(&undated, reason).await.refused(409, "stock.lot_action_not_allowed");
    world.finish().await;
}

#[actix_web::test]
async fn a_label_opens_a_lot_once_and_goods_never_go_where_they_do_not_belong() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 2).await;
    let lot = harvest(&world, &shop, ("mo-1", 5, 3)).await;
    assert_eq!(harvest(&world, &shop, ("MO-1", 5, 4)).await, lot, "small letters are capitals");
    assert_eq!((in_lot(&world, &lot), world.stock(&shop.product)), ((7, 0), (9, 0)));
    let (client, path) = (producer(&world), adjustments(&shop));
    let labelled = |days: i64| json!({"reason": "harvested", "delta": 1, "lot": {"code": "MO-1", "harvested_on": day(&world, 0), "expires_on": day(&world, days)}});
    client.post(&path, labelled(6)).await.refused(409, "stock.lot_differs");
    let faults = |reply: Value| {
        let named = reply["errors"].as_array().expect("faults").iter();
        named.map(|fault| fault["pointer"].as_str().expect("a pointer").to_owned()).collect::<Vec<_>>()
    };
    let past = client.post(&path, labelled(-1)).await.refused(422, "invalid_input");
    assert_eq!(faults(past), ["/lot/expires_on"]);
    let mut both = labelled(5);
    (both["lot_id"], both["reason"], both["delta"]) = (json!(lot), json!("spoiled"), json!(0));
    assert_eq!(faults(client.post(&path, both).await.refused(422, "invalid_input")), ["/delta", "/lot_id", "/lot"]);

    // Of another product, of another producer, or of nobody: one is like the other.
    let tea = world.product(&shop.operator, &shop.producer, "Chè Shan tuyết", (PRICE, 3)).await;
    let other = world.producer(&shop.operator, "0922222222", "HTX chè Đồng Văn", "00721").await;
    let theirs = world.product(&shop.operator, &other, "Chè Lũng Phìn", (PRICE, 3)).await;
    for stranger in [&tea.variant_id, &theirs.variant_id, &new_key()] {
        let body = json!({"reason": "counted", "delta": -1, "lot_id": stranger});
        assert_eq!(faults(client.post(&path, body).await.refused(422, "invalid_input")), ["/lot_id"]);
    }
    let tea_path = format!("/v1/producer/variants/{}/stock-adjustments", tea.variant_id);
    client.post(&tea_path, labelled(5)).await.refused(409, "stock.lot_differs");

    // What goes out without a lot is what expires first; a named lot goes out by itself.
    client.post(&path, json!({"reason": "sold_elsewhere", "delta": -8})).await.expect(200);
    assert_eq!((in_lot(&world, &lot), in_lot(&world, &shop.product.variant_id)), ((0, 0), (1, 0)));
    client
        .post(&path, json!({"reason": "spoiled", "delta": -1, "lot_id": lot}))
        .await
        .refused(409, "stock.below_reserved");
    client.post(&path, json!({"reason": "spoiled", "delta": -1, "lot_id": shop.product.variant_id})).await.expect(200);
    assert_eq!(world.stock(&shop.product), (0, 0));
    world.finish().await;
}

#[actix_web::test]
async fn a_lot_is_put_right_while_nothing_of_it_is_sold_and_closed_when_it_is_empty() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 0).await;
    let lots = format!("/v1/producer/products/{}/lots", shop.product.id);
    let new = json!({"code": "MO-1", "harvested_on": day(&world, -1), "packed_on": day(&world, 0), "expires_on": day(&world, 0)});
    let client = producer(&world);
    let made = client.post(&lots, new.clone()).await.expect(201);
    client.post(&lots, new).await.refused(409, "stock.lot_code_taken");
    let path = format!("/v1/producer/lots/{}", made["id"].as_str().expect("an id"));
    let body = json!({"reason": "harvested", "delta": 3, "lot_id": made["id"]});
    client.post(&adjustments(&shop), body.clone()).await.expect(200);
    client.post(&format!("{path}/close"), json!({})).await.refused(409, "stock.lot_not_empty");

    // A wrong last day: the lot expired, and is for sale again with the right one.
    pass_midnight(&world);
    world.work(Job::ExpireLots).await.expect("the job");
    assert_eq!(world.stock(&shop.product), (0, 0));
    let client = producer(&world);
    let seen = client.get(&path).await.expect(200);
    assert_eq!((&seen["status"], &seen["levels"][0]["on_hand"]), (&json!("expired"), &json!(3)));
    let version = seen["version"].as_i64().expect("a version");
    let stale = patch(&client, &path, version - 1, json!({"code": "MO-2"})).await.refused(412, "version_stale");
    assert_eq!(stale["current"]["version"], version);
    let right = json!({"expires_on": day(&world, 9), "packed_on": null});
    let edited = patch(&client, &path, version, right).await.expect(200);
    assert_eq!((&edited["status"], &edited["packed_on"]), (&json!("open"), &Value::Null));
    assert_eq!(world.stock(&shop.product), (3, 0));

    let paid = world.due(&buyer(&world, "0933333331"), &shop.product, 3, "bank_transfer").await;
    let version = edited["version"].as_i64().expect("a version");
    patch(&client, &path, version, json!({"code": "MO-2"})).await.refused(409, "stock.lot_sold");
    world.sepay(1, &paid.reference, paid.total).await.expect(200);
    let closed = client.post(&format!("{path}/close"), json!({})).await.expect(200);
    assert_eq!((&closed["status"], &closed["allowed_actions"]), (&json!("closed"), &json!(["edit", "recall"])));
    client.post(&adjustments(&shop), body).await.refused(409, "stock.lot_not_open");
    let order = paid.checkout["orders"][0]["id"].as_str().expect("an order").to_owned();
    client.post(&format!("/v1/producer/orders/{order}/refuse"), json!({"reason": "Hỏng"})).await.expect(200);
    assert_eq!(world.stock(&shop.product), (3, 0), "what comes back to a closed lot is for sale");
    world.finish().await;
}

#[actix_web::test]
async fn lots_and_movements_are_listed_page_by_page() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 1).await;
    for (code, days) in [("C", 9), ("A", 3), ("B", 3), ("D", 12)] {
        harvest(&world, &shop, (code, days, 1)).await;
    }
    let client = producer(&world);
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = client.get(&format!("/v1/producer/lots?limit=2{cursor}")).await.expect(200);
        seen.extend(page["data"].as_array().expect("lots").iter().map(|lot| lot["code"].clone()));
        let Some(next) = page["page"]["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, [json!("A"), json!("B"), json!("C"), json!("D"), Value::Null]);
    let found = client.get("/v1/producer/lots?code=c&status=open").await.expect(200);
    assert_eq!((found["data"].as_array().map(Vec::len), &found["data"][0]["code"]), (Some(1), &json!("C")));
    let all = operator(&world).get(&format!("/v1/operator/lots?producer_id={}", shop.producer.id)).await.expect(200);
    assert_eq!(all["data"].as_array().map(Vec::len), Some(5));

    let movements = format!("/v1/producer/variants/{}/stock-movements?limit=3", shop.product.variant_id);
    let first = client.get(&movements).await.expect(200);
    let cursor = first["page"]["next_cursor"].as_str().expect("more");
    let second = client.get(&format!("{movements}&cursor={cursor}")).await.expect(200);
    let codes =
        |page: &Value| page["data"].as_array().expect("rows").iter().map(|m| m["lot_code"].clone()).collect::<Vec<_>>();
    assert_eq!(codes(&first), ["D", "B", "A"]);
    assert_eq!(codes(&second), [json!("C"), Value::Null]);
    assert_eq!(second["page"]["next_cursor"], Value::Null);
    world.finish().await;
}

/// OFN #979: setting a stock while orders run reset what buyers had done meanwhile.
#[actix_web::test]
async fn ofn_979_a_count_does_not_undo_what_buyers_did_meanwhile() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 10).await;
    let client = producer(&world);
    let count =
        |expected: i64, counted: i64| json!({"expected_on_hand": expected, "counted": counted, "note": "Kiểm kho"});
    let paid = world.due(&buyer(&world, "0933333331"), &shop.product, 2, "bank_transfer").await;
    world.sepay(1, &paid.reference, paid.total).await.expect(200);
    let told = client.post(&counts(&shop), count(10, 9)).await.refused(409, "stock.changed");
    assert_eq!((&told["on_hand"], &told["reserved"]), (&json!(8), &json!(0)));
    assert_eq!(told["movements"].as_array().map(Vec::len), Some(1), "only what happened since");
    assert_eq!((&told["movements"][0]["kind"], &told["movements"][0]["saleable_delta"]), (&json!("sold"), &json!(-2)));
    assert_eq!(world.stock(&shop.product), (8, 0));

    let counted = client.post(&counts(&shop), count(8, 7)).await.expect(200);
    assert_eq!((&counted["on_hand"], &counted["available"]), (&json!(7), &json!(7)));
    buy(&world, &shop, "0933333332", 5).await.expect(201);
    let below = client.post(&counts(&shop), count(7, 4)).await.refused(409, "stock.below_reserved");
    assert_eq!((&below["on_hand"], &below["reserved"]), (&json!(7), &json!(5)));
    client.post(&counts(&shop), count(7, 7)).await.expect(200);
    assert_eq!(world.count("select count(*) from stock_movements where kind = 'counted'"), 2, "also what was right");

    // One lot is counted by itself.
    let lot = harvest(&world, &shop, ("MO-1", 5, 6)).await;
    let mut of_lot = count(5, 8);
    of_lot["lot_id"] = json!(lot);
    let told = client.post(&counts(&shop), of_lot.clone()).await.refused(409, "stock.changed");
    assert_eq!(told["on_hand"], 6);
    of_lot["expected_on_hand"] = json!(6);
    client.post(&counts(&shop), of_lot).await.expect(200);
    assert_eq!((in_lot(&world, &lot), world.stock(&shop.product)), ((8, 0), (15, 5)));
    world.finish().await;
}
