//! Transfers of which nobody knows what became of them.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{ONE, Stand, TWO};
use crate::support::World;
use crate::support::payout_desk::PayoutDesk;

const OVERDUE: &str = "/v1/operator/outgoing-transfers?overdue=true";

impl Stand {
    /// How many transfers call people, by the list, the overview and the figures; and how many notices of it there are.
    async fn alarms(&self) -> [i64; 4] {
        let listed = self.one().get(OVERDUE).await.expect(200)["data"].as_array().map_or(0, Vec::len);
        let waiting = self.one().get("/v1/operator/waiting-money").await.expect(200);
        let line = waiting["data"].as_array().expect("lines").iter().find(|line| line["kind"] == "transfer_sent");
        let waits = line.map_or(0, |line| line["alarms"].as_i64().expect("a number"));
        let figures = self.world.visitor().get("/metrics").await.text;
        let gauge = figures.lines().find_map(|line| line.strip_prefix("outgoing_transfers_overdue "));
        let told = self.world.count("select count(*) from notices where topic = 'transfer_overdue'");
        [i64::try_from(listed).expect("few"), waits, gauge.expect("a figure").parse().expect("a number"), told]
    }
}

#[actix_web::test]
async fn a_bank_file_without_an_answer_calls_every_operator_once_after_three_days() {
    let stand = Stand::in_world(World::start().await).await;
    stand.sold(1, 1).await;
    stand.approved_run().await;
    stand.one().post("/v1/operator/outgoing-files", json!({})).await.expect(201);
    stand.looks_after(TimeDelta::hours(71)).await;
    assert_eq!(stand.alarms().await, [0; 4]);
    stand.looks_after(TimeDelta::hours(1)).await;
    assert_eq!(stand.alarms().await, [1, 1, 1, 2]);
    stand.looks_after(TimeDelta::hours(100)).await;
    assert_eq!(stand.alarms().await, [1, 1, 1, 2], "each hears of it once");
    for phone in [ONE, TWO] {
        let inbox = stand.live(phone, "operator").get("/v1/auth/notices").await.expect(200);
        let told = &inbox["data"][0];
        assert_eq!(told["topic"], "transfer_overdue", "{inbox}");
        let reference = stand.world.text("select reference from outgoing_transfers");
        assert!(told["text"].as_str().expect("words").contains(&format!("{reference}, 120.000 đ")), "{told}");
    }
    let shown = stand.one().get("/v1/operator/waiting-money").await.expect(200);
    let line = &shown["data"][0];
    assert_eq!(
        (&line["kind"], &line["number"], &line["amount_vnd"]),
        (&json!("transfer_sent"), &json!(1), &json!(120_000))
    );
    let sent = stand.one().get(OVERDUE).await.expect(200)["data"][0].clone();
    assert_eq!(line["waits_since"], sent["sent_at"], "since when it waits");
    assert_ne!(sent["alarmed_at"], Value::Null);

    stand.on_transfer("confirm", json!({"bank_reference": "FT26330123"})).await.expect(200);
    assert_eq!(stand.alarms().await, [0, 0, 0, 2], "it is over when its end is known");
    stand.world.finish().await;
}

#[actix_web::test]
async fn payos_is_to_say_within_a_day() {
    let desk = PayoutDesk::start();
    let stand = Stand::in_world(desk.world(&[]).await).await;
    stand.sold(1, 1).await;
    desk.desk(|desk| desk.loses_next_answer = true);
    stand.approved_run().await;
    stand.world.run_jobs().await;
    desk.desk(|desk| desk.is_down = true);
    stand.looks_after(TimeDelta::hours(23)).await;
    assert_eq!((stand.status().as_str(), stand.alarms().await), ("unknown", [0; 4]));
    stand.looks_after(TimeDelta::hours(1)).await;
    assert_eq!(stand.alarms().await, [1, 1, 1, 2]);
    desk.desk(|desk| desk.is_down = false);
    desk.settle("SUCCEEDED");
    stand.looks_after(TimeDelta::hours(1)).await;
    assert_eq!((stand.status().as_str(), stand.alarms().await), ("confirmed", [0, 0, 0, 2]));
    stand.world.finish().await;
    desk.stop().await;
}
