//! A month as it hangs on the wall: its days, 休 and 班, and how often something goes out.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;

use super::Days;
use crate::cli::columns::padded;
use crate::timetable::{Calendar, DayKind};

/// `23休  2` and a gap.
const CELL: usize = 9;

const WEEKDAYS: [&str; 7] = ["一", "二", "三", "四", "五", "六", "日"];

/// Every month that the days reach into, only the weeks of them.
pub fn months(days: Days, calendar: &Calendar, counts: &BTreeMap<Date, usize>) -> String {
    let mut text = String::new();
    let mut first = days.from.first_of_month();
    while first <= days.to {
        text.push_str(&month(first, days, calendar, counts));
        let Ok(next) = first.checked_add(1.month()) else { break };
        first = next;
    }
    text
}

fn month(first: Date, days: Days, calendar: &Calendar, counts: &BTreeMap<Date, usize>) -> String {
    let mut text = format!("{} 年 {} 月\n", first.year(), first.month());
    let names = WEEKDAYS.map(|name| padded(&format!("  {name}"), CELL));
    text.push_str(names.concat().trim_end());
    text.push('\n');
    // Weeks begin on Monday, as they do in China.
    let weekday = |day: Date| i64::from(day.weekday().to_monday_zero_offset());
    let (from, to) = (days.from.max(first), days.to.min(first.last_of_month()));
    let mut monday = from.saturating_sub(weekday(from).days());
    while monday <= to {
        let week = monday.series(1.day()).take(7);
        let cells = week.map(|day| {
            let shown = (from..=to).contains(&day);
            padded(&if shown { cell(day, calendar, counts) } else { String::new() }, CELL)
        });
        text.push_str(cells.collect::<String>().trim_end());
        text.push('\n');
        monday = monday.saturating_add(7.days());
    }
    text + "\n"
}

fn cell(day: Date, calendar: &Calendar, counts: &BTreeMap<Date, usize>) -> String {
    let mark = match calendar.kind(day) {
        DayKind::Holiday => "休",
        DayKind::Makeup => "班",
        DayKind::Workday | DayKind::Weekend => "  ",
    };
    let count = counts.get(&day).map(ToString::to_string).unwrap_or_default();
    format!("{:>2}{mark}{count:>3}", day.day())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::timetable::CalendarYear;

    #[test]
    fn a_month_lines_up() {
        let notice = CalendarYear {
            holidays: (1..=7).map(|day| (date(2026, 10, day), "国庆节".into())).collect(),
            makeup: [date(2026, 9, 20), date(2026, 10, 10)].into(),
        };
        let calendar = Calendar::new([(2026, notice)].into());
        let counts = [(date(2026, 10, 1), 2), (date(2026, 10, 10), 12)].into();
        let days = Days { from: date(2026, 9, 29), to: date(2026, 10, 12) };
        let expected = "\
2026 年 9 月
  一       二       三       四       五       六       日
         29       30

2026 年 10 月
  一       二       三       四       五       六       日
                            1休  2   2休      3休      4休
 5休      6休      7休      8        9       10班 12  11
12

";
        let made: Vec<String> =
            months(days, &calendar, &counts).lines().map(|line| line.trim_end().to_owned()).collect();
        assert_eq!(made, expected.lines().collect::<Vec<_>>());
    }
}
