//! Shared runs: one vehicle collects the goods of several producers of a commune and its neighbours.
//!
//! A producer, usually the cooperative, organizes a run; others join with parcels that go `pooled`. At the departure
//! what the run costs is shared by weight to the đồng, and every parcel on board is on its way.

mod api;
mod model;
mod operate;
mod store;
mod views;

pub use api::routes;
pub use model::RunStatus;
pub use operate::{Manifest, manifest};
pub use store::Stop;
