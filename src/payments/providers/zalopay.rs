//! ZaloPay, version 2 of its interface: an order that we open, a word from their server, and answers to questions.
//!
//! Source: <https://docs.zalopay.vn/docs/specs/>. The word (callback) comes for success only, at most four times, so
//! failures are learnt by asking. Requests are signed with the first key, callbacks with the second; answers to
//! questions are not signed.

mod refund;
#[cfg(test)]
mod tests;

use std::ops::RangeInclusive;

use chrono::{DateTime, TimeZone, Utc};
use serde_json::{Map, Value, json};

use super::signature::{RotatingSecret, hmac_sha256, same_hex};
use super::wire::{compact_day, money, object, page, text, whole, words};
use super::{
    Answer, Asked, AttemptStart, Fault, HttpAnswer, HttpCall, JSON, NextStep, Outcome, PaymentEvent, Provider,
    ProviderId, Question, RawCallback, Reading, Schedule, Start, Started, Verdict,
};
use crate::kernel::Secret;
use crate::kernel::money::Vnd;
use crate::payments::transfer_code::TransferCode;

const BODY_BYTES_MAX: usize = 64 * 1024;
const REFERENCE_LENGTH_MAX: usize = 40;
/// What ZaloPay knows of the buyer: nothing.
const APP_USER: &str = "ocop_hg";
/// How long an order may last at ZaloPay, in seconds.
const LASTS_S: RangeInclusive<i64> = 300..=2_592_000;
/// Every minute until it is final.
const SCHEDULE: Schedule = Schedule { first_s: &[60], then_every_s: 60 };
/// The kind of a callback about a payment.
const PAYMENT: i64 = 1;
/// A reference that is known already.
const KNOWN: i64 = -68;
const NOT_FOUND: i64 = -101;
const USER_CANCELLED: i64 = -329;

/// An app at ZaloPay.
pub struct Zalopay {
    /// Without a slash at the end.
    pub base_url: String,
    pub app_id: i64,
    /// Signs our requests.
    pub key1: Secret,
    /// Signs callbacks.
    pub key2: RotatingSecret,
    /// Our page, to which the buyer is sent afterwards.
    pub return_url: String,
    /// Where callbacks go.
    pub callback_url: String,
}

impl Provider for Zalopay {
    fn id(&self) -> ProviderId {
        ProviderId::Zalopay
    }

    fn amounts(&self) -> RangeInclusive<i64> {
        1..=Vnd::MAX
    }

    /// Their `app_trans_id` begins with the day in Vietnam.
    fn reference(&self, code: &TransferCode, at: DateTime<Utc>) -> String {
        format!("{}_{}", compact_day(at), code.as_str())
    }

    fn opens_orders(&self) -> bool {
        true
    }

    fn start(&self, attempt: &AttemptStart<'_>) -> Start {
        let lasts_s = (attempt.expires_at - attempt.now).num_seconds().clamp(*LASTS_S.start(), *LASTS_S.end());
        let embedded = json!({"redirecturl": self.return_url}).to_string();
        let order =
            Order { reference: attempt.reference, amount: attempt.amount, at: attempt.now, embedded: &embedded };
        let mut fields = self.order(&order);
        fields.insert("description".to_owned(), format!("Thanh toan don hang {}", attempt.reference).into());
        fields.insert("callback_url".to_owned(), self.callback_url.clone().into());
        fields.insert("expire_duration_seconds".to_owned(), lasts_s.into());
        Start::Call(self.post("create", fields))
    }

    fn read_started(&self, _: &AttemptStart<'_>, answer: &HttpAnswer) -> Started {
        let fields = object(&answer.body);
        match (whole(&fields, "return_code"), whole(&fields, "sub_return_code")) {
            (Some(1), _) => match text(&fields, "order_url").as_deref().and_then(page) {
                Some(url) => Started::Open(NextStep::Redirect { url }),
                None => Started::Unclear(words(answer, Some("no address".to_owned()))),
            },
            (Some(2), Some(KNOWN)) => Started::Known,
            (Some(2), Some(code @ (-403..=-401))) => Started::Refused(code.to_string()),
            _ => Started::Unclear(words(answer, text(&fields, "sub_return_message"))),
        }
    }

    fn schedule(&self) -> Option<Schedule> {
        Some(SCHEDULE)
    }

    fn ask(&self, question: &Question<'_>) -> Option<HttpCall> {
        Some(self.post("query", self.question(question.reference)))
    }

    fn cancel(&self, _: &Question<'_>) -> Option<HttpCall> {
        None
    }

    fn read_asked(&self, question: &Question<'_>, answer: &HttpAnswer) -> Asked {
        let fields = object(&answer.body);
        match (whole(&fields, "return_code"), whole(&fields, "sub_return_code")) {
            (Some(1), _) => match paid(question, &fields) {
                Some(event) => Asked::Told(vec![event]),
                None => Asked::Unclear(words(answer, Some("not as documented".to_owned()))),
            },
            (Some(2), Some(NOT_FOUND)) => Asked::Unknown,
            // About our question, or ZaloPay's condition.
            (Some(2), Some(-429 | -500 | -403..=-401)) => {
                Asked::Unclear(words(answer, text(&fields, "sub_return_message")))
            }
            (Some(2), code) => Asked::Told(vec![unpaid(question, code)]),
            (Some(3), _) => Asked::Pending,
            _ => Asked::Unclear(words(answer, text(&fields, "return_message"))),
        }
    }

    fn read_callback(&self, callback: &RawCallback<'_>) -> Reading {
        if callback.body.is_empty() {
            return Reading::Unverified(Fault::MissingInput);
        }
        if callback.body.len() > BODY_BYTES_MAX {
            return Reading::Unverified(Fault::Malformed);
        }
        let outer = object(callback.body);
        let (Some(data), Some(received)) = (text(&outer, "data"), text(&outer, "mac")) else {
            return Reading::Unverified(Fault::Malformed);
        };
        // Over the text as it was sent, never over one that is written anew.
        let is_signed = self.key2.any(|key| same_hex(&hmac_sha256(key, &[data.as_bytes()]), &received));
        if is_signed { self.reading(&outer) } else { Reading::Unverified(Fault::BadSignature) }
    }

    fn reread(&self, callback: &RawCallback<'_>) -> Reading {
        self.reading(&object(callback.body))
    }

    fn answer(&self, verdict: Verdict, _: Option<&str>) -> Answer {
        let (code, message) = match verdict {
            Verdict::Applied | Verdict::Parked => (1, "success"),
            Verdict::AlreadyApplied | Verdict::Contradicted => (2, "duplicate"),
            Verdict::UnknownOrder => (-1, "order not found"),
            Verdict::WrongAmount => (-1, "amount not equal"),
            Verdict::Unverified(Fault::BadSignature) => (-1, "mac not equal"),
            Verdict::Unverified(Fault::Malformed | Fault::MissingInput) => (-1, "data invalid"),
            Verdict::Unavailable => (0, "temporary error"),
        };
        let body = format!(r#"{{"return_code":{code},"return_message":"{message}"}}"#);
        Answer { status: 200, content_type: JSON, body }
    }
}

/// What of an order is signed.
struct Order<'a> {
    reference: &'a str,
    amount: Vnd,
    at: DateTime<Utc>,
    /// JSON as it is sent.
    embedded: &'a str,
}

impl Zalopay {
    fn order(&self, order: &Order<'_>) -> Map<String, Value> {
        const NO_ITEMS: &str = "[]";
        let Order { reference, amount, at, embedded } = *order;
        let (amount, at) = (amount.amount(), at.timestamp_millis());
        let mut fields = Map::new();
        fields.insert("app_id".to_owned(), self.app_id.into());
        fields.insert("app_user".to_owned(), APP_USER.into());
        fields.insert("app_trans_id".to_owned(), reference.into());
        fields.insert("app_time".to_owned(), at.into());
        fields.insert("amount".to_owned(), amount.into());
        fields.insert("item".to_owned(), NO_ITEMS.into());
        fields.insert("embed_data".to_owned(), embedded.into());
        let canonical = format!("{}|{reference}|{APP_USER}|{amount}|{at}|{embedded}|{NO_ITEMS}", self.app_id);
        fields.insert("mac".to_owned(), self.mac(&canonical).into());
        fields
    }

    fn question(&self, reference: &str) -> Map<String, Value> {
        let mut fields = Map::new();
        fields.insert("app_id".to_owned(), self.app_id.into());
        fields.insert("app_trans_id".to_owned(), reference.into());
        let canonical = format!("{}|{reference}|{}", self.app_id, self.key1.expose());
        fields.insert("mac".to_owned(), self.mac(&canonical).into());
        fields
    }

    fn mac(&self, canonical: &str) -> String {
        hmac_sha256(&self.key1, &[canonical.as_bytes()])
    }

    fn post(&self, operation: &str, fields: Map<String, Value>) -> HttpCall {
        let url = format!("{}/v2/{operation}", self.base_url);
        HttpCall::post(url, Vec::new(), Value::Object(fields).to_string())
    }

    fn reading(&self, outer: &Map<String, Value>) -> Reading {
        if whole(outer, "type").is_some_and(|kind| kind != PAYMENT) {
            return Reading::NotForUs;
        }
        let data = object(text(outer, "data").unwrap_or_default().as_bytes());
        match self.event(&data) {
            Some(event) => Reading::Verified(event),
            None => Reading::Unverified(Fault::Malformed),
        }
    }

    fn event(&self, data: &Map<String, Value>) -> Option<PaymentEvent> {
        let reference = text(data, "app_trans_id").filter(|text| is_reference(text))?;
        let transaction = whole(data, "zp_trans_id").filter(|number| *number > 0)?.to_string();
        Some(PaymentEvent {
            event_key: paid_key(&reference, &transaction),
            provider_txn: Some(transaction),
            own_account: None,
            references: vec![reference],
            amount: money(data, "amount")?,
            paid_at: whole(data, "server_time").and_then(|at| Utc.timestamp_millis_opt(at).single()),
            payee_account_ours: whole(data, "app_id") == Some(self.app_id),
            outcome: Outcome::Paid,
            raw_code: "1".to_owned(),
            to_be_confirmed: false,
        })
    }
}

/// The answer to a question does not repeat the reference.
fn paid(question: &Question<'_>, fields: &Map<String, Value>) -> Option<PaymentEvent> {
    let transaction = whole(fields, "zp_trans_id").filter(|number| *number > 0)?.to_string();
    Some(PaymentEvent {
        event_key: paid_key(question.reference, &transaction),
        provider_txn: Some(transaction),
        own_account: None,
        references: vec![question.reference.to_owned()],
        amount: money(fields, "amount")?,
        paid_at: whole(fields, "server_time").and_then(|at| Utc.timestamp_millis_opt(at).single()),
        payee_account_ours: true,
        outcome: Outcome::Paid,
        raw_code: "1".to_owned(),
        to_be_confirmed: false,
    })
}

fn paid_key(reference: &str, transaction: &str) -> String {
    format!("{reference}:{transaction}:1")
}

fn unpaid(question: &Question<'_>, code: Option<i64>) -> PaymentEvent {
    let raw_code = format!("2/{}", code.unwrap_or(0));
    PaymentEvent {
        event_key: format!("{}:0:{raw_code}", question.reference),
        provider_txn: None,
        own_account: None,
        references: vec![question.reference.to_owned()],
        // No money moved, so the answer need not name any.
        amount: question.amount,
        paid_at: None,
        payee_account_ours: true,
        outcome: if code == Some(USER_CANCELLED) { Outcome::Cancelled } else { Outcome::Failed },
        raw_code,
        to_be_confirmed: false,
    }
}

fn is_reference(text: &str) -> bool {
    text.len() <= REFERENCE_LENGTH_MAX && text.bytes().all(|byte| byte.is_ascii_graphic())
}
