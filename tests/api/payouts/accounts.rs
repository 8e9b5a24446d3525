//! Bank accounts: whose they are, how long they wait, and who sees their numbers.

use chrono::TimeDelta;
use ocop_market::outgoing::WAIT;
use serde_json::json;

use super::{NUMBER, Stand, account};
use crate::support::World;
use crate::support::principals::texts;

const OWN: &str = "/v1/producer/bank-account";

#[actix_web::test]
async fn a_new_account_waits_for_an_operator_and_for_three_days() {
    let world = World::start().await;
    let shop = world.shop(120_000, 100).await;
    world.second_operator().await;
    let stand = Stand { world, shop };
    assert_eq!(stand.household().get(OWN).await.expect(200)["account"], json!(null));
    let given = stand.household().put(OWN, account(NUMBER)).await.expect(200);
    assert_eq!(
        (&given["status"], &given["last_digits"], &given["is_ready"]),
        (&json!("given"), &json!("3456"), &json!(false))
    );
    assert_eq!(given["bank_name"], "Agribank");
    stand.sold(1, 1).await;
    stand.run().await.refused(409, "payouts.nothing_due");
    let verify = format!("/v1/operator/bank-accounts/{}/verify", given["id"].as_str().expect("an id"));
    let verified = stand.one().post(&verify, json!({"reason": "Trùng tên"})).await.expect(200);
    assert_eq!((&verified["status"], &verified["is_ready"]), (&json!("verified"), &json!(false)));
    stand.one().post(&verify, json!({"reason": "Lại"})).await.refused(409, "outgoing.account_action_not_allowed");
    stand.world.pass(WAIT - TimeDelta::minutes(1));
    stand.run().await.refused(409, "payouts.nothing_due");
    stand.world.pass(TimeDelta::minutes(2));
    stand.run().await.expect(201);
    let told = "select topic from notices where topic like 'bank%' order by id";
    assert_eq!(texts(&mut stand.world.database.owner(), told), ["bank_account_given", "bank_account_verified"]);
    stand.world.finish().await;
}

#[actix_web::test]
async fn an_account_that_was_changed_is_not_paid_to_any_more() {
    let stand = Stand::in_world(World::start().await).await;
    stand.sold(1, 1).await;
    stand.approved_run().await;
    let changed = stand.household().put(OWN, account("19036612345678")).await.expect(200);
    assert_eq!(stand.household().get(OWN).await.expect(200)["account"]["id"], changed["id"]);
    assert_eq!((stand.status().as_str(), stand.balance().await), ("cancelled", 120_000));
    stand.two().post("/v1/operator/outgoing-files", json!({})).await.refused(409, "outgoing.nothing_to_send");
    let rejected = format!("/v1/operator/bank-accounts/{}/reject", changed["id"].as_str().expect("an id"));
    stand.one().post(&rejected, json!({"reason": "Tên không trùng"})).await.expect(200);
    assert_eq!(stand.next().await["why_not"], json!(["account_rejected"]));
    stand.world.finish().await;
}

#[actix_web::test]
async fn nobody_is_told_a_number_again() {
    let stand = Stand::in_world(World::start().await).await;
    stand.sold(1, 1).await;
    stand.approved_run().await;
    let mut seen = Vec::new();
    for (client, path) in [
        (stand.household(), OWN),
        (stand.household(), "/v1/producer/payouts"),
        (stand.one(), "/v1/operator/bank-accounts"),
        (stand.one(), "/v1/operator/outgoing-transfers"),
    ] {
        let reply = client.get(path).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text);
        if reply.text.contains(NUMBER) || reply.text.contains("20512345") {
            seen.push(path);
        }
    }
    assert!(seen.is_empty(), "{seen:?}");
    let mut owner = stand.world.database.owner();
    let tables = texts(
        &mut owner,
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition",
    );
    for table in tables {
        let found = texts(&mut owner, &format!("select count(*) from {table} t where t::text like '%{NUMBER}%'"));
        assert_eq!(found, ["0"], "{table} holds a number in clear");
    }
    stand.world.finish().await;
}

#[actix_web::test]
async fn every_fault_of_an_account_is_named() {
    let world = World::start().await;
    let shop = world.shop(120_000, 100).await;
    let wrong = json!({"bank_bin": "123456", "account_number": "82 06", "holder_name": "", "iban": "x"});
    let problem = shop.producer.client.put(OWN, wrong).await.refused(422, "invalid_input");
    let pointers: Vec<&str> =
        problem["errors"].as_array().expect("faults").iter().filter_map(|fault| fault["pointer"].as_str()).collect();
    assert_eq!(pointers, ["/iban", "/bank_bin", "/account_number", "/holder_name"]);
    let banks = world.visitor().get("/v1/public/banks").await.expect(200);
    assert!(banks["data"].as_array().is_some_and(|banks| banks.len() > 50));
    world.finish().await;
}
