//! When producers are paid, how much, and why not.

use chrono::NaiveDate;
use futures_util::future::join_all;
use ocop_market::jobs::Job;
use ocop_market::kernel::Actor;
use serde_json::json;

use super::{HOUSEHOLD, PRICE, Stand, account, late_refund};
use crate::support::World;

async fn stand() -> Stand {
    Stand::in_world(World::start().await).await
}

fn week(day: &str) -> Job {
    let week_on: NaiveDate = day.parse().expect("a day");
    Job::RunPayouts { week_on, after: None }
}

///
#[actix_web::test]
async fn one_balance_is_paid_once_by_twenty_runs_at_once() {
    let stand = stand().await;
    stand.sold(1, 1).await;
    let operator = stand.one();
    let runs = join_all((0..20).map(|_| operator.post("/v1/operator/payout-runs", json!({})))).await;
    let made = runs.iter().filter(|reply| reply.status == 201).count();
    assert_eq!(made, 1, "{:?}", runs.iter().map(|reply| &reply.text).collect::<Vec<_>>());
    for lost in runs.iter().filter(|reply| reply.status != 201) {
        assert!(lost.status == 409 || lost.status == 503, "{}", lost.text);
    }
    assert_eq!(stand.posted(), ["payout producer→payouts_in_transit 120000"]);
    assert_eq!(stand.balance().await, 0);
    stand.world.finish().await;
}

#[actix_web::test]
async fn the_run_of_a_week_happens_once_and_tells_whose_money_waits() {
    let stand = stand().await;
    stand.sold(1, 1).await;
    let other = stand.world.producer(&stand.shop.operator, "0922222222", "HTX chè Đồng Văn", "00721").await;
    let tea = stand.world.product(&stand.shop.operator, &other, "Chè Shan tuyết", (200_000, 10)).await;
    stand.sold_of(&other, &tea, (1, 2)).await;
    for _ in 0..2 {
        stand.world.work(week("2026-12-01")).await.expect("run");
    }
    assert_eq!(stand.world.count("select count(*) from payout_runs"), 1);
    assert_eq!(stand.payouts().await, ["closed 120000"]);
    assert_eq!(stand.told(), ["payout_waits"], "one has no account, and hears so once");
    // What the platform made needs two persons as well.
    let run = stand.world.text("select id from payout_runs");
    let looked = stand.one().post(&super::approval(&run), json!({})).await.expect(200);
    assert_eq!((looked["made_by"].is_string(), &looked["approved_by"]), (true, &json!(null)));
    assert_eq!(stand.status(), "requested");
    stand.one().post(&super::approval(&run), json!({})).await.refused(409, "outgoing.second_person");
    stand.two().post(&super::approval(&run), json!({})).await.expect(200);
    assert_eq!(stand.status(), "approved");
    // The week after, what was sold since waits for what is on its way.
    stand.sold(1, 3).await;
    stand.world.work(week("2026-12-08")).await.expect("run");
    assert_eq!(stand.payouts().await, ["approved 120000"]);
    assert_eq!(stand.world.count("select count(*) from jobs where kind = 'run_payouts'"), 1, "the next one is planned");
    stand.world.finish().await;
}

/// A step of the run that comes late must not slip under what one of the two has looked at.
#[actix_web::test]
async fn what_joins_a_run_after_somebody_has_looked_is_looked_at_by_itself() {
    let stand = stand().await;
    stand.sold(1, 1).await;
    stand.world.work(week("2026-12-01")).await.expect("the first step");
    let run = stand.world.text("select id from payout_runs");
    stand.one().post(&super::approval(&run), json!({})).await.expect(200);
    let other = stand.world.producer(&stand.one(), "0922222222", "HTX chè Đồng Văn", "00721").await;
    let tea = stand.world.product(&stand.one(), &other, "Chè Shan tuyết", (200_000, 10)).await;
    super::ready_account(&stand.world, &stand.one(), &other).await;
    stand.sold_of(&other, &tea, (1, 2)).await;
    let next = Job::RunPayouts { week_on: "2026-12-01".parse().expect("a day"), after: Some(uuid::Uuid::nil()) };
    stand.world.work(next).await.expect("a later step");
    stand.two().post(&super::approval(&run), json!({})).await.expect(200);
    let (own, late) = ("select count(*) from outgoing_transfers where status = 'approved'", stand.status());
    assert_eq!((stand.world.count(own), late.as_str()), (1, "requested"));
    let late = stand.world.text("select batch_id from outgoing_transfers where status = 'requested'");
    stand.two().post(&super::approval(&late), json!({})).await.expect(200);
    stand.two().post(&super::approval(&late), json!({})).await.refused(409, "outgoing.second_person");
    stand.one().post(&super::approval(&late), json!({})).await.expect(200);
    assert_eq!(stand.status(), "approved");
    stand.world.finish().await;
}

#[actix_web::test]
async fn a_debt_is_taken_from_what_is_sold_next() {
    let stand = stand().await;
    let order = stand.sold(1, 1).await;
    let run = stand.approved_run().await;
    assert_eq!(stand.status(), "approved", "{run}");
    // The order is refunded in part after it was paid out.
    let refund = late_refund(&order, &stand.shop.producer.id, 50_000);
    stand.world.app.db.write(&Actor::PLATFORM, refund).await.expect("a late refund");
    assert_eq!(stand.balance().await, -50_000);
    let next = stand.next().await;
    assert_eq!((&next["balance_vnd"], &next["amount_vnd"]), (&json!(-50_000), &json!(0)));
    assert_eq!(next["why_not"], json!(["debt", "under_way"]));
    stand.sold(1, 2).await;
    assert_eq!(stand.next().await["amount_vnd"], PRICE - 50_000);
    stand.world.close().await;
}

#[actix_web::test]
async fn a_household_reads_what_stands_between_it_and_its_money() {
    let world = World::start().await;
    let shop = world.shop(40_000, 100).await;
    world.second_operator().await;
    let stand = Stand { world, shop };
    let reasons = async || stand.next().await["why_not"].clone();
    assert_eq!(reasons().await, json!(["no_account", "below_minimum"]));
    stand.household().put("/v1/producer/bank-account", account(super::NUMBER)).await.expect(200);
    assert_eq!(reasons().await, json!(["account_unverified", "account_waits", "below_minimum"]));
    super::ready_account(&stand.world, &stand.one(), &stand.shop.producer).await;
    assert_eq!(reasons().await, json!(["below_minimum"]));
    stand.sold(1, 1).await;
    assert_eq!(reasons().await, json!(["below_minimum"]));
    stand.run().await.refused(409, "payouts.nothing_due");
    stand.sold(1, 2).await;
    let next = stand.next().await;
    assert_eq!((&next["is_ready"], &next["why_not"], &next["minimum_vnd"]), (&json!(true), &json!([]), &json!(50_000)));
    stand.run().await.expect(201);
    stand.on_transfer("hold", json!({"reason": "Đang kiểm tra"})).await.expect(200);
    assert_eq!(reasons().await, json!(["below_minimum", "on_hold"]));
    let shown = stand.household().get("/v1/producer/payouts").await.expect(200);
    assert_eq!(
        (&shown["data"][0]["status"], &shown["data"][0]["reason"]),
        (&json!("on_hold"), &json!("Đang kiểm tra"))
    );
    stand.world.finish().await;
}

#[actix_web::test]
async fn what_is_held_waits_to_be_approved_again_and_what_is_cancelled_comes_back() {
    let stand = stand().await;
    stand.sold(1, 1).await;
    let run = stand.approved_run().await;
    stand.on_transfer("hold", json!({"reason": "Đang kiểm tra"})).await.expect(200);
    stand.two().post(&super::approval(&run), json!({})).await.refused(409, "outgoing.nothing_to_approve");
    stand.on_transfer("release", json!({})).await.expect(200);
    assert_eq!(stand.status(), "requested");
    stand.one().post(&super::approval(&run), json!({})).await.refused(409, "outgoing.second_person");
    stand.two().post(&super::approval(&run), json!({})).await.expect(200);
    // Who released it does not approve it, though he did not make the run.
    stand.on_transfer("hold", json!({"reason": "Đang kiểm tra"})).await.expect(200);
    let transfer = stand.world.text("select id from outgoing_transfers");
    let path = format!("/v1/operator/outgoing-transfers/{transfer}/release");
    stand.two().post(&path, json!({})).await.expect(200);
    stand.two().post(&super::approval(&run), json!({})).await.refused(409, "outgoing.second_person");
    stand.world.third_operator().await.post(&super::approval(&run), json!({})).await.expect(200);
    stand.on_transfer("cancel", json!({"reason": "Sai tài khoản"})).await.expect(200);
    stand.world.run_jobs().await;
    assert_eq!((stand.balance().await, stand.payouts().await), (PRICE, vec!["rejected 120000".to_owned()]));
    assert_eq!(stand.told(), ["payout_failed"]);
    let refused =
        stand.on_transfer("hold", json!({"reason": "Thêm"})).await.refused(409, "outgoing.action_not_allowed");
    assert_eq!((&refused["current_status"], &refused["allowed_actions"]), (&json!("cancelled"), &json!([])));
    stand.world.finish().await;
}

///
#[actix_web::test]
async fn a_payout_is_approved_or_cancelled_and_never_both() {
    let stand = stand().await;
    for round in 0..12 {
        stand.sold(1, 10 + round).await;
        let run = stand.run().await.expect(201)["id"].as_str().expect("an id").to_owned();
        let (one, two) = (stand.one(), stand.two());
        let (cancel, approve) =
            (format!("/v1/operator/outgoing-transfers/{}/cancel", stand.transfer()), super::approval(&run));
        let (cancelled, approved) =
            futures_util::join!(one.post(&cancel, json!({"reason": "Sai"})), two.post(&approve, json!({})));
        assert!(cancelled.status == 200, "what is approved can still be cancelled: {}", cancelled.text);
        assert!(approved.status == 200 || approved.json["code"] == "outgoing.nothing_to_approve", "{}", approved.text);
        assert_eq!(stand.status(), "cancelled");
        assert_eq!(stand.balance().await, PRICE * (round + 1), "the money is there again, once");
        let steps = format!(
            "select string_agg(event, ' ' order by id) from outgoing_events where transfer_id = '{}'",
            stand.transfer()
        );
        let steps = stand.world.text(&steps);
        assert!(["request cancel", "request approve cancel"].contains(&steps.as_str()), "{steps}");
    }
    assert_eq!(
        stand.live(HOUSEHOLD, "producer").get("/v1/producer/payouts").await.expect(200)["data"][11]["status"],
        "rejected"
    );
    stand.world.finish().await;
}
