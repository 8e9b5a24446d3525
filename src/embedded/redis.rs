//! The private Redis. It keeps nothing: what it holds may be lost at any moment.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::hold::{Hold, Starting};
use super::home::{Home, url_component};
use super::process::{self, Process, Signal};
use super::{EmbeddedError, hold};

/// No port, nothing on disk, and the oldest entries go when the memory is used up.
const SETTINGS: [&str; 14] = [
    "--port",
    "0",
    "--unixsocketperm",
    "700",
    "--save",
    "",
    "--appendonly",
    "no",
    "--maxmemory",
    "64mb",
    "--maxmemory-policy",
    "allkeys-lru",
    "--loglevel",
    "notice",
];
/// A server that does not answer a local question in this time is as good as dead.
const ANSWER_WAIT_MAX: Duration = Duration::from_secs(1);
/// More than the answer to `INFO server` takes.
const ANSWER_BYTES_MAX: usize = 16 << 10;
const STOP_SECONDS_MAX: u64 = 5;

/// A running private Redis. It runs as long as this value, or another process's, exists.
pub struct Redis {
    hold: Hold,
    server: Process,
    socket: PathBuf,
}

impl Redis {
    /// Starts the private Redis in `folder`, or joins the one that runs there already. `None`
    /// when Redis is not installed: the program works without, only slower.
    pub fn start(folder: &Path) -> Result<Option<Redis>, EmbeddedError> {
        let Some(program) = process::program("redis-server") else {
            return Ok(None);
        };
        let home = Home::open(folder)?;
        let socket = home.sockets.join("redis.sock");
        let (mut hold, starting) = Hold::take(&home)?;
        let server = match running(&hold, &starting, &socket)? {
            Some(server) => server,
            None => hold.start(&starting, &home, &command(&program, &socket), || answering(&socket))?,
        };
        Ok(Some(Redis { hold, server, socket }))
    }

    /// As the `redis` crate reads it.
    pub fn url(&self) -> String {
        let bytes = self.socket.as_os_str().as_bytes();
        let components = bytes.split(|byte| *byte == b'/').map(url_component);
        format!("redis+unix://{}", components.collect::<Vec<_>>().join("/"))
    }

    pub fn pid(&self) -> u32 {
        self.server.pid
    }

    /// Lets go; the last user waits for the server's end.
    pub fn stop(self) {
        self.hold.release(self.server);
    }
}

/// The server that answers on the socket. One that nobody would stop is stopped at once.
fn running(hold: &Hold, starting: &Starting, socket: &Path) -> Result<Option<Process>, EmbeddedError> {
    let Some(server) = answering(socket) else {
        return Ok(None);
    };
    if hold.is_supervised(starting)? {
        return Ok(Some(server));
    }
    for signal in [Signal::Stop, Signal::Kill] {
        server.signal(signal);
        let gone = hold::wait_up_to(STOP_SECONDS_MAX, "a stray Redis's end", socket, || Ok(!server.is_running()));
        if gone.is_ok() {
            break;
        }
    }
    Ok(None)
}

fn command(program: &Path, socket: &Path) -> Vec<OsString> {
    let mut command = vec![program.into(), "--unixsocket".into(), socket.into()];
    command.extend(SETTINGS.map(OsString::from));
    command
}

fn answering(socket: &Path) -> Option<Process> {
    let answer = ask_for_server(socket).ok()?;
    let line = answer.lines().find_map(|line| line.strip_prefix("process_id:"))?;
    Process::find(line.trim().parse().ok()?)
}

fn ask_for_server(socket: &Path) -> io::Result<String> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(ANSWER_WAIT_MAX))?;
    stream.set_write_timeout(Some(ANSWER_WAIT_MAX))?;
    stream.write_all(b"INFO server\r\nQUIT\r\n")?;
    let mut answer = Vec::new();
    stream.take(ANSWER_BYTES_MAX as u64).read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_killed_server_starts_again_and_the_last_user_stops_it() {
        let name = format!("ocop-market-test-{:016x}", rand::random::<u64>());
        let folder = std::env::temp_dir().join(name);
        let first = Redis::start(&folder).unwrap().unwrap();
        first.server.signal(Signal::Kill);
        let second = Redis::start(&folder).unwrap().unwrap();
        assert_ne!(first.pid(), second.pid());
        assert_eq!(first.url(), second.url());

        let server = second.server;
        second.stop();
        assert!(server.is_running(), "the first user is still there");
        first.stop();
        assert!(!server.is_running());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
