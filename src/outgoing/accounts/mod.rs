//! Bank accounts of producers and of buyers, to which we send money.
//!
//! Promises: a number is encrypted before it is written and shown by its last four digits to everybody, also to whoever
//! gave it and to helpers; an account is one row for ever, and another number is another row. A producer's account is
//! compared with the registered name by an operator, and nothing is paid to it within [`WAIT`] after it was given, of which
//! its household hears at once: whoever has taken over a telephone meets its owner first. A number is thrown away when what
//! was paid to it is past its keeping; bank, name and last digits stay.

mod api;
mod banks;
mod decide;
mod give;
mod model;
mod open;
mod producer_api;
mod seal;
mod store;
mod tend;
mod views;

use utoipa_actix_web::service_config::ServiceConfig;

pub use banks::bank_name;
pub use give::{give, give_for_refund};
pub use model::{AccountNumber, BankAccount, BankAccountStatus, NewBankAccount, WAIT};
pub use open::open;
pub use seal::Vault;
pub use store::{current, find, find_for_share, ready_among};
pub use tend::{tend, under_other_keys};

pub fn routes(cfg: &mut ServiceConfig) {
    producer_api::routes(cfg);
    api::routes(cfg);
}
