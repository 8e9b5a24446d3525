//! Account numbers of SePay's that take the money of one try alone, so that nothing depends on what people type.
//!
//! Source: <https://developer.sepay.vn>, "Đơn hàng" of its interface, version 2. BIDV, Sacombank and Vietcombank have them.
//! Sacombank and Vietcombank take no other amount than was asked for; of BIDV the pages say both. A number ends by itself
//! after the time that it was asked for.

use serde_json::{Map, Value};

use super::super::wire::{money, object, text, words};
use super::super::{Asked, AttemptStart, HttpAnswer, HttpCall};
use super::questions::SepayApi;

const NAME_MAX: usize = 100;
/// What banks call an account is no longer.
const HOLDER_MAX: usize = 100;

/// For which bank account SePay opens orders.
pub struct OrderAccounts {
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
    /// By which SePay knows the order: its number of the bank account, a slash, and that of the order.
    pub order: String,
    pub number: String,
    /// Its holder, as the bank writes it.
    pub holder: String,
}

impl OrderAccounts {
    /// Asks for an account number under our reference: SePay takes 6 to 50 letters and digits, for Vietcombank at most 15,
    /// and each of them once.
    pub fn open(&self, api: &SepayApi, attempt: &AttemptStart<'_>) -> HttpCall {
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
        let url = format!("{}/bank-accounts/{}/orders", api.base_url, self.bank_account);
        HttpCall::post(url, api.headers(), Value::Object(fields).to_string())
    }

    /// The account number; else why there is none. It must belong to the account that we say is ours: money to another
    /// would be nobody's.
    pub fn read_opened(
        &self,
        (attempt, ours): (&AttemptStart<'_>, &str),
        answer: &HttpAnswer,
    ) -> Result<OrderAccount, String> {
        let outer = object(&answer.body);
        if !matches!(answer.status, 200 | 201) {
            return Err(words(answer, said(&outer)));
        }
        let order = outer.get("data").and_then(Value::as_object).cloned().unwrap_or_default();
        let is_ours = text(&order, "order_code").as_deref() == Some(attempt.reference)
            && money(&order, "amount") == Some(attempt.amount)
            && text(&order, "status").as_deref() == Some("Pending")
            && text(&order, "account_number").is_none_or(|account| account == ours);
        let read = || {
            Some(OrderAccount {
                order: text(&order, "id")
                    .map(|id| format!("{}/{id}", self.bank_account))
                    .filter(|path| is_order(path))?,
                number: text(&order, "va_number")?,
                holder: text(&order, "va_holder_name").filter(|name| name.chars().count() <= HOLDER_MAX)?,
            })
        };
        let account = if is_ours { read() } else { None };
        account.ok_or_else(|| words(answer, Some("not as documented, or of another order".to_owned())))
    }
}

/// Asks how an order stands.
pub fn ask(api: &SepayApi, order: &str) -> Option<HttpCall> {
    Some(HttpCall::get(address(api, order)?, api.headers()))
}

/// Closes the account number of an order.
pub fn call_off(api: &SepayApi, order: &str) -> Option<HttpCall> {
    Some(HttpCall::delete(address(api, order)?, api.headers()))
}

/// Reads the answer to both. What was paid or called off before cannot be called off: nobody pays by it either. Half paid, it
/// cannot be called off and takes the rest: it is asked for again until its time is over.
pub fn read_asked(answer: &HttpAnswer) -> Asked {
    let outer = object(&answer.body);
    let order = outer.get("data").and_then(Value::as_object);
    let status = order.and_then(|order| text(order, "status"));
    let is_refusal = text(&outer, "status").as_deref() == Some("error");
    match (answer.status, status.as_deref(), text(&outer, "error_code").as_deref()) {
        (204, ..) | (200, Some("Paid" | "Cancelled"), _) | (403, _, Some("vcb_cancel_not_allowed")) => Asked::Over,
        (404, ..) if is_refusal => Asked::Over,
        (200, Some("Pending" | "Partially"), _) => Asked::Pending,
        _ => Asked::Unclear(words(answer, said(&outer))),
    }
}

fn address(api: &SepayApi, order: &str) -> Option<String> {
    let (account, id) = order.split_once('/').filter(|_| is_order(order))?;
    Some(format!("{}/bank-accounts/{account}/orders/{id}", api.base_url))
}

fn said(outer: &Map<String, Value>) -> Option<String> {
    text(outer, "error_code").or_else(|| text(outer, "message"))
}

/// Whether both parts can be numbers of SePay's, which are UUIDs, and stand in an address.
fn is_order(text: &str) -> bool {
    let is_name = |text: &str| {
        (1..=NAME_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    text.split_once('/').is_some_and(|(account, id)| is_name(account) && is_name(id))
}

#[cfg(test)]
mod tests {
    use chrono::{TimeDelta, TimeZone as _, Utc};
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::kernel::{Secret, Vnd};

    const REFERENCE: &str = "HG0000004";

    const OURS: &str = "2611000000";

    fn api() -> SepayApi {
        SepayApi { base_url: "https://userapi.sepay.vn/v2".to_owned(), token: Secret::new("token".to_owned()) }
    }

    fn accounts() -> OrderAccounts {
        OrderAccounts { bank_account: "ba-1".to_owned(), prefix: None, terminal: None }
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
        let answer = answer(status, &json!({"status": "success", "data": order}));
        accounts().read_opened((&attempt(), OURS), &answer)
    }

    #[test]
    fn an_account_number_is_asked_for_the_amount_and_the_time_that_is_left() {
        let call = accounts().open(&api(), &attempt());
        assert_eq!(
            (call.method.as_str(), &*call.url),
            ("POST", "https://userapi.sepay.vn/v2/bank-accounts/ba-1/orders")
        );
        assert_eq!(call.headers[0].1.expose(), "Bearer token");
        let body = |call: HttpCall| serde_json::from_str::<Value>(&call.body.unwrap()).unwrap();
        assert_eq!(body(call), json!({"order_code": REFERENCE, "amount": 185_000, "duration": 870}));
        let told =
            OrderAccounts { prefix: Some("SEP1".to_owned()), terminal: Some("20933557".to_owned()), ..accounts() };
        let body = body(told.open(&api(), &AttemptStart { now: attempt().expires_at, ..attempt() }));
        let expected =
            json!({"order_code": REFERENCE, "amount": 185_000, "duration": 1, "va_prefix": "SEP1", "tid": "20933557"});
        assert_eq!(body, expected);
    }

    #[test]
    fn only_an_order_of_this_try_gives_an_account_number() {
        let expected = OrderAccount {
            order: "ba-1/b1c2d3e4-f5a6-7890-bcde-f12345678901".to_owned(),
            number: "963NQDORDZVTBPJ3Z7H".to_owned(),
            holder: "TRUNG TAM OCOP".to_owned(),
        };
        assert_eq!(read(201, opened()), Ok(expected.clone()));
        assert_eq!(read(200, opened()), Ok(expected.clone()));
        let mut silent = opened();
        silent["account_number"] = Value::Null;
        assert_eq!(read(201, silent), Ok(expected), "it need not be said");
        for (field, value) in [
            ("amount", json!(1)),
            ("amount", Value::Null),
            ("order_code", json!("HG0000016")),
            ("order_code", Value::Null),
            ("status", json!("Paid")),
            ("account_number", json!("2611000001")),
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
        assert_eq!(accounts().read_opened((&attempt(), OURS), &refused), Err("HTTP 422: validation_error".to_owned()));
    }

    #[test]
    fn what_nobody_can_pay_by_any_more_is_over() {
        let url = "https://userapi.sepay.vn/v2/bank-accounts/ba-1/orders/o-1";
        for (call, method) in [(ask(&api(), "ba-1/o-1"), "GET"), (call_off(&api(), "ba-1/o-1"), "DELETE")] {
            let call = call.unwrap();
            assert_eq!((call.method.as_str(), &*call.url, call.body), (method, url, None));
        }
        for odd in ["o-1", "ba-1/", "ba-1/o-1/x", "ba 1/o-1", "../o-1"] {
            assert!(call_off(&api(), odd).is_none(), "{odd}");
        }
        let coded = |code: &str| json!({"status": "error", "error_code": code});
        let with = |status: &str| json!({"status": "success", "data": {"id": "o-1", "status": status}});
        for (status, body) in [
            (204, Value::Null),
            (200, with("Paid")),
            (200, with("Cancelled")),
            (404, coded("not_found")),
            (403, coded("vcb_cancel_not_allowed")),
        ] {
            assert_eq!(read_asked(&answer(status, &body)), Asked::Over, "{status}");
        }
        for body in [with("Pending"), with("Partially")] {
            assert_eq!(read_asked(&answer(200, &body)), Asked::Pending, "{body}");
        }
        for (status, body) in [
            (200, Value::Null),
            (200, with("Expired")),
            (401, Value::Null),
            (403, Value::Null),
            // Somebody else's: an address that is not SePay's.
            (404, Value::Null),
            (422, coded("invalid_state")),
            (429, Value::Null),
            (500, coded("vcb_cancel_error")),
            (503, coded("vcb_connection_error")),
        ] {
            let read = read_asked(&answer(status, &body));
            assert!(matches!(read, Asked::Unclear(_)), "{status} {body} {read:?}");
        }
    }

    proptest! {
        #[test]
        fn no_answer_makes_the_readers_panic(status in any::<u16>(), body in any::<Vec<u8>>(), text in any::<String>()) {
            let order = json!({"data": {"id": text, "va_number": text, "va_holder_name": text, "order_code": REFERENCE,
                                        "amount": 185_000, "status": "Pending"}, "error_code": text});
            for body in [body, order.to_string().into_bytes()] {
                let answer = HttpAnswer { status, signature: None, retry_after_s: None, body };
                let _ = accounts().read_opened((&attempt(), OURS), &answer);
                let _ = read_asked(&answer);
            }
            let _ = call_off(&api(), &text);
        }
    }
}
