//! Money coming in. A payment is what a checkout owes; an attempt is one try with one provider.
//!
//! Promises: a provider's message is verified on its raw bytes and stored as it came before anything is done about it,
//! applied once even if its request ends in between, and answered in the provider's own words; only such a message
//! makes anything paid; one transaction of a provider is credited once, in whatever ways it is told; money that fits no
//! attempt, comes late or twice, has the wrong amount, or is told in two ways is never dropped: it waits in the review
//! queue.

pub mod providers;
pub mod qr_image;
pub mod transfer_code;

mod api;
mod apply;
mod callbacks_api;
mod inbox;
mod model;
mod operator_api;
mod owe;
mod resolve;
mod start;
mod store;

use utoipa_actix_web::service_config::ServiceConfig;

pub use callbacks_api::{CALLBACKS_MAX, CallbackSlots};
pub use inbox::{BATCH_MAX, apply_kept, new_row, purge as purge_callbacks, receive, take_up as take_up_callbacks};
pub use model::{
    AttemptStatus, CallbackOutcome, PaymentRefusal, PaymentStatus, Providers, Resolution, ReviewKind, ReviewStatus,
};
pub use owe::{close, owe_refund};
pub use start::{Payer, start};

use crate::kernel::error::Problem;

pub const PROBLEMS: &[&[Problem]] = &[PaymentRefusal::PROBLEMS];

pub fn routes(cfg: &mut ServiceConfig) {
    api::routes(cfg);
    callbacks_api::routes(cfg);
    operator_api::routes(cfg);
}
