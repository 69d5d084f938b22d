//! What the brand says about one script.

use jiff::civil::Date;

use super::{Ask, ScriptMessage};

/// One script of `bot-scripts/**/*.toml`, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// Who may ask for it. Ops may ask for every script.
    pub roles: Vec<ScriptRole>,
    /// Profiles in which it may be used; empty = all.
    pub profiles: Vec<String>,
    /// Regions in which it may be used; empty = all.
    pub regions: Vec<String>,
    /// Ids of the stores that may use it; empty = all.
    pub stores: Vec<String>,
    pub owner: Option<String>,
    /// First and last day on which it may be used.
    pub valid_from: Option<Date>,
    pub valid_to: Option<Date>,
    pub replaced_by: Option<String>,
    pub joins: Joins,
    /// What the person who sends it fills in, in this order.
    pub asks: Vec<Ask>,
    /// The versions between which it is drawn, in the order of the messages; empty = there is only one.
    pub variants: Vec<Variant>,
    /// What a region or a store may change of it.
    pub stores_may: Vec<StoreField>,
    /// Sent in this order, one platform message each; those of variants that are not chosen are left out.
    pub messages: Vec<ScriptMessage>,
    /// `bot-scripts/promotion/mooncake.toml:3`, for people.
    pub place: String,
}

/// A script as if nothing but the required were written.
impl Default for Script {
    fn default() -> Self {
        Self {
            id: String::new(),
            title: String::new(),
            scene: String::new(),
            step: None,
            senses: Vec::new(),
            triggers: Vec::new(),
            roles: vec![ScriptRole::Staff],
            profiles: Vec::new(),
            regions: Vec::new(),
            stores: Vec::new(),
            owner: None,
            valid_from: None,
            valid_to: None,
            replaced_by: None,
            joins: Joins::default(),
            asks: Vec::new(),
            variants: Vec::new(),
            stores_may: StoreField::USUAL.to_vec(),
            messages: Vec::new(),
            place: String::new(),
        }
    }
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

    /// The messages of one variant: its own and those of all variants.
    pub fn messages_of<'s>(&'s self, variant: Option<&'s str>) -> impl Iterator<Item = &'s ScriptMessage> {
        self.messages
            .iter()
            .filter(move |message| message.variant.is_none() || message.variant.as_deref() == variant)
    }

    /// The named variant if there is such a one, else the first.
    pub fn variant<'s>(&'s self, wanted: Option<&str>) -> Option<&'s str> {
        let named = self.variants.iter().find(|variant| Some(variant.name.as_str()) == wanted);
        named.or(self.variants.first()).map(|variant| variant.name.as_str())
    }
}

/// Who may ask for a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ScriptRole {
    Staff,
    Ops,
    Kol,
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

/// Ids of scripts that always go with this one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Joins {
    pub before: Vec<String>,
    pub after: Vec<String>,
}

/// One of several versions of the same script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    pub name: String,
    /// How often it is drawn, compared with the others; 0 = never.
    pub weight: u32,
}

/// A part of a script that a region or a store may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StoreField {
    Triggers,
    Valid,
    Variants,
    /// The default answers of asks.
    Defaults,
    /// Whether it is used at all.
    Off,
    /// The messages themselves: text that the brand has not reviewed.
    Text,
}

impl StoreField {
    /// What may be changed unless the brand says otherwise: everything but the words.
    pub const USUAL: [Self; 5] = [Self::Triggers, Self::Valid, Self::Variants, Self::Defaults, Self::Off];
}
