//! The memory of texts: which taught text a message is nearly the same as.
//!
//! Texts are compared by how they sound, without digits and without Latin letters that spell nothing, as the number and
//! the id behind an advertisement change from copy to copy (trick 29 of the catalogue). Of each taught text its
//! rarest triples of sounds are indexed; a message that holds two of them is compared with the text by pairs of
//! sounds. A map of bits answers for all messages that hold none, which are nearly all.

use std::collections::{HashMap, HashSet, VecDeque};

use super::TEXTS_AT_MOST;
use super::hashing::Build;
use crate::perception::classifier::sounds;
use crate::text::fingerprint;

/// So much of a message is looked at; an advertisement that begins later is left to the classifier.
pub const LETTERS_LOOKED_AT: usize = 200;

/// Texts with fewer sounds must be the same letter by letter: 加我 and 假我 are not nearly the same.
const SOUNDS_AT_LEAST: usize = 4;

/// So many triples of a text are indexed. An edited letter takes up to three of them; a text in which more is edited
/// is not nearly the same, so one in four sounds of a message must begin or end in one, up to four.
const TRIPLES_INDEXED: usize = 8;
const SOUNDS_FOR_A_TRIPLE: usize = 4;
const TRIPLES_TO_MATCH: std::ops::RangeInclusive<usize> = 2..=4;

/// A message is nearly the same when it has this share of the taught text's pairs, and consists of them to this share:
/// copies get tails more often than they lose parts.
const SHARE_OF_TAUGHT: f32 = 0.75;
const SHARE_OF_MESSAGE: f32 = 0.5;

/// A message is compared with at most so many texts; those that share most of their triples are found first.
const COMPARED_AT_MOST: usize = 16;

/// Bits of the map: 256 KiB, of which 50 000 texts set a fifth.
const BITS: usize = 1 << 21;

/// Stands for one text in all of its copies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key(u64);

impl Key {
    /// None for a message without letters.
    pub fn of(letters: &[char]) -> Option<Self> {
        let (mut hash, mut count) = (0_u64, 0);
        each_sound(letters, |sound| {
            hash = mixed(hash ^ u64::from(sound));
            count += 1;
        });
        match count {
            _ if letters.is_empty() => None,
            0..SOUNDS_AT_LEAST => Some(Self(fingerprint(&letters.iter().collect::<String>()))),
            _ => Some(Self(hash)),
        }
    }
}

/// Visits the sounds that a text is told by.
fn each_sound(letters: &[char], mut visit: impl FnMut(u32)) {
    let looked_at = &letters[..letters.len().min(LETTERS_LOOKED_AT)];
    sounds::each(looked_at, |sound, _| {
        if sound > u32::from(u8::MAX) {
            visit(sound);
        }
    });
}

/// Visits each three neighbouring sounds as a hash; returns how many sounds there are.
fn each_triple(letters: &[char], mut visit: impl FnMut(u32)) -> usize {
    let (mut before, mut last, mut count) = (0_u32, 0_u32, 0);
    each_sound(letters, |sound| {
        count += 1;
        if count >= 3 {
            let pair = mixed(u64::from(before) << 32 | u64::from(last));
            visit((mixed(pair ^ u64::from(sound)) >> 32) as u32);
        }
        (before, last) = (last, sound);
    });
    count
}

/// The pairs of neighbouring sounds as hashes, sorted, each once.
fn pairs(letters: &[char]) -> Box<[u32]> {
    let mut pairs = Vec::new();
    let mut last = None;
    each_sound(letters, |sound| {
        if let Some(last) = last.replace(sound) {
            pairs.push((mixed(u64::from(last) << 32 | u64::from(sound)) >> 32) as u32);
        }
    });
    pairs.sort_unstable();
    pairs.dedup();
    pairs.into()
}

/// Spreads the bits of a number over all 64, after MurmurHash3.
fn mixed(number: u64) -> u64 {
    let number = (number ^ (number >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    number ^ (number >> 33)
}

/// A taught text.
#[derive(Clone, Debug, PartialEq)]
struct Entry {
    key: Key,
    pairs: Box<[u32]>,
    triples: Box<[u32]>,
}

/// All taught texts, the oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Near {
    entries: VecDeque<Entry>,
    /// The number of the first entry.
    first: u32,
    known: HashSet<Key, Build>,
    /// By triple: the numbers of the entries.
    index: HashMap<u32, Vec<u32>, Build>,
    bits: Box<[u64]>,
}

impl Near {
    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Remembers a text; returns the oldest one when it had to go. A known one stays where it is.
    pub fn add(&mut self, key: Key, letters: &[char]) -> Option<Key> {
        if !self.known.insert(key) {
            return None;
        }
        let number = self.first + self.entries.len() as u32;
        let triples = self.rarest_triples(letters);
        if self.bits.is_empty() {
            self.bits = vec![0; BITS / 64].into();
        }
        for &triple in &triples {
            self.index.entry(triple).or_default().push(number);
            let (word, bit) = place(triple);
            self.bits[word] |= bit;
        }
        self.entries.push_back(Entry { key, pairs: pairs(letters), triples });
        if self.entries.len() > TEXTS_AT_MOST { self.forget_oldest() } else { None }
    }

    /// Their bits stay: they cost a look-up, and go with the next start.
    fn forget_oldest(&mut self) -> Option<Key> {
        let oldest = self.entries.pop_front()?;
        for triple in &oldest.triples {
            if let Some(numbers) = self.index.get_mut(triple) {
                numbers.retain(|&number| number != self.first);
            }
        }
        self.index.retain(|triple, numbers| !oldest.triples.contains(triple) || !numbers.is_empty());
        self.first += 1;
        self.known.remove(&oldest.key);
        Some(oldest.key)
    }

    /// Those that the fewest texts have, so that no list grows long.
    fn rarest_triples(&self, letters: &[char]) -> Box<[u32]> {
        let mut triples = Vec::new();
        if each_triple(letters, |triple| triples.push(triple)) < SOUNDS_AT_LEAST {
            return Box::default();
        }
        triples.sort_unstable();
        triples.dedup();
        triples.sort_by_cached_key(|triple| self.index.get(triple).map_or(0, Vec::len));
        triples.truncate(TRIPLES_INDEXED);
        triples.into()
    }

    /// The taught text that these letters are nearly the same as, the nearest first.
    pub fn find(&self, letters: &[char]) -> Option<Key> {
        let mut hits = 0;
        let sounds = each_triple(letters, |triple| hits += usize::from(self.may_hold(triple)));
        let the_same = || Key::of(letters).filter(|key| self.known.contains(key));
        if sounds < SOUNDS_AT_LEAST {
            return the_same();
        }
        let needed = (sounds / SOUNDS_FOR_A_TRIPLE).clamp(*TRIPLES_TO_MATCH.start(), *TRIPLES_TO_MATCH.end());
        if hits < needed { None } else { the_same().or_else(|| self.nearest(letters, needed)) }
    }

    fn may_hold(&self, triple: u32) -> bool {
        let (word, bit) = place(triple);
        self.bits.get(word).is_some_and(|bits| bits & bit != 0)
    }

    fn nearest(&self, letters: &[char], needed: usize) -> Option<Key> {
        let mut candidates = [(0_u32, 0_usize); COMPARED_AT_MOST];
        let mut count = 0;
        each_triple(letters, |triple| {
            if !self.may_hold(triple) {
                return;
            }
            for &number in self.index.get(&triple).map_or(&[][..], Vec::as_slice) {
                match candidates[..count].iter_mut().find(|candidate| candidate.0 == number) {
                    Some(candidate) => candidate.1 += 1,
                    None if count < COMPARED_AT_MOST => {
                        candidates[count] = (number, 1);
                        count += 1;
                    }
                    None => {}
                }
            }
        });
        let likely = || candidates[..count].iter().filter(|candidate| candidate.1 >= needed);
        likely().next()?;
        let pairs = pairs(letters);
        likely()
            .filter_map(|candidate| self.entries.get((candidate.0 - self.first) as usize))
            .filter_map(|entry| Some((nearness(&entry.pairs, &pairs)?, entry.key)))
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, key)| key)
    }
}

fn place(triple: u32) -> (usize, u64) {
    let bit = triple as usize % BITS;
    (bit / 64, 1 << (bit % 64))
}

/// The share of all pairs that both have, if it is enough.
fn nearness(taught: &[u32], message: &[u32]) -> Option<f32> {
    let shared = taught.iter().filter(|pair| message.binary_search(pair).is_ok()).count() as f32;
    let enough =
        shared >= SHARE_OF_TAUGHT * taught.len() as f32 && shared >= SHARE_OF_MESSAGE * message.len() as f32;
    enough.then(|| shared / (taught.len() + message.len()) as f32)
}
