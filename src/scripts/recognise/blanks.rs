//! How well a text fits a wording, when letters count as filled in only where the wording has a blank.

use crate::scripts::wordings::BLANK;

/// A blank is filled with a name, an address or a price, at most with the names of ten newcomers: no more
/// letters than this are put down to one.
pub const FILLED_AT_MOST: usize = 32;

/// What is left of a wording and of a text when all they have in common is taken away, in letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// Of the wording.
    pub missing: usize,
    /// Of the text, beyond what is filled in.
    pub added: usize,
}

/// The least that can be left. Takes time in proportion to the product of the lengths.
pub fn least_left(wording: &[char], text: &[char]) -> Left {
    // For each beginning of the text: what is left of it and of the wording so far.
    let mut row: Vec<Cost> = (0..=text.len()).map(|added| Cost::ADDED.times(added)).collect();
    let mut next = row.clone();
    for &letter in wording {
        if letter == BLANK {
            fill(&row, &mut next);
        } else {
            next[0] = row[0].plus(Cost::MISSING);
            for (at, &heard) in text.iter().enumerate() {
                let skipped = row[at + 1].plus(Cost::MISSING).min(next[at].plus(Cost::ADDED));
                next[at + 1] = if heard == letter { row[at] } else { skipped };
            }
        }
        std::mem::swap(&mut row, &mut next);
    }
    row.last().map_or(Left { missing: wording.len(), added: 0 }, |cost| cost.left())
}

/// A blank takes the letters before each place, or none; beyond its length they are added ones.
fn fill(row: &[Cost], next: &mut [Cost]) {
    for at in 0..row.len() {
        let cheapest = row[at.saturating_sub(FILLED_AT_MOST)..=at].iter().min();
        let after_added = at.checked_sub(1).map(|before| next[before].plus(Cost::ADDED));
        next[at] = cheapest.copied().into_iter().chain(after_added).min().unwrap_or(row[at]);
    }
}

/// All letters left, in the upper half, and those of them that are missing, in the lower: fewer in all are better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Cost(u32);

impl Cost {
    const ADDED: Self = Self(1 << 16);
    const MISSING: Self = Self(1 << 16 | 1);

    fn plus(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }

    fn times(self, times: usize) -> Self {
        Self(self.0 * u32::try_from(times).unwrap_or(u32::MAX))
    }

    fn left(self) -> Left {
        let (all, missing) = ((self.0 >> 16) as usize, (self.0 & 0xffff) as usize);
        Left { missing, added: all - missing }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(wording: &str, text: &str) -> (usize, usize) {
        let letters = |text: &str| text.chars().collect::<Vec<char>>();
        let left = least_left(&letters(wording), &letters(text));
        (left.missing, left.added)
    }

    #[test]
    fn only_blanks_take_letters_for_nothing() {
        assert_eq!(left("早上好\0开门了", "早上好朝阳店开门了"), (0, 0));
        assert_eq!(left("早上好\0开门了", "早上好开门了"), (0, 0));
        assert_eq!(left("早上好开门了", "早上好朝阳店开门了"), (0, 3));
        assert_eq!(left("早上好开门了\0", "早上好朝阳店开门了"), (0, 3));
        assert_eq!(left("早上好\0开门了", "早安朝阳店开张了"), (3, 1));
        assert_eq!(left("\0\0", "朝阳店"), (0, 0));
        assert_eq!(left("甲\0", &format!("甲{}", "乙".repeat(FILLED_AT_MOST + 2))), (0, 2));
        assert_eq!(left("", "早"), (0, 1));
        assert_eq!(left("早", ""), (1, 0));
    }
}
