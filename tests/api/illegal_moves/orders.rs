//! Orders in every way that goods come, and purchases.

use ocop_market::kernel::Actor as Principal;
use ocop_market::shipping;
use serde_json::{Value, json};

use super::machine::Machine;
use super::{Actor, Route, at, refused_everywhere, verb};
use crate::shipments::new_shipment;
use crate::support::money::Shop;
use crate::support::{Client, World, new_key};

const ORDERS: &str = include_str!("../../../src/orders/machine.txt");
const CHECKOUTS: &str = include_str!("../../../src/orders/checkout_machine.txt");

/// What nobody but the payment moves.
fn is_unpaid(status: &str) -> bool {
    status == "awaiting_payment"
}

/// A producer knows nothing of what nobody paid.
fn is_sold(status: &str) -> bool {
    !matches!(status, "awaiting_payment" | "expired")
}

/// Where a carrier that has the parcel tells by itself.
fn is_carriers(status: &str, event: &str) -> bool {
    matches!(status, "handed_over" | "in_transit" | "delivery_failed" | "returning")
        && matches!(event, "deliver" | "fail-delivery" | "send-back")
}

async fn guest(world: &World) -> Client {
    let headers = [("content-type", "application/json")];
    let body = json!({"device_id": format!("guest-{}", new_key())}).to_string();
    let tokens = world.visitor().send(reqwest::Method::POST, "/v1/auth/guest", &headers, Some(body)).await.expect(200);
    world.visitor().with_token(tokens["access_token"].as_str().expect("a token"))
}

/// An order that is paid and comes this way.
async fn order(world: &World, shop: &Shop, (buyer, notice, way): (&Client, i64, &str)) -> String {
    let due = world.due(buyer, &shop.product, 1, "bank_transfer").await;
    let set = format!("update orders set delivery_code = '{way}' where id = '{}'", due.order_id());
    world.database.execute(&set);
    world.sepay(notice, &due.reference, due.total).await.expect(200);
    due.order_id().to_owned()
}

fn of_buyer(shop: &Shop, id: &str) -> Vec<Route> {
    let base = format!("/v1/buyer/orders/{id}");
    let claim = json!({"kind": "missing", "text": "Thiếu một chai.", "wish": "refund",
                       "lines": [{"variant_id": shop.product.variant_id, "quantity": 1}]});
    vec![
        verb(&base, "cancel", json!({"reason": "Đặt nhầm"})),
        verb(&base, "accept-weight", json!({})),
        verb(&base, "confirm-receipt", json!({})),
        at(&format!("{base}/claims"), "claim", claim),
    ]
}

fn of_producer(id: &str) -> Vec<Route> {
    let base = format!("/v1/producer/orders/{id}");
    let why = || json!({"reason": "Không có người nhận"});
    vec![
        verb(&base, "accept", json!({})),
        verb(&base, "refuse", why()),
        verb(&base, "pack", json!({})),
        verb(&base, "make-ready", json!({})),
        verb(&base, "hand-over", json!({})),
        verb(&base, "deliver", json!({})),
        verb(&base, "fail-delivery", why()),
        verb(&base, "send-back", why()),
        verb(&base, "receive-return", json!({})),
    ]
}

/// An order as its row must be in a status.
fn place(status: &str) -> String {
    let is_unpaid = matches!(status, "awaiting_payment" | "expired");
    let paid = if is_unpaid { "null" } else { "created_at" };
    format!(
        "update orders set status = '{status}', paid_at = {paid}, paid_on = ({paid})::date, \
         due_at = now() + interval '1 day', delivered_at = created_at"
    )
}

fn code(machine: &Machine, actor: &Actor, status: &str, event: &str) -> &'static str {
    let would_be = machine.offers(status, actor.party).iter().any(|offered| offered == event);
    let is_told = actor.name == "producer by a carrier" && would_be && is_carriers(status, event);
    if is_told { "orders.carrier_tells" } else { "orders.illegal_action" }
}

#[actix_web::test]
async fn an_order_does_only_what_its_status_and_its_way_allow() {
    let world = World::start().await;
    let shop = world.shop(120_000, 20).await;
    let (buyer, guest) = (world.buyer("0933333333").await, guest(&world).await);
    let own = order(&world, &shop, (&buyer, 1, "own")).await;
    let guests = order(&world, &shop, (&guest, 2, "own")).await;
    let fetched = order(&world, &shop, (&buyer, 3, &format!("pickup:{}", new_key()))).await;
    let told = order(&world, &shop, (&buyer, 4, "carrier:ghn")).await;
    let untold = order(&world, &shop, (&buyer, 5, "carrier:ghn")).await;
    for (id, booking) in [(&told, "booked"), (&untold, "by_hand")] {
        let new = new_shipment(&world, id, "carrier:ghn").await;
        world.app.db.write(&Principal::PLATFORM, move |tx| shipping::open(tx, &new)).await.expect("a parcel");
        world.database.execute(&format!("update shipments set booking = '{booking}' where order_id = '{id}'"));
    }
    let producer = |name: &'static str, id: &str, lacks: fn(&str, &str) -> bool| Actor {
        name,
        lacks,
        sees: is_sold,
        ..Actor::new("producer", &shop.producer.client, &format!("/v1/producer/orders/{id}"), of_producer(id))
    };
    let party = |name: &'static str, client: &Client, id: &str| Actor {
        name,
        lacks: |status, _| is_unpaid(status),
        ..Actor::new("buyer", client, &format!("/v1/buyer/orders/{id}"), of_buyer(&shop, id))
    };
    let actors = [
        party("buyer", &buyer, &own),
        party("buyer who fetches", &buyer, &fetched),
        party("guest", &guest, &guests),
        producer("producer who brings", &own, |_, event| event == "make-ready"),
        producer("producer of what is fetched", &fetched, |_, event| event == "hand-over"),
        producer("producer by a carrier", &told, |status, event| event == "make-ready" || is_carriers(status, event)),
        producer("producer by a carrier that tells nothing", &untold, |_, event| event == "make-ready"),
    ];
    let machine = Machine::read(ORDERS);
    let asked = refused_everywhere(&world, &machine, code, &actors, place).await;
    assert!(asked > 700, "{asked}");
    world.close().await;
}

#[actix_web::test]
async fn a_purchase_is_paid_or_cancelled_only_while_it_waits() {
    let world = World::start().await;
    let shop = world.shop(120_000, 20).await;
    let (buyer, guest) = (world.buyer("0933333333").await, guest(&world).await);
    let mut actors = Vec::new();
    for (name, client) in [("buyer", &buyer), ("guest", &guest)] {
        client.put_in_cart(&shop.product.variant_id, 1).await;
        let checkout: Value = client.check_out(120_000).await.expect(201);
        let base = format!("/v1/buyer/checkouts/{}", checkout["id"].as_str().expect("an id"));
        let pay = at(&format!("{base}/payment-attempts"), "pay", json!({"provider": "bank_transfer"}));
        let routes = vec![pay, verb(&base, "cancel", json!({}))];
        actors.push(Actor { name, ..Actor::new("buyer", client, &base, routes) });
    }
    let code: super::Code =
        |_, _, _, event| if event == "pay" { "payments.not_payable" } else { "orders.checkout_ended" };
    let place = |status: &str| {
        format!("update checkouts set status = '{status}', paid_at = case when '{status}' = 'paid' then created_at end")
    };
    let asked = refused_everywhere(&world, &Machine::read(CHECKOUTS), code, &actors, place).await;
    assert_eq!(asked, 4 * 2 * 2);
    world.close().await;
}
