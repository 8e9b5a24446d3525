//! Months: what belongs to them, what is declared of them, and how they are paid.

use chrono::TimeDelta;
use ocop_market::kernel::Month;
use ocop_market::taxes;
use serde_json::{Value, json};

use super::{PRICE, SECOND, SELLER, Stand, rows};

fn sums(declaration: &Value) -> [i64; 6] {
    [
        "withheld_vat_vnd",
        "withheld_pit_vnd",
        "returned_vat_vnd",
        "returned_pit_vnd",
        "declared_vat_vnd",
        "declared_pit_vnd",
    ]
    .map(|field| declaration[field].as_i64().expect(field))
}

fn carried(declaration: &Value) -> [i64; 4] {
    ["carried_in_vat_vnd", "carried_in_pit_vnd", "carried_out_vat_vnd", "carried_out_pit_vnd"]
        .map(|field| declaration[field].as_i64().expect(field))
}

/// Sets when the line of an order was written, as if it had been sold then.
fn at(stand: &Stand, order_id: &str, moment: &str) {
    stand.world.database.execute(&format!(
        "begin; set local session_replication_role = replica;
         update tax_lines set at = '{moment}' where order_id = '{order_id}'; commit"
    ));
}

#[actix_web::test]
async fn the_last_moment_of_a_month_is_declared_with_it_and_the_next_one_with_the_next() {
    let stand = Stand::new().await;
    let (last, first) = (stand.sale(1).await, stand.sale(2).await);
    // The year after next has a 29 February.
    for (due, moment) in [(&last, "2028-02-29T16:59:59.999Z"), (&first, "2028-02-29T17:00:00Z")] {
        at(&stand, due.order_id(), moment);
    }
    let until = "2028-03-31T18:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().expect("a moment");
    stand.world.pass(until - stand.now());
    stand.closes().await;
    let (february, march) = (Month::parse("2028-02").expect("a month"), Month::parse("2028-03").expect("a month"));
    for month in [february, march] {
        let period = stand.period(month).await;
        assert_eq!((&period["status"], period["declarations"].as_array().map(Vec::len)), (&json!("locked"), Some(1)));
        assert_eq!(sums(&period["declarations"][0]), [1_850, 925, 0, 0, 1_850, 925], "{month}");
    }
    // 20 March and 20 April 2028 are a Monday and a Thursday.
    assert_eq!(stand.period(february).await["due_on"], "2028-03-20");
    assert_eq!(stand.period(march).await["due_on"], "2028-04-20");
    assert_eq!(stand.period(Month::parse("2028-04").expect("a month")).await["status"], "open");
    stand.world.finish().await;
}

/// Civil Code, article 148.5: on a day of rest it ends with the next working day.
#[actix_web::test]
async fn a_due_day_of_rest_is_the_next_working_day() {
    let stand = Stand::new().await;
    stand.sale(1).await;
    let until = "2027-06-01T00:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().expect("a moment");
    stand.world.pass(until - stand.now());
    // Sunday the 20th, and the Monday after it is free.
    let holiday = json!({"day": "2027-06-21", "name": "Nghỉ bù", "kind": "compensation"});
    stand.operator().post("/v1/operator/holidays", holiday).await.expect(201);
    stand.closes().await;
    assert_eq!(stand.period(Month::parse("2027-05").expect("a month")).await["due_on"], "2027-06-22");
    stand.world.finish().await;
}

#[actix_web::test]
async fn what_is_returned_is_set_off_in_its_own_month_and_what_is_left_over_in_the_next() {
    let stand = Stand::new().await;
    let (one, two) = (stand.sale(1).await, stand.sale(2).await);
    stand.given_back(&one, 85_000).await;
    let month = stand.month();
    stand.next_month().await;
    let period = stand.period(month).await;
    assert_eq!(sums(&period["declarations"][0]), [3_700, 1_850, 850, 425, 2_850, 1_425]);
    assert_eq!(period["declarations"][0]["returned_revenue_vnd"], 85_000);
    assert_eq!(carried(&period["declarations"][0]), [0; 4]);
    // A month in which more goes back than is withheld.
    stand.given_back(&one, 100_000).await;
    stand.given_back(&two, PRICE).await;
    let month = stand.month();
    stand.next_month().await;
    let period = stand.period(month).await;
    assert_eq!(sums(&period["declarations"][0]), [0, 0, 2_850, 1_425, 0, 0]);
    assert_eq!(carried(&period["declarations"][0]), [0, 0, 2_850, 1_425]);
    // The next one is less by it, and what is still left over goes on.
    stand.sale(3).await;
    let month = stand.month();
    stand.next_month().await;
    let period = stand.period(month).await;
    assert_eq!(sums(&period["declarations"][0]), [1_850, 925, 0, 0, 0, 0]);
    assert_eq!(carried(&period["declarations"][0]), [2_850, 1_425, 1_000, 500]);
    stand.world.finish().await;
}

#[actix_web::test]
async fn closing_at_once_and_again_closes_once() {
    let stand = Stand::new().await;
    stand.sale(1).await;
    let month = stand.month();
    let ends_at = month.ends_at().expect("an end");
    // Not before all of it must have been written down, however late the job comes.
    stand.world.pass(ends_at - stand.now() + TimeDelta::minutes(59));
    stand.closes().await;
    assert_eq!(stand.period(month).await["status"], "open");
    stand.world.pass(TimeDelta::seconds(61));
    let db = &stand.world.app.db;
    let closings = (0..4).map(|_| db.job(taxes::close));
    for closed in futures_util::future::join_all(closings).await {
        closed.expect("closed");
    }
    stand.closes().await;
    let period = stand.period(month).await;
    assert_eq!(period["declarations"].as_array().map(Vec::len), Some(1), "{period}");
    assert_eq!(sums(&period["declarations"][0]), [1_850, 925, 0, 0, 1_850, 925]);
    assert_eq!(stand.world.count("select count(*) from tax_periods"), 2, "this month and the last");
    stand.world.finish().await;
}

#[actix_web::test]
async fn of_whoever_declares_himself_nothing_is_declared_and_of_own_produce_only_the_revenue() {
    let stand = Stand::new().await;
    let path = format!("/v1/producer/products/{}/tax-category", stand.shop.product.id);
    stand.shop.producer.client.put(&path, json!({"tax_category": "raw_own"})).await.expect(200);
    stand.world.pass(TimeDelta::seconds(1));
    stand.sale(1).await;
    let (_, product) = stand.another("0922222222", "HTX chè Đồng Văn").await;
    stand.world.database.execute(
        "update producers set kind = 'cooperative', registration_number = '10A8000123' where name like 'HTX%'",
    );
    stand.sold(("0922222222", &product), 2).await;
    let month = stand.month();
    stand.next_month().await;
    let sellers = stand.operator().get(&format!("{}/sellers", stand.path(month).await)).await.expect(200);
    let sellers = sellers["data"].as_array().expect("sellers").clone();
    assert_eq!(sellers.len(), 1, "{sellers:?}");
    assert_eq!((&sellers[0]["name"], &sellers[0]["revenue_vnd"]), (&json!("Hộ nuôi ong Mèo Vạc"), &json!(PRICE)));
    assert_eq!(sellers[0]["withheld_vat_vnd"], 0);
    stand.world.finish().await;
}

#[actix_web::test]
async fn a_month_is_declared_by_one_person_and_paid_by_two() {
    let stand = Stand::new().await;
    stand.sale(1).await;
    let month = stand.month();
    stand.closes().await;
    let path = stand.path(month).await;
    let filing = json!({"reference": "11020260001", "filed_on": stand.today()});
    let open = stand.operator().post(&format!("{path}/declare"), filing).await;
    assert_eq!(open.refused(409, "taxes.action_not_allowed")["current_status"], "open");
    stand.next_month().await;
    let operator = stand.operator();
    let payment = json!({"reference": "FT26351000123", "paid_on": stand.today()});
    operator.post(&format!("{path}/payments"), payment.clone()).await.refused(409, "taxes.action_not_allowed");
    let early = json!({"reference": "11020260001", "filed_on": "2099-01-01"});
    operator.post(&format!("{path}/declare"), early).await.refused(422, "invalid_input");
    let filing = json!({"reference": "11020260001", "filed_on": stand.today()});
    let declared = operator.post(&format!("{path}/declare"), filing.clone()).await.expect(200);
    assert_eq!((&declared["status"], &declared["allowed_actions"]), (&json!("declared"), &json!(["pay"])));
    assert_eq!(declared["declarations"][0]["filing"]["reference"], "11020260001");
    operator.post(&format!("{path}/declare"), filing).await.refused(409, "taxes.action_not_allowed");

    let first = operator.post(&format!("{path}/payments"), payment.clone()).await.expect(201);
    assert_eq!((&first["vat_vnd"], &first["pit_vnd"]), (&json!(1_850), &json!(925)));
    operator.post(&format!("{path}/payments"), payment.clone()).await.refused(409, "taxes.payment_pending");
    let of = |payment: &Value, verb: &str| {
        format!("/v1/operator/tax-payments/{}/{verb}", payment["id"].as_str().expect("an id"))
    };
    operator.post(&of(&first, "approve"), json!({})).await.refused(409, "taxes.second_person_needed");
    let second = stand.live(SECOND, "operator");
    second.post(&of(&first, "reject"), json!({})).await.expect(200);
    second.post(&of(&first, "approve"), json!({})).await.refused(409, "taxes.action_not_allowed");
    let again = operator.post(&format!("{path}/payments"), payment).await.expect(201);
    let tries = (0..3).map(|_| {
        let (second, path) = (second.clone(), of(&again, "approve"));
        async move { second.post(&path, json!({})).await.status }
    });
    let mut statuses = futures_util::future::join_all(tries).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409, 409], "approved once");
    assert_eq!(stand.period(month).await["status"], "paid");
    let moved = "select string_agg(kind || ' ' || debit || ' ' || credit || ' ' || amount_vnd, ', ' order by kind) \
                 from ledger_transfers where kind in ('vat_paid', 'pit_paid')";
    assert_eq!(stand.world.text(moved), "pit_paid pit bank 925, vat_paid vat bank 1850");
    // Also past the program: the database takes no payment of one person alone.
    let alone = stand
        .world
        .text("select pg_get_constraintdef(oid) from pg_constraint where conname = 'tax_payments_two_people_check'");
    assert!(alone.contains("decided_by <> proposed_by"), "{alone}");
    stand.world.finish().await;
}

#[actix_web::test]
async fn what_was_missed_of_a_paid_month_is_declared_as_a_difference_or_with_the_next_month() {
    let stand = Stand::new().await;
    stand.sale(1).await;
    let month = stand.month();
    stand.next_month().await;
    stand.declared(month).await;
    stand.paid(month).await;
    let path = stand.path(month).await;
    let why = json!({"reason": "Giao dịch ghi nhận sau khi khóa sổ"});
    stand.operator().post(&format!("{path}/amend"), why.clone()).await.refused(409, "taxes.nothing_to_amend");
    assert_eq!(stand.period(month).await["status"], "paid", "nothing has moved");
    // Two that were written late: they began in the old month.
    let late = stand.sale(2).await;
    let moment = month.ends_at().expect("an end") - TimeDelta::milliseconds(1);
    at(&stand, late.order_id(), &moment.to_rfc3339());
    let amended = stand.operator().post(&format!("{path}/amend"), why).await.expect(200);
    assert_eq!((&amended["status"], &amended["allowed_actions"]), (&json!("amended"), &json!(["declare"])));
    assert_eq!(sums(&amended["declarations"][0]), [1_850, 925, 0, 0, 1_850, 925], "the first stays as it was");
    assert_eq!(sums(&amended["declarations"][1]), [1_850, 925, 0, 0, 1_850, 925]);
    stand.declared(month).await;
    stand.paid(month).await;
    assert_eq!(stand.period(month).await["status"], "paid");
    let later = stand.sale(3).await;
    at(&stand, later.order_id(), &moment.to_rfc3339());
    let next = stand.month();
    stand.next_month().await;
    let period = stand.period(next).await;
    assert_eq!(sums(&period["declarations"][0]), [1_850, 925, 0, 0, 1_850, 925], "the straggler is not lost");
    assert_eq!(stand.world.count("select sum(amount_vnd) from ledger_transfers where kind = 'vat_paid'"), 3_700);
    stand.world.finish().await;
}

#[actix_web::test]
async fn the_files_of_a_month_say_what_it_says() {
    let stand = Stand::new().await;
    let due = stand.sale(1).await;
    stand.given_back(&due, 85_000).await;
    stand.world.database.execute("update producers set tax_code = '5100123456', name = '=Hộ nuôi ong'");
    let month = stand.month();
    stand.next_month().await;
    // What a seller is called later changes nothing.
    stand.world.database.execute("update producers set name = 'Hộ khác'");
    let path = stand.path(month).await;
    let operator = stand.operator();
    let book = stand.file(&operator, &format!("{path}/declaration.xlsx")).await;
    let totals = rows(&book, "Tờ khai");
    assert_eq!(totals[0][3..], ["Thuế GTGT (đồng)", "Thuế TNCN (đồng)"]);
    let of = |what: &str| totals.iter().find(|row| row[2] == what).map(|row| row[3..].to_vec()).expect(what);
    assert_eq!(of("Thuế đã khấu trừ trong kỳ"), ["1850", "925"]);
    assert_eq!(of("Thuế phải nộp"), ["1000", "500"]);
    let annex = rows(&book, "Bảng kê");
    assert_eq!(annex.len(), 2);
    assert_eq!(annex[1][2..4], ["=Hộ nuôi ong", "5100123456"]);
    assert_eq!(annex[1][10..], ["185000", "1850", "925", "85000", "850", "425", "1000", "500"]);
    let provinces = rows(&book, "Theo tỉnh");
    assert_eq!(provinces[1], ["Lần đầu", "08", "Tuyên Quang", "1", "1000", "500"]);
    let csv = String::from_utf8(stand.file(&operator, &format!("{path}/annex.csv")).await).expect("text");
    let line = csv.lines().nth(1).expect("a seller");
    assert!(line.starts_with("1,Lần đầu,'=Hộ nuôi ong,5100123456,"), "{line}");
    assert!(line.ends_with(",185000,1850,925,85000,850,425,1000,500"), "{line}");
    assert_eq!(book, stand.file(&operator, &format!("{path}/declaration.xlsx")).await, "the same bytes");
    let id = path.rsplit('/').next().expect("an id");
    assert_eq!(
        stand.downloaded("tax_period.downloaded", id),
        "operator declaration.xlsx, operator annex.csv, operator declaration.xlsx",
        "each is on record"
    );
    let shown = operator.get(&path).await.expect(200);
    assert_eq!(shown["declarations"][0]["provinces"][0]["vat_vnd"], 1_000);
    stand.live(SELLER, "producer").get(&path).await.refused(401, "unauthenticated");
    stand.world.finish().await;
}
