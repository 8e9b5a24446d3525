//! Headers, methods and spellings of a path.

use reqwest::Method;

use super::{JSON, Shop, is_dressed, is_proper, is_refused, raw};
use crate::support::Client;

#[actix_web::test]
async fn b24_b30_headers_and_spellings_of_a_path_open_nothing() {
    let shop = Shop::open().await;
    let visitor = shop.world.visitor();
    for (name, value) in [
        ("x-forwarded-for", "127.0.0.1"),
        ("x-forwarded-host", "evil.example"),
        ("x-original-url", "/v1/operator/producers"),
        ("x-rewrite-url", "/v1/operator/producers"),
        ("x-user-id", "1"),
        ("x-role", "operator"),
        ("forwarded", "for=127.0.0.1;host=evil.example"),
    ] {
        is_refused(&visitor.send(Method::GET, "/v1/operator/producers", &[(name, value)], None).await, 401, name);
        let reply = visitor.send(Method::GET, "/v1/public/products", &[(name, value)], None).await;
        is_refused(&reply, 200, name);
        assert!(!reply.text.contains("evil.example"), "{name}");
    }
    shop.buyer.put_in_cart(&shop.honey.variant_id, 1).await;
    for name in ["x-http-method-override", "x-http-method", "x-method-override"] {
        let reply = shop.buyer.send(Method::GET, &shop.cart_line(), &[(name, "DELETE")], None).await;
        is_refused(&reply, 405, name);
    }
    assert_eq!(shop.buyer.get("/v1/buyer/cart").await.expect(200)["total_vnd"], 450_000);
    for path in [
        "/v1/%6Fperator/producers",
        "//v1/operator/producers",
        "/v1//operator/producers",
        "/v1/operator/producers/",
        "/v1/operator;x/producers",
        "/V1/operator/producers",
        "/v1/Operator/producers",
        "/v1/public/..%2foperator/producers",
        "/v1/operator/producers%00",
        "/v1/operator/producers%2f",
        "/v1/nothing",
        "/",
        "/%ff",
    ] {
        let reply = raw(&shop.world, &format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), 3).await;
        let status: u16 = reply.get(9..12).and_then(|s| s.parse().ok()).unwrap_or(0);
        assert!(matches!(status, 401 | 404), "{path}: {reply}");
        assert!(reply.contains("x-request-id") && reply.contains("nosniff"), "{path}: {reply}");
    }
    shop.world.finish().await;
}

#[actix_web::test]
async fn a_wrong_method_is_answered_with_the_right_ones() {
    let shop = Shop::open().await;
    let visitor = shop.world.visitor();
    for (method, path, allow) in [
        (Method::POST, "/v1/public/products", "GET"),
        (Method::DELETE, "/v1/buyer/cart", "GET"),
        (Method::GET, "/v1/auth/otp", "POST"),
        (Method::PUT, "/v1/auth/me", "GET, PATCH"),
        (Method::from_bytes(b"BREW").unwrap(), "/v1/public/products", "GET"),
        (Method::TRACE, "/v1/public/products", "GET"),
        (Method::GET, &shop.cart_line(), "DELETE, PUT"),
    ] {
        let reply = visitor.send(method.clone(), path, &[], None).await;
        is_refused(&reply, 405, path);
        let mut allowed: Vec<&str> = reply.header("allow").split(", ").collect();
        allowed.sort_unstable();
        assert_eq!(allowed.join(", "), allow, "{method} {path}");
    }
    shop.world.finish().await;
}

#[actix_web::test]
async fn b28_problems_speak_vietnamese_unless_english_is_asked_for() {
    let shop = Shop::open().await;
    let (visitor, buyer) = (shop.world.visitor(), &shop.buyer);
    let nowhere = uuid::Uuid::now_v7();
    let cases: [(&Client, Method, String, Option<String>); 6] = [
        (&visitor, Method::GET, "/v1/buyer/cart".to_owned(), None),
        (&visitor, Method::GET, "/v1/nothing".to_owned(), None),
        (&visitor, Method::POST, "/v1/public/products".to_owned(), None),
        (buyer, Method::GET, format!("/v1/buyer/orders/{nowhere}"), None),
        (buyer, Method::PUT, shop.cart_line(), Some("{\"quantity\":-1}".to_owned())),
        (buyer, Method::PUT, shop.cart_line(), Some("{".to_owned())),
    ];
    for (client, method, path, body) in &cases {
        let mut titles = Vec::new();
        for language in ["", "vi-VN,vi;q=0.9", "fr", "en-GB,en;q=0.8", "en"] {
            let headers = if language.is_empty() { vec![JSON] } else { vec![JSON, ("accept-language", language)] };
            let reply = client.send(method.clone(), path, &headers, body.clone()).await;
            is_proper(&reply, path);
            assert!(reply.status >= 400, "{path}");
            titles.push(reply.json["title"].as_str().unwrap_or("").to_owned());
        }
        assert!(
            titles[0] == titles[1] && titles[1] == titles[2] && titles[3] == titles[4] && titles[0] != titles[3],
            "{path}: {titles:?}"
        );
        assert!(titles[3].is_ascii() && !titles[0].is_ascii(), "{path}: {titles:?}");
    }
    for path in ["/v1/public/products", "/healthz", "/v1/public/problems"] {
        is_dressed(&visitor.get(path).await, path);
    }
    shop.world.finish().await;
}
