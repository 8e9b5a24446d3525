//! The books: what every event moves, what a producer reads of it, and that a history without books gets the same ones.

use chrono::TimeDelta;
use diesel_migrations::MigrationHarness;
use futures_util::future::join_all;
use ocop_market::kernel::{Actor, Error, ProducerId, Result, TransferId, Vnd};
use ocop_market::ledger::{self, LedgerAccount, Transfer, TransferKind};
use ocop_market::ops::MIGRATIONS;
use serde_json::{Value, json};

use crate::support::money::{Due, Shop};
use crate::support::principals::texts;
use crate::support::{Client, World, new_voucher};

const BUYER: &str = "0933333333";
const PRICE: i64 = 120_000;
/// What the way of a parcel costs.
const WAY: i64 = 30_000;

struct Stand {
    world: World,
    shop: Shop,
    buyer: Client,
}

impl Stand {
    async fn new() -> Stand {
        let world = World::start().await;
        let shop = world.shop(PRICE, 500).await;
        // Raw produce of one's own, of which nothing is withheld.
        let path = format!("/v1/producer/products/{}/tax-category", shop.product.id);
        shop.producer.client.put(&path, json!({"tax_category": "raw_own"})).await.expect(200);
        world.pass(TimeDelta::seconds(1));
        let buyer = world.buyer(BUYER).await;
        Stand { world, shop, buyer }
    }

    /// A paid order of so many units, by the notice of this number.
    async fn paid(&self, quantity: i64, notice: i64) -> Due {
        let due = self.world.due(&self.buyer, &self.shop.product, quantity, "bank_transfer").await;
        self.world.sepay(notice, &due.reference, due.total).await.expect(200);
        due
    }

    /// The same, brought by a shared run for the price of a way.
    async fn carried(&self, quantity: i64, notice: i64) -> Due {
        let mut due = self.world.due(&self.buyer, &self.shop.product, quantity, "bank_transfer").await;
        due.total += WAY;
        self.world.database.execute(&format!(
            "update orders set delivery_code = 'pooled', shipping_vnd = {WAY}, total_vnd = total_vnd + {WAY} where id = '{}';
             update checkouts set total_vnd = total_vnd + {WAY} where id = '{}';
             update payments set amount_vnd = amount_vnd + {WAY} where checkout_id = '{}';
             update payment_attempts set amount_vnd = amount_vnd + {WAY} where reference = '{}'",
            due.order_id(), due.id(), due.id(), due.reference
        ));
        self.world.sepay(notice, &due.reference, due.total).await.expect(200);
        due
    }

    async fn sells(&self, due: &Due, steps: &[&str]) {
        for step in steps {
            let path = format!("/v1/producer/orders/{}/{step}", due.order_id());
            self.shop.producer.client.post(&path, json!({})).await.expect(200);
        }
    }

    async fn delivered(&self, due: &Due) {
        self.sells(due, &["accept", "pack", "hand-over", "deliver"]).await;
    }

    async fn completed(&self, due: &Due) {
        self.delivered(due).await;
        let path = format!("/v1/buyer/orders/{}/confirm-receipt", due.order_id());
        self.buyer.post(&path, json!({})).await.expect(200);
    }

    async fn cancelled(&self, due: &Due) {
        let path = format!("/v1/buyer/orders/{}/cancel", due.order_id());
        self.buyer.post(&path, json!({"reason": "Đổi ý"})).await.expect(200);
    }

    /// What was posted for an order, in its order.
    fn of_order(&self, due: &Due) -> Vec<String> {
        self.posted(&format!("order_id = '{}'", due.order_id()))
    }

    fn posted(&self, which: &str) -> Vec<String> {
        let sql = format!(
            "select concat(kind, ' ', debit, '→', credit, ' ', amount_vnd) as line from ledger_transfers where {which} order by id"
        );
        texts(&mut self.world.database.owner(), &sql)
    }

    async fn resolve_first(&self, resolution: &str) {
        let open = self.shop.operator.get("/v1/operator/payment-reviews").await.expect(200);
        let path = format!("/v1/operator/payment-reviews/{}/resolve", open["data"][0]["id"].as_str().expect("an id"));
        let body = json!({"resolution": resolution, "note": "Đã đối chiếu với ngân hàng"});
        self.shop.operator.post(&path, body).await.expect(200);
    }

    async fn balance(&self) -> i64 {
        let shown = self.shop.producer.client.get("/v1/producer/balance").await.expect(200);
        shown["balance_vnd"].as_i64().expect("a balance")
    }

    /// What stands in an account of the platform.
    async fn standing(&self, account: &str) -> i64 {
        let shown = self.shop.operator.get("/v1/operator/ledger/accounts").await.expect(200);
        let accounts = shown["accounts"].as_array().expect("accounts");
        let found = accounts.iter().filter(|one| one["account"] == account);
        found.map(|one| one["balance_vnd"].as_i64().expect("a balance")).sum()
    }

    /// A claim for so many units of a delivered order, which its producer accepts.
    async fn claimed(&self, due: &Due, quantity: i64) {
        let demand = json!({"kind": "missing", "text": "Thiếu hàng trong thùng.", "wish": "refund",
                            "lines": [{"variant_id": self.shop.product.variant_id, "quantity": quantity}]});
        let made = self.buyer.post(&format!("/v1/buyer/orders/{}/claims", due.order_id()), demand).await.expect(201);
        let path = format!("/v1/producer/claims/{}/accept", made["id"].as_str().expect("an id"));
        self.shop.producer.client.post(&path, json!({})).await.expect(200);
    }

    async fn moves(&self, transfers: Vec<Transfer>) -> Result<()> {
        self.world.app.db.write(&Actor::PLATFORM, move |tx| ledger::post(tx, transfers.clone())).await
    }

    fn payout(&self, amount: i64) -> Transfer {
        let sides = (LedgerAccount::Producer, LedgerAccount::PayoutsInTransit);
        let amount = Vnd::new(amount).expect("money");
        Transfer::new(TransferKind::Payout, uuid::Uuid::now_v7(), sides, amount)
            .of_producer(ProducerId(self.shop.producer.id.parse().expect("an id")))
    }
}

#[actix_web::test]
async fn a_sale_goes_from_its_provider_through_its_order_to_its_producer() {
    let stand = Stand::new().await;
    let due = stand.paid(2, 1).await;
    assert_eq!(stand.of_order(&due), ["capture clearing→orders 240000"]);
    assert_eq!((stand.balance().await, stand.standing("orders").await), (0, 240_000));
    let paid_at = stand.world.text("select to_char(at, 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"') from ledger_transfers");
    stand.world.pass(TimeDelta::minutes(5));
    stand.completed(&due).await;
    assert_eq!(stand.of_order(&due), ["capture clearing→orders 240000", "sale orders→producer 240000"]);
    assert_eq!((stand.balance().await, stand.standing("orders").await), (240_000, 0));
    assert_eq!(stand.standing("clearing").await, 240_000);

    let before = format!("/v1/operator/ledger/accounts?at={paid_at}");
    let then = stand.shop.operator.get(&before).await.expect(200);
    let lines: Vec<String> = then["accounts"]
        .as_array()
        .expect("accounts")
        .iter()
        .map(|one| {
            format!("{} {} {} {}", one["account"], one["provider"], one["balance_vnd"], one["waits_since"].is_string())
        })
        .collect();
    assert_eq!(lines, [r#""clearing" "bank_transfer" 240000 true"#, r#""orders" null 240000 true"#]);
    let then = stand.shop.producer.client.get(&format!("/v1/producer/balance?at={paid_at}")).await.expect(200);
    assert_eq!(then["balance_vnd"], 0, "it was not the producer's yet");
    stand.world.finish().await;
}

#[actix_web::test]
async fn what_comes_by_a_shared_run_leaves_the_way_to_it() {
    let stand = Stand::new().await;
    let due = stand.carried(1, 1).await;
    stand.completed(&due).await;
    assert_eq!(
        stand.of_order(&due),
        ["capture clearing→orders 150000", "sale orders→producer 120000", "carriage orders→carriage 30000"]
    );
    // It went out and came back: all but the way is owed back, and the way is the run's.
    let back = stand.carried(1, 2).await;
    stand.sells(&back, &["accept", "pack", "hand-over"]).await;
    let reason = || json!({"reason": "Không gặp khách"});
    for (step, body) in [("fail-delivery", reason()), ("send-back", reason()), ("receive-return", json!({}))] {
        let path = format!("/v1/producer/orders/{}/{step}", back.order_id());
        stand.shop.producer.client.post(&path, body).await.expect(200);
    }
    assert_eq!(
        stand.of_order(&back),
        ["capture clearing→orders 150000", "refund orders→refunds_owed 120000", "carriage orders→carriage 30000"]
    );
    // Nothing of it was there: everything goes back, and the way was travelled all the same.
    let missing = stand.carried(1, 3).await;
    stand.delivered(&missing).await;
    stand.claimed(&missing, 1).await;
    assert_eq!(
        stand.of_order(&missing)[1..],
        ["refund orders→refunds_owed 150000", "carriage_short producer→carriage 30000"]
    );
    assert_eq!((stand.balance().await, stand.standing("carriage").await), (90_000, 90_000));
    stand.world.finish().await;
}

#[actix_web::test]
async fn what_is_owed_back_waits_until_it_is_sent() {
    let stand = Stand::new().await;
    let due = stand.paid(2, 1).await;
    stand.cancelled(&due).await;
    assert_eq!(stand.of_order(&due)[1..], ["refund orders→refunds_owed 240000"]);
    stand.world.run_jobs().await;
    assert_eq!(stand.standing("refunds_owed").await, 240_000);
    stand.resolve_first("refunded_by_hand").await;
    assert_eq!(stand.of_order(&due)[2..], ["refund_sent refunds_owed→clearing 240000"]);
    assert_eq!((stand.standing("refunds_owed").await, stand.standing("clearing").await), (0, 0));
    stand.world.finish().await;
}

#[actix_web::test]
async fn a_claim_takes_its_part_before_the_producer_gets_the_rest() {
    let stand = Stand::new().await;
    let due = stand.paid(3, 1).await;
    stand.delivered(&due).await;
    stand.claimed(&due, 1).await;
    assert_eq!(stand.of_order(&due)[1..], ["refund orders→refunds_owed 120000", "sale orders→producer 240000"]);
    stand.world.finish().await;
}

#[actix_web::test]
async fn odd_money_is_in_suspense_until_somebody_decides() {
    let stand = Stand::new().await;
    let due = stand.paid(1, 1).await;
    for (notice, resolution, moved, left) in [
        (2, "refunded_by_hand", "odd_money_returned suspense→clearing 120000", 0),
        (3, "no_money_received", "odd_money_missing suspense→clearing 120000", 0),
        (4, "kept_for_order", "odd_money_set_aside suspense→set_aside 120000", 120_000),
        (5, "reported_to_provider", "odd_money_set_aside suspense→set_aside 120000", 240_000),
    ] {
        stand.world.sepay(notice, &due.reference, due.total).await.expect(200);
        // Told again it is the same money.
        stand.world.sepay(notice, &due.reference, due.total).await.expect(200);
        assert_eq!(stand.standing("suspense").await, 120_000, "{resolution}");
        stand.resolve_first(resolution).await;
        let posted = stand.posted("kind like 'odd%'");
        assert_eq!(posted[posted.len() - 2..], ["odd_money clearing→suspense 120000", moved]);
        assert_eq!((stand.standing("suspense").await, stand.standing("set_aside").await), (0, left), "{resolution}");
    }
    assert_eq!(stand.standing("clearing").await, 360_000);
    stand.world.finish().await;
}

/// The buyer pays 220,000 of 240,000; the rest is the payer's, who owes it once the sale stands.
#[actix_web::test]
async fn whoever_pays_a_voucher_owes_its_producer_what_it_took_off() {
    let stand = Stand::new().await;
    for (payer, account, notice) in [("platform", "vouchers", 1), ("province", "province", 2)] {
        let mut voucher = new_voucher("amount");
        voucher["payer"] = json!(payer);
        let made = stand.shop.operator.post("/v1/operator/vouchers", voucher).await.expect(201);
        let due = bought_with(&stand, &made["code"], notice).await;
        stand.completed(&due).await;
        let voucher = format!("voucher {account}→producer 20000");
        assert_eq!(stand.of_order(&due), ["capture clearing→orders 220000", "sale orders→producer 220000", &voucher]);
    }
    let own = stand.shop.producer.client.post("/v1/producer/vouchers", new_voucher("amount")).await.expect(201);
    let due = bought_with(&stand, &own["code"], 3).await;
    stand.completed(&due).await;
    assert_eq!(stand.of_order(&due)[1..], ["sale orders→producer 220000"], "his own voucher is his own cost");
    assert_eq!(stand.balance().await, 240_000 + 240_000 + 220_000);
    stand.world.finish().await;
}

async fn bought_with(stand: &Stand, code: &Value, notice: i64) -> Due {
    stand.buyer.put_in_cart(&stand.shop.product.variant_id, 2).await;
    let quote = stand.buyer.quote(json!({"commune_code": "00721", "voucher_code": code})).await.expect(200);
    let mut body = crate::support::checkout(220_000);
    body["quote_id"] = quote["id"].clone();
    body["contract_sha256"] = quote["contract_sha256"].clone();
    let checkout = stand.buyer.post("/v1/buyer/checkouts", body).await.expect(201);
    let attempt = stand.buyer.start_attempt(&checkout, "bank_transfer").await;
    let reference = attempt["reference"].as_str().expect("a reference").to_owned();
    stand.world.sepay(notice, &reference, 220_000).await.expect(200);
    Due { checkout, attempt, reference, total: 220_000 }
}

#[actix_web::test]
async fn a_statement_explains_every_line_page_by_page() {
    let stand = Stand::new().await;
    for notice in 1..=3 {
        let due = stand.carried(notice, notice).await;
        stand.completed(&due).await;
    }
    stand.moves(vec![stand.payout(200_000)]).await.expect("a payout");
    let client = &stand.shop.producer.client;
    let mut lines: Vec<Value> = Vec::new();
    let mut path = "/v1/producer/statement?limit=2".to_owned();
    loop {
        let page = client.get(&path).await.expect(200);
        lines.extend(page["data"].as_array().expect("lines").clone());
        let Some(cursor) = page["page"]["next_cursor"].as_str() else { break };
        path = format!("/v1/producer/statement?limit=2&cursor={cursor}");
    }
    let short = |line: &Value| {
        format!("{} {} {}", line["kind"].as_str().unwrap_or(""), line["change_vnd"], line["balance_vnd"])
    };
    let seen: Vec<String> = lines.iter().map(short).collect();
    assert_eq!(seen, ["payout -200000 520000", "sale 360000 720000", "sale 240000 360000", "sale 120000 120000"]);
    assert!(lines.iter().all(|line| line["explained"].as_str().is_some_and(|text| !text.is_empty())));
    assert_eq!(stand.balance().await, 520_000);
    let transfers = format!("/v1/operator/ledger/transfers?account=producer&producer_id={}", stand.shop.producer.id);
    let listed = stand.shop.operator.get(&transfers).await.expect(200);
    assert_eq!(listed["data"].as_array().map(Vec::len), Some(4));
    let other = stand.shop.operator.get("/v1/operator/ledger/transfers?provider=vnpay").await.expect(200);
    assert_eq!(other["data"], json!([]));
    stand.world.database.execute(crate::payouts::TRANSFERS_OF_POSTINGS);
    stand.world.finish().await;
}

/// Twenty at once want all that is there.
#[actix_web::test]
async fn a_balance_is_paid_out_once() {
    let stand = Stand::new().await;
    let due = stand.paid(1, 1).await;
    stand.completed(&due).await;
    let tries = join_all((0..20).map(|_| stand.moves(vec![stand.payout(PRICE)]))).await;
    let (paid, refused): (Vec<_>, Vec<_>) = tries.into_iter().partition(Result::is_ok);
    assert_eq!((paid.len(), refused.len()), (1, 19));
    let is_named =
        |one: &Result<()>| matches!(one, Err(Error::Refused(problem, _)) if problem.code == "ledger.not_enough");
    assert!(refused.iter().all(is_named), "{refused:?}");
    assert_eq!(stand.balance().await, 0);
    stand.world.database.execute(crate::payouts::TRANSFERS_OF_POSTINGS);
    stand.world.finish().await;
}

#[actix_web::test]
async fn a_mistake_is_reversed_once_and_a_movement_is_posted_once() {
    let stand = Stand::new().await;
    let due = stand.paid(1, 1).await;
    stand.completed(&due).await;
    let payout = stand.payout(50_000);
    stand.moves(vec![payout.clone()]).await.expect("a payout");
    assert!(stand.moves(vec![payout]).await.is_err(), "the same payout again");
    let id = stand.world.text("select id from ledger_transfers where kind = 'payout'");
    let id = TransferId(id.parse().expect("an id"));
    let reverse = |id| stand.world.app.db.write(&Actor::PLATFORM, move |tx| ledger::reverse(tx, id));
    reverse(id).await.expect("a reversal");
    assert_eq!(stand.balance().await, PRICE);
    assert_eq!(stand.posted("kind = 'reversal'"), ["reversal payouts_in_transit→producer 50000"]);
    for (id, code) in [(id, "ledger.already_reversed"), (reversal_of(&stand), "ledger.is_reversal")] {
        let outcome = reverse(id).await;
        assert!(matches!(&outcome, Err(Error::Refused(problem, _)) if problem.code == code), "{outcome:?}");
    }
    stand.world.database.execute(crate::payouts::TRANSFERS_OF_POSTINGS);
    stand.world.finish().await;
}

fn reversal_of(stand: &Stand) -> TransferId {
    TransferId(stand.world.text("select id from ledger_transfers where kind = 'reversal'").parse().expect("an id"))
}

/// Whatever happened before there were books is posted by the migration as it would have been.
#[actix_web::test]
async fn a_history_without_books_gets_the_same_books() {
    let stand = Stand::new().await;
    let first = stand.paid(1, 1).await;
    stand.world.sepay(2, &first.reference, first.total).await.expect(200);
    stand.resolve_first("kept_for_order").await;
    stand.world.sepay(3, &first.reference, first.total).await.expect(200);
    stand.completed(&first).await;
    let cancelled = stand.paid(2, 4).await;
    stand.cancelled(&cancelled).await;
    let (all, part) = (stand.carried(2, 5).await, stand.carried(3, 6).await);
    for (due, quantity) in [(&all, 2), (&part, 1)] {
        stand.delivered(due).await;
        stand.claimed(due, quantity).await;
    }
    for payer in ["platform", "province"] {
        let mut voucher = new_voucher("amount");
        voucher["payer"] = json!(payer);
        let made = stand.shop.operator.post("/v1/operator/vouchers", voucher).await.expect(201);
        let notice = if payer == "platform" { 7 } else { 8 };
        let due = bought_with(&stand, &made["code"], notice).await;
        stand.delivered(&due).await;
        stand.claimed(&due, 1).await;
    }
    stand.world.run_jobs().await;
    let refund = stand.world.text("select id from payment_reviews where kind = 'refund_due' order by id limit 1");
    let body = json!({"resolution": "refunded_by_hand", "note": "Đã chuyển khoản"});
    stand.shop.operator.post(&format!("/v1/operator/payment-reviews/{refund}/resolve"), body).await.expect(200);
    stand.paid(1, 9).await;

    let all = "select format('%s %s %s %s %s %s %s %s %s', kind, subject_id, debit, credit, amount_vnd, provider, producer_id, order_id, \
               refund_id) as line from ledger_transfers order by 1";
    let books = texts(&mut stand.world.database.owner(), all);
    assert_eq!(books.len(), 24, "{books:#?}");
    let mut owner = stand.world.database.owner();
    let known = diesel::migration::MigrationSource::<diesel::pg::Pg>::migrations(&MIGRATIONS).expect("migrations");
    let from = known.iter().position(|one| one.name().to_string().contains("create_ledger")).expect("the ledger's");
    for _ in from..known.len() {
        owner.revert_last_migration(MIGRATIONS).expect("down");
    }
    ocop_market::cli::migrate(&stand.world.database.owner_url, &stand.world.database.app_url).expect("up");
    assert_eq!(texts(&mut owner, all), books);
    stand.world.finish().await;
}
