use chrono::TimeDelta;

use super::store;
use crate::jobs::{self, Job};
use crate::kernel::{CallbackId, Error, Result, Tx};
use crate::payments::apply::{Message, apply};
use crate::payments::configured::Providers;
use crate::payments::providers::RawCallback;

/// How long a message is left to the request that brought it.
const LEFT_ALONE: TimeDelta = TimeDelta::seconds(30);
/// Messages handed over at once.
pub const BATCH_MAX: i64 = 500;

/// Hands what was left unfinished over to jobs, one each, so that one that cannot be applied stands in nobody's way.
/// A message is handed over once: its job tries again by itself. Returns how many there were.
pub fn take_up(tx: &mut Tx<'_>) -> Result<usize> {
    tx.who.must_be_platform()?;
    let before = tx.now - LEFT_ALONE;
    let left = store::hand_over(tx, before, BATCH_MAX)?;
    for id in &left {
        let (job, now) = (Job::ApplyCallback { callback_id: id.0 }, tx.now);
        jobs::enqueue(tx, &job, now, None)?;
    }
    Ok(left.len())
}

/// Applies a kept message from its bytes, as if it came now with the clock of its arrival; one that was finished
/// meanwhile is left as it is. What was believed then is believed still: an API key is not kept, secrets change.
pub fn apply_kept(tx: &mut Tx<'_>, providers: &Providers, callback_id: CallbackId) -> Result<()> {
    tx.who.must_be_platform()?;
    let Some(kept) = store::find_open(tx, callback_id)? else { return Ok(()) };
    let provider = providers
        .find(kept.provider)
        .ok_or_else(|| Error::internal("a provider was switched off with messages unfinished"))?;
    let raw =
        RawCallback { query: &kept.query, headers: &kept.headers, body: &kept.body, received_at: kept.received_at };
    let reading = if kept.is_verified { provider.reread(&raw) } else { provider.read_callback(&raw) };
    apply(tx, &Message { callback_id, provider: kept.provider, reading })?;
    Ok(())
}
