//! Sends what was built, with an end to everything.

use std::time::Duration;

use super::network::{HttpAnswer, HttpCall};
use crate::kernel::{Error, Result};

const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// From the first byte sent to the last read. MoMo asks for at least 30 s.
const ANSWER_WITHIN: Duration = Duration::from_secs(32);
/// Bytes of an answer that are read.
const ANSWER_MAX: usize = 256 * 1024;
const SIGNATURE: &str = "x-signature";

pub fn build() -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder()
        .connect_timeout(CONNECT_WITHIN)
        .timeout(ANSWER_WITHIN)
        .redirect(reqwest::redirect::Policy::none())
        .build()
}

/// No answer, or one without an end, is [`Error::Unavailable`]: what it would have said is not known.
pub async fn send(client: &reqwest::Client, call: HttpCall) -> Result<HttpAnswer> {
    let HttpCall { url, headers, body } = call;
    let mut request = if body.is_some() { client.post(url) } else { client.get(url) };
    for (name, value) in headers {
        request = request.header(name, value.expose());
    }
    if let Some(body) = body {
        request = request.header("content-type", "application/json; charset=UTF-8").body(body);
    }
    let mut response = request.send().await.map_err(unavailable)?;
    let status = response.status().as_u16();
    let signature = response.headers().get(SIGNATURE).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let mut body = Vec::new();
    while let Some(part) = response.chunk().await.map_err(unavailable)? {
        body.extend_from_slice(&part);
        if body.len() > ANSWER_MAX {
            return Err(Error::Unavailable("a payment provider's answer is too long".to_owned()));
        }
    }
    Ok(HttpAnswer { status, signature, body })
}

/// Addresses of requests may hold what is nobody's business.
fn unavailable(error: reqwest::Error) -> Error {
    Error::Unavailable(format!("payment provider: {}", error.without_url()))
}
