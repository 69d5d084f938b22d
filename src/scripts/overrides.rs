//! What a region or a store changes of the brand's scripts.

use jiff::civil::Date;

use super::{Script, ScriptMessage, Variant};

/// One `[[override]]`, checked: what is `None` stays as it was.
#[derive(Clone, Debug, PartialEq)]
pub struct Override {
    /// The id of the brand's script.
    pub script: String,
    pub scope: Scope,
    /// Not used here at all; `Some(false)` in a store uses what its region does not.
    pub off: Option<bool>,
    pub triggers: Option<Vec<String>>,
    /// First and last day.
    pub valid: Option<(Option<Date>, Option<Date>)>,
    /// Weights by variant; variants that are not named keep theirs.
    pub variants: Vec<Variant>,
    /// Default answers by the ask's name.
    pub defaults: Vec<(String, String)>,
    pub messages: Option<Vec<ScriptMessage>>,
    /// `bot-scripts/overrides/beijing.toml:3`, for people.
    pub place: String,
}

/// Where an override holds. A store's goes over its region's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    Region(String),
    /// With the store's id.
    Store(String),
}

impl Override {
    /// An override that changes nothing yet.
    pub fn new(script: impl Into<String>, scope: Scope) -> Self {
        Self {
            script: script.into(),
            scope,
            off: None,
            triggers: None,
            valid: None,
            variants: Vec::new(),
            defaults: Vec::new(),
            messages: None,
            place: String::new(),
        }
    }

    /// The script as it is here.
    pub fn apply(&self, script: &Script) -> Script {
        let mut changed = script.clone();
        if let Some(triggers) = &self.triggers {
            changed.triggers.clone_from(triggers);
        }
        if let Some((from, to)) = self.valid {
            (changed.valid_from, changed.valid_to) = (from, to);
        }
        for ask in &mut changed.asks {
            if let Some((_, default)) = self.defaults.iter().find(|(name, _)| *name == ask.name) {
                ask.default = Some(default.clone());
            }
        }
        if let Some(messages) = &self.messages {
            changed.messages.clone_from(messages);
            // Other words are no versions of the brand's.
            changed.variants = Vec::new();
        }
        for variant in &mut changed.variants {
            if let Some(own) = self.variants.iter().find(|own| own.name == variant.name) {
                variant.weight = own.weight;
            }
        }
        changed
    }
}
