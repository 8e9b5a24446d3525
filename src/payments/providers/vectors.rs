//! The recorded messages that every provider's tests run.

use serde_json::Value;

const TEXT: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/payments.json"));

/// The vectors of one provider, of the kinds named.
pub(super) fn of(provider: &str, kinds: &[&str]) -> Vec<Value> {
    let all: Value = serde_json::from_str(TEXT).unwrap();
    let vectors = all[provider].as_array().unwrap().iter();
    let chosen: Vec<Value> = vectors.filter(|v| kinds.contains(&text(v, "/kind"))).cloned().collect();
    assert!(!chosen.is_empty(), "no vector of {provider} {kinds:?}");
    chosen
}

/// Every provider that vectors were recorded of.
pub(super) fn providers() -> Vec<String> {
    let all: std::collections::BTreeMap<String, Value> = serde_json::from_str(TEXT).unwrap();
    all.into_keys().collect()
}

/// How many vectors of a provider there are, whatever their kind.
pub(super) fn count(provider: &str) -> usize {
    let all: Value = serde_json::from_str(TEXT).unwrap();
    all[provider].as_array().unwrap().len()
}

/// The text at a JSON pointer.
pub(super) fn text<'a>(vector: &'a Value, pointer: &str) -> &'a str {
    vector.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{pointer}: {vector}"))
}

/// What is expected of a callback, in a marketplace that knows the vector's seeds only.
pub(super) fn verdict(vector: &Value, reading: &super::Reading) -> super::Verdict {
    use super::{Reading, Verdict};
    let event = match reading {
        Reading::Unverified(fault) => return Verdict::Unverified(*fault),
        Reading::NotForUs => return Verdict::Applied,
        Reading::Verified(event) => event,
    };
    let seeds = vector["seed"].as_array().unwrap();
    let known = |seed: &&Value| event.references.iter().any(|r| seed["ref"] == r.as_str());
    match seeds.iter().find(known) {
        None => Verdict::UnknownOrder,
        Some(seed) if seed["amount_vnd"] == event.amount.amount() => Verdict::Applied,
        Some(_) => Verdict::WrongAmount,
    }
}

/// The body with what the vectors cannot know in it: our own number of a transfer.
fn with_placeholder(body: &str, has_number: bool) -> Value {
    let mut body: Value = serde_json::from_str(body).unwrap();
    if let Some(number) = body.pointer_mut("/object/reftransactionid").filter(|_| has_number) {
        assert!(number.as_str().is_some_and(|number| !number.is_empty()));
        *number = "<our id>".into();
    }
    body
}

/// Holds a reading and its answer against what the vector expects.
pub(super) fn check(vector: &Value, provider: &dyn super::Provider, reading: &super::Reading) {
    use super::{Outcome, Reading, Verdict};
    let id = text(vector, "/id");
    let verdict = verdict(vector, reading);
    let event_key = if let Reading::Verified(event) = reading { Some(event.event_key.as_str()) } else { None };
    let answer = provider.answer(verdict, event_key);
    let expected = &vector["expected"];
    let valid = !matches!(reading, Reading::Unverified(_));
    if let Some(expected) = expected["signature_valid"].as_bool() {
        assert_eq!(expected, valid, "{id}");
    }
    match expected["http_status"].as_str() {
        // "2xx" or "4xx", and what is to be said about it.
        Some(class) => assert_eq!(class.get(..1), answer.status.to_string().get(..1), "{id}"),
        None => assert_eq!(expected["http_status"], answer.status, "{id}"),
    }
    assert_eq!(answer.content_type, "application/json", "{id}");
    match &expected["body"] {
        Value::Null => {}
        Value::String(text) => assert_eq!(text, &answer.body, "{id}"),
        wanted => assert_eq!(*wanted, with_placeholder(&answer.body, event_key.is_some()), "{id}"),
    }
    let paid =
        matches!(reading, Reading::Verified(event) if event.outcome == Outcome::Paid) && verdict == Verdict::Applied;
    if let Some(state) = vector.pointer("/assert/order_state").and_then(Value::as_str) {
        assert_eq!(state == "paid", paid, "{id}");
    }
}

/// Reads a callback, and holds against it what is read again once nothing proves the message any more.
pub(super) fn read(provider: &dyn super::Provider, callback: &super::RawCallback<'_>) -> super::Reading {
    let reading = provider.read_callback(callback);
    if !matches!(reading, super::Reading::Unverified(_)) {
        let unproven = super::RawCallback { headers: &[], received_at: chrono::DateTime::UNIX_EPOCH, ..*callback };
        assert_eq!(provider.reread(&unproven), reading);
    }
    reading
}

/// An answer of a provider.
pub(super) fn answer(status: u16, body: &Value) -> super::HttpAnswer {
    super::HttpAnswer { status, signature: None, retry_after_s: None, body: body.to_string().into_bytes() }
}

/// The body of a request.
pub(super) fn body(call: &super::HttpCall) -> Value {
    serde_json::from_str(call.body.as_deref().unwrap()).unwrap()
}

/// What must not make a reader panic: arbitrary bytes, and objects with these fields holding whatever JSON holds.
pub(super) fn any_body(fields: &'static [&'static str]) -> impl proptest::strategy::Strategy<Value = Vec<u8>> {
    use proptest::prelude::*;
    let value = prop_oneof![
        any::<String>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[0-9]{0,20}".prop_map(Value::from),
        "[0-9]{1,9}[.]0".prop_map(Value::from),
        Just(Value::Null),
        Just(serde_json::json!([{"reference": "x", "amount": 1}, null])),
        Just(serde_json::json!({"id": "x"})),
    ];
    let object = proptest::collection::hash_map(proptest::sample::select(fields), value, 0..=fields.len());
    prop_oneof![any::<Vec<u8>>(), object.prop_map(|fields| serde_json::to_vec(&fields).unwrap()),]
}

/// The attempt that recorded requests are about.
pub(super) fn attempt<'a>(reference: &'a str, amount: i64) -> super::AttemptStart<'a> {
    let now = chrono::TimeZone::timestamp_opt(&chrono::Utc, 1_795_428_900, 0).unwrap();
    super::AttemptStart {
        reference,
        amount: crate::kernel::Vnd::new(amount).unwrap(),
        created_at: now,
        expires_at: now + chrono::TimeDelta::minutes(15),
        client_ip: [203, 0, 113, 7].into(),
        english: false,
        now,
    }
}

/// The question after it.
pub(super) fn question<'a>(reference: &'a str, amount: i64) -> super::Question<'a> {
    let attempt = attempt(reference, amount);
    let (amount, created_at, now) = (attempt.amount, attempt.created_at, attempt.now);
    super::Question { reference, order: None, amount, created_at, now, number: "qry1" }
}
