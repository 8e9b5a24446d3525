//! Phone numbers, and what the answers tell of them.

use reqwest::Method;
use serde_json::{Value, json};

use super::{JSON, Shop, found, is_refused, pointers};

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
