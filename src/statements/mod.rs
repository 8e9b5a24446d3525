//! A producer's account for a span of days as files: what was there, every movement with its reason, and what is there.
//!
//! It stands on the books alone, and names orders as their buyers know them.

mod api;
mod gather;
mod render;

pub use api::routes;
