//! Limits of callers who are not signed in, with Redis, without it, and when it dies.

use std::path::Path;

use ocop_market::embedded::Redis;

use crate::support::World;

const PER_MINUTE: (&str, &str) = ("VISITOR_RATE_PER_MINUTE", "60");
/// A quarter of a minute's requests may come at once.
const BURST: usize = 15;

async fn refusals(world: &World, requests: usize) -> usize {
    let mut refused = 0;
    for _ in 0..requests {
        let reply = world.visitor().get("/v1/public/provinces").await;
        if reply.status == 429 {
            assert!(reply.header("retry-after").parse::<u64>().expect("seconds") >= 1);
            reply.refused(429, "too_many_requests");
            refused += 1;
        }
    }
    refused
}

#[actix_web::test]
async fn a_visitor_who_asks_too_fast_is_told_when_to_come_again() {
    let world = World::with(&[PER_MINUTE]).await;
    let refused = refusals(&world, BURST + 10).await;
    assert!((1..=10).contains(&refused), "{refused}");
    let callbacks = world.sepay(1, "khong co ma", 1_000).await;
    assert_eq!(callbacks.status, 200, "a provider is never turned away");
    world.finish().await;
}

#[actix_web::test]
async fn two_processes_share_one_count_and_go_on_alone_when_redis_dies() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("redis");
    std::fs::create_dir_all(&folder).expect("a folder");
    let Some(redis) = Redis::start(&folder).expect("Redis starts") else { panic!(".ci/setup installs redis-server") };
    let url = redis.url();
    let settings = [PER_MINUTE, ("REDIS_URL", url.as_str())];
    let (first, second) = (World::with(&settings).await, World::with(&settings).await);
    assert_eq!(refusals(&first, BURST - 2).await, 0);
    assert!(refusals(&second, BURST).await >= 5, "the second process knows what the first let pass");
    redis.stop();
    assert!(refusals(&first, BURST + 10).await >= 1, "without Redis it is not open");
    first.finish().await;
    second.finish().await;
}
