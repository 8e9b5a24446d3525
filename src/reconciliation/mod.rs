//! What providers say of a day against what we know, and what two people correct.
//!
//! A provider's word of a day is a file that an operator sends, read by rules that an operator configured, or its list as
//! we ask for it every night. Both are kept as they came and compared in the same way: what agrees is settled in the books
//! (`settlement`, `provider_fee`), so that nothing of a settled day stands in clearing; what does not is an exception.
//!
//! A carrier settles the cash that it collected in the same way, days after it: what it has not settled for long is an
//! exception without a file.
//!
//! Promises: the same bytes are one file however often they are sent; a file is read whole or every fault of it is named,
//! and nothing of it is kept; each movement is settled once; an exception ends only by a decision that one operator
//! proposes and another approves, or because a later word agrees; what a correction posts is posted in the transaction of
//! its approval. Money that a provider lists and never told us goes the way of its notices.

mod api;
mod compare;
mod decisions;
mod exceptions;
mod import;
mod mappings;
mod model;
mod nightly;
mod reading;
mod settle;
mod store;
mod views;

use utoipa_actix_web::service_config::ServiceConfig;

pub use decisions::{CorrectableAccount, DecisionKind, DecisionStatus};
pub use model::{ExceptionKind, ExceptionStatus, FileFormat, LineKind, ReconciliationRefusal, SettlementSource};
pub use nightly::{list_transactions, next_round, round};

use crate::kernel::error::Problem;

/// Settlement files as they are read, for the targets of `tests/fuzz`.
#[cfg(fuzzing)]
pub mod fuzzing {
    pub use super::mappings::SettlementRules;
    pub use super::reading::{Row, lines, tables};
}

pub const PROBLEMS: &[&[Problem]] = &[ReconciliationRefusal::PROBLEMS];

pub fn routes(cfg: &mut ServiceConfig) {
    api::routes(cfg);
    mappings::routes(cfg);
    exceptions::routes(cfg);
    decisions::routes(cfg);
}
