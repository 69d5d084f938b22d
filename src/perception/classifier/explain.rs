//! Which characters moved the logit most.

use std::ops::Range;

use super::grams::{self, View};
use super::{Model, windows};

/// People read a few spans; more would be the whole message.
const SPANS_AT_MOST: usize = 3;

/// A character belongs to a span when it has at least this share of what the strongest one has.
const SHARE: f32 = 0.3;

/// So many weaker characters between two strong ones are shown with them: 日 in 兼职日结.
const HOLE: usize = 1;

/// A single letter tells a reader nothing: it is shown with the stronger of its neighbours.
const READABLE: usize = 2;

/// At the ends of a span these tell a reader nothing: 「,加v:」 is 「加v」.
const MARKS: &str = ",.?!;:()[]<>\"'~-_|/\\*#。、…·「」『』《》【】—";

impl Model {
    /// Up to three ranges of `symbols` that speak most for an advertisement, in order; none if nothing does.
    /// Every gram's weight is shared out among its characters.
    pub fn explain(&self, symbols: &[char], letters: &[char]) -> Vec<Range<usize>> {
        let Some(window) = windows::strongest(self, symbols, letters) else { return Vec::new() };
        let (seen, heard) = (&symbols[window.symbols.clone()], &letters[window.letters]);
        let shares = self.shares(seen, heard);
        let mut ranges = readable(ranges(&shares), seen);
        ranges.iter_mut().for_each(|range| *range = in_company(range, &shares, seen));
        ranges.sort_by(|a, b| sum(&shares, b).total_cmp(&sum(&shares, a)));
        ranges.truncate(SPANS_AT_MOST);
        ranges.sort_by_key(|range| range.start);
        let shift = window.symbols.start;
        ranges.into_iter().map(|range| range.start + shift..range.end + shift).collect()
    }

    /// What each symbol has moved.
    fn shares(&self, symbols: &[char], letters: &[char]) -> Vec<f32> {
        let places = places(symbols, letters);
        let mut shares = vec![0.0; symbols.len()];
        grams::each(symbols, letters, |gram| {
            let share = self.weight(gram.slot) / gram.length as f32;
            for at in gram.places() {
                let place = match gram.view {
                    View::Symbols => Some(at),
                    View::Letters | View::Sounds => places.get(at).copied(),
                };
                if let Some(known) = place.and_then(|place| shares.get_mut(place)) {
                    *known += share;
                }
            }
        });
        shares
    }
}

/// Where each letter stands among the symbols.
fn places(symbols: &[char], letters: &[char]) -> Vec<usize> {
    let mut rest = letters.iter().peekable();
    let mut places = Vec::with_capacity(letters.len());
    for (place, symbol) in symbols.iter().enumerate() {
        if rest.next_if_eq(&symbol).is_some() {
            places.push(place);
        }
    }
    places
}

/// Runs of characters that have a good share of the strongest one's, over small holes.
fn ranges(shares: &[f32]) -> Vec<Range<usize>> {
    let strongest = shares.iter().copied().fold(0.0, f32::max);
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for (at, &share) in shares.iter().enumerate() {
        if share <= 0.0 || share < strongest * SHARE {
            continue;
        }
        match ranges.last_mut() {
            Some(last) if last.end + HOLE >= at => last.end = at + 1,
            _ => ranges.push(at..at + 1),
        }
    }
    ranges
}

/// Without the marks at their ends; what consists of marks alone is left out, unless all do.
fn readable(ranges: Vec<Range<usize>>, symbols: &[char]) -> Vec<Range<usize>> {
    let is_mark = |&at: &usize| symbols[at].is_whitespace() || MARKS.contains(symbols[at]);
    let trimmed = |range: &Range<usize>| {
        let start = range.clone().find(|at| !is_mark(at))?;
        let last = range.clone().rfind(|at| !is_mark(at))?;
        Some(start..last + 1)
    };
    let spoken: Vec<Range<usize>> = ranges.iter().filter_map(trimmed).collect();
    if spoken.is_empty() { ranges } else { spoken }
}

/// With its stronger neighbour, if it is short and has one that can be read. Ranges have more than [`HOLE`] characters
/// between them, so that two of them never grow into each other.
fn in_company(range: &Range<usize>, shares: &[f32], symbols: &[char]) -> Range<usize> {
    if range.len() >= READABLE {
        return range.clone();
    }
    let before = range.start.checked_sub(1);
    let readable = |at: &usize| symbols.get(*at).is_some_and(|c| c.is_alphanumeric());
    let neighbours = [before, Some(range.end)].into_iter().flatten().filter(readable);
    match neighbours.max_by(|&a, &b| shares[a].total_cmp(&shares[b])) {
        Some(at) => range.start.min(at)..range.end.max(at + 1),
        None => range.clone(),
    }
}

fn sum(shares: &[f32], range: &Range<usize>) -> f32 {
    shares[range.clone()].iter().sum()
}
