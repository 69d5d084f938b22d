//! Hours in which nothing is said: `"22:00-08:00"`.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

/// From `start` (included) to `end` (not included), local time; runs over midnight when `end` is
/// not later than `start`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuietHours {
    pub start: Time,
    pub end: Time,
}

impl QuietHours {
    /// Whether they hold at this moment.
    pub fn holds(&self, at: Timestamp, timezone: &TimeZone) -> bool {
        self.contains(at.to_zoned(timezone.clone()).time())
    }

    fn contains(&self, time: Time) -> bool {
        if self.end <= self.start {
            time >= self.start || time < self.end
        } else {
            time >= self.start && time < self.end
        }
    }

    /// The first moment from `now` on that is not quiet: `now` itself outside the quiet hours.
    pub fn next_allowed(&self, now: Timestamp, timezone: &TimeZone) -> Timestamp {
        let local = now.to_zoned(timezone.clone());
        let time = local.time();
        if !self.contains(time) {
            return now;
        }
        let over_midnight = self.end <= self.start;
        let ends_tomorrow = over_midnight && time >= self.start;
        let day = if ends_tomorrow { local.date().saturating_add(1.day()) } else { local.date() };
        day.to_datetime(self.end).to_zoned(timezone.clone()).map_or(now, |end| end.timestamp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a timestamp")
    }

    #[test]
    fn postpones_to_the_end_over_midnight() {
        let shanghai = TimeZone::get("Asia/Shanghai").expect("a bundled zone");
        let quiet = QuietHours { start: Time::constant(22, 0, 0, 0), end: Time::constant(8, 0, 0, 0) };
        let morning = at("2026-11-22T08:00:00+08:00");
        for (now, next) in [
            ("2026-11-21T21:59:59+08:00", at("2026-11-21T21:59:59+08:00")),
            ("2026-11-21T22:00:00+08:00", morning),
            ("2026-11-22T00:00:00+08:00", morning),
            ("2026-11-22T07:59:59+08:00", morning),
            ("2026-11-22T08:00:00+08:00", morning),
        ] {
            assert_eq!(quiet.next_allowed(at(now), &shanghai), next, "{now}");
        }
    }

    #[test]
    fn holds_inside_one_day() {
        let shanghai = TimeZone::get("Asia/Shanghai").expect("a bundled zone");
        let quiet = QuietHours { start: Time::constant(12, 0, 0, 0), end: Time::constant(14, 0, 0, 0) };
        assert_eq!(
            quiet.next_allowed(at("2026-11-21T13:00:00+08:00"), &shanghai),
            at("2026-11-21T14:00:00+08:00")
        );
        assert_eq!(
            quiet.next_allowed(at("2026-11-21T14:00:00+08:00"), &shanghai),
            at("2026-11-21T14:00:00+08:00")
        );
    }
}
