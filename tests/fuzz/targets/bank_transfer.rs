//! SePay's notices and lists: what it signs is read as it is, what it does not sign is not believed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ocop_market::kernel::Vnd;
use ocop_market::payments::providers::{Fault, Provider, Reading, SepayApi};
use ocop_market_fuzz::{
    SEPAY_KEY, SEPAY_SECRET, answer, callback, changed, header, must_be_sound, must_be_sound_event, now, providers,
    read_answers, sign_sha256,
};

fuzz_target!(|body: &[u8]| {
    let bank = &providers().bank_transfer;
    let read = bank.reread(&callback("", &[], body));
    must_be_sound(&read);

    let at = now().timestamp().to_string();
    let signature = format!("sha256={}", sign_sha256(SEPAY_SECRET, &[at.as_bytes(), b".", body]));
    let signed = [header("x-sepay-timestamp", at), header("x-sepay-signature", signature)];
    assert_eq!(bank.read_callback(&callback("", &signed, body)), read);
    let forged = bank.read_callback(&callback("", &signed, &changed(body)));
    assert_eq!(forged, Reading::Unverified(Fault::BadSignature));
    let with_key = [header("authorization", format!("Apikey {SEPAY_KEY}"))];
    assert_eq!(bank.read_callback(&callback("", &with_key, body)), read);
    let with_any = [header("authorization", String::from_utf8_lossy(body).into_owned())];
    if body != with_key[0].1.as_bytes() {
        assert!(matches!(bank.read_callback(&callback("", &with_any, b"{}")), Reading::Unverified(_)));
    }

    let listed = answer(200, body);
    for row in SepayApi::read_list(&listed).into_iter().flatten() {
        assert!(row.amount_in > Vnd::ZERO);
        must_be_sound_event(&bank.listed(&row));
    }
    let page = SepayApi::read_page(&listed).map(|(rows, _)| rows);
    assert_eq!(page.ok(), SepayApi::read_list(&listed).ok());
    for status in [201, 422] {
        read_answers(bank, "HG0000004", &answer(status, body));
    }
});
