//! A week that is played through, from a moment to the end of its seventh whole day.

use jiff::civil::{Date, time};
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use super::{CHINA, in_china};

/// Days that are played whole; what is left of the first evening comes before them.
pub const WHOLE_DAYS: i64 = 7;
/// A day that begins later than this is no whole one. A new group's first day begins then, too.
const DAY_BEGINS: i8 = 9;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Week {
    /// How many were begun before.
    pub n: u64,
    /// The group whose week it is.
    pub chat: String,
    pub from: Timestamp,
    pub until: Timestamp,
}

impl Week {
    pub fn new(n: u64, chat: &str, from: Timestamp) -> Self {
        let first = first_whole_day(from);
        let after = first.saturating_add(WHOLE_DAYS.days());
        let until = after.to_zoned(CHINA).map_or(Timestamp::MAX, |midnight| midnight.timestamp());
        Self { n, chat: chat.to_owned(), from, until }
    }

    /// A moment of its whole days, which are counted from 0; none outside of the calendar.
    pub fn moment(&self, day: i64, hour: i8, minute: i8) -> Option<Timestamp> {
        let date = first_whole_day(self.from).checked_add(day.days()).ok()?;
        let at = date.at(hour, minute, 0, 0).to_zoned(CHINA).ok()?;
        Some(at.timestamp())
    }

    /// Which of its whole days it is; negative on the evening before.
    pub fn day(&self, now: Timestamp) -> i64 {
        let passed = in_china(now).date().duration_since(first_whole_day(self.from));
        passed.as_secs().div_euclid(SignedDuration::from_hours(24).as_secs())
    }
}

fn first_whole_day(from: Timestamp) -> Date {
    let from = in_china(from);
    let begun = from.time() >= time(DAY_BEGINS, 0, 0, 0);
    if begun { from.date().saturating_add(1.day()) } else { from.date() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn week(from: &str) -> Week {
        Week::new(0, "wr", from.parse().unwrap())
    }

    #[test]
    fn it_ends_with_its_seventh_whole_day() {
        let evening = week("2026-11-22T17:40:00+08:00");
        assert_eq!(evening.until, "2026-11-30T00:00:00+08:00".parse().unwrap());
        assert_eq!(evening.moment(0, 9, 5), Some("2026-11-23T09:05:00+08:00".parse().unwrap()));
        let early = week("2026-11-22T08:59:59+08:00");
        assert_eq!(early.until, "2026-11-29T00:00:00+08:00".parse().unwrap());
        assert_eq!(early.moment(6, 23, 59), Some("2026-11-28T23:59:00+08:00".parse().unwrap()));
    }

    #[test]
    fn days_are_counted_in_china() {
        let week = week("2026-11-22T17:40:00+08:00");
        for (at, day) in [("22T23:59", -1), ("23T00:00", 0), ("23T23:59", 0), ("29T12:00", 6)] {
            let at: Timestamp = format!("2026-11-{at}:00+08:00").parse().unwrap();
            assert_eq!(week.day(at), day, "{at}");
        }
    }
}
