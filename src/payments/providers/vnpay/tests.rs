use std::net::IpAddr;

use chrono::{DateTime, TimeZone, Utc};
use proptest::prelude::*;
use serde_json::Value;

use super::super::vectors::{self, text};
use super::*;
use crate::kernel::secret::Secret;

const SECRET: &str = "OCOPHAGIANGTESTSECRET00000000001";
const PAID: &str = "vnp_Amount=18500000&vnp_BankCode=NCB&vnp_OrderInfo=Thanh+toan&\
                    vnp_PayDate=20261123171623&vnp_ResponseCode=00&vnp_TmnCode=OCOPHG01&\
                    vnp_TransactionNo=14226112&vnp_TransactionStatus=00&vnp_TxnRef=HG0000004";

fn vnpay() -> Vnpay {
    Vnpay {
        pay_url: "https://sandbox.vnpayment.vn/paymentv2/vpcpay.html".to_owned(),
        tmn_code: "OCOPHG01".to_owned(),
        return_url: "https://shop.example.vn/pay/vnpay/return".to_owned(),
        api_url: Some("https://sandbox.vnpayment.vn/merchant_webapi/api/transaction".to_owned()),
        server_ip: "203.0.113.10".to_owned(),
        secret: RotatingSecret { current: Secret::new(SECRET.to_owned()), previous: None },
    }
}

fn read(query: &str) -> Reading {
    let received_at = Utc.with_ymd_and_hms(2026, 11, 23, 10, 17, 0).unwrap();
    vectors::read(&vnpay(), &RawCallback { query, headers: &[], body: &[], received_at })
}

/// The query with a right signature, which is not made by the code under test's candidates.
fn signed(query: &str) -> String {
    format!("{query}&vnp_SecureHash={}", hmac_sha512(&vnpay().secret.current, query))
}

fn event(query: &str) -> PaymentEvent {
    match read(&signed(query)) {
        Reading::Verified(event) => event,
        other => panic!("{other:?}: {query}"),
    }
}

fn moment(text: &Value) -> DateTime<Utc> {
    read_compact_moment(&text.to_string()).unwrap()
}

#[test]
fn every_recorded_vector_is_of_a_kind_that_is_run() {
    let run = [
        "build-pay-url",
        "ipn",
        "format-only",
        "querydr-request",
        "querydr-response",
        "refund-request",
        "refund-response",
    ];
    assert_eq!(vectors::of("vnpay", &run).len(), vectors::count("vnpay"));
}

#[test]
fn recorded_payment_addresses_are_built_to_the_byte() {
    for vector in vectors::of("vnpay", &["build-pay-url"]) {
        let mut fields: Vec<(&str, String)> = vec![
            ("vnp_Command", "pay".to_owned()),
            ("vnp_CurrCode", "VND".to_owned()),
            ("vnp_TmnCode", "OCOPHG01".to_owned()),
            ("vnp_Version", "2.1.0".to_owned()),
        ];
        for (name, value) in vector["input"].as_object().unwrap() {
            let value = match value {
                Value::String(text) => text.clone(),
                number if name == "vnp_Amount" => (number.as_i64().unwrap() * 100).to_string(),
                number => number.to_string(),
            };
            fields.push((name.as_str(), value));
        }
        fields.sort();
        assert_eq!(vnpay().signed_url(&fields), text(&vector, "/url"));
    }
}

#[test]
fn an_attempt_starts_with_the_recorded_address() {
    let vector = vectors::of("vnpay", &["build-pay-url"]).remove(0);
    let input = &vector["input"];
    let attempt = AttemptStart {
        reference: text(&vector, "/input/vnp_TxnRef"),
        amount: Vnd::new(input["vnp_Amount"].as_i64().unwrap()).unwrap(),
        created_at: moment(&input["vnp_CreateDate"]),
        expires_at: moment(&input["vnp_ExpireDate"]),
        client_ip: "::ffff:203.0.113.7".parse::<IpAddr>().unwrap(),
        english: false,
        now: moment(&input["vnp_CreateDate"]),
    };
    let address = |attempt: &AttemptStart<'_>| match vnpay().start(attempt) {
        Start::Ready(NextStep::Redirect { url }) => url,
        _ => panic!("no address"),
    };
    assert_eq!(address(&attempt), text(&vector, "/url"));
    assert!(address(&AttemptStart { english: true, ..attempt }).contains("&vnp_Locale=en&"));
}

#[test]
fn recorded_callbacks_are_answered_as_documented() {
    for vector in vectors::of("vnpay", &["ipn"]) {
        let (_, query) = text(&vector, "/http/path_query").split_once('?').unwrap();
        vectors::check(&vector, &vnpay(), &read(query));
    }
}

#[test]
fn recorded_canonical_texts_are_reproduced() {
    for vector in vectors::of("vnpay", &["build-pay-url", "ipn", "format-only"]) {
        let Some(canonical) = vector["canonical"].as_str() else { continue };
        let mut shuffled: Vec<&str> = canonical.split('&').collect();
        shuffled.reverse();
        let parameters = shuffled.join("&") + "&vnp_SecureHashType=SHA512";
        let parameters = Parameters::read(&parameters).unwrap();
        assert_eq!(parameters.candidates(), [canonical; 3], "{}", text(&vector, "/id"));
    }
}

#[test]
fn a_payment_is_read_completely() {
    let paid_at = Utc.with_ymd_and_hms(2026, 11, 23, 10, 16, 23).unwrap();
    let expected = PaymentEvent {
        event_key: "HG0000004:14226112:00:00".to_owned(),
        provider_txn: Some("14226112".to_owned()),
        own_account: None,
        references: vec!["HG0000004".to_owned()],
        amount: Vnd::new(185_000).unwrap(),
        paid_at: Some(paid_at),
        payee_account_ours: true,
        outcome: Outcome::Paid,
        raw_code: "00/00".to_owned(),
        to_be_confirmed: false,
    };
    assert_eq!(event(PAID), expected);
}

#[test]
fn what_failed_payments_leave_out_may_be_missing() {
    let query = PAID
        .replace("&vnp_PayDate=20261123171623", "")
        .replace("=14226112", "=0")
        .replace("vnp_ResponseCode=00", "vnp_ResponseCode=24")
        .replace("vnp_TransactionStatus=00", "vnp_TransactionStatus=02");
    let event = event(&query);
    assert_eq!((event.provider_txn, event.paid_at), (None, None));
    assert_eq!(event.outcome, Outcome::Cancelled);
}

#[test]
fn another_terminals_money_is_not_ours() {
    assert!(!event(&PAID.replace("OCOPHG01", "OCOPHG02")).payee_account_ours);
}

#[test]
fn only_both_codes_together_mean_paid() {
    let codes = [
        ("00", "00", Outcome::Paid),
        ("00", "02", Outcome::Failed),
        ("24", "00", Outcome::Review),
        ("07", "07", Outcome::Review),
        ("00", "07", Outcome::Review),
        ("07", "00", Outcome::Review),
        ("00", "01", Outcome::Pending),
        ("99", "04", Outcome::Review),
        ("24", "02", Outcome::Cancelled),
        ("11", "02", Outcome::Expired),
        ("99", "08", Outcome::Expired),
        ("51", "02", Outcome::Failed),
        ("09", "10", Outcome::Failed),
    ];
    for (response, status, expected) in codes {
        assert_eq!(outcome(response, status), expected, "{response}/{status}");
    }
}

#[test]
fn signatures_are_found_however_the_query_was_written() {
    let genuine = [
        signed(PAID).replace("vnp_SecureHash=", "vnp_SecureHashType=SHA512&vnp_SecureHash="),
        format!("utm_source=mail&utm_source=sms&{}", signed(PAID)),
        // Empty values, left out of the signature or kept in it.
        format!("vnp_CardType=&{}", signed(PAID)),
        signed(&PAID.replace("NCB&", "NCB&vnp_CardType=&")),
        // Encoded anew by a proxy, before and behind which the text means the same.
        signed(PAID).replace("Thanh+toan", "Thanh%20toan"),
        signed(PAID).replace("vnp_OrderInfo", "vnp%5fOrderInfo"),
        signed(&PAID.replace("Thanh+toan", "Thanh%20to%c3%a1n")),
    ];
    for query in genuine {
        assert!(matches!(read(&query), Reading::Verified(_)), "{query}");
    }
    let query = signed(PAID);
    let (pairs, hash) = query.rsplit_once('=').unwrap();
    let upper = format!("{pairs}={}", hash.to_uppercase());
    assert!(matches!(read(&upper), Reading::Verified(_)));
}

#[test]
fn forgeries_are_refused() {
    let signed = signed(PAID);
    let forged = [
        format!("{signed}&vnp_Amount=18500000"),
        format!("{signed}&vnp_%41mount=100"),
        format!("{signed}&vnp_SecureHash=00"),
        format!("{signed}&vnp_Bill_Mobile=1"),
        signed.replace("HG0000004", "HG0000016"),
        signed.replace("vnp_SecureHash=", "vnp_SecureHash2="),
        "vnp_SecureHash=".to_owned(),
        format!("{signed}&utm_source={}", "x".repeat(QUERY_BYTES_MAX)),
    ];
    for query in forged {
        assert_eq!(read(&query), Reading::Unverified(Fault::BadSignature), "{query}");
    }
    assert_eq!(read("utm_source=mail"), Reading::Unverified(Fault::MissingInput));
}

#[test]
fn a_hash_of_the_old_protocol_is_refused() {
    let digest = super::super::signature::hmac_sha256(&vnpay().secret.current, &[PAID.as_bytes()]);
    let query = format!("{PAID}&vnp_SecureHashType=SHA256&vnp_SecureHash={digest}");
    assert_eq!(read(&query), Reading::Unverified(Fault::BadSignature));
}

#[test]
fn a_secret_that_was_replaced_still_verifies() {
    let mut rotated = vnpay();
    rotated.secret.previous = Some(rotated.secret.current);
    rotated.secret.current = Secret::new("NEWSECRET".to_owned());
    let (query, received_at) = (signed(PAID), Utc.timestamp_opt(0, 0).unwrap());
    let callback = RawCallback { query: &query, headers: &[], body: &[], received_at };
    assert!(matches!(rotated.read_callback(&callback), Reading::Verified(_)));
}

#[test]
fn genuine_messages_that_make_no_sense_are_malformed() {
    let changes = [
        ("vnp_Amount=18500000", "vnp_Amount=18500050"),
        ("vnp_Amount=18500000", "vnp_Amount=-18500000"),
        ("vnp_Amount=18500000", "vnp_Amount=185000.0"),
        ("vnp_Amount=18500000", "vnp_Amount=1850000000000"),
        ("vnp_Amount=18500000&", ""),
        ("vnp_ResponseCode=00", "vnp_ResponseCode=0"),
        ("vnp_TransactionStatus=00", "vnp_TransactionStatus="),
        ("vnp_TransactionNo=14226112", "vnp_TransactionNo=x"),
        ("vnp_TransactionNo=14226112", "vnp_TransactionNo=1234567890123456"),
        ("HG0000004", "HG%00"),
    ];
    for (from, to) in changes {
        let query = signed(&PAID.replace(from, to));
        assert_eq!(read(&query), Reading::Unverified(Fault::Malformed), "{query}");
    }
}

#[test]
fn answers_are_those_of_the_documentation() {
    let answers = [
        (Verdict::Applied, "00", "Confirm Success"),
        (Verdict::Parked, "00", "Confirm Success"),
        (Verdict::AlreadyApplied, "02", "Order already confirmed"),
        (Verdict::Contradicted, "02", "Order already confirmed"),
        (Verdict::UnknownOrder, "01", "Order not found"),
        (Verdict::WrongAmount, "04", "invalid amount"),
        (Verdict::Unverified(Fault::BadSignature), "97", "Invalid signature"),
        (Verdict::Unverified(Fault::MissingInput), "99", "Input data required"),
        (Verdict::Unverified(Fault::Malformed), "99", "Unknow error"),
        (Verdict::Unavailable, "99", "Unknow error"),
    ];
    for (verdict, code, message) in answers {
        let answer = vnpay().answer(verdict, None);
        assert_eq!(answer.status, 200);
        assert_eq!(answer.body, format!(r#"{{"RspCode":"{code}","Message":"{message}"}}"#));
    }
}

proptest! {
    #[test]
    fn no_query_makes_the_reader_panic(query in any::<String>()) {
        let _ = read(&query);
    }

    #[test]
    fn no_signed_query_makes_the_reader_panic(
        amount in "[0-9.+%-]{0,20}",
        code in "[0-9]{0,3}",
        date in "[0-9]{0,15}",
        other in "[ -~]{0,20}",
    ) {
        let other: String = byte_encoded(&other);
        let query = format!(
            "vnp_Amount={amount}&vnp_OrderInfo={other}&vnp_PayDate={date}&vnp_ResponseCode={code}&\
             vnp_TmnCode=OCOPHG01&vnp_TransactionNo=1&vnp_TransactionStatus=00&vnp_TxnRef=A"
        );
        let reading = read(&signed(&query));
        prop_assert_ne!(reading, Reading::Unverified(Fault::MissingInput));
    }

    #[test]
    fn every_amount_survives_the_hundredths(amount in 0..=PAYMENT_MAX_VND) {
        let written = format!("{amount}00");
        prop_assert_eq!(read_amount(&written), Vnd::new(amount));
    }
}

fn byte_encoded(text: &str) -> String {
    encoded("", text).trim_start_matches('=').to_owned()
}
