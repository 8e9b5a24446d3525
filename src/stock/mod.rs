//! How much of each variant is there, in which lots it lies, and how much of it is promised.
//!
//! Every unit belongs to a lot; goods without dates lie in their variant's undated one. A lot's level has an `on_hand`,
//! which counts what the producer has, and `reserved`, which is what unpaid checkouts hold of it; the variant's level is
//! the sum of those lots that can be sold, and the catalogue shows it. CHECKs keep 0 ≤ reserved ≤ on_hand whatever
//! happens. The lock of the variant's level guards its lots', and levels are locked in id order, so nothing is ever sold
//! twice and no two buyers deadlock. What expires first is sold first, and nothing on the day after its last. What is sold
//! before its harvest lies in the planned lot of that harvest. Every change has a movement that says why.

mod adjust;
mod api;
mod count;
mod lots;
mod model;
mod plans;
mod reserve;
mod store;
mod views;

pub use api::routes;
pub use lots::{
    Lot, LotCode, LotOrder, LotRefusal, LotStatus, NewLot, expire as expire_lots, find as find_lot,
    orders_of as orders_of_lot,
};
pub use model::{Hold, Level, MovementKind, ReservationStatus, StockRefusal};
pub use plans::{
    Plan, end as end_plan, free as plan_free, lock as lock_plan, lot_of as planned_lot, open as open_plan,
    ordered as plan_ordered, shorten, stop as stop_plan, wanted as plan_wanted,
};
pub use reserve::{Held, LotPart, consume, give_back, hold, lots_of, release};
pub use store::{levels, open};

use crate::kernel::error::Problem;

pub const PROBLEMS: &[&[Problem]] = &[StockRefusal::PROBLEMS, LotRefusal::PROBLEMS];
