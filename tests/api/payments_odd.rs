//! Money that fits nowhere: late, twice, of the wrong amount, for nobody. It is never dropped and pays nothing.
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a helper of tests fails by panicking")]

use chrono::TimeDelta;
use serde_json::json;

use crate::support::World;
use crate::support::money::{ALREADY, CONFIRMED, NOBODY, NOT_FOUND, PAID, WAITING, WRONG_AMOUNT, transfer};

const PRICE: i64 = 185_000;
/// Longer than a checkout waits.
const TOO_LONG: TimeDelta = TimeDelta::minutes(16);

#[actix_web::test]
async fn money_after_expiry_waits_for_a_person_and_the_goods_stay_free() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 3).await;
    let buyer = world.buyer("0933333333").await;
    let by_bank = world.due(&buyer, &shop.product, 1, "bank_transfer").await;
    let by_card = world.due(&buyer, &shop.product, 2, "vnpay").await;
    assert_eq!(world.stock(&shop.product), (3, 3));
    world.pass(TOO_LONG);
    world.run_jobs().await;
    assert_eq!(world.stock(&shop.product), (3, 0));
    for id in [1, 1] {
        world.sepay(id, &by_bank.reference, by_bank.total).await.expect(200);
        assert_eq!(world.vnpay(&by_card.reference, by_card.total, ("00", "00", "77")).await.text, CONFIRMED);
    }
    assert_eq!(world.state(&by_bank), "expired expired expired in_review");
    assert_eq!(world.state(&by_card), "expired expired expired in_review");
    assert_eq!(world.reviews(), ["late_payment 185000", "late_payment 370000"]);
    assert_eq!(world.stock(&shop.product), (3, 0));
    world.finish().await;
}

#[actix_web::test]
async fn money_after_the_buyer_cancelled_waits_for_a_person_before_and_after_the_payment_is_closed() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 3).await;
    let buyer = world.buyer("0933333333").await;
    for (id, close_first) in [(1, false), (2, true)] {
        let due = world.due(&buyer, &shop.product, 1, "bank_transfer").await;
        buyer.post(&format!("/v1/buyer/checkouts/{}/cancel", due.id()), json!({})).await.expect(200);
        if close_first {
            world.run_jobs().await;
        }
        world.sepay(id, &due.reference, due.total).await.expect(200);
        world.run_jobs().await;
        assert_eq!(world.state(&due), "cancelled cancelled cancelled in_review");
    }
    assert_eq!(world.reviews(), ["late_payment 185000", "late_payment 185000"]);
    assert_eq!(world.stock(&shop.product), (3, 0));
    world.finish().await;
}

#[actix_web::test]
async fn the_same_transfer_told_again_is_one_credit_and_a_second_transfer_waits_for_a_person() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 3).await;
    let buyer = world.buyer("0933333333").await;
    let by_bank = world.due(&buyer, &shop.product, 1, "bank_transfer").await;
    for id in [1, 1, 2, 2, 1] {
        let answer = world.sepay(id, &by_bank.reference, by_bank.total).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, r#"{"success":true}"#));
    }
    let by_card = world.due(&buyer, &shop.product, 1, "vnpay").await;
    for (transaction, body) in [("71", CONFIRMED), ("71", ALREADY), ("72", CONFIRMED), ("72", ALREADY), ("71", ALREADY)]
    {
        let answer = world.vnpay(&by_card.reference, by_card.total, ("00", "00", transaction)).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, body));
    }
    assert_eq!([world.state(&by_bank), world.state(&by_card)], [PAID, PAID]);
    assert_eq!(world.count("select count(*) from payment_credits where payment_id is not null"), 2);
    assert_eq!(world.reviews(), ["second_payment 185000", "second_payment 185000"]);
    assert_eq!(world.stock(&shop.product), (1, 0));
    world.finish().await;
}

#[actix_web::test]
async fn a_checkout_paid_by_two_providers_is_paid_once() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 3).await;
    let buyer = world.buyer("0933333333").await;
    let due = world.due(&buyer, &shop.product, 1, "vnpay").await;
    let bank = buyer.start_attempt(&due.checkout, "bank_transfer").await;
    world.sepay(1, bank["reference"].as_str().expect("a reference"), due.total).await.expect(200);
    assert_eq!(world.vnpay(&due.reference, due.total, ("00", "00", "71")).await.text, CONFIRMED);
    assert_eq!(world.reviews(), ["second_payment 185000"]);
    world.finish().await;
}

#[actix_web::test]
async fn a_wrong_amount_goes_to_the_queue_and_the_right_one_still_pays() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 3).await;
    let buyer = world.buyer("0933333333").await;
    let by_bank = world.due(&buyer, &shop.product, 1, "bank_transfer").await;
    let by_card = world.due(&buyer, &shop.product, 1, "vnpay").await;
    let mut expected = Vec::new();
    for (id, amount) in (1..).zip([PRICE - 1, PRICE + 1, PRICE * 100, PRICE / 100]) {
        world.sepay(id, &by_bank.reference, amount).await.expect(200);
        let answer = world.vnpay(&by_card.reference, amount, ("00", "00", &format!("7{id}"))).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, WRONG_AMOUNT));
        expected.extend([format!("wrong_amount {amount}"), format!("wrong_amount {amount}")]);
    }
    assert_eq!(world.reviews(), expected);
    assert_eq!([world.state(&by_bank), world.state(&by_card)], [WAITING, WAITING]);
    world.sepay(9, &by_bank.reference, by_bank.total).await.expect(200);
    assert_eq!(world.vnpay(&by_card.reference, by_card.total, ("00", "00", "79")).await.text, CONFIRMED);
    assert_eq!([world.state(&by_bank), world.state(&by_card)], [PAID, PAID]);
    world.finish().await;
}

#[actix_web::test]
async fn a_wrong_amount_told_again_is_kept_once() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 3).await;
    let buyer = world.buyer("0933333333").await;
    let due = world.due(&buyer, &shop.product, 1, "vnpay").await;
    for _ in 0..2 {
        assert_eq!(world.vnpay(&due.reference, due.total + 1, ("00", "00", "71")).await.text, WRONG_AMOUNT);
    }
    assert_eq!(world.reviews(), ["wrong_amount 185001"]);
    assert_eq!(world.state(&due), WAITING);
    world.finish().await;
}

#[actix_web::test]
async fn money_without_a_known_reference_is_kept_and_other_accounts_and_outgoing_money_pay_nothing() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 3).await;
    let buyer = world.buyer("0933333333").await;
    let due = world.due(&buyer, &shop.product, 1, "bank_transfer").await;
    for _ in 0..2 {
        world.sepay(1, "mua mat ong", 185_000).await.expect(200);
        let unknown = world.vnpay("HG0000004", 185_000, ("00", "00", "71")).await;
        assert_eq!((unknown.status, unknown.text.as_str()), (200, NOT_FOUND));
    }
    let mut outgoing = transfer(2, &due.reference, due.total);
    outgoing["transferType"] = json!("out");
    world.sepay_notice(&outgoing).await.expect(200);
    let mut elsewhere = transfer(3, &due.reference, due.total);
    elsewhere["accountNumber"] = json!("9999999999");
    world.sepay_notice(&elsewhere).await.expect(200);
    assert_eq!(world.reviews(), ["unknown_reference 185000", "unknown_reference 185000", "other_account 185000"]);
    assert_eq!(world.count("select count(*) from payment_callbacks where outcome = 'not_for_us'"), 1);
    assert_eq!(world.state(&due), WAITING);
    world.finish().await;
}

#[actix_web::test]
async fn suspected_fraud_is_never_paid_by_itself_and_waits_for_a_person_once() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 3).await;
    let buyer = world.buyer("0933333333").await;
    let due = world.due(&buyer, &shop.product, 1, "vnpay").await;
    for body in [CONFIRMED, ALREADY] {
        assert_eq!(world.vnpay(&due.reference, due.total, ("07", "07", "71")).await.text, body);
    }
    assert_eq!(world.state(&due), "awaiting_payment awaiting_payment pending in_review");
    assert_eq!(world.reviews(), ["suspected_fraud 185000"]);
    assert_eq!(world.count("select count(*) from payment_credits"), 0);
    world.finish().await;
}

#[actix_web::test]
async fn a_suspicion_is_looked_at_by_a_person_whenever_and_however_it_comes() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 9).await;
    let buyer = world.buyer("0933333333").await;
    let suspect = ("07", "07", "71");
    let paid = world.due(&buyer, &shop.product, 1, "vnpay").await;
    for (codes, body) in [(("00", "00", "71"), CONFIRMED), (suspect, CONFIRMED), (suspect, ALREADY)] {
        assert_eq!(world.vnpay(&paid.reference, paid.total, codes).await.text, body);
    }
    assert_eq!(world.state(&paid), PAID, "nothing is taken back by itself");
    // The money that a person was to look at is not captured by the next word about it.
    let due = world.due(&buyer, &shop.product, 1, "vnpay").await;
    let (suspect, cleared) = (("07", "07", "72"), ("00", "00", "72"));
    for (codes, body) in [(suspect, CONFIRMED), (cleared, CONFIRMED), (cleared, ALREADY), (suspect, ALREADY)] {
        assert_eq!(world.vnpay(&due.reference, due.total, codes).await.text, body);
    }
    assert_eq!(world.state(&due), "awaiting_payment awaiting_payment pending in_review");
    // With a wrong amount, for nobody, after a failure: money may have moved there too.
    let failed = world.due(&buyer, &shop.product, 1, "vnpay").await;
    assert_eq!(world.vnpay(&failed.reference, failed.total, ("99", "02", "73")).await.text, CONFIRMED);
    for body in [CONFIRMED, ALREADY] {
        assert_eq!(world.vnpay(&failed.reference, failed.total, ("07", "07", "74")).await.text, body);
        assert_eq!(world.vnpay(&failed.reference, failed.total + 1, ("07", "07", "75")).await.text, WRONG_AMOUNT);
        assert_eq!(world.vnpay(NOBODY, failed.total, ("07", "07", "76")).await.text, NOT_FOUND);
    }
    let of = |amount: i64| format!("suspected_fraud {amount}");
    assert_eq!(world.reviews(), [of(PRICE), of(PRICE), of(PRICE), of(PRICE), of(PRICE + 1), of(PRICE)]);
    world.finish().await;
}
