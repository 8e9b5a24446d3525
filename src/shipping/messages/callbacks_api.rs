use actix_web::http::{StatusCode, header};
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse, post};
use serde_json::json;
use utoipa_actix_web::service_config::ServiceConfig;

use super::receive::receive;
use super::store::Message;
use crate::app::App;
use crate::kernel::error::CommonProblem;
use crate::kernel::http::{ClientAddress, RETRY_AFTER_S};
use crate::kernel::{CarrierMessageId, Result};
use crate::shipping::model::Carrier;

/// Bytes of a carrier's message.
const MESSAGE_MAX: usize = 64 * 1024;
/// Bytes of the header that says what a message is written in.
const CONTENT_TYPE_MAX: usize = 100;
/// Carries our secret, where a carrier can be told to send a header.
const TOKEN: &str = "x-callback-token";

/// Whether a carrier's message is kept.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes what is answered to carriers")]
struct CarrierAnswer {
    success: bool,
}

fn header_of<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    request.headers().get(name).and_then(|value| value.to_str().ok())
}

async fn answer(
    app: &App,
    carrier: Carrier,
    request: &HttpRequest,
    source: ClientAddress,
    body: &Bytes,
) -> Result<HttpResponse> {
    let api = app.carriers.find(carrier).ok_or(CommonProblem::NotFound)?;
    if body.len() > MESSAGE_MAX || request.query_string().len() > MESSAGE_MAX {
        return Err(CommonProblem::BodyTooLarge.into());
    }
    let message = Message {
        id: CarrierMessageId::generate(),
        carrier,
        source: source.0.to_string(),
        content_type: header_of(request, header::CONTENT_TYPE.as_str())
            .unwrap_or("")
            .chars()
            .take(CONTENT_TYPE_MAX)
            .collect(),
        body: body.to_vec(),
    };
    let outcome = match app.callback_slots.take() {
        Some(_slot) => receive(app, api, message, request.query_string(), header_of(request, TOKEN)).await,
        None => Err(crate::kernel::Error::Unavailable("too many callbacks at once".to_owned())),
    };
    // Every carrier looks at the status alone.
    let status = match outcome {
        Ok(true) => StatusCode::OK,
        Ok(false) => StatusCode::UNAUTHORIZED,
        Err(error) => {
            tracing::error!(?error, carrier = carrier.as_str(), "a carrier's message could not be taken up");
            StatusCode::SERVICE_UNAVAILABLE
        }
    };
    let mut response = HttpResponse::build(status);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.insert_header((header::RETRY_AFTER, RETRY_AFTER_S));
    }
    // The edge leaves it as it is.
    response.insert_header(("x-provider-answer", carrier.as_str()));
    Ok(response.json(json!({"success": status == StatusCode::OK})))
}

/// Receive a message of GHN about a parcel.
///
/// For GHN only: its address has `hash`, or it sends the header `X-Callback-Token`, with our secret. 200 once it is
/// kept, also when it says nothing new; 401 when it is not believed; 503 when GHN should come again.
#[utoipa::path(tag = "Callbacks", operation_id = "receive_ghn_message",
    request_body(content = serde_json::Value, content_type = "application/json", description = "As GHN writes it",
        example = json!({"OrderCode": "Z82BS", "ClientOrderCode": "01938d6e-7a3c-7c4e-9f00-3f1f6c1e2a4b",
            "Type": "switch_status", "Status": "delivering", "Time": "2026-11-24T03:52:50.158Z"})),
    responses((status = 200, body = CarrierAnswer, description = "Kept", example = json!({"success": true})),
              (status = 401, body = CarrierAnswer, description = "Not believed", example = json!({"success": false})),
              (status = 503, body = CarrierAnswer, description = "Come again", example = json!({"success": false}))),
    extensions(("x-roles" = json!(["anonymous"])), ("x-problems" = json!(["not_found", "body_too_large"]))))]
#[post("/v1/callbacks/ghn")]
async fn receive_ghn_message(
    request: HttpRequest,
    app: Data<App>,
    source: ClientAddress,
    body: Bytes,
) -> Result<HttpResponse> {
    answer(&app, Carrier::Ghn, &request, source, &body).await
}

/// Receive a message of GHTK about a parcel.
///
/// For GHTK only: its address has `hash` with our secret. A form or JSON. 200 once it is kept, whatever it says;
/// 401 when it is not believed; 503 when GHTK should come again, which it does once.
#[utoipa::path(tag = "Callbacks", operation_id = "receive_ghtk_message",
    request_body(content = serde_json::Value, content_type = "application/json", description = "As GHTK writes it",
        example = json!({"partner_id": "01938d6e-7a3c-7c4e-9f00-3f1f6c1e2a4b", "label_id": "S1.A1.17373471",
            "status_id": 5, "action_time": "2026-11-02T12:18:39+07:00"})),
    responses((status = 200, body = CarrierAnswer, description = "Kept", example = json!({"success": true})),
              (status = 401, body = CarrierAnswer, description = "Not believed", example = json!({"success": false})),
              (status = 503, body = CarrierAnswer, description = "Come again", example = json!({"success": false}))),
    extensions(("x-roles" = json!(["anonymous"])), ("x-problems" = json!(["not_found", "body_too_large"]))))]
#[post("/v1/callbacks/ghtk")]
async fn receive_ghtk_message(
    request: HttpRequest,
    app: Data<App>,
    source: ClientAddress,
    body: Bytes,
) -> Result<HttpResponse> {
    answer(&app, Carrier::Ghtk, &request, source, &body).await
}

/// Receive a message of Viettel Post about a parcel.
///
/// For Viettel Post only: `TOKEN` in the body is our secret. 200 once it is kept, also when it says nothing new; 401
/// when it is not believed; 503 when Viettel Post should come again.
#[utoipa::path(tag = "Callbacks", operation_id = "receive_viettel_post_message",
    request_body(content = serde_json::Value, content_type = "application/json", description = "As Viettel Post writes it",
        example = json!({"DATA": {"ORDER_NUMBER": "10345381626", "ORDER_REFERENCE": "01938d6e-7a3c-7c4e-9f00-3f1f6c1e2a4b",
            "ORDER_STATUSDATE": "13/12/2026 17:34:05", "ORDER_STATUS": 501}, "TOKEN": "…"})),
    responses((status = 200, body = CarrierAnswer, description = "Kept", example = json!({"success": true})),
              (status = 401, body = CarrierAnswer, description = "Not believed", example = json!({"success": false})),
              (status = 503, body = CarrierAnswer, description = "Come again", example = json!({"success": false}))),
    extensions(("x-roles" = json!(["anonymous"])), ("x-problems" = json!(["not_found", "body_too_large"]))))]
#[post("/v1/callbacks/viettel-post")]
async fn receive_viettel_post_message(
    request: HttpRequest,
    app: Data<App>,
    source: ClientAddress,
    body: Bytes,
) -> Result<HttpResponse> {
    answer(&app, Carrier::ViettelPost, &request, source, &body).await
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(receive_ghn_message).service(receive_ghtk_message).service(receive_viettel_post_message);
}
