//! payOS's notices, answers and payouts, signed over their data by another writing of the rules than the program's.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ocop_market::kernel::Secret;
use ocop_market::payments::providers::{
    Fault, HttpAnswer, PayosPayouts, PayoutState, Provider, Reading, RotatingSecret,
};
use ocop_market_fuzz::{
    PAYOS_KEY, answer, callback, must_be_sound, object, plain, providers, read_answers, sign_sha256,
};
use serde_json::{Map, Value, json};

/// Names are in order already, on every level.
fn canonical(data: &Map<String, Value>, write: fn(&str) -> String) -> String {
    let pairs: Vec<String> =
        data.iter().map(|(name, value)| format!("{}={}", write(name), write(&shown(value)))).collect();
    pairs.join("&")
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) if text == "null" || text == "undefined" => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// What JavaScript's `encodeURIComponent` leaves alone, and the rest in hexadecimal.
fn encoded(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte);
    text.bytes().map(|b| if is_plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

fuzz_target!(|body: &[u8]| {
    let payos = providers().payos.as_ref().expect("payOS");
    must_be_sound(&payos.reread(&callback("", &[], body)));
    assert!(matches!(payos.read_callback(&callback("", &[], body)), Reading::Unverified(_)), "nobody signed it");

    let given = object(body);
    let Some(data) = given.get("data").and_then(Value::as_object).or(Some(&given)).filter(|data| !data.is_empty())
    else {
        return;
    };
    // Numbers with a fraction, of which payOS has none, are not read back to the last digit.
    if object(Value::Object(data.clone()).to_string().as_bytes()) != *data {
        return;
    }
    let signature = sign_sha256(PAYOS_KEY, &[canonical(data, str::to_owned).as_bytes()]);
    let message = |data: &Map<String, Value>| {
        json!({"code": "00", "desc": "success", "success": true, "data": data, "signature": signature}).to_string()
    };
    let signed = message(data);
    let read = payos.read_callback(&callback("", &[], signed.as_bytes()));
    assert_eq!(read, payos.reread(&callback("", &[], signed.as_bytes())));
    let mut other = data.clone();
    other.insert("amount".to_owned(), json!(1_234_567));
    if canonical(&other, str::to_owned) != canonical(data, str::to_owned) {
        let forged = payos.read_callback(&callback("", &[], message(&other).as_bytes()));
        assert_eq!(forged, Reading::Unverified(Fault::BadSignature));
    }

    let reference = plain(data.get("orderCode")).unwrap_or_default();
    read_answers(payos, &reference, &answer(200, body));
    read_answers(payos, &reference, &answer(200, signed.as_bytes()));
    paid_out(data, &signed);
});

fn paid_out(data: &Map<String, Value>, signed: &str) {
    let secret = |text: &str| Secret::new(text.to_owned());
    let payouts = PayosPayouts {
        base_url: "https://payos.test".to_owned(),
        client_id: "client".to_owned(),
        api_key: secret("api"),
        checksum_key: RotatingSecret { current: secret(PAYOS_KEY), previous: None },
    };
    let reference = plain(data.get("referenceId")).unwrap_or_default();
    let signature = sign_sha256(PAYOS_KEY, &[canonical(data, encoded).as_bytes()]);
    let with = |signature: Option<String>| HttpAnswer { signature, ..answer(200, signed.as_bytes()) };
    if let Ok(said) = payouts.read(&reference, &with(Some(signature))) {
        assert!(!said.id.is_empty());
        assert!(said.state != PayoutState::Failed(String::new()));
    }
    assert!(payouts.read(&reference, &with(None)).is_err(), "nobody signed it");
}
