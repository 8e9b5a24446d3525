//! A client that costs little: whole requests as bytes, sent again and again over connections that stay open.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// An answer that takes longer is a fault.
const ANSWER_WAIT_MAX: Duration = Duration::from_secs(15);
const BUFFER_BYTES: usize = 64 << 10;

/// What is sent.
#[derive(Clone, Copy)]
pub enum Requests<'a> {
    /// One after the other, each once.
    Each(&'a [Vec<u8>]),
    /// Round and round until the time is over.
    During(Duration, &'a [Vec<u8>]),
}

impl<'a> Requests<'a> {
    fn next(self, sent: &AtomicUsize, begun: Instant) -> Option<&'a [u8]> {
        let number = sent.fetch_add(1, Ordering::Relaxed);
        match self {
            Requests::Each(all) => all.get(number).map(Vec::as_slice),
            Requests::During(time, _) if begun.elapsed() >= time => None,
            Requests::During(_, all) => all.get(number.checked_rem(all.len())?).map(Vec::as_slice),
        }
    }
}

pub struct Outcome {
    pub answered: u64,
    pub took: Duration,
}

/// Sends over so many connections at once, and ends with the first answer that is not 2xx.
pub fn send(address: SocketAddr, connections: usize, requests: Requests<'_>) -> Result<Outcome, String> {
    let sent = AtomicUsize::new(0);
    let begun = Instant::now();
    at_once(address, connections, |connection| match requests.next(&sent, begun) {
        Some(request) => connection.ask(request).map(|_| true),
        None => Ok(false),
    })
}

/// Sends each request at its time, so many in a second, whatever the answers before it take, and says how long each was
/// waited for, from that time on: a server that falls behind is seen as late to everybody who came meanwhile.
pub fn pace(
    address: SocketAddr,
    (connections, per_second): (usize, u64),
    requests: &[Vec<u8>],
) -> Result<Vec<Duration>, String> {
    let between = Duration::from_secs(1).checked_div(u32::try_from(per_second).map_err(|e| e.to_string())?);
    let between = between.ok_or("no request in a second")?;
    let (sent, begun, waits) = (AtomicUsize::new(0), Instant::now(), Mutex::new(Vec::with_capacity(requests.len())));
    at_once(address, connections, |connection| {
        let number = sent.fetch_add(1, Ordering::Relaxed);
        let Some(request) = requests.get(number) else { return Ok(false) };
        let due = between.saturating_mul(u32::try_from(number).map_err(|e| e.to_string())?);
        thread::sleep(due.saturating_sub(begun.elapsed()));
        connection.ask(request)?;
        waits.lock().map_err(|e| e.to_string())?.push(begun.elapsed().saturating_sub(due));
        Ok(true)
    })?;
    waits.into_inner().map_err(|e| e.to_string())
}

/// Goes so many ways, each once, over so many connections at once. A way is several requests one after the other.
pub fn walk(
    address: SocketAddr,
    (connections, ways): (usize, usize),
    way: impl Fn(&mut Connection, usize) -> Result<(), String> + Sync,
) -> Result<Outcome, String> {
    let begun = AtomicUsize::new(0);
    at_once(address, connections, |connection| {
        let number = begun.fetch_add(1, Ordering::Relaxed);
        if number < ways { way(connection, number).map(|()| true) } else { Ok(false) }
    })
}

/// On each connection `step` again and again until it says that there is nothing more to do.
fn at_once(
    address: SocketAddr,
    connections: usize,
    step: impl Fn(&mut Connection) -> Result<bool, String> + Sync,
) -> Result<Outcome, String> {
    let begun = Instant::now();
    let answered: Result<u64, String> = thread::scope(|scope| {
        let threads: Vec<_> = (0..connections)
            .map(|_| {
                scope.spawn(|| {
                    let mut connection = Connection::open(address)?;
                    let mut answered: u64 = 0;
                    while step(&mut connection)? {
                        answered = answered.saturating_add(1);
                    }
                    Ok(answered)
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err("a client panicked".to_owned()))).sum()
    });
    Ok(Outcome { answered: answered?, took: begun.elapsed() })
}

/// The body of one answer.
pub fn body_of(address: SocketAddr, request: &[u8]) -> Result<Vec<u8>, String> {
    let mut connection = Connection::open(address)?;
    connection.body_of(request).map(<[u8]>::to_vec)
}

pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    fn open(address: SocketAddr) -> Result<Connection, String> {
        let stream = TcpStream::connect(address).map_err(|e| format!("{address}: {e}"))?;
        let set = stream.set_nodelay(true).and_then(|()| stream.set_read_timeout(Some(ANSWER_WAIT_MAX)));
        set.map_err(|e| e.to_string())?;
        Ok(Connection { stream, buffer: vec![0; BUFFER_BYTES] })
    }

    /// The body of an answer.
    pub fn body_of(&mut self, request: &[u8]) -> Result<&[u8], String> {
        let body = self.ask(request)?;
        Ok(self.buffer.get(body).unwrap_or_default())
    }

    /// Where in the buffer the answer's body is.
    pub fn ask(&mut self, request: &[u8]) -> Result<std::ops::Range<usize>, String> {
        self.stream.write_all(request).map_err(|e| format!("sending: {e}"))?;
        let mut filled: usize = 0;
        loop {
            let free = self.buffer.get_mut(filled..).filter(|free| !free.is_empty()).ok_or("a too long answer")?;
            let read = self.stream.read(free).map_err(|e| format!("reading: {e}"))?;
            if read == 0 {
                return Err("the server closed a connection".to_owned());
            }
            filled = filled.saturating_add(read);
            let seen = self.buffer.get(..filled).unwrap_or_default();
            if let Some((head, length)) = head_of(seen) {
                let whole = head.saturating_add(length);
                if filled >= whole {
                    return if is_fine(seen) { Ok(head..whole) } else { Err(text_of(seen)) };
                }
            }
        }
    }
}

fn is_fine(answer: &[u8]) -> bool {
    answer.starts_with(b"HTTP/1.1 2")
}

fn text_of(answer: &[u8]) -> String {
    String::from_utf8_lossy(answer).chars().take(1_000).collect()
}

/// How long the head is and the body will be, once the head is there.
fn head_of(answer: &[u8]) -> Option<(usize, usize)> {
    let head = answer.windows(4).position(|four| four == b"\r\n\r\n")?.saturating_add(4);
    let lines = std::str::from_utf8(answer.get(..head)?).ok()?.lines();
    let mut fields = lines.filter_map(|line| line.split_once(':'));
    let length = fields.find(|(name, _)| name.eq_ignore_ascii_case("content-length"))?.1;
    Some((head, length.trim().parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_when_its_length_is_there() {
        assert_eq!(head_of(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"), Some((38, 2)));
        assert_eq!(head_of(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"), None);
    }
}
