//! Paying back through VNPAY, in whole or in part.

use serde_json::Map;

use super::super::wire::{compact_moment, safe_text, text, words};
use super::super::{HttpAnswer, HttpCall, RefundQuestion, Refunded};
use super::query::{call, number, proven};
use super::{HUNDREDTHS, Message, ORDER_INFO_LENGTH_MAX, Vnpay};

const ACCEPTED: &str = "00";
/// Asked for before, or not heard in time: what came of it must be asked.
const UNCLEAR: [&str; 3] = ["94", "98", "99"];

impl Vnpay {
    /// Asks VNPAY to pay back; nothing when VNPAY is not asked.
    pub fn refund(&self, refund: &RefundQuestion<'_>) -> Option<HttpCall> {
        let kind = if refund.amount == refund.captured { "02" } else { "03" };
        let info = format!("Hoan tien don hang {}", refund.reference);
        let amount = refund.amount.amount().saturating_mul(HUNDREDTHS);
        let mut fields = Map::new();
        fields.insert("vnp_RequestId".to_owned(), refund.number.into());
        fields.insert("vnp_Version".to_owned(), "2.1.0".into());
        fields.insert("vnp_Command".to_owned(), "refund".into());
        fields.insert("vnp_TmnCode".to_owned(), self.tmn_code.clone().into());
        fields.insert("vnp_TransactionType".to_owned(), kind.into());
        fields.insert("vnp_TxnRef".to_owned(), refund.reference.into());
        fields.insert("vnp_Amount".to_owned(), amount.into());
        fields.insert("vnp_TransactionNo".to_owned(), number(refund.transaction));
        fields.insert("vnp_TransactionDate".to_owned(), number(&compact_moment(refund.created_at)));
        fields.insert("vnp_CreateBy".to_owned(), refund.by.into());
        fields.insert("vnp_CreateDate".to_owned(), number(&compact_moment(refund.asked_at)));
        fields.insert("vnp_IpAddr".to_owned(), self.server_ip.clone().into());
        fields.insert("vnp_OrderInfo".to_owned(), safe_text(&info, ORDER_INFO_LENGTH_MAX).into());
        call(self, Message::RefundRequest, fields)
    }

    /// What VNPAY says when it is asked to pay back.
    pub fn read_refund(&self, refund: &RefundQuestion<'_>, answer: &HttpAnswer) -> Refunded {
        match proven(self, Message::RefundAnswer, refund.reference, answer) {
            Ok(fields) => match text(&fields, "vnp_ResponseCode") {
                Some(code) if code == ACCEPTED => state(answer, text(&fields, "vnp_TransactionStatus")),
                Some(code) if !UNCLEAR.contains(&code.as_str()) => Refunded::Refused(code),
                code => Refunded::Unclear(words(answer, code)),
            },
            Err(why) => Refunded::Unclear(why),
        }
    }

    /// What VNPAY says when it is asked for the transaction that a refund was taken from.
    pub fn read_refund_asked(&self, refund: &RefundQuestion<'_>, answer: &HttpAnswer) -> Refunded {
        match proven(self, Message::QueryAnswer, refund.reference, answer) {
            Ok(fields) => match text(&fields, "vnp_ResponseCode") {
                Some(code) if code == ACCEPTED => state(answer, text(&fields, "vnp_TransactionStatus")),
                code => Refunded::Unclear(words(answer, code)),
            },
            Err(why) => Refunded::Unclear(why),
        }
    }
}

fn state(answer: &HttpAnswer, status: Option<String>) -> Refunded {
    match status.as_deref() {
        Some("05") => Refunded::Processing,
        Some("06") => Refunded::Done,
        Some("09") => Refunded::Refused("09".to_owned()),
        // That the payment itself went well says nothing of its refund.
        _ => Refunded::Unclear(words(answer, status)),
    }
}
