//! Where no provider pays back: to the bank account that the buyer names.

use serde_json::{Value, json};

use super::{PRICE, REFUNDS, Stand};
use crate::support::money::Due;

async fn owed_by_bank(stand: &Stand) -> Due {
    let due = stand.paid("bank_transfer", 1).await;
    stand.cancel(due.order_id()).await;
    stand.world.run_jobs().await;
    assert_eq!(stand.standing(&due), "manual 0");
    due
}

fn account(number: &str) -> Value {
    json!({"bank_bin": "970405", "account_number": number, "holder_name": "NGUYEN THI HOA"})
}

/// The buyer names an account, and as many approve as must.
async fn named(stand: &Stand, due: &Due, number: &str) {
    let path = format!("/v1/buyer/refunds/{}/bank-account", stand.refund_id(due));
    assert_eq!(stand.seen(due).await[0]["wants_bank_account"], true);
    let named = stand.buyer().post(&path, account(number)).await.expect(200);
    assert_eq!((&named["status"], &named["wants_bank_account"]), (&json!("requested"), &json!(false)));
    stand.buyer().post(&path, account(number)).await.refused(409, "refunds.illegal_action");
    stand.world.run_jobs().await;
    assert!(stand.standing(due).starts_with("requested"), "nobody has looked at it");
    stand.act(&stand.operator(), due, "approve").await.expect(200);
    stand.world.run_jobs().await;
}

/// What the bank has done with the only transfer that is under way.
async fn bank(stand: &Stand, verb: &str) {
    let operator = &stand.operator();
    if verb == "confirm" || verb == "fail" {
        operator.post("/v1/operator/outgoing-files", json!({})).await.expect(201);
    }
    let id = stand.world.text("select id from outgoing_transfers order by id desc limit 1");
    let (verb, body) = match verb {
        "confirm" => ("confirm", json!({"bank_reference": "FT1"})),
        "cancel" => ("cancel", json!({"reason": "Sai tài khoản"})),
        "reverse" => ("reverse", json!({"reason": "Tài khoản đã đóng"})),
        _ => ("fail", json!({"reason": "Tài khoản không tồn tại"})),
    };
    operator.post(&format!("/v1/operator/outgoing-transfers/{id}/{verb}"), body).await.expect(200);
    stand.world.run_jobs().await;
}

#[actix_web::test]
async fn the_buyer_names_an_account_and_gets_the_money_there() {
    let stand = Stand::new().await;
    let due = owed_by_bank(&stand).await;
    let path = format!("/v1/buyer/refunds/{}/bank-account", stand.refund_id(&due));
    let stranger = stand.world.buyer("0944444444").await;
    stranger.post(&path, account("8206205123456")).await.refused(404, "not_found");
    named(&stand, &due, "8206205123456").await;
    assert_eq!((stand.standing(&due).as_str(), stand.booked(&due)), ("sent 1", 0));
    let shown = stand.operator().get(&format!("{REFUNDS}/{}", stand.refund_id(&due))).await.expect(200);
    assert_eq!((&shown["bank_account"]["last_digits"], &shown["rail"]), (&json!("3456"), &json!("transfer")));
    stand.act(&stand.operator(), &due, "by-hand").await.refused(409, "refunds.illegal_action");
    bank(&stand, "confirm").await;
    assert_eq!((stand.standing(&due).as_str(), stand.booked(&due)), ("succeeded 1", PRICE));
    let sides = "select concat_ws(' ', debit, credit) from ledger_transfers where kind = 'refund_sent'";
    assert_eq!(stand.world.text(sides), "refunds_owed bank");
    assert!(stand.world.reviews().is_empty(), "nobody has anything to do any more");
    let told = "select count(*) from notices where topic = 'refund_sent'";
    assert_eq!(stand.world.count(told), 1);
    stand.act(&stand.operator(), &due, "take-back").await.refused(409, "refunds.illegal_action");
    stand.finish().await;
}

#[actix_web::test]
async fn what_did_not_arrive_goes_to_another_account_that_is_approved_anew() {
    let stand = Stand::new().await;
    let due = owed_by_bank(&stand).await;
    for (tries, what) in [(1, "fail"), (2, "cancel")] {
        named(&stand, &due, "8206205123456").await;
        bank(&stand, what).await;
        assert_eq!((stand.standing(&due), stand.booked(&due)), (format!("manual {tries}"), 0), "{what}");
        stand.world.run_jobs().await;
    }
    named(&stand, &due, "8206205999999").await;
    bank(&stand, "confirm").await;
    assert_eq!((stand.standing(&due).as_str(), stand.booked(&due)), ("succeeded 3", PRICE));
    // It arrived and came back.
    bank(&stand, "reverse").await;
    assert_eq!((stand.standing(&due).as_str(), stand.booked(&due)), ("manual 3", 0));
    stand.act(&stand.operator(), &due, "by-hand").await.expect(200);
    assert_eq!((stand.standing(&due).as_str(), stand.booked(&due)), ("returned_by_hand 3", PRICE));
    stand.finish().await;
}

#[actix_web::test]
async fn who_says_that_a_transfer_did_not_arrive_does_not_have_it_sent_again() {
    let stand = Stand::new().await;
    let due = owed_by_bank(&stand).await;
    named(&stand, &due, "8206205123456").await;
    bank(&stand, "fail").await;
    assert_eq!(stand.standing(&due), "manual 1");
    stand.act(&stand.operator(), &due, "retry").await.refused(409, "refunds.second_person");
    stand.world.second_operator().await;
    stand.act(&stand.second_operator(), &due, "retry").await.expect(200);
    stand.world.run_jobs().await;
    assert_eq!((stand.standing(&due).as_str(), stand.booked(&due)), ("sent 2", 0));
    stand.finish().await;
}

#[actix_web::test]
async fn what_is_more_than_one_transfer_may_be_waits_for_a_person() {
    let stand = Stand::with(&[("OUTGOING_RECIPIENT_DAILY_VND", "50000")]).await;
    let due = owed_by_bank(&stand).await;
    named(&stand, &due, "8206205123456").await;
    assert_eq!((stand.standing(&due).as_str(), stand.booked(&due)), ("manual 0", 0));
    assert_eq!(stand.world.count("select count(*) from outgoing_transfers"), 0);
    assert_eq!(stand.world.reviews(), [format!("refund_due {}", due.total)]);
    stand.finish().await;
}

#[actix_web::test]
async fn a_stop_keeps_transfers_back_as_well() {
    let stand = Stand::new().await;
    let second = stand.world.second_operator().await;
    let due = owed_by_bank(&stand).await;
    stand.operator().post("/v1/operator/outgoing/stop", json!({"reason": "Nghi ngờ"})).await.expect(200);
    let path = format!("/v1/buyer/refunds/{}/bank-account", stand.refund_id(&due));
    stand.buyer().post(&path, account("8206205123456")).await.expect(200);
    stand.act(&second, &due, "approve").await.expect(200);
    stand.world.run_jobs().await;
    assert_eq!(
        (stand.standing(&due).as_str(), stand.world.count("select count(*) from outgoing_transfers")),
        ("approved 0", 0)
    );
    second.post("/v1/operator/outgoing/start", json!({})).await.expect(200);
    stand.later(chrono::TimeDelta::minutes(6)).await;
    bank(&stand, "confirm").await;
    assert_eq!((stand.standing(&due).as_str(), stand.booked(&due)), ("succeeded 1", PRICE));
    stand.finish().await;
}

#[actix_web::test]
async fn a_transfer_that_was_held_is_approved_by_another_than_who_released_it() {
    let stand = Stand::new().await;
    let second = stand.world.second_operator().await;
    let due = owed_by_bank(&stand).await;
    named(&stand, &due, "8206205123456").await;
    let id = stand.world.text("select id from outgoing_transfers");
    let path = |verb: &str| format!("/v1/operator/outgoing-transfers/{id}/{verb}");
    for _ in 0..2 {
        stand.operator().post(&path("hold"), json!({"reason": "Đang kiểm tra"})).await.expect(200);
        let released = stand.operator().post(&path("release"), json!({})).await.expect(200);
        stand.operator().post("/v1/operator/outgoing-files", json!({})).await.refused(409, "outgoing.nothing_to_send");
        let approval = crate::payouts::approval(released["batch_id"].as_str().expect("a batch to approve"));
        stand.operator().post(&approval, json!({})).await.refused(409, "outgoing.second_person");
        second.post(&approval, json!({})).await.expect(200);
    }
    bank(&stand, "confirm").await;
    assert_eq!((stand.standing(&due).as_str(), stand.booked(&due)), ("succeeded 1", PRICE));
    stand.finish().await;
}
