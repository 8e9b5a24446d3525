use proptest::prelude::*;

use super::super::vectors::{self, answer, attempt, body, question, text as recorded};
use super::signature::canonical_encoded;
use super::*;
use crate::kernel::Vnd;

const KEY: &str = "1a54716c8f0efb2744fb28b6e38b25da7f67a925d98bc1c18bd8faaecadd7675";
const LINK: &str = "124c33293c934a85be5b7f8761a27a07";

fn rotating(current: &str, previous: Option<&str>) -> RotatingSecret {
    let secret = |text: &str| Secret::new(text.to_owned());
    RotatingSecret { current: secret(current), previous: previous.map(secret) }
}

fn payos() -> Payos {
    Payos {
        base_url: "https://api-merchant.payos.vn".to_owned(),
        client_id: "test-client".to_owned(),
        api_key: Secret::new("test-api-key".to_owned()),
        checksum_key: rotating(KEY, None),
        return_url: "https://shop.example.vn/pay/payos/return".to_owned(),
    }
}

fn payouts() -> PayosPayouts {
    let Payos { base_url, client_id, api_key, checksum_key, .. } = payos();
    PayosPayouts { base_url, client_id, api_key, checksum_key }
}

fn read(body: &[u8]) -> Reading {
    let callback = RawCallback { query: "", headers: &[], body, received_at: DateTime::UNIX_EPOCH };
    vectors::read(&payos(), &callback)
}

fn signature_of(data: &Value) -> String {
    hmac_sha256(&payos().checksum_key.current, &[canonical(data.as_object().unwrap()).as_bytes()])
}

/// An answer, or a webhook, with a right signature.
fn signed(data: &Value) -> Value {
    json!({"code": "00", "desc": "success", "data": data, "signature": signature_of(data)})
}

fn webhook(changes: &[(&str, Value)]) -> Value {
    let vector = &vectors::of("payos", &["webhook"])[0];
    let mut outer: Value = serde_json::from_str(recorded(vector, "/http/body")).unwrap();
    for (name, value) in changes {
        outer["data"][*name] = value.clone();
    }
    signed(&outer["data"])
}

fn link(changes: &[(&str, Value)]) -> Value {
    let mut data = vectors::of("payos", &["response"])[0]["body"]["data"].clone();
    for (name, value) in changes {
        data[*name] = value.clone();
    }
    data
}

fn headers(call: &HttpCall) -> Vec<(&str, &str)> {
    call.headers.iter().map(|(name, value)| (*name, value.expose())).collect()
}

#[test]
fn every_recorded_vector_is_of_a_kind_that_is_run() {
    assert_eq!(vectors::of("payos", &["request", "response", "webhook"]).len(), vectors::count("payos"));
    assert_eq!(vectors::of("payos", &["request"]).len(), 2, "each has a test below");
    assert_eq!(vectors::of("payos", &["response"]).len(), 1);
}

#[test]
fn recorded_webhooks_are_answered_as_documented() {
    for vector in vectors::of("payos", &["webhook"]) {
        vectors::check(&vector, &payos(), &read(recorded(&vector, "/http/body").as_bytes()));
        let outer: Value = serde_json::from_str(recorded(&vector, "/http/body")).unwrap();
        assert_eq!(canonical(outer["data"].as_object().unwrap()), recorded(&vector, "/canonical"));
    }
}

#[test]
fn the_signature_that_the_documentation_prints_elsewhere_is_refused() {
    let vector =
        vectors::of("payos", &["webhook"]).into_iter().find(|v| v["id"] == "payos-webhook-official-doc").unwrap();
    let mut outer: Value = serde_json::from_str(recorded(&vector, "/http/body")).unwrap();
    outer["signature"] = "8d8640d802576397a1ce45ebda7f835055768ac7ad2e0bfb77f9b8f12cca4c7f".into();
    assert_eq!(read(outer.to_string().as_bytes()), Reading::Unverified(Fault::BadSignature));
}

#[test]
fn the_recorded_link_is_asked_for_to_the_byte() {
    let vector = vectors::of("payos", &["request"]).remove(0);
    let fields = payos().link(&Link {
        order: 20_261_123_042,
        amount: 185_000,
        description: "OCOP00042",
        return_url: "https://shop.example.vn/pay/payos/return",
        cancel_url: "https://shop.example.vn/pay/payos/cancel?order=42&x=1",
    });
    let call = payos().post("", &Value::Object(fields));
    let expected: Value = serde_json::from_str(recorded(&vector, "/http/body")).unwrap();
    assert_eq!((format!("POST {}", call.url).as_str(), body(&call)), (recorded(&vector, "/endpoint"), expected));
    assert_eq!(headers(&call), [("x-client-id", "test-client"), ("x-api-key", "test-api-key")]);
}

#[test]
fn an_attempt_is_a_number_whose_code_the_transfer_carries() {
    for random in [0, 1, 123_456_789, u32::MAX] {
        let code = TransferCode::generate(random);
        let reference = payos().reference(&code, DateTime::UNIX_EPOCH);
        assert_eq!(reference.len(), 10, "{reference}");
        let Start::Call(call) = payos().start(&attempt(&reference, 185_000)) else { panic!("a link is opened") };
        let sent = body(&call);
        assert_eq!((sent["orderCode"].to_string(), &sent["description"]), (reference, &json!(code.as_str())));
        assert_eq!(sent["expiredAt"], 1_795_428_900 + 900);
    }
}

#[test]
fn what_opening_a_link_brings_is_read() {
    let vector = vectors::of("payos", &["request"]).remove(0);
    let data = &vector["response"]["data"];
    assert_eq!(canonical(data.as_object().unwrap()), recorded(&vector, "/response/canonical"));
    assert_eq!(signature_of(data), recorded(&vector, "/response/signature"));
    let of = |answer: &HttpAnswer| payos().read_started(&attempt("20261123042", 185_000), answer);
    let url = recorded(&vector, "/response/data/checkoutUrl").to_owned();
    assert_eq!(of(&answer(200, &signed(data))), Started::Open(NextStep::Redirect { url }));
    assert_eq!(of(&answer(200, &json!({"code": "231", "desc": "exists"}))), Started::Known);
    for code in ["20", "201"] {
        assert_eq!(of(&answer(200, &json!({"code": code, "desc": "no"}))), Started::Refused(code.to_owned()));
    }
    let with = |name: &str, value: Value| {
        let mut data = data.clone();
        data[name] = value;
        signed(&data)
    };
    let mut forged = signed(data);
    forged["data"]["checkoutUrl"] = "https://evil.example/".into();
    for (status, unclear) in [
        (200, forged),
        (200, with("orderCode", json!(7))),
        (200, with("amount", json!(1))),
        (200, with("checkoutUrl", json!("http://pay.payos.vn"))),
        (200, json!({"code": "999", "desc": "?"})),
        (429, json!({"code": "231"})),
        (500, signed(data)),
        (200, json!(null)),
    ] {
        assert!(matches!(of(&answer(status, &unclear)), Started::Unclear(_)), "{status} {unclear}");
    }
}

#[test]
fn the_recorded_link_is_read_as_its_webhooks_tell_it() {
    let vector = vectors::of("payos", &["response"]).remove(0);
    assert_eq!(canonical(link(&[]).as_object().unwrap()), recorded(&vector, "/canonical"));
    let call = payos().ask(&question("20261123042", 185_000)).unwrap();
    assert_eq!(
        (call.url.as_str(), call.body.is_none()),
        ("https://api-merchant.payos.vn/v2/payment-requests/20261123042", true)
    );
    let asked = payos().read_asked(&question("20261123042", 185_000), &answer(200, &vector["body"]));
    let Asked::Told(events) = asked else { panic!("{asked:?}") };
    let Reading::Verified(told) = read(webhook(&[]).to_string().as_bytes()) else { panic!("it is genuine") };
    // The recorded messages are of different moments.
    let paid_at = Some("2026-11-23T03:16:23Z".parse().unwrap());
    assert_eq!(events, [PaymentEvent { paid_at, ..told }]);
    assert_eq!(events[0].event_key, format!("{LINK}:FT26327000111"));
}

#[test]
fn every_state_of_a_link_is_told_as_it_is() {
    let of = |data: &Value| payos().read_asked(&question("20261123042", 185_000), &answer(200, &signed(data)));
    let none = || ("transactions", json!([]));
    let state = |status: &str| link(&[none(), ("status", json!(status))]);
    assert_eq!((of(&state("PENDING")), of(&state("PROCESSING"))), (Asked::Pending, Asked::Pending));
    for (status, expected) in
        [("CANCELLED", Outcome::Cancelled), ("EXPIRED", Outcome::Expired), ("FAILED", Outcome::Failed)]
    {
        let Asked::Told(events) = of(&state(status)) else { panic!("{status}") };
        assert_eq!((events[0].outcome, events[0].amount.amount(), events.len()), (expected, 185_000, 1), "{status}");
        // Money that came in all the same is what counts.
        let Asked::Told(events) = of(&link(&[("status", json!(status))])) else { panic!("{status}") };
        assert_eq!(events[0].outcome, Outcome::Paid, "{status}");
    }
    let half = |number: &str, amount: i64| json!({"reference": number, "amount": amount, "transactionDateTime": "2026-11-23 17:16:23"});
    let Asked::Told(events) =
        of(&link(&[("status", json!("UNDERPAID")), ("transactions", json!([half("A", 85_000), half("B", 50_000)]))]))
    else {
        panic!("money came in")
    };
    assert_eq!(events.iter().map(|event| event.amount.amount()).collect::<Vec<_>>(), [85_000, 50_000]);
    for unclear in [
        state("PAID"),
        state("NEW"),
        link(&[("orderCode", json!(1))]),
        link(&[("transactions", json!([{"amount": 1}]))]),
    ] {
        assert!(matches!(of(&unclear), Asked::Unclear(_)), "{unclear}");
    }
    let refused = |code: &str| {
        payos().read_asked(&question("20261123042", 185_000), &answer(200, &json!({"code": code, "desc": ""})))
    };
    assert_eq!(refused("101"), Asked::Unknown);
    assert!(matches!(refused("20"), Asked::Unclear(_)));
}

#[test]
fn a_link_is_called_off() {
    let call = payos().cancel(&question("20261123042", 185_000)).unwrap();
    assert_eq!(call.url, "https://api-merchant.payos.vn/v2/payment-requests/20261123042/cancel");
    assert_eq!(body(&call), json!({"cancellationReason": "Khong con cho thanh toan"}));
}

#[test]
fn a_transfer_out_is_asked_for_to_the_byte() {
    let vector = vectors::of("payos", &["request"]).remove(1);
    let payout = PayosPayout {
        reference: "PO-20261123-01",
        idempotency_key: "idem-0001",
        amount: Vnd::new(925_000).unwrap(),
        description: "OCOP thanh toán tuần 47",
        bank_bin: "970405",
        account_number: "8206205123456",
        category: &["ocop"],
    };
    let call = payouts().create(&payout);
    let expected: Value = serde_json::from_str(recorded(&vector, "/http/body")).unwrap();
    assert_eq!((format!("POST {}", call.url).as_str(), body(&call)), (recorded(&vector, "/endpoint"), expected));
    assert_eq!(canonical_encoded(body(&call).as_object().unwrap()), recorded(&vector, "/canonical"));
    for name in ["x-client-id", "x-api-key", "x-signature", "x-idempotency-key"] {
        let expected = recorded(&vector, &format!("/http/headers/{name}"));
        assert!(headers(&call).contains(&(name, expected)), "{name}");
    }
    let slash = PayosPayout { description: "tuan 47/2026 (1)", category: &[], ..payout };
    assert_eq!(body(&payouts().create(&slash))["description"], "tuan 47 2026 1");
}

#[test]
fn a_transfer_out_is_followed_to_its_end() {
    assert_eq!(payouts().ask("batch_1").url, "https://api-merchant.payos.vn/v1/payouts/batch_1");
    let said = |data: &Value, is_signed: bool| {
        let canonical = canonical_encoded(data.as_object().unwrap());
        let signature = is_signed.then(|| hmac_sha256(&payouts().checksum_key.current, &[canonical.as_bytes()]));
        HttpAnswer { signature, ..answer(200, &json!({"code": "00", "desc": "success", "data": data})) }
    };
    let data = |state: &str| {
        json!({"id": "batch_1", "referenceId": "PO-1", "approvalState": "COMPLETED", "category": null,
               "transactions": [{"id": "t1", "referenceId": "PO-1", "amount": 925_000, "state": state}]})
    };
    let of = |state: &str| payouts().read("PO-1", &said(&data(state), true)).map(|said| said.state);
    for state in ["RECEIVED", "PROCESSING", "ON_HOLD"] {
        assert_eq!(of(state), Ok(PayoutState::Going), "{state}");
    }
    assert_eq!(of("SUCCEEDED"), Ok(PayoutState::Succeeded));
    for state in ["FAILED", "REVERSED", "CANCELLED"] {
        assert_eq!(of(state), Ok(PayoutState::Failed(state.to_owned())));
    }
    assert!(of("NEW").is_err());
    assert!(payouts().read("PO-1", &said(&data("SUCCEEDED"), false)).is_err(), "not signed");
    assert!(payouts().read("PO-2", &said(&data("SUCCEEDED"), true)).is_err(), "another one");
    assert!(payouts().read("PO-1", &answer(200, &json!({"code": "20"}))).is_err());
    assert!(payouts().read("PO-1", &answer(504, &json!(null))).is_err());
}

#[test]
fn forgeries_and_nonsense_are_refused() {
    let good = webhook(&[]);
    let mut unsigned = good.clone();
    unsigned["signature"] = json!(null);
    assert_eq!(read(unsigned.to_string().as_bytes()), Reading::Unverified(Fault::BadSignature));
    assert_eq!(read(b""), Reading::Unverified(Fault::MissingInput));
    for body in ["null", "{}", r#"{"data":null,"signature":"00"}"#, r#"{"data":[],"signature":"00"}"#, "a=b"] {
        assert_eq!(read(body.as_bytes()), Reading::Unverified(Fault::Malformed), "{body}");
    }
    for (name, value) in [
        ("orderCode", json!("x")),
        ("orderCode", json!(-1)),
        ("orderCode", json!(null)),
        ("amount", json!(1.5)),
        ("amount", json!(-1)),
        ("reference", json!("")),
        ("reference", json!("a b")),
        ("paymentLinkId", json!(null)),
        ("currency", json!("USD")),
        ("code", json!(null)),
        ("code", json!("0\u{0}")),
    ] {
        let body = webhook(&[(name, value.clone())]).to_string();
        assert_eq!(read(body.as_bytes()), Reading::Unverified(Fault::Malformed), "{name} {value}");
    }
    let Reading::Verified(odd) = read(webhook(&[("code", json!("01"))]).to_string().as_bytes()) else {
        panic!("it is genuine")
    };
    assert_eq!(odd.outcome, Outcome::Review, "money that is not plainly there is looked at");
}

#[test]
fn nothing_is_written_as_payos_writes_it() {
    let data = json!({"b": null, "a": "undefined", "d": "null", "c": [{"y": null, "x": "é\"/"}], "e": true, "f": {"h": 1, "g": []}});
    let expected = r#"a=&b=&c=[{"x":"é\"/","y":null}]&d=&e=true&f={"g":[],"h":1}"#;
    assert_eq!(canonical(data.as_object().unwrap()), expected);
    assert_eq!(canonical_encoded(json!({"a b": "é/~(x)"}).as_object().unwrap()), "a%20b=%C3%A9%2F~(x)");
}

#[test]
fn a_key_that_was_replaced_still_verifies() {
    let rotated = Payos { checksum_key: rotating("new", Some(KEY)), ..payos() };
    let body = webhook(&[]).to_string().into_bytes();
    let callback = RawCallback { query: "", headers: &[], body: &body, received_at: DateTime::UNIX_EPOCH };
    assert!(matches!(rotated.read_callback(&callback), Reading::Verified(_)));
}

#[test]
fn whatever_is_kept_is_a_success() {
    let kept = [
        Verdict::Applied,
        Verdict::AlreadyApplied,
        Verdict::UnknownOrder,
        Verdict::WrongAmount,
        Verdict::Parked,
        Verdict::Contradicted,
    ];
    for verdict in kept {
        let answer = payos().answer(verdict, None);
        assert_eq!((answer.status, &*answer.body), (200, r#"{"success":true}"#));
    }
    for (verdict, status) in [
        (Verdict::Unverified(Fault::BadSignature), 401),
        (Verdict::Unverified(Fault::Malformed), 400),
        (Verdict::Unverified(Fault::MissingInput), 400),
        (Verdict::Unavailable, 503),
    ] {
        let answer = payos().answer(verdict, None);
        assert_eq!((answer.status, &*answer.body), (status, r#"{"success":false}"#));
    }
}

const FIELDS: &[&str] = &[
    "code",
    "data",
    "signature",
    "orderCode",
    "amount",
    "status",
    "id",
    "transactions",
    "reference",
    "paymentLinkId",
    "referenceId",
];

proptest! {
    #[test]
    fn no_body_makes_the_readers_panic(body in vectors::any_body(FIELDS)) {
        prop_assert!(matches!(read(&body), Reading::Unverified(_)));
        let data: Value = serde_json::from_slice(&body).unwrap_or_default();
        let data = if data.is_object() { data } else { json!({"x": data}) };
        let _ = read(signed(&data).to_string().as_bytes());
        let raw = HttpAnswer { status: 200, signature: None, retry_after_s: None, body };
        for answer in [raw, answer(200, &signed(&data))] {
            let _ = payos().read_asked(&question("1", 1000), &answer);
            let _ = payos().read_started(&attempt("1", 1000), &answer);
            let _ = payouts().read("1", &answer);
        }
    }

    #[test]
    fn no_attempt_makes_the_requests_panic(reference in any::<String>(), amount in 0..=Vnd::MAX, text in any::<String>()) {
        let _ = payos().start(&attempt(&reference, amount));
        let _ = payos().ask(&question(&reference, amount));
        let _ = payos().cancel(&question(&reference, amount));
        let payout = PayosPayout {
            reference: &reference, idempotency_key: &text, amount: Vnd::ZERO, description: &text,
            bank_bin: &text, account_number: &text, category: &[&text],
        };
        let _ = payouts().create(&payout);
        prop_assert!(canonical_encoded(&Map::from_iter([(text.clone(), json!(reference))])).is_ascii());
    }
}
