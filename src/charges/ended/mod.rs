//! What was sold in a time, and what of sales went back in it: what invoices are written of.

mod store;

pub use store::{Happened, happened_in};
