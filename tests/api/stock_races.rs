//! Many at the same goods: never more is promised than is there, and whatever ends gives everything back.
#![allow(clippy::indexing_slicing, reason = "a helper of tests fails by panicking")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use futures_util::future::join_all;
use ocop_market::kernel::{AccountId, Error, OrderId, ProducerId, VariantId};
use ocop_market::stock::{self, Hold};
use ocop_market::worker;
use serde_json::{Value, json};

use crate::support::{Client, Product, Reply, World, new_key};

const PRICE: i64 = 50_000;
const CHECKOUTS: &str = "/v1/buyer/checkouts";

/// As if signed in just now: the tests are about stock.
fn buyer(world: &World, number: usize) -> Client {
    world.session(&format!("09360{number:05}"), "buyer", TimeDelta::zero()).1
}

/// The SQL of a cart, filled in this order: what a checkout takes is what it finds.
fn filled_cart(number: usize, variants: &[&str], units: i64) -> String {
    let account = format!("(select id from accounts where phone = '+849360{number:05}')");
    let cart = format!("insert into carts (account_id, updated_at) values ({account}, now()) on conflict do nothing;");
    let line = |variant: &&str| {
        format!(
            "insert into cart_lines (account_id, variant_id, quantity, added_at) values ({account}, '{variant}', {units}, clock_timestamp());"
        )
    };
    cart + &variants.iter().map(line).collect::<String>()
}

/// Sends again with the same key while the server is busy, as every client shall; no other 5xx is forgiven.
async fn insist(client: &Client, path: &str, body: &Value) -> Reply {
    let key = new_key();
    for _ in 0..600 {
        let reply = client.post_with_key(path, &key, body.clone()).await;
        let busy = reply.status == 503 || reply.json["code"] == "request_in_progress";
        if !busy {
            assert!(reply.status < 500, "{}", reply.text);
            return reply;
        }
        actix_web::rt::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{path} stayed busy");
}

/// What each of them sees and would buy for his total; as many at once as there are connections.
async fn bodies<'a>(buyers: impl Iterator<Item = (&'a Client, i64)>) -> Vec<Value> {
    let (buyers, mut bodies): (Vec<_>, Vec<Value>) = (buyers.collect(), Vec::new());
    for some in buyers.chunks(6) {
        bodies.extend(join_all(some.iter().map(|(buyer, total)| buyer.checkout_body(*total))).await);
    }
    bodies
}

/// Adds a variant to a product of the shop, with this much of it in the lot.
async fn variant_of_lot(producer: &Client, product: &Product, (label, code, units): (&str, &str, i64)) -> String {
    let body = json!({"label": label, "unit": "box", "net_weight_g": 500, "price_vnd": PRICE, "quantity": 0});
    let made = producer.post(&format!("/v1/producer/products/{}/variants", product.id), body).await.expect(201);
    let id = made["id"].as_str().expect("a variant").to_owned();
    let lot = json!({"code": code, "harvested_on": "2026-11-20"});
    let harvest = json!({"reason": "harvested", "delta": units, "lot": lot});
    producer.post(&format!("/v1/producer/variants/{id}/stock-adjustments"), harvest).await.expect(200);
    id
}

#[derive(QueryableByName)]
struct Seen {
    #[diesel(sql_type = BigInt)]
    promised: i64,
}

/// Looks again and again how much of a variant is held or sold, until told to stop; the most that it saw, and how often
/// it looked.
fn sample(world: &World, variant: &str, stop: &Arc<AtomicBool>) -> std::thread::JoinHandle<(i64, i64)> {
    let (mut owner, stop) = (world.database.owner(), Arc::clone(stop));
    let sql = format!(
        "select coalesce(sum(quantity), 0)::bigint as promised from reservations \
         where variant_id = '{variant}' and status in ('held', 'consumed')"
    );
    std::thread::spawn(move || {
        let (mut most, mut looks) = (0, 0);
        while !stop.load(Ordering::Relaxed) {
            let seen: Seen = diesel::sql_query(&sql).get_result(&mut owner).expect("a look");
            most = seen.promised.max(most);
            looks += 1;
            std::thread::sleep(Duration::from_millis(5));
        }
        (most, looks)
    })
}

/// Issue 3, first line: R-03, and Vendure #3508 under load.
#[actix_web::test]
async fn r_03_vendure_3508_four_hundred_checkouts_at_once_never_hold_more_than_there_is() {
    const BUYERS: usize = 400;
    const HOT: i64 = 50;
    let world = World::start().await;
    let shop = world.shop(PRICE, 20).await;
    let hot = shop.product.variant_id.clone();
    let client = &shop.producer.client;
    // Thirty of the hot variant's fifty, and two more variants, come from one lot.
    let lot = json!({"code": "HOT", "harvested_on": "2026-11-20", "expires_on": "2027-11-20"});
    let harvest = json!({"reason": "harvested", "delta": HOT - 20, "lot": lot});
    client.post(&format!("/v1/producer/variants/{hot}/stock-adjustments"), harvest).await.expect(200);
    let mut others = Vec::new();
    for (label, code) in
        [("Hộp nửa cân", "MANY-1"), ("Hộp một cân", "MANY-1"), ("Hộp hai cân", "MANY-2"), ("Hộp ba cân", "MANY-3")]
    {
        others.push(variant_of_lot(client, &shop.product, (label, code, 5_000)).await);
    }
    // The server closes a connection on which nothing came for five seconds; whoever sends on it just then gets no answer.
    let idle = Duration::from_secs(2);
    let http = reqwest::Client::builder().no_proxy().pool_idle_timeout(idle).build().expect("a client");
    let own = |number| Client::new(http.clone(), world.base.clone(), buyer(&world, number).token);
    let buyers: Vec<Client> = (0..BUYERS).map(own).collect();
    let (mut totals, mut carts) = (Vec::new(), String::new());
    for number in 0..BUYERS {
        let units = i64::try_from(number % 3).expect("small") + 1;
        let mut wanted: Vec<&str> = match number % 10 {
            // Two variants that were packed from one lot.
            3 => vec![&others[0], &others[1]],
            // Many lots, half of the carts filled from the other end.
            7 => std::iter::once(hot.as_str()).chain(others.iter().map(String::as_str)).collect(),
            _ => vec![&hot],
        };
        if number % 20 > 9 {
            wanted.reverse();
        }
        carts.push_str(&filled_cart(number, &wanted, units));
        totals.push(PRICE * units * i64::try_from(wanted.len()).expect("small"));
    }
    world.database.execute(&carts);
    let bodies = bodies(buyers.iter().zip(totals)).await;
    let stop = Arc::new(AtomicBool::new(false));
    let sampler = sample(&world, &hot, &stop);
    let replies = join_all(buyers.iter().zip(&bodies).map(|(buyer, body)| insist(buyer, CHECKOUTS, body))).await;
    stop.store(true, Ordering::Relaxed);
    let (most, looks) = sampler.join().expect("the sampler");

    assert!(looks > 20, "{looks} looks");
    assert!(most <= HOT, "{most} were promised at once");
    let held =
        world.count(&format!("select sum(quantity) from reservations where variant_id = '{hot}' and status = 'held'"));
    assert_eq!(world.stock(&shop.product), (HOT, held));
    assert!((HOT - 2..=HOT).contains(&held), "{held} are held, though somebody wanted one");
    for (number, reply) in replies.into_iter().enumerate() {
        if reply.status != 201 {
            let told = reply.refused(409, "stock.not_enough");
            let wanted = i64::try_from(number % 3).expect("small") + 1;
            let available = told["lines"][0]["available"].as_i64().expect("a number");
            assert_eq!((&told["lines"][0]["variant_id"], &told["lines"][0]["wanted"]), (&json!(hot), &json!(wanted)));
            assert!((0..wanted).contains(&available), "{available} of {wanted}");
        }
    }
    assert_eq!(world.count("select deadlocks from pg_stat_database where datname = current_database()"), 0);
    let orphans = "select count(*) from orders o where not exists (select from reservations r where r.order_id = o.id)";
    assert_eq!(world.count(orphans), 0);

    world.pass(TimeDelta::minutes(16));
    world.run_jobs().await;
    assert_eq!(world.stock(&shop.product), (HOT, 0), "everything is free again");
    assert_eq!(world.count("select sum(reserved) from lot_levels"), 0);
    world.finish().await;
}

/// An abandoned checkout is free again within five seconds of its time, by the loop that runs in production.
#[actix_web::test]
async fn what_is_abandoned_is_free_again_within_five_seconds_of_its_time() {
    const LIFETIME: Duration = Duration::from_secs(2);
    let world = World::with(&[("CHECKOUT_SECONDS", "2")]).await;
    let shop = world.shop(PRICE, 12).await;
    let app = world.app.clone();
    let worker = actix_web::rt::spawn(async move { worker::run(&app).await });
    let mut placed = Instant::now();
    for number in 0..6 {
        let buyer = buyer(&world, number);
        buyer.put_in_cart(&shop.product.variant_id, 2).await;
        buyer.check_out(2 * PRICE).await.expect(201);
        placed = Instant::now();
    }
    assert!(world.stock(&shop.product).1 > 0, "held at first");
    while world.stock(&shop.product) != (12, 0) {
        assert!(placed.elapsed() < LIFETIME + Duration::from_secs(5), "{:?}", world.stock(&shop.product));
        actix_web::rt::time::sleep(Duration::from_millis(100)).await;
    }
    println!("free after {:?}", placed.elapsed());
    worker.abort();
    world.finish().await;
}

/// R-01, Medusa #16825, Spree #3808, OFN #3925: of two who want the last unit one gets it; the other has no order and
/// nothing to pay, so no money can come for what is not there.
#[actix_web::test]
async fn r_01_medusa_16825_spree_3808_ofn_3925_the_last_unit_has_one_buyer_and_the_loser_leaves_nothing_behind() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 20).await;
    for round in 0..20 {
        let rest = world.stock(&shop.product);
        let away = json!({"reason": "sold_elsewhere", "delta": 1 + rest.1 - rest.0});
        let path = format!("/v1/producer/variants/{}/stock-adjustments", shop.product.variant_id);
        if rest.0 - rest.1 > 1 {
            shop.producer.client.post(&path, away).await.expect(200);
        } else {
            shop.producer.client.post(&path, json!({"reason": "harvested", "delta": 1})).await.expect(200);
        }
        let two = [buyer(&world, 2 * round), buyer(&world, 2 * round + 1)];
        join_all(two.iter().map(|buyer| buyer.put_in_cart(&shop.product.variant_id, 1))).await;
        let bodies = join_all(two.iter().map(|buyer| buyer.checkout_body(PRICE))).await;
        let replies = join_all(two.iter().zip(&bodies).map(|(buyer, body)| insist(buyer, CHECKOUTS, body))).await;
        let (won, lost): (Vec<Reply>, Vec<Reply>) = replies.into_iter().partition(|reply| reply.status == 201);
        assert_eq!((won.len(), lost.len()), (1, 1));
        let told = lost.into_iter().next().expect("one").refused(409, "stock.not_enough");
        assert_eq!(told["lines"][0]["available"], 0);
    }
    assert_eq!(world.count("select count(*) from orders"), 20);
    assert_eq!(world.count("select count(*) from checkouts"), 20);
    assert_eq!(world.count("select count(*) from cart_lines"), 20, "who got nothing keeps the cart");
    world.finish().await;
}

///
#[actix_web::test]
async fn r_02_one_buyer_who_checks_out_twice_at_once_buys_the_cart_once() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 100).await;
    let buyer = buyer(&world, 0);
    for round in 1..=20 {
        buyer.put_in_cart(&shop.product.variant_id, 2).await;
        let body = buyer.checkout_body(2 * PRICE).await;
        let replies = join_all((0..2).map(|_| insist(&buyer, CHECKOUTS, &body))).await;
        let mut codes: Vec<u16> = replies.iter().map(|reply| reply.status).collect();
        codes.sort_unstable();
        assert_eq!(codes, [201, 409]);
        for lost in replies.into_iter().filter(|reply| reply.status == 409) {
            lost.refused(409, "orders.cart_empty");
        }
        assert_eq!(world.stock(&shop.product), (100, 2 * round));
    }
    world.finish().await;
}

/// the producer takes goods away while buyers take them.
#[actix_web::test]
async fn r_16_a_change_of_stock_and_a_purchase_never_promise_the_same_unit() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 60).await;
    let path = format!("/v1/producer/variants/{}/stock-adjustments", shop.product.variant_id);
    let counts = format!("/v1/producer/variants/{}/stock-counts", shop.product.variant_id);
    let buyers: Vec<Client> = (0..40).map(|number| buyer(&world, number)).collect();
    join_all(buyers.iter().map(|buyer| buyer.put_in_cart(&shop.product.variant_id, 1))).await;
    let bodies = bodies(buyers.iter().map(|buyer| (buyer, PRICE))).await;
    let bought = join_all(buyers.iter().zip(&bodies).map(|(buyer, body)| insist(buyer, CHECKOUTS, body)));
    let spoiled = json!({"reason": "spoiled", "delta": -1});
    let thrown = join_all((0..40).map(|_| insist(&shop.producer.client, &path, &spoiled)));
    let counted = json!({"expected_on_hand": 60, "counted": 59});
    let counted = join_all((0..10).map(|_| insist(&shop.producer.client, &counts, &counted)));
    let (bought, (thrown, counted)) =
        futures_util::future::join(bought, futures_util::future::join(thrown, counted)).await;
    let done = |replies: &[Reply], status: u16| {
        i64::try_from(replies.iter().filter(|r| r.status == status).count()).expect("few")
    };
    let (sold, gone, set) = (done(&bought, 201), done(&thrown, 200), done(&counted, 200));
    assert!(set <= 1, "of ten counts from 60 at most one finds 60");
    assert_eq!(world.stock(&shop.product), (60 - gone - set, sold));
    assert_eq!(sold + gone + set, 60, "everything went, nothing twice");
    for reply in thrown.into_iter().filter(|reply| reply.status != 200) {
        reply.refused(409, "stock.below_reserved");
    }
    for reply in counted.into_iter().filter(|reply| reply.status != 200) {
        assert!(["stock.changed", "stock.below_reserved"].contains(&reply.json["code"].as_str().unwrap_or("")));
    }
    world.finish().await;
}

/// Two orders of one buyer at one producer, and what to call the stock with.
async fn two_orders(world: &World, shop: &crate::support::money::Shop) -> (Vec<OrderId>, Hold) {
    let coffee = world.product(&shop.operator, &shop.producer, "Mật ong rừng", (PRICE, 100)).await;
    let buyer = buyer(world, 0);
    let id = |value: &Value| value.as_str().expect("an id").parse::<uuid::Uuid>().expect("a UUID");
    let mut orders = Vec::new();
    for _ in 0..2 {
        buyer.put_in_cart(&coffee.variant_id, 1).await;
        let checkout = buyer.check_out(PRICE).await.expect(201);
        orders.push(OrderId(id(&checkout["orders"][0]["id"])));
    }
    let uuid = |text: String| text.parse::<uuid::Uuid>().expect("a UUID");
    let hold = Hold {
        order_id: orders[0],
        variant_id: VariantId(uuid(shop.product.variant_id.clone())),
        buyer_id: AccountId(uuid(world.text("select distinct buyer_account_id from checkouts"))),
        producer_id: ProducerId(uuid(shop.producer.id.clone())),
        quantity: 1,
    };
    (orders, hold)
}

async fn hold(world: &World, holds: Vec<Hold>) -> Result<(), Error> {
    world.app.db.job(move |tx| stock::hold(tx, &holds).map(drop)).await
}

/// The end of a test whose reservations belong to no line: the lines' invariant has nothing to say of them.
async fn end(world: World, orders: Vec<OrderId>, hold: &Hold) {
    let variant = hold.variant_id;
    world.app.db.job(move |tx| stock::release(tx, &orders)).await.expect("released");
    world.database.execute(&format!("delete from reservations where variant_id = '{variant}'"));
    world.close().await;
}

/// Medusa #16502: two lines that share one stock are added up before they are compared with it.
#[actix_web::test]
async fn medusa_16502_lines_that_share_one_stock_are_added_up() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 5).await;
    let (orders, one) = two_orders(&world, &shop).await;
    let both =
        |quantity: i32| orders.iter().map(|id| Hold { order_id: *id, quantity, ..one.clone() }).collect::<Vec<_>>();
    let Err(Error::Refused(problem, extra)) = hold(&world, both(3)).await else { panic!("six of five were held") };
    assert_eq!(problem.code, "stock.not_enough");
    assert_eq!(extra["lines"], json!([{"variant_id": one.variant_id, "wanted": 6, "available": 5}]));
    assert_eq!(world.stock(&shop.product), (5, 0));
    hold(&world, both(2)).await.expect("four of five");
    assert_eq!(world.stock(&shop.product), (5, 4));
    end(world, orders, &one).await;
}

/// Medusa #16569, Vendure #4030: whoever reserves by whatever way, the counter is what is held, and what is held is not
/// available again.
#[actix_web::test]
async fn medusa_16569_vendure_4030_holds_at_once_by_another_way_keep_the_counter_true() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 7).await;
    let (orders, one) = two_orders(&world, &shop).await;
    let mut held = 0;
    for id in &orders {
        let tries =
            join_all((0..10).map(|_| hold(&world, vec![Hold { order_id: *id, quantity: 4, ..one.clone() }]))).await;
        held += tries.iter().filter(|outcome| outcome.is_ok()).count();
    }
    assert_eq!(held, 1, "four of seven fit once");
    assert_eq!(world.stock(&shop.product), (7, 4));
    assert_eq!(world.count("select sum(reserved) from lot_levels where on_hand = 7"), 4);
    end(world, orders, &one).await;
}

/// Medusa #11131, #11266, #11703: what ends twice frees once; nothing becomes negative and nothing stays behind.
#[actix_web::test]
async fn medusa_11131_11266_11703_what_ends_twice_frees_once() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 9).await;
    let first = buyer(&world, 1);
    let due = world.due(&first, &shop.product, 3, "bank_transfer").await;
    let paid = world.due(&buyer(&world, 2), &shop.product, 2, "bank_transfer").await;
    world.sepay(1, &paid.reference, paid.total).await.expect(200);
    let id = |value: &Value| OrderId(value.as_str().expect("an id").parse().expect("a UUID"));
    let (unpaid, sold) = (id(&due.checkout["orders"][0]["id"]), id(&paid.checkout["orders"][0]["id"]));
    let twice = world.app.db.job(move |tx| {
        stock::consume(tx, &[sold])?;
        stock::release(tx, &[sold])?;
        stock::give_back(tx, unpaid)
    });
    twice.await.expect("nothing to do");
    assert_eq!(world.stock(&shop.product), (7, 3));
    let cancel = format!("/v1/buyer/checkouts/{}/cancel", due.id());
    first.post(&cancel, json!({})).await.expect(200);
    world
        .app
        .db
        .job(move |tx| stock::release(tx, &[unpaid]).and_then(|()| stock::consume(tx, &[unpaid])))
        .await
        .expect("nothing");
    assert_eq!(world.stock(&shop.product), (7, 0));
    let refuse = format!("/v1/producer/orders/{sold}/refuse");
    shop.producer.client.post(&refuse, json!({"reason": "Hết hàng"})).await.expect(200);
    world.app.db.job(move |tx| stock::give_back(tx, sold)).await.expect("nothing");
    assert_eq!(world.stock(&shop.product), (9, 0));
    world.finish().await;
}
