//! PURE. The script library (话术库): what the brand wrote, how it is found, how it is filled in.

use jiff::civil::Date;

mod fill;
mod library;
mod postings;
mod recognise;
mod reserved;
mod search;
mod wordings;

pub use fill::{Facts, FillError, Filled, StoreFacts, TemplateMistake};
pub use library::{Hit, Library};
pub use recognise::{Recognised, Recogniser};
pub use reserved::{CANCEL, FAVOURITES, HELP, RECENT, RESERVED, is_reserved};
pub use search::{Extent, Field, Found, How, Preference, SearchIndex, Way};

/// One script of `bot-scripts/**/*.toml`, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Script {
    pub id: String,
    pub title: String,
    /// The first folder below `bot-scripts/`, or the `scene` key: welcome, greeting, promotion …
    pub scene: String,
    /// Of the six-step close, if it serves one.
    pub step: Option<Step>,
    pub senses: Vec<String>,
    /// Keywords that bring it to staff.
    pub triggers: Vec<String>,
    /// Profiles in which it may be used; empty = all.
    pub profiles: Vec<String>,
    pub owner: Option<String>,
    /// First and last day on which it may be used.
    pub valid_from: Option<Date>,
    pub valid_to: Option<Date>,
    pub replaced_by: Option<String>,
    /// Sent in this order, one platform message each.
    pub messages: Vec<ScriptMessage>,
    /// `bot-scripts/promotion/mooncake.toml:3`, for people.
    pub place: String,
}

impl Script {
    /// Whether it may be sent on this day. A successor takes over the day after the last one, or, when no
    /// last day is given, at once.
    pub fn usable_on(&self, day: Date) -> bool {
        let begun = self.valid_from.is_none_or(|from| from <= day);
        let over = match self.valid_to {
            Some(to) => to < day,
            None => self.replaced_by.is_some(),
        };
        begun && !over
    }

    /// Whether groups of this profile may use it; without a profile everything fits.
    pub fn fits(&self, profile: Option<&str>) -> bool {
        let Some(profile) = profile else { return true };
        self.profiles.is_empty() || self.profiles.iter().any(|fitting| fitting == profile)
    }
}

/// A scene's name as staff read it; a scene that the brand invented is shown as it is written.
pub fn scene_in_chinese(scene: &str) -> &str {
    match scene {
        "welcome" => "欢迎",
        "greeting" => "问候",
        "promotion" => "好货",
        "objection" => "顾客犹豫时",
        "close" => "成交六步",
        "event" => "活动",
        "after-sales" => "售后",
        "holiday" => "节日",
        "faq" => "常见问题",
        "moderation" => "群秩序",
        "staff" => "店员手册",
        other => other,
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct ScriptMessage {
    pub kind: MessageKind,
    /// A template: `{{ store.name }}` and the like.
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageKind {
    Text,
    Markdown,
}

/// The six-step close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    FindNeed,
    GiveValue,
    BuildTrust,
    GiveBenefit,
    RemoveRisk,
    SetThreshold,
}
