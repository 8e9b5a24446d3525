//! Paying producers: from the balance through a run, two persons and a rail to the bank.
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a helper of tests fails by panicking")]

mod accounts;
mod files;
mod overdue;
mod rails;
mod refused;
mod runs;

use chrono::TimeDelta;
use ocop_market::charges::{self, Late};
use ocop_market::jobs::Job;
use ocop_market::kernel::{OrderId, ProducerId, RefundId, Result, Tx, Vnd};
use ocop_market::ledger::{self, LedgerAccount, Transfer, TransferKind};
use serde_json::{Value, json};

use crate::support::money::Shop;
use crate::support::principals::texts;
use crate::support::{Client, Producer, Product, Reply, World};

pub const PRICE: i64 = 120_000;
pub const NUMBER: &str = "8206205123456";
const ONE: &str = "0900000001";
const TWO: &str = "0900000002";
const HOUSEHOLD: &str = "0911111111";
const BUYER: &str = "0933333333";

pub fn account(number: &str) -> Value {
    json!({"bank_bin": "970405", "account_number": number, "holder_name": "VANG THI MAY"})
}

/// An account that an operator has verified and whose wait is over.
pub async fn ready_account(world: &World, operator: &Client, producer: &Producer) -> String {
    let given = producer.client.put("/v1/producer/bank-account", account(NUMBER)).await.expect(200);
    let id = given["id"].as_str().expect("an id").to_owned();
    let path = format!("/v1/operator/bank-accounts/{id}/verify");
    operator.post(&path, json!({"reason": "Trùng tên"})).await.expect(200);
    world.database.execute(&format!(
        "set session_replication_role = replica; update bank_accounts set usable_from = given_at where id = '{id}'"
    ));
    id
}

/// Gives payouts that a test has posted by itself what they are posted for: a transfer that waits, or was cancelled.
pub const TRANSFERS_OF_POSTINGS: &str = "
    set session_replication_role = replica;
    insert into bank_accounts (id, producer_id, bank_bin, holder_name, number_sealed, key_name, last_digits, status, usable_from,
        given_by, given_at)
    select gen_random_uuid(), id, '970405', 'X', decode(repeat('00', 40), 'hex'), repeat('0', 16), '3456', 'given', now(), account_id,
        now() from producers;
    insert into outgoing_batches (id, purpose, made_at) values (gen_random_uuid(), 'payout', now());
    insert into payout_runs (id, made_at) select id, now() from outgoing_batches;
    insert into outgoing_transfers (id, purpose, subject_id, batch_id, producer_id, bank_account_id, amount_vnd, reference, rail, status,
        ended_at, reason, created_at)
    select l.subject_id, 'payout', l.subject_id, b.id, l.producer_id, a.id, l.amount_vnd, upper(substr(md5(l.id::text), 1, 16)),
        'bank_file', case when r.id is null then 'requested' else 'cancelled' end, r.at, 'x', now()
    from ledger_transfers l cross join outgoing_batches b join bank_accounts a on a.producer_id = l.producer_id
    left join ledger_transfers r on r.reverses = l.id where l.kind = 'payout';
    insert into outgoing_events (id, transfer_id, event, to_status, at)
    select gen_random_uuid(), id, 'request', status, now() from outgoing_transfers;
    insert into payouts (id, run_id, producer_id, balance_vnd, amount_vnd, at)
    select id, batch_id, producer_id, amount_vnd, amount_vnd, now() from outgoing_transfers";

/// A refund of an order that has ended, as orders post it.
pub fn late_refund(order_id: &str, producer_id: &str, amount: i64) -> impl Fn(&mut Tx<'_>) -> Result<()> + use<> {
    let (order_id, producer_id) =
        (OrderId(order_id.parse().expect("an id")), ProducerId(producer_id.parse().expect("an id")));
    let refund_id = RefundId::generate();
    let less = Vnd::new(amount).expect("money");
    move |tx| {
        let sides = (LedgerAccount::Producer, LedgerAccount::RefundsOwed);
        let moved = Transfer::new(TransferKind::LateRefund, refund_id.0, sides, less)
            .of_producer(producer_id)
            .of_order(order_id)
            .of_refund(refund_id);
        let late = Late { order_id, producer_id, refund_id, less };
        let mut all = vec![moved];
        all.extend(charges::give_back(tx, &late)?);
        ledger::post(tx, all)
    }
}

pub struct Stand {
    pub world: World,
    pub shop: Shop,
}

impl Stand {
    /// A household whose account is ready, and two operators.
    pub async fn in_world(world: World) -> Stand {
        let shop = world.shop(PRICE, 500).await;
        world.second_operator().await;
        // Raw produce of one's own, of which nothing is withheld.
        let path = format!("/v1/producer/products/{}/tax-category", shop.product.id);
        shop.producer.client.put(&path, json!({"tax_category": "raw_own"})).await.expect(200);
        ready_account(&world, &shop.operator, &shop.producer).await;
        world.pass(TimeDelta::seconds(1));
        Stand { world, shop }
    }

    pub fn live(&self, phone: &str, audience: &str) -> Client {
        self.world.session(phone, audience, TimeDelta::zero()).1
    }

    pub fn one(&self) -> Client {
        self.live(ONE, "operator")
    }

    pub fn two(&self) -> Client {
        self.live(TWO, "operator")
    }

    pub fn household(&self) -> Client {
        self.live(HOUSEHOLD, "producer")
    }

    /// A completed order of so many units, by the notice of this number.
    pub async fn sold(&self, quantity: i64, notice: i64) -> String {
        self.sold_of(&self.shop.producer, &self.shop.product, (quantity, notice)).await
    }

    pub async fn sold_of(&self, producer: &Producer, product: &Product, (quantity, notice): (i64, i64)) -> String {
        let buyer = self.live(BUYER, "buyer");
        let due = self.world.due(&buyer, product, quantity, "bank_transfer").await;
        self.world.sepay(notice, &due.reference, due.total).await.expect(200);
        for step in ["accept", "pack", "hand-over", "deliver"] {
            let path = format!("/v1/producer/orders/{}/{step}", due.order_id());
            producer.client.post(&path, json!({})).await.expect(200);
        }
        let path = format!("/v1/buyer/orders/{}/confirm-receipt", due.order_id());
        buyer.post(&path, json!({})).await.expect(200);
        due.order_id().to_owned()
    }

    pub async fn run(&self) -> Reply {
        self.one().post("/v1/operator/payout-runs", json!({})).await
    }

    /// A run by hand that the second person has approved; answers its id.
    pub async fn approved_run(&self) -> String {
        let run = self.run().await.expect(201)["id"].as_str().expect("an id").to_owned();
        self.two().post(&approval(&run), json!({})).await.expect(200);
        run
    }

    pub async fn balance(&self) -> i64 {
        let shown = self.household().get("/v1/producer/balance").await.expect(200);
        shown["balance_vnd"].as_i64().expect("a balance")
    }

    /// The household's payouts, the newest first: status and amount.
    pub async fn payouts(&self) -> Vec<String> {
        let shown = self.household().get("/v1/producer/payouts").await.expect(200);
        let rows = shown["data"].as_array().expect("payouts").iter();
        rows.map(|row| format!("{} {}", row["status"].as_str().expect("a status"), row["amount_vnd"])).collect()
    }

    pub async fn next(&self) -> Value {
        self.household().get("/v1/producer/next-payout").await.expect(200)
    }

    /// The only transfer that there is, or the newest.
    pub fn transfer(&self) -> String {
        self.world.text("select id from outgoing_transfers order by id desc limit 1")
    }

    pub async fn on_transfer(&self, verb: &str, body: Value) -> Reply {
        self.one().post(&format!("/v1/operator/outgoing-transfers/{}/{verb}", self.transfer()), body).await
    }

    pub fn status(&self) -> String {
        self.world.text("select status from outgoing_transfers order by id desc limit 1")
    }

    /// Everything that was posted about payouts, in its order.
    pub fn posted(&self) -> Vec<String> {
        let sql = "select concat(kind, ' ', debit, '→', credit, ' ', amount_vnd) from ledger_transfers
                   where 'payouts_in_transit' in (debit, credit) order by id";
        texts(&mut self.world.database.owner(), sql)
    }

    pub fn told(&self) -> Vec<String> {
        texts(&mut self.world.database.owner(), "select topic from notices where topic like 'payout%' order by id")
    }

    /// Later, the worker looks for what is to be done, and does it.
    pub async fn looks_after(&self, later: TimeDelta) {
        self.world.pass(later);
        self.world.work(Job::LookAfterOutgoing).await.expect("looked");
        self.world.run_jobs().await;
    }
}

pub fn approval(run: &str) -> String {
    format!("/v1/operator/outgoing-batches/{run}/approve")
}
