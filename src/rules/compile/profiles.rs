//! Profiles: what is inherited, then what holds.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::reading::WrittenProfile;
use super::{Known, Reading};
use crate::files::{At, HoursOfDay, Id, OffOr, Place, Report, Value};
use crate::rules::written::{
    AnswersTable, BlacklistTable, FloodTable, ModerationTable, ProfileFile, RungEntry, StaffTasksTable,
    WelcomeTable,
};
use crate::rules::{
    Answers, BlacklistRule, BlacklistScope, Flood, Moderation, Profile, Rung, RungAct, StaffTasks, Welcome,
};
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
            welcome: table.welcome.as_ref().map_or_else(Welcome::default, |table| welcome(table)),
            moderation: table.moderation.as_ref().map_or_else(Moderation::default, |table| moderation(table)),
            staff_tasks: table
                .staff_tasks
                .as_ref()
                .map_or_else(StaffTasks::default, |table| staff_tasks(table)),
            answers: table.answers.as_ref().map_or_else(Answers::default, |table| answers(table)),
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
    let mut check = |script: Option<&At<Id>>| {
        if let Some(script) = script {
            known.scripts.check(&script.0, script.place, report);
        }
    };
    check(table.welcome.as_ref().and_then(|welcome| welcome.script.as_ref()));
    check(table.moderation.as_ref().and_then(|moderation| moderation.flood_script.as_ref()));
    let public = table.answers.as_ref().and_then(|answers| answers.scripts.as_ref());
    public.iter().flat_map(|list| &list.value).for_each(|script| check(Some(script)));
    let ladder = table.moderation.as_ref().and_then(|moderation| moderation.ladder.as_ref());
    let rungs = || ladder.into_iter().flat_map(|ladder| &ladder.value);
    rungs().for_each(|rung| check(rung.script.as_ref()));
    rungs().for_each(|rung| check_rung(rung, report));
    check_ladder(rungs(), report);
}

/// Strikes count 1, 2, 3 … without a gap.
fn check_ladder<'a>(rungs: impl Iterator<Item = &'a At<RungEntry>>, report: &mut Report<'_>) {
    let mut strikes: Vec<(i64, Place)> =
        rungs.filter_map(|rung| rung.strike.as_ref().map(|strike| (strike.0, strike.place))).collect();
    strikes.sort_unstable();
    let mut last = 0;
    for (strike, place) in strikes {
        if strike == last {
            let message = format!("第 {strike} 次违规写了两级");
            report.error("ladder-duplicate", place, message).hint("合成一级，或改成别的次数");
        } else if strike > last + 1 {
            let message = format!("有第 {strike} 级，却没有第 {} 级", last + 1);
            report.error("ladder-gap", place, message).hint("补上缺的一级，或把 strike 改小");
        }
        last = strike;
    }
}

fn check_rung(rung: &At<RungEntry>, report: &mut Report<'_>) {
    let Some(acts) = &rung.acts else { return };
    let does = |act: RungAct| acts.value.iter().any(|one| one.value == act);
    if acts.value.is_empty() {
        report.error("empty-list", acts.place, "这一级什么也不做").hint("只想记下来就写 [\"note\"]");
    }
    if does(RungAct::Warn) && rung.script.is_none() {
        report
            .error("missing-key", acts.place, "要提醒（warn），却没有写用哪条话术")
            .hint("加一行 script = \"话术编号\"");
    }
    if let Some(blacklist) = rung.blacklist.as_ref().filter(|_| !does(RungAct::Blacklist)) {
        report
            .error("blacklist-without-act", blacklist.place, "写了怎样拉黑，但 do 里没有 \"blacklist\"")
            .hint("在 do 里加上 \"blacklist\"，或删掉这一行");
    }
}

/// What can only be said with everything inherited.
fn check_whole(id: &str, table: &ProfileFile, scripts: &Library, report: &mut Report<'_>) {
    let mut used: Vec<&At<Id>> = table.welcome.iter().filter_map(|welcome| welcome.script.as_ref()).collect();
    let public = table.answers.as_ref().and_then(|answers| answers.scripts.as_ref());
    used.extend(public.into_iter().flat_map(|list| &list.value));
    public.into_iter().flat_map(|list| &list.value).for_each(|id| check_public(id, scripts, report));
    if let Some(moderation) = &table.moderation {
        let rungs: Vec<&At<RungEntry>> = moderation.ladder.iter().flat_map(|ladder| &ladder.value).collect();
        used.extend(rungs.iter().filter_map(|rung| rung.script.as_ref()));
        let off = moderation.off.as_ref().is_some_and(|off| off.value);
        // With errors about, a ladder may just not have been readable.
        if rungs.is_empty() && !off && !report.has_errors() {
            report
                .warning("no-ladder", moderation.place, "没有写第几次违规做什么，判成广告也只会记下来")
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

fn welcome(table: &WelcomeTable) -> Welcome {
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
    }
}

fn answers(table: &AnswersTable) -> Answers {
    let otherwise = Answers::default();
    Answers {
        scripts: list(table.scripts.as_ref(), |id| id.0.clone()).unwrap_or(otherwise.scripts),
        cooldown: table.cooldown.as_ref().map_or(otherwise.cooldown, |cooldown| cooldown.value.0),
    }
}

fn quiet(hours: Option<&At<OffOr<HoursOfDay>>>) -> Option<QuietHours> {
    let HoursOfDay { start, end } = hours?.value.on()?;
    Some(QuietHours { start, end })
}

fn moderation(table: &ModerationTable) -> Moderation {
    let otherwise = Moderation::default();
    Moderation {
        off: table.off.as_ref().map_or(otherwise.off, |off| off.value),
        shadow: table.shadow.as_ref().map_or(otherwise.shadow, |shadow| shadow.value),
        exempt: list(table.exempt.as_ref(), |role| *role).unwrap_or(otherwise.exempt),
        allow_links: list(table.allow_links.as_ref(), |domain| domain.0.clone())
            .unwrap_or(otherwise.allow_links),
        allow_contacts: list(table.allow_contacts.as_ref(), |text| text.0.clone())
            .unwrap_or(otherwise.allow_contacts),
        categories: list(table.categories.as_ref(), |category| *category).unwrap_or(otherwise.categories),
        act_at: table.act_at.as_ref().map_or(otherwise.act_at, |score| score.value.0),
        flood: table.flood.as_ref().and_then(|table| table.value.clone().on()).map(|table| flood(&table)),
        flood_script: table.flood_script.as_ref().map(|script| script.0.clone()),
        strikes_expire: table.strikes_expire.as_ref().map_or(otherwise.strikes_expire, |after| after.value.0),
        ladder: ladder(table.ladder.as_ref()),
    }
}

fn list<T, U>(values: Option<&At<Vec<At<T>>>>, one: impl Fn(&T) -> U) -> Option<Vec<U>> {
    Some(values?.value.iter().map(|value| one(&value.value)).collect())
}

fn flood(table: &FloodTable) -> Flood {
    let otherwise = Flood::default();
    Flood {
        messages: table.messages.as_ref().map_or(otherwise.messages, |messages| messages.count()),
        repeats: table.repeats.as_ref().map_or(otherwise.repeats, |repeats| repeats.count()),
        within: table.within.as_ref().map_or(otherwise.within, |within| within.value.0),
    }
}

/// Sorted by strike; rungs without one have been reported.
fn ladder(written: Option<&At<Vec<At<RungEntry>>>>) -> Vec<Rung> {
    let rungs = written.into_iter().flat_map(|rungs| &rungs.value);
    let mut ladder: Vec<Rung> = rungs.filter_map(|entry| rung(entry)).collect();
    ladder.sort_by_key(|rung| rung.strike);
    ladder
}

fn rung(entry: &RungEntry) -> Option<Rung> {
    let acts: Vec<RungAct> = entry.acts.as_ref()?.value.iter().map(|act| act.value).collect();
    let blacklists = acts.contains(&RungAct::Blacklist);
    Some(Rung {
        strike: u32::try_from(entry.strike.as_ref()?.0).ok()?,
        script: entry.script.as_ref().map(|script| script.0.clone()),
        blacklist: blacklists.then(|| blacklist(entry.blacklist.as_ref())),
        acts,
    })
}

fn blacklist(table: Option<&At<BlacklistTable>>) -> BlacklistRule {
    BlacklistRule {
        scope: table
            .and_then(|table| table.scope.as_ref())
            .map_or(BlacklistScope::Group, |scope| scope.value),
        lasts: table.and_then(|table| table.lasts.as_ref()).map(|lasts| lasts.value.0),
    }
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
