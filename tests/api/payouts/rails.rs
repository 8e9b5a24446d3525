//! payOS pays, fails, is silent and takes back.

use chrono::TimeDelta;
use serde_json::json;

use super::{NUMBER, Stand};
use crate::support::payout_desk::PayoutDesk;

async fn stand(desk: &PayoutDesk) -> Stand {
    Stand::in_world(desk.world(&[]).await).await
}

#[actix_web::test]
async fn a_household_is_paid_once_two_persons_have_approved() {
    let desk = PayoutDesk::start();
    let stand = stand(&desk).await;
    stand.sold(2, 1).await;
    let run = stand.run().await.expect(201)["id"].as_str().expect("an id").to_owned();
    assert_eq!((stand.balance().await, stand.status().as_str()), (0, "requested"));
    assert_eq!(stand.posted(), ["payout producer→payouts_in_transit 240000"]);
    stand.one().post(&super::approval(&run), json!({})).await.refused(409, "outgoing.second_person");
    stand.world.run_jobs().await;
    assert_eq!(desk.effects(), (0, 0), "nobody has approved it");
    let approved = stand.two().post(&super::approval(&run), json!({})).await.expect(200);
    assert_eq!(approved["shares"], json!([{"status": "approved", "transfers": 1, "amount_vnd": 240_000}]));
    stand.two().post(&super::approval(&run), json!({})).await.refused(409, "outgoing.nothing_to_approve");
    stand.world.run_jobs().await;
    assert_eq!((stand.status().as_str(), desk.effects()), ("sent", (1, 1)));
    let asked = desk.desk(|desk| desk.paid.values().next().cloned()).expect("a transfer");
    assert_eq!((asked.amount, asked.to), (240_000, format!("970405 {NUMBER}")));
    desk.settle("SUCCEEDED");
    stand.looks_after(TimeDelta::minutes(1)).await;
    assert_eq!(stand.payouts().await, ["paid 240000"]);
    assert_eq!(stand.posted().last().map(String::as_str), Some("payout_sent payouts_in_transit→bank 240000"));
    assert_eq!((stand.told(), desk.effects()), (vec!["payout_paid".to_owned()], (1, 1)));
    stand.world.finish().await;
    desk.stop().await;
}

/// F-18. It was paid, and nobody heard: it is asked for under the same name until it is known.
#[actix_web::test]
async fn a_lost_answer_is_asked_for_and_paid_once() {
    let desk = PayoutDesk::start();
    let stand = stand(&desk).await;
    stand.sold(1, 1).await;
    desk.desk(|desk| desk.loses_next_answer = true);
    stand.approved_run().await;
    stand.world.run_jobs().await;
    assert_eq!((stand.status().as_str(), desk.effects()), ("unknown", (1, 1)));
    assert_eq!((stand.balance().await, stand.payouts().await), (0, vec!["sent 120000".to_owned()]));
    stand.run().await.refused(409, "payouts.nothing_due");
    desk.desk(|desk| desk.is_down = true);
    stand.looks_after(TimeDelta::minutes(1)).await;
    assert_eq!((stand.status().as_str(), desk.effects()), ("unknown", (1, 2)), "no answer is no failure");
    desk.desk(|desk| desk.is_down = false);
    desk.settle("SUCCEEDED");
    stand.looks_after(TimeDelta::minutes(5)).await;
    assert_eq!((stand.status().as_str(), desk.effects()), ("confirmed", (1, 3)));
    assert_eq!(stand.world.count("select count(distinct reference) from outgoing_transfers"), 1);
    assert_eq!(stand.posted().len(), 2);
    stand.world.finish().await;
    desk.stop().await;
}

#[actix_web::test]
async fn what_failed_is_in_the_balance_again_and_follows_by_another_transfer() {
    let desk = PayoutDesk::start();
    let stand = stand(&desk).await;
    stand.sold(1, 1).await;
    desk.desk(|desk| desk.state = Some("FAILED"));
    stand.approved_run().await;
    stand.world.run_jobs().await;
    assert_eq!((stand.balance().await, stand.payouts().await), (120_000, vec!["failed 120000".to_owned()]));
    assert_eq!(stand.told(), ["payout_failed"]);
    desk.desk(|desk| desk.state = Some("SUCCEEDED"));
    stand.approved_run().await;
    stand.world.run_jobs().await;
    assert_eq!(stand.payouts().await, ["paid 120000", "failed 120000"]);
    assert_eq!((stand.balance().await, desk.effects()), (0, (2, 2)));
    stand.world.finish().await;
    desk.stop().await;
}

#[actix_web::test]
async fn what_arrived_and_came_back_is_the_households_again() {
    let desk = PayoutDesk::start();
    let stand = stand(&desk).await;
    stand.sold(1, 1).await;
    desk.desk(|desk| desk.state = Some("SUCCEEDED"));
    stand.approved_run().await;
    stand.world.run_jobs().await;
    assert_eq!((stand.balance().await, stand.payouts().await), (0, vec!["paid 120000".to_owned()]));
    desk.settle("REVERSED");
    stand.looks_after(TimeDelta::days(1)).await;
    assert_eq!((stand.balance().await, stand.payouts().await), (120_000, vec!["failed 120000".to_owned()]));
    assert_eq!(
        stand.posted(),
        [
            "payout producer→payouts_in_transit 120000",
            "payout_sent payouts_in_transit→bank 120000",
            "reversal bank→payouts_in_transit 120000",
            "payout_failed payouts_in_transit→producer 120000",
        ]
    );
    assert_eq!(stand.told(), ["payout_paid", "payout_failed"]);
    stand.world.finish().await;
    desk.stop().await;
}

#[actix_web::test]
async fn a_stop_in_the_middle_of_a_run_keeps_back_what_was_not_sent() {
    let desk = PayoutDesk::start();
    let stand = stand(&desk).await;
    stand.sold(1, 1).await;
    // Sent, and the answer is lost before payOS has named it.
    desk.desk(|desk| desk.is_down = true);
    stand.approved_run().await;
    stand.world.run_jobs().await;
    assert_eq!((stand.status().as_str(), desk.effects()), ("unknown", (0, 1)));
    let other = stand.world.producer(&stand.shop.operator, "0922222222", "HTX chè Đồng Văn", "00721").await;
    let tea = stand.world.product(&stand.shop.operator, &other, "Chè Shan tuyết", (200_000, 10)).await;
    super::ready_account(&stand.world, &stand.one(), &other).await;
    stand.sold_of(&other, &tea, (1, 2)).await;
    stand.approved_run().await;
    stand.one().post("/v1/operator/outgoing/stop", json!({"reason": "Nghi ngờ"})).await.expect(200);
    desk.desk(|desk| desk.is_down = false);
    stand.looks_after(TimeDelta::minutes(10)).await;
    assert_eq!(desk.effects(), (0, 1), "nothing is sent, not even again");
    let waiting = "select string_agg(status, ' ' order by id) from outgoing_transfers";
    assert_eq!(stand.world.text(waiting), "unknown approved");
    let reasons = stand.next().await["why_not"].clone();
    assert_eq!(reasons, json!(["below_minimum", "under_way", "stopped"]));
    stand.two().post("/v1/operator/outgoing/start", json!({})).await.expect(200);
    desk.desk(|desk| desk.state = Some("SUCCEEDED"));
    stand.looks_after(TimeDelta::minutes(60)).await;
    assert_eq!((stand.world.text(waiting).as_str(), desk.effects().0), ("confirmed confirmed", 2));
    stand.world.finish().await;
    desk.stop().await;
}

#[actix_web::test]
async fn no_more_leaves_in_a_day_than_the_caps_allow() {
    let desk = PayoutDesk::start();
    let caps = [("OUTGOING_TOTAL_DAILY_VND", "250000"), ("OUTGOING_RECIPIENT_DAILY_VND", "200000")];
    let stand = Stand::in_world(desk.world(&caps).await).await;
    stand.sold(2, 1).await;
    let other = stand.world.producer(&stand.shop.operator, "0922222222", "HTX chè Đồng Văn", "00721").await;
    let tea = stand.world.product(&stand.shop.operator, &other, "Chè Shan tuyết", (100_000, 10)).await;
    super::ready_account(&stand.world, &stand.one(), &other).await;
    stand.sold_of(&other, &tea, (1, 2)).await;
    desk.desk(|desk| desk.state = Some("SUCCEEDED"));
    stand.approved_run().await;
    stand.world.run_jobs().await;
    let standing =
        "select string_agg(concat(status, ' ', amount_vnd), ', ' order by amount_vnd) from outgoing_transfers";
    let today = stand.world.text(standing);
    assert!(
        ["approved 98500, confirmed 200000", "confirmed 98500, approved 200000"].contains(&today.as_str()),
        "one of both, in parts of what one recipient may get: {today}"
    );
    stand.looks_after(TimeDelta::hours(25)).await;
    assert_eq!(stand.world.text(standing), "confirmed 98500, confirmed 200000");
    assert_eq!(stand.balance().await, 40_000, "the rest waits for more than the minimum");
    stand.world.finish().await;
    desk.stop().await;
}
