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

/// Holds a reading and its answer against what the vector expects.
pub(super) fn check(vector: &Value, provider: &dyn super::Provider, reading: &super::Reading) {
    use super::{Outcome, Reading, Verdict};
    let id = text(vector, "/id");
    let verdict = verdict(vector, reading);
    let answer = provider.answer(verdict);
    let expected = &vector["expected"];
    let valid = !matches!(reading, Reading::Unverified(_));
    assert_eq!(expected["signature_valid"], valid, "{id}");
    assert_eq!(expected["http_status"], answer.status, "{id}");
    assert_eq!(answer.content_type, "application/json", "{id}");
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    if !expected["body"].is_null() {
        assert_eq!(expected["body"], body, "{id}");
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
