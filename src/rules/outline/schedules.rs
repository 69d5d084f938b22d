//! What a schedule says, in words.

use jiff::SignedDuration;

use super::{Named, lasting, said, valid};
use crate::rules::{Schedule, Selector};
use crate::timetable::{DayRule, Missed};

pub fn schedule(schedule: &Schedule) -> Named {
    let timing = &schedule.timing;
    let missed = match schedule.missed {
        Missed::Skip => "不补发".to_owned(),
        Missed::CatchUpWithin(within) => format!("晚 {} 以内补发", lasting(within)),
    };
    let jitter = schedule.jitter.spread();
    let says = [
        ("时间", timing.cron.as_str().to_owned()),
        ("时区", timing.zone.iana_name().unwrap_or("UTC").to_owned()),
        ("哪些日子", days(&timing.only)),
        ("不发的日子", days(&timing.except)),
        ("起止", valid(timing.from, timing.to)),
        ("群", groups(&schedule.groups)),
        ("话术", schedule.post.clone()),
        ("错开", if jitter > SignedDuration::ZERO { lasting(jitter) } else { String::new() }),
        ("没发成", missed),
        ("停用", if schedule.off { "是".to_owned() } else { String::new() }),
    ];
    Named { name: schedule.title.clone(), says: said(says), ..Named::default() }
}

fn days(rules: &[DayRule]) -> String {
    rules.iter().map(ToString::to_string).collect::<Vec<_>>().join("、")
}

pub(super) fn groups(selector: &Selector) -> String {
    let Selector { profiles, stores, regions, names, estates, tags, turn } = selector;
    let parts = [
        ("群规", profiles),
        ("门店", stores),
        ("区域", regions),
        ("小区", estates),
        ("标签", tags),
        ("群名", names),
    ];
    let stated = parts.iter().filter(|(_, list)| !list.is_empty());
    let mut words: Vec<String> = stated.map(|(what, list)| format!("{what} {}", list.join("、"))).collect();
    words.extend((!turn.is_empty()).then(|| turn.to_string()));
    if words.is_empty() { "所有群".to_owned() } else { words.join("，") }
}
