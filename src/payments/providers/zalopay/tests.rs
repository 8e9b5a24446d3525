use chrono::TimeDelta;
use proptest::prelude::*;

use super::super::vectors::{self, answer, attempt, body, question, text as recorded};
use super::super::{RefundQuestion, Refunded};
use super::*;

const KEY1: &str = "PcY4iZIKFCIdgZvA6ueMcMHHUbRLYjPL";
const KEY2: &str = "kLtgPl8HHhfvMuDHPwKfgfsY4Ydm9eIz";

fn zalopay() -> Zalopay {
    Zalopay {
        base_url: "https://sb-openapi.zalopay.vn".to_owned(),
        app_id: 2553,
        key1: Secret::new(KEY1.to_owned()),
        key2: RotatingSecret { current: Secret::new(KEY2.to_owned()), previous: None },
        return_url: "https://shop.example.vn/pay/zalopay/return".to_owned(),
        callback_url: "https://shop.example.vn/api/v1/payments/zalopay/callback".to_owned(),
    }
}

fn read(body: &[u8]) -> Reading {
    let received_at = Utc.timestamp_opt(1_795_428_983, 0).unwrap();
    vectors::read(&zalopay(), &RawCallback { query: "", headers: &[], body, received_at })
}

fn data(changes: &[(&str, Value)]) -> String {
    let vector = vectors::of("zalopay", &["callback"]).remove(0);
    let mut fields: Value = serde_json::from_str(recorded(&vector, "/canonical")).unwrap();
    for (name, value) in changes {
        fields[*name] = value.clone();
    }
    fields.to_string()
}

fn signed(data: &str, key: &str) -> Vec<u8> {
    let mac = hmac_sha256(&Secret::new(key.to_owned()), &[data.as_bytes()]);
    json!({"data": data, "mac": mac, "type": 1}).to_string().into_bytes()
}

fn at(millis: i64) -> DateTime<Utc> {
    Utc.timestamp_millis_opt(millis).unwrap()
}

fn refund() -> RefundQuestion<'static> {
    RefundQuestion {
        number: "0000000001",
        reference: "OCOP0001",
        transaction: "200904000000389",
        created_at: at(1_795_430_000_000),
        captured: Vnd::new(20_000).unwrap(),
        amount: Vnd::new(10_000).unwrap(),
        asked_at: at(1_795_430_730_000),
        by: "ketoan01",
        now: at(1_795_430_730_000),
    }
}

#[test]
fn every_recorded_vector_is_of_a_kind_that_is_run() {
    assert_eq!(vectors::of("zalopay", &["callback", "request"]).len(), vectors::count("zalopay"));
    assert_eq!(vectors::of("zalopay", &["request"]).len(), 4, "each has a test below");
}

#[test]
fn recorded_callbacks_are_answered_as_documented() {
    for vector in vectors::of("zalopay", &["callback"]) {
        vectors::check(&vector, &zalopay(), &read(recorded(&vector, "/http/body").as_bytes()));
        if let Some(repeated) = vector.pointer("/expected/body_when_repeated") {
            let answer: Value = serde_json::from_str(&zalopay().answer(Verdict::AlreadyApplied, None).body).unwrap();
            assert_eq!(&answer, repeated);
        }
    }
}

/// The recorded request of an operation.
fn request(operation: &str) -> Value {
    let all = vectors::of("zalopay", &["request"]);
    all.into_iter().find(|vector| recorded(vector, "/endpoint").ends_with(&format!("/v2/{operation}"))).unwrap()
}

#[test]
fn the_recorded_order_is_opened_to_the_byte() {
    let vector = request("create");
    let order = Order {
        reference: "261123_OCOP0001",
        amount: Vnd::new(185_000).unwrap(),
        at: at(1_795_430_728_000),
        embedded: "{}",
    };
    let mut fields = zalopay().order(&order);
    for unsigned in ["description", "bank_code", "callback_url"] {
        fields.insert(unsigned.to_owned(), vector["body"][unsigned].clone());
    }
    assert_eq!(Value::Object(fields.clone()), vector["body"]);
    assert_eq!(format!("POST {}", zalopay().post("create", fields).url), recorded(&vector, "/endpoint"));
}

#[test]
fn an_attempt_says_how_long_it_lasts_and_where_the_buyer_goes_afterwards() {
    let first = attempt("261123_HG0000004", 185_000);
    let Start::Call(call) = zalopay().start(&first) else { panic!("an order is opened") };
    let sent = body(&call);
    assert_eq!((&sent["expire_duration_seconds"], &sent["app_trans_id"]), (&json!(900), &json!("261123_HG0000004")));
    let embedded = r#"{"redirecturl":"https://shop.example.vn/pay/zalopay/return"}"#;
    assert_eq!(sent["embed_data"], embedded);
    let at = first.now.timestamp_millis();
    let canonical = format!("2553|261123_HG0000004|ocop_hg|185000|{at}|{embedded}|[]");
    assert_eq!(sent["mac"], hmac_sha256(&Secret::new(KEY1.to_owned()), &[canonical.as_bytes()]));
    // A second try names the same order, and is as fresh as ZaloPay wants it.
    let later = AttemptStart { now: first.now + TimeDelta::minutes(14), ..first };
    let Start::Call(again) = zalopay().start(&later) else { panic!("an order is opened") };
    assert_eq!(body(&again)["app_trans_id"], "261123_HG0000004");
    assert_eq!(body(&again)["app_time"], at + 14 * 60 * 1000);
    assert_eq!(body(&again)["expire_duration_seconds"], 300, "never less than ZaloPay allows");
}

#[test]
fn names_begin_with_the_day_in_vietnam() {
    let code = TransferCode::generate(0);
    // 00:30 in Vietnam is 17:30 of the day before by UTC.
    let moment = "2026-11-22T17:30:00Z".parse().unwrap();
    assert_eq!(zalopay().reference(&code, moment), "261123_HG0000004");
    let refund = RefundQuestion { asked_at: moment, now: moment + TimeDelta::days(2), ..refund() };
    assert_eq!(zalopay().refund_name(&refund), "261123_2553_0000000001");
}

#[test]
fn the_recorded_question_is_asked_to_the_byte() {
    let vector = request("query");
    let call = zalopay().ask(&question("261123_OCOP0001", 185_000)).unwrap();
    assert_eq!(
        (format!("POST {}", call.url).as_str(), body(&call)),
        (recorded(&vector, "/endpoint"), vector["body"].clone())
    );
}

#[test]
fn the_recorded_refund_is_asked_for_and_asked_about_to_the_byte() {
    let vector = request("refund");
    let call = zalopay().refund(&refund());
    assert_eq!(
        (format!("POST {}", call.url).as_str(), body(&call)),
        (recorded(&vector, "/endpoint"), vector["body"].clone())
    );
    let vector = request("query_refund");
    let call = zalopay().ask_refund(&RefundQuestion { now: at(1_795_430_731_000), ..refund() });
    assert_eq!(
        (format!("POST {}", call.url).as_str(), body(&call)),
        (recorded(&vector, "/endpoint"), vector["body"].clone())
    );
}

#[test]
fn a_refund_is_followed_to_its_end() {
    let of = |code: i64, sub: i64| {
        zalopay().read_refund(&answer(200, &json!({"return_code": code, "sub_return_code": sub})))
    };
    assert_eq!((of(1, 1), of(3, 2), of(2, -101)), (Refunded::Done, Refunded::Processing, Refunded::Unknown));
    assert_eq!(of(2, -13), Refunded::Refused("-13".to_owned()));
    for (code, sub) in [(2, -68), (2, -401), (2, -402), (2, -403), (2, -429), (2, -500), (7, 0)] {
        assert!(matches!(of(code, sub), Refunded::Unclear(_)), "{code} {sub}");
    }
    assert!(matches!(zalopay().read_refund(&answer(502, &json!("<html>"))), Refunded::Unclear(_)));
}

#[test]
fn what_opening_an_order_brings_is_read() {
    let of = |fields: Value| zalopay().read_started(&attempt("261123_HG0000004", 185_000), &answer(200, &fields));
    let url = "https://qcgateway.zalopay.vn/openinapp?order=e".to_owned();
    assert_eq!(of(json!({"return_code": 1, "order_url": url})), Started::Open(NextStep::Redirect { url }));
    assert_eq!(of(json!({"return_code": 2, "sub_return_code": -68})), Started::Known);
    assert_eq!(of(json!({"return_code": 2, "sub_return_code": -403})), Started::Refused("-403".to_owned()));
    for unclear in [
        json!({"return_code": 1}),
        json!({"return_code": 1, "order_url": "javascript:x"}),
        json!({"return_code": 2, "sub_return_code": -500}),
        json!({"return_code": 2, "sub_return_code": -429}),
        json!({"return_code": 3}),
        json!(null),
    ] {
        assert!(matches!(of(unclear.clone()), Started::Unclear(_)), "{unclear}");
    }
}

#[test]
fn answers_to_questions_are_read() {
    let of = |fields: Value| zalopay().read_asked(&question("261123_HG0000004", 185_000), &answer(200, &fields));
    let event = |asked: Asked| match asked {
        Asked::Told(mut events) if events.len() == 1 => events.remove(0),
        other => panic!("{other:?}"),
    };
    let paid = event(of(
        json!({"return_code": 1, "amount": 185_000, "zp_trans_id": 200_904_000_000_389_i64, "discount_amount": 0}),
    ));
    assert_eq!((paid.event_key.as_str(), paid.outcome), ("261123_HG0000004:200904000000389:1", Outcome::Paid));
    let failed = event(of(json!({"return_code": 2, "sub_return_code": -54, "amount": 0})));
    assert_eq!((failed.outcome, failed.amount.amount(), failed.provider_txn), (Outcome::Failed, 185_000, None));
    assert_eq!(event(of(json!({"return_code": 2, "sub_return_code": -329}))).outcome, Outcome::Cancelled);
    assert_eq!(of(json!({"return_code": 3, "is_processing": true})), Asked::Pending);
    assert_eq!(of(json!({"return_code": 2, "sub_return_code": -101})), Asked::Unknown);
    for unclear in [
        json!({"return_code": 1}),
        json!({"return_code": 1, "amount": 185_000, "zp_trans_id": 0}),
        json!({"return_code": 2, "sub_return_code": -401}),
        json!({"return_code": 2, "sub_return_code": -429}),
        json!({"return_code": 2, "sub_return_code": -500}),
        json!({}),
    ] {
        assert!(matches!(of(unclear.clone()), Asked::Unclear(_)), "{unclear}");
    }
}

#[test]
fn a_callback_is_read_completely_and_as_a_question_would_tell_it() {
    let Reading::Verified(event) = read(&signed(&data(&[]), KEY2)) else { panic!("it is genuine") };
    let expected = PaymentEvent {
        event_key: "200904_2553_1598435687208:200904000000389:1".to_owned(),
        provider_txn: Some("200904000000389".to_owned()),
        own_account: None,
        references: vec!["200904_2553_1598435687208".to_owned()],
        amount: Vnd::new(10_000).unwrap(),
        paid_at: Some(at(1_599_189_413_498)),
        payee_account_ours: true,
        outcome: Outcome::Paid,
        raw_code: "1".to_owned(),
        to_be_confirmed: false,
    };
    assert_eq!(event, expected);
    let fields = json!({"return_code": 1, "amount": 10_000, "zp_trans_id": 200_904_000_000_389_i64, "server_time": 1_599_189_413_498_i64});
    let asked = zalopay().read_asked(&question("200904_2553_1598435687208", 10_000), &answer(200, &fields));
    assert_eq!(asked, Asked::Told(vec![event]));
    let Reading::Verified(event) = read(&signed(&data(&[("app_id", json!(1))]), KEY2)) else { panic!("it is genuine") };
    assert!(!event.payee_account_ours);
    let mut agreement: Value = serde_json::from_slice(&signed(&data(&[]), KEY2)).unwrap();
    agreement["type"] = json!(2);
    assert_eq!(read(agreement.to_string().as_bytes()), Reading::NotForUs);
}

#[test]
fn forgeries_are_refused() {
    let refused = Reading::Unverified(Fault::BadSignature);
    assert_eq!(read(&signed(&data(&[]), KEY1)), refused, "signed with the key of our requests");
    // Read and written anew, it is another text.
    let vector = vectors::of("zalopay", &["callback"]).remove(0);
    let mut rewritten: Value = serde_json::from_str(recorded(&vector, "/http/body")).unwrap();
    rewritten["data"] = data(&[]).into();
    assert_eq!(read(rewritten.to_string().as_bytes()), refused);
    assert_eq!(read(b""), Reading::Unverified(Fault::MissingInput));
    for body in ["null", "{}", r#"{"data":"{}"}"#, r#"{"data":{},"mac":"00"}"#, "data=1&mac=2"] {
        assert_eq!(read(body.as_bytes()), Reading::Unverified(Fault::Malformed), "{body}");
    }
    assert_eq!(read(&vec![b' '; BODY_BYTES_MAX + 1]), Reading::Unverified(Fault::Malformed));
    for odd in [
        "",
        "[]",
        "{}",
        r#"{"app_trans_id":"a","zp_trans_id":1,"amount":-1}"#,
        r#"{"app_trans_id":"a b","zp_trans_id":1,"amount":1}"#,
    ] {
        let reading = read(&signed(odd, KEY2));
        assert_eq!(reading, Reading::Unverified(Fault::Malformed), "{odd}");
    }
}

#[test]
fn a_key_that_was_replaced_still_verifies() {
    let key2 = RotatingSecret { current: Secret::new("NEW".to_owned()), previous: Some(Secret::new(KEY2.to_owned())) };
    let rotated = Zalopay { key2, ..zalopay() };
    let body = signed(&data(&[]), KEY2);
    let callback = RawCallback { query: "", headers: &[], body: &body, received_at: DateTime::UNIX_EPOCH };
    assert!(matches!(rotated.read_callback(&callback), Reading::Verified(_)));
}

#[test]
fn answers_are_those_of_the_documentation() {
    for (verdict, expected) in [
        (Verdict::Applied, r#"{"return_code":1,"return_message":"success"}"#),
        (Verdict::Parked, r#"{"return_code":1,"return_message":"success"}"#),
        (Verdict::AlreadyApplied, r#"{"return_code":2,"return_message":"duplicate"}"#),
        (Verdict::Contradicted, r#"{"return_code":2,"return_message":"duplicate"}"#),
        (Verdict::UnknownOrder, r#"{"return_code":-1,"return_message":"order not found"}"#),
        (Verdict::WrongAmount, r#"{"return_code":-1,"return_message":"amount not equal"}"#),
        (Verdict::Unverified(Fault::BadSignature), r#"{"return_code":-1,"return_message":"mac not equal"}"#),
        (Verdict::Unverified(Fault::Malformed), r#"{"return_code":-1,"return_message":"data invalid"}"#),
        (Verdict::Unavailable, r#"{"return_code":0,"return_message":"temporary error"}"#),
    ] {
        let answer = zalopay().answer(verdict, None);
        assert_eq!((answer.status, answer.body.as_str()), (200, expected));
    }
}

const FIELDS: &[&str] = &[
    "data",
    "mac",
    "type",
    "return_code",
    "sub_return_code",
    "amount",
    "zp_trans_id",
    "app_trans_id",
    "server_time",
    "order_url",
];

proptest! {
    #[test]
    fn no_body_makes_the_readers_panic(body in vectors::any_body(FIELDS)) {
        prop_assert!(matches!(read(&body), Reading::Unverified(_)));
        let inner = signed(&String::from_utf8_lossy(&body), KEY2);
        let _ = read(&inner);
        let answer = HttpAnswer { status: 200, signature: None, retry_after_s: None, body };
        let _ = zalopay().read_asked(&question("261123_HG0000004", 1000), &answer);
        let _ = zalopay().read_started(&attempt("261123_HG0000004", 1000), &answer);
        let _ = zalopay().read_refund(&answer);
    }

    #[test]
    fn no_attempt_makes_the_requests_panic(reference in any::<String>(), amount in 0..=Vnd::MAX, days in -1_000_000_i64..1_000_000) {
        let first = attempt(&reference, amount);
        let _ = zalopay().start(&AttemptStart { expires_at: first.now + TimeDelta::days(days), ..first });
        let _ = zalopay().ask(&question(&reference, amount));
        let _ = zalopay().refund(&RefundQuestion { number: &reference, transaction: &reference, ..refund() });
        let _ = zalopay().ask_refund(&RefundQuestion { number: &reference, ..refund() });
    }
}
