//! Providers that open orders and are asked, and the answers to everything that providers have been recorded to say.
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a helper of tests fails by panicking")]

mod accounts;
mod asking;
mod calling_off;
mod listing;
mod news;
mod parts;
mod placing;
mod starting;

use chrono::TimeDelta;
use ocop_market::jobs::Job;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::money::PAID;
use crate::support::payers::{FakePayers, MOMO, PAYOS, VIETQR_VN, VIETQR_VN_TOKEN, ZALOPAY};
use crate::support::{Reply, World};

const PRICE: i64 = 185_000;

/// As the worker does once so much time has passed.
async fn ask_by_schedule(world: &World, after: TimeDelta) {
    world.pass(after);
    world.work(Job::LookAfterPayments).await.expect("looked");
    world.run_jobs().await;
}

fn vectors(provider: &str, kinds: &[&str]) -> Vec<Value> {
    let all: Value = serde_json::from_str(include_str!("../../vectors/payments.json")).expect("the vectors");
    let vectors = all[provider].as_array().expect("a list");
    vectors.iter().filter(|v| kinds.contains(&v["kind"].as_str().expect("a kind"))).cloned().collect()
}

/// Sends a recorded notice to our address of its provider.
async fn send(world: &World, path: &str, vector: &Value) -> Reply {
    let http = &vector["http"];
    let token = world.vietqr_vn_token().await;
    let headers: Vec<(String, String)> = http["headers"]
        .as_object()
        .expect("headers")
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().expect("a header").replace("<token>", &token)))
        .collect();
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    world.visitor().send(Method::POST, path, &headers, http["body"].as_str().map(str::to_owned)).await
}

fn check_answer(vector: &Value, answer: &Reply) {
    let (id, expected) = (&vector["id"], &vector["expected"]);
    match expected["http_status"].as_str() {
        Some(class) => assert_eq!(class[..1], answer.status.to_string()[..1], "{id}"),
        None => assert_eq!(expected["http_status"], answer.status, "{id}"),
    }
    match &expected["body"] {
        Value::Null => {}
        Value::String(text) => assert_eq!(*text, answer.text, "{id}"),
        wanted if wanted["object"]["reftransactionid"] == "<our id>" => {
            let mut wanted = wanted.clone();
            wanted["object"]["reftransactionid"] = answer.json["object"]["reftransactionid"].clone();
            assert_eq!(
                (wanted, true),
                (
                    answer.json.clone(),
                    !answer.json["object"]["reftransactionid"].as_str().expect("a number").is_empty()
                ),
                "{id}"
            );
        }
        wanted => assert_eq!(*wanted, answer.json, "{id}"),
    }
}

/// Each vector meets a marketplace that has seen none of the others: what they name is renamed behind them.
async fn every_vector(provider: &str, path: &str, (name, kinds, count): (&str, &[&str], usize)) {
    let payers = FakePayers::start();
    let world = payers.world().await;
    let shop = world.shop(PRICE, 100).await;
    let buyer = world.buyer("0933333333").await;
    let vectors = vectors(name, kinds);
    assert_eq!(vectors.len(), count);
    for (number, vector) in vectors.iter().enumerate() {
        let (id, seed) = (&vector["id"], &vector["seed"][0]);
        let price = seed["amount_vnd"].as_i64().expect("an amount");
        let product = world.product(&shop.operator, &shop.producer, &format!("Mật ong {number}"), (price, 5)).await;
        let due = world.due(&buyer, &product, 1, provider).await;
        let named = seed["ref"].as_str().expect("a reference");
        let rename = |from: &str, to: &str| {
            world
                .database
                .execute(&format!("update payment_attempts set reference = '{to}' where reference = '{from}'"));
        };
        rename(&due.reference, named);
        let answer = send(&world, path, vector).await;
        check_answer(vector, &answer);
        let state = world.state(&due);
        if vector["assert"]["order_state"] == "paid" {
            assert_eq!(state, PAID, "{id}");
        } else {
            assert!(state.starts_with("awaiting_payment awaiting_payment pending "), "{id}: {state}");
        }
        let verified = world.text("select verified from payment_callbacks order by id desc limit 1");
        if let Some(expected) = vector["expected"]["signature_valid"].as_bool() {
            assert_eq!(verified, expected.to_string(), "{id}");
        }
        rename(named, &format!("GONE{number}"));
        world.database.execute(&format!(
            "begin; set local session_replication_role = replica;
             update payment_callbacks set event_key = event_key || ' {number}' where event_key not like '% %';
             update payment_credits set provider_txn = provider_txn || ' {number}' where provider_txn not like '% %';
             commit"
        ));
    }
    world.finish().await;
    payers.stop().await;
}

#[actix_web::test]
async fn every_recorded_momo_notice_is_answered_and_applied_as_documented() {
    every_vector("momo", MOMO, ("momo", &["ipn/redirect result", "ipn"], 8)).await;
}

#[actix_web::test]
async fn every_recorded_zalopay_callback_is_answered_and_applied_as_documented() {
    every_vector("zalopay", ZALOPAY, ("zalopay", &["callback"], 3)).await;
}

#[actix_web::test]
async fn every_recorded_payos_webhook_is_answered_and_applied_as_documented() {
    every_vector("payos", PAYOS, ("payos", &["webhook"], 5)).await;
}

#[actix_web::test]
async fn every_recorded_vietqr_vn_transfer_is_answered_and_applied_as_documented() {
    every_vector("vietqr_vn", VIETQR_VN, ("vietqrvn_callback", &["transaction-sync"], 3)).await;
}

#[actix_web::test]
async fn vietqr_vn_gets_a_token_with_its_name_and_password_only() {
    let world = World::start().await;
    let recorded = vectors("vietqrvn_callback", &["token endpoint (merchant side)"]);
    for vector in &recorded {
        let answer = send(&world, VIETQR_VN_TOKEN, vector).await;
        assert_eq!(vector["expected"]["http_status"], answer.status);
        assert_eq!((&answer.json["token_type"], &answer.json["expires_in"]), (&json!("Bearer"), &json!(300)));
    }
    assert_eq!(recorded.len(), 1);
    for wrong in ["Basic eDp5", "Bearer x", ""] {
        let headers = [("content-type", "application/json"), ("authorization", wrong)];
        let answer = world.visitor().send(Method::POST, VIETQR_VN_TOKEN, &headers, Some("{}".to_owned())).await;
        assert_eq!((answer.status, answer.text.as_str()), (400, r#"{"status":"FAILED","message":"Unauthorized"}"#));
    }
    let token = world.vietqr_vn_token().await;
    world.pass(TimeDelta::minutes(6));
    let headers = [("content-type", "application/json"), ("authorization", &*format!("Bearer {token}"))];
    let answer = world.visitor().send(Method::POST, VIETQR_VN, &headers, Some("{}".to_owned())).await;
    assert_eq!(answer.status, 401, "a token is good for five minutes");
    world.finish().await;
}

#[actix_web::test]
async fn providers_are_asked_to_come_again_when_nothing_can_be_stored() {
    let world = World::start().await;
    world.database.execute("revoke insert on payment_callbacks from ocop_app");
    assert_eq!(world.momo("HG0000004", PRICE, (0, 1)).await.status, 503);
    let payos = world.payos("1000000000", PRICE, "FT1").await;
    assert_eq!((payos.status, payos.text.as_str()), (503, r#"{"success":false}"#));
    let zalopay = world.zalopay("261124_HG0000004", PRICE, 1).await;
    assert_eq!(
        (zalopay.status, zalopay.text.as_str()),
        (200, r#"{"return_code":0,"return_message":"temporary error"}"#)
    );
    let vietqr = world.vietqr_vn("HG0000004", PRICE, ("FT1", "C")).await;
    let away = r#"{"error":true,"errorReason":"503","toastMessage":"Unavailable","object":{"reftransactionid":""}}"#;
    assert_eq!((vietqr.status, vietqr.text.as_str()), (503, away));
    world.database.execute("grant insert on payment_callbacks to ocop_app");
    assert_eq!(world.count("select count(*) from payment_callbacks"), 0);
    world.finish().await;
}

#[actix_web::test]
async fn what_fits_no_attempt_is_answered_as_documented_and_waits_for_a_person() {
    let world = World::start().await;
    assert_eq!(world.momo("HG0000004", PRICE, (0, 1)).await.status, 404);
    let payos = world.payos("123", 3000, "TF230204212323").await;
    assert_eq!((payos.status, payos.text.as_str()), (200, r#"{"success":true}"#));
    let zalopay = world.zalopay("261124_HG0000004", PRICE, 1).await;
    assert_eq!(zalopay.text, r#"{"return_code":-1,"return_message":"order not found"}"#);
    let first = world.vietqr_vn("HG0000004", PRICE, ("FT1", "C")).await;
    let again = world.vietqr_vn("HG0000004", PRICE, ("FT1", "C")).await;
    assert_eq!((first.status, &first.json), (200, &again.json), "the same number for the same transfer");
    let kinds =
        ["unknown_reference 185000", "unknown_reference 3000", "unknown_reference 185000", "unknown_reference 185000"];
    assert_eq!(world.reviews(), kinds);
    world.finish().await;
}
