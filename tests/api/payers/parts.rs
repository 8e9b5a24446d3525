//! A link of payOS that gets its money in parts: each transfer is one piece of money, in whatever order and however often
//! it is told.
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a helper of tests fails by panicking")]

use ocop_market::jobs::{self, Job};
use serde_json::json;

use super::PRICE;
use crate::support::money::{Due, Shop, WAITING};
use crate::support::payers::FakePayers;
use crate::support::{Client, World, new_key};

const FIRST: i64 = 85_000;

#[derive(Debug, Clone, Copy)]
enum Word {
    First,
    Second,
    /// payOS is asked, and lists both.
    Both,
    /// The answer that would have brought the link comes late, and says only that there is one.
    Link,
}

fn orders() -> Vec<[Word; 4]> {
    let words = [Word::First, Word::Second, Word::Both, Word::Link];
    let mut found = Vec::new();
    for places in 0..256_usize {
        let order = [places % 4, places / 4 % 4, places / 16 % 4, places / 64];
        if (0..4).all(|word| order.contains(&word)) {
            found.push(order.map(|place| words[place]));
        }
    }
    found
}

struct Sale<'a> {
    payers: &'a FakePayers,
    world: &'a World,
    shop: &'a Shop,
    buyer: &'a Client,
}

impl Sale<'_> {
    /// A try whose link was opened, and the answer to that was lost.
    async fn begun(&self, (key, second): (&str, i64)) -> Due {
        self.buyer.put_in_cart(&self.shop.product.variant_id, 1).await;
        let checkout = self.buyer.check_out(PRICE).await.expect(201);
        self.payers.desk(|desk| desk.loses_next_answer = true);
        let path = format!("/v1/buyer/checkouts/{}/payment-attempts", checkout["id"].as_str().expect("an id"));
        let attempt = self.buyer.post_with_key(&path, key, json!({"provider": "payos"})).await.expect(201);
        let reference = attempt["reference"].as_str().expect("a reference").to_owned();
        let parts = vec![(format!("FT1{reference}"), FIRST), (format!("FT2{reference}"), second)];
        self.payers.desk(|desk| desk.orders.get_mut(&reference).expect("the order").parts = parts);
        Due { checkout, attempt, reference, total: PRICE }
    }

    async fn tell(&self, due: &Due, word: Word, (key, second): (&str, i64)) {
        let transfer = |number: &str| format!("{number}{}", due.reference);
        match word {
            Word::First => drop(self.world.payos(&due.reference, FIRST, &transfer("FT1")).await.expect(200)),
            Word::Second => drop(self.world.payos(&due.reference, second, &transfer("FT2")).await.expect(200)),
            Word::Both => {
                let attempt_id = due.attempt["id"].as_str().expect("an id").parse().expect("an id");
                let ask = Job::AskAttempt { attempt_id };
                let db = &self.world.app.db;
                db.job(move |tx| jobs::enqueue(tx, &ask, tx.now, None)).await.expect("enqueued");
                self.world.run_jobs().await;
            }
            Word::Link => {
                let path = format!("/v1/buyer/checkouts/{}/payment-attempts", due.id());
                self.buyer.post_with_key(&path, key, json!({"provider": "payos"})).await.expect(201);
            }
        }
    }

    fn ended(&self, due: &Due) -> String {
        let id = due.attempt["id"].as_str().expect("an id");
        let kept = self.world.text(&format!(
            "select concat_ws(' ', a.next_step->>'kind', (a.opened_at is not null)::text, \
               (select string_agg(amount_vnd::text, '+' order by provider_txn) from payment_credits where attempt_id = a.id), \
               (select string_agg(kind || ' ' || amount_vnd, ', ' order by r.credit_id is null, amount_vnd) \
                  from payment_reviews r where attempt_id = a.id)) \
             from payment_attempts a where id = '{id}'"
        ));
        format!("{}: {kept}", self.world.state(due))
    }
}

#[actix_web::test]
async fn parts_end_alike_in_every_order_too_little_enough_and_too_much() {
    let payers = FakePayers::start();
    let world = payers.world().await;
    let shop = world.shop(PRICE, 50).await;
    let buyer = world.buyer("0933333333").await;
    let sale = Sale { payers: &payers, world: &world, shop: &shop, buyer: &buyer };
    let orders = orders();
    assert_eq!(orders.len(), 24);
    for (second, order) in [50_000, 100_000, 150_000].into_iter().cycle().zip(orders) {
        let key = new_key();
        let due = sale.begun((&key, second)).await;
        for word in order {
            for _ in 0..2 {
                sale.tell(&due, word, (&key, second)).await;
            }
        }
        // As transfers to our own account: none of them is what is owed, so a person looks at each.
        let expected = format!(
            "{WAITING}: wait true {FIRST}+{second} wrong_amount {}, wrong_amount {}",
            FIRST.min(second),
            FIRST.max(second)
        );
        assert_eq!(sale.ended(&due), expected, "{order:?}");
    }
    assert_eq!(payers.desk(|desk| desk.orders.len()), 24, "one link each");
    world.finish().await;
    payers.stop().await;
}

/// What is paid whole after a part pays; the part waits still.
#[actix_web::test]
async fn the_whole_after_a_part_pays_and_the_part_waits() {
    let payers = FakePayers::start();
    let world = payers.world().await;
    let shop = world.shop(PRICE, 9).await;
    let buyer = world.buyer("0933333333").await;
    let due = world.due(&buyer, &shop.product, 1, "payos").await;
    world.payos(&due.reference, FIRST, "FT1").await.expect(200);
    world.payos(&due.reference, PRICE, "FT2").await.expect(200);
    world.payos(&due.reference, PRICE, "FT3").await.expect(200);
    assert_eq!(world.state(&due), crate::support::money::PAID);
    assert_eq!(world.reviews(), ["wrong_amount 85000", "second_payment 185000"]);
    world.finish().await;
    payers.stop().await;
}
