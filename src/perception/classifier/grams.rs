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
    let codes = |characters: &'_ [char], at: usize| code(characters[at]);
    let mut count = 0;
    count +=
        view(View::Symbols, (0..symbols.len()).map(|at| (codes(symbols, at), at)), symbols.len(), &mut visit);
    count +=
        view(View::Letters, (0..letters.len()).map(|at| (codes(letters, at), at)), letters.len(), &mut visit);
    count + view(View::Sounds, sounds::of(letters), letters.len(), &mut visit)
}

fn code(c: char) -> u32 {
    if c.is_ascii_digit() { u32::from('0') } else { u32::from(c) }
}

#[inline]
fn view(
    view: View,
    codes: impl Iterator<Item = (u32, usize)>,
    end: usize,
    visit: &mut impl FnMut(Gram),
) -> usize {
    let seed = (view as u64) << 32;
    let spread = |code: u32| (u64::from(code) | seed).wrapping_mul(SPREAD);
    let (mut before, mut last) = (None, spread(EDGE));
    let mut count = 0;
    let mut emit = |hash: u64, at: usize, length: usize| {
        visit(Gram { slot: slot(hash), view, at, length });
        count += 1;
    };
    for (code, at) in codes.chain(std::iter::once((EDGE, end))) {
        let this = spread(code);
        let two = last.rotate_left(19) ^ this;
        if code != EDGE {
            emit(this, at, 1);
        }
        emit(two.wrapping_add(1), at, 2);
        if let Some(before) = before {
            emit((two ^ u64::rotate_left(before, 38)).wrapping_add(2), at, 3);
        }
        (before, last) = (Some(last), this);
    }
    count
}

/// Odd, with bits that look like chance: the golden ratio, and a constant of MurmurHash3's finaliser.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
const MIX: u64 = 0xff51_afd7_ed55_8ccd;

fn slot(hash: u64) -> usize {
    let mixed = (hash ^ (hash >> 32)).wrapping_mul(MIX);
    (mixed >> (u64::BITS - SLOTS.trailing_zeros())) as usize
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
        assert_eq!(letters, [(0, 1), (0, 2), (1, 1), (1, 2), (1, 3), (2, 2), (2, 3)]);
    }

    #[test]
    fn an_empty_message_has_only_its_edges() {
        assert_eq!(grams("").len(), 3);
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
