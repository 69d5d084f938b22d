//! The words of all rules, looked for at once.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use daachorse::CharwiseDoubleArrayAhoCorasick;

use super::draft::{Draft, Part};
use super::rule::{Hit, Rule};
use super::rules::RULES;

/// Built at the first look; the words are ours and never change.
static WORDS: LazyLock<Words> = LazyLock::new(Words::new);

struct Words {
    automaton: CharwiseDoubleArrayAhoCorasick<u32>,
    /// For each pattern, the rules and their lists that it is a word of.
    of: Vec<Vec<Owner>>,
}

#[derive(Clone, Copy)]
struct Owner {
    rule: usize,
    group: usize,
}

impl Words {
    fn new() -> Self {
        let mut by_text: BTreeMap<&str, Vec<Owner>> = BTreeMap::new();
        for (nth, rule) in RULES.iter().enumerate() {
            for (group, words) in rule.words.iter().enumerate() {
                for word in *words {
                    by_text.entry(word).or_default().push(Owner { rule: nth, group });
                }
            }
        }
        let (texts, of): (Vec<&str>, Vec<Vec<Owner>>) = by_text.into_iter().unzip();
        let patterns = texts.into_iter().zip(0..);
        let automaton = CharwiseDoubleArrayAhoCorasick::with_values(patterns)
            .expect("our words are unique and not empty");
        Self { automaton, of }
    }
}

/// For each rule, where its words stand, in the order of parts and of their ends.
pub(super) fn find(draft: &Draft) -> Vec<Vec<Hit>> {
    let mut hits = vec![Vec::new(); RULES.len()];
    for (nth, part) in draft.parts.iter().enumerate() {
        for found in WORDS.automaton.find_overlapping_iter(&part.text) {
            let span = found.start()..found.end();
            for owner in &WORDS.of[found.value() as usize] {
                let hit = Hit { part: nth, span: span.clone(), group: owner.group };
                if stands_alone(part, &hit)
                    && !part.is_torn(&hit.span)
                    && !is_allowed(RULES[owner.rule], part, &hit)
                {
                    hits[owner.rule].push(hit);
                }
            }
        }
    }
    hits
}

/// Latin words and numbers are not looked for inside longer ones: `no1` is not in `piano1`.
fn stands_alone(part: &Part, hit: &Hit) -> bool {
    let text = part.text.as_bytes();
    let same = |edge: usize, neighbour: Option<usize>| {
        let at = |at: usize| text.get(at).copied().unwrap_or(b' ');
        let (edge, neighbour) = (at(edge), neighbour.map_or(b' ', at));
        edge.is_ascii_digit() && neighbour.is_ascii_digit()
            || edge.is_ascii_alphabetic() && neighbour.is_ascii_alphabetic()
    };
    !same(hit.span.start, hit.span.start.checked_sub(1)) && !same(hit.span.end - 1, Some(hit.span.end))
}

/// Whether the word stands inside one of the longer texts that its rule allows.
fn is_allowed(rule: &Rule, part: &Part, hit: &Hit) -> bool {
    let word = &part.text[hit.span.clone()];
    let covers = |context: &&&str| {
        context.match_indices(word).any(|(at, _)| {
            let start = hit.span.start.checked_sub(at);
            start.and_then(|start| part.text.get(start..)).is_some_and(|text| text.starts_with(**context))
        })
    };
    rule.allowed.iter().find(covers).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_written_as_texts_are_seen() {
        for rule in RULES {
            for word in rule.words.iter().copied().flatten().chain(rule.allowed) {
                assert_eq!(Part::new(word).text, *word, "a word of {}", rule.code);
            }
        }
    }

    #[test]
    fn allowed_texts_hold_a_word() {
        for rule in RULES {
            for allowed in rule.allowed {
                let mut words = rule.words.iter().copied().flatten();
                assert!(words.any(|word| allowed.contains(word)), "{}: {allowed} allows nothing", rule.code);
            }
        }
    }
}
