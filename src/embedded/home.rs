//! Where a server's files are and which account runs it.

use std::env;
use std::fs::{self, DirBuilder, Permissions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{EmbeddedError, at};

/// A socket's path must fit in 108 bytes; its folder leaves room for the file name.
const SOCKET_FOLDER_BYTES_MAX: usize = 85;
/// Where root's servers live when their account cannot reach the project's folder.
const ELSEWHERE: &str = "/var/lib/ocop-market";
/// Who runs a server for root, in this order. `nobody` is everywhere.
const ACCOUNTS: [&str; 2] = ["postgres", "nobody"];

/// The account a server runs as: ours, or an ordinary one when we are root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) uid: u32,
    pub(super) gid: u32,
}

/// The place of one server: its files, its socket and its account.
#[derive(Clone, Debug)]
pub(super) struct Home {
    /// Ours: locks, passwords, log. The server's account may pass through it, no more.
    pub(super) folder: PathBuf,
    /// The server's own folder for the socket; nobody else may enter it. Made under the start lock.
    pub(super) sockets: PathBuf,
    /// A name that no other private server on this machine has.
    pub(super) name: String,
    pub(super) account: Account,
    we_are_root: bool,
}

impl Home {
    /// Finds or makes the place for the server that the project keeps in `folder`.
    ///
    /// A project under `/root` (0700) is out of reach for the account that runs root's servers.
    /// Its servers live in `/var/lib/ocop-market/<hash of the folder's path>`, and
    /// `folder/elsewhere` points there. A project that moves begins anew, then.
    pub(super) fn open(folder: &Path) -> Result<Home, EmbeddedError> {
        fs::create_dir_all(folder).map_err(at("making", folder))?;
        let folder = folder.canonicalize().map_err(at("finding", folder))?;
        let me = our_account()?;
        let owner = fs::metadata(&folder).map_err(at("reading", &folder))?.uid();
        if owner != me.uid {
            return Err(EmbeddedError::OtherUser { path: folder });
        }
        let we_are_root = me.uid == 0;
        if !we_are_root {
            return Home::at(folder, me, we_are_root);
        }
        let account = ordinary_account()?;
        set_mode(&folder, 0o711)?;
        if can_enter(&folder, account)? {
            return Home::at(folder, account, we_are_root);
        }
        let elsewhere = Path::new(ELSEWHERE).join(hash_of(&folder));
        fs::create_dir_all(&elsewhere).map_err(at("making", &elsewhere))?;
        set_mode(Path::new(ELSEWHERE), 0o711)?;
        point_to(&elsewhere, &folder.join("elsewhere"))?;
        Home::at(elsewhere, account, we_are_root)
    }

    fn at(folder: PathBuf, account: Account, we_are_root: bool) -> Result<Home, EmbeddedError> {
        let mode = if we_are_root { 0o711 } else { 0o700 };
        set_mode(&folder, mode)?;
        let name = format!("ocop-market-{}", hash_of(&folder));
        let inside = folder.join("socket");
        let sockets =
            if suits_a_socket(&inside) { inside } else { PathBuf::from(format!("/tmp/{name}-{}", account.uid)) };
        Ok(Home { folder, sockets, name, account, we_are_root })
    }

    /// Makes a folder that only the server's account may enter. One that is there already must
    /// be exactly that: in `/tmp` somebody else could have put it there.
    pub(super) fn make_private(&self, folder: &Path) -> Result<(), EmbeddedError> {
        if DirBuilder::new().mode(0o700).create(folder).is_ok() && self.we_are_root {
            chown(folder, Some(self.account.uid), Some(self.account.gid)).map_err(at("giving away", folder))?;
        }
        let found = fs::symlink_metadata(folder).map_err(at("making", folder))?;
        let is_private = found.is_dir() && found.uid() == self.account.uid && found.permissions().mode() & 0o077 == 0;
        if !is_private {
            let path = folder.to_path_buf();
            return Err(EmbeddedError::OtherUser { path });
        }
        Ok(())
    }

    /// A command that runs as the server's account, with nothing of our environment.
    pub(super) fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        command
            .env_clear()
            .env("PATH", env::var_os("PATH").unwrap_or("/usr/bin:/bin".into()))
            .env("LC_ALL", "C")
            .env("TZ", "UTC")
            .current_dir(&self.folder);
        if self.we_are_root {
            run_as(&mut command, self.account);
        }
        command
    }
}

/// Percent-encodes everything but plain characters, for one component of a URL.
pub(super) fn url_component(bytes: &[u8]) -> String {
    let mut encoded = String::with_capacity(bytes.len() * 3);
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let escape = format!("%{byte:02X}");
            encoded.push_str(&escape);
        }
    }
    encoded
}

/// PostgreSQL splits the setting, and clients the address, at commas; so only plain characters.
fn suits_a_socket(folder: &Path) -> bool {
    let bytes = folder.as_os_str().as_bytes();
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/-_.".contains(byte);
    bytes.len() <= SOCKET_FOLDER_BYTES_MAX && bytes.iter().all(is_plain)
}

/// As root, `uid` also drops every supplementary group.
fn run_as(command: &mut Command, account: Account) {
    command.uid(account.uid).gid(account.gid);
}

fn set_mode(path: &Path, mode: u32) -> Result<(), EmbeddedError> {
    let now = fs::metadata(path).map_err(at("reading", path))?;
    if now.permissions().mode() & 0o777 == mode {
        return Ok(());
    }
    fs::set_permissions(path, Permissions::from_mode(mode)).map_err(at("protecting", path))
}

fn can_enter(folder: &Path, account: Account) -> Result<bool, EmbeddedError> {
    let mut command = Command::new("sh");
    command.args(["-c", "test -x \"$1\"", "sh"]).arg(folder);
    command.current_dir("/");
    run_as(&mut command, account);
    let status = command
        .status()
        .map_err(|source| EmbeddedError::Program { program: "sh as an ordinary account".to_owned(), source })?;
    Ok(status.success())
}

/// A link for people who look for the data; the program does not follow it.
fn point_to(target: &Path, link: &Path) -> Result<(), EmbeddedError> {
    if fs::read_link(link).is_ok_and(|now| now == target) {
        return Ok(());
    }
    let fresh = link.with_extension(format!("{:016x}", rand::random::<u64>()));
    symlink(target, &fresh).map_err(at("making", &fresh))?;
    fs::rename(&fresh, link).map_err(at("making", link))
}

fn our_account() -> Result<Account, EmbeddedError> {
    let status = Path::new("/proc/self/status");
    let lines = fs::read_to_string(status).map_err(at("reading", status))?;
    let uid = effective(&lines, "Uid:");
    let gid = effective(&lines, "Gid:");
    let Some((uid, gid)) = uid.zip(gid) else {
        let output = "/proc/self/status has no Uid and Gid".to_owned();
        let program = "finding our account".to_owned();
        return Err(EmbeddedError::Failed { program, output });
    };
    Ok(Account { uid, gid })
}

/// `Uid:` and `Gid:` lines hold the real id, the effective one and two more.
fn effective(lines: &str, key: &str) -> Option<u32> {
    let line = lines.lines().find_map(|line| line.strip_prefix(key))?;
    line.split_ascii_whitespace().nth(1)?.parse().ok()
}

fn ordinary_account() -> Result<Account, EmbeddedError> {
    let accounts = Path::new("/etc/passwd");
    let lines = fs::read(accounts).map_err(at("reading", accounts))?;
    let lines = String::from_utf8_lossy(&lines);
    let found = ACCOUNTS.iter().find_map(|name| account_in(&lines, name));
    found.ok_or_else(|| EmbeddedError::Failed {
        program: "looking for an ordinary account".to_owned(),
        output: format!("/etc/passwd has none of {ACCOUNTS:?}; run as an ordinary user"),
    })
}

fn account_in(lines: &str, name: &str) -> Option<Account> {
    let line = lines.lines().find(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(':')))?;
    let mut fields = line.split(':').skip(2);
    let uid = fields.next()?.parse().ok()?;
    let gid = fields.next()?.parse().ok()?;
    Some(Account { uid, gid })
}

/// FNV-1a: tells a few folders of one machine apart, alike in every build; no secret depends on it.
fn hash_of(path: &Path) -> String {
    let hash = path
        .as_os_str()
        .as_bytes()
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_found_by_its_whole_name() {
        let lines = "postgresql:x:7:8::/:/bin/sh\npostgres:x:101:104:a,b:/:/bin/bash\n";
        let expected = Account { uid: 101, gid: 104 };
        assert_eq!(account_in(lines, "postgres"), Some(expected));
        assert_eq!(account_in(lines, "nobody"), None);
    }

    #[test]
    fn a_process_is_known_by_its_effective_ids() {
        let lines = "Name:\tx\nUid:\t0\t1000\t0\t0\nGid:\t5\t6\t5\t5\n";
        assert_eq!(effective(lines, "Uid:"), Some(1000));
        assert_eq!(effective(lines, "Gid:"), Some(6));
        assert_eq!(effective("", "Uid:"), None);
    }

    #[test]
    fn a_socket_goes_only_where_every_client_finds_it() {
        assert!(suits_a_socket(Path::new("/srv/ocop-market/.data/socket")));
        assert!(!suits_a_socket(Path::new("/srv/a,b/socket")));
        assert!(!suits_a_socket(Path::new("/srv/chợ/socket")));
        assert!(!suits_a_socket(Path::new(&"/long".repeat(20))));
    }

    #[test]
    fn a_socket_folder_fits_in_a_url() {
        assert_eq!(url_component(b"/a b/\xc3\xa0.~"), "%2Fa%20b%2F%C3%A0.~");
    }

    #[test]
    fn two_folders_have_two_names() {
        assert_eq!(hash_of(Path::new("/a")), hash_of(Path::new("/a")));
        assert_ne!(hash_of(Path::new("/a")), hash_of(Path::new("/b")));
    }
}
