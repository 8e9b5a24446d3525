//! Requests that a process has taken from Redis and spends by itself.

use super::bucket::Policy;

/// How long a block may be spent, and how long a refusal is repeated without asking again.
pub const LIVES_US: i64 = 2_000_000;

/// What one process holds of one caller's requests.
#[derive(Debug, Clone, Copy, Default)]
pub struct Block {
    left: i64,
    size: i64,
    /// What Redis had left when the block was taken.
    rest: i64,
    until_us: i64,
    refused_until_us: i64,
}

/// What a block says to one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spent {
    /// It passes; about so many more may follow.
    Passes { left: i64 },
    /// It came too soon by so many microseconds.
    Waits(i64),
    /// Nobody knows yet: take so many requests from Redis.
    Take(i64),
}

impl Block {
    /// Blocks grow while they are spent in time: 1, 2, 4 and so on. One that was not begins again with 1, so that a
    /// caller is never counted for more than twice what it asked, however many processes it meets.
    pub fn spend(&mut self, policy: &Policy, now_us: i64) -> Spent {
        let is_live = now_us < self.until_us;
        if is_live && self.left > 0 {
            self.left = self.left.saturating_sub(1);
            return Spent::Passes { left: self.rest.saturating_add(self.left) };
        }
        if now_us < self.refused_until_us {
            return Spent::Waits(self.refused_until_us.saturating_sub(now_us));
        }
        self.left = 0;
        let wanted = if is_live { self.size.saturating_mul(2) } else { 1 };
        Spent::Take(wanted.clamp(1, policy.block_max()))
    }

    /// Holds what was taken and spends one of it; says how many more may follow.
    pub fn fill(&mut self, requests: i64, rest: i64, now_us: i64) -> i64 {
        self.size = requests;
        self.rest = rest;
        self.left = self.left.saturating_add(requests).saturating_sub(1);
        self.until_us = now_us.saturating_add(LIVES_US);
        self.rest.saturating_add(self.left)
    }

    /// Repeats a refusal for its time, within what a block lives: Redis may be wiped meanwhile.
    pub fn refuse(&mut self, wait_us: i64, now_us: i64) {
        self.refused_until_us = now_us.saturating_add(wait_us.min(LIVES_US));
    }

    /// Whether it says no more than a new one.
    pub fn is_over(&self, now_us: i64) -> bool {
        self.until_us <= now_us && self.refused_until_us <= now_us
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::bucket::{Bucket, Grant};
    use super::*;

    /// One request at one process; whether it passes, and whether Redis was asked.
    fn ask(block: &mut Block, redis: &mut Bucket, policy: &Policy, now_us: i64) -> (bool, bool) {
        match block.spend(policy, now_us) {
            Spent::Passes { .. } => (true, false),
            Spent::Waits(_) => (false, false),
            Spent::Take(wanted) => match redis.take(policy, wanted, now_us) {
                Grant::Taken { requests, left } => {
                    block.fill(requests, left, now_us);
                    (true, true)
                }
                Grant::Wait(wait_us) => {
                    block.refuse(wait_us, now_us);
                    (false, true)
                }
            },
        }
    }

    #[test]
    fn who_asks_often_seldom_costs_a_question_to_redis() {
        let policy = Policy::new("test", 1200);
        let (mut block, mut redis) = (Block::default(), Bucket::default());
        let seen: Vec<(bool, bool)> =
            (0..10_000).map(|i| ask(&mut block, &mut redis, &policy, i * policy.step_us())).collect();
        assert!(seen.iter().all(|(passes, _)| *passes), "the rate itself is allowed for ever");
        let questions = seen.iter().filter(|(_, asked)| *asked).count();
        assert!(questions < 10_000 / 15, "{questions} questions");
    }

    #[test]
    fn a_refused_flood_does_not_reach_redis() {
        let policy = Policy::new("test", 1200);
        let (mut block, mut redis) = (Block::default(), Bucket::default());
        let seen: Vec<(bool, bool)> = (0..100_000).map(|i| ask(&mut block, &mut redis, &policy, i * 10)).collect();
        let passed = seen.iter().filter(|(passes, _)| *passes).count();
        assert_eq!(passed, 319, "a burst of 300 and what a second allows");
        let questions = seen.iter().filter(|(_, asked)| *asked).count();
        assert!(questions <= 70, "{questions} questions");
    }

    #[test]
    fn what_is_left_is_told() {
        let policy = Policy::new("test", 1200);
        let mut block = Block::default();
        assert_eq!(block.spend(&policy, 0), Spent::Take(1));
        assert_eq!(block.fill(1, 299, 0), 299);
        assert_eq!(block.spend(&policy, 10), Spent::Take(2));
        assert_eq!(block.fill(2, 297, 10), 298);
        assert_eq!(block.spend(&policy, 20), Spent::Passes { left: 297 });
        assert_eq!(block.spend(&policy, 30), Spent::Take(4));
        block.refuse(50_000, 30);
        assert_eq!(block.spend(&policy, 40), Spent::Waits(49_990));
        assert_eq!(block.spend(&policy, 3_000_000), Spent::Take(1), "an old block is nothing");
        assert!(block.is_over(3_000_000) && !block.is_over(40));
    }

    proptest! {
        /// One caller at up to six processes: at no time more than the limit and one block for each of them, and a
        /// caller within half of the rate is never refused.
        #[test]
        fn processes_together_keep_the_limit(
            processes in 1..6_usize,
            per_minute in prop_oneof![Just(60), Just(600), Just(1200)],
            arrivals in prop::collection::vec((0..6_usize, 0..400_000_i64), 1..400),
        ) {
            let policy = Policy::new("test", per_minute);
            let (mut blocks, mut redis) = (vec![Block::default(); processes], Bucket::default());
            let (mut now_us, mut passed) = (0, Vec::new());
            for (process, pause_us) in arrivals {
                now_us += pause_us;
                if ask(&mut blocks[process % processes], &mut redis, &policy, now_us).0 {
                    passed.push(now_us);
                }
            }
            let spare = i64::try_from(processes).unwrap() * policy.block_max();
            for (first, from) in passed.iter().enumerate() {
                for (last, to) in passed.iter().enumerate().skip(first) {
                    let allowed = policy.burst() + (to - from) / policy.step_us() + 1 + spare;
                    let count = i64::try_from(last - first + 1).unwrap();
                    prop_assert!(count <= allowed, "{count} within {} us", to - from);
                }
            }
        }

        #[test]
        fn who_keeps_to_half_of_the_rate_is_never_refused(
            processes in 1..6_usize,
            picks in prop::collection::vec((0..6_usize, 0..3_i64), 1..600),
        ) {
            let policy = Policy::new("test", 1200);
            let (mut blocks, mut redis) = (vec![Block::default(); processes], Bucket::default());
            let mut now_us = 0;
            for (process, more) in picks {
                now_us += policy.step_us() * (2 + more);
                prop_assert!(ask(&mut blocks[process % processes], &mut redis, &policy, now_us).0);
            }
        }
    }
}
