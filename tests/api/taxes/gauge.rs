//! The threshold: how near one is, who is told, and what one needs to get tax back.

use chrono::TimeDelta;
use ocop_market::taxes;
use serde_json::{Value, json};

use super::{Stand, rows, words};

impl Stand {
    /// As if so much had been sold now, by whom.
    fn earned(&self, producer_id: &str, amount: i64) {
        let (refund, base) = if amount < 0 { ("gen_random_uuid()", -amount) } else { ("null", amount) };
        let at = self.now().to_rfc3339();
        self.world.database.execute(&format!(
            "insert into tax_lines (id, order_id, variant_id, refund_id, producer_id, tax_category, applied_category, reason, rate_id, \
                 base_vnd, vat_vnd, pit_vnd, at)
             select gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), {refund}, p.id, 'self_made', 'self_made', \
                    case when p.kind = 'cooperative' then 'declares_itself' else 'rate' end, \
                    (select id from tax_rates where tax_category = 'self_made' limit 1), {base}, 0, 0, '{at}'
             from producers p where p.id = '{producer_id}'"
        ));
    }

    async fn warns(&self) -> Vec<String> {
        self.world.app.db.job(taxes::warn).await.expect("told");
        let told = "select coalesce(string_agg(topic || ' ' || coalesce(facts ->> 'percent', ''), ',' order by id), '') \
                    from notices where topic like 'tax_%'";
        self.world.text(told).split(',').filter(|one| !one.is_empty()).map(|one| one.trim().to_owned()).collect()
    }

    async fn gauge(&self) -> Value {
        self.seller().get("/v1/producer/tax-gauge").await.expect(200)
    }
}

#[actix_web::test]
async fn each_step_to_the_threshold_is_told_once() {
    let stand = Stand::new().await;
    let id = stand.shop.producer.id.clone();
    stand.earned(&id, 699_999_999);
    assert!(stand.warns().await.is_empty());
    let gauge = stand.gauge().await;
    assert_eq!(
        (&gauge["step"], &gauge["share_bp"], &gauge["threshold_vnd"]),
        (&json!("below"), &json!(6_999), &json!(1_000_000_000))
    );
    stand.earned(&id, 1);
    assert_eq!(stand.warns().await, ["tax_threshold_near 70"]);
    assert_eq!(stand.warns().await.len(), 1, "once");
    // Down and up again is no news.
    stand.earned(&id, -50_000_000);
    assert_eq!(stand.gauge().await["step"], "below");
    stand.earned(&id, 50_000_000);
    assert_eq!(stand.warns().await.len(), 1);
    // Over two steps at once: only the higher one is told, and the lower one never again.
    stand.earned(&id, 300_000_000);
    assert_eq!(stand.gauge().await["step"], "very_near", "the threshold itself is not passed");
    stand.earned(&id, 1);
    assert_eq!(stand.warns().await, ["tax_threshold_near 70", "tax_threshold_passed"]);
    assert_eq!(stand.gauge().await["step"], "passed");
    stand.earned(&id, -50_000_000);
    assert_eq!(stand.warns().await.len(), 2, "90 % was passed with it");
    let said = stand.world.text("select facts ->> 'revenue_vnd' from notices where topic = 'tax_threshold_passed'");
    assert_eq!(said, "1000000001");
    stand.world.close().await;
}

#[actix_web::test]
async fn a_year_is_a_year_in_vietnam_and_its_last_day_is_not_forgotten() {
    let stand = Stand::new().await;
    let id = stand.shop.producer.id.clone();
    let year = stand.month().year();
    let end = format!("{year}-12-31T16:59:59Z").parse::<chrono::DateTime<chrono::Utc>>().expect("a moment");
    stand.world.pass(end - stand.now());
    stand.earned(&id, 800_000_000);
    stand.world.pass(TimeDelta::hours(1));
    stand.earned(&id, 100_000_000);
    assert_eq!(stand.warns().await, ["tax_threshold_near 70"], "of the year that is over");
    let gauge = stand.gauge().await;
    assert_eq!((&gauge["year"], &gauge["revenue_vnd"]), (&json!(year + 1), &json!(100_000_000)));
    let last = stand.seller().get(&format!("/v1/producer/tax-gauge?year={year}")).await.expect(200);
    assert_eq!(last["revenue_vnd"], 800_000_000);
    stand.world.close().await;
}

#[actix_web::test]
async fn the_threshold_in_force_is_the_one_that_counts_also_when_it_changes_in_the_year() {
    let stand = Stand::new().await;
    let id = stand.shop.producer.id.clone();
    stand.earned(&id, 600_000_000);
    assert!(stand.warns().await.is_empty());
    let tomorrow = stand.today() + chrono::Days::new(1);
    stand
        .world
        .database
        .execute(&format!("insert into tax_thresholds values ('{tomorrow}', 500000000, 'NĐ 1/2027/NĐ-CP')"));
    assert_eq!(stand.gauge().await["step"], "below");
    stand.world.pass(TimeDelta::days(1));
    let gauge = stand.gauge().await;
    assert_eq!((&gauge["step"], &gauge["threshold_source"]), (&json!("passed"), &json!("NĐ 1/2027/NĐ-CP")));
    assert_eq!(stand.warns().await, ["tax_threshold_passed"]);
    stand.world.close().await;
}

#[actix_web::test]
async fn a_cooperative_declares_itself_and_is_not_warned() {
    let stand = Stand::new().await;
    stand.world.database.execute("update producers set kind = 'cooperative', registration_number = '10A8000123'");
    stand.earned(&stand.shop.producer.id, 2_000_000_000);
    assert!(stand.warns().await.is_empty());
    let pack = stand.seller().get("/v1/producer/tax-refund-pack").await.expect(200);
    assert_eq!(pack["is_eligible"], false);
    assert!(pack["gauge"]["explained"].as_str().expect("words").contains("tự kê khai"), "{pack}");
    stand.world.close().await;
}

#[actix_web::test]
async fn whoever_stays_below_gets_all_that_is_needed_to_ask_tax_back() {
    let stand = Stand::new().await;
    let (due, other) = (stand.sale(1).await, stand.sale(2).await);
    stand.given_back(&other, 85_000).await;
    let year = stand.month().year();
    stand.closes().await;
    let pack = stand.seller().get("/v1/producer/tax-refund-pack").await.expect(200);
    assert_eq!((&pack["is_final"], &pack["vat_vnd"], &pack["months"]), (&json!(false), &json!(0), &json!([])));
    while stand.month().year() == year {
        stand.next_month().await;
    }
    let seller = stand.seller();
    let certificate = seller.post("/v1/producer/tax-certificates", json!({"year": year})).await.expect(201);
    let path = format!("/v1/producer/tax-refund-pack?year={year}");
    let pack = seller.get(&path).await.expect(200);
    assert_eq!((&pack["is_final"], &pack["is_eligible"]), (&json!(true), &json!(true)));
    assert_eq!((&pack["vat_vnd"], &pack["pit_vnd"]), (&json!(2_850), &json!(1_425)));
    assert_eq!(pack["certificates"], json!([certificate]));
    assert_eq!(pack["gauge"]["revenue_vnd"], 285_000);
    let due_on = pack["report_due_on"].as_str().expect("a day");
    assert!(
        due_on >= format!("{}-01-31", year + 1).as_str() && due_on < format!("{}-02-28", year + 1).as_str(),
        "{due_on}"
    );
    let book = stand.file(&seller, &format!("/v1/producer/tax-refund-pack.xlsx?year={year}")).await;
    let months = rows(&book, "Theo tháng");
    assert_eq!(months.last().expect("a sum")[1..], ["285000", "3700", "1850", "850", "425"]);
    let orders = rows(&book, "Theo đơn hàng");
    assert_eq!(orders.len(), 4, "two orders and a refund: {orders:?}");
    let code = stand.world.text(&format!("select code from orders where id = '{}'", due.order_id()));
    assert!(orders.iter().any(|row| row[0] == code && row[3..] == ["185000", "1850", "925"]), "{orders:?}");
    assert!(orders.iter().any(|row| row[3..] == ["-85000", "-850", "-425"]), "{orders:?}");
    assert_eq!(rows(&book, "Chứng từ")[1][0], certificate["code"].as_str().expect("a code"));
    let said = words(&stand.file(&seller, &format!("/v1/producer/tax-refund-pack.pdf?year={year}")).await);
    for word in
        ["HỒ SƠ ĐỀ NGHỊ HOÀN THUẾ", "2.850 đ", "1.425 đ", certificate["code"].as_str().expect("a code"), "NĐ 141/2026"]
    {
        assert!(said.contains(word), "{word} is not in {said}");
    }
    assert_eq!(
        stand.downloaded("tax_refund_pack.downloaded", &stand.shop.producer.id),
        "producer tax-refund-pack.xlsx, producer tax-refund-pack.pdf",
        "each is on record"
    );
    stand.world.finish().await;
}
