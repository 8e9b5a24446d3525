//! Text that people write.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};

use super::{Shop, form_urlencoded, found, is_refused, pointers};
use crate::support::{Client, World, new_key, new_product, registration};

#[actix_web::test]
async fn b11_b12_b27_text_is_readable_and_has_one_form() {
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
        &format!("a{}", "\u{301}".repeat(5)),
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

/// An approved cooperative of this name.
async fn cooperative(world: &World, operator: &Client, phone: &str, name: &str) -> (Client, String) {
    let client = world.session(phone, "producer", TimeDelta::zero()).1;
    let made = client.post("/v1/producer/registration", of_cooperative(name)).await.expect(201);
    client.post("/v1/producer/profile/submit", json!({})).await.expect(200);
    let id = made["id"].as_str().expect("an id").to_owned();
    operator.post(&format!("/v1/operator/producers/{id}/approve"), json!({})).await.expect(200);
    (client, id)
}

fn of_cooperative(name: &str) -> Value {
    let mut body = registration(name, "00769");
    body["kind"] = json!("cooperative");
    body["registration_number"] = json!("10H8000123");
    body
}

#[actix_web::test]
async fn b12_names_are_written_in_latin_letters() {
    let shop = Shop::open().await;
    let person = shop.world.session("0955555555", "producer", TimeDelta::zero()).1;
    for (what, name) in [
        ("a Cyrillic Т", "HТX Phìn Hồ"),
        ("a Cyrillic а", "Hợp tác xã Phìn Hồ а"),
        ("a Greek Ο", "HTX Phìn ΗỒ"),
        ("an Armenian օ", "HTX Phìn Hօ"),
        ("full-width letters", "ＨＴＸ Phìn Hồ"),
        ("mathematical letters", "𝐇𝐓𝐗 Phìn Hồ"),
        ("a Roman numeral", "HTX Phìn Hồ Ⅰ"),
        ("a dotless i", "HTX Phın Hồ"),
        ("a ligature", "HTX Phìn ﬁ"),
        ("a long s", "HTX ſơn La"),
        ("Arabic digits", "HTX Phìn Hồ ٣"),
        ("full-width digits", "HTX Phìn Hồ １"),
        ("Chinese", "合作社"),
        ("Thai", "สหกรณ์"),
        ("squared letters", "🅷🆃🆇 Phìn Hồ"),
    ] {
        let reply = person.post("/v1/producer/registration", registration(name, "00769")).await;
        is_refused(&reply, 422, what);
        assert_eq!(pointers(&reply), found(&[("/name", "forbidden_character")]), "{what}");
        let mut body = registration("Hộ nuôi ong", "00769");
        body["representative_name"] = json!(name);
        is_refused(&person.post("/v1/producer/registration", body).await, 422, what);
        let products = "/v1/producer/products";
        let reply = shop.producer.client.post(products, new_product(name, 1_000, 1)).await;
        is_refused(&reply, 422, what);
        assert_eq!(pointers(&reply), found(&[("/title", "forbidden_character")]), "{what}");
        let mut body = new_product("Mật ong", 1_000, 1);
        body["variants"][0]["label"] = json!(name);
        let reply = shop.producer.client.post(products, body).await;
        assert_eq!(pointers(&reply), found(&[("/variants/0/label", "forbidden_character")]), "{what}");
    }
    // What is written like this in Hà Giang, on labels, and in the languages of the highlands.
    for title in [
        "Chè Shan tuyết cổ thụ (loại 1) – 100g",
        "Rượu ngô men lá 30°",
        "Túi lanh 20×30 cm, ½ kg & “thêu tay”",
        "Ƀơ̆ng Ê Đê ƀuôn Čư̆ M’gar ñ ŭ",
        "Khèn Mông: qeej · Ntsuj",
        "NƯỚC MẮM ĐƯỜNG PHÈN",
        "Mật ong bạc hà ⭐ 🍯 👩🏽‍🌾",
    ] {
        let made = shop.producer.client.post("/v1/producer/products", new_product(title, 1_000, 1)).await.expect(201);
        assert_eq!(made["title"], *title);
    }
    shop.world.finish().await;
}

#[actix_web::test]
async fn b12_descriptions_take_emoji_and_other_scripts() {
    let shop = Shop::open().await;
    for description in
        ["Mật ong 🍯🐝 của vùng cao ⛰️", "Người làm: 👩‍🌾 👨🏽‍🌾 👨‍👩‍👧‍👦, cờ 🇻🇳", "雪山茶 – чай – お茶", "Dòng một\nDòng hai"]
    {
        let mut body = new_product("Mật ong", 1_000, 1);
        body["description"] = json!(description);
        let made = shop.producer.client.post("/v1/producer/products", body).await.expect(201);
        assert_eq!(made["description"], *description);
    }
    for description in ["a\u{200D}b", "\u{200D}🍯", "🍯\u{200D}", "🍯\u{200D}\u{200D}🐝", "Mật\u{200D}🍯"] {
        let mut body = new_product("Mật ong", 1_000, 1);
        body["description"] = json!(description);
        let reply = shop.producer.client.post("/v1/producer/products", body).await;
        is_refused(&reply, 422, &format!("{description:?}"));
    }
    shop.world.finish().await;
}

#[actix_web::test]
async fn b12_nobody_takes_a_name_that_looks_like_a_cooperatives() {
    let world = World::start().await;
    let operator = world.operator().await;
    let (owner, id) = cooperative(&world, &operator, "0911111111", "HTX Phìn Hồ").await;
    let person = world.session("0955555555", "producer", TimeDelta::zero()).1;
    let alike = [
        "HTX Phìn Hồ",
        "htx phìn hồ",
        "H.T.X Phìn – Hồ",
        "HTX  PhìnHồ ✅",
        "HTX Phìn H\u{1ED3}",
        "HTX Phi\u{300}n Ho\u{302}\u{300}",
        "HTX Phìn Hồ!",
    ];
    for (number, name) in alike.iter().enumerate() {
        for body in [registration(name, "00769"), of_cooperative(name)] {
            person.post("/v1/producer/registration", body).await.refused(409, "producers.name_taken");
        }
        assert_eq!(world.count("select count(*) from producers"), 1, "{number}");
    }
    // Another tone is another word, and a second line of words is another name.
    let made = person.post("/v1/producer/registration", of_cooperative("HTX Phin Hồ")).await.expect(201);
    let edited = |name: &str| json!({ "name": name }).to_string();
    let version = made["version"].to_string();
    let profile = "/v1/producer/profile";
    let headers = [("content-type", "application/json"), ("if-match", version.as_str())];
    let reply = person.send(Method::PATCH, profile, &headers, Some(edited("HTX PHÌN HỒ"))).await;
    reply.refused(409, "producers.name_taken");
    let looks_alike = [("HTX C0 Lao", "HTX Co Lao"), ("HTX Lủng C1", "HTX Lủng Cl"), ("HTX Ia Li", "HTX la Li")];
    for (place, (fake, real)) in looks_alike.iter().enumerate() {
        cooperative(&world, &operator, &format!("09700000{place:02}"), real).await;
        let reply = person.send(Method::PATCH, profile, &headers, Some(edited(fake))).await;
        reply.refused(409, "producers.name_taken");
    }
    // A household is not kept from its name by another household.
    for phone in ["0971111111", "0972222222"] {
        world.producer(&operator, phone, "Hộ ông Vàng", "00769").await;
    }
    assert_eq!(owner.get(profile).await.expect(200)["id"], json!(id), "the cooperative keeps its own");
    world.finish().await;
}

#[actix_web::test]
async fn b12_of_two_cooperatives_with_one_name_one_is_approved() {
    let world = World::start().await;
    let operator = world.operator().await;
    let mut ids = Vec::new();
    for (phone, name) in [("0911111111", "HTX Phìn Hồ"), ("0922222222", "HTX PHÌN HỒ")] {
        let client = world.session(phone, "producer", TimeDelta::zero()).1;
        let made = client.post("/v1/producer/registration", of_cooperative(name)).await.expect(201);
        client.post("/v1/producer/profile/submit", json!({})).await.expect(200);
        ids.push(made["id"].as_str().unwrap().to_owned());
    }
    let approve = |id: &str| format!("/v1/operator/producers/{id}/approve");
    let (one, two) = (approve(&ids[0]), approve(&ids[1]));
    let (first, second) =
        futures_util::future::join(operator.post(&one, json!({})), operator.post(&two, json!({}))).await;
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "{} {}", first.text, second.text);
    assert_eq!(world.count("select count(*) from producers where status = 'approved'"), 1);
    world.finish().await;
}
