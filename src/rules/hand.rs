//! How an action gets out: which of our identities does it.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A hand. What each can do is decided in `decision::action`; the text form
/// (`appchat:assistant`, `webhook:dealers`) is what the store, the journal and the logs show.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hand {
    /// Groups made by our app: post, add and remove members (wecom-send.md §4).
    Appchat { app: Arc<str> },
    /// A group's push robot (wecom-send.md §5).
    Webhook { id: Arc<str> },
    /// A message from the app to one member of staff (wecom-send.md §3).
    App { app: Arc<str> },
    /// The reply inside the answer to the callback itself.
    Answer,
    /// A template card that asks a person to do it.
    StaffTask { app: Arc<str> },
    /// A post into a customer group that its owner confirms in the client (企业群发, wecom-send.md §8).
    MassSend { app: Arc<str> },
}

impl Hand {
    /// It can post to a group without a person.
    pub fn posts(&self) -> bool {
        matches!(self, Self::Appchat { .. } | Self::Webhook { .. })
    }

    /// It can post to a customer group once the owner has confirmed it: minutes or hours later, so it is
    /// no hand for a reply.
    pub fn posts_later(&self) -> bool {
        matches!(self, Self::MassSend { .. })
    }

    /// It can take a member out of a group without a person.
    pub fn removes(&self) -> bool {
        matches!(self, Self::Appchat { .. })
    }

    /// It asks a person to do what no other hand can.
    pub fn asks_a_person(&self) -> bool {
        matches!(self, Self::StaffTask { .. })
    }
}

impl fmt::Display for Hand {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Appchat { app } => write!(formatter, "appchat:{app}"),
            Self::Webhook { id } => write!(formatter, "webhook:{id}"),
            Self::App { app } => write!(formatter, "app:{app}"),
            Self::Answer => formatter.write_str("answer"),
            Self::StaffTask { app } => write!(formatter, "staff-task:{app}"),
            Self::MassSend { app } => write!(formatter, "mass-send:{app}"),
        }
    }
}
