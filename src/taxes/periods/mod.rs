//! Months of tax. A month is open while it lasts; when it is over its lines are frozen and summed up for each seller; what
//! comes to light of it afterwards is declared with the next month, or as a difference if a person decides so.

mod amend;
mod api;
mod close;
mod declare;
mod files;
mod model;
mod pay;
mod store;
mod views;

pub use api::routes;
pub use close::close;
pub use model::{PeriodEvent, PeriodStatus, TaxPaymentStatus};
pub use store::{Seller, statuses_of};
