//! Folding: one text for all the ways of writing it, with the way back to the original.
//!
//! Nearly every character folds to exactly one, which one look-up in [`table`](super::table) tells; what is left
//! (blanks, marks, characters that fall apart) takes the long way, which also made the table.

use unicode_normalization::char::{decompose_compatible, is_combining_mark};

use super::look_alike::look_alike;
use super::simplify::simplified;
use super::table::{Entry, TABLE, Traits};

/// A text without its disguises: compatibility forms (full-width, circled, mathematical) as plain
/// characters, lower-case, simplified, look-alikes as Latin letters, digits of any script as `0` to `9`; without
/// zero-width characters and combining marks; each run of blanks as one blank, or as one line break if it holds any.
///
/// Folding again changes nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Folded {
    pub chars: Vec<char>,
    /// For each of `chars`, which character (not byte) of the original it came from.
    pub origin: Vec<u32>,
    /// The second view.
    pub letters: Letters,
    /// What had to be undone that honest people hardly ever write, in order.
    pub tricks: Vec<Trick>,
    /// What is among `chars`.
    pub holds: Traits,
    /// How many of `chars` may be read as a digit: digits, Chinese numerals, `o`, `l` and `i`.
    pub figures: u32,
}

/// Letters and digits alone, everything between them dropped.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Letters {
    pub chars: Vec<char>,
    /// For each of `chars`, which character of the folded text it is.
    pub at: Vec<u32>,
}

/// One place where the text was disguised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trick {
    pub kind: TrickKind,
    /// The folded character that it became, or, when it was removed, the one that follows.
    pub at: u32,
    /// The character of the original.
    pub origin: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TrickKind {
    /// A zero-width or control character.
    Invisible,
    /// A forced change of the writing direction.
    Direction,
    /// A mark laid over or under a character.
    Mark,
    /// A letter of another alphabet that looks like a Latin one.
    LookAlike,
    /// Mathematical, circled and squared letters, small capitals.
    Styled,
    /// A sign of a script that hardly anybody can read: runes, Yi, Lisu. It is no letter to us.
    Exotic,
}

/// No character falls apart into more than this (U+FDFA); tested.
const PARTS_AT_MOST: usize = 18;

/// A text that is kept for the next one keeps no more room than this many characters.
const KEPT_AT_MOST: usize = 1 << 14;

impl Folded {
    pub fn new(text: &str) -> Self {
        let mut folded = Self::default();
        folded.fold(text);
        folded
    }

    /// Becomes the folded form of another text; what memory it has is used again.
    pub fn fold(&mut self, text: &str) {
        self.clear();
        self.reserve(text.len());
        let mut folder = Folder { done: self, origin: 0 };
        let mut characters = text.chars();
        let table = &*TABLE;
        while let Some(c) = characters.next() {
            let entry = table.of(c);
            match entry.folded(c) {
                Some(seen) => folder.push(seen, entry),
                None if is_regional(c) && characters.clone().next().is_some_and(is_regional) => {
                    // Two regional letters side by side are a flag, not letters.
                    folder.add(c);
                    folder.origin += 1;
                    characters.next().into_iter().for_each(|second| folder.add(second));
                }
                None => folder.other(c),
            }
            folder.origin += 1;
        }
    }

    pub fn text(&self) -> String {
        self.chars.iter().collect()
    }

    /// Start and end, in characters of the original, of these characters of the folded text. Zero-width
    /// characters and marks inside belong to it. The range must not be empty and lie within the text.
    pub fn span(&self, start: usize, end: usize) -> (usize, usize) {
        (self.origin[start] as usize, self.origin[end - 1] as usize + 1)
    }

    fn clear(&mut self) {
        let Self { chars, origin, letters, tricks, holds, figures } = self;
        for numbers in [&mut *origin, &mut letters.at] {
            numbers.clear();
            numbers.shrink_to(KEPT_AT_MOST);
        }
        for characters in [&mut *chars, &mut letters.chars] {
            characters.clear();
            characters.shrink_to(KEPT_AT_MOST);
        }
        tricks.clear();
        tricks.shrink_to(KEPT_AT_MOST);
        (*holds, *figures) = (Traits::NONE, 0);
    }

    fn reserve(&mut self, bytes: usize) {
        // Most of our text is Chinese, three bytes a character.
        let characters = bytes / 2 + 8;
        self.chars.reserve(characters);
        self.origin.reserve(characters);
        self.letters.chars.reserve(characters);
        self.letters.at.reserve(characters);
    }
}

impl Letters {
    pub fn text(&self) -> String {
        self.chars.iter().collect()
    }
}

/// Letters and digits of any script that people here read. Two strokes that Unicode counts as characters serve as
/// separators.
pub fn is_letter(c: char) -> bool {
    match c {
        '\0'..='\u{7f}' => c.is_ascii_alphanumeric(),
        '\u{4e00}'..='\u{9fff}' => !matches!(c, '丶' | '丨'),
        _ => c.is_alphanumeric() && !is_exotic(c),
    }
}

/// Without blanks at both ends.
pub fn trimmed(chars: &[char]) -> &[char] {
    let is_blank = |c: &char| c.is_whitespace();
    let start = chars.iter().take_while(|c| is_blank(c)).count();
    let end = chars.len() - chars[start..].iter().rev().take_while(|c| is_blank(c)).count();
    &chars[start..end]
}

/// Folds one character by the long way; how the table is made.
pub(super) fn fold_alone(c: char, done: &mut Folded) {
    done.clear();
    Folder { done, origin: 0 }.other(c);
}

struct Folder<'f> {
    done: &'f mut Folded,
    /// The character of the original that is being folded.
    origin: u32,
}

impl Folder<'_> {
    /// A folded character.
    fn add(&mut self, c: char) {
        self.push(c, Entry::of_folded(c));
    }

    #[inline]
    fn push(&mut self, c: char, entry: Entry) {
        let traits = entry.traits();
        if traits.any(Traits::LETTER) {
            self.done.letters.at.push(self.done.chars.len() as u32);
            self.done.letters.chars.push(c);
        }
        self.done.chars.push(c);
        self.done.origin.push(self.origin);
        self.done.holds.add(traits);
        self.done.figures += u32::from(traits.any(Traits::FIGURE));
    }

    fn trick(&mut self, kind: TrickKind) {
        let at = u32::try_from(self.done.origin.len()).unwrap_or(u32::MAX);
        self.done.tricks.push(Trick { kind, at, origin: self.origin });
    }

    /// Everything that the table does not tell.
    fn other(&mut self, c: char) {
        match c {
            '!'..='~' => self.add(c.to_ascii_lowercase()),
            _ if c.is_whitespace() => self.blank(c),
            // Emoji and keycaps bring these along in honest text.
            '\u{fe00}'..='\u{fe0f}' | '\u{20e3}' => {}
            '\u{202d}' | '\u{202e}' => self.trick(TrickKind::Direction),
            _ if is_invisible(c) => self.trick(TrickKind::Invisible),
            _ if is_combining_mark(c) => self.trick(TrickKind::Mark),
            // They would fall apart into their letters.
            '\u{ac00}'..='\u{d7a3}' => self.add(c),
            _ => self.decomposed(c),
        }
    }

    fn blank(&mut self, c: char) {
        let blank = if matches!(c, ' ' | '\t' | '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{3000}') {
            ' '
        } else {
            '\n'
        };
        match self.done.chars.last_mut() {
            Some('\n') => {}
            Some(before @ ' ') => *before = blank,
            _ => self.add(blank),
        }
    }

    fn decomposed(&mut self, c: char) {
        if is_styled(c) {
            self.trick(TrickKind::Styled);
        } else if is_exotic(c) {
            self.trick(TrickKind::Exotic);
        }
        let mut parts = ['\0'; PARTS_AT_MOST];
        let mut length = 0;
        let mut keep = |part| {
            if let Some(place) = parts.get_mut(length) {
                *place = part;
                length += 1;
            }
        };
        match look_alike(c) {
            Some(_) => keep(c),
            None => decompose_compatible(c, keep),
        }
        let parts = &parts[..length];
        // ⑴ is a 1 and ⒈ too; their brackets and dots are decoration.
        let decorated = parts.len() > 1 && parts.iter().any(|&part| part.is_alphanumeric());
        for &part in parts.iter().filter(|&&part| !decorated || part.is_alphanumeric()) {
            self.part(part);
        }
    }

    fn part(&mut self, part: char) {
        if part.is_whitespace() {
            return self.blank(part);
        }
        if is_combining_mark(part) || is_invisible(part) {
            return;
        }
        if let Some((seen, trick)) = look_alike(part) {
            if let Some(kind) = trick {
                self.trick(kind);
            }
            return self.add(seen);
        }
        for lower in part.to_lowercase().filter(|&lower| !is_combining_mark(lower)) {
            self.add(simplified(look_alike(lower).map_or(lower, |(seen, _)| seen)));
        }
    }
}

/// The letters that make up flags.
fn is_regional(c: char) -> bool {
    matches!(c, '\u{1f1e6}'..='\u{1f1ff}')
}

/// Unicode's default ignorables and control characters; none of them shows.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// Letters for formulas and lists that Unicode already knows how to fold.
fn is_styled(c: char) -> bool {
    matches!(c,
        '\u{1d400}'..='\u{1d7ff}' | 'Ⓐ'..='ⓩ' | '⒜'..='⒵' | '\u{1f110}'..='\u{1f14f}')
}

/// Letters of scripts that nobody writes here, which advertisers strew between theirs: Cherokee, Canadian syllables,
/// Ogham, runes, Lisu, Yi, Vai, Bamum, and all of plane 1 that is a dead script.
fn is_exotic(c: char) -> bool {
    matches!(c,
        '\u{13a0}'..='\u{16f8}' | '\u{18b0}'..='\u{18f5}' | '\u{a000}'..='\u{a62b}' | '\u{a6a0}'..='\u{a6f7}'
        | '\u{ab70}'..='\u{abbf}' | '\u{10000}'..='\u{1cfff}')
        && c.is_alphabetic()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fold(text: &str) -> String {
        Folded::new(text).text()
    }

    #[test]
    fn folds_every_way_of_writing() {
        let examples = [
            ("加ＶＸ：ａｂｃ１２３", "加vx:abc123"),
            ("ⓥⓧ ⓐⓑⓒ①②③", "vx abc123"),
            ("𝒗𝒙：𝒂𝒃𝒄𝟏𝟏", "vx:abc11"),
            ("🅥🅧 ⒈⑵❸➃", "vx 1234"),
            ("8️⃣0️⃣", "80"),
            ("誠招代理，日結", "诚招代理,日结"),
            ("加\u{200b}微\u{2060}信\u{ad}", "加微信"),
            ("加̶微̶信̶", "加微信"),
            ("wеiхin ➕ν", "weixin +v"),
            ("Ⅴ❤：ⅷ", "v❤:viii"),
            ("\u{202e}54321cba", "54321cba"),
            ("a \t\u{3000} b \r\n\n c", "a b\nc"),
            ("🇨🇳 🇰 🇺", "🇨🇳 k u"),
            ("㎏ ½ ℃ ㊣ ㈠", "kg 12 c 正 一"),
            ("⽉餅", "月饼"),
            ("ｶﾞ 한국 café", "カ 한국 cafe"),
            ("嶶信 加Ǭ㪊 兂前期 逺程", "微信 加q群 无前期 远程"),
            ("༡༣༩ ៦០ 〡〢〩 𝟙𝟛𝟡 ₇₅²", "139 60 129 139 752"),
            ("🈶🉑🉐🈚 🇰‌🇺‌🇨", "有可得无 kuc"),
        ];
        for (written, folded) in examples {
            assert_eq!(fold(written), folded, "{written:?}");
        }
    }

    #[test]
    fn another_text_leaves_nothing_of_the_one_before() {
        let mut folded = Folded::new("加\u{200b}Ｖ：abc 12345 一二三");
        folded.fold("好的 1");
        assert_eq!(folded, Folded::new("好的 1"));
    }

    #[test]
    fn no_character_falls_apart_further_than_there_is_room() {
        let parts = |c| {
            let mut parts = 0;
            decompose_compatible(c, |_| parts += 1);
            parts
        };
        assert_eq!(('\0'..=char::MAX).map(parts).max(), Some(PARTS_AT_MOST));
    }

    #[test]
    fn folding_any_single_character_twice_changes_nothing() {
        let (mut once, mut twice) = (Folded::default(), Folded::default());
        for c in '\0'..=char::MAX {
            once.fold(c.encode_utf8(&mut [0; 4]));
            twice.fold(&once.text());
            assert_eq!(twice.chars, once.chars, "{c:?} U+{:04X}", c as u32);
        }
    }

    #[test]
    fn knows_where_each_character_came_from() {
        let folded = Folded::new("加\u{200b}Ｖ：㎏1");
        assert_eq!(folded.text(), "加v:kg1");
        assert_eq!(folded.origin, [0, 2, 3, 4, 4, 5]);
        assert_eq!(folded.span(0, 2), (0, 3));
        assert_eq!(folded.span(4, 5), (4, 5));
        assert_eq!(folded.tricks, [Trick { kind: TrickKind::Invisible, at: 1, origin: 1 }]);
    }

    #[test]
    fn letters_leave_out_what_separates() {
        let letters = Folded::new("兼-职 日/结❤加丶Vᚠꀀ").letters;
        assert_eq!(letters.text(), "兼职日结加v");
        assert_eq!(letters.at, [0, 2, 4, 6, 8, 10]);
    }

    #[test]
    fn honest_text_has_no_tricks() {
        for text in
            ["老板，月饼多少钱？", "1️⃣苹果 2️⃣梨👨‍👩‍👧", "①苹果②梨", "５斤", "🇨🇳国庆快乐❤️", "iPhone 15 Pro"]
        {
            let tricks = Folded::new(text).tricks;
            // The joiner inside a family emoji is one of them; perception looks at its neighbours.
            assert!(tricks.iter().all(|trick| trick.kind == TrickKind::Invisible), "{text:?}: {tricks:?}");
        }
    }

    #[test]
    fn an_accent_that_stands_alone_is_a_blank_among_blanks() {
        for text in [" ´", "´ ", "´´", " ¨ ¯"] {
            assert_eq!(fold(text), " ", "{text:?}");
        }
        assert_eq!(fold("加´微"), "加 微");
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "\\PC{0,40}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn the_letters_are_those_of_the_folded_text(text in any::<String>()) {
            let Folded { chars, letters, .. } = Folded::new(&text);
            let expected: Vec<u32> = (0..).zip(&chars).filter(|(_, c)| is_letter(**c)).map(|(at, _)| at).collect();
            prop_assert_eq!(&letters.at, &expected);
            prop_assert!(letters.at.iter().zip(&letters.chars).all(|(at, c)| chars[*at as usize] == *c));
        }

        #[test]
        fn every_character_has_an_origin_in_order(text in any::<String>()) {
            let folded = Folded::new(&text);
            prop_assert_eq!(folded.chars.len(), folded.origin.len());
            prop_assert!(folded.origin.is_sorted());
            prop_assert!(folded.origin.iter().all(|&at| (at as usize) < text.chars().count()));
        }
    }
}
