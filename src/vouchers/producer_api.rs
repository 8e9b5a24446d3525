//! Routes of a producer's own vouchers.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, post};

use super::api::{NewVoucher, VoucherQuery, VoucherView, list, moved, show};
use super::create;
use super::model::VoucherEvent;
use crate::app::App;
use crate::kernel::http::{Answer, Command, KeyRule, NoBody, Page, PathId, ProducerSurface, Query};
use crate::kernel::{Result, VoucherId};

pub fn routes(cfg: &mut utoipa_actix_web::service_config::ServiceConfig) {
    cfg.service(create_producer_voucher)
        .service(list_producer_vouchers)
        .service(show_producer_voucher)
        .service(pause_producer_voucher)
        .service(resume_producer_voucher)
        .service(end_producer_voucher);
}

/// Make a voucher for the own goods, at the own cost.
///
/// It never applies to spirits. Its limits and its days cannot be changed later: end it and make another.
#[utoipa::path(tag = "Vouchers", operation_id = "create_producer_voucher", request_body = NewVoucher,
    responses((status = 201, body = VoucherView)),
    extensions(("x-roles" = json!(["producer"])),
        ("x-problems" = json!(["vouchers.code_taken", "producers.not_registered", "producers.not_approved"]))))]
#[post("/v1/producer/vouchers")]
async fn create_producer_voucher(
    app: Data<App>,
    actor: ProducerSurface,
    command: Command<NewVoucher>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Accepted, |tx, new| {
            let view = VoucherView::from(create::by_producer(tx, new)?);
            Answer::created(&view, format!("/v1/producer/vouchers/{}", view.id))
        })
        .await
}

/// List the own vouchers.
///
/// The newest first.
#[utoipa::path(tag = "Vouchers", operation_id = "list_producer_vouchers", params(VoucherQuery),
    responses((status = 200, body = Page<VoucherView>)),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["producers.not_registered"]))))]
#[get("/v1/producer/vouchers")]
async fn list_producer_vouchers(
    request: HttpRequest,
    app: Data<App>,
    actor: ProducerSurface,
    query: Query<VoucherQuery>,
) -> Result<HttpResponse> {
    list(&request, &app, &actor.0, query.0).await
}

/// Show an own voucher.
///
/// With its uses and the money spent so far.
#[utoipa::path(tag = "Vouchers", operation_id = "show_producer_voucher",
    params(("id" = VoucherId, Path, description = "Voucher")),
    responses((status = 200, body = VoucherView)),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["producers.not_registered"]))))]
#[get("/v1/producer/vouchers/{id}")]
async fn show_producer_voucher(
    request: HttpRequest,
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<VoucherId>,
) -> Result<HttpResponse> {
    show(&request, &app, &actor.0, id.0).await
}

/// Pause an own voucher.
///
/// Nobody can use it until it is resumed. Checkouts that have it keep it.
#[utoipa::path(tag = "Vouchers", operation_id = "pause_producer_voucher", request_body = NoBody,
    params(("id" = VoucherId, Path, description = "Voucher")),
    responses((status = 200, body = VoucherView)),
    extensions(("x-roles" = json!(["producer"])),
        ("x-problems" = json!(["vouchers.action_not_allowed", "producers.not_registered"]))))]
#[post("/v1/producer/vouchers/{id}/pause")]
async fn pause_producer_voucher(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<VoucherId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    moved(&app, &actor.0, command, (id.0, VoucherEvent::Pause)).await
}

/// Resume an own voucher.
///
/// Within its days and limits it can be used again.
#[utoipa::path(tag = "Vouchers", operation_id = "resume_producer_voucher", request_body = NoBody,
    params(("id" = VoucherId, Path, description = "Voucher")),
    responses((status = 200, body = VoucherView)),
    extensions(("x-roles" = json!(["producer"])),
        ("x-problems" = json!(["vouchers.action_not_allowed", "producers.not_registered"]))))]
#[post("/v1/producer/vouchers/{id}/resume")]
async fn resume_producer_voucher(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<VoucherId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    moved(&app, &actor.0, command, (id.0, VoucherEvent::Resume)).await
}

/// End an own voucher.
///
/// Final. Checkouts that have it keep it.
#[utoipa::path(tag = "Vouchers", operation_id = "end_producer_voucher", request_body = NoBody,
    params(("id" = VoucherId, Path, description = "Voucher")),
    responses((status = 200, body = VoucherView)),
    extensions(("x-roles" = json!(["producer"])),
        ("x-problems" = json!(["vouchers.action_not_allowed", "producers.not_registered"]))))]
#[post("/v1/producer/vouchers/{id}/end")]
async fn end_producer_voucher(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<VoucherId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    moved(&app, &actor.0, command, (id.0, VoucherEvent::End)).await
}
