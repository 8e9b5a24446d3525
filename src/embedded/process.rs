//! Processes as `/proc` shows them. A number alone is not a process: the kernel reuses it.

use std::env;
use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::EmbeddedError;
use super::home::Account;

/// One process, told from a later one with the same number by the moment it started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Process {
    pub(super) pid: u32,
    started: u64,
}

/// What a server is asked to do. Every server here understands these three.
#[derive(Clone, Copy, Debug)]
pub(super) enum Signal {
    /// SIGINT: end now, but in order.
    Stop,
    /// SIGQUIT: end at once; the next start recovers.
    Abort,
    /// SIGKILL.
    Kill,
}

impl Process {
    /// The running process with this number. One that has ended but was not yet waited for
    /// counts as gone.
    pub(super) fn find(pid: u32) -> Option<Process> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let started = started_at(&stat)?;
        Some(Process { pid, started })
    }

    pub(super) fn is_running(self) -> bool {
        Process::find(self.pid) == Some(self)
    }

    pub(super) fn signal(self, signal: Signal) {
        let name = match signal {
            Signal::Stop => "INT",
            Signal::Abort => "QUIT",
            Signal::Kill => "KILL",
        };
        if !self.is_running() {
            return;
        }
        let pid = self.pid.to_string();
        let outcome =
            Command::new("sh").args(["-c", "kill -s \"$1\" \"$2\"", "sh", name, &pid]).stderr(Stdio::null()).status();
        if let Err(error) = outcome {
            tracing::warn!(pid, name, %error, "could not send a signal");
        }
    }
}

/// Whether this process runs as `account` and `knows` recognises its command line.
pub(super) fn is_ours(pid: u32, account: Account, knows: impl Fn(&[u8]) -> bool) -> bool {
    let folder = PathBuf::from(format!("/proc/{pid}"));
    let runs_as_it = fs::metadata(&folder).is_ok_and(|found| found.uid() == account.uid);
    runs_as_it && fs::read(folder.join("cmdline")).is_ok_and(|line| knows(&line))
}

/// Every process number of this machine.
pub(super) fn all() -> Vec<u32> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).collect()
}

/// The first program of this name on `PATH` or where distributions put server programs.
pub(super) fn program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(["/usr/bin", "/usr/sbin", "/usr/local/bin"].map(PathBuf::from))
        .map(|folder| folder.join(name))
        .find(|candidate| is_program(candidate))
}

pub(super) fn is_program(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

/// What a short command printed; an error with its whole output when it failed.
pub(super) fn output_of(program: &Path, run: impl FnOnce() -> io::Result<Output>) -> Result<String, EmbeddedError> {
    let program = program.display().to_string();
    let output = match run() {
        Ok(output) => output,
        Err(source) => return Err(EmbeddedError::Program { program, source }),
    };
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(printed);
    }
    let output = printed + &String::from_utf8_lossy(&output.stderr);
    Err(EmbeddedError::Failed { program, output })
}

/// The 22nd field of `/proc/<pid>/stat`. The second, the program's name in brackets, may hold
/// anything, so counting begins after its last bracket.
fn started_at(stat: &str) -> Option<u64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace();
    let state = fields.next()?;
    let has_ended = matches!(state, "Z" | "X" | "x");
    if has_ended {
        return None;
    }
    fields.nth(18)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_with_brackets_in_its_name_is_read() {
        let stat = "7 (a) b) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20";
        assert_eq!(started_at(stat), Some(4711));
    }

    #[test]
    fn an_ended_process_is_gone() {
        let stat = "7 (sh) Z 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20";
        assert_eq!(started_at(stat), None);
    }

    #[test]
    fn this_process_runs() {
        let me = Process::find(std::process::id()).unwrap();
        assert!(me.is_running());
    }
}
