//! What the targets share: the ways of paying with keys that the targets know, and what must be true of whatever one of
//! them believes.

pub mod settlement;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use ocop_market::config::Config;
use ocop_market::kernel::Vnd;
use ocop_market::payments::Providers;
use ocop_market::payments::providers::{
    Asked, AttemptStart, HttpAnswer, PaymentEvent, Provider, Question, RawCallback, Reading, RefundQuestion,
};
use serde_json::{Map, Value};
use sha2::{Sha256, Sha512};

pub const SEPAY_SECRET: &str = "whsec_of_the_targets";
pub const SEPAY_KEY: &str = "key_of_the_targets";
pub const VNPAY_SECRET: &str = "vnpay_of_the_targets";
pub const PAYOS_KEY: &str = "payos_of_the_targets";
pub const MOMO_ACCESS: &str = "momo_access";
pub const MOMO_SECRET: &str = "momo_of_the_targets";
pub const ZALOPAY_KEY2: &str = "zalopay_of_the_targets";
/// What VietQR.vn sends to get a token: `vietqr:vietqr_of_the_targets`.
pub const VIETQRVN_BASIC: &str = "Basic dmlldHFyOnZpZXRxcl9vZl90aGVfdGFyZ2V0cw==";

/// Longer than anything that the tables of payments let through, or that a person reads.
const TEXT_MAX: usize = 600;
const REFERENCES_MAX: usize = 17;

const SETTINGS: &[(&str, &str)] = &[
    ("SEPAY_HMAC_SECRET", SEPAY_SECRET),
    ("SEPAY_API_KEY", SEPAY_KEY),
    ("SEPAY_API_TOKEN", "token"),
    ("SEPAY_ACCOUNT_XID", "f9e8d7c6"),
    ("VNPAY_TMN_CODE", "OCOPHG01"),
    ("VNPAY_SECRET", VNPAY_SECRET),
    ("VNPAY_API_URL", "https://vnpay.test"),
    ("PAYOS_CLIENT_ID", "client"),
    ("PAYOS_API_KEY", "payos_api"),
    ("PAYOS_CHECKSUM_KEY", PAYOS_KEY),
    ("MOMO_PARTNER_CODE", "MOMO"),
    ("MOMO_ACCESS_KEY", MOMO_ACCESS),
    ("MOMO_SECRET_KEY", MOMO_SECRET),
    ("ZALOPAY_APP_ID", "2553"),
    ("ZALOPAY_KEY1", "zalopay_key1"),
    ("ZALOPAY_KEY2", ZALOPAY_KEY2),
    ("VIETQRVN_BANK_BIN", "970405"),
    ("VIETQRVN_ACCOUNT", "8206205123456"),
    ("VIETQRVN_ACCOUNT_NAME", "OCOP"),
    ("VIETQRVN_USERNAME", "vietqr"),
    ("VIETQRVN_PASSWORD", "vietqr_of_the_targets"),
    ("GHN_TOKEN", "ghn"),
    ("GHN_SHOP_ID", "1"),
    ("GHTK_TOKEN", "ghtk"),
    ("VIETTEL_POST_TOKEN", "viettel"),
];

pub fn config() -> Config {
    let values: BTreeMap<String, String> =
        SETTINGS.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Config::from_values(values).expect("settings without a fault")
}

/// All ways of paying, set up.
pub fn providers() -> &'static Providers {
    static PROVIDERS: OnceLock<Providers> = OnceLock::new();
    PROVIDERS.get_or_init(|| Providers::new(&config()).expect("a client"))
}

/// The moment at which everything happens.
pub fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_428_983, 0).expect("a moment")
}

pub fn callback<'a>(query: &'a str, headers: &'a [(String, String)], body: &'a [u8]) -> RawCallback<'a> {
    RawCallback { query, headers, body, received_at: now() }
}

pub fn header(name: &str, value: String) -> (String, String) {
    (name.to_owned(), value)
}

pub fn answer(status: u16, body: &[u8]) -> HttpAnswer {
    HttpAnswer { status, signature: None, retry_after_s: None, body: body.to_vec() }
}

pub fn question(reference: &str) -> Question<'_> {
    Question { reference, order: None, amount: amount(), created_at: now(), now: now(), number: "1" }
}

pub fn attempt(reference: &str) -> AttemptStart<'_> {
    AttemptStart {
        reference,
        amount: amount(),
        created_at: now(),
        expires_at: now() + chrono::TimeDelta::minutes(15),
        client_ip: std::net::IpAddr::from([203, 0, 113, 7]),
        english: false,
        now: now(),
    }
}

pub fn refund(reference: &str) -> RefundQuestion<'_> {
    RefundQuestion {
        number: "R1",
        reference,
        transaction: "14226112",
        created_at: now(),
        captured: amount(),
        amount: amount(),
        asked_at: now(),
        by: "ketoan01",
        now: now(),
    }
}

fn amount() -> Vnd {
    Vnd::new(185_000).expect("an amount")
}

pub fn sign_sha256(key: &str, message: &[&[u8]]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("any length");
    message.iter().for_each(|part| mac.update(part));
    hex::encode(mac.finalize().into_bytes())
}

pub fn sign_sha512(key: &str, message: &str) -> String {
    let mut mac = Hmac::<Sha512>::new_from_slice(key.as_bytes()).expect("any length");
    mac.update(message.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

/// The same bytes but for one bit, chosen by what they are.
pub fn changed(bytes: &[u8]) -> Vec<u8> {
    let mut other = bytes.to_vec();
    let place = bytes.iter().map(|byte| usize::from(*byte)).sum::<usize>();
    match other.len() {
        0 => other.push(b'0'),
        length => other[place % length] ^= 1 << (place % 7),
    }
    other
}

/// An object; what is none has no fields.
pub fn object(bytes: &[u8]) -> Map<String, Value> {
    serde_json::from_slice(bytes).unwrap_or_default()
}

/// A value as signatures have it: texts and whole numbers as they are, nothing as an empty text.
pub fn plain(value: Option<&Value>) -> Option<String> {
    match value {
        None | Some(Value::Null) => Some(String::new()),
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Number(number)) if !number.is_f64() => Some(number.to_string()),
        Some(_) => None,
    }
}

/// What is believed can be kept, shown and counted.
pub fn must_be_sound(reading: &Reading) {
    if let Reading::Verified(event) = reading {
        must_be_sound_event(event);
    }
}

pub fn must_be_sound_event(event: &PaymentEvent) {
    assert!((0..=Vnd::MAX).contains(&event.amount.amount()), "{event:?}");
    assert!(event.references.len() <= REFERENCES_MAX, "{event:?}");
    let texts =
        [Some(&event.event_key), event.provider_txn.as_ref(), event.own_account.as_ref(), Some(&event.raw_code)];
    for text in texts.into_iter().flatten().chain(&event.references) {
        assert!(!text.is_empty() && text.len() <= TEXT_MAX, "{event:?}");
        assert!(!text.chars().any(char::is_control), "{event:?}");
    }
}

/// All that a provider's answers may say.
pub fn read_answers(provider: &dyn Provider, reference: &str, answer: &HttpAnswer) {
    let _ = provider.read_started(&attempt(reference), answer);
    if let Asked::Told(events) = provider.read_asked(&question(reference), answer) {
        assert!(!events.is_empty());
        for event in &events {
            must_be_sound_event(event);
            assert_eq!(event.references, [reference], "an answer is about what was asked for");
        }
    }
}
