//! Two who want to move the same order at the same moment: exactly one wins, and money, stock and status agree, which
//! the invariants at the end of each test see.

use std::time::Duration;

use chrono::TimeDelta;
use diesel::connection::SimpleConnection;
use futures_util::future::{join, join_all};
use ocop_market::jobs::Job;
use ocop_market::kernel::OrderId;
use ocop_market::orders::{self, OrderEvent, Side};
use serde_json::{Value, json};

use crate::support::{Client, Producer, Product, Reply, World, checkout};

const ROUNDS: usize = 1000;
/// Producers of one purchase: each has an order of its own of it.
const PRODUCERS: usize = 20;
const PRICE: i64 = 50_000;
/// Pairs that race at the same time.
const AT_ONCE: usize = 3;
const BUYER: &str = "0933333333";

struct Market {
    world: World,
    buyer: Client,
    sellers: Vec<(Producer, Product)>,
}

impl Market {
    async fn open(sellers: usize) -> Market {
        let world = World::start().await;
        let operator = world.operator().await;
        let mut found = Vec::with_capacity(sellers);
        for number in 0..sellers {
            let phone = phone_of(number);
            let producer = world.producer(&operator, &phone, &format!("Hộ nuôi ong số {number}"), "00769").await;
            let product = world.product(&operator, &producer, "Mật ong bạc hà", (PRICE, 100_000)).await;
            found.push((producer, product));
        }
        let buyer = world.session(BUYER, "buyer", TimeDelta::zero()).1;
        Market { world, buyer, sellers: found }
    }

    /// A purchase with one unit of everybody, and how it is to be paid.
    async fn purchase(&self) -> (Value, String) {
        for (_, product) in &self.sellers {
            self.buyer.put_in_cart(&product.variant_id, 1).await;
        }
        let total = PRICE * i64::try_from(self.sellers.len()).expect("few");
        let quote = self.buyer.quote(json!({"commune_code": "00721"})).await.expect(200);
        let mut body = checkout(total);
        body["quote_id"] = quote["id"].clone();
        body["contract_sha256"] = quote["contract_sha256"].clone();
        let placed = self.buyer.post("/v1/buyer/checkouts", body).await.expect(201);
        let attempt = self.buyer.start_attempt(&placed, "bank_transfer").await;
        (placed, attempt["reference"].as_str().expect("a reference").to_owned())
    }

    fn total(&self) -> i64 {
        PRICE * i64::try_from(self.sellers.len()).expect("few")
    }

    /// So many paid orders, and who sells each.
    async fn paid_orders(&self, wanted: usize) -> Vec<(String, usize)> {
        let mut orders = Vec::with_capacity(wanted);
        let mut notice = 0;
        while orders.len() < wanted {
            let (placed, reference) = self.purchase().await;
            notice += 1;
            self.world.sepay(notice, &reference, self.total()).await.expect(200);
            for order in placed["orders"].as_array().expect("orders") {
                let seller = self.sellers.iter().position(|(producer, _)| order["producer_id"] == json!(producer.id));
                orders.push((order["id"].as_str().expect("an id").to_owned(), seller.expect("a seller")));
            }
        }
        self.world.run_jobs().await;
        orders
    }

    /// So many orders that were delivered, and who sold each. What their producers do is done without the way through
    /// HTTP, many orders of one producer at once.
    async fn delivered_orders(&self, wanted: usize) -> Vec<(String, usize)> {
        let orders = self.paid_orders(wanted).await;
        for seller in 0..self.sellers.len() {
            let own = orders.iter().filter(|(_, of)| *of == seller);
            let own: Vec<OrderId> = own.map(|(order, _)| OrderId(order.parse().expect("an id"))).collect();
            let principal = self.world.principal(&phone_of(seller), "producer");
            let deliver = self.world.app.db.write(&principal, move |tx| {
                for order in &own {
                    for event in [OrderEvent::Accept, OrderEvent::Pack, OrderEvent::HandOver, OrderEvent::Deliver] {
                        orders::move_order(tx, Side::Producer, *order, event, None)?;
                    }
                }
                Ok(())
            });
            deliver.await.expect("delivered");
        }
        orders
    }

    async fn claim(&self, (order, seller): &(String, usize)) -> Reply {
        let demand = json!({"kind": "missing", "text": "Thiếu hàng.", "wish": "refund",
                            "lines": [{"variant_id": self.sellers[*seller].1.variant_id, "quantity": 1}]});
        self.buyer.post(&format!("/v1/buyer/orders/{order}/claims"), demand).await
    }
}

fn phone_of(seller: usize) -> String {
    format!("09111{seller:05}")
}

#[actix_web::test]
async fn accept_and_cancel_a_thousand_times_at_once_and_exactly_one_wins() {
    let market = Market::open(PRODUCERS).await;
    let orders = market.paid_orders(ROUNDS).await;
    let (mut accepted, mut refused_accepts) = (0, 0);
    for some in orders.chunks(AT_ONCE) {
        let races = some.iter().map(|(order, seller)| {
            let (producer, buyer) = (&market.sellers[*seller].0, &market.buyer);
            let accept = format!("/v1/producer/orders/{order}/accept");
            let cancel = format!("/v1/buyer/orders/{order}/cancel");
            async move {
                let accept = producer.client.post(&accept, json!({}));
                join(accept, buyer.post(&cancel, json!({"reason": "Đặt nhầm"}))).await
            }
        });
        for (accept, cancel) in join_all(races).await {
            // An accepted order can still be cancelled, a cancelled one not be accepted.
            cancel.expect(200);
            match accept.status {
                200 => accepted += 1,
                _ => {
                    let told = accept.refused(409, "orders.illegal_action");
                    assert_eq!((&told["current_status"], &told["allowed_actions"]), (&json!("cancelled"), &json!([])));
                    refused_accepts += 1;
                }
            }
        }
    }
    println!("accepted first {accepted}, cancelled first {refused_accepts}");
    assert_eq!(market.world.count("select count(*) from orders where status = 'cancelled'"), count(orders.len()));
    market.world.finish().await;
}

fn count(rows: usize) -> i64 {
    i64::try_from(rows).expect("few")
}

#[actix_web::test]
async fn cancel_and_pay_a_thousand_times_at_once_and_exactly_one_wins() {
    let market = Market::open(1).await;
    let mut purchases = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        purchases.push(market.purchase().await);
    }
    let (mut paid, mut notice) = (0, 0);
    for some in purchases.chunks(AT_ONCE) {
        let races = some.iter().map(|(placed, reference)| {
            notice += 1;
            let path = format!("/v1/buyer/checkouts/{}/cancel", placed["id"].as_str().expect("an id"));
            let (buyer, told) = (market.buyer.clone(), market.world.sepay(notice, reference, PRICE));
            async move { join(async { buyer.post(&path, json!({})).await }, told).await }
        });
        for (cancel, told) in join_all(races).await {
            told.expect(200);
            if cancel.status != 200 {
                assert_eq!(cancel.refused(409, "orders.checkout_ended")["current_status"], "paid");
                paid += 1;
            }
        }
    }
    let of = |status: &str| market.world.count(&format!("select count(*) from checkouts where status = '{status}'"));
    assert_eq!((of("paid"), of("cancelled")), (paid, count(ROUNDS) - paid));
    let late = "select count(*) from payment_reviews where kind = 'late_payment'";
    assert_eq!(market.world.count(late), count(ROUNDS) - paid, "what came too late waits for a person");
    println!("paid first {paid} of {ROUNDS}");
    market.world.finish().await;
}

#[actix_web::test]
async fn expiry_and_payment_a_thousand_times_at_once_and_exactly_one_wins() {
    let market = Market::open(1).await;
    let mut purchases = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        purchases.push(market.purchase().await);
    }
    market.world.pass(TimeDelta::minutes(16));
    let mut notice = 0;
    for some in purchases.chunks(AT_ONCE) {
        let races = some.iter().map(|(placed, reference)| {
            notice += 1;
            let checkout_id = placed["id"].as_str().expect("an id").parse().expect("an id");
            let expiry = market.world.work(Job::ExpireCheckout { checkout_id });
            join(expiry, market.world.sepay(notice, reference, PRICE))
        });
        for (expired, told) in join_all(races).await {
            expired.expect("the job");
            told.expect(200);
        }
    }
    let of = |status: &str| market.world.count(&format!("select count(*) from checkouts where status = '{status}'"));
    let (paid, expired) = (of("paid"), of("expired"));
    assert_eq!(paid + expired, count(ROUNDS));
    assert_eq!(market.world.count("select count(*) from payment_reviews where kind = 'late_payment'"), expired);
    println!("paid first {paid} of {ROUNDS}");
    market.world.finish().await;
}

/// Around the end of the window: until it the buyer can claim, from it the platform completes.
const WINDOW_ENDS_IN: Duration = Duration::from_millis(20);

#[actix_web::test]
async fn complete_and_claim_a_thousand_times_at_once_and_exactly_one_wins() {
    let market = Market::open(PRODUCERS).await;
    let orders = market.delivered_orders(ROUNDS).await;
    let mut owner = market.world.database.owner();
    let (mut claimed, mut completed) = (0, 0);
    for some in orders.chunks(8) {
        let ids: Vec<String> = some.iter().map(|(order, _)| format!("'{order}'")).collect();
        let ends = format!("clock_timestamp() + interval '{} ms'", WINDOW_ENDS_IN.as_millis());
        let set = format!("update orders set due_at = {ends} where id in ({})", ids.join(", "));
        owner.batch_execute(&set).expect("the end of the window");
        let races = some.iter().enumerate().map(|(place, order)| {
            let job = Job::EndWait { order_id: order.0.parse().expect("an id") };
            let (market, early) = (&market, Duration::from_millis(u64::try_from(place).expect("a place")));
            let complete = async move {
                // A moment before, at the end, and when it is surely over.
                for pause in [WINDOW_ENDS_IN, Duration::from_millis(1), Duration::from_millis(30)] {
                    actix_web::rt::time::sleep(pause).await;
                    market.world.work(job.clone()).await.expect("the job");
                }
            };
            let claim = async move {
                actix_web::rt::time::sleep(WINDOW_ENDS_IN - early).await;
                market.claim(order).await
            };
            join(complete, claim)
        });
        for ((), claim) in join_all(races).await {
            match (claim.status, claim.json["code"].as_str()) {
                (201, _) => claimed += 1,
                (409, Some("claims.window_closed" | "orders.illegal_action")) => completed += 1,
                _ => panic!("{}", claim.text),
            }
        }
    }
    println!("claimed first {claimed}, completed first {completed}");
    assert!(claimed > 0 && completed > 0, "{claimed} {completed}");
    let of = |status: &str| market.world.count(&format!("select count(*) from orders where status = '{status}'"));
    assert_eq!((of("disputed"), of("completed")), (claimed, completed));
    let open = "select count(*) from claims c join orders o on o.id = c.order_id where (o.status, c.status) = ('disputed', 'open')";
    assert_eq!((market.world.count(open), market.world.count("select count(*) from claims")), (claimed, claimed));
    assert_eq!(market.world.count("select count(*) from orders where refunded_vnd > 0"), 0);
    market.world.finish().await;
}

#[actix_web::test]
async fn accept_and_withdraw_a_claim_a_thousand_times_at_once_and_exactly_one_wins() {
    let market = Market::open(PRODUCERS).await;
    let orders = market.delivered_orders(ROUNDS).await;
    let (mut accepted, mut withdrawn) = (0, 0);
    for (round, some) in orders.chunks(AT_ONCE).enumerate() {
        let races = some.iter().map(|order| {
            let (market, producer) = (&market, &market.sellers[order.1].0.client);
            async move {
                let claim = market.claim(order).await.expect(201);
                let id = claim["id"].as_str().expect("an id");
                let (accept, withdraw) =
                    (format!("/v1/producer/claims/{id}/accept"), format!("/v1/buyer/claims/{id}/withdraw"));
                // By turns the one or the other is sent first.
                if round % 2 == 0 {
                    join(producer.post(&accept, json!({})), market.buyer.post(&withdraw, json!({}))).await
                } else {
                    let (withdrawn, accepted) =
                        join(market.buyer.post(&withdraw, json!({})), producer.post(&accept, json!({}))).await;
                    (accepted, withdrawn)
                }
            }
        });
        for (accept, withdraw) in join_all(races).await {
            let (loser, status) = match (accept.status, withdraw.status) {
                (200, 409) => (withdraw, "settled"),
                (409, 200) => (accept, "withdrawn"),
                _ => panic!("{} {}", accept.text, withdraw.text),
            };
            let told = loser.refused(409, "claims.illegal_action");
            assert_eq!((&told["current_status"], &told["allowed_actions"]), (&json!(status), &json!([])));
            if status == "settled" { accepted += 1 } else { withdrawn += 1 }
        }
    }
    println!("accepted first {accepted}, withdrawn first {withdrawn}");
    assert!(accepted > 0 && withdrawn > 0, "{accepted} {withdrawn}");
    let of = |state: &str| market.world.count(&format!("select count(*) from orders where {state}"));
    assert_eq!(of(&format!("(status, refunded_vnd) = ('refunded', {PRICE})")), accepted);
    assert_eq!(of("(status, refunded_vnd) = ('completed', 0)"), withdrawn);
    assert_eq!(accepted + withdrawn, count(ROUNDS));
    market.world.finish().await;
}
