//! VietQR texts: what is read is written as something that reads the same, and what we write is read back.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ocop_market::kernel::Vnd;
use ocop_market::payments::providers::{Initiation, Payee, Purpose, VietQr};
use ocop_market::payments::qr_image;
use ocop_market_fuzz::changed;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(code) = VietQr::parse(&text) {
        must_come_back(&code);
        if let Ok(other) = std::str::from_utf8(&changed(bytes)) {
            assert!(VietQr::parse(other).is_err(), "a check sum of 16 bits sees one wrong bit");
        }
    }
    // An account and a purpose, with a line between.
    let (account, purpose) = text.split_once('\n').unwrap_or((&text, ""));
    let Ok(payee) = Payee::new("970405", account) else { return };
    let amount = bytes.iter().fold(0_i64, |amount, byte| amount.wrapping_mul(31).wrapping_add(i64::from(*byte)));
    must_come_back(&VietQr {
        payee,
        initiation: if amount % 2 == 0 { Initiation::Dynamic } else { Initiation::Static },
        amount: Vnd::new(amount),
        purpose: Purpose::new(purpose).ok(),
    });
});

fn must_come_back(code: &VietQr) {
    let text = code.text();
    assert_eq!(VietQr::parse(&text).as_ref(), Ok(code), "{text}");
    assert!(qr_image::draw(&text).is_ok_and(|picture| picture.starts_with(b"\x89PNG")));
}
