//! What we may do, as data. Delivery carries it out; nothing here does.

use serde::{Deserialize, Serialize};

use super::event::{GroupId, MemberId};
pub use crate::rules::Hand;

/// One effect, bound to the hand that shall carry it out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Action {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<GroupId>,
    pub hand: Hand,
    pub act: Act,
    /// Why it is done, for the person who may have to do it instead.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// What is to be done after it has succeeded, and only then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub then: Option<Box<Act>>,
    /// The staff task this action belongs to, if it was handed to a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// Hands that may still be tried when this one fails for good, best first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fallback: Vec<Hand>,
}

impl Action {
    /// An act with nothing around it.
    pub fn new(hand: Hand, act: Act) -> Self {
        Self { group: None, hand, act, why: String::new(), then: None, task: None, fallback: Vec::new() }
    }
}

impl Hand {
    /// What the platform lets this hand do without a person (product.md §3, wecom-send.md §1).
    pub fn can(&self, act: &Act) -> bool {
        matches!(
            (self, act),
            (Self::Appchat { .. }, Act::Post { .. } | Act::Remove { .. } | Act::ReadGroup { .. })
                | (Self::Webhook { .. }, Act::Post { .. })
                | (Self::App { .. }, Act::Tell { .. } | Act::UpdateCard { .. } | Act::ReadGroup { .. })
                | (Self::Answer, Act::Answer { .. })
                | (Self::StaffTask { .. }, Act::TaskCard { .. })
        )
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// A message to the group.
    Post { text: String, markdown: bool, mentions: Vec<MemberId> },
    /// Take a member out of the group.
    Remove { member: MemberId },
    /// A private message to one member of staff.
    Tell { to: MemberId, text: String, markdown: bool },
    /// The reply inside the answer to the callback.
    Answer { text: String },
    /// A button card to a member of staff: what to do, why, and the text to paste.
    TaskCard { to: MemberId, card: TaskCard },
    /// Grey out the buttons of a card that was answered.
    UpdateCard { to: MemberId, response_code: String, label: String },
    /// Read a group's details and member list again; the reading comes back as a snapshot event.
    ReadGroup { customer: bool },
}

/// The content of a staff task's card.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskCard {
    /// Unique per app, `[0-9A-Za-z_@-]`, at most 128 bytes; a reminder or escalation has its own.
    pub task_id: String,
    pub title: String,
    /// Why it is asked, one or two sentences.
    pub why: String,
    /// Label and value rows: 群, 成员, 截止 …
    pub rows: Vec<(String, String)>,
    /// The text to paste, if the task is to post something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paste: Option<String>,
    /// Button key and label.
    pub buttons: Vec<(String, String)>,
}

impl Act {
    /// The name in the journal and in metrics.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Post { .. } => "post",
            Self::Remove { .. } => "remove",
            Self::Tell { .. } => "tell",
            Self::Answer { .. } => "answer",
            Self::TaskCard { .. } => "task_card",
            Self::UpdateCard { .. } => "update_card",
            Self::ReadGroup { .. } => "read_group",
        }
    }

    /// Whether a crash or a lost answer that leaves doubt is better healed by doing it again.
    ///
    /// `appchat/send` and `webhook/send` know no idempotence key, so a post in doubt is not
    /// repeated. A removal changes nothing the second time; a private message goes out with the
    /// platform's duplicate check, a card is protected by its task id (wecom-send.md §3.7).
    pub fn twice_is_harmless(&self) -> bool {
        !matches!(self, Self::Post { .. })
    }
}
