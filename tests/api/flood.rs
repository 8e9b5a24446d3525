//! A thousand notices of money at once: each is answered in time, with the word to come again where there is no room, and
//! none is lost or counted twice.

use std::time::{Duration, Instant};

use futures_util::future::join_all;

use crate::support::World;

const NOTICES: usize = 1_000;
const PURCHASES: usize = 20;
const ANSWERED_WITHIN: Duration = Duration::from_secs(2);
const PRICE: i64 = 120_000;

#[actix_web::test]
async fn a_thousand_notices_at_once_are_answered_in_time_and_each_payment_counts_once() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 100).await;
    let mut dues = Vec::new();
    for number in 0..PURCHASES {
        let buyer = world.buyer(&format!("09333333{number:02}")).await;
        dues.push(world.due(&buyer, &shop.product, 1, "bank_transfer").await);
    }
    let mut waiting: Vec<usize> = (0..NOTICES).collect();
    let (mut slowest, mut refused_first) = (Duration::ZERO, None);
    for _ in 0..NOTICES {
        let (world, dues) = (&world, &dues);
        let answers = join_all(waiting.iter().map(|number| async move {
            let purchase = number % PURCHASES;
            let due = &dues[purchase];
            let begun = Instant::now();
            let reply = world.sepay(i64::try_from(purchase).expect("a number") + 1, &due.reference, due.total).await;
            (*number, reply.status, begun.elapsed())
        }))
        .await;
        slowest = answers.iter().map(|(_, _, took)| *took).max().unwrap_or_default().max(slowest);
        assert!(answers.iter().all(|(_, status, _)| matches!(status, 200 | 503)), "no other word is said");
        waiting = answers.iter().filter(|(_, status, _)| *status == 503).map(|(number, ..)| *number).collect();
        refused_first.get_or_insert(waiting.len());
        if waiting.is_empty() {
            break;
        }
    }
    assert!(waiting.is_empty(), "whoever came again was heard");
    assert!(refused_first.is_some_and(|refused| refused > 0), "there was no room for all of them at once");
    assert!(slowest <= ANSWERED_WITHIN, "the slowest answer took {slowest:?}");
    let paid = world.text("select count(*) from checkouts where status = 'paid'");
    let credited = world.text("select count(*) || ' ' || sum(amount_vnd) from payment_credits");
    assert_eq!((paid, credited), (PURCHASES.to_string(), format!("{PURCHASES} {}", PRICE * 20)));
    world.finish().await;
}
