//! Throwing away what is past its keeping.

use chrono::TimeDelta;

use super::{guests, store};
use crate::kernel::{Result, Tx};

/// Codes and failures are the truth of limits that look back one day at most.
const LIMITS_KEPT: TimeDelta = TimeDelta::days(2);
/// Ended sessions stay visible to those who look into an incident.
const SESSIONS_KEPT: TimeDelta = TimeDelta::days(30);

/// Deletes old codes, failures and sessions, and guests that nobody uses; returns how many rows went.
pub fn purge(tx: &mut Tx<'_>) -> Result<usize> {
    tx.who.must_be_platform()?;
    let limits_before = tx.now - LIMITS_KEPT;
    let codes = store::delete_codes_before(tx, limits_before)?;
    let failures = store::delete_failures_before(tx, limits_before)?;
    let guests = guests::purge(tx, limits_before)?;
    let sessions = store::delete_sessions_expired_before(tx, tx.now - SESSIONS_KEPT)?;
    Ok(codes.saturating_add(failures).saturating_add(guests).saturating_add(sessions))
}
