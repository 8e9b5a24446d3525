//! What buyer and producer write to each other about an order.
//!
//! Promises: a message that was sent stays as it was written; it is numbered in the order of its conversation, so that a
//! phone on a bad line that asks for what is new misses none; the same message sent again is one; the operator reads a
//! conversation only while a complaint about its order is open, and that is on record.

mod api;
mod model;
mod read;
mod send;
mod store;

pub use api::routes;
pub use model::{MessageRefusal, Sender};

use crate::kernel::error::Problem;

pub const PROBLEMS: &[&[Problem]] = &[MessageRefusal::PROBLEMS];
