//! What of a message payOS's signatures cover.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// The text under the signature of `data`: pairs in the order of their names, plain.
pub(super) fn canonical(data: &Map<String, Value>) -> String {
    let pairs: Vec<String> = sorted(data).into_iter().map(|(name, value)| format!("{name}={}", shown(value))).collect();
    pairs.join("&")
}

/// The text under the signature of a payout: the same, with everything encoded as a part of an address.
pub(super) fn canonical_encoded(data: &Map<String, Value>) -> String {
    let pairs: Vec<String> =
        sorted(data).into_iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(&shown(value)))).collect();
    pairs.join("&")
}

fn sorted(object: &Map<String, Value>) -> BTreeMap<&str, &Value> {
    object.iter().map(|(name, value)| (name.as_str(), value)).collect()
}

/// A value as payOS's own libraries write it; what JavaScript calls nothing is empty, on the first level only.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) if matches!(text.as_str(), "null" | "undefined") => String::new(),
        Value::String(text) => text.clone(),
        other => written(other),
    }
}

/// JSON without spaces, the names of every object in order.
fn written(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(written).collect::<Vec<_>>().join(",")),
        Value::Object(object) => {
            let pairs = sorted(object).into_iter();
            let pairs: Vec<String> =
                pairs.map(|(name, value)| format!("{}:{}", Value::from(name), written(value))).collect();
            format!("{{{}}}", pairs.join(","))
        }
        plain => plain.to_string(),
    }
}

/// As `encodeURIComponent` does.
fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
