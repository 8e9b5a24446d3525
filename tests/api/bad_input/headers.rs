//! Headers, methods and spellings of a path.

use reqwest::Method;
use serde_json::json;

use super::{JSON, Shop, form_urlencoded, is_dressed, is_proper, is_refused, raw, raw_to};
use crate::support::process::Process;
use crate::support::{Client, SEPAY_SECRET};

#[actix_web::test]
async fn b24_b30_headers_and_spellings_of_a_path_open_nothing() {
    let shop = Shop::open().await;
    let visitor = shop.world.visitor();
    for (name, value) in [
        ("x-forwarded-for", "127.0.0.1"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "http"),
        ("x-real-ip", "127.0.0.1"),
        ("host", "evil.example"),
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
        (Method::DELETE, "/v1/buyer/cart", "GET, PUT"),
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

#[actix_web::test]
async fn b24_pages_of_other_sites_get_nothing() {
    let shop = Shop::open().await;
    for origin in ["https://evil.example", "null", "http://127.0.0.1:8080"] {
        let headers = [
            ("origin", origin),
            ("access-control-request-method", "POST"),
            ("access-control-request-headers", "authorization"),
        ];
        for (client, method) in [(&shop.buyer, Method::GET), (&shop.buyer, Method::OPTIONS)] {
            let reply = client.send(method.clone(), "/v1/buyer/cart", &headers, None).await;
            is_proper(&reply, origin);
            assert_eq!(reply.status, if method == Method::GET { 200 } else { 405 }, "{origin}");
            let shared: Vec<&str> =
                reply.headers.keys().map(|name| name.as_str()).filter(|name| name.contains("access-control")).collect();
            assert!(shared.is_empty(), "{origin}: {shared:?}");
        }
    }
    shop.world.finish().await;
}

#[actix_web::test]
async fn b19_nothing_that_a_client_sends_makes_a_line_of_the_log() {
    let shop = Shop::open().await;
    let process = Process::serve(&shop.world, &[("RUST_LOG", "trace")]).await;
    let forged = "\n{\"level\":\"ERROR\",\"message\":\"forged\"}\r\n\u{1b}[2K\u{1b}[31mforged";
    let mut visitor = shop.world.visitor();
    visitor.base.clone_from(&process.base);
    let in_fields = [
        ("/v1/auth/otp", json!({"phone": forged, "device_id": forged})),
        ("/v1/auth/otp", json!({"phone": "0912345678", "device_id": "d", forged: 1})),
        ("/v1/auth/refresh", json!({"refresh_token": forged, "device_id": forged})),
        ("/v1/callbacks/sepay", json!({"content": forged, "id": forged})),
    ];
    for (path, body) in in_fields {
        assert!(visitor.post(path, body).await.status < 500, "{path}");
    }
    let encoded = form_urlencoded(forged);
    for path in [
        format!("/v1/public/products?q={encoded}"),
        format!("/v1/public/products?{encoded}=1"),
        format!("/v1/public/products/{encoded}"),
        format!("/v1/callbacks/vnpay/ipn?vnp_TxnRef={encoded}"),
        format!("/{encoded}"),
    ] {
        assert!(visitor.get(&path).await.status < 500, "{path}");
    }
    for (name, value) in
        [("User-Agent", "\u{1b}[31mforged"), ("X-Request-Id", "\tforged\u{85}forged"), ("Authorization", "forged\r")]
    {
        let head = format!("GET /v1/buyer/cart HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{name}: {value}\r\n\r\n");
        let reply = raw_to(&process.address, &head, 2).await;
        assert!(reply.starts_with("http/1.1 4"), "{name}: {reply}");
    }
    // Nor is anything told that opens a door, at whatever level.
    let token = shop.buyer.token.clone().unwrap();
    visitor.with_token(&token).get("/v1/buyer/cart").await.expect(200);
    let password = "mot mat khau khong ai biet";
    let body = json!({"phone": "0933333333", "password": password, "device_id": "d", "audience": "buyer"});
    assert_eq!(visitor.post("/v1/auth/password/sign-in", body).await.status, 401);
    let log = process.log();
    assert!(!log.contains(&token) && !log.contains(password) && !log.contains(SEPAY_SECRET), "{log}");
    assert!(log.lines().count() > 20, "the log says what is going on: {log}");
    for line in log.lines() {
        let entry: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line:?}"));
        assert_ne!(entry["message"], "forged");
        assert!(!line.chars().any(|c| c.is_control()), "{line:?}");
    }
    shop.world.finish().await;
}
