//! Proof: what became of each scheduled post in each group, from its moment to its end, whoever
//! ended it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, params};

mod course;
mod lines;
#[cfg(test)]
mod tests;

use super::mass_sends::{GroupOfSend, MassSendRow};
use super::reader::{JournalAction, actions_of, bodies, read_entry};
use super::{Reader, Result};
use crate::decision::{EventKind, GroupId, MissedPosts, PostDue, Reason};
use course::Courses;
pub use course::{Handing, PostCourse};

/// One scheduled post in one group.
#[derive(Clone, Debug)]
pub struct PostRecord {
    pub schedule: String,
    /// The moment that the schedule names.
    pub occurrence: Timestamp,
    /// The group's own moment, jitter included.
    pub due: Timestamp,
    pub group: GroupId,
    /// Why it went out or did not.
    pub reasons: Vec<Reason>,
    /// Everything that was done about it, by hands that failed and those that took their place.
    pub actions: Vec<JournalAction>,
    pub course: PostCourse,
}

/// The mass sends of one occurrence, of all groups, by the outbox rows that asked for them.
type MassSends = HashMap<i64, (Arc<MassSendRow>, GroupOfSend)>;

/// How a post stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PostStatus {
    /// It is in the group.
    Posted { at: Option<Timestamp> },
    /// A person says that it is in the group, or was heard to put it there.
    PostedBy { name: String, at: Timestamp },
    /// A person was asked and has not answered.
    Asked { whom: String },
    /// It is on its way.
    Waiting,
    /// A person did not want to.
    Refused { name: String },
    /// Nobody answered in time.
    Expired,
    /// It may be in the group; nobody repeats it.
    Doubt,
    /// It is not in the group, and why.
    Failed { why: String },
    /// It was not even tried, and why.
    NotPosted { why: String },
}

/// Occurrences that nobody could post, and when that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissedRecord {
    pub found_at: Timestamp,
    pub missed: MissedPosts,
}

impl PostStatus {
    fn weight(&self) -> u8 {
        match self {
            Self::Posted { .. } => 0,
            Self::PostedBy { .. } => 1,
            Self::Waiting => 2,
            Self::Asked { .. } => 3,
            Self::Refused { .. } => 4,
            Self::Expired => 5,
            Self::Doubt => 6,
            Self::Failed { .. } => 7,
            Self::NotPosted { .. } => 8,
        }
    }

    /// For programs; stable.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Posted { .. } => "posted",
            Self::PostedBy { .. } => "posted_by",
            Self::Waiting => "waiting",
            Self::Asked { .. } => "asked",
            Self::Refused { .. } => "refused",
            Self::Expired => "expired",
            Self::Doubt => "doubt",
            Self::Failed { .. } => "failed",
            Self::NotPosted { .. } => "not_posted",
        }
    }

    /// Whether it is in the group.
    pub fn is_there(&self) -> bool {
        matches!(self, Self::Posted { .. } | Self::PostedBy { .. })
    }
}

/// A hand failed and another took its place, or a person was asked.
fn is_superseded(action: &JournalAction, all: &[JournalAction]) -> bool {
    action.state == "failed" && all.iter().any(|later| later.follows == Some(action.id))
}

impl PostRecord {
    /// The worst of its parts: a post is in the group when all of it is.
    pub fn outcome(&self) -> &PostStatus {
        &self.course.outcome
    }

    /// By how much it came after its moment; `None` while it has not come.
    pub fn late_by(&self) -> Option<SignedDuration> {
        let late = self.course.delivered_at?.duration_since(self.due);
        Some(late.max(SignedDuration::ZERO))
    }

    /// What its actions came to; without any, what the last reason says.
    fn retrace(&mut self, connection: &Connection, mass_sends: &MassSends) -> Result<()> {
        let courses = Courses { connection, group: &self.group };
        let parts = self.actions.iter().filter(|action| !is_superseded(action, &self.actions));
        let parts = parts.map(|action| courses.of(action, mass_sends.get(&action.id)));
        let whole = PostCourse::of_all(parts.collect::<Result<Vec<_>>>()?.into_iter());
        self.course = whole.unwrap_or_else(|| PostCourse::of(untried(&self.reasons)));
        Ok(())
    }
}

/// How it stands when nothing was done about it.
fn untried(reasons: &[Reason]) -> PostStatus {
    match reasons.iter().rev().find(|reason| reason.feature == PostDue::FEATURE) {
        Some(reason) if reason.code == PostDue::POSTPONED => PostStatus::Waiting,
        last => PostStatus::NotPosted { why: last.map(|reason| reason.text.clone()).unwrap_or_default() },
    }
}

impl Reader {
    /// Scheduled posts whose moments lie from `since` up to before `until`, and what playbooks and nudges said or asked
    /// people to say, in the order of their moments; of one schedule only, if `schedule` names it, or of one
    /// playbook (`playbook:ID`) or profile (`nudge:ID`).
    pub fn posts(
        &self,
        since: Timestamp,
        until: Timestamp,
        schedule: Option<&str>,
    ) -> Result<Vec<PostRecord>> {
        self.with(|connection| {
            let mut select = connection.prepare_cached(
                "SELECT seq, heard_at, body, signals, reasons, rules FROM events
                 WHERE kind = 'post_due' AND at >= ?1 AND at < ?2
                 AND (?3 IS NULL OR json_extract(body, '$.kind.post_due.schedule') = ?3) ORDER BY at, seq",
            )?;
            let range = params![since.as_millisecond(), until.as_millisecond(), schedule];
            let entries = select.query_and_then(range, read_entry)?.collect::<Result<Vec<_>>>()?;
            let mut records = Vec::with_capacity(entries.len());
            // Thousands of groups share an occurrence.
            let mut occurrences: HashMap<String, Arc<MassSends>> = HashMap::new();
            for entry in entries {
                let (EventKind::PostDue(due), Some(group)) = (entry.event.kind, entry.event.group) else {
                    continue;
                };
                let mass_sends = match occurrences.entry(due.name()) {
                    Entry::Occupied(known) => Arc::clone(known.get()),
                    Entry::Vacant(new) => {
                        let sends = Arc::new(mass_sends_of(connection, new.key())?);
                        Arc::clone(new.insert(sends))
                    }
                };
                let mut record = PostRecord {
                    schedule: due.schedule.clone(),
                    occurrence: due.occurrence,
                    due: entry.event.at,
                    group,
                    reasons: entry.reasons,
                    actions: actions_of(connection, entry.seq)?,
                    course: PostCourse::of(PostStatus::Waiting),
                };
                follow(connection, &due, &mut record)?;
                record.retrace(connection, &mass_sends)?;
                records.push(record);
            }
            records.extend(lines::posts(connection, since, until, schedule)?);
            records.sort_by_key(|record| record.due);
            Ok(records)
        })
    }

    /// What was found to be missed from `since` up to before `until`.
    pub fn missed_posts(&self, since: Timestamp, until: Timestamp) -> Result<Vec<MissedRecord>> {
        self.with(|connection| {
            let mut select = connection.prepare_cached(
                "SELECT seq, heard_at, body, signals, reasons, rules FROM events
                 WHERE kind = 'posts_missed' AND at >= ?1 AND at < ?2 ORDER BY at, seq",
            )?;
            let range = [since.as_millisecond(), until.as_millisecond()];
            let mut found = Vec::new();
            for entry in select.query_and_then(range, read_entry)? {
                let entry = entry?;
                let found_at = entry.event.at;
                if let EventKind::PostsMissed(missed) = entry.event.kind {
                    found.extend(missed.into_iter().map(|missed| MissedRecord { found_at, missed }));
                }
            }
            Ok(found)
        })
    }
}

/// How the mass sends of one occurrence stand.
fn mass_sends_of(connection: &Connection, post: &str) -> Result<MassSends> {
    let mut select = connection.prepare_cached("SELECT body FROM mass_sends WHERE post = ?1")?;
    let rows: Vec<MassSendRow> = bodies("mass_sends", select.query([post])?)?;
    let of_groups = |row: MassSendRow| {
        let row = Arc::new(row);
        let places = row.groups.clone().into_iter();
        places.map(move |place| (place.row, (Arc::clone(&row), place))).collect::<Vec<_>>()
    };
    Ok(rows.into_iter().flat_map(of_groups).collect())
}

/// Adds what came of it later: after quiet hours, and by hands that took the place of others.
fn follow(connection: &Connection, due: &PostDue, record: &mut PostRecord) -> Result<()> {
    let (from, to) = due.postponed_keys(&record.group);
    let mut select = connection.prepare_cached(
        "SELECT seq, heard_at, body, signals, reasons, rules FROM events WHERE key >= ?1 AND key < ?2 ORDER BY seq",
    )?;
    for entry in select.query_and_then([from, to], read_entry)? {
        let entry = entry?;
        record.reasons.extend(entry.reasons);
        record.actions.extend(actions_of(connection, entry.seq)?);
    }
    follow_failures(connection, record)
}

/// Adds what hands did that took the place of others.
fn follow_failures(connection: &Connection, record: &mut PostRecord) -> Result<()> {
    // A hand that failed, and a mass send that was asked for anew.
    let mut next = connection
        .prepare_cached("SELECT seq FROM events WHERE key IN ('failed:' || ?1, 'mass-send:' || ?1)")?;
    let mut looked_at = 0;
    while let Some(action) = record.actions.get(looked_at) {
        looked_at += 1;
        let (failed, id) = (action.state == "failed", action.id);
        if !failed {
            continue;
        }
        for seq in next.query_map([id], |row| row.get::<_, i64>(0))? {
            let mut instead = actions_of(connection, seq?)?;
            instead.iter_mut().for_each(|action| action.follows = Some(id));
            record.actions.extend(instead);
        }
    }
    Ok(())
}
