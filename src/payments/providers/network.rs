//! What providers are asked over the network, when, and what their answers say.

use chrono::{DateTime, TimeDelta, Utc};

use super::{HttpCall, NextStep, PaymentEvent};
use crate::kernel::money::Vnd;

/// How long after an attempt began its provider may still be asked what became of it.
const ASKED_FOR: TimeDelta = TimeDelta::hours(24);
/// The last question before an attempt is given up comes this long after its end, so that nothing can be paid any more.
const AFTER_THE_END: TimeDelta = TimeDelta::seconds(2);

/// How an attempt begins.
#[derive(Clone)]
pub enum Start {
    /// We know what the buyer is to do.
    Ready(NextStep),
    /// The provider must open an order first, under our reference: never under a second one.
    Call(HttpCall),
    /// The buyer can pay so, and better to an account number of the try's own, for which the provider is asked under our
    /// reference.
    Account(NextStep, HttpCall),
}

/// An account number that takes the money of one try alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnAccount {
    /// What the buyer is to do.
    pub step: NextStep,
    /// By which the provider knows the order.
    pub order: String,
    pub number: String,
}

/// What became of opening an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Started {
    Open(NextStep),
    Account(OwnAccount),
    /// It was opened before; the answer that said what to do is lost.
    Known,
    /// For good, with the provider's code.
    Refused(String),
    /// Nobody knows: it must be asked for.
    Unclear(String),
}

/// The attempt that a provider is asked about.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    pub reference: &'a str,
    /// By which the provider knows the order, where it said so and our reference is not enough.
    pub order: Option<&'a str>,
    pub amount: Vnd,
    pub created_at: DateTime<Utc>,
    pub now: DateTime<Utc>,
    /// Ours, of letters and digits, new for each question.
    pub number: &'a str,
}

/// What a provider says of an attempt when it is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// As its messages would say it; an attempt may have got several transfers.
    Told(Vec<PaymentEvent>),
    /// Not finished yet.
    Pending,
    /// The provider has no such order.
    Unknown,
    /// Nobody can pay by it any more; what was paid is told by notices and lists.
    Over,
    /// The answer says nothing about the attempt: ask again.
    Unclear(String),
}

/// A refund as a provider is asked for it, and asked about it. Asked again, it stays the same refund.
#[derive(Debug, Clone, Copy)]
pub struct RefundQuestion<'a> {
    /// Our name of the refund, a new one for every refund and never for the same one again.
    pub number: &'a str,
    /// Our reference of the attempt that was paid.
    pub reference: &'a str,
    /// The provider's number of the payment.
    pub transaction: &'a str,
    /// When the attempt began.
    pub created_at: DateTime<Utc>,
    pub captured: Vnd,
    pub amount: Vnd,
    /// When the refund was first asked for.
    pub asked_at: DateTime<Utc>,
    /// Who decided it, in letters and digits.
    pub by: &'a str,
    pub now: DateTime<Utc>,
}

/// What a provider says of a refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refunded {
    Done,
    /// Accepted; ask what comes of it.
    Processing,
    /// For good, with the provider's code: nothing was paid back.
    Refused(String),
    /// The provider has no such refund.
    Unknown,
    /// Nobody knows: ask, and never under another name.
    Unclear(String),
}

/// When a provider is asked.
#[derive(Debug, Clone, Copy)]
pub struct Schedule {
    /// Seconds after the beginning.
    pub first_s: &'static [i64],
    /// Seconds between the questions after those.
    pub then_every_s: i64,
}

impl Schedule {
    /// When an attempt is asked for next: by the schedule, and once more right after its end. Nothing after a day.
    pub fn next(
        &self,
        created_at: DateTime<Utc>,
        expires_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        let planned = self.first_s.iter().map(|seconds| created_at + TimeDelta::seconds(*seconds)).find(|at| *at > now);
        let planned = planned.unwrap_or(now + TimeDelta::seconds(self.then_every_s));
        let last = expires_at + AFTER_THE_END;
        let next = if last > now { planned.min(last) } else { planned };
        (next <= created_at.max(expires_at) + ASKED_FOR).then_some(next)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use proptest::prelude::*;

    use super::*;

    const SCHEDULE: Schedule = Schedule { first_s: &[30, 60, 120], then_every_s: 600 };

    fn at(seconds: i64) -> DateTime<Utc> {
        Utc.timestamp_opt(1_795_428_983 + seconds, 0).unwrap()
    }

    fn moments(schedule: Schedule, expires_s: i64) -> Vec<i64> {
        let (mut now, mut found) = (at(0), Vec::new());
        while let Some(next) = schedule.next(at(0), at(expires_s), now) {
            found.push((next - at(0)).num_seconds());
            now = next;
        }
        found
    }

    #[test]
    fn questions_follow_the_schedule_and_one_comes_right_after_the_end() {
        let moments = moments(SCHEDULE, 900);
        assert_eq!(moments.get(..7).unwrap(), [30, 60, 120, 720, 902, 1502, 2102]);
        let last = moments.last().unwrap();
        assert!((86_400..=900 + 86_400).contains(last), "the last after {last} s");
    }

    proptest! {
        #[test]
        fn the_next_question_is_later_and_the_end_is_never_left_out(now in -10_i64..200_000, expires in 1_i64..90_000) {
            let next = SCHEDULE.next(at(0), at(expires), at(now));
            if let Some(next) = next {
                prop_assert!(next > at(now));
                prop_assert!(now > expires || next <= at(expires + 2));
            } else {
                prop_assert!(now > 80_000);
            }
        }
    }
}
