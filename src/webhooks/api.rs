//! Routes of a producer's endpoints, deliveries and events.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::surface_api;
use super::views::{
    self, EndpointChange, EndpointList, EndpointSecrets, EndpointView, EventView, EventWish, NewEndpoint, ReplaySince,
    Replayed, WebhookDeliveryDetail, WebhookDeliveryView, WebhookDeliveryWish,
};
use crate::app::App;
use crate::kernel::http::{self, Command, IfMatch, NoBody, Page, PathId, ProducerSurface, Query};
use crate::kernel::{Result, WebhookDeliveryId, WebhookEndpointId};

const BASE: &str = "/v1/producer/webhook-endpoints";

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list_endpoints)
        .service(create_endpoint)
        .service(show_endpoint)
        .service(change_endpoint)
        .service(remove_endpoint)
        .service(show_secrets)
        .service(rotate_secret)
        .service(replay_since)
        .service(list_deliveries)
        .service(show_delivery)
        .service(replay_one)
        .service(list_events);
}

/// List one's own endpoints.
///
/// In the order in which they were made.
#[utoipa::path(tag = "Webhooks", operation_id = "list_webhook_endpoints",
    responses((status = 200, body = EndpointList, description = "Endpoints")),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["producers.not_registered"]))))]
#[get("/v1/producer/webhook-endpoints")]
async fn list_endpoints(app: Data<App>, actor: ProducerSurface, request: HttpRequest) -> Result<HttpResponse> {
    surface_api::list(&request, &app, &actor.0).await
}

/// Make an endpoint.
///
/// It is sent every event of its types that happens from now on, signed by the Standard Webhooks specification: verify
/// `webhook-signature` with the endpoint's secret, and take `webhook-id` twice as once. Answer 2xx within 15 seconds;
/// anything else is tried again for two days, and 410 switches the endpoint off.
#[utoipa::path(tag = "Webhooks", operation_id = "create_webhook_endpoint", request_body = NewEndpoint,
    responses((status = 201, body = EndpointView, description = "The endpoint")),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["producers.not_registered", "webhooks.too_many_endpoints"]))))]
#[post("/v1/producer/webhook-endpoints")]
async fn create_endpoint(
    app: Data<App>,
    actor: ProducerSurface,
    command: Command<NewEndpoint>,
) -> Result<HttpResponse> {
    surface_api::create(&app, &actor.0, BASE, command).await
}

/// Show an endpoint.
///
/// With the version to name in a change.
#[utoipa::path(tag = "Webhooks", operation_id = "show_webhook_endpoint",
    params(("id" = WebhookEndpointId, Path, description = "The endpoint")),
    responses((status = 200, body = EndpointView, description = "The endpoint")),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["producers.not_registered"]))))]
#[get("/v1/producer/webhook-endpoints/{id}")]
async fn show_endpoint(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<WebhookEndpointId>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    surface_api::show(&request, &app, &actor.0, id.0).await
}

/// Change an endpoint.
///
/// Only what is sent changes. What is on its way to one that is switched off is not sent any more.
#[utoipa::path(tag = "Webhooks", operation_id = "change_webhook_endpoint", request_body = EndpointChange,
    params(("id" = WebhookEndpointId, Path, description = "The endpoint")),
    responses((status = 200, body = EndpointView, description = "The changed endpoint")),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["producers.not_registered"]))))]
#[patch("/v1/producer/webhook-endpoints/{id}")]
async fn change_endpoint(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<WebhookEndpointId>,
    seen: IfMatch,
    command: Command<EndpointChange>,
) -> Result<HttpResponse> {
    surface_api::change(&app, &actor.0, (id.0, seen.0), command).await
}

/// Remove an endpoint.
///
/// With its deliveries; the events stay in their list.
#[utoipa::path(tag = "Webhooks", operation_id = "remove_webhook_endpoint", request_body = NoBody,
    params(("id" = WebhookEndpointId, Path, description = "The endpoint")),
    responses((status = 204, description = "Removed")),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["producers.not_registered"]))))]
#[delete("/v1/producer/webhook-endpoints/{id}")]
async fn remove_endpoint(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<WebhookEndpointId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    surface_api::remove(&app, &actor.0, id.0, command).await
}

/// Show what signs an endpoint's events.
///
/// For a day after a rotation there are two, and each event is signed with both.
#[utoipa::path(tag = "Webhooks", operation_id = "show_webhook_secrets",
    params(("id" = WebhookEndpointId, Path, description = "The endpoint")),
    responses((status = 200, body = EndpointSecrets, description = "Secrets")),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["producers.not_registered"]))))]
#[get("/v1/producer/webhook-endpoints/{id}/secrets")]
async fn show_secrets(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<WebhookEndpointId>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    surface_api::secrets(&request, &app, &actor.0, id.0).await
}

/// Give an endpoint a new secret.
///
/// The one before is used beside it for a day. A second rotation within the day ends the oldest at once.
#[utoipa::path(tag = "Webhooks", operation_id = "rotate_webhook_secret", request_body = NoBody,
    params(("id" = WebhookEndpointId, Path, description = "The endpoint")),
    responses((status = 200, body = EndpointView, description = "The endpoint")),
    extensions(("x-roles" = json!(["producer"])), ("x-idempotency" = json!("required")), ("x-problems" = json!(["producers.not_registered"]))))]
#[post("/v1/producer/webhook-endpoints/{id}/rotate-secret")]
async fn rotate_secret(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<WebhookEndpointId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    surface_api::rotate(&app, &actor.0, id.0, command).await
}

/// Send an endpoint again what happened since a moment.
///
/// Delivered or not, but not what is on its way; the oldest 500.
#[utoipa::path(tag = "Webhooks", operation_id = "replay_webhook_endpoint", request_body = ReplaySince,
    params(("id" = WebhookEndpointId, Path, description = "The endpoint")),
    responses((status = 200, body = Replayed, description = "How many")),
    extensions(("x-roles" = json!(["producer"])), ("x-idempotency" = json!("required")), ("x-problems" = json!(["producers.not_registered", "webhooks.endpoint_off"]))))]
#[post("/v1/producer/webhook-endpoints/{id}/replay")]
async fn replay_since(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<WebhookEndpointId>,
    command: Command<ReplaySince>,
) -> Result<HttpResponse> {
    surface_api::replay_since(&app, &actor.0, id.0, command).await
}

/// List deliveries, the newest first.
///
/// One for each event and endpoint; kept for 90 days.
#[utoipa::path(tag = "Webhooks", operation_id = "list_webhook_deliveries",
    params(WebhookDeliveryWish),
    responses((status = 200, body = Page<WebhookDeliveryView>, description = "Deliveries")),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["producers.not_registered", "cursor_mismatch"]))))]
#[get("/v1/producer/webhook-deliveries")]
async fn list_deliveries(
    app: Data<App>,
    actor: ProducerSurface,
    request: HttpRequest,
    wish: Query<WebhookDeliveryWish>,
) -> Result<HttpResponse> {
    http::json(&request, None, &views::list_deliveries(&app, &actor.0, wish.0).await?)
}

/// Show a delivery.
///
/// With its tries and the body that is sent.
#[utoipa::path(tag = "Webhooks", operation_id = "show_webhook_delivery",
    params(("id" = WebhookDeliveryId, Path, description = "The delivery")),
    responses((status = 200, body = WebhookDeliveryDetail, description = "The delivery")),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["producers.not_registered"]))))]
#[get("/v1/producer/webhook-deliveries/{id}")]
async fn show_delivery(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<WebhookDeliveryId>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    surface_api::show_delivery(&request, &app, &actor.0, id.0).await
}

/// Send a delivery again.
///
/// From its first try, with the same id and body.
#[utoipa::path(tag = "Webhooks", operation_id = "replay_webhook_delivery", request_body = NoBody,
    params(("id" = WebhookDeliveryId, Path, description = "The delivery")),
    responses((status = 200, body = WebhookDeliveryView, description = "The delivery, on its way")),
    extensions(("x-roles" = json!(["producer"])), ("x-idempotency" = json!("required")), ("x-problems" = json!(["producers.not_registered", "webhooks.endpoint_off", "webhooks.delivery_pending"]))))]
#[post("/v1/producer/webhook-deliveries/{id}/replay")]
async fn replay_one(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<WebhookDeliveryId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    surface_api::replay_one(&app, &actor.0, id.0, command).await
}

/// List events in their order.
///
/// For systems that would rather fetch than be called. `next_cursor` is there as soon as there was an event: come again
/// with it for what is new. No event appears before one that was listed. Kept for 90 days.
#[utoipa::path(tag = "Webhooks", operation_id = "list_webhook_events",
    params(EventWish),
    responses((status = 200, body = Page<EventView>, description = "Events")),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["producers.not_registered", "cursor_mismatch"]))))]
#[get("/v1/producer/webhook-events")]
async fn list_events(
    app: Data<App>,
    actor: ProducerSurface,
    request: HttpRequest,
    wish: Query<EventWish>,
) -> Result<HttpResponse> {
    http::json(&request, None, &views::list_events(&app, &actor.0, wish.0).await?)
}
