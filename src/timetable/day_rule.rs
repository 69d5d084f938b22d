//! Days as schedules name them: workdays, 正月初一, 冬至, from the 20th of December to the 3rd of January.

use jiff::civil::Date;

use super::{Calendar, DayKind, LunarDate, SolarTerm};

/// A kind of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayRule {
    /// Worked: Monday to Friday without holidays, and make-up days.
    Workday,
    /// A Saturday or Sunday that is not worked, also within a holiday.
    Weekend,
    /// Off by law.
    Holiday,
    /// A weekend day that is worked.
    Makeup,
    /// Every year on this day of the lunar calendar.
    Lunar(LunarDate),
    /// Every year on this day of the sun's year.
    Term(SolarTerm),
    /// From the first to the last, both included.
    Days { first: Date, last: Date },
}

impl DayRule {
    pub fn holds(&self, date: Date, calendar: &Calendar) -> bool {
        let kind = || calendar.kind(date);
        match self {
            Self::Workday => matches!(kind(), DayKind::Workday | DayKind::Makeup),
            Self::Weekend => is_weekend(date) && kind() != DayKind::Makeup,
            Self::Holiday => kind() == DayKind::Holiday,
            Self::Makeup => kind() == DayKind::Makeup,
            Self::Lunar(lunar) => lunar.is_on(date),
            Self::Term(term) => SolarTerm::on(date) == Some(*term),
            Self::Days { first, last } => (*first..=*last).contains(&date),
        }
    }

    /// Whether the holidays of a year must be known to tell.
    pub fn asks_for_holidays(&self) -> bool {
        matches!(self, Self::Workday | Self::Weekend | Self::Holiday | Self::Makeup)
    }
}

fn is_weekend(date: Date) -> bool {
    date.weekday().to_monday_zero_offset() >= 5
}

/// As it is written in the files: `lunar:腊月廿三`.
impl std::fmt::Display for DayRule {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Workday => formatter.write_str("workday"),
            Self::Weekend => formatter.write_str("weekend"),
            Self::Holiday => formatter.write_str("holiday"),
            Self::Makeup => formatter.write_str("makeup"),
            Self::Lunar(lunar) => write!(formatter, "lunar:{lunar}"),
            Self::Term(term) => write!(formatter, "term:{term}"),
            Self::Days { first, last } if first == last => write!(formatter, "{first}"),
            Self::Days { first, last } => write!(formatter, "{first}..{last}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::timetable::CalendarYear;

    #[test]
    fn every_day_is_worked_or_off() {
        let notice = CalendarYear {
            holidays: (15..=23).map(|day| (date(2026, 2, day), "春节".into())).collect(),
            makeup: [date(2026, 2, 14), date(2026, 2, 28)].into(),
        };
        let calendar = Calendar::new([(2026, notice)].into());
        let mut day = date(2026, 2, 1);
        while day < date(2026, 4, 1) {
            let holds = |rule: DayRule| rule.holds(day, &calendar);
            let off = holds(DayRule::Weekend) || holds(DayRule::Holiday);
            assert_ne!(holds(DayRule::Workday), off, "{day}");
            assert!(!holds(DayRule::Makeup) || holds(DayRule::Workday), "{day}");
            day = day.tomorrow().expect("a day");
        }
        assert!(DayRule::Weekend.holds(date(2026, 2, 15), &calendar), "a Sunday of the holiday");
        assert!(!DayRule::Weekend.holds(date(2026, 2, 14), &calendar));
    }

    #[test]
    fn ranges_include_both_ends() {
        let christmas = DayRule::Days { first: date(2026, 12, 20), last: date(2027, 1, 3) };
        let holds = |day| christmas.holds(day, &Calendar::default());
        assert!(holds(date(2026, 12, 20)) && holds(date(2027, 1, 3)));
        assert!(!holds(date(2026, 12, 19)) && !holds(date(2027, 1, 4)));
    }
}
