//! What those who run the platform need: whether it lives, whether it is ready, its figures, what money waits for, and the
//! invariants that must hold over the whole database.

mod api;
mod check;
mod counters;
mod gauges;
mod store;
mod waiting_api;

pub use api::routes;
pub use check::{
    INVARIANTS, MIGRATIONS, Violation, check, clock_fault, connections_fault, pending_migrations, startup_faults,
};
pub use counters::{Counters, count_requests};

use crate::kernel::error::Problem;

/// The slice refuses nothing by a name of its own.
pub const PROBLEMS: &[&[Problem]] = &[];
