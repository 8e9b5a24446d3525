//! What comes over the connection itself: slow, oversized, ambiguous.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{Shop, raw};
use crate::support::new_key;

/// How a conversation on a connection of one's own went.
struct Talk {
    answer: String,
    is_closed: bool,
    took: Duration,
}

#[actix_web::test]
async fn b04_who_is_too_slow_is_told_so_and_let_go() {
    let shop = Shop::open().await;
    let address = shop.world.base.trim_start_matches("http://").to_owned();
    let token = shop.buyer.token.clone().unwrap();
    let body = format!(
        "POST /v1/buyer/checkouts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n\
         Idempotency-Key: {}\r\nContent-Length: 100\r\n\r\n{{",
        new_key()
    );
    let cases = [
        ("nothing at all", String::new(), ("", 408), 4..9),
        ("half a head", "GET /healthz HTTP/1.1\r\nHost: x\r\n".to_owned(), ("x: y\r\n", 408), 4..9),
        ("a body that does not come", body.clone(), ("", 503), 11..15),
        ("a body that comes by the byte", body, (" ", 503), 11..15),
        ("idle after an answer", "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(), ("", 200), 14..19),
    ];
    let talks = cases.iter().map(|(_, head, (drop, _), _)| drip(&address, head, drop));
    for (talk, (what, _, (_, status), seconds)) in join_all(talks).await.into_iter().zip(&cases) {
        assert!(talk.answer.starts_with(&format!("http/1.1 {status}")), "{what}: {}", talk.answer);
        assert!(talk.is_closed && seconds.contains(&talk.took.as_secs()), "{what}: closed after {:?}", talk.took);
        if *status == 503 {
            for part in ["retry-after", "x-request-id", "nosniff", "application/problem+json", "\"unavailable\""] {
                assert!(talk.answer.contains(part), "{what}: no {part} in {}", talk.answer);
            }
        }
    }
    shop.world.finish().await;
}

/// Sends a head, then a little every half second, and waits for the end of the connection.
async fn drip(address: &str, head: &str, drop: &str) -> Talk {
    let started = Instant::now();
    let (mut reader, mut writer) = TcpStream::connect(address).await.expect("a connection").into_split();
    let mut answer = Vec::new();
    let writing = async {
        let _ = writer.write_all(head.as_bytes()).await;
        for _ in 0..60 {
            actix_web::rt::time::sleep(Duration::from_millis(500)).await;
            if !drop.is_empty() && writer.write_all(drop.as_bytes()).await.is_err() {
                break;
            }
        }
    };
    let reading = timeout(Duration::from_secs(25), reader.read_to_end(&mut answer));
    let is_closed = tokio::select! {
        read = reading => read.is_ok(),
        () = writing => false,
    };
    let answer = String::from_utf8_lossy(&answer).to_lowercase();
    Talk { answer, is_closed, took: started.elapsed() }
}

#[actix_web::test]
async fn b05_oversized_heads_are_refused() {
    let shop = Shop::open().await;
    let many: String = (0..200).map(|i| format!("X-{i}: y\r\n")).collect();
    let requests = [
        ("200 headers", format!("GET /v1/public/products HTTP/1.1\r\nHost: x\r\n{many}\r\n")),
        ("a header of 200 KiB", format!("GET /healthz HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "x".repeat(200 << 10))),
        ("a header of 120 KiB", format!("GET /healthz HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "x".repeat(120 << 10))),
        ("a URL of 70 KiB", format!("GET /v1/public/products?q={} HTTP/1.1\r\nHost: x\r\n\r\n", "x".repeat(70 << 10))),
        ("a URL of 60 KiB", format!("GET /v1/public/products?q={} HTTP/1.1\r\nHost: x\r\n\r\n", "x".repeat(60 << 10))),
        ("a path of 60 KiB", format!("GET /v1/public/products/{} HTTP/1.1\r\nHost: x\r\n\r\n", "x".repeat(60 << 10))),
        (
            "a token of 512 KiB",
            format!(
                "GET /v1/buyer/cart HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\r\n",
                "x".repeat(512 << 10)
            ),
        ),
        (
            "a token of 100 KiB",
            format!(
                "GET /v1/buyer/cart HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\r\n",
                "x".repeat(100 << 10)
            ),
        ),
        (
            "a key of 100 KiB",
            format!(
                "POST /v1/auth/otp HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nIdempotency-Key: {}\r\n\
                 Content-Length: 2\r\n\r\n{{}}",
                "k".repeat(100 << 10)
            ),
        ),
    ];
    for (what, request) in requests {
        let reply = raw(&shop.world, &request, 2).await;
        let is_fine = what.starts_with("a header of 120") && reply.starts_with("http/1.1 200");
        assert!(is_fine || reply.starts_with("http/1.1 4") || reply.is_empty(), "{what}: {:.300}", reply);
    }
    assert_eq!(shop.world.visitor().get("/healthz").await.status, 200, "the server lives");
    shop.world.finish().await;
}

#[actix_web::test]
async fn b29_a_request_whose_end_is_unclear_is_refused_and_nothing_after_it_is_read() {
    let shop = Shop::open().await;
    // Whoever believed the other length would find a second request in the body.
    const HIDDEN: &str = "GET /v1/public/provinces HTTP/1.1\r\nHost: x\r\n\r\n";
    let framings = [
        ("a length and chunks", "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n"),
        ("chunks and a length", "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n"),
        ("two lengths", "Content-Length: 5\r\nContent-Length: 6\r\n"),
        ("the same length twice", "Content-Length: 5\r\nContent-Length: 5\r\n"),
        ("a list of lengths", "Content-Length: 5, 5\r\n"),
        ("a signed length", "Content-Length: +5\r\n"),
        ("a negative length", "Content-Length: -5\r\n"),
        ("a length in hexadecimal", "Content-Length: 0x5\r\n"),
        ("a length beyond 64 bits", "Content-Length: 18446744073709551616\r\n"),
        ("an empty length", "Content-Length: \r\n"),
        ("a length with a space", "Content-Length: 5 5\r\n"),
        ("unknown coding", "Transfer-Encoding: xchunked\r\n"),
        ("chunked and more", "Transfer-Encoding: chunked, identity\r\n"),
        ("more and chunked", "Transfer-Encoding: gzip, chunked\r\n"),
        ("chunked twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
        ("chunked, then identity", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"),
        ("a vertical tab", "Transfer-Encoding: \u{b}chunked\r\n"),
        ("quotes", "Transfer-Encoding: \"chunked\"\r\n"),
        ("a folded coding", "Transfer-Encoding:\r\n chunked\r\n"),
        ("a folded header", "X: y\r\n z\r\nContent-Length: 5\r\n"),
        ("a space before the colon", "Content-Length : 5\r\n"),
        ("a space before the coding's colon", "Transfer-Encoding : chunked\r\n"),
        ("a null in a name", "Content-\u{0}Length: 5\r\n"),
        ("two hosts", "Host: y\r\nContent-Length: 5\r\n"),
    ];
    for (what, framing) in framings {
        let request = format!(
            "POST /v1/auth/otp HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{framing}\r\n0\r\n\r\n{HIDDEN}"
        );
        let reply = raw(&shop.world, &request, 2).await;
        assert!(reply.starts_with("http/1.1 400"), "{what}: {reply}");
        assert_eq!(reply.matches("http/1.1 ").count(), 1, "{what}: a second request was read: {reply}");
    }
    for (what, chunks) in [
        ("a size that is no number", "x\r\n{}\r\n0\r\n\r\n"),
        ("a signed size", "+2\r\n{}\r\n0\r\n\r\n"),
        ("a size beyond 64 bits", "10000000000000002\r\n{}\r\n0\r\n\r\n"),
        ("more than its size", "1\r\n{}\r\n0\r\n\r\n"),
        ("a size with 0x", "0x2\r\n{}\r\n0\r\n\r\n"),
    ] {
        let request = format!(
            "POST /v1/auth/otp HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}{HIDDEN}"
        );
        let reply = raw(&shop.world, &request, 2).await;
        assert!(reply.starts_with("http/1.1 400"), "{what}: {reply}");
        assert_eq!(reply.matches("http/1.1 ").count(), 1, "{what}: a second request was read: {reply}");
    }
    shop.world.finish().await;
}
