//! The way of all money out of our bank account.
//!
//! Promises: one switch stops all of it. Whoever sends asks [`must_flow`] or [`is_stopped`] in the transaction that writes
//! that it sends, which holds the switch until then, so once a stop is answered nothing is sent any more. One operator
//! stops, and another one starts.

mod api;
mod model;
mod store;
mod switch;

use utoipa_actix_web::service_config::ServiceConfig;

pub use model::OutgoingRefusal;
pub use switch::{is_stopped, must_flow, start, stop};

use crate::kernel::error::Problem;

pub const PROBLEMS: &[&[Problem]] = &[OutgoingRefusal::PROBLEMS];

pub fn routes(cfg: &mut ServiceConfig) {
    api::routes(cfg);
}
