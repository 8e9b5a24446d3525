//! Who must approve a refund, and when it is looked at.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::config::RefundConfig;
use crate::kernel::Vnd;
use crate::kernel::time::vietnam_day;
use crate::orders::RefundCause;

/// What the law leaves for paying back, in days.
const DUE_AFTER: TimeDelta = TimeDelta::days(30);
/// When a provider is asked what became of a try, in seconds after it was first sent; daily after that. The first leaves
/// time for the call itself to end.
const QUESTIONS_S: [i64; 4] = [60, 5 * 60, 15 * 60, 60 * 60];
/// How long a try may be open before people are called.
pub const ALARM_AFTER: TimeDelta = TimeDelta::days(3);
/// How long a new try waits after a refusal, by the number of tries before it. With as many tries as there are pauses and
/// one more, it is given up.
const PAUSES_S: [i64; 3] = [5 * 60, 60 * 60, 24 * 60 * 60];
/// How long a refund waits before it looks again whether outgoing money flows.
pub const STOPPED_FOR: TimeDelta = TimeDelta::minutes(5);

/// How many persons must approve a refund.
pub fn approvals(limits: RefundConfig, cause: RefundCause, amount: Vnd) -> i16 {
    if amount >= limits.two_persons_from {
        return 2;
    }
    i16::from(!is_owed_by_law(cause) || amount > limits.auto_max)
}

/// The goods, or what is missing of them, never went to anybody: there is nothing to judge.
fn is_owed_by_law(cause: RefundCause) -> bool {
    match cause {
        RefundCause::Cancelled
        | RefundCause::Refused
        | RefundCause::NotAnswered
        | RefundCause::Weight
        | RefundCause::WeightNotDecided
        | RefundCause::NotDelivered
        | RefundCause::HarvestShort => true,
        RefundCause::Claim => false,
    }
}

/// The last day on which what is owed since then may be paid back.
pub fn due_on(owed_at: DateTime<Utc>) -> NaiveDate {
    vietnam_day(owed_at + DUE_AFTER)
}

/// When a provider is asked next about a try that was first sent then.
pub fn next_question(asked_at: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    let planned = QUESTIONS_S.iter().map(|seconds| asked_at + TimeDelta::seconds(*seconds)).find(|at| *at > now);
    planned.unwrap_or(now + TimeDelta::days(1))
}

/// When what others look after is looked at again.
pub fn tomorrow(now: DateTime<Utc>) -> DateTime<Utc> {
    now + TimeDelta::days(1)
}

/// When a new try begins after so many that were refused; nothing when it is given up.
pub fn next_try(tries: i32, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let place = usize::try_from(tries).ok()?.checked_sub(1)?;
    PAUSES_S.get(place).map(|seconds| now + TimeDelta::seconds(*seconds))
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone as _;
    use proptest::prelude::*;

    use super::*;

    fn vnd(amount: i64) -> Vnd {
        Vnd::new(amount).unwrap()
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        Utc.timestamp_opt(1_795_428_983 + seconds, 0).unwrap()
    }

    #[test]
    fn more_money_needs_more_persons_and_a_claim_always_one() {
        let limits = RefundConfig { auto_max: vnd(100), two_persons_from: vnd(1_000) };
        let persons = |cause, amount| approvals(limits, cause, vnd(amount));
        for cause in RefundCause::ALL {
            let least = i16::from(*cause == RefundCause::Claim);
            assert_eq!(
                [1, 100, 101, 999, 1_000].map(|amount| persons(*cause, amount)),
                [least, least, 1, 1, 2],
                "{cause}"
            );
        }
        let strict = RefundConfig { auto_max: Vnd::ZERO, two_persons_from: vnd(1) };
        assert_eq!(approvals(strict, RefundCause::Refused, vnd(1)), 2);
    }

    #[test]
    fn a_provider_is_asked_after_1_5_15_and_60_minutes_and_then_daily() {
        let (mut now, mut asked) = (at(0), Vec::new());
        while asked.len() < 6 {
            now = next_question(at(0), now);
            asked.push((now - at(0)).num_minutes());
        }
        assert_eq!(asked, [1, 5, 15, 60, 60 + 1440, 60 + 2 * 1440]);
    }

    #[test]
    fn the_fourth_refusal_is_the_last() {
        let minutes = |tries| next_try(tries, at(0)).map(|next| (next - at(0)).num_minutes());
        assert_eq!([0, 1, 2, 3, 4, 5].map(minutes), [None, Some(5), Some(60), Some(1440), None, None]);
    }

    #[test]
    fn the_last_day_is_counted_in_vietnam() {
        let owed_at = Utc.with_ymd_and_hms(2026, 1, 30, 16, 59, 59).unwrap();
        assert_eq!(due_on(owed_at).to_string(), "2026-03-01");
        assert_eq!(due_on(owed_at + TimeDelta::seconds(1)).to_string(), "2026-03-02");
        let leap = Utc.with_ymd_and_hms(2028, 1, 30, 3, 0, 0).unwrap();
        assert_eq!(due_on(leap).to_string(), "2028-02-29");
    }

    proptest! {
        #[test]
        fn the_next_question_is_always_later(asked in -1_000_i64..1_000, now in -1_000_i64..1_000_000) {
            prop_assert!(next_question(at(asked), at(now)) > at(now));
        }
    }
}
