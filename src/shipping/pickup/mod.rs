//! Stalls and hubs where buyers fetch what they bought.

mod api;
mod model;
mod store;

pub use api::routes;
pub use model::PickupPoint;
