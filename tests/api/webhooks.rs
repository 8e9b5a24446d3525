//! Events for other systems.
#![allow(clippy::unwrap_used, reason = "a helper of tests fails by panicking")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use hmac::{Hmac, KeyInit, Mac};
use ocop_market::kernel::ProducerId;
use ocop_market::webhooks::{self, Event, EventType, TRIES_MAX};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::receiver::{Answer, Receiver, Seen};
use crate::support::{Client, Producer, World};

const PHONE: &str = "0911111111";

struct Scene {
    world: World,
    producer: Producer,
    endpoint: String,
    receiver: Receiver,
}

impl Scene {
    async fn start(script: &[Answer]) -> Scene {
        let world = World::start().await;
        let operator = world.operator().await;
        let producer = world.producer(&operator, PHONE, "Hộ nuôi ong Mèo Vạc", "00769").await;
        // What happened until here is another story.
        world.run_jobs().await;
        world.database.execute("delete from webhook_events");
        let receiver = Receiver::start(script);
        let made =
            producer.client.post("/v1/producer/webhook-endpoints", json!({"url": receiver.url})).await.expect(201);
        let endpoint = made["id"].as_str().unwrap().to_owned();
        Scene { world, producer, endpoint, receiver }
    }

    /// The producer with a token of now, whatever the clock says.
    fn client(&self) -> Client {
        self.world.session(PHONE, "producer", TimeDelta::zero()).1
    }

    async fn emit(&self, object: u128) {
        emit(&self.world, Some(&self.producer.id), object).await;
    }

    async fn delivery(&self) -> Value {
        let list = self.client().get("/v1/producer/webhook-deliveries").await.expect(200);
        let id = list["data"][0]["id"].as_str().expect("a delivery").to_owned();
        self.client().get(&format!("/v1/producer/webhook-deliveries/{id}")).await.expect(200)
    }

    async fn end(self) {
        self.world.finish().await;
        self.receiver.stop().await;
    }
}

async fn emit(world: &World, producer_id: Option<&str>, object: u128) {
    let event = Event {
        producer_id: producer_id.map(|id| ProducerId(id.parse().unwrap())),
        kind: EventType::OrderPaid,
        object_id: Uuid::from_u128(object),
        occasion: String::new(),
        data: json!({"order_code": format!("HG-{object}"), "status": "paid"}),
    };
    world.app.db.job(move |tx| webhooks::emit(tx, &event)).await.expect("emitted");
}

/// Which of the secrets signed a request, as the specification has receivers check it.
fn signed_by(seen: &Seen, secrets: &[&str]) -> Vec<usize> {
    let signatures: Vec<&str> = seen.headers["webhook-signature"].split(' ').collect();
    let content = format!("{}.{}.{}", seen.headers["webhook-id"], seen.headers["webhook-timestamp"], seen.body);
    let signs = |secret: &str| {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").expect("a secret")).unwrap();
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&key).unwrap();
        mac.update(content.as_bytes());
        signatures.contains(&format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())).as_str())
    };
    (0..secrets.len()).filter(|place| signs(secrets[*place])).collect()
}

async fn secrets(client: &Client, endpoint: &str) -> Vec<String> {
    let shown = client.get(&format!("/v1/producer/webhook-endpoints/{endpoint}/secrets")).await.expect(200);
    shown["secrets"].as_array().unwrap().iter().map(|secret| secret.as_str().unwrap().to_owned()).collect()
}

/// Saleor #10165 and #13542: fired two to four times for one event.
#[actix_web::test]
async fn an_event_that_happens_twice_is_sent_once_and_signed_by_the_specification() {
    let scene = Scene::start(&[]).await;
    scene.emit(1).await;
    scene.emit(1).await;
    scene.world.run_jobs().await;
    let seen = scene.receiver.seen();
    assert_eq!(seen.len(), 1);
    let secrets = secrets(&scene.client(), &scene.endpoint).await;
    assert_eq!(signed_by(&seen[0], &[&secrets[0]]), [0]);
    let body = seen[0].json();
    assert_eq!((&body["type"], &body["data"]["order_code"]), (&json!("order.paid"), &json!("HG-1")));
    let delivery = scene.delivery().await;
    assert_eq!((&delivery["status"], &delivery["event"]), (&json!("delivered"), &body));
    assert_eq!(delivery["attempts"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        (&delivery["attempts"][0]["status"], &delivery["event_id"]),
        (&json!(200), &json!(seen[0].headers["webhook-id"]))
    );
    scene.end().await;
}

/// Hyperswitch #3408 and #9278: not sent again after a first failure; sent with the status of another moment.
#[actix_web::test]
async fn a_first_try_that_failed_is_made_again_with_the_same_id_and_body() {
    let scene = Scene::start(&[Answer::Status(500), Answer::Status(200)]).await;
    scene.emit(1).await;
    scene.world.run_jobs().await;
    assert_eq!(scene.delivery().await["status"], "pending");
    scene.world.pass(TimeDelta::seconds(6));
    scene.world.run_jobs().await;
    let seen = scene.receiver.seen();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0].body, seen[1].body);
    assert_eq!(seen[0].headers["webhook-id"], seen[1].headers["webhook-id"]);
    assert_ne!(seen[0].headers["webhook-signature"], seen[1].headers["webhook-signature"], "signed for its moment");
    assert_eq!(scene.delivery().await["status"], "delivered");
    scene.end().await;
}

#[actix_web::test]
async fn what_never_arrives_is_tried_for_two_days_then_parked_and_can_be_replayed() {
    let scene = Scene::start(&[Answer::Status(503)]).await;
    scene.emit(1).await;
    let begun = scene.world.app.db.clock.now();
    let mut last = begun;
    while scene.world.count("select count(*) from webhook_deliveries where status = 'pending'") == 1 {
        let before = scene.receiver.seen().len();
        scene.world.run_jobs().await;
        if scene.receiver.seen().len() > before {
            last = scene.world.app.db.clock.now();
        }
        scene.world.pass(TimeDelta::minutes(20));
    }
    assert_eq!(scene.receiver.seen().len(), TRIES_MAX);
    let took = last - begun;
    assert!((TimeDelta::hours(48)..TimeDelta::hours(56)).contains(&took), "{took}");
    let parked = scene.delivery().await;
    assert_eq!((&parked["status"], parked["attempts"].as_array().map(Vec::len)), (&json!("parked"), Some(TRIES_MAX)));

    scene.receiver.answers(&[Answer::Status(204)]);
    let replay = format!("/v1/producer/webhook-deliveries/{}/replay", parked["id"].as_str().unwrap());
    assert_eq!(scene.client().post(&replay, json!({})).await.expect(200)["status"], "pending");
    scene.client().post(&replay, json!({})).await.refused(409, "webhooks.delivery_pending");
    scene.world.run_jobs().await;
    assert_eq!(scene.delivery().await["status"], "delivered");
    let seen = scene.receiver.seen();
    assert_eq!(seen[0].body, seen[TRIES_MAX].body);
    scene.end().await;
}

#[actix_web::test]
async fn an_endpoint_that_is_gone_is_switched_off_with_everything_on_its_way() {
    let scene = Scene::start(&[Answer::Status(500)]).await;
    scene.emit(1).await;
    scene.world.run_jobs().await;
    scene.receiver.answers(&[Answer::Status(410)]);
    scene.emit(2).await;
    scene.world.run_jobs().await;
    let path = format!("/v1/producer/webhook-endpoints/{}", scene.endpoint);
    assert_eq!(scene.client().get(&path).await.expect(200)["status"], "gone");
    assert_eq!(scene.world.count("select count(*) from webhook_deliveries where status = 'cancelled'"), 2);
    scene.emit(3).await;
    scene.world.pass(TimeDelta::days(3));
    scene.world.run_jobs().await;
    assert_eq!(scene.receiver.seen().len(), 2);
    let replay = json!({"since": "2026-01-01T00:00:00Z"});
    scene.client().post(&format!("{path}/replay"), replay.clone()).await.refused(409, "webhooks.endpoint_off");

    scene.receiver.answers(&[Answer::Status(200)]);
    let headers = [("content-type", "application/json"), ("if-match", "\"2\"")];
    let on = json!({"status": "active"}).to_string();
    scene.client().send(reqwest::Method::PATCH, &path, &headers, Some(on)).await.expect(200);
    let again = scene.client().post(&format!("{path}/replay"), replay).await.expect(200);
    assert_eq!(again["deliveries"], 2);
    scene.world.run_jobs().await;
    assert_eq!(scene.world.count("select count(*) from webhook_deliveries where status = 'delivered'"), 2);
    scene.end().await;
}

#[actix_web::test]
async fn a_redirect_is_not_followed_and_a_receiver_that_hangs_is_left() {
    let elsewhere = Receiver::start(&[]);
    let scene = Scene::start(&[Answer::Redirect(elsewhere.url.clone()), Answer::Hang]).await;
    scene.emit(1).await;
    scene.world.run_jobs().await;
    scene.world.pass(TimeDelta::seconds(6));
    let begun = std::time::Instant::now();
    scene.world.run_jobs().await;
    assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
    assert!(elsewhere.seen().is_empty());
    let attempts = scene.delivery().await["attempts"].clone();
    assert_eq!((&attempts[0]["status"], &attempts[1]["error"]), (&json!(302), &json!("timeout")));
    elsewhere.stop().await;
    scene.world.database.execute("delete from webhook_endpoints");
    scene.end().await;
}

#[actix_web::test]
async fn after_a_rotation_both_secrets_sign_for_a_day() {
    let scene = Scene::start(&[]).await;
    let before = secrets(&scene.client(), &scene.endpoint).await;
    let rotate = format!("/v1/producer/webhook-endpoints/{}/rotate-secret", scene.endpoint);
    scene.client().post(&rotate, json!({})).await.expect(200);
    let after = secrets(&scene.client(), &scene.endpoint).await;
    assert_eq!((before.len(), after.len(), &after[1]), (1, 2, &before[0]));
    scene.emit(1).await;
    scene.world.run_jobs().await;
    scene.world.pass(TimeDelta::hours(25));
    scene.emit(2).await;
    scene.world.run_jobs().await;
    let seen = scene.receiver.seen();
    assert_eq!(signed_by(&seen[0], &[&after[0], &after[1]]), [0, 1]);
    assert_eq!(signed_by(&seen[1], &[&after[0], &after[1]]), [0]);
    assert_eq!(secrets(&scene.client(), &scene.endpoint).await, after[..1]);
    scene.end().await;
}

#[actix_web::test]
async fn nothing_in_our_own_network_is_called() {
    let receiver = Receiver::start(&[]);
    let world = World::with(&[("WEBHOOKS_TO_LOCAL", "false")]).await;
    let operator = world.operator().await;
    let make = async |url: &str| operator.post("/v1/operator/webhook-endpoints", json!({"url": url})).await;
    for url in [
        receiver.url.as_str(),
        "https://127.0.0.1/",
        "https://localhost/",
        "https://169.254.169.254/",
        "http://hooks.example.vn/",
        "https://a:b@hooks.example.vn/",
        "x",
    ] {
        let fault = make(url).await.refused(422, "invalid_input");
        assert_eq!(fault["errors"][0]["pointer"], "/url", "{url}");
    }
    make("https://hooks.example.vn/").await.expect(201);
    // What was allowed once, or is not what it seemed.
    world.database.execute(&format!("update webhook_endpoints set url = '{}'", receiver.url));
    emit(&world, None, 1).await;
    world.run_jobs().await;
    assert!(receiver.seen().is_empty());
    assert_eq!(world.text("select error from webhook_attempts"), "address_refused");
    world.database.execute("delete from webhook_endpoints");
    world.finish().await;
    receiver.stop().await;
}

#[actix_web::test]
async fn events_are_fetched_in_their_order_and_each_owner_sees_its_own() {
    let scene = Scene::start(&[]).await;
    let operator = scene.world.session("0900000001", "operator", TimeDelta::zero()).1;
    let other = scene.world.producer(&operator, "0922222222", "HTX chè Đồng Văn", "00721").await;
    let empty = other.client.get("/v1/producer/webhook-events").await.expect(200);
    assert_eq!((&empty["data"], &empty["page"]["next_cursor"]), (&json!([]), &Value::Null));
    for object in 1..=3 {
        scene.emit(object).await;
    }
    emit(&scene.world, Some(&other.id), 4).await;
    scene.world.settle().await;
    let codes = |page: &Value| -> Vec<String> {
        page["data"].as_array().unwrap().iter().map(|e| e["data"]["order_code"].as_str().unwrap().to_owned()).collect()
    };
    let first = scene.client().get("/v1/producer/webhook-events?limit=2").await.expect(200);
    assert_eq!(codes(&first), ["HG-1", "HG-2"]);
    let next = async |page: &Value| {
        let cursor = page["page"]["next_cursor"].as_str().expect("a cursor");
        scene.client().get(&format!("/v1/producer/webhook-events?limit=2&cursor={cursor}")).await.expect(200)
    };
    let second = next(&first).await;
    assert_eq!(codes(&second), ["HG-3"]);
    let third = next(&second).await;
    assert_eq!((codes(&third).len(), &third["page"]), (0, &second["page"]), "come again with it");
    scene.emit(5).await;
    scene.world.settle().await;
    assert_eq!(codes(&next(&third).await), ["HG-5"]);
    assert_eq!(codes(&other.client.get("/v1/producer/webhook-events").await.expect(200)), ["HG-4"]);
    assert_eq!(codes(&operator.get("/v1/operator/webhook-events").await.expect(200)).len(), 5);
    let foreign = format!("/v1/producer/webhook-endpoints/{}", scene.endpoint);
    other.client.get(&foreign).await.refused(404, "not_found");
    operator.get(&foreign.replace("producer", "operator")).await.refused(404, "not_found");
    scene.end().await;
}

#[actix_web::test]
async fn an_owner_has_ten_endpoints_however_many_are_asked_for_at_once() {
    let scene = Scene::start(&[]).await;
    let client = scene.client();
    let make = || client.post("/v1/producer/webhook-endpoints", json!({"url": "http://127.0.0.1:9/"}));
    let replies = futures_util::future::join_all((0..15).map(|_| make())).await;
    let made = replies.iter().filter(|reply| reply.status == 201).count();
    assert_eq!(made, 9, "one was there");
    assert!(replies.iter().all(|r| r.status == 201 || r.json["code"] == "webhooks.too_many_endpoints"));
    scene.end().await;
}

#[actix_web::test]
async fn an_endpoint_gets_the_types_that_it_wants_and_nothing_while_it_is_off() {
    let scene = Scene::start(&[]).await;
    let path = format!("/v1/producer/webhook-endpoints/{}", scene.endpoint);
    let change = async |version: &str, body: Value| {
        let headers = [("content-type", "application/json"), ("if-match", version)];
        scene.client().send(reqwest::Method::PATCH, &path, &headers, Some(body.to_string())).await
    };
    change("\"1\"", json!({"event_types": ["order.refused"]})).await.expect(200);
    change("\"1\"", json!({"event_types": []})).await.refused(412, "version_stale");
    scene.emit(1).await;
    scene.world.run_jobs().await;
    assert!(scene.receiver.seen().is_empty());
    change("\"2\"", json!({"event_types": ["order.paid"]})).await.expect(200);
    scene.emit(2).await;
    change("\"3\"", json!({"status": "off"})).await.expect(200);
    scene.world.run_jobs().await;
    assert!(scene.receiver.seen().is_empty(), "switched off while it was on its way");
    assert_eq!(scene.delivery().await["status"], "cancelled");
    scene.end().await;
}
