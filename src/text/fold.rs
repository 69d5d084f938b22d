//! Folding: one text for all the ways of writing it, with the way back to the original.

use unicode_normalization::char::{decompose_compatible, is_combining_mark};

use super::look_alike::look_alike;
use super::simplify::simplified;

/// A text without its disguises: compatibility forms (full-width, circled, mathematical) as plain
/// characters, lower-case, simplified, look-alikes as Latin letters; without zero-width characters and
/// combining marks; each run of blanks as one blank, or as one line break if it holds any.
///
/// Folding again changes nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Folded {
    pub text: String,
    /// For each character of `text`, which character (not byte) of the original it came from.
    pub origin: Vec<u32>,
    /// What had to be undone that honest people hardly ever write, in order.
    pub tricks: Vec<Trick>,
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
}

/// The second view: letters and digits alone, everything between them dropped.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Letters {
    pub text: String,
    /// For each character of `text`, which character of the folded text it is.
    pub at: Vec<u32>,
}

impl Folded {
    pub fn new(text: &str) -> Self {
        let mut folder = Folder::with_capacity(text.len());
        let mut characters = text.chars().zip(0..).peekable();
        while let Some((c, origin)) = characters.next() {
            folder.origin = origin;
            match c {
                'A'..='Z' => folder.push(c.to_ascii_lowercase()),
                '!'..='~' => folder.push(c),
                '\u{4e00}'..='\u{9fff}' => folder.push(simplified(c)),
                '！'..='～' => folder.full_width(c),
                _ if is_regional(c) && characters.peek().is_some_and(|&(next, _)| is_regional(next)) => {
                    // Two regional letters side by side are a flag, not letters.
                    folder.push(c);
                    if let Some((second, origin)) = characters.next() {
                        folder.origin = origin;
                        folder.push(second);
                    }
                }
                _ => folder.other(c),
            }
        }
        folder.done
    }

    /// Start and end, in characters of the original, of these characters of the folded text. Zero-width
    /// characters and marks inside belong to it. The range must not be empty and lie within the text.
    pub fn span(&self, start: usize, end: usize) -> (usize, usize) {
        (self.origin[start] as usize, self.origin[end - 1] as usize + 1)
    }

    pub fn letters(&self) -> Letters {
        let mut letters = Letters {
            text: String::with_capacity(self.text.len()),
            at: Vec::with_capacity(self.origin.len()),
        };
        for (c, at) in self.text.chars().zip(0..) {
            if is_letter(c) {
                letters.text.push(c);
                letters.at.push(at);
            }
        }
        letters
    }
}

/// Letters and digits of any script. Two strokes that Unicode counts as characters serve as separators.
pub fn is_letter(c: char) -> bool {
    match c {
        '\0'..='\u{7f}' => c.is_ascii_alphanumeric(),
        '\u{4e00}'..='\u{9fff}' => !matches!(c, '丶' | '丨'),
        _ => c.is_alphanumeric(),
    }
}

struct Folder {
    done: Folded,
    /// The character of the original that is being folded.
    origin: u32,
    /// What one character decomposes into; kept to be reused.
    parts: Vec<char>,
}

impl Folder {
    fn with_capacity(bytes: usize) -> Self {
        let done = Folded {
            text: String::with_capacity(bytes),
            // Most of our text is Chinese, three bytes a character.
            origin: Vec::with_capacity(bytes / 2 + 8),
            tricks: Vec::new(),
        };
        Self { done, origin: 0, parts: Vec::new() }
    }

    fn push(&mut self, c: char) {
        self.done.text.push(c);
        self.done.origin.push(self.origin);
    }

    fn trick(&mut self, kind: TrickKind) {
        let at = u32::try_from(self.done.origin.len()).unwrap_or(u32::MAX);
        self.done.tricks.push(Trick { kind, at, origin: self.origin });
    }

    fn full_width(&mut self, c: char) {
        let narrow = char::from_u32(c as u32 - ('！' as u32 - '!' as u32)).unwrap_or(c);
        self.push(narrow.to_ascii_lowercase());
    }

    /// Everything that is neither ASCII nor a common Chinese character.
    fn other(&mut self, c: char) {
        match c {
            _ if c.is_whitespace() => self.blank(c),
            // Emoji and keycaps bring these along in honest text.
            '\u{fe00}'..='\u{fe0f}' | '\u{20e3}' => {}
            '\u{202d}' | '\u{202e}' => self.trick(TrickKind::Direction),
            _ if is_invisible(c) => self.trick(TrickKind::Invisible),
            _ if is_combining_mark(c) => self.trick(TrickKind::Mark),
            // They would fall apart into their letters.
            '\u{ac00}'..='\u{d7a3}' => self.push(c),
            _ => self.decomposed(c),
        }
    }

    fn blank(&mut self, c: char) {
        let blank = if matches!(c, ' ' | '\t' | '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{3000}') {
            ' '
        } else {
            '\n'
        };
        match self.done.text.as_bytes().last() {
            Some(b'\n') => {}
            Some(b' ') if blank == '\n' => {
                self.done.text.pop();
                self.done.text.push('\n');
            }
            Some(b' ') => {}
            _ => self.push(blank),
        }
    }

    fn decomposed(&mut self, c: char) {
        if is_styled(c) {
            self.trick(TrickKind::Styled);
        }
        let mut parts = std::mem::take(&mut self.parts);
        parts.clear();
        match look_alike(c) {
            Some(_) => parts.push(c),
            None => decompose_compatible(c, |part| parts.push(part)),
        }
        // ⑴ is a 1 and ⒈ too; their brackets and dots are decoration.
        let decorated = parts.len() > 1 && parts.iter().any(|&part| part.is_alphanumeric());
        for &part in parts.iter().filter(|&&part| !decorated || part.is_alphanumeric()) {
            self.part(part);
        }
        self.parts = parts;
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
            return self.push(seen);
        }
        for lower in part.to_lowercase().filter(|&lower| !is_combining_mark(lower)) {
            self.push(simplified(look_alike(lower).map_or(lower, |(seen, _)| seen)));
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fold(text: &str) -> String {
        Folded::new(text).text
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
        ];
        for (written, folded) in examples {
            assert_eq!(fold(written), folded, "{written:?}");
        }
    }

    #[test]
    fn folding_any_single_character_twice_changes_nothing() {
        for c in '\0'..=char::MAX {
            let once = fold(c.encode_utf8(&mut [0; 4]));
            assert_eq!(fold(&once), once, "{c:?} U+{:04X}", c as u32);
        }
    }

    #[test]
    fn knows_where_each_character_came_from() {
        let folded = Folded::new("加\u{200b}Ｖ：㎏1");
        assert_eq!(folded.text, "加v:kg1");
        assert_eq!(folded.origin, [0, 2, 3, 4, 4, 5]);
        assert_eq!(folded.span(0, 2), (0, 3));
        assert_eq!(folded.span(4, 5), (4, 5));
        assert_eq!(folded.tricks, [Trick { kind: TrickKind::Invisible, at: 1, origin: 1 }]);
    }

    #[test]
    fn letters_leave_out_what_separates() {
        let letters = Folded::new("兼-职 日/结❤加丶V").letters();
        assert_eq!(letters.text, "兼职日结加v");
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

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "\\PC{0,40}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn every_character_has_an_origin_in_order(text in any::<String>()) {
            let folded = Folded::new(&text);
            prop_assert_eq!(folded.text.chars().count(), folded.origin.len());
            prop_assert!(folded.origin.is_sorted());
            prop_assert!(folded.origin.iter().all(|&at| (at as usize) < text.chars().count()));
        }
    }
}
