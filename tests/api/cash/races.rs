//! Of choosing, a notice of money and the end of the time to pay exactly one wins.

use chrono::TimeDelta;
use futures_util::future::{join, join3};
use ocop_market::jobs::Job;
use serde_json::json;
use uuid::Uuid;

use super::{BUYER, Cash};

const ROUNDS: usize = 8;

#[actix_web::test]
async fn of_cash_and_a_notice_at_once_one_wins_and_no_money_is_lost() {
    let cash = Cash::open().await;
    for round in 0..ROUNDS {
        let due = cash.waiting(1, "carrier:ghn").await;
        let notice = i64::try_from(round).expect("few") + 1;
        let (chosen, told) = join(cash.choose(&due), cash.world.sepay(notice, &due.reference, due.total)).await;
        assert_eq!(told.status, 200);
        let late =
            cash.world.count("select count(*) from payment_reviews where kind = 'late_payment' and status = 'open'");
        match chosen.status {
            200 => {
                assert_eq!((cash.world.state(&due).as_str(), late), ("confirmed confirmed cancelled in_review", 1));
                cash.execute("update payment_reviews set status = 'resolved', resolution = 'kept_for_order', resolved_at = now()");
                cash.sells(&due, "refuse", json!({"reason": "Hết hàng"})).await.expect(200);
            }
            _ => {
                chosen.refused(409, "payments.not_payable");
                assert_eq!((cash.world.state(&due).as_str(), late), ("paid paid captured captured", 0));
            }
        }
    }
    cash.world.close().await;
    cash.ghn.stop().await;
}

#[actix_web::test]
async fn of_cash_a_notice_and_the_end_at_once_one_wins() {
    let cash = Cash::open().await;
    for round in 0..ROUNDS {
        let due = cash.waiting(1, "carrier:ghn").await;
        let id: Uuid = due.id().parse().expect("an id");
        // Over for the end of the wait, and not for who reads the clock a moment before it.
        cash.execute(&format!(
            "update checkouts set expires_at = now() + interval '30 milliseconds' where id = '{id}'"
        ));
        let notice = i64::try_from(round).expect("few") + 1;
        let end = async {
            tokio::time::sleep(std::time::Duration::from_millis(30)).await;
            cash.world.work(Job::expire_checkout(ocop_market::kernel::CheckoutId(id))).await
        };
        let _ = join3(cash.choose(&due), cash.world.sepay(notice, &due.reference, due.total), end).await;
        let state = cash.world.state(&due);
        let one = [
            "confirmed confirmed cancelled in_review",
            "paid paid captured captured",
            "expired expired expired in_review",
        ];
        assert!(one.contains(&state.as_str()), "{state}");
        if state.starts_with("confirmed") {
            cash.sells(&due, "refuse", json!({"reason": "Hết hàng"})).await.expect(200);
        }
    }
    cash.finish().await;
}

#[actix_web::test]
async fn purchases_at_once_do_not_together_pass_the_limit() {
    let cash = Cash::open().await;
    for _ in 0..2 {
        cash.chosen(1).await;
    }
    let (one, other) = (cash.waiting(1, "carrier:ghn").await, cash.waiting(1, "carrier:ghn").await);
    let (first, second) = join(cash.choose(&one), cash.choose(&other)).await;
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    cash.world.session(BUYER, "buyer", TimeDelta::zero());
    cash.finish().await;
}
