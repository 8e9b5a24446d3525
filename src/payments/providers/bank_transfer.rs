//! A transfer to our own bank account: the buyer scans a VietQR code, and SePay, which watches
//! the account, tells us what came in.
//!
//! Sources: <https://developer.sepay.vn> (webhooks) and [`super::emv`] for the code. A transfer
//! cannot be called back or refunded by a provider, and people transfer what they like; so what
//! arrives is always reported as money, and whether it fits a payment is decided elsewhere.

mod accounts;
mod questions;
mod sepay;

use std::ops::RangeInclusive;

use chrono::{DateTime, Utc};

use self::accounts::OrderAccount;
use self::sepay::{Direction, Transfer};
use super::emv::{Initiation, Payee, Purpose, VietQr};
use super::signature::{RotatingSecret, hmac_sha256, same_hex, same_text};
use super::wire::{read_spaced_moment, safe_text};
use super::{
    Answer, Asked, AttemptStart, Fault, HttpAnswer, HttpCall, JSON, NextStep, Outcome, OwnAccount, PaymentEvent,
    Provider, ProviderId, Question, RawCallback, Reading, Schedule, Start, Started, Verdict,
};
use crate::kernel::money::Vnd;
use crate::payments::transfer_code::{self, TransferCode};

pub use self::accounts::OrderAccounts;
pub use self::questions::{SepayApi, SepayTransaction};

/// NAPAS's fast transfers stay below 500 million đồng each.
pub const TRANSFER_MAX_VND: i64 = 499_999_999;
/// How far SePay's clock and ours may be apart; a signature that is older is a recording.
const CLOCK_DIFFERENCE_MAX_SECONDS: u64 = 300;
/// A notification has some 400 bytes; bank texts in it are short.
const BODY_BYTES_MAX: usize = 64 * 1024;
/// SePay's own limit for a payment code.
const CODE_LENGTH_MAX: usize = 50;
const CONTENT_LENGTH_MAX: usize = 25;
const SCHEDULE: Schedule = Schedule { first_s: &[60, 120, 240, 360, 480, 600, 720, 840], then_every_s: 600 };
const BANK_REFERENCE_LENGTH_MAX: usize = 100;
const ACCOUNT_LENGTH_MAX: usize = 50;

/// Our account, and how SePay proves itself.
///
/// A webhook of SePay uses one of two ways; both may be set while one replaces the other. With
/// neither, nothing is believed.
pub struct BankTransfer {
    /// The account that buyers are shown.
    pub payee: Payee,
    /// Its holder, as the bank writes it, for the buyer to compare.
    pub account_name: String,
    /// Other accounts and virtual accounts whose money is ours too.
    pub other_accounts: Vec<String>,
    /// Signs timestamp and body: the way to prefer.
    pub hmac: Option<RotatingSecret>,
    /// Sent along as it is.
    pub api_key: Option<RotatingSecret>,
    /// How SePay is asked, if it is: it lists what came in.
    pub sepay: Option<SepayApi>,
    /// With SePay asked, each try gets an account number of its own.
    pub accounts: Option<OrderAccounts>,
}

impl Provider for BankTransfer {
    fn id(&self) -> ProviderId {
        ProviderId::BankTransfer
    }

    fn amounts(&self) -> RangeInclusive<i64> {
        1..=TRANSFER_MAX_VND
    }

    fn reference(&self, code: &TransferCode, _: DateTime<Utc>) -> String {
        code.as_str().to_owned()
    }

    fn opens_orders(&self) -> bool {
        self.accounts.is_some() && self.sepay.is_some()
    }

    /// Without an answer of SePay's the transfer goes to our account, and is known by its code.
    fn start(&self, attempt: &AttemptStart<'_>) -> Start {
        let step = transfer(attempt, &self.payee, &self.account_name);
        match (&self.accounts, &self.sepay) {
            (Some(accounts), Some(api)) => Start::Account(step, accounts.open(api, attempt)),
            _ => Start::Ready(step),
        }
    }

    fn read_started(&self, attempt: &AttemptStart<'_>, answer: &HttpAnswer) -> Started {
        let Some(accounts) = &self.accounts else { return Started::Unclear("nothing was asked".to_owned()) };
        match accounts.read_opened((attempt, self.payee.account_number()), answer) {
            Ok(account) => self.own_account(attempt, account),
            Err(why) => Started::Unclear(why),
        }
    }

    /// SePay knows transfers, not attempts: one list tells of all of them.
    fn schedule(&self) -> Option<Schedule> {
        self.sepay.as_ref().map(|_| SCHEDULE)
    }

    /// What came to an account number is told by notices and lists; here, only whether it is open.
    fn ask(&self, question: &Question<'_>) -> Option<HttpCall> {
        accounts::ask(self.sepay.as_ref()?, question.order?)
    }

    /// Our account takes money for ever; what SePay gave out for one try is closed.
    fn cancel(&self, question: &Question<'_>) -> Option<HttpCall> {
        accounts::call_off(self.sepay.as_ref()?, question.order?)
    }

    fn read_asked(&self, _: &Question<'_>, answer: &HttpAnswer) -> Asked {
        accounts::read_asked(answer)
    }

    fn read_callback(&self, callback: &RawCallback<'_>) -> Reading {
        match self.verify(callback) {
            Ok(()) => self.reread(callback),
            Err(fault) => Reading::Unverified(fault),
        }
    }

    fn reread(&self, callback: &RawCallback<'_>) -> Reading {
        let Some(transfer) = Transfer::read(callback.body) else {
            return Reading::Unverified(Fault::Malformed);
        };
        if transfer.direction == Direction::Out {
            return Reading::NotForUs;
        }
        match self.event(&transfer) {
            Some(event) => Reading::Verified(event),
            None => Reading::Unverified(Fault::Malformed),
        }
    }

    /// SePay is content with 2xx and `success: true`. It sends again after anything else, eight
    /// times within half an hour; so whatever we have kept, however odd, is a success.
    fn answer(&self, verdict: Verdict, _: Option<&str>) -> Answer {
        let status = match verdict {
            Verdict::Applied
            | Verdict::AlreadyApplied
            | Verdict::UnknownOrder
            | Verdict::WrongAmount
            | Verdict::Parked
            | Verdict::Contradicted => 200,
            Verdict::Unverified(Fault::BadSignature | Fault::MissingInput) => 401,
            Verdict::Unverified(Fault::Malformed) => 400,
            Verdict::Unavailable => 503,
        };
        let success = status == 200;
        Answer { status, content_type: JSON, body: format!(r#"{{"success":{success}}}"#) }
    }
}

impl BankTransfer {
    /// A message that claims to be signed is not given a second chance with the weaker key.
    fn verify(&self, callback: &RawCallback<'_>) -> Result<(), Fault> {
        if callback.body.len() > BODY_BYTES_MAX {
            return Err(Fault::Malformed);
        }
        let signature = only(callback.headers, "x-sepay-signature")?;
        let authorization = only(callback.headers, "authorization")?;
        let genuine = match (&self.hmac, signature, &self.api_key, authorization) {
            (Some(secret), Some(signature), _, _) => {
                let timestamp = only(callback.headers, "x-sepay-timestamp")?;
                is_signed(secret, signature, timestamp.unwrap_or_default(), callback)
            }
            (_, _, Some(key), Some(authorization)) => is_key(key, authorization),
            (_, None, _, None) => return Err(Fault::MissingInput),
            _ => false,
        };
        if genuine { Ok(()) } else { Err(Fault::BadSignature) }
    }

    fn event(&self, transfer: &Transfer) -> Option<PaymentEvent> {
        Some(PaymentEvent {
            event_key: transfer.id.to_string(),
            provider_txn: bank_reference(transfer),
            own_account: transfer.sub_account.as_deref().and_then(account_number),
            references: references(transfer),
            amount: Vnd::new(transfer.amount)?,
            paid_at: paid_at(transfer),
            payee_account_ours: self.owns(transfer),
            outcome: Outcome::Paid,
            raw_code: "in".to_owned(),
            to_be_confirmed: false,
        })
    }

    fn owns(&self, transfer: &Transfer) -> bool {
        let accounts = [Some(&transfer.account_number), transfer.sub_account.as_ref()];
        accounts.into_iter().flatten().any(|account| self.owns_account(account))
    }

    fn owns_account(&self, account: &str) -> bool {
        account == self.payee.account_number() || self.other_accounts.iter().any(|other| other == account)
    }

    /// Nobody is shown a number that cannot be drawn, or that takes the money of others too.
    fn own_account(&self, attempt: &AttemptStart<'_>, account: OrderAccount) -> Started {
        match Payee::new(self.payee.bank_bin(), &account.number) {
            Ok(payee) if !self.owns_account(&account.number) => Started::Account(OwnAccount {
                step: transfer(attempt, &payee, &account.holder),
                order: account.order,
                number: account.number,
            }),
            _ => Started::Unclear("an account number that no try can have".to_owned()),
        }
    }

    /// A movement of SePay's list as a notice would have told it. The list names it by another id than the notice does.
    pub fn listed(&self, transaction: &SepayTransaction) -> PaymentEvent {
        PaymentEvent {
            event_key: format!("list:{}", transaction.id),
            provider_txn: transaction.reference_number.as_deref().and_then(printable_reference),
            own_account: transaction.own_account.as_deref().and_then(account_number),
            references: transfer_code::find_all(&transaction.content).iter().map(ToString::to_string).collect(),
            amount: transaction.amount_in,
            paid_at: transaction.at,
            payee_account_ours: self.owns_account(&transaction.account_number),
            outcome: Outcome::Paid,
            raw_code: "in".to_owned(),
            to_be_confirmed: false,
        }
    }
}

fn transfer(attempt: &AttemptStart<'_>, payee: &Payee, account_name: &str) -> NextStep {
    let transfer_content = safe_text(attempt.reference, CONTENT_LENGTH_MAX);
    let code = VietQr {
        payee: payee.clone(),
        initiation: Initiation::Dynamic,
        amount: Some(attempt.amount),
        purpose: Purpose::new(&transfer_content).ok(),
    };
    NextStep::Transfer {
        qr_text: code.text(),
        bank_bin: payee.bank_bin().to_owned(),
        account_number: payee.account_number().to_owned(),
        account_name: account_name.to_owned(),
        transfer_content,
    }
}

fn account_number(text: &str) -> Option<String> {
    let number = text.trim();
    let fits = (1..=ACCOUNT_LENGTH_MAX).contains(&number.len());
    (fits && number.bytes().all(|byte| byte.is_ascii_alphanumeric())).then(|| number.to_owned())
}

/// The header, if it was sent once. Sent twice, nobody can say which one was meant.
fn only<'a>(headers: &'a [(String, String)], name: &str) -> Result<Option<&'a str>, Fault> {
    let mut values = headers.iter().filter(|(known, _)| known == name);
    let first = values.next().map(|(_, value)| value.as_str());
    if values.next().is_some() {
        return Err(Fault::BadSignature);
    }
    Ok(first)
}

/// Whether `sha256=…` signs the timestamp, a dot and the body as it came, just now.
fn is_signed(secret: &RotatingSecret, signature: &str, timestamp: &str, callback: &RawCallback<'_>) -> bool {
    let (Some(received), Ok(signed_at)) = (signature.strip_prefix("sha256="), timestamp.parse::<i64>()) else {
        return false;
    };
    let now = callback.received_at.timestamp();
    if now.abs_diff(signed_at) > CLOCK_DIFFERENCE_MAX_SECONDS {
        return false;
    }
    let message = [timestamp.as_bytes(), b".", callback.body];
    secret.any(|secret| same_hex(&hmac_sha256(secret, &message), received))
}

/// Whether the header is exactly `Apikey` and the key.
fn is_key(key: &RotatingSecret, authorization: &str) -> bool {
    let Some(received) = authorization.strip_prefix("Apikey ") else {
        return false;
    };
    key.any(|secret| same_text(secret.expose(), received))
}

/// SePay's own guess first, since its pattern may know more, then every code we find ourselves.
fn references(transfer: &Transfer) -> Vec<String> {
    let mut references = Vec::new();
    references.extend(transfer.code.clone().filter(|code| is_code(code)));
    for code in transfer_code::find_all(transfer.content.as_deref().unwrap_or_default()) {
        if !references.iter().any(|known| known == code.as_str()) {
            references.push(code.to_string());
        }
    }
    references
}

fn is_code(text: &str) -> bool {
    let fits = (1..=CODE_LENGTH_MAX).contains(&text.len());
    fits && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn bank_reference(transfer: &Transfer) -> Option<String> {
    transfer.reference_code.as_deref().and_then(printable_reference)
}

fn printable_reference(text: &str) -> Option<String> {
    let reference = text.trim();
    let fits = (1..=BANK_REFERENCE_LENGTH_MAX).contains(&reference.len());
    let printable = reference.bytes().all(|byte| byte.is_ascii_graphic());
    (fits && printable).then(|| reference.to_owned())
}

/// An unreadable moment is no reason to lose the money: the moment of receiving it stands in.
fn paid_at(transfer: &Transfer) -> Option<DateTime<Utc>> {
    transfer.transaction_date.as_deref().and_then(read_spaced_moment)
}

#[cfg(test)]
mod tests;
