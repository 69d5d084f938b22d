//! Posts that people were handed to put into a group: a card with words to paste, or a mass send to confirm.
//! When the words are then heard in the group, the post is there, whoever tapped what.
//!
//! A group remembers which script it waits for, not the words: whoever hears the group knows scripts again, also
//! edited a little ([`crate::scripts::Library::recognise`]).

use std::ops::Range;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::action::Act;
use super::draft::Draft;
use super::event::{GroupId, MemberId};
use super::staff_task::{StaffTask, TaskState};
use crate::rules::full_ears;

/// Posts that a group waits for at one time; more are forgotten, the oldest first, and only their proof suffers.
const WAITING_AT_MOST: usize = 32;
/// The archive may be read late: so long after its window a post may still be heard to have come in time.
const HEARD_LATE: SignedDuration = SignedDuration::from_hours(24);

/// As what a person got a post.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HandedAs {
    /// The id of a staff task.
    Task(String),
    /// The id of a mass send's post, the same for all its groups.
    MassSend(String),
}

impl HandedAs {
    /// The two kinds of ids are never alike.
    pub fn id(&self) -> &str {
        match self {
            Self::Task(id) | Self::MassSend(id) => id,
        }
    }
}

/// A post that was handed over and has not been heard in the group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandedPost {
    pub handed: HandedAs,
    /// Id of the script that its words are.
    pub script: String,
    /// Which of the script's messages, from 0.
    pub message: usize,
    pub at: Timestamp,
    /// What is heard later is another post.
    pub until: Timestamp,
}

/// What a group waits for, in the order of handing over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HandedPosts(Vec<HandedPost>);

impl HandedPosts {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As it was at this moment, as far as anybody can tell later: what was handed over afterwards is not there.
    pub fn at(mut self, moment: Timestamp) -> Self {
        self.0.retain(|post| post.at < moment);
        self
    }

    fn add(&mut self, post: HandedPost) {
        let forgotten = post.at.saturating_sub(HEARD_LATE).unwrap_or(Timestamp::MIN);
        self.0.retain(|old| old.until >= forgotten);
        let surplus = (self.0.len() + 1).saturating_sub(WAITING_AT_MOST);
        self.0.drain(..surplus);
        self.0.push(post);
    }

    /// Takes the post that somebody put into the group at this moment: the one handed over last before. Platforms tell
    /// moments to the second.
    fn take(&mut self, script: &str, message: usize, at: Timestamp) -> Option<HandedPost> {
        let is_it = |post: &HandedPost| {
            let in_time = post.at.as_second() <= at.as_second() && at <= post.until;
            in_time && (post.script.as_str(), post.message) == (script, message)
        };
        let place = self.0.iter().rposition(is_it)?;
        Some(self.0.remove(place))
    }
}

/// A post that was handed over was heard in its group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostSeen {
    pub handed: HandedAs,
    pub group: GroupId,
    /// Who put it there.
    pub by: MemberId,
    /// What people call them.
    pub name: String,
    /// When they did, not when we heard it.
    pub at: Timestamp,
}

impl PostSeen {
    /// What was asked is done: also by somebody else, and also when nobody has tapped in time. Who has answered the
    /// card has answered it. Returns whether that changes the task.
    pub fn closes(&self, task: &mut StaffTask) -> bool {
        let unanswered = matches!(task.state, TaskState::Open | TaskState::Expired { .. });
        if unanswered {
            task.state = TaskState::Done { by: self.name.clone(), at: self.at };
        }
        unanswered
    }
}

impl Draft<'_> {
    /// Where people are heard, the group waits for these words, if they are a script that would be known again.
    pub(super) fn waits_for(&mut self, handed: HandedAs, words: &str, until: Timestamp) {
        let is_heard = self.rule().is_some_and(|rule| full_ears(&rule.ears).next().is_some());
        if !is_heard {
            return;
        }
        let Some((script, found)) = self.rules.scripts.recognise(words) else { return };
        let (script, message) = (script.id.clone(), found.messages.start);
        let post = HandedPost { handed, script, message, at: self.now, until };
        if let Some(group) = self.group_mut() {
            group.handed.add(post);
        }
    }

    /// The same for the words of a staff task's card, when they are all that is asked for.
    pub(super) fn waits_for_paste(&mut self, task: &StaffTask) {
        let Act::Post { part, .. } = &task.act else { return };
        let Some(words) = part.paste() else { return };
        let patience = self.profile().map(|profile| profile.staff_tasks.clone()).unwrap_or_default();
        let until = task.opened_at.saturating_add(patience.expire_after).unwrap_or(task.opened_at);
        self.waits_for(HandedAs::Task(task.id.clone()), &words, until);
    }

    /// The group has heard these messages of a script from this person. Returns the posts that it waited for.
    pub(super) fn hears_script(
        &mut self,
        script: &str,
        messages: Range<usize>,
        by: &MemberId,
    ) -> Vec<PostSeen> {
        let (at, name) = (self.event.at, self.name_of(by).to_owned());
        let Some(group) = self.group_mut() else { return Vec::new() };
        let posts: Vec<HandedPost> =
            messages.filter_map(|message| group.handed.take(script, message, at)).collect();
        let seen = |post: HandedPost| PostSeen {
            handed: post.handed,
            group: group.id.clone(),
            by: by.clone(),
            name: name.clone(),
            at,
        };
        posts.into_iter().map(seen).collect()
    }
}

#[cfg(test)]
mod tests;
