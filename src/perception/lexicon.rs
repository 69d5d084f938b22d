//! The brand's phrases, all looked for at once.
//!
//! A phrase of letters is looked for among the letters of the message, so that `兼-职 日/结` is found; one that
//! holds punctuation or emoji is looked for as it is written. Each phrase is reported once, at its first place.

use std::collections::HashMap;
use std::fmt;

use daachorse::CharwiseDoubleArrayAhoCorasick;

use super::{Finding, Phrase, SignalName, View};
use crate::text::{Folded, is_letter};

#[derive(Debug, Default)]
pub(super) struct Lexicon {
    entries: Vec<Entry>,
    /// Looks at the letters.
    plain: Matcher,
    /// Looks at the folded text.
    marked: Matcher,
}

/// A phrase in one category, whatever number of times the files name it.
#[derive(Debug)]
struct Entry {
    name: SignalName,
    /// Folded.
    text: String,
    weight: f32,
}

/// An automaton and what its patterns stand for.
#[derive(Default)]
struct Matcher {
    automaton: Option<CharwiseDoubleArrayAhoCorasick<u32>>,
    patterns: Vec<Pattern>,
    /// Characters of the longest pattern that allows something.
    longest_allow: usize,
}

#[derive(Debug)]
struct Pattern {
    /// In characters.
    length: usize,
    /// Entries that this pattern is.
    phrases: Vec<u32>,
    /// Entries that mean nothing bad inside this pattern.
    allows: Vec<u32>,
}

/// A pattern's place, in characters of the view that the matcher looked at.
#[derive(Clone, Copy)]
struct Place {
    entry: u32,
    start: usize,
    end: usize,
}

impl Lexicon {
    pub(super) fn phrases(&self) -> impl Iterator<Item = (SignalName, &str, f32)> {
        self.entries.iter().map(|entry| (entry.name, entry.text.as_str(), entry.weight))
    }

    pub(super) fn new(phrases: &[Phrase]) -> Self {
        let mut lexicon = Self::default();
        let mut known: HashMap<(String, SignalName), u32> = HashMap::new();
        let (mut plain, mut marked) = (Patterns::default(), Patterns::default());
        for phrase in phrases {
            let folded = Folded::new(&phrase.text);
            let text = folded.text.trim().to_owned();
            if text.is_empty() {
                continue;
            }
            let entry = *known.entry((text.clone(), phrase.category)).or_insert_with(|| {
                lexicon.entries.push(Entry { name: phrase.category, text: text.clone(), weight: 0.0 });
                index(lexicon.entries.len() - 1)
            });
            let weight = &mut lexicon.entries[entry as usize].weight;
            *weight = weight.max(phrase.weight);
            if text.chars().all(|c| is_letter(c) || c.is_whitespace()) {
                plain.add(folded.letters().text, entry, phrase, |allow| allow.letters().text);
            } else {
                marked.add(text, entry, phrase, |allow| allow.text.trim().to_owned());
            }
        }
        lexicon.plain = plain.build();
        lexicon.marked = marked.build();
        lexicon
    }

    pub(super) fn find(&self, view: &View) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut reported: Vec<bool> = Vec::new();
        let mut report = |entry: u32, start: usize, end: usize, hidden: bool| {
            // Most messages hold no phrase and cost no table.
            reported.resize(self.entries.len(), false);
            if !reported[entry as usize] && stands_alone(&view.chars, start, end) {
                reported[entry as usize] = true;
                let Entry { name, text, weight } = &self.entries[entry as usize];
                let (name, detail, weight) = (*name, text.clone(), *weight);
                findings.push(Finding { name, start, end, detail, weight, hidden });
            }
        };
        for place in self.plain.places(&view.letters.text) {
            let at = &view.letters.at[place.start..place.end];
            let splits = Splits::of(at, &view.chars);
            if splits.one_phrase() {
                report(place.entry, at[0] as usize, at[at.len() - 1] as usize + 1, splits.letter_by_letter());
            }
        }
        for place in self.marked.places(&view.folded.text) {
            report(place.entry, place.start, place.end, false);
        }
        findings
    }
}

/// Latin words and numbers are not looked for inside longer ones: `vx` is not in `avx`, `500` not in `1500`.
fn stands_alone(chars: &[char], start: usize, end: usize) -> bool {
    let before = start.checked_sub(1).map(|at| chars[at]);
    let after = chars.get(end).copied();
    let touches = |edge: char, neighbour: Option<char>, is_same: fn(&char) -> bool| {
        is_same(&edge) && neighbour.is_some_and(|neighbour| is_same(&neighbour))
    };
    let (first, last) = (chars[start], chars[end - 1]);
    let number_goes_on =
        touches(first, before, char::is_ascii_digit) || touches(last, after, char::is_ascii_digit);
    let latin = chars[start..end].iter().all(char::is_ascii);
    let word_goes_on = touches(first, before, char::is_ascii_alphabetic)
        || (latin && touches(last, after, char::is_ascii_alphabetic));
    !number_goes_on && !word_goes_on
}

/// How the letters of a phrase lie apart in the message.
struct Splits {
    /// Places between two letters of the phrase.
    places: usize,
    /// Of these, where something stands that does not belong there.
    split: usize,
    /// A single letter at the edge was torn out of a word: `生日，结账` holds no `日结`.
    torn: bool,
}

impl Splits {
    fn of(at: &[u32], chars: &[char]) -> Self {
        let at = |nth: usize| at.get(nth).map(|&at| at as usize);
        let mut splits = Self { places: 0, split: 0, torn: false };
        let mut first_gap = None;
        let mut last_gap = None;
        while let (Some(left), Some(right)) = (at(splits.places), at(splits.places + 1)) {
            splits.places += 1;
            if right > left + 1 {
                let gap = &chars[left + 1..right];
                splits.split += usize::from(!is_typography(chars[left], gap, chars[right]));
                first_gap.get_or_insert((splits.places, gap));
                last_gap = Some((splits.places, gap));
            }
        }
        let is_word = |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(|&c| is_letter(c));
        let length = splits.places + 1;
        let torn_left = first_gap.is_some_and(|(place, gap)| place == 1 && reads_as_pause(gap))
            && is_word(at(0).and_then(|at| at.checked_sub(1)));
        let torn_right = last_gap.is_some_and(|(place, gap)| place + 1 == length && reads_as_pause(gap))
            && is_word(at(length - 1).map(|at| at + 1));
        splits.torn = torn_left || torn_right;
        splits
    }

    fn one_phrase(&self) -> bool {
        !self.torn || (self.split > 1 && self.letter_by_letter())
    }

    /// Most letters stand alone, as nobody writes who wants to be found.
    fn letter_by_letter(&self) -> bool {
        self.split * 2 > self.places
    }
}

/// A blank between Chinese and Latin letters is good style.
fn is_typography(left: char, gap: &[char], right: char) -> bool {
    gap == [' '] && left.is_ascii() != right.is_ascii()
}

/// Blanks, punctuation and emoji, as people put between two thoughts.
fn reads_as_pause(gap: &[char]) -> bool {
    !gap.iter().any(|c| {
        matches!(
            c,
            '-' | '*'
                | '_'
                | '^'
                | '|'
                | '#'
                | '$'
                | '%'
                | '&'
                | '='
                | '\\'
                | '`'
                | '·'
                | '•'
                | '‖'
                | '丶'
                | '丨'
        )
    })
}

impl fmt::Debug for Matcher {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Matcher").field("patterns", &self.patterns.len()).finish_non_exhaustive()
    }
}

impl Matcher {
    /// Where phrases stand and nothing allows them, by their ends.
    fn places(&self, text: &str) -> Vec<Place> {
        let (mut phrases, mut allowed) = (Vec::new(), Vec::new());
        let Some(automaton) = &self.automaton else { return phrases };
        let (mut bytes, mut end) = (0, 0);
        for found in automaton.find_overlapping_iter(text) {
            end += text[bytes..found.end()].chars().count();
            bytes = found.end();
            let pattern = &self.patterns[found.value() as usize];
            let place = |&entry: &u32| Place { entry, start: end - pattern.length, end };
            phrases.extend(pattern.phrases.iter().map(place));
            allowed.extend(pattern.allows.iter().map(place));
        }
        if !allowed.is_empty() {
            phrases.retain(|phrase| !self.is_allowed(phrase, &allowed));
        }
        phrases
    }

    /// `allowed` is ordered by end, so only the neighbourhood of the phrase is looked at.
    fn is_allowed(&self, phrase: &Place, allowed: &[Place]) -> bool {
        let first = allowed.partition_point(|allow| allow.end < phrase.end);
        allowed[first..]
            .iter()
            .take_while(|allow| allow.end <= phrase.start + self.longest_allow)
            .any(|allow| allow.entry == phrase.entry && allow.start <= phrase.start)
    }
}

/// Patterns by text while they are gathered; the automaton wants each text once.
#[derive(Default)]
struct Patterns {
    by_text: HashMap<String, u32>,
    patterns: Vec<Pattern>,
    longest_allow: usize,
}

impl Patterns {
    fn add(&mut self, text: String, entry: u32, phrase: &Phrase, key: fn(&Folded) -> String) {
        let phrases = &mut self.pattern(text).phrases;
        if !phrases.contains(&entry) {
            phrases.push(entry);
        }
        let allowed = phrase.allow.iter().map(|allow| key(&Folded::new(allow)));
        for allow in allowed.filter(|allow| !allow.is_empty()) {
            let pattern = self.pattern(allow);
            pattern.allows.push(entry);
            let length = pattern.length;
            self.longest_allow = self.longest_allow.max(length);
        }
    }

    fn pattern(&mut self, text: String) -> &mut Pattern {
        let length = text.chars().count();
        let at = *self.by_text.entry(text).or_insert_with(|| {
            self.patterns.push(Pattern { length, phrases: Vec::new(), allows: Vec::new() });
            index(self.patterns.len() - 1)
        });
        &mut self.patterns[at as usize]
    }

    fn build(self) -> Matcher {
        let Self { by_text, patterns, longest_allow } = self;
        let automaton = (!patterns.is_empty()).then(|| {
            CharwiseDoubleArrayAhoCorasick::with_values(by_text)
                .expect("patterns are unique, not empty, and far fewer than four thousand million")
        });
        Matcher { automaton, patterns, longest_allow }
    }
}

fn index(nth: usize) -> u32 {
    u32::try_from(nth).expect("phrases are read from files of limited size")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phrase(text: &str, allow: &[&str]) -> Phrase {
        let allow = allow.iter().map(ToString::to_string).collect();
        Phrase { text: text.to_owned(), category: SignalName::Ad, weight: 0.5, allow }
    }

    fn found(phrases: &[Phrase], text: &str) -> Vec<String> {
        Lexicon::new(phrases).find(&View::new(text)).into_iter().map(|finding| finding.detail).collect()
    }

    #[test]
    fn finds_phrases_in_any_disguise() {
        let phrases =
            [phrase("兼职", &[]), phrase("日結", &[]), phrase("ＶＸ", &[]), phrase("兼职 日结", &[])];
        assert_eq!(found(&phrases, "兼职日结"), ["兼职", "兼职 日结", "日结"]);
        assert_eq!(found(&phrases, "兼-职 日/结"), ["兼职", "兼职 日结", "日结"]);
        assert_eq!(found(&phrases, "兼\u{200b}職，日 结 加 vX 吧"), ["兼职", "兼职 日结", "日结", "vx"]);
        assert_eq!(found(&phrases, "做兼❤职❤日❤结的来"), ["兼职 日结"]);
        assert_eq!(found(&phrases, "我兼*职"), ["兼职"]);
        assert_eq!(found(&phrases, "兼-职日-结的"), ["兼职", "兼职 日结", "日结"]);
    }

    #[test]
    fn two_words_side_by_side_are_not_a_phrase() {
        let phrases = [phrase("日结", &[]), phrase("加微信", &[]), phrase("vx", &[]), phrase("500", &[])];
        for text in [
            "今天生日，结账打折吗",
            "生日🎂结账",
            "生日/结婚/满月",
            "再来一份加，微信付款",
            "lov xo",
            "avx",
            "1500元",
        ] {
            assert_eq!(found(&phrases, text), Vec::<String>::new(), "{text:?}");
        }
        assert_eq!(found(&phrases, "可以，加 微信，500元"), ["加微信", "500"]);
    }

    #[test]
    fn an_allowed_context_drops_the_hit_inside_it() {
        let phrases = [phrase("第一", &["第一次", "第 一 天"]), phrase("一", &[])];
        assert_eq!(found(&phrases, "第一次来，第一天"), ["一"]);
        assert_eq!(found(&phrases, "第一次来，全国第一"), ["一", "第一"]);
        let never = [phrase("加微信", &["加微信吗"])];
        assert_eq!(found(&never, "可以加-微信 吗"), Vec::<String>::new());
        assert_eq!(found(&never, "加微信吗？加微信"), ["加微信"]);
    }

    #[test]
    fn phrases_with_signs_are_found_as_written() {
        let phrases = [phrase("+V", &[]), phrase("🍠代发", &["送🍠代发"]), phrase("t.me", &[])];
        assert_eq!(found(&phrases, "➕Ｖ 🍠代发 t.me/x"), ["+v", "🍠代发", "t.me"]);
        assert_eq!(found(&phrases, "送🍠代发，tme 微v"), Vec::<String>::new());
    }

    #[test]
    fn repeated_and_empty_phrases_are_one_and_none() {
        let mut strong = phrase("兼　职", &[]);
        strong.weight = 0.9;
        let other = Phrase { category: SignalName::Fraud, ..phrase("兼职", &[]) };
        let lexicon = Lexicon::new(&[phrase("兼 职", &[]), strong, other, phrase(" \u{200b}", &[])]);
        let findings = lexicon.find(&View::new("兼职兼职"));
        let seen: Vec<_> = findings.iter().map(|finding| (finding.name, finding.weight)).collect();
        assert_eq!(seen, [(SignalName::Ad, 0.9), (SignalName::Fraud, 0.5)]);
    }
}
