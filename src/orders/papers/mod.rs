//! An order on paper: confirmation and contract for the buyer, packing list for the producer, as PDF.

mod api;
mod gather;

pub use api::routes;
