//! What refuses to start in production (reliability.md 5.17).

use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use ocop_market::ops;

use crate::support::{TestDatabase, World};

/// Everything that production needs, but the database.
const SAFE: [(&str, &str); 14] = [
    ("PRODUCTION", "true"),
    ("PUBLIC_BASE_URL", "https://ocop.example.vn"),
    ("REFRESH_KEY", "a-refresh-key-of-more-than-32-bytes-0001"),
    ("CURSOR_KEY", "a-cursor-key-of-more-than-32-bytes-00002"),
    ("OTP_PEPPER", "a-pepper-for-codes-of-more-than-32-bytes3"),
    ("PASSWORD_PEPPER", "a-pepper-for-passwords-over-32-bytes-0004"),
    ("WEBHOOK_KEY", "a-key-for-webhooks-of-more-than-32-bytes5"),
    ("ACCOUNT_NUMBER_KEY", "a-key-for-account-numbers-over-32-bytes06"),
    ("SEPAY_HMAC_SECRET", "whsec_of_more_than_32_bytes_0123456789abcdef"),
    ("TRUSTED_PROXIES", "1"),
    ("BIND", "127.0.0.1:0"),
    ("BANK_BIN", "970436"),
    ("BANK_ACCOUNT", "0011001234567"),
    ("BANK_ACCOUNT_NAME", "SAN OCOP HA GIANG"),
];

/// `serve` with the safe settings, and others in their place; an empty one takes a setting away.
fn command(url: &str, settings: &[(&str, &str)]) -> Command {
    let key = std::path::Path::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/keys/token_key.pem"));
    let pem = std::fs::read_to_string(key).expect("a key made by the world");
    let mut command = Command::new(env!("CARGO_BIN_EXE_ocop-market"));
    command.arg("serve").env_clear().envs(SAFE).env("TOKEN_KEY_PEM", pem).env("DATABASE_URL", url);
    command.envs(settings.iter().copied());
    command
}

/// What it said when it refused to start: every fault on a line of its own, and no secret.
#[track_caller]
fn refusal(url: &str, settings: &[(&str, &str)]) -> String {
    let output = command(url, settings).output().expect("the process");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "{settings:?} is not refused: {said}");
    for secret in ["more-than-32-bytes", "over-32-bytes", "0123456789abcdef", "PRIVATE KEY", "hidden"] {
        // The name of a table is none.
        let said = said.replace("review_hidden_figures", "");
        assert!(!said.contains(secret), "a secret was printed: {said}");
    }
    said
}

/// The control: nothing of what the other tests refuse is wrong here.
#[actix_web::test]
async fn production_starts_when_all_is_safe() {
    let world = World::on(TestDatabase::durable(), &[]).await;
    assert_eq!(world.look(ops::startup_faults).await, Vec::<String>::new(), "the application's role is safe");
    let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port();
    let address = format!("127.0.0.1:{port}");
    let mut server =
        command(&world.database.app_url, &[("BIND", &address)]).stderr(Stdio::null()).spawn().expect("the process");
    let started = Instant::now();
    let ready = loop {
        if let Ok(reply) = world.http.get(format!("http://{address}/readyz")).send().await {
            break reply.status() == 200;
        }
        assert!(server.try_wait().expect("a child").is_none(), "it ended");
        assert!(started.elapsed() < Duration::from_secs(20), "it does not answer");
        actix_web::rt::time::sleep(Duration::from_millis(20)).await;
    };
    server.kill().expect("the end");
    server.wait().expect("its end");
    assert!(ready);
    world.finish().await;
}

/// S-02, S-06, S-10, S-12, S-13, S-15
#[actix_web::test]
async fn production_refuses_unsafe_settings() {
    let world = World::start().await;
    let url = world.database.app_url.as_str();
    let cases: &[(&str, &str, &str)] = &[
        ("DATABASE_URL", "postgres://ocop_app:hidden@db.vn/x", "DATABASE_URL goes over a network"),
        ("DATABASE_URL", "postgres://ocop_app:hidden@10.0.0.1/x?sslmode=require", "DATABASE_URL goes over a network"),
        ("DATABASE_URL", "host=db.vn password=hidden sslmode=verify-ca", "DATABASE_URL goes over a network"),
        ("OWNER_DATABASE_URL", "postgres://owner:hidden@db.vn/x", "OWNER_DATABASE_URL goes over a network"),
        (
            "DATABASE_URL",
            "postgres://a:development-only-app@localhost/x",
            "DATABASE_URL has a password for development",
        ),
        ("REDIS_URL", "redis://:hidden@10.0.0.2:6379", "REDIS_URL must be"),
        ("REDIS_URL", "rediss://:hidden@redis.vn", "REDIS_URL must be"),
        ("PUBLIC_BASE_URL", "http://ocop.example.vn", "PUBLIC_BASE_URL must be https"),
        ("TRUSTED_PROXIES", "0", "TRUSTED_PROXIES must say"),
        ("TOKEN_KEY_PEM", "", "TOKEN_KEY_PEM is missing"),
        ("REFRESH_KEY", "", "REFRESH_KEY is missing"),
        ("CURSOR_KEY", "hidden", "CURSOR_KEY is shorter"),
        ("OTP_PEPPER", "test_hidden_and_longer_than_32_characters", "OTP_PEPPER is a development or test value"),
        ("OTP_PEPPER", "development-only-hidden-and-longer-than-32", "OTP_PEPPER is a development or test value"),
        ("OTP_PEPPER", "a-refresh-key-of-more-than-32-bytes-0001", "two secrets are equal"),
        ("SEPAY_API_KEY", "whsec_of_more_than_32_bytes_0123456789abcdef", "two secrets are equal"),
        ("SEPAY_HMAC_SECRET", "", "SEPAY_HMAC_SECRET is missing"),
        ("BANK_ACCOUNT", "", "BANK_ACCOUNT is missing"),
        ("BANK_ACCOUNT_NAME", " ", "BANK_ACCOUNT_NAME is missing"),
        ("BANK_BIN", "", "BANK_BIN is missing"),
        ("VNPAY_TMN_CODE", "OCOPHG01", "VNPAY_PAY_URL is a sandbox"),
    ];
    for (name, value, expected) in cases {
        let said = refusal(url, &[(name, value)]);
        assert!(said.lines().any(|line| line.contains(expected)), "{name}={value}: {said}");
    }
    let by_network = "postgres://ocop_app:hidden@127.0.0.2:1/x?sslmode=verify-full";
    for allowed in [by_network, "postgres://ocop_app:hidden@localhost:1/x"] {
        let said = refusal(allowed, &[]);
        assert!(!said.contains("over a network") && said.contains("the database"), "{said}");
    }
    world.finish().await;
}

/// S-01
#[actix_web::test]
async fn production_refuses_to_be_the_owner_of_its_database() {
    let world = World::start().await;
    let said = refusal(&world.database.owner_url, &[]);
    assert!(said.contains("superuser"), "{said}");
    world.finish().await;
}

/// S-01, S-03, S-04, S-05, S-14, S-18, S-20
#[actix_web::test]
async fn production_names_every_fault_of_its_database_at_once() {
    let world = World::start().await;
    let name = world.text("select current_database()");
    for statement in [
        &format!("alter database {name} set synchronous_commit = off"),
        &format!("alter database {name} set timezone = 'Asia/Ho_Chi_Minh'"),
        &format!("alter database {name} connection limit 20"),
        "drop view invariant_jobs",
        "alter table carts disable row level security",
        "drop policy producers_read on producers",
        "drop policy producers_own on producers",
        "alter table producers disable row level security",
        "grant update on payment_credits to ocop_app",
        "delete from __diesel_schema_migrations where version = (select min(version) from __diesel_schema_migrations)",
        "insert into __diesel_schema_migrations (version) values ('20990101000000')",
        "insert into accounts (id, phone, status, created_at, updated_at)
           values (gen_random_uuid(), '+84911111111', 'active', now(), now())",
        "insert into producers (id, account_id, kind, name, representative_name, registration_number,
             residence_commune_code, production_commune_code, address, status, created_at, updated_at)
           select gen_random_uuid(), id, 'cooperative', 'x', 'x', 'DEMO-0001', '00769', '00769', 'x', 'draft', now(), now()
           from accounts",
    ] {
        world.database.execute(statement);
    }
    let said = refusal(&world.database.app_url, &[("POOL_REQUESTS", "8")]);
    for expected in [
        "synchronous_commit is off",
        "timezone must be UTC, not Asia/Ho_Chi_Minh",
        "the database has 20 connections for us, and all pools need 32",
        "the view invariant_jobs is missing",
        "row-level security is off on carts",
        "row-level security is off on producers",
        "the database role may change payment_credits",
        "has not run",
        "migration 20990101000000 is newer than this program",
        "the demo market is in this database",
    ] {
        assert!(said.lines().any(|line| line.contains(expected)), "{expected} in {said}");
    }
    world.close().await;
}

/// S-16
#[actix_web::test]
async fn production_refuses_a_database_whose_clock_is_another() {
    let world = World::on(TestDatabase::durable(), &[]).await;
    let name = world.text("select current_database()");
    for statement in [
        "create schema shifted",
        "grant usage on schema shifted to ocop_app",
        "create function shifted.now() returns timestamptz language sql stable
           return pg_catalog.now() + interval '5 seconds'",
        &format!("alter database {name} set search_path = public, shifted, pg_catalog"),
    ] {
        world.database.execute(statement);
    }
    let said = refusal(&world.database.app_url, &[]);
    assert!(said.lines().any(|line| line.contains("clock")), "{said}");
    assert_eq!(said.trim().lines().count(), 2, "nothing else is wrong: {said}");
    world.finish().await;
}
