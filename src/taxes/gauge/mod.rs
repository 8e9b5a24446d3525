//! How near a seller is to the threshold below which no tax is owed, and what to do with the tax that was withheld all the
//! same.

mod api;
mod model;
mod pack;
mod store;
mod warn;

pub use api::routes;
pub use warn::warn;
