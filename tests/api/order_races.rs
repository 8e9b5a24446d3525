//! Two who want to move the same order at the same moment: exactly one wins, and money, stock and status agree, which
//! the invariants at the end of each test see.

use chrono::TimeDelta;
use futures_util::future::{join, join_all};
use ocop_market::jobs::Job;
use serde_json::{Value, json};

use crate::support::{Client, Producer, Product, World, checkout};

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
            let phone = format!("09111{number:05}");
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
