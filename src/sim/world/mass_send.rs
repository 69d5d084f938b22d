//! Mass sends to customer groups (企业群发, wecom-send.md §8): tasks that wait for their owner's tap.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::state::Attached;
use super::{State, in_china};

/// Mass sends kept: more than a month of the example corp.
pub const MASS_SENDS_KEPT: usize = 5_000;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MassSend {
    pub msgid: String,
    /// The app that made it; none when a member made it in the client.
    pub app: Option<String>,
    /// Who sends it: the groups' owner.
    pub sender: String,
    /// Where to; empty = the sender picks among their groups, which here is all of them.
    pub chats: Vec<String>,
    pub made_at: Timestamp,
    /// May be empty.
    pub text: String,
    /// As they were sent to the API.
    pub attachments: Vec<Value>,
    /// The same as the screen shows them.
    pub shown: Vec<Shown>,
    #[serde(default)]
    pub cancelled_at: Option<Timestamp>,
    #[serde(default)]
    pub sent_at: Option<Timestamp>,
    /// By chat, once it was sent.
    #[serde(default)]
    pub results: BTreeMap<String, Landed>,
}

/// One attachment on the screen.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Shown {
    pub kind: String,
    pub content: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attached: Option<Attached>,
}

impl Shown {
    pub fn text(content: &str) -> Self {
        Self { kind: "text".into(), content: content.to_owned(), attached: None }
    }
}

/// `status` of `get_groupmsg_send_result`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Landed {
    Sent,
    /// The group has received as many as it may.
    Full,
}

impl Landed {
    pub fn status(self) -> u8 {
        match self {
            Self::Sent => 1,
            Self::Full => 3,
        }
    }
}

impl MassSend {
    pub fn is_waiting(&self) -> bool {
        self.sent_at.is_none() && self.cancelled_at.is_none()
    }
}

impl State {
    /// Whether a customer group has received this month as many mass sends as the month has days, made by
    /// the corp or by members.
    pub fn is_full_of_mass_sends(&self, chat: &str, now: Timestamp) -> bool {
        // The platform counts its months in China.
        let today = in_china(now).date();
        let this_month = |at: Timestamp| {
            let day = in_china(at).date();
            (day.year(), day.month()) == (today.year(), today.month())
        };
        let received = self.mass_sends.values().filter(|send| {
            send.sent_at.is_some_and(this_month) && send.results.get(chat) == Some(&Landed::Sent)
        });
        received.count() >= usize::try_from(today.days_in_month()).unwrap_or_default()
    }
}
