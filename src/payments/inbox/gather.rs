//! Messages that come while others are written are written together when that is done: one transaction costs little more with
//! several of them than with one. Together they wait for somebody else's locks for a moment only; then each goes on alone, so
//! that nobody waits long for another who could go on.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::store::{self, RawRow};
use crate::kernel::{CrashPoint, Db, Error, Result};
use crate::payments::apply::keep_and_apply;
use crate::payments::callbacks_api::CALLBACKS_MAX;
use crate::payments::expected::{apply_expected, money};
use crate::payments::providers::{Reading, Verdict};

/// Messages that are written together. Few enough that the statement for every number is kept prepared.
const TOGETHER_MAX: usize = 6;
/// Transactions at once. One gathers most, so a second begins only for as many as go together, or when the first waits for
/// something that somebody else has locked: the others must not wait with it. One connection is left for what is applied by
/// itself.
const WRITERS_MAX: usize = 3;
/// How long a transaction may take before another begins beside it.
const BESIDE_AFTER: Duration = Duration::from_millis(20);
/// Messages that wait. Those beyond are asked to come again.
const WAITING_MAX: usize = 4 * CALLBACKS_MAX;

/// A message that has come, is believed, and is not stored yet.
#[derive(Debug, Clone)]
pub struct Arrived {
    pub raw: RawRow,
    pub reading: Reading,
}

struct Waiting {
    arrived: Arrived,
    answer: oneshot::Sender<Result<Verdict>>,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Waiting>,
    writers: usize,
    /// When the last transaction began.
    begun: Option<Instant>,
}

impl State {
    fn has_room(&self) -> bool {
        let is_full = self.waiting.len() >= TOGETHER_MAX;
        let is_held_up = || self.begun.is_some_and(|begun| begun.elapsed() >= BESIDE_AFTER);
        let is_wanted = self.writers == 0 || (self.writers < WRITERS_MAX && (is_full || is_held_up()));
        is_wanted && !self.waiting.is_empty()
    }
}

/// What waits to be written in this process.
#[derive(Clone)]
pub struct Gathering {
    state: Arc<Mutex<State>>,
    /// Where it is written. It outlives the threads that answer requests: what one of them began, others wait for.
    runtime: Handle,
}

impl Gathering {
    /// To be made where the whole process runs.
    pub fn new(runtime: Handle) -> Gathering {
        Gathering { state: Arc::default(), runtime }
    }

    /// Stores a message with what it does; by itself when that fails.
    pub async fn write(&self, db: &Db, arrived: Arrived) -> Result<Verdict> {
        if money(&arrived).is_none() {
            return write_alone(db, arrived).await;
        }
        let (answer, mut answered) = oneshot::channel();
        {
            let mut state = self.state();
            if state.waiting.len() >= WAITING_MAX {
                return Err(Error::Unavailable("too many messages wait".to_owned()));
            }
            state.waiting.push_back(Waiting { arrived, answer });
        }
        loop {
            self.begin(db);
            // Should those at work be held up, another begins beside them.
            if let Ok(said) = tokio::time::timeout(BESIDE_AFTER, &mut answered).await {
                return said.map_err(Error::internal)?;
            }
        }
    }

    /// Begins to write what waits, if there is room for another who does.
    fn begin(&self, db: &Db) {
        let mut state = self.state();
        if !state.has_room() {
            return;
        }
        // Before it has begun, nobody begins beside it.
        (state.writers, state.begun) = (state.writers.saturating_add(1), Some(Instant::now()));
        let writer = Writer { gathering: self.clone(), is_counted: true };
        drop(state);
        self.runtime.spawn(writer.run(db.clone()));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One who writes until nothing waits.
struct Writer {
    gathering: Gathering,
    is_counted: bool,
}

impl Drop for Writer {
    fn drop(&mut self) {
        if self.is_counted {
            let mut state = self.gathering.state();
            state.writers = state.writers.saturating_sub(1);
        }
    }
}

impl Writer {
    async fn run(mut self, db: Db) {
        while let Some(together) = self.next() {
            write_together(&db, together).await;
        }
    }

    /// Who waits longest, with others of the same provider. When nobody waits, this writer is none any more, before another
    /// can come.
    fn next(&mut self) -> Option<Vec<Waiting>> {
        let mut state = self.gathering.state();
        let Some(first) = state.waiting.pop_front() else {
            state.writers = state.writers.saturating_sub(1);
            self.is_counted = false;
            return None;
        };
        let provider = first.arrived.raw.provider;
        let mut together = vec![first];
        let mut others = VecDeque::new();
        for one in state.waiting.drain(..) {
            if one.arrived.raw.provider == provider && together.len() < TOGETHER_MAX {
                together.push(one);
            } else {
                others.push_back(one);
            }
        }
        state.waiting = others;
        state.begun = Some(Instant::now());
        Some(together)
    }
}

async fn write_together(db: &Db, together: Vec<Waiting>) {
    let (arrived, answers): (Vec<Arrived>, Vec<_>) = together.into_iter().map(|one| (one.arrived, one.answer)).unzip();
    let arrived = Arc::new(arrived);
    let expected = Arc::clone(&arrived);
    let written = db.callbacks_together(move |tx| {
        let done = apply_expected(tx, &expected)?;
        tx.write_now()?;
        if done.contains(&true) {
            CrashPoint::InboxBeforeCommit.pass();
        }
        Ok(done)
    });
    let done = written.await.unwrap_or_else(|error| {
        tracing::warn!(?error, messages = arrived.len(), "messages are written one by one");
        vec![false; arrived.len()]
    });
    if done.contains(&true) {
        CrashPoint::InboxAfterCommitBeforeReply.pass();
    }
    for ((one, answer), is_done) in arrived.iter().zip(answers).zip(done) {
        // Whoever asked may have left.
        if is_done {
            let _ = answer.send(Ok(Verdict::Applied));
        } else {
            let (db, one) = (db.clone(), one.clone());
            tokio::spawn(async move { answer.send(write_alone(&db, one).await) });
        }
    }
}

/// What is not expected is stored with what it does; when that fails, by itself, to be taken up later.
async fn write_alone(db: &Db, arrived: Arrived) -> Result<Verdict> {
    let raw = arrived.raw.clone();
    let applied = db.callback(move |tx| {
        let verdict = keep_and_apply(tx, &arrived)?;
        tx.write_now()?;
        CrashPoint::InboxBeforeCommit.pass();
        Ok(verdict)
    });
    match applied.await {
        Ok(verdict) => {
            CrashPoint::InboxAfterCommitBeforeReply.pass();
            Ok(verdict)
        }
        Err(error) => {
            db.callback(move |tx| store::insert(tx, &raw, Some(true))).await?;
            CrashPoint::InboxAfterStore.pass();
            Err(error)
        }
    }
}
