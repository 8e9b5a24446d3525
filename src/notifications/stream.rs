//! The inbox as it grows.
//!
//! A stream holds no connection to the database while nothing happens. One look for all streams of a process asks which
//! of their accounts got news; those streams then read on from their place, as the person that they belong to, so that
//! a session that ended ends them. Nothing depends on which process told: all of them look into one database.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::model::{NoticeRow, NotificationRefusal};
use super::store::{self, Place};
use crate::app::App;
use crate::kernel::error::CommonProblem;
use crate::kernel::{AccountId, Actor, Db, Error, NoticeId, Result};

/// Streams that one account may have open on one process: its devices.
pub const STREAMS_PER_ACCOUNT_MAX: usize = 5;
/// Streams of one process.
const STREAMS_MAX: usize = 2000;
/// How often a process looks for news, and how soon a stream notices that its process is to end.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Notices that are sent at once.
const ROWS_MAX: i64 = 100;
/// Seconds after which a place may be free.
const RETRY_AFTER_S: i64 = 60;

/// The streams of this process.
#[derive(Default)]
pub struct Streams {
    open: Mutex<Open>,
    look: tokio::sync::Mutex<Look>,
}

#[derive(Default)]
struct Open {
    seats_given: u64,
    by_account: HashMap<AccountId, Vec<(u64, Arc<Notify>)>>,
}

/// When this process last looked, and from which transaction it looks on.
#[derive(Default)]
struct Look {
    at: Option<Instant>,
    since: Option<i64>,
}

impl Streams {
    fn seat(self: &Arc<Self>, account_id: AccountId) -> Option<Seat> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let taken: usize = open.by_account.values().map(Vec::len).sum();
        let own = open.by_account.get(&account_id).map_or(0, Vec::len);
        if taken >= STREAMS_MAX || own >= STREAMS_PER_ACCOUNT_MAX {
            return None;
        }
        open.seats_given = open.seats_given.wrapping_add(1);
        let (number, news) = (open.seats_given, Arc::new(Notify::new()));
        open.by_account.entry(account_id).or_default().push((number, Arc::clone(&news)));
        Some(Seat { streams: Arc::clone(self), account_id, number, news })
    }

    fn accounts(&self) -> Vec<AccountId> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).by_account.keys().copied().collect()
    }

    fn wake(&self, accounts: &[AccountId]) {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        for (_, news) in accounts.iter().filter_map(|id| open.by_account.get(id)).flatten() {
            news.notify_one();
        }
    }

    /// Looks for news of all streams, unless another stream just did or does.
    async fn look(&self, db: &Db) -> Result<()> {
        let Ok(mut look) = self.look.try_lock() else { return Ok(()) };
        if look.at.is_some_and(|at| at.elapsed() < LOOK_EVERY) {
            return Ok(());
        }
        let (accounts, since) = (self.accounts(), look.since);
        let asked = db.read(&Actor::PLATFORM, move |tx| match since {
            Some(since) => store::news_of(tx, &accounts, since),
            // What was told before the first look is read by the streams themselves as they open.
            None => store::place_now(tx).map(|(txid, _)| (txid, accounts.clone())),
        });
        let (since, found) = asked.await?;
        *look = Look { at: Some(Instant::now()), since: Some(since) };
        self.wake(&found);
        Ok(())
    }
}

/// A place among the streams; given back when it is dropped.
struct Seat {
    streams: Arc<Streams>,
    account_id: AccountId,
    number: u64,
    news: Arc<Notify>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut open = self.streams.open.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(seats) = open.by_account.get_mut(&self.account_id) else { return };
        seats.retain(|(number, _)| *number != self.number);
        if seats.is_empty() {
            open.by_account.remove(&self.account_id);
        }
    }
}

/// One open stream.
pub struct Stream {
    app: Arc<App>,
    actor: Actor,
    seat: Seat,
    place: Place,
    ends_at: Instant,
    alive_at: Instant,
}

/// What a stream says next.
pub enum Saying {
    News(Vec<NoticeRow>),
    /// Nothing, but it is alive.
    Alive,
}

impl Stream {
    /// From the notice that the client got last, or from now on.
    pub async fn open(app: Arc<App>, actor: Actor, last: Option<NoticeId>) -> Result<Stream> {
        let Actor::Session(claim) = &actor else { return Err(CommonProblem::Unauthenticated.into()) };
        let account_id = claim.account_id;
        let seat = app
            .streams
            .seat(account_id)
            .ok_or_else(|| Error::from(NotificationRefusal::TooManyStreams).with("retry_after_s", RETRY_AFTER_S))?;
        let place: Option<Place> = app
            .db
            .read(&actor, move |tx| match last {
                None => store::place_now(tx).map(Some),
                Some(id) => Ok(store::find_own(tx, account_id, id)?.map(|row| (row.txid, row.id.0))),
            })
            .await?;
        seat.news.notify_one();
        let now = Instant::now();
        let ends_at = now + Duration::from_secs(app.config.stream_seconds);
        Ok(Stream { app, actor, seat, place: place.ok_or(CommonProblem::NotFound)?, ends_at, alive_at: now })
    }

    /// Waits for what comes next; `None` is the end.
    pub async fn next(&mut self) -> Option<Saying> {
        let heartbeat = Duration::from_millis(self.app.config.stream_heartbeat_ms);
        loop {
            if self.app.is_ending.load(Ordering::Relaxed) || Instant::now() >= self.ends_at {
                return None;
            }
            let has_news = tokio::time::timeout(LOOK_EVERY, self.seat.news.notified()).await.is_ok();
            let is_due = self.alive_at.elapsed() >= heartbeat;
            if has_news || is_due {
                // A heartbeat reads too: so it sees whether the session lives, and what a look may have missed.
                match self.read().await {
                    Ok(rows) if rows.is_empty() && !is_due => {}
                    Ok(rows) => {
                        self.alive_at = Instant::now();
                        return Some(if rows.is_empty() { Saying::Alive } else { Saying::News(rows) });
                    }
                    Err(Error::Refused(..)) => return None,
                    Err(error) => tracing::warn!(?error, "a stream of notices could not be read"),
                }
            }
            if let Err(error) = self.app.streams.look(&self.app.db).await {
                tracing::warn!(?error, "no look for notices");
            }
        }
    }

    async fn read(&mut self) -> Result<Vec<NoticeRow>> {
        let (account_id, place) = (self.seat.account_id, self.place);
        let rows = self.app.db.read(&self.actor, move |tx| store::news(tx, account_id, place, ROWS_MAX)).await?;
        if let Some(last) = rows.last() {
            self.place = (last.txid, last.id.0);
        }
        if i64::try_from(rows.len()).is_ok_and(|rows| rows == ROWS_MAX) {
            self.seat.news.notify_one();
        }
        Ok(rows)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn an_account_has_a_few_seats_and_gets_them_back() {
        let streams = Arc::new(Streams::default());
        let account = AccountId(Uuid::nil());
        let mut seats: Vec<Option<Seat>> = (0..=STREAMS_PER_ACCOUNT_MAX).map(|_| streams.seat(account)).collect();
        assert_eq!(seats.iter().filter(|seat| seat.is_some()).count(), STREAMS_PER_ACCOUNT_MAX);
        assert!(streams.seat(AccountId(Uuid::max())).is_some(), "others have their own");
        seats.pop();
        seats.pop();
        assert!(streams.seat(account).is_some());
        drop(seats);
        assert!(streams.accounts().is_empty());
    }
}
