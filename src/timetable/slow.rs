//! The timetable as one would do it by hand, for tests: look at the clock on the wall every minute.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// The moments after `start` up to `end` at which this cron expression is due. A minute of the wall counts when it is
/// first seen; those that the wall leapt over count in the minute after the leap.
pub fn moments(
    minutes: &[i8],
    hours: &[i8],
    weekdays: &[i8],
    zone: &TimeZone,
    start: Timestamp,
    end: Timestamp,
) -> Vec<Timestamp> {
    let minute = SignedDuration::from_mins(1);
    let (mut moments, mut now) = (Vec::new(), start);
    let mut shown = zone.to_datetime(now);
    while now < end {
        now += minute;
        let wall = zone.to_datetime(now);
        let mut due = false;
        // Nothing when the wall shows again what it showed before.
        while shown < wall {
            shown = shown.checked_add(minute).expect("a minute later");
            let weekday = shown.date().weekday().to_sunday_zero_offset();
            due |= minutes.contains(&shown.minute())
                && hours.contains(&shown.hour())
                && weekdays.contains(&weekday);
        }
        if due {
            moments.push(now);
        }
    }
    moments
}
