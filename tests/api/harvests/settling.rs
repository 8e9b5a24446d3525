//! What came is shared as its rule says, and what did not is owed back.

use chrono::TimeDelta;
use ocop_market::kernel::time::next_vietnam_day;
use serde_json::json;

use super::{PRICE, came, fate, fated, figures, forecast, order, paid, planned, told};
use crate::support::World;

#[actix_web::test]
async fn orders_wait_for_the_harvest_up_to_its_cap_and_who_paid_first_is_served_first() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 0).await;
    let harvest = planned(&world, &shop, "first_paid").await;
    let (one, two, three) =
        (world.buyer("0933333331").await, world.buyer("0933333332").await, world.buyer("0933333333").await);
    let second = world.due(&two, &shop.product, 4, "bank_transfer").await;
    let first = paid(&world, &shop, &one, (4, 1)).await;
    world.pass(TimeDelta::minutes(1));
    world.sepay(2, &second.reference, second.total).await.expect(200);
    world.run_jobs().await;

    let waiting = order(&one, &first).await;
    assert_eq!(waiting["status"], "waiting_harvest");
    let ends = next_vietnam_day(world.app.db.clock.now()) + TimeDelta::days(7 + 3);
    assert_eq!(waiting["due_at"], json!(ends), "three days after the last day of sending");
    let shown = shop.producer.client.get(&harvest).await.expect(200);
    assert_eq!((&shown["ordered"], &shown["allowed_actions"]), (&json!(8), &json!(["close", "declare", "cancel"])));
    let open = format!("/v1/public/products/{}/harvests", shop.product.id);
    let seen = world.visitor().get(&open).await.expect(200);
    assert_eq!((&seen["data"][0]["id"], &seen["data"][0]["available"]), (&shown["id"], &json!(2)));
    assert_eq!(waiting["allowed_actions"], json!(["cancel"]));
    let accept = format!("/v1/producer/orders/{}/accept", first.order_id());
    shop.producer.client.post(&accept, json!({})).await.refused(409, "orders.illegal_action");

    three.put_in_cart(&shop.product.variant_id, 3).await;
    three.check_out(3 * PRICE).await.refused(409, "stock.not_enough");
    three.put_in_cart(&shop.product.variant_id, 2).await;
    let held = three.check_out(2 * PRICE).await.expect(201);
    let declare = format!("{harvest}/declare");
    let held_still = shop.producer.client.post(&declare, came(&world, 5)).await;
    let helps = held_still.refused(409, "orders.harvest_still_held");
    assert_eq!(
        (&helps["reserved"], helps["title"].as_str().map(|title| title.contains("hãy ngừng nhận đặt trước"))),
        (&json!(2), Some(true))
    );
    let cancel = format!("/v1/buyer/checkouts/{}/cancel", held["id"].as_str().expect("an id"));
    three.post(&cancel, json!({})).await.expect(200);

    let declared = shop.producer.client.post(&declare, came(&world, 5)).await.expect(200);
    assert_eq!((&declared["status"], &declared["harvested"]), (&json!("harvested"), &json!(5)));
    world.run_jobs().await;
    assert_eq!(fate(&one, &first).await, fated("paid", 0, 0));
    assert_eq!(fate(&two, &second).await, fated("paid", 3, 3 * PRICE));
    assert!(order(&two, &second).await["due_at"].is_string());
    assert_eq!(world.stock(&shop.product), (0, 0));
    assert_eq!(told(&world), "harvest_in 4, harvest_short 1 4 150000");
    assert_eq!(world.reviews(), [format!("refund_due {}", 3 * PRICE)]);
    assert_eq!(figures(&world), format!("{} 5 7000", 5 * PRICE), "what never came was not sold");
    assert_eq!(world.visitor().get(&open).await.expect(200)["data"], json!([]));
    let reminders = "select count(*) from jobs where kind = 'remind_order' and done_at is null and run_at > now()";
    assert_eq!(world.count(reminders), 2, "the wait for an answer begins with the harvest");
    shop.producer.client.post(&declare, came(&world, 9)).await.refused(409, "orders.harvest_action_not_allowed");

    // What the second order got of it comes back when it is refused, and no more.
    shop.producer.client.post(&accept, json!({})).await.expect(200);
    let refuse = format!("/v1/producer/orders/{}/refuse", second.order_id());
    shop.producer.client.post(&refuse, json!({"reason": "Hết hàng"})).await.expect(200);
    assert_eq!(fate(&two, &second).await, fated("refused", 3, 4 * PRICE));
    assert_eq!(world.stock(&shop.product), (1, 0));
    assert_eq!(figures(&world), format!("{} 4 5600", 4 * PRICE));
    world.run_jobs().await;
    assert_eq!(world.count("select sum(amount_vnd) from payment_reviews where kind = 'refund_due'"), 4 * PRICE);
    world.finish().await;
}

#[actix_web::test]
async fn a_small_harvest_is_shared_and_who_gets_nothing_gets_everything_back() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 0).await;
    let harvest = planned(&world, &shop, "pro_rata").await;
    let buyers = [world.buyer("0933333331").await, world.buyer("0933333332").await, world.buyer("0933333333").await];
    let mut dues = Vec::new();
    for ((buyer, units), notice) in buyers.iter().zip([3, 4, 2]).zip(1..) {
        dues.push(paid(&world, &shop, buyer, (units, notice)).await);
    }
    shop.producer.client.post(&format!("{harvest}/close"), json!({})).await.expect(200);
    shop.producer
        .client
        .post(&format!("{harvest}/close"), json!({}))
        .await
        .refused(409, "orders.harvest_action_not_allowed");
    shop.producer.client.post(&format!("{harvest}/declare"), came(&world, 1)).await.expect(200);
    world.run_jobs().await;
    assert_eq!(fate(&buyers[0], &dues[0]).await, fated("refused", 0, 3 * PRICE));
    assert_eq!(fate(&buyers[1], &dues[1]).await, fated("paid", 3, 3 * PRICE));
    assert_eq!(fate(&buyers[2], &dues[2]).await, fated("refused", 0, 2 * PRICE));
    assert_eq!(world.stock(&shop.product), (0, 0));
    assert_eq!(told(&world), "harvest_short 1 4 150000, order_refused 100000, order_refused 150000");
    world.finish().await;
}

#[actix_web::test]
async fn what_is_left_over_is_stock_and_what_is_not_harvested_at_all_is_owed_back() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 0).await;
    let harvest = planned(&world, &shop, "first_paid").await;
    let buyer = world.buyer("0933333331").await;
    let kept = paid(&world, &shop, &buyer, (2, 1)).await;
    let cancelled = paid(&world, &shop, &buyer, (3, 2)).await;
    assert_eq!(world.stock(&shop.product), (5, 0));
    let cancel = format!("/v1/buyer/orders/{}/cancel", cancelled.order_id());
    buyer.post(&cancel, json!({"reason": "Đổi ý"})).await.expect(200);
    assert_eq!(
        (fate(&buyer, &cancelled).await, world.stock(&shop.product)),
        (fated("cancelled", 0, 3 * PRICE), (8, 0))
    );

    let adjustments = format!("/v1/producer/variants/{}/stock-adjustments", shop.product.variant_id);
    let more = json!({"reason": "harvested", "delta": 5});
    shop.producer.client.post(&adjustments, more.clone()).await.refused(409, "stock.harvest_planned");
    let plan = format!("/v1/producer/variants/{}/harvests", shop.product.variant_id);
    let again = forecast(&world, (10, 0), "pro_rata");
    shop.producer.client.post(&plan, again.clone()).await.refused(409, "stock.harvest_planned");

    shop.producer.client.post(&format!("{harvest}/declare"), came(&world, 12)).await.expect(200);
    assert_eq!((fate(&buyer, &kept).await, world.stock(&shop.product)), (fated("paid", 0, 0), (10, 0)));
    shop.producer.client.post(&plan, again.clone()).await.refused(409, "stock.not_empty");
    shop.producer.client.post(&adjustments, more).await.expect(200);
    paid(&world, &shop, &buyer, (15, 3)).await;
    assert_eq!((world.stock(&shop.product), told(&world)), ((0, 0), "harvest_in 2".to_owned()));

    let next = shop.producer.client.post(&plan, again).await.expect(201);
    let lost = paid(&world, &shop, &buyer, (7, 4)).await;
    let cancel = format!("/v1/producer/harvests/{}/cancel", next["id"].as_str().expect("an id"));
    shop.producer.client.post(&cancel, json!({})).await.expect(200);
    world.run_jobs().await;
    assert_eq!(fate(&buyer, &lost).await, fated("refused", 0, 7 * PRICE));
    assert_eq!(told(&world), "harvest_in 2, order_refused 350000");
    assert_eq!(world.stock(&shop.product), (0, 0));
    world.finish().await;
}
