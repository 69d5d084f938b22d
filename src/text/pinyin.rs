//! How Chinese characters are typed: their syllables without tones, in every reading.
//!
//! Which reading is meant depends on the word (重庆, 行长), so whoever looks something up must try all of them.

use pinyin::ToPinyinMulti;

/// A syllable has no more letters than this: `zhuang`.
pub const SYLLABLE_AT_MOST: usize = 6;

/// All syllables that the character may be typed as, the usual one first, each once; lower-case ASCII.
/// None for what is no Chinese character.
pub fn readings(c: char) -> Vec<&'static str> {
    let mut found = Vec::new();
    for reading in c.to_pinyin_multi().into_iter().flatten() {
        for typed in as_typed(reading.plain()) {
            if !found.contains(&typed) {
                found.push(typed);
            }
        }
    }
    found
}

/// There is no ü on a keyboard: people type v, or leave the dots out.
fn as_typed(plain: &'static str) -> impl Iterator<Item = &'static str> {
    let (usual, other) = match plain {
        "lü" => ("lv", Some("lu")),
        "nü" => ("nv", Some("nu")),
        "lüe" => ("lve", Some("lue")),
        "nüe" => ("nve", Some("nue")),
        "ê" => ("e", None),
        ascii => (ascii, None),
    };
    std::iter::once(usual).chain(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_every_reading_once() {
        for (c, expected) in [
            ('饼', &["bing"][..]),
            ('重', &["zhong", "chong", "tong"]),
            ('行', &["xing", "hang", "heng"]),
            ('长', &["zhang", "chang"]),
            ('绿', &["lv", "lu"]),
            ('略', &["lve", "lue"]),
            ('a', &[]),
            ('？', &[]),
        ] {
            assert_eq!(readings(c), expected, "{c}");
        }
    }

    #[test]
    fn all_syllables_can_be_typed() {
        for c in '\u{3400}'..='\u{9fff}' {
            for reading in readings(c) {
                let typed = reading.bytes().all(|byte| byte.is_ascii_lowercase());
                assert!(typed && (1..=SYLLABLE_AT_MOST).contains(&reading.len()), "{c}: {reading:?}");
            }
        }
    }
}
