//! Chat groups, their members and what was said in them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::state::Attached;

/// Messages kept per group; a page scrolls back no further.
pub const MESSAGES_KEPT: usize = 2_000;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Group {
    pub chat_id: String,
    pub name: String,
    pub kind: GroupKind,
    pub owner: String,
    /// What this group shows, for the reader of the playground.
    pub about: String,
    pub notice: String,
    pub created_at: Timestamp,
    /// The app that made it through `appchat/create`; only that app may post and manage here.
    pub made_by_app: Option<String>,
    /// Whether 会话内容存档 records it: at least one member has archiving opened.
    pub archived: bool,
    pub members: Vec<Membership>,
    /// 32 hex digits that change with every change of the member list (wecom-receive.md §3.3).
    pub member_version: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GroupKind {
    Internal,
    Customer,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Membership {
    pub id: String,
    pub joined_at: Timestamp,
    pub scene: JoinScene,
    pub invitor: Option<String>,
    /// Of the join code that was scanned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
}

/// How a member came in. The event and the member list number it differently
/// (wecom-receive.md §3.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum JoinScene {
    #[default]
    #[serde(alias = "invite")]
    Invited,
    Link,
    #[serde(alias = "qr")]
    QrCode,
}

impl JoinScene {
    /// `JoinScene` of the event: 0 = invited (also by link), 3 = scanned a QR code.
    pub fn in_event(self) -> u8 {
        if self == Self::QrCode { 3 } else { 0 }
    }

    /// `join_scene` of `groupchat/get`: 1 direct, 2 by link, 3 by QR code.
    pub fn in_list(self) -> u8 {
        match self {
            Self::Invited => 1,
            Self::Link => 2,
            Self::QrCode => 3,
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GroupMessage {
    pub msgid: String,
    pub at: Timestamp,
    /// A person's id, `app:ID`, `webhook:ID`, `bot:ID` or `robot:ID`; `sys` for notices.
    pub from: String,
    pub by: Author,
    /// `text`, `markdown`, `image`, `link` … as the sender's side calls it.
    pub kind: String,
    pub content: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<String>,
    /// The message that a robot's answer quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quotes: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attached: Option<Attached>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<String>,
    /// The only people who see it; empty = everybody (`VisibleToUser` of the old robot).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub visible_to: Vec<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub recalled: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Author {
    Person,
    Bot,
    System,
}

impl Group {
    pub fn has(&self, id: &str) -> bool {
        self.members.iter().any(|member| member.id == id)
    }

    pub fn member_ids(&self) -> Vec<String> {
        self.members.iter().map(|member| member.id.clone()).collect()
    }

    pub fn is_customer(&self) -> bool {
        self.kind == GroupKind::Customer
    }
}
