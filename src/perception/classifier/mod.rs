//! The trained classifier: how much a message is written like an outsider's advertisement.
//!
//! One linear model over hashed grams ([`grams`]) and a few flags ([`shape`]), one signed byte a weight. It looks at
//! the folded characters and letters alone, allocates nothing to score, and takes bounded time for any text. How it
//! was made and what it can do stands in `docs/moderation.md`.

mod calibration;
mod explain;
mod file;
pub mod grams;
pub mod shape;
pub(super) mod sounds;
mod windows;

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

pub use calibration::Calibration;
pub use file::ModelError;
pub use grams::SLOTS;
pub use shape::FLAGS;

/// A trained model; 1 MiB.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// One weight for each of the [`SLOTS`], in units of `scale`: the bits of a signed byte, as a file has them.
    table: Cow<'static, [u8]>,
    scale: f32,
    bias: f32,
    flags: [f32; FLAGS],
    calibration: Calibration,
}

/// The model that ships inside the binary. A test reads it; should it still be unreadable, there is none and
/// messages are judged by the other signals.
pub fn shipped() -> Option<Arc<Model>> {
    static SHIPPED: LazyLock<Option<Arc<Model>>> =
        LazyLock::new(|| Model::from_program(include_bytes!("shipped.model")).ok().map(Arc::new));
    SHIPPED.clone()
}

impl Model {
    /// A model of weights as they were trained, rounded to bytes. Weights beyond `range` are cut to it: a few
    /// rare grams would else take the precision of all others.
    pub fn quantised(
        weights: &[f32],
        range: f32,
        bias: f32,
        flags: [f32; FLAGS],
        calibration: Calibration,
    ) -> Self {
        let scale = range / f32::from(i8::MAX);
        let limit = f32::from(i8::MAX);
        let mut table = vec![0; SLOTS];
        for (slot, weight) in table.iter_mut().zip(weights) {
            *slot = ((weight / scale).round().clamp(-limit, limit) as i8).cast_unsigned();
        }
        Self { table: table.into(), scale, bias, flags, calibration }
    }

    pub fn calibration(&self) -> Calibration {
        self.calibration
    }

    #[must_use]
    pub fn with_calibration(self, calibration: Calibration) -> Self {
        Self { calibration, ..self }
    }

    /// The logit of a message: above 0 it looks more like the advertisements of the training than like the rest.
    /// `symbols` are the folded characters, `letters` the letters and digits among them. A long text has the
    /// logit of its strongest part.
    pub fn score(&self, symbols: &[char], letters: &[char]) -> f32 {
        windows::score(self, symbols, letters)
    }

    /// How much a logit speaks for an advertisement, see [`Calibration::weight_of`].
    pub fn weight_of(&self, logit: f32) -> f32 {
        self.calibration.weight_of(logit)
    }

    /// How probable an advertisement is, see [`Calibration::probability`].
    pub fn probability(&self, logit: f32) -> f32 {
        self.calibration.probability(logit)
    }

    /// The same model with these changes of slots' weights; what a byte cannot hold is cut.
    #[must_use]
    pub fn overlaid(&self, changes: impl Iterator<Item = (usize, f32)>) -> Self {
        let mut table = self.table.to_vec();
        let limit = f32::from(i8::MAX);
        for (slot, change) in changes {
            let weight = f32::from(table[slot].cast_signed()) + change / self.scale;
            table[slot] = (weight.round().clamp(-limit, limit) as i8).cast_unsigned();
        }
        let Self { scale, bias, flags, calibration, .. } = *self;
        Self { table: table.into(), scale, bias, flags, calibration }
    }

    fn logit(&self, symbols: &[char], letters: &[char]) -> f32 {
        let mut sum = 0_i32;
        let count =
            grams::each(symbols, letters, |gram| sum += i32::from(self.table[gram.slot].cast_signed()));
        let mut logit = self.bias + sum as f32 * self.scale * gram_value(count);
        let mut rest = shape::of(symbols, letters);
        while rest != 0 {
            logit += self.flags[rest.trailing_zeros() as usize];
            rest &= rest - 1;
        }
        logit
    }

    fn weight(&self, slot: usize) -> f32 {
        f32::from(self.table[slot].cast_signed()) * self.scale
    }
}

/// What each gram of a message with so many of them counts, so that long messages are not louder than short ones.
pub fn gram_value(count: usize) -> f32 {
    1.0 / (count.max(1) as f32).sqrt()
}

#[cfg(test)]
mod tests;
