//! Logistic regression by stochastic gradient descent, with a step of its own for every weight (AdaGrad: Duchi,
//! Hazan and Singer, 2011) and the mean of the later passes as the result.

use crate::perception::classifier::{FLAGS, Model, SLOTS, gram_value, grams, shape};
use crate::text::Folded;

/// A message as the learner takes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    symbols: Box<[char]>,
    letters: Box<[char]>,
    is_ad: bool,
    /// How much this message counts; 1 is usual.
    weight: f32,
}

/// What is longer teaches nothing more, and costs.
const SYMBOLS_AT_MOST: usize = 200;

impl Example {
    pub fn new(text: &str, is_ad: bool, weight: f32) -> Self {
        let symbols: Box<[char]> = Folded::new(text).chars.into_iter().take(SYMBOLS_AT_MOST).collect();
        let letters = symbols.iter().copied().filter(|&c| crate::text::is_letter(c)).collect();
        Self { symbols, letters, is_ad, weight }
    }

    pub fn is_ad(&self) -> bool {
        self.is_ad
    }

    /// The slots of its grams, each once.
    pub fn slots(&self) -> Vec<usize> {
        let mut slots = Vec::new();
        grams::each(&self.symbols, &self.letters, |gram| slots.push(gram.slot));
        slots.sort_unstable();
        slots.dedup();
        slots
    }

    /// The logit that a finished model gives it.
    pub fn score_by(&self, model: &Model) -> f32 {
        model.score(&self.symbols, &self.letters)
    }
}

/// Weights on their way.
#[derive(Clone, Debug)]
pub struct Learner {
    now: Weights,
    /// Sums of squared gradients.
    squares: Weights,
    /// Sum of the weights at the end of each pass that counts.
    sum: Weights,
    passes: f32,
    rate: f32,
    decay: f32,
}

/// One number for each slot, each flag, and the bias.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    pub table: Vec<f32>,
    pub flags: [f32; FLAGS],
    pub bias: f32,
}

impl Weights {
    fn all(value: f32) -> Self {
        Self { table: vec![value; SLOTS], flags: [value; FLAGS], bias: value }
    }

    fn each_mut(&mut self) -> impl Iterator<Item = &mut f32> {
        self.table.iter_mut().chain(&mut self.flags).chain(std::iter::once(&mut self.bias))
    }

    fn each(&self) -> impl Iterator<Item = &f32> {
        self.table.iter().chain(&self.flags).chain(std::iter::once(&self.bias))
    }

    /// The logit of an example, before rounding.
    pub fn score(&self, example: &Example) -> f32 {
        let mut sum = 0.0;
        let count = grams::each(&example.symbols, &example.letters, |gram| sum += self.table[gram.slot]);
        let flags = shape::of(&example.symbols, &example.letters);
        let flagged: f32 = each_bit(flags).map(|flag| self.flags[flag]).sum();
        self.bias + sum * gram_value(count) + flagged
    }
}

fn each_bit(bits: u32) -> impl Iterator<Item = usize> {
    (0..FLAGS).filter(move |&bit| bits >> bit & 1 == 1)
}

/// Keeps the first steps of a weight from being huge.
const FIRST_SQUARE: f32 = 0.01;

impl Learner {
    /// `rate` is the length of a step, `decay` the share of a weight that each of its steps takes back.
    pub fn new(rate: f32, decay: f32) -> Self {
        let zero = Weights::all(0.0);
        Self { now: zero.clone(), squares: Weights::all(FIRST_SQUARE), sum: zero, passes: 0.0, rate, decay }
    }

    /// Goes through the examples once, in their order; `counts` when the result is part of the mean.
    pub fn pass(&mut self, examples: &[Example], counts: bool) {
        for example in examples {
            self.step(example);
        }
        if counts {
            self.sum.each_mut().zip(self.now.each()).for_each(|(sum, now)| *sum += now);
            self.passes += 1.0;
        }
    }

    fn step(&mut self, example: &Example) {
        let target = f32::from(u8::from(example.is_ad));
        let score = self.now.score(example);
        let error = example.weight * (1.0 / (1.0 + (-score).exp()) - target);
        let Self { now, squares, rate, decay, .. } = self;
        let step = |weight: &mut f32, square: &mut f32, value: f32| {
            let gradient = error * value + *decay * *weight;
            *square += gradient * gradient;
            *weight -= *rate * gradient / square.sqrt();
        };
        let count = grams::each(&example.symbols, &example.letters, |_| {});
        let value = gram_value(count);
        grams::each(&example.symbols, &example.letters, |gram| {
            step(&mut now.table[gram.slot], &mut squares.table[gram.slot], value);
        });
        for flag in each_bit(shape::of(&example.symbols, &example.letters)) {
            step(&mut now.flags[flag], &mut squares.flags[flag], 1.0);
        }
        step(&mut now.bias, &mut squares.bias, 1.0);
    }

    /// The mean over the passes that counted.
    pub fn finish(mut self) -> Weights {
        let passes = self.passes.max(1.0);
        self.sum.each_mut().for_each(|sum| *sum /= passes);
        self.sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn learns_what_tells_the_two_apart() {
        let examples: Vec<Example> = ["刷单日结", "兼职日结"]
            .into_iter()
            .map(|text| Example::new(text, true, 1.0))
            .chain(["苹果多少钱", "今天到货吗"].into_iter().map(|text| Example::new(text, false, 1.0)))
            .collect();
        let mut learner = Learner::new(0.3, 0.0);
        for pass in 0..20 {
            learner.pass(&examples, pass >= 10);
        }
        let weights = learner.finish();
        assert!(weights.score(&Example::new("打字日结", true, 1.0)) > 0.0);
        assert!(weights.score(&Example::new("今天多少钱", false, 1.0)) < 0.0);
    }

    #[test]
    fn a_learner_without_passes_knows_nothing() {
        assert_eq!(Learner::new(0.3, 0.0).finish(), Weights::all(0.0));
    }
}
