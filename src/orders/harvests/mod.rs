//! Goods that are bought before they are harvested.
//!
//! A harvest is planned for one variant, with a cap, the days on which it can be ordered and a rule for a smaller
//! harvest; the stock keeps its lot. An order of it has nothing else in it. Once paid it waits until the producer says
//! what came: then it goes on as any paid order, and what is missing of it is owed back. A harvest that nobody declares
//! ends by itself, and everything that was paid for it is owed back.

mod api;
mod cancel;
mod declare;
mod mind;
mod model;
mod plan;
mod public_api;
mod settle;
mod shown;
mod store;
mod views;
mod wait;

use utoipa_actix_web::service_config::ServiceConfig;

pub use mind::mind;
pub use model::{HarvestRefusal, HarvestStatus, ShortfallRule};
pub use shown::{as_shown, of_items};
pub use store::{Harvest, shortfalls_of};
pub use wait::{wait, waits_until};

pub fn routes(cfg: &mut ServiceConfig) {
    api::routes(cfg);
    public_api::routes(cfg);
}
