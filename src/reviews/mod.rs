//! What buyers think of what was delivered to them.
//!
//! Promises (Law 19/2023, article 39.3): reviews are shown completely and accurately. Only who bought a product reviews
//! it, once for an order; nobody deletes a review, and only the operator hides one, for a reason of the law, with a
//! note that the author reads and may appeal against; how many are hidden, and why, is public; whatever was written is
//! on record.

mod api;
mod change;
mod model;
mod moderate;
mod news;
mod operator_api;
mod public_api;
mod store;
mod views;
mod write;

use utoipa_actix_web::service_config::ServiceConfig;

pub use model::{Author, HideReason, ProductReviewEvent, ProductReviewStatus, ReviewRefusal, average_hundredths};

use crate::kernel::error::Problem;

pub const PROBLEMS: &[&[Problem]] = &[ReviewRefusal::PROBLEMS];

pub fn routes(cfg: &mut ServiceConfig) {
    public_api::routes(cfg);
    api::routes(cfg);
    operator_api::routes(cfg);
}
