//! Which group is what, and whether its ears and hands can do what its rules ask for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Known, Reading};
use crate::files::{At, Report};
use crate::rules::written::{AppEntry, GroupEntry, HandName, MatchTable};
use crate::rules::{GroupEar, GroupMatch, GroupRule, GroupRules, Hand, Profile, Store, full_ears, handling};

pub fn check(
    reading: &Reading<'_>,
    known: &Known,
    profiles: &BTreeMap<String, Arc<Profile>>,
    stores: &BTreeMap<String, Store>,
    report: &mut Report<'_>,
) -> GroupRules {
    let first_app = reading.apps().find_map(|app| app.id.as_ref()).map(|id| Arc::<str>::from(id.0.as_str()));
    let names: BTreeMap<&str, Arc<str>> =
        profiles.keys().map(|id| (id.as_str(), Arc::from(id.as_str()))).collect();
    let mut rules = Vec::new();
    let mut entries = Vec::new();
    for entry in &reading.groups {
        check_references(entry, known, report);
        check_ears(entry, reading, report);
        check_mass_send(entry, reading, report);
        if let Some(mut rule) = rule(entry, first_app.as_ref(), &names, report) {
            inherit_tags(&mut rule, stores);
            if let Some(profile) = profiles.get(&*rule.profile) {
                check_hands(entry, &rule, profile, report);
            }
            rules.push(rule);
            entries.push(entry);
        }
    }
    let rules = GroupRules::from(rules);
    for (at, entry) in entries.iter().enumerate() {
        check_shadow(at, entry, &rules, report);
    }
    rules
}

fn check_references(entry: &GroupEntry, known: &Known, report: &mut Report<'_>) {
    if let Some(profile) = &entry.profile {
        known.profiles.check(&profile.0, profile.place, report);
    }
    if let Some(store) = &entry.store {
        known.stores.check(&store.0, store.place, report);
    }
    if let Some(app) = &entry.app {
        known.apps.check(&app.0, app.place, report);
    }
    for hand in entry.hands.iter().flat_map(|list| &list.value) {
        if let HandName::Webhook(id) = &hand.value {
            known.webhooks.check(id, hand.place, report);
        }
    }
    if let Some(matches) = &entry.matches
        && matches.value == MatchTable::default()
        && report.text(matches.place).trim_matches(['{', '}', ' ']).is_empty()
    {
        report
            .error("empty-match", matches.place, "没有写怎样的群")
            .hint("写 name = \"…*\" 或 id 或 owner；所有的群写 match = { name = \"*\" }");
    }
}

fn check_ears(entry: &GroupEntry, reading: &Reading<'_>, report: &mut Report<'_>) {
    let Some(ears) = &entry.ears else { return };
    let hands = || entry.hands.iter().flat_map(|list| &list.value);
    let in_appchat = hands().any(|hand| hand.value == HandName::Appchat);
    for ear in &ears.value {
        let missing = match ear.value {
            GroupEar::GroupRobot => reading.robots().next().is_none().then_some("[[wecom.robot]]"),
            GroupEar::Aibot => reading.aibots().next().is_none().then_some("[[wecom.aibot]]"),
            GroupEar::Archive => reading.archives().next().is_none().then_some("[[wecom.archive]]"),
            GroupEar::Events | GroupEar::MemberList => None,
        };
        if let Some(section) = missing {
            let message = format!("这只耳朵还没有接上：zhanggui.toml 里没有 {section}");
            report
                .warning("ear-not-connected", ear.place, message)
                .hint("请管服务器的同事接上；接上之前什么也听不到");
        }
        if ear.value == GroupEar::Events && in_appchat {
            report
                .warning("wrong-ear", ear.place, "客户群才有 events，而 appchat 只能用在应用建的内部群")
                .hint("内部群写 \"member-list\"；客户群去掉 \"appchat\"");
        }
        if ear.value == GroupEar::MemberList && entry.hands.is_some() && !in_appchat {
            report
                .warning("wrong-ear", ear.place, "只有应用建的群才能读成员名单，而这个群没有 \"appchat\"")
                .hint("客户群写 \"events\"；应用建的群在 hands 里加上 \"appchat\"");
        }
    }
    let plain: Vec<GroupEar> = ears.value.iter().map(|ear| ear.value).collect();
    if let (Some(first), Some(second)) = (full_ears(&plain).next(), full_ears(&plain).nth(1)) {
        let place =
            ears.value.iter().rev().find(|ear| ear.value == second).map_or(ears.place, |ear| ear.place);
        let first = ears.value.iter().find(|ear| ear.value == first).map_or("", |ear| report.text(ear.place));
        let message = format!("两只耳朵都听得到每条消息，管理只认前面的 {first}");
        report.warning("ears-count-twice", place, message).hint("留一只就够了");
    }
}

/// Mass sends go to customer groups only, and through an app that may use them (wecom-send.md §8, §2.1).
fn check_mass_send(entry: &GroupEntry, reading: &Reading<'_>, report: &mut Report<'_>) {
    let hands = entry.hands.iter().flat_map(|list| &list.value);
    let Some(hand) = hands.clone().find(|hand| hand.value == HandName::MassSend) else { return };
    let ears = entry.ears.iter().flat_map(|list| &list.value);
    let internal_ear = ears
        .map(|ear| ear.value)
        .find(|ear| matches!(ear, GroupEar::GroupRobot | GroupEar::Aibot | GroupEar::MemberList));
    let internal_hand =
        hands.clone().any(|hand| matches!(hand.value, HandName::Appchat | HandName::Webhook(_)));
    if internal_ear.is_some() || internal_hand {
        report
            .error("wrong-hand", hand.place, "企业群发（mass-send）只能用在客户群，这一条写的是内部群")
            .hint("内部群用 \"appchat\" 或 \"webhook:编号\"；客户群的 ears 只能写 \"archive\" 和 \"events\"");
    }
    let named = |app: &&AppEntry| match (&entry.app, &app.id) {
        (Some(wanted), Some(id)) => wanted.0 == id.0,
        (wanted, _) => wanted.is_none(),
    };
    let may = |app: &AppEntry| app.sync.as_ref().is_some_and(|sync| sync.value);
    if reading.apps().find(named).is_some_and(|app| !may(app)) {
        report
            .warning(
                "app-not-callable",
                hand.place,
                "这个应用没有写 sync = true，可能没有客户联系的权限，建不了企业群发",
            )
            .hint(
                "请管服务器的同事把应用加入「客户联系」的可调用接口的应用，再在 zhanggui.toml 写 sync = true",
            );
    }
}

/// `None` when something required is missing or unknown, which has been reported.
fn rule(
    entry: &At<GroupEntry>,
    first_app: Option<&Arc<str>>,
    profiles: &BTreeMap<&str, Arc<str>>,
    report: &Report<'_>,
) -> Option<GroupRule> {
    let app = match &entry.app {
        Some(app) => Arc::from(app.0.as_str()),
        None => first_app?.clone(),
    };
    let hand = |name: &HandName| match name {
        HandName::Appchat => Hand::Appchat { app: app.clone() },
        HandName::Webhook(id) => Hand::Webhook { id: Arc::from(id.as_str()) },
        HandName::StaffTask => Hand::StaffTask { app: app.clone() },
        HandName::MassSend => Hand::MassSend { app: app.clone() },
    };
    let hands = match &entry.hands {
        Some(names) => names.value.iter().map(|name| hand(&name.value)).collect(),
        None => vec![hand(&HandName::StaffTask)],
    };
    let conditions = entry.matches.as_ref()?;
    let text = |text: &Option<At<crate::files::Text>>| text.as_ref().map(|text| text.0.clone());
    Some(GroupRule {
        matches: GroupMatch {
            id: text(&conditions.id),
            name: text(&conditions.name),
            owner: text(&conditions.owner),
        },
        store: entry.store.as_ref().map(|store| store.0.clone()),
        profile: profiles.get(entry.profile.as_ref()?.0.as_str())?.clone(),
        ears: entry.ears.as_ref()?.value.iter().map(|ear| ear.value).collect(),
        hands,
        kol: entry.kol.iter().flat_map(|list| &list.value).map(|person| person.0.clone()).collect(),
        place: report.locate(entry.place),
        estate: text(&entry.estate),
        tags: entry.tags.iter().flat_map(|list| &list.value).map(|tag| tag.0.clone()).collect(),
    })
}

/// What its store is marked with, the group is marked with, too.
fn inherit_tags(rule: &mut GroupRule, stores: &BTreeMap<String, Store>) {
    let store = rule.store.as_ref().and_then(|id| stores.get(id));
    let inherited = store.into_iter().flat_map(|store| &store.tags).cloned();
    let mut seen = BTreeSet::new();
    rule.tags = rule.tags.drain(..).chain(inherited).filter(|tag| seen.insert(tag.clone())).collect();
}

fn check_hands(entry: &At<GroupEntry>, rule: &GroupRule, profile: &Profile, report: &mut Report<'_>) {
    let place = entry.hands.as_ref().map_or(entry.place, |hands| hands.place);
    for gap in handling(rule, profile).into_iter().filter(|gap| !gap.asks_a_person) {
        let message = format!("群规 {:?} 的 [{}] 要做的事做不了：{}", &*rule.profile, gap.section, gap.why());
        report.error("no-hand", place, message).hint("在 hands 里加上 \"staff-task\"");
    }
}

/// A rule that an earlier one leaves nothing to. Literal parts of patterns hold no `*`, so the `*`
/// of a pattern are only covered by those of another one: a pattern that is matched as if it were a
/// name tells whether all its names are.
fn check_shadow(at: usize, entry: &At<GroupEntry>, rules: &GroupRules, report: &mut Report<'_>) {
    let GroupMatch { id, name, owner } = &rules[at].matches;
    let name = name.as_deref().unwrap_or("*");
    let first = rules.first(id.as_deref(), Some(name), owner.as_deref());
    if let Some(first) = first.filter(|first| *first < at) {
        let message = format!("这一条永远轮不到：{} 那一条先对上了", rules[first].place);
        report.warning("shadowed-group", entry.place, message).hint("把它移到前面，或删掉");
    }
}
