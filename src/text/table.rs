//! What every character folds to and what it is then, in one look-up.
//!
//! Two levels for planes 0 and 1; pages that are alike are kept once. The differences are stored, so that all pages on
//! which nothing changes are the same one. About 300 kB, made in some milliseconds when the first text comes; the
//! rare characters of later planes go the long way.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::fold::{Folded, fold_alone, is_letter};
use super::reading::is_spoken;

/// What a folded character is good for; a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traits(u32);

impl Traits {
    pub const NONE: Self = Self(0);
    /// A letter or a digit of any script.
    pub const LETTER: Self = Self(1 << 22);
    /// `a` to `z`.
    pub const LATIN: Self = Self(1 << 23);
    /// `0` to `9`.
    pub const DIGIT: Self = Self(1 << 24);
    /// May be read as a digit inside a number: digits, Chinese numerals, `o`, `l`, `i`.
    pub const FIGURE: Self = Self(1 << 25);
    /// Stands for the dot of an address: `.`, `。`, `点`, `丶`, a ring.
    pub const DOT: Self = Self(1 << 26);
    /// No letter: signs, blanks, emoji.
    pub const SIGN: Self = Self(1 << 27);

    /// A reader may say something else here: [`Reading`](super::Reading).
    pub const SPOKEN: Self = Self(1 << 28);

    /// It has one of these.
    #[inline]
    pub fn any(self, of: Self) -> bool {
        self.0 & of.0 != 0
    }

    #[inline]
    pub(super) fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }

    fn of(c: char) -> Self {
        let mut traits = if is_letter(c) { Self::LETTER } else { Self::SIGN };
        let also = [
            (c.is_ascii_lowercase(), Self::LATIN),
            (c.is_ascii_digit(), Self::DIGIT),
            (digit(c).is_some(), Self::FIGURE),
            (is_spoken(c), Self::SPOKEN),
            (matches!(c, '.' | '。' | '点' | '丶' | '○' | '◎' | '●'), Self::DOT),
        ];
        also.into_iter().filter(|(is, _)| *is).for_each(|(_, one)| traits.add(one));
        traits
    }
}

/// The digit that a reader takes this for inside a number.
pub fn digit(c: char) -> Option<char> {
    Some(match c {
        '0'..='9' => c,
        'o' | '〇' | '零' => '0',
        'l' | 'i' | '一' | '壹' | '幺' => '1',
        '二' | '贰' => '2',
        '三' | '叁' => '3',
        '四' | '肆' => '4',
        '五' | '伍' => '5',
        '六' | '陆' => '6',
        '七' | '柒' => '7',
        '八' | '捌' => '8',
        '九' | '玖' => '9',
        _ => return None,
    })
}

/// What one character folds to: the bits in which the code points differ, and the traits of the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry(u32);

impl Entry {
    const CODE: u32 = (1 << 21) - 1;
    /// The table does not tell what it folds to.
    const OTHER: u32 = 1 << 21;
    const TRAITS: u32 = !(Self::CODE | Self::OTHER);

    #[inline]
    pub fn folded(self, c: char) -> Option<char> {
        if self.0 & Self::OTHER == 0 { char::from_u32(c as u32 ^ (self.0 & Self::CODE)) } else { None }
    }

    #[inline]
    pub fn traits(self) -> Traits {
        Traits(self.0 & Self::TRAITS)
    }

    /// The entry of a character that is folded already.
    pub fn of_folded(c: char) -> Self {
        Self(Traits::of(c).0)
    }

    fn of(c: char, scratch: &mut Folded) -> Self {
        // The letters of flags look at their neighbours, and so do blanks.
        if c.is_whitespace() || matches!(c, '\u{1f1e6}'..='\u{1f1ff}') {
            return Self(Self::OTHER);
        }
        fold_alone(c, scratch);
        match scratch.chars.as_slice() {
            // An accent that stands alone folds to a blank, which looks at its neighbours, too.
            &[seen] if scratch.tricks.is_empty() && !seen.is_whitespace() => {
                Self((c as u32 ^ seen as u32) | Traits::of(seen).0)
            }
            _ => Self(Self::OTHER),
        }
    }
}

pub(super) struct Table {
    /// For each 256 code points, where their entries begin.
    pages: Box<[u32]>,
    entries: Vec<u32>,
}

const PAGE: u32 = 256;
/// The first code point that has no entry.
const END: u32 = 0x20000;

pub(super) static TABLE: LazyLock<Table> = LazyLock::new(Table::new);

impl Table {
    fn new() -> Self {
        let mut entries = Vec::new();
        let mut known: HashMap<Vec<u32>, u32> = HashMap::new();
        let mut scratch = Folded::default();
        let pages = (0..END / PAGE).map(|page| {
            let codes = page * PAGE..(page + 1) * PAGE;
            let entry = |code| char::from_u32(code).map_or(Entry::OTHER, |c| Entry::of(c, &mut scratch).0);
            let page: Vec<u32> = codes.map(entry).collect();
            *known.entry(page).or_insert_with_key(|page| {
                entries.extend_from_slice(page);
                (entries.len() - page.len()) as u32
            })
        });
        Self { pages: pages.collect(), entries }
    }

    #[inline]
    pub fn of(&self, c: char) -> Entry {
        let code = c as u32;
        let page = self.pages.get((code / PAGE) as usize);
        Entry(page.map_or(Entry::OTHER, |page| self.entries[(page + code % PAGE) as usize]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_small() {
        let bytes = TABLE.entries.len() * size_of::<u32>() + TABLE.pages.len() * size_of::<u32>();
        assert!(bytes < 400 << 10, "{bytes} bytes");
    }

    #[test]
    fn tells_what_a_text_holds() {
        let holds = |text: &str, traits| Folded::new(text).holds.any(traits);
        assert!(holds("老板在吗", Traits::LETTER));
        assert!(!holds("老板在吗", Traits::DIGIT) && !holds("老板在吗", Traits::SIGN));
        assert!(holds("①", Traits::DIGIT) && holds("Ｖ", Traits::LATIN) && holds("好。", Traits::DOT));
        assert_eq!(Folded::new("一三 89OI 个").figures, 6);
    }
}
