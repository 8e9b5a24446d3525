use super::*;

#[test]
fn the_major_version_is_read_from_what_the_server_prints() {
    let debian = "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n";
    assert_eq!(major_in(debian), Some(15));
    assert_eq!(major_in("postgres (PostgreSQL) 18beta1\n"), Some(18));
    assert_eq!(major_in("cockroach 1.2"), None);
}

#[test]
fn a_killed_server_starts_again_and_the_last_user_stops_it() {
    let name = format!("ocop-market-test-{:016x}", rand::random::<u64>());
    let folder = std::env::temp_dir().join(name);
    let first = Postgres::start(&folder).unwrap();
    let second = Postgres::start(&folder).unwrap();
    assert_eq!(first.pid(), second.pid(), "two users share one server");

    first.server.signal(Signal::Kill);
    let third = Postgres::start(&folder).unwrap();
    assert_ne!(first.pid(), third.pid());
    assert_eq!(first.app_url("x"), third.app_url("x"));

    let server = third.server;
    third.stop();
    second.stop();
    assert!(server.is_running(), "the first user is still there");
    first.stop();
    assert!(!server.is_running());
    fs::remove_dir_all(&folder).unwrap();
}
