//! Disguise as a signal of its own: what an honest person does not write, whatever the words are.

use super::{Finding, Signal, SignalName};
use crate::text::{Folded, Trick, TrickKind, is_letter};

/// Speaks for an advertisement, but people also copy odd characters from elsewhere.
const WEIGHT: f32 = 0.3;

/// One or two mathematical or circled letters are somebody's taste.
const STYLED_AT_LEAST: usize = 2;

/// At most one signal for each kind of disguise, from its first place to its last.
pub(super) fn find(folded: &Folded, findings: &[Finding]) -> Vec<Signal> {
    let mut found = Vec::new();
    if !folded.tricks.is_empty() {
        let kinds = [
            (TrickKind::Invisible, "零宽字符"),
            (TrickKind::Direction, "反向文字"),
            (TrickKind::Mark, "叠加符号"),
            (TrickKind::LookAlike, "形近字母"),
            (TrickKind::Styled, "花体字母"),
            (TrickKind::Exotic, "生僻文字"),
        ];
        found.extend(kinds.into_iter().filter_map(|(kind, detail)| {
            let (first, last) = ends(kind, folded)?;
            Some(signal((first.origin as usize, last.origin as usize + 1), detail))
        }));
    }
    let hidden = || findings.iter().filter(|finding| finding.hidden);
    if let (Some(start), Some(end)) = (hidden().map(|f| f.start).min(), hidden().map(|f| f.end).max()) {
        found.push(signal(folded.span(start, end), "拆开书写"));
    }
    found
}

fn signal(span: (usize, usize), detail: &str) -> Signal {
    Signal { name: SignalName::Disguise, span, detail: detail.to_owned(), weight: WEIGHT }
}

/// The first and the last trick of this kind that tells something.
fn ends(kind: TrickKind, folded: &Folded) -> Option<(Trick, Trick)> {
    let chars = &*folded.chars;
    let tricks = || folded.tricks.iter().copied().filter(move |trick| trick.kind == kind);
    match kind {
        TrickKind::Invisible => ends_of(tricks().filter(|trick| between_letters(*trick, chars))),
        TrickKind::Mark => ends_of(tricks().filter(|trick| over_plain(*trick, chars))),
        TrickKind::LookAlike => in_mixed_words(tricks(), chars),
        TrickKind::Exotic => ends_of(tricks().filter(|trick| beside_chinese(*trick, chars))),
        TrickKind::Styled if tricks().count() < STYLED_AT_LEAST => None,
        TrickKind::Direction | TrickKind::Styled => ends_of(tricks()),
    }
}

fn ends_of(mut tricks: impl Iterator<Item = Trick>) -> Option<(Trick, Trick)> {
    let first = tricks.next()?;
    Some((first, tricks.last().unwrap_or(first)))
}

/// A joiner inside an emoji and a mark at the end of a copied text are harmless.
fn between_letters(trick: Trick, chars: &[char]) -> bool {
    let after = trick.at as usize;
    let letter = |at: usize| chars.get(at).is_some_and(|&c| is_letter(c));
    after.checked_sub(1).is_some_and(letter) && letter(after)
}

/// Over a digit or a Chinese character; accents over Latin letters and the signs of other scripts are
/// how people write.
fn over_plain(trick: Trick, chars: &[char]) -> bool {
    let under = (trick.at as usize).checked_sub(1).and_then(|at| chars.get(at));
    under.is_some_and(|&c| c.is_ascii_digit() || matches!(c, '\u{3400}'..='\u{9fff}'))
}

/// Somebody's own script is no disguise; a rune beside a Chinese character is.
fn beside_chinese(trick: Trick, chars: &[char]) -> bool {
    let at = trick.at as usize;
    let is_chinese = |at: usize| matches!(chars.get(at), Some('\u{3400}'..='\u{9fff}'));
    at.checked_sub(1).is_some_and(is_chinese) || is_chinese(at + 1)
}

/// Whole words in Greek or Cyrillic are words; one such letter among Latin ones is a trick.
fn in_mixed_words(tricks: impl Iterator<Item = Trick>, chars: &[char]) -> Option<(Trick, Trick)> {
    let is_word = |c: &char| c.is_ascii_alphabetic();
    let mut tricks = tricks.peekable();
    let mut mixed: Option<(Trick, Trick)> = None;
    while let Some(first) = tricks.next() {
        let at = first.at as usize;
        let start = at - chars[..at].iter().rev().take_while(|c| is_word(c)).count();
        let end = at + chars[at..].iter().take_while(|c| is_word(c)).count();
        let (mut last, mut inside) = (first, 1);
        while let Some(next) = tricks.next_if(|trick| (trick.at as usize) < end.max(at + 1)) {
            (last, inside) = (next, inside + 1);
        }
        if inside < end.saturating_sub(start) {
            mixed = Some((mixed.map_or(first, |(first, _)| first), last));
        }
    }
    mixed
}
