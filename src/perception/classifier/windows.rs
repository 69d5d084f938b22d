//! Long texts: an advertisement hidden in a long text must not be thinned out by the rest, and a text without
//! end must not cost time without end.

use std::ops::Range;

use super::Model;
use crate::text::is_letter;

/// Up to this many symbols a message is looked at as a whole; nearly all messages are shorter.
const WHOLE: usize = 96;
/// Of a longer one parts of this size are looked at: in a larger one a short advertisement is drowned.
const WINDOW: usize = 48;
/// Neighbouring windows overlap by half, so that what two windows cut lies whole in a third.
const STEP: usize = WINDOW / 2;
/// A longer text is looked at from its beginning and from its end, so many windows each: 1 560 symbols, more than
/// a platform lets a person write. What lies between is not looked at.
const WINDOWS_AT_EACH_END: usize = 64;

/// A part of a message in both of its views.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub symbols: Range<usize>,
    pub letters: Range<usize>,
}

/// The highest logit of all windows.
pub(super) fn score(model: &Model, symbols: &[char], letters: &[char]) -> f32 {
    if symbols.len() <= WHOLE {
        return model.logit(symbols, letters);
    }
    each(symbols, letters).map(|window| logit(model, symbols, letters, &window)).fold(f32::MIN, f32::max)
}

/// The window with the highest logit; none for an empty text.
pub(super) fn strongest(model: &Model, symbols: &[char], letters: &[char]) -> Option<Window> {
    each(symbols, letters)
        .max_by(|a, b| logit(model, symbols, letters, a).total_cmp(&logit(model, symbols, letters, b)))
}

fn logit(model: &Model, symbols: &[char], letters: &[char], window: &Window) -> f32 {
    model.logit(&symbols[window.symbols.clone()], &letters[window.letters.clone()])
}

/// The windows in order. The letters of each are counted out, as only the caller knows where they stand.
fn each(symbols: &[char], letters: &[char]) -> impl Iterator<Item = Window> {
    let window = if symbols.len() <= WHOLE { WHOLE } else { WINDOW };
    let count = symbols.len().saturating_sub(window).div_ceil(STEP) + 1;
    let skipped = WINDOWS_AT_EACH_END..count.saturating_sub(WINDOWS_AT_EACH_END);
    let (mut counted_to, mut before) = (0, 0);
    let shown = letters.len();
    let chosen = (0..count).filter(move |nth| !skipped.contains(nth) && !symbols.is_empty());
    chosen.map(move |nth| {
        let start = nth * STEP;
        let end = (start + window).min(symbols.len());
        before += letters_in(&symbols[counted_to..start]);
        counted_to = start;
        let inside = letters_in(&symbols[start..end]);
        Window { symbols: start..end, letters: before.min(shown)..(before + inside).min(shown) }
    })
}

fn letters_in(symbols: &[char]) -> usize {
    symbols.iter().filter(|&&c| is_letter(c)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn windows(length: usize) -> Vec<Window> {
        let symbols: Vec<char> = "买，".chars().cycle().take(length).collect();
        let letters: Vec<char> = symbols.iter().copied().filter(|&c| is_letter(c)).collect();
        each(&symbols, &letters).collect()
    }

    #[test]
    fn a_short_text_is_one_window() {
        assert_eq!(windows(0), []);
        assert_eq!(windows(3), [Window { symbols: 0..3, letters: 0..2 }]);
        assert_eq!(windows(WHOLE).len(), 1);
    }

    #[test]
    fn windows_overlap_and_reach_the_end() {
        let windows = windows(WHOLE + 1);
        assert_eq!(
            windows[1],
            Window { symbols: STEP..STEP + WINDOW, letters: STEP / 2..(STEP + WINDOW) / 2 }
        );
        assert_eq!(windows.last().map(|window| window.symbols.end), Some(WHOLE + 1));
    }

    #[test]
    fn a_text_without_end_is_looked_at_from_both_ends() {
        let windows = windows(1_000_000);
        assert_eq!(windows.len(), 2 * WINDOWS_AT_EACH_END);
        assert_eq!(windows.first().map(|window| window.symbols.start), Some(0));
        assert_eq!(windows.last().map(|window| window.symbols.end), Some(1_000_000));
        assert!(windows.iter().all(|window| window.letters.len() == window.symbols.len() / 2));
    }
}
