use std::collections::BTreeSet;

use chrono::{NaiveDate, TimeDelta};
use diesel::prelude::*;
use schema::holidays;

use super::model::{CalendarRefusal, HolidayKind};
use crate::kernel::error::OnConstraint as _;
use crate::kernel::{HolidayId, Result, Tx};

/// How far ahead a deadline can reach, holidays included.
const HORIZON: TimeDelta = TimeDelta::days(366);

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = holidays)]
pub struct Holiday {
    pub id: HolidayId,
    pub day: NaiveDate,
    pub name: String,
    pub kind: HolidayKind,
}

pub fn insert(tx: &mut Tx<'_>, holiday: &Holiday) -> Result<()> {
    diesel::insert_into(holidays::table)
        .values((holiday, holidays::added_at.eq(tx.now)))
        .execute(tx.conn)
        .on_constraint("holidays_day_key", CalendarRefusal::DayTaken)?;
    Ok(())
}

/// Takes a day out; what is not there is not found.
pub fn remove(tx: &mut Tx<'_>, id: HolidayId) -> Result<Holiday> {
    Ok(diesel::delete(holidays::table.find(id)).returning(Holiday::as_returning()).get_result(tx.conn)?)
}

pub fn find(tx: &mut Tx<'_>, id: HolidayId) -> Result<Holiday> {
    Ok(holidays::table.find(id).select(Holiday::as_select()).first(tx.conn)?)
}

/// In the order of the calendar.
pub fn list(tx: &mut Tx<'_>, after: Option<NaiveDate>, rows_max: i64) -> Result<Vec<Holiday>> {
    let mut query = holidays::table.select(Holiday::as_select()).order(holidays::day).limit(rows_max).into_boxed();
    if let Some(after) = after {
        query = query.filter(holidays::day.gt(after));
    }
    Ok(query.load(tx.conn)?)
}

pub fn free_days_after(tx: &mut Tx<'_>, from: NaiveDate) -> Result<BTreeSet<NaiveDate>> {
    let days: Vec<NaiveDate> = holidays::table
        .filter(holidays::day.gt(from))
        .filter(holidays::day.le(from + HORIZON))
        .select(holidays::day)
        .load(tx.conn)?;
    Ok(days.into_iter().collect())
}
