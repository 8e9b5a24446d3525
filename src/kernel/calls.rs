//! Calls of payment providers and carriers: sent as they were built, with an end to everything.

use std::time::Duration;

use reqwest::Method;

use super::{Error, Result, Secret};

const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// Bytes of an answer that are read.
const ANSWER_MAX: usize = 256 * 1024;
const SIGNATURE: &str = "x-signature";
const RETRY_AFTER: &str = "retry-after";

/// A request, as it will be sent. Not printable: it is signed.
#[derive(Clone)]
pub struct HttpCall {
    pub method: Method,
    pub url: String,
    pub headers: Vec<(&'static str, Secret)>,
    /// JSON.
    pub body: Option<String>,
}

impl HttpCall {
    pub fn get(url: String, headers: Vec<(&'static str, Secret)>) -> HttpCall {
        HttpCall { method: Method::GET, url, headers, body: None }
    }

    pub fn post(url: String, headers: Vec<(&'static str, Secret)>, body: String) -> HttpCall {
        HttpCall { method: Method::POST, url, headers, body: Some(body) }
    }

    pub fn delete(url: String, headers: Vec<(&'static str, Secret)>) -> HttpCall {
        HttpCall { method: Method::DELETE, url, headers, body: None }
    }
}

/// An answer as it came.
#[derive(Debug, Clone)]
pub struct HttpAnswer {
    pub status: u16,
    /// The header `x-signature`, by which some prove what they answer.
    pub signature: Option<String>,
    /// The header `retry-after`, in seconds.
    pub retry_after_s: Option<u32>,
    pub body: Vec<u8>,
}

/// A client that waits so long for an answer, from the first byte sent to the last read, and goes nowhere else.
pub fn client(answer_within: Duration) -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder()
        .connect_timeout(CONNECT_WITHIN)
        .timeout(answer_within)
        .redirect(reqwest::redirect::Policy::none())
        .build()
}

/// No answer, or one without an end, is [`Error::Unavailable`]: what it would have said is not known.
pub async fn send(client: &reqwest::Client, call: HttpCall) -> Result<HttpAnswer> {
    let HttpCall { method, url, headers, body } = call;
    let mut request = client.request(method, url);
    for (name, value) in headers {
        request = request.header(name, value.expose());
    }
    if let Some(body) = body {
        request = request.header("content-type", "application/json; charset=UTF-8").body(body);
    }
    let mut response = request.send().await.map_err(unavailable)?;
    let status = response.status().as_u16();
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    let signature = header(SIGNATURE).map(str::to_owned);
    let retry_after_s = header(RETRY_AFTER).and_then(|seconds| seconds.trim().parse().ok());
    let mut body = Vec::new();
    while let Some(part) = response.chunk().await.map_err(unavailable)? {
        body.extend_from_slice(&part);
        if body.len() > ANSWER_MAX {
            return Err(Error::Unavailable("an answer is too long".to_owned()));
        }
    }
    Ok(HttpAnswer { status, signature, retry_after_s, body })
}

/// Addresses of requests may hold what is nobody's business.
fn unavailable(error: reqwest::Error) -> Error {
    Error::Unavailable(format!("no answer: {}", error.without_url()))
}
