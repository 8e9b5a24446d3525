//! A file for the bank, and what the bank did with it.

use futures_util::future::join_all;
use serde_json::json;

use super::{NUMBER, ONE, Stand, TWO};
use crate::support::World;

const FILES: &str = "/v1/operator/outgoing-files";

#[actix_web::test]
async fn a_transfer_stands_in_one_file_and_an_operator_tells_its_end() {
    let stand = Stand::in_world(World::start().await).await;
    stand.sold(1, 1).await;
    stand.approved_run().await;
    let (one, two) = (stand.one(), stand.two());
    let made = join_all([one.post(FILES, json!({})), two.post(FILES, json!({}))]).await;
    let created: Vec<_> = made.iter().filter(|reply| reply.status == 201).collect();
    assert_eq!(created.len(), 1, "{} {}", made[0].text, made[1].text);
    let file = &created[0].json;
    assert_eq!((&file["transfers"], &file["total_vnd"]), (&json!(1), &json!(120_000)));
    let reference = stand.world.text("select reference from outgoing_transfers");
    let path = format!("{FILES}/{}/transfers", file["id"].as_str().expect("an id"));
    let csv = one.get(&format!("{path}.csv")).await;
    assert!(
        csv.text.contains(&format!("1,{NUMBER},VANG THI MAY,970405,Agribank,120000,OCOP {reference}")),
        "{}",
        csv.text
    );
    assert_eq!(csv.header("cache-control"), "no-store");
    for client in [&one, &two, &two] {
        assert_eq!(client.get(&format!("{path}.xlsx")).await.status, 200);
    }
    let downloads = "select string_agg('0' || right(a.phone, 9) || ' ' || (e.detail ->> 'format') || ' ' || e.object_id, ', ' order by e.id) \
        from audit_events e join accounts a on a.id = e.actor_account_id where action = 'outgoing_file.downloaded'";
    let id = file["id"].as_str().expect("an id");
    let wanted = [(ONE, "csv"), (ONE, "xlsx"), (TWO, "xlsx"), (TWO, "xlsx")];
    let wanted = wanted.map(|(who, format)| format!("{who} {format} {id}"));
    assert_eq!(stand.world.text(downloads), wanted.join(", "), "each download of each person is on record");
    assert_eq!(stand.payouts().await, ["sent 120000"]);

    let confirmed = stand.on_transfer("confirm", json!({"bank_reference": "FT26330123"})).await.expect(200);
    assert_eq!((&confirmed["status"], &confirmed["allowed_actions"]), (&json!("confirmed"), &json!(["reverse"])));
    stand.world.run_jobs().await;
    assert_eq!(stand.told(), ["payout_paid"]);
    stand.on_transfer("confirm", json!({"bank_reference": "FT2"})).await.refused(409, "outgoing.action_not_allowed");
    // It came back after all.
    stand.on_transfer("fail", json!({"reason": "Lại"})).await.refused(409, "outgoing.action_not_allowed");
    stand.on_transfer("reverse", json!({"reason": "Tài khoản đã đóng"})).await.expect(200);
    assert_eq!((stand.balance().await, stand.payouts().await), (120_000, vec!["failed 120000".to_owned()]));
    stand.world.finish().await;
}

#[actix_web::test]
async fn names_that_look_like_formulas_are_text() {
    let stand = Stand::in_world(World::start().await).await;
    stand.sold(1, 1).await;
    stand.world.database.execute(
        "set session_replication_role = replica; update bank_accounts set holder_name = '=HYPERLINK(\"http://x\")'",
    );
    stand.approved_run().await;
    let file = stand.one().post(FILES, json!({})).await.expect(201);
    let path = format!("{FILES}/{}/transfers.csv", file["id"].as_str().expect("an id"));
    let csv = stand.one().get(&path).await.text;
    assert!(csv.contains("'=HYPERLINK"), "{csv}");
    stand.world.finish().await;
}

#[actix_web::test]
async fn no_file_is_made_while_money_is_stopped() {
    let stand = Stand::in_world(World::start().await).await;
    stand.sold(1, 1).await;
    stand.approved_run().await;
    stand.one().post("/v1/operator/outgoing/stop", json!({"reason": "Nghi ngờ"})).await.expect(200);
    stand.one().post(FILES, json!({})).await.refused(409, "outgoing.stopped");
    assert_eq!(stand.status(), "approved");
    stand.world.finish().await;
}
