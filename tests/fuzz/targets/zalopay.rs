//! ZaloPay's callbacks, of which the inner text is signed as it was sent, and its answers.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ocop_market::payments::providers::{Fault, Provider, Reading};
use ocop_market_fuzz::{
    ZALOPAY_KEY2, answer, callback, changed, must_be_sound, providers, read_answers, refund, sign_sha256,
};
use serde_json::json;

fuzz_target!(|bytes: &[u8]| {
    let zalopay = providers().zalopay.as_ref().expect("ZaloPay");
    must_be_sound(&zalopay.reread(&callback("", &[], bytes)));
    assert!(matches!(zalopay.read_callback(&callback("", &[], bytes)), Reading::Unverified(_)), "nobody signed it");
    read_answers(zalopay, "261123_HG0000004", &answer(200, bytes));
    let _ = zalopay.read_refund(&answer(200, bytes));
    let _ = zalopay.refund_name(&refund("261123_HG0000004"));

    let Ok(data) = std::str::from_utf8(bytes) else { return };
    let mac = sign_sha256(ZALOPAY_KEY2, &[bytes]);
    let message = |data: &str| json!({"data": data, "mac": mac, "type": 1}).to_string();
    let signed = message(data);
    if data.is_empty() || signed.len() > 64 * 1024 {
        return;
    }
    let read = zalopay.read_callback(&callback("", &[], signed.as_bytes()));
    assert_eq!(read, zalopay.reread(&callback("", &[], signed.as_bytes())));
    must_be_sound(&read);
    if let Ok(other) = std::str::from_utf8(&changed(bytes)) {
        let forged = zalopay.read_callback(&callback("", &[], message(other).as_bytes()));
        assert_eq!(forged, Reading::Unverified(Fault::BadSignature));
    }
});
