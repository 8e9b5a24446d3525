//! Months in Vietnam.

use chrono::{DateTime, Datelike as _, Months, NaiveDate, NaiveTime, Utc};
use serde_json::Value;
use utoipa::openapi::schema::{ObjectBuilder, Type};

use super::error::{Error, Result};
use super::input::{FaultCode, Faults, Input};
use super::time::{from_vietnam, vietnam_day};

/// A month in Vietnam.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month(NaiveDate);

impl Month {
    pub fn of(at: DateTime<Utc>) -> Month {
        Month::of_day(vietnam_day(at))
    }

    pub fn of_day(day: NaiveDate) -> Month {
        Month(day.with_day(1).unwrap_or(day))
    }

    /// `2026-11`
    pub fn parse(text: &str) -> Option<Month> {
        let is_plain = text.len() == 7 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        let day = is_plain.then(|| format!("{text}-01"))?;
        NaiveDate::parse_from_str(&day, "%Y-%m-%d").ok().map(Month)
    }

    pub fn first_day(self) -> NaiveDate {
        self.0
    }

    pub fn year(self) -> i32 {
        self.0.year()
    }

    pub fn next(self) -> Result<Month> {
        self.0.checked_add_months(Months::new(1)).map(Month).ok_or_else(|| Error::internal("the end of time"))
    }

    pub fn begins_at(self) -> Result<DateTime<Utc>> {
        from_vietnam(self.0.and_time(NaiveTime::MIN)).ok_or_else(|| Error::internal("a month without a beginning"))
    }

    /// The moment at which it is over.
    pub fn ends_at(self) -> Result<DateTime<Utc>> {
        self.next()?.begins_at()
    }

    /// `11/2026`
    pub fn shown(self) -> String {
        format!("{:02}/{}", self.0.month(), self.0.year())
    }
}

impl std::fmt::Display for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}", self.0.year(), self.0.month())
    }
}

impl serde::Serialize for Month {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Input for Month {
    fn read(value: &Value, at: &mut Faults) -> Option<Self> {
        const YEARS: std::ops::RangeInclusive<i32> = 2000..=2100;
        let month = value.as_str().and_then(Month::parse).filter(|month| YEARS.contains(&month.year()));
        if month.is_none() {
            at.add(FaultCode::Malformed, "YYYY-MM, 2000–2100");
        }
        month
    }
}

impl utoipa::PartialSchema for Month {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("A month in Vietnam."))
            .min_length(Some(7))
            .max_length(Some(7))
            .pattern(Some("^(20[0-9]{2}|2100)-(0[1-9]|1[0-2])$"))
            .examples(["2026-11"])
            .into()
    }
}

impl utoipa::ToSchema for Month {
    fn name() -> std::borrow::Cow<'static, str> {
        "Month".into()
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn months_begin_at_midnight_in_vietnam() {
        for (moment, month) in [
            ("2026-11-30T16:59:59.999Z", "2026-11"),
            ("2026-11-30T17:00:00Z", "2026-12"),
            ("2026-12-31T16:59:59.999999Z", "2026-12"),
            ("2026-12-31T17:00:00Z", "2027-01"),
            ("2028-02-28T17:00:00Z", "2028-02"),
            ("2028-02-29T16:59:59.999Z", "2028-02"),
            ("2028-02-29T17:00:00Z", "2028-03"),
            ("2027-02-28T17:00:00Z", "2027-03"),
        ] {
            assert_eq!(Month::of(at(moment)).to_string(), month, "{moment}");
        }
        let february = Month::parse("2028-02").unwrap();
        assert_eq!(february.begins_at().unwrap(), at("2028-01-31T17:00:00Z"));
        assert_eq!(february.ends_at().unwrap(), at("2028-02-29T17:00:00Z"));
        assert_eq!(february.shown(), "02/2028");
    }

    #[test]
    fn a_month_is_written_in_one_way() {
        for text in
            ["", "2026", "2026-13", "2026-00", "2026-1", "26-11", "+026-11", "2026/11", "2026-11-01", "2026-11 "]
        {
            assert_eq!(Month::parse(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn every_moment_is_in_its_month_and_in_no_other(seconds in 0..4_000_000_000_i64) {
            let moment = DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds);
            let month = Month::of(moment);
            prop_assert!(month.begins_at().unwrap() <= moment && moment < month.ends_at().unwrap());
            prop_assert_eq!(Month::parse(&month.to_string()), Some(month));
            prop_assert_eq!(Month::of(month.ends_at().unwrap()), month.next().unwrap());
        }
    }
}
