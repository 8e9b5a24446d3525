//! What carriers and pooled runs cost, in versions that begin on a day and are never changed.

mod api;
mod create;
mod store;

pub use api::routes;
