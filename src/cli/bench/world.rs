//! A cluster, a database with a market in it, and the real program as a process of its own.

use std::io::{BufRead, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::Text;

use super::load;
use crate::cli::migrate::migrate;
use crate::config::Config;
use crate::embedded::{Postgres, Redis};

/// A purchase needs a buyer of its own, who has a cart.
pub const BUYERS: usize = 3_000;
const DATABASE: &str = "ocop_bench";
const DATA: &str = include_str!("data.sql");
const START_PAUSES_MAX: usize = 300;
const PAUSE: Duration = Duration::from_millis(100);

pub struct World {
    pub postgres: Postgres,
    redis: Option<Redis>,
    pub owner: PgConnection,
    pub config: Config,
}

#[derive(QueryableByName)]
struct Value {
    #[diesel(sql_type = Text)]
    value: String,
}

impl World {
    /// In a cluster of its own below the data folder, begun anew each time.
    pub fn open(mut config: Config, products: usize) -> Result<World, String> {
        let folder = config.data_folder.join("bench");
        let postgres = Postgres::start(&folder.join("postgres")).map_err(|e| e.to_string())?;
        let redis = Redis::start(&folder.join("redis")).map_err(|e| e.to_string())?;
        let mut admin = connect(&postgres.owner_url("postgres"))?;
        execute(&mut admin, &format!("drop database if exists {DATABASE} with (force)"))?;
        execute(&mut admin, &format!("create database {DATABASE}"))?;
        config.database_url = Some(postgres.app_url(DATABASE));
        config.redis_url = redis.as_ref().map(Redis::url);
        config.data_folder = folder;
        migrate(&postgres.owner_url(DATABASE), &postgres.app_url(DATABASE))?;
        let mut owner = connect(&postgres.owner_url(DATABASE))?;
        let data = DATA.replace(":products", &products.to_string()).replace(":buyers", &BUYERS.to_string());
        for statement in data.split(";\n").map(str::trim).filter(|statement| !statement.is_empty()) {
            execute(&mut owner, statement)?;
        }
        Ok(World { postgres, redis, owner, config })
    }

    pub fn execute(&mut self, statement: &str) -> Result<(), String> {
        execute(&mut self.owner, statement)
    }

    pub fn texts(&mut self, statement: &str) -> Result<Vec<String>, String> {
        let rows: Vec<Value> =
            diesel::sql_query(statement).load(&mut self.owner).map_err(|e| format!("{statement}: {e}"))?;
        Ok(rows.into_iter().map(|row| row.value).collect())
    }

    pub fn app_url(&self) -> String {
        self.postgres.app_url(DATABASE)
    }

    /// Connections of the server and clients of `pgbench`.
    pub fn connections(&self) -> u32 {
        self.config.pool_requests
    }

    pub fn empty_carts(&mut self) -> Result<(), String> {
        self.execute("delete from cart_lines")
    }

    /// Every buyer's cart as it was at the beginning.
    pub fn fill_carts(&mut self) -> Result<(), String> {
        self.empty_carts()?;
        self.execute(
            "insert into cart_lines (account_id, variant_id, quantity, added_at) \
             select md5('buyer' || buyer)::uuid, md5('variant' || product || '/1')::uuid, 1, now() from bench_wishes",
        )?;
        self.execute("vacuum analyze cart_lines")
    }

    /// Whether connections that are opened from now on have their statements written to the log.
    pub fn record(&mut self, is_recorded: bool) -> Result<(), String> {
        let value = if is_recorded { "all" } else { "none" };
        self.execute(&format!("alter role ocop_app in database {DATABASE} set log_statement = '{value}'"))
    }

    pub fn serve(&self) -> Result<Server, String> {
        let address = free_address()?;
        let mut command = program("serve")?;
        command
            .env("BIND", address.to_string())
            .env("DATABASE_URL", self.app_url())
            .env("DATA_FOLDER", &self.config.data_folder)
            .env("POOL_REQUESTS", self.connections().to_string())
            .env("TRUSTED_PROXIES", "1")
            .env("VISITOR_RATE_PER_MINUTE", "1000000")
            .env("RUST_LOG", "warn");
        if let Some(url) = &self.config.redis_url {
            command.env("REDIS_URL", url);
        }
        let server = Server { child: command.spawn().map_err(|e| e.to_string())?, address };
        let question = get(address, "/readyz", 1);
        for _ in 0..START_PAUSES_MAX {
            if load::body_of(address, &question).is_ok() {
                return Ok(server);
            }
            thread::sleep(PAUSE);
        }
        Err("the server did not become ready".to_owned())
    }

    /// A handler that answers these bytes.
    pub fn serve_bare(body: &[u8]) -> Result<Server, String> {
        let mut command = program("bench-bare")?;
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(|e| e.to_string())?;
        let written = child.stdin.take().map(|mut stdin| stdin.write_all(body));
        written.transpose().map_err(|e| e.to_string())?;
        let mut line = String::new();
        let read = child.stdout.take().map(|stdout| BufReader::new(stdout).read_line(&mut line));
        read.transpose().map_err(|e| e.to_string())?;
        let address = line.trim().parse().map_err(|e| format!("the bare server said {line:?}: {e}"));
        address.map(|address| Server { child, address })
    }

    pub fn close(self) {
        let World { postgres, redis, .. } = self;
        if let Some(redis) = redis {
            redis.stop();
        }
        postgres.stop();
    }
}

/// A process that ends with this value.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
}

impl Server {
    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// This program with another command, and nothing of our environment but where programs are.
fn program(command: &str) -> Result<Command, String> {
    let own = std::env::current_exe().map_err(|e| e.to_string())?;
    let mut command_line = Command::new(own);
    command_line.arg(command).env_clear();
    if let Some(path) = std::env::var_os("PATH") {
        command_line.env("PATH", path);
    }
    Ok(command_line)
}

fn free_address() -> Result<SocketAddr, String> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|e| e.to_string())?;
    listener.local_addr().map_err(|e| e.to_string())
}

fn connect(url: &str) -> Result<PgConnection, String> {
    PgConnection::establish(url).map_err(|e| e.to_string())
}

fn execute(conn: &mut PgConnection, statement: &str) -> Result<(), String> {
    let done = diesel::sql_query(statement).execute(conn);
    done.map(drop).map_err(|e| format!("{e} in: {}", statement.chars().take(200).collect::<String>()))
}

/// A request of a visitor from one of many networks, so that no limit of one network is met.
pub fn get(address: SocketAddr, path: &str, network: usize) -> Vec<u8> {
    let (high, low) = ((network >> 8) & 255, network & 255);
    format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nX-Forwarded-For: 10.{high}.{low}.1\r\n\r\n").into_bytes()
}

/// A request with a JSON body and headers that end with a line break each; `what` is `POST /path`.
pub fn with_body(address: SocketAddr, what: &str, headers: &str, body: &str) -> Vec<u8> {
    format!(
        "{what} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n{headers}\r\n{body}",
        body.len()
    )
    .into_bytes()
}
