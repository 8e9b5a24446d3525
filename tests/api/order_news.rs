//! Who is told of an order's way, and who is reminded when nobody answers.

use chrono::TimeDelta;
use ocop_market::identity::{self, GrantRole, NewGrant};
use ocop_market::kernel::{Actor, PhoneNumber, Territory};
use serde_json::{Value, json};

use crate::support::money::Due;
use crate::support::{Client, Reply, World};

const PRICE: i64 = 120_000;
const BUYER: &str = "0933333333";
const PRODUCER: &str = "0911111111";

/// A paid order of which the jobs have run.
struct Sale {
    world: World,
    due: Due,
}

impl Sale {
    async fn start() -> Sale {
        let world = World::start().await;
        let shop = world.shop(PRICE, 20).await;
        let due = world.due(&world.buyer(BUYER).await, &shop.product, 2, "bank_transfer").await;
        world.sepay(1, &due.reference, due.total).await.expect(200);
        world.run_jobs().await;
        Sale { world, due }
    }

    fn as_now(&self, phone: &str, audience: &str) -> Client {
        self.world.session(phone, audience, TimeDelta::zero()).1
    }

    async fn sells(&self, action: &str, body: Value) -> Reply {
        let path = format!("/v1/producer/orders/{}/{action}", self.due.order_id());
        self.as_now(PRODUCER, "producer").post(&path, body).await
    }

    async fn goes(&self, actions: &[&str]) {
        for action in actions {
            self.sells(action, json!({})).await.expect(200);
        }
    }

    async fn buys(&self, action: &str, body: Value) {
        let path = format!("/v1/buyer/orders/{}/{action}", self.due.order_id());
        self.as_now(BUYER, "buyer").post(&path, body).await.expect(200);
    }

    async fn inbox(&self, phone: &str, audience: &str) -> Vec<Value> {
        let page = self.as_now(phone, audience).get("/v1/auth/notices?limit=100").await.expect(200);
        let mut notices = page["data"].as_array().expect("notices").clone();
        // How the shop came to be is no news of its order.
        notices.retain(|notice| !notice["topic"].as_str().is_some_and(|topic| topic.starts_with("produc")));
        notices.reverse();
        notices
    }

    /// The topics of an inbox, the oldest first.
    async fn told(&self, phone: &str, audience: &str) -> Vec<String> {
        topics(&self.inbox(phone, audience).await)
    }

    async fn buyer_told(&self) -> Vec<String> {
        self.told(BUYER, "buyer").await
    }

    async fn producer_told(&self) -> Vec<String> {
        self.told(PRODUCER, "producer").await
    }

    /// What other systems are told, the oldest first.
    fn emitted(&self) -> String {
        self.world.text(
            "select string_agg(event_type, ' ' order by id) from webhook_events where event_type ~ '^(order|claim)'",
        )
    }
}

fn topics(notices: &[Value]) -> Vec<String> {
    notices.iter().map(|notice| notice["topic"].as_str().expect("a topic").to_owned()).collect()
}

#[actix_web::test]
async fn a_payment_tells_the_producer_by_its_job_and_once() {
    let sale = Sale::start().await;
    let inbox = sale.inbox(PRODUCER, "producer").await;
    assert_eq!(topics(&inbox), ["order_paid"]);
    let code = sale.world.text("select code from orders");
    assert_eq!((&inbox[0]["facts"]["order_code"], &inbox[0]["facts"]["total_vnd"]), (&json!(code), &json!(240_000)));
    assert!(sale.buyer_told().await.is_empty(), "the buyer paid himself");
    assert_eq!(sale.emitted(), "order.paid");
    let checkout_id = sale.due.id().parse().expect("an id");
    sale.world.work(ocop_market::jobs::Job::OrdersPaid { checkout_id }).await.expect("again");
    assert_eq!(sale.producer_told().await, ["order_paid"]);
    assert_eq!(sale.emitted(), "order.paid");
    sale.world.finish().await;
}

#[actix_web::test]
async fn an_answer_and_the_way_to_the_door_tell_the_buyer() {
    let sale = Sale::start().await;
    sale.goes(&["accept", "pack", "hand-over", "deliver"]).await;
    let inbox = sale.inbox(BUYER, "buyer").await;
    assert_eq!(topics(&inbox), ["order_accepted", "order_packed", "order_handed_over", "order_delivered"]);
    assert_eq!(inbox[2]["facts"]["carrier_name"], "Hộ nuôi ong Mèo Vạc");
    assert_eq!(
        inbox[3]["facts"]["claim_by"],
        json!(
            sale.world
                .text("select to_json(due_at)#>>'{}' from orders")
                .parse::<chrono::DateTime<chrono::Utc>>()
                .expect("a moment")
        )
    );
    sale.buys("confirm-receipt", json!({})).await;
    assert_eq!(sale.producer_told().await, ["order_paid"]);
    assert_eq!(
        sale.emitted(),
        "order.paid order.accepted order.packed order.handed_over order.delivered order.completed"
    );
    sale.world.finish().await;
}

#[actix_web::test]
async fn a_refusal_tells_the_buyer_why_and_what_is_owed() {
    let sale = Sale::start().await;
    sale.sells("refuse", json!({"reason": "Hết hàng"})).await.expect(200);
    sale.world.run_jobs().await;
    let inbox = sale.inbox(BUYER, "buyer").await;
    assert_eq!(topics(&inbox), ["order_refused", "refund_owed"]);
    assert_eq!((&inbox[0]["facts"]["reason"], &inbox[0]["facts"]["refund_vnd"]), (&json!("Hết hàng"), &json!(240_000)));
    assert_eq!(inbox[1]["facts"]["refund_vnd"], 240_000);
    assert_eq!(sale.emitted(), "order.paid order.refused");
    sale.world.finish().await;
}

#[actix_web::test]
async fn a_buyer_who_cancels_tells_the_producer() {
    let sale = Sale::start().await;
    sale.buys("cancel", json!({"reason": "Đặt nhầm"})).await;
    sale.world.run_jobs().await;
    assert_eq!(sale.producer_told().await, ["order_paid", "order_cancelled"]);
    assert_eq!(sale.buyer_told().await, ["refund_owed"]);
    assert_eq!(sale.emitted(), "order.paid order.cancelled");
    sale.world.finish().await;
}

#[actix_web::test]
async fn every_failed_delivery_is_told_and_the_return_tells_the_producer() {
    let sale = Sale::start().await;
    sale.goes(&["accept", "pack", "hand-over"]).await;
    let path = format!("/v1/producer/orders/{}/shipments", sale.due.order_id());
    let parcels = sale.as_now(PRODUCER, "producer").get(&path).await.expect(200);
    let report = format!("/v1/producer/shipments/{}/report", parcels["data"][0]["id"].as_str().expect("a parcel"));
    for (status, note) in [
        ("picked_up", None),
        ("delivery_failed", Some("Không có ai ở nhà")),
        ("out_for_delivery", None),
        ("delivery_failed", Some("Sai số điện thoại")),
        ("returned", None),
    ] {
        let body = json!({"status": status, "note": note});
        sale.as_now(PRODUCER, "producer").post(&report, body).await.expect(200);
        sale.world.run_jobs().await;
    }
    let inbox = sale.inbox(BUYER, "buyer").await;
    let (failed, others): (Vec<Value>, Vec<Value>) = inbox.into_iter().partition(|n| n["topic"] == "delivery_failed");
    let reasons: Vec<&Value> = failed.iter().map(|notice| &notice["facts"]["reason"]).collect();
    assert_eq!(reasons, [&json!("Không có ai ở nhà"), &json!("Sai số điện thoại")]);
    assert_eq!(topics(&others), ["order_accepted", "order_packed", "order_handed_over", "refund_owed"]);
    assert_eq!(sale.producer_told().await, ["order_paid", "order_returned"]);
    assert!(sale.emitted().ends_with("order.handed_over order.returned"), "{}", sale.emitted());
    sale.world.finish().await;
}

impl Sale {
    async fn grant(&self, phone: &str, role: GrantRole, territory: Option<Territory>) {
        let phone = PhoneNumber::parse(phone).expect("a phone number");
        let new = NewGrant { phone, role, territory, password_hash: None };
        self.world.app.db.write(&Actor::PLATFORM, move |tx| identity::grant(tx, &new)).await.expect("a grant");
    }

    /// What this many minutes after the last look brings.
    async fn after(&self, minutes: i64) {
        self.world.pass(TimeDelta::minutes(minutes));
        self.world.run_jobs().await;
    }

    /// Who was reminded so far, as `phone topic`.
    fn reminded(&self) -> Vec<String> {
        let sql = "select string_agg(a.phone || ' ' || n.topic, ',' order by n.id) from notices n \
                   join accounts a on a.id = n.account_id where n.topic like 'order_reminder%'";
        self.world.text(sql).split(',').filter(|text| !text.is_empty()).map(str::to_owned).collect()
    }
}

fn communes(codes: &[&str]) -> Option<Territory> {
    Some(Territory::Communes(codes.iter().map(|code| (*code).to_owned()).collect()))
}

#[actix_web::test]
async fn what_nobody_answers_reminds_the_household_then_its_helper_then_the_officer_and_ends() {
    let sale = Sale::start().await;
    sale.grant("0955555551", GrantRole::Helper, communes(&["00721", "00769"])).await;
    sale.grant("0955555552", GrantRole::Helper, communes(&["00721"])).await;
    sale.grant("0955555553", GrantRole::Helper, None).await;
    sale.grant("0966666661", GrantRole::Official, communes(&["00769"])).await;
    sale.grant("0966666662", GrantRole::Official, Some(Territory::Province("08".to_owned()))).await;
    let expected =
        ["+84911111111 order_reminder", "+84955555551 order_reminder_helper", "+84966666661 order_reminder_officer"];
    sale.after(4 * 60 - 1).await;
    assert!(sale.reminded().is_empty());
    sale.after(1).await;
    assert_eq!(sale.reminded(), expected[..1]);
    sale.after(6 * 60 - 1).await;
    assert_eq!(sale.reminded(), expected[..1]);
    sale.after(1).await;
    assert_eq!(sale.reminded(), expected[..2]);
    sale.after(8 * 60 - 1).await;
    assert_eq!(sale.reminded(), expected[..2]);
    sale.after(1).await;
    assert_eq!(sale.reminded(), expected);
    sale.after(6 * 60 - 1).await;
    assert_eq!(sale.world.text("select status from orders"), "paid");
    sale.after(1).await;
    assert_eq!(sale.world.text("select status from orders"), "auto_cancelled");
    assert_eq!(sale.reminded(), expected);
    assert_eq!(sale.buyer_told().await, ["order_auto_cancelled", "refund_owed"]);
    assert_eq!(sale.producer_told().await, ["order_paid", "order_reminder", "order_auto_cancelled"]);
    assert_eq!(sale.emitted(), "order.paid order.cancelled");
    sale.world.finish().await;
}

#[actix_web::test]
async fn a_commune_without_an_officer_of_its_own_has_the_provinces() {
    let sale = Sale::start().await;
    sale.grant("0966666662", GrantRole::Official, Some(Territory::Province("08".to_owned()))).await;
    sale.grant("0966666663", GrantRole::Official, communes(&["00721"])).await;
    sale.after(18 * 60).await;
    assert_eq!(sale.reminded(), ["+84911111111 order_reminder", "+84966666662 order_reminder_officer"]);
    sale.world.finish().await;
}

#[actix_web::test]
async fn what_was_answered_reminds_nobody_any_more() {
    let sale = Sale::start().await;
    sale.grant("0955555551", GrantRole::Helper, communes(&["00769"])).await;
    sale.after(4 * 60).await;
    sale.goes(&["accept"]).await;
    sale.after(20 * 60).await;
    assert_eq!(sale.reminded(), ["+84911111111 order_reminder"]);
    assert_eq!(sale.world.count("select count(*) from jobs where kind = 'remind_order' and done_at is null"), 0);
    sale.world.finish().await;
}

#[actix_web::test]
async fn a_helper_has_communes_or_none_and_nobody_but_an_official_has_a_province() {
    let world = World::start().await;
    let operator = world.operator().await;
    let grant = |phone: &str, role: &str, field: &str, codes: Value| {
        let mut body = json!({"phone": phone, "role": role});
        body[field] = codes;
        operator.post("/v1/operator/role-grants", body)
    };
    let given = grant("0955555551", "helper", "commune_codes", json!(["00769"])).await.expect(201);
    assert_eq!(given["commune_codes"], json!(["00769"]));
    let codes = |problem: Value| problem["errors"][0]["pointer"].clone();
    let unknown = grant("0955555552", "helper", "commune_codes", json!(["00000"])).await;
    assert_eq!(unknown.status, 422, "{}", unknown.json);
    let province = grant("0955555552", "helper", "province_code", json!("08")).await;
    assert_eq!((province.status, codes(province.json)), (422, json!("/province_code")));
    let staff = grant("0955555552", "operator", "commune_codes", json!(["00769"])).await;
    assert_eq!((staff.status, codes(staff.json)), (422, json!("/commune_codes")));
    world.finish().await;
}
