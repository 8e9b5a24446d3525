//! Money that fits nowhere: late, twice, of the wrong amount, for nobody. It is never dropped and pays nothing.
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a helper of tests fails by panicking")]

use chrono::TimeDelta;
use futures_util::future::join;
use serde_json::json;

use crate::support::World;
use crate::support::money::{ALREADY, CONFIRMED, Due, NOT_FOUND, PAID, WAITING, WRONG_AMOUNT, transfer};

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

/// Ways to tell one transaction of a provider, of which at most one can be true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Story {
    AsDue,
    ForAnotherOrder,
    AnotherAmount,
    ForNobody,
}

const STORIES: [Story; 4] = [Story::AsDue, Story::ForAnotherOrder, Story::AnotherAmount, Story::ForNobody];
/// Nobody was ever given this reference.
const NOBODY: &str = "HG0000004";

impl Story {
    /// Reference and amount.
    fn told<'a>(self, due: &'a Due, other: &'a Due) -> (&'a str, i64) {
        match self {
            Story::AsDue => (&due.reference, due.total),
            Story::ForAnotherOrder => (&other.reference, other.total),
            Story::AnotherAmount => (&due.reference, due.total + 1),
            Story::ForNobody => (NOBODY, due.total),
        }
    }

    /// What the queue says of it when it is the first that is told.
    fn parked(self, due: &Due) -> Option<String> {
        match self {
            Story::AsDue | Story::ForAnotherOrder => None,
            Story::AnotherAmount => Some(format!("wrong_amount {}", due.total + 1)),
            Story::ForNobody => Some(format!("unknown_reference {}", due.total)),
        }
    }

    /// VNPAY's words for it, told first or later.
    fn answer(self, is_first: bool) -> &'static str {
        match self {
            Story::AsDue | Story::ForAnotherOrder if is_first => CONFIRMED,
            Story::AsDue | Story::ForAnotherOrder => ALREADY,
            Story::AnotherAmount => WRONG_AMOUNT,
            Story::ForNobody => NOT_FOUND,
        }
    }
}

/// Every order in which the stories can be told.
fn orders() -> Vec<Vec<Story>> {
    let mut orders: Vec<Vec<Story>> = vec![Vec::new()];
    for _ in STORIES {
        orders = orders
            .into_iter()
            .flat_map(|told| {
                let left = STORIES.into_iter().filter(|story| !told.contains(story)).collect::<Vec<_>>();
                left.into_iter().map(move |story| [told.clone(), vec![story]].concat())
            })
            .collect();
    }
    assert_eq!(orders.len(), 24);
    orders
}

/// What must hold once a transaction was told in all its ways: the first way counts, the others wait in the queue.
fn one_story_counts(world: &World, (first, due, other): (Story, &Due, &Due), reviews_before: usize, order: &[Story]) {
    assert_eq!(world.state(due), if first == Story::AsDue { PAID } else { WAITING }, "{order:?}");
    assert_eq!(world.state(other), if first == Story::ForAnotherOrder { PAID } else { WAITING }, "{order:?}");
    let mut expected: Vec<String> = first.parked(due).into_iter().collect();
    expected.extend(order[1..].iter().map(|story| format!("contradiction {}", story.told(due, other).1)));
    assert_eq!(world.reviews()[reviews_before..], expected, "{order:?}");
}

/// P-03, P-08: one transaction is one movement of money, in whatever ways and order it is told.
#[actix_web::test]
async fn a_vnpay_transaction_told_in_several_ways_is_credited_once_and_the_other_ways_wait_for_a_person() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 100).await;
    let buyer = world.buyer("0933333333").await;
    for (order, transaction) in orders().iter().zip(1000..) {
        let due = world.due(&buyer, &shop.product, 1, "vnpay").await;
        let other = world.due(&buyer, &shop.product, 1, "vnpay").await;
        let before = world.reviews().len();
        for (place, story) in order.iter().enumerate() {
            let (reference, amount) = story.told(&due, &other);
            for is_first in [place == 0, false, false] {
                let answer = world.vnpay(reference, amount, ("00", "00", &transaction.to_string())).await;
                assert_eq!(
                    (answer.status, answer.text.as_str()),
                    (200, story.answer(is_first)),
                    "{story:?} of {order:?}"
                );
            }
        }
        one_story_counts(&world, (order[0], &due, &other), before, order);
        // Nothing stands in the way of money that comes in a transaction of its own.
        for (unpaid, again) in [(&due, transaction + 5000), (&other, transaction + 6000)] {
            if world.state(unpaid) == WAITING {
                let paid = world.vnpay(&unpaid.reference, unpaid.total, ("00", "00", &again.to_string())).await;
                assert_eq!(paid.text, CONFIRMED);
                assert_eq!(world.state(unpaid), PAID);
            }
        }
    }
    assert_eq!(world.count("select count(*) from payment_credits where provider_txn < '2'"), 24);
    assert_eq!(world.count("select count(*) from payment_credits where payment_id is not null"), 48);
    world.finish().await;
}

#[actix_web::test]
async fn a_bank_notice_told_in_several_ways_is_credited_once_and_the_other_ways_wait_for_a_person() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 100).await;
    let buyer = world.buyer("0933333333").await;
    for (order, id) in orders().iter().zip(1000..) {
        let due = world.due(&buyer, &shop.product, 1, "bank_transfer").await;
        let other = world.due(&buyer, &shop.product, 1, "bank_transfer").await;
        let before = world.reviews().len();
        for story in order {
            let (content, amount) = story.told(&due, &other);
            for _ in 0..2 {
                let answer = world.sepay(id, content, amount).await;
                assert_eq!(
                    (answer.status, answer.text.as_str()),
                    (200, r#"{"success":true}"#),
                    "{story:?} of {order:?}"
                );
            }
        }
        one_story_counts(&world, (order[0], &due, &other), before, order);
    }
    assert_eq!(world.count("select count(*) from payment_credits"), 24);
    world.finish().await;
}

#[actix_web::test]
async fn a_bank_notice_that_later_names_another_account_or_no_money_waits_for_a_person_once() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 3).await;
    let buyer = world.buyer("0933333333").await;
    let due = world.due(&buyer, &shop.product, 1, "bank_transfer").await;
    world.sepay(1, &due.reference, due.total).await.expect(200);
    let mut elsewhere = transfer(1, &due.reference, due.total);
    elsewhere["accountNumber"] = json!("9999999999");
    for notice in [&elsewhere, &transfer(1, &due.reference, 0)] {
        world.sepay_notice(notice).await.expect(200);
        world.sepay_notice(notice).await.expect(200);
    }
    assert_eq!(world.state(&due), PAID);
    assert_eq!(world.reviews(), ["contradiction 185000", "contradiction 0"]);
    // And the other way round: what went elsewhere pays nothing when it is told as ours.
    let due = world.due(&buyer, &shop.product, 1, "bank_transfer").await;
    elsewhere["id"] = json!(2);
    world.sepay_notice(&elsewhere).await.expect(200);
    for content in ["mua mat ong", due.reference.as_str()] {
        world.sepay(2, content, PRICE).await.expect(200);
        world.sepay(2, content, PRICE).await.expect(200);
    }
    assert_eq!(world.state(&due), WAITING);
    assert_eq!(world.reviews()[2..], ["other_account 185000", "contradiction 185000", "contradiction 185000"]);
    world.finish().await;
}

/// P-08 at once: whichever comes first is paid, the other is not, and nothing is half done.
#[actix_web::test]
async fn one_transaction_for_two_orders_at_once_pays_exactly_one() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 100).await;
    let buyer = world.buyer("0933333333").await;
    for transaction in 1000..1020 {
        let one = world.due(&buyer, &shop.product, 1, "vnpay").await;
        let two = world.due(&buyer, &shop.product, 1, "vnpay").await;
        let codes = transaction.to_string();
        let codes = ("00", "00", codes.as_str());
        let (first, second) =
            join(world.vnpay(&one.reference, one.total, codes), world.vnpay(&two.reference, two.total, codes)).await;
        let mut answers = [first.text.as_str(), second.text.as_str()];
        answers.sort_unstable();
        assert_eq!(answers, [CONFIRMED, ALREADY]);
        let mut states = [world.state(&one), world.state(&two)];
        states.sort_unstable();
        assert_eq!(states, [WAITING, PAID]);
    }
    assert_eq!(world.reviews(), ["contradiction 185000"; 20]);
    world.finish().await;
}

#[actix_web::test]
async fn a_decided_contradiction_does_not_come_back() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 3).await;
    let buyer = world.buyer("0933333333").await;
    let due = world.due(&buyer, &shop.product, 1, "vnpay").await;
    world.vnpay(&due.reference, due.total, ("00", "00", "71")).await.expect(200);
    assert_eq!(world.vnpay(NOBODY, due.total, ("00", "00", "71")).await.text, NOT_FOUND);
    let open = shop.operator.get("/v1/operator/payment-reviews").await.expect(200);
    assert_eq!(
        (&open["data"][0]["kind"], &open["data"][0]["attempt_id"]),
        (&json!("contradiction"), &due.attempt["id"])
    );
    let path = format!("/v1/operator/payment-reviews/{}/resolve", open["data"][0]["id"].as_str().expect("an id"));
    let decision = json!({"resolution": "reported_to_provider", "note": "VNPAY xác nhận số tiền đầu là đúng"});
    shop.operator.post(&path, decision).await.expect(200);
    assert_eq!(world.vnpay(NOBODY, due.total, ("00", "00", "71")).await.text, NOT_FOUND);
    assert!(world.reviews().is_empty());
    world.finish().await;
}

#[actix_web::test]
async fn a_failure_told_of_credited_money_takes_nothing_back_and_waits_for_a_person_once() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 3).await;
    let buyer = world.buyer("0933333333").await;
    let due = world.due(&buyer, &shop.product, 1, "vnpay").await;
    assert_eq!(world.vnpay(&due.reference, due.total, ("00", "00", "71")).await.text, CONFIRMED);
    for _ in 0..2 {
        assert_eq!(world.vnpay(&due.reference, due.total, ("99", "02", "71")).await.text, ALREADY);
        // Not finished yet is an older word about the same money, not another one.
        assert_eq!(world.vnpay(&due.reference, due.total, ("00", "01", "71")).await.text, ALREADY);
    }
    assert_eq!(world.state(&due), PAID);
    assert_eq!(world.reviews(), ["contradiction 185000"]);
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
