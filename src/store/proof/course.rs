//! How far each action of a post came: handed to a person, confirmed, in the group, heard there.

use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::Connection;

use super::PostStatus;
use crate::decision::{Act, GroupId, MemberId, PostOutcome, StaffTask, TaskState};
use crate::store::Result;
use crate::store::mass_sends::{GroupOfSend, MassSendRow};
use crate::store::posts_seen::seen_of;
use crate::store::reader::{JournalAction, name_in};

/// A person and a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handing {
    /// What people call them; the id while nobody has told a name.
    pub name: String,
    pub at: Timestamp,
}

/// How far a post came in its group, and by whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostCourse {
    pub outcome: PostStatus,
    /// Who got it to put it into the group, and when; `None` where a hand posts by itself.
    pub handed: Option<Handing>,
    /// When that person said that it is done: tapped the card, or confirmed the mass send.
    pub confirmed_at: Option<Timestamp>,
    /// When all of it was in the group, as far as is known.
    pub delivered_at: Option<Timestamp>,
    /// Who was heard to put it there, and when.
    pub seen: Option<Handing>,
}

impl PostCourse {
    /// Nothing but how it stands.
    pub(super) fn of(outcome: PostStatus) -> Self {
        Self { outcome, handed: None, confirmed_at: None, delivered_at: None, seen: None }
    }

    /// A post as a whole is as far as the part that came least far. `None` without parts.
    pub(super) fn of_all(parts: impl Iterator<Item = Self>) -> Option<Self> {
        let mut whole = parts.reduce(Self::and)?;
        whole.delivered_at = whole.delivered_at.filter(|_| whole.outcome.is_there());
        Some(whole)
    }

    fn and(self, other: Self) -> Self {
        Self {
            handed: [self.handed, other.handed].into_iter().flatten().min_by_key(|handing| handing.at),
            confirmed_at: self.confirmed_at.max(other.confirmed_at),
            delivered_at: self.delivered_at.max(other.delivered_at),
            seen: [self.seen, other.seen].into_iter().flatten().max_by_key(|handing| handing.at),
            outcome: worse(self.outcome, other.outcome),
        }
    }

    /// Whoever heard it in the group knows better than a card that nobody has tapped.
    fn heard(self, seen: Option<Handing>) -> Self {
        let Some(seen) = seen else { return self };
        let name = match &self.outcome {
            PostStatus::PostedBy { name, .. } => name.clone(),
            _ => seen.name.clone(),
        };
        let outcome = PostStatus::PostedBy { name, at: seen.at };
        Self { outcome, delivered_at: Some(seen.at), seen: Some(seen), ..self }
    }
}

fn worse(one: PostStatus, other: PostStatus) -> PostStatus {
    if other.weight() > one.weight() { other } else { one }
}

/// What is known of one group's posts.
pub(super) struct Courses<'a> {
    pub connection: &'a Connection,
    pub group: &'a GroupId,
}

impl Courses<'_> {
    /// How far this action came. `send` is the mass send that it led to, with the group's part of it.
    pub fn of(
        &self,
        action: &JournalAction,
        send: Option<&(Arc<MassSendRow>, GroupOfSend)>,
    ) -> Result<PostCourse> {
        match (&action.action.act, &action.task) {
            (Act::MassSend(asked), _) => {
                let course = match send {
                    Some((row, place)) => self.of_mass_send(row, place)?,
                    None => of_hand(action),
                };
                Ok(course.heard(self.seen(&asked.post.id)?))
            }
            (_, Some(task)) => {
                let (mut course, seen) = (self.of_task(action, task)?, self.seen(&task.id)?);
                // A card that was closed by what was heard was not tapped.
                course.confirmed_at =
                    course.confirmed_at.filter(|at| seen.as_ref().is_none_or(|seen| seen.at != *at));
                Ok(course.heard(seen))
            }
            _ => Ok(of_hand(action)),
        }
    }

    fn seen(&self, handed: &str) -> Result<Option<Handing>> {
        match seen_of(self.connection, handed, self.group)? {
            Some((who, at)) => Ok(Some(Handing { name: self.name(&who)?, at })),
            None => Ok(None),
        }
    }

    fn name(&self, person: &MemberId) -> Result<String> {
        name_in(self.connection, self.group, person)
    }

    fn of_task(&self, action: &JournalAction, task: &StaffTask) -> Result<PostCourse> {
        let arrived = action.ended_at.filter(|_| action.state == "done");
        let handed = match arrived {
            Some(at) => Some(Handing { name: self.name(&task.assignee)?, at }),
            None => None,
        };
        let outcome = match &task.state {
            TaskState::Done { by, at } => PostStatus::PostedBy { name: by.clone(), at: *at },
            TaskState::Refused { by, .. } | TaskState::Pardoned { by, .. } => {
                PostStatus::Refused { name: by.clone() }
            }
            TaskState::Expired { .. } => PostStatus::Expired,
            TaskState::Open if arrived.is_some() => {
                PostStatus::Asked { whom: self.name(task.escalated_to.as_ref().unwrap_or(&task.assignee))? }
            }
            TaskState::Open => of_hand(action).outcome,
        };
        let said_at = match outcome {
            PostStatus::PostedBy { at, .. } => Some(at),
            _ => None,
        };
        Ok(PostCourse { handed, confirmed_at: said_at, delivered_at: said_at, ..PostCourse::of(outcome) })
    }

    fn of_mass_send(&self, row: &MassSendRow, place: &GroupOfSend) -> Result<PostCourse> {
        let owner = self.name(&row.send.owner)?;
        let handed = row.msgid.as_ref().map(|_| Handing { name: owner.clone(), at: row.asked_at });
        let confirmed_at = row.confirmed_at;
        let sent_at = confirmed_at.unwrap_or(row.asked_at);
        let outcome = match &place.outcome {
            None if row.msgid.is_none() => PostStatus::Doubt,
            None => PostStatus::Asked { whom: owner },
            Some(PostOutcome::Sent) => PostStatus::PostedBy { name: owner, at: sent_at },
            Some(PostOutcome::TooLate) => PostStatus::Expired,
            Some(other) => PostStatus::Failed { why: other.in_words(&owner) },
        };
        let delivered_at = outcome.is_there().then_some(sent_at);
        Ok(PostCourse { handed, confirmed_at, delivered_at, ..PostCourse::of(outcome) })
    }
}

/// Of what nobody but a hand has to do, or has not reached its person yet.
fn of_hand(action: &JournalAction) -> PostCourse {
    let outcome = match action.state.as_str() {
        "done" => PostStatus::Posted { at: action.ended_at },
        "doubt" => PostStatus::Doubt,
        "failed" => PostStatus::Failed { why: action.result.clone().unwrap_or_default() },
        _ => PostStatus::Waiting,
    };
    let delivered_at = action.ended_at.filter(|_| outcome.is_there());
    PostCourse { delivered_at, ..PostCourse::of(outcome) }
}
