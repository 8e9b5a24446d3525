//! Orders on paper, as PDF: confirmation and contract for the buyer, packing list for the producer, and for the driver of
//! a shared run its manifest.

mod api;
mod communes;
mod gather;
mod manifest;

pub use api::routes;
pub use communes::Communes;
