//! Playbooks: whether their days, lines and groups can be as written.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::SignedDuration;
use jiff::civil::Date;

use super::around::Around;
use super::schedules::catch_up;
use super::{Reading, selector};
use crate::files::{At, Place, Report};
use crate::rules::written::{AnchorName, PlaybookStepEntry, PlaybookTable};
use crate::rules::{Anchor, GroupRule, Playbook, PlaybookStep, StepCondition, StepRole, full_ears};
use crate::scripts::{Library, Script};
use crate::timetable::Missed;

/// An event every week of a year; more are surely two playbooks.
const DATES_AT_MOST: usize = 53;
/// What was good to say in the morning is wrong the next day.
const CATCH_UP_AT_MOST: SignedDuration = SignedDuration::from_hours(24);
/// Default of `missed`.
const CATCH_UP: Missed = Missed::CatchUpWithin(SignedDuration::from_hours(2));

pub fn check(
    reading: &Reading<'_>,
    around: &Around<'_>,
    report: &mut Report<'_>,
) -> BTreeMap<String, Arc<Playbook>> {
    let mut playbooks = BTreeMap::new();
    for table in &reading.playbooks {
        if let Some(playbook) = playbook(table, around, report) {
            playbooks.insert(playbook.id.clone(), Arc::new(playbook));
        }
    }
    playbooks
}

/// `None` when something required is missing or wrong, which has been reported.
fn playbook(table: &At<PlaybookTable>, around: &Around<'_>, report: &mut Report<'_>) -> Option<Playbook> {
    let anchor = anchor(table, around, report);
    let groups = selector::check(table.groups.as_ref(), around.known, report);
    check_catch_up(table, report);
    let entries = table.step.as_ref().map(|list| (&list.value, list.place));
    if let Some((_, place)) = entries.filter(|(entries, _)| entries.is_empty()) {
        report.error("empty-list", place, "剧本一步也没有").hint("加一行 [[playbook.step]]，下面写它的内容");
    }
    let entries = entries.map(|(entries, _)| entries.as_slice()).unwrap_or_default();
    for entry in entries {
        check_step(entry, table.anchor.as_ref().map(|anchor| anchor.value), around, report);
    }
    check_ids(entries, report);
    let mut steps: Vec<PlaybookStep> = entries.iter().map(|entry| step(entry)).collect::<Option<_>>()?;
    steps.sort_by_key(|step| (step.day, step.at));
    let playbook = Playbook {
        id: table.id.as_ref()?.0.clone(),
        title: table.title.as_ref()?.0.clone(),
        off: table.off.as_ref().is_some_and(|off| off.value),
        anchor: anchor?,
        groups,
        stop: table.stop.iter().flat_map(|list| &list.value).map(|stop| stop.value).collect(),
        missed: table.missed.as_ref().map_or(CATCH_UP, |missed| catch_up(missed)),
        steps,
        place: report.locate(table.place),
        campaign: table.campaign.as_ref().map(|id| id.0.clone()),
    };
    check_groups(table, &playbook, around, report);
    check_days(table, &playbook, around.scripts, around.today, report);
    Some(playbook).filter(|playbook| !playbook.steps.is_empty())
}

fn anchor(table: &PlaybookTable, around: &Around<'_>, report: &mut Report<'_>) -> Option<Anchor> {
    let name = table.anchor.as_ref()?;
    if let Some(campaign) = table.campaign.as_ref().filter(|_| name.value != AnchorName::Campaign) {
        report
            .error("detail-without-act", campaign.place, "写了 campaign，但 anchor 不是 \"campaign\"")
            .hint("把 anchor 改成 \"campaign\"，或删掉这一行");
    }
    let written = table.dates.as_ref().filter(|dates| !dates.value.is_empty());
    let plain = match (name.value, written) {
        (AnchorName::GroupCreated, None) => return Some(Anchor::GroupCreated),
        (AnchorName::Joined, None) => return Some(Anchor::Joined),
        (AnchorName::Campaign, None) => return of_campaign(table, name.place, around, report),
        (AnchorName::Date, Some(dates)) => dates,
        (AnchorName::Date, None) => {
            let place = table.dates.as_ref().map_or(name.place, |dates| dates.place);
            report
                .error("missing-key", place, "anchor 是 \"date\"，却没有写是哪几天")
                .hint("加一行 dates = [2027-01-16]");
            return None;
        }
        (_, Some(dates)) => {
            report
                .error("detail-without-act", dates.place, "写了 dates，但 anchor 不是 \"date\"")
                .hint("把 anchor 改成 \"date\"，或删掉这一行");
            return None;
        }
    };
    if plain.value.len() > DATES_AT_MOST {
        let message = format!("日子太多了：{} 个，最多 {DATES_AT_MOST} 个", plain.value.len());
        report.error("too-many", plain.place, message).hint("分成两个剧本，或删掉过去的日子");
    }
    let mut dates: Vec<Date> = plain.value.iter().map(|day| day.0).collect();
    dates.sort_unstable();
    dates.dedup();
    Some(Anchor::Dates(dates))
}

/// The day of the campaign.
fn of_campaign(
    table: &PlaybookTable,
    place: Place,
    around: &Around<'_>,
    report: &mut Report<'_>,
) -> Option<Anchor> {
    let Some(id) = &table.campaign else {
        report
            .error("missing-key", place, "anchor 是 \"campaign\"，却没有写是哪个活动")
            .hint("加一行 campaign = \"活动编号\"");
        return None;
    };
    if !around.known.campaigns.check(&id.0, id.place, report) {
        return None;
    }
    let day = around.campaigns.get(&id.0).and_then(|campaign| campaign.day);
    if day.is_none() {
        report
            .error(
                "missing-key",
                id.place,
                format!("活动 {:?} 没有写 day，也没有写 to，不知道从哪天数起", id.0),
            )
            .hint("在活动里加一行 day = 2027-01-28");
    }
    day.map(|day| Anchor::Dates(vec![day]))
}

fn check_catch_up(table: &PlaybookTable, report: &mut Report<'_>) {
    let Some(missed) = &table.missed else { return };
    if matches!(catch_up(missed), Missed::CatchUpWithin(within) if within > CATCH_UP_AT_MOST) {
        report
            .error("too-long", missed.place, "过了一天再补，话就不合时宜了")
            .hint("写 \"24h\" 以内，例如 \"2h\"；一定要说的，让店员看着办");
    }
}

fn check_step(
    entry: &At<PlaybookStepEntry>,
    anchor: Option<AnchorName>,
    around: &Around<'_>,
    report: &mut Report<'_>,
) {
    if let Some(script) = &entry.script
        && around.known.scripts.check(&script.0, script.place, report)
        && let Some(found) = around.scripts.get(&script.0)
    {
        check_script(found, script.place, report);
    }
    let counts_from_one = matches!(anchor, Some(AnchorName::GroupCreated | AnchorName::Joined));
    if let Some(day) = entry.day.as_ref().filter(|day| counts_from_one && day.0 < 1) {
        report
            .error("bad-number", day.place, "第几天要从 1 数起")
            .hint("建群（进群）那天写 day = 1；要从某个日子往前数，anchor 写 \"date\"");
    }
    let may_wait = entry.when.as_ref().is_some_and(|when| when.0 != StepCondition::NotAsked);
    if let Some(within) = entry.within.as_ref().filter(|within| !within.0.is_zero() && !may_wait) {
        report
            .error("detail-without-act", within.place, "没有要等的条件，写 within 没有意思")
            .hint("加一行 when = \"quiet-for 20m\" 或 when = \"asked\"，或删掉 within");
    }
    if let Some(within) = entry.within.as_ref().filter(|within| within.0 > CATCH_UP_AT_MOST) {
        report.error("too-long", within.place, "最多等一天").hint("写 \"24h\" 以内；更久的，另写一步");
    }
}

/// Nobody fills in anything when its time has come.
fn check_script(script: &Script, place: Place, report: &mut Report<'_>) {
    if script.asks.iter().any(|ask| ask.default.is_none()) {
        let message = format!("话术 {:?} 要人填空，到点不能自己发出去", script.id);
        report.error("step-with-blanks", place, message).hint("给每个填空写 default，或换一条");
    }
}

/// The id that is written, else the day and the time: `d1-0900`.
fn id_of(entry: &PlaybookStepEntry) -> Option<String> {
    let written = entry.id.as_ref().map(|id| id.0.clone());
    written.or_else(|| Some(format!("d{}-{}", entry.day.as_ref()?.0, entry.at.as_ref()?.0.strftime("%H%M"))))
}

fn check_ids(entries: &[At<PlaybookStepEntry>], report: &mut Report<'_>) {
    let mut seen = HashMap::new();
    for entry in entries {
        let Some(id) = id_of(entry) else { continue };
        let place = entry.id.as_ref().map_or(entry.place, |id| id.place);
        if let Some(first) = seen.get(&id) {
            let message = format!("这一步和 {} 的分不开：编号都是 {id:?}", report.locate(*first));
            report.error("duplicate-id", place, message).hint("同一天同一钟点的几步，各写一个 id = \"…\"");
        } else {
            seen.insert(id, place);
        }
    }
}

fn step(entry: &PlaybookStepEntry) -> Option<PlaybookStep> {
    Some(PlaybookStep {
        id: id_of(entry)?,
        day: i16::try_from(entry.day.as_ref()?.0).ok()?,
        at: entry.at.as_ref()?.0,
        role: entry.role.as_ref().map_or(StepRole::Bot, |role| role.value),
        script: entry.script.as_ref()?.0.clone(),
        when: entry.when.as_ref().map(|when| when.0),
        within: entry.within.as_ref().map_or(SignedDuration::ZERO, |within| within.0),
    })
}

/// Whether there are groups for it, and whether they are heard if it listens.
fn check_groups(
    table: &At<PlaybookTable>,
    playbook: &Playbook,
    around: &Around<'_>,
    report: &mut Report<'_>,
) {
    let place = table.groups.as_ref().map_or(table.place, |groups| groups.place);
    let region = |store: &Option<String>| {
        store.as_ref().and_then(|store| around.stores.get(store)).map(|store| store.region.as_str())
    };
    let taken = || around.groups.iter().filter(|rule| playbook.groups.may_take(rule, region(&rule.store)));
    // With errors about, the groups may just not have been readable.
    if taken().next().is_none() && !report.has_errors() {
        report
            .warning("reaches-nobody", place, "config/groups 里没有哪一条的群会走这个剧本")
            .hint("看看群规、门店、区域有没有写错；几样都写了就要都对上");
    }
    let handless = taken().find(|rule| !can_be_said(playbook, rule));
    if let Some(rule) = handless {
        let message = format!("{} 的群没有 staff-task，由店员说的、机器人说不了的，没有人会收到", rule.place);
        report.warning("playbook-without-hand", place, message).hint("在那里的 hands 里加上 \"staff-task\"");
    }
    let deaf = taken().find(|rule| full_ears(&rule.ears).next().is_none());
    if let Some(rule) = deaf.filter(|_| playbook.listens()) {
        let message =
            format!("{} 的群听不到每条消息，when 和 stop 在那里不起作用，这样的步子会跳过", rule.place);
        report
            .warning("playbook-unheard", place, message)
            .hint("给群接上 group-robot 或 archive，或者把这些群从 groups 里去掉");
    }
    for entry in table.step.iter().flat_map(|list| &list.value) {
        let Some((id, script)) = entry.script.as_ref().and_then(|id| Some((id, around.scripts.get(&id.0)?)))
        else {
            continue;
        };
        let foreign = taken().find(|rule| {
            !script.profiles.is_empty() && !script.profiles.iter().any(|profile| **profile == *rule.profile)
        });
        if let Some(rule) = foreign {
            let message =
                format!("话术 {:?} 不给群规 {:?} 用，那里的群到了这一步会跳过", id.0, &*rule.profile);
            report
                .warning("script-not-for-profile", id.place, message)
                .hint("在话术的 profiles 里加上它，或换一条话术，或在 groups 里少写几个群规");
        }
    }
}

/// Whether somebody can say every line in such a group. Key persons get cards from the brand's app anywhere.
fn can_be_said(playbook: &Playbook, rule: &GroupRule) -> bool {
    let asks = rule.hands.iter().any(|hand| hand.asks_a_person());
    let posts = rule.hands.iter().any(|hand| hand.posts());
    playbook.steps.iter().all(|step| match step.role {
        StepRole::Bot => posts || asks,
        StepRole::Staff => asks,
        StepRole::Kol => true,
    })
}

/// Whether its dates are still to come, and its scripts valid on them.
fn check_days(
    table: &At<PlaybookTable>,
    playbook: &Playbook,
    scripts: &Library,
    today: Option<Date>,
    report: &mut Report<'_>,
) {
    let Anchor::Dates(dates) = &playbook.anchor else { return };
    let day_of =
        |date: &Date, day: i16| date.checked_add(SignedDuration::from_hours(24 * i64::from(day))).ok();
    let last = playbook.steps.last().map_or(0, |step| step.day);
    let over = |date: &Date| today.is_some_and(|today| day_of(date, last).is_none_or(|end| end < today));
    let place = table.dates.as_ref().map_or(table.place, |dates| dates.place);
    if dates.iter().all(over) {
        report
            .warning("playbook-over", place, "这些日子都过去了，剧本不会再走")
            .hint("写上下一次的日子，或删掉这个文件");
    }
    for entry in table.step.iter().flat_map(|list| &list.value) {
        let (Some(id), Some(day)) = (&entry.script, &entry.day) else { continue };
        let (Some(script), Ok(day)) = (scripts.get(&id.0), i16::try_from(day.0)) else { continue };
        let mut days = dates.iter().filter(|date| !over(date)).filter_map(|date| day_of(date, day));
        if let Some(day) = days.find(|day| !script.usable_on(*day)) {
            let message = format!("话术 {:?} 在 {day} 用不了，那天的这一步会跳过", id.0);
            report
                .warning("script-not-valid-then", id.place, message)
                .hint("改话术的有效期（valid），或换一条话术");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::compile;
    use crate::files::{SourceFile, Sources};
    use crate::rules::samples::SERVER;

    fn warnings(dates: &str, now: &str) -> Vec<&'static str> {
        let playbook = format!(
            "[playbook]\nid = \"p\"\ntitle = \"开业\"\nanchor = \"date\"\ndates = [{dates}]\n\
             [[playbook.step]]\nday = 1\nat = \"09:00\"\nscript = \"hello\"\n"
        );
        let script = "[[script]]\nid = \"hello\"\ntitle = \"问候\"\nvalid = { to = 2027-01-20 }\nmessage = [{ text = \"早\" }]\n";
        let groups = "[[group]]\nmatch = { name = \"*\" }\nprofile = \"shop\"\nears = [\"events\"]\n";
        let profile = "name = \"店\"\n[moderation]\noff = true\n";
        let files = [
            ("config/zhanggui.toml", SERVER),
            ("config/profiles/shop.toml", profile),
            ("config/groups/a.toml", groups),
            ("bot-scripts/greeting/a.toml", script),
            ("config/playbooks/p.toml", &playbook),
        ];
        let files = files.map(|(name, text)| SourceFile::new(name, text));
        let sources = Sources { now: Some(now.parse().expect("a time")), ..Sources::new(files.to_vec()) };
        let warnings = compile(&sources).expect("good files").warnings;
        warnings
            .iter()
            .map(|warning| warning.code)
            .filter(|code| code.contains("then") || code.contains("over"))
            .collect()
    }

    #[test]
    fn days_that_are_over_and_scripts_that_are_not_valid_then_are_told() {
        assert_eq!(warnings("2027-01-16", "2026-12-01T08:00:00Z"), [] as [&str; 0]);
        assert_eq!(warnings("2027-01-16, 2027-02-16", "2026-12-01T08:00:00Z"), ["script-not-valid-then"]);
        assert_eq!(warnings("2026-01-16", "2026-12-01T08:00:00Z"), ["playbook-over"]);
        assert_eq!(warnings("2026-01-16, 2027-01-16", "2026-12-01T08:00:00Z"), [] as [&str; 0]);
    }
}
