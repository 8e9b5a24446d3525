//! Bodies that would fill memory.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use futures_util::future::join;
use reqwest::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{JSON, Shop, is_proper, is_refused, post_raw};
use crate::support::principals::Watch;
use crate::support::process::Process;
use crate::support::{Client, checkout, new_key};

/// Bytes of a body, whatever the route.
const BODY_MAX: usize = 256 << 10;
/// What refusing may cost in memory.
const GROWTH_KIB_MAX: u64 = 16 << 10;

/// How a conversation on a connection of one's own went.
struct Talk {
    sent: usize,
    answer: String,
    is_closed: bool,
    took: Duration,
}

/// Sends a head and then the same part again and again until nobody takes it any more; reads at the same time.
async fn flood(address: &str, head: &str, part: &[u8], limit: Duration) -> Talk {
    let started = Instant::now();
    let (mut reader, mut writer) = TcpStream::connect(address).await.expect("a connection").into_split();
    let writing = async {
        let mut sent = 0;
        if writer.write_all(head.as_bytes()).await.is_err() {
            return sent;
        }
        while started.elapsed() < limit && writer.write_all(part).await.is_ok() {
            sent += part.len();
        }
        sent
    };
    let reading = async {
        let mut answer = Vec::new();
        let read = timeout(limit, reader.read_to_end(&mut answer)).await;
        (String::from_utf8_lossy(&answer).to_lowercase(), read.is_ok())
    };
    let (sent, (answer, is_closed)) = join(writing, reading).await;
    Talk { sent, answer, is_closed, took: started.elapsed() }
}

/// The same bytes over and over, as one chunk.
fn chunk(bytes: usize) -> Vec<u8> {
    let mut part = format!("{bytes:x}\r\n").into_bytes();
    part.extend(std::iter::repeat_n(b'0', bytes));
    part.extend(b"\r\n");
    part
}

#[actix_web::test]
async fn b02_an_endless_body_is_refused_without_being_kept() {
    let shop = Shop::open().await;
    let token = shop.buyer.token.clone().unwrap();
    let process = Process::serve(&shop.world, &[]).await;
    let (_, before) = process.memory_kib();
    let heads = [
        format!(
            "POST /v1/buyer/checkouts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n\
             Idempotency-Key: {}\r\nTransfer-Encoding: chunked\r\n\r\n",
            new_key()
        ),
        "POST /v1/auth/otp HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
            .to_owned(),
        "POST /v1/callbacks/sepay HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
            .to_owned(),
        "POST /v1/nothing HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".to_owned(),
        "GET /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".to_owned(),
    ];
    let part = chunk(16 << 10);
    for head in &heads {
        let talk = flood(&process.address, head, &part, Duration::from_secs(10)).await;
        assert!(talk.is_closed, "{head}: still taken after {} bytes and {:?}", talk.sent, talk.took);
        let refused = talk.answer.is_empty() || talk.answer.starts_with("http/1.1 413");
        let needs_no_body = head.starts_with("GET") || head.contains("nothing");
        assert!(refused || needs_no_body, "{head}: {}", talk.answer);
        assert_eq!(talk.answer.matches("http/1.1 ").count().max(1), 1, "{head}: {}", talk.answer);
    }
    let (_, after) = process.memory_kib();
    assert!(after < before + GROWTH_KIB_MAX, "memory went from {before} to {after} KiB");
    shop.world.finish().await;
}

#[actix_web::test]
async fn b02_a_body_may_have_256_kib_and_no_byte_more() {
    let shop = Shop::open().await;
    // Spaces after the document are part of the body.
    let padded = |bytes: usize| {
        let body = checkout(1).to_string();
        let rest = bytes - body.len();
        body + &" ".repeat(rest)
    };
    let paths: [(&str, &Client); 2] =
        [("/v1/buyer/checkouts", &shop.buyer), ("/v1/producer/products", &shop.producer.client)];
    for (path, client) in paths {
        let reply = post_raw(client, path, padded(BODY_MAX)).await;
        is_proper(&reply, path);
        assert_ne!(reply.status, 413, "{path}: the largest body there may be");
    }
    let mut watch = Watch::new(&shop.world);
    let before = watch.digest();
    for (path, client) in paths {
        for bytes in [BODY_MAX + 1, 1 << 20] {
            is_refused(&post_raw(client, path, padded(bytes)).await, 413, path);
        }
    }
    assert_eq!(watch.digest(), before, "a refused body changed rows");
    shop.world.finish().await;
}

/// So many zeros, packed by the tool that every machine has.
fn gzipped_zeros(bytes: usize) -> Vec<u8> {
    let mut gzip =
        Command::new("gzip").arg("-c").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("gzip is installed");
    let mut stdin = gzip.stdin.take().expect("its input");
    let writer = std::thread::spawn(move || {
        let zeros = vec![0; 1 << 20];
        (0..bytes >> 20).for_each(|_| stdin.write_all(&zeros).expect("gzip reads"));
    });
    let output = gzip.wait_with_output().expect("gzip ends");
    writer.join().expect("all zeros were written");
    output.stdout
}

#[actix_web::test]
async fn b03_a_packed_body_is_refused_before_it_is_unpacked() {
    let shop = Shop::open().await;
    let mut watch = Watch::new(&shop.world);
    let process = Process::serve(&shop.world, &[]).await;
    let (_, memory_before) = process.memory_kib();
    let before = watch.digest();
    let bomb = gzipped_zeros(100 << 20);
    assert!(bomb.len() < BODY_MAX, "the bomb fits through the limit of what is sent: {} bytes", bomb.len());
    for path in ["/v1/buyer/checkouts", "/v1/auth/otp", "/v1/callbacks/sepay"] {
        let reply = shop
            .world
            .http
            .post(format!("{}{path}", process.base))
            .bearer_auth(shop.buyer.token.as_deref().unwrap())
            .headers([JSON, ("content-encoding", "gzip")].iter().map(header).collect())
            .header("idempotency-key", new_key())
            .body(bomb.clone())
            .send()
            .await
            .expect("an answer");
        assert_eq!(reply.status(), 415, "{path}");
        assert_eq!(reply.headers()["accept-encoding"], "identity", "{path}");
    }
    let (_, memory_after) = process.memory_kib();
    assert!(memory_after < memory_before + GROWTH_KIB_MAX, "memory went from {memory_before} to {memory_after} KiB");
    for coding in ["gzip", "br", "zstd", "deflate", "x-gzip", "GZIP", "identity, gzip", "unknown", ""] {
        let key = new_key();
        let headers = [JSON, ("content-encoding", coding), ("idempotency-key", key.as_str())];
        let reply = shop.buyer.send(Method::POST, "/v1/buyer/checkouts", &headers, Some("{}".to_owned())).await;
        is_refused(&reply, 415, coding);
        assert_eq!(reply.json["code"], "packed_body");
    }
    let key = new_key();
    let headers = [JSON, ("content-encoding", "identity"), ("idempotency-key", key.as_str())];
    let reply = shop.buyer.send(Method::POST, "/v1/buyer/checkouts", &headers, Some("{}".to_owned())).await;
    is_refused(&reply, 422, "not packed");
    assert_eq!(watch.digest(), before, "a refused body changed rows");
    shop.world.finish().await;
}

fn header((name, value): &(&str, &str)) -> (reqwest::header::HeaderName, reqwest::header::HeaderValue) {
    (name.parse().expect("a name"), value.parse().expect("a value"))
}
