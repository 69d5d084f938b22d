//! Rate limits: how often something may happen within a span of time (wecom-send.md §2.3).
//!
//! Whether the platform counts in fixed or sliding windows is unverified; a sliding window is the
//! stricter of the two, so a client that passes here passes there.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The longest window any limit of the pages has.
const LONGEST_MS: i64 = 24 * 60 * 60 * 1_000;

/// At most `times` within `within_ms`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    pub times: u64,
    pub within_ms: i64,
}

impl Limit {
    pub const fn per_minute(times: u64) -> Self {
        Self { times, within_ms: 60_000 }
    }

    pub const fn per_hour(times: u64) -> Self {
        Self { times, within_ms: 3_600_000 }
    }

    pub const fn per_day(times: u64) -> Self {
        Self { times, within_ms: LONGEST_MS }
    }
}

/// What was used, by a key that names who and what: `webhook:dealers`.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Budgets(BTreeMap<String, VecDeque<Use>>);

/// A moment and how much had been used in all when it was over.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Use {
    at_ms: i64,
    total: u64,
}

impl Budgets {
    /// Whether `weight` more would pass one of the limits.
    pub fn exhausted(&self, key: &str, limits: &[Limit], now: Timestamp, weight: u64) -> bool {
        limits.iter().any(|limit| self.used(key, *limit, now) + weight > limit.times)
    }

    /// Books a use and forgets what no limit asks for any more.
    pub fn book(&mut self, key: &str, now: Timestamp, weight: u64) {
        let now_ms = now.as_millisecond();
        let uses = self.0.entry(key.to_owned()).or_default();
        // After the clock was moved back, what lies ahead of it has not happened yet.
        while uses.back().is_some_and(|last| last.at_ms > now_ms) {
            uses.pop_back();
        }
        let total = uses.back().map_or(0, |last| last.total) + weight;
        uses.push_back(Use { at_ms: now_ms, total });
        // One use older than every window stays: it is the base line of the running total.
        while uses.get(1).is_some_and(|second| second.at_ms <= now_ms - LONGEST_MS) {
            uses.pop_front();
        }
    }

    fn used(&self, key: &str, limit: Limit, now: Timestamp) -> u64 {
        let Some(uses) = self.0.get(key) else { return 0 };
        let now_ms = now.as_millisecond();
        let total_until = |moment: i64| {
            let count = uses.partition_point(|earlier| earlier.at_ms <= moment);
            count.checked_sub(1).and_then(|index| uses.get(index)).map_or(0, |earlier| earlier.total)
        };
        total_until(now_ms) - total_until(now_ms - limit.within_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + second).unwrap()
    }

    #[test]
    fn the_window_slides() {
        let mut budgets = Budgets::default();
        let limit = [Limit::per_minute(2)];
        budgets.book("a", at(0), 1);
        budgets.book("a", at(30), 1);
        assert!(budgets.exhausted("a", &limit, at(59), 1));
        assert!(!budgets.exhausted("a", &limit, at(60), 1));
        assert!(!budgets.exhausted("b", &limit, at(59), 1));
    }

    #[test]
    fn weights_count_and_a_clock_moved_back_frees() {
        let mut budgets = Budgets::default();
        let limit = [Limit::per_minute(100)];
        budgets.book("a", at(0), 60);
        assert!(budgets.exhausted("a", &limit, at(1), 41));
        assert!(!budgets.exhausted("a", &limit, at(1), 40));
        budgets.book("a", at(-600), 1);
        assert!(!budgets.exhausted("a", &limit, at(-600), 99));
    }

    #[test]
    fn old_uses_are_forgotten_and_still_subtracted() {
        let mut budgets = Budgets::default();
        for day in 0..5 {
            budgets.book("a", at(day * 86_400), 10);
        }
        assert!(budgets.0["a"].len() <= 2);
        assert!(!budgets.exhausted("a", &[Limit::per_day(20)], at(4 * 86_400), 10));
        assert!(budgets.exhausted("a", &[Limit::per_day(19)], at(4 * 86_400), 10));
    }
}
