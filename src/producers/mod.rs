//! Who sells: registration, the operator's decision, and what the law lets every buyer see of a seller.
//!
//! An account registers once. A profile changes only while nobody relies on it: as a draft, or when changes were
//! asked for. Only an approved producer may offer anything.

mod model;
mod store;
mod register;
mod edit;
mod submit;
mod terms_api;
mod decide;
mod standing;
mod api;

pub use api::{Registration, routes};
pub use decide::approve;
pub use model::{Change, ProducerEvent, ProducerKind, ProducerRefusal, ProducerStatus, TaxCode};
pub use register::register;
pub use standing::{approved, name, of_account, parties, registered};
pub use store::{Producer, SellerParty, Sender, approved_after, find, find_all, members, sender};
pub use submit::submit;

use crate::kernel::error::Problem;

pub const PROBLEMS: &[&[Problem]] = &[ProducerRefusal::PROBLEMS];
