//! An order and the way of its goods: a parcel that it follows, or a code at a stall.

use chrono::TimeDelta;
use diesel::prelude::*;
use serde_json::{Value, json};

use crate::support::carriers::FakeGhn;
use crate::support::money::{Due, Shop};
use crate::support::{CARRIER_SECRET, Client, Reply, World, new_product};

const PRICE: i64 = 120_000;
const BUYER: &str = "0933333333";
const PRODUCER: &str = "0911111111";

struct Sale {
    world: World,
    shop: Shop,
    buyer: Client,
    due: Due,
}

impl Sale {
    /// A paid order of two that comes this way.
    async fn on(world: World, delivery_code: &str) -> Sale {
        let shop = world.shop(PRICE, 20).await;
        let buyer = world.buyer(BUYER).await;
        let due = world.due(&buyer, &shop.product, 2, "bank_transfer").await;
        let set = format!("update orders set delivery_code = '{delivery_code}' where id = '{}'", due.order_id());
        diesel::sql_query(set).execute(&mut world.database.owner()).expect("the way");
        world.sepay(1, &due.reference, due.total).await.expect(200);
        world.run_jobs().await;
        Sale { world, shop, buyer, due }
    }

    async fn sells(&self, action: &str, body: Value) -> Reply {
        let client = self.world.session(PRODUCER, "producer", TimeDelta::zero()).1;
        client.post(&format!("/v1/producer/orders/{}/{action}", self.due.order_id()), body).await
    }

    async fn goes(&self, actions: &[&str]) -> Value {
        let mut order = Value::Null;
        for action in actions {
            order = self.sells(action, json!({})).await.expect(200);
        }
        order
    }

    fn parcel(&self, column: &str) -> String {
        self.world.text(&format!("select {column} from shipments"))
    }

    fn status(&self) -> String {
        self.world.text("select status from orders")
    }

    /// What GHN says of the parcel at a second of a minute.
    async fn ghn_says(&self, status: &str, second: u32) {
        let body = json!({"OrderCode": "GHN00001", "ClientOrderCode": self.parcel("id"), "Type": "switch_status",
            "Status": status, "Time": format!("2026-11-24T03:00:{second:02}.158Z")});
        let path = format!("/v1/callbacks/ghn?hash={CARRIER_SECRET}");
        let headers = [("content-type", "application/json")];
        let visitor = self.world.visitor();
        visitor.send(reqwest::Method::POST, &path, &headers, Some(body.to_string())).await.expect(200);
    }
}

/// A sale by GHN, handed over and booked.
async fn by_ghn() -> (FakeGhn, Sale) {
    let ghn = FakeGhn::start();
    let world = World::with(&[("GHN_BASE_URL", ghn.url.as_str())]).await;
    let sale = Sale::on(world, "carrier:ghn").await;
    let rows =
        ["00769", "00721"].map(|code| json!({"commune_code": code, "district_code": "2269", "ward_code": "830101"}));
    let body = json!({"carrier": "ghn", "rows": rows});
    sale.shop.operator.post("/v1/operator/carrier-addresses", body).await.expect(200);
    let order = sale.goes(&["accept", "pack", "hand-over"]).await;
    assert_eq!((&order["status"], &order["allowed_actions"]), (&json!("handed_over"), &json!([])));
    sale.world.run_jobs().await;
    assert_eq!(sale.parcel("booking"), "booked");
    (ghn, sale)
}

#[actix_web::test]
async fn a_hand_over_opens_one_parcel_with_what_the_order_says() {
    let sale = Sale::on(World::start().await, "own").await;
    sale.goes(&["accept", "pack"]).await;
    assert_eq!(sale.world.count("select count(*) from shipments"), 0);
    sale.goes(&["hand-over"]).await;
    let weight = sale.world.text("select sum(quantity * net_weight_g) from order_lines");
    let facts = "concat_ws('|', method, booking, status, weight_g, goods_vnd, recipient_name, recipient_commune_code)";
    assert_eq!(sale.parcel(facts), format!("own|none|created|{weight}|240000|Nguyễn Thị Hoà|00721"));
    sale.sells("hand-over", json!({})).await.refused(409, "orders.illegal_action");
    assert_eq!(sale.world.count("select count(*) from shipments"), 1);
    sale.world.finish().await;
}

#[actix_web::test]
async fn a_carriers_messages_move_the_order_and_its_producer_does_not() {
    let (ghn, sale) = by_ghn().await;
    for (action, body) in [
        ("deliver", json!({})),
        ("fail-delivery", json!({"reason": "Không có ai"})),
        ("send-back", json!({"reason": "Không có ai"})),
    ] {
        let problem = sale.sells(action, body).await;
        assert_eq!(problem.refused(409, "orders.carrier_tells")["allowed_actions"], json!([]), "{action}");
    }
    assert_eq!(sale.status(), "handed_over");
    for (said, second, status) in [
        ("picked", 1, "in_transit"),
        ("delivering", 2, "in_transit"),
        ("delivery_fail", 3, "delivery_failed"),
        ("delivering", 4, "in_transit"),
        ("delivered", 5, "delivered"),
        ("delivering", 6, "delivered"),
    ] {
        sale.ghn_says(said, second).await;
        sale.world.run_jobs().await;
        assert_eq!(sale.status(), status, "{said}");
    }
    assert_eq!(sale.world.count("select count(*) from jobs where dead_at is not null or last_error is not null"), 0);
    sale.world.finish().await;
    ghn.stop().await;
}

#[actix_web::test]
async fn messages_that_come_late_doubled_and_out_of_order_end_where_the_parcel_does() {
    let (ghn, sale) = by_ghn().await;
    for (said, second) in [("delivered", 9), ("picked", 1), ("delivered", 9), ("delivery_fail", 4), ("picked", 1)] {
        sale.ghn_says(said, second).await;
    }
    sale.world.run_jobs().await;
    assert_eq!((sale.status().as_str(), sale.parcel("status").as_str()), ("delivered", "delivered"));
    assert_eq!(sale.world.count("select count(*) from order_events where event = 'deliver'"), 1);
    sale.world.finish().await;
    ghn.stop().await;
}

#[actix_web::test]
async fn what_a_carrier_brings_back_is_owed_though_nobody_said_that_it_was_on_its_way_back() {
    let (ghn, sale) = by_ghn().await;
    sale.ghn_says("delivery_fail", 2).await;
    sale.world.run_jobs().await;
    sale.ghn_says("returned", 3).await;
    sale.world.run_jobs().await;
    assert_eq!(sale.status(), "returned");
    assert_eq!(sale.world.reviews(), ["refund_due 240000"]);
    assert_eq!(
        sale.world.stock(&sale.shop.product),
        (18, 0),
        "whether it can be sold again is for the producer to say"
    );
    sale.world.finish().await;
    ghn.stop().await;
}

#[actix_web::test]
async fn a_lost_parcel_moves_no_order_is_noted_and_leaves_the_word_to_the_producer() {
    let (ghn, sale) = by_ghn().await;
    sale.ghn_says("picked", 1).await;
    sale.ghn_says("lost", 2).await;
    sale.world.run_jobs().await;
    assert_eq!((sale.status().as_str(), sale.parcel("status").as_str()), ("handed_over", "lost"));
    let noted =
        "select count(*) from audit_events where action = 'order.parcel_in_trouble' and detail->>'status' = 'lost'";
    assert!(sale.world.count(noted) > 0);
    let order = sale.sells("send-back", json!({"reason": "Hãng làm mất hàng"})).await.expect(200);
    assert_eq!(order["allowed_actions"], json!(["receive-return"]));
    sale.goes(&["receive-return"]).await;
    sale.world.run_jobs().await;
    assert_eq!(sale.world.reviews(), ["refund_due 240000"]);
    sale.world.finish().await;
    ghn.stop().await;
}

#[actix_web::test]
async fn of_a_parcel_that_was_given_to_its_carrier_by_hand_the_producer_tells() {
    let sale = Sale::on(World::with(&[("GHN_TOKEN", "")]).await, "carrier:ghn").await;
    sale.goes(&["accept", "pack", "hand-over"]).await;
    sale.sells("deliver", json!({})).await.refused(409, "orders.carrier_tells");
    sale.world.run_jobs().await;
    assert_eq!(sale.parcel("booking"), "by_hand");
    let path = format!("/v1/producer/orders/{}", sale.due.order_id());
    let order = sale.shop.producer.client.get(&path).await.expect(200);
    assert_eq!(order["allowed_actions"], json!(["fail-delivery", "send-back", "deliver"]));
    assert_eq!(sale.goes(&["deliver"]).await["status"], "delivered");
    sale.world.finish().await;
}

/// A paid and packed order that its buyer chose to fetch at the producer's stall.
async fn fetched() -> Sale {
    let world = World::start().await;
    let shop = world.shop(PRICE, 20).await;
    let point = json!({"name": "Chợ trung tâm Đồng Văn", "place": {"commune_code": "00769"}, "address": "Quầy số 3",
        "opening": "7 giờ đến 17 giờ", "keeps_cold": false});
    let stall = shop.producer.client.post("/v1/producer/pickup-points", point).await.expect(201);
    let code = format!("pickup:{}", stall["id"].as_str().expect("an id"));
    let buyer = world.buyer(BUYER).await;
    buyer.put_in_cart(&shop.product.variant_id, 2).await;
    let ways = json!({"commune_code": "00721", "ways": [{"producer_id": shop.producer.id, "code": code}]});
    let quote = buyer.quote(ways).await.expect(200);
    let mut body = crate::support::checkout_body(2 * PRICE);
    body["quote_id"] = quote["id"].clone();
    body["contract_sha256"] = quote["contract_sha256"].clone();
    let checkout = buyer.post("/v1/buyer/checkouts", body).await.expect(201);
    let attempt = buyer.start_attempt(&checkout, "bank_transfer").await;
    let reference = attempt["reference"].as_str().expect("a reference").to_owned();
    let due = Due { checkout, attempt, reference, total: 2 * PRICE };
    world.sepay(1, &due.reference, due.total).await.expect(200);
    world.run_jobs().await;
    let sale = Sale { world, shop, buyer, due };
    let order = sale.goes(&["accept", "pack"]).await;
    assert_eq!(order["allowed_actions"], json!(["refuse", "make-ready"]));
    sale
}

#[actix_web::test]
async fn what_is_fetched_is_given_for_the_code_that_only_the_buyer_sees() {
    let sale = fetched().await;
    sale.sells("hand-over", json!({})).await.refused(409, "orders.illegal_action");
    let ready = sale.goes(&["make-ready"]).await;
    assert_eq!((&ready["status"], &ready["pickup_code"]), (&json!("ready_for_pickup"), &Value::Null));
    let path = format!("/v1/buyer/orders/{}", sale.due.order_id());
    let seen = sale.buyer.get(&path).await.expect(200);
    let code = seen["pickup_code"].as_str().expect("a code").to_owned();
    assert_eq!(code.len(), 8);
    let inbox = sale.buyer.get("/v1/auth/notices").await.expect(200);
    assert_eq!(inbox["data"][0]["topic"], "ready_for_pickup");
    let facts =
        json!({"order_code": seen["code"], "place_name": "Chợ trung tâm Đồng Văn", "opening": "7 giờ đến 17 giờ"});
    assert_eq!(inbox["data"][0]["facts"], facts);
    assert!(!inbox.to_string().contains(&code), "a notice leaves by SMS, the code does not");

    let missing = sale.sells("deliver", json!({})).await;
    assert_eq!((missing.status, &missing.json["errors"][0]["pointer"]), (422, &json!("/pickup_code")));
    let wrong = if code == "00000000" { "00000001" } else { "00000000" };
    sale.sells("deliver", json!({"pickup_code": wrong})).await.refused(409, "orders.wrong_pickup_code");
    assert_eq!(sale.buyer.get(&path).await.expect(200), seen, "a wrong code changes nothing");
    let said = format!(" {}-{} ", &code[..4].to_lowercase(), &code[4..]);
    let given = sale.sells("deliver", json!({"pickup_code": said})).await.expect(200);
    assert_eq!(given["status"], "delivered");
    assert_eq!(sale.world.count("select count(*) from shipments"), 0);
    sale.world.finish().await;
}

#[actix_web::test]
async fn what_is_brought_is_not_made_ready_and_needs_no_code() {
    let sale = Sale::on(World::start().await, "own").await;
    let packed = sale.goes(&["accept", "pack"]).await;
    assert_eq!(packed["allowed_actions"], json!(["refuse", "hand-over"]));
    let problem = sale.sells("make-ready", json!({})).await;
    assert_eq!(problem.refused(409, "orders.illegal_action")["allowed_actions"], json!(["refuse", "hand-over"]));
    assert_eq!(sale.goes(&["hand-over", "deliver"]).await["status"], "delivered");
    sale.world.finish().await;
}

#[actix_web::test]
async fn what_does_not_keep_is_claimed_within_a_day() {
    let world = World::start().await;
    let mut shop = world.shop(PRICE, 20).await;
    let mut fresh = new_product("Cam sành", PRICE, 20);
    fresh["transport_class"] = json!("fresh_short");
    let made = shop.producer.client.post("/v1/producer/products", fresh).await.expect(201);
    shop.product.id = made["id"].as_str().expect("an id").to_owned();
    shop.product.variant_id = made["variants"][0]["id"].as_str().expect("an id").to_owned();
    let path = format!("/v1/producer/products/{}/submit", shop.product.id);
    shop.producer.client.post(&path, json!({})).await.expect(200);
    shop.operator.post(&format!("/v1/operator/products/{}/publish", shop.product.id), json!({})).await.expect(200);
    let buyer = world.buyer(BUYER).await;
    world.delivered(&buyer, &shop.producer, &shop.product, 1).await;
    world.pass(TimeDelta::minutes(24 * 60 - 1));
    world.run_jobs().await;
    assert_eq!(world.text("select status from orders"), "delivered");
    world.pass(TimeDelta::minutes(1));
    world.run_jobs().await;
    assert_eq!(world.text("select status from orders"), "completed");
    world.finish().await;
}
