//! What two people correct.

use diesel::Connection;
use diesel::connection::SimpleConnection;
use futures_util::future::join;
use serde_json::{Value, json};

use super::{EXCEPTIONS, Paid, csv, exceptions, paid, send, spoilt, standing, text};
use crate::support::{Client, Reply, World};

const DECISIONS: &str = "/v1/operator/money-decisions";

fn correction(exception_id: Option<&str>, postings: &[Value]) -> Value {
    json!({"exception_id": exception_id, "postings": postings, "reason": "Theo biên bản đối soát ngày 25/11"})
}

fn of_vnpay(debit: &str, credit: &str, amount: i64) -> Value {
    json!({"debit": debit, "credit": credit, "amount_vnd": amount, "provider": "vnpay"})
}

async fn decide(client: &Client, decision: &Value, verb: &str) -> Reply {
    let body = if verb == "decline" { json!({"note": "Chưa có chứng từ"}) } else { json!({}) };
    client.post(&format!("{DECISIONS}/{}/{verb}", text(&decision["id"])), body).await
}

/// The id of the open exception of a kind.
async fn open(operator: &Client, kind: &str) -> String {
    let found = operator.get(&format!("{EXCEPTIONS}?kind={kind}")).await.expect(200);
    text(&found["data"][0]["id"])
}

struct Day {
    world: World,
    operator: Client,
    second: Client,
}

/// A day with four exceptions.
async fn day() -> Day {
    let world = World::start().await;
    let Paid { operator, dues, day, .. } = paid(&world, 120_000, 701..706).await;
    send(&operator, &day, &csv(&day, &spoilt(&dues))).await.expect(201);
    let second = world.second_operator().await;
    Day { world, operator, second }
}

#[actix_web::test]
async fn an_exception_ends_by_what_two_people_post_and_nothing_of_it_stands() {
    let Day { world, operator, second } = day().await;
    let different = open(&operator, "different_amount").await;
    // What would leave something standing is refused at once.
    let half = correction(Some(&different), &[of_vnpay("bank", "clearing", 110_000)]);
    let refused = operator.post(DECISIONS, half).await.refused(409, "reconciliation.does_not_clear");
    assert_eq!(refused["standing_vnd"], 120_000);
    let whole = correction(
        Some(&different),
        &[of_vnpay("bank", "clearing", 110_000), of_vnpay("provider_fees", "clearing", 10_000)],
    );
    let proposed = operator.post(DECISIONS, whole.clone()).await.expect(201);
    assert_eq!(standing(&world, "bank"), 357_000, "nothing is posted yet");
    // One proposal at a time.
    let again = operator.post(DECISIONS, whole).await.refused(409, "reconciliation.action_not_allowed");
    assert_eq!(again["current_status"], "proposed");
    decide(&operator, &proposed, "approve").await.refused(409, "reconciliation.same_person");
    let done = decide(&second, &proposed, "approve").await.expect(200);
    assert_eq!((&done["status"], &done["allowed_actions"]), (&json!("executed"), &json!([])));
    let books = ["bank", "provider_fees", "clearing"].map(|account| standing(&world, account));
    assert_eq!(books, [467_000, 13_000, 120_000]);
    decide(&second, &proposed, "approve").await.refused(409, "reconciliation.action_not_allowed");
    decide(&second, &proposed, "decline").await.refused(409, "reconciliation.action_not_allowed");
    let shown = operator.get(&format!("{EXCEPTIONS}/{different}")).await.expect(200);
    assert_eq!((&shown["status"], &shown["difference_vnd"]), (&json!("resolved"), &json!(-10_000)));
    // Nothing stands of what the provider has and we do not: it can be dismissed, and what is missing there cannot.
    let (extra, missing) = (open(&operator, "missing_here").await, open(&operator, "missing_there").await);
    let reason = json!({"reason": "Giao dịch của đơn vị khác"});
    let dismissal = |id: &str| format!("{EXCEPTIONS}/{id}/propose-dismissal");
    operator.post(&dismissal(&missing), reason.clone()).await.refused(409, "reconciliation.does_not_clear");
    let proposed = operator.post(&dismissal(&extra), reason).await.expect(201);
    decide(&second, &proposed, "approve").await.expect(200);
    assert_eq!(exceptions(&operator, "dismissed").await, ["missing_here null 120000"]);
    world.finish().await;
}

#[actix_web::test]
async fn who_declines_leaves_the_exception_waiting() {
    let Day { world, operator, .. } = day().await;
    let missing = open(&operator, "missing_there").await;
    let body = correction(Some(&missing), &[of_vnpay("set_aside", "clearing", 120_000)]);
    let proposed = operator.post(DECISIONS, body.clone()).await.expect(201);
    assert_eq!(exceptions(&operator, "proposed").await.len(), 1);
    // Whoever proposed may take it back.
    let declined = decide(&operator, &proposed, "decline").await.expect(200);
    assert_eq!((&declined["status"], &declined["note"]), (&json!("declined"), &json!("Chưa có chứng từ")));
    assert_eq!(exceptions(&operator, "open").await.len(), 4);
    operator.post(DECISIONS, body).await.expect(201);
    let waiting = operator.get(&format!("{DECISIONS}?status=proposed")).await.expect(200);
    assert_eq!(waiting["data"].as_array().map(Vec::len), Some(1));
    assert_eq!(world.count("select count(*) from ledger_transfers where kind = 'correction'"), 0);
    world.finish().await;
}

/// What was decided does not vanish when the provider has it after all.
#[actix_web::test]
async fn a_line_that_comes_after_a_decision_is_an_exception_that_names_it() {
    let world = World::start().await;
    let Paid { operator, dues, day, .. } = paid(&world, 120_000, 701..703).await;
    let second = world.second_operator().await;
    // Paid twice, says VNPAY; it does not stand in its list, and two people correct the other one.
    world.vnpay(&dues[0].reference, 120_000, ("00", "00", "799")).await.expect(200);
    let review = world.text("select id from payment_reviews where status = 'open'");
    let resolve = json!({"resolution": "no_money_received", "note": "Cổng xác nhận không có giao dịch"});
    operator.post(&format!("/v1/operator/payment-reviews/{review}/resolve"), resolve).await.expect(200);
    let first = super::line(&dues[0].reference, "701", 120_000);
    send(&operator, &day, &csv(&day, std::slice::from_ref(&first))).await.expect(201);
    let missing = open(&operator, "missing_there").await;
    let body = correction(Some(&missing), &[of_vnpay("set_aside", "clearing", 120_000)]);
    let proposed = operator.post(DECISIONS, body).await.expect(201);
    decide(&second, &proposed, "approve").await.expect(200);
    let books = || ["bank", "clearing", "set_aside"].map(|account| standing(&world, account));
    assert_eq!(books(), [120_000, 0, 120_000]);

    let late = [super::line(&dues[0].reference, "799", 120_000), super::line(&dues[1].reference, "702", 120_000)];
    for _ in 0..2 {
        let view = send(&operator, &day, &(csv(&day, &late) + "\n")).await;
        assert!(matches!(view.status, 200 | 201), "{}", view.text);
        world.work(ocop_market::jobs::Job::Reconcile).await.expect("looked again");
        assert_eq!(books(), [120_000, 0, 120_000], "nothing is settled that was decided");
        let found = operator.get(&format!("{EXCEPTIONS}?status=open")).await.expect(200);
        let line =
            |row: &Value| format!("{} {} {}", row["theirs_vnd"], row["after_review_id"], row["after_exception_id"]);
        let mut named: Vec<String> = found["data"].as_array().expect("rows").iter().map(line).collect();
        named.sort();
        let mut expected = [format!("120000 \"{review}\" null"), format!("120000 null \"{missing}\"")];
        expected.sort();
        assert_eq!(named, expected);
    }
    world.finish().await;
}

#[actix_web::test]
async fn of_yes_and_no_at_once_one_is_heard() {
    let Day { world, operator, second } = day().await;
    let missing = open(&operator, "missing_there").await;
    let body = correction(Some(&missing), &[of_vnpay("set_aside", "clearing", 120_000)]);
    let proposed = operator.post(DECISIONS, body).await.expect(201);
    let (yes, no) = join(decide(&second, &proposed, "approve"), decide(&operator, &proposed, "decline")).await;
    let mut statuses = [yes.status, no.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "{} {}", yes.text, no.text);
    let posted = world.count("select count(*) from ledger_transfers where kind = 'correction'");
    assert_eq!(posted, i64::from(yes.status == 200));
    world.finish().await;
}

#[actix_web::test]
async fn a_correction_is_taken_back_once_by_two_people() {
    let Day { world, operator, second } = day().await;
    let body = correction(None, &[json!({"debit": "carriage", "credit": "bank", "amount_vnd": 7_000})]);
    let proposed = operator.post(DECISIONS, body).await.expect(201);
    decide(&second, &proposed, "approve").await.expect(200);
    let before = standing(&world, "bank");
    let transfer = world.text("select id from ledger_transfers where kind = 'correction'");
    let path = |id: &str| format!("/v1/operator/ledger/transfers/{id}/propose-reversal");
    let reason = || json!({"reason": "Ghi nhầm"});
    let back = operator.post(&path(&transfer), reason()).await.expect(201);
    second.post(&path(&transfer), reason()).await.refused(409, "reconciliation.already_proposed");
    decide(&operator, &back, "approve").await.refused(409, "reconciliation.same_person");
    decide(&second, &back, "approve").await.expect(200);
    assert_eq!(standing(&world, "bank"), before + 7_000);
    operator.post(&path(&transfer), reason()).await.refused(409, "reconciliation.already_proposed");
    let mirror = world.text("select id from ledger_transfers where kind = 'reversal'");
    operator.post(&path(&mirror), reason()).await.refused(409, "ledger.is_reversal");
    let capture = world.text("select min(id::text) from ledger_transfers where kind = 'capture'");
    operator.post(&path(&capture), reason()).await.refused(409, "reconciliation.not_reversible");
    operator.post(&path("01938000-0000-7000-8000-000000000000"), reason()).await.refused(404, "not_found");
    world.finish().await;
}

#[actix_web::test]
async fn a_posting_that_is_none_is_refused_with_every_fault() {
    let world = World::start().await;
    let operator = world.operator().await;
    let wrong = [
        json!({"debit": "bank", "credit": "bank", "amount_vnd": 1}),
        json!({"debit": "producer", "credit": "clearing", "amount_vnd": 1}),
    ];
    let fault = operator.post(DECISIONS, correction(None, &wrong)).await.refused(422, "invalid_input");
    let named: Vec<&str> =
        fault["errors"].as_array().expect("faults").iter().filter_map(|f| f["pointer"].as_str()).collect();
    assert_eq!(named, ["/postings/0/credit", "/postings/1/provider", "/postings/1/producer_id"]);
    for (account, amount) in [("orders", 1), ("suspense", 1), ("vat", 1), ("bank", 0), ("bank", -1)] {
        let body = correction(None, &[json!({"debit": "carriage", "credit": account, "amount_vnd": amount})]);
        operator.post(DECISIONS, body).await.refused(422, "invalid_input");
    }
    operator.post(DECISIONS, correction(None, &[])).await.refused(422, "invalid_input");
    let nobody = json!({"debit": "bank", "credit": "producer", "amount_vnd": 1,
                        "producer_id": "01938000-0000-7000-8000-000000000000"});
    operator.post(DECISIONS, correction(None, &[nobody])).await.refused(422, "invalid_input");
    assert_eq!(world.count("select count(*) from money_decisions"), 0);
    world.finish().await;
}

/// Attacks as the application's own role, and what the database says.
#[actix_web::test]
async fn the_database_refuses_what_one_person_decides() {
    let Day { world, operator, .. } = day().await;
    let body = correction(None, &[json!({"debit": "carriage", "credit": "bank", "amount_vnd": 7_000})]);
    operator.post(DECISIONS, body).await.expect(201);
    let mut app = diesel::PgConnection::establish(&world.database.app_url).expect("a connection as the application");
    for (role, attack, why) in [
        (
            "system",
            "update money_decisions set status = 'executed', decided_by = proposed_by, decided_at = now()",
            "two_people",
        ),
        ("system", "update money_decisions set status = 'executed', decided_at = now()", "decided_check"),
        ("system", "update money_decisions set reason = 'x'", "permission denied"),
        ("system", "update money_decisions set proposed_by = decided_by", "permission denied"),
        (
            "system",
            "update money_decisions set note = 'x' where status = 'proposed'; update money_decisions set status = 'declined', \
            decided_by = proposed_by, decided_at = now(); update money_decisions set status = 'proposed', decided_by = null, \
            decided_at = null",
            "made once",
        ),
        ("system", "delete from money_decisions", "permission denied"),
        ("system", "update money_decision_postings set amount_vnd = 1", "permission denied"),
        ("system", "delete from settlement_lines", "permission denied"),
        ("system", "update settlement_files set content = ''", "permission denied"),
        ("system", "update settlement_matches set credit_id = null", "permission denied"),
        ("system", "update reconciliation_exceptions set ours_vnd = 1", "permission denied"),
        ("system", "update reconciliation_exceptions set status = 'resolved'", "ended_check"),
        (
            "system",
            "insert into settlement_matches select l.id, m.credit_id, null, now() from settlement_lines l, settlement_matches m \
            where l.id not in (select line_id from settlement_matches) limit 1",
            "credit_key",
        ),
        ("producer", "insert into settlement_matches select id, null, null, now() from settlement_lines", "0 rows"),
        (
            "buyer",
            "insert into money_decisions (id, kind, reason, status, proposed_by, proposed_at) select gen_random_uuid(), \
            'correction', 'x', 'proposed', gen_random_uuid(), now()",
            "row-level security",
        ),
    ] {
        let refused = app.batch_execute(&format!("begin; select set_config('app.role', '{role}', true); {attack}"));
        match refused {
            Err(error) => assert!(error.to_string().contains(why), "{attack}: {error}"),
            // Nobody's rows are seen, so none is taken.
            Ok(()) => assert_eq!(why, "0 rows", "{attack} went through"),
        }
        app.batch_execute("rollback").expect("an end");
    }
    world.finish().await;
}
