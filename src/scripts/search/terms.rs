//! The keywords and titles of all scripts that staff may find.

use std::borrow::Borrow;
use std::collections::HashMap;

use super::alphabet::{Alphabet, Sound};
use super::how::Field;
use crate::scripts::Script;
use crate::scripts::postings::{Postings, hash};
use crate::text::matching_key;

/// All of them: first the keywords, then the titles, both in the order of the scripts.
#[derive(Debug, Default)]
pub struct Terms {
    pub alphabet: Alphabet,
    /// Which script each is of.
    scripts: Vec<u32>,
    /// Where the letters of each end.
    ends: Vec<u32>,
    /// How many are keywords.
    keywords: usize,
    /// The letters of all terms, one behind the other, by their numbers in the alphabet.
    letters: Vec<u32>,
    /// Matching key → terms.
    by_key: HashMap<Box<str>, Vec<u32>>,
    grams: Postings,
}

/// A library has fewer letters than this can count: the files' check limits files, and memory does.
fn counted(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// What a term is found by.
pub enum Gram {
    /// A letter's number.
    Letter(u32),
    /// Two neighbouring letters by their sounds.
    Sounds(Sound, Sound),
    /// Two neighbouring letters by what typing them begins with.
    Initials(u32, u32),
    /// The same of the first two.
    FirstInitials(u32, u32),
    /// The first letter by its sound.
    First(Sound),
}

impl Gram {
    pub fn hash(&self) -> u32 {
        // A number has 32 bits, a character 21, a packed sound 49: the top bits tell the kinds apart.
        match *self {
            Self::Letter(number) => hash(u64::from(number)),
            Self::Sounds(one, other) => {
                hash(one.packed.wrapping_mul(0xd1b5_4a32_d192_ed03).wrapping_add(other.packed))
            }
            Self::Initials(one, other) => hash(1 << 62 | u64::from(one) << 32 | u64::from(other)),
            Self::FirstInitials(one, other) => hash(1 << 61 | u64::from(one) << 32 | u64::from(other)),
            Self::First(sound) => hash(1 << 63 | sound.packed),
        }
    }
}

impl Terms {
    /// Scripts without triggers are the bot's own and never found.
    pub fn new(scripts: &[impl Borrow<Script>]) -> Self {
        let mut terms = Self::default();
        let scripts = || scripts.iter().map(Borrow::borrow);
        let findable =
            || scripts().enumerate().filter(|(_, script): &(usize, &Script)| !script.triggers.is_empty());
        for (nth, script) in findable() {
            script.triggers.iter().for_each(|trigger| terms.add(nth, trigger));
        }
        terms.keywords = terms.scripts.len();
        for (nth, script) in findable() {
            terms.add(nth, &script.title);
        }
        terms.grams = Postings::new(&terms.all_grams());
        terms
    }

    fn add(&mut self, script: usize, text: &str) {
        let key = matching_key(text);
        for character in key.chars() {
            let number = self.alphabet.add(character);
            self.letters.push(number);
        }
        let nth = self.len();
        self.by_key.entry(key.into()).or_default().push(nth);
        self.scripts.push(counted(script));
        self.ends.push(counted(self.letters.len()));
    }

    fn all_grams(&self) -> Vec<(u32, u32)> {
        let mut grams = Vec::new();
        for nth in 0..self.len() {
            let letters = self.letters(nth);
            let sounds = |letter: u32| self.alphabet.sounds(letter).iter().copied();
            let mut add = |gram: Gram| grams.push((gram.hash(), nth));
            letters.iter().for_each(|&letter| add(Gram::Letter(letter)));
            for (at, pair) in letters.windows(2).enumerate() {
                for one in sounds(pair[0]) {
                    for other in sounds(pair[1]) {
                        add(Gram::Sounds(one, other));
                        add(Gram::Initials(one.initial, other.initial));
                        if at == 0 {
                            add(Gram::FirstInitials(one.initial, other.initial));
                        }
                    }
                }
            }
            letters
                .first()
                .into_iter()
                .flat_map(|&letter| sounds(letter))
                .for_each(|sound| add(Gram::First(sound)));
        }
        grams
    }

    pub fn len(&self) -> u32 {
        counted(self.scripts.len())
    }

    /// Which script of the library it is of.
    pub fn script(&self, nth: u32) -> usize {
        self.scripts[nth as usize] as usize
    }

    pub fn field(&self, nth: u32) -> Field {
        if (nth as usize) < self.keywords { Field::Keyword } else { Field::Title }
    }

    pub fn letters(&self, nth: u32) -> &[u32] {
        let nth = nth as usize;
        let start = nth.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.letters[start as usize..self.ends[nth] as usize]
    }

    /// The matching key itself.
    pub fn key(&self, nth: u32) -> String {
        self.letters(nth).iter().map(|&number| self.alphabet.character(number)).collect()
    }

    /// The terms with exactly this matching key, keywords first.
    pub fn exactly(&self, key: &str) -> &[u32] {
        self.by_key.get(key).map(Vec::as_slice).unwrap_or_default()
    }

    /// The terms that may hold the gram, keywords first.
    pub fn holding(&self, gram: &Gram) -> &[u32] {
        self.grams.of(gram.hash())
    }
}
