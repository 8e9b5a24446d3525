//! Events of ours for other systems, signed by the Standard Webhooks specification.
//!
//! An operation writes its event, and one delivery for each endpoint that wants it, in its own transaction ([`emit`]);
//! the body is made then, so it says what was so at that moment, however late it arrives. Only the worker sends. What is
//! not answered with 2xx is tried again for two days, then parked until somebody replays it; every try is kept. Whoever
//! would rather fetch than be called reads the same events in their order.
//!
//! Endpoints belong to a producer, which is told of itself, or to the operator, who is told of everything. Their signing
//! secrets are made from one key and never stored.

mod api;
mod decisions;
mod deliver;
mod emit;
mod endpoints;
mod guard;
mod model;
mod operator_api;
mod replay;
mod sender;
mod signature;
mod store;
mod surface_api;
mod views;

use utoipa_actix_web::service_config::ServiceConfig;

pub use decisions::producer_decided;
pub use deliver::{TRIES_MAX, intent, record};
pub use emit::{Event, emit};
pub use model::{DeliveryStatus, EndpointStatus, EventType, WebhookRefusal};
pub use sender::WebhookClient;
pub use store::purge;

use crate::kernel::error::Problem;

pub const PROBLEMS: &[&[Problem]] = &[WebhookRefusal::PROBLEMS];

pub fn routes(cfg: &mut ServiceConfig) {
    api::routes(cfg);
    operator_api::routes(cfg);
}
