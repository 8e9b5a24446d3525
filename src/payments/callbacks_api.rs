use actix_web::http::{StatusCode, header};
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse, get, post};
use tokio::sync::{Semaphore, SemaphorePermit};
use utoipa_actix_web::service_config::ServiceConfig;

use super::inbox::{new_row, receive};
use super::model::AttemptStatus;
use super::providers::{Answer, Outcome, Provider, ProviderId, RawCallback, Reading, Verdict};
use super::store;
use crate::app::App;
use crate::kernel::error::CommonProblem;
use crate::kernel::http::{ClientAddress, RETRY_AFTER_S};
use crate::kernel::{Actor, Result};

/// Bytes of a provider's message.
const MESSAGE_MAX: usize = 64 * 1024;
/// Headers kept of a provider's message.
const HEADERS_MAX: usize = 60;

/// Messages that one process looks at at once; those beyond are asked to come again, so that a flood of them, genuine
/// or not, costs nothing but itself.
pub const CALLBACKS_MAX: usize = 32;

/// Room for messages. It is taken when a message has wholly arrived: a slow sender keeps nobody out.
pub struct CallbackSlots(Semaphore);

impl Default for CallbackSlots {
    fn default() -> Self {
        Self(Semaphore::new(CALLBACKS_MAX))
    }
}

impl CallbackSlots {
    /// Held until it is dropped; nothing when there is no room.
    pub fn take(&self) -> Option<SemaphorePermit<'_>> {
        self.0.try_acquire().ok()
    }
}

fn headers_of(request: &HttpRequest) -> Vec<(String, String)> {
    let headers = request.headers().iter().take(HEADERS_MAX);
    headers
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect()
}

/// Keeps a message, does what it says and answers in the provider's words.
pub(super) async fn answer(
    app: &App,
    provider: &dyn Provider,
    request: &HttpRequest,
    source: ClientAddress,
    body: &[u8],
) -> Result<HttpResponse> {
    if body.len() > MESSAGE_MAX || request.query_string().len() > MESSAGE_MAX {
        return Err(CommonProblem::BodyTooLarge.into());
    }
    let answer = match app.callback_slots.take() {
        Some(_slot) => {
            let (query, headers) = (request.query_string(), headers_of(request));
            let row = new_row(provider, source.0.to_string(), query, headers, body.to_vec());
            receive(app, provider, row).await
        }
        None => {
            tracing::warn!(provider = provider.id().as_str(), "too many callbacks at once");
            provider.answer(Verdict::Unavailable, None)
        }
    };
    Ok(in_their_words(provider, answer))
}

/// An answer of ours to the byte; an empty one has no content type.
pub(super) fn in_their_words(provider: &dyn Provider, answer: Answer) -> HttpResponse {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.insert_header((header::RETRY_AFTER, RETRY_AFTER_S));
    }
    response.insert_header(("x-provider-answer", provider.id().as_str()));
    if answer.body.is_empty() {
        return response.finish();
    }
    response.content_type(answer.content_type).body(answer.body)
}

/// What VNPAY's page for PAY 2.1.0 asks for.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes what the provider's own module writes")]
#[expect(non_snake_case, reason = "the provider's names")]
struct VnpayAnswer {
    #[schema(example = "00", min_length = 2, max_length = 2, pattern = "^[0-9]{2}$")]
    RspCode: String,
    #[schema(example = "Confirm Success", max_length = 100)]
    Message: String,
}

/// Whether SePay's notice is stored.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes what the provider's own module writes")]
struct SepayAnswer {
    success: bool,
}

/// Receive a notice of VNPAY (IPN).
///
/// For VNPAY only: signed with HMAC-SHA512 over the query. Always 200 with `RspCode` and `Message` as VNPAY's page
/// for PAY 2.1.0 asks: 00 stored, 01 order not found, 02 already confirmed, 04 wrong amount, 97 bad signature,
/// 99 come again. Not limited by rate; of more than 32 at once the rest is asked to come again.
#[utoipa::path(tag = "Callbacks", operation_id = "receive_vnpay_ipn",
    responses((status = 200, content_type = "application/json", body = VnpayAnswer, description = "VNPAY's answer")),
    extensions(("x-roles" = json!(["anonymous"])), ("x-problems" = json!(["not_found"]))))]
#[get("/v1/callbacks/vnpay/ipn")]
async fn receive_vnpay_ipn(request: HttpRequest, app: Data<App>, source: ClientAddress) -> Result<HttpResponse> {
    let provider = app.providers.find(ProviderId::Vnpay).ok_or(CommonProblem::NotFound)?;
    answer(&app, provider, &request, source, b"").await
}

/// Receive a notice of SePay about our bank account.
///
/// For SePay only: `X-SePay-Signature` over timestamp and raw body, or an API key. 200 `{"success": true}` once it is
/// stored, 400 when it cannot be read, 401 when it is not believed, 5xx when SePay should come again. Not limited by
/// rate; of more than 32 at once the rest is asked to come again.
#[utoipa::path(tag = "Callbacks", operation_id = "receive_sepay_webhook",
    request_body(content = serde_json::Value, content_type = "application/json", description = "As SePay writes it",
        example = json!({"id": 92704, "gateway": "Vietcombank", "transactionDate": "2026-11-24 10:00:00",
            "accountNumber": "0123499999", "code": null, "content": "HG4T9K2M7 thanh toan", "transferType": "in",
            "transferAmount": 900_000, "accumulated": 19_077_000, "subAccount": null, "referenceCode": "FT26328",
            "description": ""})),
    responses((status = 200, body = SepayAnswer, description = "Stored", example = json!({"success": true})),
              (status = 400, body = SepayAnswer, description = "Not to be read", example = json!({"success": false})),
              (status = 401, body = SepayAnswer, description = "Not believed", example = json!({"success": false})),
              (status = 503, body = SepayAnswer, description = "Come again", example = json!({"success": false}))),
    extensions(("x-roles" = json!(["anonymous"])), ("x-problems" = json!(["body_too_large"]))))]
#[post("/v1/callbacks/sepay")]
async fn receive_sepay_webhook(
    request: HttpRequest,
    app: Data<App>,
    source: ClientAddress,
    body: Bytes,
) -> Result<HttpResponse> {
    let provider = app.providers.find(ProviderId::BankTransfer).ok_or(CommonProblem::NotFound)?;
    answer(&app, provider, &request, source, &body).await
}

/// A page in Vietnamese, without scripts.
#[derive(utoipa::ToSchema)]
#[schema(value_type = String, max_length = 5000, example = "<!doctype html><html lang=\"vi\">…</html>")]
#[expect(dead_code, reason = "describes text")]
struct ReturnPage(String);

/// Show how a payment at VNPAY stands.
///
/// The page to which VNPAY's site sends the buyer back. It only displays what the database says: nothing that a
/// browser brings makes anything paid.
#[utoipa::path(tag = "Paying", operation_id = "show_vnpay_return",
    responses((status = 200, content_type = "text/html", body = inline(ReturnPage), description = "A page in Vietnamese")),
    extensions(("x-roles" = json!(["anonymous"])), ("x-problems" = json!(["not_found"]))))]
#[get("/v1/public/payment-returns/vnpay")]
async fn show_vnpay_return(request: HttpRequest, app: Data<App>) -> Result<HttpResponse> {
    let provider = app.providers.find(ProviderId::Vnpay).ok_or(CommonProblem::NotFound)?;
    let received_at = app.db.clock.now();
    let reading =
        provider.read_callback(&RawCallback { query: request.query_string(), headers: &[], body: b"", received_at });
    let Reading::Verified(event) = reading else {
        return Ok(page(
            "Không xác nhận được",
            "Đường dẫn không hợp lệ. Hãy mở lại đơn hàng trong ứng dụng để xem tình trạng.",
        ));
    };
    let references = event.references.clone();
    let status = app
        .db
        .read(&Actor::PLATFORM, move |tx| match references.first() {
            Some(reference) => store::status_of_reference(tx, ProviderId::Vnpay, reference),
            None => Ok(None),
        })
        .await?;
    Ok(match status {
        Some(AttemptStatus::Captured) => page("Đã thanh toán", "Chúng tôi đã nhận được tiền. Cảm ơn bạn!"),
        Some(AttemptStatus::InReview) => {
            page("Đang kiểm tra", "Khoản tiền của bạn đang được nhân viên kiểm tra. Tiền không bị mất.")
        }
        Some(AttemptStatus::Pending) if event.outcome == Outcome::Paid => {
            page("Đang chờ xác nhận", "Ngân hàng đang xác nhận. Hãy xem lại đơn hàng trong ứng dụng sau ít phút.")
        }
        Some(_) => page("Chưa thanh toán", "Giao dịch không thành công. Bạn có thể thanh toán lại trong ứng dụng."),
        None => page("Không tìm thấy", "Không tìm thấy giao dịch này."),
    })
}

/// Show where to see how a payment stands.
///
/// The page to which the sites of payOS, MoMo and ZaloPay send the buyer back. It says the same whatever the browser
/// brings, and asks nobody: how a try stands is shown to its buyer by `GET /v1/buyer/payment-attempts/{id}`.
#[utoipa::path(tag = "Paying", operation_id = "show_payment_return",
    responses((status = 200, content_type = "text/html", body = inline(ReturnPage), description = "A page in Vietnamese")),
    extensions(("x-roles" = json!(["anonymous"])), ("x-problems" = json!([]))))]
#[get("/v1/public/payment-returns/done")]
async fn show_payment_return() -> HttpResponse {
    page("Cảm ơn bạn", "Hãy mở lại đơn hàng trong ứng dụng để xem đã nhận được tiền hay chưa.")
}

/// A page without scripts; its texts are ours, never the visitor's.
fn page(title: &str, text: &str) -> HttpResponse {
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(format!(
        "<!doctype html><html lang=\"vi\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title}</title></head>\
         <body><main><h1>{title}</h1><p>{text}</p></main></body></html>"
    ))
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(receive_vnpay_ipn).service(receive_sepay_webhook);
    cfg.service(show_vnpay_return).service(show_payment_return);
}
