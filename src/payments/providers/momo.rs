//! MoMo's wallet, version 2 of its interface: an order that we open, a word from their server, and answers to questions.
//!
//! Source: <https://developers.momo.vn/v3/docs/payment/>. The notice (IPN) comes once, sometimes never, so asking is
//! part of the protocol. Signatures are over plain values in the order of their names, the access key first although
//! it is never sent; answers to questions are not signed.

mod message;
mod refund;
#[cfg(test)]
mod tests;

use std::ops::RangeInclusive;

use chrono::{DateTime, TimeZone, Utc};
use serde_json::{Map, Value, json};

use self::message::{Message, signed};
use super::signature::{hmac_sha256, same_hex};
use super::wire::{money, object, page, text, whole, words};
use super::{
    Answer, Asked, AttemptStart, Fault, HttpAnswer, HttpCall, JSON, NextStep, Outcome, PaymentEvent, Provider,
    ProviderId, Question, RawCallback, Reading, Schedule, Start, Started, Verdict,
};
use crate::kernel::Secret;
use crate::payments::transfer_code::TransferCode;

/// What one payment can ask for, in đồng.
const PAYMENT_MIN_VND: i64 = 1_000;
const PAYMENT_MAX_VND: i64 = 50_000_000;
/// A notice has less than 1 KiB.
const BODY_BYTES_MAX: usize = 64 * 1024;
const REFERENCE_LENGTH_MAX: usize = 200;
const SCHEDULE: Schedule = Schedule { first_s: &[30, 60, 120, 300, 600], then_every_s: 600 };
/// Authorised, and captured by itself: it counts, and is asked for once more.
const AUTHORISED: i64 = 9000;

/// A shop at MoMo.
pub struct Momo {
    /// Without a slash at the end.
    pub base_url: String,
    pub partner_code: String,
    pub keys: MomoKeys,
    /// Believed as well, until it is taken away.
    pub previous: Option<MomoKeys>,
    /// Our page, to which the buyer is sent afterwards.
    pub return_url: String,
    /// Where the notice goes.
    pub notice_url: String,
}

/// Both sign together.
#[derive(Clone)]
pub struct MomoKeys {
    pub access_key: Secret,
    pub secret: Secret,
}

impl Provider for Momo {
    fn id(&self) -> ProviderId {
        ProviderId::Momo
    }

    fn amounts(&self) -> RangeInclusive<i64> {
        PAYMENT_MIN_VND..=PAYMENT_MAX_VND
    }

    fn reference(&self, code: &TransferCode, _: DateTime<Utc>) -> String {
        code.as_str().to_owned()
    }

    fn opens_orders(&self) -> bool {
        true
    }

    fn start(&self, attempt: &AttemptStart<'_>) -> Start {
        let fields = json!({
            "partnerCode": self.partner_code,
            // The same for a second try, so that it cannot open a second order.
            "requestId": attempt.reference,
            "amount": attempt.amount.amount(),
            "orderId": attempt.reference,
            "orderInfo": format!("Thanh toan don hang {}", attempt.reference),
            "redirectUrl": self.return_url,
            "ipnUrl": self.notice_url,
            "requestType": "captureWallet",
            "extraData": "",
            "lang": if attempt.english { "en" } else { "vi" },
        });
        Start::Call(self.call("create", Message::Create, fields))
    }

    fn read_started(&self, attempt: &AttemptStart<'_>, answer: &HttpAnswer) -> Started {
        let fields = object(&answer.body);
        let code = whole(&fields, "resultCode");
        if code == Some(0) && !self.is_about(&fields, attempt.reference) {
            return Started::Unclear(words(answer, Some("about something else".to_owned())));
        }
        match code {
            Some(0) => match text(&fields, "payUrl").as_deref().and_then(page) {
                Some(url) => Started::Open(NextStep::Redirect { url }),
                None => Started::Unclear(words(answer, Some("no address".to_owned()))),
            },
            // The request or the order was there before.
            Some(40 | 41) => Started::Known,
            // Who we are, what we ask for and how much: the same request will never be taken.
            Some(code @ (11 | 12 | 13 | 20 | 21 | 22)) => Started::Refused(code.to_string()),
            _ => Started::Unclear(words(answer, text(&fields, "message"))),
        }
    }

    fn schedule(&self) -> Option<Schedule> {
        Some(SCHEDULE)
    }

    fn ask(&self, question: &Question<'_>) -> Option<HttpCall> {
        let fields = json!({
            "partnerCode": self.partner_code, "requestId": question.number, "orderId": question.reference, "lang": "vi",
        });
        Some(self.call("query", Message::Query, fields))
    }

    fn cancel(&self, _: &Question<'_>) -> Option<HttpCall> {
        None
    }

    fn read_asked(&self, question: &Question<'_>, answer: &HttpAnswer) -> Asked {
        let fields = object(&answer.body);
        let Some(code) = whole(&fields, "resultCode") else { return Asked::Unclear(words(answer, None)) };
        match meaning(code) {
            Meaning::Unknown => Asked::Unknown,
            Meaning::Ours => Asked::Unclear(words(answer, text(&fields, "message"))),
            _ if !self.is_about(&fields, question.reference) => {
                Asked::Unclear(words(answer, Some("about something else".to_owned())))
            }
            Meaning::Ended(Outcome::Pending) => Asked::Pending,
            Meaning::Ended(_) => match self.event(&fields) {
                // It was asked for: that is the confirmation.
                Some(event) => Asked::Told(vec![PaymentEvent { to_be_confirmed: false, ..event }]),
                None => Asked::Unclear(words(answer, Some("not as documented".to_owned()))),
            },
        }
    }

    fn read_callback(&self, callback: &RawCallback<'_>) -> Reading {
        if callback.body.is_empty() {
            return Reading::Unverified(Fault::MissingInput);
        }
        if callback.body.len() > BODY_BYTES_MAX {
            return Reading::Unverified(Fault::Malformed);
        }
        let fields = object(callback.body);
        if fields.is_empty() {
            return Reading::Unverified(Fault::Malformed);
        }
        if self.is_signed(&fields) { self.reading(&fields) } else { Reading::Unverified(Fault::BadSignature) }
    }

    fn reread(&self, callback: &RawCallback<'_>) -> Reading {
        self.reading(&object(callback.body))
    }

    /// The documentation knows 204 only; what is odd is not 204, so that somebody at MoMo can see it.
    fn answer(&self, verdict: Verdict, _: Option<&str>) -> Answer {
        let (status, message) = match verdict {
            Verdict::Applied | Verdict::AlreadyApplied | Verdict::Parked | Verdict::Contradicted => (204, ""),
            Verdict::UnknownOrder => (404, "order not found"),
            Verdict::WrongAmount => (422, "amount not equal"),
            Verdict::Unverified(Fault::BadSignature) => (401, "signature not equal"),
            Verdict::Unverified(Fault::Malformed | Fault::MissingInput) => (400, "not as documented"),
            Verdict::Unavailable => (503, "come again"),
        };
        let body = if status == 204 { String::new() } else { format!(r#"{{"message":"{message}"}}"#) };
        Answer { status, content_type: JSON, body }
    }
}

impl Momo {
    /// A signed request to one of MoMo's operations.
    fn call(&self, operation: &str, message: Message, mut fields: Value) -> HttpCall {
        if let Some(fields) = fields.as_object_mut() {
            let canonical = signed(message, fields, self.keys.access_key.expose()).unwrap_or_default();
            let signature = hmac_sha256(&self.keys.secret, &[canonical.as_bytes()]);
            fields.insert("signature".to_owned(), signature.into());
        }
        let url = format!("{}/v2/gateway/api/{operation}", self.base_url);
        HttpCall::post(url, Vec::new(), fields.to_string())
    }

    fn is_signed(&self, fields: &Map<String, Value>) -> bool {
        let Some(received) = text(fields, "signature") else { return false };
        [Some(&self.keys), self.previous.as_ref()].into_iter().flatten().any(|keys| {
            let canonical = signed(Message::Notice, fields, keys.access_key.expose());
            let is_set = !keys.secret.expose().is_empty();
            is_set
                && canonical
                    .is_some_and(|canonical| same_hex(&hmac_sha256(&keys.secret, &[canonical.as_bytes()]), &received))
        })
    }

    fn is_about(&self, fields: &Map<String, Value>, reference: &str) -> bool {
        text(fields, "orderId").as_deref() == Some(reference)
            && text(fields, "partnerCode").as_deref() == Some(self.partner_code.as_str())
    }

    fn reading(&self, fields: &Map<String, Value>) -> Reading {
        match self.event(fields) {
            Some(event) => Reading::Verified(event),
            None => Reading::Unverified(Fault::Malformed),
        }
    }

    fn event(&self, fields: &Map<String, Value>) -> Option<PaymentEvent> {
        let reference = text(fields, "orderId").filter(|text| is_reference(text))?;
        let code = whole(fields, "resultCode")?;
        // A payment that was broken off has the number zero, or none.
        let transaction = whole(fields, "transId").unwrap_or(0);
        let outcome = match meaning(code) {
            Meaning::Ended(outcome) => outcome,
            Meaning::Unknown | Meaning::Ours => Outcome::Pending,
        };
        Some(PaymentEvent {
            event_key: format!("{reference}:{transaction}:{code}"),
            provider_txn: (transaction > 0).then(|| transaction.to_string()),
            own_account: None,
            references: vec![reference],
            amount: money(fields, "amount")?,
            paid_at: whole(fields, "responseTime").and_then(|at| Utc.timestamp_millis_opt(at).single()),
            payee_account_ours: text(fields, "partnerCode").as_deref() == Some(self.partner_code.as_str()),
            outcome,
            raw_code: code.to_string(),
            to_be_confirmed: code == AUTHORISED,
        })
    }
}

/// What one of MoMo's codes says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Ended(Outcome),
    /// There is no such order.
    Unknown,
    /// About our request or MoMo's condition, not about the payment.
    Ours,
}

/// A code that nobody knows is no failure: the payment may go well, and is asked for again.
fn meaning(code: i64) -> Meaning {
    Meaning::Ended(match code {
        0 | AUTHORISED => Outcome::Paid,
        1003 | 1006 | 1017 => Outcome::Cancelled,
        1005 => Outcome::Expired,
        1001 | 1002 | 1004 | 1007 | 1026 | 2019 | 4001 | 4002 | 4100 => Outcome::Failed,
        42 => return Meaning::Unknown,
        10..=13 | 20..=22 | 40 | 41 | 43 | 45 | 47 | 98 | 99 => return Meaning::Ours,
        _ => Outcome::Pending,
    })
}

/// As MoMo describes its `orderId`: the signature of a notice is no reason to believe that it can be looked up.
fn is_reference(text: &str) -> bool {
    (1..=REFERENCE_LENGTH_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}
