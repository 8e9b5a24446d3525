//! When producers are paid, how much, and why not.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, Utc, Weekday};

use diesel::prelude::*;
use schema::payout_runs;

use crate::config::Config;
use crate::kernel::time::{from_vietnam, vietnam_day};
use crate::kernel::{OutgoingBatchId, Vnd};
use crate::outgoing::{BankAccount, BankAccountStatus, Rules, TransferStatus};
use crate::{refusals, text_enum};

/// The clock in Vietnam at which a run begins: banks are open, and so are people.
const RUNS_AT_HOUR: u32 = 8;

refusals! {
    pub enum PayoutRefusal {
        NothingDue = 409 "payouts.nothing_due" "Không có hộ nào đủ điều kiện nhận tiền lúc này" "Nobody can be paid now",
    }
}

text_enum! {
    /// How far a payout is.
    pub enum PayoutStatus {
        /// Cut off and held; waits for two persons.
        Closed = "closed",
        OnHold = "on_hold",
        Approved = "approved",
        Sent = "sent",
        Paid = "paid",
        /// The bank could not pay it: the money is in the balance again.
        Failed = "failed",
        /// It was not sent: the money is in the balance again.
        Rejected = "rejected",
    }
}

impl From<TransferStatus> for PayoutStatus {
    fn from(status: TransferStatus) -> Self {
        match status {
            TransferStatus::Requested => Self::Closed,
            TransferStatus::OnHold => Self::OnHold,
            TransferStatus::Approved => Self::Approved,
            TransferStatus::Sent | TransferStatus::Unknown => Self::Sent,
            TransferStatus::Confirmed => Self::Paid,
            TransferStatus::Failed => Self::Failed,
            TransferStatus::Cancelled => Self::Rejected,
        }
    }
}

text_enum! {
    /// Why nothing would be paid now.
    pub enum WhyNot {
        /// Less is there than nothing: it is taken from what is sold next.
        Debt = "debt",
        BelowMinimum = "below_minimum",
        /// Carriers have not settled yet what they collected in cash.
        CashUnsettled = "cash_unsettled",
        NoAccount = "no_account",
        /// Nobody has compared the account's holder yet.
        AccountUnverified = "account_unverified",
        /// The account was given less than 72 hours ago.
        AccountWaits = "account_waits",
        AccountRejected = "account_rejected",
        /// A payout is on its way; the next one follows it.
        UnderWay = "under_way",
        OnHold = "on_hold",
        /// The platform sends no money at all now.
        Stopped = "stopped",
    }
}

/// A run as it stands in the database.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = payout_runs)]
pub struct Run {
    pub id: OutgoingBatchId,
    pub week_on: Option<NaiveDate>,
    pub made_at: DateTime<Utc>,
}

/// How producers are paid.
#[derive(Debug, Clone, Copy)]
pub struct PayoutRules {
    pub outgoing: Rules,
    pub minimum: Vnd,
    pub weekday: Weekday,
}

impl PayoutRules {
    pub fn new(config: &Config, outgoing: Rules) -> PayoutRules {
        let (minimum, weekday) = (config.outgoing.payout_minimum, config.outgoing.payout_weekday);
        PayoutRules { outgoing, minimum, weekday }
    }

    /// What of a balance is paid at once; nothing below the minimum. What is left follows.
    pub fn due(&self, balance: i64) -> Option<Vnd> {
        if balance < self.minimum.amount() {
            return None;
        }
        Vnd::new(balance.min(self.outgoing.most_at_once().amount())).filter(|amount| *amount != Vnd::ZERO)
    }
}

/// What a producer's next payout depends on.
#[derive(Debug, Clone)]
pub struct Standing<'a> {
    pub balance: i64,
    /// What of it waits for carriers to settle.
    pub held: i64,
    pub account: Option<&'a BankAccount>,
    pub under_way: Option<TransferStatus>,
    pub is_stopped: bool,
    pub now: DateTime<Utc>,
}

/// Everything that stands between a producer and his money, the first that he can do something about first.
pub fn why_not(standing: &Standing<'_>, rules: &PayoutRules) -> Vec<WhyNot> {
    let mut reasons = Vec::new();
    match standing.account {
        None => reasons.push(WhyNot::NoAccount),
        Some(account) if account.status == BankAccountStatus::Rejected => reasons.push(WhyNot::AccountRejected),
        Some(account) => {
            if account.status != BankAccountStatus::Verified {
                reasons.push(WhyNot::AccountUnverified);
            }
            if account.usable_from > standing.now {
                reasons.push(WhyNot::AccountWaits);
            }
        }
    }
    if standing.balance < 0 {
        reasons.push(WhyNot::Debt);
    } else if rules.due(standing.balance).is_none() {
        reasons.push(WhyNot::BelowMinimum);
    } else if rules.due(standing.balance.saturating_sub(standing.held)).is_none() {
        reasons.push(WhyNot::CashUnsettled);
    }
    match standing.under_way {
        Some(TransferStatus::OnHold) => reasons.push(WhyNot::OnHold),
        Some(_) => reasons.push(WhyNot::UnderWay),
        None => {}
    }
    if standing.is_stopped {
        reasons.push(WhyNot::Stopped);
    }
    reasons
}

/// When the run of a day begins.
pub fn run_at(on: NaiveDate) -> DateTime<Utc> {
    let hour = NaiveTime::from_hms_opt(RUNS_AT_HOUR, 0, 0).unwrap_or_default();
    from_vietnam(on.and_time(hour)).unwrap_or_else(|| on.and_time(hour).and_utc())
}

/// The day in Vietnam of the next run, which has not begun.
pub fn next_run_on(now: DateTime<Utc>, weekday: Weekday) -> NaiveDate {
    let today = vietnam_day(now);
    let ahead = weekday.num_days_from_monday().saturating_add(7) - today.weekday().num_days_from_monday();
    let on = today + TimeDelta::days(i64::from(ahead.wrapping_rem(7)));
    if run_at(on) > now { on } else { on + TimeDelta::days(7) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::outgoing::Rail;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn rules() -> PayoutRules {
        let vnd = |amount| Vnd::new(amount).unwrap();
        let outgoing = Rules { rail: Rail::Payos, recipient_daily: vnd(400_000_000), total_daily: vnd(5_000_000_000) };
        PayoutRules { outgoing, minimum: vnd(50_000), weekday: Weekday::Tue }
    }

    #[test]
    fn a_run_begins_at_eight_in_vietnam_on_its_day_of_the_week() {
        for (now, on) in [
            // Monday 23:59:59 and Tuesday 00:00 in Vietnam.
            ("2026-11-23T16:59:59Z", "2026-11-24"),
            ("2026-11-23T17:00:00Z", "2026-11-24"),
            // Tuesday 07:59:59 and 08:00.
            ("2026-11-24T00:59:59Z", "2026-11-24"),
            ("2026-11-24T01:00:00Z", "2026-12-01"),
            // The last days of a month, of a leap February and of a year.
            ("2026-11-30T02:00:00Z", "2026-12-01"),
            ("2028-02-28T02:00:00Z", "2028-02-29"),
            ("2028-02-29T02:00:00Z", "2028-03-07"),
            ("2026-12-31T16:59:59Z", "2027-01-05"),
            ("2026-12-29T01:00:00Z", "2027-01-05"),
        ] {
            assert_eq!(next_run_on(at(now), Weekday::Tue).to_string(), on, "{now}");
        }
        assert_eq!(run_at("2027-01-05".parse().unwrap()), at("2027-01-05T01:00:00Z"));
    }

    #[test]
    fn less_than_the_minimum_waits_and_more_than_a_transfer_holds_is_paid_in_parts() {
        let due = |balance| rules().due(balance).map(Vnd::amount);
        assert_eq!((due(-5), due(0), due(49_999)), (None, None, None));
        assert_eq!((due(50_000), due(400_000_001)), (Some(50_000), Some(400_000_000)));
    }

    #[test]
    fn everything_between_a_producer_and_his_money_is_named() {
        let now = at("2026-11-24T02:00:00Z");
        let standing = Standing { balance: 100_000, held: 0, account: None, under_way: None, is_stopped: false, now };
        assert_eq!(why_not(&standing, &rules()), [WhyNot::NoAccount]);
        let poor =
            Standing { balance: -1, under_way: Some(TransferStatus::OnHold), is_stopped: true, ..standing.clone() };
        let all = [WhyNot::NoAccount, WhyNot::Debt, WhyNot::OnHold, WhyNot::Stopped];
        assert_eq!(why_not(&poor, &rules()), all);
        let in_cash = Standing { held: 50_001, ..standing.clone() };
        assert_eq!(why_not(&in_cash, &rules()), [WhyNot::NoAccount, WhyNot::CashUnsettled]);
        let little = Standing { balance: 1, under_way: Some(TransferStatus::Unknown), ..standing };
        assert_eq!(why_not(&little, &rules()), [WhyNot::NoAccount, WhyNot::BelowMinimum, WhyNot::UnderWay]);
    }

    proptest! {
        #[test]
        fn the_next_run_is_within_a_week_and_ahead(seconds in 0_i64..4_000_000_000, day in 0_u8..7) {
            let now = DateTime::from_timestamp(seconds, 0).unwrap();
            let weekday = Weekday::try_from(day).unwrap();
            let on = next_run_on(now, weekday);
            prop_assert_eq!(on.weekday(), weekday);
            prop_assert!(run_at(on) > now && run_at(on) <= now + TimeDelta::days(7));
        }
    }
}
