//! payOS: a link that we open, a word about every transfer that comes in for it, and answers to questions.
//!
//! Source: <https://payos.vn/docs>. Money lands on our own bank account; a link may get several transfers, each with a
//! word of its own. Everything that payOS says is signed over its `data`. It knows references as numbers only.

mod payouts;
mod signature;
#[cfg(test)]
mod tests;

use std::ops::RangeInclusive;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use self::signature::canonical;
use super::bank_transfer::TRANSFER_MAX_VND;
use super::signature::{RotatingSecret, hmac_sha256, same_hex};
use super::wire::{is_digits, money, object, page, read_spaced_moment, text, words};
use super::{
    Answer, Asked, AttemptStart, Fault, HttpAnswer, HttpCall, JSON, NextStep, Outcome, PaymentEvent, Provider,
    ProviderId, Question, RawCallback, Reading, Schedule, Start, Started, Verdict,
};
use crate::kernel::Secret;
use crate::payments::transfer_code::TransferCode;

pub use payouts::{PayosPayout, PayosPayouts, PayoutSaid, PayoutState};

const BODY_BYTES_MAX: usize = 64 * 1024;
/// Added to the number in our code: all orders have ten digits, and none is payOS's own example, 123.
const ORDERS_FROM: u32 = 1_000_000_000;
const REFERENCE_LENGTH_MAX: usize = 16;
const TRANSACTION_LENGTH_MAX: usize = 200;
const SCHEDULE: Schedule = Schedule { first_s: &[60, 180, 300, 600], then_every_s: 600 };
const OK: &str = "00";

/// A payment channel at payOS.
pub struct Payos {
    /// Without a slash at the end.
    pub base_url: String,
    pub client_id: String,
    pub api_key: Secret,
    pub checksum_key: RotatingSecret,
    /// Our page, to which the buyer is sent afterwards.
    pub return_url: String,
}

impl Provider for Payos {
    fn id(&self) -> ProviderId {
        ProviderId::Payos
    }

    fn amounts(&self) -> RangeInclusive<i64> {
        1..=TRANSFER_MAX_VND
    }

    /// The number in our code.
    fn reference(&self, code: &TransferCode, _: DateTime<Utc>) -> String {
        ORDERS_FROM.saturating_add(code.number()).to_string()
    }

    fn opens_orders(&self) -> bool {
        true
    }

    fn start(&self, attempt: &AttemptStart<'_>) -> Start {
        let order: u32 = attempt.reference.parse().unwrap_or(0);
        // Its nine characters are what a bank account that payOS only watches lets through.
        let code = TransferCode::generate(order.wrapping_sub(ORDERS_FROM));
        let link = Link {
            order: order.into(),
            amount: attempt.amount.amount(),
            description: code.as_str(),
            return_url: &self.return_url,
            cancel_url: &self.return_url,
        };
        let mut fields = self.link(&link);
        fields.insert("expiredAt".to_owned(), attempt.expires_at.timestamp().into());
        Start::Call(self.post("", &Value::Object(fields)))
    }

    fn read_started(&self, attempt: &AttemptStart<'_>, answer: &HttpAnswer) -> Started {
        let said = match self.proven(answer) {
            Ok(data) => data,
            Err(Refusal { code, .. }) if code == "231" => return Started::Known,
            Err(Refusal { code, .. }) if code == "20" || code == "201" => return Started::Refused(code),
            Err(Refusal { words, .. }) => return Started::Unclear(words),
        };
        if !is_about(&said, attempt.reference) || money(&said, "amount") != Some(attempt.amount) {
            return Started::Unclear(words(answer, Some("about something else".to_owned())));
        }
        match text(&said, "checkoutUrl").as_deref().and_then(page) {
            Some(url) => Started::Open(NextStep::Redirect { url }),
            None => Started::Unclear(words(answer, Some("no address".to_owned()))),
        }
    }

    fn schedule(&self) -> Option<Schedule> {
        Some(SCHEDULE)
    }

    fn ask(&self, question: &Question<'_>) -> Option<HttpCall> {
        let url = format!("{}/v2/payment-requests/{}", self.base_url, question.reference);
        Some(HttpCall::get(url, self.headers()))
    }

    fn cancel(&self, question: &Question<'_>) -> Option<HttpCall> {
        let reason = json!({"cancellationReason": "Khong con cho thanh toan"});
        Some(self.post(&format!("/{}/cancel", question.reference), &reason))
    }

    /// Called off, a link is told as it is then.
    fn read_asked(&self, question: &Question<'_>, answer: &HttpAnswer) -> Asked {
        let said = match self.proven(answer) {
            Ok(data) => data,
            Err(Refusal { code, .. }) if code == "101" => return Asked::Unknown,
            Err(Refusal { words, .. }) => return Asked::Unclear(words),
        };
        if !is_about(&said, question.reference) {
            return Asked::Unclear(words(answer, Some("about something else".to_owned())));
        }
        told(question, &said).unwrap_or_else(|| Asked::Unclear(words(answer, Some("not as documented".to_owned()))))
    }

    fn read_callback(&self, callback: &RawCallback<'_>) -> Reading {
        if callback.body.is_empty() {
            return Reading::Unverified(Fault::MissingInput);
        }
        if callback.body.len() > BODY_BYTES_MAX {
            return Reading::Unverified(Fault::Malformed);
        }
        let outer = object(callback.body);
        let Some(data) = outer.get("data").and_then(Value::as_object) else {
            return Reading::Unverified(Fault::Malformed);
        };
        let received = text(&outer, "signature").unwrap_or_default();
        if self.is_signed(data, &received) { reading(data) } else { Reading::Unverified(Fault::BadSignature) }
    }

    fn reread(&self, callback: &RawCallback<'_>) -> Reading {
        match object(callback.body).get("data").and_then(Value::as_object) {
            Some(data) => reading(data),
            None => Reading::Unverified(Fault::Malformed),
        }
    }

    /// Anything of 2xx ends it. That we do not know the order is no fault: payOS sends such an example when the address
    /// is set up.
    fn answer(&self, verdict: Verdict, _: Option<&str>) -> Answer {
        let status = match verdict {
            Verdict::Applied
            | Verdict::AlreadyApplied
            | Verdict::UnknownOrder
            | Verdict::WrongAmount
            | Verdict::Parked
            | Verdict::Contradicted => 200,
            Verdict::Unverified(Fault::BadSignature) => 401,
            Verdict::Unverified(Fault::Malformed | Fault::MissingInput) => 400,
            Verdict::Unavailable => 503,
        };
        let success = status == 200;
        Answer { status, content_type: JSON, body: format!(r#"{{"success":{success}}}"#) }
    }
}

/// What of a link is signed.
struct Link<'a> {
    order: i64,
    amount: i64,
    description: &'a str,
    return_url: &'a str,
    cancel_url: &'a str,
}

/// An answer that says no, or that nobody can believe.
struct Refusal {
    code: String,
    words: String,
}

impl Payos {
    fn link(&self, link: &Link<'_>) -> Map<String, Value> {
        let Link { order, amount, description, return_url, cancel_url } = *link;
        let canonical = format!(
            "amount={amount}&cancelUrl={cancel_url}&description={description}&orderCode={order}&returnUrl={return_url}"
        );
        let mut fields = Map::new();
        fields.insert("orderCode".to_owned(), order.into());
        fields.insert("amount".to_owned(), amount.into());
        fields.insert("description".to_owned(), description.into());
        fields.insert("cancelUrl".to_owned(), cancel_url.into());
        fields.insert("returnUrl".to_owned(), return_url.into());
        let signature = hmac_sha256(&self.checksum_key.current, &[canonical.as_bytes()]);
        fields.insert("signature".to_owned(), signature.into());
        fields
    }

    fn post(&self, path: &str, body: &Value) -> HttpCall {
        let url = format!("{}/v2/payment-requests{path}", self.base_url);
        HttpCall::post(url, self.headers(), body.to_string())
    }

    fn headers(&self) -> Vec<(&'static str, Secret)> {
        vec![("x-client-id", Secret::new(self.client_id.clone())), ("x-api-key", self.api_key.clone())]
    }

    fn is_signed(&self, data: &Map<String, Value>, received: &str) -> bool {
        let canonical = canonical(data);
        self.checksum_key.any(|key| same_hex(&hmac_sha256(key, &[canonical.as_bytes()]), received))
    }

    /// What an answer says, if payOS signed it. Status 200 carries refusals too.
    fn proven(&self, answer: &HttpAnswer) -> Result<Map<String, Value>, Refusal> {
        let outer = object(&answer.body);
        let code = text(&outer, "code").unwrap_or_default();
        let refusal = |code: String, said: Option<String>| Refusal { words: words(answer, said), code };
        if answer.status != 200 || code != OK {
            let of_order = if answer.status == 200 { code.clone() } else { String::new() };
            return Err(refusal(of_order, Some(format!("{code} {}", text(&outer, "desc").unwrap_or_default()))));
        }
        let data = outer.get("data").and_then(Value::as_object).cloned().unwrap_or_default();
        let received = text(&outer, "signature").unwrap_or_default();
        if self.is_signed(&data, &received) {
            Ok(data)
        } else {
            Err(refusal(String::new(), Some("not signed".to_owned())))
        }
    }
}

fn is_about(data: &Map<String, Value>, reference: &str) -> bool {
    text(data, "orderCode").as_deref() == Some(reference)
}

/// A link with its transfers, as the words about them would tell it.
fn told(question: &Question<'_>, link: &Map<String, Value>) -> Option<Asked> {
    let (id, status) = (text(link, "id").filter(|text| is_transaction(text))?, text(link, "status")?);
    let transfers = link.get("transactions").and_then(Value::as_array).into_iter().flatten();
    let events: Option<Vec<PaymentEvent>> =
        transfers.map(|transfer| transferred(question.reference, &id, transfer.as_object()?)).collect();
    let events = events?;
    let ended = match status.as_str() {
        "PENDING" | "PROCESSING" => return Some(if events.is_empty() { Asked::Pending } else { Asked::Told(events) }),
        "PAID" | "UNDERPAID" if events.is_empty() => return None,
        "PAID" | "UNDERPAID" => return Some(Asked::Told(events)),
        "CANCELLED" => Outcome::Cancelled,
        "EXPIRED" => Outcome::Expired,
        "FAILED" => Outcome::Failed,
        _ => return None,
    };
    if !events.is_empty() {
        return Some(Asked::Told(events));
    }
    Some(Asked::Told(vec![PaymentEvent {
        event_key: format!("{id}:{status}"),
        provider_txn: None,
        own_account: None,
        references: vec![question.reference.to_owned()],
        // No money moved.
        amount: question.amount,
        paid_at: None,
        payee_account_ours: true,
        outcome: ended,
        raw_code: status,
        to_be_confirmed: false,
    }]))
}

/// One transfer that came in for a link.
fn transferred(order: &str, link: &str, transfer: &Map<String, Value>) -> Option<PaymentEvent> {
    let number = text(transfer, "reference").filter(|text| is_transaction(text))?;
    Some(PaymentEvent {
        // Banks do not promise that their numbers are unique; within a link they are.
        event_key: format!("{link}:{number}"),
        provider_txn: Some(number),
        own_account: None,
        references: vec![order.to_owned()],
        amount: money(transfer, "amount")?,
        paid_at: text(transfer, "transactionDateTime").as_deref().and_then(read_moment),
        payee_account_ours: true,
        outcome: Outcome::Paid,
        raw_code: OK.to_owned(),
        to_be_confirmed: false,
    })
}

fn reading(data: &Map<String, Value>) -> Reading {
    match event(data) {
        Some(event) => Reading::Verified(event),
        None => Reading::Unverified(Fault::Malformed),
    }
}

fn event(data: &Map<String, Value>) -> Option<PaymentEvent> {
    let order = text(data, "orderCode").filter(|text| is_digits(text) && text.len() <= REFERENCE_LENGTH_MAX)?;
    let link = text(data, "paymentLinkId").filter(|text| is_transaction(text))?;
    if text(data, "currency").is_some_and(|currency| currency != "VND") {
        return None;
    }
    let code = text(data, "code").filter(|text| is_transaction(text))?;
    let transferred = transferred(&order, &link, data)?;
    // Told only of money; what else it could be, a person has to see.
    let outcome = if code == OK { Outcome::Paid } else { Outcome::Review };
    Some(PaymentEvent { outcome, raw_code: code, ..transferred })
}

fn read_moment(text: &str) -> Option<DateTime<Utc>> {
    read_spaced_moment(text).or_else(|| DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc()))
}

fn is_transaction(text: &str) -> bool {
    (1..=TRANSACTION_LENGTH_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}
