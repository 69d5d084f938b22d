//! Lexicons: phrases by category.

use std::collections::BTreeMap;

use super::Reading;
use crate::files::{At, Number, Place, Report, Text};
use crate::perception::{Phrase, SignalName};
use crate::rules::written::{LexiconFile, PhraseEntry};
use crate::text::fold;

/// What a phrase weighs when nothing is written.
const WEIGHT: f32 = 0.5;

pub fn check(reading: &Reading<'_>, report: &mut Report<'_>) -> Vec<Phrase> {
    let mut phrases = Vec::new();
    let mut seen = BTreeMap::new();
    for lexicon in &reading.lexicons {
        let entries = lexicon.phrase.iter().flat_map(|list| &list.value);
        for entry in entries {
            phrases.extend(check_entry(lexicon, entry, &mut seen, report));
        }
    }
    phrases
}

fn check_entry(
    lexicon: &LexiconFile,
    entry: &At<PhraseEntry>,
    seen: &mut BTreeMap<(SignalName, String), Place>,
    report: &mut Report<'_>,
) -> Vec<Phrase> {
    let texts: Vec<&At<Text>> =
        entry.text.iter().chain(entry.texts.iter().flat_map(|list| &list.value)).collect();
    if entry.text.is_none() && entry.texts.is_none() && !report.is_broken(entry.place.file()) {
        report
            .error("missing-key", entry.place, "这一项没有写说法")
            .hint("加一行 text = \"兼职日结\"，或 texts = [\"兼职日结\", \"日结兼职\"]");
    }
    let Some(category) = lexicon.category.as_ref().map(|category| category.value) else { return Vec::new() };
    for text in &texts {
        check_text(category, text, seen, report);
    }
    let weight = entry.weight.as_ref().map_or(WEIGHT, |weight| {
        let Number(weight) = weight.value;
        weight
    });
    let allow: Vec<String> =
        entry.allow.iter().flat_map(|list| &list.value).map(|text| text.0.clone()).collect();
    let phrase = |text: &&At<Text>| Phrase { text: text.0.clone(), category, weight, allow: allow.clone() };
    texts.iter().map(phrase).collect()
}

fn check_text(
    category: SignalName,
    text: &At<Text>,
    seen: &mut BTreeMap<(SignalName, String), Place>,
    report: &mut Report<'_>,
) {
    let folded = fold(&text.0);
    if folded.chars().count() < 2 {
        report
            .warning("phrase-too-short", text.place, format!("说法 {:?} 只有一个字，太容易误伤", text.0))
            .hint("写长一点，例如连同前后的字");
    }
    if let Some(first) = seen.get(&(category, folded.clone())) {
        let message = format!("说法 {:?} 在 {} 已经有了", text.0, report.locate(*first));
        report.warning("duplicate-phrase", text.place, message).hint("删掉其中一处");
        return;
    }
    seen.insert((category, folded), text.place);
}
