//! What we remember, small and typed. Each feature owns its own part.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::event::{GroupId, GroupKind, MemberId};

/// One group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupState {
    pub id: GroupId,
    pub kind: GroupKind,
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<MemberId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    pub first_heard_at: Timestamp,
    /// A member list has been read once; only from then on are newcomers told from old members.
    #[serde(default)]
    pub members_known: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dismissed_at: Option<Timestamp>,
    #[serde(default)]
    pub welcome: WelcomeState,
}

impl GroupState {
    pub fn new(id: GroupId, first_heard_at: Timestamp) -> Self {
        Self {
            id,
            kind: GroupKind::default(),
            name: String::new(),
            owner: None,
            created_at: None,
            first_heard_at,
            members_known: false,
            dismissed_at: None,
            welcome: WelcomeState::default(),
        }
    }
}

/// Newcomers who wait for the end of the welcome window.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WelcomeState {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waiting: Vec<MemberId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
}

/// One member of one group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MemberState {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A member of the corp itself, not a customer; `None` until a member list was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corp_member: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joined_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub welcomed_at: Option<Timestamp>,
    /// Strikes that still count when they are read with the profile's expiry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub strikes: Vec<Timestamp>,
    /// The latest messages inside the flood window: when, and the text's fingerprint.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recent: Vec<(Timestamp, u64)>,
    /// Banned from this group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blacklisted: Option<Blacklisting>,
}

/// One person in all groups of the brand.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PersonState {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blacklisted: Option<Blacklisting>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Blacklisting {
    pub since: Timestamp,
    /// `None` = for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    pub why: String,
}

impl Blacklisting {
    pub fn holds_at(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

/// A thing that only a person can do (待办卡).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StaffTask {
    pub id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<GroupId>,
    /// The app whose card carries it.
    pub app: String,
    pub assignee: MemberId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalated_to: Option<MemberId>,
    pub title: String,
    pub why: String,
    pub rows: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paste: Option<String>,
    /// The act that the person is asked to do in our place.
    pub act: super::action::Act,
    pub opened_at: Timestamp,
    pub state: TaskState,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum TaskState {
    Open,
    Done { by: String, at: Timestamp },
    Refused { by: String, at: Timestamp },
    Expired { at: Timestamp },
}
