//! One pass over labelled messages: what each judge says of each, and nothing else is kept but the worst mistakes.

use std::collections::HashMap;

use serde::Serialize;

use super::baseline::Baseline;
use crate::perception::classifier::Model;
use crate::perception::learned::Learned;
use crate::perception::{AD_FROM, Perceiver, SignalName, Signals};
use crate::text::{Folded, one_line};
use crate::training::Row;

/// The weight at which a person is asked.
pub const ASK_FROM: f32 = 0.5;

/// So many wrong verdicts of each kind are shown.
const WORST: usize = 12;
/// And so many characters of each.
const SHOWN_AT_MOST: usize = 40;

/// Who is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judge {
    /// The weights of all signals together, as the bot adds them up for a stranger.
    Perceiver,
    /// The logit of the classifier alone.
    Classifier,
    /// The plain linear model.
    Baseline,
}

impl Judge {
    pub const ALL: [Self; 3] = [Self::Perceiver, Self::Classifier, Self::Baseline];

    pub fn name(self) -> &'static str {
        match self {
            Self::Perceiver => "perceiver",
            Self::Classifier => "classifier",
            Self::Baseline => "baseline",
        }
    }
}

/// What is used to judge.
#[derive(Debug)]
pub struct Judges {
    pub perceiver: Perceiver,
    pub model: Option<std::sync::Arc<Model>>,
    pub baseline: Option<Baseline>,
    /// What people have taught before.
    pub learned: Learned,
}

/// The score of each judge; one that is not there says 0.
pub type Scores = [f32; Judge::ALL.len()];

impl Judges {
    pub fn score(&self, text: &str) -> Scores {
        let signals = self.perceiver.perceive_with(text, &self.learned);
        let counts = |name: SignalName| name.advertises() || name == SignalName::KnownHonest;
        let weight = Signals::weight_of(signals.found.iter().filter(|signal| counts(signal.name)));
        let classifier = self.model.as_ref().map_or(0.0, |model| {
            let folded = Folded::new(text);
            self.learned.model().unwrap_or(model).score(&folded.chars, &folded.letters.chars)
        });
        [weight, classifier, self.baseline.as_ref().map_or(0.0, |baseline| baseline.score(text))]
    }

    pub fn has(&self, judge: Judge) -> bool {
        match judge {
            Judge::Perceiver => true,
            Judge::Classifier => self.model.is_some(),
            Judge::Baseline => self.baseline.is_some(),
        }
    }
}

/// A message that was judged, without its text: 24 bytes.
#[derive(Clone, Copy, Debug)]
pub struct Judged {
    /// Of [`Measured::groups`].
    pub group: u32,
    /// Nothing when nobody can tell.
    pub is_ad: Option<bool>,
    pub scores: Scores,
}

/// What rows are counted by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Group {
    pub source: String,
    pub category: String,
}

/// A message that was judged wrong.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Worst {
    pub weight: f32,
    pub logit: f32,
    pub source: String,
    /// One line, cut.
    pub text: String,
}

/// Everything that was seen in the rows.
#[derive(Debug, Default)]
pub struct Measured {
    pub groups: Vec<Group>,
    numbers: HashMap<Group, u32>,
    pub judged: Vec<Judged>,
    /// Where the rows with these ids are in `judged`.
    places: HashMap<String, u32>,
    /// Honest messages with the highest weights, worst first.
    pub flagged: Vec<Worst>,
    /// Advertisements with the lowest logits, worst first.
    pub missed: Vec<Worst>,
}

impl Measured {
    pub fn add(&mut self, row: Row, judges: &Judges) {
        let scores = judges.score(&row.text);
        let group = Group { source: row.source, category: row.category };
        let known = self.groups.len() as u32;
        let number = *self.numbers.entry(group.clone()).or_insert(known);
        if number == known {
            self.groups.push(group.clone());
        }
        self.places.insert(row.id, self.judged.len() as u32);
        self.judged.push(Judged { group: number, is_ad: Some(row.is_ad), scores });
        let wrong = if row.is_ad { scores[0] < ASK_FROM } else { scores[0] >= ASK_FROM };
        if wrong {
            let text = one_line(&row.text, SHOWN_AT_MOST);
            let worst = Worst { weight: scores[0], logit: scores[1], source: group.source, text };
            let (list, sign) = if row.is_ad { (&mut self.missed, 1.0) } else { (&mut self.flagged, -1.0) };
            list.push(worst);
            list.sort_by(|a, b| (sign * a.logit).total_cmp(&(sign * b.logit)));
            list.truncate(WORST);
        }
    }

    pub fn group(&self, judged: &Judged) -> &Group {
        &self.groups[judged.group as usize]
    }

    /// The message with this id.
    pub fn by_id(&self, id: &str) -> Option<&Judged> {
        self.judged.get(*self.places.get(id)? as usize)
    }

    /// Corrects a label, or leaves the message out where nobody can tell.
    pub fn audit(&mut self, id: &str, is_ad: Option<bool>) {
        if let Some(judged) = self.places.get(id).and_then(|&place| self.judged.get_mut(place as usize)) {
            judged.is_ad = is_ad;
        }
    }
}

/// The weight from which the bot acts.
pub const ACT_FROM: f32 = AD_FROM;
