//! A few minutes up or down: so that a thousand groups are not written to in one second, each has its own fixed place
//! in the minutes after the moment of a schedule.

use jiff::SignedDuration;

use crate::text::fingerprint_of;

/// How far the groups of one schedule are spread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Jitter {
    seconds: u32,
}

impl Jitter {
    /// Whole seconds; less than one is none, and so is a negative duration.
    pub fn within(spread: SignedDuration) -> Self {
        Self { seconds: u32::try_from(spread.as_secs().max(0)).unwrap_or(u32::MAX) }
    }

    /// The first offset that no group has.
    pub fn spread(self) -> SignedDuration {
        SignedDuration::from_secs(i64::from(self.seconds))
    }

    /// The seconds by which this group comes after the schedule's moment: the same every time, on every machine.
    pub fn offset(self, schedule: &str, group: &str) -> u32 {
        if self.seconds == 0 {
            return 0;
        }
        let hash = fingerprint_of(schedule.chars().chain(['\n']).chain(group.chars()));
        u32::try_from(hash % u64::from(self.seconds)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn offsets_fill_the_spread_evenly() {
        let jitter = Jitter::within(SignedDuration::from_mins(10));
        let mut counts = [0_u32; 10];
        for group in 0..10_000 {
            counts
                [jitter.offset("morning", &format!("wrOgQhDgAAMYQiS5ol9G7gK9JV{group:06}")) as usize / 60] +=
                1;
        }
        assert!(counts.iter().all(|count| (900..1100).contains(count)), "{counts:?}");
        assert_eq!(jitter.offset("morning", "wr1"), jitter.offset("morning", "wr1"));
        assert_ne!(jitter.offset("morning", "wr1"), jitter.offset("evening", "wr1"));
    }

    proptest! {
        #[test]
        fn offsets_stay_within(seconds in -5_i64..100_000, schedule in "[a-z]{0,9}", group in "\\PC{0,9}") {
            let jitter = Jitter::within(SignedDuration::from_secs(seconds));
            let offset = i64::from(jitter.offset(&schedule, &group));
            prop_assert!(offset == 0 || offset < seconds);
        }
    }
}
