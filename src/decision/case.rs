//! What a person may say about one judged message, and what they said.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::event::{Event, EventKey, EventKind, GroupId, MemberId};
use crate::perception::learned::Lesson;
use crate::text::cut_to_bytes;

/// Bytes of a message that are kept for learning. The longest message that a person types is 2 KiB
/// (wecom-send.md §3.2); what is longer is a forwarded record, whose beginning says enough.
pub(super) const TEXT_BYTES_AT_MOST: usize = 8 * 1024;

/// One message that was held against somebody, as far as undoing it needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// The message's event. A strike and a blacklisting remember which case they come from by it.
    pub message: EventKey,
    pub at: Timestamp,
    pub group: GroupId,
    pub member: MemberId,
    /// The message itself, or the name that was held against its bearer.
    pub text: String,
    /// Chinese: every finding that counted.
    pub evidence: String,
}

impl Case {
    /// `None` when the event is no message of somebody in a group.
    pub fn of(event: &Event, evidence: &str) -> Option<Self> {
        let EventKind::Message(message) = &event.kind else { return None };
        Some(Self {
            message: event.key.clone(),
            at: event.at,
            group: event.group.clone()?,
            member: event.from.clone()?,
            text: cut_to_bytes(&message.content.text, TEXT_BYTES_AT_MOST).to_owned(),
            evidence: evidence.to_owned(),
        })
    }
}

/// What a person said about a message. Kept for ever, in order: this is what is learned from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// The message's event.
    pub message: EventKey,
    pub message_text: String,
    pub honest: bool,
    pub teacher: MemberId,
    pub group: GroupId,
    pub at: Timestamp,
}

impl Verdict {
    pub fn lesson(&self) -> Lesson<'_> {
        Lesson { text: &self.message_text, honest: self.honest, teacher: self.teacher.as_str() }
    }

    /// What these verdicts teach, in their order: of each message the last word counts.
    pub fn lessons<'v>(verdicts: impl IntoIterator<Item = &'v Self> + Clone) -> Vec<Lesson<'v>> {
        let last: HashMap<&EventKey, usize> =
            verdicts.clone().into_iter().enumerate().map(|(at, verdict)| (&verdict.message, at)).collect();
        let counts = |&(at, verdict): &(usize, &'v Self)| last.get(&verdict.message) == Some(&at);
        verdicts.into_iter().enumerate().filter(counts).map(|(_, verdict)| verdict.lesson()).collect()
    }
}

/// A verdict that did not come by a card: `zhanggui pardon`, later the console. Who gives it is the
/// event's sender.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ruling {
    pub case: Case,
    pub honest: bool,
    /// The group was told of it.
    pub public: bool,
    /// The staff task that the case led to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
}
