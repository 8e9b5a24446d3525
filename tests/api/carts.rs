//! The cart as a whole: a phone that kept it without a signal sends it in one request.

use serde_json::{Value, json};

use crate::support::Product;
use crate::support::{Client, World};

fn lines(wanted: &[(&Product, i64)]) -> Value {
    let line = |(product, quantity): &(&Product, i64)| json!({"variant_id": product.variant_id, "quantity": quantity});
    json!({"lines": wanted.iter().map(line).collect::<Vec<_>>()})
}

/// Titles and quantities, as the cart shows them.
async fn kept(buyer: &Client) -> Vec<String> {
    let cart = buyer.get("/v1/buyer/cart").await.expect(200);
    let of = |producer: &Value| producer["lines"].as_array().cloned().unwrap_or_default();
    let lines = cart["producers"].as_array().expect("producers").iter().flat_map(of);
    let mut lines: Vec<String> = lines
        .map(|line| format!("{} {}", line["product_title"].as_str().expect("a title"), line["quantity"]))
        .collect();
    lines.sort();
    lines
}

#[actix_web::test]
async fn a_cart_is_set_as_a_whole_and_again_without_a_change() {
    let world = World::start().await;
    let shop = world.shop(120_000, 5).await;
    let second = world.product(&shop.operator, &shop.producer, "Chè Shan tuyết", (90_000, 5)).await;
    let third = world.product(&shop.operator, &shop.producer, "Thịt trâu gác bếp", (700_000, 5)).await;
    let buyer = world.buyer("0933333333").await;
    let honey = &shop.product;
    let put = |wanted: Value| buyer.put("/v1/buyer/cart", wanted);
    let first = put(lines(&[(honey, 2), (&second, 1)])).await.expect(200);
    assert_eq!((&first["total_vnd"], &first["version"]), (&json!(330_000), &json!(1)));
    let seen = kept(&buyer).await;
    put(lines(&[(honey, 2), (&second, 1)])).await.expect(200);
    assert_eq!(kept(&buyer).await, seen);
    let other = put(lines(&[(&third, 1), (honey, 3)])).await.expect(200);
    assert_eq!((&other["total_vnd"], &other["can_be_bought"]), (&json!(1_060_000), &json!(true)));
    assert_eq!(kept(&buyer).await.len(), 2);
    let empty = put(lines(&[])).await.expect(200);
    assert_eq!((&empty["total_vnd"], &empty["can_be_bought"]), (&json!(0), &json!(false)));
    assert!(kept(&buyer).await.is_empty());
    world.finish().await;
}

#[actix_web::test]
async fn every_wrong_line_is_named_and_the_cart_stays_as_it_was() {
    let world = World::start().await;
    let shop = world.shop(120_000, 5).await;
    let second = world.product(&shop.operator, &shop.producer, "Chè Shan tuyết", (90_000, 5)).await;
    let buyer = world.buyer("0933333333").await;
    buyer.put("/v1/buyer/cart", lines(&[(&shop.product, 1)])).await.expect(200);
    let before = kept(&buyer).await;
    let unknown = "01938d6e-7a3c-7c4e-9f00-3f1f6c1e2a4b";
    let mut wrong = lines(&[(&second, 1), (&second, 2)]);
    wrong["lines"].as_array_mut().expect("lines").push(json!({"variant_id": unknown, "quantity": 1}));
    let refused = buyer.put("/v1/buyer/cart", wrong).await.refused(422, "invalid_input");
    let faults = refused["errors"].as_array().expect("faults").iter();
    let faults: Vec<String> = faults.map(|fault| format!("{} {}", fault["pointer"], fault["code"])).collect();
    assert_eq!(faults, [r#""/lines/1/variant_id" "duplicate""#, r#""/lines/2/variant_id" "unknown""#]);
    assert_eq!(kept(&buyer).await, before);
    world.finish().await;
}

#[actix_web::test]
async fn what_is_no_longer_sold_stays_in_a_cart_and_comes_into_none() {
    let world = World::start().await;
    let shop = world.shop(120_000, 5).await;
    let second = world.product(&shop.operator, &shop.producer, "Chè Shan tuyết", (90_000, 5)).await;
    let (buyer, late) = (world.buyer("0933333333").await, world.buyer("0944444444").await);
    buyer.put("/v1/buyer/cart", lines(&[(&shop.product, 1)])).await.expect(200);
    let own = format!("/v1/producer/products/{}", shop.product.id);
    shop.producer.client.post(&format!("{own}/pause"), json!({})).await.expect(200);
    let cart = buyer.put("/v1/buyer/cart", lines(&[(&shop.product, 2), (&second, 1)])).await.expect(200);
    assert_eq!((&cart["can_be_bought"], &cart["total_vnd"]), (&json!(false), &json!(90_000)));
    let refused = late.put("/v1/buyer/cart", lines(&[(&second, 1), (&shop.product, 1)])).await;
    assert_eq!(refused.refused(409, "carts.not_for_sale")["lines"], json!([{"variant_id": shop.product.variant_id}]));
    assert!(kept(&late).await.is_empty());
    world.finish().await;
}
