//! What people are told: an inbox for each account, a stream of it, and messages that leave us by Zalo, SMS and e-mail.
//!
//! An operation tells in its own transaction ([`tell`]): who, what news, of which object. The same news of the same
//! object is told once, however often its job runs. What deserves it is then pushed outwards by the worker, one channel
//! after the other, outside quiet hours unless it is urgent; every try is kept. The inbox has it in any case.

mod api;
mod decisions;
mod email;
mod inbox;
mod model;
mod news;
mod operator_api;
mod preferences;
mod preferences_api;
mod push;
mod store;
mod stream;
mod tell;
mod templates;

use utoipa_actix_web::service_config::ServiceConfig;

pub use decisions::producer_decided;
pub use model::{Group, Language, NotificationRefusal, Topic};
pub use news::News;
pub use push::{Pushed, Step, again, intent, record};
pub use store::purge;
pub use stream::{STREAMS_PER_ACCOUNT_MAX, Streams};
pub use tell::{Notice, Recipient, tell, tell_each};

use crate::kernel::error::Problem;

pub const PROBLEMS: &[&[Problem]] = &[NotificationRefusal::PROBLEMS];

pub fn routes(cfg: &mut ServiceConfig) {
    api::routes(cfg);
    preferences_api::routes(cfg);
    operator_api::routes(cfg);
}
