//! Phone numbers, and what the answers tell of them.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use ocop_market::kernel::PhoneNumber;
use reqwest::Method;
use serde_json::{Value, json};

use super::{JSON, Shop, found, is_refused, pointers};
use crate::support::{Client, Reply, World};

#[actix_web::test]
async fn b33_a_phone_has_one_form() {
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
    shop.world.finish().await;
}

/// Tries of each kind: enough for a median that one slow answer does not move.
const TRIES: usize = 24;
/// How much longer the one kind may take than the other. A hash that is not computed makes a factor of ten and more.
const FACTOR_MAX: u32 = 2;
/// Below this a difference tells nothing over any network.
const NOISE: Duration = Duration::from_millis(3);

/// An answer without what differs between any two answers.
fn bare(reply: &Reply) -> (u16, Value, Vec<String>) {
    let mut json = reply.json.clone();
    for own in ["instance", "otp_request_id"] {
        if let Some(value) = json.get_mut(own) {
            *value = Value::Null;
        }
    }
    let mut headers: Vec<String> = reply.headers.keys().map(ToString::to_string).collect();
    headers.sort_unstable();
    (reply.status, json, headers)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

#[track_caller]
fn take_as_long(known: Vec<Duration>, unknown: Vec<Duration>, what: &str) {
    let (known, unknown) = (median(known), median(unknown));
    let (less, more) = (known.min(unknown), known.max(unknown));
    assert!(more <= less * FACTOR_MAX + NOISE, "{what}: {known:?} for a known number, {unknown:?} for an unknown one");
}

/// Asks for the same things of numbers that are known and unknown, in turns; both must be answered alike.
async fn compare(world: &World, what: &str, known: &[String], ask: impl AsyncFn(String, usize) -> Reply) {
    world.pass(TimeDelta::hours(25));
    let (mut times_known, mut times_unknown) = (Vec::new(), Vec::new());
    for place in 0..TRIES {
        // Failures of one number are counted for a quarter of an hour, codes for an hour.
        if place % 4 == 0 {
            world.pass(TimeDelta::minutes(61));
        }
        let started = Instant::now();
        let of_known = ask(known[place % known.len()].clone(), place).await;
        times_known.push(started.elapsed());
        let started = Instant::now();
        let of_unknown = ask(format!("09880{place:05}"), place + TRIES).await;
        times_unknown.push(started.elapsed());
        assert_eq!(bare(&of_known), bare(&of_unknown), "{what}");
    }
    take_as_long(times_known, times_unknown, what);
}

/// Asks from a network of its own for a code on a device of its own.
async fn ask_for_code(visitor: &Client, phone: &str, number: usize) -> Reply {
    let body = json!({"phone": phone, "device_id": format!("device {phone} {number}")}).to_string();
    let address = format!("10.{}.{}.1", 20 + number / 250, number % 250);
    visitor.send(Method::POST, "/v1/auth/otp", &[JSON, ("x-forwarded-for", &address)], Some(body)).await
}

#[actix_web::test]
async fn b25_answers_do_not_tell_whether_a_number_is_known() {
    let world = World::start().await;
    let visitor = world.visitor();
    let mut known = Vec::new();
    for place in 0..6 {
        let phone = format!("09330{place:05}");
        let person = world.session(&phone, "buyer", TimeDelta::zero()).1;
        let body = json!({"new_password": "mot mat khau that la dai"});
        person.put("/v1/auth/password", body).await.expect(200);
        known.push(phone);
    }
    let passwordless: Vec<String> = (0..6).map(|place| format!("09340{place:05}")).collect();
    passwordless.iter().for_each(|phone| drop(world.account(phone)));
    for (what, phones) in [("a wrong password", &known), ("a password where there is none", &passwordless)] {
        compare(&world, what, phones, async |phone, _| {
            let body = json!({"phone": phone, "password": "mot mat khau sai", "device_id": "d", "audience": "buyer"});
            visitor.post("/v1/auth/password/sign-in", body).await
        })
        .await;
    }
    for audience in ["operator", "official", "producer"] {
        let of = async |phone: &str| {
            let body = json!({"phone": phone, "password": "mot mat khau sai", "device_id": "d", "audience": audience});
            bare(&visitor.post("/v1/auth/password/sign-in", body).await)
        };
        world.pass(TimeDelta::minutes(61));
        assert_eq!(of(&known[0]).await, of("0989000000").await, "{audience}");
    }
    compare(&world, "a code", &known, async |phone, number| ask_for_code(&visitor, &phone, number).await).await;
    for audience in ["buyer", "producer", "official"] {
        compare(&world, "a wrong code", &known, async |phone, number| {
            world.pass(TimeDelta::minutes(2));
            let asked = ask_for_code(&visitor, &phone, number).await.expect(202);
            let code = world.app.code_sender.last_code(&PhoneNumber::parse(&phone).unwrap()).unwrap();
            let wrong = if code == "000000" { "000001" } else { "000000" };
            let body = json!({"otp_request_id": asked["otp_request_id"], "phone": phone, "code": wrong, "audience": audience,
                              "device_id": format!("device {phone} {number}"), "password": "mot mat khau sai"});
            visitor.post("/v1/auth/otp/verify", body).await
        })
        .await;
    }
    world.finish().await;
}
