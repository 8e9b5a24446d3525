//! A private PostgreSQL and Redis for a machine where none is configured.
//!
//! Promises:
//!
//! - **Private.** Each server keeps its files in a folder of the project, listens on a Unix
//!   socket in a folder that only its user may enter, and opens no port. No other cluster is
//!   ever touched.
//! - **Shared.** Several processes may call `start` on one folder, at once or one after the
//!   other: the first starts the server, the others use it.
//! - **Gone with its last user.** A small `sh` watches each server and shuts it down when no
//!   process uses it any more, even when the last one got `kill -9` (see `hold`).
//! - **Starts again after anything**: a killed server, a killed supervisor, a killed parent, a
//!   machine that lost power. Nothing acknowledged is lost (PostgreSQL; Redis keeps nothing).
//! - **Any user.** PostgreSQL refuses to run as root, so root runs it as an ordinary account,
//!   and elsewhere when that account cannot reach the project's folder (see `home`).
//!
//! Linux only: it reads `/proc` and needs `sh` and `flock`.

mod hold;
mod home;
mod postgres;
mod process;
mod redis;

use std::io;
use std::path::{Path, PathBuf};

pub use postgres::Postgres;
pub use redis::Redis;

/// Why a private server could not be started. The text tells a person what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    #[error("{doing} {}: {source}", path.display())]
    File { doing: &'static str, path: PathBuf, source: io::Error },
    #[error("could not run {program}: {source}")]
    Program { program: String, source: io::Error },
    #[error("{program} failed:\n{output}")]
    Failed { program: String, output: String },
    #[error("no PostgreSQL server programs of version {min} or newer found (run .ci/setup)")]
    PostgresMissing { min: u32 },
    #[error(
        "{} was made by PostgreSQL {major}, whose server programs are not installed; \
         install them, or remove the folder to begin anew",
        data.display()
    )]
    PostgresOtherVersion { data: PathBuf, major: String },
    #[error(
        "{} belongs to another user; run as that user, or remove the folder to begin anew",
        path.display()
    )]
    OtherUser { path: PathBuf },
    #[error("{what} is not done after {seconds} s (see {})", log.display())]
    TooSlow { what: &'static str, seconds: u64, log: PathBuf },
}

/// Turns a failed file operation into an error that names the file and what was tried.
fn at<'a>(doing: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> EmbeddedError + 'a {
    move |source| {
        let path = path.to_path_buf();
        if source.kind() == io::ErrorKind::PermissionDenied {
            return EmbeddedError::OtherUser { path };
        }
        EmbeddedError::File { doing, path, source }
    }
}
