//! Cash on delivery. A buyer chooses it for a whole purchase in the place of paying ahead; each order's carrier collects
//! what it costs and owes it to us until it settles.
//!
//! Promises: what may not be paid so is refused with every reason at once, and is not offered either; of choosing, a
//! notice of money and the end of the time to pay exactly one wins, and money that comes all the same waits for a person;
//! nothing is booked before the carrier says that it delivered, and then once.

mod api;
mod choose;
mod collect;
mod model;
mod settled;
mod store;

pub use api::routes;
pub use collect::parcel_moved;
pub use settled::{cash_owed_again, cash_settled, unsettled_orders};
