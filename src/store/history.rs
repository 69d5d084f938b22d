//! The whole past in bulk, for a replay: rows as they stand, to be parsed by whoever has the time.

use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;
use rusqlite::params;

use super::batch::from_json;
use super::reader::bodies;
use super::{Reader, Result};
use crate::decision::{
    Action, Event, EventKind, GroupId, GroupState, MemberId, MemberState, PersonState, StaffTask,
};

/// One event as it is stored.
#[derive(Clone, Debug)]
pub struct HistoryRow {
    pub seq: i64,
    pub heard_at: Timestamp,
    body: String,
}

impl HistoryRow {
    pub fn event(&self) -> Result<Event> {
        from_json("events", &self.body)
    }
}

/// How far back the journal goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistorySpan {
    /// Numbers of the oldest and the newest event; the very first one ever has number 1.
    pub first: i64,
    pub last: i64,
    pub starts: Timestamp,
    pub ends: Timestamp,
}

/// An action whose end became an event.
#[derive(Clone, Debug)]
pub struct PastOutcome {
    /// The number of the event that caused the action.
    pub cause: i64,
    /// The number of the event that tells of its end.
    pub seq: i64,
    pub action: Action,
}

/// Everything that is remembered today.
#[derive(Clone, Debug, Default)]
pub struct Memories {
    pub groups: Vec<GroupState>,
    pub members: BTreeMap<GroupId, BTreeMap<MemberId, MemberState>>,
    pub people: BTreeMap<MemberId, PersonState>,
    pub tasks: Vec<StaffTask>,
}

impl Reader {
    /// `None` when nothing was ever heard.
    pub fn history_span(&self) -> Result<Option<HistorySpan>> {
        self.with(|connection| {
            let mut ends = connection.prepare_cached(
                "SELECT seq, heard_at FROM events WHERE seq IN (SELECT min(seq) FROM events
                 UNION ALL SELECT max(seq) FROM events) ORDER BY seq",
            )?;
            let rows = ends.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))?;
            let rows = rows.collect::<Result<Vec<_>, _>>()?;
            let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Ok(None) };
            let at = |row: &(i64, i64)| moment(row.1);
            Ok(Some(HistorySpan { first: first.0, last: last.0, starts: at(first), ends: at(last) }))
        })
    }

    /// Events behind number `after`, up to number `last`, in order.
    pub fn history(&self, after: i64, last: i64, at_most: usize) -> Result<Vec<HistoryRow>> {
        self.with(|connection| {
            let mut select = connection.prepare_cached(
                "SELECT seq, heard_at, body FROM events WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT ?3",
            )?;
            let limit = i64::try_from(at_most).unwrap_or(i64::MAX);
            let rows = select.query_map(params![after, last, limit], |row| {
                Ok(HistoryRow { seq: row.get(0)?, heard_at: moment(row.get(1)?), body: row.get(2)? })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Keys of all timers that have fired.
    pub fn fired_timers(&self) -> Result<HashSet<String>> {
        self.with(|connection| {
            let mut select = connection.prepare_cached("SELECT key FROM events WHERE kind = 'timer_due'")?;
            Ok(select.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
        })
    }

    /// Ids of all staff tasks that are kept.
    pub fn task_ids(&self) -> Result<HashSet<String>> {
        self.with(|connection| {
            let mut select = connection.prepare_cached("SELECT id FROM tasks")?;
            Ok(select.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
        })
    }

    /// Ends of actions that became events, as far as the action's row is still there.
    pub fn past_outcomes(&self) -> Result<Vec<PastOutcome>> {
        self.with(|connection| {
            // Keys are `done:ID` and `failed:ID`, with the id of the outbox row.
            let mut select = connection.prepare_cached(
                "SELECT outbox.event, events.seq, events.body FROM events
                 JOIN outbox ON outbox.id = CAST(substr(events.key, instr(events.key, ':') + 1) AS INTEGER)
                 WHERE events.kind IN ('action_done', 'action_failed') ORDER BY events.seq",
            )?;
            let mut rows = select.query([])?;
            let mut outcomes = Vec::new();
            while let Some(row) = rows.next()? {
                let body: String = row.get(2)?;
                let event: Event = from_json("events", &body)?;
                if let EventKind::ActionDone { action, .. } | EventKind::ActionFailed { action, .. } =
                    event.kind
                {
                    outcomes.push(PastOutcome { cause: row.get(0)?, seq: row.get(1)?, action: *action });
                }
            }
            Ok(outcomes)
        })
    }

    /// Groups whose first event is still in the journal.
    pub fn groups_born_in_history(&self) -> Result<HashSet<GroupId>> {
        self.with(|connection| {
            // With one `min`, the other columns are those of its row.
            let mut select = connection.prepare_cached(
                "SELECT first.grp, first.at, groups.body FROM
                 (SELECT grp, at, min(seq) FROM events WHERE grp IS NOT NULL GROUP BY grp) AS first
                 JOIN groups ON groups.id = first.grp",
            )?;
            let mut rows = select.query([])?;
            let mut born = HashSet::new();
            while let Some(row) = rows.next()? {
                let (at, body): (i64, String) = (row.get(1)?, row.get(2)?);
                let group: GroupState = from_json("groups", &body)?;
                if group.first_heard_at.as_millisecond() == at {
                    born.insert(group.id);
                }
            }
            Ok(born)
        })
    }

    pub fn memories(&self) -> Result<Memories> {
        self.with(|connection| {
            let mut groups = connection.prepare_cached("SELECT body FROM groups")?;
            let mut tasks = connection.prepare_cached("SELECT body FROM tasks ORDER BY id")?;
            let mut memories = Memories {
                groups: bodies("groups", groups.query([])?)?,
                tasks: bodies("tasks", tasks.query([])?)?,
                ..Memories::default()
            };
            let mut members = connection.prepare_cached("SELECT grp, id, body FROM members")?;
            let mut rows = members.query([])?;
            while let Some(row) = rows.next()? {
                let (group, id, body): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
                let members = memories.members.entry(GroupId::new(group)).or_default();
                members.insert(MemberId::new(id), from_json("members", &body)?);
            }
            let mut people = connection.prepare_cached("SELECT id, body FROM people")?;
            let mut rows = people.query([])?;
            while let Some(row) = rows.next()? {
                let (id, body): (String, String) = (row.get(0)?, row.get(1)?);
                memories.people.insert(MemberId::new(id), from_json("people", &body)?);
            }
            Ok(memories)
        })
    }
}

fn moment(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::UNIX_EPOCH)
}
