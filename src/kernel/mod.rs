//! What every slice uses and what knows no slice: types, transactions, errors, HTTP plumbing.

pub mod text_enum;
pub mod money;
pub mod month;
pub mod ids;
pub mod time;
pub mod text;
pub mod phone;
pub mod email;
pub mod secret;
pub mod error;
pub mod input;
pub mod sql;
pub mod actor;
pub mod claim;
pub mod database_url;
pub mod db;
pub mod later;
pub mod rate_limit;
pub mod http;
pub mod calls;
pub mod crash;

pub use actor::{Actor, Audience, Role, Territory, Who};
pub use crash::CrashPoint;
pub use db::{Db, Tx};
pub use email::EmailAddress;
pub use error::{Error, Result};
pub use ids::*;
pub use money::Vnd;
pub use month::Month;
pub use phone::PhoneNumber;
pub use secret::Secret;
pub use text::{Name, Text};
