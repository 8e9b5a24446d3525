//! Paying back through MoMo, in whole or in part.

use serde_json::{Map, Value, json};

use super::super::wire::{object, safe_text, text, whole, words};
use super::super::{HttpAnswer, HttpCall, RefundQuestion, Refunded};
use super::{Message, Momo};

const DESCRIPTION_LENGTH_MAX: usize = 100;

impl Momo {
    /// Asks MoMo to pay back. The refund's own name is its `orderId`, so that it is paid once.
    pub fn refund(&self, refund: &RefundQuestion<'_>) -> HttpCall {
        let description = format!("Hoan tien don hang {}", refund.reference);
        let fields = json!({
            "partnerCode": self.partner_code,
            "orderId": refund.number,
            "requestId": refund.number,
            "amount": refund.amount.amount(),
            "transId": refund.transaction.parse::<i64>().unwrap_or(0),
            "lang": "vi",
            "description": safe_text(&description, DESCRIPTION_LENGTH_MAX),
        });
        self.call("refund", Message::Refund, fields)
    }

    pub fn read_refund(&self, refund: &RefundQuestion<'_>, answer: &HttpAnswer) -> Refunded {
        let fields = object(&answer.body);
        if !self.is_about(&fields, refund.number) {
            return Refunded::Unclear(words(answer, text(&fields, "message")));
        }
        state(&fields, answer)
    }

    /// Finds a refund among those that MoMo lists with the payment.
    pub fn read_refund_asked(&self, refund: &RefundQuestion<'_>, answer: &HttpAnswer) -> Refunded {
        let fields = object(&answer.body);
        if !self.is_about(&fields, refund.reference) || whole(&fields, "resultCode") != Some(0) {
            return Refunded::Unclear(words(answer, text(&fields, "message")));
        }
        let listed = fields.get("refundTrans").and_then(Value::as_array);
        let found =
            listed.into_iter().flatten().filter_map(Value::as_object).find(|entry| is_named(entry, refund.number));
        found.map_or(Refunded::Unknown, |entry| state(entry, answer))
    }
}

fn is_named(entry: &Map<String, Value>, number: &str) -> bool {
    text(entry, "orderId").as_deref() == Some(number)
}

fn state(fields: &Map<String, Value>, answer: &HttpAnswer) -> Refunded {
    match whole(fields, "resultCode") {
        Some(0) => Refunded::Done,
        Some(1000 | 7000 | 7002 | 8000) => Refunded::Processing,
        // Not to be paid back at all, or asked for wrongly.
        Some(code @ (11..=13 | 20..=22 | 42 | 1081 | 1088)) => Refunded::Refused(code.to_string()),
        // 1080 is a failure that may go well later, 40 and 41 a refund that is known.
        _ => Refunded::Unclear(words(answer, text(fields, "message"))),
    }
}
