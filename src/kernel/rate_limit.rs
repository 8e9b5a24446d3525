//! How often anonymous callers may look, per network.
//!
//! Redis shares the count between processes; it may be absent, slow or wiped at any moment: then each process counts
//! for itself, and after five faults in a row Redis is left alone for ten seconds. Nothing that must hold
//! (one-time codes, passwords, money) is limited here: those limits are in PostgreSQL.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig};

/// Redis answers within this, or the process counts for itself.
const REDIS_MAX: Duration = Duration::from_millis(50);
const FAULTS_MAX: u32 = 5;
const REST: Duration = Duration::from_secs(10);
/// Networks remembered by one process; beyond that it forgets them all and begins anew.
const NETWORKS_MAX: usize = 100_000;
const MINUTE_US: i64 = 60_000_000;

/// The generic cell rate algorithm in one atomic call: the moment at which the bucket is empty again, moved forward
/// by one request; answers 0, or the microseconds to wait.
const SCRIPT: &str = "\
    local t = redis.call('TIME') \
    local now = t[1] * 1000000 + t[2] \
    local empty_at = tonumber(redis.call('GET', KEYS[1]) or now) \
    if empty_at < now then empty_at = now end \
    local step, burst = tonumber(ARGV[1]), tonumber(ARGV[2]) \
    local wait = empty_at + step - now - burst \
    if wait > 0 then return wait end \
    redis.call('SET', KEYS[1], string.format('%.0f', empty_at + step), 'PX', math.ceil((empty_at + step - now) / 1000)) \
    return 0";

/// A quarter of a minute's requests may come at once.
const BURST_PARTS: i64 = 4;

pub struct RateLimit {
    per_minute: i64,
    shared: Option<(ConnectionManager, redis::Script)>,
    faults: AtomicU32,
    rests_until_us: AtomicI64,
    own: Mutex<HashMap<String, i64>>,
}

impl RateLimit {
    /// `redis_url` may be absent. Must be called inside an async runtime; connects when first used.
    pub fn new(per_minute: i64, redis_url: Option<&str>) -> Result<RateLimit, String> {
        let shared = redis_url.map(connect).transpose()?.map(|manager| (manager, redis::Script::new(SCRIPT)));
        Ok(RateLimit {
            per_minute: per_minute.max(1),
            shared,
            faults: AtomicU32::new(0),
            rests_until_us: AtomicI64::new(0),
            own: Mutex::default(),
        })
    }

    fn step_us(&self) -> i64 {
        MINUTE_US.checked_div(self.per_minute).unwrap_or(MINUTE_US).max(1)
    }

    fn burst_us(&self) -> i64 {
        (MINUTE_US / BURST_PARTS).max(self.step_us())
    }

    /// Counts one request of a network; the answer is how long it should have waited, if it came too soon.
    pub async fn count(&self, network: &str, now_us: i64) -> Option<Duration> {
        let wait_us = match self.count_shared(network, now_us).await {
            Some(wait_us) => wait_us,
            None => self.count_own(network, now_us),
        };
        u64::try_from(wait_us).ok().filter(|wait| *wait > 0).map(Duration::from_micros)
    }

    async fn count_shared(&self, network: &str, now_us: i64) -> Option<i64> {
        let (manager, script) = self.shared.as_ref()?;
        if self.rests_until_us.load(Ordering::Relaxed) > now_us {
            return None;
        }
        let mut connection = manager.clone();
        let mut call = script.prepare_invoke();
        call.key(format!("rate:{network}")).arg(self.step_us()).arg(self.burst_us());
        let answered = tokio::time::timeout(REDIS_MAX, call.invoke_async::<i64>(&mut connection)).await;
        if let Ok(Ok(wait_us)) = answered {
            self.faults.store(0, Ordering::Relaxed);
            return Some(wait_us);
        }
        if self.faults.fetch_add(1, Ordering::Relaxed).saturating_add(1) >= FAULTS_MAX {
            self.faults.store(0, Ordering::Relaxed);
            let rest_us = i64::try_from(REST.as_micros()).unwrap_or(MINUTE_US);
            self.rests_until_us.store(now_us.saturating_add(rest_us), Ordering::Relaxed);
            tracing::warn!("Redis does not answer; this process counts for itself");
        }
        None
    }

    fn count_own(&self, network: &str, now_us: i64) -> i64 {
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        if own.len() >= NETWORKS_MAX {
            own.clear();
        }
        let empty_at = own.get(network).copied().unwrap_or(now_us).max(now_us);
        let next = empty_at.saturating_add(self.step_us());
        let wait = next.saturating_sub(now_us).saturating_sub(self.burst_us());
        if wait <= 0 {
            own.insert(network.to_owned(), next);
        }
        wait.max(0)
    }
}

fn connect(url: &str) -> Result<ConnectionManager, String> {
    let client = redis::Client::open(url).map_err(|_| "REDIS_URL is malformed".to_owned())?;
    let settings = ConnectionManagerConfig::new()
        .set_number_of_retries(1)
        .set_response_timeout(Some(REDIS_MAX))
        .set_connection_timeout(Some(REDIS_MAX));
    ConnectionManager::new_lazy_with_config(client, settings).map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn passed(limit: &RateLimit, requests: usize, now_us: i64) -> usize {
        let mut passed = 0;
        for _ in 0..requests {
            passed += usize::from(limit.count("10.0.0.0", now_us).await.is_none());
        }
        passed
    }

    #[tokio::test]
    async fn a_burst_passes_and_then_one_request_a_step() {
        let limit = RateLimit::new(60, None).unwrap();
        assert_eq!(passed(&limit, 100, 0).await, 15, "a quarter of a minute at once");
        assert_eq!(passed(&limit, 100, 1_000_000).await, 1, "one more after a second");
        assert!(limit.count("10.0.1.0", 1_000_000).await.is_none(), "another network is another bucket");
    }

    #[tokio::test]
    async fn a_redis_that_is_away_makes_it_neither_fail_nor_open() {
        let limit = RateLimit::new(60, Some("redis://127.0.0.1:1/")).unwrap();
        assert_eq!(passed(&limit, 100, 0).await, 15);
    }
}
