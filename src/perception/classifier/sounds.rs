//! The view of how a message sounds: Chinese characters by their usual syllable without tone, and syllables
//! that are spelt out, so that 微信, 威芯 and weixin are one.

use std::sync::LazyLock;

use crate::text::{SYLLABLE_AT_MOST, readings};

const FIRST: char = '\u{4e00}';
const LAST: char = '\u{9fff}';

/// Codes of syllables lie above all characters, so that `a` and 啊 differ.
const SYLLABLE: u32 = 0x20_0000;

/// A single letter is rarely meant as a syllable.
const SPELT_AT_LEAST: usize = 2;

struct Table {
    /// The syllable of each character from `FIRST` to `LAST`, or 0.
    characters: Box<[u32]>,
    /// All syllables as they are spelt, sorted.
    spelt: Vec<u64>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut characters = Vec::with_capacity(LAST as usize - FIRST as usize + 1);
    let mut spelt = Vec::new();
    for c in FIRST..=LAST {
        let usual = readings(c).first().copied();
        characters.push(usual.map_or(0, |syllable| code(packed(syllable.chars()))));
        spelt.extend(usual.map(|syllable| packed(syllable.chars())));
    }
    spelt.sort_unstable();
    spelt.dedup();
    Table { characters: characters.into(), spelt }
});

/// Up to eight ASCII letters as one number.
fn packed(letters: impl Iterator<Item = char>) -> u64 {
    letters.fold(0, |packed, letter| packed << 8 | u64::from(u32::from(letter) & 0x7f))
}

/// The same on every machine and for every version of the table that it came from.
fn code(syllable: u64) -> u32 {
    SYLLABLE | (syllable.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 44) as u32
}

/// Visits each sound of the letters with the place of the letter that begins it.
#[inline]
pub(in crate::perception) fn each(letters: &[char], mut visit: impl FnMut(u32, usize)) {
    let table = &*TABLE;
    let mut at = 0;
    while let Some(&first) = letters.get(at) {
        let (sound, length) = match first {
            FIRST..=LAST => match table.characters[first as usize - FIRST as usize] {
                0 => (u32::from(first), 1),
                syllable => (syllable, 1),
            },
            'a'..='z' => spelt(table, &letters[at..]),
            '0'..='9' => (u32::from('0'), 1),
            _ => (u32::from(first), 1),
        };
        visit(sound, at);
        at += length;
    }
}

/// The longest syllable that is spelt here, or the letter alone, with its length.
fn spelt(table: &Table, letters: &[char]) -> (u32, usize) {
    let run = letters.iter().take(SYLLABLE_AT_MOST).take_while(|c| c.is_ascii_lowercase()).count();
    let mut syllable = packed(letters[..run].iter().copied());
    for length in (SPELT_AT_LEAST..=run).rev() {
        if table.spelt.binary_search(&syllable).is_ok() {
            return (code(syllable), length);
        }
        syllable >>= 8;
    }
    (u32::from(letters[0]), 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sounds(text: &str) -> Vec<u32> {
        let letters: Vec<char> = text.chars().collect();
        let mut sounds = Vec::new();
        each(&letters, |sound, _| sounds.push(sound));
        sounds
    }

    #[test]
    fn what_sounds_alike_is_alike() {
        assert_eq!(sounds("加微信"), sounds("佳威芯"));
        assert_eq!(sounds("加微信"), sounds("jiaweixin"));
        assert_eq!(sounds("加wei信"), sounds("加微xin"));
        assert_ne!(sounds("微信"), sounds("支付"));
        assert_ne!(sounds("啊"), sounds("a"));
    }

    #[test]
    fn what_is_no_syllable_stays_itself() {
        assert_eq!(sounds("vxÄ7"), [u32::from('v'), u32::from('x'), u32::from('Ä'), u32::from('0')]);
        assert_eq!(sounds(""), [] as [u32; 0]);
    }

    #[test]
    fn sounds_know_where_they_begin() {
        let letters: Vec<char> = "加weixin号".chars().collect();
        let mut places = Vec::new();
        each(&letters, |_, at| places.push(at));
        assert_eq!(places, [0, 1, 4, 7]);
    }

    #[test]
    fn syllables_have_codes_of_their_own() {
        let mut codes: Vec<u32> = TABLE.spelt.iter().map(|&syllable| code(syllable)).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), TABLE.spelt.len());
        assert!(codes.len() > 390);
    }
}
