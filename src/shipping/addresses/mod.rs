//! By which numbers and names carriers know the communes of today.

mod api;
mod store;

pub use api::routes;
pub use store::spots;
