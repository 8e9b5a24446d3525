//! Tax by month, certificates, the threshold, and what invoices are written of.

mod certificates;
mod gauge;
mod histories;
mod invoices;
mod periods;
mod statements;

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use ocop_market::charges::{self, Late};
use ocop_market::kernel::{Actor, Month, OrderId, ProducerId, RefundId, Tx, Vnd};
use ocop_market::{ledger, taxes};
use serde_json::{Value, json};

use crate::support::money::{Due, Shop};
use crate::support::{Client, Producer, Product, World};

const BUYER: &str = "0933333333";
const SELLER: &str = "0911111111";
const OPERATOR: &str = "0900000001";
const SECOND: &str = "0900000002";
/// 1 % and 0.5 % of it are 1,850 and 925.
const PRICE: i64 = 185_000;

struct Stand {
    world: World,
    shop: Shop,
}

impl Stand {
    async fn new() -> Stand {
        let world = World::start().await;
        let shop = world.shop(PRICE, 500).await;
        let grant = json!({"phone": SECOND, "role": "operator"});
        shop.operator.post("/v1/operator/role-grants", grant).await.expect(201);
        Stand { world, shop }
    }

    /// A session that outlives however many months pass.
    fn live(&self, phone: &str, audience: &str) -> Client {
        let (id, client) = self.world.session(phone, audience, TimeDelta::zero());
        let until = "update sessions set idle_expires_at = '2100-01-01', expires_at = '2100-01-01'";
        self.world.database.execute(&format!("{until} where id = '{id}'"));
        client
    }

    fn seller(&self) -> Client {
        self.live(SELLER, "producer")
    }

    fn operator(&self) -> Client {
        self.live(OPERATOR, "operator")
    }

    fn now(&self) -> DateTime<Utc> {
        self.world.app.db.clock.now()
    }

    /// The month in Vietnam.
    fn month(&self) -> Month {
        Month::of(self.now())
    }

    /// One unit, sold to its end.
    async fn sold(&self, (phone, product): (&str, &Product), notice: i64) -> Due {
        let buyer = self.live(BUYER, "buyer");
        let due = self.world.due(&buyer, product, 1, "bank_transfer").await;
        self.world.sepay(notice, &due.reference, due.total).await.expect(200);
        let producer = self.live(phone, "producer");
        for step in ["accept", "pack", "hand-over", "deliver"] {
            producer.post(&format!("/v1/producer/orders/{}/{step}", due.order_id()), json!({})).await.expect(200);
        }
        let path = format!("/v1/buyer/orders/{}/confirm-receipt", due.order_id());
        self.live(BUYER, "buyer").post(&path, json!({})).await.expect(200);
        due
    }

    async fn sale(&self, notice: i64) -> Due {
        self.sold((SELLER, &self.shop.product), notice).await
    }

    /// What a refund after the end takes back of fee and tax.
    async fn given_back(&self, due: &Due, less: i64) {
        let late = Late {
            order_id: OrderId(due.order_id().parse().expect("an id")),
            producer_id: ProducerId(self.shop.producer.id.parse().expect("an id")),
            refund_id: RefundId::generate(),
            less: Vnd::new(less).expect("money"),
        };
        let give = move |tx: &mut Tx<'_>| {
            let transfers = charges::give_back(tx, &late)?;
            ledger::post(tx, transfers)
        };
        self.world.app.db.write(&Actor::PLATFORM, give).await.expect("given back");
    }

    async fn closes(&self) {
        self.world.app.db.job(taxes::close).await.expect("closed");
    }

    /// Into the next month, an hour after its beginning, when what is over is closed.
    async fn next_month(&self) {
        let ends_at = self.month().ends_at().expect("an end");
        self.world.pass(ends_at - self.now() + TimeDelta::hours(1) + TimeDelta::seconds(1));
        self.closes().await;
    }

    async fn period(&self, month: Month) -> Value {
        let page = self.operator().get("/v1/operator/tax-periods?limit=100").await.expect(200);
        let months = page["data"].as_array().expect("months").clone();
        let found = months.into_iter().find(|one| one["month"] == month.to_string());
        found.unwrap_or_else(|| panic!("{month} is not in {page}"))
    }

    /// The path of a month.
    async fn path(&self, month: Month) -> String {
        format!("/v1/operator/tax-periods/{}", self.period(month).await["id"].as_str().expect("an id"))
    }

    async fn declared(&self, month: Month) {
        let body = json!({"reference": "11020260001", "filed_on": self.today()});
        let path = format!("{}/declare", self.path(month).await);
        self.operator().post(&path, body).await.expect(200);
    }

    /// Proposed by one, approved by another.
    async fn paid(&self, month: Month) {
        let body = json!({"reference": "FT1", "paid_on": self.today()});
        let path = format!("{}/payments", self.path(month).await);
        let payment = self.operator().post(&path, body).await.expect(201);
        let approve = format!("/v1/operator/tax-payments/{}/approve", payment["id"].as_str().expect("an id"));
        self.live(SECOND, "operator").post(&approve, json!({})).await.expect(200);
    }

    fn today(&self) -> NaiveDate {
        ocop_market::kernel::time::vietnam_day(self.now())
    }

    /// A seller besides, with a product.
    async fn another(&self, phone: &str, name: &str) -> (Producer, Product) {
        let operator = self.operator();
        let producer = self.world.producer(&operator, phone, name, "00721").await;
        let product = self.world.product(&operator, &producer, "Chè Shan tuyết", (PRICE, 500)).await;
        (producer, product)
    }

    /// Which files of this were taken away, in their order; each by whom it belongs to.
    fn downloaded(&self, action: &str, object_id: &str) -> String {
        self.world.text(&format!(
            "select coalesce(string_agg(actor_role || ' ' || (detail ->> 'file'), ', ' order by id), '') from audit_events \
             where action = '{action}' and object_id = '{object_id}' and actor_account_id is not null"
        ))
    }

    /// The bytes of a file.
    async fn file(&self, client: &Client, path: &str) -> Vec<u8> {
        let token = client.token.clone().expect("a token");
        let request = self.world.http.get(format!("{}{path}", self.world.base)).bearer_auth(token);
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status().as_u16(), 200, "{path}");
        answer.bytes().await.expect("bytes").to_vec()
    }
}

/// The rows of a table of a workbook, each cell as text.
fn rows(file: &[u8], name: &str) -> Vec<Vec<String>> {
    let mut book = Xlsx::new(Cursor::new(file.to_vec())).expect("a workbook");
    let range = book.worksheet_range(name).expect("a table");
    range.rows().map(|row| row.iter().map(Data::to_string).collect()).collect()
}

/// The words of a paper.
fn words(pdf: &[u8]) -> String {
    assert!(pdf.starts_with(b"%PDF-"), "it is a paper");
    let document = lopdf::Document::load_mem(pdf).expect("a paper");
    let pages: Vec<u32> = document.get_pages().keys().copied().collect();
    document.extract_text(&pages).expect("its words").split_whitespace().collect::<Vec<_>>().join(" ")
}
