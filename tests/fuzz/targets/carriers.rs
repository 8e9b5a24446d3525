//! Messages and answers of carriers. The first byte says whose it is and how it is packed.
#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use ocop_market::shipping::carriers::{CarrierApi, Carriers, Created, Found, RawMessage};
use ocop_market::shipping::{Carrier, read_address_list};
use ocop_market_fuzz::{answer, config};

/// Bytes that an index takes, and more than any carrier writes.
const TEXT_MAX: usize = 2_600;

fn carriers() -> &'static Carriers {
    static CARRIERS: OnceLock<Carriers> = OnceLock::new();
    CARRIERS.get_or_init(|| Carriers::new(&config().carriers).expect("a client"))
}

fuzz_target!(|bytes: &[u8]| {
    let Some((first, rest)) = bytes.split_first() else { return };
    if first % 8 == 7 {
        return address_list(rest);
    }
    let carrier = [Carrier::Ghn, Carrier::Ghtk, Carrier::ViettelPost][usize::from(first % 3)];
    let api = carriers().find(carrier).expect("a carrier");
    let content_type = if first & 64 == 0 { "application/json" } else { "application/x-www-form-urlencoded" };
    let message = RawMessage { query: "", token: None, content_type, body: rest };
    assert!(!api.is_genuine(&message), "without our secret");
    if let Some(news) = api.read_message(&message) {
        for text in [&news.code, &news.raw_code, &news.dedup_key].into_iter().chain(&news.reference) {
            assert!((1..=TEXT_MAX).contains(&text.len()) && !text.chars().any(char::is_control), "{news:?}");
        }
        assert_eq!(api.read_message(&message), Some(news), "said again it is the same");
    }
    for status in [200, 400, 503] {
        answers(api, status, rest);
    }
});

fn answers(api: &dyn CarrierApi, status: u16, body: &[u8]) {
    let said = answer(status, body);
    let _ = api.read_quote(&said);
    let _ = api.read_cancelled(&said);
    if let Created::Booked { code: Some(code), .. } = api.read_created(&said) {
        assert!(!code.is_empty());
    }
    let found = api.read_found(&said);
    assert!(status < 500 || !matches!(found, Found::Unknown), "a carrier that is ill does not say that there is none");
    if let Found::Known { code, raw_code, .. } = found {
        assert!(!code.is_empty() && !raw_code.is_empty());
    }
}

/// A carrier's list of communes: rows, or faults with their lines.
fn address_list(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match read_address_list(&text) {
        Ok(rows) => assert!(rows.windows(2).all(|two| two[0].0 < two[1].0)),
        Err(faults) => assert!(!faults.is_empty() && faults.iter().all(|fault| fault.starts_with("line "))),
    }
}
