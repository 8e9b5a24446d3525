use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use utoipa_actix_web::service_config::ServiceConfig;

use super::store;
use super::views::{Reader, ShipmentsView};
use crate::app::App;
use crate::kernel::error::CommonProblem;
use crate::kernel::http::{self, BuyerSurface, PathId, ProducerSurface};
use crate::kernel::{Audience, OrderId, Result};
use crate::producers;

/// Follow the parcels of my order.
///
/// Each with its timeline: what was said, when, and by whom, in the same words whoever brings it.
#[utoipa::path(tag = "Shipping", operation_id = "list_buyer_shipments",
    params(("id" = OrderId, Path, description = "The order")), responses((status = 200, body = ShipmentsView)),
    extensions(("x-roles" = json!(["buyer"])), ("x-problems" = json!(["not_found"]))))]
#[get("/v1/buyer/orders/{id}/shipments")]
async fn list_buyer_shipments(
    request: HttpRequest,
    app: Data<App>,
    actor: BuyerSurface,
    id: PathId<OrderId>,
) -> Result<HttpResponse> {
    let view = app
        .db
        .read(&actor.0, move |tx| {
            let buyer_id = tx.who.must(Audience::Buyer)?;
            if !store::is_buyers_order(tx, buyer_id, id.0)? {
                return Err(CommonProblem::NotFound.into());
            }
            ShipmentsView::of_order(tx, id.0, Reader::Buyer)
        })
        .await?;
    http::json(&request, None, &view)
}

/// Follow the parcels of an order of my inbox.
///
/// Each with its timeline, what became of its booking, and what I may report.
#[utoipa::path(tag = "Shipping", operation_id = "list_producer_shipments",
    params(("id" = OrderId, Path, description = "The order")), responses((status = 200, body = ShipmentsView)),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["not_found", "producers.not_registered"]))))]
#[get("/v1/producer/orders/{id}/shipments")]
async fn list_producer_shipments(
    request: HttpRequest,
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<OrderId>,
) -> Result<HttpResponse> {
    let view = app
        .db
        .read(&actor.0, move |tx| {
            let producer_id = producers::registered(tx)?;
            if !store::is_producers_order(tx, producer_id, id.0)? {
                return Err(CommonProblem::NotFound.into());
            }
            ShipmentsView::of_order(tx, id.0, Reader::Producer)
        })
        .await?;
    http::json(&request, None, &view)
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list_buyer_shipments).service(list_producer_shipments);
}
