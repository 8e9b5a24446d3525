//! Announcing fees, and deciding how contradicting texts are read.

use chrono::{Days, NaiveDate};
use serde_json::json;

use super::model::{ChargeRefusal, FollowedReading, NOTICE_DAYS, Reading};
use super::store::{self, ReadingRow, Schedule};
use crate::jobs::{self, Job};
use crate::kernel::error::OnConstraint;
use crate::kernel::time::vietnam_day;
use crate::kernel::{Audience, Error, FeeScheduleId, ProducerId, Result, Tx};
use crate::notifications::{self, News, Notice, Recipient};
use crate::{audit, producers};

/// Producers who are told in one step.
const TOLD_AT_ONCE: i64 = 200;

/// A fee from a day on, at least [`NOTICE_DAYS`] days ahead. It is never changed; another day has another. Every approved
/// producer is told.
pub fn announce(tx: &mut Tx<'_>, rate_bp: i32, effective_on: NaiveDate, note: String) -> Result<Schedule> {
    let operator_id = tx.who.must(Audience::Operator)?;
    let earliest = vietnam_day(tx.now).checked_add_days(Days::new(NOTICE_DAYS));
    let earliest = earliest.ok_or_else(|| Error::internal("the end of time"))?;
    if effective_on < earliest {
        return Err(Error::from(ChargeRefusal::TooSoon).with("earliest_on", earliest.to_string()));
    }
    let schedule = Schedule { id: FeeScheduleId::generate(), rate_bp, effective_on, note, announced_at: tx.now };
    store::insert_schedule(tx, &schedule, operator_id)
        .on_constraint("fee_schedules_day_key", ChargeRefusal::DayTaken)?;
    let detail = json!({"rate_bp": rate_bp, "effective_on": effective_on});
    audit::write(tx, "fee_schedule.announced", "fee_schedule", schedule.id.0, detail)?;
    tell_from(tx, schedule.id, None)?;
    Ok(schedule)
}

/// Tells every approved producer of an announced fee, from after this one: so many, then the job of the next.
pub fn tell(tx: &mut Tx<'_>, id: FeeScheduleId, after: Option<ProducerId>) -> Result<()> {
    tx.who.must_be_platform()?;
    let schedule = store::schedule(tx, id)?;
    let day_before = schedule.effective_on.pred_opt().ok_or_else(|| Error::internal("the beginning of time"))?;
    let percent_before = percent(store::schedule_on(tx, day_before)?.rate_bp);
    let told = producers::approved_after(tx, after, TOLD_AT_ONCE)?;
    for producer_id in &told {
        let news = News::FeeAnnounced {
            percent: percent(schedule.rate_bp),
            percent_before: percent_before.clone(),
            effective_on: schedule.effective_on,
        };
        let notice = Notice { to: Recipient::Producer(*producer_id), news, object_id: id.0, occasion: "" };
        notifications::tell(tx, &notice)?;
    }
    match told.last() {
        Some(last) if i64::try_from(told.len()).is_ok_and(|rows| rows == TOLD_AT_ONCE) => {
            tell_from(tx, id, Some(*last))
        }
        _ => Ok(()),
    }
}

fn tell_from(tx: &mut Tx<'_>, id: FeeScheduleId, after: Option<ProducerId>) -> Result<()> {
    let job = Job::TellFee { schedule_id: id.0, after: after.map(|after| after.0) };
    let from = after.map(|after| after.to_string()).unwrap_or_default();
    jobs::enqueue(tx, &job, tx.now, Some(&format!("tell_fee:{id}:{from}")))
}

/// As people write it: `5`, `5,5`, `0,25`.
fn percent(rate_bp: i32) -> String {
    let (whole, rest) = (rate_bp / 100, rate_bp % 100);
    let digits = format!("{whole},{rest:02}");
    digits.trim_end_matches('0').trim_end_matches(',').to_owned()
}

/// Which reading is followed from a day after today on.
pub fn decide_reading(
    tx: &mut Tx<'_>,
    followed: FollowedReading,
    effective_on: NaiveDate,
    note: String,
) -> Result<ReadingRow> {
    let operator_id = tx.who.must(Audience::Operator)?;
    let reading = Reading::from(followed);
    if effective_on <= vietnam_day(tx.now) {
        return Err(ChargeRefusal::BegunAlready.into());
    }
    let row = ReadingRow { effective_on, reading, note, decided_at: tx.now };
    store::insert_reading(tx, &row, operator_id).on_constraint("tax_readings_pkey", ChargeRefusal::DayTaken)?;
    let detail = json!({"reading": reading, "effective_on": effective_on});
    audit::write(tx, "tax_reading.decided", "account", operator_id.0, detail)?;
    Ok(row)
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn a_rate_is_written_as_people_write_it() {
        for (rate_bp, text) in
            [(0, "0"), (5, "0,05"), (25, "0,25"), (500, "5"), (550, "5,5"), (1_000, "10"), (1_234, "12,34")]
        {
            assert_eq!(percent(rate_bp), text);
        }
    }
}
