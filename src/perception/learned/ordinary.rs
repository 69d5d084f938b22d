//! How ordinary each gram is: in how many honest messages of the training it stands. Ships with the classifier, made by
//! `zhanggui train` from the same material.

use std::sync::LazyLock;

use crate::perception::classifier::SLOTS;
use crate::perception::classifier::grams::{self, View};

/// Two slots a byte.
const BYTES: usize = SLOTS / 2;

/// A level is the number of binary digits of a count, so the highest stands for 16 384 messages and more.
const LEVELS: usize = 16;

/// A gram of so many honest messages moves half as far as one of none.
const HALF_AT: f32 = 10.0;

/// A text in which no gram of letters stands in fewer honest messages is everyday talk.
const EVERYDAY_FROM: u8 = 5;

/// In how many honest messages the gram of each slot stands, as levels; 512 KiB.
#[derive(Clone, Debug, PartialEq)]
pub struct Ordinary {
    levels: Box<[u8]>,
    rates: [f32; LEVELS],
}

impl Ordinary {
    /// What ships inside the binary.
    pub fn shipped() -> &'static Self {
        static BUILT_IN: &[u8; BYTES] = include_bytes!("ordinary.table");
        static SHIPPED: LazyLock<Ordinary> =
            LazyLock::new(|| Ordinary::from_levels(BUILT_IN.as_slice().into()));
        &SHIPPED
    }

    fn from_levels(levels: Box<[u8]>) -> Self {
        let rate = |level: usize| {
            // The middle of what the level stands for.
            let count = if level == 0 { 0.0 } else { 0.75 * (1_u32 << level) as f32 };
            1.0 / (1.0 + count / HALF_AT)
        };
        Self { levels, rates: std::array::from_fn(rate) }
    }

    /// From how many honest messages each slot was touched by.
    pub fn of_counts(counts: &[u32]) -> Self {
        let level = |count: Option<&u32>| {
            let digits = u32::BITS - count.copied().unwrap_or_default().leading_zeros();
            digits.min(LEVELS as u32 - 1) as u8
        };
        let byte = |at: usize| level(counts.get(2 * at)) | level(counts.get(2 * at + 1)) << 4;
        Self::from_levels((0..BYTES).map(byte).collect())
    }

    /// What [`Ordinary::shipped`] reads.
    pub fn to_bytes(&self) -> &[u8] {
        &self.levels
    }

    /// How far a gram's weight may move, from 1 for what no honest message holds down to nearly 0.
    pub fn rate(&self, slot: u32) -> f32 {
        self.rates[usize::from(self.level(slot as usize))]
    }

    /// Whether each gram of these letters stands in many honest messages.
    pub fn is_everyday(&self, letters: &[char]) -> bool {
        let mut everyday = true;
        grams::each(&[], letters, |gram| {
            everyday &= gram.view != View::Letters || self.level(gram.slot) >= EVERYDAY_FROM;
        });
        everyday
    }

    fn level(&self, slot: usize) -> u8 {
        self.levels[slot / 2] >> (slot % 2 * 4) & 0xf
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_binary_digits_of_the_count() {
        let ordinary = Ordinary::of_counts(&[0, 1, 2, 7, 8, 1 << 13, 1 << 20]);
        let levels: Vec<u8> = (0..8).map(|slot| ordinary.level(slot)).collect();
        assert_eq!(levels, [0, 1, 2, 3, 4, 14, 15, 0]);
        assert_eq!(ordinary.rate(0), 1.0);
        assert!(ordinary.rate(6) < 0.001);
        assert_eq!(Ordinary::from_levels(ordinary.to_bytes().into()), ordinary);
    }

    /// The shipped table fits the shipped model's grams: it would say nothing of these otherwise.
    #[test]
    fn the_shipped_table_knows_what_people_say() {
        let letters = |text: &str| text.chars().collect::<Vec<char>>();
        let ordinary = Ordinary::shipped();
        for text in ["你好", "谢谢", "好的", "哈哈哈"] {
            assert!(ordinary.is_everyday(&letters(text)), "{text}");
        }
        for text in ["首冲宋28", "日结丝我"] {
            assert!(!ordinary.is_everyday(&letters(text)), "{text}");
        }
    }
}
