//! Notices that come while others are written: they are written together, and each has the answer that it would have alone.
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a helper of tests fails by panicking")]

use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use futures_util::future::{join, join_all};

use crate::support::money::{ALREADY, CONFIRMED, Due, PAID, Shop, WAITING};
use crate::support::{Client, World};

const PRICE: i64 = 120_000;
/// Notices that come while another is held up.
const OTHERS: usize = 12;
/// Transactions in which they and the first are written: four begin, since each of them may be held up; when they go on, six
/// notices at a time are written of those that waited.
const WRITTEN_IN_MAX: i64 = 6;
/// Until what was sent has come.
const ARRIVES_WITHIN: Duration = Duration::from_millis(300);

async fn dues(world: &World, (shop, buyer): (&Shop, &Client), number: usize) -> Vec<Due> {
    let mut dues = Vec::new();
    for _ in 0..number {
        dues.push(world.due(buyer, &shop.product, 1, "bank_transfer").await);
    }
    dues
}

/// Sends the first, and the others once that waits for goods that somebody else has locked; then lets them go.
async fn held_up<A, B>(world: &World, first: impl Future<Output = A>, others: impl Future<Output = B>) -> (A, B) {
    let mut holder = world.database.owner();
    holder.batch_execute("begin; select from stock_levels for update").expect("the locks");
    let arriving = async {
        while world.count("select count(*) from pg_stat_activity where wait_event_type = 'Lock'") == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let release = async {
            tokio::time::sleep(ARRIVES_WITHIN).await;
            holder.batch_execute("rollback").expect("the locks are given back");
        };
        join(others, release).await.0
    };
    join(first, arriving).await
}

async fn pay(world: &World, number: usize, due: &Due) -> u16 {
    world.sepay(i64::try_from(number).expect("a number") + 1, &due.reference, due.total).await.status
}

async fn pay_all(world: &World, from: usize, dues: &[Due]) -> Vec<u16> {
    join_all(dues.iter().enumerate().map(|(place, due)| pay(world, from + place, due))).await
}

#[actix_web::test]
async fn what_comes_while_others_are_written_is_written_together() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 100).await;
    let buyer = world.buyer("0933333333").await;
    let all = dues(&world, (&shop, &buyer), 1 + OTHERS).await;
    let (first, others) = held_up(&world, pay(&world, 0, &all[0]), pay_all(&world, 1, &all[1..])).await;
    assert!(first == 200 && others.iter().all(|status| *status == 200), "{first} {others:?}");
    assert!(all.iter().all(|due| world.state(due) == PAID));
    let written = world.count("select count(distinct xmin::text) from payment_callbacks where outcome = 'applied'");
    assert!(written <= WRITTEN_IN_MAX, "{written} transactions");
    let sold = "select concat_ws(' ', value_vnd, units, (select orders from sales_baskets)) from sales_daily";
    assert_eq!(world.text(sold), format!("{} 13 13", PRICE * 13));
    world.finish().await;
}

#[actix_web::test]
async fn among_others_each_notice_has_its_own_answer() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 100).await;
    let buyer = world.buyer("0933333333").await;
    let all = dues(&world, (&shop, &buyer), 8).await;
    let card = world.due(&buyer, &shop.product, 1, "vnpay").await;
    let first = pay_all(&world, 0, &all[..2]);
    let others = async {
        // Half of what it costs, for nobody, twice the same, and twice the money.
        let odd = [
            world.sepay(20, &all[2].reference, all[2].total / 2),
            world.sepay(21, "khong co ma", 5_000),
            world.sepay(4, &all[3].reference, all[3].total),
            world.sepay(4, &all[3].reference, all[3].total),
            world.sepay(5, &all[4].reference, all[4].total),
            world.sepay(22, &all[4].reference, all[4].total),
        ];
        let right = pay_all(&world, 5, &all[5..]);
        let card = || world.vnpay(&card.reference, card.total, ("00", "00", "71"));
        join(join(join_all(odd), right), join(card(), card())).await
    };
    let (first, ((odd, right), (card_one, card_two))) = held_up(&world, first, others).await;
    assert_eq!(first, [200, 200]);
    assert!(odd.iter().all(|reply| reply.status == 200) && right.iter().all(|status| *status == 200));
    let mut cards = [card_one.text, card_two.text];
    cards.sort_unstable();
    assert_eq!(cards, [CONFIRMED, ALREADY], "one of them was the first");
    let states: Vec<String> = all.iter().chain([&card]).map(|due| world.state(due)).collect();
    let mut wanted = vec![PAID; 9];
    wanted[2] = WAITING;
    assert_eq!(states, wanted);
    let mut reviews = world.reviews();
    reviews.sort_unstable();
    assert_eq!(reviews, ["second_payment 120000", "unknown_reference 5000", "wrong_amount 60000"]);
    world.finish().await;
}
