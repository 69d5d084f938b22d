//! The letters of all keywords and titles, numbered, with the ways of typing them.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::text::readings;

/// Stands for a letter that no keyword and no title holds.
pub const UNKNOWN: u32 = u32::MAX;

#[derive(Debug, Default)]
pub struct Alphabet {
    numbers: HashMap<char, u32>,
    letters: Vec<Letter>,
    readings: Vec<&'static str>,
    sounds: Vec<Sound>,
    /// All ways to type one letter as a whole.
    units: HashSet<Vec<u8>>,
    /// All beginnings of them.
    beginnings: HashSet<Vec<u8>>,
}

#[derive(Debug)]
struct Letter {
    character: char,
    readings: Range<u32>,
    sounds: Range<u32>,
}

/// Tells characters from syllables, which have at most six letters of eight bits.
const OTHER: u64 = 1 << 48;

/// How a letter sounds: its syllable, or itself when it is not Chinese.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sound {
    /// The syllable's letters or the character, packed.
    pub packed: u64,
    /// What typing it begins with.
    pub initial: u32,
}

impl Sound {
    /// Of letters a to z: those of a syllable, or one that stands for itself.
    pub fn typed(letters: &[u8]) -> Self {
        let packed = letters.iter().fold(0, |packed, &byte| packed << 8 | u64::from(byte));
        Self { packed, initial: letters.first().copied().map_or(UNKNOWN, u32::from) }
    }

    /// Of a character, at least one.
    pub fn all(character: char, readings: &[&'static str]) -> Vec<Self> {
        if readings.is_empty() {
            let typed = if character.is_ascii_lowercase() { 0 } else { OTHER };
            return vec![Self { packed: typed | u64::from(character), initial: character.into() }];
        }
        readings.iter().map(|reading| Self::typed(reading.as_bytes())).collect()
    }
}

impl Alphabet {
    /// The letter's number; a new one for a new letter.
    pub fn add(&mut self, character: char) -> u32 {
        if let Some(&number) = self.numbers.get(&character) {
            return number;
        }
        let number = length(&self.letters);
        let readings = readings(character);
        readings.iter().for_each(|reading| self.add_unit(reading.as_bytes()));
        if character.is_ascii_lowercase() {
            self.add_unit(&[character as u8]);
        }
        let letter = Letter {
            character,
            sounds: extend(&mut self.sounds, Sound::all(character, &readings)),
            readings: extend(&mut self.readings, readings),
        };
        self.letters.push(letter);
        self.numbers.insert(character, number);
        number
    }

    fn add_unit(&mut self, typed: &[u8]) {
        if self.units.insert(typed.to_vec()) {
            self.beginnings.extend((1..=typed.len()).map(|end| typed[..end].to_vec()));
        }
    }

    /// [`UNKNOWN`] when it is in no keyword and no title.
    pub fn number(&self, character: char) -> u32 {
        self.numbers.get(&character).copied().unwrap_or(UNKNOWN)
    }

    pub fn character(&self, number: u32) -> char {
        self.letters[number as usize].character
    }

    /// The syllables that it may be typed as; none for what is not Chinese.
    pub fn readings(&self, number: u32) -> &[&'static str] {
        &self.readings[span(&self.letters[number as usize].readings)]
    }

    /// At least one.
    pub fn sounds(&self, number: u32) -> &[Sound] {
        &self.sounds[span(&self.letters[number as usize].sounds)]
    }

    /// Whether some letter may be typed as this.
    pub fn is_unit(&self, typed: &[u8]) -> bool {
        self.units.contains(typed)
    }

    /// Whether some letter's typing may begin like this.
    pub fn is_beginning(&self, typed: &[u8]) -> bool {
        self.beginnings.contains(typed)
    }
}

fn extend<T>(all: &mut Vec<T>, more: Vec<T>) -> Range<u32> {
    let start = length(all);
    all.extend(more);
    start..length(all)
}

/// Unicode has fewer characters than this can count.
fn length<T>(all: &[T]) -> u32 {
    u32::try_from(all.len()).unwrap_or(UNKNOWN)
}

fn span(range: &Range<u32>) -> Range<usize> {
    range.start as usize..range.end as usize
}
