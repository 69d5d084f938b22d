//! PURE. What applies to a group: brand → profile → group, later wins; compiled once per change of
//! the files, then only read.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

mod campaign;
mod cascades;
mod colour;
mod compile;
mod digest;
mod hand;
mod hearing;
pub mod join_code;
mod matching;
pub mod moments;
mod org;
mod outline;
mod playbook;
mod profile;
#[cfg(test)]
pub mod samples;
mod schedule;
mod selector;
mod send_budget;
mod server;
mod stores;
pub mod welcome_library;
pub mod written;

pub use campaign::{Approval, Campaign};
pub use cascades::{CascadeOrder, CascadeRule, CascadeText, Escalation};
pub use colour::Colour;
pub use compile::{Answer, Compiled, Compiler, Difference, Trigger, TriggerMap, compile};
pub use digest::digest;
pub use hand::Hand;
pub use hearing::{GroupAct, HandGap, Sleep, SleepingRule, full_ears, handling, hearing};
pub use join_code::{JoinCode, NewGroups};
pub use matching::{GroupRules, wildcard};
pub use org::{Org, OrgLevel, OrgNode};
pub use outline::Outline;
pub use playbook::{Anchor, Playbook, PlaybookStep, PlaybookStop, StepCondition, StepRole};
pub use profile::{
    Answers, BlacklistRule, BlacklistScope, FineRule, Flood, JoinCodeWelcome, Moderation, ModerationRule,
    Nudge, Posts, Profile, RaidRule, Rung, RungAct, SpreadRule, StaffTasks, TrustRule, Welcome, WelcomeStep,
    WelcomeStop,
};
pub use schedule::{Schedule, Turn};
pub use selector::Selector;
pub use send_budget::{Overrun, SendBudget, fits};
pub use server::{
    AibotConfig, AppConfig, ArchiveConfig, CallbackSecrets, GitConfig, RobotConfig, ServerConfig,
    WebhookConfig,
};
pub use stores::{Stores, asker_in, facts_in};
pub use welcome_library::WelcomeTemplate;

use crate::perception::Perceiver;
use crate::scripts::Library;
use crate::timetable::Calendar;

/// Everything that the files say, checked and ready for use. Swapped as a whole on reload.
#[derive(Debug)]
pub struct Rulebook {
    pub brand: Brand,
    /// The brand's time zone: business days, quiet hours, texts.
    pub timezone: TimeZone,
    pub stores: Stores,
    /// By id (the file's name without `.toml`), `extends` already applied.
    pub profiles: BTreeMap<String, Arc<Profile>>,
    /// In the order of the files' names and of the entries in them; the first match wins.
    pub groups: GroupRules,
    pub scripts: Library,
    pub perceiver: Arc<Perceiver>,
    /// The app that talks to staff when a group names none: the first `[[wecom.app]]`.
    pub app: Arc<str>,
    /// SHA-256 of all files, hex: tells one version of the rules from another.
    pub version: String,
    /// By id.
    pub schedules: BTreeMap<String, Arc<Schedule>>,
    /// Holidays and make-up workdays, as far as they are known.
    pub calendar: Arc<Calendar>,
    /// How many mass sends the platform lets a customer group receive.
    pub send_budget: SendBudget,
    /// Brand → distributor → store → staff.
    pub org: Org,
    /// What may be told down the organisation, by id.
    pub cascades: BTreeMap<String, CascadeRule>,
    /// The id of the script that a new customer hears in the 1:1 chat; `None` = nothing.
    pub contact_welcome: Option<String>,
    /// By id.
    pub playbooks: BTreeMap<String, Arc<Playbook>>,
    /// What owners of customer groups can pick as the welcome of their group, in the order of the files.
    pub welcome_library: Vec<WelcomeTemplate>,
    /// By id.
    pub join_codes: BTreeMap<String, Arc<JoinCode>>,
    /// By id.
    pub campaigns: BTreeMap<String, Arc<Campaign>>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Brand {
    pub id: String,
    pub name: String,
    /// Userids of ops: alerts and escalations go to the first.
    pub ops: Vec<String>,
    /// Of everything that is drawn in its name.
    pub colours: BrandColours,
}

/// The colours of posters, each `#RRGGBB`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrandColours {
    pub primary: Colour,
    pub ink: Colour,
    pub paper: Colour,
}

impl Default for BrandColours {
    /// Pine green, nearly black, warm white: dark on light, so that every code can be scanned.
    fn default() -> Self {
        Self {
            primary: Colour(0x1f, 0x5c, 0x4a),
            ink: Colour(0x1c, 0x24, 0x21),
            paper: Colour(0xfb, 0xf8, 0xf1),
        }
    }
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

impl GroupRule {
    /// What is planned for the group waits for its owner, who confirms all their groups at once.
    pub fn owner_confirms(&self) -> bool {
        self.hands.iter().any(Hand::posts_later)
    }
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

/// As it is written in the files.
impl std::fmt::Display for GroupEar {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::GroupRobot => "group-robot",
            Self::Aibot => "aibot",
            Self::Archive => "archive",
            Self::Events => "events",
            Self::MemberList => "member-list",
        })
    }
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
