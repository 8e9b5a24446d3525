//! Parcels: booked once, followed to their end whatever order the news come in.

use chrono::TimeDelta;
use ocop_market::jobs::Job;
use ocop_market::kernel::{Actor, OrderId, ShipmentId, Vnd};
use ocop_market::places::CommuneCode;
use ocop_market::shipping::{self, Choice, NewShipment, Recipient, Shipment};
use serde_json::{Value, json};

use crate::support::carriers::FakeGhn;
use crate::support::money::Shop;
use crate::support::{CARRIER_SECRET, Client, Reply, World};

/// A paid order and who is party to it.
struct Sale {
    world: World,
    shop: Shop,
    buyer: Client,
    order: String,
}

impl Sale {
    async fn on(world: World) -> Sale {
        let shop = world.shop(450_000, 20).await;
        let buyer = world.buyer("0933333333").await;
        let due = world.due(&buyer, &shop.product, 2, "bank_transfer").await;
        world.sepay(1, &due.reference, due.total).await.expect(200);
        let order = due.checkout["orders"][0]["id"].as_str().expect("an order").to_owned();
        Sale { world, shop, buyer, order }
    }

    async fn open(&self, choice: &str) -> Shipment {
        let new = new_shipment(&self.world, &self.order, choice).await;
        self.world.app.db.write(&Actor::PLATFORM, move |tx| shipping::open(tx, &new)).await.expect("opened")
    }

    async fn seen(&self) -> Value {
        let path = format!("/v1/buyer/orders/{}/shipments", self.order);
        self.buyer.get(&path).await.expect(200)["data"][0].clone()
    }

    async fn maps_addresses(&self) {
        let rows = ["00769", "00721"]
            .map(|code| json!({"commune_code": code, "district_code": "2269", "ward_code": "830101"}));
        let body = json!({"carrier": "ghn", "rows": rows});
        self.shop.operator.post("/v1/operator/carrier-addresses", body).await.expect(200);
    }
}

pub async fn new_shipment(world: &World, order: &str, choice: &str) -> NewShipment {
    let id = |sql: &str| world.text(&format!("select {sql} from orders where id = '{order}'")).parse().expect("an id");
    NewShipment {
        order_id: OrderId(order.parse().expect("an id")),
        producer_id: ocop_market::kernel::ProducerId(id("producer_id")),
        buyer_id: ocop_market::kernel::AccountId(id("buyer_account_id")),
        choice: Choice::parse(choice).expect("a choice"),
        weight_g: 2800,
        goods_vnd: Vnd::new(900_000).expect("an amount"),
        fee_vnd: Vnd::new(22_000).expect("an amount"),
        recipient: Recipient {
            name: "Nguyễn Thị Hoà".to_owned(),
            phone: "0912345678".to_owned(),
            commune_code: CommuneCode::parse("00721").expect("a code"),
            address: "Số 1, tổ 3".to_owned(),
        },
    }
}

async fn with_ghn() -> (FakeGhn, Sale) {
    let ghn = FakeGhn::start();
    let sale = Sale::on(World::with(&[("GHN_BASE_URL", ghn.url.as_str())]).await).await;
    sale.maps_addresses().await;
    (ghn, sale)
}

/// Moves on until a job that failed is due again.
async fn run_jobs_again(world: &World) {
    world.pass(TimeDelta::minutes(5));
    world.run_jobs().await;
}

async fn tell(world: &World, path: &str, body: String) -> Reply {
    let path = format!("{path}?hash={CARRIER_SECRET}");
    world.visitor().send(reqwest::Method::POST, &path, &[("content-type", "application/json")], Some(body)).await
}

fn ghn_says(shipment: &Shipment, status: &str, second: u32) -> String {
    json!({"OrderCode": "GHN00001", "ClientOrderCode": shipment.id, "Type": "switch_status", "Status": status,
           "Time": format!("2026-11-24T03:00:{second:02}.158Z")})
    .to_string()
}

#[actix_web::test]
async fn a_parcel_is_booked_once_even_when_the_answer_is_lost_and_the_job_comes_twice() {
    let (ghn, sale) = with_ghn().await;
    ghn.desk(|desk| desk.loses_next_answer = true);
    let shipment = sale.open("carrier:ghn").await;
    assert_eq!(sale.open("carrier:ghn").await.id, shipment.id, "asked twice, one parcel");
    sale.world.run_jobs().await;
    assert_eq!(sale.seen().await["booking"], "pending", "nobody knows");
    run_jobs_again(&sale.world).await;
    let seen = sale.seen().await;
    assert_eq!(
        (&seen["booking"], &seen["code"], &seen["status"]),
        (&json!("booked"), &json!("GHN00001"), &json!("created"))
    );
    sale.world
        .app
        .db
        .job(move |tx| ocop_market::jobs::enqueue(tx, &Job::BookShipment { shipment_id: shipment.id.0 }, tx.now, None))
        .await
        .expect("enqueued");
    sale.world.run_jobs().await;
    assert_eq!(ghn.desk(|desk| (desk.creates, desk.parcels.len())), (1, 1));
    assert_eq!(sale.world.count("select count(*) from shipments"), 1);
    sale.world.finish().await;
    ghn.stop().await;
}

#[actix_web::test]
async fn callbacks_shuffled_doubled_and_late_give_the_same_parcel() {
    let story = [
        "ready_to_pick",
        "picking",
        "picked",
        "transporting",
        "delivering",
        "delivery_fail",
        "delivering",
        "delivered",
    ];
    let orders: [&[usize]; 4] = [
        &[0, 1, 2, 3, 4, 5, 6, 7],
        &[7, 6, 5, 4, 3, 2, 1, 0],
        &[3, 3, 7, 0, 7, 5, 1, 1, 6, 2, 4, 0],
        &[4, 7, 4, 2, 0, 6, 3, 5, 1],
    ];
    for order in orders {
        let (ghn, sale) = with_ghn().await;
        let shipment = sale.open("carrier:ghn").await;
        // The first messages may be quicker than our own booking.
        for (n, place) in order.iter().enumerate() {
            if n == 2 {
                sale.world.run_jobs().await;
            }
            let second = u32::try_from(*place).expect("small");
            tell(&sale.world, "/v1/callbacks/ghn", ghn_says(&shipment, story[*place], second)).await.expect(200);
        }
        let seen = sale.seen().await;
        assert_eq!((&seen["status"], &seen["code"]), (&json!("delivered"), &json!("GHN00001")), "{order:?}");
        let events = seen["events"].as_array().expect("events").iter().filter(|e| e["source"] == "carrier");
        let codes: Vec<&str> = events.map(|e| e["raw_code"].as_str().expect("a code")).collect();
        assert_eq!(codes, story, "{order:?}: the timeline is in the order of what happened");
        let late = ghn_says(&shipment, "transporting", 59);
        tell(&sale.world, "/v1/callbacks/ghn", late).await.expect(200);
        assert_eq!(sale.seen().await["status"], "delivered", "what has ended stays");
        sale.world.finish().await;
        ghn.stop().await;
    }
}

#[actix_web::test]
async fn a_code_that_no_page_describes_is_kept_and_shown_as_an_exception() {
    let (ghn, sale) = with_ghn().await;
    let shipment = sale.open("carrier:ghn").await;
    sale.world.run_jobs().await;
    tell(&sale.world, "/v1/callbacks/ghn", ghn_says(&shipment, "teleported", 1)).await.expect(200);
    let seen = sale.seen().await;
    assert_eq!((&seen["status"], &seen["events"][0]["raw_code"]), (&json!("exception"), &json!("teleported")));
    tell(&sale.world, "/v1/callbacks/ghn", ghn_says(&shipment, "picked", 2)).await.expect(200);
    assert_eq!(sale.seen().await["status"], "picked_up");
    sale.world.finish().await;
    ghn.stop().await;
}

#[actix_web::test]
async fn a_message_without_our_secret_changes_nothing_and_a_genuine_one_is_always_kept() {
    let sale = Sale::on(World::start().await).await;
    let shipment = sale.open("carrier:ghtk").await;
    let said = json!({"partner_id": shipment.id, "label_id": "S1.A1.1", "status_id": 5, "action_time": "2026-11-24T12:18:39+07:00"}).to_string();
    let json_kind = [("content-type", "application/json")];
    for path in
        ["/v1/callbacks/ghtk", "/v1/callbacks/ghtk?hash=guess", "/v1/callbacks/ghn", "/v1/callbacks/viettel-post"]
    {
        let reply = sale.world.visitor().send(reqwest::Method::POST, path, &json_kind, Some(said.clone())).await;
        assert_eq!((reply.status, &reply.json["success"]), (401, &json!(false)), "{path}");
    }
    assert_eq!(sale.world.count("select count(*) from carrier_messages"), 0);
    assert_eq!(sale.seen().await["status"], "created");
    for body in ["{", "[]", "", "{\"label_id\": \"S1\"}"] {
        tell(&sale.world, "/v1/callbacks/ghtk", body.to_owned()).await.expect(200);
    }
    assert_eq!(sale.world.count("select count(*) from carrier_messages where outcome = 'malformed'"), 4);
    tell(&sale.world, "/v1/callbacks/ghtk", said.replace(&shipment.id.to_string(), "12345")).await.expect(200);
    assert_eq!(sale.world.count("select count(*) from carrier_messages where outcome = 'unknown_shipment'"), 1);
    for _ in 0..2 {
        tell(&sale.world, "/v1/callbacks/ghtk", said.clone()).await.expect(200);
    }
    assert_eq!(sale.seen().await["status"], "delivered");
    assert_eq!(sale.world.count("select count(*) from carrier_messages where outcome = 'repeated'"), 1);
    let large = tell(&sale.world, "/v1/callbacks/ghtk", "x".repeat(70_000)).await;
    large.refused(413, "body_too_large");
    let viettel = json!({"TOKEN": CARRIER_SECRET, "DATA": {"ORDER_NUMBER": "1", "ORDER_STATUS": 501, "ORDER_STATUSDATE": "24/11/2026 10:00:00"}});
    let reply = sale
        .world
        .visitor()
        .send(reqwest::Method::POST, "/v1/callbacks/viettel-post", &json_kind, Some(viettel.to_string()))
        .await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    sale.world.finish().await;
}

#[actix_web::test]
async fn a_message_that_was_kept_but_not_done_is_taken_up() {
    let sale = Sale::on(World::start().await).await;
    let shipment = sale.open("carrier:ghtk").await;
    let body = json!({"partner_id": shipment.id, "label_id": "S1.A1.1", "status_id": 3, "action_time": "2026-11-24T12:18:39+07:00"}).to_string();
    sale.world.database.execute(&format!(
        "insert into carrier_messages (id, carrier, received_at, source, content_type, body)
         values (gen_random_uuid(), 'ghtk', now() - interval '5 minutes', '10.0.0.1', 'application/json', convert_to('{body}', 'UTF8'))"
    ));
    sale.world.work(Job::LookAfterShipments).await.expect("done");
    assert_eq!(sale.seen().await["status"], "picked_up");
    assert_eq!(sale.world.count("select count(*) from carrier_messages where outcome = 'applied'"), 1);
    sale.world.finish().await;
}

#[actix_web::test]
async fn a_carrier_is_asked_about_a_parcel_of_which_nobody_hears() {
    let (ghn, sale) = with_ghn().await;
    sale.open("carrier:ghn").await;
    sale.world.run_jobs().await;
    ghn.desk(|desk| desk.status = "delivered".to_owned());
    sale.world.work(Job::LookAfterShipments).await.expect("done");
    sale.world.run_jobs().await;
    assert_eq!(sale.seen_by_owner("status"), "created", "it has just been heard of");
    sale.world.pass(TimeDelta::hours(7));
    sale.world.work(Job::LookAfterShipments).await.expect("done");
    sale.world.run_jobs().await;
    assert_eq!(sale.seen_by_owner("status"), "delivered");
    assert_eq!(sale.world.count("select count(*) from shipment_events where source = 'poll'"), 1);
    sale.world.finish().await;
    ghn.stop().await;
}

impl Sale {
    /// As it stands in the database, when tokens have expired.
    fn seen_by_owner(&self, column: &str) -> String {
        self.world.text(&format!("select {column} from shipments"))
    }

    fn by_producer(&self) -> Client {
        self.shop.producer.client.clone()
    }

    async fn does(&self, shipment: ShipmentId, verb: &str, body: Value) -> Reply {
        self.by_producer().post(&format!("/v1/producer/shipments/{shipment}/{verb}"), body).await
    }
}

#[actix_web::test]
async fn a_parcel_is_called_off_at_its_carrier_unless_it_has_left() {
    let (ghn, sale) = with_ghn().await;
    let waiting = sale.open("carrier:ghn").await;
    let off = sale.does(waiting.id, "cancel", json!({})).await.expect(200);
    assert_eq!((&off["status"], &off["booking"]), (&json!("cancelled"), &json!("cancelled")));
    sale.world.run_jobs().await;
    assert_eq!(ghn.desk(|desk| desk.creates), 0, "what was called off is not booked");

    let second = sale.open("carrier:ghn").await;
    assert_ne!(second.id, waiting.id);
    sale.world.run_jobs().await;
    assert_eq!(sale.does(second.id, "cancel", json!({})).await.expect(200)["booking"], "cancelling");
    sale.world.run_jobs().await;
    assert_eq!(sale.does(second.id, "cancel", json!({})).await.expect(200)["status"], "cancelled");
    assert!(ghn.desk(|desk| desk.parcels.values().all(|(_, is_off)| *is_off)));

    let third = sale.open("carrier:ghn").await;
    sale.world.run_jobs().await;
    ghn.desk(|desk| desk.has_left = true);
    assert_eq!(sale.does(third.id, "cancel", json!({})).await.expect(200)["booking"], "cancelling");
    sale.world.run_jobs().await;
    let path = format!("/v1/producer/orders/{}/shipments", sale.order);
    let seen = sale.by_producer().get(&path).await.expect(200)["data"][2].clone();
    assert_eq!(
        (&seen["status"], &seen["booking"], &seen["booking_fault"]),
        (&json!("created"), &json!("booked"), &json!("Đã lấy hàng"))
    );
    let picked = json!({"OrderCode": seen["code"], "ClientOrderCode": third.id, "Type": "switch_status", "Status": "picked", "Time": "2026-11-24T03:00:00Z"});
    tell(&sale.world, "/v1/callbacks/ghn", picked.to_string()).await.expect(200);
    sale.does(third.id, "cancel", json!({})).await.refused(409, "shipping.too_late_to_cancel");
    sale.world.finish().await;
    ghn.stop().await;
}

#[actix_web::test]
async fn a_parcel_called_off_while_it_is_booked_is_called_off_at_the_carrier_too() {
    let (ghn, sale) = with_ghn().await;
    ghn.desk(|desk| desk.loses_next_answer = true);
    let shipment = sale.open("carrier:ghn").await;
    sale.world.run_jobs().await;
    // Booked there, and not known here.
    assert_eq!(sale.does(shipment.id, "cancel", json!({})).await.expect(200)["booking"], "cancelling");
    assert!(ghn.desk(|desk| desk.parcels.values().all(|(_, is_off)| !is_off)));
    run_jobs_again(&sale.world).await;
    assert_eq!(
        (sale.seen_by_owner("status"), sale.seen_by_owner("booking")),
        ("cancelled".to_owned(), "cancelled".to_owned())
    );
    assert!(ghn.desk(|desk| desk.parcels.len() == 1 && desk.parcels.values().all(|(_, is_off)| *is_off)));
    sale.world.finish().await;
    ghn.stop().await;
}

#[actix_web::test]
async fn a_commune_without_numbers_is_refused_clearly_and_booked_when_it_has_them() {
    let ghn = FakeGhn::start();
    let sale = Sale::on(World::with(&[("GHN_BASE_URL", ghn.url.as_str())]).await).await;
    let shipment = sale.open("carrier:ghn").await;
    sale.world.run_jobs().await;
    let path = format!("/v1/producer/orders/{}/shipments", sale.order);
    let seen = sale.by_producer().get(&path).await.expect(200)["data"][0].clone();
    assert_eq!(
        (&seen["booking"], &seen["booking_fault"]),
        (&json!("refused"), &json!("address_not_mapped: 00769, 00721"))
    );
    assert_eq!(ghn.desk(|desk| desk.creates), 0);
    sale.maps_addresses().await;
    sale.does(shipment.id, "rebook", json!({})).await.expect(200);
    sale.world.run_jobs().await;
    assert_eq!(sale.seen().await["booking"], "booked");
    sale.does(shipment.id, "rebook", json!({})).await.refused(409, "shipping.not_for_booking");
    sale.does(shipment.id, "report", json!({"status": "delivered"})).await.refused(409, "shipping.carrier_reports");
    sale.world.finish().await;
    ghn.stop().await;
}

#[actix_web::test]
async fn what_a_carrier_refuses_the_producer_gives_it_at_its_counter() {
    let (ghn, sale) = with_ghn().await;
    ghn.desk(|desk| desk.refuses = true);
    let shipment = sale.open("carrier:ghn").await;
    sale.does(shipment.id, "note-waybill", json!({"code": "GHNQUAY1"})).await.refused(409, "shipping.not_for_booking");
    sale.world.run_jobs().await;
    let noted = sale.does(shipment.id, "note-waybill", json!({"code": "GHNQUAY1"})).await.expect(200);
    assert_eq!((&noted["booking"], &noted["code"]), (&json!("by_hand"), &json!("GHNQUAY1")));
    sale.does(shipment.id, "report", json!({"status": "picked_up"})).await.expect(200);
    assert_eq!(sale.seen().await["status"], "picked_up");
    sale.world.finish().await;
    ghn.stop().await;
}

#[actix_web::test]
async fn a_carrier_that_is_off_leaves_the_parcel_to_hands() {
    let sale = Sale::on(World::with(&[("GHN_TOKEN", "")]).await).await;
    let shipment = sale.open("carrier:ghn").await;
    sale.world.run_jobs().await;
    assert_eq!(sale.seen().await["booking"], "by_hand");
    tell(&sale.world, "/v1/callbacks/ghn", "{}".to_owned()).await.refused(404, "not_found");
    sale.does(shipment.id, "report", json!({"status": "delivered"})).await.expect(200);
    sale.world.finish().await;
}

#[actix_web::test]
async fn a_parcel_that_its_producer_brings_moves_by_his_word_along_its_way() {
    let sale = Sale::on(World::start().await).await;
    let shipment = sale.open("own").await;
    assert_eq!(shipment.booking, shipping::BookingStatus::None);
    let refused =
        sale.does(shipment.id, "report", json!({"status": "returned"})).await.refused(409, "shipping.illegal_report");
    assert_eq!(refused["allowed_statuses"], json!(["picked_up", "out_for_delivery", "delivered"]));
    for (status, note) in
        [("picked_up", None), ("delivery_failed", Some("Không có ai ở nhà")), ("returning", None), ("returned", None)]
    {
        let report = sale.does(shipment.id, "report", json!({"status": status, "note": note})).await.expect(200);
        assert_eq!(report["status"], status);
    }
    sale.does(shipment.id, "report", json!({"status": "delivered"})).await.refused(409, "shipping.illegal_report");
    let seen = sale.seen().await;
    assert_eq!(seen["events"].as_array().map(Vec::len), Some(5), "{seen}");
    assert_eq!(seen["events"][2]["note"], "Không có ai ở nhà");
    let next = sale.open("own").await;
    assert_ne!(next.id, shipment.id, "it may be sent again");
    sale.world.finish().await;
}

#[actix_web::test]
async fn an_import_of_numbers_names_every_fault_and_says_who_is_missing() {
    let world = World::start().await;
    let operator = world.operator().await;
    let row =
        |commune: &str, district: &str| json!({"commune_code": commune, "district_code": district, "ward_code": "1A"});
    let body = json!({"carrier": "viettel_post", "rows": [row("99999", "1"), row("00769", "x"), row("00769", "1")]});
    let refused = operator.post("/v1/operator/carrier-addresses", body).await.refused(422, "invalid_input");
    let mut pointers: Vec<&str> =
        refused["errors"].as_array().expect("faults").iter().filter_map(|e| e["pointer"].as_str()).collect();
    pointers.sort_unstable();
    assert_eq!(
        pointers,
        [
            "/rows/0/commune_code",
            "/rows/0/province_code",
            "/rows/0/ward_code",
            "/rows/1/district_code",
            "/rows/1/province_code",
            "/rows/1/ward_code",
            "/rows/2/commune_code",
            "/rows/2/province_code",
            "/rows/2/ward_code",
        ]
    );
    let communes = world.count("select count(*) from communes");
    let body = json!({"carrier": "ghn", "rows": [row("00769", "2269")]});
    for _ in 0..2 {
        let seen = operator.post("/v1/operator/carrier-addresses", body.clone()).await.expect(200);
        assert_eq!(seen["mapped"].as_array().map(Vec::len), Some(1));
        assert_eq!(seen["unmapped"].as_array().map(Vec::len).and_then(|n| i64::try_from(n).ok()), Some(communes - 1));
    }
    world.finish().await;
}

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
async fn messages_that_come_at_once_and_orders_opened_at_once_leave_one_parcel_with_one_story() {
    let sale = Sale::on(World::start().await).await;
    let new = new_shipment(&sale.world, &sale.order, "carrier:ghtk").await;
    let opened = (0..8).map(|_| {
        let (db, new) = (sale.world.app.db.clone(), new.clone());
        async move { db.write(&Actor::PLATFORM, move |tx| shipping::open(tx, &new)).await.expect("opened").id }
    });
    let ids = futures_util::future::join_all(opened).await;
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    let says = |status: i64, minute: i64| {
        json!({"partner_id": ids[0], "label_id": "S1.A1.1", "status_id": status, "action_time": format!("2026-11-24T12:{minute:02}:00+07:00")}).to_string()
    };
    let story = [(2, 1), (12, 2), (3, 3), (4, 4), (10, 5), (4, 6), (5, 7), (6, 8), (123, 9)];
    let sent = story
        .iter()
        .chain(&story)
        .chain(&story)
        .map(|(status, minute)| tell(&sale.world, "/v1/callbacks/ghtk", says(*status, *minute)));
    for reply in futures_util::future::join_all(sent).await {
        assert!(matches!(reply.status, 200 | 503), "{}", reply.text);
    }
    for (status, minute) in story {
        tell(&sale.world, "/v1/callbacks/ghtk", says(status, minute)).await.expect(200);
    }
    assert_eq!(sale.seen().await["status"], "delivered");
    assert_eq!(sale.world.count("select count(*) from shipment_events where source = 'carrier'"), 9);
    sale.world.finish().await;
}

#[actix_web::test]
async fn nobody_sees_or_moves_the_parcel_of_another() {
    let sale = Sale::on(World::start().await).await;
    let shipment = sale.open("own").await;
    let stranger = sale.world.buyer("0933333334").await;
    let other = sale.world.producer(&sale.shop.operator, "0922222222", "HTX chè Đồng Văn", "00721").await;
    stranger.get(&format!("/v1/buyer/orders/{}/shipments", sale.order)).await.refused(404, "not_found");
    other.client.get(&format!("/v1/producer/orders/{}/shipments", sale.order)).await.refused(404, "not_found");
    for (verb, body) in [
        ("report", json!({"status": "delivered"})),
        ("cancel", json!({})),
        ("rebook", json!({})),
        ("note-waybill", json!({"code": "X1"})),
    ] {
        let path = format!("/v1/producer/shipments/{}/{verb}", shipment.id);
        other.client.post(&path, body).await.refused(404, "not_found");
    }
    assert_eq!(sale.seen().await["status"], "created");
    sale.world.finish().await;
}
