//! The deeds of two runs side by side.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;

use super::deed::{Deed, DeedKey, why};
use super::run::Decided;

/// How a deed differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Turn {
    /// Only the proposed files do it.
    Gained,
    /// They do not do it any more.
    Lost,
    /// Otherwise than before: other words, another hand, another person.
    Changed,
    /// The same at another time.
    Moved,
}

/// One deed that differs; at least one side is there.
#[derive(Clone, Debug)]
pub struct Difference {
    pub turn: Turn,
    pub before: Option<Deed>,
    pub after: Option<Deed>,
    /// What the side that does nothing thought about the event.
    pub instead: String,
}

impl Difference {
    /// The deed as it would be, or else as it was.
    pub fn deed(&self) -> Option<&Deed> {
        self.after.as_ref().or(self.before.as_ref())
    }
}

/// A deed that waits for its counterpart.
#[derive(Clone, Debug)]
struct Single {
    deed: Deed,
    instead: String,
}

/// Deeds of one side with one key, waiting in order.
#[derive(Clone, Debug, Default)]
struct Waiting {
    before: VecDeque<Single>,
    after: VecDeque<Single>,
}

/// Pairs deeds as they come; what is equal is forgotten at once.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    waiting: BTreeMap<DeedKey, Waiting>,
    differences: Vec<Difference>,
    /// Deeds of both sides.
    pub deeds_before: u64,
    pub deeds_after: u64,
}

impl Comparison {
    /// What both sides made of one stored event.
    pub fn add(&mut self, before: &[Decided], after: &[Decided]) {
        let count = |decided: &[Decided]| decided.iter().map(|one| one.deeds.len() as u64).sum::<u64>();
        self.deeds_before += count(before);
        self.deeds_after += count(after);
        if before == after {
            return;
        }
        for one in before {
            for deed in &one.deeds {
                let single = Single { deed: deed.clone(), instead: thought(after, one) };
                self.waiting.entry(deed.key.clone()).or_default().before.push_back(single);
                self.pair(&deed.key);
            }
        }
        for one in after {
            for deed in &one.deeds {
                let single = Single { deed: deed.clone(), instead: thought(before, one) };
                self.waiting.entry(deed.key.clone()).or_default().after.push_back(single);
                self.pair(&deed.key);
            }
        }
    }

    fn pair(&mut self, key: &DeedKey) {
        let Some(waiting) = self.waiting.get_mut(key) else { return };
        if waiting.before.is_empty() || waiting.after.is_empty() {
            return;
        }
        let (before, after) = (waiting.before.pop_front(), waiting.after.pop_front());
        if waiting.before.is_empty() && waiting.after.is_empty() {
            self.waiting.remove(key);
        }
        let (Some(before), Some(after)) = (before, after) else { return };
        let (before, after) = (before.deed, after.deed);
        let turn = match (before.says_the_same(&after), before.at == after.at) {
            (true, true) => return,
            (true, false) => Turn::Moved,
            (false, _) => Turn::Changed,
        };
        let (before, after) = (Some(before), Some(after));
        self.differences.push(Difference { turn, before, after, instead: String::new() });
    }

    /// All differences, by kind and time.
    pub fn finish(self) -> Vec<Difference> {
        let mut all = self.differences;
        for waiting in self.waiting.into_values() {
            all.extend(waiting.before.into_iter().map(|Single { deed, instead }| Difference {
                turn: Turn::Lost,
                before: Some(deed),
                after: None,
                instead,
            }));
            all.extend(waiting.after.into_iter().map(|Single { deed, instead }| Difference {
                turn: Turn::Gained,
                before: None,
                after: Some(deed),
                instead,
            }));
        }
        let order = |difference: &Difference| {
            difference.deed().map(|deed| (deed.key.kind, deed.at, deed.key.clone(), difference.turn))
        };
        all.sort_by_cached_key(order);
        all
    }
}

/// What the other side had to say about the same event.
fn thought(others: &[Decided], one: &Decided) -> String {
    others.iter().find(|other| other.key == one.key).map(|other| why(&other.reasons)).unwrap_or_default()
}
