//! What the store has to say about the events of the past.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use crate::decision::{Act, Action, Event};

/// One stored event.
#[derive(Clone, Debug)]
pub struct Heard {
    /// Its number in the journal.
    pub seq: i64,
    /// When it was decided about.
    pub heard_at: Timestamp,
    pub event: Event,
}

/// What the real bot brought about, by which a run knows what to expect.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// Keys of all stored timer events.
    pub timers: HashSet<String>,
    /// Ids of all stored staff tasks.
    pub tasks: HashSet<String>,
    /// By the number of the event that caused the action.
    pub outcomes: HashMap<i64, Vec<StoredOutcome>>,
}

/// An action whose end became an event.
#[derive(Clone, Debug)]
pub struct StoredOutcome {
    /// The number of the event of its end.
    pub seq: i64,
    pub action: Action,
}

impl Record {
    /// The event that tells how an action ended which was taken because of event `cause`. `taken`
    /// already belong to other actions.
    pub(super) fn outcome_of(&self, cause: i64, action: &Action, taken: impl Fn(i64) -> bool) -> Option<i64> {
        let outcomes = self.outcomes.get(&cause)?;
        outcomes
            .iter()
            .find(|outcome| !taken(outcome.seq) && is_same_deed(&outcome.action, action))
            .map(|outcome| outcome.seq)
    }
}

/// The same kind of act by the same hand on the same person; what is said may differ.
fn is_same_deed(one: &Action, other: &Action) -> bool {
    one.group == other.group
        && one.hand == other.hand
        && one.act.name() == other.act.name()
        && match (&one.act, &other.act) {
            (act, other) if act.member().is_some() => act.member() == other.member(),
            (Act::Tell { to, .. }, Act::Tell { to: other, .. })
            | (Act::TaskCard { to, .. }, Act::TaskCard { to: other, .. }) => to == other,
            _ => true,
        }
}
