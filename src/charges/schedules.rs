//! Announcing fees, and deciding how contradicting texts are read.

use chrono::{Days, NaiveDate};
use serde_json::json;

use super::model::{ChargeRefusal, FollowedReading, NOTICE_DAYS, Reading};
use super::store::{self, ReadingRow, Schedule};
use crate::audit;
use crate::kernel::error::OnConstraint;
use crate::kernel::time::vietnam_day;
use crate::kernel::{Audience, Error, FeeScheduleId, Result, Tx};

/// A fee from a day on, at least [`NOTICE_DAYS`] days ahead. It is never changed; another day has another.
pub fn announce(tx: &mut Tx<'_>, rate_bp: i32, effective_on: NaiveDate, note: String) -> Result<Schedule> {
    let operator_id = tx.who.must(Audience::Operator)?;
    let earliest = vietnam_day(tx.now).checked_add_days(Days::new(NOTICE_DAYS));
    let earliest = earliest.ok_or_else(|| Error::internal("the end of time"))?;
    if effective_on < earliest {
        return Err(ChargeRefusal::TooSoon.into());
    }
    let schedule = Schedule { id: FeeScheduleId::generate(), rate_bp, effective_on, note, announced_at: tx.now };
    store::insert_schedule(tx, &schedule, operator_id)
        .on_constraint("fee_schedules_day_key", ChargeRefusal::DayTaken)?;
    let detail = json!({"rate_bp": rate_bp, "effective_on": effective_on});
    audit::write(tx, "fee_schedule.announced", "fee_schedule", schedule.id.0, detail)?;
    Ok(schedule)
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
