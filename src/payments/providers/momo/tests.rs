use chrono::TimeDelta;
use proptest::prelude::*;

use super::super::vectors::{self, answer, attempt, body, question, text as recorded};
use super::super::{RefundQuestion, Refunded};
use super::*;
use crate::kernel::Vnd;

fn momo() -> Momo {
    Momo {
        base_url: "https://test-payment.momo.vn".to_owned(),
        partner_code: "MOMO".to_owned(),
        keys: MomoKeys {
            access_key: Secret::new("F8BBA842ECF85".to_owned()),
            secret: Secret::new("K951B6PE1waDMi640xX08PD3vg6EkVlz".to_owned()),
        },
        previous: None,
        return_url: "https://shop.example.vn/pay/momo/return".to_owned(),
        notice_url: "https://shop.example.vn/api/v1/payments/momo/ipn".to_owned(),
    }
}

fn read(body: &[u8]) -> Reading {
    let received_at = Utc.timestamp_opt(1_795_428_983, 0).unwrap();
    vectors::read(&momo(), &RawCallback { query: "", headers: &[], body, received_at })
}

fn notice(changes: &[(&str, Value)]) -> Value {
    let vector = vectors::of("momo", &["ipn/redirect result"]).remove(1);
    let mut fields: Value = serde_json::from_str(recorded(&vector, "/http/body")).unwrap();
    for (name, value) in changes {
        fields[*name] = value.clone();
    }
    fields
}

/// A notice with a right signature.
fn signed_notice(changes: &[(&str, Value)]) -> Vec<u8> {
    let mut fields = notice(changes);
    let canonical = signed(Message::Notice, fields.as_object().unwrap(), "F8BBA842ECF85").unwrap_or_default();
    fields["signature"] = hmac_sha256(&momo().keys.secret, &[canonical.as_bytes()]).into();
    fields.to_string().into_bytes()
}

fn event(changes: &[(&str, Value)]) -> PaymentEvent {
    match read(&signed_notice(changes)) {
        Reading::Verified(event) => event,
        other => panic!("{other:?}: {changes:?}"),
    }
}

fn refund() -> RefundQuestion<'static> {
    let now = Utc.timestamp_opt(1_795_428_983, 0).unwrap();
    RefundQuestion {
        number: "OCOPHG-20261123-0001-R1",
        reference: "OCOPHG-20261123-0001",
        transaction: "4088878653",
        created_at: now,
        captured: Vnd::new(185_000).unwrap(),
        amount: Vnd::new(85_000).unwrap(),
        asked_at: now,
        by: "ketoan01",
        now,
    }
}

#[test]
fn every_recorded_vector_is_of_a_kind_that_is_run() {
    let run = ["ipn/redirect result", "ipn", "request"];
    assert_eq!(vectors::of("momo", &run).len(), vectors::count("momo"));
    assert_eq!(vectors::of("momo", &["request"]).len(), 3);
}

#[test]
fn recorded_notices_are_answered_as_documented() {
    for vector in vectors::of("momo", &["ipn/redirect result", "ipn"]) {
        let reading = read(recorded(&vector, "/http/body").as_bytes());
        vectors::check(&vector, &momo(), &reading);
        let Some(canonical) = vector["canonical"].as_str() else { continue };
        let fields: Value = serde_json::from_str(recorded(&vector, "/http/body")).unwrap();
        let found = signed(Message::Notice, fields.as_object().unwrap(), recorded(&vector, "/access_key"));
        assert_eq!(found.as_deref(), Some(canonical));
        // What a browser brings back is signed alike.
        let Some(query) = vector["redirect_query"].as_str() else { continue };
        let fields: Map<String, Value> = form_urlencoded::parse(query.as_bytes())
            .map(|(name, value)| (name.into_owned(), value.into_owned().into()))
            .collect();
        assert!(momo().is_signed(&fields));
    }
}

/// Which message a recorded request is, from the last part of its address.
fn message_of(vector: &Value) -> (Message, &str) {
    match recorded(vector, "/endpoint").rsplit('/').next() {
        Some("create") => (Message::Create, "create"),
        Some("query") => (Message::Query, "query"),
        Some("refund") => (Message::Refund, "refund"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn recorded_requests_are_signed_to_the_byte() {
    for vector in vectors::of("momo", &["request"]) {
        let (message, operation) = message_of(&vector);
        let pairs = recorded(&vector, "/canonical").split('&').map(|pair| pair.split_once('=').unwrap());
        let fields: Map<String, Value> = pairs
            .filter(|(name, _)| *name != "accessKey")
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect();
        assert_eq!(signed(message, &fields, "F8BBA842ECF85").as_deref(), vector["canonical"].as_str());
        let call = momo().call(operation, message, Value::Object(fields));
        assert_eq!(format!("POST {}", call.url), recorded(&vector, "/endpoint"));
        assert_eq!(body(&call)["signature"], vector["signature"]);
        assert!(body(&call)["accessKey"].is_null(), "it is signed and not sent");
    }
}

#[test]
fn an_attempt_starts_as_recorded_and_always_under_the_same_name() {
    let Start::Call(call) = momo().start(&attempt("OCOPHG-20261123-0001", 185_000)) else {
        panic!("an order is opened")
    };
    let mut sent = body(&call);
    let vector = vectors::of("momo", &["request"]).remove(0);
    sent["requestId"] = "req-20261123-0001".into();
    let canonical = signed(Message::Create, sent.as_object().unwrap(), "F8BBA842ECF85").unwrap();
    assert_eq!(canonical, recorded(&vector, "/canonical"));
    assert_eq!((&sent["lang"], &sent["amount"]), (&json!("vi"), &json!(185_000)));

    let first = attempt("HG0000004", 1000);
    let Start::Call(again) =
        momo().start(&AttemptStart { now: first.now + TimeDelta::minutes(5), english: true, ..first })
    else {
        panic!()
    };
    assert_eq!((&body(&again)["orderId"], &body(&again)["requestId"]), (&json!("HG0000004"), &json!("HG0000004")));
    assert_eq!(body(&again)["lang"], "en");
}

#[test]
fn what_opening_an_order_brings_is_read() {
    let of = |changes: &[(&str, Value)]| {
        let mut fields = json!({"partnerCode": "MOMO", "orderId": "HG0000004", "requestId": "HG0000004", "amount": 185_000,
            "responseTime": 1_795_428_983_000_i64, "message": "Successful.", "resultCode": 0, "payUrl": "https://test-payment.momo.vn/v2/gateway/pay?t=1"});
        for (name, value) in changes {
            fields[*name] = value.clone();
        }
        momo().read_started(&attempt("HG0000004", 185_000), &answer(200, &fields))
    };
    let url = "https://test-payment.momo.vn/v2/gateway/pay?t=1".to_owned();
    assert_eq!(of(&[]), Started::Open(NextStep::Redirect { url }));
    assert_eq!((of(&[("resultCode", json!(40))]), of(&[("resultCode", json!(41))])), (Started::Known, Started::Known));
    assert_eq!(of(&[("resultCode", json!(22))]), Started::Refused("22".to_owned()));
    for (name, odd) in [
        ("resultCode", json!(10)),
        ("resultCode", json!(99)),
        ("resultCode", json!(12345)),
        ("resultCode", json!(null)),
        ("payUrl", json!("http://x")),
        ("payUrl", json!(null)),
        ("orderId", json!("HG0000016")),
        ("partnerCode", json!("OTHER")),
    ] {
        assert!(matches!(of(&[(name, odd.clone())]), Started::Unclear(_)), "{name} {odd}");
    }
}

#[test]
fn a_notice_is_read_completely() {
    let expected = PaymentEvent {
        event_key: "6cd25bf88002596:3105694606:0".to_owned(),
        provider_txn: Some("3105694606".to_owned()),
        own_account: None,
        references: vec!["6cd25bf88002596".to_owned()],
        amount: Vnd::new(10_000).unwrap(),
        paid_at: Utc.timestamp_millis_opt(1_701_645_754_029).single(),
        payee_account_ours: true,
        outcome: Outcome::Paid,
        raw_code: "0".to_owned(),
        to_be_confirmed: false,
    };
    assert_eq!(event(&[]), expected);
    assert!(!event(&[("partnerCode", json!("OTHER"))]).payee_account_ours);
    assert_eq!(event(&[("transId", json!(0)), ("resultCode", json!(1003))]).provider_txn, None);
    // Fields beyond those that are signed are sent at times.
    assert_eq!(event(&[("userFee", json!(1)), ("promotionInfo", json!(null))]), expected);
}

#[test]
fn only_what_is_known_as_a_failure_is_one() {
    for (code, expected) in [
        (0, Outcome::Paid),
        (9000, Outcome::Paid),
        (1000, Outcome::Pending),
        (7000, Outcome::Pending),
        (7002, Outcome::Pending),
        (8000, Outcome::Pending),
        (1001, Outcome::Failed),
        (1003, Outcome::Cancelled),
        (1005, Outcome::Expired),
        (1006, Outcome::Cancelled),
        (4100, Outcome::Failed),
        (99, Outcome::Pending),
        (-1, Outcome::Pending),
        (123_456, Outcome::Pending),
    ] {
        let event = event(&[("resultCode", json!(code))]);
        assert_eq!((event.outcome, event.to_be_confirmed), (expected, code == 9000), "{code}");
    }
}

#[test]
fn answers_to_questions_are_read() {
    let of = |changes: &[(&str, Value)]| {
        let mut fields = json!({"partnerCode": "MOMO", "orderId": "HG0000004", "requestId": "qry1", "extraData": "", "amount": 185_000,
            "transId": 4_088_878_653_i64, "payType": "qr", "resultCode": 0, "refundTrans": [], "message": "Thành công.", "responseTime": 1_795_428_983_000_i64});
        for (name, value) in changes {
            fields[*name] = value.clone();
        }
        momo().read_asked(&question("HG0000004", 185_000), &answer(200, &fields))
    };
    let Asked::Told(events) = of(&[]) else { panic!("it is paid") };
    assert_eq!((events[0].event_key.as_str(), events[0].outcome), ("HG0000004:4088878653:0", Outcome::Paid));
    let Asked::Told(events) = of(&[("resultCode", json!(9000))]) else { panic!("it counts") };
    assert!(!events[0].to_be_confirmed, "it was just asked");
    let Asked::Told(events) = of(&[("resultCode", json!(1006)), ("transId", json!(0))]) else { panic!("it ended") };
    assert_eq!(events[0].outcome, Outcome::Cancelled);
    assert_eq!(
        (of(&[("resultCode", json!(1000))]), of(&[("resultCode", json!(777))])),
        (Asked::Pending, Asked::Pending)
    );
    assert_eq!(of(&[("resultCode", json!(42)), ("orderId", json!(null))]), Asked::Unknown);
    for (name, odd) in [
        ("resultCode", json!(10)),
        ("resultCode", json!(11)),
        ("resultCode", json!("x")),
        ("orderId", json!("HG0000016")),
        ("amount", json!(-1)),
    ] {
        assert!(matches!(of(&[(name, odd.clone())]), Asked::Unclear(_)), "{name} {odd}");
    }
}

#[test]
fn a_refund_is_asked_for_once_and_found_again() {
    let call = momo().refund(&refund());
    let vector = vectors::of("momo", &["request"]).remove(2);
    let mut sent = body(&call);
    sent["description"] = "Hoan tien mot phan".into();
    sent["requestId"] = "rf-20261123-0001".into();
    assert_eq!(
        signed(Message::Refund, sent.as_object().unwrap(), "F8BBA842ECF85").as_deref(),
        vector["canonical"].as_str()
    );

    let of = |code: i64| {
        let fields = json!({"partnerCode": "MOMO", "orderId": refund().number, "amount": 85_000, "transId": 1, "resultCode": code});
        momo().read_refund(&refund(), &answer(200, &fields))
    };
    assert_eq!((of(0), of(7002)), (Refunded::Done, Refunded::Processing));
    assert_eq!((of(1081), of(1088)), (Refunded::Refused("1081".to_owned()), Refunded::Refused("1088".to_owned())));
    for code in [1080, 40, 41, 99, 10, 12345] {
        assert!(matches!(of(code), Refunded::Unclear(_)), "{code}");
    }
    let listed = |refunds: Value| {
        let fields =
            json!({"partnerCode": "MOMO", "orderId": refund().reference, "resultCode": 0, "refundTrans": refunds});
        momo().read_refund_asked(&refund(), &answer(200, &fields))
    };
    assert_eq!(listed(json!([{"orderId": "other", "resultCode": 0}])), Refunded::Unknown);
    assert_eq!(
        listed(json!([{"orderId": "other", "resultCode": 1081}, {"orderId": refund().number, "resultCode": 0}])),
        Refunded::Done
    );
    assert!(matches!(momo().read_refund_asked(&refund(), &answer(502, &json!("<html>"))), Refunded::Unclear(_)));
}

#[test]
fn forgeries_and_old_ways_of_signing_are_refused() {
    let signed_fields = notice(&[]);
    let mac = |canonical: &str| json!(hmac_sha256(&momo().keys.secret, &[canonical.as_bytes()]));
    let canonical = signed(Message::Notice, signed_fields.as_object().unwrap(), "F8BBA842ECF85").unwrap();
    for signature in [
        json!(""),
        json!(null),
        json!(7),
        // Encoded as an address, and in the order of the first version.
        mac(&canonical.replace(' ', "%20")),
        mac(&format!("partnerCode=MOMO&{canonical}")),
        mac(&canonical.replace("accessKey=F8BBA842ECF85&", "")),
    ] {
        let forged = notice(&[("signature", signature.clone())]).to_string();
        assert_eq!(read(forged.as_bytes()), Reading::Unverified(Fault::BadSignature), "{signature}");
    }
    assert_eq!(read(b""), Reading::Unverified(Fault::MissingInput));
    for body in ["null", "[]", "{", "{}", "partnerCode=MOMO"] {
        assert_eq!(read(body.as_bytes()), Reading::Unverified(Fault::Malformed), "{body}");
    }
    assert_eq!(read(&vec![b' '; BODY_BYTES_MAX + 1]), Reading::Unverified(Fault::Malformed));
    let upper = notice(&[("signature", json!(recorded(&signed_fields, "/signature").to_uppercase()))]).to_string();
    assert!(matches!(read(upper.as_bytes()), Reading::Verified(_)));
}

#[test]
fn genuine_notices_that_make_no_sense_are_malformed() {
    for (name, value) in [
        ("amount", json!(-1)),
        ("amount", json!("x")),
        ("amount", json!(100_000_000_001_i64)),
        ("orderId", json!("")),
        ("orderId", json!("a b")),
        ("resultCode", json!("")),
    ] {
        assert_eq!(
            read(&signed_notice(&[(name, value.clone())])),
            Reading::Unverified(Fault::Malformed),
            "{name} {value}"
        );
    }
    let fraction = notice(&[("amount", json!(1.5))]).to_string();
    assert_eq!(read(fraction.as_bytes()), Reading::Unverified(Fault::BadSignature), "it cannot be signed");
}

#[test]
fn keys_that_were_replaced_still_verify() {
    let rotated = Momo {
        keys: MomoKeys { access_key: Secret::new("NEW".to_owned()), secret: Secret::new("NEWSECRET".to_owned()) },
        previous: Some(momo().keys),
        ..momo()
    };
    let body = signed_notice(&[]);
    let callback = RawCallback { query: "", headers: &[], body: &body, received_at: DateTime::UNIX_EPOCH };
    assert!(matches!(rotated.read_callback(&callback), Reading::Verified(_)));
    let empty = MomoKeys { access_key: Secret::new(String::new()), secret: Secret::new(String::new()) };
    let without = Momo { keys: empty, previous: None, ..momo() };
    assert_eq!(without.read_callback(&callback), Reading::Unverified(Fault::BadSignature));
}

#[test]
fn answers_are_those_of_the_documentation() {
    for (verdict, status) in [
        (Verdict::Applied, 204),
        (Verdict::AlreadyApplied, 204),
        (Verdict::Parked, 204),
        (Verdict::Contradicted, 204),
        (Verdict::UnknownOrder, 404),
        (Verdict::WrongAmount, 422),
        (Verdict::Unverified(Fault::BadSignature), 401),
        (Verdict::Unverified(Fault::Malformed), 400),
        (Verdict::Unverified(Fault::MissingInput), 400),
        (Verdict::Unavailable, 503),
    ] {
        let answer = momo().answer(verdict, None);
        assert_eq!((answer.status, answer.body.is_empty()), (status, status == 204));
    }
}

const FIELDS: &[&str] = &[
    "partnerCode",
    "orderId",
    "amount",
    "resultCode",
    "transId",
    "responseTime",
    "signature",
    "refundTrans",
    "payUrl",
];

proptest! {
    #[test]
    fn no_body_makes_the_readers_panic(body in vectors::any_body(FIELDS)) {
        prop_assert!(matches!(read(&body), Reading::Unverified(_)));
        let _ = momo().reread(&RawCallback { query: "", headers: &[], body: &body, received_at: DateTime::UNIX_EPOCH });
        let answer = HttpAnswer { status: 200, signature: None, retry_after_s: None, body };
        let _ = momo().read_asked(&question("HG0000004", 1000), &answer);
        let _ = momo().read_started(&attempt("HG0000004", 1000), &answer);
        let _ = momo().read_refund(&refund(), &answer);
        let _ = momo().read_refund_asked(&refund(), &answer);
    }

    #[test]
    fn no_genuine_notice_makes_the_reader_panic(
        amount in any::<i64>(), code in any::<i64>(), transaction in any::<i64>(), at in any::<i64>(), text in any::<String>(),
    ) {
        let changes = [("amount", json!(amount)), ("resultCode", json!(code)), ("transId", json!(transaction)),
            ("responseTime", json!(at)), ("message", json!(text)), ("orderInfo", json!(text))];
        prop_assert!(read(&signed_notice(&changes)) != Reading::Unverified(Fault::BadSignature));
    }

    #[test]
    fn no_attempt_makes_the_requests_panic(reference in any::<String>(), amount in 0..=Vnd::MAX) {
        let _ = momo().start(&attempt(&reference, amount));
        let _ = momo().ask(&question(&reference, amount));
        let _ = momo().refund(&RefundQuestion { number: &reference, reference: &reference, transaction: &reference, ..refund() });
    }
}
