//! What we remember of staff who work with scripts: what they were asked, what they got, what became of it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::event::{GroupId, MemberId};

/// What we remember of a member of staff who works with scripts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StaffMemory {
    /// What we asked last and have no answer to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dialogue: Option<Dialogue>,
    /// Ids of scripts, the newest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub favourites: Vec<String>,
    /// Ids of the scripts got last, the newest first, each once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub recent: Vec<String>,
    /// Got, and not yet seen in a group.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unseen: Vec<Given>,
    /// The groups that the person is in, with their names.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub groups: BTreeMap<GroupId, String>,
}

impl StaffMemory {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A question that waits for its answer in one chat.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dialogue {
    /// The group it is led in; `None` = the private chat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<GroupId>,
    pub until: Timestamp,
    pub question: Question,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// Which of these scripts, by number.
    Which { scripts: Vec<String> },
    /// The next thing to fill in; `answers` has those before it.
    Blank { script: String, answers: BTreeMap<String, String> },
}

/// A script as somebody got it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Given {
    pub script: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    pub at: Timestamp,
}

/// One use of a script, for counting by store, person, script and variant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScriptUse {
    pub at: Timestamp,
    pub how: UseKind,
    pub script: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<String>,
    pub person: MemberId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<GroupId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UseKind {
    /// Given to a member of staff.
    Given,
    /// Posted by the bot when a member of staff tapped 发到群.
    Posted,
    /// Seen in a group, pasted by a person.
    Pasted,
}

impl UseKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Posted => "posted",
            Self::Pasted => "pasted",
        }
    }
}
