//! The brand's phrases, all looked for at once.
//!
//! A phrase of letters is looked for among the letters of the message, so that `兼-职 日/结` is found; one that
//! holds punctuation or emoji is looked for as it is written. Each phrase is reported once, at its first place.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::phrases::{Phrases, Place};
use super::{Finding, Phrase, SignalName};
use crate::text::{Folded, Traits, is_letter, trimmed};

#[derive(Debug, Default)]
pub(super) struct Lexicon {
    entries: Vec<Entry>,
    /// The folded phrases, one after the other.
    texts: String,
    /// By entry; most have none.
    allowed: HashMap<u32, Vec<Allowed>>,
    /// Look at the letters.
    plain: Phrases,
    /// Look at the folded text.
    marked: Phrases,
}

/// A phrase in one category, whatever number of times the files name it.
#[derive(Debug)]
struct Entry {
    /// In [`Lexicon::texts`].
    text: Range<u32>,
    weight: f32,
    name: SignalName,
}

/// A longer text in which a phrase means nothing bad.
#[derive(Debug)]
struct Allowed {
    text: Vec<char>,
    /// Where in it the phrase stands.
    phrase: usize,
}

impl Lexicon {
    pub(super) fn phrases(&self) -> impl Iterator<Item = (SignalName, &str, f32)> {
        self.entries.iter().map(|entry| (entry.name, self.text(entry), entry.weight))
    }

    pub(super) fn new(phrases: &[Phrase]) -> Self {
        let mut lexicon = Self::default();
        let mut known: HashMap<(String, SignalName), u32> = HashMap::new();
        let (mut plain, mut marked) = (Vec::new(), Vec::new());
        let mut folded = Folded::default();
        for phrase in phrases {
            folded.fold(&phrase.text);
            let text = folded.text().trim().to_owned();
            if text.is_empty() {
                continue;
            }
            let is_plain = text.chars().all(|c| is_letter(c) || c.is_whitespace());
            let chars: Vec<char> =
                if is_plain { folded.letters.chars.clone() } else { text.chars().collect() };
            let entry = *known.entry((text, phrase.category)).or_insert_with_key(|(text, name)| {
                let entry = lexicon.enter(text, *name);
                if is_plain { &mut plain } else { &mut marked }.push((chars.clone(), entry));
                entry
            });
            let weight = &mut lexicon.entries[entry as usize].weight;
            *weight = weight.max(phrase.weight);
            for allow in &phrase.allow {
                folded.fold(allow);
                let allow =
                    if is_plain { folded.letters.chars.clone() } else { trimmed(&folded.chars).to_vec() };
                lexicon.allow(entry, &chars, &allow);
            }
        }
        lexicon.plain = Phrases::new(plain.iter().map(|(chars, entry)| (chars.as_slice(), *entry)));
        lexicon.marked = Phrases::new(marked.iter().map(|(chars, entry)| (chars.as_slice(), *entry)));
        lexicon.entries.shrink_to_fit();
        lexicon.texts.shrink_to_fit();
        lexicon
    }

    fn enter(&mut self, text: &str, name: SignalName) -> u32 {
        let start = index(self.texts.len());
        self.texts.push_str(text);
        self.entries.push(Entry { text: start..index(self.texts.len()), weight: 0.0, name });
        index(self.entries.len() - 1)
    }

    fn allow(&mut self, entry: u32, phrase: &[char], allow: &[char]) {
        let places = allow.windows(phrase.len()).enumerate().filter(|(_, window)| *window == phrase);
        let allowed = places.map(|(phrase, _)| Allowed { text: allow.to_vec(), phrase });
        let mut allowed = allowed.peekable();
        if allowed.peek().is_some() {
            self.allowed.entry(entry).or_default().extend(allowed);
        }
    }

    fn text(&self, entry: &Entry) -> &str {
        &self.texts[entry.text.start as usize..entry.text.end as usize]
    }

    /// Adds what is found; what an allowed text holds is not.
    pub(super) fn find(&self, folded: &Folded, findings: &mut Vec<Finding>) {
        let Folded { chars, letters, .. } = folded;
        let mut reported = HashSet::new();
        let mut report = |entry: u32, start: usize, end: usize, hidden: bool| {
            if stands_alone(chars, start, end) && reported.insert(entry) {
                let entry = &self.entries[entry as usize];
                let (name, detail, weight) = (entry.name, self.text(entry).to_owned(), entry.weight);
                findings.push(Finding { name, start, end, detail, weight, hidden });
            }
        };
        self.plain.find(&letters.chars, |place| {
            let at = &letters.at[place.start..place.end];
            let splits = Splits::of(at, chars);
            if splits.one_phrase() && !self.is_allowed(place, &letters.chars) {
                report(
                    place.number,
                    at[0] as usize,
                    at[at.len() - 1] as usize + 1,
                    splits.letter_by_letter(),
                );
            }
        });
        if folded.holds.any(Traits::SIGN) {
            self.marked.find(chars, |place| {
                if !self.is_allowed(place, chars) {
                    report(place.number, place.start, place.end, false);
                }
            });
        }
    }

    fn is_allowed(&self, place: Place, text: &[char]) -> bool {
        self.allowed.get(&place.number).into_iter().flatten().any(|allowed| {
            let start = place.start.checked_sub(allowed.phrase);
            start.and_then(|start| text.get(start..start + allowed.text.len())) == Some(&allowed.text[..])
        })
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
        seen(&Lexicon::new(phrases), text).into_iter().map(|finding| finding.detail).collect()
    }

    fn seen(lexicon: &Lexicon, text: &str) -> Vec<Finding> {
        let mut findings = Vec::new();
        lexicon.find(&Folded::new(text), &mut findings);
        findings.sort_by_key(|finding| (finding.start, finding.end, finding.name));
        findings
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
        let findings = seen(&lexicon, "兼职兼职");
        let seen: Vec<_> = findings.iter().map(|finding| (finding.name, finding.weight)).collect();
        assert_eq!(seen, [(SignalName::Ad, 0.9), (SignalName::Fraud, 0.5)]);
    }
}
