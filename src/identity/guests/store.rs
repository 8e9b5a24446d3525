//! SQL of guests and of the limits that they have.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Integer, Timestamptz};
use schema::{accounts, guest_openings, guest_order_tries};
use uuid::Uuid;

use crate::identity::model::{Account, AccountStatus};
use crate::kernel::{AccountId, EventId, Result, Tx};

diesel::define_sql_function! {
    /// Removes guests who never bought and can never come back; returns how many.
    fn purge_guests(unused_since: Timestamptz, at: Timestamptz, at_most: Integer) -> Integer;
}

/// An account without a number.
pub fn insert_guest(tx: &mut Tx<'_>) -> Result<Account> {
    let account = diesel::insert_into(accounts::table)
        .values((
            accounts::id.eq(AccountId::generate()),
            accounts::status.eq(AccountStatus::Active),
            accounts::created_at.eq(tx.now),
            accounts::updated_at.eq(tx.now),
        ))
        .returning(Account::as_returning())
        .get_result(tx.conn)?;
    Ok(account)
}

/// When the `nth` newest guest of a network was made, counting from one, if it was after a moment.
pub fn nth_opening(tx: &mut Tx<'_>, source: &str, nth: i64, after: DateTime<Utc>) -> Result<Option<DateTime<Utc>>> {
    let opened_at = guest_openings::table
        .filter(guest_openings::source.eq(source))
        .filter(guest_openings::opened_at.gt(after))
        .select(guest_openings::opened_at)
        .order(guest_openings::opened_at.desc())
        .offset(nth.saturating_sub(1))
        .limit(1)
        .first(tx.conn)
        .optional()?;
    Ok(opened_at)
}

pub fn insert_opening(tx: &mut Tx<'_>, source: &str) -> Result<()> {
    diesel::insert_into(guest_openings::table)
        .values((
            guest_openings::id.eq(EventId::generate()),
            guest_openings::source.eq(source),
            guest_openings::opened_at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// What a limit of tries counts by.
#[derive(Debug, Clone, Copy)]
pub enum TriesOf<'a> {
    Source(&'a str),
    Order(&'a str),
}

/// When the `nth` newest failed try was, counting from one, if it was after a moment.
pub fn nth_try(tx: &mut Tx<'_>, of: TriesOf<'_>, nth: i64, after: DateTime<Utc>) -> Result<Option<DateTime<Utc>>> {
    let mut query = guest_order_tries::table
        .filter(guest_order_tries::tried_at.gt(after))
        .select(guest_order_tries::tried_at)
        .order(guest_order_tries::tried_at.desc())
        .offset(nth.saturating_sub(1))
        .limit(1)
        .into_boxed();
    query = match of {
        TriesOf::Source(source) => query.filter(guest_order_tries::source.eq(source.to_owned())),
        TriesOf::Order(code) => query.filter(guest_order_tries::order_code.eq(code.to_owned())),
    };
    Ok(query.first(tx.conn).optional()?)
}

pub fn insert_try(tx: &mut Tx<'_>, id: Uuid, source: &str, order_code: &str) -> Result<()> {
    diesel::insert_into(guest_order_tries::table)
        .values((
            guest_order_tries::id.eq(id),
            guest_order_tries::source.eq(source),
            guest_order_tries::order_code.eq(order_code),
            guest_order_tries::tried_at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Takes a try back: it was right.
pub fn delete_try(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
    diesel::delete(guest_order_tries::table.find(id)).execute(tx.conn)?;
    Ok(())
}

/// Forgets what limits do not look back to any more.
pub fn delete_counted_before(tx: &mut Tx<'_>, moment: DateTime<Utc>) -> Result<usize> {
    let openings =
        diesel::delete(guest_openings::table.filter(guest_openings::opened_at.lt(moment))).execute(tx.conn)?;
    let tries =
        diesel::delete(guest_order_tries::table.filter(guest_order_tries::tried_at.lt(moment))).execute(tx.conn)?;
    Ok(openings.saturating_add(tries))
}

/// Removes guests who never bought and have no live session.
pub fn purge(tx: &mut Tx<'_>, unused_since: DateTime<Utc>, at_most: i32) -> Result<usize> {
    let gone: i32 = diesel::select(purge_guests(unused_since, tx.now, at_most)).get_result(tx.conn)?;
    Ok(usize::try_from(gone).unwrap_or(0))
}
