//! `[welcome]` of a profile: what of it cannot hold, and what holds.

use std::collections::HashSet;

use super::profiles::quiet;
use crate::files::{At, Id, Report};
use crate::rules::written::{JoinCodeEntry, WelcomeStepEntry, WelcomeTable};
use crate::rules::{JoinCodeWelcome, Welcome, WelcomeStep, WelcomeStop};

/// The scripts that newcomers may hear.
pub fn scripts(table: &WelcomeTable) -> impl Iterator<Item = &At<Id>> {
    let steps = table.step.iter().flat_map(|list| &list.value).filter_map(|step| step.script.as_ref());
    let codes =
        table.by_join_code.iter().flat_map(|list| &list.value).filter_map(|code| code.script.as_ref());
    table.script.iter().chain(steps).chain(codes)
}

/// What can be said about the profile's own keys.
pub fn check_own(table: &WelcomeTable, report: &mut Report<'_>) {
    let mut last = None;
    for after in table.step.iter().flat_map(|list| &list.value).filter_map(|step| step.after.as_ref()) {
        if last.is_some_and(|last| after.0 <= last) {
            report
                .error("bad-order", after.place, "这一步不比前一步晚")
                .hint("先说的写前面，每一步的 after 都从欢迎那时候算起，要一个比一个大");
        }
        last = Some(after.0);
    }
    let mut seen = HashSet::new();
    for state in table.by_join_code.iter().flat_map(|list| &list.value).filter_map(|code| code.state.as_ref())
    {
        if !seen.insert(&state.0) {
            let message = format!("进群码 {:?} 写了两次", state.0);
            report.error("duplicate-id", state.place, message).hint("留一处就够了");
        }
    }
}

pub fn welcome(table: &WelcomeTable) -> Welcome {
    let otherwise = Welcome::default();
    Welcome {
        off: table.off.as_ref().map_or(otherwise.off, |off| off.value),
        window: table.window.as_ref().map_or(otherwise.window, |window| window.value.0),
        script: table.script.as_ref().map(|script| script.0.clone()),
        quiet: quiet(table.quiet.as_ref()),
        repeat_after: table.repeat_after.as_ref().map_or(otherwise.repeat_after, |after| after.value.0),
        mention_at_most: table
            .mention_at_most
            .as_ref()
            .map_or(otherwise.mention_at_most, |most| most.count()),
        steps: steps(table),
        by_join_code: by_join_code(table),
    }
}

/// A step without what it needs was reported and is left out.
fn steps(table: &WelcomeTable) -> Vec<WelcomeStep> {
    let entries = table.step.iter().flat_map(|list| &list.value);
    let step = |entry: &At<WelcomeStepEntry>| {
        let unless = entry.unless.as_ref().map_or(vec![WelcomeStop::Spoke, WelcomeStop::Left], |list| {
            list.value.iter().map(|stop| stop.value).collect()
        });
        Some(WelcomeStep {
            after: entry.after.as_ref()?.value.0,
            unless,
            script: entry.script.as_ref()?.0.clone(),
        })
    };
    entries.filter_map(step).collect()
}

fn by_join_code(table: &WelcomeTable) -> Vec<JoinCodeWelcome> {
    let entries = table.by_join_code.iter().flat_map(|list| &list.value);
    let code = |entry: &At<JoinCodeEntry>| {
        Some(JoinCodeWelcome {
            state: entry.state.as_ref()?.0.clone(),
            script: entry.script.as_ref()?.0.clone(),
        })
    };
    entries.filter_map(code).collect()
}
