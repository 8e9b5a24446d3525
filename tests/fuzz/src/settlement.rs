//! What is true of every settlement file that can be read.

use chrono::NaiveDate;
use ocop_market::kernel::Error;
use ocop_market::kernel::Vnd;
use ocop_market::kernel::input::{FAULTS_NAMED_MAX, Faults, Input};
use ocop_market::reconciliation::fuzzing::{Row, SettlementRules, lines};
use serde_json::{Value, json};

/// Columns by their names, with what is given put over them; nothing when that makes no rules.
pub fn rules(given: &[u8]) -> Option<SettlementRules> {
    let given: Value = serde_json::from_slice(given).ok()?;
    let mut all = json!({
        "reference": "Ref", "reference_is_text": false, "transaction": "Txn", "amount": "Amount",
        "amount_unit": "dong", "skips_without_amount": false, "fee": "Fee", "time": "Time", "time_format": "y-m-d h:m:s",
        "counting": [], "refunding": [], "rows_skipped": 0, "ending": ["Tổng"],
    });
    all.as_object_mut()?.extend(given.as_object()?.clone());
    SettlementRules::read(&all, &mut Faults::default())
}

/// Read by the rules, it is money that adds up to a day's movements, or every fault of it has a place.
pub fn must_be_sound(tables: &[Vec<Row>], rules: &SettlementRules) {
    for rows in tables {
        assert!(rows.windows(2).all(|two| two[0].number < two[1].number), "rows in their order");
    }
    let day = NaiveDate::from_ymd_opt(2026, 11, 24).expect("a day");
    match lines(tables, rules, day) {
        Ok(lines) => {
            for line in lines {
                assert!((1..=Vnd::MAX).contains(&line.amount.amount()), "{line:?}");
                assert!(line.fee <= line.amount || line.kind.as_str() != "payment", "{line:?}");
                assert!(line.refs.len() <= 20 && line.refs.iter().all(|text| !text.is_empty()), "{line:?}");
                assert!(line.line > 0, "{line:?}");
            }
        }
        Err(Error::Invalid(faults)) => {
            assert!((1..=FAULTS_NAMED_MAX + 1).contains(&faults.len()));
            assert!(faults.iter().all(|fault| fault.pointer.starts_with('/')));
        }
        Err(other) => panic!("{other:?}"),
    }
}
