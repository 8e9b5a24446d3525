use serde_json::json;

use super::guard;
use super::model::{ENDPOINTS_MAX, Endpoint, EndpointStatus, EventType, Owner, WebhookRefusal};
use super::{signature, store};
use crate::audit;
use crate::kernel::error::CommonProblem;
use crate::kernel::input::FaultCode;
use crate::kernel::{Error, Result, Tx, WebhookEndpointId};

/// What an owner wants of an endpoint.
#[derive(Debug, Clone)]
pub struct Wish {
    pub url: String,
    /// None for all.
    pub event_types: Vec<EventType>,
    pub status: EndpointStatus,
}

pub fn list(tx: &mut Tx<'_>) -> Result<Vec<Endpoint>> {
    let owner = Owner::of(tx)?;
    store::endpoints(tx, owner)
}

/// One of the actor's own.
pub fn find(tx: &mut Tx<'_>, id: WebhookEndpointId) -> Result<Endpoint> {
    let owner = Owner::of(tx)?;
    store::endpoint(tx, owner, id)?.ok_or_else(|| CommonProblem::NotFound.into())
}

pub fn create(tx: &mut Tx<'_>, to_local: bool, wish: &Wish) -> Result<Endpoint> {
    let owner = Owner::of(tx)?;
    must_be_callable(&wish.url, to_local)?;
    store::lock_owner(tx, owner)?;
    if store::count_endpoints(tx, owner)? >= ENDPOINTS_MAX {
        return Err(WebhookRefusal::TooManyEndpoints.into());
    }
    let endpoint = store::insert_endpoint(tx, owner, wish)?;
    audit::write(tx, "webhook.endpoint_created", "webhook_endpoint", endpoint.id.0, json!({}))?;
    Ok(endpoint)
}

/// Over the version that was seen; `None` when it has changed since.
pub fn change(tx: &mut Tx<'_>, to_local: bool, seen: &Endpoint, wish: &Wish) -> Result<Option<Endpoint>> {
    Owner::of(tx)?;
    must_be_callable(&wish.url, to_local)?;
    let changed = store::change_endpoint(tx, seen, wish)?;
    if let Some(endpoint) = &changed {
        let status = json!({"status": endpoint.status});
        audit::write(tx, "webhook.endpoint_changed", "webhook_endpoint", endpoint.id.0, status)?;
    }
    Ok(changed)
}

/// With its deliveries; what is on its way is not sent any more.
pub fn remove(tx: &mut Tx<'_>, id: WebhookEndpointId) -> Result<()> {
    find(tx, id)?;
    store::delete_endpoint(tx, id)?;
    audit::write(tx, "webhook.endpoint_removed", "webhook_endpoint", id.0, json!({}))
}

/// A new secret; the one before signs beside it for a day, so that receivers can change over.
pub fn rotate(tx: &mut Tx<'_>, id: WebhookEndpointId) -> Result<Endpoint> {
    find(tx, id)?;
    let endpoint = store::rotate(tx, id, tx.now + signature::OVERLAP)?;
    audit::write(tx, "webhook.secret_rotated", "webhook_endpoint", id.0, json!({}))?;
    Ok(endpoint)
}

fn must_be_callable(url: &str, to_local: bool) -> Result<()> {
    match guard::read_url(url, to_local) {
        Some(_) => Ok(()),
        None => Err(Error::invalid("/url", FaultCode::Malformed, "https://…")),
    }
}
