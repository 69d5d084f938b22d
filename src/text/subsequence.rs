//! How much of one text is found in another, in order, whatever stands between.

/// One text, ready to be compared with many.
#[derive(Debug)]
pub struct Subsequences {
    /// The text's different letters, sorted.
    letters: Vec<char>,
    /// For each of them, at which positions of the text it stands, one bit each; then a row of zeros for all
    /// other letters.
    rows: Vec<u64>,
    /// How many words a row has.
    words: usize,
}

impl Subsequences {
    pub fn of(text: &[char]) -> Self {
        let mut letters = text.to_vec();
        letters.sort_unstable();
        letters.dedup();
        let words = text.len().div_ceil(64);
        let mut rows = vec![0; (letters.len() + 1) * words];
        for (at, letter) in text.iter().enumerate() {
            let row = letters.partition_point(|other| other < letter);
            rows[row * words + at / 64] |= 1 << (at % 64);
        }
        Self { letters, rows, words }
    }

    /// The length of the longest common subsequence, in letters (H. Hyyrö, "Bit-Parallel LCS-length
    /// Computation Revisited", 2004): one step per letter of `other` and 64 letters of the text.
    pub fn longest_with(&self, other: impl Iterator<Item = char>) -> usize {
        let mut unmatched = vec![u64::MAX; self.words];
        for letter in other {
            let row = self.letters.binary_search(&letter).unwrap_or(self.letters.len()) * self.words;
            let mut carry = false;
            for (word, &matches) in unmatched.iter_mut().zip(&self.rows[row..row + self.words]) {
                let met = *word & matches;
                let (sum, over) = word.overflowing_add(met);
                let (sum, more) = sum.overflowing_add(u64::from(carry));
                carry = over || more;
                *word = sum | (*word & !matches);
            }
        }
        // Bits beyond the text's end are never matched and stay.
        unmatched.iter().map(|word| word.count_zeros() as usize).sum()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn longest(one: &str, other: &str) -> usize {
        Subsequences::of(&one.chars().collect::<Vec<_>>()).longest_with(other.chars())
    }

    /// The textbook's table.
    fn by_table(one: &str, other: &str) -> usize {
        let mut row = vec![0; other.chars().count() + 1];
        for a in one.chars() {
            let before = row.clone();
            for (at, b) in other.chars().enumerate() {
                row[at + 1] = if a == b { before[at] + 1 } else { before[at + 1].max(row[at]) };
            }
        }
        row.last().copied().unwrap_or_default()
    }

    #[test]
    fn counts_what_is_found_in_order() {
        assert_eq!(longest("早上好开门了", "早上好，朝阳店开门了"), 6);
        assert_eq!(longest("甲乙", "乙甲"), 1);
        assert_eq!(longest("", "甲"), 0);
        assert_eq!(longest("甲", ""), 0);
    }

    proptest! {
        #[test]
        fn is_what_the_table_says(one in "[甲乙丙丁a]{0,150}", other in "[甲乙丙丁b]{0,150}") {
            prop_assert_eq!(longest(&one, &other), by_table(&one, &other));
        }
    }
}
