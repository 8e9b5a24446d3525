//! What the carriers' interfaces have in common.

use serde_json::Value;
use subtle::ConstantTimeEq as _;

use super::{HttpAnswer, RawMessage};
use crate::kernel::{Secret, Vnd};

/// Characters of a carrier's words that are kept.
const WORDS_MAX: usize = 300;
/// Characters of a name, a number or a code: four of them are one key.
const TEXT_MAX: usize = 100;

pub fn json(answer: &HttpAnswer) -> Value {
    serde_json::from_slice(&answer.body).unwrap_or_default()
}

/// A text or a whole number, as carriers write either for both. What the database would not keep is none.
pub fn text(value: &Value, pointer: &str) -> Option<String> {
    match value.pointer(pointer)? {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| is_kept(text)),
        Value::Number(number) if !number.is_f64() => Some(number.to_string()),
        _ => None,
    }
}

fn is_kept(text: &str) -> bool {
    (1..=TEXT_MAX).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

pub fn flag(value: &Value, pointer: &str) -> Option<bool> {
    value.pointer(pointer)?.as_bool()
}

pub fn money(value: &Value, pointer: &str) -> Option<Vnd> {
    text(value, pointer)?.parse().ok().and_then(Vnd::new)
}

/// What the carrier says, cut to what is kept.
pub fn words(answer: &HttpAnswer, value: &Value) -> String {
    let said = value.pointer("/message").and_then(Value::as_str).map(str::trim).filter(|said| !said.is_empty());
    let said = said.map_or_else(|| format!("HTTP {}", answer.status), str::to_owned);
    said.chars().filter(|character| !character.is_control()).take(WORDS_MAX).collect()
}

/// Whether an answer says something about the parcel, not about the carrier's or our own condition.
pub fn is_final(answer: &HttpAnswer) -> bool {
    !matches!(answer.status, 401 | 403 | 408 | 425 | 429) && answer.status < 500
}

/// Whether a message brings our secret: as a header, or as `hash` of the address that the carrier was given.
pub fn brings(message: &RawMessage<'_>, secret: &Secret) -> bool {
    let of_query = form_urlencoded::parse(message.query.as_bytes()).find(|(name, _)| name == "hash");
    let brought = message.token.map(str::to_owned).or_else(|| of_query.map(|(_, value)| value.into_owned()));
    brought.is_some_and(|brought| is_same(&brought, secret))
}

pub fn is_same(brought: &str, secret: &Secret) -> bool {
    bool::from(brought.as_bytes().ct_eq(secret.expose().as_bytes()))
}
