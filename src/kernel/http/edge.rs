//! What actix lacks at the edge: a deadline for every request, an answer after a panic, problem documents in the
//! client's language, a request id and secure headers on everything.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest};
use futures_util::FutureExt as _;

use crate::kernel::error::{CommonProblem, Error};
use crate::kernel::ids::RequestId;

/// A request is answered within this time, slow bodies included.
pub const REQUEST_MAX: Duration = Duration::from_secs(12);

/// A photo may come over a weak line; it is received only from who is signed in.
const UPLOAD_MAX: Duration = Duration::from_secs(60);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

pub fn wants_english(request: &HttpRequest) -> bool {
    let accepted = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()).unwrap_or("");
    accepted.trim_start().to_ascii_lowercase().starts_with("en")
}

/// Gives every request an id, which its answer, its log lines and its audit rows carry.
pub async fn request_id(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let id = RequestId::generate();
    request.extensions_mut().insert(id);
    let mut response = next.call(request).await?;
    if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    Ok(response)
}

/// Ends what takes too long, answers what panicked, and turns every error into a problem document.
pub async fn last_resort(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    // No handle on the request may be alive while it is routed; what the answer needs is taken before.
    let client = ClientOf { english: wants_english(request.request()), instance: instance_of(request.request()) };
    let called = AssertUnwindSafe(tokio::time::timeout(time_for(&request), next.call(request))).catch_unwind().await;
    let response = match called {
        Ok(Ok(Ok(response))) => response,
        Ok(Ok(Err(error))) => return Err(client.error(rewritten(&error))),
        Ok(Err(_)) => return Err(client.error(Error::Unavailable("the request took too long".to_owned()))),
        Err(_) => return Err(client.error(Error::internal("a handler panicked"))),
    };
    let status = response.status().as_u16();
    let error = match response.response().error() {
        Some(error) if status >= 400 => rewritten(error),
        None if status >= 400 && !is_problem(&response) => match plain(status) {
            Some(error) => error,
            None => return Ok(response.map_into_boxed_body()),
        },
        _ => return Ok(response.map_into_boxed_body()),
    };
    let mut answer = client.answer(error);
    super::limit::carry_limit(response.headers(), answer.headers_mut());
    Ok(ServiceResponse::new(response.into_parts().0, answer))
}

fn time_for(request: &ServiceRequest) -> Duration {
    let is_upload = request.method() == Method::POST && request.path().ends_with("/photos");
    if is_upload { UPLOAD_MAX } else { REQUEST_MAX }
}

/// What an answer needs to know of the client.
struct ClientOf {
    english: bool,
    instance: String,
}

impl ClientOf {
    /// An error passes by the middleware around it, so its answer is dressed here.
    fn error(self, error: Error) -> actix_web::Error {
        let id = HeaderValue::from_str(&self.instance);
        let mut response = self.answer(error);
        if let Ok(id) = id {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        dress(response.headers_mut());
        InternalError::from_response("ended at the edge", response).into()
    }

    /// Every error passes here once, so here it is logged.
    fn answer(self, error: Error) -> actix_web::HttpResponse {
        match &error {
            Error::Unavailable(why) => tracing::warn!(why, request_id = self.instance, "unavailable"),
            Error::Internal(why) | Error::Conflict(why) => {
                tracing::error!(why, request_id = self.instance, "internal error");
            }
            Error::Refused(..) | Error::Invalid(_) => {}
        }
        let answer = super::answer::ProblemAnswer { error, english: self.english, instance: self.instance };
        actix_web::ResponseError::error_response(&answer)
    }
}

/// The request's id as text.
pub fn instance_of(request: &HttpRequest) -> String {
    request.extensions().get::<RequestId>().map(ToString::to_string).unwrap_or_default()
}

fn is_problem(response: &ServiceResponse<impl MessageBody>) -> bool {
    response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind == "application/problem+json" || kind == "text/html; charset=utf-8")
        || response.headers().contains_key("x-provider-answer")
}

/// Our own errors keep their content; actix's become the common problem of their status.
fn rewritten(error: &actix_web::Error) -> Error {
    match error.as_error::<Error>() {
        Some(Error::Refused(problem, extra)) => Error::Refused(problem, extra.clone()),
        Some(Error::Invalid(faults)) => Error::Invalid(faults.clone()),
        Some(Error::Unavailable(why)) => Error::Unavailable(why.clone()),
        Some(Error::Internal(why) | Error::Conflict(why)) => Error::Internal(why.clone()),
        None => plain(error.as_response_error().status_code().as_u16()).unwrap_or_else(|| Error::internal(error)),
    }
}

fn plain(status: u16) -> Option<Error> {
    Some(match status {
        400 => CommonProblem::BodyMalformed.into(),
        401 => CommonProblem::Unauthenticated.into(),
        404 => CommonProblem::NotFound.into(),
        405 => CommonProblem::MethodNotAllowed.into(),
        413 => CommonProblem::BodyTooLarge.into(),
        415 => CommonProblem::MediaType.into(),
        503 => Error::Unavailable("refused by the server".to_owned()),
        _ => return None,
    })
}

/// Headers that every answer carries.
pub async fn secure_headers(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let mut response = next.call(request).await?;
    dress(response.headers_mut());
    Ok(response)
}

fn dress(headers: &mut HeaderMap) {
    const ALWAYS: &[(&str, &str)] = &[
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
        ("x-content-type-options", "nosniff"),
        ("strict-transport-security", "max-age=63072000; includeSubDomains"),
        ("referrer-policy", "no-referrer"),
        ("x-frame-options", "DENY"),
        ("cross-origin-resource-policy", "same-site"),
        ("cache-control", "no-store"),
    ];
    for (name, value) in ALWAYS {
        let name = HeaderName::from_static(name);
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
}
