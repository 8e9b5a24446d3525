//! What a carrier is asked: to take a parcel, to leave it, and where it is.

mod book;
mod cancel;
mod model;
mod poll;
mod store;

pub use book::{book, cancel_booking};
pub use cancel::{cancel, plan_cancelling};
pub use model::{BookingEvent, BookingStatus};
pub use poll::{ask, poll};
pub use store::{learn_code, move_booking, set_waybill};
