//! Guests: who buys without proving a number.
//!
//! A guest is an account without a phone number, so nobody can sign in to it: it is known by the session that it was
//! made with, and later by an order with its token. It opens the buyers' surface and no other, has no password and no
//! role. Who signs in by one-time code gets the account of that number; a guest's orders stay the guest's.
//!
//! Limits are counted in the database, one transaction after the other, as those of one-time codes are.

mod api;
mod store;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::model::{Committed, IdentityRefusal, Signed, admit};
use super::password_sign_in::{start_session, whole_seconds};
use super::store as accounts;
use crate::kernel::{AccountId, Audience, Error, EventId, Result, Tx};

pub use api::routes;
use store::TriesOf;

/// Guests that one network may make within [`OPENINGS_WINDOW`]; a village may share one.
const OPENINGS_MAX: i64 = 30;
const OPENINGS_WINDOW: TimeDelta = TimeDelta::hours(1);
/// Failed tries of one network, and for one order code, within [`TRIES_WINDOW`].
const TRIES_OF_SOURCE_MAX: i64 = 20;
const TRIES_OF_ORDER_MAX: i64 = 5;
const TRIES_WINDOW: TimeDelta = TimeDelta::minutes(15);
/// A guest who did not buy is removed after so long, once no session of his lives.
const UNUSED_KEPT: TimeDelta = TimeDelta::days(30);
/// Guests that one purge removes.
const PURGED_AT_ONCE: i32 = 1000;

/// Makes a guest with an open session.
pub fn open(tx: &mut Tx<'_>, source: &str, device_id: &str) -> Result<Signed> {
    tx.who.must_be_platform()?;
    accounts::lock(tx, &format!("guests:source:{source}"))?;
    let after = tx.now - OPENINGS_WINDOW;
    if let Some(opened_at) = store::nth_opening(tx, source, OPENINGS_MAX, after)? {
        let wait_s = whole_seconds(opened_at + OPENINGS_WINDOW - tx.now);
        return Err(Error::from(IdentityRefusal::TooManyGuests).with("retry_after_s", wait_s));
    }
    store::insert_opening(tx, source)?;
    let account = store::insert_guest(tx)?;
    start_session(tx, account, Vec::new(), (Audience::Buyer, device_id), "guest")
}

/// Counts a failed try to open an order before it is looked at, or refuses to look at all. The same whether or not
/// there is such an order. Locks in the order source, order code, everywhere.
pub fn count_order_try(tx: &mut Tx<'_>, source: &str, order_code: &str) -> Result<Uuid> {
    tx.who.must_be_platform()?;
    let limits = [
        ("source", TriesOf::Source(source), source, TRIES_OF_SOURCE_MAX),
        ("order", TriesOf::Order(order_code), order_code, TRIES_OF_ORDER_MAX),
    ];
    for (kind, of, value, max) in limits {
        accounts::lock(tx, &format!("guest-orders:{kind}:{value}"))?;
        if let Some(tried_at) = store::nth_try(tx, of, max, tx.now - TRIES_WINDOW)? {
            let wait_s = whole_seconds(tried_at + TRIES_WINDOW - tx.now);
            return Err(Error::from(IdentityRefusal::TooManyFailures).with("retry_after_s", wait_s));
        }
    }
    let id = EventId::generate().0;
    store::insert_try(tx, id, source, order_code)?;
    Ok(id)
}

/// Opens another session of a guest whose order was proved; the try that did so was none. Whoever is no guest (any
/// more) is answered like a wrong proof.
pub fn open_again(tx: &mut Tx<'_>, account_id: AccountId, counted: Uuid, device_id: &str) -> Result<Committed<Signed>> {
    tx.who.must_be_platform()?;
    let account = accounts::account(tx, account_id)?.filter(|account| account.is_guest);
    let Some(account) = account else { return Ok(Err(IdentityRefusal::GuestOrderWrong.into())) };
    store::delete_try(tx, counted)?;
    if let Err(refusal) = admit(Some(&account), &[], Audience::Buyer) {
        return Ok(Err(refusal.into()));
    }
    start_session(tx, account, Vec::new(), (Audience::Buyer, device_id), "guest_order").map(Ok)
}

/// Removes counts that no limit looks at any more, and guests that nobody uses; returns how many rows went.
pub fn purge(tx: &mut Tx<'_>, counted_before: DateTime<Utc>) -> Result<usize> {
    let counted = store::delete_counted_before(tx, counted_before)?;
    let guests = store::purge(tx, tx.now - UNUSED_KEPT, PURGED_AT_ONCE)?;
    Ok(counted.saturating_add(guests))
}
