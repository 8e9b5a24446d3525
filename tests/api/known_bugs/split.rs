//! One purchase, several producers: what belongs to whom, and what is left of a part that fails.

use std::collections::BTreeSet;

use ocop_market::kernel::Actor;
use ocop_market::shipping;
use reqwest::Method;
use serde_json::json;

use super::{Fair, HONEY, TEA, WAY, dong};
use crate::illegal_moves::machine::Machine;
use crate::illegal_moves::rows;
use crate::shipments::new_shipment;
use crate::support::principals::Watch;
use crate::support::{World, new_key};

#[actix_web::test]
async fn spree_14622_an_order_shows_its_own_figures_only() {
    let fair = Fair::open().await;
    let voucher = fair.voucher(&fair.operator, |voucher| voucher["payer"] = json!("province")).await;
    let checkout = fair.bought((3, 2), Some(&voucher)).await;
    let mut sums = [0; 4];
    for (seller, other, goods) in [(&fair.honey, &fair.tea, 3 * HONEY), (&fair.tea, &fair.honey, 2 * TEA)] {
        let (order, foreign) = (fair.order_of(&checkout, seller), fair.order_of(&checkout, other));
        let of_buyer = fair.seen(&order).await;
        let of_seller = seller.0.client.get(&format!("/v1/producer/orders/{order}")).await.expect(200);
        for seen in [&of_buyer, &of_seller] {
            let lines = seen["lines"].as_array().expect("lines");
            let variants: Vec<_> = lines.iter().map(|line| line["variant_id"].as_str().expect("an id")).collect();
            assert_eq!(variants, [seller.1.variant_id.as_str()]);
            let of_lines: i64 = lines.iter().map(|line| dong(line, "discount_vnd")).sum();
            assert_eq!((dong(seen, "goods_vnd"), dong(seen, "shipping_vnd")), (goods, WAY));
            assert_eq!(dong(seen, "discount_vnd"), of_lines);
            assert_eq!(dong(seen, "total_vnd"), goods + WAY - of_lines);
        }
        let fields = ["goods_vnd", "shipping_vnd", "discount_vnd", "total_vnd"];
        sums.iter_mut().zip(fields).for_each(|(sum, field)| *sum += dong(&of_seller, field));
        seller.0.client.get(&format!("/v1/producer/orders/{foreign}")).await.refused(404, "not_found");
    }
    let goods = 3 * HONEY + 2 * TEA;
    assert_eq!(sums, [goods, 2 * WAY, 20_000, goods + 2 * WAY - 20_000]);
    assert_eq!(dong(&checkout, "total_vnd"), sums[3]);
    fair.world.finish().await;
}

#[actix_web::test]
async fn spree_14622_split_orders_can_be_fulfilled_once_paid() {
    let fair = Fair::open().await;
    let checkout = fair.bought((1, 1), None).await;
    for seller in [&fair.honey, &fair.tea] {
        let order = fair.order_of(&checkout, seller);
        assert_eq!(fair.seen(&order).await["status"], "paid");
        fair.goes(seller, &order, &["accept", "pack", "hand-over", "deliver"]).await;
        let path = format!("/v1/buyer/orders/{order}/confirm-receipt");
        assert_eq!(fair.buyer.post(&path, json!({})).await.expect(200)["status"], "completed");
    }
    fair.world.finish().await;
}

#[actix_web::test]
async fn spree_14622_cancelling_a_dispatched_order_says_why_not() {
    let fair = Fair::open().await;
    let checkout = fair.bought((1, 0), None).await;
    let order = fair.order_of(&checkout, &fair.honey);
    fair.goes(&fair.honey, &order, &["accept", "pack", "hand-over"]).await;
    let path = format!("/v1/buyer/orders/{order}/cancel");
    let body = json!({"reason": "Đặt nhầm"}).to_string();
    let mut titles = BTreeSet::new();
    for language in ["vi", "en"] {
        let key = new_key();
        let headers = [("content-type", "application/json"), ("idempotency-key", &key), ("accept-language", language)];
        let told = fair.buyer.send(Method::POST, &path, &headers, Some(body.clone())).await;
        let told = told.refused(409, "orders.illegal_action");
        assert_eq!(told["current_status"], "handed_over");
        assert_eq!(told["allowed_actions"], json!(["confirm-receipt"]));
        titles.insert(told["title"].as_str().expect("a title").to_owned());
    }
    assert!(titles.len() == 2 && titles.iter().all(|title| title.len() > 20), "{titles:?}");
    assert_eq!(fair.seen(&order).await["status"], "handed_over");
    fair.world.finish().await;
}

#[actix_web::test]
async fn spree_14622_a_second_parcel_costs_the_buyer_nothing() {
    let fair = Fair::open().await;
    let checkout = fair.bought((2, 1), None).await;
    let order = fair.order_of(&checkout, &fair.honey);
    fair.goes(&fair.honey, &order, &["accept", "pack", "hand-over"]).await;
    let money = "select concat_ws(' ', (select sum(total_vnd) from checkouts), (select sum(total_vnd) from orders), \
                 (select sum(shipping_vnd) from orders), (select sum(refunded_vnd) from orders), \
                 (select sum(amount_vnd) from payments), (select sum(amount_vnd) from payment_credits))";
    let (before, total) = (fair.world.text(money), dong(&checkout, "total_vnd"));
    assert_eq!(before, format!("{total} {total} {} 0 {total} {total}", 2 * WAY));
    let first = fair.world.text("select id from shipments");
    for status in ["picked_up", "lost"] {
        let path = format!("/v1/producer/shipments/{first}/report");
        fair.honey.0.client.post(&path, json!({"status": status})).await.expect(200);
    }
    let new = new_shipment(&fair.world, &order, "own").await;
    fair.world.app.db.write(&Actor::PLATFORM, move |tx| shipping::open(tx, &new)).await.expect("a second parcel");
    fair.world.run_jobs().await;
    let parcels = fair.buyer.get(&format!("/v1/buyer/orders/{order}/shipments")).await.expect(200);
    assert_eq!(parcels["data"].as_array().map(Vec::len), Some(2));
    assert_eq!(fair.world.text(money), before);
    let seen = fair.seen(&order).await;
    assert_eq!((dong(&seen, "shipping_vnd"), dong(&seen, "total_vnd")), (WAY, 2 * HONEY + WAY));
    fair.world.finish().await;
}

/// One producer's goods are gone, or the voucher is: the others' orders are not placed either, and nothing is held,
/// counted or announced.
#[actix_web::test]
async fn medusa_16825_no_orphan_order_when_a_part_fails() {
    let fair = Fair::open().await;
    let voucher = fair.voucher(&fair.operator, |voucher| voucher["payer"] = json!("province")).await;
    fair.fill_cart(1, 5).await;
    let (_, body) = fair.quoted(Some(&voucher)).await;
    let stock = format!("/v1/producer/variants/{}/stock-adjustments", fair.tea.1.variant_id);
    let sold_elsewhere = |delta: i64| json!({"reason": "sold_elsewhere", "delta": delta});
    let tea_seller = &fair.tea.0.client;
    tea_seller.post(&stock, sold_elsewhere(-46)).await.expect(200);
    let mut watch = Watch::new(&fair.world);
    let before = rows(&mut watch);
    let told = fair.buyer.post("/v1/buyer/checkouts", body.clone()).await.refused(409, "stock.not_enough");
    assert_eq!(told["lines"][0]["available"], 4);
    assert_eq!(rows(&mut watch), before, "no stock");

    tea_seller.post(&stock, json!({"reason": "harvested", "delta": 46})).await.expect(200);
    let path = format!("/v1/operator/vouchers/{}/end", voucher["id"].as_str().expect("an id"));
    fair.operator.post(&path, json!({})).await.expect(200);
    let before = rows(&mut watch);
    let told = fair.buyer.post("/v1/buyer/checkouts", body).await;
    assert_eq!((told.status, told.json["code"].as_str()), (409, Some("vouchers.ended")), "{}", told.text);
    assert_eq!(rows(&mut watch), before, "no voucher");
    fair.world.finish().await;
}

#[actix_web::test]
async fn vendure_4117_a_producers_voucher_takes_nothing_off_others() {
    let fair = Fair::open().await;
    let voucher = fair.voucher(&fair.tea.0.client, |_| ()).await;
    let checkout = fair.bought((2, 2), Some(&voucher)).await;
    let honey = fair.seen(&fair.order_of(&checkout, &fair.honey)).await;
    let tea = fair.seen(&fair.order_of(&checkout, &fair.tea)).await;
    assert_eq!((dong(&honey, "discount_vnd"), dong(&honey, "total_vnd")), (0, 2 * HONEY + WAY));
    let tenth = 2 * TEA / 10;
    assert_eq!((dong(&tea, "discount_vnd"), dong(&tea, "total_vnd")), (tenth, 2 * TEA + WAY - tenth));
    fair.world.finish().await;
}

/// Twice for one buyer is two purchases, however many orders they are split into.
#[actix_web::test]
async fn vendure_3042_one_purchase_of_two_orders_is_one_use() {
    let fair = Fair::open().await;
    let voucher = fair.voucher(&fair.operator, |voucher| voucher["payer"] = json!("platform")).await;
    for purchases in 1..=2 {
        fair.bought((1, 1), Some(&voucher)).await;
        assert_eq!(fair.world.count("select uses from vouchers"), purchases);
        assert_eq!(fair.world.count("select uses from voucher_buyers"), purchases);
    }
    assert_eq!(fair.world.count("select count(*) from orders where discount_vnd > 0"), 4);
    assert_eq!(fair.world.count("select spent_vnd from vouchers"), 40_000);
    fair.world.finish().await;
}

/// From every status an order can come to an end, and of every one that is not an end somebody or the clock goes on.
#[test]
fn vendure_1865_1197_1330_1177_no_status_is_a_dead_end() {
    const ENDS: [&str; 8] = [
        "expired",
        "cancelled",
        "refused",
        "auto_cancelled",
        "returned",
        "completed",
        "partially_refunded",
        "refunded",
    ];
    let machine = Machine::read(include_str!("../../../src/orders/machine.txt"));
    for status in machine.statuses() {
        let (mut reached, mut open) = (BTreeSet::from([status.clone()]), vec![status.clone()]);
        while let Some(from) = open.pop() {
            open.extend(machine.next_of(&from).into_iter().filter(|next| reached.insert(next.clone())));
        }
        assert!(ENDS.iter().any(|end| reached.contains(*end)), "{status} leads only to {reached:?}");
        assert_eq!(machine.next_of(&status).is_empty(), ENDS.contains(&status.as_str()), "{status}");
    }
}

#[actix_web::test]
async fn spree_13034_a_carts_figures_follow_every_change() {
    let fair = Fair::open().await;
    let figures = |cart: &serde_json::Value| {
        let producers = cart["producers"].as_array().expect("producers");
        let lines = producers.iter().flat_map(|group| group["lines"].as_array().expect("lines"));
        let units: i64 = lines.map(|line| dong(line, "quantity")).sum();
        (producers.len(), units, dong(cart, "total_vnd"))
    };
    let (honey, tea) = (&fair.honey.1.variant_id, &fair.tea.1.variant_id);
    assert_eq!(figures(&fair.buyer.put_in_cart(honey, 2).await), (1, 2, 2 * HONEY));
    assert_eq!(figures(&fair.buyer.put_in_cart(tea, 3).await), (2, 5, 2 * HONEY + 3 * TEA));
    assert_eq!(figures(&fair.buyer.put_in_cart(tea, 1).await), (2, 3, 2 * HONEY + TEA));
    fair.buyer.delete(&format!("/v1/buyer/cart/lines/{honey}")).await;
    let seen = fair.buyer.get("/v1/buyer/cart").await.expect(200);
    assert_eq!(figures(&seen), (1, 1, TEA));
    fair.bought((0, 1), None).await;
    assert_eq!(figures(&fair.buyer.get("/v1/buyer/cart").await.expect(200)), (0, 0, 0));
    fair.world.finish().await;
}

/// A price that changes while it is bought is bought whole as it was shown, or not at all.
#[actix_web::test]
async fn saleor_19801_a_price_that_changes_meanwhile_is_bought_whole_or_not_at_all() {
    let fair = Fair::open().await;
    let path = format!("/v1/producer/variants/{}", fair.honey.1.variant_id);
    let mut bought = 0;
    for round in 0..20 {
        fair.fill_cart(3, 1).await;
        let (quote, body) = fair.quoted(None).await;
        let version =
            fair.world.count(&format!("select version from variants where id = '{}'", fair.honey.1.variant_id));
        let (version, key) = (format!("\"{version}\""), new_key());
        let headers = [("content-type", "application/json"), ("idempotency-key", &key), ("if-match", version.as_str())];
        let dearer = json!({"price_vnd": HONEY + 1_000 * (round + 1)}).to_string();
        let change = fair.honey.0.client.send(Method::PATCH, &path, &headers, Some(dearer));
        let (change, placed) = futures_util::join!(change, fair.buyer.post("/v1/buyer/checkouts", body));
        change.expect(200);
        if placed.status != 201 {
            placed.refused(409, "orders.total_changed");
            continue;
        }
        bought += 1;
        let placed = placed.json;
        assert_eq!(dong(&placed, "total_vnd"), dong(&quote, "total_vnd"));
        let totals: i64 =
            placed["orders"].as_array().expect("orders").iter().map(|order| dong(order, "total_vnd")).sum();
        assert_eq!(totals, dong(&placed, "total_vnd"));
        let cancel = format!("/v1/buyer/checkouts/{}/cancel", placed["id"].as_str().expect("an id"));
        fair.buyer.post(&cancel, json!({})).await.expect(200);
    }
    println!("bought at the old price in {bought} of 20 rounds");
    let halved = "select count(*) from order_lines where total_vnd <> price_vnd * quantity";
    assert_eq!(fair.world.count(halved), 0);
    fair.world.finish().await;
}

/// Nobody pays, so everything ends by itself: purchase, order, payment and attempt, and the goods are free.
#[actix_web::test]
async fn hyperswitch_2380_what_nobody_pays_ends_by_itself() {
    let world = World::start().await;
    let shop = world.shop(HONEY, 5).await;
    let due = world.due(&world.buyer("0933333333").await, &shop.product, 2, "vnpay").await;
    assert_eq!((world.state(&due).as_str(), world.stock(&shop.product)), (crate::support::money::WAITING, (5, 2)));
    world.pass(chrono::TimeDelta::minutes(16));
    world.run_jobs().await;
    assert_eq!((world.state(&due).as_str(), world.stock(&shop.product)), ("expired expired expired expired", (5, 0)));
    world.finish().await;
}
