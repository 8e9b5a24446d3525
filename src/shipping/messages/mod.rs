//! The messages of carriers: each genuine one is kept as it came before anything is done about it.

mod callbacks_api;
mod receive;
mod store;

pub use callbacks_api::routes;
pub use receive::take_up;
pub use store::{MessageOutcome, purge};
