//! A script's texts as the rules see them.
//!
//! Template tags are left out and `{{ … }}` is one neutral character, as nobody knows yet what will stand
//! there. The rest is folded (width, case, traditional characters, zero-width characters), and what people put
//! between two letters to hide a word (`最 好`, `最·佳`) is squeezed out. Punctuation stays: words on both sides
//! of it are not one phrase. Every place has its way back to the text as it was written.

use std::ops::Range;

use crate::text::{Folded, is_letter};

/// Stands for `{{ … }}`; folding leaves it as it is.
pub(super) const BLANK: char = '\u{fffc}';

/// All texts that are sent together.
#[derive(Debug)]
pub(super) struct Draft<'t> {
    pub parts: Vec<Part<'t>>,
}

#[derive(Debug)]
pub(super) struct Part<'t> {
    /// As it was written.
    source: &'t str,
    /// Folded and squeezed.
    pub text: String,
    /// Where each character of `text` begins in `text`, and the bytes of `source` that it came from.
    characters: Vec<Character>,
    /// Places in `text` where separators were squeezed out.
    gaps: Vec<usize>,
    /// What the blanks name, in order: `store.phone`.
    pub blanks: Vec<Blank<'t>>,
}

#[derive(Clone, Copy, Debug)]
struct Character {
    at: u32,
    start: u32,
    end: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Blank<'t> {
    /// Where it stands in the squeezed text.
    pub at: usize,
    pub expression: &'t str,
}

impl<'t> Draft<'t> {
    pub fn new(texts: &[&'t str]) -> Self {
        Self { parts: texts.iter().map(|text| Part::new(text)).collect() }
    }

    /// Whether the pattern is found anywhere: conditions may stand in another message.
    pub fn says(&self, pattern: &regex::Regex) -> bool {
        self.parts.iter().any(|part| pattern.is_match(&part.text))
    }

    /// Whether a blank of any text names one of these.
    pub fn fills_in(&self, names: &[&str]) -> bool {
        let blanks = self.parts.iter().flat_map(|part| &part.blanks);
        blanks.into_iter().any(|blank| names.iter().any(|name| blank.expression.contains(name)))
    }
}

impl<'t> Part<'t> {
    pub fn new(source: &'t str) -> Self {
        let visible = Visible::of(source);
        let folded = Folded::new(&visible.text);
        let mut part = Self {
            source,
            text: String::with_capacity(visible.text.len()),
            characters: Vec::with_capacity(folded.origin.len()),
            gaps: Vec::new(),
            blanks: Vec::new(),
        };
        let chars = &folded.chars;
        let mut at = 0;
        while at < chars.len() {
            let separators = squeezed(chars, at);
            if separators > 0 {
                part.gaps.push(part.text.len());
            } else {
                part.push(chars[at], &visible, folded.origin[at] as usize);
            }
            at += separators.max(1);
        }
        part.blanks =
            part.text.match_indices(BLANK).map(|(at, _)| at).zip(visible.blanks).map(Blank::from).collect();
        part
    }

    /// `nth` is the character of the visible text that it came from.
    fn push(&mut self, c: char, visible: &Visible<'_>, nth: usize) {
        self.characters.push(Character {
            at: index(self.text.len()),
            start: visible.starts[nth],
            end: visible.ends[nth],
        });
        self.text.push(c);
    }

    /// The bytes of the source behind bytes of the squeezed text (not none of them).
    pub fn source_span(&self, span: &Range<usize>) -> Range<usize> {
        let nth = |offset: usize| self.characters.partition_point(|c| (c.at as usize) < offset);
        let (first, after) = (nth(span.start), nth(span.end));
        match (self.characters.get(first), self.characters.get(after.saturating_sub(1))) {
            (Some(first), Some(last)) => first.start as usize..last.end.max(first.end) as usize,
            _ => self.source.len()..self.source.len(),
        }
    }

    /// What was written behind bytes of the squeezed text.
    pub fn original(&self, span: &Range<usize>) -> &'t str {
        self.source.get(self.source_span(span)).unwrap_or_default()
    }

    /// Whether the words that stand there were torn out of two others by the only blank between them:
    /// `保护套 现在` holds no 套现.
    pub fn is_torn(&self, span: &Range<usize>) -> bool {
        let inside = self.gaps.iter().filter(|gap| span.start < **gap && **gap < span.end).count();
        let attached =
            |at: usize, neighbour: Option<char>| neighbour.is_some_and(is_letter) && !self.gaps.contains(&at);
        inside == 1
            && attached(span.start, self.text[..span.start].chars().next_back())
            && attached(span.end, self.text[span.end..].chars().next())
    }

    /// From the beginning of the clause up to here.
    pub fn before(&self, at: usize) -> &str {
        &self.text[self.clause(at..at).start..at]
    }

    /// From here to the end of the clause.
    pub fn after(&self, at: usize) -> &str {
        &self.text[at..self.clause(at..at).end]
    }

    /// From here to the end of the text.
    pub fn rest(&self, at: usize) -> &str {
        &self.text[at..]
    }

    /// The clause around a span, without the marks at its ends.
    pub fn clause(&self, span: Range<usize>) -> Range<usize> {
        self.between(span, ends_clause)
    }

    /// The text of the sentence around a span.
    pub fn sentence(&self, span: Range<usize>) -> &str {
        &self.text[self.sentence_span(span)]
    }

    pub fn sentence_span(&self, span: Range<usize>) -> Range<usize> {
        self.between(span, ends_sentence)
    }

    fn between(&self, span: Range<usize>, ends: fn(char) -> bool) -> Range<usize> {
        let before = &self.text[..span.start];
        let start =
            before.rfind(ends).map_or(0, |at| at + before[at..].chars().next().map_or(0, char::len_utf8));
        let end = self.text[span.end..].find(ends).map_or(self.text.len(), |at| span.end + at);
        start..end
    }
}

impl<'t> From<(usize, &'t str)> for Blank<'t> {
    fn from((at, expression): (usize, &'t str)) -> Self {
        Self { at, expression }
    }
}

/// Folded marks: `，` is a comma, `…` three dots.
fn ends_clause(c: char) -> bool {
    ends_sentence(c) || matches!(c, ',' | ';' | ':' | '(' | ')')
}

fn ends_sentence(c: char) -> bool {
    matches!(c, '。' | '!' | '?' | '\n')
}

/// How many separators from here on stand between two letters that belong together; 0 = this is none.
fn squeezed(chars: &[char], at: usize) -> usize {
    let separators = chars[at..].iter().take_while(|&&c| is_separator(c)).count();
    if separators == 0 {
        return 0;
    }
    let (Some(left), Some(right)) = (at.checked_sub(1).map(|at| chars[at]), chars.get(at + separators))
    else {
        return 0;
    };
    let joined = is_letter(left) && is_letter(*right);
    // `5 盒` is a number and its unit; `5-9`, `a b` and `2-3 盒` are read as they stand.
    let blanks_only = chars[at..at + separators].iter().all(|&c| c == ' ');
    let ascii =
        if blanks_only { left.is_ascii() && right.is_ascii() } else { left.is_ascii() || right.is_ascii() };
    if joined && !ascii { separators } else { 0 }
}

fn is_separator(c: char) -> bool {
    matches!(c, ' ' | '-' | '_' | '*' | '^' | '`' | '~' | '|' | '·' | '•' | '‖' | '丶' | '丨')
}

/// What is left of a template's source when its tags are taken out.
struct Visible<'t> {
    text: String,
    /// For each character of `text`, the bytes of the source that it stands for.
    starts: Vec<u32>,
    ends: Vec<u32>,
    blanks: Vec<&'t str>,
}

impl<'t> Visible<'t> {
    fn of(source: &'t str) -> Self {
        let characters = source.len() / 2;
        let mut visible = Self {
            text: String::with_capacity(source.len()),
            starts: Vec::with_capacity(characters),
            ends: Vec::with_capacity(characters),
            blanks: Vec::new(),
        };
        let mut at = 0;
        while let Some(open) = source[at..].find('{').map(|found| at + found) {
            visible.plain(source, at..open);
            at = visible.tag(source, open);
        }
        visible.plain(source, at..source.len());
        visible
    }

    fn plain(&mut self, source: &str, span: Range<usize>) {
        for (at, c) in source[span.clone()].char_indices() {
            let start = span.start + at;
            self.push(c, start..start + c.len_utf8());
        }
    }

    fn push(&mut self, c: char, span: Range<usize>) {
        self.text.push(c);
        self.starts.push(index(span.start));
        self.ends.push(index(span.end));
    }

    /// Takes in what begins with this brace and returns where it ends.
    fn tag(&mut self, source: &'t str, open: usize) -> usize {
        let closing = match source.as_bytes().get(open + 1) {
            Some(b'{') => "}}",
            Some(b'%') => "%}",
            Some(b'#') => "#}",
            _ => "",
        };
        let end = source[open..].find(closing).map(|found| open + found + closing.len());
        let Some(end) = end.filter(|_| !closing.is_empty()) else {
            self.push('{', open..open + 1);
            return open + 1;
        };
        if closing == "}}" {
            self.blanks.push(source[open + 2..end - 2].trim_matches(['-', ' ']));
            self.push(BLANK, open..end);
        }
        end
    }
}

/// Texts are read from files of limited size.
fn index(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_are_found_in_any_disguise() {
        for (written, seen) in [
            ("最 好", "最好"),
            ("最·好、最-佳", "最好、最佳"),
            ("**最**好", "**最好"),
            ("ｎｏ.1 Ｎｏ．１", "no.1 no.1"),
            ("全網最\u{200b}低", "全网最低"),
            ("5 盒 9.9 元/瓶", "5盒9.9元/瓶"),
            ("138 0000-0000", "138 0000-0000"),
            ("生日，结账", "生日,结账"),
            ("好\n好", "好\n好"),
        ] {
            assert_eq!(Part::new(written).text, seen, "{written:?}");
        }
    }

    #[test]
    fn blanks_are_neutral_and_tags_are_not_there() {
        let part =
            Part::new("{% if members %}{{ members }}，{% endif %}来{{- store.name -}}看{# 注 #}看 { x");
        assert_eq!(part.text, format!("{BLANK},来{BLANK}看看 {{ x"));
        let names: Vec<&str> = part.blanks.iter().map(|blank| blank.expression).collect();
        assert_eq!(names, ["members", "store.name"]);
        assert!(part.blanks.iter().all(|blank| part.text[blank.at..].starts_with(BLANK)));
        assert_eq!(
            part.original(&(part.blanks[1].at..part.blanks[1].at + BLANK.len_utf8())),
            "{{- store.name -}}"
        );
        let look = part.text.find("看看").expect("seen");
        assert_eq!(part.original(&(look..look + 6)), "看{# 注 #}看");
    }

    #[test]
    fn an_open_brace_takes_nothing_away() {
        for written in ["{{ store", "{", "{%", "a{{", "{{}}"] {
            let part = Part::new(written);
            assert_eq!(part.original(&(0..part.text.len())), written);
        }
    }

    #[test]
    fn clauses_and_sentences_have_ends() {
        let part = Part::new("好的，今天最好吃！明天，来");
        let at = part.text.find("最").expect("there");
        assert_eq!(part.before(at), "今天");
        assert_eq!(part.after(at), "最好吃");
        assert_eq!(part.sentence(at..at), "好的,今天最好吃");
    }

    proptest! {
        #[test]
        fn every_place_has_its_way_back(text in "(\\PC|最 好|\\{\\{|\\}\\}|[{%#}\n ]){0,60}", from in 0_usize..80, length in 1_usize..80) {
            let part = Part::new(&text);
            let start = part.text.floor_char_boundary(from);
            let end = part.text.ceil_char_boundary((start + length).min(part.text.len()));
            let span = part.source_span(&(start..end));
            prop_assert!(text.get(span.clone()).is_some(), "{span:?}");
            prop_assert!(start == end || start == part.text.len() || !span.is_empty());
        }
    }
}
