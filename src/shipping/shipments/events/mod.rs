//! What was said of a parcel, once each, and where that leaves it.

mod decide;
mod record;
mod store;

pub use record::{Heard, NewEvent, Source, record};
pub use store::{Event, events_of, last_note, last_raw_code};
