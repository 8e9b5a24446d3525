//! Vouchers: who pays a discount, for what, how often, and how much is left of it.
//!
//! Every use of a voucher is counted on the voucher (uses, money spent), for the buyer's account and for the buyer's number
//! by conditional updates, so that whoever buys as one guest after the other is one person; and CHECKs keep the counters within the promise, so that no number of buyers at once takes more than there is. Spirits
//! are never promoted: their lines neither count nor are discounted (Law 44/2019, article 5).
//!
//! How a checkout uses them, each in its own transaction and after it has locked stock:
//! * [`look`] for a quote: what the voucher would give. Takes nothing, and a refusal may be shown in the quote.
//! * [`take`] when the checkout is placed, with the same lines and fees: the same discount, now counted. After a refusal
//!   the transaction must be rolled back.
//! * [`give_back`] when the checkout expires or is cancelled unpaid: everything is free again, however often called.
//! * [`give_back_share`] when one producer's order of a paid checkout is cancelled, refused or returned whole: that
//!   order's part of the budget is free again. The use still counts, as the buyer keeps the rest of the discount; with
//!   the last share it stops to count, as nothing of it is left. The other orders keep their discounts even if the
//!   goods that remain would not have reached the minimum: they were bought at that price.
//!
//! A checkout that is paid keeps its use without a call; [`tell_spent_out`] tells the payer when it was the last. What is left of its [`shares`] is what the payer that [`used`]
//! names owes for each producer's order.

mod model;
mod discount;
mod store;
mod create;
mod change;
mod take;
mod api;
mod producer_api;

pub use api::routes;
pub use discount::{Discount, Fee, FeeDiscount, Line, LineDiscount, SPIRITS, VOUCHERS_PER_CHECKOUT_MAX};
pub use model::{UseRefusal, VoucherCode, VoucherKind, VoucherPayer, VoucherRefusal, VoucherStatus};
pub use store::{Share, Used, shares};
pub use take::{Basket, give_back, give_back_share, look, take, tell_spent_out, used};

use crate::kernel::error::Problem;

pub const PROBLEMS: &[&[Problem]] = &[VoucherRefusal::PROBLEMS];
/// What [`look`] and [`take`] refuse with: problems of whoever's operations call them.
pub const PROBLEMS_OF_USE: &[&[Problem]] = &[UseRefusal::PROBLEMS];
