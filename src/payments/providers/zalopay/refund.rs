//! Paying back through ZaloPay, in whole or in part: asked for, then followed to its end.

use serde_json::Map;

use super::super::wire::{compact_day, object, safe_text, text, whole, words};
use super::super::{HttpAnswer, HttpCall, RefundQuestion, Refunded};
use super::{NOT_FOUND, Zalopay};

const DESCRIPTION_LENGTH_MAX: usize = 100;

impl Zalopay {
    /// ZaloPay's name of a refund: the day in Vietnam on which it was first asked for, the app and our number.
    pub fn refund_name(&self, refund: &RefundQuestion<'_>) -> String {
        format!("{}_{}_{}", compact_day(refund.asked_at), self.app_id, refund.number)
    }

    /// Asks ZaloPay to pay back.
    pub fn refund(&self, refund: &RefundQuestion<'_>) -> HttpCall {
        let description = safe_text(&format!("Hoan tien don hang {}", refund.reference), DESCRIPTION_LENGTH_MAX);
        let (at, amount) = (refund.now.timestamp_millis(), refund.amount.amount());
        let canonical = format!("{}|{}|{amount}|{description}|{at}", self.app_id, refund.transaction);
        let mut fields = Map::new();
        fields.insert("app_id".to_owned(), self.app_id.into());
        fields.insert("m_refund_id".to_owned(), self.refund_name(refund).into());
        fields.insert("zp_trans_id".to_owned(), refund.transaction.into());
        fields.insert("amount".to_owned(), amount.into());
        fields.insert("timestamp".to_owned(), at.into());
        fields.insert("description".to_owned(), description.into());
        fields.insert("mac".to_owned(), self.mac(&canonical).into());
        self.post("refund", fields)
    }

    /// Asks what became of a refund.
    pub fn ask_refund(&self, refund: &RefundQuestion<'_>) -> HttpCall {
        let (name, at) = (self.refund_name(refund), refund.now.timestamp_millis());
        let mut fields = Map::new();
        fields.insert("app_id".to_owned(), self.app_id.into());
        fields.insert("m_refund_id".to_owned(), name.clone().into());
        fields.insert("timestamp".to_owned(), at.into());
        fields.insert("mac".to_owned(), self.mac(&format!("{}|{name}|{at}", self.app_id)).into());
        self.post("query_refund", fields)
    }

    /// What ZaloPay says to a refund, and to a question for one.
    pub fn read_refund(&self, answer: &HttpAnswer) -> Refunded {
        let fields = object(&answer.body);
        match (whole(&fields, "return_code"), whole(&fields, "sub_return_code")) {
            (Some(1), _) => Refunded::Done,
            (Some(3), _) => Refunded::Processing,
            (Some(2), Some(NOT_FOUND)) => Refunded::Unknown,
            // Our question (data, application, signature), ZaloPay's condition, or a name that is known: nothing about the money.
            (Some(2), Some(-68 | -403..=-401 | -429 | -500)) | (None, _) => {
                Refunded::Unclear(words(answer, text(&fields, "return_message")))
            }
            (Some(2), code) => Refunded::Refused(code.unwrap_or(0).to_string()),
            (Some(_), _) => Refunded::Unclear(words(answer, text(&fields, "return_message"))),
        }
    }
}
