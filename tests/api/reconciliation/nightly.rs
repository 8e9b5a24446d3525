//! Every night what a provider lists is compared with what it told.

use chrono::TimeDelta;
use ocop_market::jobs::{self, Job};
use serde_json::{Value, json};

use super::{Paid, csv, exceptions, line, paid, send, standing};
use crate::support::money::{PAID, WAITING, transfer};
use crate::support::receiver::{Answer, Receiver};
use crate::support::{TestDatabase, World};

/// A day that is over, and moments of it in Vietnam.
struct Yesterday(String);

impl Yesterday {
    fn of(world: &World) -> Yesterday {
        let day = ocop_market::kernel::time::vietnam_day(world.app.db.clock.now()) - TimeDelta::days(1);
        Yesterday(day.to_string())
    }

    fn row(&self, content: &str, number: &str, amount: i64) -> Value {
        json!({"id": format!("list-{number}"), "transaction_date": format!("{} 10:00:00", self.0), "account_number": "0123499999",
               "amount_in": amount, "amount_out": 0, "transaction_content": content, "reference_number": number})
    }
}

fn page(rows: &[Value]) -> Answer {
    Answer::Body(200, Box::leak(json!({"data": rows}).to_string().into_boxed_str()))
}

async fn listing(list: &Receiver) -> World {
    let settings = [("SEPAY_API_TOKEN", "token"), ("SEPAY_API_URL", list.url.as_str())];
    World::on(TestDatabase::create(), &settings).await
}

/// Reads the list of one day now.
async fn read(world: &World, day: &Yesterday) -> usize {
    let job = Job::ListTransactions { provider: "bank_transfer".to_owned(), day: day.0.parse().expect("a day") };
    let key = format!("list_transactions:bank_transfer:{}", day.0);
    world.app.db.job(move |tx| jobs::enqueue(tx, &job, tx.now, Some(&key))).await.expect("a job");
    world.run_jobs().await
}

/// The bank has another number in the list than in the notice, and nobody wrote the code.
#[actix_web::test]
async fn money_to_an_account_number_of_a_try_is_that_which_was_told() {
    let list = Receiver::start(&[page(&[])]);
    let world = listing(&list).await;
    let day = Yesterday::of(&world);
    let shop = world.shop(120_000, 20).await;
    let buyer = world.buyer("0933333333").await;
    let due = world.due(&buyer, &shop.product, 1, "bank_transfer").await;
    world.database.execute("update payment_attempts set own_account = '963NQD1', provider_order = 'ba/o-1'");
    let mut notice = transfer(1, "cam on", 120_000);
    notice["subAccount"] = json!("963NQD1");
    notice["transactionDate"] = json!(format!("{} 10:00:00", day.0));
    world.sepay_notice(&notice).await.expect(200);
    assert_eq!(world.state(&due), PAID);
    let mut row = day.row("cam on", "FT77", 120_000);
    row["va"] = json!("963NQD1");
    list.answers(&[page(&[row])]);
    read(&world, &day).await;
    assert_eq!((world.reviews().len(), world.count("select count(*) from payment_credits")), (0, 1));
    assert!(exceptions(&shop.operator, "open").await.is_empty());
    world.finish().await;
}

#[actix_web::test]
async fn what_was_never_told_is_credited_and_what_is_not_listed_is_an_exception() {
    let list = Receiver::start(&[page(&[])]);
    let world = listing(&list).await;
    let day = Yesterday::of(&world);
    let shop = world.shop(120_000, 20).await;
    let buyer = world.buyer("0933333333").await;
    let told = world.due(&buyer, &shop.product, 1, "bank_transfer").await;
    let lost = world.due(&buyer, &shop.product, 2, "bank_transfer").await;
    let notice = |id: i64, content: &str, amount: i64| {
        let mut notice = transfer(id, content, amount);
        notice["transactionDate"] = json!(format!("{} 10:00:00", day.0));
        notice
    };
    world.sepay_notice(&notice(1, &told.reference, 120_000)).await.expect(200);
    // Told, and in no list.
    world.sepay_notice(&notice(2, "cam on", 33_000)).await.expect(200);
    assert_eq!((world.state(&told).as_str(), world.state(&lost).as_str()), (PAID, WAITING));
    // The bank's number is what both have in common; the second was never told.
    list.answers(&[page(&[
        day.row(&format!("CK {}", told.reference), "FT1", 120_000),
        day.row(&format!("CK {} GD", lost.reference), "FT77", 240_000),
        day.row("tien cua ai", "FT78", 9_000),
    ])]);
    read(&world, &day).await;
    assert_eq!(world.state(&lost), PAID);
    assert_eq!(world.reviews(), ["unknown_reference 33000", "unknown_reference 9000"]);
    assert_eq!(exceptions(&shop.operator, "open").await, ["missing_there 33000 null"]);
    assert_eq!([standing(&world, "bank"), standing(&world, "clearing")], [369_000, 33_000]);
    // Once a day is enough, whoever asks again.
    read(&world, &day).await;
    assert_eq!(world.count("select count(*) from settlement_files"), 1);
    assert_eq!(world.count("select count(*) from payment_credits"), 4);
    // Its notice comes after all, under another number: nothing is paid twice, and a person looks at it.
    world.sepay_notice(&notice(3, &lost.reference, 240_000)).await.expect(200);
    assert_eq!(world.reviews().last().map(String::as_str), Some("second_payment 240000"));
    assert!(list.seen().iter().all(|seen| seen.headers["authorization"] == "Bearer token"));
    list.stop().await;
    world.finish().await;
}

#[actix_web::test]
async fn a_list_that_cannot_be_read_whole_changes_nothing_and_is_read_again() {
    let list = Receiver::start(&[Answer::Status(500)]);
    let world = listing(&list).await;
    let day = Yesterday::of(&world);
    world.operator().await;
    let full: Vec<Value> = (0..100).map(|n| day.row("x", &format!("FT{n}"), 1_000)).collect();
    for script in [
        vec![Answer::Body(200, "<html>")],
        vec![Answer::Body(200, r#"{"data":[{"amount_in":1.5}]}"#)],
        vec![Answer::Body(200, "{}")],
        vec![page(&full), Answer::Status(429)],
    ] {
        list.answers(&script);
        world.pass(TimeDelta::hours(1));
        read(&world, &day).await;
        assert_eq!(
            world.count("select count(*) from settlement_files") + world.count("select count(*) from payment_credits"),
            0
        );
    }
    list.answers(&[page(&full), page(&full[..1])]);
    world.pass(TimeDelta::hours(1));
    world.run_jobs().await;
    // The first row stands on both pages: one movement.
    assert_eq!(world.count("select count(*) from payment_credits"), 100);
    let operator = world.session("0900000001", "operator", TimeDelta::zero()).1;
    assert!(exceptions(&operator, "open").await.is_empty());
    assert_eq!([standing(&world, "bank"), standing(&world, "clearing")], [100_000, 0]);
    list.stop().await;
    world.finish().await;
}

#[actix_web::test]
async fn the_night_plans_what_is_missing_and_asks_for_what_has_no_end() {
    let list = Receiver::start(&[page(&[])]);
    let world = listing(&list).await;
    let shop = world.shop(120_000, 20).await;
    let buyer = world.buyer("0933333333").await;
    world.due(&buyer, &shop.product, 1, "momo").await;
    world.due(&buyer, &shop.product, 1, "bank_transfer").await;
    world.pass(TimeDelta::days(1));
    world.work(Job::Reconcile).await.expect("a round");
    let planned =
        |kind: &str| world.count(&format!("select count(*) from jobs where kind = '{kind}' and done_at is null"));
    assert_eq!([planned("list_transactions"), planned("reconcile")], [7, 1]);
    assert!(planned("ask_attempt") >= 1);
    let asked = "select count(*) from jobs j join payment_attempts a on a.id::text = j.payload ->> 'attempt_id' \
                 where j.kind = 'ask_attempt' and a.provider <> 'momo'";
    assert_eq!(world.count(asked), 0, "SePay knows transfers, not attempts");
    world.run_jobs().await;
    assert_eq!(world.count("select count(*) from settlement_files where source = 'list'"), 7);
    world.work(Job::Reconcile).await.expect("a round");
    assert_eq!(planned("list_transactions"), 0, "what was read is not read again");
    list.stop().await;
    world.finish().await;
}

#[actix_web::test]
async fn a_notice_that_came_late_ends_the_exception() {
    let world = World::start().await;
    let Paid { operator, buyer, product, dues, day } = paid(&world, 120_000, 701..702).await;
    let late = world.due(&buyer, &product, 1, "vnpay").await;
    let reference = late.reference.as_str();
    let lines = [line(&dues[0].reference, "701", 120_000), line(reference, "702", 120_000)];
    send(&operator, &day, &csv(&day, &lines)).await.expect(201);
    assert_eq!(exceptions(&operator, "open").await, ["missing_here null 120000"]);
    world.vnpay(reference, 120_000, ("00", "00", "702")).await.expect(200);
    world.work(Job::Reconcile).await.expect("a round");
    assert_eq!(exceptions(&operator, "resolved").await, ["missing_here null 120000"]);
    assert_eq!([standing(&world, "bank"), standing(&world, "clearing")], [240_000, 0]);
    // What was learned of a settled day afterwards and is in no file is found as well.
    let unsettled = world.due(&buyer, &product, 1, "vnpay").await;
    world.vnpay(&unsettled.reference, 120_000, ("00", "00", "703")).await.expect(200);
    world.work(Job::Reconcile).await.expect("a round");
    assert_eq!(exceptions(&operator, "open").await, ["missing_there 120000 null"]);
    world.finish().await;
}
