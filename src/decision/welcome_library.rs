//! The library of group welcomes on the platform, as far as we made it (入群欢迎语素材, wecom-send.md §7.2).
//!
//! The platform cannot list it, so what we put there is remembered with its ids, and nothing else is ever touched.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::event::{Event, EventKind};
use crate::rules::Hand;
use crate::scripts::Part;

/// What happens to the library.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WelcomeLibraryEvent {
    /// Whoever runs the bot wants it to be as the files say; `all`: also what we believe to be so already.
    Apply { all: bool },
    /// Whoever runs the bot has looked: this template, which may be there or not, is not.
    Forget { key: String },
    /// Everything that one [`Self::Apply`] asked for has come to its end; the last one, of this key, so.
    Applied { key: String, standing: TemplateStanding },
}

/// One change of the library, carried out by [`super::Act::WelcomeTemplate`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TemplateChange {
    /// [`crate::rules::WelcomeTemplate::key`].
    pub key: String,
    /// What people call it.
    pub title: String,
    pub step: TemplateStep,
    /// The last one of an [`WelcomeLibraryEvent::Apply`]: the key of its event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_of: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TemplateStep {
    Add { parts: Vec<Part> },
    Edit { template_id: String, parts: Vec<Part> },
    Delete { template_id: String },
}

impl TemplateStep {
    /// What the template says afterwards.
    pub fn parts(&self) -> &[Part] {
        match self {
            Self::Add { parts } | Self::Edit { parts, .. } => parts,
            Self::Delete { .. } => &[],
        }
    }

    /// Whether doing it again is harmless: only adding makes something new each time.
    pub fn twice_is_harmless(&self) -> bool {
        !matches!(self, Self::Add { .. })
    }

    pub fn chinese(&self) -> &'static str {
        match self {
            Self::Add { .. } => "新增",
            Self::Edit { .. } => "修改",
            Self::Delete { .. } => "删除",
        }
    }
}

/// A template that we put into the library, or meant to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KnownTemplate {
    pub key: String,
    pub title: String,
    /// The platform's id; unknown until we heard it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template_id: Option<String>,
    /// What it says there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    /// How its last change stands.
    #[serde(skip)]
    pub standing: TemplateStanding,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TemplateStanding {
    #[default]
    Done,
    UnderWay,
    /// For people.
    Failed(String),
    /// It may have been made or not.
    Doubt,
}

impl KnownTemplate {
    /// Why its last change did not come about, if so.
    pub fn failure(&self) -> Option<&str> {
        match &self.standing {
            TemplateStanding::Failed(why) => Some(why),
            _ => None,
        }
    }

    /// Nobody knows whether it is there.
    pub fn is_doubtful(&self) -> bool {
        self.template_id.is_none()
            && matches!(self.standing, TemplateStanding::Doubt | TemplateStanding::Done)
    }
}

impl TemplateChange {
    /// The event of the last change having ended so, and with it everything that was asked for together.
    pub fn applied(&self, standing: TemplateStanding, hand: &Hand, at: Timestamp) -> Event {
        let (key, apply) = (self.key.clone(), self.last_of.as_deref().unwrap_or_default());
        let kind = EventKind::WelcomeLibrary(WelcomeLibraryEvent::Applied { key, standing });
        Event::of_hand(format!("welcome-library-applied:{apply}"), at, hand, kind)
    }
}
