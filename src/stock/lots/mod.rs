//! Lots: what was harvested or packed together, with its dates, from the field to the buyer.
//!
//! A lot counts in the stock while it is open or closed; when its last day is over or it is recalled, all of it leaves
//! what can be sold at once, and what unpaid checkouts hold of it stays held until they end. Whoever changes a lot
//! locks its row first and then the levels of its variants in id order; sales lock only levels.

mod api;
mod close;
mod edit;
mod expire;
mod model;
mod open;
mod operator_api;
mod recall;
mod store;
mod views;

pub use api::routes;
pub use expire::expire;
pub use model::{Lot, LotCode, LotRefusal, LotStatus, NewLot};
pub use open::{label, open_or_find};
pub use store::{Filter, LotOrder, find, list, lock_own, orders_of};
pub use views::LotView;
