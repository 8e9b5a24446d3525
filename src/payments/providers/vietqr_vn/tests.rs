use proptest::prelude::*;

use super::super::vectors::{self, attempt, text as recorded};
use super::*;
use crate::kernel::Secret;

const NOW: i64 = 1_795_428_983;

fn rotating(current: &str, previous: Option<&str>) -> RotatingSecret {
    let secret = |text: &str| Secret::new(text.to_owned());
    RotatingSecret { current: secret(current), previous: previous.map(secret) }
}

fn vietqr_vn() -> VietqrVn {
    VietqrVn {
        payee: Payee::new("970405", "8206205123456").unwrap(),
        account_name: "TRUNG TAM OCOP".to_owned(),
        other_accounts: vec!["2625081990".to_owned()],
        username: "customer-ocophg".to_owned(),
        password: rotating("s3cret", None),
    }
}

fn at(seconds: i64) -> DateTime<Utc> {
    Utc.timestamp_opt(seconds, 0).unwrap()
}

fn token(provider: &VietqrVn, now: i64) -> String {
    let header = format!("Basic {}", STANDARD.encode("customer-ocophg:s3cret"));
    let answer = provider.token_answer(Some(&header), at(now));
    assert_eq!(answer.status, 200);
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    recorded(&body, "/access_token").to_owned()
}

fn read_with(authorization: &str, body: &[u8], now: i64) -> Reading {
    let headers = [("authorization".to_owned(), authorization.to_owned())];
    vectors::read(&vietqr_vn(), &RawCallback { query: "", headers: &headers, body, received_at: at(now) })
}

fn read(body: &[u8]) -> Reading {
    read_with(&format!("Bearer {}", token(&vietqr_vn(), NOW)), body, NOW)
}

fn transfer(changes: &[(&str, Value)]) -> Vec<u8> {
    let vector = vectors::of("vietqrvn_callback", &["transaction-sync"]).remove(0);
    let mut fields: Value = serde_json::from_str(recorded(&vector, "/http/body")).unwrap();
    for (name, value) in changes {
        fields[*name] = value.clone();
    }
    fields.to_string().into_bytes()
}

fn event(changes: &[(&str, Value)]) -> PaymentEvent {
    match read(&transfer(changes)) {
        Reading::Verified(event) => event,
        other => panic!("{other:?}: {changes:?}"),
    }
}

#[test]
fn every_recorded_vector_is_of_a_kind_that_is_run() {
    let run = ["token endpoint (merchant side)", "transaction-sync", "request checksum"];
    assert_eq!(vectors::of("vietqrvn_callback", &run).len(), vectors::count("vietqrvn_callback"));
}

#[test]
fn the_recorded_request_for_a_token_is_answered() {
    for vector in vectors::of("vietqrvn_callback", &["token endpoint (merchant side)"]) {
        let answer = vietqr_vn().token_answer(vector["http"]["headers"]["Authorization"].as_str(), at(NOW));
        assert_eq!(vector["expected"]["http_status"], answer.status);
        let body: Value = serde_json::from_str(&answer.body).unwrap();
        let fields: Vec<&String> = body.as_object().unwrap().keys().collect();
        assert_eq!(fields, ["access_token", "expires_in", "token_type"]);
        assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("Bearer"), &json!(300)));
    }
}

#[test]
fn recorded_transfers_are_answered_as_documented() {
    for vector in vectors::of("vietqrvn_callback", &["transaction-sync"]) {
        let sent = recorded(&vector, "/http/headers/Authorization");
        let authorization = sent.replace("<token>", &token(&vietqr_vn(), NOW));
        let reading = read_with(&authorization, recorded(&vector, "/http/body").as_bytes(), NOW);
        vectors::check(&vector, &vietqr_vn(), &reading);
    }
}

#[test]
fn recorded_check_sums_are_reproduced() {
    let recorded_sums = vectors::of("vietqrvn_callback", &["request checksum"]);
    let of = |id: &str| recorded_sums.iter().find(|vector| vector["id"] == id).unwrap()["signature"].clone();
    assert_eq!(recorded_sums.len(), 2);
    assert_eq!(of("vietqrvn-check-order-checksum"), check_order_checksum("8206205123456", "customer-ocophg"));
    let amount = Vnd::new(185_000).unwrap();
    let sum = refund_checksum(&Secret::new("SECRETKEY01".to_owned()), "FT26327000111", amount, "8206205123456");
    assert_eq!(of("vietqrvn-refund-checksum"), sum);
}

#[test]
fn only_the_right_name_and_password_get_a_token() {
    let basic = |text: &str| format!("Basic {}", STANDARD.encode(text));
    for refused in [
        None,
        Some(String::new()),
        Some(basic("customer-ocophg:s3creT")),
        Some(basic("customer-ocophg:")),
        Some(basic("other:s3cret")),
        Some(format!("Bearer {}", STANDARD.encode("customer-ocophg:s3cret"))),
        Some("customer-ocophg:s3cret".to_owned()),
    ] {
        let answer = vietqr_vn().token_answer(refused.as_deref(), at(NOW));
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (400, r#"{"status":"FAILED","message":"Unauthorized"}"#),
            "{refused:?}"
        );
    }
    let rotated = VietqrVn { password: rotating("new", Some("s3cret")), ..vietqr_vn() };
    for (name, is_known) in
        [("customer-ocophg:s3cret", true), ("customer-ocophg:new", true), ("customer-ocophg:x", false)]
    {
        assert_eq!(rotated.token_answer(Some(&basic(name)), at(NOW)).status == 200, is_known, "{name}");
    }
    let empty = VietqrVn { password: rotating("", None), ..vietqr_vn() };
    assert_eq!(empty.token_answer(Some(&basic("customer-ocophg:")), at(NOW)).status, 400);
}

#[test]
fn a_token_is_good_for_five_minutes_and_cannot_be_made_up() {
    let good = token(&vietqr_vn(), NOW);
    assert!(vietqr_vn().is_token(&good, at(NOW + 299)));
    assert!(!vietqr_vn().is_token(&good, at(NOW + 300)));
    let (until, proof) = good.split_once('.').unwrap();
    for forged in [
        "",
        ".",
        "expired",
        until,
        &format!("{until}."),
        &format!("{}.{proof}", NOW + 9999),
        &format!("-1.{proof}"),
        &format!("99999999999999999999.{proof}"),
    ] {
        assert!(!vietqr_vn().is_token(forged, at(NOW)), "{forged}");
    }
    // Given out under the password that is being replaced, and the other way round.
    let rotated = VietqrVn { password: rotating("new", Some("s3cret")), ..vietqr_vn() };
    assert!(rotated.is_token(&good, at(NOW)));
    assert!(rotated.is_token(&token(&rotated, NOW), at(NOW)));
    let refused = Reading::Unverified(Fault::BadSignature);
    for header in ["Bearer ", "Basic x", good.as_str(), &format!("bearer {good}")] {
        assert_eq!(read_with(header, &transfer(&[]), NOW), refused, "{header}");
    }
    let callback = RawCallback { query: "", headers: &[], body: &transfer(&[]), received_at: at(NOW) };
    assert_eq!(vietqr_vn().read_callback(&callback), Reading::Unverified(Fault::MissingInput));
}

#[test]
fn a_transfer_is_read_completely_in_both_ways_of_writing() {
    let expected = PaymentEvent {
        event_key: "FT26327000111:C".to_owned(),
        provider_txn: Some("FT26327000111".to_owned()),
        own_account: None,
        references: vec!["OCOP00042".to_owned()],
        amount: Vnd::new(185_000).unwrap(),
        paid_at: Some(at(NOW)),
        payee_account_ours: true,
        outcome: Outcome::Paid,
        raw_code: "C".to_owned(),
        to_be_confirmed: false,
    };
    assert_eq!(event(&[]), expected);
    let camel = vectors::of("vietqrvn_callback", &["transaction-sync"]).remove(1);
    let Reading::Verified(camel) = read(recorded(&camel, "/http/body").as_bytes()) else { panic!("it is genuine") };
    assert_eq!(
        camel,
        PaymentEvent {
            event_key: "FT26327000112:C".to_owned(),
            provider_txn: Some("FT26327000112".to_owned()),
            ..expected
        }
    );
}

#[test]
fn what_real_messages_leave_out_or_write_otherwise_is_understood() {
    let real = [
        ("transType", json!(null)),
        ("orderId", json!("")),
        ("amount", json!(25000.0)),
        ("content", json!("MBVCB.1 HG3NQK8N5 chuyen tien")),
    ];
    let event = event(&real);
    assert_eq!((event.references, event.amount.amount()), (vec!["HG3NQK8N5".to_owned()], 25_000));
    for (amount, expected) in [
        (json!(185_000), Some(185_000)),
        (json!("185000"), Some(185_000)),
        (json!("185000.00"), Some(185_000)),
        (json!(0), Some(0)),
        (json!(185_000.5), None),
        (json!("185000."), None),
        (json!(".0"), None),
        (json!("1e5"), None),
        (json!(-1), None),
        (json!("+1"), None),
        (json!(1e15), None),
        (json!(null), None),
        (json!(true), None),
    ] {
        assert_eq!(read_amount(&amount).map(Vnd::amount), expected, "{amount}");
    }
    assert_eq!(read(&transfer(&[("transType", json!("D"))])), Reading::NotForUs);
    assert!(!super::tests::event(&[("bankaccount", json!("1"))]).payee_account_ours);
    assert!(super::tests::event(&[("bankaccount", json!("2625081990"))]).payee_account_ours);
    assert_eq!(
        super::tests::event(&[("referencenumber", json!(""))]).event_key,
        "a2f1c6b0-0001-4a2b-9c3d-000000000042:C"
    );
    for (name, value) in [
        ("amount", json!(1.5)),
        ("transType", json!("X")),
        ("bankaccount", json!(null)),
        ("referencenumber", json!("a b")),
    ] {
        assert_eq!(read(&transfer(&[(name, value.clone())])), Reading::Unverified(Fault::Malformed), "{name} {value}");
    }
}

#[test]
fn the_same_transfer_is_always_answered_with_the_same_number() {
    let of = |verdict: Verdict, key: Option<&str>| vietqr_vn().answer(verdict, key).body;
    let first = of(Verdict::Applied, Some("FT1:C"));
    for verdict in
        [Verdict::AlreadyApplied, Verdict::UnknownOrder, Verdict::WrongAmount, Verdict::Parked, Verdict::Contradicted]
    {
        assert_eq!(of(verdict, Some("FT1:C")), first);
    }
    assert_ne!(of(Verdict::Applied, Some("FT2:C")), first);
    assert!(
        first.starts_with(r#"{"error":false,"errorReason":"000","toastMessage":"","object":{"reftransactionid":""#),
        "{first}"
    );
    for (verdict, status, reason) in [
        (Verdict::Unverified(Fault::BadSignature), 401, "401"),
        (Verdict::Unverified(Fault::MissingInput), 401, "401"),
        (Verdict::Unverified(Fault::Malformed), 400, "400"),
        (Verdict::Unavailable, 503, "503"),
    ] {
        let answer = vietqr_vn().answer(verdict, Some("FT1:C"));
        let body: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(
            (answer.status, &body["errorReason"], &body["object"]),
            (status, &json!(reason), &json!({"reftransactionid": ""}))
        );
    }
}

#[test]
fn buyers_are_shown_the_account_that_is_watched() {
    let Start::Ready(NextStep::Transfer { qr_text, account_number, transfer_content, .. }) =
        vietqr_vn().start(&attempt("OCOP00042", 185_000))
    else {
        panic!("nobody has to be asked")
    };
    assert_eq!((account_number.as_str(), transfer_content.as_str()), ("8206205123456", "OCOP00042"));
    let recorded_codes = vectors::of("vietqr_emvco", &["emvco"]);
    let code = recorded_codes.iter().find(|vector| vector["id"] == "vietqr-dynamic-agribank").unwrap();
    assert_eq!(qr_text, recorded(code, "/content"));
}

const FIELDS: &[&str] = &[
    "transactionid",
    "transactionId",
    "transactiontime",
    "referencenumber",
    "amount",
    "content",
    "bankaccount",
    "transType",
    "orderId",
];

proptest! {
    #[test]
    fn no_body_makes_the_reader_panic(body in vectors::any_body(FIELDS)) {
        let _ = read(&body);
    }

    #[test]
    fn no_header_makes_the_reader_panic(header in any::<String>(), token in "[0-9]{0,20}[.][0-9a-f]{0,64}") {
        let reading = read_with(&header, b"{}", NOW);
        prop_assert!(matches!(reading, Reading::Unverified(_)));
        prop_assert_eq!(read_with(&format!("Bearer {token}"), b"{}", NOW), Reading::Unverified(Fault::BadSignature));
        prop_assert_eq!(vietqr_vn().token_answer(Some(&header), at(NOW)).status, 400);
    }

    #[test]
    fn no_text_makes_the_check_sums_or_numbers_panic(text in any::<String>()) {
        let _ = check_order_checksum(&text, &text);
        let _ = refund_checksum(&Secret::new(text.clone()), &text, Vnd::ZERO, &text);
        prop_assert_eq!(our_number(&text).len(), 32);
    }
}
