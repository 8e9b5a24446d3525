//! What buyers claim of what was delivered: money for it, or that it goes back.
//!
//! Promises: an order is claimed once, within its window; it is disputed exactly while somebody must act on its claim;
//! what is granted is owed once, never more than was claimed, and that is never more than was paid for the goods; a
//! producer who does not answer and a buyer who does not decide in time leave it to the operator; a status moves only
//! along [`ClaimStatus::after`].
//!
//! Whoever moves a claim holds its order first.

mod answer;
mod api;
mod decide;
mod granted;
mod model;
mod news;
mod open;
mod operator_api;
mod producer_api;
mod store;
mod views;

use utoipa_actix_web::service_config::ServiceConfig;

pub use answer::{end_claim_wait, receive_return};
pub use granted::granted;
pub use model::{ClaimEvent, ClaimKind, ClaimRefusal, ClaimStatus, ClaimWish};

pub fn routes(cfg: &mut ServiceConfig) {
    api::routes(cfg);
    producer_api::routes(cfg);
    operator_api::routes(cfg);
}
