//! A transfer whose notice was lost is found in SePay's list, and no transfer is counted by both.
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a helper of tests fails by panicking")]

use chrono::TimeDelta;
use ocop_market::jobs::Job;
use serde_json::{Value, json};

use super::PRICE;
use crate::support::World;
use crate::support::money::{PAID, WAITING, transfer};
use crate::support::payers::FakePayers;

async fn listing() -> (FakePayers, World) {
    let payers = FakePayers::start();
    let settings = [("SEPAY_API_TOKEN", "token"), ("SEPAY_API_URL", &*payers.url)];
    let world = payers.world_with(&settings).await;
    (payers, world)
}

/// What the list says of the transfer that a notice of this number would tell.
fn row(id: i64, content: &str, amount: i64) -> Value {
    let notice = transfer(id, content, amount);
    json!({"id": format!("u-{id}"), "transaction_date": notice["transactionDate"], "account_number": notice["accountNumber"],
           "amount_in": amount, "amount_out": 0, "transaction_content": content, "reference_number": notice["referenceCode"]})
}

/// The worker, looking after payments once so much time has passed and then until a planned list is due.
async fn look(world: &World, after: TimeDelta) {
    world.pass(after);
    world.work(Job::LookAfterPayments).await.expect("looked");
    world.run_jobs().await;
    world.pass(TimeDelta::seconds(30));
    world.run_jobs().await;
}

#[actix_web::test]
async fn a_transfer_whose_notice_was_lost_is_found_within_minutes_by_one_list_for_all() {
    let (payers, world) = listing().await;
    let shop = world.shop(PRICE, 9).await;
    let buyer = world.buyer("0933333333").await;
    let [lost, other, waiting] = [
        world.due(&buyer, &shop.product, 1, "bank_transfer").await,
        world.due(&buyer, &shop.product, 1, "bank_transfer").await,
        world.due(&buyer, &shop.product, 1, "bank_transfer").await,
    ];
    world.sepay_notice(&transfer(2, &other.reference, PRICE)).await.expect(200);
    payers.desk(|desk| {
        desk.transfers = vec![row(1, &lost.reference, PRICE), row(2, &other.reference, PRICE), row(3, "cam on", 5_000)];
    });
    look(&world, TimeDelta::seconds(61)).await;
    let lists = payers.desk(|desk| std::mem::take(&mut desk.lists));
    assert_eq!(lists.len(), 1, "{lists:?}");
    assert!(lists[0].contains("transaction_date_sort=asc&page=1&per_page=100"), "{lists:?}");
    assert_eq!((world.state(&lost).as_str(), world.state(&other).as_str()), (PAID, PAID));
    assert_eq!(world.state(&waiting), WAITING);
    assert_eq!(world.reviews(), ["unknown_reference 5000"]);

    // Its notice comes late, and others again; the list goes on.
    for id in [1, 2] {
        let reference = if id == 1 { &lost.reference } else { &other.reference };
        world.sepay_notice(&transfer(id, reference, PRICE)).await.expect(200);
    }
    world.sepay_notice(&transfer(3, "cam on", 5_000)).await.expect(200);
    look(&world, TimeDelta::seconds(61)).await;
    assert_eq!(payers.desk(|desk| desk.lists.len()), 1, "one is waited for still");
    assert_eq!(world.reviews().len(), 1);
    assert_eq!(world.count("select count(*) from payment_credits"), 3);
    let late = "select outcome from payment_callbacks where channel = 'notice' and event_key = '1'";
    assert_eq!(world.text(late), "already_applied");
    world.finish().await;
    payers.stop().await;
}

/// Too little, for nobody, and twice: whoever tells it first, it is one piece of money.
#[actix_web::test]
async fn odd_transfers_are_counted_once_whoever_tells_them_first() {
    let (payers, world) = listing().await;
    let shop = world.shop(PRICE, 9).await;
    let buyer = world.buyer("0933333333").await;
    let due = world.due(&buyer, &shop.product, 1, "bank_transfer").await;
    let told =
        [(1, due.reference.as_str(), 1_000), (2, "cam on", 2_000), (3, due.reference.as_str(), 3_000), (4, "x", 4_000)];
    for (id, content, amount) in &told[..2] {
        world.sepay_notice(&transfer(*id, content, *amount)).await.expect(200);
    }
    payers.desk(|desk| desk.transfers = told.iter().map(|(id, content, amount)| row(*id, content, *amount)).collect());
    look(&world, TimeDelta::seconds(61)).await;
    for (id, content, amount) in told {
        world.sepay_notice(&transfer(id, content, amount)).await.expect(200);
    }
    look(&world, TimeDelta::seconds(61)).await;
    let expected = ["wrong_amount 1000", "unknown_reference 2000", "wrong_amount 3000", "unknown_reference 4000"];
    assert_eq!(world.reviews(), expected);
    // Without a moment that can be read it is the same all the same.
    let mut again = transfer(3, &due.reference, 3_000);
    again["transactionDate"] = json!("");
    again["id"] = json!(33);
    world.sepay_notice(&again).await.expect(200);
    assert_eq!(world.reviews(), expected);
    // The same number, amount and moment, and yet another transfer: two notices are two.
    let mut twin = transfer(1, &due.reference, 1_000);
    twin["id"] = json!(5);
    world.sepay_notice(&twin).await.expect(200);
    assert_eq!(world.reviews().len(), 5);
    world.finish().await;
    payers.stop().await;
}

#[actix_web::test]
async fn nobody_is_given_up_before_a_last_list_unless_sepay_is_away_for_two_minutes() {
    let (payers, world) = listing().await;
    let shop = world.shop(PRICE, 9).await;
    let buyer = world.buyer("0933333333").await;
    let [paid, unpaid] = [
        world.due(&buyer, &shop.product, 1, "bank_transfer").await,
        world.due(&buyer, &shop.product, 1, "bank_transfer").await,
    ];
    payers.desk(|desk| desk.transfers = vec![row(1, &paid.reference, PRICE)]);
    world.pass(TimeDelta::seconds(903));
    world.run_jobs().await;
    assert_eq!(world.state(&unpaid), WAITING);
    world.pass(TimeDelta::seconds(36));
    world.run_jobs().await;
    world.pass(TimeDelta::seconds(6));
    world.run_jobs().await;
    assert_eq!((world.state(&paid).as_str(), world.state(&unpaid).as_str()), (PAID, "expired expired expired expired"));
    assert_eq!(world.count("select count(*) from payment_attempts where next_poll_at is not null"), 0);

    let buyer = world.session("0933333333", "buyer", TimeDelta::zero()).1;
    let silent = world.due(&buyer, &shop.product, 1, "bank_transfer").await;
    payers.desk(|desk| desk.is_down = true);
    world.pass(TimeDelta::seconds(903));
    world.run_jobs().await;
    assert_eq!(world.state(&silent), WAITING);
    world.pass(TimeDelta::seconds(121));
    world.run_jobs().await;
    assert_eq!(world.state(&silent), "expired expired expired expired");
    world.finish().await;
    payers.stop().await;
}

#[actix_web::test]
async fn sepay_is_left_alone_for_as_long_as_it_says() {
    let (payers, world) = listing().await;
    let shop = world.shop(PRICE, 9).await;
    let buyer = world.buyer("0933333333").await;
    let due = world.due(&buyer, &shop.product, 1, "bank_transfer").await;
    payers.desk(|desk| {
        desk.transfers = vec![row(1, &due.reference, PRICE)];
        desk.retry_after_s = Some(150);
    });
    look(&world, TimeDelta::seconds(61)).await;
    look(&world, TimeDelta::seconds(61)).await;
    assert_eq!((payers.desk(|desk| desk.lists.len()), world.state(&due)), (1, WAITING.to_owned()));
    look(&world, TimeDelta::seconds(31)).await;
    assert_eq!((payers.desk(|desk| desk.lists.len()), world.state(&due)), (2, PAID.to_owned()));
    world.finish().await;
    payers.stop().await;
}

#[actix_web::test]
async fn without_a_token_nobody_is_asked_for_a_list() {
    let payers = FakePayers::start();
    let world = payers.world_with(&[("SEPAY_API_URL", &payers.url)]).await;
    let shop = world.shop(PRICE, 9).await;
    let buyer = world.buyer("0933333333").await;
    let due = world.due(&buyer, &shop.product, 1, "bank_transfer").await;
    look(&world, TimeDelta::seconds(61)).await;
    world.pass(TimeDelta::seconds(903));
    world.run_jobs().await;
    assert_eq!(
        (payers.desk(|desk| desk.lists.len()), world.state(&due).as_str()),
        (0, "expired expired expired expired")
    );
    world.finish().await;
    payers.stop().await;
}
