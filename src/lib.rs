//! ocop-market: the backend of a marketplace for OCOP products.
//!
//! The modules stand in dependency order: each uses only those above it. The one exception is the type
//! [`app::App`]. News that goes upward is a job enqueued in the same transaction.
//!
//! To find your way: a feature is a folder; its `mod.rs` says what it owns and promises, `model.rs` holds types and
//! rules, `store.rs` the SQL, `api.rs` the routes, and every other file one operation.
#![forbid(unsafe_code)]

pub mod kernel;
pub mod config;
pub mod embedded;
pub mod senders;
pub mod jobs;
pub mod audit;
pub mod documents;
pub mod storage;
pub mod places;
pub mod calendar;
pub mod ledger;
pub mod identity;
pub mod producers;
pub mod shipping;
pub mod notifications;
pub mod webhooks;
pub mod stock;
pub mod catalog;
pub mod vouchers;
pub mod charges;
pub mod carts;
pub mod insights;
pub mod orders;
pub mod complaints;
pub mod messages;
pub mod reviews;
pub mod payments;
pub mod outgoing;
pub mod refunds;
pub mod payouts;
pub mod reconciliation;
pub mod taxes;
pub mod statements;
pub mod ops;
pub mod worker;
pub mod app;
pub mod routes;
pub mod cli;
