//! Fees and taxes: frozen when an order is placed, taken when it is completed, given back with what is refunded after.

use chrono::{Days, TimeDelta};
use ocop_market::charges::{self, Late};
use ocop_market::jobs::Job;
use ocop_market::kernel::time::{next_vietnam_day, vietnam_day};
use ocop_market::kernel::{Actor, OrderId, ProducerId, RefundId, Vnd};
use ocop_market::ledger;
use serde_json::{Value, json};

use crate::support::money::{Due, Shop};
use crate::support::principals::texts;
use crate::support::{Client, Producer, Product, World};

const BUYER: &str = "0933333333";
const OPERATOR: &str = "0900000001";
const PRICE: i64 = 185_000;

struct Stand {
    world: World,
    shop: Shop,
}

impl Stand {
    async fn new() -> Stand {
        let world = World::start().await;
        let shop = world.shop(PRICE, 500).await;
        Stand { world, shop }
    }

    fn live(&self, phone: &str, audience: &str) -> Client {
        self.world.session(phone, audience, TimeDelta::zero()).1
    }

    /// So many days after today in Vietnam.
    fn day(&self, ahead: u64) -> String {
        let today = vietnam_day(self.world.app.db.clock.now());
        today.checked_add_days(Days::new(ahead)).expect("a day").to_string()
    }

    async fn announces(&self, rate_bp: i64, ahead: u64) -> crate::support::Reply {
        let body = json!({"rate_bp": rate_bp, "effective_on": self.day(ahead), "note": "Phí sàn"});
        self.live(OPERATOR, "operator").post("/v1/operator/fee-schedules", body).await
    }

    async fn placed(&self, product: &Product, notice: i64) -> Due {
        let buyer = self.live(BUYER, "buyer");
        let due = self.world.due(&buyer, product, 1, "bank_transfer").await;
        self.world.sepay(notice, &due.reference, due.total).await.expect(200);
        due
    }

    async fn completed(&self, phone: &str, due: &Due) {
        let producer = self.live(phone, "producer");
        for step in ["accept", "pack", "hand-over", "deliver"] {
            producer.post(&format!("/v1/producer/orders/{}/{step}", due.order_id()), json!({})).await.expect(200);
        }
        let path = format!("/v1/buyer/orders/{}/confirm-receipt", due.order_id());
        self.live(BUYER, "buyer").post(&path, json!({})).await.expect(200);
    }

    async fn sold(&self, product: &Product, notice: i64) -> Due {
        let due = self.placed(product, notice).await;
        self.completed("0911111111", &due).await;
        due
    }

    fn posted(&self, due: &Due) -> Vec<String> {
        let sql = format!(
            "select kind || ' ' || amount_vnd from ledger_transfers \
             where order_id = '{}' and kind not in ('capture', 'sale') order by id",
            due.order_id()
        );
        texts(&mut self.world.database.owner(), &sql)
    }

    /// How the line of an order was taxed.
    fn taxed(&self, due: &Due) -> String {
        self.world.text(&format!(
            "select concat_ws(' ', tax_category, applied_category, reason, base_vnd, vat_vnd, pit_vnd) from tax_lines \
             where order_id = '{}' and refund_id is null",
            due.order_id()
        ))
    }
}

/// The example of the reference: of 185,000 đồng a fee of 5 %, VAT of 1 % and PIT of 0,5 %.
#[actix_web::test]
async fn what_is_ordered_pays_the_fee_of_its_day_whenever_it_is_completed() {
    let stand = Stand::new().await;
    let shown = stand.world.visitor().get("/v1/public/fees").await.expect(200);
    assert_eq!((&shown["fee"]["rate_bp"], &shown["announced"]), (&json!(0), &json!([])));
    let refused = stand.announces(500, 19).await.refused(409, "charges.too_soon");
    assert_eq!(refused["earliest_on"], stand.day(20), "from when it is possible");
    stand.announces(500, 20).await.expect(201);
    stand.announces(600, 20).await.refused(409, "charges.day_taken");
    let shown = stand.world.visitor().get("/v1/public/fees").await.expect(200);
    assert_eq!((&shown["fee"]["rate_bp"], &shown["announced"][0]["rate_bp"]), (&json!(0), &json!(500)));
    assert_eq!(shown["taxes"].as_array().map(Vec::len), Some(35), "seven categories of five kinds");

    stand.world.pass(TimeDelta::days(19));
    let before = stand.placed(&stand.shop.product, 1).await;
    // It begins at midnight in Vietnam.
    let now = stand.world.app.db.clock.now();
    stand.world.pass(next_vietnam_day(now) - now + TimeDelta::seconds(1));
    stand.completed("0911111111", &before).await;
    assert_eq!(stand.posted(&before), ["vat 1850", "pit 925"]);
    let after = stand.sold(&stand.shop.product, 2).await;
    assert_eq!(stand.posted(&after), ["fee 9250", "vat 1850", "pit 925"]);
    let shown = stand.world.visitor().get("/v1/public/fees").await.expect(200);
    assert_eq!((&shown["fee"]["rate_bp"], &shown["announced"]), (&json!(500), &json!([])));
    let balance = stand.live("0911111111", "producer").get("/v1/producer/balance").await.expect(200);
    assert_eq!(balance["balance_vnd"], (PRICE - 1_850 - 925) + 172_975);
    stand.world.finish().await;
}

#[actix_web::test]
async fn every_producer_who_sells_hears_once_of_a_fee_before_it_begins() {
    let stand = Stand::new().await;
    let operator = stand.live(OPERATOR, "operator");
    stand.world.producer(&operator, "0922222222", "Hộ chè Đồng Văn", "00721").await;
    stand.world.database.execute("update producers set status = 'submitted' where name = 'Hộ chè Đồng Văn'");
    stand.announces(550, 20).await.expect(201);
    stand.announces(550, 19).await.refused(409, "charges.too_soon");
    stand.world.run_jobs().await;
    let job = |after| Job::TellFee {
        schedule_id: stand.world.text("select id from fee_schedules where rate_bp = 550").parse().expect("an id"),
        after,
    };
    stand.world.work(job(None)).await.expect("told again");
    stand.world.run_jobs().await;
    let told = "select string_agg(a.phone, ' ') from notices n join accounts a on a.id = n.account_id where topic = 'fee_announced'";
    assert_eq!(stand.world.text(told), "+84911111111", "not who does not sell, and nobody twice");
    let inbox = stand.live("0911111111", "producer").get("/v1/auth/notices").await.expect(200);
    let day = vietnam_day(stand.world.app.db.clock.now()).checked_add_days(Days::new(20)).expect("a day");
    let words = format!(
        "Từ ngày {}, phí sàn là 5,5% tiền hàng thay cho 0%. Đơn đặt trước ngày đó vẫn tính theo mức cũ.",
        day.format("%d/%m/%Y")
    );
    let notice = inbox["data"].as_array().expect("notices").iter().find(|one| one["topic"] == "fee_announced");
    assert_eq!(notice.expect("a notice")["text"], words);
    stand.world.finish().await;
}

#[actix_web::test]
async fn tax_follows_what_a_product_was_when_it_was_ordered_and_who_sells_it() {
    let stand = Stand::new().await;
    let shop = &stand.shop;
    let declared = format!("/v1/producer/products/{}/tax-category", shop.product.id);
    let supposed = shop.producer.client.get(&declared).await.expect(200);
    assert_eq!((&supposed["tax_category"], &supposed["since"]), (&json!("self_made"), &Value::Null));
    let first = stand.placed(&shop.product, 1).await;
    stand.world.pass(TimeDelta::seconds(1));
    shop.producer.client.put(&declared, json!({"tax_category": "raw_own"})).await.expect(200);
    stand.world.pass(TimeDelta::seconds(1));
    let second = stand.placed(&shop.product, 2).await;
    for due in [&first, &second] {
        stand.completed("0911111111", due).await;
    }
    assert_eq!(stand.taxed(&first), "self_made self_made rate 185000 1850 925");
    assert_eq!(stand.taxed(&second), "raw_own raw_own own_produce 185000 0 0");

    // Who lives far from where it grew has bought it.
    let far = stand.world.text(
        "select code from communes where code <> '00769' and code not in (select neighbour_code from commune_borders \
         where commune_code = '00769' union select commune_code from commune_borders where neighbour_code = '00769') \
         order by code limit 1",
    );
    stand.world.database.execute(&format!("update producers set residence_commune_code = '{far}'"));
    assert_eq!(stand.taxed(&stand.sold(&shop.product, 3).await), "raw_own traded_raw lives_elsewhere 185000 0 925");
    let neighbour = "select neighbour_code from commune_borders where commune_code = '00769' \
                     union select commune_code from commune_borders where neighbour_code = '00769' order by 1 limit 1";
    stand.world.database.execute(&format!("update producers set residence_commune_code = ({neighbour})"));
    assert_eq!(stand.taxed(&stand.sold(&shop.product, 4).await), "raw_own raw_own own_produce 185000 0 0");

    // A cooperative declares itself; the operator may correct what was declared.
    stand.world.database.execute("update producers set kind = 'cooperative', registration_number = '10A8000123'");
    let corrected = format!("/v1/operator/products/{}/tax-category", shop.product.id);
    stand.live(OPERATOR, "operator").put(&corrected, json!({"tax_category": "service"})).await.expect(200);
    stand.world.pass(TimeDelta::seconds(1));
    assert_eq!(stand.taxed(&stand.sold(&shop.product, 5).await), "service service declares_itself 185000 0 0");
    stand.world.finish().await;
}

/// Each line is taxed of what stayed bought of it, and the invoice is about the same.
#[actix_web::test]
async fn what_is_given_back_of_one_line_is_not_taken_off_another() {
    let stand = Stand::new().await;
    let shop = &stand.shop;
    let oranges = stand.world.product(&shop.operator, &shop.producer, "Cam sành", (PRICE, 9)).await;
    let declared = format!("/v1/producer/products/{}/tax-category", oranges.id);
    shop.producer.client.put(&declared, json!({"tax_category": "raw_own"})).await.expect(200);
    stand.world.pass(TimeDelta::seconds(1));
    let buyer = stand.world.buyer(BUYER).await;
    let made = &shop.product;
    for (notice, claimed, granted, taxed) in [
        (1, made, PRICE, ["raw_own 185000 0 0", "self_made 0 0 0"]),
        (2, &oranges, PRICE, ["raw_own 0 0 0", "self_made 185000 1850 925"]),
        (3, made, 85_000, ["raw_own 185000 0 0", "self_made 100000 1000 500"]),
    ] {
        buyer.put_in_cart(&made.variant_id, 1).await;
        buyer.put_in_cart(&oranges.variant_id, 1).await;
        let checkout = buyer.check_out(2 * PRICE).await.expect(201);
        let attempt = buyer.start_attempt(&checkout, "bank_transfer").await;
        let reference = attempt["reference"].as_str().expect("a reference");
        stand.world.sepay(notice, reference, 2 * PRICE).await.expect(200);
        let order_id = checkout["orders"][0]["id"].as_str().expect("an order");
        for step in ["accept", "pack", "hand-over", "deliver"] {
            let path = format!("/v1/producer/orders/{order_id}/{step}");
            shop.producer.client.post(&path, json!({})).await.expect(200);
        }
        let demand = json!({"kind": "missing", "text": "Thiếu hàng trong thùng.", "wish": "refund",
                            "lines": [{"variant_id": claimed.variant_id, "quantity": 1}]});
        let claim = buyer.post(&format!("/v1/buyer/orders/{order_id}/claims"), demand).await.expect(201);
        let claim_id = claim["id"].as_str().expect("a claim");
        if granted == PRICE {
            let path = format!("/v1/producer/claims/{claim_id}/accept");
            shop.producer.client.post(&path, json!({})).await.expect(200);
        } else {
            let offer = json!({"amount_vnd": granted, "text": "Xin hoàn một phần."});
            shop.producer.client.post(&format!("/v1/producer/claims/{claim_id}/offer"), offer).await.expect(200);
            buyer.post(&format!("/v1/buyer/claims/{claim_id}/accept-offer"), json!({})).await.expect(200);
        }
        let sql = format!(
            "select concat_ws(' ', tax_category, base_vnd, vat_vnd, pit_vnd) from tax_lines where order_id = '{order_id}' order by 1"
        );
        assert_eq!(texts(&mut stand.world.database.owner(), &sql), taxed, "{notice}");
        let data = shop.producer.client.get("/v1/producer/invoice-data").await.expect(200);
        let entry = data["data"].as_array().expect("entries").iter().find(|one| one["order_id"] == order_id);
        let entry = entry.expect("the order");
        let of_lines: i64 =
            entry["lines"].as_array().expect("lines").iter().filter_map(|one| one["total_vnd"].as_i64()).sum();
        assert_eq!((&entry["amount_vnd"], of_lines), (&json!(2 * PRICE - granted), 2 * PRICE - granted));
    }
    stand.world.finish().await;
}

/// Until the tax office has answered, the switch says which text is followed.
#[actix_web::test]
async fn contradicting_texts_are_read_as_decided_from_a_day_on() {
    let stand = Stand::new().await;
    let operator = stand.live(OPERATOR, "operator");
    let reading = |reading: &str, day: String| json!({"reading": reading, "effective_on": day, "note": "Theo trả lời"});
    let path = "/v1/operator/tax-readings";
    operator.post(path, reading("decree", stand.day(0))).await.refused(409, "charges.begun_already");
    operator.post(path, reading("settled", stand.day(1))).await.refused(422, "invalid_input");
    operator.post(path, reading("decree", stand.day(1))).await.expect(201);
    operator.post(path, reading("practice", stand.day(1))).await.refused(409, "charges.day_taken");
    let today = stand.sold(&stand.shop.product, 1).await;
    assert_eq!(stand.taxed(&today), "self_made self_made rate 185000 1850 925");
    stand.world.pass(TimeDelta::days(1));
    let tomorrow = stand.sold(&stand.shop.product, 2).await;
    assert_eq!(stand.taxed(&tomorrow), "self_made self_made rate 185000 5550 2775");
    stand.world.finish().await;
}

/// A refund after the end takes its part of fee and tax back, and the last one takes all of it.
#[actix_web::test]
async fn what_is_refunded_after_the_end_gives_fee_and_tax_back() {
    let stand = Stand::new().await;
    stand.announces(500, 20).await.expect(201);
    stand.world.pass(TimeDelta::days(21));
    let due = stand.sold(&stand.shop.product, 1).await;
    let order_id = OrderId(due.order_id().parse().expect("an id"));
    let producer_id = ProducerId(stand.shop.producer.id.parse().expect("an id"));
    for (less, returned) in [
        (85_000, ["fee_returned 4250", "vat_returned 850", "pit_returned 425"]),
        (100_000, ["fee_returned 5000", "vat_returned 1000", "pit_returned 500"]),
    ] {
        let less = Vnd::new(less).expect("money");
        let late = Late { order_id, producer_id, refund_id: RefundId::generate(), less };
        let give = move |tx: &mut ocop_market::kernel::Tx<'_>| {
            let transfers = charges::give_back(tx, &late)?;
            ledger::post(tx, transfers)
        };
        stand.world.app.db.write(&Actor::PLATFORM, give).await.expect("given back");
        let posted = stand.posted(&due);
        assert_eq!(posted[posted.len() - 3..], returned);
    }
    let left =
        "select sum(case when refund_id is null then vat_vnd + pit_vnd else -vat_vnd - pit_vnd end) from tax_lines";
    assert_eq!(stand.world.count(left), 0, "nothing of it was sold");
    stand.world.finish().await;
}

#[actix_web::test]
async fn a_product_of_somebody_else_is_nobodys_to_declare() {
    let stand = Stand::new().await;
    let Producer { client, .. } =
        stand.world.producer(&stand.shop.operator, "0922222222", "HTX chè Đồng Văn", "00721").await;
    let path = format!("/v1/producer/products/{}/tax-category", stand.shop.product.id);
    client.put(&path, json!({"tax_category": "raw_own"})).await.refused(404, "not_found");
    client.get(&path).await.refused(404, "not_found");
    assert_eq!(stand.world.count("select count(*) from product_tax_categories"), 0);
    stand.world.finish().await;
}
