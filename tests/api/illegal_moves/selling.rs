//! Profiles, products, lots, vouchers, accounts, and events on their way to other systems.

use ocop_market::kernel::ProducerId;
use ocop_market::webhooks::{self, Event, EventType};
use serde_json::json;

use super::machine::Machine;
use super::{Actor, edit, refused_everywhere, verb};
use crate::support::{World, new_voucher};

const PRODUCERS: &str = include_str!("../../../src/producers/machine.txt");
const PRODUCTS: &str = include_str!("../../../src/catalog/machine.txt");
const LOTS: &str = include_str!("../../../src/stock/lots/machine.txt");
const VOUCHERS: &str = include_str!("../../../src/vouchers/machine.txt");
const ACCOUNTS: &str = include_str!("../../../src/identity/machine.txt");
/// What the owner of an endpoint does with one event on its way to it; the rest is the sender's.
const DELIVERIES: &str = include_str!("../../../src/webhooks/delivery_machine.txt");
const HARVESTS: &str = include_str!("../../../src/orders/harvests/machine.txt");

#[actix_web::test]
async fn a_profile_does_only_what_its_status_allows() {
    let world = World::start().await;
    let shop = world.shop(120_000, 20).await;
    let (p, o) = ("/v1/producer/profile", format!("/v1/operator/producers/{}", shop.producer.id));
    let version = world.count("select version from producers");
    let why = || json!({"reason": "Thiếu giấy tờ."});
    let actors = [
        Actor::new(
            "producer",
            &shop.producer.client,
            p,
            vec![edit(p, version, json!({"address": "Thôn mới"})), verb(p, "submit", json!({}))],
        ),
        Actor::new(
            "operator",
            &shop.operator,
            &o,
            vec![verb(&o, "approve", json!({})), verb(&o, "reject", why()), verb(&o, "request-changes", why())],
        ),
    ];
    let place = |status: &str| format!("update producers set status = '{status}', status_reason = 'Thiếu giấy tờ.'");
    let code: super::Code =
        |_, _, _, event| if event == "edit" { "producers.not_editable" } else { "producers.action_not_allowed" };
    let asked = refused_everywhere(&world, &Machine::read(PRODUCERS), code, &actors, place).await;
    assert_eq!(asked, 5 * 5 - PRODUCERS.lines().count());
    world.close().await;
}

#[actix_web::test]
async fn a_product_does_only_what_its_status_allows() {
    let world = World::start().await;
    let shop = world.shop(120_000, 20).await;
    let base = |surface: &str| format!("/v1/{surface}/products/{}", shop.product.id);
    let (p, o) = (base("producer"), base("operator"));
    let version = world.count("select version from products");
    let why = || json!({"reason": "Sai tên."});
    let actors = [
        Actor::new(
            "producer",
            &shop.producer.client,
            &p,
            vec![
                edit(&p, version, json!({"title": "Mật ong khác"})),
                verb(&p, "submit", json!({})),
                verb(&p, "pause", json!({})),
                verb(&p, "resume", json!({})),
                verb(&p, "archive", json!({})),
            ],
        ),
        Actor::new(
            "operator",
            &shop.operator,
            &o,
            vec![verb(&o, "publish", json!({})), verb(&o, "reject", why()), verb(&o, "request-changes", why())],
        ),
    ];
    let place = |status: &str| format!("update products set status = '{status}', status_reason = 'Sai tên.'");
    let code: super::Code =
        |_, _, _, event| if event == "edit" { "catalog.not_editable" } else { "catalog.action_not_allowed" };
    let asked = refused_everywhere(&world, &Machine::read(PRODUCTS), code, &actors, place).await;
    assert_eq!(asked, 7 * 8 - PRODUCTS.lines().count());
    world.close().await;
}

#[actix_web::test]
async fn a_lot_does_only_what_its_status_allows() {
    let world = World::start().await;
    let shop = world.shop(120_000, 20).await;
    let new = json!({"code": "MO-1", "harvested_on": "2026-11-20"});
    let lots = format!("/v1/producer/products/{}/lots", shop.product.id);
    let made = shop.producer.client.post(&lots, new).await.expect(201);
    let base = |surface: &str| format!("/v1/{surface}/lots/{}", made["id"].as_str().expect("an id"));
    let (p, o) = (base("producer"), base("operator"));
    let why = || json!({"reason": "Nhãn in sai"});
    let actors = [
        Actor::new(
            "producer",
            &shop.producer.client,
            &p,
            vec![edit(&p, 1, json!({"code": "MO-2"})), verb(&p, "close", json!({})), verb(&p, "recall", why())],
        ),
        Actor::new("operator", &shop.operator, &o, vec![verb(&o, "recall", why())]),
    ];
    let place = |status: &str| {
        format!(
            "update lots set status = '{status}', status_reason = case when '{status}' = 'recalled' then 'Nhãn' end \
             where code is not null"
        )
    };
    let code: super::Code = |_, _, _, _| "stock.lot_action_not_allowed";
    let asked = refused_everywhere(&world, &Machine::read(LOTS), code, &actors, place).await;
    assert_eq!(asked, 4 * 4 - 10, "all but what the machine gives to people");
    world.close().await;
}

#[actix_web::test]
async fn a_harvest_does_only_what_its_status_allows() {
    let world = World::start().await;
    let shop = world.shop(120_000, 0).await;
    let base = crate::harvests::planned(&world, &shop, "pro_rata").await;
    let routes = vec![
        verb(&base, "close", json!({})),
        verb(&base, "declare", crate::harvests::came(&world, 5)),
        verb(&base, "cancel", json!({})),
    ];
    let actor = Actor::new("producer", &shop.producer.client, &base, routes);
    let place = |status: &str| {
        let brought = if status == "harvested" { "1" } else { "null" };
        format!("update harvests set status = '{status}', harvested = {brought}, promised = {brought}")
    };
    let code: super::Code = |_, _, _, _| "orders.harvest_action_not_allowed";
    let asked = refused_everywhere(&world, &Machine::read(HARVESTS), code, &[actor], place).await;
    assert_eq!(asked, 4 * 3 - HARVESTS.lines().count());
    world.close().await;
}

#[actix_web::test]
async fn a_voucher_does_only_what_its_status_allows() {
    let world = World::start().await;
    let shop = world.shop(120_000, 20).await;
    let made = shop.producer.client.post("/v1/producer/vouchers", new_voucher("percent")).await.expect(201);
    let actors = [("producer", &shop.producer.client), ("operator", &shop.operator)].map(|(party, client)| {
        let base = format!("/v1/{party}/vouchers/{}", made["id"].as_str().expect("an id"));
        let routes = ["pause", "resume", "end"].map(|event| verb(&base, event, json!({})));
        Actor::new(party, client, &base, routes.into())
    });
    let place = |status: &str| format!("update vouchers set status = '{status}'");
    let code: super::Code = |_, _, _, _| "vouchers.action_not_allowed";
    let asked = refused_everywhere(&world, &Machine::read(VOUCHERS), code, &actors, place).await;
    assert_eq!(asked, 2 * (3 * 3 - VOUCHERS.lines().count()));
    world.close().await;
}

#[actix_web::test]
async fn an_account_does_only_what_its_status_allows() {
    let world = World::start().await;
    let operator = world.operator().await;
    let id = world.account("0966666661");
    let base = format!("/v1/operator/accounts/{id}");
    let routes = ["suspend", "reinstate"].map(|event| verb(&base, event, json!({})));
    // An account is seen only in the answer to what was done with it.
    let actor = Actor { shown_at: None, ..Actor::new("operator", &operator, &base, routes.into()) };
    let place = |status: &str| format!("update accounts set status = '{status}' where id = '{id}'");
    let code: super::Code = |_, _, _, _| "identity.action_not_allowed";
    assert_eq!(refused_everywhere(&world, &Machine::read(ACCOUNTS), code, &[actor], place).await, 2);
    world.close().await;
}

#[actix_web::test]
async fn what_is_on_its_way_to_another_system_is_not_sent_again() {
    let world = World::start().await;
    let shop = world.shop(120_000, 20).await;
    let client = &shop.producer.client;
    client.post("/v1/producer/webhook-endpoints", json!({"url": "http://127.0.0.1:9/"})).await.expect(201);
    let producer_id = ProducerId(shop.producer.id.parse().expect("an id"));
    let event = Event {
        producer_id: Some(producer_id),
        kind: EventType::OrderPaid,
        object_id: producer_id.0,
        occasion: String::new(),
        data: json!({}),
    };
    world.app.db.job(move |tx| webhooks::emit(tx, &event)).await.expect("emitted");
    let base = format!("/v1/producer/webhook-deliveries/{}", world.text("select id from webhook_deliveries"));
    let routes = vec![verb(&base, "replay", json!({}))];
    let actor = Actor { shown_at: None, ..Actor::new("producer", client, &base, routes) };
    let place = |status: &str| {
        format!(
            "update webhook_deliveries set status = '{status}', \
             next_at = case when '{status}' = 'pending' then now() end, \
             ended_at = case when '{status}' <> 'pending' then now() end"
        )
    };
    let code: super::Code = |_, _, _, _| "webhooks.delivery_pending";
    assert_eq!(refused_everywhere(&world, &Machine::read(DELIVERIES), code, &[actor], place).await, 1);
    world.close().await;
}
