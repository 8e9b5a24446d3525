//! The books: every đồng is somewhere, provably, at every instant.
//!
//! It stands above orders and payments and knows no feature, so that whoever does something that moves money posts it in
//! the same transaction as the fact. A movement is one row with one debited and one credited account and an amount above
//! zero, so the books balance by construction; the row is never changed, and a mistake is corrected by its mirror, once.
//! The kind of a movement and what it is about name it, so that a retry cannot move money twice: the database refuses
//! the second.
//!
//! # The chart of accounts
//!
//! What we have grows by its debits, what we owe by its credits.
//!
//! | account | of each | holds |
//! |---|---|---|
//! | `clearing` | provider | money that a provider has taken for us and not yet settled; of a carrier, the cash that it collected |
//! | `bank` | | money in the operator's account |
//! | `orders` | order | what was paid for orders that have not ended |
//! | `producer` | producer | what a producer has with us; below zero he owes |
//! | `refunds_owed` | | what buyers are owed back |
//! | `payouts_in_transit` | | what is on its way to producers |
//! | `carriage` | | what carriers and shared runs are owed for the way |
//! | `vat`, `pit` | | tax that was withheld and not yet paid to the state |
//! | `commission` | | the platform's fees: income |
//! | `provider_fees` | provider | what providers keep: an expense |
//! | `vouchers` | | discounts that the platform pays: an expense |
//! | `province` | | discounts that the province pays: it owes them |
//! | `suspense` | provider | odd money that waits for a person |
//! | `set_aside` | provider | odd money that a person kept for an order or reported, until it leaves |
//!
//! Only producers' balances are kept, by the database itself: one kept row of the platform's accounts would make all sales
//! of the market wait for one another. A refund, a fee or a tax may leave a debt; a payout may not.
//!
//! # The events
//!
//! | kind | subject | debit | credit | posted by |
//! |---|---|---|---|---|
//! | `capture` | order | clearing | orders | `orders`, when a checkout is paid: one per order; in cash, when its carrier delivered it |
//! | `odd_money` | credit | clearing | suspense | `payments`, with the entry in the review queue |
//! | `odd_money_returned`, `odd_money_missing` | credit | suspense | clearing | the decision that it went back, or never came |
//! | `odd_money_set_aside` | credit | suspense | set_aside | every other decision |
//! | `refund` | refund | orders | refunds_owed | `orders`, with the row that says why it is owed |
//! | `late_refund` | refund | producer | refunds_owed | the same after the order has ended |
//! | `refund_sent` | refund, or the try to send it | refunds_owed | clearing or bank | `refunds`, when its provider says that it is done, or a person did it |
//! | `sale` | order | orders | producer | `orders`, when an order ends: what is left of it |
//! | `carriage` | order | orders | carriage | the same, for the way of carriers and shared runs |
//! | `carriage_short` | order | producer | carriage | where a refund has eaten into the way, which was travelled all the same |
//! | `carriage_borne` | order | commission | carriage | the way of goods that were to be paid in cash and came back |
//! | `voucher` | order | vouchers or province | producer | the same, what its payer owes for what was sold |
//! | `voucher_taken_back` | refund | producer | vouchers or province | a refund after the order has ended |
//! | `fee`, `vat`, `pit` | order | producer | commission, vat, pit | when an order ends as sold |
//! | `fee_returned`, `vat_returned`, `pit_returned` | refund | commission, vat, pit | producer | a refund after that |
//! | `vat_paid`, `pit_paid` | payment to the state | vat, pit | bank | `taxes`, when a second person confirms it |
//! | `payout` | transfer of `outgoing` | producer | payouts_in_transit | `outgoing`: the hold, before anything is sent |
//! | `payout_sent`, `payout_failed` | the same | payouts_in_transit | bank, producer | what became of it |
//! | `settlement` | line of a provider's file | bank | clearing | `reconciliation`; of a refund the other way round |
//! | `provider_fee` | line of a provider's file | provider_fees | clearing | `reconciliation` |
//! | `correction` | posting of a decision | of some | of some | `reconciliation`, what two people decided |
//! | `reversal` | transfer | its credit | its debit | [`reverse`] |
//!
//! An order whose goods came to nobody ends with all its money owed back. The way of goods that went and came back belongs
//! to whoever brought them: the producer, unless a carrier or a shared run did.
//!
//! What was there at any instant is read from the sums at the end of the last month before it, and what moved since, so that it
//! costs the same after ten years as after one.
//!
//! Lock order: the ledger comes last, after order and payment, and producers' balances in the order of their ids, which
//! [`post`] sees to.

mod api;
mod model;
mod months;
mod post;
mod producer_api;
mod store;
mod views;

use utoipa_actix_web::service_config::ServiceConfig;

pub use model::{LedgerAccount, LedgerRefusal, Transfer, TransferKind};
pub use months::sum_month;
pub use post::{post, post_at_end, reverse};
pub use store::{
    Movement, balance, balance_at, balances, captured_through, earned, kind_of, movements, posted, with_at_least,
};

use crate::kernel::error::Problem;

pub const PROBLEMS: &[&[Problem]] = &[LedgerRefusal::PROBLEMS];

pub fn routes(cfg: &mut ServiceConfig) {
    producer_api::routes(cfg);
    api::routes(cfg);
}
