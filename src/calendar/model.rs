use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate, Weekday};

use crate::{refusals, text_enum};

/// No deadline is longer.
pub const WORKING_DAYS_MAX: u32 = 60;

refusals! {
    pub enum CalendarRefusal {
        DayTaken = 409 "calendar.day_taken" "Ngày này đã có trong danh sách ngày nghỉ" "This day is a holiday already",
    }
}

text_enum! {
    /// Why a day is free.
    pub enum HolidayKind {
        /// A day of article 112 of the Labour Code.
        Holiday = "holiday",
        /// Makes up for a holiday that falls on a weekly day of rest.
        Compensation = "compensation",
    }
}

fn is_working(day: NaiveDate, free: &BTreeSet<NaiveDate>) -> bool {
    !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) && !free.contains(&day)
}

/// The last of so many working days after a day, which itself does not count (Civil Code, article 147).
pub fn working_day_after(from: NaiveDate, count: u32, free: &BTreeSet<NaiveDate>) -> NaiveDate {
    let mut left = count.min(WORKING_DAYS_MAX);
    let mut day = from;
    while left > 0 {
        let Some(next) = day.succ_opt() else { return day };
        day = next;
        if is_working(day, free) {
            left = left.saturating_sub(1);
        }
    }
    day
}

#[cfg(test)]
mod tests {
    use proptest::collection::btree_set;
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn weekends_and_holidays_do_not_count() {
        let free = BTreeSet::from([day("2026-04-27"), day("2026-04-30"), day("2026-05-01")]);
        for (from, count, last) in [
            ("2026-04-24", 0, "2026-04-24"),
            ("2026-04-24", 1, "2026-04-28"),
            ("2026-04-24", 2, "2026-04-29"),
            ("2026-04-24", 3, "2026-05-04"),
            ("2026-04-25", 3, "2026-05-04"),
            ("2026-11-23", 5, "2026-11-30"),
        ] {
            assert_eq!(working_day_after(day(from), count, &free), day(last), "{count} after {from}");
        }
    }

    fn days() -> impl Strategy<Value = NaiveDate> {
        (0..2000_i64).prop_map(|n| day("2025-01-01") + chrono::TimeDelta::days(n))
    }

    proptest! {
        #[test]
        fn so_many_working_days_lie_behind_a_deadline(from in days(), count in 1..=WORKING_DAYS_MAX, free in btree_set(days(), 0..200)) {
            let last = working_day_after(from, count, &free);
            let passed = from.iter_days().skip(1).take_while(|d| *d <= last).filter(|d| is_working(*d, &free)).count();
            prop_assert_eq!(passed, count as usize);
            prop_assert!(is_working(last, &free));
        }

        #[test]
        fn a_longer_deadline_and_one_more_holiday_never_end_earlier(
            from in days(), count in 0..WORKING_DAYS_MAX, free in btree_set(days(), 0..200), more in days()) {
            let last = working_day_after(from, count, &free);
            prop_assert!(working_day_after(from, count + 1, &free) > last);
            let mut longer = free.clone();
            longer.insert(more);
            prop_assert!(working_day_after(from, count, &longer) >= last);
        }
    }
}
