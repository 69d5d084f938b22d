//! Schedules: whether each can happen at all, has something to say, and somebody to say it to.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::date;

use super::around::Around;
use super::campaigns::StepSchedule;
use super::ids::Ids;
use super::{Reading, prospects, selector};
use crate::files::{At, Place, Report, SkipOr};
use crate::rules::Schedule;
use crate::rules::written::{CatchUpTable, CronText, DayRuleText, ScheduleEntry};
use crate::scripts::Library;
use crate::timetable::{Cron, DayRule, Dialect, Jitter, LunarDate, Missed, Timing};

/// `steps` are those of campaigns.
pub fn check(
    reading: &Reading<'_>,
    steps: &[StepSchedule],
    around: &Around<'_>,
    report: &mut Report<'_>,
) -> BTreeMap<String, Arc<Schedule>> {
    let mut ids = Ids::new("排期", "unknown-schedule", true);
    let mut schedules = BTreeMap::new();
    let mut good = Vec::new();
    let own = reading.schedules.iter().map(|entry| (*entry, None));
    let of_campaigns = steps.iter().map(|step| (&step.entry, Some(step.campaign.as_str())));
    for (entry, campaign) in own.chain(of_campaigns) {
        ids.define(entry.id.as_ref(), report);
        if let Some(post) = &entry.post {
            around.known.scripts.check(&post.0, post.place, report);
            check_post(post.place, &post.0, around.scripts, report);
        }
        if let Some(schedule) = schedule(entry, campaign, around, report).map(Arc::new) {
            good.push((entry, Arc::clone(&schedule)));
            schedules.entry(schedule.id.clone()).or_insert(schedule);
        }
    }
    prospects::check(&good, around, report);
    schedules
}

/// A bot fills in no blanks.
fn check_post(place: Place, id: &str, scripts: &Library, report: &mut Report<'_>) {
    let Some(script) = scripts.get(id) else { return };
    if script.asks.iter().any(|ask| ask.default.is_none()) {
        report
            .error("post-with-blanks", place, format!("话术 {id:?} 要人填空，不能到点自己发"))
            .hint("给每个填空写 default，或换一条");
    }
    if let (None, Some(successor)) = (script.valid_to, &script.replaced_by) {
        report
            .error("post-replaced", place, format!("话术 {id:?} 已经由别的话术接班，发不出去了"))
            .hint(format!("写 post = {successor:?}"));
    }
}

/// `None` when something required is missing or wrong, which has been reported.
fn schedule(
    entry: &At<ScheduleEntry>,
    campaign: Option<&str>,
    around: &Around<'_>,
    report: &mut Report<'_>,
) -> Option<Schedule> {
    let timing = timing(entry, around, report);
    let groups = selector::check(entry.groups.as_ref(), around.known, report);
    Some(Schedule {
        id: entry.id.as_ref()?.0.clone(),
        title: entry.title.as_ref()?.0.clone(),
        timing: Arc::new(timing?),
        groups,
        post: entry.post.as_ref()?.0.clone(),
        jitter: entry.jitter.as_ref().map_or_else(Jitter::default, |jitter| Jitter::within(jitter.value.0)),
        missed: entry.missed.as_ref().map_or_else(Missed::default, |missed| catch_up(missed)),
        off: entry.off.as_ref().is_some_and(|off| off.value),
        place: report.locate(entry.place),
        campaign: campaign.map(str::to_owned),
    })
}

pub(super) fn catch_up(missed: &SkipOr<CatchUpTable>) -> Missed {
    let within = match missed {
        SkipOr::Skip => None,
        SkipOr::Do(table) => table.catch_up_within.as_ref(),
    };
    within.map_or(Missed::Skip, |within| Missed::CatchUpWithin(within.value.0))
}

fn timing(entry: &ScheduleEntry, around: &Around<'_>, report: &mut Report<'_>) -> Option<Timing> {
    let dialect = entry.dialect.as_ref().map_or(Dialect::default(), |dialect| dialect.value);
    let cron = cron(entry.cron.as_ref()?, dialect, report);
    let (from, to) = (entry.from.as_ref().map(|day| day.0), entry.to.as_ref().map(|day| day.0));
    if let (Some(from), Some(to)) = (from, to)
        && from > to
    {
        report
            .error("bad-valid-range", entry.to.as_ref()?.place, "开始的日子比结束的晚")
            .hint("把 from 和 to 对调，或检查年份");
        return None;
    }
    let own = entry.timezone.as_ref().map(|zone| &zone.value.0);
    Some(Timing {
        cron: cron?,
        zone: own.or(around.zone)?.clone(),
        only: rules(entry.only.as_ref(), report),
        except: rules(entry.except.as_ref(), report),
        from,
        to,
        calendar: Arc::clone(around.calendar),
    })
}

fn rules(list: Option<&At<Vec<At<DayRuleText>>>>, report: &mut Report<'_>) -> Vec<DayRule> {
    let rules = list.into_iter().flat_map(|list| &list.value);
    rules
        .map(|rule| {
            check_every_year(rule, report);
            rule.value.0
        })
        .collect()
}

/// A day that some lunar years do not have.
fn check_every_year(rule: &At<DayRuleText>, report: &mut Report<'_>) {
    let DayRule::Lunar(LunarDate::Day { month, leap, day }) = rule.value.0 else { return };
    let hint = match (month, leap, day) {
        (_, true, _) => "闰月隔好几年才有一次，没有闰月的年份不发；每年都要发，就去掉“闰”字",
        (12, false, 30) => "腊月只有二十九天的年份不发；要除夕那天，写 \"lunar:除夕\"",
        (_, false, 30) => "这个月只有二十九天的年份不发",
        _ => return,
    };
    report
        .note(
            "not-every-year",
            rule.place,
            format!("不是每年都有{}", rule.value.0.to_string().trim_start_matches("lunar:")),
        )
        .hint(hint);
}

/// Before any schedule: whoever has an occurrence at all has one after this.
const LONG_AGO: jiff::civil::DateTime = date(2000, 1, 1).at(0, 0, 0, 0);

fn cron(written: &At<CronText>, dialect: Dialect, report: &mut Report<'_>) -> Option<Cron> {
    let cron = match Cron::parse(&written.0, dialect) {
        Ok(cron) => cron,
        Err(mistake) => {
            let place = mistake.field.map_or(written.place, |field| part(written, field, report));
            report.error("bad-cron", place, mistake.message).hint(mistake.hint);
            return None;
        }
    };
    if cron.next(LONG_AGO).is_none() {
        let message = format!("{:?} 说的日子永远不会有", written.0);
        report
            .error("impossible-cron", written.place, message)
            .hint("2 月最多 29 天，4、6、9、11 月只有 30 天；每月最后一天把“日”写成 L，例如 \"0 9 L * *\"");
        return None;
    }
    if cron.takes_either_day() {
        report.note("day-or-weekday", written.place, "“日”和“星期”都写了，对上一个就发").hint(
            "只要每月 1 号就把“星期”写成 *；只要星期一就把“日”写成 *；每月第一个星期一写 \"0 9 * * 1#1\"",
        );
    }
    Some(cron)
}

/// Where a field stands in the text.
fn part(written: &At<CronText>, field: usize, report: &Report<'_>) -> Place {
    let text = report.text(written.place);
    let fields = written.0.split(' ').filter(|field| !field.is_empty());
    let (Some(start), Some(wanted)) = (text.find(&written.0), fields.clone().nth(field)) else {
        return written.place;
    };
    let before = fields.take(field).fold(start, |at, field| {
        let found = text[at..].find(field).map_or(at, |found| at + found);
        found + field.len()
    });
    let at = text[before..].find(wanted).map_or(before, |found| before + found);
    written.place.part(at..at + wanted.len())
}
