//! What is owed back gets to its buyer: through the provider that was paid, followed to its end, or by a person.
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a helper of tests fails by panicking")]

mod odd;
mod parallel;
mod persons;
mod plain;
mod transfers;

use chrono::TimeDelta;
use ocop_market::jobs::Job;
use serde_json::{Value, json};

use crate::support::money::{Due, Shop};
use crate::support::payer_refunds::Meets;
use crate::support::payers::{FakePayers, Fate};
use crate::support::{Client, Product, World};

pub const PRICE: i64 = 60_000;
/// Those that pay back.
pub const PROVIDERS: [&str; 3] = ["vnpay", "momo", "zalopay"];
const BUYER: &str = "0933333333";
pub const REFUNDS: &str = "/v1/operator/refunds";

/// A market whose providers pay back.
pub struct Stand {
    pub payers: FakePayers,
    pub world: World,
    pub shop: Shop,
}

impl Stand {
    pub async fn new() -> Stand {
        Stand::with(&[]).await
    }

    pub async fn with(settings: &[(&str, &str)]) -> Stand {
        let payers = FakePayers::start();
        let world = payers.world_with(settings).await;
        let shop = world.shop(PRICE, 100).await;
        world.buyer(BUYER).await;
        Stand { payers, world, shop }
    }

    /// Who buys, in a session that is as young as may be: time passes here.
    pub fn buyer(&self) -> Client {
        self.world.session(BUYER, "buyer", TimeDelta::zero()).1
    }

    pub fn operator(&self) -> Client {
        self.world.session("0900000001", "operator", TimeDelta::zero()).1
    }

    /// Once there is a second one.
    pub fn second_operator(&self) -> Client {
        self.world.session("0900000002", "operator", TimeDelta::zero()).1
    }

    /// An order of so many units that was paid through this provider.
    pub async fn paid(&self, provider: &str, quantity: i64) -> Due {
        let due = self.world.due(&self.buyer(), &self.shop.product, quantity, provider).await;
        self.pay(provider, &due).await;
        due
    }

    /// The money of a purchase comes.
    pub async fn pay(&self, provider: &str, due: &Due) {
        let number = 14_000_000 + self.world.count("select count(*) from payment_credits");
        self.payers.set(&due.reference, due.total, Fate::Paid(number));
        let (reference, total) = (due.reference.as_str(), due.total);
        let answer = match provider {
            "vnpay" => self.world.vnpay(reference, total, ("00", "00", &number.to_string())).await,
            "momo" => self.world.momo(reference, total, (0, number)).await,
            "zalopay" => self.world.zalopay(reference, total, number).await,
            _ => self.world.sepay(number, reference, total).await,
        };
        assert!(answer.status < 300, "{}", answer.text);
    }

    pub async fn cancel(&self, order_id: &str) {
        let path = format!("/v1/buyer/orders/{order_id}/cancel");
        self.buyer().post(&path, json!({"reason": "Đặt nhầm"})).await.expect(200);
    }

    /// A paid order that was cancelled, and what the next refunds meet; nothing was done about it yet.
    pub async fn owed(&self, provider: &str, meets: &[Meets]) -> Due {
        self.payers.desk(|desk| desk.next_refunds = meets.iter().copied().collect());
        let due = self.paid(provider, 2).await;
        self.cancel(due.order_id()).await;
        due
    }

    /// The worker once so much time has passed.
    pub async fn later(&self, time: TimeDelta) {
        self.world.pass(time);
        self.world.work(Job::LookAfterRefunds).await.expect("looked");
        self.world.run_jobs().await;
    }

    /// Status and tries of an order's only refund.
    pub fn standing(&self, due: &Due) -> String {
        self.world.text(&format!("select status || ' ' || tries from refunds where order_id = '{}'", due.order_id()))
    }

    pub fn refund_id(&self, due: &Due) -> String {
        self.world.text(&format!("select id from refunds where order_id = '{}'", due.order_id()))
    }

    /// What left the books for it, and came back.
    pub fn booked(&self, due: &Due) -> i64 {
        self.world.count(&format!(
            "select coalesce(sum(case when debit = 'refunds_owed' then amount_vnd else -amount_vnd end), 0) from ledger_transfers \
             where order_id = '{}' and kind in ('refund_sent', 'reversal')",
            due.order_id()
        ))
    }

    pub fn sends(&self) -> Vec<String> {
        self.payers.desk(|desk| desk.refund_sends.clone())
    }

    pub async fn act(&self, operator: &Client, due: &Due, what: &str) -> crate::support::Reply {
        let body = match what {
            "approve" | "retry" => json!({}),
            _ => json!({"note": "Đã đối chiếu"}),
        };
        operator.post(&format!("{REFUNDS}/{}/{what}", self.refund_id(due)), body).await
    }

    /// What the buyer sees of an order's refunds.
    pub async fn seen(&self, due: &Due) -> Value {
        self.buyer().get(&format!("/v1/buyer/orders/{}/refunds", due.order_id())).await.expect(200)["data"].clone()
    }

    pub async fn finish(self) {
        self.world.finish().await;
        self.payers.stop().await;
    }
}

/// A purchase from two producers, whose orders have a price each.
pub async fn of_two(stand: &Stand, provider: &str, prices: (i64, i64)) -> Due {
    let operator = &stand.operator();
    let other = stand.world.producer(operator, "0922222222", "HTX chè Đồng Văn", "00721").await;
    let honey = stand.world.product(operator, &stand.shop.producer, "Mật ong rừng", (prices.0, 5)).await;
    let tea: Product = stand.world.product(operator, &other, "Chè Shan tuyết", (prices.1, 5)).await;
    stand.buyer().put_in_cart(&honey.variant_id, 1).await;
    let due = {
        stand.buyer().put_in_cart(&tea.variant_id, 1).await;
        let total = prices.0 + prices.1;
        let checkout = stand.buyer().check_out(total).await.expect(201);
        let attempt = stand.buyer().start_attempt(&checkout, provider).await;
        let reference = attempt["reference"].as_str().expect("a reference").to_owned();
        Due { checkout, attempt, reference, total }
    };
    stand.pay(provider, &due).await;
    due
}
