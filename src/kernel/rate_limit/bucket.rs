//! The generic cell rate algorithm: one moment per caller, that at which its bucket is empty again.

use std::time::Duration;

const MINUTE_US: i64 = 60_000_000;
/// A quarter of a minute's requests may come at once.
const BURST_PARTS: i64 = 4;
/// A process takes at most this part of a burst at a time, and never more than so many requests.
const BLOCK_PARTS: i64 = 16;
const BLOCK_MAX: i64 = 20;

/// So many requests a minute, and how many of them at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    pub name: &'static str,
    step_us: i64,
    burst_us: i64,
}

impl Policy {
    pub fn new(name: &'static str, per_minute: i64) -> Policy {
        let step_us = MINUTE_US.checked_div(per_minute).unwrap_or(MINUTE_US).max(1);
        Policy { name, step_us, burst_us: (MINUTE_US / BURST_PARTS).max(step_us) }
    }

    /// Microseconds in which one request more is allowed.
    pub fn step_us(&self) -> i64 {
        self.step_us
    }

    pub fn burst_us(&self) -> i64 {
        self.burst_us
    }

    /// Requests that may come at once after a pause.
    pub fn burst(&self) -> i64 {
        self.requests_in(self.burst_us)
    }

    /// The time in which a whole burst is allowed again.
    pub fn window(&self) -> Duration {
        Duration::from_micros(self.burst_us.unsigned_abs())
    }

    /// Requests that a process takes at a time at most.
    pub fn block_max(&self) -> i64 {
        (self.burst() / BLOCK_PARTS).clamp(1, BLOCK_MAX)
    }

    fn requests_in(&self, time_us: i64) -> i64 {
        time_us.checked_div(self.step_us).unwrap_or(0).max(0)
    }
}

/// What a bucket answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grant {
    /// So many requests, at least one; so many are left.
    Taken { requests: i64, left: i64 },
    /// None for so many microseconds.
    Wait(i64),
}

/// The moment at which the bucket is empty again; a new one is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Bucket {
    empty_at_us: i64,
}

impl Bucket {
    /// Takes up to `wanted` requests. [`super::shared`] does the same in Redis.
    pub fn take(&mut self, policy: &Policy, wanted: i64, now_us: i64) -> Grant {
        let empty_at = self.empty_at_us.max(now_us);
        let room_us = now_us.saturating_add(policy.burst_us).saturating_sub(empty_at);
        let free = policy.requests_in(room_us);
        if free < 1 {
            return Grant::Wait(policy.step_us.saturating_sub(room_us).max(1));
        }
        let requests = free.min(wanted);
        self.empty_at_us = empty_at.saturating_add(requests.saturating_mul(policy.step_us));
        Grant::Taken { requests, left: free.saturating_sub(requests) }
    }

    /// Whether it is as a new one.
    pub fn is_empty(&self, now_us: i64) -> bool {
        self.empty_at_us <= now_us
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(bucket: &mut Bucket, policy: &Policy, requests: usize, now_us: i64) -> usize {
        (0..requests).filter(|_| matches!(bucket.take(policy, 1, now_us), Grant::Taken { .. })).count()
    }

    #[test]
    fn a_burst_passes_and_then_one_request_a_step() {
        let (policy, mut bucket) = (Policy::new("test", 60), Bucket::default());
        assert_eq!(passed(&mut bucket, &policy, 100, 0), 15, "a quarter of a minute at once");
        assert_eq!(bucket.take(&policy, 1, 0), Grant::Wait(1_000_000));
        assert_eq!(bucket.take(&policy, 1, 400_000), Grant::Wait(600_000));
        assert_eq!(passed(&mut bucket, &policy, 100, 1_000_000), 1, "one more after a second");
        assert_eq!(passed(&mut bucket, &policy, 100, 3_600_000_000), 15, "never more than a burst");
    }

    #[test]
    fn a_block_is_what_is_free() {
        let (policy, mut bucket) = (Policy::new("test", 60), Bucket::default());
        assert_eq!(bucket.take(&policy, 10, 0), Grant::Taken { requests: 10, left: 5 });
        assert_eq!(bucket.take(&policy, 10, 0), Grant::Taken { requests: 5, left: 0 });
        assert_eq!(bucket.take(&policy, 10, 0), Grant::Wait(1_000_000));
    }

    #[test]
    fn blocks_are_small_against_the_burst() {
        let of = |per_minute| {
            let policy = Policy::new("test", per_minute);
            (policy.burst(), policy.window().as_secs(), policy.block_max())
        };
        assert_eq!(of(1200), (300, 15, 18));
        assert_eq!(of(600), (150, 15, 9));
        assert_eq!(of(60), (15, 15, 1));
        assert_eq!(of(1), (1, 60, 1));
        assert_eq!(of(1_000_000), (250_000, 15, 20));
    }
}
