//! How what is owed back gets to its buyer. `orders` says what is owed; here it is approved, asked for at the provider that
//! was paid, and followed to its end. Where no provider pays back, it goes by a transfer to a bank account that the buyer
//! names, or a person does it, as where a provider does not in the end.
//!
//! Promises: no more of a payment is paid back than came in, however many refunds of it there are at once, by hand or not;
//! the database refuses it as well. What the law wants back goes out by itself up to an amount, everything else when one or
//! two persons have approved it. A try has a reference of its own, which is stored before anybody hears of it. As long as
//! nobody knows what became of a try, its provider is asked, and the same refund is never sent under a second reference. When a
//! person says that a try did not arrive, another person has it sent again.
//! What was paid back is in the books in the transaction that learns of it, and leaves them if it comes back. While outgoing
//! money is stopped nothing is sent, and nothing is lost. The buyer sees where it stands.

mod api;
mod by_hand;
mod decide;
mod model;
mod operator_api;
mod owe;
mod policy;
mod record;
mod reviews_api;
mod run;
mod store;
mod transfer;
mod views;

use utoipa_actix_web::service_config::ServiceConfig;

pub use model::{RefundPurpose, RefundRail, RefundRefusal, RefundSaid, RefundStatus, TryOutcome};
pub use owe::owe;
pub use run::{look_after, run};
pub use store::count_alarms;
pub use transfer::transfer_ended;

use crate::kernel::error::Problem;

pub const PROBLEMS: &[&[Problem]] = &[RefundRefusal::PROBLEMS];

pub fn routes(cfg: &mut ServiceConfig) {
    api::routes(cfg);
    operator_api::routes(cfg);
    reviews_api::routes(cfg);
}
