//! What clients send by mistake or on purpose (B-01 to B-35 of reliability.md): refused with a name, never a 5xx, and
//! no row changes.

use std::time::Instant;

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::principals::Watch;
use crate::support::{Client, Producer, Product, Reply, World, checkout, new_key, new_product, registration};

const JSON: (&str, &str) = ("content-type", "application/json");

struct Shop {
    world: World,
    producer: Producer,
    honey: Product,
    buyer: Client,
}

impl Shop {
    async fn open() -> Shop {
        let world = World::start().await;
        let operator = world.operator().await;
        let producer = world.producer(&operator, "0911111111", "Hộ nuôi ong Mèo Vạc", "00769").await;
        let honey = world.product(&operator, &producer, "Mật ong bạc hà", (450_000, 20)).await;
        let buyer = world.session("0933333333", "buyer", TimeDelta::zero()).1;
        Shop { world, producer, honey, buyer }
    }

    fn cart_line(&self) -> String {
        format!("/v1/buyer/cart/lines/{}", self.honey.variant_id)
    }
}

async fn post_raw(client: &Client, path: &str, body: impl Into<String>) -> Reply {
    let key = new_key();
    client.send(Method::POST, path, &[JSON, ("idempotency-key", &key)], Some(body.into())).await
}

/// Every error says what a client needs and nothing of the inside (B-28).
#[track_caller]
fn is_proper(reply: &Reply, what: &str) {
    assert!(reply.status < 500, "{what}: {} {}", reply.status, reply.text);
    is_dressed(reply, what);
    if reply.status >= 400 && !reply.text.is_empty() {
        assert_eq!(reply.header("content-type"), "application/problem+json", "{what}: {}", reply.text);
        assert!(reply.json["code"].is_string() && reply.json["title"].is_string(), "{what}: {}", reply.text);
        assert_eq!(reply.json["status"], reply.status, "{what}");
        assert_eq!(reply.json["instance"], reply.header("x-request-id"), "{what}: {}", reply.text);
        let text = reply.text.to_lowercase();
        for inside in [
            "select ",
            "insert into",
            "sqlstate",
            "diesel",
            "serde",
            "actix",
            "tokio",
            "src/",
            ".rs",
            "panicked",
            "postgres",
            "constraint",
            "relation \"",
            "/root",
            "/home",
            "stack backtrace",
            env!("CARGO_PKG_VERSION"),
        ] {
            assert!(!text.contains(inside), "{what} tells {inside:?}: {}", reply.text);
        }
    }
}

#[track_caller]
fn is_dressed(reply: &Reply, what: &str) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-resource-policy", "same-site"),
    ] {
        assert_eq!(reply.header(name), value, "{what}: {name}");
    }
    for name in ["content-security-policy", "strict-transport-security", "cache-control"] {
        assert!(!reply.header(name).is_empty(), "{what}: no {name}");
    }
    assert_eq!(reply.header("x-request-id").len(), 36, "{what}: no request id");
}

#[track_caller]
fn is_refused(reply: &Reply, status: u16, what: &str) {
    is_proper(reply, what);
    assert_eq!(reply.status, status, "{what}: {}", reply.text);
}

fn pointers(reply: &Reply) -> Vec<(String, String)> {
    let errors = reply.json["errors"].as_array().cloned().unwrap_or_default();
    let mut found: Vec<(String, String)> = errors
        .iter()
        .map(|e| (e["pointer"].as_str().unwrap_or("").to_owned(), e["code"].as_str().unwrap_or("").to_owned()))
        .collect();
    found.sort();
    found
}

fn found(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(pointer, code)| ((*pointer).to_owned(), (*code).to_owned())).collect()
}

#[actix_web::test]
async fn b01_b02_b32_bodies_that_are_no_small_plain_json_are_refused() {
    let shop = Shop::open().await;
    let mut watch = Watch::new(&shop.world);
    let before = watch.digest();
    let deep = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
    let huge = format!("{{\"a\":\"{}\"}}", "x".repeat(256 * 1024));
    let bodies: [(&str, String, &[u16]); 16] = [
        ("B-01 60,000 brackets", "[".repeat(60_000), &[400]),
        ("B-01 200 deep", deep(200), &[400]),
        ("B-01 40 deep", deep(40), &[400]),
        ("B-02 too large", huge.clone(), &[413]),
        ("B-02 1 MiB", "x".repeat(1 << 20), &[413]),
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
    // B-03: the limit counts inflated bytes; what is said to be packed but is not is malformed.
    let key = new_key();
    let headers = [JSON, ("idempotency-key", key.as_str()), ("content-encoding", "gzip")];
    let reply = shop.buyer.send(Method::POST, "/v1/buyer/checkouts", &headers, Some("{}".to_owned())).await;
    is_proper(&reply, "B-03 not gzip");
    assert!((400..500).contains(&reply.status), "{}", reply.text);
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
            ("/expected_total_vnd", "out_of_range"),
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
    let mut body = new_product("Mật ong", 1_000, 1);
    body["variants"] = json!(vec![body["variants"][0].clone(); 101]);
    is_refused(&shop.producer.client.post("/v1/producer/products", body.clone()).await, 422, "B-07 101 variants");
    body["variants"] = json!([]);
    is_refused(&shop.producer.client.post("/v1/producer/products", body).await, 422, "no variant");
    shop.world.finish().await;
}

#[actix_web::test]
async fn b06_b08_b10_b31_queries_are_read_literally_and_strictly() {
    let shop = Shop::open().await;
    let visitor = shop.world.visitor();
    for (q, path) in [
        "' OR 1=1--",
        "';select pg_sleep(5)--",
        "%",
        "_",
        "%25",
        "\\",
        "zzz:*|zzz",
        "!zzz",
        "()",
        "zzz & zzz",
        "<->",
        "'",
        "\"",
        "${7*7}",
        "{{7}}",
        "\u{1F36F}",
    ]
    .iter()
    .flat_map(|q| ["/v1/public/products", "/v1/public/communes", "/v1/public/former-communes"].map(|path| (q, path)))
    {
        let started = Instant::now();
        let encoded: String = form_urlencoded(q);
        let reply = visitor.get(&format!("{path}?q={encoded}")).await;
        is_refused(&reply, 200, &format!("{path} {q}"));
        assert_eq!(reply.json["data"], json!([]), "{path} finds something for {q}");
        assert!(started.elapsed().as_secs() < 4, "{q} slept");
    }
    for query in [
        "limit=0",
        "limit=-1",
        "limit=101",
        "limit=9000000000000000000",
        "limit=9223372036854775808",
        "limit=1.0",
        "limit=",
        "limit=1&limit=2",
        "q=a&q=b",
        "q[]=a",
        "a.b=1",
        "unknown=1",
        "page=2",
        "sort=title",
        "sort=price_vnd;drop table accounts",
        "q=%ff",
        "q=%c0%af",
        "q=%00",
        "q=a%E2%80%AEb",
        "q=a%E2%80%8Bb",
        "q=a%1b[31m",
        "price_min_vnd=-1",
        "price_min_vnd=1e3",
        "producer_id=x",
        "product_set=27",
        "commune_code=1",
    ] {
        is_refused(&visitor.get(&format!("/v1/public/products?{query}")).await, 422, query);
    }
    let many: String = (0..2_000).map(|i| format!("p{i}=1&")).collect();
    is_refused(&visitor.get(&format!("/v1/public/products?{many}")).await, 422, "B-31 2,000 parameters");
    for cursor in ["x", "a.b", "null", "eyJpZCI6IngifQ.AAAA"] {
        is_refused(&visitor.get(&format!("/v1/public/products?cursor={cursor}")).await, 400, cursor);
    }
    let official = shop.world.official("0944444441", ocop_market::kernel::Territory::Province("08".to_owned())).await;
    for query in [
        "from=2026-02-30",
        "from=0001-01-01",
        "from=9999-12-31",
        "to=2026-13-01",
        "from=2026-1-1",
        "from=20260101",
        "to=2026-11-24T00:00:00Z",
        "from=2026-11-24%2B99:99",
        "from=2026-11-24&to=2026-11-01",
        "from=2020-01-01&to=2026-01-01",
        "from=null",
        "from=",
        "group_by=hour",
        "group_by=",
    ] {
        is_refused(&official.get(&format!("/v1/official/sales?{query}")).await, 422, &format!("B-35 {query}"));
    }
    shop.world.finish().await;
}

fn form_urlencoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[actix_web::test]
async fn b11_b12_b19_b27_text_is_readable_and_has_one_form() {
    let shop = Shop::open().await;
    let profile = |name: &str| registration(name, "00769");
    let person = shop.world.session("0955555555", "producer", TimeDelta::zero()).1;
    for name in [
        "a\u{0}b",
        "a\rb",
        "a\u{1b}[31mb",
        "a\u{202E}b",
        "a\u{200B}b",
        "a\u{2028}b",
        "a\u{FEFF}b",
        "a\u{7f}b",
        "\u{200B}",
        "  ",
        "",
        &format!("a{}", "\u{301}".repeat(1_000)),
        &"x".repeat(151),
    ] {
        let reply = person.post("/v1/producer/registration", profile(name)).await;
        is_refused(&reply, 422, &format!("{name:?}"));
        assert_eq!(pointers(&reply).first().map(|(pointer, _)| pointer.as_str()), Some("/name"), "{name:?}");
    }
    let key = new_key();
    let bytes = b"{\"name\":\"a\xff\"}".to_vec();
    let sent = shop
        .world
        .http
        .post(format!("{}/v1/producer/registration", shop.world.base))
        .bearer_auth(person.token.as_deref().unwrap())
        .header("content-type", "application/json")
        .header("idempotency-key", key)
        .body(bytes)
        .send()
        .await
        .unwrap();
    assert_eq!(sent.status(), 400, "invalid UTF-8 in a body");
    // The decomposed form is stored composed; markup stays text.
    let decomposed = "Ho\u{0323}\u{0302} <script>alert(1)</script> =HYPERLINK(1) \u{1F36F}";
    let made = person.post("/v1/producer/registration", profile(decomposed)).await.expect(201);
    assert_eq!(made["name"], "Hộ <script>alert(1)</script> =HYPERLINK(1) \u{1F36F}");
    let visitor = shop.world.visitor();
    for q in ["Mật ong", "Ma\u{0323}\u{0302}t ong", "mat ong", "MẬT ONG"] {
        let seen = visitor.get(&format!("/v1/public/products?q={}", form_urlencoded(q))).await.expect(200);
        assert_eq!(seen["data"][0]["id"], json!(shop.honey.id), "{q}");
    }
    shop.world.finish().await;
}

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

#[actix_web::test]
async fn b25_b33_a_phone_has_one_form_and_answers_do_not_tell_whether_it_is_known() {
    let shop = Shop::open().await;
    let visitor = shop.world.visitor();
    for phone in [
        "",
        " ",
        "null",
        "091234567",
        "09123456789",
        "0212345678",
        "+1912345678",
        "+841900123456",
        "０９１２３４５６７８",
        "0912345678\u{0}",
        "0912345678;0912345679",
        "'0912345678",
        "+84+84912345678",
        "0084912345678",
    ] {
        let reply = visitor.post("/v1/auth/otp", json!({"phone": phone, "device_id": "d"})).await;
        is_refused(&reply, 422, phone);
        assert_eq!(pointers(&reply), found(&[("/phone", "malformed")]), "{phone}");
    }
    for (i, phone) in
        ["0912345671", "84912345672", "+84912345673", "+84 912 345 674", "0912.345.675"].iter().enumerate()
    {
        let body = json!({"phone": phone, "device_id": format!("device {i}")}).to_string();
        let address = format!("10.9.{i}.1");
        let reply =
            visitor.send(Method::POST, "/v1/auth/otp", &[JSON, ("x-forwarded-for", &address)], Some(body)).await;
        is_refused(&reply, 202, phone);
    }
    assert_eq!(shop.world.count("select count(*) from otp_requests where phone ~ '^\\+8491234567[1-5]$'"), 5);
    let mut seen = Vec::new();
    for (i, phone) in ["0933333333", "0981234567"].iter().enumerate() {
        let body = json!({"phone": phone, "password": "mot mat khau dai", "device_id": "d", "audience": "buyer"});
        let mut reply = visitor.post("/v1/auth/password/sign-in", body).await;
        let asked = json!({"phone": phone, "device_id": format!("known {i}")}).to_string();
        let address = format!("10.8.{i}.1");
        let sent = visitor
            .send(Method::POST, "/v1/auth/otp", &[JSON, ("x-forwarded-for", &address)], Some(asked))
            .await
            .expect(202);
        reply.json["instance"] = Value::Null;
        seen.push((reply.status, reply.json, sent["expires_in_s"].clone(), sent.as_object().map(|o| o.len())));
    }
    assert_eq!(seen[0], seen[1]);
    shop.world.finish().await;
}

/// What comes back on a connection of one's own within so many seconds.
async fn raw(world: &World, sent: &str, seconds: u64) -> String {
    let mut stream =
        tokio::net::TcpStream::connect(world.base.trim_start_matches("http://")).await.expect("a connection");
    stream.write_all(sent.as_bytes()).await.expect("to write");
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(std::time::Duration::from_secs(seconds), stream.read_to_end(&mut answer)).await;
    String::from_utf8_lossy(&answer).to_lowercase()
}

#[actix_web::test]
async fn b04_b05_a_body_that_does_not_come_is_ended_by_the_deadline() {
    let shop = Shop::open().await;
    let token = shop.buyer.token.clone().unwrap();
    let started = Instant::now();
    let head = format!(
        "POST /v1/buyer/checkouts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n\
                        Idempotency-Key: {}\r\nContent-Length: 100\r\n\r\n{{",
        new_key()
    );
    let reply = raw(&shop.world, &head, 16).await;
    assert!(reply.starts_with("http/1.1 503"), "{reply}");
    assert!((11..15).contains(&started.elapsed().as_secs()), "{:?}", started.elapsed());
    assert!(reply.contains("retry-after") && reply.contains("x-request-id") && reply.contains("nosniff"), "{reply}");
    for (what, request) in [
        ("200 kB of headers", format!("GET /healthz HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "x".repeat(200_000))),
        (
            "two lengths",
            "POST /v1/auth/otp HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}".to_owned(),
        ),
        (
            "length and chunks",
            "POST /v1/auth/otp HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
                .to_owned(),
        ),
    ] {
        let reply = raw(&shop.world, &request, 2).await;
        assert!(reply.starts_with("http/1.1 4") || reply.is_empty(), "B-05/B-29 {what}: {reply}");
    }
    shop.world.finish().await;
}
