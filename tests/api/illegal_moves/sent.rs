//! What is sent to other systems: an answer that comes after its delivery or its endpoint was ended changes neither.

use ocop_market::kernel::{ProducerId, WebhookDeliveryId};
use ocop_market::webhooks::{self, DeliveryStatus, EndpointStatus, Event, EventType};
use serde_json::json;
use uuid::Uuid;

use super::machine::Machine;
use crate::support::World;
use crate::support::money::Shop;
use crate::support::receiver::{Answer, Receiver};

const ENDPOINTS: &str = include_str!("../../../src/webhooks/endpoint_machine.txt");
const DELIVERIES: &str = include_str!("../../../src/webhooks/delivery_machine.txt");

fn place_delivery(world: &World, id: WebhookDeliveryId, status: &str, tries: i32) {
    world.database.execute(&format!(
        "update webhook_deliveries set status = '{status}', tries = {tries}, \
         next_at = case when '{status}' = 'pending' then now() end, \
         ended_at = case when '{status}' <> 'pending' then now() end where id = '{id}'"
    ));
}

fn place_endpoint(world: &World, status: &str) {
    world.database.execute(&format!("update webhook_endpoints set status = '{status}'"));
}

fn delivery(world: &World, id: WebhookDeliveryId) -> String {
    world.text(&format!("select d::text from webhook_deliveries d where id = '{id}'"))
}

fn endpoint(world: &World) -> String {
    world.text("select e::text from webhook_endpoints e")
}

fn status_of(world: &World, table: &str) -> String {
    world.text(&format!("select status from {table}"))
}

/// The only delivery there is, of a new event.
async fn emitted(world: &World, shop: &Shop, object: u128) -> WebhookDeliveryId {
    world.database.execute("delete from webhook_events");
    let event = Event {
        producer_id: Some(ProducerId(shop.producer.id.parse().expect("an id"))),
        kind: EventType::OrderPaid,
        object_id: Uuid::from_u128(object),
        occasion: String::new(),
        data: json!({}),
    };
    world.app.db.job(move |tx| webhooks::emit(tx, &event)).await.expect("emitted");
    WebhookDeliveryId(world.text("select id from webhook_deliveries").parse().expect("an id"))
}

#[actix_web::test]
async fn a_late_answer_changes_nothing_that_has_ended() {
    let world = World::start().await;
    let shop = world.shop(120_000, 20).await;
    // What an endpoint answers, after how many tries, and what that is for the delivery and for its endpoint.
    let answers = [
        (Answer::Status(204), 0, "deliver", None),
        (Answer::Status(500), webhooks::TRIES_MAX - 1, "park", None),
        (Answer::Status(410), 0, "cancel", Some("give-up")),
    ];
    let (of_endpoints, of_deliveries) = (Machine::read(ENDPOINTS), Machine::read(DELIVERIES));
    let mut object = 0;
    for (answer, tries, event, endpoint_event) in answers {
        let receiver = Receiver::start(&[answer]);
        let made = json!({"url": receiver.url});
        let made = shop.producer.client.post("/v1/producer/webhook-endpoints", made).await.expect(201);
        for wanted in EndpointStatus::ALL {
            for was in DeliveryStatus::ALL {
                object += 1;
                place_endpoint(&world, "active");
                let id = emitted(&world, &shop, object).await;
                let key = world.app.config.webhooks.key.clone();
                let call = world.app.db.job(move |tx| webhooks::intent(tx, &key, id)).await.expect("read");
                let call = call.expect("it is pending");
                let told = world.app.webhooks.call(&call).await;
                // While it was called, somebody else was quicker.
                place_endpoint(&world, wanted.as_str());
                place_delivery(&world, id, was.as_str(), i32::try_from(tries).expect("few"));
                let before = (delivery(&world, id), endpoint(&world));
                world.app.db.job(move |tx| webhooks::record(tx, &call, &told)).await.expect("recorded");
                match of_deliveries.after(was.as_str(), event) {
                    Some(next) => assert_eq!(status_of(&world, "webhook_deliveries"), next, "{event} of {was}"),
                    None => assert_eq!(delivery(&world, id), before.0, "{event} of {was}"),
                }
                let next = endpoint_event.and_then(|event| of_endpoints.after(wanted.as_str(), event));
                match next {
                    Some(next) => assert_eq!(status_of(&world, "webhook_endpoints"), next, "{event} at {wanted}"),
                    None => assert_eq!(endpoint(&world), before.1, "{event} at {wanted}"),
                }
            }
        }
        let path = format!("/v1/producer/webhook-endpoints/{}", made["id"].as_str().expect("an id"));
        shop.producer.client.send(reqwest::Method::DELETE, &path, &[], None).await.expect(204);
        receiver.stop().await;
    }
    world.close().await;
}

#[actix_web::test]
async fn nothing_is_sent_that_is_not_on_its_way_or_whose_endpoint_is_off() {
    let world = World::start().await;
    let shop = world.shop(120_000, 20).await;
    let made = json!({"url": "http://127.0.0.1:9/"});
    shop.producer.client.post("/v1/producer/webhook-endpoints", made).await.expect(201);
    let machine = Machine::read(DELIVERIES);
    let id = emitted(&world, &shop, 1).await;
    for wanted in EndpointStatus::ALL {
        for was in DeliveryStatus::ALL {
            place_endpoint(&world, wanted.as_str());
            place_delivery(&world, id, was.as_str(), 0);
            let before = delivery(&world, id);
            let key = world.app.config.webhooks.key.clone();
            let call = world.app.db.job(move |tx| webhooks::intent(tx, &key, id)).await.expect("read");
            let is_sent = (*wanted, *was) == (EndpointStatus::Active, DeliveryStatus::Pending);
            assert_eq!(call.is_some(), is_sent, "{was} to {wanted}");
            let is_cancelled = *wanted != EndpointStatus::Active;
            match machine.after(was.as_str(), "cancel").filter(|_| is_cancelled) {
                Some(next) => assert_eq!(status_of(&world, "webhook_deliveries"), next, "{was} to {wanted}"),
                None => assert_eq!(delivery(&world, id), before, "{was} to {wanted}"),
            }
        }
    }
    world.close().await;
}

#[actix_web::test]
async fn an_endpoint_is_switched_as_its_machine_says_and_twice_changes_no_status() {
    let world = World::start().await;
    let shop = world.shop(120_000, 20).await;
    let made = json!({"url": "http://127.0.0.1:9/"});
    let made = shop.producer.client.post("/v1/producer/webhook-endpoints", made).await.expect(201);
    let path = format!("/v1/producer/webhook-endpoints/{}", made["id"].as_str().expect("an id"));
    let machine = Machine::read(ENDPOINTS);
    for was in EndpointStatus::ALL {
        for (event, wish) in [("switch-on", "active"), ("switch-off", "off")] {
            place_endpoint(&world, was.as_str());
            let version = world.count("select version from webhook_endpoints");
            let headers = [("if-match", format!("\"{version}\""))];
            let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let body = json!({"status": wish}).to_string();
            let headers = [headers.as_slice(), &[("content-type", "application/json")]].concat();
            let changed =
                shop.producer.client.send(reqwest::Method::PATCH, &path, &headers, Some(body)).await.expect(200);
            let next = machine.after(was.as_str(), event).unwrap_or(was.as_str());
            assert_eq!((&changed["status"], next), (&json!(wish), wish), "{event} of {was}");
        }
    }
    world.close().await;
}
