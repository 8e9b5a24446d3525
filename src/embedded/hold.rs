//! Keeps a server running exactly as long as somebody uses it.
//!
//! Every process that uses a server holds a shared lock on `users.lock`. Beside the server a
//! small `sh` waits for the exclusive lock on that file. The kernel lets go of a dead process's
//! locks, however it died, so the `sh` gets its lock when the last user is gone, and stops the
//! server. It runs in a process group of its own, so that Ctrl-C in a terminal reaches the
//! program and not the server under it.
//!
//! Locks, always taken in this order:
//!
//! | file | who | meaning |
//! |---|---|---|
//! | `users.lock` | every user, shared | the server must run |
//! | | the supervisor, exclusive | the server is being stopped: newcomers wait |
//! | `start.lock` | one starter, exclusive | looks, repairs, starts |
//! | `supervisor.lock` | the supervisor, exclusive | this server will be stopped in time |
//!
//! A server without supervisor (somebody killed the `sh`) is stopped and started anew, since
//! nobody could promise its end.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::thread;
use std::time::Duration;

use super::home::Home;
use super::process::{Process, Signal};
use super::{EmbeddedError, at};

/// Longer than creating a cluster or recovering a crashed one takes on a slow laptop.
const WAIT_SECONDS_MAX: u64 = 180;
/// A fast shutdown writes one checkpoint; past this the user no longer waits for it.
const STOP_SECONDS_MAX: u64 = 35;
const PAUSE: Duration = Duration::from_millis(5);
const PAUSES_A_SECOND: u64 = 200;
/// A larger log is put aside when the server starts; one older log is kept.
const LOG_BYTES_MAX: u64 = 16 << 20;
/// How much of the log stands in an error.
const TAIL_BYTES_MAX: i64 = 2_000;

/// Standard input is `users.lock`, standard output `supervisor.lock`, standard error the log.
/// The arguments are the server's command line. `kill 0` ends the waiting half when the server
/// ended by itself; the server's own children are in groups of their own.
const SUPERVISOR: &str = r#"
command -v flock >/dev/null || { echo 'flock (util-linux) is missing' >&2; exit 1; }
exec 3<&0 4>&1 </dev/null >&2
"$@" 3<&- 4>&- &
server=$!
(
    flock -x 3 || exit 1
    kill -INT "$server"
    sleep 30
    kill -QUIT "$server"
) &
wait "$server"
kill 0
"#;

/// One process's use of one server. Dropping it lets go without waiting.
pub(super) struct Hold {
    users: File,
    folder: PathBuf,
    supervisor: Option<Child>,
}

/// The right to look after the server: one process at a time.
pub(super) struct Starting {
    _lock: File,
}

impl Hold {
    /// Waits while the server is being stopped or another process is starting it.
    pub(super) fn take(home: &Home) -> Result<(Hold, Starting), EmbeddedError> {
        let folder = home.folder.clone();
        let users = open_lock(&folder.join("users.lock"))?;
        wait_for("the end of a server's shutdown", &folder, || is_granted(users.try_lock_shared(), &folder))?;
        let start = open_lock(&folder.join("start.lock"))?;
        wait_for("another process's start of the server", &folder, || is_granted(start.try_lock(), &folder))?;
        home.make_private(&home.sockets)?;
        let hold = Hold { users, folder, supervisor: None };
        Ok((hold, Starting { _lock: start }))
    }

    /// Whether somebody will stop the server that runs now.
    pub(super) fn is_supervised(&self, _: &Starting) -> Result<bool, EmbeddedError> {
        self.has_supervisor()
    }

    /// Starts the server `command` under a supervisor, and returns when `ready` has found it.
    pub(super) fn start(
        &mut self,
        _: &Starting,
        home: &Home,
        command: &[OsString],
        mut ready: impl FnMut() -> Option<Process>,
    ) -> Result<Process, EmbeddedError> {
        let mut supervisor = self.supervise(home, command)?;
        let mut server = None;
        wait_for("the server's start", &self.folder, || {
            server = ready();
            let has_ended = matches!(supervisor.try_wait(), Ok(Some(_)));
            if has_ended && server.is_none() {
                let program = command.first().map_or("sh".into(), |program| program.to_string_lossy()).into_owned();
                let output = tail(&log_of(&self.folder));
                return Err(EmbeddedError::Failed { program, output });
            }
            Ok(server.is_some())
        })?;
        self.supervisor = Some(supervisor);
        server.ok_or_else(|| too_slow("the server's start", WAIT_SECONDS_MAX, &self.folder))
    }

    /// Lets go. The last user waits until the server has ended; with others there it runs on.
    pub(super) fn release(mut self, server: Process) {
        let what = "the server's end";
        let outcome = self.let_go().and_then(|()| {
            wait_up_to(STOP_SECONDS_MAX, what, &self.folder, || {
                let is_finished = self.is_finished(server)?;
                self.let_go()?;
                Ok(is_finished)
            })
        });
        if let Err(error) = outcome {
            tracing::warn!(%error, "a private server did not stop in time");
        }
        if let Some(supervisor) = &mut self.supervisor {
            // Only collects its exit status; it ends right after its server.
            let _ = supervisor.try_wait();
        }
    }

    /// Whether others go on using the server, or it has ended. The supervisor stops it; only
    /// when there is none we must, and `server` is then the one that we know of.
    fn is_finished(&self, server: Process) -> Result<bool, EmbeddedError> {
        let nobody_else = is_granted(self.users.try_lock(), &self.folder)?;
        if !nobody_else {
            let others_use_it = is_granted(self.users.try_lock_shared(), &self.folder)?;
            return Ok(others_use_it);
        }
        if self.has_supervisor()? {
            return Ok(false);
        }
        server.signal(Signal::Stop);
        Ok(!server.is_running())
    }

    fn let_go(&self) -> Result<(), EmbeddedError> {
        self.users.unlock().map_err(at("unlocking", &self.folder))
    }

    fn has_supervisor(&self) -> Result<bool, EmbeddedError> {
        let lock = open_lock(&self.folder.join("supervisor.lock"))?;
        Ok(!is_granted(lock.try_lock(), &self.folder)?)
    }

    fn supervise(&self, home: &Home, command: &[OsString]) -> Result<Child, EmbeddedError> {
        let users = open_lock(&self.folder.join("users.lock"))?;
        // A new file each time: the lock of an older supervisor says nothing about this server.
        let path = self.folder.join("supervisor.lock");
        remove_if_there(&path)?;
        let supervised = open_lock(&path)?;
        supervised.lock().map_err(at("locking", &path))?;
        home.command("sh")
            .arg("-c")
            .arg(SUPERVISOR)
            .arg(format!("{}-supervisor", home.name))
            .args(command)
            .stdin(users)
            .stdout(supervised)
            .stderr(open_log(&self.folder)?)
            .process_group(0)
            .spawn()
            .map_err(|source| EmbeddedError::Program { program: "sh".to_owned(), source })
    }
}

/// Asks again and again until the answer is yes.
pub(super) fn wait_for(
    what: &'static str,
    folder: &Path,
    done: impl FnMut() -> Result<bool, EmbeddedError>,
) -> Result<(), EmbeddedError> {
    wait_up_to(WAIT_SECONDS_MAX, what, folder, done)
}

pub(super) fn wait_up_to(
    seconds: u64,
    what: &'static str,
    folder: &Path,
    mut done: impl FnMut() -> Result<bool, EmbeddedError>,
) -> Result<(), EmbeddedError> {
    for _ in 0..seconds * PAUSES_A_SECOND {
        if done()? {
            return Ok(());
        }
        thread::sleep(PAUSE);
    }
    Err(too_slow(what, seconds, folder))
}

pub(super) fn remove_if_there(path: &Path) -> Result<(), EmbeddedError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(at("removing", path)(error)),
        _ => Ok(()),
    }
}

fn too_slow(what: &'static str, seconds: u64, folder: &Path) -> EmbeddedError {
    let log = log_of(folder);
    EmbeddedError::TooSlow { what, seconds, log }
}

fn is_granted(outcome: Result<(), TryLockError>, folder: &Path) -> Result<bool, EmbeddedError> {
    match outcome {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(at("locking a file in", folder)(error)),
    }
}

fn open_lock(path: &Path) -> Result<File, EmbeddedError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).mode(0o600);
    options.open(path).map_err(at("opening", path))
}

pub(super) fn log_of(folder: &Path) -> PathBuf {
    folder.join("server.log")
}

fn open_log(folder: &Path) -> Result<File, EmbeddedError> {
    let log = log_of(folder);
    if fs::metadata(&log).is_ok_and(|found| found.len() > LOG_BYTES_MAX) {
        let older = folder.join("server.log.older");
        fs::rename(&log, &older).map_err(at("putting aside", &log))?;
    }
    let mut options = OpenOptions::new();
    options.create(true).append(true).mode(0o600);
    options.open(&log).map_err(at("opening", &log))
}

fn tail(log: &Path) -> String {
    let mut bytes = Vec::new();
    let read = File::open(log).and_then(|mut file| {
        let is_long = file.metadata()?.len() > TAIL_BYTES_MAX.unsigned_abs();
        if is_long {
            file.seek(SeekFrom::End(-TAIL_BYTES_MAX))?;
        }
        file.read_to_end(&mut bytes)
    });
    match read {
        Ok(_) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) => format!("{}: {error}", log.display()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_has_an_end() {
        let folder = Path::new("/nowhere");
        let outcome = wait_up_to(0, "nothing", folder, || Ok(false));
        assert!(matches!(outcome, Err(EmbeddedError::TooSlow { .. })));
    }
}
