//! Vietnam's calendar. Moments are UTC; days of business are days at +07:00, which knows no summer time.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};

const VIETNAM_SECONDS_EAST: i32 = 7 * 3600;

pub fn vietnam(at: DateTime<Utc>) -> DateTime<FixedOffset> {
    match FixedOffset::east_opt(VIETNAM_SECONDS_EAST) {
        Some(offset) => at.with_timezone(&offset),
        None => at.fixed_offset(),
    }
}

/// The moment of what a clock in Vietnam showed.
pub fn from_vietnam(shown: NaiveDateTime) -> Option<DateTime<Utc>> {
    let offset = FixedOffset::east_opt(VIETNAM_SECONDS_EAST)?;
    shown.and_local_timezone(offset).single().map(|at| at.to_utc())
}

/// The calendar day in Vietnam at a moment.
pub fn vietnam_day(at: DateTime<Utc>) -> NaiveDate {
    vietnam(at).date_naive()
}

/// When a day in Vietnam begins, and when the next one does.
pub fn day_in_vietnam(day: NaiveDate) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let begins = from_vietnam(day.and_time(NaiveTime::MIN))?;
    Some((begins, begins + TimeDelta::days(1)))
}

/// When the next day begins in Vietnam.
pub fn next_vietnam_day(at: DateTime<Utc>) -> DateTime<Utc> {
    let east = TimeDelta::seconds(i64::from(VIETNAM_SECONDS_EAST));
    let begun = vietnam_day(at).and_time(NaiveTime::MIN).and_utc() - east;
    begun + TimeDelta::days(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_in_vietnam_begins_at_17_utc() {
        let before: DateTime<Utc> = "2026-11-23T16:59:59Z".parse().unwrap();
        let after: DateTime<Utc> = "2026-11-23T17:00:00Z".parse().unwrap();
        assert_eq!(vietnam_day(before).to_string(), "2026-11-23");
        assert_eq!(vietnam_day(after).to_string(), "2026-11-24");
        assert_eq!(next_vietnam_day(before), after);
        assert_eq!(day_in_vietnam(vietnam_day(after)), Some((after, next_vietnam_day(after))));
        assert_eq!(next_vietnam_day(after), after + TimeDelta::days(1));
    }
}
