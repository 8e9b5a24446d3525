//! What was withheld for the state: its months, what a seller gets on paper, and how near the threshold a seller is.
//!
//! Promises: every line of tax belongs to the month in Vietnam in which it happened, and is declared once, in its month or
//! the first one after that is still open; what a closed month says never changes, and what was missed is declared as a
//! difference; what was withheld less what went back is what is declared, to the đồng, whatever is carried from one
//! declaration into the next; what goes to the state is said by one person and confirmed by another; certificates are
//! numbered without a gap, also when many are asked for at once; nobody is told twice of the same step to the threshold.

mod certificates;
mod gauge;
mod model;
mod periods;

use utoipa_actix_web::service_config::ServiceConfig;

pub use gauge::warn;
pub use model::TaxRefusal;
pub use periods::{PeriodEvent, PeriodStatus, TaxPaymentStatus, close};

use crate::kernel::error::Problem;

pub const PROBLEMS: &[&[Problem]] = &[TaxRefusal::PROBLEMS];

pub fn routes(cfg: &mut ServiceConfig) {
    periods::routes(cfg);
    certificates::routes(cfg);
    gauge::routes(cfg);
}
