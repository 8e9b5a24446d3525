//! Messages of providers that were stored and not applied: nothing is lost when their request ends between.
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a helper of tests fails by panicking")]

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use diesel::PgConnection;
use diesel::connection::SimpleConnection;
use futures_util::future::join;
use ocop_market::jobs::Job;
use ocop_market::{payments, worker};
use reqwest::Method;
use serde_json::json;

use crate::support::World;
use crate::support::money::{ALREADY, CONFIRMED, Due, PAID, SEPAY, VNPAY, WAITING, transfer, vnpay_query};

const PRICE: i64 = 185_000;
const COME_AGAIN: &str = r#"{"RspCode":"99","Message":"Unknow error"}"#;
/// Longer than a message is left to its own request.
const LEFT_ALONE: TimeDelta = TimeDelta::seconds(31);

impl World {
    /// From now on, messages can be stored but no money can be booked.
    fn break_booking(&self) {
        self.database.execute("revoke insert on payment_credits from ocop_app");
    }

    fn mend_booking(&self) {
        self.database.execute("grant insert on payment_credits to ocop_app");
    }

    /// What became of every message, in the order of arrival.
    fn outcomes(&self) -> String {
        self.text("select string_agg(coalesce(outcome, 'open'), ' ' order by id) from payment_callbacks")
    }

    /// What the worker does every minute, and what follows from it.
    async fn take_up(&self) {
        self.work(Job::TakeUpCallbacks).await.expect("looked");
        self.run_jobs().await;
    }
}

/// F-26: the database could store the message but not apply it.
#[actix_web::test]
async fn a_message_that_was_stored_and_not_applied_is_taken_up_and_credited_once() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 9).await;
    let buyer = world.buyer("0933333333").await;
    let by_card = world.due(&buyer, &shop.product, 1, "vnpay").await;
    let by_bank = world.due(&buyer, &shop.product, 1, "bank_transfer").await;
    let by_key = world.due(&buyer, &shop.product, 1, "bank_transfer").await;
    let with_key = transfer(2, &by_key.reference, by_key.total).to_string();
    let key = [("content-type", "application/json"), ("authorization", "Apikey OCOP_TEST_KEY")];
    let send_with_key = async || world.visitor().send(Method::POST, SEPAY, &key, Some(with_key.clone())).await;

    world.break_booking();
    assert_eq!(world.vnpay(&by_card.reference, by_card.total, ("00", "00", "71")).await.text, COME_AGAIN);
    assert_eq!(world.sepay(1, &by_bank.reference, by_bank.total).await.status, 503);
    assert_eq!(send_with_key().await.status, 503);
    assert_eq!(world.outcomes(), "open open open");
    assert_eq!(world.count("select count(*) from payment_callbacks where verified"), 3, "they were believed");
    world.mend_booking();

    world.take_up().await;
    assert_eq!(world.outcomes(), "open open open", "what is fresh is left to its request");
    world.pass(LEFT_ALONE);
    world.take_up().await;
    assert_eq!(world.outcomes(), "applied applied applied");
    assert_eq!([world.state(&by_card), world.state(&by_bank), world.state(&by_key)], [PAID, PAID, PAID]);

    assert_eq!(world.vnpay(&by_card.reference, by_card.total, ("00", "00", "71")).await.text, ALREADY);
    world.sepay(1, &by_bank.reference, by_bank.total).await.expect(200);
    send_with_key().await.expect(200);
    assert_eq!(world.outcomes(), "applied applied applied already_applied already_applied already_applied");
    assert_eq!(world.count("select count(*) from payment_credits"), 3);
    assert!(world.reviews().is_empty());
    world.take_up().await;
    assert_eq!(world.count("select count(*) from jobs where kind = 'apply_callback'"), 3, "handed over once");
    world.finish().await;
}

/// As a process leaves it that was killed before it knew whether to believe the message.
#[actix_web::test]
async fn a_kept_message_is_verified_from_its_bytes_as_of_its_arrival() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 9).await;
    let buyer = world.buyer("0933333333").await;
    let by_card = world.due(&buyer, &shop.product, 1, "vnpay").await;
    let by_bank = world.due(&buyer, &shop.product, 1, "bank_transfer").await;
    world.break_booking();
    world.vnpay(&by_card.reference, by_card.total, ("00", "00", "71")).await.expect(200);
    assert_eq!(world.sepay(1, &by_bank.reference, by_bank.total).await.status, 503);
    world.mend_booking();
    world.database.execute(&format!(
        "update payment_callbacks set verified = null;
         insert into payment_callbacks (id, provider, received_at, source, query, headers, body)
             select gen_random_uuid(), provider, received_at, source, replace(query, 'vnp_Amount=1', 'vnp_Amount=2'),
                    headers, convert_to(replace(convert_from(body, 'UTF8'), '{PRICE}', '{PRICE}0'), 'UTF8')
             from payment_callbacks;
         insert into payment_callbacks (id, provider, received_at, source, query, headers, body)
             select gen_random_uuid(), provider, received_at + interval '6 minutes', source, query, headers, body
             from payment_callbacks where provider = 'bank_transfer' and convert_from(body, 'UTF8') not like '%{PRICE}0%'"
    ));
    world.pass(TimeDelta::minutes(7));
    world.take_up().await;
    let outcomes = world.text("select string_agg(outcome, ' ' order by outcome) from payment_callbacks");
    assert_eq!(outcomes, "applied applied unverified unverified unverified", "a recording is not believed either");
    assert_eq!(world.count("select count(*) from payment_callbacks where verified is not true"), 3);
    assert_eq!([world.state(&by_card), world.state(&by_bank)], [PAID, PAID]);
    world.finish().await;
}

#[actix_web::test]
async fn the_providers_own_repetition_at_the_same_moment_changes_nothing_more() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 100).await;
    let buyer = world.buyer("0933333333").await;
    for transaction in 1000..1020 {
        let due = world.due(&buyer, &shop.product, 1, "vnpay").await;
        let path =
            format!("{VNPAY}?{}", vnpay_query(&due.reference, due.total, ("00", "00", &transaction.to_string())));
        world.break_booking();
        assert_eq!(world.visitor().get(&path).await.text, COME_AGAIN);
        world.mend_booking();
        let left = world.text("select id from payment_callbacks where processed_at is null").parse().expect("an id");
        let visitor = world.visitor();
        let again = async {
            actix_web::rt::time::sleep(Duration::from_millis(transaction % 10)).await;
            visitor.get(&path).await
        };
        let (taken_up, repeated) = join(world.work(Job::ApplyCallback { callback_id: left }), again).await;
        taken_up.expect("the job");
        assert!([CONFIRMED, ALREADY].contains(&repeated.text.as_str()), "{}", repeated.text);
        assert_eq!(world.state(&due), PAID);
    }
    assert_eq!(world.count("select count(*) from payment_credits"), 20);
    let of =
        |outcome: &str| world.count(&format!("select count(*) from payment_callbacks where outcome = '{outcome}'"));
    assert_eq!((of("applied"), of("already_applied")), (20, 20));
    assert!(world.reviews().is_empty());
    world.finish().await;
}

#[actix_web::test]
async fn a_message_that_cannot_be_applied_stands_in_nobodys_way() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 9).await;
    let buyer = world.buyer("0933333333").await;
    let due = world.due(&buyer, &shop.product, 1, "vnpay").await;
    world.break_booking();
    world.vnpay(&due.reference, due.total, ("00", "00", "71")).await.expect(200);
    world.mend_booking();
    world.database.execute(
        "insert into payment_callbacks (id, provider, received_at, source, query, headers, body)
         select gen_random_uuid(), 'vnpay', received_at - interval '1 minute', '', '', '{}', '' from payment_callbacks",
    );
    world.pass(LEFT_ALONE);
    world.take_up().await;
    assert_eq!(world.state(&due), PAID);
    assert_eq!(world.count("select count(*) from jobs where last_error is not null and done_at is null"), 1);
    world.database.execute("delete from jobs; delete from payment_callbacks where headers = '{}'");
    world.finish().await;
}

#[actix_web::test]
async fn what_is_left_unfinished_is_taken_up_in_batches() {
    let world = World::start().await;
    let rows = payments::BATCH_MAX + 1;
    world.database.execute(&format!(
        "insert into payment_callbacks (id, provider, received_at, source, query, headers, body)
         select gen_random_uuid(), 'vnpay', now(), '', '', '[]', '' from generate_series(1, {rows})"
    ));
    world.pass(LEFT_ALONE);
    let mut taken = Vec::new();
    for _ in 0..3 {
        taken.push(world.app.db.job(payments::take_up_callbacks).await.expect("looked"));
    }
    assert_eq!(taken, [500, 1, 0]);
    world.database.execute("delete from jobs; delete from payment_callbacks");
    world.finish().await;
}

#[actix_web::test]
async fn the_look_at_unfinished_messages_plans_the_next_one_once() {
    let world = World::start().await;
    world.app.db.job(worker::plan_take_up).await.expect("planned");
    world.app.db.job(worker::plan_take_up).await.expect("planned by a second worker");
    world.pass(TimeDelta::minutes(1));
    assert_eq!(world.run_jobs().await, 1);
    assert_eq!(world.count("select count(*) from jobs where kind = 'take_up_callbacks' and done_at is null"), 1);
    world.finish().await;
}

/// Holds what the application of a message needs, until it is dropped or commits.
fn hold(world: &World, due: &Due) -> PgConnection {
    let mut holder = world.database.owner();
    holder
        .batch_execute(&format!("begin; select from checkouts where id = '{}' for update", due.id()))
        .expect("a lock");
    holder
}

/// 5.2: within the time or "come again"; what was begun is finished all the same, once, whoever else took it up.
#[actix_web::test]
async fn a_provider_that_would_wait_too_long_is_asked_to_come_again() {
    let world = World::with(&[("CALLBACK_ANSWER_MS", "300")]).await;
    let shop = world.shop(PRICE, 9).await;
    let buyer = world.buyer("0933333333").await;
    let due = world.due(&buyer, &shop.product, 1, "vnpay").await;
    let mut holder = hold(&world, &due);
    let begun = Instant::now();
    let answer = world.vnpay(&due.reference, due.total, ("00", "00", "71")).await;
    let waited = begun.elapsed();
    assert_eq!((answer.status, answer.text.as_str()), (200, COME_AGAIN));
    assert!((Duration::from_millis(250)..Duration::from_millis(1500)).contains(&waited), "{waited:?}");
    // It is kept with what it does, which is still under way.
    assert_eq!((world.outcomes().as_str(), world.state(&due).as_str()), ("", WAITING));

    holder.batch_execute("commit").expect("the lock is given back");
    for _ in 0..200 {
        if !world.outcomes().is_empty() {
            break;
        }
        actix_web::rt::time::sleep(Duration::from_millis(25)).await;
    }
    assert_eq!((world.outcomes().as_str(), world.state(&due).as_str()), ("applied", PAID));
    assert_eq!(world.vnpay(&due.reference, due.total, ("00", "00", "71")).await.text, ALREADY);
    world.finish().await;
}

/// A lock that is not given back in time: the message is kept by itself and taken up later.
#[actix_web::test]
async fn a_message_that_cannot_be_applied_in_time_is_kept_and_taken_up() {
    let world = World::with(&[("CALLBACK_ANSWER_MS", "300")]).await;
    let shop = world.shop(PRICE, 9).await;
    let buyer = world.buyer("0933333333").await;
    let due = world.due(&buyer, &shop.product, 1, "vnpay").await;
    let mut holder = hold(&world, &due);
    assert_eq!(world.vnpay(&due.reference, due.total, ("00", "00", "71")).await.text, COME_AGAIN);
    for _ in 0..200 {
        if !world.outcomes().is_empty() {
            break;
        }
        actix_web::rt::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!((world.outcomes().as_str(), world.state(&due).as_str()), ("open", WAITING));

    world.pass(LEFT_ALONE);
    let release = async {
        actix_web::rt::time::sleep(Duration::from_millis(150)).await;
        holder.batch_execute("commit").expect("the lock is given back");
    };
    join(world.take_up(), release).await;
    assert_eq!((world.outcomes().as_str(), world.state(&due).as_str()), ("applied", PAID));
    assert_eq!(world.count("select count(*) from jobs where kind = 'apply_callback' and done_at is not null"), 1);
    world.finish().await;
}

/// 5.2: forgeries fill no disk, and stand in nobody's way.
#[actix_web::test]
async fn of_one_providers_forgeries_ten_thousand_a_day_are_kept() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 9).await;
    let buyer = world.buyer("0933333333").await;
    let due = world.due(&buyer, &shop.product, 1, "bank_transfer").await;
    world.database.execute(
        "insert into payment_callbacks
             (id, provider, received_at, source, query, headers, body, verified, outcome, processed_at)
         select gen_random_uuid(), 'bank_transfer', now(), '', '', '[]', '', false, 'unverified', now()
         from generate_series(1, 9999)",
    );
    let kept =
        |provider: &str| world.count(&format!("select count(*) from payment_callbacks where provider = '{provider}'"));
    let forge = async || assert_eq!(world.sepay_signed(&json!({"id": 1}), "somebody else's secret").await.status, 401);
    forge().await;
    assert_eq!(kept("bank_transfer"), 10_000);
    forge().await;
    assert_eq!(kept("bank_transfer"), 10_000);
    let forged = world.visitor().get(&format!("{VNPAY}?vnp_TxnRef=1&vnp_SecureHash=00")).await;
    assert_eq!((forged.text.contains("97"), kept("vnpay")), (true, 1), "each provider has a day of its own");
    world.sepay(1, &due.reference, due.total).await.expect(200);
    assert_eq!((world.state(&due).as_str(), kept("bank_transfer")), (PAID, 10_001));
    world.pass(TimeDelta::hours(25));
    forge().await;
    assert_eq!(kept("bank_transfer"), 10_002);
    world.finish().await;
}
