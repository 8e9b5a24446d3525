//! Corrections of the books: one operator proposes with a reason, another approves, and in that transaction it is done.
//!
//! A correction moves what no other part of the program keeps a sum of; what orders, refunds, taxes and payouts have
//! posted is corrected by their own operations. An exception ends only when nothing of it is left standing in clearing.

mod api;
mod decide;
mod model;
mod propose;
mod store;

pub use api::routes;
pub use model::{CorrectableAccount, DecisionKind, DecisionStatus};
