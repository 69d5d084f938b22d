//! A playbook in short.

use super::{Named, lasting, on, said};
use crate::rules::{Anchor, Playbook, PlaybookStep, PlaybookStop, Selector, StepCondition};
use crate::timetable::Missed;

pub fn playbook(playbook: &Playbook) -> Named {
    let Playbook { id: _, title, off, anchor, groups, stop, missed, steps, place: _ } = playbook;
    let line = |key: &str, value: String| (key.to_owned(), value);
    let stop = stop.iter().map(|stop| match stop {
        PlaybookStop::StaffSpoke => "店里的人自己说了话",
    });
    let mut lines = vec![
        line("走不走", on(*off)),
        line("从哪天数起", anchor_in_words(anchor)),
        line("给哪些群", groups_in_words(groups)),
        line("停下的时候", stop.collect::<Vec<_>>().join("、")),
        line("晚了怎么办", missed_in_words(*missed)),
    ];
    lines.extend(steps.iter().map(|step| (format!("{}这一步", step.id), step_in_words(playbook, step))));
    Named { name: title.clone(), says: said(lines) }
}

fn anchor_in_words(anchor: &Anchor) -> String {
    match anchor {
        Anchor::GroupCreated => "建群".to_owned(),
        Anchor::Joined => "进群".to_owned(),
        Anchor::Dates(dates) => dates.iter().map(ToString::to_string).collect::<Vec<_>>().join("、"),
    }
}

fn missed_in_words(missed: Missed) -> String {
    match missed {
        Missed::Skip => "跳过".to_owned(),
        Missed::CatchUpWithin(within) => format!("{}以内补上", lasting(within)),
    }
}

fn groups_in_words(groups: &Selector) -> String {
    let Selector { profiles, stores, regions, names } = groups;
    [profiles, stores, regions, names].into_iter().flatten().cloned().collect::<Vec<_>>().join("、")
}

fn step_in_words(playbook: &Playbook, step: &PlaybookStep) -> String {
    let when = step.when.map(|when| match when {
        StepCondition::QuietFor(quiet) => format!("，{}没人说话时", lasting(quiet)),
        StepCondition::Asked => "，有人问时".to_owned(),
        StepCondition::NotAsked => "，没有人问时".to_owned(),
    });
    let within = (!step.within.is_zero()).then(|| format!("，等{}", lasting(step.within)));
    format!(
        "{} {}说话术 {}{}{}",
        playbook.when_in_words(step),
        step.role.chinese(),
        step.script,
        when.unwrap_or_default(),
        within.unwrap_or_default()
    )
}
