//! Money coming in. A payment is what a checkout owes; an attempt is one try with one provider.
//!
//! A provider that opens orders is asked to open one per attempt, always under the attempt's own reference, whatever
//! becomes of the answer; how it stands is asked by a schedule, and once more before an attempt is given up. An order that
//! stays open there is called off when nobody is to pay by it any more. Where the bank gives a transfer an account number of the
//! attempt's own, the buyer is shown that once it is known, and our account until then: money by either counts.
//!
//! Promises: a provider's message is verified on its raw bytes and stored as it came before anything is done about it,
//! applied once even if its request ends in between, and answered in the provider's own words; only such a message,
//! or the answer to a question of ours, makes anything paid; one transaction of a provider is credited once, in whatever ways it is told; money that fits no
//! attempt, comes late or twice, has the wrong amount, or is told in two ways is never dropped: it waits in the review
//! queue.

pub mod providers;
pub mod qr_image;
pub mod transfer_code;

mod api;
mod apply;
mod ask;
mod books;
mod call_off;
mod callbacks_api;
mod configured;
mod credits;
mod expected;
mod health;
mod inbox;
mod listing;
mod model;
mod more_callbacks_api;
mod moves;
mod on_delivery;
mod open;
mod operator_api;
mod owe;
mod place_api;
mod queue;
mod refunding;
mod start;
mod store;

use utoipa_actix_web::service_config::ServiceConfig;

pub use ask::{ask, ask_again, ask_before_expiry, plan_questions, tell_listed};
pub use call_off::{call_off, withdraw};
pub use callbacks_api::{CALLBACKS_MAX, CallbackSlots};
pub use configured::Providers;
pub use health::{Called, called, purge as purge_calls};
pub use inbox::{
    BATCH_MAX, Gathering, apply_kept, new_row, purge as purge_callbacks, receive, take_up as take_up_callbacks,
};
pub use listing::list_recent;
pub use model::{
    AttemptStatus, CallbackOutcome, Channel, Decision, PaymentRefusal, PaymentStatus, Resolution, Review, ReviewKind,
    ReviewStatus, Source,
};
pub use on_delivery::{cash_owed_again, cash_settled, parcel_moved, unsettled_orders};
pub use operator_api::ReviewView;
pub use owe::{close, queue_refund};
pub use queue::{find_review, leave_queue, resolve, review_of_refund};
pub use start::{Payer, start};
pub use store::{references_of, source_of};

use crate::kernel::error::Problem;

pub const PROBLEMS: &[&[Problem]] = &[PaymentRefusal::PROBLEMS];

pub fn routes(cfg: &mut ServiceConfig) {
    place_api::routes(cfg);
    api::routes(cfg);
    callbacks_api::routes(cfg);
    more_callbacks_api::routes(cfg);
    operator_api::routes(cfg);
    health::routes(cfg);
    on_delivery::routes(cfg);
}
