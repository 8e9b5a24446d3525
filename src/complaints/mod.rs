//! What buyers complain about, and the clocks of the law (19/2023, articles 8, 31 and 57).
//!
//! Promises: a complaint is acknowledged, negotiated and answered by days that were counted once, in working days; a
//! refusal has its reasons in writing; whatever was written stays; vulnerable consumers come first, nobody but the
//! operator learns why, and their complaints are not referred to others; a status moves only along
//! [`ComplaintStatus::after`].

mod api;
mod model;
mod move_complaint;
mod news;
mod open;
mod operator_api;
mod producer_api;
mod store;
mod views;

use utoipa_actix_web::service_config::ServiceConfig;

pub use model::{ComplaintEvent, ComplaintKind, ComplaintRefusal, ComplaintStatus, Party, VulnerableReason};
pub use move_complaint::move_complaint;
pub use store::{Complaint, find};

use crate::kernel::error::Problem;

pub const PROBLEMS: &[&[Problem]] = &[ComplaintRefusal::PROBLEMS];

pub fn routes(cfg: &mut ServiceConfig) {
    api::routes(cfg);
    producer_api::routes(cfg);
    operator_api::routes(cfg);
}
