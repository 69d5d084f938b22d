//! What owners of customer groups are asked to send by schedules, against what the platform lets a group receive:
//! a plan that cannot go out is told before anybody waits for it.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::around::Around;
use crate::files::{At, Report};
use crate::rules::written::ScheduleEntry;
use crate::rules::{GroupRule, Overrun, Schedule, fits};

/// How far ahead plans are added up: two whole months, whatever today is.
const WITHIN: SignedDuration = SignedDuration::from_hours(93 * 24);
/// Occurrences of one schedule that are added up: more than fit in any budget.
const OCCURRENCES_AT_MOST: usize = 1_000;

type Written<'a> = (&'a At<ScheduleEntry>, Arc<Schedule>);

/// Tells once of each set of schedules that is too much for the groups that hear all of them.
pub fn check(schedules: &[Written<'_>], around: &Around<'_>, report: &mut Report<'_>) {
    let Some(now) = around.now else { return };
    let mut told = HashSet::new();
    for rule in around.groups.iter().filter(|rule| rule.owner_confirms()) {
        let region =
            rule.store.as_ref().and_then(|id| around.stores.get(id)).map(|store| store.region.as_str());
        let heard = |(_, schedule): &&Written<'_>| !schedule.off && schedule.groups.may_take(rule, region);
        let heard: Vec<&Written<'_>> = schedules.iter().filter(heard).collect();
        let ids: Vec<&str> = heard.iter().map(|(_, schedule)| schedule.id.as_str()).collect();
        if told.insert(ids) {
            check_group(&heard, rule, around, now, report);
        }
    }
}

fn check_group(
    heard: &[&Written<'_>],
    rule: &GroupRule,
    around: &Around<'_>,
    now: Timestamp,
    report: &mut Report<'_>,
) {
    let planned: Vec<Vec<Date>> = heard.iter().map(|(_, schedule)| days(schedule, now)).collect();
    let Err(Overrun { day, planned: count, most }) = fits(planned.iter().flatten().copied(), around.budget)
    else {
        return;
    };
    let busiest = heard.iter().zip(&planned).max_by_key(|(_, days)| days.len());
    let Some(((entry, _), _)) = busiest else { return };
    let place = entry.cron.as_ref().map_or(entry.place, |cron| cron.place);
    let message = format!(
        "{} 的群到 {day} 要群主发 {count} 条，平台只让一个群收 {most} 条（{}）",
        rule.place,
        around.budget.chinese()
    );
    let hint = "少排几次，或者分给不同的群；后台改过群发规则的，在 zhanggui.toml 的 [wecom] 里写 send_budget";
    // Whether a name meets another pattern is only known once the group is there.
    if heard.iter().all(|(_, schedule)| schedule.groups.names.is_empty()) {
        report.error("over-budget", place, message).hint(hint);
    } else {
        report.warning("over-budget", place, message).hint(hint);
    }
}

fn days(schedule: &Schedule, now: Timestamp) -> Vec<Date> {
    let until = now.saturating_add(WITHIN).unwrap_or(now);
    let zone = &schedule.timing.zone;
    let moments = schedule.timing.between(now, until).take(OCCURRENCES_AT_MOST);
    moments.map(|moment| moment.to_zoned(zone.clone()).date()).collect()
}
