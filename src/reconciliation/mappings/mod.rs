//! How each provider's files are read: formats stand in contracts, so an operator says it, version by version.

mod api;
mod model;
mod store;

pub use api::routes;
#[cfg(test)]
pub use model::plain_rules;
pub use model::{AmountUnit, SettlementRules, TimeFormat};
pub use store::{Mapping, current};
