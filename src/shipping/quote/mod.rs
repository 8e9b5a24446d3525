//! What it costs to bring goods somewhere, and who may.

mod api;
mod options;
mod store;

pub use api::routes;
pub use options::{Consignment, DeliveryOption, options};
