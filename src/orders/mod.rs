//! From the cart to completion. A [`Checkout`] is one purchase, paid once; it holds one [`Order`] per producer.
//!
//! Promises: stock is held for every line or for none; an order is never lost and never paid twice; a status moves
//! only along [`OrderStatus::after`], and its event is written with it; unpaid checkouts give their stock back; whom a move
//! concerns is told of it, once; an order that nobody answers is not forgotten in silence; an order and a parcel that
//! people bring say the same; of a harvest no more is sold than is expected, and what it does not bring is owed back;
//! what is to be paid in cash is paid when its carrier says that it came, and nobody owes anything back before.

mod api;
mod books;
mod cancel_checkout;
mod claims;
mod end_wait;
mod expire;
mod got_lines;
mod guests;
mod harvests;
mod invoices;
mod items;
mod left_lines;
mod machine;
mod mark_paid;
mod model;
mod move_order;
mod news;
mod on_delivery;
mod parcels;
mod pick_up;
mod papers;
mod place;
mod producer_api;
mod quotes;
mod recalls;
mod remind;
mod steps;
mod store;
mod views;
mod watch;
mod weights;

use utoipa_actix_web::service_config::ServiceConfig;

pub use cancel_checkout::cancel_checkout;
pub use claims::{ClaimEvent, ClaimKind, ClaimRefusal, ClaimStatus, ClaimWish, end_claim_wait};
pub use end_wait::end_wait;
pub use expire::expire;
pub use guests::{untold_token, with_token};
pub use harvests::{HarvestRefusal, HarvestStatus, ShortfallRule, mind as mind_harvest};
pub use mark_paid::mark_paid;
pub use model::{
    Checkout, CheckoutAction, CheckoutStatus, Order, OrderEvent, OrderLine, OrderRefusal, OrderStatus, OwedRefund,
    RefundCause, Side, Terms,
};
pub use move_order::move_order;
pub use on_delivery::{CashFacts, cash_facts, cash_history, confirm, lock_cash};
pub use parcels::{Collected, shipment_moved};
pub use place::{Placed, Purchase, Recipient, Wish, place};
pub use quotes::{Question, QuoteRefusal, make as make_quote, purge as purge_quotes};
pub use recalls::tell_recall;
pub use remind::remind;
pub use store::{
    CashHistory, codes_of, find_buyers_order, find_checkout, find_order, find_producers_order, find_refund, lines_of,
    lock_checkout, lock_waiting, orders_of,
};
pub use views::{CheckoutView, checkout_view, purchase_view};
pub use watch::watch;

use crate::kernel::error::Problem;

pub const PROBLEMS: &[&[Problem]] =
    &[OrderRefusal::PROBLEMS, QuoteRefusal::PROBLEMS, ClaimRefusal::PROBLEMS, HarvestRefusal::PROBLEMS];

pub fn routes(cfg: &mut ServiceConfig) {
    quotes::routes(cfg);
    api::routes(cfg);
    guests::routes(cfg);
    papers::routes(cfg);
    invoices::routes(cfg);
    producer_api::routes(cfg);
    harvests::routes(cfg);
    claims::routes(cfg);
}
