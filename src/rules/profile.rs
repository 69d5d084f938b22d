//! What a profile says, and what holds when it says nothing.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::Role;
use crate::perception::SignalName;
use crate::timetable::QuietHours;

/// A named set of rules (群画像).
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    pub id: String,
    pub name: String,
    pub welcome: Welcome,
    pub moderation: Moderation,
    pub staff_tasks: StaffTasks,
    pub answers: Answers,
}

/// What members may ask in the group.
#[derive(Clone, Debug, PartialEq)]
pub struct Answers {
    /// Ids of the scripts that answer them.
    pub scripts: Vec<String>,
    /// The same answer is not given again sooner. Default 5 min.
    pub cooldown: SignedDuration,
}

impl Default for Answers {
    fn default() -> Self {
        Self { scripts: Vec::new(), cooldown: SignedDuration::from_mins(5) }
    }
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

impl Default for Welcome {
    fn default() -> Self {
        Self {
            off: false,
            window: SignedDuration::from_secs(30),
            script: None,
            quiet: None,
            repeat_after: SignedDuration::from_hours(7 * 24),
            mention_at_most: 10,
        }
    }
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
    /// What the group hears when flooding is warned of; the rung's script otherwise.
    pub flood_script: Option<String>,
    /// Default 30 d.
    pub strikes_expire: SignedDuration,
    /// Ordered by strike; a strike beyond the last rung gets the last rung.
    pub ladder: Vec<Rung>,
}

impl Default for Moderation {
    fn default() -> Self {
        Self {
            off: false,
            shadow: false,
            exempt: vec![Role::Owner, Role::Staff, Role::Ops, Role::Kol],
            allow_links: Vec::new(),
            allow_contacts: Vec::new(),
            categories: vec![
                SignalName::Ad,
                SignalName::Contact,
                SignalName::Fraud,
                SignalName::Gambling,
                SignalName::Adult,
            ],
            act_at: 1.0,
            flood: None,
            flood_script: None,
            strikes_expire: SignedDuration::from_hours(30 * 24),
            ladder: Vec::new(),
        }
    }
}

impl RungAct {
    /// The word that staff and ops read.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Note => "记录",
            Self::Warn => "提醒",
            Self::Remove => "移出",
            Self::Blacklist => "拉黑",
        }
    }
}

/// More than `messages` within the time, or `repeats` of the same text, is flooding.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Flood {
    pub messages: usize,
    pub repeats: usize,
    pub within: SignedDuration,
}

impl Default for Flood {
    fn default() -> Self {
        Self { messages: 8, repeats: 3, within: SignedDuration::from_secs(30) }
    }
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
