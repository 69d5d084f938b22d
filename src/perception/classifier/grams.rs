//! How a message is cut into grams: one to three neighbours in three views, each hashed to a slot of the table.
//!
//! Symbols keep everything that was written, letters see through what stands between them, sounds see through
//! letters that are spoken alike. A digit is a digit: no number is learned by heart.
//!
//! Of sounds, two with one between them are a gram, too (a skip-gram: Guthrie and others, 2006): 加个微 and 加下微 have
//! it in common. Of symbols, three in a row are none: what they know, letters know.

use super::sounds;

/// The table has this many slots; a power of two.
pub const SLOTS: usize = 1 << 20;

/// Stands before the first and behind the last character of every view.
const EDGE: u32 = 0x11_0000;

/// One gram of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gram {
    /// Where its weight stands in the table.
    pub slot: usize,
    pub view: View,
    /// The place in its view of its last character; one behind the end for the closing edge.
    pub at: usize,
    /// How many characters it has, 1 to 3.
    pub length: usize,
    /// How far each stands behind the one before it.
    stride: usize,
}

impl Gram {
    /// The places in its view of its characters that stand behind the opening edge, the last first; the first of them
    /// may be the closing edge.
    pub fn places(self) -> impl Iterator<Item = usize> {
        (0..self.length).map_while(move |nth| self.at.checked_sub(nth * self.stride))
    }
}

/// What a gram was cut from; places of sounds are places of the letters that begin them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    Symbols = 1,
    Letters,
    Sounds,
}

/// Visits every gram of a message once, in order, and tells how many there are. Allocates nothing.
#[inline]
pub fn each(symbols: &[char], letters: &[char], mut visit: impl FnMut(Gram)) -> usize {
    let mut row = Row::new(View::Symbols);
    (0..symbols.len()).for_each(|at| row.push(code(symbols[at]), at, &mut visit));
    let seen = row.close(symbols.len(), &mut visit);
    let mut row = Row::new(View::Letters);
    (0..letters.len()).for_each(|at| row.push(code(letters[at]), at, &mut visit));
    let read = row.close(letters.len(), &mut visit);
    let mut row = Row::new(View::Sounds);
    sounds::each(letters, |sound, at| row.push(sound, at, &mut visit));
    seen + read + row.close(letters.len(), &mut visit)
}

fn code(c: char) -> u32 {
    if c.is_ascii_digit() { u32::from('0') } else { u32::from(c) }
}

/// The characters of one view as they come, the last two kept.
struct Row {
    view: View,
    before: u64,
    last: u64,
    count: usize,
}

impl Row {
    fn new(view: View) -> Self {
        let edge = spread(EDGE, view);
        Self { view, before: edge, last: edge, count: 0 }
    }

    /// The character with the one and the two before it.
    #[inline]
    fn push(&mut self, code: u32, at: usize, visit: &mut impl FnMut(Gram)) {
        let this = spread(code, self.view);
        self.visit(this, at, 1, 1, visit);
        self.neighbours(this, at, visit);
    }

    #[inline]
    fn neighbours(&mut self, this: u64, at: usize, visit: &mut impl FnMut(Gram)) {
        let (first, second) = (self.before.rotate_left(TRIPLE), self.last.rotate_left(PAIR));
        self.visit(second ^ this, at, 2, 1, visit);
        if self.view != View::Symbols {
            self.visit(first ^ second ^ this, at, 3, 1, visit);
        }
        if self.view == View::Sounds {
            self.visit(first ^ this, at, 2, 2, visit);
        }
        (self.before, self.last) = (self.last, this);
    }

    #[inline]
    fn visit(&mut self, hash: u64, at: usize, length: usize, stride: usize, visit: &mut impl FnMut(Gram)) {
        visit(Gram { slot: slot(hash), view: self.view, at, length, stride });
        self.count += 1;
    }

    /// The edge behind the last character; how many grams there were.
    fn close(mut self, end: usize, visit: &mut impl FnMut(Gram)) -> usize {
        self.neighbours(spread(EDGE, self.view), end, visit);
        self.count
    }
}

/// How far the bits of the characters before are turned, so that order matters. Every turn leaves well-mixed bits
/// at the top.
const PAIR: u32 = 21;
const TRIPLE: u32 = 42;

/// A code as 64 bits that look like chance: the finaliser of SplitMix64.
#[inline]
fn spread(code: u32, view: View) -> u64 {
    let mixed = (u64::from(code) | (view as u64) << 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9)
}

/// Codes that are spread well can be put together by exclusive or alone, as in tabulation hashing.
#[inline]
fn slot(hash: u64) -> usize {
    (hash >> (u64::BITS - SLOTS.trailing_zeros())) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grams(text: &str) -> Vec<Gram> {
        let characters: Vec<char> = text.chars().collect();
        let mut grams = Vec::new();
        let count = each(&characters, &characters, |gram| grams.push(gram));
        assert_eq!(count, grams.len());
        grams
    }

    fn places(text: &str, view: View) -> Vec<Vec<usize>> {
        let chosen = grams(text).into_iter().filter(|gram| gram.view == view);
        chosen.map(|gram| gram.places().collect()).collect()
    }

    /// The opening edge has no place, the closing one is behind the last character.
    #[test]
    fn every_view_has_each_of_its_neighbourhoods_once() {
        let symbols: [&[usize]; 5] = [&[0], &[0], &[1], &[1, 0], &[2, 1]];
        assert_eq!(places("加我", View::Symbols), symbols);
        let letters: [&[usize]; 8] = [&[0], &[0], &[0], &[1], &[1, 0], &[1, 0], &[2, 1], &[2, 1, 0]];
        assert_eq!(places("加我", View::Letters), letters);
        let sounds: [&[usize]; 11] =
            [&[0], &[0], &[0], &[0], &[1], &[1, 0], &[1, 0], &[1], &[2, 1], &[2, 1, 0], &[2, 0]];
        assert_eq!(places("加我", View::Sounds), sounds);
    }

    #[test]
    fn sounds_around_another_are_a_gram_and_not_that_of_neighbours() {
        let around = |text| {
            let mut pairs = grams(text).into_iter().filter(|gram| gram.stride == 2 && gram.at == 2);
            pairs.next().map(|gram| gram.slot)
        };
        assert_eq!(around("加个微"), around("佳下薇"));
        assert_ne!(around("加个微"), around("微个加"));
        assert!(grams("加微").iter().all(|gram| Some(gram.slot) != around("加个微")));
    }

    #[test]
    fn an_empty_message_has_only_its_edges() {
        assert_eq!(grams("").len(), 6);
    }

    #[test]
    fn digits_are_alike_and_views_are_not() {
        assert_eq!(grams("微信12"), grams("微信98"));
        let slots = |view| {
            let chosen = grams("买苹果").into_iter().filter(move |gram| gram.view == view);
            chosen.map(|gram| gram.slot).collect::<Vec<_>>()
        };
        assert_ne!(slots(View::Symbols), slots(View::Letters));
    }

    #[test]
    fn order_matters() {
        let slots = |text| grams(text).into_iter().map(|gram| gram.slot).collect::<Vec<_>>();
        assert_ne!(slots("甲乙"), slots("乙甲"));
        assert!(slots("甲乙丙丁").iter().all(|&slot| slot < SLOTS));
    }
}
