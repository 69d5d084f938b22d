//! Proof: what became of each scheduled post in each group, from its moment to its end, whoever
//! ended it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::mass_sends::{GroupOfSend, MassSendRow};
use super::reader::{JournalAction, actions_of, bodies, read_entry};
use super::{Reader, Result};
use crate::decision::{Act, EventKind, GroupId, MissedPosts, PostDue, PostOutcome, Reason, TaskState};

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
    /// How the mass sends of this occurrence stand, of all groups.
    mass_sends: Arc<MassSendStatuses>,
}

/// By the outbox row that asked for it.
type MassSendStatuses = HashMap<i64, PostStatus>;

/// How a post stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PostStatus {
    /// It is in the group.
    Posted { at: Option<Timestamp> },
    /// A person says that it is in the group.
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

impl PostRecord {
    /// The worst of its parts: a post is in the group when all of it is.
    pub fn outcome(&self) -> PostStatus {
        let parts = self.actions.iter().filter(|action| !is_superseded(action, &self.actions));
        let worst = parts.map(|action| self.status_of(action)).max_by_key(PostStatus::weight);
        worst.unwrap_or_else(|| {
            let last = self.reasons.iter().rev().find(|reason| reason.feature == PostDue::FEATURE);
            match last {
                Some(reason) if reason.code == PostDue::POSTPONED => PostStatus::Waiting,
                _ => {
                    PostStatus::NotPosted { why: last.map(|reason| reason.text.clone()).unwrap_or_default() }
                }
            }
        })
    }
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
}

/// A hand failed and another took its place, or a person was asked.
fn is_superseded(action: &JournalAction, all: &[JournalAction]) -> bool {
    action.state == "failed" && all.iter().any(|later| later.follows == Some(action.id))
}

impl PostRecord {
    fn status_of(&self, action: &JournalAction) -> PostStatus {
        if let Act::MassSend(_) = action.action.act
            && let Some(status) = self.mass_sends.get(&action.id)
        {
            return status.clone();
        }
        match action.task.as_ref().map(|task| (&task.state, task)) {
            Some((TaskState::Done { by, at }, _)) => {
                return PostStatus::PostedBy { name: by.clone(), at: *at };
            }
            Some((TaskState::Refused { by, .. } | TaskState::Pardoned { by, .. }, _)) => {
                return PostStatus::Refused { name: by.clone() };
            }
            Some((TaskState::Expired { .. }, _)) => return PostStatus::Expired,
            Some((TaskState::Open, task)) if action.state == "done" => {
                let whom = task.escalated_to.as_ref().unwrap_or(&task.assignee);
                return PostStatus::Asked { whom: whom.to_string() };
            }
            _ => {}
        }
        match action.state.as_str() {
            "done" => PostStatus::Posted { at: action.ended_at },
            "doubt" => PostStatus::Doubt,
            "failed" => PostStatus::Failed { why: action.result.clone().unwrap_or_default() },
            _ => PostStatus::Waiting,
        }
    }
}

/// How a group stands in a mass send.
fn status_in(send: &MassSendRow, group: &GroupOfSend) -> PostStatus {
    let owner = send.send.owner.to_string();
    match &group.outcome {
        None if send.msgid.is_none() => PostStatus::Doubt,
        None => PostStatus::Asked { whom: owner },
        Some(PostOutcome::Sent) => {
            PostStatus::PostedBy { name: owner, at: send.confirmed_at.unwrap_or(send.asked_at) }
        }
        Some(PostOutcome::TooLate) => PostStatus::Expired,
        Some(other) => PostStatus::Failed { why: other.in_words(&owner) },
    }
}

impl Reader {
    /// Scheduled posts whose moments lie from `since` up to before `until`, in the order of their moments; of
    /// one schedule only, if `schedule` names it.
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
            let mut occurrences: HashMap<String, Arc<MassSendStatuses>> = HashMap::new();
            for entry in entries {
                let (EventKind::PostDue(due), Some(group)) = (entry.event.kind, entry.event.group) else {
                    continue;
                };
                let mass_sends = match occurrences.entry(due.name()) {
                    Entry::Occupied(known) => Arc::clone(known.get()),
                    Entry::Vacant(new) => {
                        let statuses = Arc::new(mass_sends_of(connection, new.key())?);
                        Arc::clone(new.insert(statuses))
                    }
                };
                let mut record = PostRecord {
                    schedule: due.schedule.clone(),
                    occurrence: due.occurrence,
                    due: entry.event.at,
                    group,
                    reasons: entry.reasons,
                    actions: actions_of(connection, entry.seq)?,
                    mass_sends,
                };
                follow(connection, &due, &mut record)?;
                records.push(record);
            }
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
fn mass_sends_of(connection: &Connection, post: &str) -> Result<MassSendStatuses> {
    let mut select = connection.prepare_cached("SELECT body FROM mass_sends WHERE post = ?1")?;
    let sends: Vec<MassSendRow> = bodies("mass_sends", select.query([post])?)?;
    let of_groups = |send: &MassSendRow| -> Vec<(i64, PostStatus)> {
        send.groups.iter().map(|group| (group.row, status_in(send, group))).collect()
    };
    Ok(sends.iter().flat_map(of_groups).collect())
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
