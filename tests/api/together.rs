//! Notices that come while others are written: they are written together, and each has the answer that it would have alone.
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a helper of tests fails by panicking")]

use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use futures_util::future::{join, join_all};

use crate::support::money::{ALREADY, CONFIRMED, Due, PAID, WAITING};
use crate::support::{Client, Product, World};

const PRICE: i64 = 120_000;
/// Notices at once: fewer than are asked to come again.
const AT_ONCE: usize = 24;
/// Transactions that they take at the most. A quarter would do if all of them came in one moment.
const WRITTEN_IN_MAX: i64 = 16;
/// How long goods are locked: shorter than anybody waits for a lock, longer than those wait who go together.
const HELD_UP: Duration = Duration::from_millis(1_000);

async fn dues(world: &World, (buyer, product): (&Client, &Product), number: usize) -> Vec<Due> {
    let mut dues = Vec::new();
    for _ in 0..number {
        dues.push(world.due(buyer, product, 1, "bank_transfer").await);
    }
    dues
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
    let all = dues(&world, (&buyer, &shop.product), AT_ONCE).await;
    let answers = pay_all(&world, 0, &all).await;
    assert!(answers.iter().all(|status| *status == 200), "{answers:?}");
    assert!(all.iter().all(|due| world.state(due) == PAID));
    let written = world.count("select count(distinct xmin::text) from payment_callbacks where outcome = 'applied'");
    assert!(written <= WRITTEN_IN_MAX, "{written} transactions");
    let sold = "select concat_ws(' ', value_vnd, units, (select orders from sales_baskets)) from sales_daily";
    assert_eq!(world.text(sold), format!("{} {AT_ONCE} {AT_ONCE}", PRICE * 24));
    world.finish().await;
}

#[actix_web::test]
async fn among_others_each_notice_has_its_own_answer() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 100).await;
    let buyer = world.buyer("0933333333").await;
    let all = dues(&world, (&buyer, &shop.product), 8).await;
    let card = world.due(&buyer, &shop.product, 1, "vnpay").await;
    // Half of what it costs, for nobody, twice the same, and twice the money.
    let odd = [
        world.sepay(20, &all[2].reference, all[2].total / 2),
        world.sepay(21, "khong co ma", 5_000),
        world.sepay(4, &all[3].reference, all[3].total),
        world.sepay(4, &all[3].reference, all[3].total),
        world.sepay(5, &all[4].reference, all[4].total),
        world.sepay(22, &all[4].reference, all[4].total),
    ];
    let right = join(pay_all(&world, 0, &all[..2]), pay_all(&world, 5, &all[5..]));
    let paid_by_card = || world.vnpay(&card.reference, card.total, ("00", "00", "71"));
    let cards = join(paid_by_card(), paid_by_card());
    let (odd, (right, cards)) = join(join_all(odd), join(right, cards)).await;
    assert!(odd.iter().all(|reply| reply.status == 200), "kept, however odd");
    assert!(right.0.iter().chain(&right.1).all(|status| *status == 200));
    let mut cards = [cards.0.text, cards.1.text];
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

#[actix_web::test]
async fn nobody_waits_long_for_another_who_is_held_up() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 100).await;
    let other = world.product(&shop.operator, &shop.producer, "Chè Shan tuyết", (PRICE, 100)).await;
    let buyer = world.buyer("0933333333").await;
    let stuck = dues(&world, (&buyer, &shop.product), 2).await;
    let free = dues(&world, (&buyer, &other), 10).await;
    let mut holder = world.database.owner();
    let lock = format!("begin; select from stock_levels where variant_id = '{}' for update", shop.product.variant_id);
    holder.batch_execute(&lock).expect("the lock");
    let begun = std::time::Instant::now();
    let others = async {
        let answers = pay_all(&world, 2, &free).await;
        let waited = begun.elapsed();
        tokio::time::sleep(HELD_UP.saturating_sub(waited)).await;
        holder.batch_execute("rollback").expect("the lock is given back");
        (answers, waited)
    };
    let (held, (answers, waited)) = join(pay_all(&world, 0, &stuck), others).await;
    assert!(answers.iter().chain(&held).all(|status| *status == 200), "{answers:?} {held:?}");
    assert!(waited < HELD_UP, "they waited {waited:?}");
    assert!(begun.elapsed() >= HELD_UP);
    assert!(stuck.iter().chain(&free).all(|due| world.state(due) == PAID));
    world.finish().await;
}
