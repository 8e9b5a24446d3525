//! Crashes under load: whatever was acknowledged is there, once, and every invariant holds.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use actix_web::rt::time::sleep;
use futures_util::future::join_all;
use ocop_market::embedded::Postgres;
use ocop_market::jobs::Job;
use rand::RngExt as _;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Client, Reply, SEPAY_SECRET, TestDatabase, VNPAY_SECRET, World, checkout, new_key, sepay_notice};

const BUYERS: u32 = 5;
const PRICE: i64 = 50_000;
/// Tries of one request until its test gives up.
const TRIES_MAX: u32 = 400;

/// What the load was told.
#[derive(Debug, Default)]
struct Acknowledged {
    placed: Vec<String>,
    paid: Vec<String>,
}

/// Asks again, with the same key, until there is an answer that is not "come again".
async fn persist(client: &Client, method: Method, path: &str, headers: &[(&str, &str)], body: Option<String>) -> Reply {
    for _ in 0..TRIES_MAX {
        match client.try_send(method.clone(), path, headers, body.clone()).await {
            Ok(reply) if reply.status == 503 || reply.json["code"] == "request_in_progress" => {}
            Ok(reply) => {
                assert!(reply.status < 500, "a crash may be answered 503 only: {} {}", reply.status, reply.text);
                return reply;
            }
            Err(_) => {}
        }
        sleep(Duration::from_millis(25)).await;
    }
    panic!("no answer for {path} after {TRIES_MAX} tries");
}

async fn post(client: &Client, path: &str, body: Value) -> Value {
    let key = new_key();
    let headers = [("content-type", "application/json"), ("idempotency-key", key.as_str())];
    let reply = persist(client, Method::POST, path, &headers, Some(body.to_string())).await;
    assert!(reply.status < 300, "{path}: {}", reply.text);
    reply.json
}

/// One buyer: cart, checkout, attempt, the bank's notice; over and over.
async fn shop(client: Client, variant_id: String, stop: Arc<AtomicBool>, notices: Arc<AtomicI64>) -> Acknowledged {
    let mut seen = Acknowledged::default();
    while !stop.load(Ordering::SeqCst) {
        let line = json!({"quantity": 1}).to_string();
        let path = format!("/v1/buyer/cart/lines/{variant_id}");
        persist(&client, Method::PUT, &path, &[("content-type", "application/json")], Some(line)).await;
        let quote = post(&client, "/v1/buyer/quotes", json!({"commune_code": "00721"})).await;
        let mut body = checkout(PRICE);
        body["quote_id"] = quote["id"].clone();
        body["contract_sha256"] = quote["contract_sha256"].clone();
        let placed = post(&client, "/v1/buyer/checkouts", body).await;
        let id = placed["id"].as_str().expect("an id").to_owned();
        seen.placed.push(id.clone());
        let path = format!("/v1/buyer/checkouts/{id}/payment-attempts");
        let attempt = post(&client, &path, json!({"provider": "bank_transfer"})).await;
        let reference = attempt["reference"].as_str().expect("a reference");
        let now = chrono::DateTime::<chrono::Utc>::from(std::time::UNIX_EPOCH + since_epoch()).timestamp();
        let (headers, body) = sepay_notice(now, notices.fetch_add(1, Ordering::SeqCst), reference, PRICE);
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = persist(&client, Method::POST, "/v1/callbacks/sepay", &headers, Some(body)).await;
        assert_eq!(answer.json, json!({"success": true}));
        seen.paid.push(id);
    }
    seen
}

#[expect(clippy::disallowed_methods, reason = "the provider's clock is not ours")]
fn since_epoch() -> Duration {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a clock")
}

/// The seller's side of the load.
async fn one_product(world: &World) -> String {
    let operator = world.operator().await;
    let maker = world.producer(&operator, "0911111111", "Hộ nuôi ong", "00769").await;
    world.product(&operator, &maker, "Mật ong", (PRICE, 1_000_000)).await.variant_id
}

/// What was stored and not applied when its process or the database ended is taken up, as a worker does every minute.
async fn take_up(world: &World) {
    world.pass(chrono::TimeDelta::seconds(31));
    world.work(Job::TakeUpCallbacks).await.expect("looked");
    world.run_jobs().await;
    let (left, taken) = ("processed_at is null", "handed_over_at is not null");
    let count = |which: &str| world.count(&format!("select count(*) from payment_callbacks where {which}"));
    println!("{} of {} messages were taken up", count(taken), count("true"));
    assert_eq!(count(left), 0, "a message was left unfinished");
}

fn verify(world: &World, seen: &[Acknowledged]) {
    let placed: Vec<&String> = seen.iter().flat_map(|s| &s.placed).collect();
    let paid: Vec<&String> = seen.iter().flat_map(|s| &s.paid).collect();
    assert!(paid.len() >= 20, "the load was too small to show anything: {}", paid.len());
    let quoted = |ids: &[&String]| ids.iter().map(|id| format!("'{id}'")).collect::<Vec<_>>().join(",");
    let count = |sql: String| usize::try_from(world.count(&sql)).expect("a count");
    assert_eq!(count("select count(*) from checkouts".to_owned()), placed.len(), "lost or doubled");
    assert_eq!(
        count(format!("select count(*) from checkouts where id in ({})", quoted(&placed))),
        placed.len(),
        "lost"
    );
    assert_eq!(
        count(format!("select count(*) from checkouts where status = 'paid' and id in ({})", quoted(&paid))),
        paid.len(),
        "an acknowledged payment was lost"
    );
    assert_eq!(count("select count(*) from payment_credits".to_owned()), paid.len(), "money doubled");
}

/// A server process on the world's database, with the world's keys.
fn spawn(world: &World, port: u16) -> Child {
    Command::new(env!("CARGO_BIN_EXE_ocop-market"))
        .arg("serve")
        .env_clear()
        .envs([
            ("DATABASE_URL", world.database.app_url.as_str()),
            ("BIND", &format!("127.0.0.1:{port}")),
            ("DATA_FOLDER", concat!(env!("CARGO_TARGET_TMPDIR"), "/keys")),
            ("SEPAY_HMAC_SECRET", SEPAY_SECRET),
            ("VNPAY_SECRET", VNPAY_SECRET),
            ("POOL_REQUESTS", "6"),
            ("ACCOUNT_RATE_PER_MINUTE", "1000000"),
            ("RUST_LOG", "off"),
        ])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("a server process")
}

/// Waits until a process is at work. Its port is bound before.
async fn answers(http: &reqwest::Client, port: u16) {
    for _ in 0..TRIES_MAX {
        if http.get(format!("http://127.0.0.1:{port}/healthz")).send().await.is_ok() {
            return;
        }
        sleep(Duration::from_millis(25)).await;
    }
    panic!("nobody answers on {port}");
}

/// F-01
#[actix_web::test]
async fn twenty_kills_of_the_server_lose_and_double_nothing() {
    let world = World::start().await;
    let variant_id = one_product(&world).await;
    let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port();
    let mut buyers = Vec::new();
    for number in 0..BUYERS {
        let mut buyer = world.buyer(&format!("09333333{number:02}")).await;
        buyer.base = format!("http://127.0.0.1:{port}");
        buyers.push(buyer);
    }
    let (stop, notices) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicI64::new(1)));
    let killer = async {
        let mut server = spawn(&world, port);
        for round in 0..20 {
            // Some die while they start, the others at work.
            if round % 4 != 0 {
                answers(&world.http, port).await;
            }
            let pause = rand::rng().random_range(150..=700);
            sleep(Duration::from_millis(pause)).await;
            server.kill().expect("kill -9");
            server.wait().expect("its end");
            server = spawn(&world, port);
        }
        answers(&world.http, port).await;
        sleep(Duration::from_millis(500)).await;
        stop.store(true, Ordering::SeqCst);
        server
    };
    let load =
        join_all(buyers.into_iter().map(|b| shop(b, variant_id.clone(), Arc::clone(&stop), Arc::clone(&notices))));
    let (mut server, seen) = futures_util::future::join(killer, load).await;
    server.kill().expect("the end");
    server.wait().expect("its end");
    take_up(&world).await;
    verify(&world, &seen);
    world.finish().await;
}

/// F-05
#[actix_web::test]
async fn three_kills_of_postgresql_lose_and_double_nothing() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("postgres-to-kill");
    std::fs::create_dir_all(&folder).expect("a folder");
    let mut cluster = Postgres::start(&folder).expect("a cluster of its own");
    let world = World::on(TestDatabase::on(&cluster), &[]).await;
    let variant_id = one_product(&world).await;
    let mut buyers = Vec::new();
    for number in 0..BUYERS {
        buyers.push(world.buyer(&format!("09333333{number:02}")).await);
    }
    let (stop, notices) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicI64::new(1)));
    let killer = async {
        for _ in 0..3 {
            let pause = rand::rng().random_range(400..=1200);
            sleep(Duration::from_millis(pause)).await;
            let killed = Command::new("kill").args(["-9", &cluster.pid().to_string()]).status().expect("kill");
            assert!(killed.success());
            let again = folder.clone();
            cluster =
                actix_web::web::block(move || Postgres::start(&again)).await.expect("a thread").expect("a restart");
        }
        sleep(Duration::from_millis(1000)).await;
        stop.store(true, Ordering::SeqCst);
    };
    let load =
        join_all(buyers.into_iter().map(|b| shop(b, variant_id.clone(), Arc::clone(&stop), Arc::clone(&notices))));
    let ((), seen) = futures_util::future::join(killer, load).await;
    take_up(&world).await;
    verify(&world, &seen);
    world.finish().await;
    cluster.stop();
}
