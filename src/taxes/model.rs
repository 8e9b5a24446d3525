//! Sums of tax, and what a declaration of them says.

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};

use crate::kernel::time::vietnam_day;
use crate::kernel::{Error, Month, Result};
use crate::refusals;

refusals! {
    /// Why something about tax is refused.
    pub enum TaxRefusal {
        ActionNotAllowed = 409 "taxes.action_not_allowed" "Kỳ thuế hoặc khoản nộp thuế này không cho phép thao tác đó" "The status of the month or payment does not allow this action",
        PaymentPending = 409 "taxes.payment_pending" "Đã có một khoản nộp thuế của tờ khai này" "There is a payment of this declaration already",
        SecondPersonNeeded = 409 "taxes.second_person_needed" "Người lập khoản nộp thuế không được tự duyệt; cần một người khác duyệt" "Another person than the one who proposed it must approve",
        NothingToAmend = 409 "taxes.nothing_to_amend" "Không có khoản nào của kỳ này chưa được kê khai" "Nothing of this month is undeclared",
        NotClosed = 409 "taxes.not_closed" "Kỳ này chưa khóa sổ" "These months are not closed yet",
        NothingWithheld = 409 "taxes.nothing_withheld" "Kỳ này không khấu trừ thuế của bạn" "Nothing was withheld from you in this time",
    }
}

/// The year in Vietnam of a moment.
pub fn vietnam_year(at: DateTime<Utc>) -> i32 {
    vietnam_day(at).year()
}

/// When a year begins in Vietnam.
pub fn year_begins_at(year: i32) -> Result<DateTime<Utc>> {
    let first = NaiveDate::from_ymd_opt(year, 1, 1).ok_or_else(|| Error::internal("a year beyond the calendar"))?;
    Month::of_day(first).begins_at()
}

/// What was withheld, and what of it went back. Sums may be more than one movement of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    /// What was taxed.
    pub revenue: i64,
    pub withheld_vat: i64,
    pub withheld_pit: i64,
    /// What of it was returned.
    pub returned_revenue: i64,
    pub returned_vat: i64,
    pub returned_pit: i64,
}

impl Sums {
    pub fn plus(self, other: Sums) -> Option<Sums> {
        Some(Sums {
            revenue: self.revenue.checked_add(other.revenue)?,
            withheld_vat: self.withheld_vat.checked_add(other.withheld_vat)?,
            withheld_pit: self.withheld_pit.checked_add(other.withheld_pit)?,
            returned_revenue: self.returned_revenue.checked_add(other.returned_revenue)?,
            returned_vat: self.returned_vat.checked_add(other.returned_vat)?,
            returned_pit: self.returned_pit.checked_add(other.returned_pit)?,
        })
    }

    pub fn total(all: impl IntoIterator<Item = Sums>) -> Result<Sums> {
        let mut total = Sums::default();
        for one in all {
            total = total.plus(one).ok_or_else(|| Error::internal("taxes of more than can be counted"))?;
        }
        Ok(total)
    }

    /// What stays withheld; below zero where more went back than was withheld.
    pub fn net_vat(self) -> i64 {
        self.withheld_vat.saturating_sub(self.returned_vat)
    }

    pub fn net_pit(self) -> i64 {
        self.withheld_pit.saturating_sub(self.returned_pit)
    }

    pub fn net_revenue(self) -> i64 {
        self.revenue.saturating_sub(self.returned_revenue)
    }
}

/// What one tax of a declaration comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Outcome {
    pub declared: i64,
    /// What went back beyond what was withheld: the next declaration is less by it.
    pub carried_out: i64,
}

/// What was withheld less what went back and what the last declaration left over.
pub fn outcome(net: i64, carried_in: i64) -> Option<Outcome> {
    let left = net.checked_sub(carried_in)?;
    Some(Outcome { declared: left.max(0), carried_out: left.min(0).checked_neg()? })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn years_begin_at_midnight_in_vietnam() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        assert_eq!(year_begins_at(2027).unwrap(), at("2026-12-31T17:00:00Z"));
        assert_eq!([vietnam_year(at("2026-12-31T16:59:59Z")), vietnam_year(at("2026-12-31T17:00:00Z"))], [2026, 2027]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        /// Sales and returns in any months: withheld − reversed = declared, less what the last one has left over.
        #[test]
        fn what_stays_withheld_is_what_is_declared(
            months in prop::collection::vec((0..3_000_000_i64, 0..=1_500_i64), 1..40),
        ) {
            let (mut held, mut declared, mut carried) = (0_i64, 0_i64, 0_i64);
            let mut sums = Vec::new();
            for (withheld, part) in months {
                // No more goes back than there is.
                let returned = ((held + withheld) * part / 1_000).min(held + withheld);
                held += withheld - returned;
                let month = Sums { withheld_vat: withheld, returned_vat: returned, ..Sums::default() };
                sums.push(month);
                let outcome = outcome(month.net_vat(), carried).unwrap();
                prop_assert!(outcome.declared == 0 || outcome.carried_out == 0);
                prop_assert!(outcome.declared >= 0 && outcome.carried_out >= 0);
                declared += outcome.declared;
                carried = outcome.carried_out;
                prop_assert_eq!(declared - carried, held);
            }
            let total = Sums::total(sums).unwrap();
            prop_assert_eq!(total.withheld_vat - total.returned_vat, declared - carried);
        }
    }
}
