//! One transaction of a provider, told in several ways: it is one movement of money, and no way of telling it is lost.
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a helper of tests fails by panicking")]

use futures_util::future::join;
use serde_json::json;

use crate::support::World;
use crate::support::money::{ALREADY, CONFIRMED, Due, NOBODY, NOT_FOUND, PAID, WAITING, WRONG_AMOUNT, transfer};

const PRICE: i64 = 185_000;

/// Ways to tell one transaction of a provider, of which at most one can be true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Story {
    AsDue,
    ForAnotherOrder,
    AnotherAmount,
    ForNobody,
}

const STORIES: [Story; 4] = [Story::AsDue, Story::ForAnotherOrder, Story::AnotherAmount, Story::ForNobody];

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
