use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::callbacks_api::{answer, in_their_words};
use super::providers::{Provider, ProviderId};
use crate::app::App;
use crate::kernel::Result;
use crate::kernel::error::CommonProblem;
use crate::kernel::http::ClientAddress;

/// Whether payOS's webhook is stored.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes what the provider's own module writes")]
struct PayosAnswer {
    success: bool,
}

/// What is odd about MoMo's notice.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes what the provider's own module writes")]
struct MomoAnswer {
    #[schema(example = "signature not equal", max_length = 100)]
    message: String,
}

/// Whether ZaloPay's callback is stored.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes what the provider's own module writes")]
struct ZalopayAnswer {
    /// 1 stored, 2 known already, 0 come again, -1 not believed or not ours.
    #[schema(minimum = -1, maximum = 2)]
    return_code: i32,
    #[schema(example = "success", max_length = 100)]
    return_message: String,
}

/// Whether VietQR.vn's transfer is stored.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes what the provider's own module writes")]
#[expect(non_snake_case, reason = "the provider's names")]
struct VietqrVnAnswer {
    error: bool,
    #[schema(example = "000", max_length = 10)]
    errorReason: String,
    #[schema(example = "", max_length = 100)]
    toastMessage: String,
    object: VietqrVnReceipt,
}

/// Our number of the transfer.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes what the provider's own module writes")]
struct VietqrVnReceipt {
    /// The same for every repetition; empty when nothing is stored.
    #[schema(example = "5f0c2e9b7a1d4c3e8b6f0a2d4c6e8f01", max_length = 32)]
    reftransactionid: String,
}

/// A token for VietQR.vn's next transfer.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes what the provider's own module writes")]
struct VietqrVnToken {
    #[schema(example = "1795429283.9b1c0e", max_length = 200)]
    access_token: String,
    #[schema(example = "Bearer", max_length = 10)]
    token_type: String,
    #[schema(minimum = 300, maximum = 300)]
    expires_in: i32,
}

/// Why VietQR.vn gets no token.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes what the provider's own module writes")]
struct VietqrVnRefusal {
    #[schema(example = "FAILED", max_length = 10)]
    status: String,
    #[schema(example = "Unauthorized", max_length = 100)]
    message: String,
}

/// Receive a webhook of payOS.
///
/// For payOS only: signed with HMAC-SHA256 over `data`. 200 `{"success": true}` once it is stored, also when the order
/// is not ours (payOS sends such an example), 400 when it cannot be read, 401 when it is not believed, 5xx when payOS
/// should come again. Not limited by rate; of more than 32 at once the rest is asked to come again.
#[utoipa::path(tag = "Callbacks", operation_id = "receive_payos_webhook",
    request_body(content = serde_json::Value, content_type = "application/json", description = "As payOS writes it",
        example = json!({"code": "00", "desc": "success", "success": true, "data": {"orderCode": 1_123_456_789, "amount": 900_000,
            "description": "HG4T9K2M7", "accountNumber": "113366668888", "reference": "FT26328", "currency": "VND",
            "transactionDateTime": "2026-11-24 10:00:00", "paymentLinkId": "124c33293c934a85be5b7f8761a27a07", "code": "00",
            "desc": "Thành công"}, "signature": "d617a808"})),
    responses((status = 200, body = PayosAnswer, description = "Stored", example = json!({"success": true})),
              (status = 400, body = PayosAnswer, description = "Not to be read", example = json!({"success": false})),
              (status = 401, body = PayosAnswer, description = "Not believed", example = json!({"success": false})),
              (status = 503, body = PayosAnswer, description = "Come again", example = json!({"success": false}))),
    extensions(("x-roles" = json!(["anonymous"])), ("x-problems" = json!(["not_found", "body_too_large"]))))]
#[post("/v1/callbacks/payos")]
async fn receive_payos_webhook(
    request: HttpRequest,
    app: Data<App>,
    source: ClientAddress,
    body: Bytes,
) -> Result<HttpResponse> {
    let provider = app.providers.find(ProviderId::Payos).ok_or(CommonProblem::NotFound)?;
    answer(&app, provider, &request, source, &body).await
}

/// Receive a notice of MoMo (IPN).
///
/// For MoMo only: signed with HMAC-SHA256. 204 once it is stored; 400 when it cannot be read, 401 when it is not
/// believed, 404 when the order is not ours, 422 when the amount is another (it waits for a person), 5xx when MoMo
/// should come again. Not limited by rate; of more than 32 at once the rest is asked to come again.
#[utoipa::path(tag = "Callbacks", operation_id = "receive_momo_ipn",
    request_body(content = serde_json::Value, content_type = "application/json", description = "As MoMo writes it",
        example = json!({"partnerCode": "MOMO", "orderId": "HG4T9K2M7", "requestId": "HG4T9K2M7", "amount": 900_000,
            "orderInfo": "Thanh toan don hang HG4T9K2M7", "orderType": "momo_wallet", "transId": 4_088_878_653_i64, "resultCode": 0,
            "message": "Thành công.", "payType": "qr", "responseTime": 1_795_428_983_000_i64, "extraData": "",
            "signature": "7c7f9acc"})),
    responses((status = 204, description = "Stored"),
              (status = 400, body = MomoAnswer, description = "Not to be read"),
              (status = 401, body = MomoAnswer, description = "Not believed"),
              (status = 404, body = MomoAnswer, description = "Not an order of ours"),
              (status = 422, body = MomoAnswer, description = "Another amount"),
              (status = 503, body = MomoAnswer, description = "Come again")),
    extensions(("x-roles" = json!(["anonymous"])), ("x-problems" = json!(["not_found", "body_too_large"]))))]
#[post("/v1/callbacks/momo/ipn")]
async fn receive_momo_ipn(
    request: HttpRequest,
    app: Data<App>,
    source: ClientAddress,
    body: Bytes,
) -> Result<HttpResponse> {
    let provider = app.providers.find(ProviderId::Momo).ok_or(CommonProblem::NotFound)?;
    answer(&app, provider, &request, source, &body).await
}

/// Receive a callback of ZaloPay.
///
/// For ZaloPay only: signed with HMAC-SHA256 over the text in `data`. Always 200: `return_code` 1 stored, 2 known
/// already, 0 come again, -1 not believed, not ours or of another amount. Not limited by rate; of more than 32 at once
/// the rest is asked to come again.
#[utoipa::path(tag = "Callbacks", operation_id = "receive_zalopay_callback",
    request_body(content = serde_json::Value, content_type = "application/json", description = "As ZaloPay writes it",
        example = json!({"data": "{\"app_id\":2553,\"app_trans_id\":\"261124_HG4T9K2M7\",\"amount\":900000,\"zp_trans_id\":261124000000389}",
            "mac": "d8d33baf", "type": 1})),
    responses((status = 200, body = ZalopayAnswer, description = "ZaloPay's answer")),
    extensions(("x-roles" = json!(["anonymous"])), ("x-problems" = json!(["not_found", "body_too_large"]))))]
#[post("/v1/callbacks/zalopay")]
async fn receive_zalopay_callback(
    request: HttpRequest,
    app: Data<App>,
    source: ClientAddress,
    body: Bytes,
) -> Result<HttpResponse> {
    let provider = app.providers.find(ProviderId::Zalopay).ok_or(CommonProblem::NotFound)?;
    answer(&app, provider, &request, source, &body).await
}

/// Give VietQR.vn a token.
///
/// For VietQR.vn only: Basic authorisation with the name and the password that it was given. The token is good for
/// five minutes; VietQR.vn asks for a fresh one before each transfer.
#[utoipa::path(tag = "Callbacks", operation_id = "give_vietqr_vn_token",
    request_body(content = serde_json::Value, content_type = "application/json", description = "Nothing that we read", example = json!({})),
    responses((status = 200, body = VietqrVnToken, description = "The token"),
              (status = 400, body = VietqrVnRefusal, description = "Not the name and the password")),
    extensions(("x-roles" = json!(["anonymous"])), ("x-problems" = json!(["not_found"]))))]
#[post("/v1/callbacks/vietqr-vn/api/token_generate")]
async fn give_vietqr_vn_token(request: HttpRequest, app: Data<App>) -> Result<HttpResponse> {
    let provider = app.providers.vietqr_vn.as_ref().ok_or(CommonProblem::NotFound)?;
    let mut sent = request.headers().get_all("authorization");
    let authorization = match (sent.next(), sent.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    };
    let answer = provider.token_answer(authorization, app.db.clock.now());
    Ok(in_their_words(provider as &dyn Provider, answer))
}

/// Receive a transfer of VietQR.vn (transaction-sync).
///
/// For VietQR.vn only: with a token of ours as Bearer authorisation; nothing is signed. 200 with our number of the
/// transfer once it is stored, the same number for every repetition; 400 when it cannot be read, 401 when it is not
/// believed, 5xx when VietQR.vn should come again. Not limited by rate; of more than 32 at once the rest is asked to
/// come again.
#[utoipa::path(tag = "Callbacks", operation_id = "receive_vietqr_vn_transfer",
    request_body(content = serde_json::Value, content_type = "application/json", description = "As VietQR.vn writes it",
        example = json!({"transactionid": "a2f1c6b0-0001-4a2b-9c3d-000000000042", "transactiontime": 1_795_428_983_000_i64,
            "referencenumber": "FT26327000111", "amount": 900_000, "content": "VQR712a7d45ea HG4T9K2M7",
            "bankaccount": "8206205123456", "transType": "C", "orderId": "HG4T9K2M7"})),
    responses((status = 200, body = VietqrVnAnswer, description = "Stored",
                  example = json!({"error": false, "errorReason": "000", "toastMessage": "",
                      "object": {"reftransactionid": "5f0c2e9b7a1d4c3e8b6f0a2d4c6e8f01"}})),
              (status = 400, body = VietqrVnAnswer, description = "Not to be read",
                  example = json!({"error": true, "errorReason": "400", "toastMessage": "Bad request", "object": {"reftransactionid": ""}})),
              (status = 401, body = VietqrVnAnswer, description = "Not believed",
                  example = json!({"error": true, "errorReason": "401", "toastMessage": "Unauthorized", "object": {"reftransactionid": ""}})),
              (status = 503, body = VietqrVnAnswer, description = "Come again",
                  example = json!({"error": true, "errorReason": "503", "toastMessage": "Unavailable", "object": {"reftransactionid": ""}}))),
    extensions(("x-roles" = json!(["anonymous"])), ("x-problems" = json!(["not_found", "body_too_large"]))))]
#[post("/v1/callbacks/vietqr-vn/bank/api/transaction-sync")]
async fn receive_vietqr_vn_transfer(
    request: HttpRequest,
    app: Data<App>,
    source: ClientAddress,
    body: Bytes,
) -> Result<HttpResponse> {
    let provider = app.providers.find(ProviderId::VietqrVn).ok_or(CommonProblem::NotFound)?;
    answer(&app, provider, &request, source, &body).await
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(receive_payos_webhook).service(receive_momo_ipn).service(receive_zalopay_callback);
    cfg.service(give_vietqr_vn_token).service(receive_vietqr_vn_transfer);
}
