//! What a buyer is shown before buying: every line, how it is delivered, the voucher, the total, and the contract with
//! each producer. Good for 15 minutes; nothing is held by it. A checkout names its quote and the hash of the contract
//! that the buyer confirmed, and is refused with the differences if anything has become different since.

mod api;
mod contract;
mod make;
mod model;
mod store;

pub use api::routes;
pub use contract::{Contract, Duty};
pub use make::{Question, make};
pub use model::{Part, PartLine, Quote, QuoteRefusal};
pub use store::{contract_of, find, purge};
