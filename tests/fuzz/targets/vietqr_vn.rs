//! VietQR.vn's messages, and the tokens that it sends them with.
#![no_main]

use chrono::TimeDelta;
use libfuzzer_sys::fuzz_target;
use ocop_market::payments::providers::{Fault, Provider, RawCallback, Reading};
use ocop_market_fuzz::{VIETQRVN_BASIC, callback, header, must_be_sound, now, object, plain, providers};

fuzz_target!(|bytes: &[u8]| {
    let vietqr_vn = providers().vietqr_vn.as_ref().expect("VietQR.vn");
    let read = vietqr_vn.reread(&callback("", &[], bytes));
    must_be_sound(&read);

    let granted = vietqr_vn.token_answer(Some(VIETQRVN_BASIC), now());
    assert_eq!(granted.status, 200);
    let token = plain(object(granted.body.as_bytes()).get("access_token")).expect("a token");
    let with_token = [header("authorization", format!("Bearer {token}"))];
    assert_eq!(vietqr_vn.read_callback(&callback("", &with_token, bytes)), read);
    let late = RawCallback { received_at: now() + TimeDelta::minutes(5), ..callback("", &with_token, bytes) };
    assert_eq!(vietqr_vn.read_callback(&late), Reading::Unverified(Fault::BadSignature));

    let text = String::from_utf8_lossy(bytes).into_owned();
    if text != VIETQRVN_BASIC {
        assert_eq!(vietqr_vn.token_answer(Some(&text), now()).status, 400);
    }
    if text != token {
        let with_any = [header("authorization", format!("Bearer {text}"))];
        assert_eq!(vietqr_vn.read_callback(&callback("", &with_any, b"{}")), Reading::Unverified(Fault::BadSignature));
    }
});
