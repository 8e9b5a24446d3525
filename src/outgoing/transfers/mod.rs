//! Transfers out of our bank account, from the wish to what the bank did.
//!
//! Promises: a transfer has its own name before anybody is asked to make it, and is never sent under another one; what
//! two persons have not approved is not sent, which the database refuses too; no answer is no failure: its end is asked
//! for until it is known, and operators are called when that takes too long; the books move in the transaction of the
//! fact; no more leaves in a day in Vietnam than the caps allow, for one recipient and in all.
//!
//! There are two rails. payOS is asked by the job [`carry`]; for a bank file an operator makes a file of everything that is
//! approved, hands it to the bank and tells what the bank did.
//!
//! Who wants money to be sent calls [`request`] within a batch of [`open_batch`], or [`request_approved`] where its own
//! approvals have been given, and hears of the end by the job `OutgoingEnded`, as often as the end changes.

mod api;
mod batches;
mod batches_api;
mod carry;
mod files;
mod files_api;
mod model;
mod moves;
mod overdue;
mod rails;
mod request;
mod step;
mod store;
mod views;

use utoipa_actix_web::service_config::ServiceConfig;

pub use batches::{approve, is_untouched, open_batch};
pub use carry::{carry, look_after};
pub use model::{Batch, Purpose, Rail, Transfer, TransferEvent, TransferStatus};
pub use moves::{account_changed, cancel, hold, release};
pub use rails::{Outgoing, Rules};
pub use request::{NewRefund, request, request_approved};
pub use store::{count_alarms, find, find_many, for_refund, has_ended, list_of_producer, under_way_among};

pub fn routes(cfg: &mut ServiceConfig) {
    api::routes(cfg);
    batches_api::routes(cfg);
    files_api::routes(cfg);
}
