//! How providers are: what they answer, what they tell, and how long it takes them.
//!
//! Calls are counted by minute when they end, so that nobody looks through what they did; everything else is read from
//! the last few rows of an index.

mod api;
mod store;

pub use api::routes;
pub use store::{Called, called, purge};
