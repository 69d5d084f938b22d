//! The overlay: changes of the classifier's weights, pulled by taught texts.
//!
//! Each text pulls the weights of its own grams along one direction, by one bounded strength (the passive-aggressive
//! step of Crammer et al., 2006, in its dual form), so a pull can be measured again, or taken back. Grams that
//! honest people use all the time hardly move ([`Ordinary`]): what everybody says must not become suspicious because
//! advertisers say it, too.

use std::collections::HashMap;

use super::hashing::Build;
use super::ordinary::Ordinary;
use crate::perception::classifier::{Model, gram_value, grams};

/// What is longer teaches nothing more, and costs; one window of the classifier.
pub(super) const SYMBOLS_AT_MOST: usize = 96;

/// A taught advertisement shall lie so far above the threshold to act, in logits: its other wordings have half of
/// its grams, and must still be seen.
const AD_MARGIN: f32 = 8.0;
/// And honest text so far below the threshold to ask.
const HONEST_MARGIN: f32 = 0.3;

/// A text so many logits below the threshold to ask is plain talk: when one person alone calls it an advertisement, it
/// is remembered, but its words do not become suspicious. It may be a slip, or malice. Nineteen in twenty honest
/// messages lie below, and one in fifty of the advertisements that the model misses.
const PLAIN_TALK: f32 = 4.0;

/// A text moves its own logit by at most this, about the distance between plain talk and a plain advertisement.
const SHIFT_AT_MOST: f32 = 16.0;

/// How much of a text must not be ordinary for the whole shift; of a text of everyday words alone, grams would have
/// to move far to move it at all.
const GAIN_AT_LEAST: f32 = 0.1;

/// All texts together move a weight by at most this, towards an advertisement by this times the slot's rate: however
/// many texts somebody teaches, what everybody says stays where it is.
const CHANGE_AT_MOST: f32 = 5.0;

/// How one text pulls.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pull {
    pub honest: bool,
    /// Along the text's direction, never below 0.
    pub strength: f32,
}

/// Changes of weights by slot.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Overlay {
    changes: HashMap<u32, f32, Build>,
}

/// What a text consists of: each slot once.
struct Direction {
    /// Slot, value in the logit, and how far it moves for a pull of strength 1.
    parts: Vec<(u32, f32, f32)>,
}

impl Direction {
    /// Only advertisements pull gently at what is ordinary: an honest text says that all of it is.
    fn new(symbols: &[char], letters: &[char], honest: bool) -> Self {
        let mut slots = Vec::with_capacity(symbols.len() * 9);
        let value = gram_value(grams::each(symbols, letters, |gram| slots.push(gram.slot as u32)));
        slots.sort_unstable();
        let ordinary = Ordinary::shipped();
        let parts = slots
            .chunk_by(|a, b| a == b)
            .map(|same| (same[0], same.len() as f32 * value))
            .map(|(slot, value)| (slot, value, if honest { value } else { value * ordinary.rate(slot) }))
            .collect();
        Self { parts }
    }

    /// How far the logit moves for a pull of strength 1.
    fn gain(&self) -> f32 {
        self.parts.iter().map(|(_, value, step)| value * step).sum()
    }
}

impl Overlay {
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    pub fn changes(&self) -> impl Iterator<Item = (usize, f32)> {
        self.changes.keys().map(|&slot| (slot as usize, self.change(slot)))
    }

    /// Whether the model as it was trained is sure that this is talk.
    pub fn is_plain_talk(model: &Model, symbols: &[char], letters: &[char]) -> bool {
        model.score(symbols, letters) < model.calibration().ask - PLAIN_TALK
    }

    /// Pulls as much more, or less, as the text needs to be told as it should, from where it stands with all pulls.
    pub fn pull(&mut self, model: &Model, symbols: &[char], letters: &[char], before: Pull) -> Pull {
        let direction = Direction::new(symbols, letters, before.honest);
        let change: f32 = direction.parts.iter().map(|(slot, value, _)| self.change(*slot) * value).sum();
        let logit = model.score(symbols, letters) + change;
        let calibration = model.calibration();
        let missing = match before.honest {
            false => calibration.act + AD_MARGIN - logit,
            true => logit - (calibration.ask - HONEST_MARGIN),
        };
        let gain = direction.gain().max(GAIN_AT_LEAST);
        let strength = (before.strength + missing / gain).clamp(0.0, SHIFT_AT_MOST / gain);
        self.add(&direction, before.honest, strength - before.strength);
        Pull { strength, ..before }
    }

    /// Takes a pull back.
    pub fn release(&mut self, symbols: &[char], letters: &[char], pull: Pull) {
        self.add(&Direction::new(symbols, letters, pull.honest), pull.honest, -pull.strength);
    }

    /// What the pulls come to, within the bounds.
    fn change(&self, slot: u32) -> f32 {
        let pulled = self.changes.get(&slot).copied().unwrap_or_default();
        pulled.clamp(-CHANGE_AT_MOST, CHANGE_AT_MOST * Ordinary::shipped().rate(slot))
    }

    fn add(&mut self, direction: &Direction, honest: bool, strength: f32) {
        let signed = if honest { -strength } else { strength };
        if signed == 0.0 {
            return;
        }
        for &(slot, _, step) in &direction.parts {
            *self.changes.entry(slot).or_default() += signed * step;
        }
    }
}
