//! What a guest keeps of a purchase: a token with which, and with the recipient's number, its orders are opened again
//! from any device. The token is made from the purchase's id, so that nothing secret is stored, also not with the answer
//! that is kept for a repetition.

mod api;
mod store;

use serde::Deserialize;
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use crate::identity::{self, IdentityRefusal, Signed, Tokens};
use crate::kernel::http::Answer;
use crate::kernel::{AccountId, CheckoutId, Error, PhoneNumber, Result, Tx};

pub use api::routes;

/// How the answer to a purchase ends for a guest, whose `order_token` stands last.
const UNTOLD: &str = r#""order_token":""}"#;

/// The gap for the token in the answer to a purchase, if a guest buys.
pub fn untold_token(tx: &Tx<'_>) -> Option<String> {
    tx.who.is_guest.then(String::new)
}

#[derive(Deserialize)]
struct PlacedId {
    id: Uuid,
}

/// Fills the gap that [`untold_token`] left, in a fresh answer and in one that was kept.
pub fn with_token(tokens: &Tokens, answer: Answer) -> Result<Answer> {
    let Some(rest) = answer.body.strip_suffix(UNTOLD) else { return Ok(answer) };
    let PlacedId { id } = serde_json::from_str(&answer.body).map_err(Error::internal)?;
    let body = format!(r#"{rest}"order_token":"{}"}}"#, tokens.order(CheckoutId(id))?);
    Ok(Answer { body, ..answer })
}

/// What somebody shows who wants to see a guest's order.
#[derive(Clone)]
pub struct Proof {
    pub order_code: String,
    pub phone: PhoneNumber,
    pub order_token: String,
    pub device_id: String,
    /// Network of the client's address.
    pub source: String,
}

/// Opens a session of the guest who placed an order. What is wrong is not told, and everything is compared in any case.
pub fn open(tx: &mut Tx<'_>, tokens: &Tokens, proof: &Proof) -> Result<Result<Signed>> {
    let counted = identity::count_order_try(tx, &proof.source, &proof.order_code)?;
    let found = store::find_by_code(tx, &proof.order_code)?;
    let is_found = found.is_some();
    let (checkout_id, account_id, phone) =
        found.unwrap_or_else(|| (CheckoutId(Uuid::nil()), AccountId(Uuid::nil()), "+84000000000".to_owned()));
    let has_token = tokens.is_order(checkout_id, &proof.order_token)?;
    let has_phone = bool::from(phone.as_bytes().ct_eq(proof.phone.as_str().as_bytes()));
    if !(is_found & has_token & has_phone) {
        return Ok(Err(IdentityRefusal::GuestOrderWrong.into()));
    }
    identity::open_guest_again(tx, account_id, counted, &proof.device_id)
}
