//! Many phrases looked for at once.
//!
//! Each phrase is filed under the rarest pair of neighbours in it. A text is read pair by pair: a small filter of bits
//! says at once that nothing is filed under nearly every pair of an honest message, so that most cost a multiplication
//! and a look at memory that stays in the nearest cache. Where something is filed, the phrase is compared.

use std::collections::HashMap;

/// Bits of the filter for each phrase: one pair in sixteen passes without need.
const FILTER_BITS: usize = 16;

/// Some phrases, each with a number of the caller's.
#[derive(Debug, Default)]
pub struct Phrases {
    /// A bit for each hash of a pair, by the hash's leading bits.
    filter: Box<[u64]>,
    /// How far to shift a hash for the filter, and for the shelves.
    filter_shift: u32,
    shelf_shift: u32,
    /// For each of the hash's (fewer) leading bits, where its phrases begin; one more at the end.
    shelves: Box<[u32]>,
    /// By shelf.
    filed: Box<[Filed]>,
    /// The phrases of one character; hardly anybody writes any.
    single: HashMap<char, Vec<u32>>,
    /// All phrases' characters, one after the other.
    chars: Vec<char>,
}

/// A phrase of two characters and more.
#[derive(Clone, Copy, Debug)]
struct Filed {
    /// In [`Phrases::chars`].
    start: u32,
    length: u32,
    /// Which of its characters begins the pair.
    pair: u32,
    number: u32,
}

/// Where a phrase stands: characters of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub number: u32,
    pub start: usize,
    pub end: usize,
}

impl Phrases {
    /// The phrases with their numbers; those without characters are never found.
    pub fn new<'p>(phrases: impl IntoIterator<Item = (&'p [char], u32)>) -> Self {
        let mut made = Self::default();
        let mut waiting: Vec<(u32, u32, u32)> = Vec::new();
        for (phrase, number) in phrases {
            match phrase {
                [] => {}
                &[only] => made.single.entry(only).or_default().push(number),
                _ => {
                    waiting.push((index(made.chars.len()), index(phrase.len()), number));
                    made.chars.extend_from_slice(phrase);
                }
            }
        }
        let rarity = Rarity::of(waiting.iter().map(|&(start, length, _)| made.text(start, length)));
        let mut hashed: Vec<(u64, Filed)> = waiting
            .into_iter()
            .map(|(start, length, number)| {
                let phrase = made.text(start, length);
                let pair = rarity.rarest(phrase);
                (hash(phrase[pair], phrase[pair + 1]), Filed { start, length, pair: index(pair), number })
            })
            .collect();
        hashed.sort_unstable_by_key(|(hash, filed)| (*hash, filed.number));
        made.file(&hashed);
        made.chars.shrink_to_fit();
        made
    }

    /// Puts the phrases on their shelves; they come ordered by hash.
    fn file(&mut self, hashed: &[(u64, Filed)]) {
        if hashed.is_empty() {
            return;
        }
        let shelves = hashed.len().next_power_of_two().max(2);
        let bits = (shelves * FILTER_BITS).max(64);
        self.shelf_shift = u64::BITS - shelves.ilog2();
        self.filter_shift = u64::BITS - bits.ilog2();
        self.filter = vec![0; bits / 64].into();
        for (hash, _) in hashed {
            let bit = hash >> self.filter_shift;
            self.filter[(bit / 64) as usize] |= 1 << (bit % 64);
        }
        let begins =
            |shelf: usize| hashed.partition_point(|(hash, _)| ((hash >> self.shelf_shift) as usize) < shelf);
        self.shelves = (0..=shelves).map(|shelf| index(begins(shelf))).collect();
        self.filed = hashed.iter().map(|(_, filed)| *filed).collect();
    }

    /// Calls `found` for each place of each phrase, in the order of the places of their pairs.
    pub fn find(&self, text: &[char], mut found: impl FnMut(Place)) {
        if !self.single.is_empty() {
            self.find_single(text, &mut found);
        }
        if self.filed.is_empty() {
            return;
        }
        for (at, pair) in text.windows(2).enumerate() {
            let hash = hash(pair[0], pair[1]);
            let bit = hash >> self.filter_shift;
            if self.filter[(bit / 64) as usize] >> (bit % 64) & 1 == 1 {
                self.compare(hash, at, text, &mut found);
            }
        }
    }

    #[cold]
    fn find_single(&self, text: &[char], found: &mut impl FnMut(Place)) {
        for (start, c) in text.iter().enumerate() {
            for &number in self.single.get(c).into_iter().flatten() {
                found(Place { number, start, end: start + 1 });
            }
        }
    }

    fn compare(&self, hash: u64, at: usize, text: &[char], found: &mut impl FnMut(Place)) {
        let shelf = (hash >> self.shelf_shift) as usize;
        let filed = &self.filed[self.shelves[shelf] as usize..self.shelves[shelf + 1] as usize];
        for filed in filed {
            let Some(start) = at.checked_sub(filed.pair as usize) else { continue };
            let end = start + filed.length as usize;
            if text.get(start..end) == Some(self.text(filed.start, filed.length)) {
                found(Place { number: filed.number, start, end });
            }
        }
    }

    fn text(&self, start: u32, length: u32) -> &[char] {
        &self.chars[start as usize..(start + length) as usize]
    }
}

/// How often pairs and characters stand in the phrases.
struct Rarity {
    pairs: HashMap<u64, u32>,
    chars: HashMap<char, u32>,
}

impl Rarity {
    fn of<'p>(phrases: impl Iterator<Item = &'p [char]>) -> Self {
        let mut rarity = Self { pairs: HashMap::new(), chars: HashMap::new() };
        for phrase in phrases {
            phrase.iter().for_each(|&c| *rarity.chars.entry(c).or_default() += 1);
            phrase.windows(2).for_each(|pair| *rarity.pairs.entry(hash(pair[0], pair[1])).or_default() += 1);
        }
        rarity
    }

    /// Where the pair begins that the fewest phrases hold, and of those the one of the rarest characters: it will be
    /// rare in messages, too.
    fn rarest(&self, phrase: &[char]) -> usize {
        let often = |c: char| u64::from(self.chars.get(&c).copied().unwrap_or_default());
        let commonness = |&(_, pair): &(usize, &[char])| {
            let held = self.pairs.get(&hash(pair[0], pair[1])).copied().unwrap_or_default();
            (held, often(pair[0]) * often(pair[1]))
        };
        phrase.windows(2).enumerate().min_by_key(commonness).map_or(0, |(at, _)| at)
    }
}

/// Spreads pairs over the leading bits (Fibonacci hashing); no two pairs have the same one.
#[inline]
fn hash(left: char, right: char) -> u64 {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    (u64::from(left) << 21 | u64::from(right)).wrapping_mul(ODD)
}

fn index(nth: usize) -> u32 {
    u32::try_from(nth).expect("phrases are read from files of limited size")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn places(phrases: &[&str], text: &str) -> Vec<(u32, usize, usize)> {
        let phrases: Vec<Vec<char>> = phrases.iter().map(|phrase| phrase.chars().collect()).collect();
        let made = Phrases::new(phrases.iter().map(Vec::as_slice).zip(0..));
        let text: Vec<char> = text.chars().collect();
        let mut places = Vec::new();
        made.find(&text, |place| places.push((place.number, place.start, place.end)));
        places.sort_unstable();
        places
    }

    #[test]
    fn finds_overlapping_phrases_at_both_ends() {
        let phrases = ["兼职", "职日结", "兼职日结", "", "结", "兼职"];
        let expected = [(0, 0, 2), (1, 1, 4), (2, 0, 4), (4, 3, 4), (5, 0, 2)];
        assert_eq!(places(&phrases, "兼职日结"), expected);
        assert_eq!(places(&phrases, "职日"), []);
        assert_eq!(places(&[], "职日"), []);
        assert_eq!(places(&["职日"], ""), []);
    }

    proptest! {
        #[test]
        fn finds_what_a_search_for_each_finds(
            phrases in proptest::collection::vec("[日结兼]{0,4}", 0..40), text in "[日结兼]{0,30}",
        ) {
            let phrases: Vec<&str> = phrases.iter().map(String::as_str).collect();
            let characters: Vec<char> = text.chars().collect();
            let mut expected = Vec::new();
            for (phrase, number) in phrases.iter().zip(0..).filter(|(phrase, _)| !phrase.is_empty()) {
                let phrase: Vec<char> = phrase.chars().collect();
                let windows = characters.windows(phrase.len()).enumerate();
                let starts = windows.filter(|(_, window)| *window == phrase).map(|(start, _)| start);
                expected.extend(starts.map(|start| (number, start, start + phrase.len())));
            }
            expected.sort_unstable();
            prop_assert_eq!(places(&phrases, &text), expected);
        }
    }
}
