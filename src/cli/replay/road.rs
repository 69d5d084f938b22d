//! All stored events through two versions of the files: rows are read ahead in big pieces on one
//! thread, parsed and perceived on all, and decided about by both versions side by side.

use std::sync::Arc;
use std::thread;

use anyhow::Context;
use jiff::Timestamp;

use crate::decision::{EventKind, Memory};
use crate::files::Sources;
use crate::perception::Signals;
use crate::replay::{Comparison, Heard, Record, Remembered, Run, StoredOutcome};
use crate::rules::Rulebook;
use crate::rules::written::FileKind;
use crate::store::{HistoryRow, HistorySpan, Reader, StoreError};

/// Events in one piece: much work for a thread that is started for it, little memory (about 10 MiB).
const PIECE: usize = 8192;

/// One version of the files.
pub struct Side {
    pub rules: Rulebook,
    /// The texts by which messages are seen: versions with the same ones see the same.
    lexicons: Vec<Arc<str>>,
}

impl Side {
    /// `sources` are those from which the rules were compiled.
    pub fn new(rules: Rulebook, sources: &Sources) -> Self {
        let lexicons = sources.files.iter().filter(|file| FileKind::of(file) == Some(FileKind::Lexicon));
        Self { rules, lexicons: lexicons.map(|file| Arc::clone(&file.text)).collect() }
    }
}

/// What came of it.
#[derive(Debug)]
pub struct Replayed {
    /// Events since the moment of interest.
    pub events: u64,
    /// When the last of them was decided about.
    pub until: Timestamp,
    pub comparison: Comparison,
}

/// One event, parsed and seen by both versions.
struct Seen {
    heard: Heard,
    before: Signals,
    /// `None` = the same.
    after: Option<Signals>,
}

/// Lets both versions hear what is stored; what was heard before `since` warms up the memory. `None`
/// when nothing was heard since then.
pub fn replay(
    reader: &Reader,
    before: &Side,
    after: &Side,
    since: Timestamp,
) -> anyhow::Result<Option<Replayed>> {
    let Some(span) = reader.history_span()?.filter(|span| span.ends >= since) else { return Ok(None) };
    let record = record(reader)?;
    let mut runs = Runs {
        before: Run::new(&before.rules, memory_before(reader, span)?),
        after: None,
        rules_after: &after.rules,
        since,
        replayed: Replayed { events: 0, until: since, comparison: Comparison::default() },
    };
    let mut rows = reader.history(0, span.last, PIECE)?;
    while let Some(last) = rows.last() {
        let from = last.seq;
        let (next, seen) = thread::scope(|scope| {
            let next = scope.spawn(move || reader.history(from, span.last, PIECE));
            let seen = see_all(&rows, before, after);
            if let Ok(seen) = &seen {
                runs.hear(seen, &record);
            }
            (joined(next), seen)
        });
        seen?;
        rows = next??;
    }
    Ok(Some(runs.replayed))
}

/// What the real bot brought about.
pub fn record(reader: &Reader) -> Result<Record, StoreError> {
    let mut record = Record { timers: reader.fired_timers()?, ..Record::default() };
    for outcome in reader.past_outcomes()? {
        let stored = StoredOutcome { seq: outcome.seq, action: outcome.action };
        record.outcomes.entry(outcome.cause).or_default().push(stored);
    }
    record.tasks = reader.task_ids()?;
    Ok(record)
}

/// Empty, unless retention has cut the journal.
fn memory_before(reader: &Reader, span: HistorySpan) -> Result<Memory, StoreError> {
    const VERY_FIRST: i64 = 1;
    if span.first == VERY_FIRST {
        return Ok(Memory::default());
    }
    let memories = reader.memories()?;
    let remembered = Remembered {
        groups: memories.groups,
        members: memories.members,
        people: memories.people,
        tasks: memories.tasks,
        appear_later: reader.groups_born_in_history()?,
    };
    Ok(remembered.at(span.starts))
}

/// Both versions, from the moment at which they part.
struct Runs<'r> {
    before: Run<'r>,
    after: Option<Run<'r>>,
    rules_after: &'r Rulebook,
    since: Timestamp,
    replayed: Replayed,
}

impl Runs<'_> {
    fn hear(&mut self, seen: &[Seen], record: &Record) {
        let early = match self.after {
            Some(_) => 0,
            None => seen.iter().take_while(|one| one.heard.heard_at < self.since).count(),
        };
        let (warm, rest) = seen.split_at(early);
        for one in warm {
            self.before.hear(&one.heard, &one.before, record);
        }
        let Some(last) = rest.last() else { return };
        self.replayed.until = last.heard.heard_at;
        self.replayed.events += rest.len() as u64;
        let rules_after = self.rules_after;
        let after = self.after.get_or_insert_with(|| self.before.under(rules_after));
        let before = &mut self.before;
        let (old, new) = thread::scope(|scope| {
            let old = scope.spawn(move || {
                rest.iter().map(|one| before.hear(&one.heard, &one.before, record)).collect::<Vec<_>>()
            });
            let hear = |one: &Seen| after.hear(&one.heard, one.after.as_ref().unwrap_or(&one.before), record);
            let new: Vec<_> = rest.iter().map(hear).collect();
            (old.join(), new)
        });
        // A panic in one version is a panic of the replay.
        let old = old.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        for (before, after) in old.iter().zip(&new) {
            self.replayed.comparison.add(before, after);
        }
    }
}

/// Parses and perceives on all cores.
fn see_all(rows: &[HistoryRow], before: &Side, after: &Side) -> anyhow::Result<Vec<Seen>> {
    let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let share = rows.len().div_ceil(cores).max(1);
    let same_sight = before.lexicons == after.lexicons;
    let parts: Vec<anyhow::Result<Vec<Seen>>> = thread::scope(|scope| {
        let see = |part: &[HistoryRow]| part.iter().map(|row| see(row, before, after, same_sight)).collect();
        let threads: Vec<_> = rows.chunks(share).map(|part| scope.spawn(move || see(part))).collect();
        threads.into_iter().map(joined).map(|part| part.and_then(|part| part)).collect()
    });
    let mut seen = Vec::with_capacity(rows.len());
    for part in parts {
        seen.extend(part?);
    }
    Ok(seen)
}

fn see(row: &HistoryRow, before: &Side, after: &Side, same_sight: bool) -> anyhow::Result<Seen> {
    let event = row.event().with_context(|| format!("第 {} 个事件读不了 / cannot be read", row.seq))?;
    let see = |side: &Side| match &event.kind {
        EventKind::Message(message) => side.rules.perceiver.perceive(&message.content.text),
        _ => Signals::default(),
    };
    let (old, new) = (see(before), (!same_sight).then(|| see(after)));
    Ok(Seen { heard: Heard { seq: row.seq, heard_at: row.heard_at, event }, before: old, after: new })
}

fn joined<T>(thread: thread::ScopedJoinHandle<'_, T>) -> anyhow::Result<T> {
    thread.join().map_err(|_| anyhow::anyhow!("a thread of the replay panicked"))
}
