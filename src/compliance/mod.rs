//! PURE. The compliance lint: what a brand may not say to its customers, rule by rule.
//!
//! One rule is one file in `rules/`: the law behind it, why, what to write instead, and examples that are its
//! tests and its page of `docs/COMPLIANCE.md`. Texts are looked at as [`draft`] shows them: folded, squeezed,
//! with `{{ … }}` as a neutral word. One automaton looks for the words of all rules; a rule is asked only when
//! one of its words is there.
//!
//! This is a lint, not legal advice.

mod amount;
mod context;
mod draft;
mod page;
mod rule;
mod rules;
mod words;

use std::ops::Range;

pub use page::{all_pages, list, page};
pub use rule::{Basis, Rule};
pub use rules::RULES;

use draft::Draft;
use rule::Hit;

/// Diagnostics carry a rule's id behind this.
pub const CODE_PREFIX: &str = "compliance/";

/// Something that a rule found in one text of a script.
#[derive(Clone, Debug)]
pub struct Finding {
    pub rule: &'static Rule,
    /// Index of the text among those that were checked.
    pub text: usize,
    /// Bytes of that text.
    pub span: Range<usize>,
    /// What is wrong, a Chinese sentence without the final stop.
    pub message: String,
}

/// The rule with this id, with or without `compliance/` before it.
pub fn rule(id: &str) -> Option<&'static Rule> {
    let id = id.strip_prefix(CODE_PREFIX).unwrap_or(id);
    RULES.iter().copied().find(|rule| rule.id() == id)
}

/// Looks at all texts that one script sends together, in the order of texts and places. Conditions (a term, a
/// source) may stand in another text than what they belong to.
pub fn check(scene: &str, texts: &[&str]) -> Vec<Finding> {
    let draft = Draft::new(texts);
    let mut hits = words::find(&draft);
    let mut findings = Vec::new();
    for (nth, rule) in RULES.iter().copied().enumerate() {
        let found: Vec<Hit> = std::mem::take(&mut hits[nth]);
        let asked = rule.words.is_empty() || !found.is_empty();
        if asked && rule.scene.is_none_or(|wanted| wanted == scene) {
            findings.extend(rule.judge(&draft, &found));
        }
    }
    findings.sort_by_key(|finding| (finding.text, finding.span.start, finding.span.end));
    findings
}

#[cfg(test)]
mod tests;
