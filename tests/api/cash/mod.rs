//! Cash on delivery: chosen in the place of paying, collected by the carrier, booked when it says that it delivered.

mod choosing;
mod collecting;
mod races;
mod settling;

use chrono::TimeDelta;
use diesel::prelude::*;
use serde_json::{Value, json};

use crate::support::carriers::FakeGhn;
use crate::support::money::{Due, Shop};
use crate::support::{CARRIER_SECRET, Client, Reply, World};

const PRICE: i64 = 120_000;
const BUYER: &str = "0933333333";
const PRODUCER: &str = "0911111111";

/// A shop whose goods go by GHN, which collects, and a buyer.
struct Cash {
    world: World,
    ghn: FakeGhn,
    shop: Shop,
    buyer: Client,
}

impl Cash {
    async fn open() -> Cash {
        Cash::with(&[("CASH_ON_DELIVERY", "on")]).await
    }

    async fn with(settings: &[(&str, &str)]) -> Cash {
        let ghn = FakeGhn::start();
        let own = [("GHN_BASE_URL", ghn.url.as_str())];
        let world = World::with(&[&own, settings].concat()).await;
        let shop = world.shop(PRICE, 20).await;
        let rows = ["00769", "00721"]
            .map(|code| json!({"commune_code": code, "district_code": "2269", "ward_code": "830101"}));
        let body = json!({"carrier": "ghn", "rows": rows});
        shop.operator.post("/v1/operator/carrier-addresses", body).await.expect(200);
        let buyer = world.buyer(BUYER).await;
        Cash { world, ghn, shop, buyer }
    }

    fn execute(&self, sql: &str) {
        diesel::sql_query(sql).execute(&mut self.world.database.owner()).expect(sql);
    }

    /// A purchase of so many that waits for payment, with a try to pay it, and goes by this way.
    async fn waiting(&self, quantity: i64, delivery_code: &str) -> Due {
        let due = self.world.due(&self.buyer, &self.shop.product, quantity, "bank_transfer").await;
        self.execute(&format!("update orders set delivery_code = '{delivery_code}' where id = '{}'", due.order_id()));
        due
    }

    async fn choose(&self, due: &Due) -> Reply {
        self.buyer.post(&format!("/v1/buyer/checkouts/{}/pay-on-delivery", due.id()), json!({})).await
    }

    /// A purchase of so many that is to be paid to GHN.
    async fn chosen(&self, quantity: i64) -> Due {
        let due = self.waiting(quantity, "carrier:ghn").await;
        self.choose(&due).await.expect(200);
        self.world.run_jobs().await;
        due
    }

    async fn ways(&self, due: &Due) -> Value {
        self.buyer.get(&format!("/v1/buyer/checkouts/{}/payment-ways", due.id())).await.expect(200)
    }

    async fn sells(&self, due: &Due, action: &str, body: Value) -> Reply {
        let client = self.world.session(PRODUCER, "producer", TimeDelta::zero()).1;
        client.post(&format!("/v1/producer/orders/{}/{action}", due.order_id()), body).await
    }

    async fn goes(&self, due: &Due, actions: &[&str]) -> Value {
        let mut order = Value::Null;
        for action in actions {
            order = self.sells(due, action, json!({})).await.expect(200);
        }
        order
    }

    /// Handed over and booked.
    async fn sent(&self, due: &Due) {
        self.goes(due, &["accept", "pack", "hand-over"]).await;
        self.world.run_jobs().await;
        assert_eq!(self.parcel(due, "booking"), "booked");
    }

    fn parcel(&self, due: &Due, column: &str) -> String {
        self.world.text(&format!("select {column} from shipments where order_id = '{}'", due.order_id()))
    }

    fn status(&self, due: &Due) -> String {
        self.world.text(&format!("select status from orders where id = '{}'", due.order_id()))
    }

    async fn seen(&self, due: &Due) -> Value {
        let buyer = self.world.session(BUYER, "buyer", TimeDelta::zero()).1;
        buyer.get(&format!("/v1/buyer/orders/{}", due.order_id())).await.expect(200)
    }

    /// What GHN says of the parcel at a second of a minute.
    async fn ghn_says(&self, due: &Due, status: &str, second: u32) {
        let body = json!({"OrderCode": self.parcel(due, "code"), "ClientOrderCode": self.parcel(due, "id"),
            "Type": "switch_status", "Status": status, "Time": format!("2026-11-24T03:00:{second:02}.158Z")});
        let path = format!("/v1/callbacks/ghn?hash={CARRIER_SECRET}");
        let headers = [("content-type", "application/json")];
        let visitor = self.world.visitor();
        visitor.send(reqwest::Method::POST, &path, &headers, Some(body.to_string())).await.expect(200);
        self.world.run_jobs().await;
    }

    /// The movements of an order, the first first.
    fn books(&self, due: &Due) -> String {
        self.world.text(&format!(
            "select string_agg(concat_ws(' ', kind, debit, credit, amount_vnd, provider), ', ' order by id)
             from ledger_transfers where order_id = '{}'",
            due.order_id()
        ))
    }

    async fn finish(self) {
        self.world.finish().await;
        self.ghn.stop().await;
    }
}
