//! How often callers may ask: visitors by network, people who are signed in by account.
//!
//! Redis shares the count between processes. A process does not ask it for every request: it takes a block of them in
//! one call and spends it by itself within two seconds, a microsecond each. So within any time the processes together
//! let pass at most what the limit allows and one block (a sixteenth of a burst, at most 20) for each process; and
//! since what is left of a block was counted, a caller whose requests are spread over many processes may be told to
//! wait from half of the rate on. Where a sixteenth of the burst is less than two requests, every one is asked for.
//!
//! Without Redis, or while it does not answer, each process counts for itself. A wiped Redis allows one burst more.
//! Nothing that must hold (one-time codes, passwords, money) is limited here: those limits are in PostgreSQL.

mod block;
mod bucket;
mod shared;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::ids::AccountId;
use block::{Block, Spent};
use bucket::{Bucket, Grant};
use shared::Shared;

pub use bucket::Policy;

/// Callers remembered by one process. When there are more, those that are idle are forgotten; when that is less than
/// half of them, all are.
const CALLERS_MAX: usize = 100_000;

/// Who is counted as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Caller {
    /// A /24 of IPv4: phones of one village may share an address.
    Network4([u8; 3]),
    /// A /48 of IPv6.
    Network6([u16; 3]),
    /// Somebody whose token is genuine.
    Account(AccountId),
}

impl Caller {
    pub fn network(address: IpAddr) -> Caller {
        match address.to_canonical() {
            IpAddr::V4(address) => {
                let [a, b, c, _] = address.octets();
                Caller::Network4([a, b, c])
            }
            IpAddr::V6(address) => {
                let [a, b, c, ..] = address.segments();
                Caller::Network6([a, b, c])
            }
        }
    }
}

impl std::fmt::Display for Caller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Caller::Network4([a, b, c]) => write!(f, "{a}.{b}.{c}.0/24"),
            Caller::Network6([a, b, c]) => write!(f, "{a:x}:{b:x}:{c:x}::/48"),
            Caller::Account(id) => id.fmt(f),
        }
    }
}

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It passes; about so many more may follow at once.
    Passes { left: i64 },
    /// It came too soon by so much.
    Waits(Duration),
}

impl Verdict {
    fn waits(wait_us: i64) -> Verdict {
        Verdict::Waits(Duration::from_micros(wait_us.max(1).unsigned_abs()))
    }
}

/// What a process knows of one caller: its block of the shared count, and its own count for when there is none.
#[derive(Debug, Clone, Copy, Default)]
struct Known {
    block: Block,
    own: Bucket,
}

pub struct RateLimit {
    visitors: Policy,
    accounts: Policy,
    shared: Option<Shared>,
    known: Mutex<HashMap<Caller, Known>>,
    begun: Instant,
}

impl RateLimit {
    /// `redis_url` may be absent. Must be called inside an async runtime; connects when first used.
    pub fn new(
        visitors_per_minute: i64,
        accounts_per_minute: i64,
        redis_url: Option<&str>,
    ) -> Result<RateLimit, String> {
        Ok(RateLimit {
            visitors: Policy::new("visitor", visitors_per_minute),
            accounts: Policy::new("account", accounts_per_minute),
            shared: redis_url.map(Shared::new).transpose()?,
            known: Mutex::default(),
            begun: Instant::now(),
        })
    }

    pub fn policy(&self, caller: Caller) -> &Policy {
        match caller {
            Caller::Network4(_) | Caller::Network6(_) => &self.visitors,
            Caller::Account(_) => &self.accounts,
        }
    }

    /// Counts one request of a caller.
    pub async fn count(&self, caller: Caller) -> Verdict {
        let now_us = i64::try_from(self.begun.elapsed().as_micros()).unwrap_or(i64::MAX);
        self.count_at(caller, now_us).await
    }

    async fn count_at(&self, caller: Caller, now_us: i64) -> Verdict {
        let policy = self.policy(caller);
        let Some(shared) = self.shared.as_ref().filter(|shared| !shared.rests(now_us)) else {
            return self.count_own(caller, now_us);
        };
        let wanted = match self.with(caller, now_us, |known| known.block.spend(policy, now_us)) {
            Spent::Passes { left } => return Verdict::Passes { left },
            Spent::Waits(wait_us) => return Verdict::waits(wait_us),
            Spent::Take(wanted) => wanted,
        };
        let key = format!("rate:{}:{caller}", policy.name);
        match shared.take(&key, policy, wanted, now_us).await {
            Some(Grant::Taken { requests, left: rest }) => {
                let left = self.with(caller, now_us, |known| known.block.fill(requests, rest, now_us));
                Verdict::Passes { left }
            }
            Some(Grant::Wait(wait_us)) => {
                self.with(caller, now_us, |known| known.block.refuse(wait_us, now_us));
                Verdict::waits(wait_us)
            }
            None => self.count_own(caller, now_us),
        }
    }

    fn count_own(&self, caller: Caller, now_us: i64) -> Verdict {
        let policy = self.policy(caller);
        match self.with(caller, now_us, |known| known.own.take(policy, 1, now_us)) {
            Grant::Taken { left, .. } => Verdict::Passes { left },
            Grant::Wait(wait_us) => Verdict::waits(wait_us),
        }
    }

    fn with<T>(&self, caller: Caller, now_us: i64, work: impl FnOnce(&mut Known) -> T) -> T {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= CALLERS_MAX && !known.contains_key(&caller) {
            known.retain(|_, other| !(other.block.is_over(now_us) && other.own.is_empty(now_us)));
            if known.len() > CALLERS_MAX / 2 {
                known.clear();
            }
        }
        match known.entry(caller) {
            Entry::Occupied(mut entry) => work(entry.get_mut()),
            Entry::Vacant(entry) => work(entry.insert(Known::default())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VILLAGE: Caller = Caller::Network4([113, 160, 1]);

    async fn passed(limit: &RateLimit, caller: Caller, requests: usize, now_us: i64) -> usize {
        let mut passed = 0;
        for _ in 0..requests {
            passed += usize::from(matches!(limit.count_at(caller, now_us).await, Verdict::Passes { .. }));
        }
        passed
    }

    #[tokio::test]
    async fn networks_and_accounts_have_limits_of_their_own() {
        let limit = RateLimit::new(60, 120, None).unwrap();
        let person = Caller::Account(AccountId::generate());
        assert_eq!(passed(&limit, VILLAGE, 100, 0).await, 15);
        assert_eq!(passed(&limit, person, 100, 0).await, 30);
        assert_eq!(passed(&limit, VILLAGE, 100, 1_000_000).await, 1, "one more after a second");
        assert_eq!(passed(&limit, Caller::Network4([113, 160, 2]), 1, 0).await, 1, "another network is another bucket");
        assert_eq!(limit.count_at(VILLAGE, 1_000_000).await, Verdict::Waits(Duration::from_secs(1)));
    }

    #[tokio::test]
    async fn a_redis_that_is_away_makes_it_neither_fail_nor_open() {
        let limit = RateLimit::new(60, 60, Some("redis://127.0.0.1:1/")).unwrap();
        assert_eq!(passed(&limit, VILLAGE, 100, 0).await, 15);
    }

    #[tokio::test]
    async fn what_is_remembered_has_an_end() {
        let limit = RateLimit::new(60, 60, None).unwrap();
        let networks =
            (0..250_000_u32).map(|n| Caller::Network4([n.to_be_bytes()[1], n.to_be_bytes()[2], n.to_be_bytes()[3]]));
        for caller in networks {
            limit.count_own(caller, 0);
            assert!(limit.known.lock().unwrap().len() <= CALLERS_MAX);
        }
        let before = limit.known.lock().unwrap().len();
        assert_eq!(passed(&limit, VILLAGE, 20, 0).await, 15);
        for n in 0..(CALLERS_MAX as u32) {
            limit.count_own(Caller::Network6([1, u16::try_from(n >> 16).unwrap(), (n & 0xffff) as u16]), 60_000_000);
        }
        assert!(limit.known.lock().unwrap().len() <= CALLERS_MAX, "{before}");
    }

    #[test]
    fn neighbours_share_a_network() {
        let network = |address: &str| Caller::network(address.parse().unwrap()).to_string();
        assert_eq!(network("113.160.1.2"), "113.160.1.0/24");
        assert_eq!(network("::ffff:113.160.1.9"), "113.160.1.0/24");
        assert_eq!(network("2001:ee0:4f01:2::5"), "2001:ee0:4f01::/48");
    }
}
