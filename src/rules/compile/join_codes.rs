//! Join codes: whether the platform takes them, and whether each is told from all others.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::around::Around;
use super::ids::Ids;
use super::{Reading, selector};
use crate::files::{At, Report, Text};
use crate::rules::join_code::{JoinCode, NEXT_BEFORE, NewGroups};
use crate::rules::written::{JoinWayEntry, NewGroupsTable};

/// Of `state` and `remark`, in characters (wecom-send.md §6.5).
const NOTE_AT_MOST: usize = 30;
/// Of the base name of new groups.
const GROUP_NAME_AT_MOST: usize = 40;
const CAPTION: &str = "微信扫一扫，进群";

/// By id.
pub fn check(
    reading: &Reading<'_>,
    around: &Around<'_>,
    report: &mut Report<'_>,
) -> BTreeMap<String, Arc<JoinCode>> {
    let mut ids = Ids::new("进群码", "unknown-join-code", true);
    let (mut codes, mut states) = (BTreeMap::new(), BTreeMap::new());
    for entry in &reading.join_codes {
        ids.define(entry.id.as_ref(), report);
        check_state(entry, &mut states, report);
        if let Some(code) = code(entry, around, report) {
            check_groups(entry, &code, around, report);
            codes.entry(code.id.clone()).or_insert_with(|| Arc::new(code));
        }
    }
    check_welcomes(reading, &states, report);
    codes
}

/// `None` when something required is missing or wrong, which has been reported.
fn code(entry: &At<JoinWayEntry>, around: &Around<'_>, report: &mut Report<'_>) -> Option<JoinCode> {
    let store = entry.store.as_ref();
    if let Some(store) = store {
        around.known.stores.check(&store.0, store.place, report);
    }
    let groups = selector::check(entry.groups.as_ref(), around.known, report);
    fits("remark", entry.remark.as_ref(), NOTE_AT_MOST, report);
    let new_groups = entry.new_groups.as_ref().map(|table| new_groups(table, report));
    let (id, title) = (entry.id.as_ref()?.0.clone(), entry.title.as_ref()?.0.trim().to_owned());
    let written = |text: Option<&At<Text>>| text.map(|text| text.0.trim().to_owned());
    Some(JoinCode {
        state: written(entry.state.as_ref()).unwrap_or_else(|| id.clone()),
        store: store.map(|store| store.0.clone()),
        groups,
        next_before: entry.next_before.as_ref().map_or(NEXT_BEFORE, |count| count.count()),
        new_groups: match new_groups {
            Some(new_groups) => Some(new_groups?),
            None => None,
        },
        remark: written(entry.remark.as_ref())
            .unwrap_or_else(|| title.lines().collect::<String>().chars().take(NOTE_AT_MOST).collect()),
        caption: written(entry.caption.as_ref()).unwrap_or_else(|| CAPTION.to_owned()),
        place: report.locate(entry.place),
        id,
        title,
    })
}

fn new_groups(table: &NewGroupsTable, report: &mut Report<'_>) -> Option<NewGroups> {
    fits("name", table.name.as_ref(), GROUP_NAME_AT_MOST, report);
    let name = table.name.as_ref()?.0.trim().to_owned();
    Some(NewGroups { name, number: table.number.as_ref().map_or(1, |number| number.value.0) })
}

/// The platform refuses, or cuts, what is longer.
fn fits(key: &str, text: Option<&At<Text>>, at_most: usize, report: &mut Report<'_>) {
    let Some(text) = text else { return };
    let count = text.0.trim().chars().count();
    if count > at_most {
        let message = format!("{key} 有 {count} 个字，企业微信最多收 {at_most} 个");
        report.error("too-long", text.place, message).hint(format!("缩到 {at_most} 个字以内"));
    }
}

/// Two codes with the same mark could not be told apart when somebody comes.
fn check_state<'t>(
    entry: &'t At<JoinWayEntry>,
    states: &mut BTreeMap<&'t str, &'t str>,
    report: &mut Report<'_>,
) {
    fits("state", entry.state.as_ref(), NOTE_AT_MOST, report);
    let Some(id) = entry.id.as_ref() else { return };
    let (state, place) = match &entry.state {
        Some(state) => (state.0.trim(), state.place),
        None => (id.0.as_str(), id.place),
    };
    if entry.state.is_none() && state.chars().count() > NOTE_AT_MOST {
        let message = format!("编号超过 {NOTE_AT_MOST} 个字，不能当记号");
        report.error("too-long", place, message).hint("加一行 state = \"短一点的记号\"");
    }
    if let Some(other) = states.insert(state, &id.0).filter(|other| *other != id.0) {
        let message = format!("记号 {state:?} 和进群码 {other:?} 的一样，分不清人是从哪张海报来的");
        report.error("duplicate-state", place, message).hint("给其中一个写一个不同的 state");
    }
}

/// With errors about, groups may be missing that are there.
fn check_groups(entry: &At<JoinWayEntry>, code: &JoinCode, around: &Around<'_>, report: &mut Report<'_>) {
    if report.has_errors() {
        return;
    }
    let region = |store: Option<&String>| {
        store.and_then(|id| around.stores.get(id)).map(|store| store.region.as_str())
    };
    if !around.groups.iter().any(|rule| code.groups.may_take(rule, region(rule.store.as_ref()))) {
        let place = entry.groups.as_ref().map_or(entry.place, |groups| groups.place);
        report
            .warning("no-such-groups", place, "没有哪个群对得上，这个码建不起来")
            .hint("看看 groups/ 里的群，改这里的条件");
    }
    if let Some(new) = &code.new_groups {
        let name = format!("{}{}", new.name, new.number);
        let taken =
            around.groups.first(None, Some(&name), None).map(|at| &around.groups[at]).is_some_and(|rule| {
                let named = code.groups.names.is_empty()
                    || code.groups.names.iter().any(|pattern| crate::rules::wildcard(pattern, &name));
                named && code.groups.may_take(rule, region(rule.store.as_ref()))
            });
        if !taken {
            let place = entry.new_groups.as_ref().map_or(entry.place, |table| table.place);
            report
                .warning(
                    "new-groups-elsewhere",
                    place,
                    format!("自动建的群叫“{name}”，不在这个码的 groups 里"),
                )
                .hint("新群名要对得上 groups，不然码里进不来这个新群");
        }
    }
}

/// A welcome for a mark that no code has is never said.
fn check_welcomes(reading: &Reading<'_>, states: &BTreeMap<&str, &str>, report: &mut Report<'_>) {
    let welcomes = reading.profiles.iter().filter_map(|profile| profile.table.welcome.as_ref());
    let entries = welcomes.flat_map(|welcome| &welcome.by_join_code).flat_map(|list| &list.value);
    for state in entries.filter_map(|entry| entry.state.as_ref()) {
        if !states.contains_key(state.0.as_str()) {
            let known = states.keys().copied();
            let hint = match crate::files::nearest(&state.0, known) {
                Some(near) => format!("是不是想写 {near}？"),
                None => "进群码写在 join-codes/ 里；码是在别处做的，可以不管".to_owned(),
            };
            report
                .note("no-such-join-code", state.place, format!("没有记号是 {:?} 的进群码", state.0))
                .hint(hint);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::files::{Look, SourceFile, Sources, render};
    use crate::rules::samples::SERVER;
    use crate::rules::{Compiled, compile};

    const STORES: &str = "[[store]]\nid = \"chaoyang\"\nname = \"朝阳店\"\nregion = \"北京\"";
    const GROUPS: &str =
        "[[group]]\nmatch = { name = \"朝阳店*\" }\nstore = \"chaoyang\"\nprofile = \"shop\"\nears = []";

    fn compiled(codes: &str, profile: &str) -> Result<Compiled, String> {
        let sources = Sources::new(vec![
            SourceFile::new("config/zhanggui.toml", SERVER),
            SourceFile::new("config/stores.toml", STORES),
            SourceFile::new("config/groups/a.toml", GROUPS),
            SourceFile::new("config/profiles/shop.toml", format!("name = \"店\"\n{profile}")),
            SourceFile::new("config/join-codes/a.toml", codes),
        ]);
        compile(&sources).map_err(|mistakes| render(&mistakes, Look::Plain))
    }

    #[test]
    fn a_code_of_the_least_words_has_good_defaults() {
        let code = "[[join_code]]\nid = \"counter\"\ntitle = \"进群领券\"\nstore = \"chaoyang\"";
        let compiled = compiled(code, "").expect("good files");
        let code = &compiled.rulebook.join_codes["counter"];
        assert_eq!(
            (code.state.as_str(), code.next_before, code.remark.as_str()),
            ("counter", 190, "进群领券")
        );
        assert_eq!((code.new_groups.as_ref(), code.caption.as_str()), (None, "微信扫一扫，进群"));
        assert_eq!(code.place, "config/join-codes/a.toml:1");
        assert!(compiled.warnings.is_empty(), "{:?}", compiled.warnings);
    }

    #[test]
    fn every_mistake_is_told_at_once() {
        let long = "长".repeat(31);
        let codes = format!(
            "[[join_code]]\nid = \"a\"\ntitle = \"进群\"\nstate = \"b\"\nstore = \"hexi\"\n\
             groups = {{ profiles = [\"none\"] }}\n\
             [[join_code]]\nid = \"b\"\ntitle = \"进群\"\nremark = \"{long}\"\n\
             [[join_code]]\nid = \"b\"\ntitle = \"进群\"\nstate = \"{long}\"\nnext_before = 201\n\
             new_groups = {{ name = \"{}\" }}",
            "群".repeat(41)
        );
        let told = compiled(&codes, "").expect_err("mistakes");
        for code in ["unknown-store", "unknown-profile", "duplicate-state", "duplicate-id", "bad-number"] {
            assert!(told.contains(code), "{code}:\n{told}");
        }
        assert_eq!(told.matches("too-long").count(), 3, "{told}");
    }

    #[test]
    fn what_can_never_happen_is_noted() {
        let codes = "[[join_code]]\nid = \"a\"\ntitle = \"进群\"\ngroups = { names = [\"通州店*\"] }\n\
                     [[join_code]]\nid = \"b\"\ntitle = \"进群\"\nnew_groups = { name = \"别的群\" }";
        let profile = "[welcome]\n[[welcome.by_join_code]]\nstate = \"c\"\nscript = \"hello\"";
        let scripts = "[[script]]\nid = \"hello\"\ntitle = \"欢迎\"\nowner = \"品牌\"\n\
                       [[script.message]]\nkind = \"text\"\ntext = \"欢迎\"";
        let sources = Sources::new(vec![
            SourceFile::new("config/zhanggui.toml", SERVER),
            SourceFile::new("config/stores.toml", STORES),
            SourceFile::new("config/groups/a.toml", GROUPS),
            SourceFile::new("config/profiles/shop.toml", format!("name = \"店\"\n{profile}")),
            SourceFile::new("config/join-codes/a.toml", codes),
            SourceFile::new("bot-scripts/welcome/hello.toml", scripts),
        ]);
        let compiled = compile(&sources).unwrap_or_else(|told| panic!("{}", render(&told, Look::Plain)));
        let told = render(&compiled.warnings, Look::Plain);
        for code in ["no-such-groups", "new-groups-elsewhere", "no-such-join-code"] {
            assert!(told.contains(code), "{code}:\n{told}");
        }
    }
}
