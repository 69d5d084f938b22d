//! The lunar calendar (农历) and the solar terms (节气): by the moon and the sun over China, whatever time zone a
//! schedule is in.
//!
//! A lunar year is worked out once, when first asked for (about a millisecond); every question after that is a lookup.

use std::fmt;
use std::ops::RangeInclusive;
use std::sync::{LazyLock, OnceLock};

use jiff::civil::Date;
use tyme4rs::tyme::lunar::LunarYear;
use tyme4rs::tyme::solar::{SolarDay, SolarTerm as Term};

/// Years for which days are told. Beyond them no rule holds: nobody has a schedule there.
const YEARS: RangeInclusive<i16> = 1901..=2199;

const MONTHS: [&str; 12] =
    ["正月", "二月", "三月", "四月", "五月", "六月", "七月", "八月", "九月", "十月", "冬月", "腊月"];

/// Other names of the last two.
const MONTHS_BY_NUMBER: [(&str, u8); 2] = [("十一月", 11), ("十二月", 12)];

const DAYS: [&str; 30] = [
    "初一", "初二", "初三", "初四", "初五", "初六", "初七", "初八", "初九", "初十", "十一", "十二", "十三",
    "十四", "十五", "十六", "十七", "十八", "十九", "二十", "廿一", "廿二", "廿三", "廿四", "廿五", "廿六",
    "廿七", "廿八", "廿九", "三十",
];

const LEAP: &str = "闰";
const NEW_YEARS_EVE: &str = "除夕";

/// A day of every lunar year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LunarDate {
    Day {
        /// From 1.
        month: u8,
        /// The month that is put in after the one of the same number; only some years have one.
        leap: bool,
        /// From 1. Months have 29 or 30 days, not the same in every year.
        day: u8,
    },
    /// The last day, whether that is 腊月廿九 or 三十.
    NewYearsEve,
}

impl LunarDate {
    /// `正月初一`, `闰六月十五`, `除夕`.
    pub fn named(name: &str) -> Option<Self> {
        if name == NEW_YEARS_EVE {
            return Some(Self::NewYearsEve);
        }
        let (leap, rest) = name.strip_prefix(LEAP).map_or((false, name), |rest| (true, rest));
        let by_name = MONTHS.iter().zip(1..).map(|(month, number)| (*month, number));
        let (month, rest) = by_name
            .chain(MONTHS_BY_NUMBER)
            .find_map(|(month, number)| Some((number, rest.strip_prefix(month)?)))?;
        let day = DAYS.iter().zip(1..).find(|(day, _)| **day == rest).map(|(_, number)| number)?;
        Some(Self::Day { month, leap, day })
    }

    /// All names of days of ordinary months, for hints.
    pub fn names() -> impl Iterator<Item = String> {
        let days = MONTHS.iter().flat_map(|month| DAYS.iter().map(move |day| format!("{month}{day}")));
        days.chain([NEW_YEARS_EVE.to_owned()])
    }

    pub fn is_on(&self, date: Date) -> bool {
        match self {
            Self::NewYearsEve => date
                .tomorrow()
                .is_ok_and(|next| Self::of(next) == Some(Self::Day { month: 1, leap: false, day: 1 })),
            Self::Day { .. } => Self::of(date) == Some(*self),
        }
    }

    /// Which day of its lunar year this is; 除夕 goes by its number here.
    pub fn of(date: Date) -> Option<Self> {
        let this_year = Year::of(date.year())?;
        let year = if date < this_year.first() { Year::of(date.year() - 1)? } else { this_year };
        let month = year.months.iter().rev().find(|month| month.first <= date)?;
        let day = u8::try_from((date - month.first).get_days() + 1).ok()?;
        Some(Self::Day { month: month.number, leap: month.leap, day })
    }
}

impl fmt::Display for LunarDate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NewYearsEve => formatter.write_str(NEW_YEARS_EVE),
            Self::Day { month, leap, day } => {
                let name = |names: &'static [&str], number: u8| names.get(usize::from(number) - 1).copied();
                let leap = if *leap { LEAP } else { "" };
                let (month, day) = (name(&MONTHS, *month), name(&DAYS, *day));
                write!(formatter, "{leap}{}{}", month.unwrap_or_default(), day.unwrap_or_default())
            }
        }
    }
}

/// One of the 24 terms, by its place in the civil year: 小寒 is the first, 冬至 the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SolarTerm(u8);

const TERMS: [&str; 24] = [
    "小寒", "大寒", "立春", "雨水", "惊蛰", "春分", "清明", "谷雨", "立夏", "小满", "芒种", "夏至", "小暑",
    "大暑", "立秋", "处暑", "白露", "秋分", "寒露", "霜降", "立冬", "小雪", "大雪", "冬至",
];

impl SolarTerm {
    pub fn named(name: &str) -> Option<Self> {
        TERMS.iter().zip(0..).find(|(term, _)| **term == name).map(|(_, number)| Self(number))
    }

    pub fn names() -> impl Iterator<Item = &'static str> + Clone {
        TERMS.iter().copied()
    }

    /// The term that begins on this day.
    pub fn on(date: Date) -> Option<Self> {
        let terms = &Year::of(date.year())?.terms;
        terms.binary_search(&date).ok().and_then(|at| u8::try_from(at).ok()).map(Self)
    }
}

impl fmt::Display for SolarTerm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(TERMS.get(usize::from(self.0)).copied().unwrap_or_default())
    }
}

/// The lunar year that begins in a civil year, and the terms of that civil year.
#[derive(Debug)]
struct Year {
    /// In their order, never empty.
    months: Vec<Month>,
    /// In their order, 24.
    terms: Vec<Date>,
}

#[derive(Debug)]
struct Month {
    first: Date,
    number: u8,
    leap: bool,
}

static KNOWN: LazyLock<Vec<OnceLock<Year>>> = LazyLock::new(|| YEARS.map(|_| OnceLock::new()).collect());

impl Year {
    fn of(year: i16) -> Option<&'static Self> {
        let at = usize::try_from(year - YEARS.start()).ok()?;
        KNOWN.get(at).map(|known| known.get_or_init(|| Self::worked_out(year)))
    }

    fn worked_out(year: i16) -> Self {
        let year = isize::from(year);
        let months = LunarYear::from_year(year).get_months().into_iter().filter_map(|month| {
            let first = civil(&month.get_first_julian_day().get_solar_day())?;
            Some(Month { first, number: u8::try_from(month.get_month()).ok()?, leap: month.is_leap() })
        });
        // There, the first term of a year is the 冬至 before it.
        let terms =
            (1..=24).filter_map(|at| civil(&Term::from_index(year, at).get_julian_day().get_solar_day()));
        Self { months: months.collect(), terms: terms.collect() }
    }

    fn first(&self) -> Date {
        self.months.first().map_or(Date::MAX, |month| month.first)
    }
}

fn civil(day: &SolarDay) -> Option<Date> {
    let year = i16::try_from(day.get_year()).ok()?;
    Date::new(year, i8::try_from(day.get_month()).ok()?, i8::try_from(day.get_day()).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    /// Days on which somebody got it wrong before, from the almanacs of the years.
    #[test]
    fn agrees_with_the_almanac() {
        for (day, name) in [
            (date(2026, 2, 17), "正月初一"),
            (date(2026, 2, 11), "腊月廿四"),
            (date(2027, 2, 5), "腊月廿九"),
            (date(2027, 2, 6), "正月初一"),
            (date(2027, 1, 30), "腊月廿三"),
            (date(2025, 7, 25), "闰六月初一"),
            (date(2025, 6, 25), "六月初一"),
            (date(2033, 12, 22), "闰冬月初一"),
            (date(2034, 2, 19), "正月初一"),
            (date(2020, 5, 24), "闰四月初二"),
            (date(2026, 9, 25), "八月十五"),
        ] {
            assert_eq!(LunarDate::of(day).map(|lunar| lunar.to_string()).as_deref(), Some(name), "{day}");
        }
        for (day, name) in [
            (date(2026, 12, 22), "冬至"),
            (date(2027, 1, 5), "小寒"),
            (date(2026, 4, 5), "清明"),
            (date(2021, 2, 3), "立春"),
            (date(2024, 2, 4), "立春"),
            (date(2026, 6, 21), "夏至"),
        ] {
            assert_eq!(SolarTerm::on(day).map(|term| term.to_string()).as_deref(), Some(name), "{day}");
        }
        assert_eq!(SolarTerm::on(date(2026, 12, 21)), None);
    }

    #[test]
    fn the_eve_is_the_day_before_the_new_year() {
        let eves: Vec<Date> = (2024..2031)
            .filter_map(|year| {
                let mut day = date(year, 1, 15);
                while !LunarDate::NewYearsEve.is_on(day) {
                    day = day.tomorrow().ok()?;
                }
                Some(day)
            })
            .collect();
        let known = [
            (2024, 2, 9),
            (2025, 1, 28),
            (2026, 2, 16),
            (2027, 2, 5),
            (2028, 1, 25),
            (2029, 2, 12),
            (2030, 2, 2),
        ];
        assert_eq!(eves, known.map(|(year, month, day)| date(year, month, day)));
    }

    #[test]
    fn names_are_read_as_they_are_told() {
        for name in LunarDate::names() {
            assert_eq!(LunarDate::named(&name).map(|day| day.to_string()), Some(name));
        }
        let written = |name| LunarDate::named(name).map(|day| day.to_string());
        assert_eq!(written("十一月初一").as_deref(), Some("冬月初一"));
        assert_eq!(written("闰六月三十").as_deref(), Some("闰六月三十"));
        for wrong in ["", "正月", "初一", "一月初一", "正月卅一", "闰除夕", "正月初一 "] {
            assert_eq!(LunarDate::named(wrong), None, "{wrong}");
        }
        assert!(
            SolarTerm::names()
                .all(|name| SolarTerm::named(name).is_some_and(|term| term.to_string() == name))
        );
    }

    /// Every day has one name, days follow one another, and beyond the known years there is none.
    #[test]
    fn no_day_is_missing() {
        let (mut day, mut before) = (date(1902, 1, 1), LunarDate::of(date(1901, 12, 31)));
        let mut terms = 0;
        while day.year() < 2100 {
            let Some(LunarDate::Day { day: number, .. }) = LunarDate::of(day) else { panic!("{day}") };
            let Some(LunarDate::Day { day: yesterday, .. }) = before else { panic!("{day}") };
            let begins = number == 1 && (29..=30).contains(&yesterday);
            assert!(number == yesterday + 1 || begins, "{day}: {yesterday} → {number}");
            terms += usize::from(SolarTerm::on(day).is_some());
            before = LunarDate::of(day);
            day = day.tomorrow().expect("a day");
        }
        assert_eq!(terms, 24 * (2100 - 1902));
        assert_eq!(LunarDate::of(date(1899, 6, 1)), None);
        assert_eq!(LunarDate::of(Date::MAX), None);
    }
}
