//! Callbacks on their way to the bot and the reports of those that arrived or were given up.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A callback that the bot has not received yet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Callback {
    pub n: u64,
    pub target: Target,
    /// Callbacks of one lane arrive one after another; a group is one lane per target.
    pub lane: String,
    /// The event's short name for the report: `text`, `change_external_chat` …
    pub event: String,
    /// The XML or JSON before encryption.
    pub plaintext: String,
    pub regarding: Regarding,
    /// Not posted before this moment (a streamed answer is asked for now and then).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
}

/// Which of the bot's callback addresses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    App(String),
    Robot(String),
    Aibot(String),
}

/// What a passive reply to a callback refers to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Regarding {
    /// Who caused it.
    pub person: Option<String>,
    pub chat: Option<String>,
    pub msgid: Option<String>,
    pub card: Option<String>,
    /// A smart robot's streamed answer and when its six minutes are over.
    pub stream: Option<Stream>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stream {
    pub id: String,
    /// The message in the chat that shows it.
    pub shown_as: String,
    pub ends_at: Timestamp,
}

/// How a callback went.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    pub n: u64,
    pub at: Timestamp,
    /// `wecom-app`, `group-robot`, `aibot` or `archive`, as in the connection file.
    pub kind: String,
    pub url: String,
    pub event: String,
    pub attempts: u32,
    /// The HTTP status of the last attempt, or why there was none.
    pub status: String,
    pub received: bool,
    /// From the first attempt to the end, in milliseconds.
    pub ms: u64,
    /// What the passive reply did, or why it was ignored.
    pub reply: String,
}

impl Target {
    pub fn kind(&self) -> &'static str {
        match self {
            Self::App(_) => "wecom-app",
            Self::Robot(_) => "group-robot",
            Self::Aibot(_) => "aibot",
        }
    }

    /// The id of the app, robot or smart robot.
    pub fn id(&self) -> &str {
        let (Self::App(id) | Self::Robot(id) | Self::Aibot(id)) = self;
        id
    }
}
