//! Buckets in Redis, shared by all processes. It may be absent, slow or wiped at any moment.

use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig};

use super::bucket::{Grant, Policy};

/// Redis answers within this, or the process counts for itself.
const ANSWER_MAX: Duration = Duration::from_millis(50);
/// After so many faults in a row it is left alone for a while.
const FAULTS_MAX: u32 = 5;
const REST_US: i64 = 10_000_000;

/// [`super::bucket::Bucket::take`] in one atomic call: how many requests and how many are left, or 0 and the
/// microseconds to wait.
const SCRIPT: &str = "\
    local t = redis.call('TIME') \
    local now = t[1] * 1000000 + t[2] \
    local empty_at = tonumber(redis.call('GET', KEYS[1]) or now) \
    if empty_at < now then empty_at = now end \
    local step, burst, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]) \
    local room = now + burst - empty_at \
    local free = math.floor(room / step) \
    if free < 1 then return {0, math.max(step - room, 1)} end \
    local taken = math.min(free, wanted) \
    empty_at = empty_at + taken * step \
    redis.call('SET', KEYS[1], string.format('%.0f', empty_at), 'PX', math.ceil((empty_at - now) / 1000)) \
    return {taken, free - taken}";

pub struct Shared {
    manager: ConnectionManager,
    script: redis::Script,
    faults: AtomicU32,
    rests_until_us: AtomicI64,
}

impl Shared {
    /// Must be called inside an async runtime; connects when first used.
    pub fn new(url: &str) -> Result<Shared, String> {
        let client = redis::Client::open(url).map_err(|_| "REDIS_URL is malformed".to_owned())?;
        let settings = ConnectionManagerConfig::new()
            .set_number_of_retries(1)
            .set_response_timeout(Some(ANSWER_MAX))
            .set_connection_timeout(Some(ANSWER_MAX));
        Ok(Shared {
            manager: ConnectionManager::new_lazy_with_config(client, settings).map_err(|e| e.to_string())?,
            script: redis::Script::new(SCRIPT),
            faults: AtomicU32::new(0),
            rests_until_us: AtomicI64::new(0),
        })
    }

    pub fn rests(&self, now_us: i64) -> bool {
        self.rests_until_us.load(Ordering::Relaxed) > now_us
    }

    /// Takes up to `wanted` requests of a key; nothing when Redis does not answer.
    pub async fn take(&self, key: &str, policy: &Policy, wanted: i64, now_us: i64) -> Option<Grant> {
        let mut connection = self.manager.clone();
        let mut call = self.script.prepare_invoke();
        call.key(key).arg(policy.step_us()).arg(policy.burst_us()).arg(wanted);
        let answered = tokio::time::timeout(ANSWER_MAX, call.invoke_async::<(i64, i64)>(&mut connection)).await;
        match answered {
            Ok(Ok((0, wait_us))) => Some(Grant::Wait(wait_us)),
            Ok(Ok((requests, left))) => Some(Grant::Taken { requests, left }),
            _ => {
                self.count_fault(now_us);
                None
            }
        }
        .inspect(|_| self.faults.store(0, Ordering::Relaxed))
    }

    fn count_fault(&self, now_us: i64) {
        if self.faults.fetch_add(1, Ordering::Relaxed).saturating_add(1) >= FAULTS_MAX {
            self.faults.store(0, Ordering::Relaxed);
            self.rests_until_us.store(now_us.saturating_add(REST_US), Ordering::Relaxed);
            tracing::warn!("Redis does not answer; this process counts for itself");
        }
    }
}
