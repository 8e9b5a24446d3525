//! The way of all money out of our bank account.
//!
//! Promises: one switch stops all of it. Whoever sends asks [`must_flow`] or [`is_stopped`] in the transaction that writes
//! that it sends, which holds the switch until then, so once a stop is answered nothing is sent any more. One operator
//! stops, and another one starts.

mod accounts;
mod api;
mod model;
mod store;
mod switch;
mod transfers;

use utoipa_actix_web::service_config::ServiceConfig;

pub use accounts::{
    AccountNumber, BankAccount, BankAccountStatus, NewBankAccount, Vault, WAIT, bank_name, current as current_account,
    find as find_account, give_for_refund, ready_among, tend as tend_accounts, under_other_keys,
};
pub use model::OutgoingRefusal;
pub use switch::{is_stopped, must_flow, start, stop, switch_is_off};
pub use transfers::{
    Batch, NewRefund, Outgoing, Purpose, Rail, Rules, Transfer, TransferEvent, TransferStatus, approve, cancel, carry,
    count_alarms, find, find_many, for_refund, has_ended, hold, is_untouched, list_of_producer, look_after, open_batch,
    release, request, request_approved, under_way_among,
};

use crate::kernel::error::Problem;

pub const PROBLEMS: &[&[Problem]] = &[OutgoingRefusal::PROBLEMS];

pub fn routes(cfg: &mut ServiceConfig) {
    api::routes(cfg);
    accounts::routes(cfg);
    transfers::routes(cfg);
}
