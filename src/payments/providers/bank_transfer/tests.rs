use chrono::TimeZone;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::vectors::{self, text};
use super::*;
use crate::kernel::secret::Secret;

const SECRET: &str = "whsec_ocop_test_0123456789abcdef";
const NOW: i64 = 1_795_428_983;

fn rotating(current: &str, previous: Option<&str>) -> RotatingSecret {
    let secret = |text: &str| Secret::new(text.to_owned());
    RotatingSecret { current: secret(current), previous: previous.map(secret) }
}

fn provider() -> BankTransfer {
    BankTransfer {
        payee: Payee::new("970436", "0123499999").unwrap(),
        account_name: "TRUNG TAM OCOP".to_owned(),
        other_accounts: vec!["963NCC00042".to_owned()],
        hmac: Some(rotating(SECRET, None)),
        api_key: Some(rotating("OCOP_TEST_KEY", None)),
        sepay: None,
        accounts: None,
    }
}

fn headers(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn read_with(provider: &BankTransfer, pairs: &[(&str, &str)], body: &[u8], now: i64) -> Reading {
    let received_at = Utc.timestamp_opt(now, 0).unwrap();
    let headers = headers(pairs);
    vectors::read(provider, &RawCallback { query: "", headers: &headers, body, received_at })
}

fn signature(body: &[u8]) -> String {
    let secret = Secret::new(SECRET.to_owned());
    let message = [NOW.to_string().as_bytes(), b".", body].concat();
    format!("sha256={}", hmac_sha256(&secret, &[&message]))
}

/// Reads a body that SePay signed just now.
fn read(body: &[u8]) -> Reading {
    let (timestamp, signature) = (NOW.to_string(), signature(body));
    let pairs = [("x-sepay-timestamp", &*timestamp), ("x-sepay-signature", &*signature)];
    read_with(&provider(), &pairs, body, NOW)
}

fn transfer() -> Value {
    json!({
        "id": 92704, "gateway": "Vietcombank", "transactionDate": "2026-11-23 17:16:23",
        "accountNumber": "0123499999", "subAccount": null, "code": null,
        "content": "MBVCB.327.hg3nqk8n5 thanh toan HG0000016", "transferType": "in",
        "description": "", "transferAmount": 185_000, "accumulated": 19_077_000,
        "referenceCode": "MBVCB.3278907687",
    })
}

fn changed(field: &str, value: Value) -> Vec<u8> {
    let mut transfer = transfer();
    transfer[field] = value;
    transfer.to_string().into_bytes()
}

fn event(body: &[u8]) -> PaymentEvent {
    match read(body) {
        Reading::Verified(event) => event,
        other => panic!("{other:?}: {}", String::from_utf8_lossy(body)),
    }
}

#[test]
fn recorded_webhooks_are_answered_as_documented() {
    let recorded = vectors::of("sepay", &["webhook"]);
    assert_eq!(recorded.len(), vectors::count("sepay"));
    for vector in recorded {
        let sent = vector["http"]["headers"].as_object().unwrap();
        let names: Vec<String> = sent.keys().map(|name| name.to_lowercase()).collect();
        let values = sent.values().map(|value| value.as_str().unwrap());
        let pairs: Vec<(&str, &str)> = names.iter().map(String::as_str).zip(values).collect();
        let body = text(&vector, "/http/body").as_bytes();
        let now = vector["config"]["now_unix"].as_i64().unwrap();
        assert_eq!(vector["config"]["collecting_accounts"], json!(["0123499999"]));
        assert_eq!(text(&vector, "/config/hmac_secret"), SECRET);

        let reading = read_with(&provider(), &pairs, body, now);
        vectors::check(&vector, &provider(), &reading);
        if let Some(canonical) = vector["canonical"].as_str() {
            let (_, signed) = canonical.split_once('.').unwrap();
            assert_eq!(signed.as_bytes(), body);
        }
    }
}

#[test]
fn an_attempt_starts_with_a_code_that_holds_everything() {
    let payee = Payee::new("970405", "8206205123456").unwrap();
    let provider = BankTransfer { payee, ..provider() };
    let now = Utc.timestamp_opt(NOW, 0).unwrap();
    let step = provider.start(&AttemptStart {
        reference: "OCOP00042",
        amount: Vnd::new(185_000).unwrap(),
        created_at: now,
        expires_at: now,
        client_ip: [203, 0, 113, 7].into(),
        english: false,
        now,
    });
    let Start::Ready(step) = step else { panic!("nobody has to be asked") };
    let vectors = vectors::of("vietqr_emvco", &["emvco"]);
    let recorded = vectors.iter().find(|v| v["id"] == "vietqr-dynamic-agribank").unwrap();
    let expected = NextStep::Transfer {
        qr_text: text(recorded, "/content").to_owned(),
        bank_bin: "970405".to_owned(),
        account_number: "8206205123456".to_owned(),
        account_name: "TRUNG TAM OCOP".to_owned(),
        transfer_content: "OCOP00042".to_owned(),
    };
    assert_eq!(step, expected);
}

fn with_accounts() -> BankTransfer {
    let api = SepayApi { base_url: "https://userapi.sepay.vn/v2".to_owned(), token: Secret::new("token".to_owned()) };
    let accounts = OrderAccounts { bank_account: "ba-1".to_owned(), prefix: None, terminal: None };
    BankTransfer { sepay: Some(api), accounts: Some(accounts), ..provider() }
}

#[test]
fn with_accounts_of_their_own_tries_can_be_paid_before_sepay_answers_and_better_afterwards() {
    let provider = with_accounts();
    assert!(provider.opens_orders());
    let now = Utc.timestamp_opt(NOW, 0).unwrap();
    let attempt = AttemptStart {
        reference: "HG0000016",
        amount: Vnd::new(185_000).unwrap(),
        created_at: now,
        expires_at: now + chrono::TimeDelta::seconds(900),
        client_ip: [203, 0, 113, 7].into(),
        english: false,
        now,
    };
    let Start::Account(step, call) = provider.start(&attempt) else { panic!("nobody is asked") };
    let Start::Ready(plain) = super::tests::provider().start(&attempt) else { panic!("somebody is asked") };
    assert_eq!((step, call.method.as_str()), (plain, "POST"));

    let answer = |number: &str| HttpAnswer {
        status: 201,
        signature: None,
        retry_after_s: None,
        body: json!({"data": {"id": "o-1", "order_code": "HG0000016", "va_number": number, "va_holder_name": "OCOP",
                              "amount": 185_000, "status": "Pending"}})
        .to_string()
        .into_bytes(),
    };
    let Started::Account(own) = provider.read_started(&attempt, &answer("963NQDORDZVTBPJ3Z7H")) else { panic!("none") };
    assert_eq!((&*own.order, &*own.number), ("ba-1/o-1", "963NQDORDZVTBPJ3Z7H"));
    let NextStep::Transfer { qr_text, account_number, account_name, transfer_content, bank_bin } = own.step else {
        panic!("no transfer")
    };
    assert_eq!((&*account_number, &*account_name, &*bank_bin), ("963NQDORDZVTBPJ3Z7H", "OCOP", "970436"));
    assert_eq!(transfer_content, "HG0000016");
    assert!(qr_text.contains("0119963NQDORDZVTBPJ3Z7H") && qr_text.contains("5406185000"), "{qr_text}");
    // Our own account, another that all use, and numbers that no code can hold.
    for number in ["0123499999", "963NCC00042", "963NQDORD1234567890AB", "96 3"] {
        assert!(matches!(provider.read_started(&attempt, &answer(number)), Started::Unclear(_)), "{number}");
    }
}

#[test]
fn an_account_number_is_closed_under_sepays_name_of_its_order() {
    let now = Utc.timestamp_opt(NOW, 0).unwrap();
    let named = |order| Question {
        reference: "HG0000016",
        order,
        amount: Vnd::new(185_000).unwrap(),
        created_at: now,
        now,
        number: "1",
    };
    // Also when no more are given out.
    for bank in [with_accounts(), BankTransfer { accounts: None, ..with_accounts() }] {
        let call = bank.cancel(&named(Some("ba-1/o-1"))).unwrap();
        assert_eq!(call.method.as_str(), "DELETE");
        assert_eq!(bank.ask(&named(Some("ba-1/o-1"))).unwrap().url, call.url);
        assert!(bank.cancel(&named(None)).is_none() && bank.ask(&named(None)).is_none());
    }
    assert!(provider().cancel(&named(Some("ba-1/o-1"))).is_none());
    let answer = HttpAnswer { status: 204, signature: None, retry_after_s: None, body: Vec::new() };
    assert_eq!(with_accounts().read_asked(&named(Some("ba-1/o-1")), &answer), Asked::Over);
}

#[test]
fn the_account_number_that_was_paid_to_is_told() {
    let paid_to = |number: Value| event(&changed("subAccount", number)).own_account;
    assert_eq!(paid_to(json!(" 963NQDORDZVTBPJ3Z7H ")).as_deref(), Some("963NQDORDZVTBPJ3Z7H"));
    for none in [Value::Null, json!(""), json!("96 3"), json!("9".repeat(51))] {
        assert_eq!(paid_to(none.clone()), None, "{none}");
    }
}

#[test]
fn a_transfer_is_read_completely() {
    let expected = PaymentEvent {
        event_key: "92704".to_owned(),
        provider_txn: Some("MBVCB.3278907687".to_owned()),
        own_account: None,
        references: vec!["HG3NQK8N5".to_owned(), "HG0000016".to_owned()],
        amount: Vnd::new(185_000).unwrap(),
        paid_at: Some(Utc.with_ymd_and_hms(2026, 11, 23, 10, 16, 23).unwrap()),
        payee_account_ours: true,
        outcome: Outcome::Paid,
        raw_code: "in".to_owned(),
        to_be_confirmed: false,
    };
    assert_eq!(event(transfer().to_string().as_bytes()), expected);
}

#[test]
fn the_providers_code_comes_first_and_none_twice() {
    let references = event(&changed("code", json!("HG0000016"))).references;
    assert_eq!(references, ["HG0000016", "HG3NQK8N5"]);
    let references = event(&changed("code", json!("HG\u{0}"))).references;
    assert_eq!(references, ["HG3NQK8N5", "HG0000016"]);
    assert_eq!(event(&changed("content", Value::Null)).references, Vec::<String>::new());
}

#[test]
fn a_body_with_phps_escapes_is_verified_as_it_came() {
    let body = br#"{"id":1,"transactionDate":"2026-11-23 17:16:23","accountNumber":"0123499999",
        "content":"m\u1eadt ong \/ HG0000004 c\u00e1","transferType":"in","transferAmount":1,
        "referenceCode":"FT26\/327","subAccount":"","code":""}"#;
    let event = event(body);
    assert_eq!(event.references, ["HG0000004"]);
    assert_eq!(event.provider_txn.as_deref(), Some("FT26/327"));
}

#[test]
fn money_on_an_account_of_somebody_else_is_told_apart() {
    assert!(!event(&changed("accountNumber", json!("0123499990"))).payee_account_ours);
    let mut virtual_account = transfer();
    virtual_account["accountNumber"] = json!("5");
    virtual_account["subAccount"] = json!("963NCC00042");
    assert!(event(virtual_account.to_string().as_bytes()).payee_account_ours);
}

#[test]
fn fields_we_do_not_know_do_not_matter() {
    assert!(matches!(read(&changed("newField", json!({"a": [1]}))), Reading::Verified(_)));
}

#[test]
fn an_unreadable_moment_does_not_lose_the_money() {
    assert_eq!(event(&changed("transactionDate", json!("23/11/2026"))).paid_at, None);
}

#[test]
fn genuine_messages_that_make_no_sense_are_malformed() {
    let bodies = [
        changed("transferAmount", json!(-1)),
        changed("transferAmount", json!(185_000.5)),
        changed("transferAmount", json!("185000")),
        changed("transferAmount", Value::Null),
        changed("transferType", json!("IN")),
        changed("id", json!("92704")),
        changed("accountNumber", Value::Null),
        b"{}".to_vec(),
        b"".to_vec(),
        b"\xff".to_vec(),
        transfer().to_string().replace(r#""id":"#, r#""id":1,"id":"#).into_bytes(),
        format!("{} {{}}", transfer()).into_bytes(),
        vec![b' '; BODY_BYTES_MAX + 1],
    ];
    for body in bodies {
        let text = String::from_utf8_lossy(&body);
        assert_eq!(read(&body), Reading::Unverified(Fault::Malformed), "{text}");
    }
}

#[test]
fn a_signature_holds_for_five_minutes_either_way() {
    let body = transfer().to_string();
    let (timestamp, signature) = (NOW.to_string(), signature(body.as_bytes()));
    let pairs = [("x-sepay-timestamp", &*timestamp), ("x-sepay-signature", &*signature)];
    let at = |now| read_with(&provider(), &pairs, body.as_bytes(), now);
    for now in [NOW - 300, NOW + 300] {
        assert!(matches!(at(now), Reading::Verified(_)), "{now}");
    }
    for now in [NOW - 301, NOW + 301] {
        assert_eq!(at(now), Reading::Unverified(Fault::BadSignature), "{now}");
    }
}

#[test]
fn hexadecimal_in_upper_case_is_accepted() {
    let body = transfer().to_string();
    let signature = signature(body.as_bytes());
    let upper = signature.to_uppercase().replace("SHA256", "sha256");
    let timestamp = NOW.to_string();
    let pairs = [("x-sepay-timestamp", &*timestamp), ("x-sepay-signature", &*upper)];
    let reading = read_with(&provider(), &pairs, body.as_bytes(), NOW);
    assert!(matches!(reading, Reading::Verified(_)));
}

#[test]
fn requests_without_the_right_proof_are_refused() {
    let body = transfer().to_string();
    let (timestamp, signature) = (NOW.to_string(), signature(body.as_bytes()));
    let signed = [("x-sepay-timestamp", &*timestamp), ("x-sepay-signature", &*signature)];
    let key = ("authorization", "Apikey OCOP_TEST_KEY");
    let refused: [&[(&str, &str)]; 9] = [
        &[("authorization", "Bearer OCOP_TEST_KEY")],
        &[("authorization", "apikey OCOP_TEST_KEY")],
        &[("authorization", "Apikey OCOP_TEST_KEY ")],
        &[("authorization", "Apikey ")],
        &[key, key],
        &[signed[1]],
        &[signed[0], signed[1], signed[1]],
        &[signed[0], ("x-sepay-signature", signature.trim_start_matches("sha256="))],
        // Claims to be signed: the key does not help any more.
        &[signed[0], ("x-sepay-signature", "sha256=00"), key],
    ];
    for pairs in refused {
        let reading = read_with(&provider(), pairs, body.as_bytes(), NOW);
        assert_eq!(reading, Reading::Unverified(Fault::BadSignature), "{pairs:?}");
    }
    let none = read_with(&provider(), &[signed[0]], body.as_bytes(), NOW);
    assert_eq!(none, Reading::Unverified(Fault::MissingInput));
}

#[test]
fn a_way_that_is_not_set_up_proves_nothing() {
    let body = transfer().to_string();
    let (timestamp, signature) = (NOW.to_string(), signature(body.as_bytes()));
    let signed = [("x-sepay-timestamp", &*timestamp), ("x-sepay-signature", &*signature)];
    let key = [("authorization", "Apikey OCOP_TEST_KEY")];
    let without_hmac = BankTransfer { hmac: None, ..provider() };
    let without_key = BankTransfer { api_key: None, ..provider() };
    let empty = BankTransfer { hmac: None, api_key: Some(rotating("", None)), ..provider() };
    let refused = Reading::Unverified(Fault::BadSignature);
    assert_eq!(read_with(&without_hmac, &signed, body.as_bytes(), NOW), refused);
    assert_eq!(read_with(&without_key, &key, body.as_bytes(), NOW), refused);
    assert_eq!(read_with(&empty, &[("authorization", "Apikey ")], body.as_bytes(), NOW), refused);
}

#[test]
fn secrets_that_were_replaced_still_verify() {
    let body = transfer().to_string();
    let (timestamp, signature) = (NOW.to_string(), signature(body.as_bytes()));
    let signed = [("x-sepay-timestamp", &*timestamp), ("x-sepay-signature", &*signature)];
    let key = [("authorization", "Apikey OCOP_TEST_KEY")];
    let rotated = BankTransfer {
        hmac: Some(rotating("new", Some(SECRET))),
        api_key: Some(rotating("new", Some("OCOP_TEST_KEY"))),
        ..provider()
    };
    for pairs in [&signed[..], &key[..]] {
        let reading = read_with(&rotated, pairs, body.as_bytes(), NOW);
        assert!(matches!(reading, Reading::Verified(_)), "{pairs:?}");
    }
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
        let answer = provider().answer(verdict, None);
        assert_eq!((answer.status, &*answer.body), (200, r#"{"success":true}"#));
    }
    let refused = [
        (Verdict::Unverified(Fault::BadSignature), 401),
        (Verdict::Unverified(Fault::MissingInput), 401),
        (Verdict::Unverified(Fault::Malformed), 400),
        (Verdict::Unavailable, 503),
    ];
    for (verdict, status) in refused {
        let answer = provider().answer(verdict, None);
        assert_eq!((answer.status, &*answer.body), (status, r#"{"success":false}"#));
    }
}

proptest! {
    #[test]
    fn no_signed_body_makes_the_reader_panic(body in any::<Vec<u8>>()) {
        prop_assert_eq!(read(&body), Reading::Unverified(Fault::Malformed));
    }

    #[test]
    fn no_header_makes_the_reader_panic(
        timestamp in any::<String>(),
        signature in any::<String>(),
        body in any::<Vec<u8>>(),
        now in 0..4_000_000_000_i64,
    ) {
        let pairs = [("x-sepay-timestamp", &*timestamp), ("x-sepay-signature", &*signature)];
        let reading = read_with(&provider(), &pairs, &body, now);
        prop_assert_eq!(reading, Reading::Unverified(Fault::BadSignature));
    }

    #[test]
    fn no_signed_transfer_makes_the_reader_panic(
        amount in any::<i64>(),
        date in any::<String>(),
        content in any::<String>(),
        reference in any::<String>(),
    ) {
        let mut transfer = transfer();
        transfer["transferAmount"] = json!(amount);
        transfer["transactionDate"] = json!(date);
        transfer["content"] = json!(content);
        transfer["code"] = json!(content);
        transfer["referenceCode"] = json!(reference);
        let _ = read(transfer.to_string().as_bytes());
    }
}
