//! One call of an endpoint.

use std::time::{Duration, Instant};

use super::guard::{Guard, read_url};
use crate::kernel::{WebhookDeliveryId, WebhookEventId};

/// From the connection to the end of the answer.
const CALL_WITHIN: Duration = Duration::from_secs(15);
/// Bytes of an answer that are read: only its status counts.
const ANSWER_MAX: usize = 4096;

/// What is sent, signed for its moment.
#[derive(Debug, Clone)]
pub struct Call {
    pub delivery_id: WebhookDeliveryId,
    pub event_id: WebhookEventId,
    pub url: String,
    pub timestamp: i64,
    pub signature: String,
    pub body: String,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub status: Option<u16>,
    /// What broke, when there was no answer.
    pub error: Option<&'static str>,
    pub took_ms: i32,
}

/// Calls endpoints, and nothing in our own network.
pub struct WebhookClient {
    http: reqwest::Client,
    to_local: bool,
}

impl WebhookClient {
    pub fn new(to_local: bool) -> Result<WebhookClient, String> {
        let http = reqwest::Client::builder()
            .dns_resolver(Guard { to_local })
            .redirect(reqwest::redirect::Policy::none())
            .timeout(CALL_WITHIN)
            .no_proxy()
            .referer(false)
            .user_agent("ocop-market-webhooks/1")
            .build()
            .map_err(|error| error.to_string())?;
        Ok(WebhookClient { http, to_local })
    }

    /// Never fails: what went wrong is what is answered.
    pub async fn call(&self, call: &Call) -> Told {
        let begun = Instant::now();
        let answer = self.answer(call).await;
        let took_ms = i32::try_from(begun.elapsed().as_millis()).unwrap_or(i32::MAX);
        match answer {
            Ok(status) => Told { status: Some(status), error: None, took_ms },
            Err(error) => Told { status: None, error: Some(error), took_ms },
        }
    }

    async fn answer(&self, call: &Call) -> Result<u16, &'static str> {
        // The rules may be stricter now than when the endpoint was made.
        let url = read_url(&call.url, self.to_local).ok_or("address_refused")?;
        let request = self
            .http
            .post(url)
            .header("content-type", "application/json")
            .header("webhook-id", call.event_id.to_string())
            .header("webhook-timestamp", call.timestamp)
            .header("webhook-signature", &call.signature)
            .body(call.body.clone());
        let mut response = request.send().await.map_err(|error| kind_of(&error))?;
        let mut read: usize = 0;
        while let Some(chunk) = response.chunk().await.map_err(|error| kind_of(&error))? {
            read = read.saturating_add(chunk.len());
            if read > ANSWER_MAX {
                break;
            }
        }
        Ok(response.status().as_u16())
    }
}

fn kind_of(error: &reqwest::Error) -> &'static str {
    if error.is_timeout() {
        "timeout"
    } else if error.is_connect() {
        "no_connection"
    } else {
        "broken"
    }
}
