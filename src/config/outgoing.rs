//! Settings of money that leaves.

use chrono::Weekday;

use super::{PayosConfig, Reader, payments};
use crate::kernel::{Secret, Vnd};

/// How money is paid out, and how much of it.
#[derive(Debug, Clone)]
pub struct OutgoingConfig {
    /// Encrypts the numbers of bank accounts; the previous one only opens.
    pub number_key: Secret,
    pub number_key_previous: Option<Secret>,
    /// payOS's channel for paying out, with keys of its own. Unset: an operator hands files to the bank.
    pub payos: Option<PayosConfig>,
    pub recipient_daily: Vnd,
    pub total_daily: Vnd,
    /// What a payout is worth at least.
    pub payout_minimum: Vnd,
    /// On which day of the week producers are paid, in Vietnam.
    pub payout_weekday: Weekday,
}

pub(super) fn read(r: &mut Reader) -> OutgoingConfig {
    let recipient_daily = money(r, "OUTGOING_RECIPIENT_DAILY_VND", 499_999_999);
    let total_daily = money(r, "OUTGOING_TOTAL_DAILY_VND", 5_000_000_000);
    if recipient_daily > total_daily {
        r.faults.push("OUTGOING_RECIPIENT_DAILY_VND is more than OUTGOING_TOTAL_DAILY_VND".to_owned());
    }
    let weekday = r.number("PAYOUT_WEEKDAY", 2_u8, 1, 7);
    OutgoingConfig {
        number_key: r.secret("ACCOUNT_NUMBER_KEY"),
        number_key_previous: r.optional_secret("ACCOUNT_NUMBER_KEY_PREVIOUS"),
        payos: payments::payos_payouts(r),
        recipient_daily,
        total_daily,
        payout_minimum: money(r, "PAYOUT_MINIMUM_VND", 50_000),
        payout_weekday: Weekday::try_from(weekday.saturating_sub(1)).unwrap_or(Weekday::Tue),
    }
}

fn money(r: &mut Reader, name: &str, default: i64) -> Vnd {
    Vnd::new(r.number(name, default, 1, Vnd::MAX)).unwrap_or_default()
}

/// To be compared with the others.
pub(super) fn secrets_of(config: &OutgoingConfig) -> Vec<&Secret> {
    let mut secrets = vec![&config.number_key];
    secrets.extend(&config.number_key_previous);
    secrets.extend(config.payos.iter().flat_map(|payos| [&payos.api_key, &payos.checksum_key]));
    secrets
}
