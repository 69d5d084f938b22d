//! Everything the simulated platform knows, as plain data.
//!
//! Only [`super::Step`] changes it, one [`super::Change`] at a time, so that the log of changes can
//! bring it back. Lists that grow with use keep their newest part only.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::budget::Budgets;
use super::callback::{Callback, Report};
use super::card::Card;
use super::department::Department;
use super::group::{Group, GroupMessage};
use super::join_way::JoinWay;
use super::mass_send::MassSend;
use super::moment::Moment;
use super::week::Week;
use super::welcome_template::WelcomeTemplate;
use crate::sim::random::Secret;

/// Private messages kept per person; a person scrolls back no further.
pub const PRIVATE_KEPT: usize = 1_000;
/// Calls kept for `GET /sim/outbound`: more than any test makes, about 20 MB of memory.
pub const OUTBOUND_KEPT: usize = 20_000;
/// Finished callbacks kept for `GET /sim/callbacks`.
pub const REPORTS_KEPT: usize = 20_000;
/// Archived messages kept. The platform keeps five days (wecom-receive.md §6.1); the count only
/// bounds memory.
pub const ARCHIVE_KEPT: usize = 100_000;
/// Uploads kept, pictures with their content. Whoever sends an older one is told 40007, as after its three
/// days.
pub const MEDIA_KEPT: usize = 500;
/// Sent private messages kept for recall (24 h) and for the duplicate check (at most 4 h).
pub const SENT_KEPT: usize = 20_000;

#[derive(Debug, Serialize, Deserialize)]
pub struct State {
    pub corp: Corp,
    pub apps: Vec<App>,
    pub robots: Vec<GroupRobot>,
    pub aibots: Vec<Aibot>,
    pub webhooks: Vec<Webhook>,
    pub archive: Archive,
    pub people: BTreeMap<String, Person>,
    pub groups: BTreeMap<String, Group>,
    /// What was said in each group, oldest first.
    pub said: BTreeMap<String, VecDeque<GroupMessage>>,
    /// What each person sees in their 1:1 windows, oldest first.
    pub private: BTreeMap<String, VecDeque<PrivateMessage>>,
    pub cards: BTreeMap<String, Card>,
    pub media: BTreeMap<String, Media>,
    pub tokens: Vec<AccessToken>,
    pub welcome_codes: BTreeMap<String, WelcomeCode>,
    pub response_codes: BTreeMap<String, ResponseCode>,
    pub sent: VecDeque<SentMessage>,
    /// Callbacks not yet received by the bot, in order within each lane.
    pub waiting: BTreeMap<String, VecDeque<Callback>>,
    pub reports: VecDeque<Report>,
    pub outbound: VecDeque<Outbound>,
    /// Who has used how much of which rate limit.
    pub budgets: Budgets,
    /// Calls per API path, for the limits that hold for every path. Not worth a log line per call.
    #[serde(skip)]
    pub calls: Budgets,
    /// Where the platform and the bot are reached in this process.
    #[serde(skip)]
    pub addresses: Addresses,
    /// How far the platform's clock is ahead of the system's.
    pub offset_ms: i64,
    /// The last number given out; ids of all kinds are made from it.
    pub number: u64,
    /// By msgid.
    #[serde(default)]
    pub mass_sends: BTreeMap<String, MassSend>,
    /// By config id.
    #[serde(default)]
    pub join_ways: BTreeMap<String, JoinWay>,
    /// By id.
    #[serde(default)]
    pub moments: BTreeMap<String, Moment>,
    /// By id.
    #[serde(default)]
    pub welcome_templates: BTreeMap<String, WelcomeTemplate>,
    /// By id.
    #[serde(default)]
    pub departments: BTreeMap<i64, Department>,
    /// The last one that was begun.
    #[serde(default)]
    pub week: Option<Week>,
}

/// Base URLs without a final slash.
#[derive(Clone, Debug, Default)]
pub struct Addresses {
    /// The platform's own API.
    pub api: String,
    /// The bot's callback edge.
    pub bot: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Corp {
    pub id: String,
    pub name: String,
    /// Mini programs linked to the corp (`miniprogram_notice`, wecom-send.md §3.2).
    pub mini_programs: Vec<String>,
}

/// A self-built app.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct App {
    pub id: String,
    pub name: String,
    pub agent_id: u32,
    pub secret: Secret,
    pub token: Secret,
    pub encoding_aes_key: Secret,
    /// A callback URL is configured; cards with buttons need one (errcode 43012).
    pub has_callback: bool,
    /// The visible range is the root department, which appchat asks for (wecom-send.md §4).
    pub sees_root: bool,
    /// In the 可调用接口的应用 list: may read customer groups and hears their events.
    pub customer_contact: bool,
}

/// An old group robot that hears every message of its groups (wecom-receive.md §5).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GroupRobot {
    pub id: String,
    pub name: String,
    pub token: Secret,
    pub encoding_aes_key: Secret,
    pub receive_id: String,
    pub chats: Vec<String>,
}

/// A smart robot with a callback address (wecom-receive.md §4).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Aibot {
    pub id: String,
    pub name: String,
    pub token: Secret,
    pub encoding_aes_key: Secret,
    pub chats: Vec<String>,
}

/// A group's push robot (wecom-send.md §5).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Webhook {
    pub id: String,
    pub key: Secret,
    pub chat: String,
}

/// 会话内容存档 and the process that pulls it for the bot.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Archive {
    pub hmac_key: Secret,
    /// How long after a message the puller finds it.
    pub delay_ms: i64,
    pub messages: VecDeque<Archived>,
    /// The last that the ear has.
    #[serde(skip)]
    pub pulled: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Archived {
    pub seq: u64,
    pub visible_at: Timestamp,
    /// The decrypted message JSON of wecom-receive.md §6.5.
    pub message: Value,
}

/// A member of the corp or a customer of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub id: String,
    pub name: String,
    pub title: String,
    pub corp_member: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PrivateMessage {
    pub msgid: String,
    pub at: Timestamp,
    /// Whose window: `app:ID`, `bot:ID` or `contact:USERID`.
    pub window: String,
    /// The window's other side, or the person themselves.
    pub from: String,
    pub kind: String,
    pub content: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attached: Option<Attached>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub recalled: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Media {
    pub media_id: String,
    pub kind: String,
    pub filename: String,
    pub bytes: usize,
    pub uploaded_at: Timestamp,
    /// The webhook whose files these are; media of `media/upload` belong to the whole corp.
    pub webhook: Option<String>,
    /// The content of an image, base64: the page shows it. Nothing looks into other files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
}

/// What a bubble shows that is no text: a picture, or the article of a link or mini-program.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Attached {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Its address; a path when the simulator itself has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
    /// What a tap opens: an address, or the page of the mini-program `appid`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub opens: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appid: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AccessToken {
    pub token: Secret,
    pub app: String,
    pub expires_at: Timestamp,
}

/// The ticket for one welcome to a new contact (wecom-receive.md §3.2).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WelcomeCode {
    pub code: String,
    pub member: String,
    pub customer: String,
    pub issued_at: Timestamp,
    pub used: bool,
}

/// The ticket in a smart robot's `response_url` (wecom-receive.md §4.8).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ResponseCode {
    pub code: String,
    pub bot: String,
    pub person: String,
    pub chat: Option<String>,
    pub msgid: Option<String>,
    pub issued_at: Timestamp,
    pub used: bool,
}

/// A successful `message/send`, remembered for recall and the duplicate check.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SentMessage {
    pub msgid: String,
    pub app: String,
    pub at: Timestamp,
    /// SHA-1 of the whole request body, if it asked for the duplicate check.
    pub fingerprint: Option<String>,
}

/// One call that asked the platform to do something.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Outbound {
    pub n: u64,
    pub at: Timestamp,
    pub path: String,
    /// Who called: `app:ID`, `webhook:ID`, `bot:ID`, or nothing when the caller was not recognised.
    pub by: Option<String>,
    pub body: Value,
    /// What the caller was answered; nothing when a fault kept the answer back.
    pub errcode: Option<i64>,
    /// The people whose screen shows it.
    pub seen_by: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dropped: Option<String>,
}

impl State {
    pub fn app(&self, id: &str) -> Option<&App> {
        self.apps.iter().find(|app| app.id == id)
    }

    pub fn robot(&self, id: &str) -> Option<&GroupRobot> {
        self.robots.iter().find(|robot| robot.id == id)
    }

    pub fn aibot(&self, id: &str) -> Option<&Aibot> {
        self.aibots.iter().find(|bot| bot.id == id)
    }

    /// The robot that hears everything in this group.
    pub fn robots_in<'a>(&'a self, chat: &'a str) -> impl Iterator<Item = &'a GroupRobot> {
        self.robots.iter().filter(move |robot| robot.chats.iter().any(|id| id == chat))
    }

    /// The smart robot of this group.
    pub fn aibot_in(&self, chat: &str) -> Option<&Aibot> {
        self.aibots.iter().find(|bot| bot.chats.iter().any(|id| id == chat))
    }

    /// A person's name, or the id when nobody knows the person.
    pub fn name_of<'a>(&'a self, id: &'a str) -> &'a str {
        self.people.get(id).map_or(id, |person| &person.name)
    }

    pub fn is_corp_member(&self, id: &str) -> bool {
        self.people.get(id).is_some_and(|person| person.corp_member)
    }

    /// How many callbacks wait for the bot.
    pub fn waiting_callbacks(&self) -> usize {
        self.waiting.values().map(VecDeque::len).sum()
    }

    /// Whether the archive holds what the ear could have had by now.
    pub fn archive_is_behind(&self, now: Timestamp) -> bool {
        let archive = &self.archive;
        let mut behind = archive.messages.iter().rev().take_while(|message| message.seq > archive.pulled);
        behind.any(|message| message.visible_at <= now)
    }
}
