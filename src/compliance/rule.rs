//! What a rule is.

use std::cmp::Reverse;
use std::ops::Range;

use super::draft::{Draft, Part};
use super::{CODE_PREFIX, Finding};
use crate::files::Severity;
use crate::text::one_line;

/// One rule of the lint. All sentences are Chinese.
#[derive(Debug)]
pub struct Rule {
    /// Stable, kebab-case, behind `compliance/`: the code of its diagnostics.
    pub code: &'static str,
    pub title: &'static str,
    /// An error keeps a text from going live.
    pub severity: Severity,
    /// What it stands on, the most important first.
    pub basis: &'static [Basis],
    pub why: &'static str,
    pub instead: &'static str,
    /// Texts in which it finds something; what it marks stands between `«` and `»`.
    pub failing: &'static [&'static str],
    /// Texts that come near and are fine.
    pub passing: &'static [&'static str],
    /// The only scene that it looks at.
    pub(super) scene: Option<&'static str>,
    /// As they look folded and squeezed. The rule is asked when one is there; always when there are none.
    pub(super) words: &'static [&'static [&'static str]],
    /// Longer texts in which a word means nothing bad (`最佳赏味` for `最佳`).
    pub(super) allowed: &'static [&'static str],
    pub(super) judge: fn(&Draft, &[Hit]) -> Vec<Fault>,
}

/// A law or a platform's rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Basis {
    pub name: &'static str,
    /// Empty when the source has no numbers.
    pub article: &'static str,
    /// When this version was made or came into force.
    pub date: &'static str,
}

impl std::fmt::Display for Basis {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}{}（{}）", self.name, self.article, self.date)
    }
}

/// A word of a rule in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hit {
    pub part: usize,
    /// Bytes of the part's squeezed text.
    pub span: Range<usize>,
    /// Which list of the rule's words it is from.
    pub group: usize,
}

/// What a rule finds wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub part: usize,
    /// Bytes of the part's squeezed text.
    pub span: Range<usize>,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// The found words in quotes and this behind them.
    Quoted(&'static str),
    Said(String),
}

/// More characters of the text than this are not repeated in a message.
const QUOTE_AT_MOST: usize = 20;

/// What was written there, in quotes.
pub(super) fn quote(part: &Part, span: &Range<usize>) -> String {
    format!("“{}”", one_line(part.original(span), QUOTE_AT_MOST))
}

impl Rule {
    pub fn id(&self) -> &'static str {
        self.code.strip_prefix(CODE_PREFIX).unwrap_or(self.code)
    }

    /// What a diagnostic says besides what is wrong: what to write, and the source.
    pub fn hint(&self) -> String {
        let basis = self.basis.first().map(ToString::to_string).unwrap_or_default();
        format!("{}。依据：{basis}", self.instead.trim_end_matches('。'))
    }

    pub(super) fn judge(&'static self, draft: &Draft, hits: &[Hit]) -> Vec<Finding> {
        let faults = merged((self.judge)(draft, hits));
        faults.into_iter().map(|fault| self.finding(&draft.parts[fault.part], fault)).collect()
    }

    fn finding(&'static self, part: &Part, fault: Fault) -> Finding {
        let message = match fault.what {
            What::Said(message) => message,
            What::Quoted(what) => format!("{}{what}", quote(part, &fault.span)),
        };
        Finding { rule: self, text: fault.part, span: part.source_span(&fault.span), message }
    }
}

/// Faults that overlap are one: `全网最低价` holds `全网最低` and `最低价`.
fn merged(mut faults: Vec<Fault>) -> Vec<Fault> {
    faults.sort_by_key(|fault| (fault.part, fault.span.start, Reverse(fault.span.end)));
    let mut merged: Vec<Fault> = Vec::with_capacity(faults.len());
    for fault in faults {
        match merged.last_mut() {
            Some(last) if last.part == fault.part && fault.span.start < last.span.end => {
                last.span.end = last.span.end.max(fault.span.end);
            }
            _ => merged.push(fault),
        }
    }
    merged
}

/// The hits that a rule finds wrong, with the same words said of each.
pub(super) fn each(
    draft: &Draft,
    hits: &[Hit],
    what: &'static str,
    is_wrong: impl Fn(&Part, &Hit) -> bool,
) -> Vec<Fault> {
    let wrong = hits.iter().filter(|hit| is_wrong(&draft.parts[hit.part], hit));
    wrong.map(|hit| Fault { part: hit.part, span: hit.span.clone(), what: What::Quoted(what) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlapping_faults_are_one() {
        let fault = |span: Range<usize>| Fault { part: 0, span, what: What::Quoted("") };
        let spans: Vec<Range<usize>> = merged(vec![fault(6..12), fault(0..9), fault(12..15), fault(0..3)])
            .into_iter()
            .map(|fault| fault.span)
            .collect();
        assert_eq!(spans, [0..12, 12..15]);
    }
}
