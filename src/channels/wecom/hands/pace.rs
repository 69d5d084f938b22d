//! PURE. How fast each hand may go, so that the platform drops nothing (wecom-send.md §2.3).
//!
//! Above some limits the platform discards messages and reports success, so they must never be reached. A
//! [`Pace`] counts what was sent in sliding windows, wider than the platform's by the time that a message can
//! be on its way. It is told the time, and owns nothing but counters: the store seeds it after a restart.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::decision::{GroupId, MemberId};

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const HOUR: SignedDuration = SignedDuration::from_hours(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A message may arrive up to the client's total timeout after it was admitted, so two that we send a minute
/// apart may arrive closer together. All windows are longer by this.
pub const ARRIVAL_MARGIN: SignedDuration = SignedDuration::from_secs(10);
/// Sends within one part of the window are counted together, as late as the last of them. It bounds a counter
/// to this many entries, and costs at most this part of the limit's speed.
const PARTS: i32 = 120;
/// Keys in memory: groups and members that were written to within their window. About 100 bytes each when
/// little is sent.
const MAX_KEYS: usize = 200_000;
/// Keys that are idle are forgotten this often.
const SWEEP_EVERY: SignedDuration = SignedDuration::from_mins(1);
/// A clock that was set back further than this (the playground's) forgets the sends of its former future.
const CLOCK_STEP: SignedDuration = SignedDuration::from_mins(1);

/// At most `most` in any `window`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    pub most: u32,
    pub window: SignedDuration,
}

/// What the platform counts by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PaceKey {
    /// A group's push robot.
    Webhook { id: Arc<str> },
    /// `message/send` to one member by one app; the excess is dropped silently.
    Member { app: Arc<str>, member: MemberId },
    /// All `message/send` of one app. Its daily limit hangs on the corp's size, which we do not know, so
    /// nothing is counted; it is blocked when the platform says 45009.
    App { app: Arc<str> },
    /// `appchat/send` to one group: stands for the limit per member of it, because whoever is in several
    /// groups of one app is rare; the excess is dropped silently.
    Chat { app: Arc<str>, chat: GroupId },
    /// Person-messages of all `appchat/send` of a corp: a message to 100 people counts 100.
    ChatPeople { corp: Arc<str> },
    /// `appchat/update`, all apps of a corp.
    ChatChanges { corp: Arc<str> },
    /// `add_moment_task`, all apps of a corp. Its 100 000 a month are not counted: as many a minute as it takes make
    /// that only within a week, and the platform says 45009 then.
    Moments { corp: Arc<str> },
    /// Any other API of a corp, by its path: the base limits.
    Calls { corp: Arc<str>, path: &'static str },
}

const fn limit(most: u32, window: SignedDuration) -> Limit {
    Limit { most, window }
}

impl PaceKey {
    pub fn limits(&self) -> &'static [Limit] {
        const WEBHOOK: &[Limit] = &[limit(20, MINUTE)];
        const MEMBER: &[Limit] = &[limit(30, MINUTE), limit(1000, HOUR)];
        const CHAT: &[Limit] = &[limit(200, MINUTE), limit(10_000, DAY)];
        const CHAT_PEOPLE: &[Limit] = &[limit(20_000, MINUTE)];
        const CHAT_CHANGES: &[Limit] = &[limit(1000, HOUR)];
        const MOMENTS: &[Limit] = &[limit(10, MINUTE)];
        const CALLS: &[Limit] = &[limit(10_000, MINUTE), limit(150_000, HOUR)];
        match self {
            Self::Webhook { .. } => WEBHOOK,
            Self::Member { .. } => MEMBER,
            Self::App { .. } => &[],
            Self::Chat { .. } => CHAT,
            Self::ChatPeople { .. } => CHAT_PEOPLE,
            Self::ChatChanges { .. } => CHAT_CHANGES,
            Self::Moments { .. } => MOMENTS,
            Self::Calls { .. } => CALLS,
        }
    }

    /// How long 45009 may block this key: as long as the window of the limit that was hit (§2.3). The answer
    /// does not say which one it was, so the shortest is waited for first.
    fn blocks(&self) -> &'static [SignedDuration] {
        match self {
            Self::Webhook { .. } => &[MINUTE],
            Self::Moments { .. } => &[MINUTE, HOUR, DAY],
            Self::ChatChanges { .. } => &[HOUR],
            Self::ChatPeople { .. } | Self::Calls { .. } => &[MINUTE, HOUR],
            Self::Member { .. } | Self::App { .. } | Self::Chat { .. } => &[MINUTE, HOUR, DAY],
        }
    }
}

/// What one action costs by one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toll {
    pub key: PaceKey,
    pub cost: u32,
}

impl Toll {
    /// The same tolls with one entry per key.
    pub fn sum(tolls: impl IntoIterator<Item = Toll>) -> Vec<Toll> {
        let mut sums: Vec<Toll> = Vec::new();
        for toll in tolls {
            match sums.iter_mut().find(|sum| sum.key == toll.key) {
                Some(sum) => sum.cost = sum.cost.saturating_add(toll.cost),
                None => sums.push(toll),
            }
        }
        sums
    }
}

/// The counters of all hands.
#[derive(Debug, Default)]
pub struct Pace {
    records: HashMap<PaceKey, Record>,
    swept_at: Option<Timestamp>,
}

#[derive(Debug, Default)]
struct Record {
    /// One counter per limit of the key.
    counters: Vec<Counter>,
    block: Option<Block>,
}

#[derive(Debug)]
struct Block {
    since: Timestamp,
    until: Timestamp,
    length: SignedDuration,
}

#[derive(Debug, Default)]
struct Counter {
    /// By time.
    runs: VecDeque<Run>,
    total: u32,
}

/// Sends that lie close together.
#[derive(Clone, Copy, Debug)]
struct Run {
    first: Timestamp,
    last: Timestamp,
    count: u32,
}

impl Pace {
    /// Counts an action now if every key has room for it, else counts nothing and says when to ask again.
    ///
    /// `tolls` has each key once ([`Toll::sum`]). A cost above a whole limit counts as the limit.
    pub fn admit(&mut self, tolls: &[Toll], now: Timestamp) -> Result<(), Timestamp> {
        self.sweep(now);
        if let Some(until) = tolls.iter().filter_map(|toll| self.free_at(toll, now)).max() {
            return Err(until);
        }
        if self.records.len() + tolls.len() > MAX_KEYS {
            return Err(now + SWEEP_EVERY);
        }
        for toll in tolls {
            self.remember(toll, now);
        }
        Ok(())
    }

    /// Counts something that was sent at `sent_at`, in any order: how the store seeds the counters.
    pub fn remember(&mut self, toll: &Toll, sent_at: Timestamp) {
        let limits = toll.key.limits();
        if limits.is_empty() {
            return;
        }
        let record = self.records.entry(toll.key.clone()).or_default();
        record.counters.resize_with(limits.len(), Counter::default);
        for (counter, limit) in record.counters.iter_mut().zip(limits) {
            counter.add(sent_at, toll.cost.min(limit.most), limit.window);
        }
    }

    /// The platform said 45009: nothing by this key before the returned moment. Hit again soon after, the
    /// limit was a longer one.
    pub fn block(&mut self, key: &PaceKey, now: Timestamp) -> Timestamp {
        let lengths = key.blocks();
        let record = self.records.entry(key.clone()).or_default();
        let recent = record.block.as_ref().filter(|block| block.is_recent_at(now));
        let length = match recent {
            // Another request that was on its way when the block began tells nothing new.
            Some(block) if now < block.until => return block.until,
            Some(block) => *lengths.iter().find(|longer| **longer > block.length).unwrap_or(&block.length),
            None => *lengths.first().unwrap_or(&MINUTE),
        };
        let until = now + length;
        record.block = Some(Block { since: now, until, length });
        until
    }

    /// When there will be room; `None` is now.
    fn free_at(&mut self, toll: &Toll, now: Timestamp) -> Option<Timestamp> {
        let record = self.records.get_mut(&toll.key)?;
        let blocked = record.block.as_ref().filter(|block| block.holds_at(now)).map(|block| block.until);
        let full = record.counters.iter_mut().zip(toll.key.limits()).filter_map(|(counter, limit)| {
            counter.forget(now, limit.window);
            counter.free_at(toll.cost, limit)
        });
        full.chain(blocked).max()
    }

    fn sweep(&mut self, now: Timestamp) {
        let due = self.swept_at.is_none_or(|at| now < at || at + SWEEP_EVERY <= now);
        if !due {
            return;
        }
        self.swept_at = Some(now);
        self.records.retain(|key, record| {
            for (counter, limit) in record.counters.iter_mut().zip(key.limits()) {
                counter.forget(now, limit.window);
            }
            let blocked = record.block.as_ref().is_some_and(|block| block.is_recent_at(now));
            blocked || record.counters.iter().any(|counter| !counter.runs.is_empty())
        });
    }
}

impl Block {
    fn holds_at(&self, now: Timestamp) -> bool {
        self.is_recent_at(now) && now < self.until
    }

    /// Not so long over that another 45009 would have a cause of its own.
    fn is_recent_at(&self, now: Timestamp) -> bool {
        self.since <= now + CLOCK_STEP && now < self.until + self.length
    }
}

impl Counter {
    fn add(&mut self, at: Timestamp, cost: u32, window: SignedDuration) {
        self.total = self.total.saturating_add(cost);
        let place = self.runs.partition_point(|run| run.first <= at);
        if let Some(run) = place.checked_sub(1).and_then(|before| self.runs.get_mut(before))
            && at.duration_since(run.first) < window / PARTS
        {
            run.last = run.last.max(at);
            run.count = run.count.saturating_add(cost);
        } else {
            self.runs.insert(place, Run { first: at, last: at, count: cost });
        }
    }

    /// Drops what no longer counts, and what lies in a future that a clock set back has abandoned.
    fn forget(&mut self, now: Timestamp, window: SignedDuration) {
        while self.runs.front().is_some_and(|run| over_at(run, window) <= now) {
            self.runs.pop_front();
        }
        while self.runs.back().is_some_and(|run| run.first > now + CLOCK_STEP) {
            self.runs.pop_back();
        }
        self.total = self.runs.iter().fold(0, |sum: u32, run| sum.saturating_add(run.count));
    }

    fn free_at(&self, cost: u32, limit: &Limit) -> Option<Timestamp> {
        let mut excess = self.total.saturating_add(cost.min(limit.most)).saturating_sub(limit.most);
        if excess == 0 {
            return None;
        }
        for run in &self.runs {
            excess = excess.saturating_sub(run.count);
            if excess == 0 {
                return Some(over_at(run, limit.window));
            }
        }
        None
    }
}

/// When the last send of a run leaves the window.
fn over_at(run: &Run, window: SignedDuration) -> Timestamp {
    run.last + window + ARRIVAL_MARGIN
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const START: Timestamp = Timestamp::constant(1_790_000_000, 0);

    fn keys() -> Vec<PaceKey> {
        vec![
            PaceKey::Webhook { id: "w".into() },
            PaceKey::Member { app: "a".into(), member: "m".into() },
            PaceKey::Chat { app: "a".into(), chat: "c".into() },
            PaceKey::ChatChanges { corp: "ww1".into() },
        ]
    }

    fn toll(key: &PaceKey, cost: u32) -> Toll {
        Toll { key: key.clone(), cost }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Whatever is asked, in no window more than the limit is admitted; and who waits as told gets through.
        #[test]
        fn no_window_holds_more_than_the_limit(
            which in 0usize..4,
            steps in proptest::collection::vec((0i64..9_000, 1u32..6, any::<bool>()), 1..900),
        ) {
            let key = &keys()[which];
            let mut pace = Pace::default();
            let mut now = START;
            let mut sent: Vec<(Timestamp, u32)> = Vec::new();
            for (pause_ms, cost, patient) in steps {
                now += SignedDuration::from_millis(pause_ms);
                let tolls = [toll(key, cost)];
                let admitted = match pace.admit(&tolls, now) {
                    Ok(()) => true,
                    Err(until) => {
                        prop_assert!(until > now);
                        if patient {
                            now = until;
                            prop_assert_eq!(pace.admit(&tolls, now), Ok(()));
                        }
                        patient
                    }
                };
                if admitted {
                    sent.push((now, cost));
                }
            }
            for limit in key.limits() {
                let mut from = 0;
                let mut total = 0;
                for (at, cost) in &sent {
                    total += cost;
                    while sent[from].0 + limit.window <= *at {
                        total -= sent[from].1;
                        from += 1;
                    }
                    prop_assert!(total <= limit.most, "{} in {:?}", total, limit.window);
                }
            }
        }
    }

    #[test]
    fn a_robot_may_post_twenty_and_then_waits() {
        let key = &keys()[0];
        let mut pace = Pace::default();
        for _ in 0..20 {
            assert_eq!(pace.admit(&[toll(key, 1)], START), Ok(()));
        }
        let free = START + MINUTE + ARRIVAL_MARGIN;
        assert_eq!(pace.admit(&[toll(key, 1)], START), Err(free));
        assert_eq!(pace.admit(&[toll(key, 20)], free), Ok(()));
    }

    #[test]
    fn what_the_store_remembers_counts_in_any_order() {
        let key = &keys()[0];
        let mut pace = Pace::default();
        for seconds in [40, 10, 50, 20] {
            pace.remember(&toll(key, 5), START - SignedDuration::from_secs(seconds));
        }
        let oldest_leaves = START - SignedDuration::from_secs(50) + MINUTE + ARRIVAL_MARGIN;
        assert_eq!(pace.admit(&[toll(key, 1)], START), Err(oldest_leaves));
    }

    #[test]
    fn one_full_key_counts_nothing_on_the_others() {
        let (robot, chat) = (&keys()[0], &keys()[2]);
        let mut pace = Pace::default();
        pace.admit(&[toll(robot, 20)], START).unwrap();
        for _ in 0..500 {
            assert!(pace.admit(&[toll(chat, 1), toll(robot, 1)], START).is_err());
        }
        assert_eq!(pace.admit(&[toll(chat, 200)], START), Ok(()));
    }

    #[test]
    fn a_block_lasts_as_long_as_the_window_and_grows_when_hit_again() {
        let key = PaceKey::App { app: "a".into() };
        let ask = [toll(&key, 1)];
        let mut pace = Pace::default();
        let minute = pace.block(&key, START);
        assert_eq!(minute, START + MINUTE);
        assert_eq!(pace.block(&key, START + SignedDuration::from_secs(5)), minute, "an answer on its way");
        assert_eq!(pace.admit(&ask, START), Err(minute));
        assert_eq!(pace.admit(&ask, minute), Ok(()));

        let hour = pace.block(&key, minute);
        assert_eq!(hour, minute + HOUR);
        let day = pace.block(&key, hour);
        assert_eq!(day, hour + DAY);
        assert_eq!(pace.block(&key, day), day + DAY);

        let long_after = day + DAY * 3;
        assert_eq!(pace.block(&key, long_after), long_after + MINUTE);
    }

    #[test]
    fn idle_keys_are_forgotten() {
        let mut pace = Pace::default();
        for number in 0..1000 {
            let key = PaceKey::Webhook { id: number.to_string().into() };
            pace.admit(&[toll(&key, 1)], START).unwrap();
        }
        let later = START + MINUTE * 2;
        pace.admit(&[toll(&keys()[0], 1)], later).unwrap();
        assert_eq!(pace.records.len(), 1);
    }

    #[test]
    fn a_busy_counter_stays_small() {
        let key = &keys()[2];
        let mut pace = Pace::default();
        let mut now = START;
        for _ in 0..20_000 {
            now += SignedDuration::from_millis(400);
            let _ = pace.admit(&[toll(key, 1)], now);
        }
        let longest = pace.records[key].counters.iter().map(|counter| counter.runs.len()).max();
        assert!(longest < Some(2 * PARTS as usize), "{longest:?}");
    }

    #[test]
    fn a_clock_that_is_set_back_does_not_silence_us() {
        let key = &keys()[0];
        let mut pace = Pace::default();
        pace.admit(&[toll(key, 20)], START).unwrap();
        pace.block(key, START);
        assert_eq!(pace.admit(&[toll(key, 1)], START - HOUR), Ok(()));
    }
}
