//! Money coming in. A payment is what a checkout owes; an attempt is one try with one provider.
//!
//! Promises: a provider's message is stored as it came before anything else, verified on its raw bytes, applied at
//! most once, and answered in the provider's own words; only such a message makes anything paid; money that fits no
//! attempt, comes late or twice, or has the wrong amount is never dropped: it waits in the review queue.

pub mod providers;
pub mod qr_image;
pub mod transfer_code;

mod api;
mod apply;
mod callbacks_api;
mod model;
mod operator_api;
mod owe;
mod receive;
mod resolve;
mod start;
mod store;

use utoipa_actix_web::service_config::ServiceConfig;

pub use callbacks_api::{CALLBACKS_MAX, CallbackSlots};
pub use model::{
    AttemptStatus, CallbackOutcome, PaymentRefusal, PaymentStatus, Providers, Resolution, ReviewKind, ReviewStatus,
};
pub use owe::{close, owe_refund};
pub use receive::{new_row, receive};
pub use start::{Payer, start};
pub use store::purge_callbacks;

use crate::kernel::error::Problem;

pub const PROBLEMS: &[&[Problem]] = &[PaymentRefusal::PROBLEMS];

pub fn routes(cfg: &mut ServiceConfig) {
    api::routes(cfg);
    callbacks_api::routes(cfg);
    operator_api::routes(cfg);
}
