//! Account numbers of SePay's that take the money of one try alone, so that nothing depends on what people type.
//!
//! Source: <https://developer.sepay.vn>, "Đơn hàng" of its interface, version 2. BIDV, Sacombank and Vietcombank have them.
//! Given an amount, the bank takes no other. An order ends by itself after the time that it was asked for.

use serde_json::{Map, Value};

use super::super::wire::{money, object, text, words};
use super::super::{Asked, AttemptStart, HttpAnswer, HttpCall};
use super::questions::SepayApi;

const NAME_MAX: usize = 100;
/// What banks call an account is no longer.
const HOLDER_MAX: usize = 100;

/// Where SePay opens orders.
pub struct OrderAccounts {
    pub api: SepayApi,
    /// SePay's number of our bank account.
    pub bank_account: String,
    /// How the numbers begin: Sacombank wants to be told.
    pub prefix: Option<String>,
    /// The terminal at which is paid: Vietcombank wants to be told.
    pub terminal: Option<String>,
}

/// An account number for one try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderAccount {
    /// By which SePay knows the order.
    pub id: String,
    pub number: String,
    /// Its holder, as the bank writes it.
    pub holder: String,
}

impl OrderAccounts {
    /// Asks for an account number under our reference: SePay takes 6 to 50 letters and digits, for Vietcombank at most 15,
    /// and each of them once.
    pub fn open(&self, attempt: &AttemptStart<'_>) -> HttpCall {
        let lasts_s = (attempt.expires_at - attempt.now).num_seconds().max(1);
        let mut fields = Map::new();
        fields.insert("order_code".to_owned(), attempt.reference.into());
        fields.insert("amount".to_owned(), attempt.amount.amount().into());
        fields.insert("duration".to_owned(), lasts_s.into());
        if let Some(prefix) = &self.prefix {
            fields.insert("va_prefix".to_owned(), prefix.as_str().into());
        }
        if let Some(terminal) = &self.terminal {
            fields.insert("tid".to_owned(), terminal.as_str().into());
        }
        HttpCall::post(self.orders(), self.api.headers(), Value::Object(fields).to_string())
    }

    /// The account number; else why there is none.
    pub fn read_opened(attempt: &AttemptStart<'_>, answer: &HttpAnswer) -> Result<OrderAccount, String> {
        let outer = object(&answer.body);
        if !matches!(answer.status, 200 | 201) {
            return Err(words(answer, said(&outer)));
        }
        let order = outer.get("data").and_then(Value::as_object).cloned().unwrap_or_default();
        let is_ours = text(&order, "order_code").as_deref() == Some(attempt.reference)
            && money(&order, "amount") == Some(attempt.amount)
            && text(&order, "status").as_deref() == Some("Pending");
        let read = || {
            Some(OrderAccount {
                id: text(&order, "id").filter(|id| is_name(id))?,
                number: text(&order, "va_number")?,
                holder: text(&order, "va_holder_name").filter(|name| name.chars().count() <= HOLDER_MAX)?,
            })
        };
        let account = if is_ours { read() } else { None };
        account.ok_or_else(|| words(answer, Some("not as documented, or of another order".to_owned())))
    }

    /// Closes the account number, by SePay's number of the order.
    pub fn call_off(&self, order: &str) -> Option<HttpCall> {
        is_name(order).then(|| HttpCall::delete(format!("{}/{order}", self.orders()), self.api.headers()))
    }

    /// What has been paid, called off or run out before cannot be called off any more: nobody pays by it either.
    pub fn read_called_off(answer: &HttpAnswer) -> Asked {
        let outer = object(&answer.body);
        let code = text(&outer, "error_code");
        match (answer.status, code.as_deref()) {
            (200 | 204 | 404, _) | (422, Some("invalid_state")) | (403, Some("vcb_cancel_not_allowed")) => Asked::Over,
            _ => Asked::Unclear(words(answer, said(&outer))),
        }
    }

    fn orders(&self) -> String {
        format!("{}/bank-accounts/{}/orders", self.api.base_url, self.bank_account)
    }
}

fn said(outer: &Map<String, Value>) -> Option<String> {
    text(outer, "error_code").or_else(|| text(outer, "message"))
}

/// Whether it can be a number of SePay's, which are UUIDs, and stand in an address.
fn is_name(text: &str) -> bool {
    text.len() <= NAME_MAX && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use chrono::{TimeDelta, TimeZone as _, Utc};
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::kernel::{Secret, Vnd};

    const REFERENCE: &str = "HG0000004";

    fn accounts() -> OrderAccounts {
        OrderAccounts {
            api: SepayApi {
                base_url: "https://userapi.sepay.vn/v2".to_owned(),
                token: Secret::new("token".to_owned()),
            },
            bank_account: "ba-1".to_owned(),
            prefix: None,
            terminal: None,
        }
    }

    fn attempt() -> AttemptStart<'static> {
        let created_at = Utc.timestamp_opt(1_795_428_983, 0).unwrap();
        AttemptStart {
            reference: REFERENCE,
            amount: Vnd::new(185_000).unwrap(),
            created_at,
            expires_at: created_at + TimeDelta::seconds(900),
            client_ip: [203, 0, 113, 7].into(),
            english: false,
            now: created_at + TimeDelta::seconds(30),
        }
    }

    /// As the documentation shows it.
    fn opened() -> Value {
        json!({"id": "b1c2d3e4-f5a6-7890-bcde-f12345678901", "order_code": REFERENCE, "va_number": "963NQDORDZVTBPJ3Z7H",
               "va_holder_name": "TRUNG TAM OCOP", "amount": 185_000, "status": "Pending", "bank_name": "BIDV",
               "account_holder_name": "TRUNG TAM OCOP", "account_number": "2611000000",
               "expired_at": "2026-11-23 17:31:23", "qr_code": "", "qr_code_url": ""})
    }

    fn answer(status: u16, body: &Value) -> HttpAnswer {
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        HttpAnswer { status, signature: None, retry_after_s: None, body }
    }

    fn read(status: u16, order: Value) -> Result<OrderAccount, String> {
        OrderAccounts::read_opened(&attempt(), &answer(status, &json!({"status": "success", "data": order})))
    }

    #[test]
    fn an_account_number_is_asked_for_the_amount_and_the_time_that_is_left() {
        let call = accounts().open(&attempt());
        assert_eq!(
            (call.method.as_str(), &*call.url),
            ("POST", "https://userapi.sepay.vn/v2/bank-accounts/ba-1/orders")
        );
        assert_eq!(call.headers[0].1.expose(), "Bearer token");
        let body = |call: HttpCall| serde_json::from_str::<Value>(&call.body.unwrap()).unwrap();
        assert_eq!(body(call), json!({"order_code": REFERENCE, "amount": 185_000, "duration": 870}));
        let told =
            OrderAccounts { prefix: Some("SEP1".to_owned()), terminal: Some("20933557".to_owned()), ..accounts() };
        let body = body(told.open(&AttemptStart { now: attempt().expires_at, ..attempt() }));
        let expected =
            json!({"order_code": REFERENCE, "amount": 185_000, "duration": 1, "va_prefix": "SEP1", "tid": "20933557"});
        assert_eq!(body, expected);
    }

    #[test]
    fn only_an_order_of_this_try_gives_an_account_number() {
        let expected = OrderAccount {
            id: "b1c2d3e4-f5a6-7890-bcde-f12345678901".to_owned(),
            number: "963NQDORDZVTBPJ3Z7H".to_owned(),
            holder: "TRUNG TAM OCOP".to_owned(),
        };
        assert_eq!(read(201, opened()), Ok(expected.clone()));
        assert_eq!(read(200, opened()), Ok(expected));
        for (field, value) in [
            ("amount", json!(1)),
            ("amount", Value::Null),
            ("order_code", json!("HG0000016")),
            ("order_code", Value::Null),
            ("status", json!("Paid")),
            ("id", json!("../x")),
            ("id", Value::Null),
            ("va_number", json!("")),
            ("va_holder_name", Value::Null),
            ("va_holder_name", json!("A".repeat(101))),
        ] {
            let mut order = opened();
            order[field] = value;
            assert!(read(201, order.clone()).is_err(), "{order}");
        }
        assert!(read(422, opened()).unwrap_err().starts_with("HTTP 422"));
        let refused = answer(422, &json!({"status": "error", "error_code": "validation_error", "message": "…"}));
        assert_eq!(OrderAccounts::read_opened(&attempt(), &refused), Err("HTTP 422: validation_error".to_owned()));
    }

    #[test]
    fn what_nobody_can_pay_by_any_more_is_over() {
        let call = accounts().call_off("o-1").unwrap();
        let url = "https://userapi.sepay.vn/v2/bank-accounts/ba-1/orders/o-1";
        assert_eq!((call.method.as_str(), &*call.url, call.body), ("DELETE", url, None));
        assert!(accounts().call_off("o/1").is_none());
        let coded = |code: &str| json!({"status": "error", "error_code": code});
        for (status, body) in [
            (204, Value::Null),
            (404, Value::Null),
            (422, coded("invalid_state")),
            (403, coded("vcb_cancel_not_allowed")),
        ] {
            assert_eq!(OrderAccounts::read_called_off(&answer(status, &body)), Asked::Over, "{status}");
        }
        for (status, body) in [
            (401, Value::Null),
            (403, Value::Null),
            (422, coded("validation_error")),
            (429, Value::Null),
            (500, coded("vcb_cancel_error")),
            (503, coded("vcb_connection_error")),
        ] {
            let read = OrderAccounts::read_called_off(&answer(status, &body));
            assert!(matches!(read, Asked::Unclear(_)), "{status} {read:?}");
        }
    }

    proptest! {
        #[test]
        fn no_answer_makes_the_readers_panic(status in any::<u16>(), body in any::<Vec<u8>>(), text in any::<String>()) {
            let order = json!({"data": {"id": text, "va_number": text, "va_holder_name": text, "order_code": REFERENCE,
                                        "amount": 185_000, "status": "Pending"}, "error_code": text});
            for body in [body, order.to_string().into_bytes()] {
                let answer = HttpAnswer { status, signature: None, retry_after_s: None, body };
                let _ = OrderAccounts::read_opened(&attempt(), &answer);
                let _ = OrderAccounts::read_called_off(&answer);
            }
            let _ = accounts().call_off(&text);
        }
    }
}
