//! What is learnt by asking: by the schedule, and once more before an attempt is given up.
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a helper of tests fails by panicking")]

use chrono::TimeDelta;
use serde_json::json;

use super::{PRICE, ask_by_schedule};
use crate::support::money::{PAID, WAITING};
use crate::support::payers::{FakePayers, Fate};

#[actix_web::test]
async fn a_payment_whose_notice_never_came_is_found_by_asking() {
    let payers = FakePayers::start();
    let world = payers.world().await;
    let shop = world.shop(PRICE, 9).await;
    for (number, (provider, first_s)) in
        [("momo", 30), ("zalopay", 60), ("payos", 60), ("vnpay", 330)].into_iter().enumerate()
    {
        let buyer = world.session("0933333333", "buyer", TimeDelta::zero()).1;
        let due = world.due(&buyer, &shop.product, 1, provider).await;
        let number = i64::try_from(number).expect("small") + 900;
        payers.set(&due.reference, PRICE, Fate::Paid(number));
        ask_by_schedule(&world, TimeDelta::seconds(first_s - 3)).await;
        assert_eq!(world.state(&due), WAITING, "{provider} is not asked before its time");
        ask_by_schedule(&world, TimeDelta::seconds(4)).await;
        assert_eq!(world.state(&due), PAID, "{provider}");
        let asked = payers.desk(|desk| desk.asked_for(&format!("{provider}/query")));
        ask_by_schedule(&world, TimeDelta::minutes(30)).await;
        assert_eq!(
            payers.desk(|desk| desk.asked_for(&format!("{provider}/query"))),
            asked,
            "what is final is not asked again"
        );
    }
    assert_eq!(
        world.count("select count(*) from payment_callbacks where channel = 'question' and outcome = 'applied'"),
        4
    );
    assert!(world.reviews().is_empty());
    world.finish().await;
    payers.stop().await;
}

#[actix_web::test]
async fn nobody_is_given_up_before_a_last_question() {
    let payers = FakePayers::start();
    let world = payers.world().await;
    let shop = world.shop(PRICE, 9).await;
    for (number, provider) in ["momo", "zalopay", "payos", "vnpay"].into_iter().enumerate() {
        let buyer = world.session("0933333333", "buyer", TimeDelta::zero()).1;
        let [paid, unpaid, silent] = [
            world.due(&buyer, &shop.product, 1, provider).await,
            world.due(&buyer, &shop.product, 1, provider).await,
            world.due(&buyer, &shop.product, 1, provider).await,
        ];
        let number = i64::try_from(number).expect("small") + 900;
        payers.set(&paid.reference, PRICE, Fate::Paid(number));
        payers.set(&unpaid.reference, PRICE, Fate::Waiting);
        world.database.execute(&format!(
            "update payment_attempts set next_poll_at = null where reference = '{}'",
            silent.reference
        ));
        world.pass(TimeDelta::seconds(903));
        world.run_jobs().await;
        assert_eq!(world.state(&silent), "expired expired expired expired", "who is not asked is not waited for");
        assert_eq!((world.state(&paid), world.state(&unpaid)), (PAID.to_owned(), WAITING.to_owned()), "{provider}");
        world.pass(TimeDelta::seconds(6));
        world.run_jobs().await;
        assert_eq!(world.state(&unpaid), "expired expired expired expired", "{provider}");
    }
    world.finish().await;
    payers.stop().await;
}

#[actix_web::test]
async fn a_provider_that_is_away_holds_a_purchase_up_for_two_minutes_and_its_money_is_found_later() {
    let payers = FakePayers::start();
    let world = payers.world().await;
    let shop = world.shop(PRICE, 9).await;
    for (number, provider) in ["momo", "zalopay", "payos", "vnpay"].into_iter().enumerate() {
        let buyer = world.session("0933333333", "buyer", TimeDelta::zero()).1;
        let due = world.due(&buyer, &shop.product, 1, provider).await;
        let number = i64::try_from(number).expect("small") + 900;
        payers.set(&due.reference, PRICE, Fate::Paid(number));
        payers.desk(|desk| desk.is_down = true);
        world.pass(TimeDelta::seconds(903));
        world.run_jobs().await;
        assert_eq!(world.state(&due), WAITING, "{provider}");
        world.pass(TimeDelta::seconds(121));
        world.run_jobs().await;
        assert_eq!(world.state(&due), "expired expired expired expired", "{provider}");
        payers.desk(|desk| desk.is_down = false);
        ask_by_schedule(&world, TimeDelta::minutes(11)).await;
        assert_eq!(world.state(&due), "expired expired expired in_review", "{provider}");
        assert_eq!(world.reviews().len(), usize::try_from(number - 899).expect("small"));
    }
    assert!(world.reviews().iter().all(|review| review == "late_payment 185000"));
    world.finish().await;
    payers.stop().await;
}

#[actix_web::test]
async fn an_order_that_failed_at_its_provider_is_not_asked_again() {
    let payers = FakePayers::start();
    let world = payers.world().await;
    let shop = world.shop(PRICE, 9).await;
    for (provider, ended) in [("momo", "cancelled"), ("zalopay", "failed"), ("payos", "cancelled"), ("vnpay", "failed")]
    {
        let buyer = world.session("0933333333", "buyer", TimeDelta::zero()).1;
        let due = world.due(&buyer, &shop.product, 1, provider).await;
        payers.set(&due.reference, PRICE, Fate::Failed);
        ask_by_schedule(&world, TimeDelta::seconds(331)).await;
        assert_eq!(world.state(&due), format!("awaiting_payment awaiting_payment pending {ended}"), "{provider}");
        assert_eq!(
            world.count("select count(*) from payment_attempts where next_poll_at is not null"),
            0,
            "{provider}"
        );
        buyer.post(&format!("/v1/buyer/checkouts/{}/cancel", due.id()), json!({})).await.expect(200);
        world.run_jobs().await;
    }
    world.finish().await;
    payers.stop().await;
}

/// A link that gets several transfers, none of which is the whole.
#[actix_web::test]
async fn parts_of_a_payos_link_are_all_kept_and_pay_nothing() {
    let payers = FakePayers::start();
    let world = payers.world().await;
    let shop = world.shop(PRICE, 9).await;
    let buyer = world.buyer("0933333333").await;
    let due = world.due(&buyer, &shop.product, 1, "payos").await;
    world.payos(&due.reference, 85_000, "FT1").await.expect(200);
    let parts = vec![("FT1".to_owned(), 85_000), ("FT2".to_owned(), 50_000)];
    payers.desk(|desk| desk.orders.get_mut(&due.reference).expect("the order").parts = parts);
    for _ in 0..3 {
        ask_by_schedule(&world, TimeDelta::seconds(200)).await;
    }
    world.payos(&due.reference, 50_000, "FT2").await.expect(200);
    assert_eq!(world.state(&due), WAITING);
    assert_eq!(world.reviews(), ["wrong_amount 85000", "wrong_amount 50000"]);
    assert_eq!(world.count("select sum(amount_vnd) from payment_credits"), 135_000);
    assert_eq!(
        world.count("select count(*) from payment_callbacks where channel = 'question'"),
        1,
        "what is known is not kept again"
    );
    world.finish().await;
    payers.stop().await;
}

/// MoMo may say that a payment is authorised: it counts, and is asked for once more.
#[actix_web::test]
async fn an_authorised_payment_counts_and_is_confirmed_by_one_question() {
    let payers = FakePayers::start();
    let world = payers.world().await;
    let shop = world.shop(PRICE, 9).await;
    let buyer = world.buyer("0933333333").await;
    let due = world.due(&buyer, &shop.product, 1, "momo").await;
    world.momo(&due.reference, PRICE, (9000, 71)).await.expect(204);
    assert_eq!(world.state(&due), PAID);
    payers.set(&due.reference, PRICE, Fate::Paid(71));
    for _ in 0..3 {
        ask_by_schedule(&world, TimeDelta::seconds(1)).await;
    }
    assert_eq!(payers.desk(|desk| desk.asked_for("momo/query")), 1);
    assert_eq!((world.state(&due).as_str(), world.reviews().len()), (PAID, 0));
    world.finish().await;
    payers.stop().await;
}

/// The buyer never came as far as the provider: nobody can pay by an attempt that was given up and is not known there.
#[actix_web::test]
async fn what_a_provider_does_not_know_is_not_asked_for_once_it_was_given_up() {
    let payers = FakePayers::start();
    let world = payers.world().await;
    let shop = world.shop(PRICE, 9).await;
    let buyer = world.buyer("0933333333").await;
    let due = world.due(&buyer, &shop.product, 1, "vnpay").await;
    ask_by_schedule(&world, TimeDelta::seconds(331)).await;
    assert_eq!(world.state(&due), WAITING);
    assert_eq!(
        world.count("select count(*) from payment_attempts where next_poll_at is not null"),
        1,
        "it may come yet"
    );
    for seconds in [580, 600] {
        ask_by_schedule(&world, TimeDelta::seconds(seconds)).await;
    }
    assert_eq!(world.state(&due), "expired expired expired expired");
    assert_eq!(world.count("select count(*) from payment_attempts where next_poll_at is not null"), 0);
    world.finish().await;
    payers.stop().await;
}
