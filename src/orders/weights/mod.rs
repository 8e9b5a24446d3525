//! Packing, and the price that follows the weight that is really packed.
//!
//! A buyer has paid for the weight that was ordered; what a harvest did not bring of it is owed back before. What is packed lighter is owed back in proportion, to the đồng;
//! what is packed heavier is the producer's gift, since nobody can be made to pay more than was agreed. Within
//! [`TOLERANCE_BP`] the order goes on by itself; beyond it the buyer decides whether to take less or to have it all back.

mod model;
mod pack;
mod store;

pub use model::PackedLine;
pub use pack::{accept_weight, pack};
pub use store::{Weighed, of_orders};
