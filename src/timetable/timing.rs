//! When something happens: a cron expression in a time zone, on the days that rules let it.

use std::sync::Arc;

use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Timestamp, ToSpan};

use super::{Calendar, Cron, DayRule};

/// How far ahead anything is looked for, in days: five years, so that a 29 February and most leap months are found. What
/// does not happen in that time does not happen.
pub const HORIZON_DAYS: i32 = 5 * 366;

/// When something happens.
#[derive(Clone, Debug, PartialEq)]
pub struct Timing {
    pub cron: Cron,
    pub zone: TimeZone,
    /// Only on days of which one of these holds; empty = on any.
    pub only: Vec<DayRule>,
    /// Not on days of which one of these holds.
    pub except: Vec<DayRule>,
    /// The first and the last day.
    pub from: Option<Date>,
    pub to: Option<Date>,
    pub calendar: Arc<Calendar>,
}

impl Timing {
    /// The first moment after `after`, within the horizon. Days are those of the time zone.
    pub fn next(&self, after: Timestamp) -> Option<Timestamp> {
        let start = self.zone.to_datetime(after);
        let last = self.last_day(start.date());
        // No earlier local time comes to a later moment: see `moment`.
        let mut candidate = self.cron.next(start)?;
        loop {
            let day = candidate.date();
            if day > last {
                return None;
            }
            if !self.takes(day) {
                candidate = self.cron.first_from(self.next_day(day, last)?)?;
                continue;
            }
            if let Some(moment) = self.moment(candidate).filter(|moment| *moment > after) {
                return Some(moment);
            }
            candidate = self.cron.next(candidate)?;
        }
    }

    /// All moments after `after` up to `until`, that included.
    pub fn between(&self, after: Timestamp, until: Timestamp) -> impl Iterator<Item = Timestamp> {
        let first = self.next(after);
        let moments = std::iter::successors(first, |last| self.next(*last));
        moments.take_while(move |moment| *moment <= until)
    }

    /// Whether the rules let something happen on this day.
    pub fn takes(&self, day: Date) -> bool {
        let holds = |rule: &DayRule| rule.holds(day, &self.calendar);
        self.from.is_none_or(|from| from <= day)
            && self.to.is_none_or(|to| day <= to)
            && (self.only.is_empty() || self.only.iter().any(holds))
            && !self.except.iter().any(holds)
    }

    /// Whether the holidays of a year must be known to tell its days.
    pub fn asks_for_holidays(&self) -> bool {
        self.only.iter().chain(&self.except).any(DayRule::asks_for_holidays)
    }

    /// Whether this day was judged without knowing the holidays of its year.
    pub fn guesses(&self, day: Date) -> bool {
        self.asks_for_holidays() && !self.calendar.knows(day.year())
    }

    /// The next day after this one that the rules take.
    fn next_day(&self, after: Date, last: Date) -> Option<Date> {
        let first = after.tomorrow().ok()?.max(self.from.unwrap_or(Date::MIN));
        first.series(1.day()).take_while(|day| *day <= last).find(|day| self.takes(*day))
    }

    fn last_day(&self, today: Date) -> Date {
        let horizon = today.saturating_add(HORIZON_DAYS.days());
        self.to.map_or(horizon, |to| to.min(horizon))
    }

    /// The moment of a local time: the first of two when clocks went back, the end of the gap when they went forward.
    /// Later local times never come to earlier moments.
    fn moment(&self, local: DateTime) -> Option<Timestamp> {
        let ambiguous = self.zone.to_ambiguous_timestamp(local);
        match ambiguous.offset() {
            AmbiguousOffset::Gap { after, .. } => {
                let before_the_gap = after.to_timestamp(local).ok()?;
                self.zone.following(before_the_gap).next().map(|change| change.timestamp())
            }
            _ => ambiguous.earlier().ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::timetable::{CalendarYear, Dialect, LunarDate, SolarTerm, slow};
    use proptest::prelude::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a timestamp")
    }

    fn timing(cron: &str, zone: &str) -> Timing {
        Timing {
            cron: Cron::parse(cron, Dialect::Unix).expect("a cron"),
            zone: TimeZone::get(zone).expect("a zone"),
            only: Vec::new(),
            except: Vec::new(),
            from: None,
            to: None,
            calendar: Arc::default(),
        }
    }

    fn told(timing: &Timing, after: &str, count: usize) -> Vec<String> {
        let all = timing.between(at(after), Timestamp::MAX);
        all.take(count)
            .map(|moment| moment.to_zoned(timing.zone.clone()).strftime("%F %T %:z").to_string())
            .collect()
    }

    #[test]
    fn a_morning_in_shanghai() {
        let morning = timing("30 8 * * *", "Asia/Shanghai");
        let next = |after| morning.next(at(after));
        assert_eq!(next("2026-11-22T08:29:59.9+08:00"), Some(at("2026-11-22T08:30:00+08:00")));
        assert_eq!(next("2026-11-22T08:30:00+08:00"), Some(at("2026-11-23T08:30:00+08:00")));
        assert_eq!(next("2026-11-22T08:30:00.5+08:00"), Some(at("2026-11-23T08:30:00+08:00")));
    }

    #[test]
    fn a_repeated_hour_counts_once_and_a_skipped_one_comes_at_its_end() {
        let night = timing("30 1,2 * * *", "America/New_York");
        assert_eq!(
            told(&night, "2026-10-31T12:00:00-04:00", 4),
            [
                "2026-11-01 01:30:00 -04:00",
                "2026-11-01 02:30:00 -05:00",
                "2026-11-02 01:30:00 -05:00",
                "2026-11-02 02:30:00 -05:00",
            ]
        );
        assert_eq!(
            told(&night, "2026-03-07T12:00:00-05:00", 3),
            ["2026-03-08 01:30:00 -05:00", "2026-03-08 03:00:00 -04:00", "2026-03-09 01:30:00 -04:00"]
        );
        let often = timing("*/20 * * * *", "America/New_York");
        assert_eq!(
            told(&often, "2026-03-08T01:30:00-05:00", 3),
            ["2026-03-08 01:40:00 -05:00", "2026-03-08 03:00:00 -04:00", "2026-03-08 03:20:00 -04:00"],
            "what the gap took comes once"
        );
        let second_pass = told(&often, "2026-11-01T01:30:00-05:00", 1);
        assert_eq!(second_pass, ["2026-11-01 02:00:00 -05:00"]);
    }

    #[test]
    fn rules_take_and_leave_days() {
        let notice = CalendarYear {
            holidays: (1..=3).map(|day| (date(2026, 1, day), "元旦".into())).collect(),
            makeup: [date(2026, 1, 4)].into(),
        };
        let calendar = Arc::new(Calendar::new([(2026, notice)].into()));
        let workdays =
            Timing { only: vec![DayRule::Workday], calendar, ..timing("30 8 * * *", "Asia/Shanghai") };
        let days = told(&workdays, "2025-12-30T09:00:00+08:00", 3);
        assert_eq!(
            days.iter().map(|day| &day[..10]).collect::<Vec<_>>(),
            ["2025-12-31", "2026-01-04", "2026-01-05"]
        );
        assert!(workdays.guesses(date(2025, 12, 31)) && !workdays.guesses(date(2026, 1, 4)));

        let first = LunarDate::named("正月初一").map(DayRule::Lunar).expect("a day");
        let solstice = SolarTerm::named("冬至").map(DayRule::Term).expect("a term");
        let feasts = Timing { only: vec![first, solstice], ..timing("0 9 * * *", "Asia/Shanghai") };
        let days = told(&feasts, "2026-11-22T00:00:00+08:00", 3);
        assert_eq!(
            days.iter().map(|day| &day[..10]).collect::<Vec<_>>(),
            ["2026-12-22", "2027-02-06", "2027-12-22"]
        );

        let closed = DayRule::Days { first: date(2026, 12, 20), last: date(2027, 12, 31) };
        let feasts = Timing { except: vec![closed], to: Some(date(2028, 3, 1)), ..feasts };
        assert_eq!(told(&feasts, "2026-11-22T00:00:00+08:00", 9), ["2028-01-26 09:00:00 +08:00"]);
    }

    #[test]
    fn beyond_the_horizon_there_is_nothing() {
        let never = Timing { from: Some(date(2040, 1, 1)), ..timing("30 8 * * *", "Asia/Shanghai") };
        assert_eq!(never.next(at("2026-11-22T00:00:00Z")), None);
        let leap = LunarDate::named("闰正月初一").map(DayRule::Lunar).expect("a day");
        let never = Timing { only: vec![leap], ..timing("* * * * *", "Asia/Shanghai") };
        assert_eq!(never.next(at("2026-11-22T00:00:00Z")), None);
        let over = Timing { to: Some(date(2026, 11, 21)), ..timing("30 8 * * *", "Asia/Shanghai") };
        assert_eq!(over.next(at("2026-11-22T00:00:00Z")), None);
    }

    #[test]
    fn a_day_that_a_zone_left_out_comes_at_the_next_midnight() {
        let samoa = timing("30 8 * * *", "Pacific/Apia");
        assert_eq!(
            told(&samoa, "2011-12-29T12:00:00-10:00", 2),
            ["2011-12-31 00:00:00 +14:00", "2011-12-31 08:30:00 +14:00"]
        );
    }

    /// Parts of an expression that the slow model reads, too.
    fn part(values: std::ops::Range<i8>) -> impl Strategy<Value = Vec<i8>> {
        prop_oneof![
            Just(values.clone().collect()),
            proptest::collection::btree_set(values, 1..4).prop_map(|set| set.into_iter().collect())
        ]
    }

    const ZONES: [&str; 6] = [
        "Asia/Shanghai",
        "America/New_York",
        "Australia/Lord_Howe",
        "Europe/London",
        "America/Sao_Paulo",
        "Pacific/Apia",
    ];

    /// Weeks in which clocks of these zones are changed, and one in which they are not.
    const WEEKS: [&str; 6] =
        ["2026-03-05", "2026-10-30", "2026-04-02", "2026-10-01", "2011-12-27", "2026-07-01"];

    proptest! {
        // The slow model looks at the clock ten thousand times a case.
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn none_is_lost_and_none_comes_twice(
            minutes in part(0..60), hours in part(0..24), weekdays in part(0..7),
            zone in 0..ZONES.len(), week in 0..WEEKS.len(),
        ) {
            let list = |part: &[i8]| part.iter().map(i8::to_string).collect::<Vec<_>>().join(",");
            let cron = format!("{} {} * * {}", list(&minutes), list(&hours), list(&weekdays));
            let timing = timing(&cron, ZONES[zone]);
            let start = at(&format!("{}T00:00:00Z", WEEKS[week]));
            let end = start + jiff::SignedDuration::from_hours(7 * 24);
            let slow = slow::moments(&minutes, &hours, &weekdays, &timing.zone, start, end);
            prop_assert_eq!(timing.between(start, end).collect::<Vec<_>>(), slow, "{} in {}", cron, ZONES[zone]);
        }
    }
}
