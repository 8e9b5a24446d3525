//! What is owed back of weighed goods, of the way and of vouchers.

use serde_json::json;

use super::{PRICE, came, fate, fated, order, planned_of};
use crate::support::money::{Due, Shop};
use crate::support::{Client, Product, World};

async fn oranges(shop: &Shop) -> Product {
    let zones = ["same_commune", "bordering_commune", "same_district", "same_province", "other_province"];
    let zone =
        |zone| json!({"zone": zone, "fee_vnd": 15_000, "weight_g_max": 10_000_000, "days_min": 0, "days_max": 3});
    shop.producer.client.put("/v1/producer/own-delivery", json!({"zones": zones.map(zone)})).await.expect(200);
    let mut new = crate::support::new_product("Cam sành", PRICE, 0);
    new["variants"][0] = json!({"label": "Túi 10 kg", "unit": "bag", "net_weight_g": 10_000, "price_vnd": PRICE,
                                "quantity": 0, "is_weighed": true});
    let made = shop.producer.client.post("/v1/producer/products", new).await.expect(201);
    let id = made["id"].as_str().expect("an id").to_owned();
    shop.producer.client.post(&format!("/v1/producer/products/{id}/submit"), json!({})).await.expect(200);
    shop.operator.post(&format!("/v1/operator/products/{id}/publish"), json!({})).await.expect(200);
    let variant_id = made["variants"][0]["id"].as_str().expect("a variant").to_owned();
    Product { id, variant_id, price_vnd: PRICE }
}

/// A paid order of so many bags with 20,000 đồng off.
async fn paid_with_voucher(world: &World, shop: &Shop, bags: &Product, (buyer, units): (&Client, i64)) -> Due {
    let mut voucher = crate::support::new_voucher("amount");
    voucher["payer"] = json!("province");
    let made = shop.operator.post("/v1/operator/vouchers", voucher).await.expect(201);
    buyer.put_in_cart(&bags.variant_id, units).await;
    let question = json!({"commune_code": "00721", "voucher_code": made["code"]});
    let quote = buyer.quote(question).await.expect(200);
    let total = quote["total_vnd"].as_i64().expect("đồng");
    assert_eq!(total, units * PRICE - 20_000 + 15_000);
    let mut body = crate::support::checkout(total);
    body["quote_id"] = quote["id"].clone();
    body["contract_sha256"] = quote["contract_sha256"].clone();
    let checkout = buyer.post("/v1/buyer/checkouts", body).await.expect(201);
    let attempt = buyer.start_attempt(&checkout, "bank_transfer").await;
    let reference = attempt["reference"].as_str().expect("a reference").to_owned();
    world.sepay(1, &reference, total).await.expect(200);
    Due { checkout, attempt, reference, total }
}

/// The words of a paper.
async fn paper(world: &World, client: &Client, path: &str) -> String {
    let reply = world.http.get(format!("{}{path}", client.base));
    let reply = reply.bearer_auth(client.token.as_deref().expect("a token")).send().await.expect("an answer");
    crate::orders::words(&reply.bytes().await.expect("bytes")).replace('\n', " ")
}

/// Three bags with 20,000 đồng off, brought for 15,000: two come, and they are packed lighter and claimed afterwards.
#[actix_web::test]
async fn weights_and_claims_are_of_what_really_came_and_never_owe_more_than_was_paid() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 0).await;
    let bags = oranges(&shop).await;
    let harvest = planned_of(&world, &shop, &bags, "first_paid").await;
    let buyer = world.buyer("0933333331").await;
    let due = paid_with_voucher(&world, &shop, &bags, (&buyer, 3)).await;
    let total = due.total;
    let off_goods = order(&buyer, &due).await["lines"][0]["discount_vnd"].as_i64().expect("đồng");
    let goods = 3 * PRICE - off_goods;
    shop.producer.client.post(&format!("{harvest}/declare"), came(&world, 2)).await.expect(200);
    // A third of what was paid for the goods, to the đồng, and nothing of the way.
    let short = (goods + 1) / 3;
    assert_eq!(fate(&buyer, &due).await, fated("paid", 1, short));

    let of_producer = format!("/v1/producer/orders/{}", due.order_id());
    shop.producer.client.post(&format!("{of_producer}/accept"), json!({})).await.expect(200);
    let list = paper(&world, &shop.producer.client, &format!("{of_producer}/packing-list.pdf")).await;
    assert!(list.contains("20 kg") && !list.contains("30 kg"), "{list}");
    let contract = paper(&world, &buyer, &format!("/v1/buyer/orders/{}/contract.pdf", due.order_id())).await;
    assert!(contract.contains("sau khi thu hoạch") && contract.contains("người thanh toán trước"), "{contract}");
    let weights = |grams: i64| json!({"weights": [{"variant_id": bags.variant_id, "weight_g": grams}]});
    // 19 of the 20 kilograms that came: a twentieth of what is left to pay for the goods, rounded up.
    let packed = shop.producer.client.post(&format!("{of_producer}/pack"), weights(19_000)).await.expect(200);
    let light = goods - short - (goods - short) * 19 / 20;
    assert_eq!((&packed["status"], &packed["refunded_vnd"]), (&json!("packed"), &json!(short + light)));
    for step in ["hand-over", "deliver"] {
        shop.producer.client.post(&format!("{of_producer}/{step}"), json!({})).await.expect(200);
    }
    assert_eq!(world.text("select concat_ws(' ', weight_g, goods_vnd) from shipments"), format!("20000 {}", 2 * PRICE));

    let claim = |quantity: i64| {
        json!({"kind": "missing", "text": "Thiếu hàng.", "wish": "refund",
               "lines": [{"variant_id": bags.variant_id, "quantity": quantity}]})
    };
    let path = format!("/v1/buyer/orders/{}/claims", due.order_id());
    let refused = buyer.post(&path, claim(3)).await.refused(422, "invalid_input");
    assert_eq!(refused["errors"][0]["expected"], "1–2");
    let claimed = buyer.post(&path, claim(2)).await.expect(201);
    assert_eq!(
        claimed["claimed_vnd"],
        json!(total - short - light),
        "all that came, the way, and no more than is left"
    );
    let id = claimed["id"].as_str().expect("an id");
    shop.producer.client.post(&format!("/v1/producer/claims/{id}/accept"), json!({})).await.expect(200);
    let end = order(&buyer, &due).await;
    assert_eq!((&end["status"], &end["refunded_vnd"]), (&json!("refunded"), &json!(total)));
    world.finish().await;
}

#[actix_web::test]
async fn who_gets_nothing_gets_the_way_and_the_voucher_back_too() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 0).await;
    let bags = oranges(&shop).await;
    let harvest = planned_of(&world, &shop, &bags, "pro_rata").await;
    let buyer = world.buyer("0933333331").await;
    let due = paid_with_voucher(&world, &shop, &bags, (&buyer, 2)).await;
    assert_eq!(world.text("select concat_ws(' ', uses, spent_vnd) from vouchers"), "1 20000");
    shop.producer.client.post(&format!("{harvest}/declare"), came(&world, 0)).await.expect(200);
    assert_eq!(fate(&buyer, &due).await, fated("refused", 0, due.total));
    assert_eq!(world.text("select concat_ws(' ', uses, spent_vnd) from vouchers"), "0 0");
    world.run_jobs().await;
    assert_eq!(world.reviews(), [format!("refund_due {}", due.total)]);
    world.finish().await;
}
