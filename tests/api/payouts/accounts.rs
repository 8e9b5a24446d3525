//! Bank accounts: whose they are, how long they wait, and who sees their numbers.

use chrono::TimeDelta;
use ocop_market::jobs::Job;
use ocop_market::kernel::{BankAccountId, Secret, Tx};
use ocop_market::outgoing::{self, AccountNumber, Vault, WAIT};
use serde_json::json;

use super::{NUMBER, ONE, Stand, account};
use crate::support::principals::texts;
use crate::support::{Client, World};

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
async fn a_number_is_the_same_however_it_is_typed() {
    let stand = Stand::in_world(World::start().await).await;
    let first = stand.household().get(OWN).await.expect(200)["account"].clone();
    for typed in ["8206 2051 2345 6", "8206-2051.23456"] {
        let again = stand.household().put(OWN, account(typed)).await.expect(200);
        assert_eq!((&again["id"], &again["status"]), (&first["id"], &json!("verified")), "{typed} does not wait anew");
    }
    stand.sold(1, 1).await;
    let spaced = stand.household().put(OWN, account("1903 6612 3456 78")).await.expect(200);
    assert_eq!(spaced["last_digits"], "5678");
    let given = spaced["id"].as_str().expect("an id");
    stand
        .one()
        .post(&format!("/v1/operator/bank-accounts/{given}/verify"), json!({"reason": "Trùng"}))
        .await
        .expect(200);
    stand.world.pass(WAIT);
    stand.approved_run().await;
    let file = stand.one().post("/v1/operator/outgoing-files", json!({})).await.expect(201);
    let path = format!("/v1/operator/outgoing-files/{}/transfers.csv", file["id"].as_str().expect("an id"));
    let csv = stand.one().get(&path).await.text;
    assert!(csv.contains(",19036612345678,"), "{csv}");
    stand.world.finish().await;
}

#[actix_web::test]
async fn a_new_key_takes_the_place_of_the_one_before_step_by_step() {
    let stand = Stand::in_world(World::start().await).await;
    stand.sold(1, 1).await;
    stand.approved_run().await;
    let file = stand.one().post("/v1/operator/outgoing-files", json!({})).await.expect(201);
    let path = format!("/v1/operator/outgoing-files/{}/transfers.csv", file["id"].as_str().expect("an id"));
    let old = stand.world.app.config.outgoing.number_key.clone();
    let new = Secret::new("another key for the numbers of accounts".to_owned());
    // More than one step of them, and one that neither key opens.
    let with = |key: &Secret| Vault::new(key.clone(), None);
    let lost = Secret::new("a key that nobody has any more".to_owned());
    for key in std::iter::repeat_n(&old, 119).chain([&lost]) {
        stand.keeps_another(&with(key));
    }
    let steps = |vault: Vault, after| {
        let tend = move |tx: &mut Tx<'_>| outgoing::tend_accounts(tx, &vault, after);
        stand.world.app.db.job(tend)
    };
    let left = |vault: Vault| stand.world.look(move |tx| outgoing::under_other_keys(tx, &vault));
    let rotating = Vault::new(new.clone(), Some(old.clone()));
    assert_eq!(left(rotating.clone()).await, 121);
    assert!(steps(rotating.clone(), None).await.expect("a step").is_some(), "there is another step");
    assert_eq!(left(rotating.clone()).await, 21);
    // It was broken off there, and begins again.
    let mut after = None;
    while let Some(last) = steps(rotating.clone(), after).await.expect("a step") {
        after = Some(last);
    }
    assert_eq!(left(rotating).await, 1, "all but what no key opens");
    assert_eq!(left(with(&new)).await, 1, "the previous key may go");

    // Who has the old key alone changes nothing, and says how many it cannot open.
    stand.world.work(Job::TendAccounts { after: None }).await.expect("tended");
    let figures = stand.world.visitor().get("/metrics").await.text;
    assert!(figures.contains("bank_accounts_under_other_keys 121\n"), "{figures}");
    let back = Vault::new(old.clone(), Some(new));
    let mut after = None;
    while let Some(last) = steps(back.clone(), after).await.expect("a step") {
        after = Some(last);
    }
    assert!(stand.one().get(&path).await.text.contains(NUMBER), "the number is what it was");
    stand.world.finish().await;
}

#[actix_web::test]
async fn a_number_is_forgotten_three_years_after_it_was_needed_last() {
    let stand = Stand::in_world(World::start().await).await;
    stand.sold(1, 1).await;
    stand.approved_run().await;
    let file = stand.one().post("/v1/operator/outgoing-files", json!({})).await.expect(201);
    let path = format!("/v1/operator/outgoing-files/{}/transfers.csv", file["id"].as_str().expect("an id"));
    let first = stand.world.text("select id from bank_accounts");
    stand.household().put(OWN, account("19036612345678")).await.expect(200);
    let forgotten =
        "select coalesce(string_agg(id::text, ' ' order by id), '') from bank_accounts where number_sealed is null";
    let tended = async |days| {
        stand.world.pass(TimeDelta::days(days));
        stand.world.work(Job::TendAccounts { after: None }).await.expect("tended");
        stand.world.text(forgotten)
    };
    // Nobody knows yet what became of what was sent to it.
    assert_eq!(tended(3 * 366).await, "");
    let confirm = format!("/v1/operator/outgoing-transfers/{}/confirm", stand.transfer());
    stand.later_operator().post(&confirm, json!({"bank_reference": "FT26330123"})).await.expect(200);
    assert_eq!(tended(3 * 365 - 1).await, "", "it was paid less than three years ago");
    assert_eq!(tended(3).await, first, "and the one of now stays");
    let csv = stand.later_operator().get(&path).await.text;
    assert!(
        csv.contains("1,…3456,VANG THI MAY,970405,Agribank,120000,"),
        "what was paid is told by its last digits: {csv}"
    );
    stand.world.finish().await;
}

impl Stand {
    /// An operator who signs in, however many years have passed.
    fn later_operator(&self) -> Client {
        let (id, client) = self.world.session(ONE, "operator", TimeDelta::zero());
        let until = "update sessions set idle_expires_at = '2100-01-01', expires_at = '2100-01-01'";
        self.world.database.execute(&format!("{until} where id = '{id}'"));
        client
    }

    /// One more account of the household that was replaced, sealed by this.
    fn keeps_another(&self, vault: &Vault) {
        let id = BankAccountId::generate();
        let sealed = vault.seal(id, &AccountNumber::parse(NUMBER).expect("a number")).expect("sealed");
        let hex: String = sealed.bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        self.world.database.execute(&format!(
            "insert into bank_accounts (id, producer_id, bank_bin, holder_name, number_sealed, key_name, last_digits, status,
                 usable_from, given_by, given_at, ended_at)
             select '{id}', id, '970405', 'X', '\\x{hex}', '{}', '3456', 'replaced', now(), account_id, now(), now()
             from producers",
            sealed.key_name
        ));
    }
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
