//! The rate limit of anonymous callers, by network: phones of one village may share an address.

use actix_web::FromRequest as _;
use actix_web::body::MessageBody;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::Next;
use actix_web::web::Data;

use super::ClientAddress;
use crate::app::App;
use crate::kernel::error::{CommonProblem, Error};

/// Refuses what comes too fast from one network. Signed-in callers and providers' messages pass: the first are known,
/// the second must never be turned away.
pub async fn limit_visitors(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let is_limited = request.path().starts_with("/v1/")
        && !request.path().starts_with("/v1/callbacks/")
        && !request.headers().contains_key(header::AUTHORIZATION);
    if is_limited && let Some(app) = request.app_data::<Data<App>>().cloned() {
        let address = ClientAddress::from_request(request.request(), &mut Payload::None).await?;
        let now_us = app.db.clock.now().timestamp_micros();
        if let Some(wait) = app.rate_limit.count(&address.network(), now_us).await {
            let seconds = wait.as_secs().saturating_add(1);
            return Err(Error::from(CommonProblem::TooManyRequests).with("retry_after_s", seconds).into());
        }
    }
    next.call(request).await
}
