//! Text that people write.

use chrono::TimeDelta;
use serde_json::json;

use super::{Shop, form_urlencoded, is_refused, pointers};
use crate::support::{new_key, registration};

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
