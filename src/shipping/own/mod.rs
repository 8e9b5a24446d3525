//! Where a producer brings goods himself, and for what.

mod api;
mod store;

pub use api::routes;
