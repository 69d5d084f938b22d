//! What a profile says, and what holds when it says nothing.

use jiff::SignedDuration;
use jiff::civil::Time;
use serde::{Deserialize, Serialize};

use super::{GroupEar, Role, full_ears};
use crate::files::Money;
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
    pub nudge: Nudge,
    pub posts: Posts,
}

impl Profile {
    /// Hours in which the bot says nothing of its own accord.
    pub fn quiet(&self) -> Option<QuietHours> {
        self.posts.quiet
    }
}

/// What the bot says of its own accord: by schedules, playbooks and nudges.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Posts {
    /// Nothing is said in these hours; default none.
    pub quiet: Option<QuietHours>,
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
    /// What they hear later, the earliest first.
    pub steps: Vec<WelcomeStep>,
    /// Other words for whoever came by a certain join code.
    pub by_join_code: Vec<JoinCodeWelcome>,
}

/// Something that newcomers hear a while after the welcome.
#[derive(Clone, Debug, PartialEq)]
pub struct WelcomeStep {
    /// Counted from the welcome; unique, for by it we know what was said.
    pub after: SignedDuration,
    /// Nothing is said to those of whom one of these is true.
    pub unless: Vec<WelcomeStop>,
    /// Id of the script.
    pub script: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WelcomeStop {
    /// Has written since joining.
    Spoke,
    Left,
}

/// The welcome of those whom a join code with this `state` brought (SnapshotMember::state).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoinCodeWelcome {
    pub state: String,
    /// Id of the script.
    pub script: String,
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
            steps: Vec::new(),
            by_join_code: Vec::new(),
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
    /// From this weight on a person is asked. Default 0.5.
    pub ask_at: f32,
    /// Rules that only note what they would have done.
    pub shadow_rules: Vec<ModerationRule>,
    /// Whoever has been here longer, or is trusted, is removed or warned only for two different
    /// findings; one alone asks a person. `None` = one is enough for everybody. Default 7 d.
    pub second_signal_after: Option<SignedDuration>,
    pub trust: Option<TrustRule>,
    pub raid: Option<RaidRule>,
    pub spread: Option<SpreadRule>,
    /// Hours of the day in which advertisements are welcome; fraud never is.
    pub ad_hours: Vec<QuietHours>,
    /// Names of newcomers, and new names, are looked at like messages.
    pub names: bool,
    /// Words of people who warn of an advertisement by quoting it.
    pub warning_words: Vec<String>,
    /// Id of the script by which we apologise.
    pub apology_script: Option<String>,
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
            ask_at: 0.5,
            shadow_rules: Vec::new(),
            second_signal_after: Some(SignedDuration::from_hours(7 * 24)),
            trust: None,
            raid: None,
            spread: None,
            ad_hours: Vec::new(),
            names: false,
            warning_words: Vec::new(),
            apology_script: None,
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
            Self::Recall => "撤回",
            Self::Mute => "禁言",
            Self::Fine => "发红包",
            Self::Remove => "移出",
            Self::Blacklist => "拉黑",
        }
    }
}

/// What can be tried in shadow by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ModerationRule {
    Ad,
    Flood,
    Spread,
    Name,
}

impl ModerationRule {
    /// The word that staff and ops read.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Ad => "广告",
            Self::Flood => "刷屏",
            Self::Spread => "群发",
            Self::Name => "名字",
        }
    }
}

/// Somebody is trusted after honest messages on so many days, until silent for too long.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrustRule {
    pub days: usize,
    pub expires: SignedDuration,
}

impl Default for TrustRule {
    fn default() -> Self {
        Self { days: 3, expires: SignedDuration::from_hours(90 * 24) }
    }
}

/// So many suspicious newcomers within a time are a raid; while it lasts, newcomers are acted upon
/// where otherwise a person would be asked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RaidRule {
    pub newcomers: usize,
    pub within: SignedDuration,
    /// Who joined no longer ago is a newcomer.
    pub joined_within: SignedDuration,
    pub lasts: SignedDuration,
}

impl Default for RaidRule {
    fn default() -> Self {
        Self {
            newcomers: 3,
            within: SignedDuration::from_mins(10),
            joined_within: SignedDuration::from_hours(24),
            lasts: SignedDuration::from_hours(1),
        }
    }
}

/// The same text by strangers in so many of the brand's groups within a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SpreadRule {
    pub groups: usize,
    pub within: SignedDuration,
    /// Shorter texts are greetings that everybody writes.
    pub letters_at_least: usize,
}

impl Default for SpreadRule {
    fn default() -> Self {
        Self { groups: 3, within: SignedDuration::from_hours(1), letters_at_least: 12 }
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

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rung {
    pub strike: u32,
    pub acts: Vec<RungAct>,
    /// Id of the script whose text the group hears.
    pub script: Option<String>,
    pub blacklist: Option<BlacklistRule>,
    pub fine: Option<FineRule>,
    /// How long nobody hears from a muted member; `None` = as the person who does it thinks fit.
    pub mute: Option<SignedDuration>,
    /// `config/profiles/base.toml:31`, for people.
    pub place: String,
}

/// 发广告就发红包：how many red packets, and of what sum together. No money moves here.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FineRule {
    pub shares: usize,
    pub sum: Money,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RungAct {
    /// Journal only.
    Note,
    Warn,
    /// Take the message back.
    Recall,
    Mute,
    /// Red packets for everybody.
    Fine,
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

/// What is said in a group in which nobody has written for a while (暖场).
#[derive(Clone, Debug, PartialEq)]
pub struct Nudge {
    /// Ids of scripts, said in turn; empty = nothing is ever said.
    pub scripts: Vec<String>,
    /// How long nobody has written, counted in waking hours alone. Default 4 h.
    pub quiet_for: SignedDuration,
    /// The waking hours of a day. Default from 9:00 to 21:00.
    pub hours: QuietHours,
    /// A day. Default 1.
    pub at_most: usize,
}

impl Nudge {
    /// How many a day there may be in a group with these ears: none where nobody hears that it is quiet.
    pub fn a_day(&self, ears: &[GroupEar]) -> usize {
        let heard = full_ears(ears).next().is_some() && !self.scripts.is_empty();
        if heard { self.at_most } else { 0 }
    }
}

impl Default for Nudge {
    fn default() -> Self {
        Self {
            scripts: Vec::new(),
            quiet_for: SignedDuration::from_hours(4),
            hours: QuietHours { start: Time::constant(9, 0, 0, 0), end: Time::constant(21, 0, 0, 0) },
            at_most: 1,
        }
    }
}
