//! Shared runs of a commune.

use ocop_market::kernel::Actor;
use ocop_market::shipping::{self, NewShipment, Shipment};
use serde_json::{Value, json};

use super::{Sale, new_shipment};
use crate::orders::{pdf, words};
use crate::support::{Client, World};

/// Another household of the commune with a paid order of its own, and its parcel.
async fn neighbour(sale: &Sale, phone: &str, commune: &str, weight_g: i32) -> (Client, Shipment) {
    let maker = sale.world.producer(&sale.shop.operator, phone, &format!("Hộ {phone}"), commune).await;
    let goods = sale.world.product(&sale.shop.operator, &maker, "Chè Shan tuyết", (120_000, 10)).await;
    let due = sale.world.due(&sale.buyer, &goods, 1, "bank_transfer").await;
    let id: i64 = phone.parse().expect("a number");
    sale.world.sepay(id, &due.reference, due.total).await.expect(200);
    let order = due.checkout["orders"][0]["id"].as_str().expect("an order");
    let new = NewShipment { weight_g, ..new_shipment(&sale.world, order, "pooled").await };
    let shipment = sale.world.app.db.write(&Actor::PLATFORM, move |tx| shipping::open(tx, &new)).await.expect("opened");
    (maker.client, shipment)
}

async fn run_of(client: &Client, capacity_kg: i64) -> String {
    let body = json!({"run_on": "2099-01-01", "commune": {"commune_code": "00769"}, "vehicle": "Xe tải", "capacity_kg": capacity_kg,
                      "cost_vnd": 100_001});
    client.post("/v1/producer/collection-runs", body).await.expect(201)["id"].as_str().expect("an id").to_owned()
}

#[actix_web::test]
async fn a_shared_run_carries_the_goods_of_neighbours_and_its_cost_is_shared_to_the_dong() {
    let sale = Sale::on(World::start().await).await;
    let own = sale.open("pooled").await;
    let border = sale.world.text("select min(neighbour_code) from commune_borders where commune_code = '00769'");
    let (second, theirs) = neighbour(&sale, "0922222221", &border, 1000).await;
    let (far, strange) = neighbour(&sale, "0922222223", "00691", 1000).await;
    let organizer = sale.by_producer();
    let run = run_of(&organizer, 4).await;
    let path = |verb: &str| format!("/v1/producer/collection-runs/{run}/{verb}");
    let listed = second.get("/v1/producer/collection-runs").await.expect(200);
    assert_eq!((&listed["data"][0]["id"], &listed["data"][0]["room_g"]), (&json!(run), &json!(4000)));
    organizer.post(&path("join"), json!({"shipment_id": own.id})).await.expect(200);
    organizer.post(&path("join"), json!({"shipment_id": own.id})).await.refused(409, "shipping.not_for_run");
    let joined = second.post(&path("join"), json!({"shipment_id": theirs.id})).await.expect(200);
    assert_eq!((&joined["room_g"], &joined["allowed_actions"]), (&json!(200), &json!([])));
    far.post(&path("join"), json!({"shipment_id": strange.id})).await.refused(409, "shipping.not_for_run");
    second.post(&path("join"), json!({"shipment_id": own.id})).await.refused(422, "invalid_input");
    second.post(&path("load"), json!({})).await.refused(404, "not_found");
    organizer.post(&path("depart"), json!({})).await.refused(409, "shipping.run_action_not_allowed");
    organizer.post(&path("load"), json!({})).await.expect(200);
    organizer.post(&path("depart"), json!({})).await.expect(200);
    let manifest = organizer.get(&format!("/v1/producer/collection-runs/{run}")).await.expect(200);
    let lines = manifest["lines"].as_array().expect("lines");
    let shares: Vec<i64> = lines.iter().map(|line| line["cost_vnd"].as_i64().expect("a share")).collect();
    assert_eq!(shares, [73_685, 26_316], "2,800 g and 1,000 g of 100,001 đồng: {manifest}");
    assert_eq!(
        (&lines[1]["sequence"], &lines[1]["status"], &manifest["weight_g"]),
        (&json!(2), &json!("picked_up"), &json!(3800))
    );
    assert_eq!(sale.seen().await["status"], "picked_up");
    organizer.post(&path("cancel"), json!({})).await.refused(409, "shipping.run_action_not_allowed");
    organizer.post(&path("finish"), json!({})).await.expect(200);
    sale.does(own.id, "report", json!({"status": "delivered"})).await.expect(200);
    sale.world.finish().await;
}

#[actix_web::test]
async fn of_two_who_join_at_once_only_as_many_as_fit_are_taken() {
    let sale = Sale::on(World::start().await).await;
    let run = run_of(&sale.by_producer(), 2).await;
    let mut tries = Vec::new();
    for phone in ["0922222231", "0922222232", "0922222233", "0922222234"] {
        let (client, shipment) = neighbour(&sale, phone, "00769", 1000).await;
        let path = format!("/v1/producer/collection-runs/{run}/join");
        tries.push(async move { client.post(&path, json!({"shipment_id": shipment.id})).await.status });
    }
    let mut statuses = futures_util::future::join_all(tries).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 409, 409]);
    assert_eq!(sale.world.count("select count(*) from collection_stops"), 2);
    sale.world.finish().await;
}

#[actix_web::test]
async fn a_run_without_a_parcel_does_not_depart_and_one_called_off_sets_its_parcels_free() {
    let sale = Sale::on(World::start().await).await;
    let own = sale.open("pooled").await;
    let organizer = sale.by_producer();
    let (first, second) = (run_of(&organizer, 10).await, run_of(&organizer, 10).await);
    let post = async |run: &str, verb: &str, body: Value| {
        organizer.post(&format!("/v1/producer/collection-runs/{run}/{verb}"), body).await
    };
    post(&first, "join", json!({"shipment_id": own.id})).await.expect(200);
    post(&first, "cancel", json!({})).await.expect(200);
    post(&first, "join", json!({"shipment_id": own.id})).await.refused(409, "shipping.run_closed");
    post(&second, "join", json!({"shipment_id": own.id})).await.expect(200);
    sale.does(own.id, "cancel", json!({})).await.expect(200);
    post(&second, "load", json!({})).await.expect(200);
    post(&second, "depart", json!({})).await.refused(409, "shipping.run_empty");
    sale.world.finish().await;
}

#[actix_web::test]
async fn the_driver_has_the_manifest_on_paper_with_stops_weights_and_shares() {
    let sale = Sale::on(World::start().await).await;
    let own = sale.open("pooled").await;
    let (second, theirs) = neighbour(&sale, "0922222221", "00769", 1000).await;
    let organizer = sale.by_producer();
    let run = run_of(&organizer, 10).await;
    let path = |verb: &str| format!("/v1/producer/collection-runs/{run}/{verb}");
    organizer.post(&path("join"), json!({"shipment_id": own.id})).await.expect(200);
    second.post(&path("join"), json!({"shipment_id": theirs.id})).await.expect(200);
    let planned = words(&pdf(&sale.world, &organizer, &path("manifest.pdf")).await);
    assert!(planned.contains("Cước được chia theo khối lượng khi xe khởi hành"), "{planned}");
    assert!(!planned.contains("73.685"), "nothing is shared yet: {planned}");
    organizer.post(&path("load"), json!({})).await.expect(200);
    organizer.post(&path("depart"), json!({})).await.expect(200);
    let paper = words(&pdf(&sale.world, &organizer, &path("manifest.pdf")).await);
    let codes = ["1", "2"].map(|place| {
        sale.world.text(&format!(
            "select o.code from collection_stops s join shipments p on p.id = s.shipment_id \
               join orders o on o.id = p.order_id where s.sequence = {place}"
        ))
    });
    let said = [
        "Hộ nuôi ong Mèo Vạc",
        "Hộ 0922222221",
        "2,8 kg",
        "1 kg",
        "3,8 kg",
        "73.685",
        "26.316",
        "100.001 đ",
        "Nguyễn Thị Hoà",
        "Xe tải",
    ];
    for word in said.into_iter().chain(codes.iter().map(String::as_str)) {
        assert!(paper.contains(word), "no {word}: {paper}");
    }
    assert!(!paper.contains("khi xe khởi hành"), "{paper}");
    second.get(&path("manifest.pdf")).await.refused(404, "not_found");
    sale.world.finish().await;
}
