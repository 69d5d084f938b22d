//! What a person is asked to do in our place, and what was answered.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::action::Act;
use super::case::Case;
use super::event::{GroupId, MemberId};
use crate::scripts::Part;

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
    #[serde(default, deserialize_with = "super::written::paste", skip_serializing_if = "Option::is_none")]
    pub paste: Option<Box<Part>>,
    /// The act that the person is asked to do in our place.
    pub act: Act,
    /// What the bot does at the tap of a button, when the card offers rather than asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer: Option<Offer>,
    /// The message that it is about: a person may say that we were wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<Box<Case>>,
    pub opened_at: Timestamp,
    pub state: TaskState,
}

/// A script that the bot posts into one of these groups when the person says which.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Offer {
    pub script: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    pub parts: Vec<Part>,
    /// In the order of the buttons.
    pub groups: Vec<GroupId>,
}

impl Offer {
    /// The key of the button for the group at this place.
    pub fn button(place: usize) -> String {
        format!("{BUTTON}{place}")
    }

    /// The group that a button names.
    pub fn group_of(&self, button: &str) -> Option<&GroupId> {
        self.groups.get(button.strip_prefix(BUTTON)?.parse::<usize>().ok()?)
    }
}

/// What the keys of an offer's buttons begin with.
const BUTTON: &str = "group";

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum TaskState {
    Open,
    Done {
        by: String,
        at: Timestamp,
    },
    Refused {
        by: String,
        at: Timestamp,
    },
    /// What it was about was no advertisement.
    Pardoned {
        by: String,
        at: Timestamp,
    },
    Expired {
        at: Timestamp,
    },
}
