//! Which days are days off by law (休) and which weekend days are worked instead (班): published each November for the
//! year to come, kept in `config/calendar/YYYY.toml`.
//!
//! A year without such a file is *unknown*: its Mondays to Fridays then count as workdays, and whoever relies on that
//! can ask [`Calendar::knows`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::{Date, Weekday};

/// The years that are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    years: BTreeSet<i16>,
    /// Days off → the holiday's name.
    holidays: BTreeMap<Date, Arc<str>>,
    makeup: BTreeSet<Date>,
}

/// What the notice of one year says. Some of its days may lie in the neighbouring years.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CalendarYear {
    /// Days off → the holiday's name: `春节`.
    pub holidays: BTreeMap<Date, Arc<str>>,
    /// Weekend days that are worked.
    pub makeup: BTreeSet<Date>,
}

/// What a day is to those who work by the statutory calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayKind {
    Workday,
    /// A Saturday or Sunday that is worked.
    Makeup,
    /// A Saturday or Sunday as usual.
    Weekend,
    /// A day off by law, on whatever day of the week.
    Holiday,
}

impl Calendar {
    pub fn new(years: BTreeMap<i16, CalendarYear>) -> Self {
        let mut calendar = Self::default();
        for (year, days) in years {
            calendar.years.insert(year);
            calendar.holidays.extend(days.holidays);
            calendar.makeup.extend(days.makeup);
        }
        calendar
    }

    /// Whether the holidays of this year are known.
    pub fn knows(&self, year: i16) -> bool {
        self.years.contains(&year)
    }

    pub fn kind(&self, date: Date) -> DayKind {
        let weekend = matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
        if self.makeup.contains(&date) {
            DayKind::Makeup
        } else if self.holidays.contains_key(&date) {
            DayKind::Holiday
        } else if weekend {
            DayKind::Weekend
        } else {
            DayKind::Workday
        }
    }

    /// The holiday that this day off belongs to: `春节`.
    pub fn holiday(&self, date: Date) -> Option<&str> {
        self.holidays.get(&date).map(|name| &**name)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_makeup_day_is_no_weekend_and_a_holiday_no_workday() {
        let may: CalendarYear = CalendarYear {
            holidays: (1..=5).map(|day| (date(2026, 5, day), Arc::from("劳动节"))).collect(),
            makeup: [date(2026, 5, 9)].into(),
        };
        let calendar = Calendar::new([(2026, may)].into());
        assert_eq!(calendar.kind(date(2026, 4, 30)), DayKind::Workday);
        assert_eq!(calendar.kind(date(2026, 5, 1)), DayKind::Holiday);
        assert_eq!(calendar.kind(date(2026, 5, 2)), DayKind::Holiday, "a Saturday of the holiday");
        assert_eq!(calendar.kind(date(2026, 5, 9)), DayKind::Makeup);
        assert_eq!(calendar.kind(date(2026, 5, 10)), DayKind::Weekend);
        assert_eq!(calendar.holiday(date(2026, 5, 3)), Some("劳动节"));
        assert!(calendar.knows(2026) && !calendar.knows(2027));
        assert_eq!(calendar.kind(date(2027, 5, 3)), DayKind::Workday, "unknown years go by the week");
    }
}
