//! The rate limit at the edge: people who are signed in by account, everybody else by network.

use actix_web::FromRequest as _;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Data;

use super::ClientAddress;
use super::actor::claim_of;
use crate::app::App;
use crate::kernel::error::{CommonProblem, Error};
use crate::kernel::rate_limit::{Caller, Policy, Verdict};

/// Fields of draft-ietf-httpapi-ratelimit-headers.
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// Refuses what comes too fast. Who has no genuine token counts for the network, whatever the request says; messages
/// of providers are never turned away here.
pub async fn limit_callers(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let is_limited = request.path().starts_with("/v1/") && !request.path().starts_with("/v1/callbacks/");
    let Some(app) = request.app_data::<Data<App>>().filter(|_| is_limited).cloned() else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    let caller = match claim_of(request.request()) {
        Ok(claim) => Caller::Account(claim.account_id),
        Err(_) => ClientAddress::from_request(request.request(), &mut Payload::None).await?.caller(),
    };
    let verdict = app.rate_limit.count(caller).await;
    let mut response = match verdict {
        Verdict::Passes { .. } => next.call(request).await?.map_into_boxed_body(),
        Verdict::Waits(wait) => {
            let error = Error::from(CommonProblem::TooManyRequests).with("retry_after_s", whole_seconds(wait));
            request.error_response(error)
        }
    };
    tell(response.headers_mut(), app.rate_limit.policy(caller), verdict);
    Ok(response)
}

/// Rounded up.
fn whole_seconds(time: std::time::Duration) -> u64 {
    time.as_secs().saturating_add(u64::from(time.subsec_nanos() > 0))
}

/// Says what the limit is and what is left of it. Who spreads what is left over the window never meets the limit.
fn tell(headers: &mut HeaderMap, policy: &Policy, verdict: Verdict) {
    let window = whole_seconds(policy.window());
    let (left, within) = match verdict {
        Verdict::Passes { left } => (left, window),
        Verdict::Waits(wait) => (0, whole_seconds(wait)),
    };
    let name = policy.name;
    let fields = [
        (POLICY, format!("\"{name}\";q={};w={window}", policy.burst())),
        (LIMIT, format!("\"{name}\";r={left};t={within}")),
    ];
    for (field, text) in fields {
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.insert(field, value);
        }
    }
}

/// Takes the fields along when an answer is written anew.
pub fn carry_limit(from: &HeaderMap, to: &mut HeaderMap) {
    for field in [POLICY, LIMIT] {
        if let Some(value) = from.get(&field) {
            to.insert(field, value.clone());
        }
    }
}
