//! One POST and the beginning of its answer.

use std::time::Duration;

use super::Request;

pub fn client(within: Duration) -> Result<reqwest::Client, String> {
    reqwest::Client::builder()
        .timeout(within)
        .no_proxy()
        .referer(false)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent("ocop-market")
        .build()
        .map_err(|error| error.to_string())
}

/// The answer's status and at most so many bytes of it, or what broke. Errors of the client name the address, and a
/// gateway may be told people's numbers there, so only their kind is kept.
pub async fn post(client: &reqwest::Client, request: Request, bytes_max: usize) -> Result<(u16, Vec<u8>), String> {
    let mut wanted = client.post(request.url).header("content-type", "application/json").body(request.body);
    for (name, value) in request.headers {
        wanted = wanted.header(name, value);
    }
    let mut response = wanted.send().await.map_err(|error| kind_of(&error).to_owned())?;
    let status = response.status().as_u16();
    let mut body = Vec::new();
    while body.len() < bytes_max {
        match response.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => break,
            Err(error) => return Err(kind_of(&error).to_owned()),
        }
    }
    body.truncate(bytes_max);
    Ok((status, body))
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
