//! Where a provider and we do not agree, until it is decided or agrees after all.

mod api;
mod store;

pub use api::routes;
pub use store::{Exception, agree_after_all, has_moved, insert, insert_overdue, lock, overdue, reopen};
