//! Holidays and make-up workdays: whether they can be those of a notice.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::ToSpan;
use jiff::civil::{Date, date};

use super::Reading;
use super::reading::WrittenCalendar;
use crate::files::{At, Day, Report};
use crate::rules::written::HolidayEntry;
use crate::timetable::{Calendar, CalendarYear};

/// The notice of a year reaches this many days into the years beside it: 元旦 of 2023 began on a 31 December, and
/// 春节 takes make-up days from no farther away.
const DAYS_BEYOND_THE_YEAR: i32 = 14;

/// Holidays are no longer than this: the longest so far had nine days.
const DAYS_AT_MOST: i32 = 15;

pub fn check(reading: &Reading<'_>, report: &mut Report<'_>) -> Calendar {
    let mut known: BTreeMap<Date, String> = BTreeMap::new();
    let mut years = BTreeMap::new();
    for written in &reading.calendars {
        let mut year = CalendarYear::default();
        for entry in written.table.holiday.iter().flat_map(|list| &list.value) {
            holiday(entry, written, &mut known, &mut year, report);
        }
        years.insert(written.year, year);
    }
    Calendar::new(years)
}

fn holiday(
    entry: &At<HolidayEntry>,
    written: &WrittenCalendar<'_>,
    known: &mut BTreeMap<Date, String>,
    year: &mut CalendarYear,
    report: &mut Report<'_>,
) {
    let (Some(name), Some(from)) = (&entry.name, &entry.from) else { return };
    let to = entry.to.as_ref().unwrap_or(from);
    let days = from.0.until(to.0).map_or(0, |span| span.get_days());
    if days < 0 {
        report
            .error("bad-valid-range", entry.place, "开始的日子比结束的晚")
            .hint("把 from 和 to 对调，或检查年份");
        return;
    }
    if days >= DAYS_AT_MOST {
        let message = format!("{}放了 {} 天，不像真的", name.0, days + 1);
        report.error("long-holiday", entry.place, message).hint("照通知检查 from 和 to 的月份");
        return;
    }
    let makeup = || entry.makeup.iter().flat_map(|list| &list.value);
    for day in [from, to].into_iter().chain(makeup()) {
        check_year(day, written.year, report);
    }
    for day in makeup() {
        let weekday = day.0.weekday();
        if weekday.to_monday_zero_offset() < 5 {
            let message = format!("{} 本来就是上班的日子", day.0);
            report
                .error("bad-makeup-day", day.place, message)
                .hint("调休上班的是星期六或星期天，照通知检查日期");
        }
        check_once(day, "调休上班", known, report);
        year.makeup.insert(day.0);
    }
    let shared: Arc<str> = Arc::from(name.0.as_str());
    for day in from.0.series(1.day()).take_while(|day| *day <= to.0) {
        check_once(&At { value: Day(day), place: entry.place }, &name.0, known, report);
        year.holidays.insert(day, Arc::clone(&shared));
    }
}

/// A file of 2026 says nothing of the middle of 2025.
fn check_year(day: &At<Day>, year: i16, report: &mut Report<'_>) {
    let (first, last) = (date(year, 1, 1), date(year, 12, 31));
    let beyond = DAYS_BEYOND_THE_YEAR.days();
    if day.0 < first.saturating_sub(beyond) || day.0 > last.saturating_add(beyond) {
        let message = format!("{} 不在 {year} 年", day.0);
        report
            .error("wrong-year", day.place, message)
            .hint(format!("写进 config/calendar/{:04}.toml，或检查年份", day.0.year()));
    }
}

fn check_once(day: &At<Day>, what: &str, known: &mut BTreeMap<Date, String>, report: &mut Report<'_>) {
    if let Some(first) = known.get(&day.0) {
        let message = format!("{} 已经写过了：{first}", day.0);
        report.error("duplicate-day", day.place, message).hint("一天只能放假，或者上班；照通知删掉其中一处");
        return;
    }
    known.insert(day.0, format!("{what}（{}）", report.locate(day.place)));
}
