//! Bodies and the values in them.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::json;

use super::{JSON, Shop, found, is_proper, is_refused, pointers, post_raw};
use crate::support::principals::Watch;
use crate::support::{Client, checkout, new_key, new_product};

#[actix_web::test]
async fn b01_b11_b32_bodies_that_are_no_small_plain_json_are_refused() {
    let shop = Shop::open().await;
    let mut watch = Watch::new(&shop.world);
    let before = watch.digest();
    let deep = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
    let bodies: [(&str, String, &[u16]); 14] = [
        ("B-01 60,000 brackets", "[".repeat(60_000), &[400]),
        ("B-01 200 deep", deep(200), &[400]),
        ("B-01 40 deep", deep(40), &[400]),
        ("cut off", "{\"a\":".to_owned(), &[400]),
        ("two documents", "{} {}".to_owned(), &[400]),
        ("duplicate keys", "{\"a\":1,\"a\":2}".to_owned(), &[400]),
        ("duplicate keys, one escaped", "{\"a\":1,\"\\u0061\":2}".to_owned(), &[400]),
        ("lone surrogate", "{\"a\":\"\\ud800\"}".to_owned(), &[400]),
        ("B-11 byte order mark", "\u{feff}{}".to_owned(), &[400]),
        ("NaN", "{\"a\":NaN}".to_owned(), &[400]),
        ("1e400", "{\"a\":1e400}".to_owned(), &[400]),
        ("an array", "[]".to_owned(), &[422]),
        ("null", "null".to_owned(), &[422]),
        ("a text", "\"x\"".to_owned(), &[422]),
    ];
    let paths = [("/v1/buyer/checkouts", &shop.buyer), ("/v1/producer/products", &shop.producer.client)];
    for (path, client) in paths {
        for (what, body, statuses) in &bodies {
            let reply = post_raw(client, path, body.clone()).await;
            is_proper(&reply, what);
            assert!(statuses.contains(&reply.status), "{what}: {} {}", reply.status, reply.text);
        }
        for kind in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/json; charset=utf-16",
            "application/jsonx",
            "",
        ] {
            let key = new_key();
            let reply = client
                .send(Method::POST, path, &[("content-type", kind), ("idempotency-key", &key)], Some("{}".to_owned()))
                .await;
            is_refused(&reply, 415, &format!("B-32 {kind:?}"));
        }
    }
    let reply = post_raw(&shop.world.visitor(), "/v1/callbacks/sepay", "x".repeat(100_000)).await;
    is_refused(&reply, 413, "a callback too large");
    assert_eq!(watch.digest(), before, "a refused body changed rows");
    shop.world.finish().await;
}

#[actix_web::test]
async fn b09_a_quantity_is_a_whole_number_in_its_range() {
    let shop = Shop::open().await;
    let mut watch = Watch::new(&shop.world);
    let before = watch.digest();
    let bad = [
        "-5",
        "-1",
        "10001",
        "2147483648",
        "9223372036854775808",
        "1.0",
        "1e0",
        "0.5",
        "\"1\"",
        "null",
        "true",
        "[1]",
        "{}",
        "1e99",
        "-0.0",
    ];
    for quantity in bad {
        let body = format!("{{\"quantity\":{quantity}}}");
        let reply = shop.buyer.send(Method::PUT, &shop.cart_line(), &[JSON], Some(body)).await;
        is_refused(&reply, 422, quantity);
        assert_eq!(pointers(&reply).first().map(|(pointer, _)| pointer.as_str()), Some("/quantity"), "{quantity}");
    }
    let stock = format!("/v1/producer/variants/{}/stock-adjustments", shop.honey.variant_id);
    for delta in ["0", "1000001", "-1000001", "2147483648", "1.0", "\"1\"", "null", "true"] {
        let reply =
            post_raw(&shop.producer.client, &stock, format!("{{\"reason\":\"harvested\",\"delta\":{delta}}}")).await;
        is_refused(&reply, 422, delta);
    }
    for price in ["-1", "0", "999", "1000000001", "450000.0", "\"450000\"", "null", "1e6"] {
        let body = new_product("Mật ong", 450_000, 1).to_string().replace("450000", price);
        let reply = post_raw(&shop.producer.client, "/v1/producer/products", body).await;
        is_refused(&reply, 422, price);
    }
    assert_eq!(watch.digest(), before, "a refused number changed rows");
    shop.world.finish().await;
}

#[actix_web::test]
async fn b20_b21_all_faults_are_named_at_once_and_no_field_is_ignored() {
    let shop = Shop::open().await;
    let body = json!({"expected_total_vnd": -1, "recipient": {"name": " ", "phone": "123", "commune_code": "abc", "x": 1},
                      "total_vnd": 1, "a/b~c": 1});
    let reply = shop.buyer.post("/v1/buyer/checkouts", body).await;
    is_refused(&reply, 422, "many faults");
    assert_eq!(
        pointers(&reply),
        found(&[
            ("/a~1b~0c", "unknown_field"),
            ("/contract_sha256", "missing"),
            ("/expected_total_vnd", "out_of_range"),
            ("/quote_id", "missing"),
            ("/recipient/address", "missing"),
            ("/recipient/commune_code", "malformed"),
            ("/recipient/name", "empty"),
            ("/recipient/phone", "malformed"),
            ("/recipient/x", "unknown_field"),
            ("/total_vnd", "unknown_field"),
        ])
    );
    for field in [
        "role",
        "state",
        "status",
        "total",
        "id",
        "created_at",
        "verified",
        "currency",
        "price",
        "discount",
        "shipping_fee_vnd",
        "buyer_account_id",
    ] {
        let mut body = checkout(450_000);
        body[field] = json!("x");
        let reply = shop.buyer.post("/v1/buyer/checkouts", body).await;
        is_refused(&reply, 422, field);
        assert_eq!(pointers(&reply), found(&[(&format!("/{field}"), "unknown_field")]));
        let mut body = new_product("Mật ong", 1_000, 1);
        body["variants"][0][field] = json!(1);
        let reply = shop.producer.client.post("/v1/producer/products", body).await;
        is_refused(&reply, 422, field);
        assert_eq!(pointers(&reply), found(&[(&format!("/variants/0/{field}"), "unknown_field")]));
    }
    shop.world.finish().await;
}

/// A published product with so many variants; their ids.
async fn product_of(shop: &Shop, operator: &Client, variants: usize) -> Vec<String> {
    let mut body = new_product("Mật ong", 1_000, 1);
    body["variants"] = (0..variants)
        .map(|i| json!({"label": format!("Chai {i}"), "unit": "bottle", "net_weight_g": 700, "price_vnd": 1000, "quantity": 1}))
        .collect();
    let made = shop.producer.client.post("/v1/producer/products", body).await.expect(201);
    let id = made["id"].as_str().expect("a part of the product");
    shop.producer.client.post(&format!("/v1/producer/products/{id}/submit"), json!({})).await.expect(200);
    operator.post(&format!("/v1/operator/products/{id}/publish"), json!({})).await.expect(200);
    made["variants"]
        .as_array()
        .expect("a part of the product")
        .iter()
        .map(|v| v["id"].as_str().expect("a part of the product").to_owned())
        .collect()
}

#[actix_web::test]
async fn b07_lists_end_at_their_limit() {
    let shop = Shop::open().await;
    let operator = shop.world.session("0900000001", "operator", TimeDelta::zero()).1;
    let variant = new_product("Mật ong", 1_000, 1)["variants"][0].clone();
    for variants in [0, 21, 101, 1_000] {
        let mut body = new_product("Mật ong", 1_000, 1);
        body["variants"] = json!(vec![variant.clone(); variants]);
        let reply = shop.producer.client.post("/v1/producer/products", body).await;
        is_refused(&reply, 422, &format!("{variants} variants"));
        assert_eq!(pointers(&reply).first().map(|(pointer, _)| pointer.as_str()), Some("/variants"), "{variants}");
    }
    for communes in [101, 10_000] {
        let body = json!({"phone": "0944444444", "role": "official", "commune_codes": vec!["00769"; communes]});
        let reply = operator.post("/v1/operator/role-grants", body).await;
        is_refused(&reply, 422, &format!("{communes} communes"));
        assert_eq!(pointers(&reply), found(&[("/commune_codes", "too_long")]), "{communes}");
    }
    let junk: serde_json::Map<String, serde_json::Value> = (0..10_000).map(|i| (format!("f{i}"), json!(1))).collect();
    let reply = shop.buyer.post("/v1/buyer/checkouts", json!(junk)).await;
    is_refused(&reply, 422, "10,000 fields");
    assert!(pointers(&reply).len() <= 100, "an answer names at most a hundred faults");
    let mut taken = 0;
    for variants in [20, 20, 11] {
        for id in product_of(&shop, &operator, variants).await {
            let line = format!("/v1/buyer/cart/lines/{id}");
            let reply = shop.buyer.put(&line, json!({"quantity": 1})).await;
            is_proper(&reply, &line);
            taken += usize::from(reply.status == 200);
            assert!(reply.status == 200 || reply.json["code"] == "carts.too_many_lines", "{}", reply.text);
        }
    }
    assert_eq!((taken, shop.world.count("select count(*) from cart_lines")), (50, 50), "lines of one cart");
    shop.world.finish().await;
}
