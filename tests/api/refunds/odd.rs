//! What providers refuse, lose, and do not say.

use chrono::TimeDelta;
use serde_json::json;

use super::{PROVIDERS, REFUNDS, Stand};
use crate::support::payer_refunds::{Meets, Standing};

const REFUSED: Meets = Meets::Answered(Standing::Refused);

#[actix_web::test]
async fn a_refund_whose_answer_says_nothing_is_asked_for_and_never_sent_again() {
    let stand = Stand::new().await;
    for provider in PROVIDERS {
        for meets in [Meets::Lost, Meets::Garbage, Meets::Huge, Meets::Forged] {
            let before = stand.sends().len();
            let due = stand.owed(provider, &[meets]).await;
            stand.world.run_jobs().await;
            assert_eq!((stand.standing(&due).as_str(), stand.booked(&due)), ("unknown 1", 0), "{provider} {meets:?}");
            stand.later(TimeDelta::seconds(30)).await;
            assert_eq!(stand.standing(&due), "unknown 1", "{provider} {meets:?}: not before its time");
            stand.later(TimeDelta::minutes(1)).await;
            assert_eq!(stand.standing(&due), "succeeded 1", "{provider} {meets:?}");
            assert_eq!((stand.sends().len() - before, stand.booked(&due)), (1, due.total), "{provider} {meets:?}");
        }
    }
    let bodies = stand.world.count("select max(length(body)) from refund_answers");
    assert!(bodies > 10 && bodies <= 65_536, "{bodies}");
    stand.finish().await;
}

#[actix_web::test]
async fn what_its_provider_never_got_goes_out_again_under_the_same_reference() {
    let stand = Stand::new().await;
    for provider in ["momo", "zalopay"] {
        let before = stand.sends().len();
        let due = stand.owed(provider, &[Meets::Away]).await;
        stand.world.run_jobs().await;
        assert_eq!(stand.standing(&due), "unknown 1", "{provider}");
        stand.later(TimeDelta::minutes(1)).await;
        assert_eq!((stand.standing(&due).as_str(), stand.booked(&due)), ("succeeded 1", due.total), "{provider}");
        let sends = stand.sends().split_off(before);
        assert_eq!((sends.len(), &sends[0]), (2, &sends[1]), "{provider}");
    }
    stand.finish().await;
}

/// VNPAY cannot say that it has no such refund: it waits for a person, who looks there.
#[actix_web::test]
async fn what_nobody_can_say_alarms_after_three_days_and_is_settled_by_who_has_looked() {
    let stand = Stand::new().await;
    let due = stand.owed("vnpay", &[Meets::Away]).await;
    stand.world.run_jobs().await;
    let alarms = "select count(*) from refunds where alarmed_at is not null";
    for _ in 0..4 {
        assert_eq!((stand.standing(&due).as_str(), stand.world.count(alarms)), ("unknown 1", 0));
        stand.later(TimeDelta::hours(23)).await;
    }
    stand.later(TimeDelta::hours(25)).await;
    assert_eq!((stand.standing(&due).as_str(), stand.world.count(alarms)), ("unknown 1", 1));
    stand.later(TimeDelta::hours(25)).await;
    let told = "select count(*) || ' ' || count(distinct account_id) from notices where topic = 'refund_overdue'";
    let operators =
        stand.world.count("select count(*) from role_grants where role = 'operator' and revoked_at is null");
    assert_eq!(stand.world.text(told), format!("{operators} {operators}"), "each operator is called once");
    let waiting = stand.operator().get("/v1/operator/waiting-money").await.expect(200);
    let line = waiting["data"].as_array().expect("lines").iter().find(|line| line["kind"] == "refund_sent");
    assert_eq!(line.expect("a line")["alarms"], 1, "{waiting}");
    let (operator, due) = (&stand.operator(), &due);
    stand.act(operator, due, "by-hand").await.refused(409, "refunds.illegal_action");
    stand.act(operator, due, "reject").await.refused(409, "refunds.illegal_action");
    stand.act(operator, due, "found-failed").await.expect(200);
    stand.later(TimeDelta::minutes(6)).await;
    assert_eq!(stand.standing(due), "manual 1", "one person alone sends nothing a second time");
    stand.act(&stand.operator(), due, "retry").await.refused(409, "refunds.second_person");
    stand.world.second_operator().await;
    stand.act(&stand.second_operator(), due, "retry").await.expect(200);
    stand.world.run_jobs().await;
    assert_eq!((stand.standing(due).as_str(), stand.booked(due)), ("succeeded 2", due.total));
    let sends = stand.sends();
    assert_eq!(sends.len(), 2);
    assert_ne!(sends[0], sends[1], "another try has another reference");
    stand.finish().await;
}

#[actix_web::test]
async fn a_person_who_saw_it_done_says_so() {
    let stand = Stand::new().await;
    let due = stand.owed("vnpay", &[Meets::Away]).await;
    stand.world.run_jobs().await;
    let done = stand.act(&stand.operator(), &due, "found-done").await.expect(200);
    assert_eq!(done["status"], "succeeded");
    assert_eq!(stand.booked(&due), due.total);
    stand.act(&stand.operator(), &due, "found-done").await.refused(409, "refunds.illegal_action");
    stand.finish().await;
}

#[actix_web::test]
async fn what_is_refused_is_tried_again_under_other_references_and_then_given_up() {
    let stand = Stand::new().await;
    for provider in PROVIDERS {
        let before = stand.sends().len();
        let due = stand.owed(provider, &[REFUSED, REFUSED, REFUSED, REFUSED]).await;
        stand.world.run_jobs().await;
        for (tries, pause) in [(1, TimeDelta::minutes(5)), (2, TimeDelta::hours(1)), (3, TimeDelta::days(1))] {
            assert_eq!(stand.standing(&due), format!("failed {tries}"), "{provider}");
            stand.later(pause).await;
        }
        assert_eq!((stand.standing(&due).as_str(), stand.booked(&due)), ("manual 4", 0), "{provider}");
        let mut sends = stand.sends().split_off(before);
        sends.sort();
        sends.dedup();
        assert_eq!(sends.len(), 4, "{provider}");
        assert_eq!(stand.world.reviews(), [format!("refund_due {}", due.total)], "{provider}");
        let shown = stand.operator().get(&format!("{REFUNDS}/{}", stand.refund_id(&due))).await.expect(200);
        assert_eq!(shown["tries_made"].as_array().map(Vec::len), Some(4), "{shown}");
        assert_eq!(shown["allowed_actions"], json!(["reject", "retry", "by-hand"]));
        stand.act(&stand.operator(), &due, "retry").await.expect(200);
        stand.world.run_jobs().await;
        assert_eq!((stand.standing(&due).as_str(), stand.booked(&due)), ("succeeded 5", due.total), "{provider}");
        assert!(stand.world.reviews().is_empty(), "{provider}: nobody has anything to do any more");
    }
    stand.finish().await;
}

/// VNPAY says how the payment stands, which a try before may have made so: whoever looks there says what the second one did.
#[actix_web::test]
async fn what_vnpay_says_of_a_payment_is_not_taken_for_a_second_try() {
    let stand = Stand::new().await;
    let due = stand.owed("vnpay", &[REFUSED, Meets::Lost]).await;
    stand.world.run_jobs().await;
    assert_eq!(stand.standing(&due), "failed 1");
    stand.later(TimeDelta::minutes(5)).await;
    for _ in 0..2 {
        assert_eq!((stand.standing(&due).as_str(), stand.booked(&due)), ("unknown 2", 0));
        stand.later(TimeDelta::minutes(2)).await;
    }
    stand.act(&stand.operator(), &due, "found-done").await.expect(200);
    assert_eq!((stand.standing(&due).as_str(), stand.booked(&due)), ("succeeded 2", due.total));
    assert_eq!(stand.sends().len(), 2);
    stand.finish().await;
}

#[actix_web::test]
async fn what_comes_back_leaves_the_books_and_goes_out_again() {
    let stand = Stand::new().await;
    let due = stand.owed("momo", &[]).await;
    stand.world.run_jobs().await;
    assert_eq!(stand.booked(&due), due.total);
    // MoMo has told us in some other way that the wallet is closed.
    stand.payers.desk(|desk| desk.refunds.values_mut().for_each(|refund| refund.standing = Standing::Refused));
    stand.act(&stand.operator(), &due, "take-back").await.expect(200);
    assert_eq!((stand.standing(&due).as_str(), stand.booked(&due)), ("manual 1", 0));
    stand.act(&stand.operator(), &due, "take-back").await.refused(409, "refunds.illegal_action");
    stand.act(&stand.operator(), &due, "retry").await.refused(409, "refunds.second_person");
    stand.world.second_operator().await;
    stand.act(&stand.second_operator(), &due, "retry").await.expect(200);
    stand.world.run_jobs().await;
    assert_eq!((stand.standing(&due).as_str(), stand.booked(&due)), ("succeeded 2", due.total));
    stand.finish().await;
}

#[actix_web::test]
async fn while_outgoing_money_is_stopped_nothing_is_sent_and_nothing_is_lost() {
    let stand = Stand::new().await;
    stand.world.second_operator().await;
    stand.operator().post("/v1/operator/outgoing/stop", json!({"reason": "Nghi ngờ"})).await.expect(200);
    let due = stand.owed("momo", &[Meets::Away]).await;
    stand.world.run_jobs().await;
    for _ in 0..3 {
        assert_eq!((stand.standing(&due).as_str(), stand.sends().len()), ("approved 0", 0));
        stand.later(TimeDelta::minutes(6)).await;
    }
    stand.second_operator().post("/v1/operator/outgoing/start", json!({})).await.expect(200);
    stand.later(TimeDelta::minutes(6)).await;
    assert_eq!((stand.standing(&due).as_str(), stand.sends().len()), ("unknown 1", 1));
    // What is to go out once more under its reference waits as well; asking does not.
    stand.operator().post("/v1/operator/outgoing/stop", json!({"reason": "Nghi ngờ"})).await.expect(200);
    stand.later(TimeDelta::minutes(2)).await;
    stand.later(TimeDelta::minutes(10)).await;
    assert_eq!((stand.standing(&due).as_str(), stand.sends().len()), ("unknown 1", 1));
    stand.second_operator().post("/v1/operator/outgoing/start", json!({})).await.expect(200);
    stand.later(TimeDelta::hours(1)).await;
    assert_eq!((stand.standing(&due).as_str(), stand.booked(&due)), ("succeeded 1", due.total));
    stand.finish().await;
}
