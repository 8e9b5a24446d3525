//! Bank accounts of producers, and transfers out of our bank account.

use serde_json::json;

use super::machine::Machine;
use super::{Actor, refused_everywhere, rows, verb};
use crate::payouts::{Stand, approval};
use crate::support::World;
use crate::support::principals::Watch;

const ACCOUNTS: &str = include_str!("../../../src/outgoing/accounts/machine.txt");
const TRANSFERS: &str = include_str!("../../../src/outgoing/transfers/machine.txt");

/// What operators do with one transfer: a batch is approved, and a file sends, as a whole.
fn of_one(machine: &str) -> String {
    let is_of_one = |line: &&str| !line.contains("--approve-->") && !line.contains("--send-->");
    machine.lines().filter(is_of_one).map(|line| format!("{line}\n")).collect()
}

#[actix_web::test]
async fn a_bank_account_does_only_what_its_status_allows() {
    let stand = Stand::in_world(World::start().await).await;
    let base = format!("/v1/operator/bank-accounts/{}", stand.world.text("select id from bank_accounts"));
    let why = || json!({"reason": "Trùng tên"});
    let routes = vec![verb(&base, "verify", why()), verb(&base, "reject", why())];
    let actors = [Actor { shown_at: None, ..Actor::new("operator", &stand.one(), &base, routes) }];
    let place = |status: &str| {
        format!(
            "set session_replication_role = replica; update bank_accounts set status = '{status}', decided_at = now(), \
             decided_by = (select account_id from role_grants where role = 'operator' limit 1), reason = 'Trùng tên', \
             ended_at = case when '{status}' in ('rejected', 'replaced') then now() end"
        )
    };
    let code: super::Code = |_, _, _, _| "outgoing.account_action_not_allowed";
    let asked = refused_everywhere(&stand.world, &Machine::read(ACCOUNTS), code, &actors, place).await;
    assert_eq!(asked, 4 * 2 - 3);
    stand.world.close().await;
}

#[actix_web::test]
async fn a_transfer_does_only_what_its_status_and_its_rail_allow() {
    let stand = Stand::in_world(World::start().await).await;
    stand.sold(1, 1).await;
    let run = stand.approved_run().await;
    let base = format!("/v1/operator/outgoing-transfers/{}", stand.transfer());
    let operator = stand.one();
    let why = || json!({"reason": "Đang kiểm tra"});
    let routes = || {
        vec![
            verb(&base, "hold", why()),
            verb(&base, "release", json!({})),
            verb(&base, "cancel", why()),
            verb(&base, "confirm", json!({"bank_reference": "FT1"})),
            verb(&base, "fail", why()),
            verb(&base, "reverse", why()),
        ]
    };
    let machine = Machine::read(&of_one(TRANSFERS));
    let code: super::Code = |_, _, _, _| "outgoing.action_not_allowed";
    // payOS tells the end of what it has, unless it says nothing.
    let by_payos: fn(&str, &str) -> bool = |status, event| match event {
        "confirm" | "fail" => status == "sent",
        event => event == "reverse",
    };
    let by_nobody: fn(&str, &str) -> bool = |_, _| false;
    for (rail, lacks, refused) in [("bank_file", by_nobody, 6 * 8 - 11), ("payos", by_payos, 6 * 8 - 8)] {
        let place = |status: &str| placed(status, rail);
        let actors = [Actor { lacks, ..Actor::new("operator", &operator, &base, routes()) }];
        let asked = refused_everywhere(&stand.world, &machine, code, &actors, place).await;
        assert_eq!(asked, refused, "{rail}");
    }
    // Its batch has nothing to approve but what waits for that.
    let mut watch = Watch::new(&stand.world);
    for status in machine.statuses().iter().filter(|status| *status != "requested") {
        stand.world.database.execute(&placed(status, "bank_file"));
        let before = rows(&mut watch);
        operator.post(&approval(&run), json!({})).await.refused(409, "outgoing.nothing_to_approve");
        assert_eq!(rows(&mut watch), before, "{status}");
    }
    stand.world.close().await;
}

fn placed(status: &str, rail: &str) -> String {
    let sent = ["sent", "unknown", "confirmed", "failed"].contains(&status);
    let ended = ["confirmed", "failed", "cancelled"].contains(&status);
    format!(
        "set session_replication_role = replica; update outgoing_transfers set status = '{status}', rail = '{rail}', \
         reason = 'x', sent_at = case when {sent} then now() end, sent_on = case when {sent} then current_date end, \
         ended_at = case when {ended} then now() end"
    )
}
