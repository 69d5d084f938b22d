//! What everything is compared with: the plainest model that works at all. Compatibility forms and lower case, letters
//! alone, grams of one to three of them, logistic regression on the rows that it is given and nothing else.

use unicode_normalization::UnicodeNormalization;

use crate::text::is_letter;
use crate::training::{Random, Row};

const SLOTS: usize = 1 << 20;
const PASSES: usize = 8;
const RATE: f32 = 0.25;
const FIRST_SQUARE: f32 = 0.01;
const SEED: u64 = 1;

/// Longer texts are cut: they teach nothing more, and cost.
const LETTERS_AT_MOST: usize = 500;

#[derive(Debug)]
pub struct Baseline {
    weights: Vec<f32>,
    bias: f32,
}

impl Baseline {
    /// The same rows give the same baseline.
    pub fn train(rows: &[Row]) -> Self {
        let examples: Vec<(Vec<u32>, f32)> =
            rows.iter().map(|row| (slots(&row.text), f32::from(u8::from(row.is_ad)))).collect();
        let mut order: Vec<usize> = (0..examples.len()).collect();
        let mut baseline = Self { weights: vec![0.0; SLOTS], bias: 0.0 };
        let mut squares = vec![FIRST_SQUARE; SLOTS];
        let mut random = Random::new(SEED);
        for _ in 0..PASSES {
            random.shuffle(&mut order);
            for &nth in &order {
                let (slots, target) = &examples[nth];
                baseline.step(slots, *target, &mut squares);
            }
        }
        baseline
    }

    fn step(&mut self, slots: &[u32], target: f32, squares: &mut [f32]) {
        let error = 1.0 / (1.0 + (-self.logit(slots)).exp()) - target;
        let gradient = error * value(slots);
        for &slot in slots {
            let square = &mut squares[slot as usize];
            *square += gradient * gradient;
            self.weights[slot as usize] -= RATE * gradient / square.sqrt();
        }
        self.bias -= RATE * error * 0.1;
    }

    /// Above 0 it takes the text for an advertisement rather than not.
    pub fn score(&self, text: &str) -> f32 {
        self.logit(&slots(text))
    }

    fn logit(&self, slots: &[u32]) -> f32 {
        let sum: f32 = slots.iter().map(|&slot| self.weights[slot as usize]).sum();
        self.bias + sum * value(slots)
    }
}

fn value(slots: &[u32]) -> f32 {
    1.0 / (slots.len().max(1) as f32).sqrt()
}

/// Each gram of a text once, as a slot.
fn slots(text: &str) -> Vec<u32> {
    let letters: Vec<char> =
        text.nfkc().flat_map(char::to_lowercase).filter(|&c| is_letter(c)).take(LETTERS_AT_MOST).collect();
    let mut slots: Vec<u32> = (1..=3).flat_map(|length| letters.windows(length)).map(slot).collect();
    slots.sort_unstable();
    slots.dedup();
    slots
}

/// FNV-1a over the code points, folded to the table.
fn slot(gram: &[char]) -> u32 {
    let hash = gram.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, &c| {
        (hash ^ u64::from(u32::from(c))).wrapping_mul(0x0100_0000_01b3)
    });
    ((hash ^ (hash >> 32)) & (SLOTS as u64 - 1)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn learns_from_its_rows_alone() {
        let row = |text: &str, is_ad| Row {
            id: String::new(),
            is_ad,
            category: String::new(),
            source: String::new(),
            text: text.to_owned(),
        };
        let rows =
            [row("刷单日结", true), row("兼职日结", true), row("苹果多少钱", false), row("到货了吗", false)];
        let baseline = Baseline::train(&rows);
        assert!(baseline.score("ＶＩＰ，日-结") > baseline.score("苹果到货了"));
        assert_eq!(baseline.score(""), baseline.bias);
    }
}
