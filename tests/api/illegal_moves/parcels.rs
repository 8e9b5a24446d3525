//! Parcels, by where they are and how far their booking is, and shared runs.

use ocop_market::kernel::Actor as Principal;
use ocop_market::shipping;
use serde_json::{Value, json};

use super::machine::Machine;
use super::{Actor, refused_everywhere, rows, verb};
use crate::shipments::new_shipment;
use crate::support::World;
use crate::support::money::Shop;
use crate::support::principals::Watch;

const RUNS: &str = include_str!("../../../src/shipping/runs/machine.txt");
/// What a producer can do, as `status booking: actions`.
const PARCELS: &str = include_str!("../../../src/shipping/shipments/machine.txt");
/// Where a parcel may go on to by hand, as `status: statuses`.
const BY_HAND: &str = include_str!("../../../src/shipping/shipments/by_hand.txt");
const BOOKINGS: [&str; 6] = ["pending", "booked", "by_hand", "refused", "cancelling", "cancelled"];

/// What stands behind the name in a table; nothing when it is not there.
fn words<'a>(table: &'a str, name: &str) -> Vec<&'a str> {
    let rest = table.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    rest.unwrap_or("").split_whitespace().collect()
}

/// A parcel of a paid order that goes this way.
async fn parcel(world: &World, shop: &Shop, (notice, way): (i64, &str)) -> String {
    let buyer = world.session("0933333333", "buyer", chrono::TimeDelta::zero()).1;
    let due = world.due(&buyer, &shop.product, 1, "bank_transfer").await;
    world.sepay(notice, &due.reference, due.total).await.expect(200);
    let new = new_shipment(world, due.order_id(), way).await;
    let opened = world.app.db.write(&Principal::PLATFORM, move |tx| shipping::open(tx, &new)).await;
    opened.expect("a parcel").id.to_string()
}

fn statuses() -> Vec<&'static str> {
    BY_HAND.lines().map(|line| line.split_once(':').expect("a status").0).collect()
}

fn is_by_hand(booking: &str) -> bool {
    matches!(booking, "none" | "by_hand")
}

/// A producer's actions with their bodies; where people tell, a report goes on to every status.
fn actions(booking: &str) -> Vec<(&'static str, Value)> {
    let mut actions = vec![("cancel", json!({})), ("note-waybill", json!({"code": "QUAY1"})), ("rebook", json!({}))];
    let reported = statuses().into_iter().filter(|status| is_by_hand(booking) || *status == "delivered");
    actions.extend(reported.map(|status| ("report", json!({"status": status}))));
    actions
}

/// Which problem it is, with the members that say what is allowed; `None` for what is allowed.
fn refusal(status: &str, booking: &str, (action, body): (&str, &Value)) -> Option<(&'static str, Vec<&'static str>)> {
    let next = words(BY_HAND, status);
    let is_offered = words(PARCELS, &format!("{status} {booking}")).contains(&action);
    match action {
        "report" if !is_by_hand(booking) => Some(("shipping.carrier_reports", Vec::new())),
        "report" if !next.contains(&body["status"].as_str()?) => Some(("shipping.illegal_report", next)),
        _ if is_offered => None,
        "cancel" => Some(("shipping.too_late_to_cancel", Vec::new())),
        _ => Some(("shipping.not_for_booking", Vec::new())),
    }
}

#[actix_web::test]
async fn a_parcel_does_only_what_its_place_and_its_booking_allow() {
    let world = World::start().await;
    let shop = world.shop(120_000, 20).await;
    let (own, booked) = (parcel(&world, &shop, (1, "own")).await, parcel(&world, &shop, (2, "carrier:ghn")).await);
    let mut cases = vec![(&own, "none")];
    cases.extend(BOOKINGS.iter().map(|booking| (&booked, *booking)));
    let mut watch = Watch::new(&world);
    let (mut faults, mut asked) = (Vec::new(), 0);
    for status in statuses() {
        for (id, booking) in &cases {
            let set = format!("update shipments set status = '{status}', booking = '{booking}' where id = '{id}'");
            world.database.execute(&set);
            let before = rows(&mut watch);
            let allowed = words(PARCELS, &format!("{status} {booking}"));
            for (action, body) in actions(booking) {
                let Some((code, next)) = refusal(status, booking, (action, &body)) else { continue };
                let path = format!("/v1/producer/shipments/{id}/{action}");
                let reply = shop.producer.client.post(&path, body.clone()).await;
                let told = &reply.json;
                let is_refused = reply.status == 409
                    && told["code"] == code
                    && told["current_status"] == status
                    && told["booking"] == *booking
                    && told["allowed_actions"] == json!(allowed)
                    && (code != "shipping.illegal_report" || told["allowed_statuses"] == json!(next));
                if !is_refused {
                    faults.push(format!("{action} {body} of {status} {booking} → {} {}", reply.status, reply.text));
                }
                asked += 1;
            }
            assert_eq!(rows(&mut watch), before, "a refusal in {status} {booking} changed rows: {faults:#?}");
        }
    }
    assert!(faults.is_empty(), "{} of {asked}: {faults:#?}", faults.len());
    assert!(asked > 500, "{asked}");
    world.close().await;
}

#[actix_web::test]
async fn a_shared_run_does_only_what_its_status_allows() {
    let world = World::start().await;
    let shop = world.shop(120_000, 20).await;
    let client = &shop.producer.client;
    let plan = json!({"run_on": "2099-01-01", "commune": {"commune_code": "00769"}, "vehicle": "Xe tải",
                      "capacity_kg": 1500, "cost_vnd": 900_000});
    let run = client.post("/v1/producer/collection-runs", plan).await.expect(201);
    let base = format!("/v1/producer/collection-runs/{}", run["id"].as_str().expect("an id"));
    let routes = ["load", "depart", "finish", "cancel"].map(|event| verb(&base, event, json!({})));
    let actor = Actor { shown_at: None, ..Actor::new("producer", client, &base, routes.into()) };
    let place = |status: &str| format!("update collection_runs set status = '{status}'");
    let code: super::Code = |_, _, _, _| "shipping.run_action_not_allowed";
    let asked = refused_everywhere(&world, &Machine::read(RUNS), code, &[actor], place).await;
    assert_eq!(asked, 5 * 4 - RUNS.lines().count());
    let own = parcel(&world, &shop, (1, "pooled")).await;
    for status in ["loading", "on_the_way", "done", "cancelled"] {
        world.database.execute(&place(status));
        let told = client.post(&format!("{base}/join"), json!({"shipment_id": own})).await;
        let told = told.refused(409, "shipping.run_closed");
        assert_eq!((&told["current_status"], &told["allowed_actions"]), (&json!(status), &json!([])));
    }
    world.close().await;
}
