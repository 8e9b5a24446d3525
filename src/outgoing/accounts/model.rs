//! What a bank account is.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use schema::bank_accounts;
use serde_json::Value;
use utoipa::ToSchema;

use super::banks::BANKS;
use crate::kernel::error::Error;
use crate::kernel::input::{FaultCode, Faults, Input};
use crate::kernel::{AccountId, BankAccountId, Name, ProducerId};
use crate::outgoing::OutgoingRefusal;
use crate::text_enum;

/// Nothing is paid to a new account before.
pub const WAIT: TimeDelta = TimeDelta::hours(72);
/// Digits that are shown.
const SHOWN: usize = 4;

text_enum! {
    pub enum BankAccountStatus {
        /// Nobody has compared the name yet.
        Given = "given",
        Verified = "verified",
        Rejected = "rejected",
        /// The producer has given another one.
        Replaced = "replaced",
    }
}

text_enum! {
    /// What can happen to a bank account.
    pub enum BankAccountEvent {
        Verify = "verify",
        Reject = "reject",
        Replace = "replace",
    }
}

impl BankAccountStatus {
    /// The only place where a bank account moves.
    pub fn after(self, event: BankAccountEvent) -> Option<BankAccountStatus> {
        match (self, event) {
            (Self::Given, BankAccountEvent::Verify) => Some(Self::Verified),
            // Also what was verified by mistake.
            (Self::Given | Self::Verified, BankAccountEvent::Reject) => Some(Self::Rejected),
            (Self::Given | Self::Verified, BankAccountEvent::Replace) => Some(Self::Replaced),
            _ => None,
        }
    }

    /// What an operator can do now.
    pub fn actions(self) -> Vec<BankAccountEvent> {
        let by_operator = [BankAccountEvent::Verify, BankAccountEvent::Reject];
        by_operator.into_iter().filter(|event| self.after(*event).is_some()).collect()
    }

    pub fn moved(self, event: BankAccountEvent) -> Result<BankAccountStatus, Error> {
        self.after(event).ok_or_else(|| self.refusal())
    }

    pub fn refusal(self) -> Error {
        let allowed: Vec<&str> = self.actions().into_iter().map(BankAccountEvent::as_str).collect();
        let refusal = Error::from(OutgoingRefusal::AccountActionNotAllowed);
        refusal.with("current_status", self.as_str()).with("allowed_actions", allowed)
    }
}

/// The number of a bank within the network of NAPAS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, min_length = 6, max_length = 6, pattern = "^[0-9]{6}$", example = "970405")]
pub struct BankBin(&'static str);

impl BankBin {
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

impl Input for BankBin {
    fn read(value: &Value, at: &mut Faults) -> Option<Self> {
        let is_bin = |text: &&str| text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit());
        let Some(bin) = value.as_str().filter(is_bin) else {
            at.add(FaultCode::Malformed, "^[0-9]{6}$");
            return None;
        };
        let known = BANKS.iter().find(|bank| bank.bin == bin);
        if known.is_none() {
            at.add(FaultCode::Unknown, "/v1/public/banks");
        }
        known.map(|bank| Self(bank.bin))
    }
}

/// The number of an account: 6 to 19 digits and capital letters, between which people write spaces, dots and dashes. It is
/// kept without them. Not printable.
#[derive(Clone, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, min_length = 6, max_length = 40, pattern = "^([0-9A-Z][ .-]*){6,19}$", example = "8206205123456")]
pub struct AccountNumber(String);

/// As the document says it.
const NUMBER_PATTERN: &str = "^([0-9A-Z][ .-]*){6,19}$";
/// Characters of a number as it is typed.
const TYPED_MAX: usize = 40;

impl AccountNumber {
    pub fn parse(text: &str) -> Option<AccountNumber> {
        let is_alike = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_uppercase();
        let begins_well = text.bytes().next().is_some_and(is_alike);
        let number: String = text.chars().filter(|c| !matches!(c, ' ' | '.' | '-')).collect();
        let is_sound =
            begins_well && text.len() <= TYPED_MAX && (6..=19).contains(&number.len()) && number.bytes().all(is_alike);
        is_sound.then_some(Self(number))
    }

    /// The whole of it, named so that each use is seen in review.
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub fn last_digits(&self) -> String {
        self.0.chars().skip(self.0.len().saturating_sub(SHOWN)).collect()
    }
}

impl Input for AccountNumber {
    fn read(value: &Value, at: &mut Faults) -> Option<Self> {
        let number = value.as_str().and_then(Self::parse);
        if number.is_none() {
            at.add(FaultCode::Malformed, NUMBER_PATTERN);
        }
        number
    }
}

crate::input! {
    /// Where somebody wants to be paid to.
    pub struct NewBankAccount {
        pub bank_bin: BankBin,
        pub account_number: AccountNumber,
        /// As the bank has it.
        #[schema(example = "VANG THI MAY")]
        pub holder_name: Name<100>,
    }
}

/// A bank account without its number.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = bank_accounts)]
pub struct BankAccount {
    pub id: BankAccountId,
    pub producer_id: Option<ProducerId>,
    pub buyer_account_id: Option<AccountId>,
    pub bank_bin: String,
    pub holder_name: String,
    pub last_digits: String,
    pub status: BankAccountStatus,
    pub usable_from: DateTime<Utc>,
    pub given_by: AccountId,
    pub given_at: DateTime<Utc>,
    pub decided_at: Option<DateTime<Utc>>,
    pub reason: Option<String>,
    pub version: i32,
    /// When its number was thrown away.
    pub forgotten_at: Option<DateTime<Utc>>,
}

impl BankAccount {
    /// Whether money may be sent to it now.
    pub fn is_ready(&self, now: DateTime<Utc>) -> bool {
        // A buyer says himself where his money goes back to, for that one refund.
        let is_known = self.producer_id.is_none() || self.status == BankAccountStatus::Verified;
        let is_live = matches!(self.status, BankAccountStatus::Given | BankAccountStatus::Verified);
        is_live && is_known && self.usable_from <= now && self.forgotten_at.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_table_of_bank_accounts() {
        let mut table = String::new();
        for status in BankAccountStatus::ALL {
            for event in BankAccountEvent::ALL {
                let by = if *event == BankAccountEvent::Replace { "producer" } else { "operator" };
                if let Some(next) = status.after(*event) {
                    table.push_str(&format!("{status} --{event}--> {next} by {by}\n"));
                }
            }
        }
        assert_eq!(table, include_str!("machine.txt"));
    }

    #[test]
    fn a_number_is_digits_and_letters_and_shows_its_last_four() {
        assert_eq!(AccountNumber::parse("8206205123456").unwrap().last_digits(), "3456");
        assert_eq!(AccountNumber::parse("123456").unwrap().last_digits(), "3456");
        for typed in ["8206 2051 2345 6", "8206.2051.2345-6", "8206205123456 "] {
            assert!(AccountNumber::parse(typed).unwrap().expose() == "8206205123456", "{typed}");
        }
        let spaced = format!("123456{}", " ".repeat(35));
        let wrong = ["", "12345", "1-2-3-4-5", "12345678901234567890", "82062051a", "+8206205", "=1+234567", "٨٢٠٦٢٠٥"];
        for text in wrong.into_iter().chain(["-8206205", " 8206205", "8206205\u{a0}1", "8206/2051", &spaced]) {
            assert!(AccountNumber::parse(text).is_none(), "{text}");
        }
    }
}
