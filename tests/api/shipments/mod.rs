//! Parcels: booked once, followed to their end whatever order the news come in.

use chrono::TimeDelta;
use ocop_market::kernel::{Actor, OrderId, ShipmentId, Vnd};
use ocop_market::places::CommuneCode;
use ocop_market::shipping::{self, Choice, NewShipment, Recipient, Shipment};
use serde_json::{Value, json};

use crate::support::carriers::FakeGhn;
use crate::support::money::Shop;
use crate::support::{CARRIER_SECRET, Client, Reply, World};

mod address_lists;
mod booking;
mod booking_machine;
mod by_hand;
mod messages;
mod runs;

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
        collects_vnd: Vnd::ZERO,
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
