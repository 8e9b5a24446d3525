//! What everybody sees: published products as lists, searches and pages.
//!
//! Lists read the table `offers`, which the database keeps in the transaction of every change. Pages that were shown
//! before come from memory, each proven fresh first: see [`Shelf`].

mod api;
mod browse;
mod shelf;
mod store;
mod views;

pub use api::routes;
pub use browse::available;
pub use shelf::Shelf;
