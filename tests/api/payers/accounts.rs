//! Account numbers of SePay's that take the money of one try alone, and the account of all while there is none.
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a helper of tests fails by panicking")]

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use futures_util::future::join;
use serde_json::{Value, json};

use super::{PRICE, ask_by_schedule};
use crate::support::money::{Due, PAID, Shop, WAITING, transfer};
use crate::support::payers::FakePayers;
use crate::support::people::ACCOUNT;
use crate::support::{Client, World, new_key};

async fn begin() -> (FakePayers, World, Shop, Client) {
    let payers = FakePayers::start();
    let settings =
        [("SEPAY_API_TOKEN", "token"), ("SEPAY_API_URL", payers.url.as_str()), ("SEPAY_ACCOUNT_XID", "f9e8d7c6")];
    let world = payers.world_with(&settings).await;
    let shop = world.shop(PRICE, 9).await;
    let buyer = world.buyer("0933333333").await;
    (payers, world, shop, buyer)
}

async fn end(payers: FakePayers, world: World) {
    world.finish().await;
    payers.stop().await;
}

fn number(due: &Due) -> String {
    format!("963NQD{}", due.reference)
}

/// A notice of money that went to an account number of its own.
fn paid_to(id: i64, number: &str, content: &str) -> Value {
    let mut notice = transfer(id, content, PRICE);
    notice["subAccount"] = json!(number);
    notice
}

fn status(payers: &FakePayers, due: &Due) -> &'static str {
    let is_it = |reference: &str| reference == due.reference;
    payers
        .desk(|desk| desk.accounts.values().find(|order| is_it(&order.reference)).map_or("none", |order| order.status))
}

async fn shown(buyer: &Client, due: &Due) -> Value {
    let path = format!("/v1/buyer/payment-attempts/{}", due.attempt["id"].as_str().expect("an id"));
    buyer.get(&path).await.expect(200)
}

#[actix_web::test]
async fn money_to_an_account_number_pays_its_try_whatever_is_written() {
    let (payers, world, shop, buyer) = begin().await;
    let due = world.due(&buyer, &shop.product, 1, "bank_transfer").await;
    let step = &due.attempt["next_step"];
    assert_eq!((&step["kind"], &step["account_number"]), (&json!("transfer"), &json!(number(&due))));
    assert_eq!((&step["account_name"], &step["transfer_content"]), (&json!("SAN OCOP"), &json!(due.reference)));
    assert!(step["qr_text"].as_str().expect("a text").contains(&number(&due)), "{step}");
    assert_eq!(buyer.start_attempt(&due.checkout, "bank_transfer").await, due.attempt, "however often they tap");
    assert_eq!(payers.desk(|desk| desk.asked_for("sepay/create")), 1);

    // The buyer copied the code of another purchase.
    let other = world.due(&buyer, &shop.product, 1, "bank_transfer").await;
    world.sepay_notice(&paid_to(1, &number(&due), &other.reference)).await.expect(200);
    assert_eq!((world.state(&due).as_str(), world.state(&other).as_str()), (PAID, WAITING));
    world.sepay_notice(&paid_to(1, &number(&due), &other.reference)).await.expect(200);
    world.sepay_notice(&paid_to(2, &number(&other), "cam on")).await.expect(200);
    assert_eq!(world.state(&other), PAID);
    assert_eq!((world.reviews(), world.count("select count(*) from payment_credits")), (Vec::new(), 2));
    // A second transfer, and one to a number that nobody was given.
    world.sepay_notice(&paid_to(3, &number(&due), "cam on")).await.expect(200);
    world.sepay_notice(&paid_to(4, "963NQDELSEWHERE", "cam on")).await.expect(200);
    assert_eq!(world.reviews(), ["second_payment 185000", "unknown_reference 185000"]);
    end(payers, world).await;
}

/// What the list says of it is the same money.
#[actix_web::test]
async fn a_list_tells_to_which_number_money_went() {
    let (payers, world, shop, buyer) = begin().await;
    let due = world.due(&buyer, &shop.product, 1, "bank_transfer").await;
    let notice = paid_to(1, &number(&due), "cam on");
    let row = json!({"id": "u-1", "transaction_date": notice["transactionDate"], "account_number": ACCOUNT,
                     "va": number(&due), "amount_in": PRICE, "amount_out": 0, "transaction_content": "cam on",
                     "reference_number": notice["referenceCode"]});
    payers.desk(|desk| desk.transfers = vec![row]);
    ask_by_schedule(&world, TimeDelta::seconds(61)).await;
    world.pass(TimeDelta::seconds(30));
    world.run_jobs().await;
    assert_eq!(world.state(&due), PAID);
    world.sepay_notice(&notice).await.expect(200);
    assert_eq!((world.reviews(), world.count("select count(*) from payment_credits")), (Vec::new(), 1));
    end(payers, world).await;
}

#[actix_web::test]
async fn while_sepay_is_away_money_comes_to_the_account_of_all_and_is_known_by_its_code() {
    let (payers, world, shop, buyer) = begin().await;
    payers.desk(|desk| desk.is_down = true);
    let due = world.due(&buyer, &shop.product, 1, "bank_transfer").await;
    assert_eq!(due.attempt["next_step"]["account_number"], json!(ACCOUNT));
    // SePay is back: whoever taps again is shown the better way, and money by the first way counts as well.
    payers.desk(|desk| desk.is_down = false);
    let tapped = buyer.start_attempt(&due.checkout, "bank_transfer").await;
    assert_eq!((&tapped["id"], &tapped["next_step"]["account_number"]), (&due.attempt["id"], &json!(number(&due))));
    assert_eq!(shown(&buyer, &due).await, tapped);
    world.sepay(1, &due.reference, PRICE).await.expect(200);
    assert_eq!((world.state(&due).as_str(), status(&payers, &due)), (PAID, "Pending"));
    world.run_jobs().await;
    assert_eq!(status(&payers, &due), "Cancelled", "nobody pays a second time");

    // SePay opened it, and nobody heard under which number: it has the name, and gives no second number for it.
    payers.desk(|desk| desk.loses_next_answer = true);
    let lost = world.due(&buyer, &shop.product, 1, "bank_transfer").await;
    let tapped = buyer.start_attempt(&lost.checkout, "bank_transfer").await;
    assert_eq!(tapped["next_step"]["account_number"], json!(ACCOUNT));
    world.sepay(2, &lost.reference, PRICE).await.expect(200);
    assert_eq!((world.state(&lost).as_str(), world.reviews().len()), (PAID, 0));
    let health = shop.operator.get("/v1/operator/payment-providers").await.expect(200);
    let bank = health["data"].as_array().expect("a list").iter().find(|one| one["provider"] == "bank_transfer");
    let bank = bank.expect("the bank");
    assert_eq!((&bank["calls_last_hour"], &bank["failed_last_hour_bp"]), (&json!(4), &json!(7_500)));
    end(payers, world).await;
}

#[actix_web::test]
async fn a_number_by_which_nobody_is_to_pay_any_more_is_closed() {
    let (payers, world, shop, buyer) = begin().await;
    let cancelled = world.due(&buyer, &shop.product, 1, "bank_transfer").await;
    buyer.post(&format!("/v1/buyer/checkouts/{}/cancel", cancelled.id()), json!({})).await.expect(200);
    payers.desk(|desk| desk.is_down = true);
    world.run_jobs().await;
    assert_eq!(status(&payers, &cancelled), "Pending");
    payers.desk(|desk| desk.is_down = false);
    world.pass(TimeDelta::minutes(1));
    world.run_jobs().await;
    assert_eq!(status(&payers, &cancelled), "Cancelled", "however long SePay was away");

    // Another way is chosen: the number is closed, and a new try gets a new one.
    let due = world.due(&buyer, &shop.product, 1, "bank_transfer").await;
    buyer.start_attempt(&due.checkout, "momo").await;
    world.run_jobs().await;
    assert_eq!((status(&payers, &due), world.state(&due).as_str()), ("Cancelled", WAITING));
    let told = "select count(*) from payment_attempts where provider = 'bank_transfer' and asked_at is not null";
    assert_eq!(world.count(told), 0, "that a number is closed says nothing of what was paid to our account");
    let left = shown(&buyer, &due).await;
    assert_eq!(left["next_step"]["account_number"], json!(ACCOUNT), "a closed number is not shown");
    assert!(left["version"].as_i64() > due.attempt["version"].as_i64());
    let again = buyer.start_attempt(&due.checkout, "bank_transfer").await;
    assert_ne!(again["reference"], due.reference);
    // What was on its way to the closed number counts.
    world.sepay_notice(&paid_to(1, &number(&due), "cam on")).await.expect(200);
    world.run_jobs().await;
    assert_eq!(world.text("select status from checkouts order by id desc limit 1"), "paid");
    let statuses: Vec<&str> = payers.desk(|desk| desk.accounts.values().map(|order| order.status).collect());
    assert_eq!(statuses, ["Cancelled"; 3], "nobody pays twice");

    // Paid by that number itself: there is nothing to close.
    let paid = world.due(&buyer, &shop.product, 1, "bank_transfer").await;
    payers.desk(|desk| {
        desk.accounts.values_mut().filter(|order| order.status == "Pending").for_each(|order| order.status = "Paid")
    });
    world.sepay_notice(&paid_to(2, &number(&paid), "cam on")).await.expect(200);
    let asked = payers.desk(|desk| desk.asked_for("sepay/cancel"));
    world.run_jobs().await;
    assert_eq!((payers.desk(|desk| desk.asked_for("sepay/cancel")), status(&payers, &paid)), (asked, "Paid"));
    end(payers, world).await;
}

/// SePay takes longer than a buyer is kept waiting; meanwhile it is paid.
#[actix_web::test]
async fn nobody_waits_long_for_a_number_and_one_that_comes_too_late_is_closed() {
    let (payers, world, shop, buyer) = begin().await;
    payers.desk(|desk| desk.takes = Duration::from_secs(4));
    let begun = Instant::now();
    let (due, other) =
        join(world.due(&buyer, &shop.product, 1, "bank_transfer"), async { world.buyer("0944444444").await }).await;
    assert!((2_500..3_900).contains(&begun.elapsed().as_millis()), "{:?}", begun.elapsed());
    assert_eq!(due.attempt["next_step"]["account_number"], json!(ACCOUNT));
    world.sepay(1, &due.reference, PRICE).await.expect(200);
    assert_eq!(world.state(&due), PAID);
    let waiting = world.due(&other, &shop.product, 1, "bank_transfer").await;
    while shown(&other, &waiting).await["next_step"]["account_number"] != json!(number(&waiting)) {
        assert!(begun.elapsed() < Duration::from_secs(20), "no number");
        actix_web::rt::time::sleep(Duration::from_millis(100)).await;
    }
    world.run_jobs().await;
    assert_eq!((status(&payers, &due), status(&payers, &waiting)), ("Cancelled", "Pending"));
    assert_eq!(shown(&buyer, &due).await["next_step"]["account_number"], json!(ACCOUNT), "it was never shown");
    end(payers, world).await;
}

/// The phone comes back with an old request, or the buyer has gone another way.
#[actix_web::test]
async fn no_number_is_given_to_who_pays_otherwise() {
    let (payers, world, shop, buyer) = begin().await;
    payers.desk(|desk| desk.is_down = true);
    let key = new_key();
    buyer.put_in_cart(&shop.product.variant_id, 1).await;
    let checkout = buyer.check_out(PRICE).await.expect(201);
    let path = format!("/v1/buyer/checkouts/{}/payment-attempts", checkout["id"].as_str().expect("an id"));
    let by_bank = json!({"provider": "bank_transfer"});
    buyer.post_with_key(&path, &key, by_bank.clone()).await.expect(201);
    payers.desk(|desk| desk.is_down = false);
    let momo = buyer.start_attempt(&checkout, "momo").await;
    // MoMo was begun since: a number that comes now is closed.
    let again = buyer.post_with_key(&path, &key, by_bank.clone()).await.expect(201);
    assert_eq!(again["next_step"]["account_number"], json!(ACCOUNT));
    world.run_jobs().await;
    assert_eq!(payers.desk(|desk| desk.accounts["order-1"].status), "Cancelled");

    payers.desk(|desk| desk.is_down = true);
    let due = world.due(&buyer, &shop.product, 1, "bank_transfer").await;
    payers.desk(|desk| desk.is_down = false);
    world.momo(momo["reference"].as_str().expect("a reference"), PRICE, (0, 71)).await.expect(204);
    world.sepay(1, &due.reference, PRICE).await.expect(200);
    let asked = payers.desk(|desk| desk.asked_for("sepay/create"));
    buyer.post_with_key(&path, &key, by_bank).await.expect(201);
    world.pass(TimeDelta::seconds(901));
    let buyer = world.session("0933333333", "buyer", TimeDelta::zero()).1;
    let late = buyer.post_with_key(&path, &key, json!({"provider": "bank_transfer"})).await;
    assert_eq!((late.status, payers.desk(|desk| desk.asked_for("sepay/create"))), (201, asked), "nobody is asked");
    end(payers, world).await;
}

/// The settings name another account of ours: its money would be nobody's.
#[actix_web::test]
async fn a_number_of_another_account_is_not_shown() {
    let (payers, world, shop, buyer) = begin().await;
    payers.desk(|desk| desk.account_of_orders = Some("2611000000"));
    let due = world.due(&buyer, &shop.product, 1, "bank_transfer").await;
    assert_eq!(due.attempt["next_step"]["account_number"], json!(ACCOUNT));
    end(payers, world).await;
}

/// An order that has got a part cannot be called off; it is looked at until SePay has ended it.
#[actix_web::test]
async fn a_number_that_got_a_part_is_looked_at_until_it_is_over() {
    let (payers, world, shop, buyer) = begin().await;
    let due = world.due(&buyer, &shop.product, 1, "bank_transfer").await;
    payers.desk(|desk| desk.accounts.values_mut().for_each(|order| order.status = "Partially"));
    buyer.post(&format!("/v1/buyer/checkouts/{}/cancel", due.id()), json!({})).await.expect(200);
    world.run_jobs().await;
    let is_planned =
        "select count(*) from jobs where kind = 'call_off_attempt' and done_at is null and dead_at is null";
    assert_eq!(world.count(is_planned), 1);
    payers.desk(|desk| desk.accounts.values_mut().for_each(|order| order.status = "Cancelled"));
    world.pass(TimeDelta::minutes(1));
    world.run_jobs().await;
    assert_eq!(world.count(is_planned), 0);
    end(payers, world).await;
}

/// A number that another try was given takes nobody else's money.
#[actix_web::test]
async fn a_number_is_given_once() {
    let (payers, world, shop, buyer) = begin().await;
    let first = world.due(&buyer, &shop.product, 1, "bank_transfer").await;
    payers.desk(|desk| desk.is_down = true);
    let second = world.due(&buyer, &shop.product, 1, "bank_transfer").await;
    payers.desk(|desk| desk.is_down = false);
    world.database.execute(&format!(
        "update payment_attempts set own_account = '{}' where reference = '{}'",
        number(&second),
        first.reference
    ));
    let tapped = buyer.start_attempt(&second.checkout, "bank_transfer").await;
    assert_eq!(tapped["next_step"]["account_number"], json!(ACCOUNT));
    let twice = format!(
        "update payment_attempts set own_account = '{}', provider_order = 'x' where reference = '{}'",
        number(&second),
        second.reference
    );
    assert!(world.database.fails(&twice).contains("payment_attempts_own_account_key"), "the database refuses it too");
    end(payers, world).await;
}
