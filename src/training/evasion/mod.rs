//! How advertisers disguise what they write, done by machine: training sees each advertisement in other clothes too.
//!
//! Every trick is named after what it does to the text; a trick that finds nothing to do leaves it as it is.

mod letters;
mod tables;

use super::random::Random;
use tables::Tables;

/// What is done to a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trick {
    /// One and the same symbol between all letters: 兼*职*日*结.
    Symbols,
    /// Blanks between all letters.
    Spaces,
    ZeroWidth,
    /// A mark over each letter.
    Marks,
    FullWidth,
    /// Digits and Latin letters in circles and as keycaps.
    Circled,
    /// Chinese, financial, Roman and subscript digits; O and l inside numbers.
    OtherDigits,
    Mathematical,
    /// Traditional characters and variants.
    Traditional,
    /// Every fifth character by another of the same sound.
    FewHomophones,
    /// Every second one.
    ManyHomophones,
    /// Three in ten characters spelt out.
    Pinyin,
    /// Three in ten characters as their first letter.
    Initials,
    /// Characters taken apart: 好 → 女子.
    Split,
    /// Pictures behind a third of the letters.
    Pictures,
    Reversed,
    /// A little of several.
    Mixed,
    /// The words of contact in the spellings that advertisers use: 加微信 → 佳薇芯.
    ContactWords,
}

impl Trick {
    pub const ALL: [Self; 18] = [
        Self::Symbols,
        Self::Spaces,
        Self::ZeroWidth,
        Self::Marks,
        Self::FullWidth,
        Self::Circled,
        Self::OtherDigits,
        Self::Mathematical,
        Self::Traditional,
        Self::FewHomophones,
        Self::ManyHomophones,
        Self::Pinyin,
        Self::Initials,
        Self::Split,
        Self::Pictures,
        Self::Reversed,
        Self::Mixed,
        Self::ContactWords,
    ];

    /// What training draws from: what folding undoes needs few examples, what it cannot undo needs more.
    pub const TAUGHT: [Self; 26] = [
        Self::Symbols,
        Self::Spaces,
        Self::ZeroWidth,
        Self::Marks,
        Self::FullWidth,
        Self::Circled,
        Self::OtherDigits,
        Self::OtherDigits,
        Self::Mathematical,
        Self::Traditional,
        Self::FewHomophones,
        Self::FewHomophones,
        Self::ManyHomophones,
        Self::ManyHomophones,
        Self::ManyHomophones,
        Self::Pinyin,
        Self::Initials,
        Self::Split,
        Self::Split,
        Self::Pictures,
        Self::Reversed,
        Self::Reversed,
        Self::Reversed,
        Self::Mixed,
        Self::ContactWords,
        Self::ContactWords,
    ];

    /// What honest people write, too: from another keyboard, by habit, for fun.
    pub const HONEST: [Self; 5] =
        [Self::Spaces, Self::FullWidth, Self::Traditional, Self::Pictures, Self::FewHomophones];
}

/// Applies tricks; holds what they look up.
#[derive(Debug)]
pub struct Disguiser {
    tables: Tables,
}

impl Disguiser {
    /// `texts` tell which characters are common: a homophone is taken from them.
    pub fn new<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        Self { tables: Tables::new(texts) }
    }

    pub fn apply(&self, trick: Trick, text: &str, random: &mut Random) -> String {
        let tables = &self.tables;
        match trick {
            Trick::Symbols => {
                let symbol = random.choose(SYMBOLS).copied().unwrap_or('-');
                letters::between(text, |_| Some(symbol))
            }
            Trick::Spaces => letters::between(text, |_| Some(' ')),
            Trick::ZeroWidth => {
                let invisible = random.choose(INVISIBLE).copied().unwrap_or('\u{200b}');
                letters::between(text, |_| Some(invisible))
            }
            Trick::Marks => {
                let mark = random.choose(MARKS).copied().unwrap_or('\u{336}');
                letters::behind(text, |c| crate::text::is_letter(c).then_some(mark))
            }
            Trick::FullWidth => letters::replaced(text, letters::full_width),
            Trick::Circled => letters::circled(text, random),
            Trick::OtherDigits => letters::other_digits(text, random),
            Trick::Mathematical => letters::mathematical(text, random),
            Trick::Traditional => letters::replaced(text, |c| tables.traditional(c, random)),
            Trick::FewHomophones => tables.homophones(text, 20, random),
            Trick::ManyHomophones => tables.homophones(text, 50, random),
            Trick::Pinyin => tables.spelt(text, 30, random, |syllable| syllable),
            Trick::Initials => tables.spelt(text, 30, random, |syllable| &syllable[..1]),
            Trick::Split => tables.split(text, random),
            Trick::Pictures => letters::behind(text, |_| {
                random.percent(35).then(|| random.choose(PICTURES).copied().unwrap_or('🔥'))
            }),
            Trick::Reversed => text.chars().rev().collect(),
            Trick::Mixed => self.mixed(text, random),
            Trick::ContactWords => tables.contact_words(text, random),
        }
    }

    fn mixed(&self, text: &str, random: &mut Random) -> String {
        let text = self.tables.homophones(text, 15, random);
        let text = letters::circled(&text, random);
        let text =
            letters::replaced(
                &text,
                |c| {
                    if random.percent(50) { self.tables.traditional(c, random) } else { c }
                },
            );
        letters::behind(&text, |_| random.percent(15).then(|| random.choose(SYMBOLS).copied().unwrap_or('*')))
    }
}

const SYMBOLS: &[char] = &[
    '*', '.', '-', '~', '丶', '·', '/', '_', '|', '^', '、', '❤', '⭐', '+', ',', '。', '=', '\'', '—', '…',
    '!',
];
const INVISIBLE: &[char] = &['\u{200b}', '\u{200c}', '\u{200d}', '\u{2060}', '\u{feff}', '\u{ad}'];
const MARKS: &[char] =
    &['\u{336}', '\u{347}', '\u{489}', '\u{fc6}', '\u{f7c}', '\u{330}', '\u{301}', '\u{35b}'];
const PICTURES: &[char] = &[
    '🔥', '💰', '👉', '✅', '🎉', '🌹', '😊', '💯', '🚗', '📱', '❗', '⭐', '🍎', '👍', '🎁', '☀', '🐎',
    '😄', '🙏', '🏠',
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{fold, matching_key};

    const AD: &str = "兼职日结3005元，加微信vx182785，有意私我";

    fn disguised(trick: Trick) -> String {
        let texts = ["间植日洁元有易思窝加嘉价微薇威新信芯欣".repeat(50), AD.to_owned()];
        let disguiser = Disguiser::new(texts.iter().map(String::as_str));
        disguiser.apply(trick, AD, &mut Random::new(3))
    }

    #[test]
    fn every_trick_changes_the_text_and_is_the_same_again() {
        for trick in Trick::ALL {
            let text = disguised(trick);
            assert_ne!(text, AD, "{trick:?}");
            assert_eq!(text, disguised(trick), "{trick:?}");
        }
    }

    #[test]
    fn what_folding_undoes_is_the_same_letters() {
        for trick in [
            Trick::Symbols,
            Trick::Spaces,
            Trick::ZeroWidth,
            Trick::Marks,
            Trick::FullWidth,
            Trick::Circled,
            Trick::Mathematical,
            Trick::Traditional,
            Trick::Pictures,
        ] {
            assert_eq!(matching_key(&disguised(trick)), matching_key(AD), "{trick:?}");
        }
    }

    #[test]
    fn the_other_tricks_change_what_they_say() {
        assert!(fold(&disguised(Trick::Reversed)).starts_with("我私意有"));
        assert!(disguised(Trick::Split).contains("亻言"));
        assert!(disguised(Trick::Pinyin).bytes().any(|byte| byte.is_ascii_lowercase()));
        assert!(!disguised(Trick::OtherDigits).contains("3005"));
        assert!(!disguised(Trick::ContactWords).contains("加微信"));
    }

    #[test]
    fn nothing_to_do_does_nothing() {
        let disguiser = Disguiser::new(std::iter::empty());
        for trick in Trick::ALL {
            assert_eq!(disguiser.apply(trick, "", &mut Random::new(1)), "", "{trick:?}");
        }
    }
}
