//! Paying out through payOS: one transfer from the payout account to any bank account.

use serde_json::{Map, Value};

use super::super::signature::{RotatingSecret, hmac_sha256, same_hex};
use super::super::wire::{object, safe_text, text, words};
use super::super::{HttpAnswer, HttpCall};
use super::signature::canonical_encoded;
use crate::kernel::{Secret, Vnd};

const DESCRIPTION_LENGTH_MAX: usize = 100;

/// The account that is paid out from.
pub struct PayosPayouts {
    /// Without a slash at the end.
    pub base_url: String,
    pub client_id: String,
    pub api_key: Secret,
    pub checksum_key: RotatingSecret,
}

/// One transfer, as it was intended.
#[derive(Debug, Clone, Copy)]
pub struct PayosPayout<'a> {
    /// Our name of it.
    pub reference: &'a str,
    /// Ours too, the same however often it is asked for: by it payOS pays once.
    pub idempotency_key: &'a str,
    pub amount: Vnd,
    pub description: &'a str,
    pub bank_bin: &'a str,
    pub account_number: &'a str,
    pub category: &'a [&'a str],
}

/// What payOS says of a transfer out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayoutSaid {
    /// By which it is asked for.
    pub id: String,
    pub state: PayoutState,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PayoutState {
    Going,
    Succeeded,
    /// For good: the money is ours again. In payOS's word.
    Failed(String),
}

impl PayosPayouts {
    pub fn create(&self, payout: &PayosPayout<'_>) -> HttpCall {
        // payOS's libraries encode the slash differently.
        let description = safe_text(payout.description, DESCRIPTION_LENGTH_MAX).replace('/', " ");
        let mut fields = Map::new();
        fields.insert("referenceId".to_owned(), payout.reference.into());
        fields.insert("amount".to_owned(), payout.amount.amount().into());
        fields.insert("description".to_owned(), description.into());
        fields.insert("toBin".to_owned(), payout.bank_bin.into());
        fields.insert("toAccountNumber".to_owned(), payout.account_number.into());
        if !payout.category.is_empty() {
            fields.insert("category".to_owned(), payout.category.to_vec().into());
        }
        let signature = hmac_sha256(&self.checksum_key.current, &[canonical_encoded(&fields).as_bytes()]);
        let mut headers = self.headers();
        headers.push(("x-idempotency-key", Secret::new(payout.idempotency_key.to_owned())));
        headers.push(("x-signature", Secret::new(signature)));
        let url = format!("{}/v1/payouts/", self.base_url);
        HttpCall::post(url, headers, Value::Object(fields).to_string())
    }

    /// Asks for a transfer by payOS's own number.
    pub fn ask(&self, id: &str) -> HttpCall {
        HttpCall::get(format!("{}/v1/payouts/{id}", self.base_url), self.headers())
    }

    /// What an answer says of the transfer of this name; else why it says nothing. Nothing is no failure: it must be
    /// asked again, with the same key.
    pub fn read(&self, reference: &str, answer: &HttpAnswer) -> Result<PayoutSaid, String> {
        let outer = object(&answer.body);
        let code = text(&outer, "code").unwrap_or_default();
        if answer.status != 200 || code != super::OK {
            return Err(words(answer, Some(format!("{code} {}", text(&outer, "desc").unwrap_or_default()))));
        }
        let data = outer.get("data").and_then(Value::as_object).cloned().unwrap_or_default();
        let canonical = canonical_encoded(&data);
        let received = answer.signature.as_deref().unwrap_or_default();
        if !self.checksum_key.any(|key| same_hex(&hmac_sha256(key, &[canonical.as_bytes()]), received)) {
            return Err(words(answer, Some("not signed".to_owned())));
        }
        said(reference, &data).ok_or_else(|| words(answer, Some("not as documented".to_owned())))
    }

    fn headers(&self) -> Vec<(&'static str, Secret)> {
        vec![("x-client-id", Secret::new(self.client_id.clone())), ("x-api-key", self.api_key.clone())]
    }
}

fn said(reference: &str, data: &Map<String, Value>) -> Option<PayoutSaid> {
    if text(data, "referenceId").as_deref() != Some(reference) {
        return None;
    }
    let transfers = data.get("transactions").and_then(Value::as_array)?;
    let [transfer] = transfers.as_slice() else { return None };
    let state = match text(transfer.as_object()?, "state")?.as_str() {
        "RECEIVED" | "PROCESSING" | "ON_HOLD" => PayoutState::Going,
        "SUCCEEDED" => PayoutState::Succeeded,
        state @ ("FAILED" | "REVERSED" | "CANCELLED") => PayoutState::Failed(state.to_owned()),
        _ => return None,
    };
    Some(PayoutSaid { id: text(data, "id")?, state })
}
