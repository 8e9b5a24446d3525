//! Many at once: what is sold was there, what is told twice happens once, and of two that exclude each other one wins.
#![allow(clippy::indexing_slicing, reason = "a helper of tests fails by panicking")]

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use diesel::connection::SimpleConnection;
use futures_util::future::{join, join_all};
use futures_util::stream::{self, StreamExt};
use ocop_market::jobs::Job;
use serde_json::{Value, json};

use crate::support::money::{Due, VNPAY, transfer, vnpay_query};
use crate::support::{Client, Product, Reply, World, checkout_body, new_key};

const PRICE: i64 = 50_000;
const ROUNDS: i64 = 50;
const CHECKOUTS: &str = "/v1/buyer/checkouts";

/// Sends again with the same key while the server is busy or still at it, as every client shall.
async fn insist(client: &Client, path: &str, (key, body): (&str, &Value)) -> Reply {
    for _ in 0..200 {
        let reply = client.post_with_key(path, key, body.clone()).await;
        let busy = reply.status == 503 || reply.json["code"] == "request_in_progress";
        if !busy {
            assert!(reply.status < 500, "{}", reply.text);
            return reply;
        }
        pause(25).await;
    }
    panic!("{path} stayed busy");
}

async fn pause(milliseconds: u64) {
    actix_web::rt::time::sleep(Duration::from_millis(milliseconds)).await;
}

/// So many buyers, a few at a time.
async fn buyers(world: &World, number: usize) -> Vec<Client> {
    stream::iter(0..number)
        .map(|place| async move { world.buyer(&format!("09350{place:05}")).await })
        .buffer_unordered(6)
        .collect()
        .await
}

/// What each of them sees and would buy; as many at once as there are connections.
async fn bodies(buyers: &[Client], total: i64) -> Vec<Value> {
    let mut bodies = Vec::with_capacity(buyers.len());
    for some in buyers.chunks(6) {
        bodies.extend(join_all(some.iter().map(|buyer| buyer.checkout_body(total))).await);
    }
    bodies
}

#[actix_web::test]
async fn two_hundred_buyers_at_once_get_exactly_the_fifty_units_there_are() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 50).await;
    let buyers = buyers(&world, 200).await;
    for some in buyers.chunks(6) {
        join_all(some.iter().map(|buyer| buyer.put_in_cart(&shop.product.variant_id, 1))).await;
    }
    let keys: Vec<String> = buyers.iter().map(|_| new_key()).collect();
    let bodies = bodies(&buyers, PRICE).await;
    let tries = buyers.iter().zip(&keys).zip(&bodies);
    let tries = tries.map(|((buyer, key), body)| insist(buyer, CHECKOUTS, (key, body)));
    let replies = join_all(tries).await;
    let sold = replies.iter().filter(|reply| reply.status == 201).count();
    assert_eq!(sold, 50);
    for refused in replies.into_iter().filter(|reply| reply.status != 201) {
        let told = refused.refused(409, "stock.not_enough");
        assert_eq!(told["lines"], json!([{"variant_id": shop.product.variant_id, "wanted": 1, "available": 0}]));
    }
    assert_eq!(world.stock(&shop.product), (50, 50));
    assert_eq!(world.count("select count(*) from reservations where status = 'held'"), 50);
    assert_eq!(world.count("select count(*) from cart_lines"), 150, "who got nothing keeps the cart");

    world.pass(TimeDelta::minutes(16));
    world.run_jobs().await;
    assert_eq!(world.stock(&shop.product), (50, 0));
    assert_eq!(world.count("select count(*) from checkouts where status = 'expired'"), 50);
    world.finish().await;
}

#[actix_web::test]
async fn the_last_units_are_offered_with_their_number() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 7).await;
    let buyers = buyers(&world, 8).await;
    join_all(buyers.iter().map(|buyer| buyer.put_in_cart(&shop.product.variant_id, 5))).await;
    let replies = join_all(buyers.iter().map(|buyer| buyer.check_out(5 * PRICE))).await;
    let (sold, refused): (Vec<Reply>, Vec<Reply>) = replies.into_iter().partition(|reply| reply.status == 201);
    assert_eq!(sold.len(), 1);
    for reply in refused {
        let told = reply.refused(409, "stock.not_enough");
        assert_eq!((&told["lines"][0]["wanted"], &told["lines"][0]["available"]), (&json!(5), &json!(2)));
    }
    world.finish().await;
}

#[actix_web::test]
async fn carts_filled_in_opposite_order_do_not_stand_in_each_others_way() {
    let world = World::start().await;
    let operator = world.operator().await;
    let mut products: Vec<Product> = Vec::new();
    for (phone, name, title) in [
        ("0911111111", "Hộ nuôi ong Mèo Vạc", "Mật ong bạc hà"),
        ("0922222222", "HTX chè Đồng Văn", "Chè Shan tuyết"),
        ("0923222222", "Hộ dệt lanh Quản Bạ", "Khăn lanh"),
    ] {
        let producer = world.producer(&operator, phone, name, "00769").await;
        products.push(world.product(&operator, &producer, title, (PRICE, 1000)).await);
    }
    let buyers = buyers(&world, 24).await;
    for _ in 0..5 {
        for (place, buyer) in buyers.iter().enumerate() {
            let mut wanted: Vec<&Product> = products.iter().collect();
            if place % 2 == 1 {
                wanted.reverse();
            }
            for product in wanted {
                buyer.put_in_cart(&product.variant_id, 1).await;
            }
        }
        let keys: Vec<String> = buyers.iter().map(|_| new_key()).collect();
        let bodies = bodies(&buyers, 3 * PRICE).await;
        let tries = buyers.iter().zip(&keys).zip(&bodies);
        let replies = join_all(tries.map(|((buyer, key), body)| insist(buyer, CHECKOUTS, (key, body)))).await;
        for reply in replies {
            reply.expect(201);
        }
    }
    for product in &products {
        assert_eq!(world.stock(product), (1000, 120));
    }
    let deadlocks = world.count("select deadlocks from pg_stat_database where datname = current_database()");
    assert_eq!(deadlocks, 0);
    world.finish().await;
}

#[actix_web::test]
async fn fifty_tries_with_one_key_buy_once_and_all_get_the_same_answer() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 100).await;
    let buyer = world.buyer("0933333333").await;
    buyer.put_in_cart(&shop.product.variant_id, 2).await;
    let (key, body) = (new_key(), buyer.checkout_body(2 * PRICE).await);
    let replies = join_all((0..50).map(|_| insist(&buyer, CHECKOUTS, (&key, &body)))).await;
    let replayed = replies.iter().filter(|reply| reply.header("idempotent-replayed") == "true").count();
    assert_eq!(replayed, 49);
    for reply in &replies {
        assert_eq!(
            (reply.status, &reply.text, reply.header("location")),
            (201, &replies[0].text, replies[0].header("location"))
        );
    }
    assert_eq!(world.count("select count(*) from checkouts"), 1);
    assert_eq!(world.stock(&shop.product), (100, 2));
    buyer.post_with_key(CHECKOUTS, &key, checkout_body(3 * PRICE)).await.refused(422, "idempotency_key_reused");
    // Somebody else's key of the same text is his own.
    let other = world.buyer("0955555555").await;
    other.post_with_key(CHECKOUTS, &key, body).await.refused(409, "orders.cart_empty");
    world.finish().await;
}

#[actix_web::test]
async fn a_repetition_of_what_is_still_at_work_is_told_so_and_later_gets_the_answer() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 100).await;
    let buyer = world.buyer("0933333333").await;
    buyer.put_in_cart(&shop.product.variant_id, 2).await;
    let (key, body) = (new_key(), buyer.checkout_body(2 * PRICE).await);
    let mut holder = world.database.owner();
    holder.batch_execute("begin; select from stock_levels for update").expect("a lock that the purchase needs");
    let repetition = async {
        pause(200).await;
        let begun = Instant::now();
        let reply = buyer.post_with_key(CHECKOUTS, &key, body.clone()).await;
        let waited = begun.elapsed();
        assert_eq!(reply.header("retry-after"), "1");
        reply.refused(409, "request_in_progress");
        assert!((Duration::from_millis(250)..Duration::from_millis(1500)).contains(&waited), "{waited:?}");
        pause(200).await;
        holder.batch_execute("commit").expect("the lock is given back");
    };
    // The first waits for the goods longer than anybody waits for a key.
    let (first, ()) = join(buyer.post_with_key(CHECKOUTS, &key, body.clone()), repetition).await;
    assert_eq!((first.status, first.header("idempotent-replayed")), (201, ""));
    let again = buyer.post_with_key(CHECKOUTS, &key, body).await;
    assert_eq!((again.status, again.header("idempotent-replayed"), &again.text), (201, "true", &first.text));
    assert_eq!(world.count("select count(*) from checkouts"), 1);
    world.finish().await;
}

#[actix_web::test]
async fn one_notice_fifty_times_at_once_is_one_credit_and_every_answer_is_right() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 10).await;
    let buyer = world.buyer("0933333333").await;

    let by_bank = world.due(&buyer, &shop.product, 1, "bank_transfer").await;
    let notice = transfer(1, &by_bank.reference, by_bank.total);
    let answers = join_all((0..50).map(|_| until(|reply| reply.status != 503, || world.sepay_notice(&notice)))).await;
    assert!(answers.iter().all(|answer| (answer.status, answer.text.as_str()) == (200, r#"{"success":true}"#)));

    let by_card = world.due(&buyer, &shop.product, 1, "vnpay").await;
    let path = format!("{VNPAY}?{}", vnpay_query(&by_card.reference, by_card.total, ("00", "00", "71")));
    let visitor = world.visitor();
    let answers = join_all((0..50).map(|_| until(|reply| reply.json["RspCode"] != "99", || visitor.get(&path)))).await;
    let with = |code: &str| answers.iter().filter(|answer| answer.json["RspCode"] == code).count();
    assert_eq!((with("00"), with("02")), (1, 49));

    assert_eq!(world.count("select count(*) from payment_credits"), 2);
    assert!(world.reviews().is_empty());
    assert_eq!(world.stock(&shop.product), (8, 0));
    world.finish().await;
}

/// Asks again, as providers do, until the answer is one.
async fn until<F: Future<Output = Reply>>(is_answer: impl Fn(&Reply) -> bool, ask: impl Fn() -> F) -> Reply {
    for _ in 0..200 {
        let reply = ask().await;
        if is_answer(&reply) {
            return reply;
        }
        pause(25).await;
    }
    panic!("no answer");
}

/// Two at once, with every pair of head starts of 0 to 4 and 0 to 12 ms; the first two rounds are no race, so that each side wins
/// at least once.
async fn race<A: Future, B: Future>(round: i64, one: A, two: B) -> (A::Output, B::Output) {
    match round {
        0 => {
            let first = one.await;
            (first, two.await)
        }
        1 => {
            let first = two.await;
            (one.await, first)
        }
        _ => join(after(round % 5, one), after(round / 5 % 5 * 3, two)).await,
    }
}

async fn after<A: Future>(milliseconds: i64, act: A) -> A::Output {
    pause(milliseconds.unsigned_abs()).await;
    act.await
}

/// How many of the rounds were paid; every round must be one of the two whole outcomes.
fn paid_rounds(world: &World, dues: &[Due], unpaid: &str) -> i64 {
    let mut paid = 0;
    for due in dues {
        match world.state(due).as_str() {
            "paid paid captured captured" => paid += 1,
            state => assert_eq!(state, unpaid),
        }
    }
    assert_eq!(world.count("select count(*) from payment_credits where payment_id is not null"), paid);
    assert_eq!(world.count("select count(*) from payment_reviews where kind = 'late_payment'"), ROUNDS - paid);
    assert!((1..ROUNDS).contains(&paid), "one side always won: {paid}");
    println!("{paid} of {ROUNDS} rounds were paid");
    paid
}

#[actix_web::test]
async fn of_payment_and_expiry_exactly_one_wins() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 100).await;
    let buyer = world.buyer("0933333333").await;
    let mut dues = Vec::new();
    for round in 0..ROUNDS {
        let due = world.due(&buyer, &shop.product, 1, "bank_transfer").await;
        world.database.execute(&format!(
            "update checkouts set expires_at = now() - interval '1 second' where id = '{}'",
            due.id()
        ));
        let job = Job::ExpireCheckout { checkout_id: due.id().parse().expect("an id") };
        let expiry = world.work(job);
        let (answer, expired) = race(round, world.sepay(round + 1, &due.reference, due.total), expiry).await;
        answer.expect(200);
        expired.expect("the job");
        dues.push(due);
    }
    let paid = paid_rounds(&world, &dues, "expired expired expired in_review");
    assert_eq!(world.stock(&shop.product), (100 - paid, 0));
    world.finish().await;
}

#[actix_web::test]
async fn of_payment_and_cancelling_exactly_one_wins() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 100).await;
    let buyer = world.buyer("0933333333").await;
    let mut dues = Vec::new();
    let mut cancelled = 0;
    for round in 0..ROUNDS {
        let due = world.due(&buyer, &shop.product, 1, "bank_transfer").await;
        let path = format!("/v1/buyer/checkouts/{}/cancel", due.id());
        let (answer, reply) =
            race(round, world.sepay(round + 1, &due.reference, due.total), buyer.post(&path, json!({}))).await;
        answer.expect(200);
        if reply.status == 200 {
            cancelled += 1;
        } else {
            reply.refused(409, "orders.checkout_ended");
        }
        dues.push(due);
    }
    world.run_jobs().await;
    let paid = paid_rounds(&world, &dues, "cancelled cancelled cancelled in_review");
    assert_eq!(paid + cancelled, ROUNDS);
    assert_eq!(world.stock(&shop.product), (100 - paid, 0));
    world.finish().await;
}
