//! What the platform takes of a sale, and what it withholds of it for the state.
//!
//! Promises: a fee is announced at least [`NOTICE_DAYS`] days ahead and never changed, so the schedule in force on the day on
//! which an order was placed is the frozen one, and placing an order costs no statement for it; what a product is for the
//! tax office is frozen in the same way; tax is withheld by line, by a rule that names its source, when an order ends as
//! sold, which is the moment that the platform's rules publish; what a refund after that takes back of fee and tax is taken
//! back with it; all of it moves in the books in the transaction of the fact.
//!
//! Cooperatives and companies declare themselves (Law 108/2025, article 43): nothing is withheld of them. Raw produce of
//! one's own is exempt for whoever lives in the commune where it was grown, or next to it (Decree 253/2026, article 21);
//! of others it is taxed as traded. Where the texts contradict each other, [`Reading`] says which is followed.
//!
//! The rounding of fees and taxes stands in one place, the function `part` of the model: half up to a whole đồng, of every
//! line by itself; what is left is the producer's.

mod api;
mod categories;
mod charge;
mod ended;
mod model;
mod producer_api;
mod public_api;
mod schedules;
mod store;
mod views;

use utoipa_actix_web::service_config::ServiceConfig;

pub use charge::{Late, Sale, SoldLine, give_back, take};
pub use ended::{Happened, happened_in};
pub use model::{ChargeRefusal, NOTICE_DAYS, Reading, TaxCategory, TaxReason};
pub use schedules::tell as tell_fee;

use crate::kernel::error::Problem;

pub const PROBLEMS: &[&[Problem]] = &[ChargeRefusal::PROBLEMS];

pub fn routes(cfg: &mut ServiceConfig) {
    public_api::routes(cfg);
    producer_api::routes(cfg);
    api::routes(cfg);
}
