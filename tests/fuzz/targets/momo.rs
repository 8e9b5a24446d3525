//! MoMo's notices and answers.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ocop_market::payments::providers::{Fault, Provider, Reading};
use ocop_market_fuzz::{
    MOMO_ACCESS, MOMO_SECRET, answer, callback, must_be_sound, object, plain, providers, read_answers, refund,
    sign_sha256,
};
use serde_json::{Map, Value};

const SIGNED: [&str; 12] = [
    "amount",
    "extraData",
    "message",
    "orderId",
    "orderInfo",
    "orderType",
    "partnerCode",
    "payType",
    "requestId",
    "responseTime",
    "resultCode",
    "transId",
];

fn canonical(fields: &Map<String, Value>) -> Option<String> {
    let values: Option<Vec<String>> =
        SIGNED.iter().map(|name| plain(fields.get(*name)).map(|value| format!("{name}={value}"))).collect();
    Some(format!("accessKey={MOMO_ACCESS}&{}", values?.join("&")))
}

fuzz_target!(|body: &[u8]| {
    let momo = providers().momo.as_ref().expect("MoMo");
    must_be_sound(&momo.reread(&callback("", &[], body)));
    assert!(matches!(momo.read_callback(&callback("", &[], body)), Reading::Unverified(_)), "nobody signed it");

    let mut fields = object(body);
    let reference = plain(fields.get("orderId")).unwrap_or_default();
    read_answers(momo, &reference, &answer(200, body));
    let _ = momo.read_refund(&refund(&reference), &answer(200, body));
    let _ = momo.read_refund_asked(&refund(&reference), &answer(200, body));

    let Some(text) = canonical(&fields) else { return };
    fields.insert("signature".to_owned(), sign_sha256(MOMO_SECRET, &[text.as_bytes()]).into());
    let signed = Value::Object(fields.clone()).to_string();
    let read = momo.read_callback(&callback("", &[], signed.as_bytes()));
    if signed.len() <= 64 * 1024 {
        assert_eq!(read, momo.reread(&callback("", &[], signed.as_bytes())));
    }
    fields.insert("amount".to_owned(), Value::from(1_234_567));
    if canonical(&fields) != Some(text) {
        let forged = Value::Object(fields).to_string();
        let read = momo.read_callback(&callback("", &[], forged.as_bytes()));
        assert!(forged.len() > 64 * 1024 || read == Reading::Unverified(Fault::BadSignature));
    }
});
