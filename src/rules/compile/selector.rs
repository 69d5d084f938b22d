//! Which groups something is for: whether there are such profiles, stores, regions, estates and tags, and whether any
//! group could fulfil what is asked of it at its turn.

use super::Known;
use crate::files::{At, Duration, Id, Place, Report, Text};
use crate::rules::written::SelectorTable;
use crate::rules::{GroupRule, Selector, TurnConditions, full_ears, may_be_counted};

/// What it says; what it names in vain is told.
pub fn check(written: Option<&At<SelectorTable>>, known: &Known, report: &mut Report<'_>) -> Selector {
    let Some(table) = written else { return Selector::default() };
    for profile in listed(table.profiles.as_ref()) {
        known.profiles.check(&profile.0, profile.place, report);
    }
    for store in listed(table.stores.as_ref()) {
        known.stores.check(&store.0, store.place, report);
    }
    let named =
        [(&table.regions, &known.regions), (&table.estates, &known.estates), (&table.tags, &known.tags)];
    for (names, ids) in named {
        for name in listed(names.as_ref()) {
            ids.check(&name.0, name.place, report);
        }
    }
    let ids = |list: Option<&At<Vec<At<Id>>>>| listed(list).map(|id| id.0.clone()).collect();
    let texts = |list: Option<&At<Vec<At<Text>>>>| listed(list).map(|text| text.0.clone()).collect();
    Selector {
        profiles: ids(table.profiles.as_ref()),
        stores: ids(table.stores.as_ref()),
        regions: texts(table.regions.as_ref()),
        names: texts(table.names.as_ref()),
        estates: texts(table.estates.as_ref()),
        tags: texts(table.tags.as_ref()),
        turn: turn(table, report),
    }
}

/// The same for what belongs to a group for good: conditions that hold today and not tomorrow are refused. `instead`
/// is a Chinese sentence that says where they can be written.
pub fn check_lasting(
    written: Option<&At<SelectorTable>>,
    instead: &str,
    known: &Known,
    report: &mut Report<'_>,
) -> Selector {
    let table = written.map(|table| &table.value);
    for (key, place) in table.into_iter().flat_map(turn_keys) {
        report.error("passing-condition", place, format!("{key} 天天在变，这里不能按它挑群")).hint(instead);
    }
    Selector { turn: TurnConditions::default(), ..check(written, known, report) }
}

/// Each stated condition by its key.
fn turn_keys(table: &SelectorTable) -> impl Iterator<Item = (&'static str, Place)> {
    let places = [
        ("size_at_least", table.size_at_least.as_ref().map(|count| count.place)),
        ("size_at_most", table.size_at_most.as_ref().map(|count| count.place)),
        ("quiet_for", table.quiet_for.as_ref().map(|quiet| quiet.place)),
        ("spoke_within", table.spoke_within.as_ref().map(|within| within.place)),
    ];
    places.into_iter().filter_map(|(key, place)| Some((key, place?)))
}

fn turn(table: &SelectorTable, report: &mut Report<'_>) -> TurnConditions {
    if let (Some(least), Some(most)) = (&table.size_at_least, &table.size_at_most)
        && least.0 > most.0
    {
        let message = format!("要 {} 人以上，又要 {} 人以下，没有哪个群对得上", least.0, most.0);
        report.error("nobody-fits", most.place, message).hint("把两个数对调，或只留一个");
    }
    for (key, written) in [("quiet_for", &table.quiet_for), ("spoke_within", &table.spoke_within)] {
        if let Some(zero) = written.as_ref().filter(|written| written.0.is_zero()) {
            report
                .error("bad-duration", zero.place, format!("{key} 不能是 0"))
                .hint("写一段时间，例如 \"3d\"；不要这个条件就删掉它");
        }
    }
    if let (Some(quiet), Some(within)) = (&table.quiet_for, &table.spoke_within)
        && quiet.0 >= within.0
    {
        let message = format!(
            "要 {} 没有成员说话，又要 {} 以内有成员说话，没有哪个群对得上",
            Duration(quiet.0),
            Duration(within.0)
        );
        report
            .error("nobody-fits", within.place, message)
            .hint("两样都写时，spoke_within 要更长：例如 quiet_for = \"3d\"、spoke_within = \"14d\"");
    }
    TurnConditions {
        size_at_least: table.size_at_least.as_ref().map(|count| count.count()),
        size_at_most: table.size_at_most.as_ref().map(|count| count.count()),
        quiet_for: table.quiet_for.as_ref().map(|quiet| quiet.0),
        spoke_within: table.spoke_within.as_ref().map(|within| within.0),
    }
}

/// Groups of which nobody will ever know what is asked of them. `taken` are those that the selector may mean.
pub fn check_known(
    written: Option<&At<SelectorTable>>,
    selector: &Selector,
    taken: &[&GroupRule],
    report: &mut Report<'_>,
) {
    let Some(table) = written else { return };
    let place = |keys: [&str; 2]| {
        let key = turn_keys(table).find(|(key, _)| keys.contains(key));
        key.map_or(table.place, |(_, place)| place)
    };
    let unheard = taken.iter().find(|rule| full_ears(&rule.ears).next().is_none());
    if let Some(rule) = unheard.filter(|_| selector.turn.listens()) {
        let message = format!("{} 的群听不到每条消息，不知道冷不冷清，一次也轮不到它", rule.place);
        report
            .warning("turn-unheard", place(["quiet_for", "spoke_within"]), message)
            .hint("给群接上 group-robot 或 archive，或者在 groups 里去掉这些群");
    }
    let uncounted = taken.iter().find(|rule| !may_be_counted(rule));
    if let Some(rule) = uncounted.filter(|_| selector.turn.counts()) {
        let message = format!("{} 的群读不到成员名单，不知道有多少人，一次也轮不到它", rule.place);
        report
            .warning("turn-uncounted", place(["size_at_least", "size_at_most"]), message)
            .hint("应用建的群接上 member-list，或者在 groups 里去掉这些群");
    }
}

fn listed<T>(list: Option<&At<Vec<At<T>>>>) -> impl Iterator<Item = &At<T>> {
    list.into_iter().flat_map(|list| &list.value)
}
