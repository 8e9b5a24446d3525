//! Limits of callers: visitors by network, people by account; with Redis, without it, when it dies and is wiped.

use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use futures_util::future::join_all;
use ocop_market::embedded::Redis;
use ocop_market::payments::CALLBACKS_MAX;
use reqwest::Method;
use serde_json::json;

use crate::support::{Client, Reply, World, checkout};

const VISITORS: (&str, &str) = ("VISITOR_RATE_PER_MINUTE", "60");
const ACCOUNTS: (&str, &str) = ("ACCOUNT_RATE_PER_MINUTE", "120");
/// A quarter of a minute's requests may come at once.
const BURST: usize = 15;
const BURST_OF_ACCOUNT: usize = 30;
const OPEN: &str = "/v1/public/provinces";

/// A Redis of the test's own.
struct Own {
    folder: PathBuf,
    redis: Redis,
}

impl Own {
    fn start(name: &str) -> Own {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::create_dir_all(&folder).expect("a folder");
        let Some(redis) = Redis::start(&folder).expect("Redis starts") else {
            panic!(".ci/setup installs redis-server")
        };
        let own = Own { folder, redis };
        own.wipe();
        own
    }

    fn wipe(&self) {
        let mut connection =
            redis::Client::open(self.redis.url()).and_then(|c| c.get_connection()).expect("Redis answers");
        redis::cmd("FLUSHALL").exec(&mut connection).expect("to wipe it");
    }

    /// How many calls of the script it has seen.
    fn questions(&self) -> u64 {
        let mut connection =
            redis::Client::open(self.redis.url()).and_then(|c| c.get_connection()).expect("Redis answers");
        let info: String = redis::cmd("INFO").arg("commandstats").query(&mut connection).expect("figures");
        let calls = |name: &str| {
            let line = info.lines().find_map(|line| line.strip_prefix(&format!("cmdstat_{name}:calls=")));
            line.and_then(|line| line.split(',').next()).map_or(0, |calls| calls.parse().expect("a number"))
        };
        calls("evalsha") + calls("eval")
    }

    fn restart(self) -> Own {
        let folder = self.folder.clone();
        self.redis.stop();
        let redis = Redis::start(&folder).expect("Redis starts").expect("redis-server");
        Own { folder, redis }
    }
}

async fn statuses(client: &Client, path: &str, requests: usize) -> Vec<Reply> {
    let mut replies = Vec::new();
    for _ in 0..requests {
        replies.push(client.get(path).await);
    }
    replies
}

/// How many were refused; each is told when to come again.
async fn refusals(client: &Client, requests: usize) -> usize {
    let refused = statuses(client, OPEN, requests).await.into_iter().filter(|reply| reply.status == 429);
    refused
        .map(|reply| {
            assert!(reply.header("retry-after").parse::<u64>().expect("seconds") >= 1);
            reply.refused(429, "too_many_requests");
        })
        .count()
}

#[actix_web::test]
async fn a_visitor_who_asks_too_fast_is_told_when_to_come_again() {
    let world = World::with(&[VISITORS]).await;
    let refused = refusals(&world.visitor(), BURST + 10).await;
    assert!((1..=10).contains(&refused), "{refused}");
    for id in 0..40 {
        let callback = world.sepay(id, "khong co ma", 1_000).await;
        assert_eq!(callback.status, 200, "a provider is never turned away");
    }
    for path in ["/healthz", "/readyz"] {
        assert!(statuses(&world.visitor(), path, BURST + 10).await.iter().all(|reply| reply.status == 200));
    }
    world.finish().await;
}

#[actix_web::test]
async fn an_account_has_its_own_limit_wherever_it_asks_from() {
    let world = World::with(&[VISITORS, ACCOUNTS]).await;
    let hasty = world.session("0911111111", "buyer", TimeDelta::zero()).1;
    let other = world.session("0922222222", "buyer", TimeDelta::zero()).1;
    let mut refused = 0;
    for number in 0..BURST_OF_ACCOUNT + 10 {
        let address = format!("10.1.{number}.1");
        let path = if number % 2 == 0 { OPEN } else { "/v1/buyer/cart" };
        let reply = hasty.send(Method::GET, path, &[("x-forwarded-for", &address)], None).await;
        refused += usize::from(reply.status == 429);
    }
    assert!((1..=10).contains(&refused), "another address and another path change nothing: {refused}");
    // The same person in another session is the same account; everybody else in the house goes on.
    let again = world.session("0911111111", "buyer", TimeDelta::zero()).1;
    assert!(statuses(&again, "/v1/buyer/cart", 5).await.iter().any(|reply| reply.status == 429));
    assert!(statuses(&other, "/v1/buyer/cart", BURST + 5).await.iter().all(|reply| reply.status == 200));
    assert_eq!(refusals(&world.visitor(), 10).await, 0, "accounts do not use up what the network has");
    world.finish().await;
}

#[actix_web::test]
async fn nothing_that_a_client_writes_makes_a_new_caller() {
    let world = World::with(&[VISITORS, ACCOUNTS]).await;
    let genuine = world.session("0911111111", "buyer", TimeDelta::zero()).1.token.expect("a token");
    let expired = world.session("0922222222", "buyer", TimeDelta::hours(1)).1.token.expect("a token");
    let mut refused = 0;
    for number in 0..BURST + 15 {
        let token = match number % 5 {
            0 => format!("Bearer {expired}"),
            1 => format!("Bearer {genuine}x"),
            2 => format!("Bearer forged{number}"),
            3 => format!("Basic {number}"),
            _ => String::new(),
        };
        let far = format!("6.6.{number}.6, 113.160.1.2");
        let headers = [("authorization", token.as_str()), ("x-forwarded-for", &far), ("x-user-id", "1")];
        let reply = world.visitor().send(Method::GET, OPEN, &headers, None).await;
        refused += usize::from(reply.status == 429);
    }
    assert!(refused >= 5, "one network, whatever it claims: {refused}");
    world.finish().await;
}

#[actix_web::test]
async fn answers_tell_what_the_limit_is_and_what_is_left() {
    let world = World::with(&[VISITORS, ACCOUNTS]).await;
    let buyer = world.session("0911111111", "buyer", TimeDelta::zero()).1;
    let visitor = world.visitor();
    let left = |reply: &Reply, name: &str| -> i64 {
        let field = reply.header("ratelimit").to_owned();
        let (start, rest) = field.split_once(";r=").expect("what is left");
        assert_eq!(start, format!("\"{name}\""), "{field}");
        let (left, within) = rest.split_once(";t=").expect("a time");
        assert!(within.parse::<i64>().expect("seconds") >= 1, "{field}");
        left.parse().expect("a number")
    };
    let first = visitor.get(OPEN).await;
    assert_eq!(first.header("ratelimit-policy"), "\"visitor\";q=15;w=15");
    // Every second gives one back.
    assert_eq!(left(&first, "visitor"), 14);
    assert!((13..=14).contains(&left(&visitor.get(OPEN).await, "visitor")));
    // Also on what is refused for another reason.
    let nowhere = visitor.get("/v1/public/products/0").await;
    assert!(nowhere.status == 404 && (12..=14).contains(&left(&nowhere, "visitor")));
    let unsigned = visitor.get("/v1/buyer/cart").await;
    assert!(unsigned.status == 401 && (11..=14).contains(&left(&unsigned, "visitor")));
    let empty = buyer.post("/v1/buyer/checkouts", checkout(1)).await;
    assert_eq!((empty.status, empty.header("ratelimit-policy")), (409, "\"account\";q=30;w=15"));
    assert_eq!(left(&empty, "account"), 29);
    let unread = buyer.put("/v1/buyer/cart/lines/x", json!({"quantity": "x"})).await;
    assert!((28..=29).contains(&left(&unread, "account")));

    let refused = statuses(&visitor, OPEN, 20).await.into_iter().find(|reply| reply.status == 429).expect("a refusal");
    assert_eq!((left(&refused, "visitor"), refused.header("ratelimit-policy")), (0, "\"visitor\";q=15;w=15"));
    let (_, within) = refused.header("ratelimit").split_once(";t=").expect("a time");
    assert_eq!(within, refused.header("retry-after"), "the window does not end before one may come again");
    for path in ["/healthz", "/openapi.json"] {
        assert_eq!(visitor.get(path).await.header("ratelimit"), "", "{path} is not limited");
    }
    world.finish().await;
}

#[actix_web::test]
async fn of_more_callbacks_at_once_than_there_is_room_for_the_rest_comes_again() {
    let world = World::start().await;
    let mut slots: Vec<_> = (0..CALLBACKS_MAX).map(|_| world.app.callback_slots.take().expect("room")).collect();
    let sepay = world.sepay(1, "khong co ma", 1_000).await;
    assert_eq!((sepay.status, &*sepay.text), (503, r#"{"success":false}"#));
    let vnpay = world.vnpay("X", 1_000, ("00", "00", "1")).await;
    assert_eq!((vnpay.status, &vnpay.json["RspCode"]), (200, &json!("99")));
    assert_eq!(world.count("select count(*) from payment_callbacks"), 0);
    // One that is done makes room for the next, every time.
    slots.pop();
    for id in 0..40 {
        assert_eq!(world.sepay(id, "khong co ma", 1_000).await.status, 200);
    }
    assert!(world.app.callback_slots.take().is_some() && slots.len() == 31);
    drop(slots);
    world.finish().await;
}

#[actix_web::test]
async fn two_processes_share_one_count_and_go_on_alone_when_redis_dies() {
    let own = Own::start("redis-shared");
    let url = own.redis.url();
    let settings = [VISITORS, ACCOUNTS, ("REDIS_URL", url.as_str())];
    let (first, second) = (World::with(&settings).await, World::with(&settings).await);
    assert_eq!(refusals(&first.visitor(), BURST - 2).await, 0);
    assert!(refusals(&second.visitor(), BURST).await >= 5, "the second process knows what the first let pass");
    own.wipe();
    actix_web::rt::time::sleep(std::time::Duration::from_millis(2_100)).await;
    let after_wipe = refusals(&first.visitor(), BURST + 10).await;
    assert!((1..=10).contains(&after_wipe), "a wiped Redis gives one burst more and no failure: {after_wipe}");
    let own = own.restart();
    assert!(refusals(&second.visitor(), BURST + 10).await >= 1, "a Redis that came back is used, or the own count");
    own.redis.stop();
    assert!(refusals(&first.visitor(), BURST + 10).await >= 1, "without Redis it is not open");
    let buyer = second.session("0911111111", "buyer", TimeDelta::zero()).1;
    assert!(refusals(&buyer, BURST_OF_ACCOUNT + 20).await >= 1, "nor for accounts");
    first.finish().await;
    second.finish().await;
}

#[actix_web::test]
async fn a_busy_caller_seldom_costs_a_question_to_redis() {
    let own = Own::start("redis-blocks");
    let url = own.redis.url();
    let settings = [("VISITOR_RATE_PER_MINUTE", "120000"), ("REDIS_URL", url.as_str())];
    let (first, second) = (World::with(&settings).await, World::with(&settings).await);
    let before = own.questions();
    let visitors = [first.visitor(), second.visitor()];
    let rounds = join_all(visitors.iter().map(|visitor| statuses(visitor, OPEN, 300))).await;
    assert!(rounds.iter().flatten().all(|reply| reply.status == 200));
    let questions = own.questions() - before;
    assert!((2..=80).contains(&questions), "{questions} questions for 600 requests");
    own.redis.stop();
    first.finish().await;
    second.finish().await;
}
