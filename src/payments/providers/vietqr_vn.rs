//! A transfer to a bank account of ours that VietQR.vn watches: its "transaction-sync".
//!
//! Sources: <https://api.vietqr.vn>, <https://doc.vietqr.vn>. It fetches a token from us with a name and a password, and
//! sends each transfer with that token; nothing is signed. Field names come in lower case or in camel case, amounts
//! as whole numbers or with `.0` behind them. The weakest of the ways to hear of a transfer.

mod checksums;
#[cfg(test)]
mod tests;

use std::ops::RangeInclusive;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeZone, Utc};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::bank_transfer::TRANSFER_MAX_VND;
use super::emv::{Initiation, Payee, Purpose, VietQr};
use super::signature::{RotatingSecret, hmac_sha256, same_hex, same_text};
use super::wire::{is_digits, object, text, whole};
use super::{
    Answer, Asked, AttemptStart, Fault, HttpAnswer, HttpCall, JSON, NextStep, Outcome, PaymentEvent, Provider,
    ProviderId, Question, RawCallback, Reading, Schedule, Start, Started, Verdict,
};
use crate::kernel::money::Vnd;
use crate::payments::transfer_code::{self, TransferCode};

pub use checksums::{check_order_checksum, refund_checksum};

const BODY_BYTES_MAX: usize = 64 * 1024;
/// How long a token is good; each transfer is sent with a fresh one.
const TOKEN_LASTS_S: i64 = 300;
/// VietQR.vn's own limit for an `orderId`.
const REFERENCE_LENGTH_MAX: usize = 13;
const TRANSACTION_LENGTH_MAX: usize = 100;

/// Our account at VietQR.vn.
pub struct VietqrVn {
    /// The account that buyers are shown.
    pub payee: Payee,
    /// Its holder, as the bank writes it, for the buyer to compare.
    pub account_name: String,
    /// Other accounts whose money is ours too.
    pub other_accounts: Vec<String>,
    /// What we gave VietQR.vn to prove itself.
    pub username: String,
    pub password: RotatingSecret,
}

impl Provider for VietqrVn {
    fn id(&self) -> ProviderId {
        ProviderId::VietqrVn
    }

    fn amounts(&self) -> RangeInclusive<i64> {
        1..=TRANSFER_MAX_VND
    }

    fn reference(&self, code: &TransferCode, _: DateTime<Utc>) -> String {
        code.as_str().to_owned()
    }

    fn opens_orders(&self) -> bool {
        false
    }

    fn start(&self, attempt: &AttemptStart<'_>) -> Start {
        let code = VietQr {
            payee: self.payee.clone(),
            initiation: Initiation::Dynamic,
            amount: Some(attempt.amount),
            purpose: Purpose::new(attempt.reference).ok(),
        };
        Start::Ready(NextStep::Transfer {
            qr_text: code.text(),
            bank_bin: self.payee.bank_bin().to_owned(),
            account_number: self.payee.account_number().to_owned(),
            account_name: self.account_name.clone(),
            transfer_content: attempt.reference.to_owned(),
        })
    }

    fn read_started(&self, _: &AttemptStart<'_>, _: &HttpAnswer) -> Started {
        Started::Unclear("nothing was asked".to_owned())
    }

    fn schedule(&self) -> Option<Schedule> {
        None
    }

    fn ask(&self, _: &Question<'_>) -> Option<HttpCall> {
        None
    }

    fn cancel(&self, _: &Question<'_>) -> Option<HttpCall> {
        None
    }

    fn read_asked(&self, _: &Question<'_>, _: &HttpAnswer) -> Asked {
        Asked::Unclear("nothing was asked".to_owned())
    }

    fn read_callback(&self, callback: &RawCallback<'_>) -> Reading {
        let mut sent = callback.headers.iter().filter(|(name, _)| name == "authorization").map(|(_, value)| value);
        let (Some(authorization), None) = (sent.next(), sent.next()) else {
            return Reading::Unverified(Fault::MissingInput);
        };
        let token = authorization.strip_prefix("Bearer ").unwrap_or_default();
        if !self.is_token(token, callback.received_at) {
            return Reading::Unverified(Fault::BadSignature);
        }
        if callback.body.len() > BODY_BYTES_MAX {
            return Reading::Unverified(Fault::Malformed);
        }
        self.reread(callback)
    }

    fn reread(&self, callback: &RawCallback<'_>) -> Reading {
        let fields = lower_case(&object(callback.body));
        match text(&fields, "transtype").as_deref() {
            Some("D") => Reading::NotForUs,
            // What real messages leave out is money that came in.
            Some("C") | None => self.event(&fields).map_or(Reading::Unverified(Fault::Malformed), Reading::Verified),
            Some(_) => Reading::Unverified(Fault::Malformed),
        }
    }

    /// Without all four keys, and an object in the last, the sender breaks and comes again.
    fn answer(&self, verdict: Verdict, event_key: Option<&str>) -> Answer {
        let (status, reason, toast) = match verdict {
            Verdict::Applied
            | Verdict::AlreadyApplied
            | Verdict::UnknownOrder
            | Verdict::WrongAmount
            | Verdict::Parked
            | Verdict::Contradicted => (200, "000", ""),
            Verdict::Unverified(Fault::BadSignature | Fault::MissingInput) => (401, "401", "Unauthorized"),
            Verdict::Unverified(Fault::Malformed) => (400, "400", "Bad request"),
            Verdict::Unavailable => (503, "503", "Unavailable"),
        };
        let error = status != 200;
        // Of what is kept and is not about money coming in, there is one.
        let number = if error { String::new() } else { our_number(event_key.unwrap_or("out")) };
        let body = format!(
            r#"{{"error":{error},"errorReason":"{reason}","toastMessage":"{toast}","object":{{"reftransactionid":"{number}"}}}}"#
        );
        Answer { status, content_type: JSON, body }
    }
}

impl VietqrVn {
    /// Answers the request for a token, whose header brings the name and the password.
    pub fn token_answer(&self, authorization: Option<&str>, now: DateTime<Utc>) -> Answer {
        let expected = |password: &str| STANDARD.encode(format!("{}:{password}", self.username));
        let received = authorization.and_then(|header| header.strip_prefix("Basic ")).unwrap_or_default();
        if !self.password.any(|password| same_text(&expected(password.expose()), received)) {
            let body = r#"{"status":"FAILED","message":"Unauthorized"}"#.to_owned();
            return Answer { status: 400, content_type: JSON, body };
        }
        let expires_at = now.timestamp().saturating_add(TOKEN_LASTS_S).to_string();
        let token = format!("{expires_at}.{}", hmac_sha256(&self.password.current, &[&token_text(&expires_at)]));
        let body = json!({"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_LASTS_S}).to_string();
        Answer { status: 200, content_type: JSON, body }
    }

    /// Whether we gave this token out not long ago: it says so itself, so that nothing need be kept.
    fn is_token(&self, token: &str, now: DateTime<Utc>) -> bool {
        let Some((expires_at, proof)) = token.split_once('.') else { return false };
        if !is_digits(expires_at) || expires_at.parse::<i64>().is_ok_and(|at| at <= now.timestamp()) {
            return false;
        }
        self.password.any(|password| same_hex(&hmac_sha256(password, &[&token_text(expires_at)]), proof))
    }

    fn event(&self, fields: &Map<String, Value>) -> Option<PaymentEvent> {
        let number = text(fields, "referencenumber").or_else(|| text(fields, "transactionid"));
        let number = number.filter(|text| is_transaction(text))?;
        let account = text(fields, "bankaccount")?;
        let paid_at = whole(fields, "transactiontime").and_then(|at| Utc.timestamp_millis_opt(at).single());
        Some(PaymentEvent {
            event_key: format!("{number}:C"),
            provider_txn: Some(number),
            own_account: None,
            references: references(fields),
            amount: read_amount(fields.get("amount")?)?,
            paid_at,
            payee_account_ours: account == self.payee.account_number() || self.other_accounts.contains(&account),
            outcome: Outcome::Paid,
            raw_code: "C".to_owned(),
            to_be_confirmed: false,
        })
    }
}

fn token_text(expires_at: &str) -> Vec<u8> {
    format!("vietqr.vn token until {expires_at}").into_bytes()
}

/// The names without their upper case, since both ways of writing are sent.
fn lower_case(fields: &Map<String, Value>) -> Map<String, Value> {
    fields.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone())).collect()
}

/// What they took for the order first, then every code in what the bank made of the text.
fn references(fields: &Map<String, Value>) -> Vec<String> {
    let order = text(fields, "orderid").filter(|text| is_reference(text));
    let mut references: Vec<String> = order.into_iter().collect();
    for code in transfer_code::find_all(&text(fields, "content").unwrap_or_default()) {
        if !references.iter().any(|known| known == code.as_str()) {
            references.push(code.to_string());
        }
    }
    references
}

/// Whole đồng, also when they are printed with a fraction of nothing.
fn read_amount(value: &Value) -> Option<Vnd> {
    let printed = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        _ => return None,
    };
    let (whole, fraction) = printed.split_once('.').unwrap_or((&printed, "0"));
    let is_whole = is_digits(whole) && is_digits(fraction) && fraction.bytes().all(|digit| digit == b'0');
    if is_whole { whole.parse().ok().and_then(Vnd::new) } else { None }
}

/// Our number of a transfer: the same however often it is told.
fn our_number(event_key: &str) -> String {
    const LENGTH: usize = 32;
    hex::encode(Sha256::digest(event_key)).chars().take(LENGTH).collect()
}

fn is_reference(text: &str) -> bool {
    text.len() <= REFERENCE_LENGTH_MAX && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn is_transaction(text: &str) -> bool {
    (1..=TRANSACTION_LENGTH_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}
