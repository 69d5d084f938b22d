//! How a message is cut into grams: one to three neighbours in three views, each hashed to a slot of the table.
//!
//! Symbols keep everything that was written, letters see through what stands between them, sounds see through
//! letters that are spoken alike. A digit is a digit: no number is learned by heart.

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
        visit(Gram { slot: slot(this), view: self.view, at, length: 1 });
        self.neighbours(this, at, visit);
        self.count += 1;
    }

    #[inline]
    fn neighbours(&mut self, this: u64, at: usize, visit: &mut impl FnMut(Gram)) {
        let two = self.last.rotate_left(PAIR) ^ this;
        visit(Gram { slot: slot(two), view: self.view, at, length: 2 });
        let three = self.before.rotate_left(TRIPLE) ^ two;
        visit(Gram { slot: slot(three), view: self.view, at, length: 3 });
        (self.before, self.last) = (self.last, this);
        self.count += 2;
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

    #[test]
    fn every_view_has_each_neighbourhood_once() {
        let letters: Vec<(usize, usize)> = grams("加我")
            .into_iter()
            .filter(|gram| gram.view == View::Letters)
            .map(|gram| (gram.at, gram.length))
            .collect();
        assert_eq!(letters, [(0, 1), (0, 2), (0, 3), (1, 1), (1, 2), (1, 3), (2, 2), (2, 3)]);
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
