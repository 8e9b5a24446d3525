//! SePay's own interface, version 2: the list of what came in.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::super::wire::{money, object, read_spaced_moment, spaced_moment, text, words};
use super::super::{HttpAnswer, HttpCall};
use crate::kernel::{Secret, Vnd};

/// The most rows of a page.
const ROWS_MAX: u32 = 100;
const NAME_MAX: usize = 100;

/// How SePay is asked. At most three times a second.
#[derive(Clone)]
pub struct SepayApi {
    /// Without a slash at the end.
    pub base_url: String,
    pub token: Secret,
}

/// One movement, as the list tells it. Its id is another than that of the webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SepayTransaction {
    pub id: String,
    pub account_number: String,
    /// The virtual account that was paid to, if it was one.
    pub own_account: Option<String>,
    pub amount_in: Vnd,
    pub content: String,
    pub reference_number: Option<String>,
    pub at: Option<DateTime<Utc>>,
}

impl SepayTransaction {
    /// As it is kept with what it did.
    pub fn said(&self) -> String {
        let SepayTransaction { id, account_number, own_account, amount_in, content, reference_number, at } = self;
        json!({"id": id, "account_number": account_number, "va": own_account, "amount_in": amount_in,
               "transaction_content": content, "reference_number": reference_number, "at": at})
        .to_string()
    }
}

impl SepayApi {
    /// What moved on our accounts between two days in Vietnam, `yyyy-MM-dd`.
    pub fn list(&self, from: &str, to: &str, page: u32) -> HttpCall {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("transaction_date_from", from)
            .append_pair("transaction_date_to", to)
            .append_pair("page", &page.to_string())
            .append_pair("per_page", &ROWS_MAX.to_string())
            .finish();
        HttpCall::get(format!("{}/transactions?{query}", self.base_url), self.headers())
    }

    /// What came in on our accounts between two moments, the oldest first.
    pub fn recent(&self, (from, to): (DateTime<Utc>, DateTime<Utc>), page: u32) -> HttpCall {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("transaction_date_from", &spaced_moment(from))
            .append_pair("transaction_date_to", &spaced_moment(to))
            .append_pair("transfer_type", "in")
            .append_pair("transaction_date_sort", "asc")
            .append_pair("page", &page.to_string())
            .append_pair("per_page", &ROWS_MAX.to_string())
            .finish();
        HttpCall::get(format!("{}/transactions?{query}", self.base_url), self.headers())
    }

    /// One movement by SePay's id.
    pub fn transaction(&self, id: &str) -> HttpCall {
        HttpCall::get(format!("{}/transactions/{id}", self.base_url), self.headers())
    }

    /// What came in, of a page of a list, and whether there may be another page.
    pub fn read_page(answer: &HttpAnswer) -> Result<(Vec<SepayTransaction>, bool), String> {
        let rows = object(&answer.body).get("data").and_then(Value::as_array).map_or(0, Vec::len);
        let is_full = u32::try_from(rows).is_ok_and(|rows| rows >= ROWS_MAX);
        Ok((Self::read_list(answer)?, is_full))
    }

    /// What came in, of a list or of one movement; else why the answer says nothing. An answer without its data, which
    /// the first version gave to who is not signed in, is no empty list.
    pub fn read_list(answer: &HttpAnswer) -> Result<Vec<SepayTransaction>, String> {
        let outer = object(&answer.body);
        let rows = match outer.get("data") {
            Some(Value::Array(rows)) if answer.status == 200 => rows.as_slice(),
            Some(row @ Value::Object(_)) if answer.status == 200 => std::slice::from_ref(row),
            _ => return Err(words(answer, text(&outer, "message"))),
        };
        let read: Option<Vec<Option<SepayTransaction>>> =
            rows.iter().map(|row| row.as_object().and_then(transaction)).collect();
        let read = read.ok_or_else(|| words(answer, Some("not as documented".to_owned())))?;
        Ok(read.into_iter().flatten().collect())
    }

    pub(super) fn headers(&self) -> Vec<(&'static str, Secret)> {
        vec![("authorization", Secret::new(format!("Bearer {}", self.token.expose())))]
    }
}

/// Whether it can be a number of SePay's: theirs are UUIDs.
fn is_name(text: &str) -> bool {
    text.len() <= NAME_MAX && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Nothing when the row cannot be read; nothing inside when money went out.
fn transaction(row: &Map<String, Value>) -> Option<Option<SepayTransaction>> {
    let amount_in = money(row, "amount_in")?;
    if amount_in == Vnd::ZERO {
        return Some(None);
    }
    Some(Some(SepayTransaction {
        id: text(row, "id").filter(|id| is_name(id))?,
        account_number: text(row, "account_number")?,
        own_account: text(row, "va"),
        amount_in,
        content: text(row, "transaction_content").unwrap_or_default(),
        reference_number: text(row, "reference_number"),
        at: text(row, "transaction_date").as_deref().and_then(read_spaced_moment),
    }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn answer(status: u16, body: &Value) -> HttpAnswer {
        HttpAnswer { status, signature: None, retry_after_s: None, body: body.to_string().into_bytes() }
    }

    fn api() -> SepayApi {
        SepayApi { base_url: "https://userapi.sepay.vn/v2".to_owned(), token: Secret::new("token".to_owned()) }
    }

    fn vnd(amount: i64) -> Vnd {
        Vnd::new(amount).unwrap()
    }

    #[test]
    fn a_list_tells_what_came_in() {
        let call = api().list("2026-11-23", "2026-11-24", 2);
        assert!(call.url.ends_with(
            "/transactions?transaction_date_from=2026-11-23&transaction_date_to=2026-11-24&page=2&per_page=100"
        ));
        let at = |text: &str| text.parse().unwrap();
        let recent = api().recent((at("2026-11-23T17:00:00Z"), at("2026-11-23T17:15:30Z")), 1);
        assert!(recent.url.ends_with(
            "?transaction_date_from=2026-11-24+00%3A00%3A00&transaction_date_to=2026-11-24+00%3A15%3A30\
             &transfer_type=in&transaction_date_sort=asc&page=1&per_page=100"
        ));
        assert_eq!(api().transaction("u-1").url, "https://userapi.sepay.vn/v2/transactions/u-1");
        let row = |money_in: i64, money_out: i64| {
            json!({"id": "u-1", "transaction_date": "2026-11-23 17:16:23", "account_number": "0123499999",
                   "va": "", "amount_in": money_in, "amount_out": money_out, "transaction_content": "HG0000004", "reference_number": "FT1"})
        };
        let list = SepayApi::read_list(&answer(200, &json!({"data": [row(185_000, 0), row(0, 5000)]}))).unwrap();
        assert_eq!(list.len(), 1);
        assert_eq!((list[0].amount_in, list[0].at.is_some(), &list[0].own_account), (vnd(185_000), true, &None));
        let mut own = row(1, 0);
        own["va"] = json!("963NQDORDZVTBPJ3Z7H");
        let list = SepayApi::read_list(&answer(200, &json!({"data": own}))).unwrap();
        assert_eq!(list[0].own_account.as_deref(), Some("963NQDORDZVTBPJ3Z7H"));
        assert_eq!(SepayApi::read_list(&answer(200, &json!({"data": row(1, 0)}))).unwrap().len(), 1);
        assert_eq!(SepayApi::read_list(&answer(200, &json!({"data": []}))), Ok(Vec::new()));
        for (rows, is_full) in [(99, false), (100, true)] {
            let page = answer(200, &json!({"data": vec![row(0, 5000); rows]}));
            assert_eq!(SepayApi::read_page(&page), Ok((Vec::new(), is_full)), "what went out counts as a row");
        }
        for said_nothing in [
            answer(200, &json!({})),
            answer(429, &json!({"data": []})),
            answer(200, &json!({"data": [{"amount_in": "1.5"}]})),
            answer(200, &json!({"data": [{"id": "u\n1", "account_number": "0123499999", "amount_in": 1}]})),
            HttpAnswer { status: 200, signature: None, retry_after_s: None, body: Vec::new() },
        ] {
            assert!(SepayApi::read_list(&said_nothing).is_err(), "{said_nothing:?}");
        }
    }

    proptest! {
        #[test]
        fn no_answer_makes_the_readers_panic(status in any::<u16>(), body in any::<Vec<u8>>(), text in any::<String>()) {
            for body in [body, json!({"data": [{"id": text, "amount_in": text, "account_number": text}]}).to_string().into_bytes()] {
                let answer = HttpAnswer { status, signature: None, retry_after_s: None, body };
                let _ = SepayApi::read_page(&answer);
                let _ = SepayApi::read_list(&answer);
            }
            let _ = api().list(&text, &text, 1);
        }
    }
}
