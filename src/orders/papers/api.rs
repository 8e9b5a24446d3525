use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::gather::{contract_paper, order_paper, packing_paper};
use super::manifest::manifest_paper;
use crate::app::App;
use crate::documents::{self, PDF};
use crate::kernel::http::{self, BuyerSurface, PathId, ProducerSurface};
use crate::kernel::{Actor, CollectionRunId, OrderId, Result, Tx};
use crate::orders::model::{Order, Side};
use crate::orders::move_order::readable;

/// A paper.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary, max_length = 2_000_000)]
#[expect(dead_code, reason = "describes bytes")]
struct Paper(Vec<u8>);

/// Gathers what stands on a paper of one's own order, and draws it when the transaction is over.
async fn paper<T: Send + 'static>(
    app: &Data<App>,
    actor: &Actor,
    (side, id): (Side, OrderId),
    gather: fn(&mut Tx<'_>, &Order) -> Result<T>,
    draw: fn(&T) -> Result<Vec<u8>>,
) -> Result<HttpResponse> {
    let gathering = app.db.read(actor, move |tx| {
        let order = readable(tx, side, id)?;
        gather(tx, &order)
    });
    http::file(PDF, gathering, draw).await
}

/// Download the confirmation of one of my orders.
///
/// A PDF in Vietnamese with everything that was ordered, what it costs and whether it is paid.
#[utoipa::path(tag = "Buying", operation_id = "show_order_confirmation", params(("id" = OrderId, Path, description = "The order")),
    responses((status = 200, content_type = "application/pdf", body = inline(Paper), description = "The paper")),
    extensions(("x-roles" = json!(["buyer"])), ("x-problems" = json!(["not_found"]))))]
#[get("/v1/buyer/orders/{id}/confirmation.pdf")]
async fn show_order_confirmation(app: Data<App>, actor: BuyerSurface, id: PathId<OrderId>) -> Result<HttpResponse> {
    paper(&app, &actor.0, (Side::Buyer, id.0), order_paper, documents::order_confirmation).await
}

/// Download the contract of one of my orders on paper.
///
/// A PDF in Vietnamese of what was confirmed before ordering (Law 19/2023, article 38); word for word and with its hash
/// it is at `…/contract`.
#[utoipa::path(tag = "Buying", operation_id = "show_contract_paper", params(("id" = OrderId, Path, description = "The order")),
    responses((status = 200, content_type = "application/pdf", body = inline(Paper), description = "The paper")),
    extensions(("x-roles" = json!(["buyer"])), ("x-problems" = json!(["not_found"]))))]
#[get("/v1/buyer/orders/{id}/contract.pdf")]
async fn show_contract_paper(app: Data<App>, actor: BuyerSurface, id: PathId<OrderId>) -> Result<HttpResponse> {
    paper(&app, &actor.0, (Side::Buyer, id.0), contract_paper, documents::contract_summary).await
}

/// Download the packing list of an order of my inbox.
///
/// A PDF in Vietnamese to lay into the parcel: goods, lots and weights, without prices, and without what a harvest did not
/// bring.
#[utoipa::path(tag = "Selling", operation_id = "show_packing_list", params(("id" = OrderId, Path, description = "The order")),
    responses((status = 200, content_type = "application/pdf", body = inline(Paper), description = "The paper")),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["not_found"]))))]
#[get("/v1/producer/orders/{id}/packing-list.pdf")]
async fn show_packing_list(app: Data<App>, actor: ProducerSurface, id: PathId<OrderId>) -> Result<HttpResponse> {
    paper(&app, &actor.0, (Side::Producer, id.0), packing_paper, documents::packing_list).await
}

/// Download the manifest of my run on paper.
///
/// A PDF in Vietnamese for the driver: where goods wait, of which orders, what they weigh and their share of the cost,
/// where each parcel is brought, and room to sign. What was called off is not on it.
#[utoipa::path(tag = "Shipping", operation_id = "show_run_manifest_paper",
    params(("id" = CollectionRunId, Path, description = "The run")),
    responses((status = 200, content_type = "application/pdf", body = inline(Paper), description = "The paper")),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["not_found", "producers.not_registered"]))))]
#[get("/v1/producer/collection-runs/{id}/manifest.pdf")]
async fn show_run_manifest_paper(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<CollectionRunId>,
) -> Result<HttpResponse> {
    let gathering = app.db.read(&actor.0, move |tx| manifest_paper(tx, id.0));
    http::file(PDF, gathering, documents::pick_up_manifest).await
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(show_order_confirmation)
        .service(show_contract_paper)
        .service(show_packing_list)
        .service(show_run_manifest_paper);
}
