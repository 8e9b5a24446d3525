//! Complaints and their legal clocks, and the calendar that counts them.

use chrono::{NaiveDate, TimeDelta};
use diesel::Connection;
use ocop_market::kernel::time::vietnam_day;
use serde_json::{Value, json};

use crate::support::money::Shop;
use crate::support::principals::{Watch, texts};
use crate::support::{Client, World, new_key};

const BUYER: &str = "0933333333";

/// A world with an order that is paid.
struct Sold {
    world: World,
    shop: Shop,
    buyer: Client,
    order_id: String,
}

impl Sold {
    async fn new() -> Sold {
        let world = World::start().await;
        let shop = world.shop(120_000, 20).await;
        let buyer = world.buyer(BUYER).await;
        let due = world.due(&buyer, &shop.product, 2, "bank_transfer").await;
        world.sepay(1, &due.reference, due.total).await.expect(200);
        let order_id = due.order_id().to_owned();
        Sold { world, shop, buyer, order_id }
    }

    async fn complain(&self, body: Value) -> Value {
        self.buyer.post(&format!("/v1/buyer/orders/{}/complaints", self.order_id), body).await.expect(201)
    }

    fn today(&self) -> NaiveDate {
        vietnam_day(self.world.app.db.clock.now())
    }

    /// The day so many working days later, counted here by itself.
    fn working_days_later(&self, from: NaiveDate, count: usize) -> NaiveDate {
        let is_free = |day: &NaiveDate| {
            use chrono::Datelike;
            day.weekday().number_from_monday() > 5
                || self.world.count(&format!("select count(*) from holidays where day = '{day}'")) > 0
        };
        from.iter_days().skip(1).filter(|day| !is_free(day)).nth(count - 1).expect("a day")
    }
}

fn damaged() -> Value {
    json!({"kind": "damaged", "text": "Hai chai mật ong bị vỡ."})
}

fn path(side: &str, complaint: &Value) -> String {
    format!("/v1/{side}/complaints/{}", complaint["id"].as_str().expect("an id"))
}

fn text(text: &str) -> Value {
    json!({"text": text})
}

#[actix_web::test]
async fn a_complaint_goes_from_receipt_to_settlement_by_the_clocks_of_the_law() {
    let sold = Sold::new().await;
    let (operator, producer) = (&sold.shop.operator, &sold.shop.producer.client);
    let received = sold.complain(damaged()).await;
    let today = sold.today();
    assert_eq!(received["status"], "received");
    assert_eq!(received["due_on"], sold.working_days_later(today, 3).to_string());
    assert_eq!(received["allowed_actions"], json!(["answer", "escalate", "withdraw"]));
    assert!(received["code"].as_str().is_some_and(|code| code.starts_with("KN") && code.len() == 10), "{received}");

    let step = |verb: &str| format!("{}/{verb}", path("operator", &received));
    let acknowledged = operator.post(&step("acknowledge"), json!({})).await.expect(200);
    assert_eq!(acknowledged["due_on"], sold.working_days_later(today, 7).to_string());
    producer
        .post(&format!("{}/answer", path("producer", &received)), text("Để tôi xem lại."))
        .await
        .refused(409, "complaints.illegal_action");
    let negotiating = operator.post(&step("negotiate"), json!({})).await.expect(200);
    assert_eq!(negotiating["due_on"], sold.working_days_later(sold.today(), 7).to_string());
    let answer = format!("{}/answer", path("producer", &received));
    producer.post(&answer, text("Cơ sở sẽ gửi lại hai chai.")).await.expect(200);
    let settled =
        sold.buyer.post(&format!("{}/settle", path("buyer", &received)), text("Tôi đồng ý.")).await.expect(200);
    assert_eq!((settled["status"].as_str(), &settled["due_on"]), (Some("settled"), &Value::Null));
    assert_eq!(settled["allowed_actions"], json!(["escalate"]));

    for side in [&sold.buyer, producer, operator] {
        let name = if std::ptr::eq(side, &sold.buyer) {
            "buyer"
        } else if std::ptr::eq(side, producer) {
            "producer"
        } else {
            "operator"
        };
        let events = side.get(&format!("{}/events", path(name, &received))).await.expect(200);
        let told: Vec<&str> = events["data"].as_array().unwrap().iter().map(|e| e["event"].as_str().unwrap()).collect();
        assert_eq!(told, ["open", "acknowledge", "negotiate", "answer", "settle"]);
    }
    sold.world.finish().await;
}

#[actix_web::test]
async fn a_refused_complaint_can_go_to_the_authority_and_its_result_is_reported() {
    let sold = Sold::new().await;
    let complaint = sold.complain(damaged()).await;
    let operator = &sold.shop.operator;
    let refuse = format!("{}/refuse", path("operator", &complaint));
    operator.post(&refuse, json!({})).await.refused(422, "invalid_input");
    operator.post(&refuse, text("Hàng được giao nguyên vẹn, có ảnh.")).await.expect(200);
    let escalated = sold
        .buyer
        .post(&format!("{}/escalate", path("buyer", &complaint)), text("Tôi không đồng ý."))
        .await
        .expect(200);
    assert_eq!(escalated["due_on"], sold.working_days_later(sold.today(), 5).to_string());
    let close = format!("{}/close", path("operator", &complaint));
    let closed = operator.post(&close, text("Hai bên đã hoà giải.")).await.expect(200);
    assert_eq!(closed["status"], "closed");
    let refusal = operator.post(&close, text("Lần nữa.")).await.refused(409, "complaints.illegal_action");
    assert_eq!((&refusal["current_status"], &refusal["allowed_actions"]), (&json!("closed"), &json!([])));
    sold.world.finish().await;
}

#[actix_web::test]
async fn what_the_status_does_not_allow_changes_nothing() {
    let sold = Sold::new().await;
    let complaint = sold.complain(damaged()).await;
    let mut watch = Watch::new(&sold.world);
    // Keys of refused requests are kept, so they are left out here.
    let rows = |watch: &mut Watch| -> Vec<String> {
        watch.digest().into_iter().filter(|line| !line.starts_with("idempotency_keys")).collect()
    };
    let before = rows(&mut watch);
    for (client, side, verb, allowed) in [
        (&sold.buyer, "buyer", "settle", json!(["answer", "escalate", "withdraw"])),
        (&sold.shop.producer.client, "producer", "answer", json!([])),
        (&sold.shop.operator, "operator", "settle", json!(["acknowledge", "refuse"])),
        (&sold.shop.operator, "operator", "answer", json!(["acknowledge", "refuse"])),
        (&sold.shop.operator, "operator", "close", json!(["acknowledge", "refuse"])),
    ] {
        let reply = client.post(&format!("{}/{verb}", path(side, &complaint)), text("Nội dung")).await;
        let refusal = reply.refused(409, "complaints.illegal_action");
        assert_eq!(refusal["allowed_actions"], allowed, "{side} {verb}");
    }
    assert_eq!(rows(&mut watch), before);
    sold.world.finish().await;
}

#[actix_web::test]
async fn vulnerable_consumers_come_first_and_the_producer_never_learns_why() {
    let sold = Sold::new().await;
    let plain = sold.complain(damaged()).await;
    let body = json!({"kind": "quality", "text": "Mật ong bị chua.", "vulnerable_reason": "ethnic_minority"});
    let urgent = sold.complain(body).await;
    assert_eq!(urgent["vulnerable_reason"], "ethnic_minority");
    let operator = &sold.shop.operator;
    let ids =
        |page: &Value| -> Vec<Value> { page["data"].as_array().unwrap().iter().map(|row| row["id"].clone()).collect() };
    let queue = operator.get("/v1/operator/complaints").await.expect(200);
    assert_eq!(ids(&queue), [urgent["id"].clone(), plain["id"].clone()]);
    assert_eq!(queue["data"][0]["vulnerable_reason"], "ethnic_minority");
    let page = operator.get("/v1/operator/complaints?limit=1").await.expect(200);
    let next = page["page"]["next_cursor"].as_str().expect("a cursor");
    let rest = operator.get(&format!("/v1/operator/complaints?limit=1&cursor={next}")).await.expect(200);
    assert_eq!((ids(&page), ids(&rest)), (vec![urgent["id"].clone()], vec![plain["id"].clone()]));
    assert_eq!(rest["page"]["next_cursor"], Value::Null);

    let step = |verb: &str| format!("{}/{verb}", path("operator", &urgent));
    operator.post(&step("acknowledge"), json!({})).await.expect(200);
    operator
        .post(&step("refer"), text("Chuyển cho hãng vận chuyển."))
        .await
        .refused(409, "complaints.may_not_be_referred");
    let producer = &sold.shop.producer.client;
    for address in
        ["/v1/producer/complaints".to_owned(), path("producer", &urgent), path("producer", &urgent) + "/events"]
    {
        let reply = producer.get(&address).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        assert!(!reply.text.contains("vulnerable") && !reply.text.contains("ethnic"), "{}", reply.text);
    }
    // The database itself keeps it from the producer.
    let mut app = diesel::PgConnection::establish(&sold.world.database.app_url).expect("a connection");
    for (role, seen) in [("producer", "0"), ("operator", "1")] {
        let context = format!(
            "select set_config('app.role', '{role}', false) || set_config('app.producer', '{}', false)",
            sold.shop.producer.id
        );
        texts(&mut app, &context);
        assert_eq!(texts(&mut app, "select count(*) from complaint_vulnerabilities"), [seen], "{role}");
        assert_eq!(texts(&mut app, "select count(*) from complaints"), ["2"], "{role}");
    }
    sold.world.finish().await;
}

#[actix_web::test]
async fn a_complaint_that_waits_too_long_is_overdue_the_day_after() {
    let sold = Sold::new().await;
    let complaint = sold.complain(damaged()).await;
    let due_on: NaiveDate = complaint["due_on"].as_str().unwrap().parse().unwrap();
    let days = (due_on - sold.today()).num_days();
    sold.world.pass(TimeDelta::days(days));
    let operator = sold.world.session("0900000001", "operator", TimeDelta::zero()).1;
    assert_eq!(operator.get(&path("operator", &complaint)).await.expect(200)["overdue"], false);
    sold.world.pass(TimeDelta::days(1));
    let operator = sold.world.session("0900000001", "operator", TimeDelta::zero()).1;
    assert_eq!(operator.get(&path("operator", &complaint)).await.expect(200)["overdue"], true);
    sold.world.finish().await;
}

#[actix_web::test]
async fn the_same_complaint_sent_again_is_one() {
    let sold = Sold::new().await;
    let address = format!("/v1/buyer/orders/{}/complaints", sold.order_id);
    let mut body = damaged();
    body["client_ref"] = json!(uuid::Uuid::now_v7());
    let sends = (0..6).map(|_| sold.buyer.post(&address, body.clone()));
    let replies = futures_util::future::join_all(sends).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 201).count(), 1);
    assert!(replies.iter().all(|reply| reply.json["id"] == replies[0].json["id"]), "{replies:?}");
    body["client_ref"] = json!(uuid::Uuid::now_v7());
    sold.buyer.post(&address, body).await.refused(409, "complaints.already_open");
    assert_eq!(sold.world.count("select count(*) from complaints"), 1);
    sold.world.finish().await;
}

#[actix_web::test]
async fn of_two_who_end_a_complaint_at_once_one_wins() {
    let sold = Sold::new().await;
    for round in 0..20 {
        let complaint = sold.complain(damaged()).await;
        let refuse = format!("{}/refuse", path("operator", &complaint));
        let withdraw = format!("{}/withdraw", path("buyer", &complaint));
        let (one, two) = futures_util::join!(
            sold.shop.operator.post(&refuse, text("Không có căn cứ.")),
            sold.buyer.post(&withdraw, json!({}))
        );
        let mut statuses = [one.status, two.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409], "{round}: {} {}", one.text, two.text);
    }
    sold.world.finish().await;
}

#[actix_web::test]
async fn answers_have_an_end_and_a_repeated_one_is_one() {
    let sold = Sold::new().await;
    let complaint = sold.complain(damaged()).await;
    let address = format!("{}/answer", path("buyer", &complaint));
    let key = new_key();
    for _ in 0..2 {
        sold.buyer.post_with_key(&address, &key, text("Tôi chờ trả lời.")).await.expect(200);
    }
    assert_eq!(sold.world.count("select count(*) from complaint_events where event = 'answer'"), 1);
    for _ in 1..50 {
        sold.buyer.post(&address, text("Tôi vẫn chờ.")).await.expect(200);
    }
    sold.buyer.post(&address, text("Tôi vẫn chờ.")).await.refused(409, "complaints.too_many_answers");
    sold.world.finish().await;
}

#[actix_web::test]
async fn of_an_order_that_was_never_paid_the_producer_hears_nothing() {
    let sold = Sold::new().await;
    let due = sold.world.due(&sold.buyer, &sold.shop.product, 1, "bank_transfer").await;
    let address = format!("/v1/buyer/orders/{}/complaints", due.order_id());
    let complaint = sold
        .buyer
        .post(&address, json!({"kind": "refund", "text": "Tôi đã chuyển khoản mà đơn chưa ghi nhận."}))
        .await
        .expect(201);
    let producer = &sold.shop.producer.client;
    producer.get(&path("producer", &complaint)).await.refused(404, "not_found");
    assert_eq!(producer.get("/v1/producer/complaints").await.expect(200)["data"], json!([]));
    sold.world.finish().await;
}

#[actix_web::test]
async fn the_operator_keeps_the_calendar_and_deadlines_that_were_told_stay() {
    let sold = Sold::new().await;
    let operator = &sold.shop.operator;
    let listed = operator.get("/v1/operator/holidays").await.expect(200);
    let days: Vec<&str> = listed["data"].as_array().unwrap().iter().map(|h| h["day"].as_str().unwrap()).collect();
    for day in ["2026-02-17", "2026-04-27", "2026-09-01", "2026-09-02", "2027-02-06", "2027-05-03"] {
        assert!(days.contains(&day), "{day} in {days:?}");
    }
    assert!(days.is_sorted());
    let before = sold.complain(damaged()).await;
    let due_on: NaiveDate = before["due_on"].as_str().unwrap().parse().unwrap();
    let body = json!({"day": due_on, "name": "Nghỉ đột xuất", "kind": "holiday"});
    let added = operator.post("/v1/operator/holidays", body.clone()).await.expect(201);
    operator.post("/v1/operator/holidays", body).await.refused(409, "calendar.day_taken");
    assert_eq!(operator.get(&path("operator", &before)).await.expect(200)["due_on"], before["due_on"]);
    let after = sold.complain(json!({"kind": "quality", "text": "Mật ong bị chua."})).await;
    assert_eq!(after["due_on"], sold.working_days_later(sold.today(), 3).to_string());
    assert_ne!(after["due_on"], before["due_on"]);
    let address = format!("/v1/operator/holidays/{}", added["id"].as_str().unwrap());
    operator.delete(&address).await.expect(204);
    operator.get(&address).await.refused(404, "not_found");
    let deeds = sold
        .world
        .text("select string_agg(action, ',' order by at, id) from audit_events where object_kind = 'holiday'");
    assert_eq!(deeds, "holiday.add,holiday.remove");
    sold.world.finish().await;
}
