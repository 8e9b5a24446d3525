//! Money in and money back: once, to the đồng, and never more than was paid.

use chrono::TimeDelta;
use futures_util::future::{join, join_all};
use ocop_market::jobs::Job;
use serde_json::{Value, json};

use super::{Fair, HONEY, TEA, WAY, dong};
use crate::support::World;
use crate::support::money::{CONFIRMED, PAID, WAITING};

/// The sum of what the queue of refunds holds.
const OWED: &str = "select coalesce(sum(amount_vnd), 0) from payment_reviews where kind = 'refund_due'";
const SOLD: &str = "/v1/operator/sales?group_by=commune";

fn claim_of(fair: &Fair, quantity: i64) -> Value {
    json!({"kind": "missing", "text": "Thiếu hàng trong thùng.", "wish": "refund",
           "lines": [{"variant_id": fair.honey.1.variant_id, "quantity": quantity}]})
}

#[actix_web::test]
async fn spree_14622_a_fully_refunded_order_does_not_read_as_paid() {
    let fair = Fair::open().await;
    let checkout = fair.bought((2, 1), None).await;
    let (honey, tea) = (fair.order_of(&checkout, &fair.honey), fair.order_of(&checkout, &fair.tea));
    fair.goes(&fair.honey, &honey, &["accept", "pack", "hand-over", "deliver"]).await;
    let claims = format!("/v1/buyer/orders/{honey}/claims");
    let claim = fair.buyer.post(&claims, claim_of(&fair, 2)).await.expect(201);
    let accept = format!("/v1/producer/claims/{}/accept", claim["id"].as_str().expect("an id"));
    fair.honey.0.client.post(&accept, json!({})).await.expect(200);
    fair.buyer.post(&format!("/v1/buyer/orders/{tea}/cancel"), json!({"reason": "Thôi"})).await.expect(200);
    fair.world.run_jobs().await;
    for (order, status) in [(&honey, "refunded"), (&tea, "cancelled")] {
        let seen = fair.seen(order).await;
        assert_eq!(seen["status"], status);
        assert_eq!(dong(&seen, "refunded_vnd"), dong(&seen, "total_vnd"));
    }
    for (producer, _) in [&fair.honey, &fair.tea] {
        let paid = producer.client.get("/v1/producer/orders?status=paid").await.expect(200);
        assert_eq!(paid["data"], json!([]));
    }
    let sold = fair.operator.get(SOLD).await.expect(200);
    assert_eq!((&sold["total"]["value_vnd"], &sold["total"]["orders"]), (&json!(0), &json!(0)), "{sold}");
    assert_eq!(fair.world.count(OWED), dong(&checkout, "total_vnd"));
    fair.world.finish().await;
}

/// The buyer's phone is off when the money comes: nobody opens a page, and the order is there all the same.
#[actix_web::test]
async fn medusa_12790_ofn_3925_paid_money_finds_its_order_without_the_buyer() {
    let world = World::start().await;
    let shop = world.shop(HONEY, 5).await;
    let buyer = world.buyer("0933333333").await;
    let due = world.due(&buyer, &shop.product, 1, "vnpay").await;
    buyer.post("/v1/auth/sign-out", json!({})).await.expect(204);
    assert_eq!(world.vnpay(&due.reference, due.total, ("00", "00", "71")).await.text, CONFIRMED);
    assert_eq!((world.state(&due).as_str(), world.stock(&shop.product)), (PAID, (4, 0)));
    world.run_jobs().await;
    let inbox = shop.producer.client.get("/v1/producer/orders?status=paid").await.expect(200);
    assert_eq!((&inbox["data"][0]["id"], &inbox["data"][1]), (&json!(due.order_id()), &Value::Null));
    world.finish().await;
}

#[actix_web::test]
async fn medusa_14205_a_message_on_the_way_completes_nothing() {
    let world = World::start().await;
    let shop = world.shop(HONEY, 5).await;
    let due = world.due(&world.buyer("0933333333").await, &shop.product, 1, "vnpay").await;
    assert_eq!(world.vnpay(&due.reference, due.total, ("00", "01", "71")).await.text, CONFIRMED);
    world.run_jobs().await;
    assert_eq!((world.state(&due).as_str(), world.stock(&shop.product)), (WAITING, (5, 1)));
    assert_eq!(world.count("select count(*) from payment_credits"), 0);
    assert_eq!(world.vnpay(&due.reference, due.total, ("00", "00", "71")).await.text, CONFIRMED);
    assert_eq!((world.state(&due).as_str(), world.stock(&shop.product)), (PAID, (4, 0)));
    world.finish().await;
}

/// The buyer pays by transfer and by card at the same moment: one pays, and the other is in the queue.
#[actix_web::test]
async fn medusa_13301_ofn_12046_two_providers_at_once_pay_once() {
    const ROUNDS: i64 = 20;
    let world = World::start().await;
    let shop = world.shop(HONEY, ROUNDS).await;
    let buyer = world.buyer("0933333333").await;
    for round in 1..=ROUNDS {
        let due = world.due(&buyer, &shop.product, 1, "vnpay").await;
        let bank = buyer.start_attempt(&due.checkout, "bank_transfer").await;
        let reference = bank["reference"].as_str().expect("a reference");
        let transaction = (100 + round).to_string();
        let card = world.vnpay(&due.reference, due.total, ("00", "00", &transaction));
        let (card, transfer) = join(card, world.sepay(round, reference, due.total)).await;
        assert_eq!((card.text.as_str(), transfer.status), (CONFIRMED, 200), "{round}: {}", transfer.text);
        assert_eq!(world.count("select count(*) from payment_credits where payment_id is not null"), round);
    }
    let second = format!("select count(*) from payment_reviews where (kind, amount_vnd) = ('second_payment', {HONEY})");
    assert_eq!((world.count(&second), world.count("select count(*) from payment_reviews")), (ROUNDS, ROUNDS));
    assert_eq!(world.stock(&shop.product), (0, 0));
    assert_eq!(world.count("select count(*) from order_events where event = 'pay'"), ROUNDS);
    world.run_jobs().await;
    let sold = shop.operator.get(SOLD).await.expect(200);
    assert_eq!(sold["total"]["value_vnd"], ROUNDS * HONEY);
    world.finish().await;
}

/// Less weight than ordered, a discount that divides unevenly, a claim for a part and the operator's word: what was
/// owed back adds up, and what is claimed in the end is exactly what was left.
#[actix_web::test]
async fn medusa_13433_13068_spree_10407_partial_refunds_add_up_to_what_was_paid() {
    let fair = Fair::open().await;
    let voucher = fair.voucher(&fair.operator, |voucher| voucher["payer"] = json!("province")).await;
    // Its bottles are sold by weight from now on.
    fair.world.database.execute("update variants set is_weighed = true where unit = 'l' and price_vnd = 120001");
    let checkout = fair.bought((3, 1), Some(&voucher)).await;
    let order = fair.order_of(&checkout, &fair.honey);
    let paid = dong(&fair.seen(&order).await, "total_vnd");
    fair.goes(&fair.honey, &order, &["accept"]).await;
    let weights = json!({"weights": [{"variant_id": fair.honey.1.variant_id, "weight_g": 3 * 1400 - 101}]});
    let path = format!("/v1/producer/orders/{order}/pack");
    let packed = fair.honey.0.client.post(&path, weights).await.expect(200);
    let for_weight = dong(&packed, "refunded_vnd");
    assert!(for_weight > 0, "{packed}");
    fair.goes(&fair.honey, &order, &["hand-over", "deliver"]).await;
    let claim = fair.buyer.post(&format!("/v1/buyer/orders/{order}/claims"), claim_of(&fair, 3)).await.expect(201);
    assert_eq!(dong(&claim, "claimed_vnd"), paid - for_weight, "all that is left, with the way");
    let accept = format!("/v1/producer/claims/{}/accept", claim["id"].as_str().expect("an id"));
    fair.honey.0.client.post(&accept, json!({})).await.expect(200);
    fair.world.run_jobs().await;
    let seen = fair.seen(&order).await;
    assert_eq!((&seen["status"], dong(&seen, "refunded_vnd")), (&json!("refunded"), paid));
    let noted = format!("select sum(amount_vnd) from order_refunds where order_id = '{order}'");
    assert_eq!((fair.world.count(&noted), fair.world.count(OWED)), (paid, paid));
    assert_eq!(dong(&fair.seen(&fair.order_of(&checkout, &fair.tea)).await, "refunded_vnd"), 0);
    fair.world.finish().await;
}

/// The buyer cancels, the producer refuses and the clock gives up at the same moment; then the job that owes the money
/// runs several times at once. All is owed, once.
#[actix_web::test]
async fn hyperswitch_13182_parallel_refunds_never_exceed_the_capture() {
    const ROUNDS: usize = 20;
    let fair = Fair::open().await;
    let mut orders = Vec::new();
    for _ in 0..ROUNDS {
        orders.push(fair.order_of(&fair.bought((1, 0), None).await, &fair.honey));
    }
    fair.world.database.execute("update orders set due_at = now() - interval '1 minute'");
    let mut wins = [0; 3];
    for order in &orders {
        let (cancel, refuse) =
            (format!("/v1/buyer/orders/{order}/cancel"), format!("/v1/producer/orders/{order}/refuse"));
        let why = || json!({"reason": "Thôi"});
        let give_up = fair.world.work(Job::EndWait { order_id: order.parse().expect("an id") });
        let (cancelled, refused, ended) =
            futures_util::join!(fair.buyer.post(&cancel, why()), fair.honey.0.client.post(&refuse, why()), give_up);
        ended.expect("the job");
        let status = fair.world.text(&format!("select status from orders where id = '{order}'"));
        match (cancelled.status, refused.status, status.as_str()) {
            (200, 409, "cancelled") => wins[0] += 1,
            (409, 200, "refused") => wins[1] += 1,
            (409, 409, "auto_cancelled") => wins[2] += 1,
            told => panic!("{told:?}"),
        }
    }
    println!("cancelled {}, refused {}, given up {}", wins[0], wins[1], wins[2]);
    let whole = format!(
        "select count(*) from orders o where refunded_vnd = {} and refunded_vnd = \
         (select sum(amount_vnd) from order_refunds f where f.order_id = o.id)",
        HONEY + WAY
    );
    assert_eq!(fair.world.count(&whole), fair.world.count("select count(*) from orders"));
    assert_eq!(fair.world.count("select count(*) from order_refunds"), fair.world.count("select count(*) from orders"));
    for refund in fair.world.text("select string_agg(id::text, ',') from order_refunds").split(',') {
        let owe = || fair.world.work(Job::OweRefund { refund_id: refund.parse().expect("an id") });
        for done in join_all([owe(), owe(), owe()]).await {
            done.expect("the job");
        }
    }
    let paid = fair.world.count("select sum(amount_vnd) from payment_credits");
    assert_eq!(fair.world.count(OWED), paid);
    fair.world.finish().await;
}

/// Time alone, and however often jobs run, pays nothing back: a person says that it was paid, and how, once.
#[actix_web::test]
async fn vendure_3152_hyperswitch_9622_what_is_owed_is_owed_until_somebody_paid_it() {
    let fair = Fair::open().await;
    let order = fair.order_of(&fair.bought((0, 1), None).await, &fair.tea);
    fair.buyer.post(&format!("/v1/buyer/orders/{order}/cancel"), json!({"reason": "Thôi"})).await.expect(200);
    let entry = "select status || ' ' || amount_vnd || coalesce(' ' || resolution, '') from payment_reviews";
    for _ in 0..3 {
        fair.world.pass(TimeDelta::days(10));
        fair.world.run_jobs().await;
        assert_eq!(fair.world.text(entry), format!("open {}", TEA + WAY));
    }
    let operator = fair.world.session("0900000001", "operator", TimeDelta::zero()).1;
    let path = format!("/v1/operator/payment-reviews/{}/resolve", fair.world.text("select id from payment_reviews"));
    let body = json!({"resolution": "refunded_by_hand", "note": "Chuyển khoản ngày 26/11."});
    operator.post(&path, body.clone()).await.expect(200);
    assert_eq!(fair.world.text(entry), format!("resolved {} refunded_by_hand", TEA + WAY));
    operator.post(&path, body).await.refused(409, "payments.already_resolved");
    fair.world.finish().await;
}

/// The purchase has ended when its money comes: nothing is sold by it, and it waits for a person to give it back.
#[actix_web::test]
async fn ofn_8618_7130_8218_money_that_comes_too_late_waits_for_a_person() {
    let world = World::start().await;
    let shop = world.shop(HONEY, 5).await;
    let buyer = world.buyer("0933333333").await;
    let cancelled = world.due(&buyer, &shop.product, 1, "bank_transfer").await;
    buyer.post(&format!("/v1/buyer/checkouts/{}/cancel", cancelled.id()), json!({})).await.expect(200);
    let expired = world.due(&buyer, &shop.product, 2, "vnpay").await;
    world.pass(TimeDelta::minutes(16));
    world.run_jobs().await;
    world.sepay(1, &cancelled.reference, cancelled.total).await.expect(200);
    world.vnpay(&expired.reference, expired.total, ("00", "00", "71")).await.expect(200);
    world.run_jobs().await;
    assert_eq!(world.reviews(), [format!("late_payment {HONEY}"), format!("late_payment {}", 2 * HONEY)]);
    assert_eq!(world.count("select sum(amount_vnd) from payment_credits"), 3 * HONEY);
    assert_eq!(world.count("select count(*) from orders where status in ('cancelled', 'expired')"), 2);
    assert_eq!(world.stock(&shop.product), (5, 0));
    world.finish().await;
}
