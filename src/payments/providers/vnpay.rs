//! VNPAY PAY 2.1.0: a page to be sent to, and a word from their server about what came of it.
//!
//! Source: <https://sandbox.vnpayment.vn/apis/docs>, "thanh-toan-pay" and "truy-van-hoan-tien".
//! VNPAY repeats its word (the IPN) up to ten times, five minutes apart, until it is answered
//! `00` or `02`; every answer has the status 200. The buyer's browser brings the same fields to
//! the return address: they may be shown, but change nothing.

mod message;
mod parameters;
mod query;
mod refund;

use std::ops::RangeInclusive;

use chrono::{DateTime, Utc};

use self::parameters::{Parameters, encoded};
use super::signature::{RotatingSecret, hmac_sha512, same_hex};
use super::wire::{compact_moment, is_digits, read_compact_moment, safe_text};
use super::{
    Answer, Asked, AttemptStart, Fault, HttpAnswer, HttpCall, JSON, NextStep, Outcome, PaymentEvent, Provider,
    ProviderId, Question, RawCallback, Reading, Schedule, Start, Started, Verdict,
};
use crate::kernel::money::Vnd;
use crate::payments::transfer_code::TransferCode;

pub use self::message::Message;

/// The most that one payment can ask for, in đồng: an amount has 12 digits, hundredths included.
pub const PAYMENT_MAX_VND: i64 = 9_999_999_999;

/// The documented fields at their longest take less than 2 KiB.
const QUERY_BYTES_MAX: usize = 8 * 1024;
/// VNPAY writes amounts in hundredths of a đồng, which do not exist.
const HUNDREDTHS: i64 = 100;
const AMOUNT_LENGTH_MAX: usize = 12;
const ORDER_INFO_LENGTH_MAX: usize = 255;
const REFERENCE_LENGTH_MAX: usize = 100;
/// The documentation says 15 at most.
const TRANSACTION_LENGTH_MAX: usize = 15;
const CODE_LENGTH: usize = 2;

/// One terminal at VNPAY.
pub struct Vnpay {
    /// The payment page: the sandbox has one, the contract names the other.
    pub pay_url: String,
    /// The terminal's code.
    pub tmn_code: String,
    /// Our page, to which the buyer's browser is sent afterwards.
    pub return_url: String,
    /// Where transactions are asked for and refunded; the contract names it. Without it, VNPAY is not asked.
    pub api_url: Option<String>,
    /// The address from which we ask, which each question repeats.
    pub server_ip: String,
    pub secret: RotatingSecret,
}

impl Provider for Vnpay {
    fn id(&self) -> ProviderId {
        ProviderId::Vnpay
    }

    fn amounts(&self) -> RangeInclusive<i64> {
        1..=PAYMENT_MAX_VND
    }

    fn reference(&self, code: &TransferCode, _: DateTime<Utc>) -> String {
        code.as_str().to_owned()
    }

    fn opens_orders(&self) -> bool {
        false
    }

    fn start(&self, attempt: &AttemptStart<'_>) -> Start {
        let info = format!("Thanh toan don hang {}", attempt.reference);
        let locale = if attempt.english { "en" } else { "vn" };
        let amount = attempt.amount.amount().saturating_mul(HUNDREDTHS);
        // In the order of their names, which is that of the signature.
        let fields = [
            ("vnp_Amount", amount.to_string()),
            ("vnp_Command", "pay".to_owned()),
            ("vnp_CreateDate", compact_moment(attempt.created_at)),
            ("vnp_CurrCode", "VND".to_owned()),
            ("vnp_ExpireDate", compact_moment(attempt.expires_at)),
            ("vnp_IpAddr", attempt.client_ip.to_canonical().to_string()),
            ("vnp_Locale", locale.to_owned()),
            ("vnp_OrderInfo", safe_text(&info, ORDER_INFO_LENGTH_MAX)),
            ("vnp_OrderType", "other".to_owned()),
            ("vnp_ReturnUrl", self.return_url.clone()),
            ("vnp_TmnCode", self.tmn_code.clone()),
            ("vnp_TxnRef", attempt.reference.to_owned()),
            ("vnp_Version", "2.1.0".to_owned()),
        ];
        Start::Ready(NextStep::Redirect { url: self.signed_url(&fields) })
    }

    fn read_started(&self, _: &AttemptStart<'_>, _: &HttpAnswer) -> Started {
        Started::Unclear("nothing was asked".to_owned())
    }

    fn schedule(&self) -> Option<Schedule> {
        self.api_url.as_ref().map(|_| query::SCHEDULE)
    }

    fn ask(&self, question: &Question<'_>) -> Option<HttpCall> {
        query::ask(self, question)
    }

    fn cancel(&self, _: &Question<'_>) -> Option<HttpCall> {
        None
    }

    fn read_asked(&self, question: &Question<'_>, answer: &HttpAnswer) -> Asked {
        query::read(self, question, answer)
    }

    fn read_callback(&self, callback: &RawCallback<'_>) -> Reading {
        if callback.query.len() > QUERY_BYTES_MAX {
            return Reading::Unverified(Fault::BadSignature);
        }
        let parameters = match Parameters::read(callback.query) {
            Ok(parameters) => parameters,
            Err(fault) => return Reading::Unverified(fault),
        };
        if !self.is_signed(&parameters) {
            return Reading::Unverified(Fault::BadSignature);
        }
        self.reading(&parameters)
    }

    fn reread(&self, callback: &RawCallback<'_>) -> Reading {
        match Parameters::read(callback.query) {
            Ok(parameters) => self.reading(&parameters),
            Err(fault) => Reading::Unverified(fault),
        }
    }

    fn answer(&self, verdict: Verdict, _: Option<&str>) -> Answer {
        let (code, message) = match verdict {
            Verdict::Applied | Verdict::Parked => ("00", "Confirm Success"),
            // Their word that stops the repetitions without confirming this order.
            Verdict::AlreadyApplied | Verdict::Contradicted => ("02", "Order already confirmed"),
            Verdict::UnknownOrder => ("01", "Order not found"),
            Verdict::WrongAmount => ("04", "invalid amount"),
            Verdict::Unverified(Fault::BadSignature) => ("97", "Invalid signature"),
            Verdict::Unverified(Fault::MissingInput) => ("99", "Input data required"),
            // The spelling is VNPAY's.
            Verdict::Unverified(Fault::Malformed) | Verdict::Unavailable => ("99", "Unknow error"),
        };
        let body = format!(r#"{{"RspCode":"{code}","Message":"{message}"}}"#);
        Answer { status: 200, content_type: JSON, body }
    }
}

impl Vnpay {
    /// The address of the payment page for these fields, which are in the order of their names.
    fn signed_url(&self, fields: &[(&str, String)]) -> String {
        let pairs: Vec<String> = fields.iter().map(|(name, value)| encoded(name, value)).collect();
        let canonical = pairs.join("&");
        let signature = hmac_sha512(&self.secret.current, &canonical);
        format!("{}?{canonical}&vnp_SecureHash={signature}", self.pay_url)
    }

    fn is_signed(&self, parameters: &Parameters<'_>) -> bool {
        let Some(received) = parameters.signature() else { return false };
        let candidates = parameters.candidates();
        self.secret.any(|secret| candidates.iter().any(|canonical| same_hex(&hmac_sha512(secret, canonical), received)))
    }

    fn reading(&self, parameters: &Parameters<'_>) -> Reading {
        match self.event(parameters) {
            Some(event) => Reading::Verified(event),
            None => Reading::Unverified(Fault::Malformed),
        }
    }

    fn event(&self, parameters: &Parameters<'_>) -> Option<PaymentEvent> {
        let reference = parameters.find("vnp_TxnRef").filter(|text| is_reference(text))?;
        let response = parameters.find("vnp_ResponseCode").filter(|text| is_code(text))?;
        let status = parameters.find("vnp_TransactionStatus").filter(|text| is_code(text))?;
        let terminal = parameters.find("vnp_TmnCode")?;
        let transaction = parameters.find("vnp_TransactionNo").unwrap_or("0");
        if transaction.len() > TRANSACTION_LENGTH_MAX || !is_digits(transaction) {
            return None;
        }
        Some(PaymentEvent {
            // An attempt may be pending first and paid later: that is news, a repetition is not.
            event_key: format!("{reference}:{transaction}:{response}:{status}"),
            // A payment that was broken off has the number zero, which is none.
            provider_txn: Some(transaction.to_owned()).filter(|number| number != "0"),
            own_account: None,
            references: vec![reference.to_owned()],
            amount: read_amount(parameters.find("vnp_Amount")?)?,
            // An unreadable moment is no reason to lose the money.
            paid_at: parameters.find("vnp_PayDate").and_then(read_compact_moment),
            payee_account_ours: terminal == self.tmn_code,
            outcome: outcome(response, status),
            raw_code: format!("{response}/{status}"),
            to_be_confirmed: false,
        })
    }
}

/// What VNPAY's two codes mean together. Only both `00` are money: one of the documentation's
/// samples and a common library take a single one for enough.
fn outcome(response: &str, status: &str) -> Outcome {
    match (response, status) {
        ("00", "00") => Outcome::Paid,
        // 07: taken from the buyer, and suspected of fraud. 04: taken, but not arrived at VNPAY.
        // A status of 00 beside another response contradicts it.
        ("07", _) | (_, "00" | "04" | "07") => Outcome::Review,
        (_, "01") => Outcome::Pending,
        ("24", _) => Outcome::Cancelled,
        ("11", _) | (_, "08") => Outcome::Expired,
        _ => Outcome::Failed,
    }
}

/// Reads hundredths of đồng, which must be whole đồng.
fn read_amount(text: &str) -> Option<Vnd> {
    if text.len() > AMOUNT_LENGTH_MAX || !is_digits(text) {
        return None;
    }
    let hundredths: i64 = text.parse().ok()?;
    if hundredths.checked_rem(HUNDREDTHS)? != 0 {
        return None;
    }
    Vnd::new(hundredths.checked_div(HUNDREDTHS)?)
}

fn is_reference(text: &str) -> bool {
    text.len() <= REFERENCE_LENGTH_MAX && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn is_code(text: &str) -> bool {
    text.len() == CODE_LENGTH && is_digits(text)
}

#[cfg(test)]
mod tests;
