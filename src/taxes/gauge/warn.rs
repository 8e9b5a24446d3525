//! Telling sellers how near the threshold they are.

use chrono::TimeDelta;

use super::model::GaugeStep;
use super::store;
use crate::kernel::time::vietnam_day;
use crate::kernel::{Result, Tx};
use crate::notifications::{News, Notice, Recipient, tell_each};
use crate::taxes::model::{vietnam_year, year_begins_at};

/// How long after its end a year is still looked at: its last day is.
const YEAR_STILL: TimeDelta = TimeDelta::days(7);
/// Less than this much of the threshold is nobody's news.
const FIRST_PERCENT: i64 = 70;

/// Tells whoever has reached 70 %, 90 % or more than all of the threshold in a year, once for each, and only the highest
/// of several. Cooperatives and companies declare themselves.
pub fn warn(tx: &mut Tx<'_>) -> Result<()> {
    tx.who.must_be_platform()?;
    let this_year = vietnam_year(tx.now);
    let before = vietnam_year(tx.now - YEAR_STILL);
    if before < this_year {
        warn_of(tx, before)?;
    }
    warn_of(tx, this_year)
}

fn warn_of(tx: &mut Tx<'_>, year: i32) -> Result<()> {
    let (from, until) = (year_begins_at(year)?, year_begins_at(year.saturating_add(1))?);
    // What is in force on the last day that there was.
    let day = vietnam_day((until - TimeDelta::seconds(1)).min(tx.now));
    let threshold = store::threshold_on(tx, day)?.amount_vnd;
    let first = threshold.saturating_mul(FIRST_PERCENT).checked_div(100).unwrap_or(0);
    for (producer_id, revenue) in store::revenues(tx, (from, until), first)? {
        let step = GaugeStep::of(revenue, threshold);
        let Some(percent) = step.percent() else { continue };
        if !store::warned(tx, (producer_id, year, percent), (revenue, threshold))? {
            continue;
        }
        let (revenue_vnd, threshold_vnd) = (revenue, threshold);
        let news = match step {
            GaugeStep::Passed => News::TaxThresholdPassed { year, revenue_vnd, threshold_vnd },
            _ => News::TaxThresholdNear { year, percent, revenue_vnd, threshold_vnd },
        };
        let notice = Notice { to: Recipient::Producer(producer_id), news, object_id: producer_id.0, occasion: "" };
        tell_each(tx, &notice, &format!("{year}:{percent}"))?;
    }
    Ok(())
}
