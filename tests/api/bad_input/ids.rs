//! Ids, keys, versions and tokens.

use reqwest::Method;
use serde_json::json;

use super::{JSON, Shop, is_proper, is_refused};
use crate::support::checkout;

#[actix_web::test]
async fn b22_b23_ids_keys_and_tokens_have_one_form() {
    let shop = Shop::open().await;
    let id = shop.honey.id.clone();
    let visitor = shop.world.visitor();
    let odd = [
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
        &format!("%7B{id}%7D"),
        &format!("urn:uuid:{id}"),
        &id.replace('-', ""),
        &shop.honey.variant_id,
        &shop.producer.id,
        "null",
        "undefined",
        "0",
        "1",
        "-1",
        "%20",
        "%00",
        "%27",
        "..%2f",
        "%ff",
    ];
    for other in odd {
        is_refused(&visitor.get(&format!("/v1/public/products/{other}")).await, 404, other);
        is_refused(&shop.producer.client.get(&format!("/v1/producer/products/{other}")).await, 404, other);
        is_refused(&shop.buyer.get(&format!("/v1/buyer/orders/{other}")).await, 404, other);
    }
    assert_eq!(visitor.get(&format!("/v1/public/products/{}", id.to_uppercase())).await.expect(200)["id"], json!(id));
    for token in ["", " ", "null", "undefined", "0", "Bearer", "a.b.c", &"x".repeat(5_000)] {
        is_refused(&visitor.with_token(token).get("/v1/buyer/cart").await, 401, &format!("token {token:.20?}"));
    }
    for key in ["", " ", "null", "undefined", "0", "short", &"k".repeat(129), "has a space in the middle"] {
        let reply = shop.buyer.post_with_key("/v1/buyer/checkouts", key, checkout(450_000)).await;
        is_refused(&reply, 400, &format!("key {key:.20?}"));
    }
    let reply = shop.buyer.send(Method::POST, "/v1/buyer/checkouts", &[JSON], Some(checkout(1).to_string())).await;
    is_refused(&reply, 400, "no key");
    for token in ["", " ", "null", "undefined", "0"] {
        let reply = visitor.post("/v1/auth/refresh", json!({"refresh_token": token, "device_id": "d"})).await;
        is_proper(&reply, token);
        assert!(matches!(reply.status, 401 | 422), "refresh {token:?}: {}", reply.text);
    }
    let (product, patch) = (format!("/v1/producer/products/{id}"), Some(json!({"title": "x"}).to_string()));
    is_refused(&shop.producer.client.send(Method::PATCH, &product, &[JSON], patch.clone()).await, 428, "no version");
    for version in ["*", "\"x\"", "\"99999999999\"", "\"-1\"", "W/\"1\"", ""] {
        is_refused(
            &shop.producer.client.send(Method::PATCH, &product, &[JSON, ("if-match", version)], patch.clone()).await,
            412,
            version,
        );
    }
    shop.world.finish().await;
}
