//! Parcels: opened for an order, booked with a carrier or brought by hand, followed to their end.

mod along;
mod api;
mod booking;
mod events;
mod open;
mod report;
mod reports_api;
mod store;
mod views;

pub use along::bring_along;
pub use booking::{BookingStatus, ask, book, cancel, cancel_booking, learn_code, plan_cancelling, poll};
pub use events::{Heard, NewEvent, Source, last_note, record};
pub use open::{NewShipment, Recipient, open};
pub use report::move_by_hand;
pub use store::{Shipment, find, heard_of, lock_all, lock_own, told_by_carrier};

pub fn routes(cfg: &mut utoipa_actix_web::service_config::ServiceConfig) {
    api::routes(cfg);
    reports_api::routes(cfg);
}
