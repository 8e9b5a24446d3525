//! What refuses to start in production (reliability.md 5.17).

use std::process::Command;

use ocop_market::ops;

use crate::support::World;

/// Everything that production needs, but the database.
const SAFE: [(&str, &str); 9] = [
    ("PRODUCTION", "true"),
    ("PUBLIC_BASE_URL", "https://ocop.example.vn"),
    ("REFRESH_KEY", "a-refresh-key-of-more-than-32-bytes-0001"),
    ("CURSOR_KEY", "a-cursor-key-of-more-than-32-bytes-00002"),
    ("OTP_PEPPER", "a-pepper-for-codes-of-more-than-32-bytes3"),
    ("PASSWORD_PEPPER", "a-pepper-for-passwords-over-32-bytes-0004"),
    ("SEPAY_HMAC_SECRET", "whsec_of_more_than_32_bytes_0123456789abcdef"),
    ("TRUSTED_PROXIES", "1"),
    ("BIND", "127.0.0.1:0"),
];

fn started(url: &str) -> (bool, String) {
    let key = std::path::Path::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/keys/token_key.pem"));
    let pem = std::fs::read_to_string(key).expect("a key made by the world");
    let output = Command::new(env!("CARGO_BIN_EXE_ocop-market"))
        .arg("serve")
        .env_clear()
        .envs(SAFE)
        .env("TOKEN_KEY_PEM", pem)
        .env("DATABASE_URL", url)
        .output()
        .expect("the process");
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// S-01
#[actix_web::test]
async fn production_refuses_to_be_the_owner_of_its_database() {
    let world = World::start().await;
    assert_eq!(world.look(ops::startup_faults).await, Vec::<String>::new(), "the application's role is safe");
    let (success, said) = started(&world.database.owner_url);
    assert!(!success && said.contains("superuser"), "{said}");
    assert!(!said.contains("more-than-32-bytes"), "a secret was printed: {said}");
    world.finish().await;
}

/// S-04
#[actix_web::test]
async fn production_refuses_a_database_that_lacks_a_migration() {
    let world = World::start().await;
    world.database.execute(
        "delete from __diesel_schema_migrations where version = (select max(version) from __diesel_schema_migrations)",
    );
    let (success, said) = started(&world.database.app_url);
    assert!(!success && said.contains("has not run"), "{said}");
    world.finish().await;
}
