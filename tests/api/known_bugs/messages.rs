//! What is told to other systems and people, and what other systems tell us: once, and never lost.

use chrono::TimeDelta;
use futures_util::future::join_all;
use ocop_market::kernel::ProducerId;
use ocop_market::webhooks::{self, Event, EventType};
use reqwest::Method;
use serde_json::json;

use super::{Fair, HONEY};
use crate::illegal_moves::rows;
use crate::support::principals::Watch;
use crate::support::receiver::Receiver;
use crate::support::{CARRIER_SECRET, World, new_key};

#[actix_web::test]
async fn spree_14622_an_endpoint_registered_twice_stays_one_that_works() {
    let world = World::start().await;
    let shop = world.shop(HONEY, 5).await;
    world.run_jobs().await;
    let (client, receiver) = (&shop.producer.client, Receiver::start(&[]));
    let (path, key) = ("/v1/producer/webhook-endpoints", new_key());
    let body = json!({"url": receiver.url});
    let first = client.post_with_key(path, &key, body.clone()).await.expect(201);
    let secrets = format!("{path}/{}/secrets", first["id"].as_str().expect("an id"));
    let secret = client.get(&secrets).await.expect(200);
    let again = client.post_with_key(path, &key, body.clone()).await;
    assert_eq!((again.header("idempotent-replayed"), &again.json), ("true", &first));
    // Registered by itself once more and taken away again, as a second worker would.
    let second = client.post(path, body).await.expect(201);
    assert_ne!(second["id"], first["id"]);
    client.delete(&format!("{path}/{}", second["id"].as_str().expect("an id"))).await;
    assert_eq!(client.get(&secrets).await.expect(200), secret);
    let producer_id = ProducerId(shop.producer.id.parse().expect("an id"));
    let event = Event {
        producer_id: Some(producer_id),
        kind: EventType::OrderPaid,
        object_id: producer_id.0,
        occasion: String::new(),
        data: json!({}),
    };
    world.app.db.job(move |tx| webhooks::emit(tx, &event)).await.expect("emitted");
    world.run_jobs().await;
    assert_eq!(receiver.seen().len(), 1, "the first still hears everything, once");
    let of_first = format!(
        "select count(*) from webhook_deliveries where status = 'delivered' and endpoint_id = '{}'",
        first["id"].as_str().expect("an id")
    );
    assert_eq!(world.count(&of_first), 1);
    world.finish().await;
    receiver.stop().await;
}

/// What is to be told stands in the database with what happened, before anybody works at it; what did not happen is not
/// told; and what is worked at twice is told once.
#[actix_web::test]
async fn medusa_11633_14357_6016_news_is_kept_with_what_happened() {
    let world = World::start().await;
    let shop = world.shop(HONEY, 5).await;
    world.run_jobs().await;
    let buyer = world.buyer("0933333333").await;
    let due = world.due(&buyer, &shop.product, 1, "bank_transfer").await;
    world.sepay(1, &due.reference, due.total).await.expect(200);
    let planned = "select count(*) from jobs where kind = 'orders_paid' and done_at is null";
    let told = "select count(*) from notices where topic = 'order_paid'";
    assert_eq!((world.count(planned), world.count(told)), (1, 0));
    let mut watch = Watch::new(&world);
    let before = rows(&mut watch);
    let path = format!("/v1/buyer/orders/{}/confirm-receipt", due.order_id());
    buyer.post(&path, json!({})).await.refused(409, "orders.illegal_action");
    assert_eq!(rows(&mut watch), before);
    world.run_jobs().await;
    assert_eq!((world.count(planned), world.count(told)), (0, 1));
    let again = ocop_market::jobs::Job::OrdersPaid { checkout_id: due.id().parse().expect("an id") };
    world.work(again).await.expect("the job");
    world.run_jobs().await;
    assert_eq!(world.count(told), 1);
    world.finish().await;
}

/// Twenty times at the same moment: every one is answered well, and the parcel and its order move once.
#[actix_web::test]
async fn hyperswitch_14003_one_message_many_times_at_once_is_done_once() {
    let fair = Fair::open().await;
    let checkout = fair.bought((1, 0), None).await;
    let order = fair.order_of(&checkout, &fair.honey);
    let set = format!("update orders set delivery_code = 'carrier:ghn' where id = '{order}'");
    fair.world.database.execute(&set);
    fair.goes(&fair.honey, &order, &["accept", "pack", "hand-over"]).await;
    let parcel = fair.world.text("select id from shipments");
    fair.world.database.execute("update shipments set booking = 'booked', code = 'GHN00001'");
    let body = json!({"OrderCode": "GHN00001", "ClientOrderCode": parcel, "Type": "switch_status",
        "Status": "delivered", "Time": "2026-11-24T03:00:01.158Z"})
    .to_string();
    let path = format!("/v1/callbacks/ghn?hash={CARRIER_SECRET}");
    let headers = [("content-type", "application/json")];
    let visitor = fair.world.visitor();
    let told = join_all((0..20).map(|_| visitor.send(Method::POST, &path, &headers, Some(body.clone())))).await;
    let statuses: Vec<u16> = told.iter().map(|reply| reply.status).collect();
    // Of more at once than there is room for the rest is asked to come again, and does.
    for (reply, status) in told.iter().zip(&statuses).filter(|(_, status)| **status != 200) {
        assert_eq!((*status, reply.header("retry-after").is_empty()), (503, false), "{}", reply.text);
        visitor.send(Method::POST, &path, &headers, Some(body.clone())).await.expect(200);
    }
    fair.world.run_jobs().await;
    let moved = "select count(*) from shipment_events where status = 'delivered'";
    let delivered = "select count(*) from order_events where event = 'deliver'";
    assert_eq!((fair.world.count(moved), fair.world.count(delivered)), (1, 1));
    assert_eq!(fair.world.text(&format!("select status from orders where id = '{order}'")), "delivered");
    fair.world.pass(TimeDelta::hours(1));
    fair.world.run_jobs().await;
    assert_eq!(fair.world.count(moved), 1);
    fair.world.finish().await;
}
