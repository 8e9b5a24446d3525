//! What the routes of producers and of the operator do alike: whose endpoints it is about follows from the actor.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use super::views::{self, EndpointChange, NewEndpoint, ReplaySince};
use crate::app::App;
use crate::kernel::http::{self, Command, KeyRule, NoBody};
use crate::kernel::{Actor, Result, WebhookDeliveryId, WebhookEndpointId};

pub async fn list(request: &HttpRequest, app: &Data<App>, actor: &Actor) -> Result<HttpResponse> {
    let list = app.db.read(actor, views::list_endpoints).await?;
    http::json(request, None, &list)
}

/// The new endpoint stands below this address.
pub async fn create(
    app: &Data<App>,
    actor: &Actor,
    base: &'static str,
    command: Command<NewEndpoint>,
) -> Result<HttpResponse> {
    let to_local = app.config.webhooks.to_local;
    command
        .once(app, actor, KeyRule::Accepted, move |tx, input| views::create_endpoint(tx, to_local, base, input))
        .await
}

pub async fn show(
    request: &HttpRequest,
    app: &Data<App>,
    actor: &Actor,
    id: WebhookEndpointId,
) -> Result<HttpResponse> {
    let (version, view) = app.db.read(actor, move |tx| views::show_endpoint(tx, id)).await?;
    http::json(request, Some(version), &view)
}

pub async fn change(
    app: &Data<App>,
    actor: &Actor,
    seen: (WebhookEndpointId, i32),
    command: Command<EndpointChange>,
) -> Result<HttpResponse> {
    let to_local = app.config.webhooks.to_local;
    command
        .once(app, actor, KeyRule::Accepted, move |tx, input| views::change_endpoint(tx, to_local, seen, input))
        .await
}

pub async fn remove(
    app: &Data<App>,
    actor: &Actor,
    id: WebhookEndpointId,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    command.once(app, actor, KeyRule::Accepted, move |tx, _| views::remove_endpoint(tx, id)).await
}

pub async fn secrets(
    request: &HttpRequest,
    app: &Data<App>,
    actor: &Actor,
    id: WebhookEndpointId,
) -> Result<HttpResponse> {
    let key = app.config.webhooks.key.clone();
    let secrets = app.db.read(actor, move |tx| views::show_secrets(tx, &key, id)).await?;
    http::json(request, None, &secrets)
}

pub async fn rotate(
    app: &Data<App>,
    actor: &Actor,
    id: WebhookEndpointId,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    command.once(app, actor, KeyRule::Required, move |tx, _| views::rotate_secret(tx, id)).await
}

pub async fn replay_since(
    app: &Data<App>,
    actor: &Actor,
    id: WebhookEndpointId,
    command: Command<ReplaySince>,
) -> Result<HttpResponse> {
    command.once(app, actor, KeyRule::Required, move |tx, input| views::replay_since(tx, id, input)).await
}

pub async fn show_delivery(
    request: &HttpRequest,
    app: &Data<App>,
    actor: &Actor,
    id: WebhookDeliveryId,
) -> Result<HttpResponse> {
    let detail = app.db.read(actor, move |tx| views::show_delivery(tx, id)).await?;
    http::json(request, None, &detail)
}

pub async fn replay_one(
    app: &Data<App>,
    actor: &Actor,
    id: WebhookDeliveryId,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    command.once(app, actor, KeyRule::Required, move |tx, _| views::replay_one(tx, id)).await
}
