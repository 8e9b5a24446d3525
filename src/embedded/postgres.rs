//! The private PostgreSQL cluster.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use super::hold::{self, Hold, Starting};
use super::home::{Home, url_component};
use super::process::{self, Process, Signal};
use super::{EmbeddedError, at};

/// The oldest server the project's SQL is written for.
const MAJOR_MIN: u32 = 15;
/// Owns the cluster and the schema; runs the migrations.
const OWNER: &str = "ocop_owner";
/// What the application signs in as: owns nothing.
const APP: &str = "ocop_app";
/// No port is opened; the number is part of the socket's file name.
const PORT: u16 = 5432;
/// Durable as in production; sized for a laptop.
const SETTINGS: [&str; 14] = [
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "max_connections=120",
    "shared_buffers=512MB",
    "max_wal_size=1GB",
    "fsync=on",
    "synchronous_commit=on",
    "full_page_writes=on",
    "deadlock_timeout=200ms",
    "log_lock_waits=on",
    "log_line_prefix=%m [%p] %q%u@%d ",
    "lc_messages=C",
    "timezone=UTC",
    "jit=off",
];
/// For what is thrown away anyway: nothing waits for a disk, and nothing is written that only replicas and a start after
/// a crash would read.
const THROWN_AWAY: [&str; 6] = [
    "fsync=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_wal_size=4GB",
    "checkpoint_timeout=1h",
];
/// Nobody enters without a password, and nobody enters by network.
const HBA: &str = "local all all scram-sha-256\n";

/// How long a server without supervisor may take to end in order, then at once.
const STRAY_SECONDS_MAX: u64 = 30;
/// How long children of a killed server get to end at once.
const ORPHAN_SECONDS_MAX: u64 = 2;
/// The protocol's SSLRequest: its own length and the number that stands for the question.
const TLS_QUESTION: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];
/// A server that does not answer a local question in this time is not ready.
const ANSWER_WAIT_MAX: Duration = Duration::from_secs(1);
/// A password is 128 random bits, in hexadecimal.
const PASSWORD_CHARACTERS: usize = 32;

/// A running private cluster. It runs as long as this value, or another process's, exists.
pub struct Postgres {
    hold: Hold,
    server: Process,
    folder: PathBuf,
    sockets: PathBuf,
    owner_password: String,
    app_password: String,
}

impl Postgres {
    /// Starts the private cluster in `folder`, or joins the one that runs there already. Makes
    /// it first if there is none. Returns when it accepts connections.
    ///
    /// May be called again after the server was killed, also while an older value exists: the
    /// older value's URLs stay right.
    pub fn start(folder: &Path) -> Result<Postgres, EmbeddedError> {
        Postgres::start_with(folder, &[])
    }

    /// The same for what is thrown away: after a crash of the server or of the machine nothing of it is to be trusted.
    pub fn start_to_throw_away(folder: &Path) -> Result<Postgres, EmbeddedError> {
        Postgres::start_with(folder, &THROWN_AWAY)
    }

    fn start_with(folder: &Path, settings: &'static [&'static str]) -> Result<Postgres, EmbeddedError> {
        let home = Home::open(folder)?;
        let (mut hold, starting) = Hold::take(&home)?;
        let cluster = Cluster::new(&home, settings);
        let running = cluster.running(&hold, &starting)?;
        cluster.make_if_missing()?;
        let server = match running {
            Some(server) => server,
            None => cluster.start(&mut hold, &starting)?,
        };
        Ok(Postgres {
            hold,
            server,
            owner_password: password(&cluster.password_file(OWNER))?,
            app_password: password(&cluster.password_file(APP))?,
            sockets: home.sockets,
            folder: home.folder,
        })
    }

    /// For the superuser of this private cluster, who makes databases and migrates.
    pub fn owner_url(&self, database: &str) -> String {
        self.url(OWNER, &self.owner_password, database)
    }

    /// For the role `ocop_app`, as which the application works. It owns nothing.
    pub fn app_url(&self, database: &str) -> String {
        self.url(APP, &self.app_password, database)
    }

    /// The postmaster.
    pub fn pid(&self) -> u32 {
        self.server.pid
    }

    /// What the server writes: with `log_statement`, every statement.
    pub fn log(&self) -> PathBuf {
        hold::log_of(&self.folder)
    }

    /// A client program of the server's own version, such as `pgbench`.
    pub fn program(&self, name: &str) -> Result<PathBuf, EmbeddedError> {
        Ok(programs_for(&self.folder.join("data"))?.join(name))
    }

    /// Lets go; the last user waits for the server's fast shutdown.
    pub fn stop(self) {
        self.hold.release(self.server);
    }

    fn url(&self, role: &str, password: &str, database: &str) -> String {
        let folder = url_component(self.sockets.as_os_str().as_bytes());
        let database = url_component(database.as_bytes());
        format!("postgres://{role}:{password}@{folder}:{PORT}/{database}")
    }
}

/// The cluster on disk, whether it runs or not.
struct Cluster<'a> {
    home: &'a Home,
    data: PathBuf,
    /// Beside those that every cluster has; they prevail.
    settings: &'static [&'static str],
}

impl Cluster<'_> {
    fn new<'a>(home: &'a Home, settings: &'static [&'static str]) -> Cluster<'a> {
        let data = home.folder.join("data");
        Cluster { home, data, settings }
    }

    /// The server that runs on this cluster, ready for connections; `None` when there is none,
    /// and then nothing of an earlier one is in the way of a new one.
    fn running(&self, hold: &Hold, starting: &Starting) -> Result<Option<Process>, EmbeddedError> {
        let mut found = self.postmaster();
        if found.is_some() && !hold.is_supervised(starting)? {
            self.stop_stray();
            found = None;
        }
        if found.is_some() {
            hold::wait_for("a server's start or end", &self.home.folder, || {
                found = self.postmaster();
                Ok(found.is_none() || self.is_ready())
            })?;
        }
        if found.is_none() {
            self.clear_remains()?;
        }
        Ok(found)
    }

    fn start(&self, hold: &mut Hold, starting: &Starting) -> Result<Process, EmbeddedError> {
        let mut command = vec![
            programs_for(&self.data)?.join("postgres").into_os_string(),
            "-D".into(),
            self.data.clone().into_os_string(),
        ];
        let sockets = self.home.sockets.display();
        let own = [self.name_setting(), format!("port={PORT}"), format!("unix_socket_directories={sockets}")];
        // Of a setting that stands there twice the server takes the last.
        let settings = SETTINGS.iter().chain(self.settings).map(|setting| (*setting).to_owned());
        for setting in own.into_iter().chain(settings) {
            command.push("-c".into());
            command.push(OsString::from(setting));
        }
        hold.start(starting, self.home, &command, || self.postmaster().filter(|_| self.is_ready()))
    }

    /// The server whose number stands in the cluster's own lock file, if it lives and is ours:
    /// after a crash the number may belong to any other process.
    fn postmaster(&self) -> Option<Process> {
        let line = self.lock_line(0)?;
        let pid = line.parse().ok()?;
        let process = Process::find(pid)?;
        self.owns(pid).then_some(process)
    }

    /// Its own word is not enough: a server that was killed a moment ago has left it behind.
    fn is_ready(&self) -> bool {
        self.lock_line(7).is_some_and(|status| status == "ready") && answers(&self.home.sockets).is_ok()
    }

    fn lock_line(&self, number: usize) -> Option<String> {
        let lines = fs::read_to_string(self.data.join("postmaster.pid")).ok()?;
        Some(lines.lines().nth(number)?.trim().to_owned())
    }

    /// Servers carry their cluster's name on their command line: the first one in its settings,
    /// its children in their titles.
    fn owns(&self, pid: u32) -> bool {
        let title = format!("postgres: {}: ", self.home.name);
        let setting = self.name_setting();
        process::is_ours(pid, self.home.account, |line| {
            let mut words = line.split(|byte| *byte == 0);
            let is_server = words.next().is_some_and(|word| word.ends_with(b"/postgres"));
            line.starts_with(title.as_bytes()) || is_server && words.any(|word| word == setting.as_bytes())
        })
    }

    fn name_setting(&self) -> String {
        format!("cluster_name={}", self.home.name)
    }

    fn processes(&self) -> Vec<Process> {
        let ours = process::all().into_iter().filter(|pid| self.owns(*pid));
        ours.filter_map(Process::find).collect()
    }

    fn stop_stray(&self) {
        tracing::info!("a private PostgreSQL without supervisor is stopped first");
        let folder = &self.home.folder;
        for signal in [Signal::Stop, Signal::Abort] {
            let Some(server) = self.postmaster() else {
                return;
            };
            server.signal(signal);
            let gone = hold::wait_up_to(STRAY_SECONDS_MAX, "a stray server's end", folder, || Ok(!server.is_running()));
            if gone.is_ok() {
                return;
            }
        }
    }

    /// Children of a killed postmaster end by themselves when they notice; one in a long query
    /// notices late, and as long as it is there a new server refuses to start. They are told to
    /// end at once, as their postmaster would have done: what was committed is in the WAL.
    ///
    /// Lock files are PostgreSQL's own business, except when their number now belongs to a
    /// process of somebody else, which PostgreSQL would take for a running server.
    fn clear_remains(&self) -> Result<(), EmbeddedError> {
        let folder = &self.home.folder;
        let mut orphans = self.processes();
        for signal in [Signal::Abort, Signal::Kill] {
            for orphan in &orphans {
                orphan.signal(signal);
            }
            let gone = hold::wait_up_to(ORPHAN_SECONDS_MAX, "the orphans' end", folder, || {
                orphans = self.processes();
                Ok(orphans.is_empty())
            });
            if gone.is_ok() {
                break;
            }
        }
        let socket_lock = format!(".s.PGSQL.{PORT}.lock");
        for lock in [self.data.join("postmaster.pid"), self.home.sockets.join(socket_lock)] {
            if orphans.is_empty() && names_a_process(&lock) {
                hold::remove_if_there(&lock)?;
            }
        }
        Ok(())
    }

    /// Makes the cluster under another name and renames it when it is complete, so that an
    /// interrupted start leaves no half cluster.
    fn make_if_missing(&self) -> Result<(), EmbeddedError> {
        if self.data.join("PG_VERSION").exists() {
            return Ok(());
        }
        tracing::info!(data = %self.data.display(), "making a private PostgreSQL cluster");
        self.remove_unfinished();
        let programs = newest_programs()?;
        let name = format!("data.unfinished-{:016x}", rand::random::<u64>());
        let fresh = self.home.folder.join(name);
        self.home.make_private(&fresh)?;
        self.initdb(&programs, &fresh)?;
        let hba = fresh.join("pg_hba.conf");
        fs::write(&hba, HBA).map_err(at("writing", &hba))?;
        self.set_passwords(&programs, &fresh)?;
        fs::rename(&fresh, &self.data).map_err(at("naming", &self.data))?;
        let folder = &self.home.folder;
        let saved = File::open(folder).and_then(|folder| folder.sync_all());
        saved.map_err(at("saving", folder))
    }

    fn initdb(&self, programs: &Path, fresh: &Path) -> Result<(), EmbeddedError> {
        let initdb = programs.join("initdb");
        let mut command = self.home.command(&initdb);
        command
            .arg("-D")
            .arg(fresh)
            .args(["--username", OWNER])
            .args(["--encoding", "UTF8", "--locale", "C"])
            .args(["--auth", "peer", "--data-checksums"])
            .stdin(Stdio::null());
        process::output_of(&initdb, || command.output())?;
        Ok(())
    }

    /// In single-user mode: the passwords stand on no command line, and the cluster is never
    /// up without them.
    fn set_passwords(&self, programs: &Path, fresh: &Path) -> Result<(), EmbeddedError> {
        let owner_password = make_password(&self.password_file(OWNER))?;
        let app_password = make_password(&self.password_file(APP))?;
        let sql = format!(
            "alter role {OWNER} password '{owner_password}'\n\
             create role {APP} login password '{app_password}'\n"
        );
        let postgres = programs.join("postgres");
        let mut command = self.home.command(&postgres);
        command.arg("--single").arg("-D").arg(fresh).args(["-c", "exit_on_error=on", "template1"]);
        process::output_of(&postgres, || run_with_input(&mut command, &sql))?;
        Ok(())
    }

    /// Best effort: an `initdb` whose parent was killed may still be writing there.
    fn remove_unfinished(&self) {
        let Ok(entries) = fs::read_dir(&self.home.folder) else {
            return;
        };
        for entry in entries.filter_map(Result::ok) {
            let name = entry.file_name();
            if name.as_bytes().starts_with(b"data.unfinished-") {
                let _ = fs::remove_dir_all(entry.path());
            }
        }
    }

    fn password_file(&self, role: &str) -> PathBuf {
        self.home.folder.join(format!("{role}.password"))
    }
}

/// Asks the first question a client may ask, whether there is TLS, and closes. A server that
/// gives any answer accepts connections.
fn answers(sockets: &Path) -> io::Result<()> {
    let mut stream = UnixStream::connect(sockets.join(format!(".s.PGSQL.{PORT}")))?;
    stream.set_read_timeout(Some(ANSWER_WAIT_MAX))?;
    stream.write_all(&TLS_QUESTION)?;
    stream.read_exact(&mut [0])
}

/// A lock file whose number is in use (by a process that is not of this cluster: the caller
/// looked).
fn names_a_process(lock: &Path) -> bool {
    let Ok(lines) = fs::read_to_string(lock) else {
        return false;
    };
    let pid = lines.lines().next().and_then(|line| line.trim().parse().ok());
    pid.is_some_and(|pid| Process::find(pid).is_some())
}

fn password(file: &Path) -> Result<String, EmbeddedError> {
    fs::read_to_string(file).map_err(at("reading", file))
}

/// Written under another name first: a password is whole or absent.
fn make_password(file: &Path) -> Result<String, EmbeddedError> {
    if let Ok(password) = password(file)
        && password.len() == PASSWORD_CHARACTERS
    {
        return Ok(password);
    }
    let password = format!("{:032x}", rand::random::<u128>());
    let fresh = file.with_extension("fresh");
    let written = OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(true)
        .mode(0o600)
        .open(&fresh)
        .and_then(|mut file| {
            file.write_all(password.as_bytes())?;
            file.sync_all()
        })
        .and_then(|()| fs::rename(&fresh, file));
    written.map_err(at("writing", file))?;
    Ok(password)
}

fn run_with_input(command: &mut Command, input: &str) -> io::Result<Output> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that ended before it read everything says why in its output.
        let _ = stdin.write_all(input.as_bytes());
    }
    child.wait_with_output()
}

/// A cluster runs only under the major version that made it.
fn programs_for(data: &Path) -> Result<PathBuf, EmbeddedError> {
    let file = data.join("PG_VERSION");
    let major = fs::read_to_string(&file).map_err(at("reading", &file))?;
    let major = major.trim().to_owned();
    let fitting = installed_programs().into_iter().find(|(version, _)| version.to_string() == major);
    let data = data.to_path_buf();
    match fitting {
        Some((_, programs)) => Ok(programs),
        None => Err(EmbeddedError::PostgresOtherVersion { data, major }),
    }
}

fn newest_programs() -> Result<PathBuf, EmbeddedError> {
    let newest = installed_programs().into_iter().max_by_key(|(version, _)| *version);
    let (_, programs) = newest.ok_or(EmbeddedError::PostgresMissing { min: MAJOR_MIN })?;
    Ok(programs)
}

/// Folders with PostgreSQL's server programs, and their major versions. Debian keeps each major
/// version in a folder of its own, outside `PATH`.
fn installed_programs() -> Vec<(u32, PathBuf)> {
    let mut folders = Vec::new();
    if let Ok(entries) = fs::read_dir("/usr/lib/postgresql") {
        let versions = entries.filter_map(Result::ok);
        folders.extend(versions.map(|entry| entry.path().join("bin")));
    }
    // A link on PATH leads to the folder that has its sisters beside it.
    let on_path = process::program("postgres").and_then(|found| found.canonicalize().ok());
    folders.extend(on_path.and_then(|found| found.parent().map(Path::to_path_buf)));
    if folders.is_empty() {
        folders.extend(configured_folder());
    }
    folders.sort();
    folders.dedup();
    let versions = folders.into_iter().filter_map(with_version);
    versions.filter(|(major, _)| *major >= MAJOR_MIN).collect()
}

/// Where `pg_config` says the programs are: it is there with the client library alone, too.
fn configured_folder() -> Option<PathBuf> {
    let pg_config = process::program("pg_config")?;
    let folder = process::output_of(&pg_config, || Command::new(&pg_config).arg("--bindir").output());
    Some(PathBuf::from(folder.ok()?.trim()))
}

fn with_version(folder: PathBuf) -> Option<(u32, PathBuf)> {
    let postgres = folder.join("postgres");
    let is_complete = process::is_program(&postgres) && process::is_program(&folder.join("initdb"));
    if !is_complete {
        return None;
    }
    let printed = process::output_of(&postgres, || Command::new(&postgres).arg("-V").output());
    Some((major_in(&printed.ok()?)?, folder))
}

/// `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`, `… 18beta1`.
fn major_in(printed: &str) -> Option<u32> {
    let version = printed.split_once("(PostgreSQL) ")?.1;
    let digits = version.split(|character: char| !character.is_ascii_digit());
    digits.into_iter().next()?.parse().ok()
}

#[cfg(test)]
mod tests;
