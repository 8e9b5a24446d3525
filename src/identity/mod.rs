//! Who people are and what they may open: accounts by phone number, guests, one-time codes, passwords, sessions and their
//! tokens, and the rights of helpers, officials and operators.
//!
//! Sign-in runs as the platform, since nobody is known yet. Answers that carry tokens are never stored for an
//! idempotency key: a second try of a refresh finds the same successor by itself, a used code asks for a new one.

mod model;
mod code_sender;
mod passwords;
mod token_key;
mod tokens;
mod store;
mod otp;
mod password_sign_in;
mod set_password;
mod refresh;
mod sessions;
mod me;
mod grants;
mod suspension;
mod purge;
mod guests;
mod api;
mod operator_api;

pub use api::{TokenAnswer, platform, token_answer};
pub use code_sender::CodeSender;
pub use grants::{NewGrant, grant};
pub use guests::{count_order_try, open_again as open_guest_again};
pub use model::{AccountStatus, Code, EndReason, GrantRole, IdentityRefusal, Password, RoleGrant, Signed, Wish};
pub use otp::{CodeProof, CodeWish, request_code, verify_code};
pub use passwords::Passwords;
pub use purge::purge;
pub use set_password::set_password;
pub use store::{has_account, has_accounts, holders_near, operators, phone_of};
pub use tokens::Tokens;

use crate::kernel::error::Problem;

/// The refusals of this slice.
pub const PROBLEMS: &[&[Problem]] = &[IdentityRefusal::PROBLEMS];

/// All routes of this slice.
pub fn routes(cfg: &mut utoipa_actix_web::service_config::ServiceConfig) {
    api::routes(cfg);
    guests::routes(cfg);
    operator_api::routes(cfg);
}
