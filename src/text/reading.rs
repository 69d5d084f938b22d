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
    /// Reads emoji as words, split characters as one (`弓虽` → `强`), signs as the characters that they look like.
    /// False when nothing is said otherwise than it is written; then this reading means nothing.
    pub fn speak(&mut self, heard: &Folded) -> bool {
        if !heard.holds.any(Traits::SPOKEN) {
            return false;
        }
        let table = &*TABLE;
        let (mut at, mut otherwise) = (0, false);
        self.clear();
        while let Some(&c) = heard.chars.get(at) {
            let rest = &heard.chars[at..];
            let rule =
                Some(c).filter(|&c| table.of(c).traits().any(Traits::SPOKEN)).and_then(|_| Rule::first(rest));
            let length = rule.map_or(1, |rule| rule.written.len());
            let mut plain = [0; 4];
            let said = rule.map_or(&*c.encode_utf8(&mut plain), |rule| rule.said);
            self.say(said, at..at + length);
            otherwise |= rule.is_some();
            at += length;
        }
        if otherwise {
            self.folded.fold(&self.text);
        }
        otherwise
    }

    /// Reads from the end to the beginning; false when the text does not turn the direction of writing.
    pub fn reverse(&mut self, heard: &Folded) -> bool {
        if !heard.tricks.iter().any(|trick| trick.kind == TrickKind::Direction) {
            return false;
        }
        self.clear();
        for (at, c) in heard.chars.iter().enumerate().rev() {
            self.say(c.encode_utf8(&mut [0; 4]), at..at + 1);
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

    fn say(&mut self, said: &str, from: Range<usize>) {
        let from = from.start as u32..from.end as u32;
        self.text.push_str(said);
        self.from.extend(said.chars().map(|_| from.clone()));
    }
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

/// Whether what is written with this character first may be said otherwise.
pub(super) fn is_spoken(c: char) -> bool {
    RULES.binary_search_by(|rule| c.cmp(&rule.written[0])).is_ok()
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
        ] {
            assert_eq!(spoken(written).as_deref(), Some(said), "{written:?}");
        }
        for text in ["老板在吗", "力气大", "弓箭", "", "👍👍"] {
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
