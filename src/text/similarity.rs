//! How near two short texts are, for "did you mean".

use super::matching_key;

/// A text's characters and pairs of neighbours, ready for many comparisons without allocating.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grams(Vec<u64>);

impl Grams {
    pub fn new(text: &str) -> Self {
        let characters: Vec<char> = matching_key(text).chars().collect();
        let single = characters.iter().map(|&c| u64::from(c));
        let pairs = characters.windows(2).map(|pair| u64::from(pair[0]) << 32 | u64::from(pair[1]));
        let mut grams: Vec<u64> = single.chain(pairs).collect();
        grams.sort_unstable();
        Self(grams)
    }

    /// Dice's coefficient over characters and pairs: 0 when nothing is shared, 1 when everything is.
    /// Pairs alone would be blind to a typo in a keyword of two characters.
    pub fn similarity(&self, other: &Self) -> f32 {
        let total = self.0.len() + other.0.len();
        if total == 0 {
            return 1.0;
        }
        (2 * self.shared(other)) as f32 / total as f32
    }

    fn shared(&self, other: &Self) -> usize {
        let (mut left, mut right) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut shared = 0;
        while let (Some(&a), Some(&b)) = (left.peek(), right.peek()) {
            shared += usize::from(a == b);
            if a <= b {
                left.next();
            }
            if b <= a {
                right.next();
            }
        }
        shared
    }
}

/// 0 (nothing in common) to 1 (the same keyword in whatever disguise).
pub fn similarity(a: &str, b: &str) -> f32 {
    Grams::new(a).similarity(&Grams::new(b))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_typo_is_nearer_than_another_word() {
        assert_eq!(similarity("月饼", "月 餅！"), 1.0);
        assert_eq!(similarity("月饼", "欢迎"), 0.0);
        assert!(similarity("月并", "月饼") > 0.3);
        assert!(similarity("中秋", "中秋月饼预售") > similarity("中秋", "中午好"));
        assert!(similarity("退换", "退换货") > similarity("退换", "换季清仓"));
    }

    proptest! {
        #[test]
        fn is_symmetric_and_between_zero_and_one(a in "[月饼中秋ab]{0,8}", b in "[月饼中秋ab]{0,8}") {
            let near = similarity(&a, &b);
            prop_assert!((0.0..=1.0).contains(&near));
            prop_assert_eq!(near, similarity(&b, &a));
            prop_assert_eq!(similarity(&a, &a), 1.0);
        }
    }
}
