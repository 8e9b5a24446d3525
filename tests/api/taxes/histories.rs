//! Random histories of a market's tax: whatever happens when, what was withheld less what went back is what is declared.

use chrono::{DateTime, TimeDelta, Utc};
use ocop_market::kernel::Month;
use rand::{RngExt as _, SeedableRng as _};

use super::Stand;

/// Months of a history.
const MONTHS: i64 = 14;
const LINES: usize = 120;

/// A line of tax as SQL.
fn line(seller: &str, refund: bool, (base, vat, pit): (i64, i64, i64), at: DateTime<Utc>) -> String {
    let refund = if refund { "gen_random_uuid()" } else { "null" };
    format!(
        "(gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), {refund}, '{seller}', 'self_made', 'self_made', 'rate', \
          (select id from tax_rates where tax_category = 'self_made' and producer_kind = 'household' limit 1), \
          {base}, {vat}, {pit}, '{at}')"
    )
}

#[actix_web::test]
async fn withheld_less_reversed_is_declared_in_every_history() {
    let stand = Stand::new().await;
    let (other, _) = stand.another("0922222222", "Hộ chè Đồng Văn").await;
    let sellers = [stand.shop.producer.id.clone(), other.id];
    for seed in 0..6 {
        let mut random = rand::rngs::StdRng::seed_from_u64(seed);
        let begins_at = stand.month().ends_at().expect("an end");
        let mut planned: Vec<(DateTime<Utc>, String)> = Vec::new();
        let mut sums = [0_i64; 2];
        for _ in 0..LINES {
            let seller = &sellers[random.random_range(0..2)];
            let base: i64 = random.random_range(1..3_000_000);
            // More goes back than is withheld in many a month.
            let refund = random.random_range(0..100) < 45;
            let (vat, pit) = (base / 100, base / 200);
            // Some at the edges of months.
            let month = Month::of(begins_at + TimeDelta::days(random.random_range(0..MONTHS) * 30));
            let at = match random.random_range(0..4) {
                0 => month.begins_at().expect("a beginning"),
                1 => month.ends_at().expect("an end") - TimeDelta::milliseconds(1),
                _ => month.begins_at().expect("a beginning") + TimeDelta::minutes(random.random_range(0..40_000)),
            };
            let sign = if refund { -1 } else { 1 };
            sums = [sums[0] + sign * vat, sums[1] + sign * pit];
            planned.push((at, line(seller, refund, (base, vat, pit), at)));
        }
        planned.sort();
        let before = declared(&stand);
        while !planned.is_empty() || Month::of(stand.now()) < Month::of(begins_at + TimeDelta::days(MONTHS * 31)) {
            let month = stand.month();
            let until = month.ends_at().expect("an end");
            let count = planned.iter().take_while(|(at, _)| *at < until).count();
            let mut now: Vec<(DateTime<Utc>, String)> = planned.drain(..count).collect();
            // One that was written when its month was closed.
            let late = if now.len() > 3 { now.pop() } else { None };
            insert(&stand, &now);
            stand.next_month().await;
            insert(&stand, late.as_slice());
        }
        stand.next_month().await;
        let after = declared(&stand);
        assert_eq!([after[0] - before[0], after[1] - before[1]], sums, "history {seed}");
    }
    let broken = stand.world.count("select count(*) from invariant_tax_declarations");
    assert_eq!(broken, 0);
    let left = "select count(*) from tax_lines l where not exists (select from tax_declaration_lines d where d.line_id = l.id)";
    assert_eq!(stand.world.count(left), 0, "every line was declared once");
    // These lines are of no orders, which other invariants would notice.
    stand.world.close().await;
}

fn insert(stand: &Stand, lines: &[(DateTime<Utc>, String)]) {
    if lines.is_empty() {
        return;
    }
    let rows: Vec<&str> = lines.iter().map(|(_, row)| row.as_str()).collect();
    stand.world.database.execute(&format!(
        "insert into tax_lines (id, order_id, variant_id, refund_id, producer_id, tax_category, applied_category, reason, \
         rate_id, base_vnd, vat_vnd, pit_vnd, at) values {}",
        rows.join(", ")
    ));
}

/// All that was declared, less what the last declaration has left over.
fn declared(stand: &Stand) -> [i64; 2] {
    ["vat", "pit"].map(|tax| {
        stand.world.count(&format!(
            "select (coalesce(sum(declared_{tax}_vnd), 0) - coalesce((select carried_out_{tax}_vnd from tax_declarations \
             order by seq desc limit 1), 0))::bigint from tax_declarations"
        ))
    })
}
