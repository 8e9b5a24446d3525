//! The HTTP interfaces of the demo's carriers, as their papers of 2026 describe them, as far as the market asks.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;

use actix_web::web::{Data, Json, Path};
use actix_web::{App, HttpResponse, HttpServer, web};
use serde_json::{Value, json};

use super::carriers::Desks;
use crate::kernel::time::vietnam;
use crate::shipping::Carrier;

/// Đồng that every parcel costs.
const FEE: i64 = 25_000;

type Shared = Data<Desks>;

/// Answers on a free port of this machine until the process ends; where.
pub fn serve(desks: Arc<Desks>) -> Result<String, String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(|e| e.to_string())?;
    let address = listener.local_addr().map_err(|e| e.to_string())?;
    let shared: Shared = Data::from(desks);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(shared.clone())
            .service(
                web::scope("/ghn/v2")
                    .route("/shipping-order/fee", web::post().to(ghn_fee))
                    .route("/shipping-order/create", web::post().to(ghn_create))
                    .route("/shipping-order/detail-by-client-code", web::post().to(ghn_detail))
                    .route("/switch-status/cancel", web::post().to(ghn_cancel)),
            )
            .service(
                web::scope("/ghtk/services/shipment")
                    .route("/fee", web::get().to(ghtk_fee))
                    .route("/order", web::post().to(ghtk_create))
                    .route("/v2/partner_id:{reference}", web::get().to(ghtk_detail))
                    .route("/cancel/{code}", web::post().to(ghtk_cancel)),
            )
            .service(
                web::scope("/viettel-post/v2/order")
                    .route("/getPrice", web::post().to(viettel_post_fee))
                    .route("/createOrder", web::post().to(viettel_post_create))
                    .route("/UpdateOrder", web::post().to(viettel_post_cancel)),
            )
    });
    let server = server.workers(1).disable_signals().listen(listener).map_err(|e| e.to_string())?;
    actix_web::rt::spawn(server.run());
    Ok(format!("http://{address}"))
}

fn text<'a>(body: &'a Value, pointer: &str) -> &'a str {
    body.pointer(pointer).and_then(Value::as_str).unwrap_or("")
}

fn ghn(data: Value) -> HttpResponse {
    HttpResponse::Ok().json(json!({"code": 200, "message": "Success", "data": data}))
}

async fn ghn_fee() -> HttpResponse {
    ghn(json!({"total": FEE}))
}

async fn ghn_create(desks: Shared, body: Json<Value>) -> HttpResponse {
    let (code, _) = desks.book(Carrier::Ghn, text(&body, "/client_order_code"));
    ghn(json!({"order_code": code, "total_fee": FEE}))
}

async fn ghn_detail(desks: Shared, body: Json<Value>) -> HttpResponse {
    match desks.find(Carrier::Ghn, text(&body, "/client_order_code")) {
        Some(seen) => ghn(json!([{"order_code": seen.code, "status": seen.raw_code,
                                  "updated_date": seen.moved_at.to_rfc3339()}])),
        None => {
            HttpResponse::BadRequest().json(json!({"code": 400, "message": "Đơn hàng không tồn tại", "data": null}))
        }
    }
}

async fn ghn_cancel(desks: Shared, body: Json<Value>) -> HttpResponse {
    let is_off = desks.call_off(Carrier::Ghn, text(&body, "/order_codes/0"));
    ghn(json!([{"result": is_off, "message": if is_off { "OK" } else { "Đơn hàng đã lấy" }}]))
}

async fn ghtk_fee() -> HttpResponse {
    HttpResponse::Ok().json(json!({"success": true, "fee": {"fee": FEE}}))
}

async fn ghtk_create(desks: Shared, body: Json<Value>) -> HttpResponse {
    let (label, is_new) = desks.book(Carrier::Ghtk, text(&body, "/order/id"));
    if is_new {
        return HttpResponse::Ok().json(json!({"success": true, "order": {"label": label, "fee": FEE}}));
    }
    let error = json!({"code": "ORDER_ID_EXIST", "ghtk_label": label});
    HttpResponse::Ok().json(json!({"success": false, "message": "Mã đơn hàng đã tồn tại", "error": error}))
}

async fn ghtk_detail(desks: Shared, reference: Path<String>) -> HttpResponse {
    match desks.find(Carrier::Ghtk, &reference) {
        Some(seen) => {
            let modified = vietnam(seen.moved_at).format("%Y-%m-%d %H:%M:%S").to_string();
            let order = json!({"label_id": seen.code, "status": seen.raw_code, "modified": modified});
            HttpResponse::Ok().json(json!({"success": true, "order": order}))
        }
        None => HttpResponse::Ok().json(json!({"success": false, "message": "Không tìm thấy đơn hàng"})),
    }
}

async fn ghtk_cancel(desks: Shared, code: Path<String>) -> HttpResponse {
    let is_off = desks.call_off(Carrier::Ghtk, &code);
    HttpResponse::Ok().json(json!({"success": is_off, "message": if is_off { "" } else { "Đơn hàng đã lấy" }}))
}

async fn viettel_post_fee() -> HttpResponse {
    HttpResponse::Ok().json(json!({"error": false, "data": {"MONEY_TOTAL": FEE}}))
}

async fn viettel_post_create(desks: Shared, body: Json<Value>) -> HttpResponse {
    let (code, is_new) = desks.book(Carrier::ViettelPost, text(&body, "/ORDER_NUMBER"));
    if is_new {
        let data = json!({"ORDER_NUMBER": code, "MONEY_TOTAL": FEE});
        return HttpResponse::Ok().json(json!({"error": false, "message": "OK", "data": data}));
    }
    HttpResponse::Ok().json(json!({"error": true, "message": "Mã đơn hàng đã tồn tại", "data": null}))
}

async fn viettel_post_cancel(desks: Shared, body: Json<Value>) -> HttpResponse {
    let is_off = desks.call_off(Carrier::ViettelPost, text(&body, "/ORDER_NUMBER"));
    HttpResponse::Ok().json(json!({"error": !is_off, "message": if is_off { "OK" } else { "Đơn hàng đã lấy" }}))
}
