//! What a seller gets on paper of what was withheld: for a closed month or a year, numbered without gaps within the year of
//! issue, and never changed. What is declared of the same time later is told by another one.

mod api;
mod issue;
mod paper;
mod store;

pub use api::{TaxCertificateView, routes};
pub use issue::Span;
pub use paper::by_month;
pub use store::{Certificate, list_all, sums_of};
