//! VNPAY's notices (a query) and the answers to questions (JSON).
#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use ocop_market::kernel::Secret;
use ocop_market::payments::providers::{Asked, Fault, Message, Provider, Reading, RotatingSecret};
use ocop_market_fuzz::{
    VNPAY_SECRET, answer, callback, must_be_sound, must_be_sound_event, object, plain, providers, question,
    read_answers, refund, sign_sha512,
};
use serde_json::Value;

fuzz_target!(|bytes: &[u8]| {
    if bytes.starts_with(b"{") {
        return answers(bytes);
    }
    let Ok(query) = std::str::from_utf8(bytes) else { return };
    let vnpay = providers().vnpay.as_ref().expect("VNPAY");
    must_be_sound(&vnpay.reread(&callback(query, &[], b"")));
    assert!(matches!(vnpay.read_callback(&callback(query, &[], b"")), Reading::Unverified(_)), "nobody signed it");

    let Some(pairs) = as_sent(query) else { return };
    let filled: Vec<String> =
        pairs.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| format!("{name}={value}")).collect();
    let signature = sign_sha512(VNPAY_SECRET, &filled.join("&"));
    let signed = format!("{query}&vnp_SecureHash={signature}");
    assert_eq!(vnpay.read_callback(&callback(&signed, &[], b"")), vnpay.reread(&callback(&signed, &[], b"")));
    let more = format!("{signed}&vnp_Added=1");
    if !pairs.contains_key("vnp_Added") {
        assert_eq!(vnpay.read_callback(&callback(&more, &[], b"")), Reading::Unverified(Fault::BadSignature));
    }
    let tracked = format!("{signed}&utm_source=1");
    assert_eq!(vnpay.read_callback(&callback(&tracked, &[], b"")), vnpay.reread(&callback(&signed, &[], b"")));
});

/// The parameters of a query whose names are plain, each once, and of which there are some.
fn as_sent(query: &str) -> Option<BTreeMap<&str, &str>> {
    let mut pairs = BTreeMap::new();
    for segment in query.split('&').filter(|segment| !segment.is_empty()) {
        let (name, value) = segment.split_once('=').unwrap_or((segment, ""));
        let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !is_plain || name.starts_with("vnp_SecureHash") {
            return None;
        }
        if name.starts_with("vnp_") && pairs.insert(name, value).is_some() {
            return None;
        }
    }
    // What decodes to nothing is as good as nothing in one writing of the text under the signature, not in another.
    let is_empty = pairs.is_empty() || query.len() > 4_000;
    (!is_empty).then_some(pairs)
}

fn answers(bytes: &[u8]) {
    let vnpay = providers().vnpay.as_ref().expect("VNPAY");
    let given = object(bytes);
    let reference = plain(given.get("vnp_TxnRef")).unwrap_or_default();
    let refund = refund(&reference);
    read_answers(vnpay, &reference, &answer(200, bytes));
    let secret = RotatingSecret { current: Secret::new(VNPAY_SECRET.to_owned()), previous: None };
    for message in [Message::QueryAnswer, Message::RefundAnswer] {
        let mut fields = given.clone();
        let Some(signature) = message.sign(&fields, &secret) else { continue };
        fields.insert("vnp_SecureHash".to_owned(), signature.to_uppercase().into());
        assert!(message.is_genuine(&fields, &secret));
        let signed = answer(200, Value::Object(fields.clone()).to_string().as_bytes());
        if let Asked::Told(events) = vnpay.read_asked(&question(&reference), &signed) {
            events.iter().for_each(must_be_sound_event);
        }
        let _ = vnpay.read_refund(&refund, &signed);
        let _ = vnpay.read_refund_asked(&refund, &signed);
        let other = plain(given.get("vnp_ResponseCode")).unwrap_or_default() + "x";
        fields.insert("vnp_ResponseCode".to_owned(), other.into());
        assert!(!message.is_genuine(&fields, &secret));
    }
}
