//! What happens to people's complaints, messages, reviews, vouchers, goods and profiles is told them, once each time.

use chrono::TimeDelta;
use ocop_market::jobs::Job;
use serde_json::{Value, json};

use crate::support::money::{Due, Shop};
use crate::support::{Client, World, new_key, new_product, new_voucher, registration};

const BUYER: &str = "0933333333";
const PRODUCER: &str = "0911111111";
const OPERATOR: &str = "0900000001";
const PRICE: i64 = 120_000;

impl World {
    /// The topics of somebody's notices that begin so, the oldest first.
    fn topics(&self, phone: &str, of: &str) -> String {
        let account = self.account(phone);
        self.text(&format!(
            "select string_agg(topic, ' ' order by id) from notices where account_id = '{account}' and topic like '{of}%'"
        ))
    }

    /// A fact of somebody's newest notice.
    fn fact(&self, phone: &str, name: &str) -> String {
        let account = self.account(phone);
        self.text(&format!(
            "select facts ->> '{name}' from notices where account_id = '{account}' order by id desc limit 1"
        ))
    }
}

/// A world with a paid order of two.
struct Sold {
    world: World,
    shop: Shop,
    buyer: Client,
    due: Due,
}

impl Sold {
    async fn new() -> Sold {
        let world = World::start().await;
        let shop = world.shop(PRICE, 20).await;
        let buyer = world.buyer(BUYER).await;
        let due = world.due(&buyer, &shop.product, 2, "bank_transfer").await;
        world.sepay(1, &due.reference, due.total).await.expect(200);
        world.run_jobs().await;
        Sold { world, shop, buyer, due }
    }

    async fn complain(&self, client_ref: &str) -> Value {
        let body = json!({"kind": "damaged", "text": "Hai chai mật ong bị vỡ.", "client_ref": client_ref});
        let reply = self.buyer.post(&format!("/v1/buyer/orders/{}/complaints", self.due.order_id()), body).await;
        assert!(matches!(reply.status, 200 | 201), "{}", reply.text);
        reply.json
    }

    fn both(&self) -> (String, String) {
        (self.world.topics(BUYER, "complaint"), self.world.topics(PRODUCER, "complaint"))
    }
}

fn text() -> Value {
    json!({"text": "Đã xem xét."})
}

fn pair(buyer: &str, producer: &str) -> (String, String) {
    (buyer.to_owned(), producer.to_owned())
}

#[actix_web::test]
async fn both_sides_hear_of_a_complaint_and_of_every_step_that_is_not_their_own() {
    let sold = Sold::new().await;
    let client_ref = new_key();
    let complaint = sold.complain(&client_ref).await;
    assert_eq!(sold.complain(&client_ref).await["id"], complaint["id"]);
    assert_eq!(sold.both(), pair("complaint_opened", "complaint_opened"), "a repetition tells nothing twice");
    assert_eq!(sold.world.fact(BUYER, "due_on"), complaint["due_on"].as_str().expect("a day"));
    let path =
        |side: &str, verb: &str| format!("/v1/{side}/complaints/{}/{verb}", complaint["id"].as_str().expect("an id"));
    let (operator, producer) = (&sold.shop.operator, &sold.shop.producer.client);
    operator.post(&path("operator", "acknowledge"), json!({})).await.expect(200);
    operator.post(&path("operator", "negotiate"), json!({})).await.expect(200);
    producer.post(&path("producer", "answer"), text()).await.expect(200);
    sold.buyer.post(&path("buyer", "answer"), text()).await.expect(200);
    sold.buyer.post(&path("buyer", "answer"), text()).await.expect(200);
    operator.post(&path("operator", "settle"), text()).await.expect(200);
    assert_eq!(
        sold.both(),
        pair(
            "complaint_opened complaint_acknowledged complaint_negotiating complaint_answered complaint_settled",
            "complaint_opened complaint_acknowledged complaint_received complaint_answered complaint_answered complaint_settled"
        )
    );
    sold.buyer.post(&path("buyer", "escalate"), text()).await.expect(200);
    operator.post(&path("operator", "close"), text()).await.expect(200);
    let (to_buyer, to_producer) = sold.both();
    assert!(to_buyer.ends_with("complaint_settled complaint_closed"), "{to_buyer}");
    assert!(to_producer.ends_with("complaint_settled complaint_escalated complaint_closed"), "{to_producer}");
    sold.world.finish().await;
}

#[actix_web::test]
async fn a_complaint_that_is_refused_or_withdrawn_is_told_to_whom_it_concerns() {
    let sold = Sold::new().await;
    let refused = sold.complain(&new_key()).await;
    let path = format!("/v1/operator/complaints/{}/refuse", refused["id"].as_str().expect("an id"));
    sold.shop.operator.post(&path, text()).await.expect(200);
    let withdrawn = sold.complain(&new_key()).await;
    let path = format!("/v1/buyer/complaints/{}/withdraw", withdrawn["id"].as_str().expect("an id"));
    sold.buyer.post(&path, json!({})).await.expect(200);
    assert_eq!(
        sold.both(),
        pair(
            "complaint_opened complaint_refused complaint_opened",
            "complaint_opened complaint_refused complaint_opened complaint_closed"
        )
    );
    sold.world.finish().await;
}

#[actix_web::test]
async fn a_message_is_told_once_until_the_other_side_reads_on() {
    let sold = Sold::new().await;
    let path = |side: &str, what: &str| format!("/v1/{side}/orders/{}/{what}", sold.due.order_id());
    let producer = &sold.shop.producer.client;
    let write = async |client: &Client, side: &str| {
        client.post(&path(side, "messages"), json!({"text": "Khi nào gửi hàng?"})).await.expect(201);
    };
    write(&sold.buyer, "buyer").await;
    write(&sold.buyer, "buyer").await;
    assert_eq!(sold.world.topics(PRODUCER, "message"), "message_received");
    assert_eq!(sold.world.fact(PRODUCER, "sender_name"), "Nguyễn Thị Hoà");
    producer.post(&path("producer", "read-messages"), json!({"number": 2})).await.expect(200);
    write(&sold.buyer, "buyer").await;
    assert_eq!(sold.world.topics(PRODUCER, "message"), "message_received message_received");
    assert_eq!(sold.world.topics(BUYER, "message"), "");
    write(producer, "producer").await;
    assert_eq!(sold.world.topics(BUYER, "message"), "message_received");
    assert_eq!(sold.world.fact(BUYER, "sender_name"), "Hộ nuôi ong Mèo Vạc");
    sold.world.finish().await;
}

#[actix_web::test]
async fn a_review_tells_its_producer_and_what_becomes_of_it_its_author() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 20).await;
    let buyer = world.buyer(BUYER).await;
    let order = world.delivered(&buyer, &shop.producer, &shop.product, 1).await;
    let opinion = json!({"product_id": shop.product.id, "stars": 4, "text": "Mật thơm."});
    let review = buyer.post(&format!("/v1/buyer/orders/{order}/reviews"), opinion).await.expect(201);
    assert_eq!((world.topics(PRODUCER, "review"), world.fact(PRODUCER, "stars")), pair("review_written", "4"));
    let path = |side: &str, verb: &str| format!("/v1/{side}/reviews/{}/{verb}", review["id"].as_str().expect("an id"));
    for words in ["Cảm ơn.", "Cảm ơn bạn."] {
        shop.producer.client.post(&path("producer", "answer"), json!({"text": words})).await.expect(200);
    }
    assert_eq!(world.topics(BUYER, "review"), "review_answered", "written anew, it is the same answer");
    let hide = || json!({"reason": "insult", "note": "Lời lẽ xúc phạm."});
    shop.operator.post(&path("operator", "hide"), hide()).await.expect(200);
    assert_eq!(world.fact(BUYER, "reason"), "Lời lẽ xúc phạm.");
    buyer.post(&path("buyer", "appeal"), json!({"text": "Không xúc phạm ai."})).await.expect(200);
    shop.operator.post(&path("operator", "uphold"), json!({"note": "Vẫn xúc phạm."})).await.expect(200);
    shop.operator.post(&path("operator", "restore"), json!({"note": "Nhầm."})).await.expect(200);
    shop.operator.post(&path("operator", "hide"), hide()).await.expect(200);
    let told = "review_answered review_hidden review_upheld review_restored review_hidden";
    assert_eq!(world.topics(BUYER, "review"), told);
    world.finish().await;
}

#[actix_web::test]
async fn who_pays_for_a_voucher_hears_once_that_it_is_used_up() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 20).await;
    let mut voucher = new_voucher("amount");
    voucher["uses_max"] = json!(1);
    voucher["uses_per_buyer_max"] = json!(1);
    let made = shop.producer.client.post("/v1/producer/vouchers", voucher).await.expect(201);
    let buyer = world.buyer(BUYER).await;
    buyer.put_in_cart(&shop.product.variant_id, 1).await;
    let quote = buyer.quote(json!({"commune_code": "00721", "voucher_code": made["code"]})).await.expect(200);
    let total = quote["total_vnd"].as_i64().expect("đồng");
    let mut body = crate::support::checkout(total);
    body["quote_id"] = quote["id"].clone();
    body["contract_sha256"] = quote["contract_sha256"].clone();
    let checkout = buyer.post("/v1/buyer/checkouts", body).await.expect(201);
    assert_eq!(world.topics(PRODUCER, "voucher"), "", "an unpaid purchase may give it back");
    let attempt = buyer.start_attempt(&checkout, "bank_transfer").await;
    world.sepay(1, attempt["reference"].as_str().expect("a reference"), total).await.expect(200);
    world.run_jobs().await;
    assert_eq!((world.topics(PRODUCER, "voucher"), world.topics(OPERATOR, "voucher")), pair("voucher_spent_out", ""));
    let checkout_id = checkout["id"].as_str().expect("an id").parse().expect("an id");
    world.work(Job::OrdersPaid { checkout_id }).await.expect("again");
    assert_eq!(world.topics(PRODUCER, "voucher"), "voucher_spent_out");
    let spent = world.text("select facts ->> 'spent_vnd' from notices where topic = 'voucher_spent_out'");
    assert_eq!(spent, (PRICE - total).to_string());
    world.finish().await;
}

#[actix_web::test]
async fn everybody_who_paid_for_goods_of_a_recalled_lot_is_told_not_to_eat_them() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 0).await;
    let variant = &shop.product.variant_id;
    let today = ocop_market::kernel::time::vietnam_day(world.app.db.clock.now());
    let lot = json!({"code": "BAD-1", "harvested_on": today, "expires_on": today + TimeDelta::days(30)});
    let body = json!({"reason": "harvested", "delta": 10, "lot": lot});
    let path = format!("/v1/producer/variants/{variant}/stock-adjustments");
    let stock = shop.producer.client.post(&path, body).await.expect(200);
    let lot = stock["lot_id"].as_str().expect("a lot").to_owned();
    for (number, phone) in (1..).zip(["0933333331", "0933333332"]) {
        let due = world.due(&world.buyer(phone).await, &shop.product, 2, "bank_transfer").await;
        world.sepay(number, &due.reference, due.total).await.expect(200);
    }
    world.due(&world.buyer("0933333335").await, &shop.product, 1, "bank_transfer").await;
    let recall = json!({"reason": "Nhiễm nấm mốc"});
    shop.operator.post(&format!("/v1/operator/lots/{lot}/recall"), recall).await.expect(200);
    world.run_jobs().await;
    let told = |world: &World| ["0933333331", "0933333332", "0933333335"].map(|phone| world.topics(phone, "lot"));
    assert_eq!(told(&world), ["lot_recalled", "lot_recalled", ""], "who has not paid has no goods");
    let facts = ["product_title", "lot_code", "reason"].map(|name| world.fact("0933333331", name));
    assert_eq!(facts, ["Mật ong bạc hà", "BAD-1", "Nhiễm nấm mốc"]);
    world.work(Job::TellRecall { lot_id: lot.parse().expect("an id"), after: None }).await.expect("again");
    assert_eq!(told(&world), ["lot_recalled", "lot_recalled", ""]);
    world.finish().await;
}

#[actix_web::test]
async fn a_producer_hears_what_was_decided_on_its_profile_and_its_products() {
    let world = World::start().await;
    let operator = world.operator().await;
    let producer = world.sign_in(PRODUCER, "producer").await;
    let registered =
        producer.post("/v1/producer/registration", registration("Hộ nuôi ong Mèo Vạc", "00769")).await.expect(201);
    let id = registered["id"].as_str().expect("an id").to_owned();
    let decide = |verb: &str| format!("/v1/operator/producers/{id}/{verb}");
    let reason = || json!({"reason": "Thiếu giấy chứng nhận"});
    producer.post("/v1/producer/profile/submit", json!({})).await.expect(200);
    for _ in 0..2 {
        operator.post(&decide("request-changes"), reason()).await.expect(200);
        world.run_jobs().await;
        producer.post("/v1/producer/profile/submit", json!({})).await.expect(200);
    }
    assert_eq!(world.fact(PRODUCER, "reason"), "Thiếu giấy chứng nhận");
    operator.post(&decide("approve"), json!({})).await.expect(200);
    world.run_jobs().await;
    world.work(Job::ProducerDecided { producer_id: id.parse().expect("an id") }).await.expect("again");
    assert_eq!(world.topics(PRODUCER, "producer"), "producer_needs_changes producer_needs_changes producer_approved");

    let made = producer.post("/v1/producer/products", new_product("Mật ong bạc hà", PRICE, 5)).await.expect(201);
    let product = made["id"].as_str().expect("an id");
    let submit = format!("/v1/producer/products/{product}/submit");
    let decide = |verb: &str| format!("/v1/operator/products/{product}/{verb}");
    producer.post(&submit, json!({})).await.expect(200);
    operator.post(&decide("request-changes"), reason()).await.expect(200);
    producer.post(&submit, json!({})).await.expect(200);
    operator.post(&decide("publish"), json!({})).await.expect(200);
    let other = producer.post("/v1/producer/products", new_product("Rượu ngô", PRICE, 5)).await.expect(201);
    let other = other["id"].as_str().expect("an id");
    producer.post(&format!("/v1/producer/products/{other}/submit"), json!({})).await.expect(200);
    operator.post(&format!("/v1/operator/products/{other}/reject"), reason()).await.expect(200);
    assert_eq!(world.topics(PRODUCER, "product_"), "product_needs_changes product_published product_rejected");
    world.finish().await;
}
