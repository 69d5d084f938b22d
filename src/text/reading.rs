//! A folded text read in another way, with the way back.

use std::ops::Range;
use std::sync::LazyLock;

use super::fold::{Folded, TrickKind};
use super::table::{TABLE, Traits};

/// Another reading of a folded text. Kept to be used again for the next text.
#[derive(Debug, Default)]
pub struct Reading {
    text: String,
    /// For each character of `text`, the characters of the text that was read.
    from: Vec<Range<u32>>,
    folded: Folded,
}

/// A reading that is kept for the next text keeps no more room than this many bytes.
const KEPT_AT_MOST: usize = 1 << 16;

impl Reading {
    /// Reads emoji as words, split characters as one (`弓虽` → `强`), signs as the characters that they look like, and
    /// leaves out what a client writes for its pictures and mentions (`[em]e123[/em]`, `[抱拳]`, `,who:1,auto:1`).
    /// False when nothing is said otherwise than it is written; then this reading means nothing.
    pub fn speak(&mut self, heard: &Folded) -> bool {
        let chars = heard.chars.as_slice();
        let is_otherwise = |at: &usize| otherwise_said(&chars[*at..]).is_some();
        let first = Some(0..chars.len()).filter(|_| heard.holds.any(Traits::SPOKEN));
        let Some(mut at) = first.and_then(|mut places| places.find(is_otherwise)) else { return false };
        self.clear();
        self.say_as_written(chars, 0..at);
        while at < chars.len() {
            let length = match otherwise_said(&chars[at..]) {
                Some((length, said)) => {
                    self.say(said, at..at + length);
                    length
                }
                None => {
                    self.say_as_written(chars, at..at + 1);
                    1
                }
            };
            at += length;
        }
        self.folded.fold(&self.text);
        true
    }

    /// Reads from the end to the beginning; false when the text does not turn the direction of writing.
    pub fn reverse(&mut self, heard: &Folded) -> bool {
        if !heard.tricks.iter().any(|trick| trick.kind == TrickKind::Direction) {
            return false;
        }
        self.clear();
        for at in (0..heard.chars.len()).rev() {
            self.say_as_written(&heard.chars, at..at + 1);
        }
        self.folded.fold(&self.text);
        true
    }

    pub fn folded(&self) -> &Folded {
        &self.folded
    }

    /// Start and end, in characters of the text that was read, of these characters of [`Self::folded`]. The range must
    /// not be empty and lie within.
    pub fn span(&self, start: usize, end: usize) -> (usize, usize) {
        let (start, end) = self.folded.span(start, end);
        let (first, last) = (&self.from[start], &self.from[end - 1]);
        (first.start.min(last.start) as usize, first.end.max(last.end) as usize)
    }

    fn clear(&mut self) {
        self.text.clear();
        self.text.shrink_to(KEPT_AT_MOST);
        self.from.clear();
        self.from.shrink_to(KEPT_AT_MOST);
    }

    fn say_as_written(&mut self, chars: &[char], range: Range<usize>) {
        for at in range {
            self.say(chars[at].encode_utf8(&mut [0; 4]), at..at + 1);
        }
    }

    fn say(&mut self, said: &str, from: Range<usize>) {
        let from = from.start as u32..from.end as u32;
        self.text.push_str(said);
        self.from.extend(said.chars().map(|_| from.clone()));
    }
}

/// How many characters here are read as what.
fn otherwise_said(text: &[char]) -> Option<(usize, &'static str)> {
    let first = *text.first()?;
    // Nearly every character ends here.
    if first != ',' && !TABLE.of(first).traits().any(Traits::SPOKEN) {
        return None;
    }
    let rule = Rule::first(text).map(|rule| (rule.written.len(), rule.said));
    rule.or_else(|| picture_code(text).or_else(|| mention_code(text)).map(|length| (length, "")))
}

/// The names of a client's pictures have no more letters: `[破涕为笑]`.
const PICTURE_NAME_AT_MOST: usize = 4;

/// The number of a picture has no more digits: `[em]e400822[/em]`.
const CODE_AT_MOST: usize = 8;

/// The length of `[em]e123[/em]` or `[抱拳]` here.
fn picture_code(text: &[char]) -> Option<usize> {
    let inside = text.strip_prefix(&['['])?;
    if let Some(code) = inside.strip_prefix(&['e', 'm', ']', 'e']) {
        let digits = code.iter().take(CODE_AT_MOST).take_while(|c| c.is_ascii_digit()).count();
        return code[digits..].starts_with(&['[', '/', 'e', 'm', ']']).then_some(5 + digits + 5);
    }
    let name = inside
        .iter()
        .take(PICTURE_NAME_AT_MOST + 1)
        .take_while(|c| matches!(c, '\u{4e00}'..='\u{9fff}'))
        .count();
    ((1..=PICTURE_NAME_AT_MOST).contains(&name) && inside.get(name) == Some(&']')).then_some(name + 2)
}

/// The length of `,who:1,auto:1`, which stands behind a mention.
fn mention_code(text: &[char]) -> Option<usize> {
    const KEYS: [&str; 2] = [",who:", ",auto:"];
    let mut at = 0;
    for key in KEYS {
        let rest = &text[at..];
        let digit = key.chars().count();
        let is_key = rest.len() > digit && rest.iter().zip(key.chars()).all(|(c, other)| *c == other);
        if !is_key || !rest[digit].is_ascii_digit() {
            return None;
        }
        at += digit + 1;
    }
    Some(at)
}

/// One line of the table.
struct Rule {
    written: Vec<char>,
    said: &'static str,
}

/// By what is written, the longer ones first.
static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let mut rules: Vec<Rule> = include_str!("spoken.tsv").lines().filter_map(Rule::read).collect();
    rules.sort_by(|one, other| other.written.cmp(&one.written));
    rules
});

impl Rule {
    /// `None` for comments; a test sees to it that every other line is a rule.
    fn read(line: &'static str) -> Option<Self> {
        let (written, said) = line.split_once('\t').filter(|_| !line.starts_with('#'))?;
        Some(Self { written: written.chars().collect(), said })
    }

    /// The longest rule for what the text begins with.
    fn first(text: &[char]) -> Option<&'static Self> {
        let first = text.first()?;
        let from = RULES.partition_point(|rule| rule.written[0] > *first);
        let mut rules = RULES[from..].iter().take_while(|rule| rule.written[0] == *first);
        rules.find(|rule| text.starts_with(&rule.written))
    }
}

/// Whether a text with this character may be said otherwise. What begins with a comma needs an @ before it.
pub(super) fn is_spoken(c: char) -> bool {
    matches!(c, '[' | '@') || RULES.binary_search_by(|rule| c.cmp(&rule.written[0])).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::fold;

    fn spoken(text: &str) -> Option<String> {
        let mut reading = Reading::default();
        reading.speak(&Folded::new(text)).then(|| reading.folded().text())
    }

    #[test]
    fn every_line_is_a_rule_and_folded() {
        let lines = include_str!("spoken.tsv").lines().filter(|line| !line.starts_with('#'));
        for line in lines {
            let rule = Rule::read(line).unwrap_or_else(|| panic!("not a rule: {line:?}"));
            let written: String = rule.written.iter().collect();
            assert_eq!(fold(&written), written, "{line:?}");
            assert_eq!(fold(rule.said), rule.said, "{line:?}");
            assert!(is_spoken(rule.written[0]), "{line:?}");
        }
    }

    #[test]
    fn says_what_is_meant() {
        for (written, said) in [
            ("力口微亻言", "加微信"),
            ("弓虽势招商", "强势招商"),
            ("尸巾刂单 贝兼钅戋", "刷单 赚钱"),
            ("加🐧 领🧧", "加企鹅 领红包"),
            ("曰结 ㄖ结", "日结 日结"),
            ("兼[em]e123[/em]职[强]日结", "兼职日结"),
            ("@代发广告,who:1,auto:1 加我", "@代发广告 加我"),
        ] {
            assert_eq!(spoken(written).as_deref(), Some(said), "{written:?}");
        }
        for text in
            ["老板在吗", "力气大", "弓箭", "", "👍👍", "好的，谢谢", "[一二三四五][", "[em]x", ",who:1"]
        {
            assert_eq!(spoken(text), None, "{text:?}");
        }
    }

    #[test]
    fn knows_where_it_came_from() {
        let mut reading = Reading::default();
        assert!(reading.speak(&Folded::new("我力口🐧群")));
        assert_eq!(reading.folded().text(), "我加企鹅群");
        assert_eq!(reading.span(1, 2), (1, 3));
        assert_eq!(reading.span(2, 3), (3, 4));
        assert_eq!(reading.span(1, 5), (1, 5));
        assert!(reading.reverse(&Folded::new("\u{202e}54321cba信微")));
        assert_eq!(reading.folded().text(), "微信abc12345");
        assert_eq!(reading.span(2, 5), (5, 8));
        assert!(!reading.reverse(&Folded::new("54321cba")));
    }
}
