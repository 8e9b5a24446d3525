//! Parcels: opened for an order, booked with a carrier or brought by hand, followed to their end.

mod api;
mod book;
mod cancel;
mod decide;
mod open;
mod poll;
mod record;
mod report;
mod reports_api;
mod store;
mod views;

pub use book::{book, cancel_booking};
pub use cancel::{cancel, plan_cancelling};
pub use open::{NewShipment, Recipient, open};
pub use poll::{ask, poll};
pub use record::{Heard, NewEvent, Source, record};
pub use report::move_by_hand;
pub use store::{BookingStatus, Shipment, find, heard_of, last_note, learn_code, lock_all, lock_own, told_by_carrier};

pub fn routes(cfg: &mut utoipa_actix_web::service_config::ServiceConfig) {
    api::routes(cfg);
    reports_api::routes(cfg);
}
