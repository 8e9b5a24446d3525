//! What clients send by mistake or on purpose (B-01 to B-35 of reliability.md): refused with a name, never a 5xx, and
//! no row changes.

mod bodies;
mod floods;
mod headers;
mod ids;
mod phones;
mod queries;
mod text;
mod wire;

use chrono::TimeDelta;
use reqwest::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{Client, Producer, Product, Reply, World, new_key};

/// As a client says that it sends JSON.
const JSON: (&str, &str) = ("content-type", "application/json");

struct Shop {
    world: World,
    producer: Producer,
    honey: Product,
    buyer: Client,
}

impl Shop {
    async fn open() -> Shop {
        let world = World::start().await;
        let operator = world.operator().await;
        let producer = world.producer(&operator, "0911111111", "Hộ nuôi ong Mèo Vạc", "00769").await;
        let honey = world.product(&operator, &producer, "Mật ong bạc hà", (450_000, 20)).await;
        let buyer = world.session("0933333333", "buyer", TimeDelta::zero()).1;
        Shop { world, producer, honey, buyer }
    }

    fn cart_line(&self) -> String {
        format!("/v1/buyer/cart/lines/{}", self.honey.variant_id)
    }
}

async fn post_raw(client: &Client, path: &str, body: impl Into<String>) -> Reply {
    let key = new_key();
    client.send(Method::POST, path, &[JSON, ("idempotency-key", &key)], Some(body.into())).await
}

/// Every error says what a client needs and nothing of the inside (B-28).
#[track_caller]
fn is_proper(reply: &Reply, what: &str) {
    assert!(reply.status < 500, "{what}: {} {}", reply.status, reply.text);
    is_dressed(reply, what);
    if reply.status >= 400 && !reply.text.is_empty() {
        assert_eq!(reply.header("content-type"), "application/problem+json", "{what}: {}", reply.text);
        assert!(reply.json["code"].is_string() && reply.json["title"].is_string(), "{what}: {}", reply.text);
        assert_eq!(reply.json["status"], reply.status, "{what}");
        assert_eq!(reply.json["instance"], reply.header("x-request-id"), "{what}: {}", reply.text);
        let text = reply.text.to_lowercase();
        for inside in [
            "select ",
            "insert into",
            "sqlstate",
            "diesel",
            "serde",
            "actix",
            "tokio",
            "src/",
            ".rs",
            "panicked",
            "postgres",
            "constraint",
            "relation \"",
            "/root",
            "/home",
            "stack backtrace",
            env!("CARGO_PKG_VERSION"),
        ] {
            assert!(!text.contains(inside), "{what} tells {inside:?}: {}", reply.text);
        }
    }
}

#[track_caller]
fn is_dressed(reply: &Reply, what: &str) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-resource-policy", "same-site"),
    ] {
        assert_eq!(reply.header(name), value, "{what}: {name}");
    }
    for name in ["content-security-policy", "strict-transport-security", "cache-control"] {
        assert!(!reply.header(name).is_empty(), "{what}: no {name}");
    }
    assert_eq!(reply.header("x-request-id").len(), 36, "{what}: no request id");
}

#[track_caller]
fn is_refused(reply: &Reply, status: u16, what: &str) {
    is_proper(reply, what);
    assert_eq!(reply.status, status, "{what}: {}", reply.text);
}

fn pointers(reply: &Reply) -> Vec<(String, String)> {
    let errors = reply.json["errors"].as_array().cloned().unwrap_or_default();
    let mut found: Vec<(String, String)> = errors
        .iter()
        .map(|e| (e["pointer"].as_str().unwrap_or("").to_owned(), e["code"].as_str().unwrap_or("").to_owned()))
        .collect();
    found.sort();
    found
}

fn found(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(pointer, code)| ((*pointer).to_owned(), (*code).to_owned())).collect()
}

fn form_urlencoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// What comes back on a connection of one's own within so many seconds.
async fn raw(world: &World, sent: &str, seconds: u64) -> String {
    raw_to(world.base.trim_start_matches("http://"), sent, seconds).await
}

async fn raw_to(address: &str, sent: &str, seconds: u64) -> String {
    let mut stream = tokio::net::TcpStream::connect(address).await.expect("a connection");
    stream.write_all(sent.as_bytes()).await.expect("to write");
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(std::time::Duration::from_secs(seconds), stream.read_to_end(&mut answer)).await;
    String::from_utf8_lossy(&answer).to_lowercase()
}
