//! What persons approve, reject and do.

use ocop_market::jobs::Job;
use ocop_market::refunds::RefundStatus;
use serde_json::json;

use super::{PRICE, REFUNDS, Stand};
use crate::illegal_moves::machine::Machine;

/// From 200,000 on two persons.
const LIMITS: &[(&str, &str)] = &[("REFUND_AUTO_MAX_VND", "100000"), ("REFUND_TWO_PERSONS_FROM_VND", "200000")];

#[actix_web::test]
async fn more_money_needs_more_persons_and_nobody_is_two_of_them() {
    let stand = Stand::with(LIMITS).await;
    let (first, second) = (&stand.operator(), stand.world.second_operator().await);
    let small = stand.paid("momo", 1).await;
    stand.cancel(small.order_id()).await;
    stand.world.run_jobs().await;
    assert_eq!(stand.standing(&small), "succeeded 1", "{PRICE} goes out by itself");

    let middle = stand.paid("momo", 2).await;
    stand.cancel(middle.order_id()).await;
    stand.world.run_jobs().await;
    assert_eq!(stand.standing(&middle), "requested 0");
    stand.act(first, &middle, "by-hand").await.refused(409, "refunds.illegal_action");
    assert_eq!(stand.act(first, &middle, "approve").await.expect(200)["status"], "approved");
    stand.world.run_jobs().await;
    assert_eq!(stand.standing(&middle), "succeeded 1");

    let large = stand.paid("momo", 4).await;
    stand.cancel(large.order_id()).await;
    stand.world.run_jobs().await;
    assert_eq!(stand.act(first, &large, "approve").await.expect(200)["status"], "requested");
    stand.act(first, &large, "approve").await.refused(409, "refunds.second_person");
    stand.world.run_jobs().await;
    assert_eq!(stand.standing(&large), "requested 0");
    assert_eq!(stand.act(&second, &large, "approve").await.expect(200)["status"], "approved");
    stand.world.run_jobs().await;
    assert_eq!((stand.standing(&large).as_str(), stand.sends().len()), ("succeeded 1", 3));
    let shown = first.get(&format!("{}/{}", REFUNDS, stand.refund_id(&large))).await.expect(200);
    assert_eq!(shown["approvals"].as_array().map(Vec::len), Some(2), "{shown}");
    let audited = "select count(*) from audit_events where action = 'refund.approve'";
    assert_eq!(stand.world.count(audited), 3);
    stand.finish().await;
}

#[actix_web::test]
async fn a_claim_is_looked_at_by_a_person_however_small_it_is() {
    let stand = Stand::new().await;
    let due = stand.paid("momo", 1).await;
    let producer = &stand.shop.producer.client;
    for step in ["accept", "pack", "hand-over", "deliver"] {
        producer.post(&format!("/v1/producer/orders/{}/{step}", due.order_id()), json!({})).await.expect(200);
    }
    let claim = json!({"kind": "missing", "text": "Thiếu.", "wish": "refund",
                       "lines": [{"variant_id": stand.shop.product.variant_id, "quantity": 1}]});
    let made = stand.buyer().post(&format!("/v1/buyer/orders/{}/claims", due.order_id()), claim).await.expect(201);
    let path = |side: &str, verb: &str| format!("/v1/{side}/claims/{}/{verb}", made["id"].as_str().expect("an id"));
    producer.post(&path("producer", "offer"), json!({"amount_vnd": 9_000, "text": "Một phần"})).await.expect(200);
    stand.buyer().post(&path("buyer", "accept-offer"), json!({})).await.expect(200);
    stand.world.run_jobs().await;
    assert_eq!(stand.standing(&due), "requested 0");
    stand.act(&stand.operator(), &due, "approve").await.expect(200);
    stand.world.run_jobs().await;
    assert_eq!((stand.standing(&due).as_str(), stand.booked(&due)), ("succeeded 1", 9_000));
    stand.finish().await;
}

#[actix_web::test]
async fn what_is_rejected_is_not_sent_and_the_buyer_sees_it() {
    let stand = Stand::with(LIMITS).await;
    let due = stand.paid("zalopay", 2).await;
    stand.cancel(due.order_id()).await;
    stand.world.run_jobs().await;
    stand.act(&stand.operator(), &due, "reject").await.expect(200);
    stand.act(&stand.operator(), &due, "approve").await.refused(409, "refunds.illegal_action");
    stand.world.run_jobs().await;
    assert_eq!((stand.standing(&due).as_str(), stand.sends().len()), ("rejected 0", 0));
    assert_eq!(stand.seen(&due).await[0]["status"], "rejected");
    assert_eq!(stand.world.reviews(), [format!("refund_due {}", due.total)], "what becomes of it is a question");
    assert_eq!(stand.world.count("select refunded_vnd from refund_totals"), 0);
    // That was a mistake: its money is not lost, and counts as paid back again.
    stand.act(&stand.operator(), &due, "by-hand").await.expect(200);
    assert_eq!((stand.standing(&due).as_str(), stand.booked(&due)), ("returned_by_hand 0", due.total));
    assert_eq!(stand.world.count("select refunded_vnd from refund_totals"), due.total);
    assert!(stand.world.reviews().is_empty());
    stand.finish().await;
}

#[actix_web::test]
async fn where_no_provider_pays_back_a_person_does_by_either_route_and_once() {
    let stand = Stand::new().await;
    let operator = &stand.operator();
    for route in ["queue", "refund"] {
        let due = stand.paid("bank_transfer", 1).await;
        stand.cancel(due.order_id()).await;
        stand.world.run_jobs().await;
        assert_eq!(stand.standing(&due), "manual 0");
        stand.act(operator, &due, "retry").await.refused(409, "refunds.no_rail");
        let review = stand.world.text("select id from payment_reviews where status = 'open'");
        let resolve = format!("/v1/operator/payment-reviews/{review}/resolve");
        let body = json!({"resolution": "refunded_by_hand", "note": "Đã chuyển khoản"});
        if route == "queue" {
            operator.post(&resolve, body.clone()).await.expect(200);
        } else {
            stand.act(operator, &due, "by-hand").await.expect(200);
        }
        assert_eq!((stand.standing(&due).as_str(), stand.booked(&due)), ("returned_by_hand 0", due.total), "{route}");
        assert!(stand.world.reviews().is_empty(), "{route}");
        operator.post(&resolve, body).await.refused(409, "payments.already_resolved");
        stand.act(operator, &due, "by-hand").await.refused(409, "refunds.illegal_action");
        assert_eq!(stand.seen(&due).await[0]["status"], "returned_by_hand");
    }
    stand.finish().await;
}

#[actix_web::test]
async fn nobody_chooses_for_the_provider_what_it_did() {
    let stand = Stand::new().await;
    let due = stand.paid("bank_transfer", 1).await;
    stand.cancel(due.order_id()).await;
    stand.world.run_jobs().await;
    let review = stand.world.text("select id from payment_reviews where status = 'open'");
    let body = json!({"resolution": "refunded_by_provider", "note": "x"});
    let path = format!("/v1/operator/payment-reviews/{review}/resolve");
    stand.operator().post(&path, body).await.refused(422, "invalid_input");
    stand.finish().await;
}

#[actix_web::test]
async fn what_its_machine_does_not_offer_an_operator_is_refused_and_changes_nothing() {
    let stand = Stand::new().await;
    let due = stand.owed("momo", &[]).await;
    stand.world.work(Job::OweRefund { refund_id: owed_id(&stand) }).await.expect("owed");
    let machine = Machine::read(include_str!("../../../src/refunds/machine.txt"));
    let row = |stand: &Stand| stand.world.text("select r::text from refunds r");
    let mut refused = 0;
    for status in RefundStatus::ALL {
        let is_waiting = matches!(status.as_str(), "approved" | "sent" | "unknown" | "failed");
        let has_ended = matches!(status.as_str(), "rejected" | "succeeded" | "returned_by_hand");
        stand.world.database.execute(&format!(
            "update refunds set status = '{status}', next_at = case when {is_waiting} then now() end,
                 ended_at = case when {has_ended} then now() end"
        ));
        let before = row(&stand);
        let shown = stand.operator().get(&format!("{REFUNDS}/{}", stand.refund_id(&due))).await.expect(200);
        let offered = machine.offers(status.as_str(), "operator");
        assert_eq!(shown["allowed_actions"], json!(offered), "{status}");
        for action in ["approve", "reject", "retry", "by-hand", "found-done", "found-failed", "take-back"] {
            if offered.iter().any(|one| one == action) {
                continue;
            }
            let answer = stand.act(&stand.operator(), &due, action).await.refused(409, "refunds.illegal_action");
            let told = (&answer["current_status"], &answer["allowed_actions"]);
            assert_eq!(told, (&json!(status.as_str()), &json!(offered)), "{action} of {status}");
            assert_eq!(row(&stand), before, "{action} of {status}");
            refused += 1;
        }
    }
    assert!(refused > 40, "{refused}");
    stand.world.close().await;
    stand.payers.stop().await;
}

fn owed_id(stand: &Stand) -> uuid::Uuid {
    stand.world.text("select id from order_refunds").parse().expect("an id")
}
