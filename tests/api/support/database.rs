//! One database per test, cloned from a template that is made once per version of the migrations.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use ocop_market::embedded::Postgres;
use ocop_market::ops::MIGRATIONS;
use sha2::Digest as _;

/// Serialises the making of templates and clones between processes.
const LOCK: &str = "select pg_advisory_lock(7318842056)";

fn cluster() -> &'static Postgres {
    static CLUSTER: OnceLock<Postgres> = OnceLock::new();
    CLUSTER.get_or_init(|| {
        let folder = folder();
        std::fs::create_dir_all(&folder).expect("a folder for the test cluster");
        Postgres::start_to_throw_away(&folder).expect("a private PostgreSQL for tests")
    })
}

/// One that keeps what it was told, as production demands it.
fn durable_cluster() -> &'static Postgres {
    static CLUSTER: OnceLock<Postgres> = OnceLock::new();
    CLUSTER.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("postgres-that-keeps");
        std::fs::create_dir_all(&folder).expect("a folder for the test cluster");
        Postgres::start(&folder).expect("a private PostgreSQL for tests")
    })
}

/// Another one after each start of the machine, since its server does not wait for the disk: of a machine that stopped
/// without warning it would not know what is there. Those of earlier starts are removed.
fn folder() -> PathBuf {
    let start = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").expect("the machine's start");
    let clusters = Path::new(env!("CARGO_TARGET_TMPDIR")).join("clusters");
    let folder = clusters.join(start.trim());
    for entry in std::fs::read_dir(&clusters).into_iter().flatten().flatten() {
        if entry.path() != folder {
            // As root its data are elsewhere.
            if let Ok(elsewhere) = std::fs::read_link(entry.path().join("elsewhere")) {
                let _ = std::fs::remove_dir_all(elsewhere);
            }
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
    folder
}

pub struct TestDatabase {
    name: String,
    admin_url: String,
    /// For who only looks: to be let in takes longer than most looks do.
    looking: Mutex<Option<PgConnection>>,
    pub app_url: String,
    pub owner_url: String,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

fn connect(url: &str) -> PgConnection {
    PgConnection::establish(url).expect("a connection as owner")
}

#[derive(QueryableByName)]
struct Word {
    #[diesel(sql_type = Text)]
    word: String,
}

fn number(conn: &mut PgConnection, sql: &str) -> QueryResult<i64> {
    let row: Number = diesel::sql_query(format!("select ({sql})::bigint as number")).get_result(conn)?;
    Ok(row.number)
}

fn word(conn: &mut PgConnection, sql: &str) -> QueryResult<String> {
    let row: Word = diesel::sql_query(format!("select coalesce(({sql})::text, '') as word")).get_result(conn)?;
    Ok(row.word)
}

/// The template's name says which migrations it has run.
fn template() -> String {
    use diesel::migration::{Migration, MigrationSource};
    let migrations: Vec<Box<dyn Migration<diesel::pg::Pg>>> = MIGRATIONS.migrations().expect("migrations");
    let mut names: Vec<String> = migrations.iter().map(|m| m.name().to_string()).collect();
    names.sort();
    let mut hash = sha2::Sha256::new();
    for name in names {
        hash.update(&name);
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(&name).join("up.sql");
        hash.update(std::fs::read(file).expect("a migration's file"));
    }
    format!("ocop_template_{}", &hex::encode(hash.finalize())[..16])
}

impl TestDatabase {
    pub fn create() -> TestDatabase {
        TestDatabase::on(cluster())
    }

    /// On a cluster that production would start with.
    pub fn durable() -> TestDatabase {
        TestDatabase::on(durable_cluster())
    }

    /// On a cluster of the test's own.
    pub fn on(cluster: &Postgres) -> TestDatabase {
        let mut admin = connect(&cluster.owner_url("postgres"));
        admin.batch_execute(LOCK).expect("the lock");
        let template = template();
        let exists = format!("select count(*) from pg_database where datname = '{template}' and datistemplate");
        if number(&mut admin, &exists).expect("an answer") == 0 {
            admin.batch_execute(&format!("drop database if exists {template}")).expect("a clean start");
            admin.batch_execute(&format!("create database {template}")).expect("a template");
            ocop_market::cli::migrate(&cluster.owner_url(&template), &cluster.app_url(&template)).expect("migrations");
            admin.batch_execute(&format!("alter database {template} is_template true")).expect("a template");
        }
        let name = format!("ocop_test_{}", uuid::Uuid::now_v7().simple());
        admin
            .batch_execute(&format!("create database {name} template {template} strategy file_copy"))
            .expect("a clone");
        TestDatabase {
            app_url: cluster.app_url(&name),
            owner_url: cluster.owner_url(&name),
            admin_url: cluster.owner_url("postgres"),
            looking: Mutex::default(),
            name,
        }
    }

    /// A database with nothing in it.
    pub fn empty() -> TestDatabase {
        let cluster = cluster();
        let name = format!("ocop_test_{}", uuid::Uuid::now_v7().simple());
        connect(&cluster.owner_url("postgres")).batch_execute(&format!("create database {name}")).expect("a database");
        TestDatabase {
            app_url: cluster.app_url(&name),
            owner_url: cluster.owner_url(&name),
            admin_url: cluster.owner_url("postgres"),
            looking: Mutex::default(),
            name,
        }
    }

    pub fn owner(&self) -> PgConnection {
        connect(&self.owner_url)
    }

    /// One number.
    pub fn count(&self, sql: &str) -> i64 {
        self.look(|conn| number(conn, sql)).expect(sql)
    }

    /// One text.
    pub fn text(&self, sql: &str) -> String {
        self.look(|conn| word(conn, sql)).expect(sql)
    }

    /// A connection that the server has closed is replaced.
    fn look<T>(&self, ask: impl Fn(&mut PgConnection) -> QueryResult<T>) -> QueryResult<T> {
        let mut looking = self.looking.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(conn) = looking.as_mut() {
            let answer = ask(conn);
            if answer.is_ok() || conn.batch_execute("select 1").is_ok() {
                return answer;
            }
        }
        ask(looking.insert(self.owner()))
    }

    pub fn execute(&self, sql: &str) {
        self.owner().batch_execute(sql).expect(sql);
    }

    /// Why the database refuses this even of its owner.
    pub fn fails(&self, sql: &str) -> String {
        let error = self.owner().batch_execute(sql).expect_err(sql);
        match &error {
            diesel::result::Error::DatabaseError(_, info) => {
                format!("{}: {}", info.constraint_name().unwrap_or_default(), info.message())
            }
            _ => error.to_string(),
        }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Ok(mut admin) = PgConnection::establish(&self.admin_url) {
            let _ = admin.batch_execute(&format!("drop database if exists {} with (force)", self.name));
        }
    }
}
