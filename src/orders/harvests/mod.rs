//! Goods that are bought before they are harvested.
//!
//! A harvest is planned for one variant, with a cap, the days on which it can be ordered and a rule for a smaller
//! harvest; the stock keeps its lot. An order of it has nothing else in it. Once paid it waits, without a deadline,
//! until the producer says what came: then it goes on as any paid order, and what is missing of it is owed back.

mod api;
mod cancel;
mod declare;
mod model;
mod plan;
mod shortfall;
mod shown;
mod store;
mod views;
mod wait;

pub use api::routes;
pub use model::{HarvestRefusal, HarvestStatus, ShortfallRule};
pub use shown::{as_shown, of_items};
pub use store::{Harvest, missing_of};
pub use wait::wait;
