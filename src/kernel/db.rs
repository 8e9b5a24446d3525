//! The only place that opens a transaction.
//!
//! An operation is a plain function over [`Tx`], run as a whole on a blocking thread. It cannot await, so no
//! network call can sit inside a transaction. Deadlocks and serialisation failures are tried again.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, CustomizeConnection, Pool, PooledConnection};
use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use rand::RngExt as _;
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::actor::{Actor, Role, SessionClaim, Territory, Who};
use super::claim::{Claim, Kept};
use super::database_url::DatabaseUrl;
use super::error::{CommonProblem, Error, Result, still_at_work};
use super::ids::ProducerId;
use super::later::Later;
use super::sql::Prepare;

/// How often a transaction is tried when the database asks for it.
const TRIES_MAX: u32 = 3;

/// What a transaction is begun for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Read,
    Write,
    /// A write that others can do in another way, and that gives up soon when somebody else holds what it needs.
    Briefly,
}

impl Mode {
    fn begin(self) -> &'static str {
        match self {
            // What is shown is of one moment, however many statements look.
            Mode::Read => "begin isolation level repeatable read read only",
            Mode::Write | Mode::Briefly => "begin",
        }
    }

    /// Whoever writes finds rows by their keys, for which one plan is right whatever the values: none is made anew. The
    /// server would do so at each call for every list of keys, which costs more than running the statement.
    fn plans(self) -> &'static str {
        match self {
            Mode::Read => "auto",
            Mode::Write | Mode::Briefly => "force_generic_plan",
        }
    }

    /// How long it waits for what somebody else has locked.
    fn lock_wait(self) -> &'static str {
        match self {
            Mode::Read | Mode::Write => LOCK_WAIT,
            Mode::Briefly => "50ms",
        }
    }
}

/// With what a transaction opens.
struct Opening {
    mode: Mode,
    offset_ms: i64,
    /// The key whose answer is looked for, if it was given before.
    claim: Option<Claim>,
}

/// How long a request waits for a connection before it is answered 503.
const WAIT_MAX: Duration = Duration::from_millis(500);

/// One transaction: its connection, who it runs for, and its moment.
pub struct Tx<'c> {
    pub conn: &'c mut PgConnection,
    pub who: Who,
    /// The moment of the transaction by the database's clock. The only clock that operations know.
    pub now: DateTime<Utc>,
    /// What is written at its end.
    pub(super) later: &'c mut Later,
    /// What was answered before to the key that opened it; nothing when it was not looked for.
    pub(super) kept: Option<Kept>,
    /// Whether the platform is at work for the actor.
    is_raised: bool,
}

/// Moves the database's clock in tests; zero otherwise.
#[derive(Debug, Clone, Default)]
pub struct Clock(Arc<AtomicI64>);

impl Clock {
    pub fn advance(&self, by: TimeDelta) {
        self.0.fetch_add(by.num_milliseconds(), Ordering::SeqCst);
    }

    pub fn offset_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }

    /// This machine's clock, for what has no transaction: tokens and signatures of callbacks.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    pub fn now(&self) -> DateTime<Utc> {
        Utc::now() + TimeDelta::milliseconds(self.offset_ms())
    }
}

#[derive(Clone)]
struct Lane {
    url: Arc<str>,
    pool: Pool<ConnectionManager<PgConnection>>,
    permits: Arc<Semaphore>,
}

/// Pools of connections as the application's role. Requests, callbacks and jobs have separate lanes, so that a
/// flood of one cannot starve the others.
#[derive(Clone)]
pub struct Db {
    requests: Lane,
    callbacks: Lane,
    jobs: Lane,
    pub clock: Clock,
}

#[derive(Debug, Clone, Copy)]
pub struct PoolSizes {
    pub requests: u32,
    pub callbacks: u32,
    pub jobs: u32,
}

/// What holds for every connection. A wait for a lock ends before a client loses patience, a statement before the
/// request's deadline, so that no connection is kept by what nobody waits for any more. A row found by its index costs
/// what the next one costs, since what is in use is in memory: with the server's own guess, made for turning disks,
/// tables of a few thousand rows are read whole for three of them.
const SESSION: &str = "set time zone 'UTC'; set statement_timeout = '8s'; set lock_timeout = '2s'; \
    set idle_in_transaction_session_timeout = '10s'; set random_page_cost = 1.1";

/// As [`SESSION`] says it: what nobody changes for a transaction.
const LOCK_WAIT: &str = "2s";

#[derive(Debug)]
struct Settings;

impl CustomizeConnection<PgConnection, diesel::r2d2::Error> for Settings {
    fn on_acquire(&self, conn: &mut PgConnection) -> Result<(), diesel::r2d2::Error> {
        conn.batch_execute(SESSION).map_err(diesel::r2d2::Error::QueryError)
    }
}

impl Lane {
    fn open(url: &str, size: u32) -> Result<Lane> {
        let url = DatabaseUrl::read(url).with_timeouts();
        let pool = Pool::builder()
            .max_size(size)
            .min_idle(Some(0))
            .test_on_check_out(false)
            .connection_timeout(Duration::from_secs(3))
            .connection_customizer(Box::new(Settings))
            .build(ConnectionManager::new(url.clone()))
            .map_err(Error::internal)?;
        Ok(Lane { url: url.into(), pool, permits: Arc::new(Semaphore::new(usize::try_from(size).unwrap_or(1))) })
    }
}

impl Db {
    pub fn open(url: &str, sizes: PoolSizes, clock: Clock) -> Result<Db> {
        Ok(Db {
            requests: Lane::open(url, sizes.requests)?,
            callbacks: Lane::open(url, sizes.callbacks)?,
            jobs: Lane::open(url, sizes.jobs)?,
            clock,
        })
    }

    /// Connections at work now, of all lanes.
    pub fn in_use(&self) -> u32 {
        let lanes = [&self.requests, &self.callbacks, &self.jobs];
        let at_work = lanes.map(|lane| {
            let state = lane.pool.state();
            state.connections.saturating_sub(state.idle_connections)
        });
        at_work.into_iter().fold(0, u32::saturating_add)
    }

    /// A transaction that can only look.
    pub async fn read<T, F>(&self, actor: &Actor, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        self.run(&self.requests, (Mode::Read, None), actor, work).await
    }

    pub async fn write<T, F>(&self, actor: &Actor, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        self.run(&self.requests, (Mode::Write, None), actor, work).await
    }

    /// A write for a key: whether it was answered before is asked with the session, since both are one trip.
    pub async fn write_once<T, F>(&self, actor: &Actor, claim: &Claim, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        self.run(&self.requests, (Mode::Write, Some(claim)), actor, work).await
    }

    /// A write of a provider's message, on connections of its own.
    pub async fn callback<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        self.run(&self.callbacks, (Mode::Write, None), &Actor::PLATFORM, work).await
    }

    /// The same for what can also be written message by message: when somebody else holds what it needs for more than 50
    /// milliseconds, it fails.
    pub async fn callbacks_together<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        self.run(&self.callbacks, (Mode::Briefly, None), &Actor::PLATFORM, work).await
    }

    /// A write of a job, on connections of its own.
    pub async fn job<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        self.run(&self.jobs, (Mode::Write, None), &Actor::PLATFORM, work).await
    }

    /// One reading statement without context, which sees only what is nobody's: one round trip instead of four.
    pub async fn glance<T, F>(&self, mut work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut PgConnection) -> Result<T> + Send + 'static,
    {
        on_connection(&self.requests, move |conn, url| {
            work(conn).or_else(|_| {
                reconnect(conn, url, "select 1")?;
                work(conn)
            })
        })
        .await
    }

    async fn run<T, F>(
        &self,
        lane: &Lane,
        (mode, claim): (Mode, Option<&Claim>),
        actor: &Actor,
        mut work: F,
    ) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let actor = actor.clone();
        let opening = Opening { mode, offset_ms: self.clock.offset_ms(), claim: claim.cloned() };
        on_connection(lane, move |conn, url| {
            let mut tries: u32 = 1;
            loop {
                match transaction((conn, url), &opening, &actor, &mut work) {
                    Err(Error::Conflict(_)) if tries < TRIES_MAX => {
                        let jitter = rand::rng().random_range(1..=20);
                        std::thread::sleep(Duration::from_millis(jitter));
                        tries = tries.saturating_add(1);
                    }
                    Err(Error::Conflict(why)) => return Err(Error::Unavailable(why)),
                    outcome => return outcome,
                }
            }
        })
        .await
    }
}

/// Runs work on a blocking thread with one of the lane's connections.
async fn on_connection<T, F>(lane: &Lane, work: F) -> Result<T>
where
    T: Send + 'static,
    F: FnOnce(&mut Pooled, &str) -> Result<T> + Send + 'static,
{
    let permit = tokio::time::timeout(WAIT_MAX, Arc::clone(&lane.permits).acquire_owned())
        .await
        .map_err(|_| Error::Unavailable("all connections are busy".to_owned()))?
        .map_err(Error::internal)?;
    let lane = lane.clone();
    tokio::task::spawn_blocking(move || {
        let _permit = permit;
        let mut conn = lane.pool.get().map_err(|e| Error::Unavailable(e.to_string()))?;
        work(&mut conn, &lane.url)
    })
    .await
    .map_err(Error::internal)?
}

type Pooled = PooledConnection<ConnectionManager<PgConnection>>;

/// Runs work in one transaction; rolls back unless it succeeds. A connection whose state is unknown is given up.
fn transaction<T>(
    (conn, url): (&mut Pooled, &str),
    opening: &Opening,
    actor: &Actor,
    work: &mut impl FnMut(&mut Tx<'_>) -> Result<T>,
) -> Result<T> {
    let begin = opening.mode.begin();
    conn.batch_execute(begin).or_else(|_| reconnect(conn, url, begin))?;
    let outcome = in_context(conn, actor, opening, work);
    match outcome {
        Ok(value) => {
            conn.batch_execute("commit")?;
            Ok(value)
        }
        Err(error) => {
            if conn.batch_execute("rollback").is_err() {
                let _ = reconnect(conn, url, "select 1");
            }
            Err(error)
        }
    }
}

/// The server may have restarted since the connection was last used: one fresh connection, nothing was lost yet.
fn reconnect(conn: &mut Pooled, url: &str, first: &str) -> Result<()> {
    let mut fresh = PgConnection::establish(url).map_err(|e| Error::Unavailable(e.to_string()))?;
    Settings.on_acquire(&mut fresh).map_err(|e| Error::Unavailable(e.to_string()))?;
    fresh.batch_execute(first)?;
    **conn = fresh;
    Ok(())
}

fn in_context<T>(
    conn: &mut PgConnection,
    actor: &Actor,
    opening: &Opening,
    work: &mut impl FnMut(&mut Tx<'_>) -> Result<T>,
) -> Result<T> {
    let (who, now, kept) = match actor {
        Actor::Anonymous { request_id } => plain(conn, Role::Anonymous, *request_id, opening)?,
        Actor::Platform { request_id } => plain(conn, Role::Platform, *request_id, opening)?,
        Actor::Session(claim) => session(conn, claim, opening)?,
    };
    let mut tx = Tx { conn, who, now, later: &mut Later::default(), kept, is_raised: false };
    let value = work(&mut tx)?;
    tx.write_now()?;
    Ok(value)
}

const NOW: &str = "date_trunc('milliseconds', now()) + $1 * interval '1 millisecond'";
const PLANS: &str = "set_config('plan_cache_mode', $2, true)";

#[derive(QueryableByName)]
struct Moment {
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
}

fn plain(
    conn: &mut PgConnection,
    role: Role,
    request_id: Option<super::ids::RequestId>,
    opening: &Opening,
) -> Result<(Who, DateTime<Utc>, Option<Kept>)> {
    const WHO: &str = "set_config('app.role', $3, true), set_config('lock_timeout', $4, true)";
    let moment: Moment = diesel::sql_query(format!("select {NOW} as at, {PLANS}, {WHO}"))
        .bind::<BigInt, _>(opening.offset_ms)
        .bind::<Text, _>(opening.mode.plans())
        .bind::<Text, _>(role.as_str())
        .bind::<Text, _>(opening.mode.lock_wait())
        .prepared()
        .get_result(conn)?;
    let who = Who {
        role,
        account_id: None,
        session_id: None,
        is_guest: false,
        producer_id: None,
        territory: None,
        request_id,
    };
    Ok((who, moment.at, None))
}

#[derive(QueryableByName)]
struct Begun {
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
    #[diesel(sql_type = Bool)]
    is_live: bool,
    #[diesel(sql_type = Nullable<Bool>)]
    is_guest: Option<bool>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    producer: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    province: Option<String>,
    #[diesel(sql_type = Nullable<Array<Text>>)]
    communes: Option<Vec<String>>,
}

#[derive(QueryableByName)]
struct BegunWithKey {
    #[diesel(embed)]
    begun: Begun,
    #[diesel(embed)]
    kept: Kept,
}

const BEGIN: &str = "cross join lateral begin_session($3, $4, $5, $6, m.at) b";

fn session(
    conn: &mut PgConnection,
    claim: &SessionClaim,
    Opening { mode, offset_ms, claim: wanted }: &Opening,
) -> Result<(Who, DateTime<Utc>, Option<Kept>)> {
    // The key belongs to the account, and is looked for once it is known that the session lives.
    let (columns, key) = match wanted {
        Some(_) => (", k.*", "left join lateral find_answer(case when b.is_live then $4::text end, $7, $8) k on true"),
        None => ("", ""),
    };
    let query =
        diesel::sql_query(format!("select m.at, b.*{columns} from (select {NOW} as at, {PLANS}) m {BEGIN} {key}"))
            .bind::<BigInt, _>(*offset_ms)
            .bind::<Text, _>(mode.plans())
            .bind::<SqlUuid, _>(claim.session_id.0)
            .bind::<SqlUuid, _>(claim.account_id.0)
            .bind::<Text, _>(claim.audience.as_str())
            .bind::<Integer, _>(claim.authorisation_version);
    let (begun, kept): (Begun, Option<Kept>) = match wanted {
        Some(Claim { key, route, .. }) => {
            let query = query.bind::<Text, _>(route).bind::<Text, _>(key).prepared();
            let BegunWithKey { begun, kept } = query.get_result(conn).map_err(still_at_work)?;
            (begun, Some(kept))
        }
        None => (query.prepared().get_result(conn)?, None),
    };
    if !begun.is_live {
        return Err(CommonProblem::SessionEnded.into());
    }
    let territory = match (begun.province, begun.communes) {
        (Some(province), _) => Some(Territory::Province(province)),
        (None, Some(communes)) if !communes.is_empty() => Some(Territory::Communes(communes)),
        _ => None,
    };
    let who = Who {
        role: Role::Holder(claim.audience),
        account_id: Some(claim.account_id),
        session_id: Some(claim.session_id),
        is_guest: begun.is_guest == Some(true),
        producer_id: begun.producer.map(ProducerId),
        territory,
        request_id: claim.request_id,
    };
    Ok((who, begun.at, kept))
}

impl Tx<'_> {
    /// Runs a part as the platform itself, for rows that the actor causes but may not touch.
    pub fn as_platform<T>(&mut self, work: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        if self.is_raised || self.who.role == Role::Platform {
            return work(self);
        }
        self.write_what_is_bound()?;
        set_role(self.conn, Role::Platform.as_str())?;
        self.is_raised = true;
        // What fails ends the transaction, and with it the role.
        let value = work(self)?;
        self.write_what_is_bound()?;
        set_role(self.conn, self.who.role.as_str())?;
        self.is_raised = false;
        Ok(value)
    }
}

#[derive(QueryableByName)]
struct RoleSet {
    #[diesel(sql_type = Text)]
    #[expect(dead_code, reason = "only returned")]
    role: String,
}

fn set_role(conn: &mut PgConnection, role: &str) -> Result<()> {
    let set = diesel::sql_query("select set_config('app.role', $1, true) as role").bind::<Text, _>(role);
    set.prepared().load::<RoleSet>(conn)?;
    Ok(())
}
