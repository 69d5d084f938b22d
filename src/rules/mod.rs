//! PURE. What applies to a group: brand → profile → group, later wins; compiled once per change of
//! the files, then only read.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

mod hand;

pub use hand::Hand;

use crate::perception::{Perceiver, SignalName};
use crate::scripts::Library;
use crate::timetable::QuietHours;

/// Everything that the files say, checked and ready for use. Swapped as a whole on reload.
#[derive(Debug)]
pub struct Rulebook {
    pub brand: Brand,
    /// The brand's time zone: business days, quiet hours, texts.
    pub timezone: TimeZone,
    pub stores: BTreeMap<String, Store>,
    /// By id (the file's name without `.toml`), `extends` already applied.
    pub profiles: BTreeMap<String, Arc<Profile>>,
    /// In the order of the files' names and of the entries in them; the first match wins.
    pub groups: Vec<GroupRule>,
    pub scripts: Library,
    pub perceiver: Perceiver,
    /// The app that talks to staff when a group names none: the first `[[wecom.app]]`.
    pub app: Arc<str>,
    /// SHA-256 of all files, hex: tells one version of the rules from another.
    pub version: String,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Brand {
    pub id: String,
    pub name: String,
    /// Userids of ops: alerts and escalations go to the first.
    pub ops: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    pub id: String,
    pub name: String,
    pub region: String,
    pub address: String,
    pub hours: String,
    pub phone: String,
    /// Userid of the store's owner (店长).
    pub owner: Option<String>,
    /// Userids of the people who work there, the owner included.
    pub staff: Vec<String>,
}

/// Which group is what: one `[[group]]` of `config/groups/*.toml`.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupRule {
    pub matches: GroupMatch,
    pub store: Option<String>,
    pub profile: Arc<str>,
    pub ears: Vec<GroupEar>,
    /// Best first.
    pub hands: Vec<Hand>,
    /// Userids of the group's key persons (意见领袖).
    pub kol: Vec<String>,
    /// `config/groups/dealers.toml:12`, for people.
    pub place: String,
}

/// All stated conditions must hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GroupMatch {
    pub id: Option<String>,
    /// A name with `*` for any run of characters.
    pub name: Option<String>,
    pub owner: Option<String>,
}

/// What a group is heard by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GroupEar {
    /// Every message, at once.
    GroupRobot,
    /// Only what mentions the smart robot.
    Aibot,
    /// Every message, late (会话内容存档).
    Archive,
    /// Joins, leaves, renames of customer groups.
    Events,
    /// Joins and leaves found by reading the member list of a group that our app made.
    MemberList,
}

/// A named set of rules (群画像).
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    pub id: String,
    pub name: String,
    pub welcome: Welcome,
    pub moderation: Moderation,
    pub staff_tasks: StaffTasks,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Welcome {
    pub off: bool,
    /// One welcome for everybody who joins within it. Default 30 s.
    pub window: SignedDuration,
    /// Id of the script; `None` means that nothing is said.
    pub script: Option<String>,
    pub quiet: Option<QuietHours>,
    /// A member who comes back sooner is not welcomed again. Default 7 d.
    pub repeat_after: SignedDuration,
    /// How many newcomers one welcome mentions by name at most. Default 10.
    pub mention_at_most: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Moderation {
    pub off: bool,
    /// Judge and journal, but do nothing.
    pub shadow: bool,
    pub exempt: Vec<Role>,
    /// Domains of the brand; links to them (and below them) are no signal.
    pub allow_links: Vec<String>,
    /// Phone numbers, WeChat and QQ ids of the brand.
    pub allow_contacts: Vec<String>,
    /// Lexicon categories that count here.
    pub categories: Vec<SignalName>,
    /// The weight of all counted signals from which a message is judged an advertisement. Default 1.0.
    pub act_at: f32,
    pub flood: Option<Flood>,
    /// Default 30 d.
    pub strikes_expire: SignedDuration,
    /// Ordered by strike; a strike beyond the last rung gets the last rung.
    pub ladder: Vec<Rung>,
}

/// More than `messages` within the time, or `repeats` of the same text, is flooding.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Flood {
    pub messages: usize,
    pub repeats: usize,
    pub within: SignedDuration,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Rung {
    pub strike: u32,
    pub acts: Vec<RungAct>,
    /// Id of the script whose text the group hears.
    pub script: Option<String>,
    pub blacklist: Option<BlacklistRule>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RungAct {
    /// Journal only.
    Note,
    Warn,
    Remove,
    Blacklist,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BlacklistRule {
    pub scope: BlacklistScope,
    /// `None` = for ever.
    pub lasts: Option<SignedDuration>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BlacklistScope {
    Group,
    Brand,
}

/// When a person who was asked is reminded, when ops is asked instead, when it is too late.
#[derive(Clone, Debug, PartialEq)]
pub struct StaffTasks {
    /// Default 30 min, 2 h, 24 h, all counted from the moment the task was opened.
    pub remind_after: SignedDuration,
    pub escalate_after: SignedDuration,
    pub expire_after: SignedDuration,
    /// Nobody is reminded in these hours; default none.
    pub quiet: Option<QuietHours>,
}

/// What a person is in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    Owner,
    Staff,
    Ops,
    Kol,
    Member,
}

impl Rulebook {
    pub fn rule_for(&self, _id: &str, _name: &str, _owner: Option<&str>) -> Option<&GroupRule> {
        self.groups.first()
    }
    pub fn store_of(&self, _userid: &str) -> Option<&Store> {
        None
    }
}
impl RungAct {
    pub fn chinese(self) -> &'static str {
        ""
    }
}
impl Default for StaffTasks {
    fn default() -> Self {
        Self {
            remind_after: SignedDuration::from_mins(30),
            escalate_after: SignedDuration::from_hours(2),
            expire_after: SignedDuration::from_hours(24),
            quiet: None,
        }
    }
}
