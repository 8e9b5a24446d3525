//! The rows of the table, and those about reading.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::cost;
use super::load::{self, Outcome, Requests};
use super::world::{self, Server, World};

/// A row alternates so often between ours and its limit.
pub const ROUNDS: usize = 3;
const ROUND: Duration = Duration::from_secs(3);
/// Browsers at once.
const BROWSERS: usize = 128;
/// Networks that they come from.
const NETWORKS: usize = 64;
/// Questions of which each is asked once.
const DIFFERENT: usize = 2_000;
const READY_MAX_MS: u64 = 1_000;
const MEMORY_MAX_MB: u64 = 150;

/// How fast something was, and what it cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Speed {
    pub per_second: u64,
    /// Microseconds of processor time for one: of the program, and of the database.
    pub own_us: u64,
    pub database_us: u64,
}

impl Speed {
    /// Where only the speed is known.
    pub fn of(per_second: u64) -> Speed {
        Speed { per_second, own_us: 0, database_us: 0 }
    }

    fn cpu_us(self) -> u64 {
        self.own_us.saturating_add(self.database_us)
    }
}

/// The processes whose cost counts: the program, and PostgreSQL with its children.
#[derive(Clone, Copy)]
pub struct Payers {
    pub program: u32,
    pub postgres: Option<u32>,
}

impl Payers {
    pub fn of(world: &World, server: &Server) -> Payers {
        Payers { program: server.pid(), postgres: Some(world.postgres.pid()) }
    }

    fn database_us(self) -> u64 {
        self.postgres.map_or(0, |pid| cost::processor_us(&cost::with_children(pid)))
    }
}

pub struct Row {
    pub name: &'static str,
    pub ours: Speed,
    /// What it is measured against, and how fast that was.
    pub limit: Option<(&'static str, Speed)>,
    /// Percent of the limit's speed that must be reached.
    pub percent_min: Option<u64>,
    pub cpu_us_max: u64,
}

impl Row {
    pub fn percent(&self) -> Option<u64> {
        let (_, limit) = self.limit?;
        self.ours.per_second.saturating_mul(100).checked_div(limit.per_second)
    }

    pub fn holds(&self) -> bool {
        let is_fast = self.percent_min.is_none_or(|least| self.percent().is_some_and(|percent| percent >= least));
        is_fast && self.ours.cpu_us() <= self.cpu_us_max
    }
}

/// A number that may not be larger.
pub struct Bound {
    pub name: &'static str,
    pub value: u64,
    pub most: u64,
    pub unit: &'static str,
}

impl Bound {
    pub fn holds(&self) -> bool {
        self.value <= self.most
    }

    pub fn line(&self) -> String {
        let verdict = if self.holds() { "holds" } else { "missed" };
        let Bound { name, value, most, unit } = self;
        format!("{name}: {value} {unit} (≤ {most}): {verdict}\n\n")
    }
}

/// How long answers are waited for when there is less to do than could be done.
pub struct Wait {
    pub name: &'static str,
    pub per_second: u64,
    /// What 99 of 100 waited at most.
    pub p99: Duration,
    pub p99_max: Duration,
}

impl Wait {
    pub fn of(
        (name, per_second): (&'static str, u64),
        mut waits: Vec<Duration>,
        p99_max: Duration,
    ) -> Result<Wait, String> {
        waits.sort_unstable();
        let place = waits.len().saturating_mul(99) / 100;
        let p99 = waits.get(place).copied().ok_or("nothing was waited for")?;
        Ok(Wait { name, per_second, p99, p99_max })
    }

    pub fn holds(&self) -> bool {
        self.p99 <= self.p99_max
    }

    pub fn line(&self) -> String {
        let verdict = if self.holds() { "holds" } else { "missed" };
        let Wait { name, per_second, p99, p99_max } = self;
        let (p99, most) = (p99.as_millis(), p99_max.as_millis());
        format!("{name}, {per_second}/s: 99 of 100 are answered within {p99} ms (≤ {most}): {verdict}\n")
    }
}

/// Markdown, so that it can be copied into the README.
pub fn table(rows: &[Row]) -> String {
    let mut text = String::from(
        "| work | ours/s | limit/s | % of the limit | wanted | CPU µs: program + database | allowed | |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    for row in rows {
        let limit = row.limit.map_or_else(|| "–".to_owned(), |(name, limit)| format!("{} ({name})", limit.per_second));
        let percent = row.percent().map_or_else(|| "–".to_owned(), |percent| percent.to_string());
        let wanted = row.percent_min.map_or_else(|| "–".to_owned(), |least| format!("≥ {least}"));
        let verdict = if row.holds() { "holds" } else { "missed" };
        let Speed { per_second, own_us, database_us } = row.ours;
        text.push_str(&format!(
            "| {} | {per_second} | {limit} | {percent} | {wanted} | {own_us} + {database_us} | ≤ {} | {verdict} |\n",
            row.name, row.cpu_us_max
        ));
    }
    text
}

/// The middle one by speed.
pub fn median(mut rounds: Vec<Speed>) -> Option<Speed> {
    rounds.sort_by_key(|round| round.per_second);
    rounds.get(rounds.len() / 2).copied()
}

/// What reading costs, and what the server takes for it.
pub fn reading(world: &mut World, products: usize) -> Result<(Vec<Row>, Vec<Bound>), String> {
    let begun = Instant::now();
    let server = world.serve()?;
    let ready_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    let product = world.texts("select md5('product7')::uuid::text as value")?.concat();
    let list = against_bare(world, &server, "list of 20, shown before", "/v1/public/products")?;
    let detail = against_bare(world, &server, "product, shown before", &format!("/v1/public/products/{product}"))?;
    let paths = (0..DIFFERENT).map(|n| format!("/v1/public/products?price_min_vnd={}", n.saturating_add(1000)));
    let fresh_list = each_once(world, &server, "list of 20, from the database", (paths.collect(), 2_000))?;
    let every = products.checked_div(DIFFERENT).unwrap_or(1).max(1);
    let ids = world.texts(&format!(
        "select md5('product' || n)::uuid::text as value from generate_series(0, {products} - 1, {every}) n limit {DIFFERENT}"
    ))?;
    let paths = ids.iter().map(|id| format!("/v1/public/products/{id}")).collect();
    let fresh_detail = each_once(world, &server, "product, from the database", (paths, 1_000))?;
    let search = each_once(world, &server, "search", (searches(), 5_000))?;
    let ready = Bound { name: "the server is ready", value: ready_ms, most: READY_MAX_MS, unit: "ms" };
    let memory = cost::resident_mb(server.pid());
    let memory = Bound { name: "memory of the server after this", value: memory, most: MEMORY_MAX_MB, unit: "MB" };
    Ok((vec![list, detail, fresh_list, fresh_detail, search], vec![ready, memory]))
}

/// What people look for: common words and rare ones, whole and begun, of products and of places.
fn searches() -> Vec<String> {
    const WORDS: [&str; 8] = [
        "mat%20ong",
        "che%20shan%20tuyet",
        "dong%20van",
        "g%E1%BA%A1o%20n%E1%BA%BFp",
        "vai",
        "hong%20kh",
        "mat",
        "cam%20meo%20vac",
    ];
    let numbers = 0..DIFFERENT;
    let word = |n: usize| WORDS.get(n % WORDS.len()).copied().unwrap_or("mat");
    numbers.map(|n| format!("/v1/public/products?q={}&price_min_vnd={}", word(n), n.saturating_add(1))).collect()
}

/// A page that everybody opens, and a handler that has nothing else to do than to answer its bytes.
fn against_bare(world: &World, server: &Server, name: &'static str, path: &str) -> Result<Row, String> {
    eprintln!("bench: {name}");
    let body = load::body_of(server.address, &world::get(server.address, path, 0))?;
    let bare = World::serve_bare(&body)?;
    let (mut ours, mut limits) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(round(Payers::of(world, server), server.address, path)?);
        limits.push(round(Payers { program: bare.pid(), postgres: None }, bare.address, path)?);
    }
    let limit = median(limits).map(|speed| ("bare handler", speed));
    let ours = median(ours).ok_or("no round was measured")?;
    Ok(Row { name, ours, limit, percent_min: Some(50), cpu_us_max: 300 })
}

fn round(payers: Payers, address: SocketAddr, path: &str) -> Result<Speed, String> {
    let requests: Vec<Vec<u8>> = (0..NETWORKS).map(|network| world::get(address, path, network)).collect();
    speed(payers, (address, BROWSERS), Requests::During(ROUND, &requests))
}

/// Sends, and sees what that cost these processes.
pub fn speed(
    payers: Payers,
    (address, connections): (SocketAddr, usize),
    requests: Requests<'_>,
) -> Result<Speed, String> {
    cost_of(payers, || load::send(address, connections, requests))
}

/// What this work cost these processes.
pub fn cost_of(payers: Payers, work: impl FnOnce() -> Result<Outcome, String>) -> Result<Speed, String> {
    let (own, database) = (cost::processor_us(&[payers.program]), payers.database_us());
    let outcome = work()?;
    let own = cost::processor_us(&[payers.program]).saturating_sub(own);
    let database = payers.database_us().saturating_sub(database);
    let micros = u64::try_from(outcome.took.as_micros()).map_err(|e| e.to_string())?;
    Ok(Speed {
        per_second: outcome.answered.saturating_mul(1_000_000).checked_div(micros).unwrap_or(0),
        own_us: own.checked_div(outcome.answered).unwrap_or(0),
        database_us: database.checked_div(outcome.answered).unwrap_or(0),
    })
}

fn each_once(
    world: &World,
    server: &Server,
    name: &'static str,
    (paths, cpu_us_max): (Vec<String>, u64),
) -> Result<Row, String> {
    eprintln!("bench: {name}");
    let requests: Vec<Vec<u8>> =
        paths.iter().enumerate().map(|(n, path)| world::get(server.address, path, n)).collect();
    let ours = speed(Payers::of(world, server), (server.address, BROWSERS), Requests::Each(&requests))?;
    Ok(Row { name, ours, limit: None, percent_min: None, cpu_us_max })
}
