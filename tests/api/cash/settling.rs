//! What carriers settle of what they collected, and what waits for it.

use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::join;
use ocop_market::kernel::Actor;
use reqwest::Method;
use serde_json::{Value, json};

use super::Cash;
use crate::payouts::{late_refund, ready_account};
use crate::support::money::Due;
use crate::support::{Client, Reply, World};

const EXCEPTIONS: &str = "/v1/operator/reconciliation-exceptions";

/// A line of GHN's file: its number, what it collected, and what it keeps of that.
type Told<'a> = (&'a str, i64, i64);

async fn settles(world: &World, operator: &Client, lines: &[Told<'_>]) -> Reply {
    let rows = lines.iter().map(|(code, amount, fee)| format!("{code},,{amount},{fee}\n"));
    let names = "Mã đơn GHN,Mã đơn khách hàng,Tiền thu hộ,Phí thu hộ\n".to_owned();
    let text: String = [names].into_iter().chain(rows).collect();
    let day = ocop_market::kernel::time::vietnam_day(world.app.db.clock.now());
    let path = format!("/v1/operator/settlement-files?provider=ghn&settled_on={day}");
    operator.send(Method::POST, &path, &[("content-type", "text/csv")], Some(text)).await
}

/// Still open, as `kind ours theirs`, sorted.
async fn open(operator: &Client) -> Vec<String> {
    let found = operator.get(&format!("{EXCEPTIONS}?status=open")).await.expect(200);
    let rows = found["data"].as_array().expect("rows").iter();
    let mut rows: Vec<String> = rows
        .map(|row| format!("{} {} {}", row["kind"].as_str().expect("a kind"), row["ours_vnd"], row["theirs_vnd"]))
        .collect();
    rows.sort();
    rows
}

/// What GHN owes us, since when the oldest part, and what we have in the bank.
async fn standing(operator: &Client) -> (i64, bool, i64) {
    let view = operator.get("/v1/operator/ledger/accounts").await.expect(200);
    let rows = view["accounts"].as_array().expect("accounts");
    let of = |account: &str| {
        rows.iter().find(|row| row["account"] == account && matches!(row["provider"].as_str(), None | Some("ghn")))
    };
    let balance = |row: Option<&Value>| row.map_or(0, |row| row["balance_vnd"].as_i64().expect("a balance"));
    let clearing = of("clearing");
    (balance(clearing), clearing.is_some_and(|row| !row["waits_since"].is_null()), balance(of("bank")))
}

impl Cash {
    /// An order of so many that GHN delivered and that is completed.
    async fn completed(&self, quantity: i64) -> Due {
        let due = self.delivered(quantity).await;
        let buyer = self.world.session(super::BUYER, "buyer", TimeDelta::zero()).1;
        buyer.post(&format!("/v1/buyer/orders/{}/confirm-receipt", due.order_id()), json!({})).await.expect(200);
        self.world.run_jobs().await;
        due
    }

    async fn delivered(&self, quantity: i64) -> Due {
        let due = self.chosen(quantity).await;
        self.sent(&due).await;
        self.ghn_says(&due, "delivered", 1).await;
        due
    }

    async fn next(&self) -> Value {
        let producer = self.world.session(super::PRODUCER, "producer", TimeDelta::zero()).1;
        producer.get("/v1/producer/next-payout").await.expect(200)
    }

    fn operator(&self) -> Client {
        self.world.session("0900000001", "operator", TimeDelta::zero()).1
    }

    /// One proposes, and a second operator, who is there already, approves.
    async fn decided(&self, path: &str, proposal: Value) {
        let decision = self.operator().post(path, proposal).await.expect(201);
        let second = self.world.session("0900000002", "operator", TimeDelta::zero()).1;
        let approve = format!("/v1/operator/money-decisions/{}/approve", decision["id"].as_str().expect("an id"));
        second.post(&approve, json!({})).await.expect(200);
    }

    /// The only movement of this kind is taken back.
    async fn takes_back(&self, kind: &str) {
        let transfer = self.world.text(&format!("select id from ledger_transfers where kind = '{kind}'"));
        let path = format!("/v1/operator/ledger/transfers/{transfer}/propose-reversal");
        self.decided(&path, json!({"reason": "Ghi nhầm bảng đối soát"})).await;
    }
}

#[actix_web::test]
async fn what_a_carrier_settles_leaves_its_debt_and_what_does_not_agree_waits() {
    let cash = Cash::open().await;
    for quantity in [1, 2, 1] {
        cash.delivered(quantity).await;
    }
    let operator = &cash.shop.operator;
    assert_eq!(standing(operator).await, (480_000, true, 0));
    let told =
        [("GHN00001", 120_000, 5_500), ("GHN00002", 230_000, 0), ("GHN00009", 70_000, 0), ("GHN00001", 120_000, 5_500)];
    let settled = settles(&cash.world, operator, &told).await.expect(201);
    assert_eq!(
        (&settled["matched"], &settled["paid_vnd"], &settled["fees_vnd"]),
        (&json!(1), &json!(120_000), &json!(5_500))
    );
    assert_eq!(
        open(operator).await,
        ["different_amount 240000 230000", "double null 120000", "missing_here null 70000"],
        "what is not in a file is settled in another"
    );
    assert_eq!(standing(operator).await, (360_000, true, 114_500));
    assert_eq!(cash.world.count("select count(*) from payments where settled_at is not null"), 1);
    settles(&cash.world, operator, &[("GHN00003", 120_000, 0)]).await.expect(201);
    assert_eq!(standing(operator).await, (240_000, true, 234_500));
    cash.finish().await;
}

#[actix_web::test]
async fn a_parcel_is_found_by_our_own_number_as_well() {
    let cash = Cash::open().await;
    let due = cash.delivered(1).await;
    let text =
        format!("Mã đơn GHN,Mã đơn khách hàng,Tiền thu hộ,Phí thu hộ\n,{},120000,0\n,,0,0\n", cash.parcel(&due, "id"));
    let day = ocop_market::kernel::time::vietnam_day(cash.world.app.db.clock.now());
    let path = format!("/v1/operator/settlement-files?provider=ghn&settled_on={day}");
    let operator = &cash.shop.operator;
    let settled = operator.send(Method::POST, &path, &[("content-type", "text/csv")], Some(text)).await.expect(201);
    assert_eq!((&settled["matched"], &settled["exceptions"]), (&json!(1), &json!(0)));
    cash.finish().await;
}

#[actix_web::test]
async fn the_producer_is_paid_when_the_carrier_has_settled() {
    let cash = Cash::open().await;
    ready_account(&cash.world, &cash.shop.operator, &cash.shop.producer).await;
    cash.completed(1).await;
    let next = cash.next().await;
    let balance = next["balance_vnd"].as_i64().expect("a balance");
    assert!(balance > 100_000, "{next}");
    assert_eq!(
        (&next["held_vnd"], &next["amount_vnd"], &next["why_not"]),
        (&json!(balance), &json!(0), &json!(["cash_unsettled"]))
    );
    let runs = "/v1/operator/payout-runs";
    cash.shop.operator.post(runs, json!({})).await.refused(409, "payouts.nothing_due");
    // What was paid ahead is not held.
    let ahead = cash.world.due(&cash.buyer, &cash.shop.product, 1, "bank_transfer").await;
    cash.world.sepay(1, &ahead.reference, ahead.total).await.expect(200);
    cash.goes(&ahead, &["accept", "pack", "hand-over", "deliver"]).await;
    cash.buyer.post(&format!("/v1/buyer/orders/{}/confirm-receipt", ahead.order_id()), json!({})).await.expect(200);
    let next = cash.next().await;
    assert_eq!(
        (&next["held_vnd"], &next["amount_vnd"], &next["why_not"]),
        (&json!(balance), &json!(balance), &json!([]))
    );
    cash.shop.operator.post(runs, json!({})).await.expect(201);
    assert_eq!(cash.world.text("select string_agg(amount_vnd::text, ',') from payouts"), balance.to_string());
    settles(&cash.world, &cash.shop.operator, &[("GHN00001", 120_000, 0)]).await.expect(201);
    let next = cash.next().await;
    assert_eq!(
        (&next["held_vnd"], &next["amount_vnd"], &next["why_not"]),
        (&json!(0), &json!(balance), &json!(["under_way"]))
    );
    // It was not settled after all: two people take that back.
    cash.world.second_operator().await;
    cash.takes_back("settlement").await;
    assert_eq!(standing(&cash.operator()).await.0, 120_000);
    let next = cash.next().await;
    assert_eq!((&next["held_vnd"], &next["amount_vnd"]), (&json!(balance), &json!(0)));
    cash.finish().await;
}

/// The run has read what is free when a refund takes it: what waits for the carrier is not paid out in its place.
#[actix_web::test]
async fn a_refund_that_comes_before_a_payout_leaves_what_waits_for_the_carrier() {
    let cash = Cash::open().await;
    let producer = &cash.shop.producer;
    ready_account(&cash.world, &cash.shop.operator, producer).await;
    cash.completed(1).await;
    let ahead = cash.world.due(&cash.buyer, &cash.shop.product, 1, "bank_transfer").await;
    cash.world.sepay(1, &ahead.reference, ahead.total).await.expect(200);
    cash.goes(&ahead, &["accept", "pack", "hand-over", "deliver"]).await;
    cash.buyer.post(&format!("/v1/buyer/orders/{}/confirm-receipt", ahead.order_id()), json!({})).await.expect(200);
    let (free, held) = (cash.next().await["amount_vnd"].clone(), cash.next().await["held_vnd"].clone());
    assert!(free.as_i64() > Some(100_000) && held == free, "{free} {held}");

    let refund = late_refund(ahead.order_id(), &producer.id, ahead.total);
    let slow = cash.world.app.db.write(&Actor::PLATFORM, move |tx| {
        refund(tx)?;
        tx.write_now()?;
        // The run reads now, and then waits for the balance.
        std::thread::sleep(Duration::from_millis(800));
        Ok(())
    });
    let run = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        cash.shop.operator.post("/v1/operator/payout-runs", json!({})).await
    };
    let (refunded, run) = join(slow, run).await;
    refunded.expect("a refund");
    run.refused(409, "payouts.nothing_due");
    let next = cash.next().await;
    assert_eq!((&next["balance_vnd"], &next["held_vnd"], &next["amount_vnd"]), (&held, &held, &json!(0)));
    cash.world.close().await;
    cash.ghn.stop().await;
}

#[actix_web::test]
async fn what_is_not_settled_for_ten_days_waits_for_two_people_who_can_set_it_free() {
    let cash = Cash::open().await;
    cash.completed(1).await;
    cash.world.pass(TimeDelta::days(9) + TimeDelta::hours(23));
    cash.world.work(ocop_market::jobs::Job::Reconcile).await.expect("a round");
    let operator = cash.operator();
    assert_eq!(open(&operator).await, Vec::<String>::new());
    cash.world.pass(TimeDelta::hours(2));
    for _ in 0..2 {
        cash.world.work(ocop_market::jobs::Job::Reconcile).await.expect("a round");
    }
    let operator = cash.operator();
    assert_eq!(open(&operator).await, ["missing_there 120000 null"], "once");
    let found = operator.get(&format!("{EXCEPTIONS}?provider=ghn")).await.expect(200)["data"][0].clone();
    assert_eq!((&found["file_id"], &found["standing_vnd"]), (&json!(null), &json!(120_000)));
    // Nobody pays: the platform bears it, as two people say.
    let posting = json!({"debit": "provider_fees", "credit": "clearing", "amount_vnd": 120_000, "provider": "ghn"});
    let correction = json!({"exception_id": found["id"], "postings": [posting], "reason": "GHN không trả, bỏ sổ"});
    cash.world.second_operator().await;
    cash.decided("/v1/operator/money-decisions", correction).await;
    assert_eq!(standing(&operator).await.0, 0);
    assert_eq!(cash.next().await["held_vnd"], json!(0));
    // That was wrong as well.
    cash.takes_back("correction").await;
    assert_eq!(standing(&operator).await.0, 120_000);
    assert_ne!(cash.next().await["held_vnd"], json!(0));
    assert_eq!(open(&operator).await, ["missing_there 120000 null"], "people have it again");
    // The carrier settles it after all.
    settles(&cash.world, &cash.operator(), &[("GHN00001", 120_000, 0)]).await.expect(201);
    assert_eq!((standing(&operator).await.0, open(&operator).await.len()), (0, 0));
    assert_eq!(cash.next().await["held_vnd"], json!(0));
    cash.finish().await;
}

#[actix_web::test]
async fn what_is_settled_late_ends_its_exception() {
    let cash = Cash::open().await;
    cash.delivered(1).await;
    cash.world.pass(TimeDelta::days(11));
    cash.world.work(ocop_market::jobs::Job::Reconcile).await.expect("a round");
    let operator = cash.operator();
    assert_eq!(open(&operator).await, ["missing_there 120000 null"]);
    settles(&cash.world, &operator, &[("GHN00001", 120_000, 0)]).await.expect(201);
    assert_eq!((open(&operator).await, standing(&operator).await.0), (Vec::new(), 0));
    cash.finish().await;
}
