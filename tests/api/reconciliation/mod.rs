//! What providers say of a day against what we know.

mod decisions;
mod nightly;
mod rules;

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use ocop_market::jobs::Job;
use reqwest::Method;
use rust_xlsxwriter::Workbook;
use serde_json::{Value, json};
use sha2::Digest as _;

use crate::support::money::{CONFIRMED, Due};
use crate::support::photos::{Got, got};
use crate::support::{Client, Product, Reply, World};

const FILES: &str = "/v1/operator/settlement-files";
const EXCEPTIONS: &str = "/v1/operator/reconciliation-exceptions";
const BUYER: &str = "0933333333";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// The names of VNPAY's columns before anybody has configured others.
const COLUMNS: [&str; 7] =
    ["Mã tham chiếu", "Mã giao dịch", "Số tiền", "Phí", "Thời gian giao dịch", "Trạng thái", "Loại giao dịch"];

/// Ids for whoever needs one row of each.
pub struct Reconciled {
    pub file: String,
    pub exception: String,
    pub decision: String,
}

/// A file with a line that we do not know, and a decision that waits.
pub async fn one_of_each(world: &World, operator: &Client) -> Reconciled {
    let day = today(world);
    let file = send(operator, &day, &csv(&day, &[line("HG9", "999", 5_000)])).await.expect(201);
    let found = operator.get(&format!("{EXCEPTIONS}?status=open")).await.expect(200);
    let posting = json!({"debit": "carriage", "credit": "bank", "amount_vnd": 1000});
    let correction = json!({"postings": [posting], "reason": "Trả tiền vận chuyển"});
    let decision = operator.post("/v1/operator/money-decisions", correction).await.expect(201);
    Reconciled { file: text(&file["id"]), exception: text(&found["data"][0]["id"]), decision: text(&decision["id"]) }
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// The day that it is in Vietnam.
fn today(world: &World) -> String {
    ocop_market::kernel::time::vietnam_day(world.app.db.clock.now()).to_string()
}

/// A line of VNPAY's file: our reference, its number, the amount, the fee, and which way it went.
#[derive(Clone)]
struct Told {
    reference: String,
    number: String,
    amount: i64,
    fee: i64,
    kind: &'static str,
}

fn line(reference: &str, number: &str, amount: i64) -> Told {
    Told { reference: reference.to_owned(), number: number.to_owned(), amount, fee: 0, kind: "Thanh toán" }
}

fn cells(day: &str, told: &Told) -> [String; 7] {
    let parts: Vec<&str> = day.split('-').rev().collect();
    let Told { reference, number, amount, fee, kind } = told;
    let time = format!("{} 10:00:00", parts.join("/"));
    [
        reference.clone(),
        number.clone(),
        amount.to_string(),
        fee.to_string(),
        time,
        "Thành công".to_owned(),
        (*kind).to_owned(),
    ]
}

fn csv(day: &str, lines: &[Told]) -> String {
    let rows = lines.iter().map(|line| cells(day, line).join(","));
    [COLUMNS.join(",")].into_iter().chain(rows).map(|row| row + "\n").collect()
}

fn xlsx(day: &str, lines: &[Told]) -> Vec<u8> {
    let mut book = Workbook::new();
    let page = book.add_worksheet();
    for (column, name) in (0..).zip(COLUMNS) {
        page.write(0, column, name).expect("a name");
    }
    for (row, line) in (1..).zip(lines) {
        for (column, cell) in (0..).zip(cells(day, line)) {
            match cell.parse::<f64>() {
                Ok(number) => page.write(row, column, number).expect("a number"),
                Err(_) => page.write(row, column, cell).expect("a text"),
            };
        }
    }
    book.save_to_buffer().expect("a sheet")
}

async fn send(operator: &Client, day: &str, text: &str) -> Reply {
    send_of(operator, "vnpay", day, text).await
}

async fn send_of(operator: &Client, provider: &str, day: &str, text: &str) -> Reply {
    let path = format!("{FILES}?provider={provider}&settled_on={day}");
    operator.send(Method::POST, &path, &[("content-type", "text/csv")], Some(text.to_owned())).await
}

async fn send_bytes(world: &World, operator: &Client, day: &str, kind: &str, bytes: Vec<u8>) -> Got {
    let path = format!("{}{FILES}?provider=vnpay&settled_on={day}", world.base);
    got(operator, world.http.post(path).header("content-type", kind).body(bytes)).await
}

/// Exceptions as `kind ours theirs`, sorted.
async fn exceptions(operator: &Client, status: &str) -> Vec<String> {
    let found = operator.get(&format!("{EXCEPTIONS}?status={status}&limit=100")).await.expect(200);
    let rows = found["data"].as_array().expect("rows");
    let mut rows: Vec<String> =
        rows.iter().map(|row| format!("{} {} {}", text(&row["kind"]), row["ours_vnd"], row["theirs_vnd"])).collect();
    rows.sort();
    rows
}

/// What stands in an account of the books.
fn standing(world: &World, account: &str) -> i64 {
    world.count(&format!(
        "select coalesce(sum(case when debit = '{account}' then amount_vnd else -amount_vnd end), 0)::bigint \
         from ledger_transfers where '{account}' in (debit, credit)"
    ))
}

/// Purchases that VNPAY has brought, and the day on which they moved.
struct Paid {
    operator: Client,
    buyer: Client,
    product: Product,
    dues: Vec<Due>,
    day: String,
}

/// Purchases that VNPAY has brought, each with its number, and the day on which they moved.
async fn paid(world: &World, prices: i64, numbers: std::ops::Range<u32>) -> Paid {
    let shop = world.shop(prices, 100).await;
    let buyer = world.buyer(BUYER).await;
    let mut dues = Vec::new();
    for number in numbers {
        let due = world.due(&buyer, &shop.product, 1, "vnpay").await;
        assert_eq!(world.vnpay(&due.reference, due.total, ("00", "00", &number.to_string())).await.text, CONFIRMED);
        dues.push(due);
    }
    let day = world.text(
        "select distinct (coalesce(moved_at, received_at) at time zone 'UTC' + interval '7 hours')::date from payment_credits",
    );
    Paid { operator: shop.operator, buyer, product: shop.product, dues, day }
}

/// The second is missing, the third has another amount, the fourth stands twice, and one is nobody's.
fn spoilt(dues: &[Due]) -> Vec<Told> {
    let line = |place: usize| Told {
        fee: 1_000,
        ..line(&dues[place].reference, &(701 + place).to_string(), dues[place].total)
    };
    let different = Told { amount: dues[2].total - 10_000, ..line(2) };
    let extra = Told { reference: "HG0000004".to_owned(), number: "799".to_owned(), ..line(0) };
    vec![line(0), different, line(3), line(3), line(4), extra]
}

const FOUR: [&str; 4] =
    ["different_amount 120000 110000", "double null 120000", "missing_here null 120000", "missing_there 120000 null"];

#[actix_web::test]
async fn one_missing_one_extra_one_different_and_one_double_line_are_four_exceptions() {
    for kind in ["text/csv", XLSX] {
        let world = World::start().await;
        let Paid { operator, dues, day, .. } = paid(&world, 120_000, 701..706).await;
        let lines = spoilt(&dues);
        let bytes = if kind == XLSX { xlsx(&day, &lines) } else { csv(&day, &lines).into_bytes() };
        let sent = send_bytes(&world, &operator, &day, kind, bytes.clone()).await;
        let view = sent.json();
        assert_eq!(sent.status, 201, "{view}");
        let sums = json!([
            view["lines"],
            view["matched"],
            view["repeated"],
            view["exceptions"],
            view["paid_vnd"],
            view["fees_vnd"]
        ]);
        assert_eq!(sums, json!([6, 3, 0, 4, 360_000, 3_000]), "{kind}");
        assert_eq!(exceptions(&operator, "open").await, FOUR);
        // What agrees has left clearing: the bank has it less the fees, and what does not agree stands.
        let books = ["bank", "provider_fees", "clearing"].map(|account| standing(&world, account));
        assert_eq!(books, [357_000, 3_000, 240_000]);
        // The same file again is the same file.
        let again = send_bytes(&world, &operator, &day, kind, bytes.clone()).await;
        assert_eq!((again.status, &again.json()), (200, &view));
        assert_eq!(exceptions(&operator, "open").await.len(), 4);
        assert_eq!(world.count("select count(*) from settlement_files"), 1);
        // It is kept byte for byte, with its hash.
        let id = text(&view["id"]);
        assert_eq!(sent.header("location"), format!("{FILES}/{id}"));
        let kept = got(&operator, world.http.get(format!("{}{FILES}/{id}/content", world.base))).await;
        assert_eq!((kept.status, kept.bytes), (200, bytes.clone()));
        assert_eq!(view["sha256"], hex::encode(sha2::Sha256::digest(&bytes)));
        world.finish().await;
    }
}

#[actix_web::test]
async fn what_a_later_file_brings_right_is_no_exception_any_more() {
    let world = World::start().await;
    let Paid { operator, dues, day, .. } = paid(&world, 120_000, 701..706).await;
    send(&operator, &day, &csv(&day, &spoilt(&dues))).await.expect(201);
    let fee = |told: Told| Told { fee: 1_000, ..told };
    let whole: Vec<Told> =
        (701..).zip(&dues).map(|(n, due)| fee(line(&due.reference, &n.to_string(), due.total))).collect();
    let view = send(&operator, &day, &csv(&day, &whole)).await.expect(201);
    let sums = json!([view["matched"], view["repeated"], view["exceptions"], view["paid_vnd"]]);
    assert_eq!(sums, json!([2, 3, 0, 240_000]), "{view}");
    assert_eq!(exceptions(&operator, "resolved").await, [FOUR[0], FOUR[3]]);
    assert_eq!(exceptions(&operator, "open").await, [FOUR[1], FOUR[2]]);
    let books = ["bank", "provider_fees", "clearing"].map(|account| standing(&world, account));
    assert_eq!(books, [595_000, 5_000, 0]);
    // Paid out once more on another day: that is twice.
    let next = today(&world);
    if next != day {
        let twice = send(&operator, &next, &csv(&day, &whole[..1])).await.expect(201);
        assert_eq!((&twice["matched"], &twice["exceptions"]), (&json!(0), &json!(1)));
        assert_eq!(exceptions(&operator, "open").await, [FOUR[1], FOUR[1], FOUR[2]]);
    }
    world.finish().await;
}

#[actix_web::test]
async fn a_refund_that_the_provider_kept_is_settled_too() {
    let world = World::start().await;
    let Paid { operator, buyer, dues, day, .. } = paid(&world, 120_000, 701..703).await;
    let cancel = format!("/v1/buyer/orders/{}/cancel", dues[0].order_id());
    buyer.post(&cancel, json!({"reason": "Đặt nhầm"})).await.expect(200);
    world.run_jobs().await;
    let review = world.text("select id from payment_reviews where kind = 'refund_due'");
    let resolve = json!({"resolution": "refunded_by_hand", "note": "Đã trả qua cổng"});
    operator.post(&format!("/v1/operator/payment-reviews/{review}/resolve"), resolve).await.expect(200);
    let refund = Told { kind: "Hoàn tiền", ..line(&dues[0].reference, "801", 120_000) };
    let payments: Vec<Told> =
        (701..).zip(&dues).map(|(n, due)| line(&due.reference, &n.to_string(), due.total)).collect();
    send(&operator, &day, &csv(&day, &payments)).await.expect(201);
    let now = today(&world);
    let view = send(&operator, &now, &csv(&now, std::slice::from_ref(&refund))).await.expect(201);
    let expected_matches = json!([view["matched"], view["refunded_vnd"]]);
    assert_eq!(expected_matches, json!([1, 120_000]), "{view}");
    assert_eq!([standing(&world, "bank"), standing(&world, "clearing")], [120_000, 0]);
    // Once more it is one that we did not send.
    let more = Told { number: "802".to_owned(), ..refund };
    send(&operator, &now, &csv(&now, &[more])).await.expect(201);
    assert_eq!(exceptions(&operator, "open").await, ["missing_here null 120000"]);
    world.finish().await;
}

/// What a person paid back by hand stands in the bank's statement under the bank's number, or with our reference in its text.
#[actix_web::test]
async fn a_line_that_pays_a_refund_by_hand_is_no_exception() {
    let world = World::start().await;
    let shop = world.shop(120_000, 100).await;
    let buyer = world.buyer(BUYER).await;
    let rules = json!({"reference": "Nội dung", "reference_is_text": true, "transaction": "Số", "amount": "Có", "amount_unit": "dong",
        "outgoing": "Nợ", "skips_without_amount": false, "fee": null, "time": null, "time_format": "d/m/y", "status": null,
        "counting": [], "kind": null, "refunding": [], "rows_skipped": 0, "ending": []});
    let mapping = json!({"provider": "bank_transfer", "rules": rules, "note": "Sao kê tài khoản"});
    shop.operator.post("/v1/operator/settlement-mappings", mapping).await.expect(201);
    let mut rows = vec!["Nội dung;Số;Có;Nợ".to_owned()];
    for (notice, bank_reference) in [(1, Some("FT777")), (2, None)] {
        let due = world.due(&buyer, &shop.product, 1, "bank_transfer").await;
        world.sepay(notice, &due.reference, due.total).await.expect(200);
        let cancel = format!("/v1/buyer/orders/{}/cancel", due.order_id());
        buyer.post(&cancel, json!({"reason": "Đặt nhầm"})).await.expect(200);
        world.run_jobs().await;
        let refund = world.text(&format!("select id from refunds where order_id = '{}'", due.order_id()));
        let body = json!({"note": "Đã chuyển khoản lại", "bank_reference": bank_reference});
        shop.operator.post(&format!("/v1/operator/refunds/{refund}/by-hand"), body).await.expect(200);
        rows.push(format!("{};FT{notice};120000;", due.reference));
        rows.push(match bank_reference {
            Some(number) => format!("Hoan tien khach;{number};;120000"),
            None => format!("Hoan tien {} cho khach;FT778;;120000", due.reference),
        });
    }
    let day = today(&world);
    let view = send_of(&shop.operator, "bank_transfer", &day, &rows.join("\n")).await.expect(201);
    assert_eq!(json!([view["matched"], view["exceptions"], view["refunded_vnd"]]), json!([4, 0, 240_000]), "{view}");
    assert_eq!([standing(&world, "bank"), standing(&world, "clearing")], [0, 0]);
    world.finish().await;
}

#[actix_web::test]
async fn a_file_with_a_fault_leaves_nothing_behind() {
    let world = World::start().await;
    let Paid { operator, dues, day, .. } = paid(&world, 120_000, 701..702).await;
    let good = csv(&day, &[line(&dues[0].reference, "701", 120_000), line("HG2", "702", 5)]);
    let fault = send(&operator, &day, &good.replace("702,5,", "702,0.5,")).await.refused(422, "invalid_input");
    assert_eq!(fault["errors"][0]["pointer"], "/rows/3/Số tiền", "{fault}");
    send(&operator, &day, "x\ny\n").await.refused(422, "invalid_input");
    send(&operator, "2099-01-01", &good).await.refused(422, "invalid_input");
    for (kind, code, status) in [
        ("application/json", "reconciliation.not_a_settlement_file", 415),
        ("", "reconciliation.not_a_settlement_file", 415),
        (XLSX, "invalid_input", 422),
    ] {
        send_bytes(&world, &operator, &day, kind, good.clone().into_bytes()).await.refused(status, code);
    }
    let large = send_bytes(&world, &operator, &day, "text/csv", vec![b'a'; 8 * 1024 * 1024 + 1]).await;
    large.refused(413, "body_too_large");
    for table in ["settlement_files", "settlement_lines", "settlement_matches", "reconciliation_exceptions"] {
        assert_eq!(world.count(&format!("select count(*) from {table}")), 0, "{table}");
    }
    // The same bytes for something else are a mistake.
    send(&operator, &day, &good).await.expect(201);
    send_of(&operator, "momo", &day, &good).await.refused(409, "reconciliation.file_known");
    world.finish().await;
}

#[actix_web::test]
async fn the_same_file_sent_ten_times_at_once_is_one_file() {
    let world = World::start().await;
    let Paid { operator, dues, day, .. } = paid(&world, 120_000, 701..706).await;
    let file = csv(&day, &spoilt(&dues));
    let replies = join_all((0..10).map(|_| send(&operator, &day, &file))).await;
    let mut statuses: Vec<u16> = replies.iter().map(|reply| reply.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 200 | 201 | 503)), "{statuses:?}");
    assert_eq!(world.count("select count(*) from settlement_files"), 1);
    assert_eq!(world.count("select count(*) from settlement_matches"), 3);
    assert_eq!(exceptions(&operator, "open").await, FOUR);
    world.finish().await;
}

#[actix_web::test]
async fn two_files_at_once_settle_each_payment_once() {
    let world = World::start().await;
    let Paid { operator, dues, day, .. } = paid(&world, 120_000, 701..706).await;
    let whole: Vec<Told> = (701..).zip(&dues).map(|(n, due)| line(&due.reference, &n.to_string(), due.total)).collect();
    let files: Vec<String> = (0..4).map(|n| csv(&day, &whole) + &"\n".repeat(n)).collect();
    for reply in join_all(files.iter().map(|file| send(&operator, &day, file))).await {
        assert!(matches!(reply.status, 201 | 503), "{}", reply.text);
    }
    assert_eq!(world.count("select count(*) from settlement_matches"), 5);
    assert_eq!([standing(&world, "bank"), standing(&world, "clearing")], [600_000, 0]);
    assert!(exceptions(&operator, "open").await.is_empty());
    world.finish().await;
}

/// Ten thousand movements that nobody has decided about yet.
const MANY: &str = "
    insert into payment_callbacks (id, provider, received_at, source, query, headers, body, verified, event_key, outcome, processed_at)
    values ('01938000-0000-7000-8000-00000000c001', 'vnpay', now(), 'x', '', '[]', '', true, 'many', 'parked', now());
    insert into payment_credits (id, provider, provider_txn, callback_id, amount_vnd, received_at)
    select gen_random_uuid(), 'vnpay', n::text, '01938000-0000-7000-8000-00000000c001', n, now() from generate_series(1001, 11000) n;
    insert into payment_reviews (id, kind, credit_id, amount_vnd, status, created_at)
    select gen_random_uuid(), 'unknown_reference', id, amount_vnd, 'open', now() from payment_credits;
    insert into ledger_transfers (id, kind, subject_id, debit, credit, amount_vnd, provider, at)
    select gen_random_uuid(), 'odd_money', id, 'clearing', 'suspense', amount_vnd, 'vnpay', now() from payment_credits";

#[actix_web::test]
async fn ten_thousand_lines_are_settled_within_seconds() {
    let world = World::start().await;
    let operator = world.operator().await;
    world.database.execute(MANY);
    let day = today(&world);
    let lines: Vec<Told> = (1001..=11000).map(|n| Told { fee: 1, ..line("HG1", &n.to_string(), n) }).collect();
    let file = csv(&day, &lines);
    let begun = Instant::now();
    let view = send(&operator, &day, &file).await.expect(201);
    let took = begun.elapsed();
    assert_eq!((&view["matched"], &view["exceptions"]), (&json!(10_000), &json!(0)));
    assert_eq!([standing(&world, "clearing"), standing(&world, "provider_fees")], [0, 10_000]);
    assert!(took < Duration::from_secs(20), "{took:?} in a build without optimisation");
    // As the server does by itself, some time after so many rows: else it compares each of them with each.
    world.database.execute("analyze payment_credits, ledger_transfers, settlement_lines");
    world.finish().await;
}

#[actix_web::test]
async fn an_operator_sees_how_providers_are() {
    let world = World::start().await;
    let Paid { operator, buyer, product, .. } = paid(&world, 120_000, 701..703).await;
    // Nobody answers in this world: neither who is to open an order, nor who is asked about it.
    let open = world.due(&buyer, &product, 1, "momo").await;
    let attempt_id = open.attempt["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
    let job = Job::AskAttempt { attempt_id };
    world.app.db.job(move |tx| ocop_market::jobs::enqueue(tx, &job, tx.now, None)).await.expect("a job");
    world.run_jobs().await;
    let seen = operator.get("/v1/operator/payment-providers").await.expect(200);
    let of = |name: &str| seen["data"].as_array().expect("rows").iter().find(|row| row["provider"] == name).cloned();
    let (vnpay, momo) = (of("vnpay").expect("VNPAY"), of("momo").expect("MoMo"));
    assert_eq!((&momo["is_on"], &momo["failed_last_hour_bp"]), (&json!(true), &json!(10_000)), "{momo}");
    assert_eq!((&momo["calls_last_hour"], &momo["answered_at"]), (&json!(2), &Value::Null));
    assert_eq!((&momo["open_questions"], &momo["noticed_at"]), (&json!(1), &Value::Null));
    assert!(vnpay["noticed_at"].is_string() && vnpay["calls_last_hour"] == 0, "{vnpay}");
    assert_eq!(of("zalopay").expect("ZaloPay")["noticed_at"], Value::Null);
    world.finish().await;
}
