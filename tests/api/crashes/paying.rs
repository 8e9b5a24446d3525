//! Buying, and the word of a provider that it was paid.

use chrono::TimeDelta;
use diesel::connection::SimpleConnection as _;
use ocop_market::jobs::Job;
use ocop_market::kernel::CrashPoint;
use reqwest::Method;

use super::{at, doomed, must_have_died_at};
use crate::support::money::{ALREADY, CONFIRMED, Due, PAID, VNPAY, WAITING, vnpay_query};
use crate::support::process::Process;
use crate::support::{World, new_key};

const PRICE: i64 = 150_000;
const CHECKOUTS: &str = "/v1/buyer/checkouts";

/// An order is placed, the answer is lost, and it is placed again under the same key.
async fn place(point: CrashPoint, made: i64) {
    let world = World::start().await;
    let shop = world.shop(PRICE, 10).await;
    let buyer = world.buyer("0933333333").await;
    buyer.put_in_cart(&shop.product.variant_id, 2).await;
    let (key, body) = (new_key(), buyer.checkout_body(2 * PRICE).await);
    let headers = [("content-type", "application/json"), ("idempotency-key", key.as_str())];

    let server = doomed(&world, "serve", point, &[]).await;
    let lost = at(&buyer, &server).try_send(Method::POST, CHECKOUTS, &headers, Some(body.to_string())).await;
    assert!(lost.is_err(), "{point}: {lost:?}");
    must_have_died_at(point, server).await;
    assert_eq!(world.count("select count(*) from checkouts"), made, "{point}");
    assert_eq!(world.stock(&shop.product), (10, 2 * made), "{point}");

    let server = Process::serve(&world, &[]).await;
    let reply = at(&buyer, &server).post_with_key(CHECKOUTS, &key, body.clone()).await;
    assert_eq!(reply.header("idempotent-replayed") == "true", made == 1, "{point}");
    let checkout = reply.expect(201);
    assert_eq!(world.count("select count(*) from checkouts"), 1, "{point}");
    assert_eq!(world.stock(&shop.product), (10, 2), "{point}");
    let attempt = buyer.start_attempt(&checkout, "vnpay").await;
    let reference = attempt["reference"].as_str().expect("a reference");
    assert_eq!(world.vnpay(reference, 2 * PRICE, ("00", "00", "14226112")).await.text, CONFIRMED);
    world.finish().await;
}

pub async fn before_an_order_is_committed() {
    place(CrashPoint::OrderBeforeCommit, 0).await;
}

pub async fn after_an_order_is_committed() {
    place(CrashPoint::OrderAfterCommit, 1).await;
}

/// The money is there once, in the books as well, and whoever repeats it is told so.
async fn must_be_paid_once(world: &World, due: &Due, query: &str) {
    assert_eq!(world.state(due), PAID);
    let server = Process::serve(world, &[]).await;
    let again = at(&world.visitor(), &server).get(&format!("{VNPAY}?{query}")).await;
    assert_eq!(again.text, ALREADY);
    assert_eq!(world.count("select count(*) from payment_credits"), 1);
    assert_eq!(world.count("select sum(amount_vnd) from ledger_transfers where kind = 'capture'"), due.total);
}

async fn notice(world: &World) -> (Due, String) {
    let shop = world.shop(PRICE, 10).await;
    let buyer = world.buyer("0933333333").await;
    let due = world.due(&buyer, &shop.product, 1, "vnpay").await;
    let query = vnpay_query(&due.reference, due.total, ("00", "00", "14226112"));
    (due, query)
}

async fn send(world: &World, server: &Process, query: &str) {
    let lost = at(&world.visitor(), server).try_send(Method::GET, &format!("{VNPAY}?{query}"), &[], None).await;
    assert!(lost.is_err(), "{lost:?}");
}

pub async fn before_money_is_committed() {
    let world = World::start().await;
    let (due, query) = notice(&world).await;
    let server = doomed(&world, "serve", CrashPoint::InboxBeforeCommit, &[]).await;
    send(&world, &server, &query).await;
    must_have_died_at(CrashPoint::InboxBeforeCommit, server).await;
    assert_eq!(world.state(&due), WAITING);
    assert_eq!(world.count("select count(*) from payment_callbacks"), 0);
    // Nobody answered, so VNPAY comes again.
    let server = Process::serve(&world, &[]).await;
    let again = at(&world.visitor(), &server).get(&format!("{VNPAY}?{query}")).await;
    assert_eq!(again.text, CONFIRMED);
    must_be_paid_once(&world, &due, &query).await;
    world.finish().await;
}

pub async fn before_the_provider_is_answered() {
    let world = World::start().await;
    let (due, query) = notice(&world).await;
    let server = doomed(&world, "serve", CrashPoint::InboxAfterCommitBeforeReply, &[]).await;
    send(&world, &server, &query).await;
    must_have_died_at(CrashPoint::InboxAfterCommitBeforeReply, server).await;
    must_be_paid_once(&world, &due, &query).await;
    world.finish().await;
}

/// The message cannot be applied while somebody holds its checkout, and is kept for later.
pub async fn after_a_message_is_kept() {
    let world = World::start().await;
    let (due, query) = notice(&world).await;
    let server = doomed(&world, "serve", CrashPoint::InboxAfterStore, &[]).await;
    let mut holder = world.database.owner();
    holder.batch_execute("begin; select * from checkouts for update").expect("the locks");
    send(&world, &server, &query).await;
    drop(holder);
    must_have_died_at(CrashPoint::InboxAfterStore, server).await;
    assert_eq!(world.state(&due), WAITING);
    assert_eq!(world.count("select count(*) from payment_callbacks where verified and processed_at is null"), 1);
    // Should VNPAY never come again, the worker finds it.
    world.pass(TimeDelta::minutes(1));
    world.work(Job::TakeUpCallbacks).await.expect("looked");
    world.run_jobs().await;
    must_be_paid_once(&world, &due, &query).await;
    world.finish().await;
}
