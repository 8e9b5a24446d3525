//! What a producer needs to write e-invoices (Decree 254/2026, articles 17 to 19): of every order that ended as sold its
//! buyer, its goods, when it was delivered and when it was confirmed as complete; and every refund after that, as what
//! corrects the invoice.

mod api;
mod files;
mod gather;

pub use api::routes;
