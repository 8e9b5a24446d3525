//! Asking VNPAY what became of an attempt (querydr).

use serde_json::{Map, Value};

use super::super::wire::{compact_moment, object, read_compact_moment, text, words};
use super::super::{Asked, HttpAnswer, HttpCall, Outcome, PaymentEvent, Question, Schedule};
use super::{Message, Vnpay, outcome, read_amount};

/// VNPAY repeats its own word every five minutes, and refuses to be asked twice within five.
pub(super) const SCHEDULE: Schedule = Schedule { first_s: &[330, 660], then_every_s: 600 };
const OK: &str = "00";
const NOT_FOUND: &str = "91";

pub(super) fn ask(vnpay: &Vnpay, question: &Question<'_>) -> Option<HttpCall> {
    let mut fields = Map::new();
    fields.insert("vnp_RequestId".to_owned(), question.number.into());
    fields.insert("vnp_Version".to_owned(), "2.1.0".into());
    fields.insert("vnp_Command".to_owned(), "querydr".into());
    fields.insert("vnp_TmnCode".to_owned(), vnpay.tmn_code.clone().into());
    fields.insert("vnp_TxnRef".to_owned(), question.reference.into());
    fields.insert("vnp_OrderInfo".to_owned(), format!("Truy van GD {}", question.reference).into());
    fields.insert("vnp_TransactionDate".to_owned(), number(&compact_moment(question.created_at)));
    fields.insert("vnp_CreateDate".to_owned(), number(&compact_moment(question.now)));
    fields.insert("vnp_IpAddr".to_owned(), vnpay.server_ip.clone().into());
    call(vnpay, Message::QueryRequest, fields)
}

/// The signed message as a request.
pub(super) fn call(vnpay: &Vnpay, message: Message, mut fields: Map<String, Value>) -> Option<HttpCall> {
    let signature = message.sign(&fields, &vnpay.secret)?;
    fields.insert("vnp_SecureHash".to_owned(), signature.into());
    Some(HttpCall::post(vnpay.api_url.clone()?, Vec::new(), Value::Object(fields).to_string()))
}

pub(super) fn number(digits: &str) -> Value {
    digits.parse::<u64>().map_or_else(|_| Value::from(digits), Value::from)
}

/// The fields of an answer that VNPAY signed and that is about this reference; else why it is none.
pub(super) fn proven(
    vnpay: &Vnpay,
    message: Message,
    reference: &str,
    answer: &HttpAnswer,
) -> Result<Map<String, Value>, String> {
    let fields = object(&answer.body);
    if !message.is_genuine(&fields, &vnpay.secret) {
        return Err(words(answer, Some("not signed".to_owned())));
    }
    let is_ours = text(&fields, "vnp_TmnCode").is_some_and(|terminal| terminal == vnpay.tmn_code);
    if !is_ours || text(&fields, "vnp_TxnRef").is_none_or(|found| found != reference) {
        return Err(words(answer, Some("about something else".to_owned())));
    }
    Ok(fields)
}

/// `vnp_ResponseCode` says only whether the question was answered.
pub(super) fn read(vnpay: &Vnpay, question: &Question<'_>, answer: &HttpAnswer) -> Asked {
    let fields = match proven(vnpay, Message::QueryAnswer, question.reference, answer) {
        Ok(fields) => fields,
        Err(why) => return Asked::Unclear(why),
    };
    match text(&fields, "vnp_ResponseCode").as_deref() {
        Some(OK) => {}
        Some(NOT_FOUND) => return Asked::Unknown,
        code => return Asked::Unclear(words(answer, code.map(str::to_owned))),
    }
    match event(question, &fields) {
        Some(event) if event.outcome == Outcome::Pending => Asked::Pending,
        Some(event) => Asked::Told(vec![event]),
        None => Asked::Unclear(words(answer, Some("not as documented".to_owned()))),
    }
}

/// As the notice would tell it.
fn event(question: &Question<'_>, fields: &Map<String, Value>) -> Option<PaymentEvent> {
    let status = text(fields, "vnp_TransactionStatus")?;
    // What is said of a refund says nothing of the payment.
    if matches!(status.as_str(), "05" | "06" | "09") {
        return None;
    }
    let response = if status == OK { OK } else { "99" };
    let transaction = text(fields, "vnp_TransactionNo").unwrap_or_else(|| "0".to_owned());
    Some(PaymentEvent {
        event_key: format!("{}:{transaction}:{response}:{status}", question.reference),
        provider_txn: Some(transaction).filter(|number| number != "0"),
        own_account: None,
        references: vec![question.reference.to_owned()],
        amount: read_amount(&text(fields, "vnp_Amount")?)?,
        paid_at: text(fields, "vnp_PayDate").as_deref().and_then(read_compact_moment),
        payee_account_ours: true,
        outcome: outcome(response, &status),
        raw_code: format!("{response}/{status}"),
        to_be_confirmed: false,
    })
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::super::vectors::{self, answer, body, text as recorded};
    use super::super::super::{RefundQuestion, Refunded, RotatingSecret};
    use super::*;
    use crate::kernel::{Secret, Vnd};

    const REFERENCE: &str = "OCOP20261123000001";

    fn vnpay() -> Vnpay {
        Vnpay {
            pay_url: "https://sandbox.vnpayment.vn/paymentv2/vpcpay.html".to_owned(),
            tmn_code: "OCOPHG01".to_owned(),
            return_url: "https://shop.example.vn/pay/vnpay/return".to_owned(),
            api_url: Some("https://sandbox.vnpayment.vn/merchant_webapi/api/transaction".to_owned()),
            server_ip: "203.0.113.10".to_owned(),
            secret: RotatingSecret {
                current: Secret::new("OCOPHAGIANGTESTSECRET00000000001".to_owned()),
                previous: None,
            },
        }
    }

    fn at(text: &str) -> DateTime<Utc> {
        read_compact_moment(text).unwrap()
    }

    fn question() -> Question<'static> {
        let (created_at, now) = (at("20261123171500"), at("20261123174500"));
        let amount = Vnd::new(185_000).unwrap();
        Question { reference: REFERENCE, order: None, amount, created_at, now, number: "Q20261123000001" }
    }

    fn refund() -> RefundQuestion<'static> {
        RefundQuestion {
            number: "R20261123000001",
            reference: REFERENCE,
            transaction: "14226112",
            created_at: at("20261123171500"),
            captured: Vnd::new(185_000).unwrap(),
            amount: Vnd::new(85_000).unwrap(),
            asked_at: at("20261123175900"),
            by: "ketoan01",
            now: at("20261123180500"),
        }
    }

    /// An answer with a right signature.
    fn signed(message: Message, fields: &Value) -> HttpAnswer {
        let mut fields = fields.clone();
        let signature = message.sign(fields.as_object().unwrap(), &vnpay().secret).unwrap();
        fields["vnp_SecureHash"] = signature.into();
        answer(200, &fields)
    }

    fn said(changes: &[(&str, &str)]) -> Value {
        let mut fields = vectors::of("vnpay", &["querydr-response"]).remove(0)["body"].clone();
        for (name, value) in changes {
            fields[*name] = (*value).into();
        }
        fields
    }

    #[test]
    fn the_recorded_question_is_asked_to_the_byte() {
        let vector = vectors::of("vnpay", &["querydr-request"]).remove(0);
        let call = ask(&vnpay(), &question()).unwrap();
        assert_eq!(call.url, recorded(&vector, "/http/url"));
        let mut expected = vector["http"]["body"].clone();
        // Not signed, and not known before the answer.
        expected.as_object_mut().unwrap().remove("vnp_TransactionNo");
        assert_eq!(body(&call), expected);
        assert!(ask(&Vnpay { api_url: None, ..vnpay() }, &question()).is_none());
    }

    #[test]
    fn the_recorded_answer_says_what_the_notice_says() {
        let Asked::Told(events) = read(&vnpay(), &question(), &answer(200, &said(&[]))) else {
            panic!("nothing was told")
        };
        let [event] = events.as_slice() else { panic!("{events:?}") };
        assert_eq!(event.event_key, format!("{REFERENCE}:14226112:00:00"));
        assert_eq!((event.outcome, event.amount.amount()), (Outcome::Paid, 185_000));
        assert_eq!(event.paid_at, Some(at("20261123171623")));
    }

    #[test]
    fn an_answer_that_nobody_signed_says_nothing() {
        let forged = answer(200, &said(&[("vnp_Amount", "1")]));
        assert!(matches!(read(&vnpay(), &question(), &forged), Asked::Unclear(_)));
        let other = signed(Message::QueryAnswer, &said(&[("vnp_TxnRef", "OCOP20261123000002")]));
        assert!(matches!(read(&vnpay(), &question(), &other), Asked::Unclear(_)));
        let other = signed(Message::QueryAnswer, &said(&[("vnp_TmnCode", "OCOPHG02")]));
        assert!(matches!(read(&vnpay(), &question(), &other), Asked::Unclear(_)));
    }

    #[test]
    fn every_state_is_told_as_it_is() {
        let of = |status: &str| {
            read(&vnpay(), &question(), &signed(Message::QueryAnswer, &said(&[("vnp_TransactionStatus", status)])))
        };
        let outcome = |status: &str| match of(status) {
            Asked::Told(events) => events[0].outcome,
            other => panic!("{other:?}"),
        };
        assert_eq!(of("01"), Asked::Pending);
        for (status, expected) in
            [("02", Outcome::Failed), ("04", Outcome::Review), ("07", Outcome::Review), ("08", Outcome::Expired)]
        {
            assert_eq!(outcome(status), expected, "{status}");
        }
        for status in ["05", "06", "09", ""] {
            assert!(matches!(of(status), Asked::Unclear(_)), "{status}");
        }
        for (code, is_unknown) in [("91", true), ("94", false), ("02", false), ("97", false), ("99", false)] {
            let asked =
                read(&vnpay(), &question(), &signed(Message::QueryAnswer, &said(&[("vnp_ResponseCode", code)])));
            assert_eq!(asked == Asked::Unknown, is_unknown, "{code}: {asked:?}");
        }
    }

    #[test]
    fn the_recorded_refund_is_asked_for_to_the_byte() {
        let vector = vectors::of("vnpay", &["refund-request"]).remove(0);
        let mut expected = vector["http"]["body"].clone();
        let mut found = body(&vnpay().refund(&refund()).unwrap());
        // The text is ours; what stands in it is signed with the rest.
        let info = recorded(&vector, "/http/body/vnp_OrderInfo");
        found["vnp_OrderInfo"] = info.into();
        let signature = Message::RefundRequest.sign(found.as_object().unwrap(), &vnpay().secret).unwrap();
        assert_eq!(signature, recorded(&vector, "/signature"));
        for body in [&mut found, &mut expected] {
            body.as_object_mut().unwrap().remove("vnp_SecureHash");
        }
        assert_eq!(found, expected);
        let whole = RefundQuestion { amount: refund().captured, ..refund() };
        assert_eq!(body(&vnpay().refund(&whole).unwrap())["vnp_TransactionType"], "02");
        assert_eq!(
            body(&vnpay().refund(&whole).unwrap()),
            body(&vnpay().refund(&RefundQuestion { now: at("20261124000000"), ..whole }).unwrap())
        );
    }

    #[test]
    fn the_recorded_answer_to_a_refund_is_followed() {
        let fields = vectors::of("vnpay", &["refund-response"]).remove(0)["body"].clone();
        let of = |name: &str, value: &str| {
            let mut fields = fields.clone();
            fields[name] = value.into();
            vnpay().read_refund(&refund(), &signed(Message::RefundAnswer, &fields))
        };
        assert_eq!(vnpay().read_refund(&refund(), &answer(200, &fields)), Refunded::Processing);
        assert_eq!(of("vnp_TransactionStatus", "06"), Refunded::Done);
        assert_eq!(of("vnp_TransactionStatus", "09"), Refunded::Refused("09".to_owned()));
        assert_eq!(of("vnp_ResponseCode", "93"), Refunded::Refused("93".to_owned()));
        for code in ["94", "98", "99"] {
            assert!(matches!(of("vnp_ResponseCode", code), Refunded::Unclear(_)), "{code}");
        }
        let mut forged = fields.clone();
        forged["vnp_TransactionStatus"] = "06".into();
        assert!(matches!(vnpay().read_refund(&refund(), &answer(200, &forged)), Refunded::Unclear(_)));

        let asked = |status: &str| {
            vnpay().read_refund_asked(
                &refund(),
                &signed(Message::QueryAnswer, &said(&[("vnp_TransactionStatus", status)])),
            )
        };
        assert_eq!((asked("05"), asked("06")), (Refunded::Processing, Refunded::Done));
        assert!(matches!(asked("00"), Refunded::Unclear(_)), "the payment went well, of its refund nothing is said");
    }

    proptest! {
        #[test]
        fn no_answer_makes_the_readers_panic(
            body in vectors::any_body(&["vnp_ResponseCode", "vnp_TmnCode", "vnp_TxnRef", "vnp_Amount", "vnp_SecureHash"]),
            amount in "[0-9.]{0,14}", status in "[0-9]{0,3}", day in any::<String>(),
        ) {
            let raw = HttpAnswer { status: 200, signature: None, retry_after_s: None, body };
            let changed = said(&[("vnp_Amount", &amount), ("vnp_TransactionStatus", &status), ("vnp_PayDate", &day)]);
            for answer in [raw, signed(Message::QueryAnswer, &changed), answer(500, &json!(null))] {
                let _ = read(&vnpay(), &question(), &answer);
                let _ = vnpay().read_refund(&refund(), &answer);
                let _ = vnpay().read_refund_asked(&refund(), &answer);
            }
        }

        #[test]
        fn no_attempt_makes_the_questions_panic(reference in any::<String>(), seconds in 0_i64..4_000_000_000) {
            let now = chrono::TimeZone::timestamp_opt(&Utc, seconds, 0).unwrap();
            let call = ask(&vnpay(), &Question { reference: &reference, created_at: now, now, ..question() }).unwrap();
            prop_assert!(Message::QueryRequest.is_genuine(body(&call).as_object().unwrap(), &vnpay().secret));
            let call = vnpay().refund(&RefundQuestion { transaction: &reference, reference: &reference, ..refund() }).unwrap();
            prop_assert!(Message::RefundRequest.is_genuine(body(&call).as_object().unwrap(), &vnpay().secret));
        }
    }
}
