//! By which numbers and names carriers know the communes of today.

mod api;
mod csv;
mod import;
mod store;

pub use api::routes;
/// For the targets of `tests/fuzz`.
#[cfg(fuzzing)]
pub use csv::read as read_list;
pub use import::import_csv;
pub use store::{spots, unmapped};
