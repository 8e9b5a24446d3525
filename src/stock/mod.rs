//! How much of each variant is there, and how much of it is promised.
//!
//! `on_hand` counts what the producer has, `reserved` what unpaid checkouts hold of it; a CHECK keeps
//! 0 ≤ reserved ≤ on_hand whatever happens. Reserving is a conditional update after locking the rows in id order, so
//! nothing is ever sold twice and no two buyers deadlock. Every change of `on_hand` has a movement that says why.

mod adjust;
mod api;
mod model;
mod reserve;
mod store;

pub use api::routes;
pub use model::{Hold, Level, MovementKind, StockRefusal};
pub use reserve::{consume, give_back, hold, release};
pub use store::{levels, open};

use crate::kernel::error::Problem;

pub const PROBLEMS: &[&[Problem]] = &[StockRefusal::PROBLEMS];
