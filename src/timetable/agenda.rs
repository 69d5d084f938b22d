//! What comes next: a million (schedule × group) pairs in memory, eight bytes each, in the order in which they are due.
//!
//! Each schedule stands at one occurrence and hands out its groups in the order of their jitter; when the last has gone,
//! it moves on to its next occurrence. That needs jitter to be shorter than the time between two occurrences, which
//! `zhanggui check` makes sure of.
//!
//! The agenda knows no clock and forgets nothing: whatever has come due since it was last asked is handed out, be that a
//! second or a year later, each pair once. What is too late to be done is for [`Missed`](super::Missed) to say. A clock
//! that is put back makes it wait, so that nothing is handed out a second time, until it is told to [`rewind`].
//!
//! [`rewind`]: Agenda::rewind

mod names;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use self::names::Names;
use super::{Jitter, Timing};

/// A schedule and the groups that it is for.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The schedule's id.
    pub schedule: Arc<str>,
    pub timing: Arc<Timing>,
    pub jitter: Jitter,
    /// Ids of groups.
    pub groups: Vec<Arc<str>>,
}

/// One group's turn in one occurrence of a schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    pub schedule: Arc<str>,
    pub group: Arc<str>,
    /// The schedule's moment, the same for all its groups.
    pub occurrence: Timestamp,
    /// This group's moment: jitter later.
    pub due: Timestamp,
}

#[derive(Debug, Default)]
pub struct Agenda {
    names: Names,
    lines: Vec<Line>,
    by_schedule: HashMap<Arc<str>, u32>,
    /// When each line is due, in seconds, and which; what a line no longer stands at is thrown away when it comes up.
    queue: BinaryHeap<Reverse<(i64, u32)>>,
}

/// One schedule.
#[derive(Debug)]
struct Line {
    schedule: Arc<str>,
    timing: Arc<Timing>,
    jitter: Jitter,
    /// Sorted, so in the order in which they are due.
    entries: Vec<Entry>,
    /// `None` when there is none any more, or no group to wait for it.
    occurrence: Option<Timestamp>,
    /// The entry that is due next; always one of them while there is an occurrence.
    next: usize,
}

/// Eight bytes, a million times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    /// Seconds after the occurrence.
    offset: u32,
    /// In the agenda's names.
    group: u32,
}

impl Agenda {
    /// Everything that is due after `since`. After a restart that is the [`watermark`](Self::watermark) of before.
    pub fn new(planned: impl IntoIterator<Item = Planned>, since: Timestamp) -> Self {
        let planned: Vec<Planned> = planned.into_iter().collect();
        let mut agenda =
            Self { names: Names::of(planned.iter().flat_map(|one| &one.groups)), ..Self::default() };
        // A million searches in the sorted names would take longer than all the rest.
        let numbers: HashMap<Arc<str>, u32> = agenda.names.all().collect();
        for Planned { schedule, timing, jitter, groups } in planned {
            let entry = |group: &Arc<str>| {
                let offset = jitter.offset(&schedule, group);
                numbers.get(group).map(|group| Entry { offset, group: *group })
            };
            let mut entries: Vec<Entry> = groups.iter().filter_map(entry).collect();
            entries.sort_unstable();
            entries.dedup();
            let mut line = Line { schedule, timing, jitter, entries, occurrence: None, next: 0 };
            line.begin(since);
            agenda.add(line);
        }
        agenda
    }

    fn add(&mut self, line: Line) {
        let Ok(at) = u32::try_from(self.lines.len()) else { return };
        self.by_schedule.insert(Arc::clone(&line.schedule), at);
        self.queue.extend(line.due().map(|due| Reverse((due, at))));
        self.lines.push(line);
    }

    /// When the next group of any schedule is due.
    pub fn next_due(&self) -> Option<Timestamp> {
        let Reverse((due, _)) = self.queue.peek()?;
        Timestamp::from_second(*due).ok()
    }

    /// What is due at `now` and was not handed out yet, in the order of moments, at most so many.
    pub fn take_due(&mut self, now: Timestamp, at_most: usize) -> Vec<Due> {
        let mut taken = Vec::new();
        while taken.len() < at_most
            && let Some(Reverse((due, at))) = self.queue.peek().copied()
            && due <= now.as_second()
        {
            self.queue.pop();
            taken.extend(self.lines[at as usize].take(&self.names));
            self.queue.extend(self.lines[at as usize].due().map(|due| Reverse((due, at))));
            self.throw_away();
        }
        taken
    }

    /// Everything that is due at this moment or before has been handed out, as of `now`. An agenda that begins here
    /// loses nothing; of the second after it, it may hand out again what was handed out.
    pub fn watermark(&self, now: Timestamp) -> Timestamp {
        match self.next_due() {
            Some(due) if due <= now => due.saturating_sub(SignedDuration::from_secs(1)).unwrap_or(due),
            _ => now,
        }
    }

    /// The files have changed: other schedules, other timings, other groups. What was not handed out yet goes by the
    /// new ones, also what is due already.
    pub fn replace(&mut self, planned: impl IntoIterator<Item = Planned>, now: Timestamp) {
        *self = Self::new(planned, self.watermark(now));
    }

    /// The clock has been put back: everything after `now` is due again when its moment comes. Who must not act twice
    /// on one occurrence keeps a note of it elsewhere; without this, nothing is handed out until the clock has caught up.
    pub fn rewind(&mut self, now: Timestamp) {
        self.queue.clear();
        for (at, line) in (0..).zip(&mut self.lines) {
            line.begin(now);
            self.queue.extend(line.due().map(|due| Reverse((due, at))));
        }
    }

    /// A group comes under a schedule. It is in the occurrence that is under way if its moment there is still to come.
    /// Returns whether that is news.
    pub fn insert(&mut self, schedule: &str, group: &Arc<str>, now: Timestamp) -> bool {
        let Some(&at) = self.by_schedule.get(schedule) else { return false };
        let group_index = self.names.intern(group);
        let line = &mut self.lines[at as usize];
        let before = line.due();
        let offset = line.jitter.offset(schedule, group);
        let is_new = line.insert(Entry { offset, group: group_index }, now);
        self.moved(at, before);
        is_new
    }

    /// A group goes from a schedule. Returns whether it was there.
    pub fn remove(&mut self, schedule: &str, group: &str) -> bool {
        let (Some(&at), Some(index)) = (self.by_schedule.get(schedule), self.names.find(group)) else {
            return false;
        };
        self.remove_from(at, group, index)
    }

    /// A group goes from all schedules.
    pub fn remove_group(&mut self, group: &str) {
        let Some(index) = self.names.find(group) else { return };
        for at in 0..u32::try_from(self.lines.len()).unwrap_or(u32::MAX) {
            self.remove_from(at, group, index);
        }
        self.names.forget(group);
    }

    fn remove_from(&mut self, at: u32, group: &str, index: u32) -> bool {
        let line = &mut self.lines[at as usize];
        let before = line.due();
        let offset = line.jitter.offset(&line.schedule, group);
        let was_there = line.remove(Entry { offset, group: index });
        self.moved(at, before);
        was_there
    }

    /// How many (schedule × group) pairs there are.
    pub fn len(&self) -> usize {
        self.lines.iter().map(|line| line.entries.len()).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.lines.iter().all(|line| line.entries.is_empty())
    }

    /// A line may stand somewhere else than `before`.
    fn moved(&mut self, at: u32, before: Option<i64>) {
        let due = self.lines[at as usize].due();
        if due != before {
            self.queue.extend(due.map(|due| Reverse((due, at))));
        }
        self.throw_away();
    }

    /// Makes the head of the queue one that holds.
    fn throw_away(&mut self) {
        while let Some(Reverse((due, at))) = self.queue.peek()
            && self.lines[*at as usize].due() != Some(*due)
        {
            self.queue.pop();
        }
    }
}

impl Line {
    /// The second at which the next group is due.
    fn due(&self) -> Option<i64> {
        let entry = self.entries.get(self.next)?;
        Some(self.occurrence?.as_second() + i64::from(entry.offset))
    }

    /// Stands at the first group that is due after `since`.
    fn begin(&mut self, since: Timestamp) {
        let Some(last) = self.entries.last() else { return self.stand_at(None) };
        // An occurrence before `since` may have groups that are due after it.
        let spread = SignedDuration::from_secs(i64::from(last.offset));
        let earliest = since.saturating_sub(spread).unwrap_or(since);
        self.stand_at(self.timing.next(earliest));
        if let Some(occurrence) = self.occurrence {
            let gone = |entry: &Entry| occurrence.as_second() + i64::from(entry.offset) <= since.as_second();
            self.next = self.entries.partition_point(gone);
        }
    }

    fn stand_at(&mut self, occurrence: Option<Timestamp>) {
        self.occurrence = occurrence;
        self.next = 0;
    }

    /// Hands out the group that is due next.
    fn take(&mut self, names: &Names) -> Option<Due> {
        let (occurrence, entry) = (self.occurrence?, self.entries.get(self.next)?);
        let due = Due {
            schedule: Arc::clone(&self.schedule),
            group: names.name(entry.group)?,
            occurrence,
            due: Timestamp::from_second(self.due()?).ok()?,
        };
        self.next += 1;
        self.go_on();
        Some(due)
    }

    /// To the next occurrence, when all groups had their turn in this one.
    fn go_on(&mut self) {
        if self.next >= self.entries.len() {
            let next = self.occurrence.filter(|_| !self.entries.is_empty());
            self.stand_at(next.and_then(|occurrence| self.timing.next(occurrence)));
        }
    }

    fn insert(&mut self, entry: Entry, now: Timestamp) -> bool {
        let Err(at) = self.entries.binary_search(&entry) else { return false };
        self.entries.insert(at, entry);
        if self.entries.len() == 1 {
            self.begin(now);
        } else if at < self.next || (at == self.next && self.due().is_some_and(|due| due <= now.as_second()))
        {
            self.next += 1;
            self.go_on();
        }
        true
    }

    fn remove(&mut self, entry: Entry) -> bool {
        let Ok(at) = self.entries.binary_search(&entry) else { return false };
        self.entries.remove(at);
        if at < self.next {
            self.next -= 1;
        }
        self.go_on();
        true
    }
}

#[cfg(test)]
mod tests;
