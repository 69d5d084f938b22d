//! PURE. The script library (话术库): what the brand wrote, how it is found, how it is filled in.

use jiff::civil::Date;

mod fill;
mod library;

pub use fill::{Facts, FillError, Filled, StoreFacts};
pub use library::Library;

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
pub fn scene_in_chinese(scene: &str) -> &str {
    scene
}
impl Script {
    pub fn usable_on(&self, _: Date) -> bool {
        true
    }
}
