//! Profiles: what is inherited, then what holds.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::reading::WrittenProfile;
use super::welcome;
use super::{Known, Reading, moderation};
use crate::files::{At, HoursOfDay, Id, OffOr, Report, Value};
use crate::rules::written::{AnswersTable, NudgeTable, PostsTable, ProfileFile, StaffTasksTable};
use crate::rules::{Answers, Moderation, Nudge, Posts, Profile, StaffTasks, Welcome};
use crate::scripts::Library;
use crate::timetable::QuietHours;

pub fn check(
    reading: &Reading<'_>,
    known: &Known,
    scripts: &Library,
    report: &mut Report<'_>,
) -> BTreeMap<String, Arc<Profile>> {
    let written: BTreeMap<&str, &WrittenProfile<'_>> =
        reading.profiles.iter().map(|profile| (profile.id.0.as_str(), profile)).collect();
    let mut profiles = BTreeMap::new();
    for (id, own) in &written {
        check_own(own.table, known, report);
        let Some(table) = inherit(own, &written, known, report) else { continue };
        check_whole(id, &table, scripts, report);
        let profile = Profile {
            id: (*id).to_owned(),
            name: table.name.as_ref().map(|name| name.0.clone()).unwrap_or_default(),
            welcome: table.welcome.as_ref().map_or_else(Welcome::default, |table| welcome::welcome(table)),
            moderation: table
                .moderation
                .as_ref()
                .map_or_else(Moderation::default, |table| moderation::moderation(table, report)),
            staff_tasks: table
                .staff_tasks
                .as_ref()
                .map_or_else(StaffTasks::default, |table| staff_tasks(table)),
            answers: table.answers.as_ref().map_or_else(Answers::default, |table| answers(table)),
            posts: table.posts.as_ref().map_or_else(Posts::default, |table| posts(table)),
            nudge: table.nudge.as_ref().map_or_else(Nudge::default, |table| nudge(table)),
        };
        profiles.insert((*id).to_owned(), Arc::new(profile));
    }
    profiles
}

/// The profile's own table over all that it extends. `None` when that leads nowhere or in circles.
fn inherit(
    own: &WrittenProfile<'_>,
    written: &BTreeMap<&str, &WrittenProfile<'_>>,
    known: &Known,
    report: &mut Report<'_>,
) -> Option<ProfileFile> {
    let mut table = own.table.clone();
    let mut chain = vec![own.id.0.as_str()];
    let mut extends = own.table.extends.as_ref();
    if let Some(base) = extends {
        known.profiles.check(&base.0, base.place, report);
    }
    while let Some(base) = extends {
        if chain.contains(&base.0.as_str()) {
            // Those in the circle tell of it; those that only lead into it need not.
            if base.0 == own.id.0 {
                chain.push(&base.0);
                let place = own.table.extends.as_ref().map_or(own.id.place, |base| base.place);
                let message = format!("群规互相继承，绕成了圈：{}", chain.join(" → "));
                report.error("extends-cycle", place, message).hint("去掉其中一个 extends");
            }
            return None;
        }
        let base = written.get(base.0.as_str())?;
        chain.push(&base.id.0);
        table = table.over(base.table);
        extends = base.table.extends.as_ref();
    }
    Some(table)
}

/// What can be said about the profile's own keys.
fn check_own(table: &ProfileFile, known: &Known, report: &mut Report<'_>) {
    let mut check = |script: &At<Id>| {
        known.scripts.check(&script.0, script.place, report);
    };
    table.welcome.iter().flat_map(|table| welcome::scripts(table)).for_each(&mut check);
    let public = table.answers.as_ref().and_then(|answers| answers.scripts.as_ref());
    public.iter().flat_map(|list| &list.value).for_each(&mut check);
    let nudges = table.nudge.as_ref().and_then(|nudge| nudge.scripts.as_ref());
    nudges.iter().flat_map(|list| &list.value).for_each(&mut check);
    if let Some(table) = &table.welcome {
        welcome::check_own(table, report);
    }
    if let Some(table) = &table.moderation {
        moderation::check_own(table, known, report);
    }
}

/// What can only be said with everything inherited.
fn check_whole(id: &str, table: &ProfileFile, scripts: &Library, report: &mut Report<'_>) {
    let mut used: Vec<&At<Id>> = table.welcome.iter().flat_map(|table| welcome::scripts(table)).collect();
    let nudges = table.nudge.as_ref().and_then(|nudge| nudge.scripts.as_ref());
    used.extend(nudges.into_iter().flat_map(|list| &list.value));
    let public = table.answers.as_ref().and_then(|answers| answers.scripts.as_ref());
    used.extend(public.into_iter().flat_map(|list| &list.value));
    public.into_iter().flat_map(|list| &list.value).for_each(|id| check_public(id, scripts, report));
    if let Some(table) = &table.moderation {
        used.extend(moderation::scripts(table));
        moderation::check_whole(table, report);
        let no_ladder = table.ladder.as_ref().is_none_or(|ladder| ladder.value.is_empty());
        let off = table.off.as_ref().is_some_and(|off| off.value);
        // With errors about, a ladder may just not have been readable.
        if no_ladder && !off && !report.has_errors() {
            report
                .warning("no-ladder", table.place, "没有写第几次违规做什么，判成广告也只会记下来")
                .hint("加 [[moderation.ladder]]；只想观察就写 shadow = true");
        }
    }
    for script in used {
        let found = scripts.get(&script.0);
        if found
            .is_some_and(|found| !found.profiles.is_empty() && !found.profiles.iter().any(|one| one == id))
        {
            let message = format!("话术 {:?} 不给群规 {id:?} 用", script.0);
            report
                .warning("script-not-for-profile", script.place, message)
                .hint("在话术的 profiles 里加上它，或换一条话术");
        }
    }
    if let Some(tasks) = &table.staff_tasks {
        let StaffTasks { remind_after, escalate_after, expire_after, .. } = staff_tasks(tasks);
        if !(remind_after < escalate_after && escalate_after < expire_after) {
            report
                .error("bad-order", tasks.place, "待办的时间顺序不对")
                .hint("要先提醒，再交给运营，最后作废：remind_after < escalate_after < expire_after");
        }
    }
}

/// A member asks by a keyword and can fill in nothing.
fn check_public(id: &At<Id>, scripts: &Library, report: &mut Report<'_>) {
    let Some(script) = scripts.get(&id.0) else { return };
    if script.triggers.is_empty() {
        let message = format!("话术 {:?} 没有关键词，成员问不到它", id.0);
        report.error("answer-without-trigger", id.place, message).hint("在话术里写 triggers，或换一条");
    }
    if script.asks.iter().any(|ask| ask.default.is_none()) {
        let message = format!("话术 {:?} 要人填空，不能自动回答成员", id.0);
        report.error("answer-with-blanks", id.place, message).hint("给每个填空写 default，或换一条");
    }
}

fn answers(table: &AnswersTable) -> Answers {
    let otherwise = Answers::default();
    Answers {
        scripts: list(table.scripts.as_ref(), |id| id.0.clone()).unwrap_or(otherwise.scripts),
        cooldown: table.cooldown.as_ref().map_or(otherwise.cooldown, |cooldown| cooldown.value.0),
    }
}

fn posts(table: &PostsTable) -> Posts {
    Posts { quiet: quiet(table.quiet.as_ref()) }
}

fn nudge(table: &NudgeTable) -> Nudge {
    let otherwise = Nudge::default();
    Nudge {
        scripts: list(table.scripts.as_ref(), |id| id.0.clone()).unwrap_or(otherwise.scripts),
        quiet_for: table.quiet_for.as_ref().map_or(otherwise.quiet_for, |quiet| quiet.value.0),
        hours: table.hours.as_ref().map_or(otherwise.hours, |hours| {
            let HoursOfDay { start, end } = hours.value;
            QuietHours { start, end }
        }),
        at_most: table.at_most.as_ref().map_or(otherwise.at_most, |most| most.count()),
    }
}

pub(super) fn quiet(hours: Option<&At<OffOr<HoursOfDay>>>) -> Option<QuietHours> {
    let HoursOfDay { start, end } = hours?.value.on()?;
    Some(QuietHours { start, end })
}

pub(super) fn list<T, U>(values: Option<&At<Vec<At<T>>>>, one: impl Fn(&T) -> U) -> Option<Vec<U>> {
    Some(values?.value.iter().map(|value| one(&value.value)).collect())
}

fn staff_tasks(table: &StaffTasksTable) -> StaffTasks {
    let otherwise = StaffTasks::default();
    let after =
        |own: Option<&At<crate::files::Duration>>, otherwise| own.map_or(otherwise, |own| own.value.0);
    StaffTasks {
        remind_after: after(table.remind_after.as_ref(), otherwise.remind_after),
        escalate_after: after(table.escalate_after.as_ref(), otherwise.escalate_after),
        expire_after: after(table.expire_after.as_ref(), otherwise.expire_after),
        quiet: quiet(table.quiet.as_ref()),
    }
}
