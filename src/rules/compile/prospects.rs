//! What is to come of schedules, seen from now: one that never happens, whose script is out of date, that reaches
//! nobody, or that goes by holidays that nobody has written down yet.

use std::sync::Arc;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::around::Around;
use crate::files::{At, Diagnostic, Report, Severity};
use crate::rules::written::ScheduleEntry;
use crate::rules::{GroupRule, Schedule};
use crate::scripts::Asker;
use crate::timetable::{DayRule, LunarDate, Timing};

/// The notice for the next year comes in November; from this month on its absence is worth a word.
const MONTH_OF_NEXT_YEARS_CALENDAR: i8 = 12;

/// How far the gaps between occurrences are looked at: in a year, clocks are changed and months are short.
const GAPS_WITHIN: SignedDuration = SignedDuration::from_hours(366 * 24);
/// Whatever happens more often than this in a year shows its shortest gap long before its end.
const GAPS_AT_MOST: usize = 20_000;

pub fn check(
    schedules: &[(&At<ScheduleEntry>, Arc<Schedule>)],
    around: &Around<'_>,
    report: &mut Report<'_>,
) {
    // With errors about, groups and scripts may be missing that are there.
    let judge_groups = !report.has_errors();
    for (entry, schedule) in schedules.iter().filter(|(_, schedule)| !schedule.off) {
        if judge_groups {
            check_groups(entry, schedule, around, report);
        }
        if let Some(now) = around.now
            && let Some(next) = check_next(entry, schedule, now, report)
        {
            check_script(entry, schedule, around, now, report);
            check_gaps(entry, schedule, now, report);
            check_holidays(entry, schedule, next, report);
        }
    }
    let on = || schedules.iter().map(|(_, schedule)| schedule).filter(|schedule| !schedule.off);
    let relying = on().filter(|schedule| schedule.timing.asks_for_holidays()).count();
    if let (Some(now), Some(zone)) = (around.now, around.zone)
        && relying > 0
    {
        check_next_year(now.to_zoned(zone.clone()).date(), relying, around, report);
    }
}

/// The first occurrence; without one, why there is none.
fn check_next(
    entry: &At<ScheduleEntry>,
    schedule: &Schedule,
    now: Timestamp,
    report: &mut Report<'_>,
) -> Option<Timestamp> {
    let timing = &schedule.timing;
    let next = timing.next(now);
    if next.is_none() {
        let today = now.to_zoned(timing.zone.clone()).date();
        match entry.to.as_ref().filter(|to| to.0 < today) {
            Some(to) => {
                report
                    .warning("schedule-over", to.place, format!("这个排期 {} 就结束了，不会再发", to.0))
                    .hint("改日期，或删掉它");
            }
            None => {
                let place = entry.cron.as_ref().map_or(entry.place, |cron| cron.place);
                report
                    .error("never-happens", place, "今后五年里，这个排期一次也发不出去")
                    .hint(why_never(timing));
            }
        }
    }
    next
}

fn why_never(timing: &Timing) -> &'static str {
    let leap = |rule: &DayRule| matches!(rule, DayRule::Lunar(LunarDate::Day { leap: true, .. }));
    if timing.only.iter().any(leap) {
        "闰月要隔好几年才有一次，而且不一定是这个月；每年都要发，就去掉“闰”字"
    } else if timing.from.is_some() || timing.to.is_some() {
        "from 到 to 之间没有一天对得上 cron、only 和 except，检查这几处"
    } else {
        "cron 的日子和 only、except 碰不到一起，检查这几处"
    }
}

/// Whether the script may be sent on any day on which the schedule wants it.
fn check_script(
    entry: &ScheduleEntry,
    schedule: &Schedule,
    around: &Around<'_>,
    now: Timestamp,
    report: &mut Report<'_>,
) {
    let (Some(post), Some(script)) = (&entry.post, around.scripts.get(&schedule.post)) else { return };
    let timing = &*schedule.timing;
    let both = Timing {
        from: timing.from.into_iter().chain(script.valid_from).max(),
        to: timing.to.into_iter().chain(script.valid_to).min(),
        ..timing.clone()
    };
    if both.next(now).is_some() {
        return;
    }
    let today = now.to_zoned(timing.zone.clone()).date();
    match script.valid_to.filter(|to| *to < today) {
        Some(to) => {
            let message = format!("话术 {:?} {to} 就过期了，到点也发不出去", script.id);
            report
                .warning("expired-post", post.place, message)
                .hint("给话术改 valid，换一条话术，或给排期写 off = true");
        }
        None => {
            let days = [script.valid_from, script.valid_to].map(|day| day.map(|day| day.to_string()));
            let [from, to] = days.map(Option::unwrap_or_default);
            let message = format!("话术 {:?} 只能在 {from} 到 {to} 用，排期的日子都在这之外", script.id);
            report.error("post-never-valid", post.place, message).hint("改话术的 valid，或改排期的日子");
        }
    }
}

/// Whether all groups of an occurrence have had their turn when the next one begins.
fn check_gaps(entry: &ScheduleEntry, schedule: &Schedule, now: Timestamp, report: &mut Report<'_>) {
    let Some(jitter) = entry.jitter.as_ref().filter(|jitter| !jitter.0.is_zero()) else { return };
    let until = now.saturating_add(GAPS_WITHIN).unwrap_or(Timestamp::MAX);
    let mut last = None;
    for moment in schedule.timing.between(now, until).take(GAPS_AT_MOST) {
        let gap = last.map(|last| moment.duration_since(last));
        if let Some(gap) = gap.filter(|gap| *gap <= jitter.value.0) {
            let message =
                format!("两次之间最短只有 {}，各个群却要错开 {}", in_words(gap), in_words(jitter.value.0));
            report
                .error("jitter-too-long", jitter.place, message)
                .hint("错开的时间要比两次之间的时间短，否则这一次没发完，下一次又到了");
            return;
        }
        last = Some(moment);
    }
}

fn in_words(duration: SignedDuration) -> String {
    let seconds = duration.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} 秒"),
        (0, minutes, 0) => format!("{minutes} 分钟"),
        (hours, 0, 0) => format!("{hours} 小时"),
        (hours, minutes, 0) => format!("{hours} 小时 {minutes} 分钟"),
        _ => format!("{seconds} 秒"),
    }
}

fn check_groups(
    entry: &At<ScheduleEntry>,
    schedule: &Schedule,
    around: &Around<'_>,
    report: &mut Report<'_>,
) {
    let region = |store: &Option<String>| {
        store.as_ref().and_then(|id| around.stores.get(id)).map(|store| store.region.as_str())
    };
    let taken = |rule: &&GroupRule| schedule.groups.may_take(rule, region(&rule.store));
    let taken: Vec<&GroupRule> = around.groups.iter().filter(taken).collect();
    if taken.is_empty() {
        let place = entry.groups.as_ref().map_or(entry.place, |groups| groups.place);
        report
            .warning("reaches-nobody", place, "config/groups 里没有哪一条的群会收到它")
            .hint("groups 里写了几样就要都对上，检查群规、门店、区域和群名");
    }
    let (Some(post), Some(script)) = (&entry.post, around.scripts.get(&schedule.post)) else { return };
    let unfit = taken.iter().find(|rule| {
        let here = Asker {
            profile: Some(&rule.profile),
            store: rule.store.as_deref(),
            region: region(&rule.store),
            ..Asker::anybody(Date::MIN)
        };
        !script.is_for(&here)
    });
    if let Some(rule) = unfit {
        let message =
            format!("话术 {:?} 不给其中的群用（群规 {:?}，{}）", script.id, &*rule.profile, rule.place);
        report
            .warning("script-not-for-group", post.place, message)
            .hint("在 groups 里去掉这些群，或改话术的 profiles、regions、stores");
    }
}

/// The next occurrence is judged by a year whose holidays are not known.
fn check_holidays(entry: &ScheduleEntry, schedule: &Schedule, next: Timestamp, report: &mut Report<'_>) {
    let day = next.to_zoned(schedule.timing.zone.clone()).date();
    if !schedule.timing.guesses(day) {
        return;
    }
    let places = [&entry.only, &entry.except].map(|list| list.as_ref().map(|list| list.place));
    if let Some(place) = places.into_iter().flatten().next() {
        let message = format!("{} 年的放假安排还没有写，{day} 先按平常的星期算", day.year());
        report.warning("unknown-holidays", place, message).hint(calendar_hint(day.year()));
    }
}

fn check_next_year(today: Date, relying: usize, around: &Around<'_>, report: &mut Report<'_>) {
    let year = today.year() + 1;
    if today.month() < MONTH_OF_NEXT_YEARS_CALENDAR || around.calendar.knows(year) {
        return;
    }
    let message = format!("{year} 年的放假安排还没有写，有 {relying} 个排期要看它");
    let mut missing = Diagnostic::of_file(
        Severity::Warning,
        "no-calendar",
        format!("config/calendar/{year}.toml"),
        message,
    );
    missing.hint(calendar_hint(year));
    report.push(missing);
}

fn calendar_hint(year: i16) -> String {
    format!("照国务院办公厅的放假通知写 config/calendar/{year}.toml，可以抄往年的改")
}
