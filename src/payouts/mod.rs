//! Paying producers what they have with us.
//!
//! What is due is the producer's balance in the books: sales of completed orders less fees, taxes and refunds, and less what
//! carriers collected in cash for them and have not settled. A debt is
//! taken from what is sold next, since it is in the balance. Once a week, on a configured day in Vietnam, and whenever an
//! operator does it by hand, a run pays everybody who has at least the minimum and a verified bank account past its wait:
//! the amount leaves the balance at once, which the database refuses beyond what is there, and becomes a transfer that two
//! persons approve. What is not in a run yet is the next payout: it is open, and the run is its cut-off.
//!
//! A payout is one transfer of [`crate::outgoing`], whose machine it has; [`PayoutStatus`] are its words. A clear failure
//! returns the money to the balance, and the next run pays it by a new transfer.

mod api;
mod ended;
mod held;
mod model;
mod next;
mod producer_api;
mod run;
mod store;
mod views;

use utoipa_actix_web::service_config::ServiceConfig;

pub use ended::ended;
pub use model::{PayoutRefusal, PayoutRules, PayoutStatus, next_run_on, run_at};
pub use run::{run_by_hand, run_weekly};

use crate::kernel::error::Problem;

pub const PROBLEMS: &[&[Problem]] = &[PayoutRefusal::PROBLEMS];

pub fn routes(cfg: &mut ServiceConfig) {
    producer_api::routes(cfg);
    api::routes(cfg);
}
