//! Logistic regression by stochastic gradient descent, with a step of its own for every weight (AdaGrad: Duchi,
//! Hazan and Singer, 2011), grams left out by chance (dropout: Srivastava and others, 2014) and the mean of the
//! later passes as the result.

use super::plan::Plan;
use super::random::Random;
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
    dropout: usize,
    random: Random,
    /// The slots of the example at hand, as often as its grams stand in them.
    slots: Vec<usize>,
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

    /// The logit of grams in these slots, before rounding.
    fn score(&self, slots: &[usize], value: f32, flags: u32) -> f32 {
        let sum: f32 = slots.iter().map(|&slot| self.table[slot]).sum();
        let flagged: f32 = each_bit(flags).map(|flag| self.flags[flag]).sum();
        self.bias + sum * value + flagged
    }
}

fn each_bit(bits: u32) -> impl Iterator<Item = usize> {
    (0..FLAGS).filter(move |&bit| bits >> bit & 1 == 1)
}

/// Keeps the first steps of a weight from being huge.
const FIRST_SQUARE: f32 = 0.01;

impl Learner {
    /// Knows nothing yet.
    pub fn new(plan: &Plan) -> Self {
        let zero = Weights::all(0.0);
        Self {
            now: zero.clone(),
            squares: Weights::all(FIRST_SQUARE),
            sum: zero,
            passes: 0.0,
            rate: plan.rate,
            decay: plan.decay,
            dropout: plan.dropout,
            random: Random::for_part(plan.seed, "dropout"),
            slots: Vec::new(),
        }
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
        let value = self.choose(example);
        let Self { now, squares, slots, rate, decay, .. } = self;
        let flags = shape::of(&example.symbols, &example.letters);
        let score = now.score(slots, value, flags);
        let target = f32::from(u8::from(example.is_ad));
        let error = example.weight * (1.0 / (1.0 + (-score).exp()) - target);
        let step = |weight: &mut f32, square: &mut f32, value: f32| {
            let gradient = error * value + *decay * *weight;
            *square += gradient * gradient;
            *weight -= *rate * gradient / square.sqrt();
        };
        for &slot in &*slots {
            step(&mut now.table[slot], &mut squares.table[slot], value);
        }
        for flag in each_bit(flags) {
            step(&mut now.flags[flag], &mut squares.flags[flag], 1.0);
        }
        step(&mut now.bias, &mut squares.bias, 1.0);
    }

    /// Puts those grams of an example into `slots` that take part in this step; what each of them counts, so that
    /// the sum is as loud as with all.
    fn choose(&mut self, example: &Example) -> f32 {
        let Self { slots, random, dropout, .. } = self;
        slots.clear();
        let count = grams::each(&example.symbols, &example.letters, |gram| {
            if !random.percent(*dropout) {
                slots.push(gram.slot);
            }
        });
        gram_value(count) * 100.0 / (100 - *dropout) as f32
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

    fn examples() -> Vec<Example> {
        let ads = ["刷单日结", "兼职日结"].map(|text| Example::new(text, true, 1.0));
        let talk = ["苹果多少钱", "今天到货吗"].map(|text| Example::new(text, false, 1.0));
        ads.into_iter().chain(talk).collect()
    }

    fn learned(plan: &Plan) -> Weights {
        let mut learner = Learner::new(plan);
        for pass in 0..20 {
            learner.pass(&examples(), pass >= 10);
        }
        learner.finish()
    }

    fn logit(weights: &Weights, text: &str) -> f32 {
        let Example { symbols, letters, .. } = Example::new(text, true, 1.0);
        let mut slots = Vec::new();
        let count = grams::each(&symbols, &letters, |gram| slots.push(gram.slot));
        weights.score(&slots, gram_value(count), shape::of(&symbols, &letters))
    }

    #[test]
    fn learns_what_tells_the_two_apart() {
        for dropout in [0, 50] {
            let weights = learned(&Plan { dropout, ..Plan::default() });
            assert!(logit(&weights, "打字日结") > 0.0, "{dropout}");
            assert!(logit(&weights, "今天多少钱") < 0.0, "{dropout}");
        }
    }

    #[test]
    fn what_is_left_out_makes_up_for_itself_and_goes_by_the_seed() {
        let plan = Plan { dropout: 50, ..Plan::default() };
        let example = Example::new(&"苹果今天到货吗".repeat(20), false, 1.0);
        let (mut some, mut all) = (Learner::new(&plan), Learner::new(&Plan { dropout: 0, ..plan.clone() }));
        let loud = |learner: &mut Learner| learner.choose(&example) * learner.slots.len() as f32;
        let share = loud(&mut some) / loud(&mut all);
        assert!((share - 1.0).abs() < 0.2, "{share}");
        assert!(some.slots.len() < all.slots.len());
        assert_ne!(learned(&plan), learned(&Plan { seed: 1, ..plan }));
    }

    #[test]
    fn a_learner_without_passes_knows_nothing() {
        assert_eq!(Learner::new(&Plan::default()).finish(), Weights::all(0.0));
    }
}
