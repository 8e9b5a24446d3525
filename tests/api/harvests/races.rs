//! Many at once.

use chrono::TimeDelta;
use futures_util::future::{join, join_all, join3};
use serde_json::{Value, json};

use super::{PRICE, came_as, fate, fated, paid, planned};
use crate::support::{Client, Reply, World, new_key};

async fn insist(client: &Client, path: &str, body: &Value) -> Reply {
    let key = new_key();
    for _ in 0..600 {
        let reply = client.post_with_key(path, &key, body.clone()).await;
        if reply.status != 503 && reply.json["code"] != "request_in_progress" {
            assert!(reply.status < 500, "{}", reply.text);
            return reply;
        }
        actix_web::rt::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("{path} stayed busy");
}

#[actix_web::test]
async fn forty_who_order_at_once_get_exactly_the_cap() {
    const BUYERS: usize = 40;
    const CAP: i64 = 10;
    let world = World::start().await;
    let shop = world.shop(PRICE, 0).await;
    planned(&world, &shop, "first_paid").await;
    let buyers: Vec<Client> =
        (0..BUYERS).map(|number| world.session(&format!("09360{number:05}"), "buyer", TimeDelta::zero()).1).collect();
    let units = |number: usize| i64::try_from(number % 3).expect("small") + 1;
    let mut bodies = Vec::new();
    for (number, buyer) in buyers.iter().enumerate() {
        buyer.put_in_cart(&shop.product.variant_id, units(number)).await;
        bodies.push(buyer.checkout_body(PRICE * units(number)).await);
    }
    let tries = buyers.iter().zip(&bodies).map(|(buyer, body)| insist(buyer, "/v1/buyer/checkouts", body));
    let replies = join_all(tries).await;
    let mut won = 0;
    for (number, reply) in replies.into_iter().enumerate() {
        if reply.status == 201 {
            won += units(number);
        } else {
            let told = reply.refused(409, "stock.not_enough");
            let available = told["lines"][0]["available"].as_i64().expect("a number");
            assert!((0..units(number)).contains(&available), "{available} of {}", units(number));
        }
    }
    assert!((CAP - 2..=CAP).contains(&won), "{won} are held, though somebody wanted one");
    // Whoever wants one gets what is left, and then there is no more.
    let last = world.session("0933333331", "buyer", TimeDelta::zero()).1;
    for _ in won..CAP {
        last.put_in_cart(&shop.product.variant_id, 1).await;
        last.check_out(PRICE).await.expect(201);
    }
    last.put_in_cart(&shop.product.variant_id, 1).await;
    assert_eq!(last.check_out(PRICE).await.refused(409, "stock.not_enough")["lines"][0]["available"], 0);
    assert_eq!(world.stock(&shop.product), (CAP, CAP));
    assert_eq!(world.count("select deadlocks from pg_stat_database where datname = current_database()"), 0);
    world.finish().await;
}

#[actix_web::test]
async fn who_declares_twice_and_cancels_at_once_a_hundred_times_loses_nothing() {
    const ROUNDS: i64 = 100;
    let world = World::start().await;
    let shop = world.shop(PRICE, 0).await;
    let buyer = world.session("0933333331", "buyer", TimeDelta::zero()).1;
    let producer = &shop.producer.client;
    let adjustments = format!("/v1/producer/variants/{}/stock-adjustments", shop.product.variant_id);
    let (mut shortened, mut kept_waiting) = (0, 0);
    for round in 1..=ROUNDS {
        let harvest = planned(&world, &shop, if round % 2 == 0 { "pro_rata" } else { "first_paid" }).await;
        let due = paid(&world, &shop, &buyer, (3, round)).await;
        let declare = format!("{harvest}/declare");
        let declares = [2, 1].map(|units| came_as(&world, &format!("VU-{round}-{units}"), units));
        let cancel = format!("/v1/buyer/orders/{}/cancel", due.order_id());
        let (one, other, cancelled) = join3(
            insist(producer, &declare, &declares[0]),
            insist(producer, &declare, &declares[1]),
            insist(&buyer, &cancel, &json!({"reason": "Đổi ý"})),
        )
        .await;
        cancelled.expect(200);
        let (won, lost, units) = if one.status == 200 { (one, other, 2) } else { (other, one, 1) };
        won.expect(200);
        lost.refused(409, "orders.harvest_action_not_allowed");
        let (status, missing, refunded) = fate(&buyer, &due).await;
        assert_eq!((status.as_str(), refunded), ("cancelled", 3 * PRICE));
        if missing > 0 {
            assert_eq!(missing, 3 - units);
            shortened += 1;
        } else {
            kept_waiting += 1;
        }
        assert_eq!(world.stock(&shop.product), (i32::try_from(units).expect("small").into(), 0));
        producer.post(&adjustments, json!({"reason": "sold_elsewhere", "delta": -units})).await.expect(200);
    }
    println!("declared first {shortened}, cancelled first {kept_waiting}");
    world.run_jobs().await;
    let owed = world.count("select sum(amount_vnd) from payment_reviews where kind = 'refund_due'");
    assert_eq!(owed, ROUNDS * 3 * PRICE, "nothing is owed twice");
    world.finish().await;
}

/// Who pays while a harvest is declared either waits for it and is counted, or is refused nothing: the money of an order
/// is never left without goods and without a refund.
#[actix_web::test]
async fn who_pays_while_a_harvest_is_declared_is_never_forgotten() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 0).await;
    let buyer = world.session("0933333331", "buyer", TimeDelta::zero()).1;
    let producer = &shop.producer.client;
    for round in 1..=20_i64 {
        let harvest = planned(&world, &shop, "first_paid").await;
        let due = world.due(&buyer, &shop.product, 2, "bank_transfer").await;
        let declare = format!("{harvest}/declare");
        let body = came_as(&world, &format!("VU-{round}"), 1);
        let (declared, notice) =
            join(insist(producer, &declare, &body), world.sepay(round, &due.reference, due.total)).await;
        notice.expect(200);
        if declared.status != 200 {
            declared.refused(409, "orders.harvest_still_held");
            insist(producer, &declare, &body).await.expect(200);
        }
        assert_eq!(fate(&buyer, &due).await, fated("paid", 1, PRICE));
        let refuse = format!("/v1/producer/orders/{}/refuse", due.order_id());
        producer.post(&refuse, json!({"reason": "Hết hàng"})).await.expect(200);
        let adjustments = format!("/v1/producer/variants/{}/stock-adjustments", shop.product.variant_id);
        producer.post(&adjustments, json!({"reason": "sold_elsewhere", "delta": -1})).await.expect(200);
    }
    world.finish().await;
}
