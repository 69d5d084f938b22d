//! What changed between two versions of the rules, per store, in Chinese: ops reads it when a change
//! has gone live.

use std::collections::{BTreeMap, BTreeSet};

use super::outline::{GroupOutline, Named, Outline, OverrideOutline, ScriptOutline};

/// Things named one by one; the rest is counted, because nobody reads a list of fifty.
const NAMED: usize = 3;
/// Changes told of one store, for the same reason.
const TOLD_OF_ONE: usize = 12;
/// Lines of one digest; beyond that the git history tells better.
const LINES_AT_MOST: usize = 40;

/// One line for the brand, then one for each store (or for all stores that changed alike):
/// `朝阳店：新增话术2条（中秋预售、早安）`. Empty when nothing changed that people would notice.
pub fn digest(before: &Outline, after: &Outline) -> Vec<String> {
    let mut changes = Changes { before, after, brand: Vec::new(), stores: BTreeMap::new() };
    changes.of_brand();
    changes.of_stores();
    changes.of_named("组织节点", &before.org, &after.org);
    changes.of_groups();
    changes.of_profiles();
    changes.of_scripts();
    changes.of_named("商品", &before.products, &after.products);
    changes.of_named("排期", &before.schedules, &after.schedules);
    changes.of_named("进群码", &before.join_codes, &after.join_codes);
    changes.of_named("入群欢迎语", &before.welcome_library, &after.welcome_library);
    changes.of_named("活动", &before.campaigns, &after.campaigns);
    changes.of_named("剧本", &before.playbooks, &after.playbooks);
    changes.of_named("传达", &before.cascades, &after.cascades);
    changes.of_phrases();
    changes.lines()
}

struct Changes<'o> {
    before: &'o Outline,
    after: &'o Outline,
    brand: Vec<String>,
    /// By the store's id.
    stores: BTreeMap<&'o str, Vec<String>>,
}

/// What became of one thing.
enum Change<'o, T> {
    Added(&'o T),
    Removed(&'o T),
    Changed(&'o T, &'o T),
}

impl<'o> Changes<'o> {
    fn tell(&mut self, reach: Option<&BTreeSet<&'o str>>, change: &str) {
        match reach {
            None => self.brand.push(change.to_owned()),
            Some(stores) => stores.iter().for_each(|store| self.tell_store(store, change.to_owned())),
        }
    }

    fn tell_store(&mut self, store: &'o str, change: String) {
        self.stores.entry(store).or_default().push(change);
    }

    fn store_name<'s>(&'s self, id: &'s str) -> &'s str {
        let store = self.after.stores.get(id).or_else(|| self.before.stores.get(id));
        store.map_or(id, |store| store.name.as_str())
    }

    fn profile_name(&self, id: &'o str) -> &'o str {
        let profile = self.after.profiles.get(id).or_else(|| self.before.profiles.get(id));
        profile.map_or(id, |profile| profile.name.as_str())
    }

    fn of_brand(&mut self) {
        let (old, new) = (&self.before.brand, &self.after.brand);
        if old.name != new.name {
            self.brand.push(format!("品牌名由「{}」改为「{}」", old.name, new.name));
        }
        self.brand.extend(said_otherwise(&old.says, &new.says));
    }

    fn of_stores(&mut self) {
        for (id, change) in between(&self.before.stores, &self.after.stores) {
            match change {
                Change::Added(store) => self.brand.push(format!("新增门店「{}」", store.name)),
                Change::Removed(store) => self.brand.push(format!("撤下门店「{}」", store.name)),
                Change::Changed(old, new) => {
                    if old.name != new.name {
                        self.tell_store(id, format!("店名由「{}」改为「{}」", old.name, new.name));
                    }
                    said_otherwise(&old.says, &new.says).for_each(|line| self.tell_store(id, line));
                }
            }
        }
    }

    fn of_groups(&mut self) {
        for (group, change) in between(&self.before.groups, &self.after.groups) {
            match change {
                Change::Added(new) => {
                    let line = format!("新增{group}，用群规「{}」", self.profile_name(&new.profile));
                    self.tell(of_store(new).as_ref(), &line);
                }
                Change::Removed(old) => self.tell(of_store(old).as_ref(), &format!("不再管{group}")),
                Change::Changed(old, new) => self.of_group(group, old, new),
            }
        }
    }

    fn of_group(&mut self, group: &'o str, old: &'o GroupOutline, new: &'o GroupOutline) {
        if old.store != new.store {
            let name = |store: &Option<String>| match store {
                Some(id) => format!("「{}」", self.store_name(id)),
                None => "不属于任何门店".to_owned(),
            };
            let line = format!("{group}由{}改归{}", name(&old.store), name(&new.store));
            for store in [old, new] {
                self.tell(of_store(store).as_ref(), &line);
            }
        }
        if old.profile != new.profile {
            let (from, to) = (self.profile_name(&old.profile), self.profile_name(&new.profile));
            self.tell(of_store(new).as_ref(), &format!("{group}由群规「{from}」改用「{to}」"));
        }
        for line in said_otherwise(&old.says, &new.says) {
            self.tell(of_store(new).as_ref(), &format!("{group}{line}"));
        }
        if old.rest != new.rest {
            self.tell(of_store(new).as_ref(), &format!("{group}的耳朵、双手或意见领袖有变"));
        }
    }

    fn of_profiles(&mut self) {
        for (id, change) in between(&self.before.profiles, &self.after.profiles) {
            let id = [id.to_owned()];
            let (name, lines, reach) = match change {
                Change::Added(new) => (&new.name, vec!["新增".to_owned()], self.after.reach(&id)),
                Change::Removed(old) => (&old.name, vec!["删除".to_owned()], self.before.reach(&id)),
                Change::Changed(old, new) => {
                    (&new.name, said_otherwise(&old.says, &new.says).collect(), self.after.reach(&id))
                }
            };
            for line in lines {
                self.tell(reach.as_ref(), &format!("群规「{name}」{line}"));
            }
        }
    }

    /// Scripts are counted: where each may be used decides in whose line.
    fn of_scripts(&mut self) {
        let mut counted: BTreeMap<(Option<&'o str>, &'static str), Vec<String>> = BTreeMap::new();
        for (_, change) in between(&self.before.scripts, &self.after.scripts) {
            let (what, title, reach) = match change {
                Change::Added(new) => ("新增话术", new.title.clone(), self.after.reach_of(new)),
                Change::Removed(old) => ("删除话术", old.title.clone(), self.before.reach_of(old)),
                Change::Changed(old, new) => {
                    let (what, title) = script_changed(old, new);
                    (what, title, self.after.reach_of(new))
                }
            };
            let places = reach.map_or_else(|| vec![None], |stores| stores.into_iter().map(Some).collect());
            for place in places {
                counted.entry((place, what)).or_default().push(title.clone());
            }
        }
        for (_, change) in between(&self.before.overrides, &self.after.overrides) {
            let (what, over) = override_changed(&change);
            for store in &over.stores {
                counted.entry((Some(store), what)).or_default().push(over.title.clone());
            }
        }
        for ((place, what), titles) in counted {
            let line = format!("{what}{}条（{}）", titles.len(), some(&titles));
            match place {
                None => self.brand.push(line),
                Some(store) => self.tell_store(store, line),
            }
        }
    }

    /// Things by their names, each told to its store; to the whole brand when it has none.
    fn of_named(
        &mut self,
        what: &str,
        before: &'o BTreeMap<String, Named>,
        after: &'o BTreeMap<String, Named>,
    ) {
        for (_, change) in between(before, after) {
            let (lines, concerned) = match change {
                Change::Added(new) => (vec![format!("新增{what}「{}」", new.name)], [new, new]),
                Change::Removed(old) => (vec![format!("撤下{what}「{}」", old.name)], [old, old]),
                Change::Changed(old, new) => {
                    let lines = named_otherwise(old, new).into_iter();
                    (lines.map(|line| format!("{what}「{}」{line}", old.name)).collect(), [old, new])
                }
            };
            let stores: BTreeSet<&str> = concerned.iter().filter_map(|one| one.store.as_deref()).collect();
            let reach = Some(stores).filter(|stores| !stores.is_empty());
            lines.iter().for_each(|line| self.tell(reach.as_ref(), line));
        }
    }

    fn of_phrases(&mut self) {
        let none = BTreeMap::new();
        let categories: BTreeSet<&String> =
            self.before.phrases.keys().chain(self.after.phrases.keys()).collect();
        for category in categories {
            let old = self.before.phrases.get(category).unwrap_or(&none);
            let new = self.after.phrases.get(category).unwrap_or(&none);
            let (mut added, mut removed, mut changed) = (Vec::new(), Vec::new(), Vec::new());
            for (phrase, change) in between(old, new) {
                match change {
                    Change::Added(_) => added.push(phrase.to_owned()),
                    Change::Removed(_) => removed.push(phrase.to_owned()),
                    Change::Changed(..) => changed.push(phrase.to_owned()),
                }
            }
            for (what, phrases) in [("新增", added), ("停用", removed), ("改了权重", changed)] {
                if !phrases.is_empty() {
                    self.brand.push(format!("{category}{what}{}个说法（{}）", phrases.len(), some(&phrases)));
                }
            }
        }
    }

    fn lines(self) -> Vec<String> {
        let mut alike: Vec<(Vec<&str>, &Vec<String>)> = Vec::new();
        for (store, changes) in &self.stores {
            let name = self.store_name(store);
            match alike.iter_mut().find(|(_, same)| *same == changes) {
                Some((names, _)) => names.push(name),
                None => alike.push((vec![name], changes)),
            }
        }
        let brand = (!self.brand.is_empty()).then(|| ("全品牌".to_owned(), &self.brand));
        let stores = alike.into_iter().map(|(names, changes)| (stores_in_words(&names), changes));
        let all: Vec<(String, &Vec<String>)> = brand.into_iter().chain(stores).collect();
        let mut lines: Vec<String> = all
            .iter()
            .take(LINES_AT_MOST)
            .map(|(who, changes)| format!("{who}：{}", in_words(changes)))
            .collect();
        if all.len() > LINES_AT_MOST {
            lines.push(format!("……还有{}处门店有变化", all.len() - LINES_AT_MOST));
        }
        lines
    }
}

fn of_store(group: &GroupOutline) -> Option<BTreeSet<&str>> {
    group.store.as_deref().map(|store| BTreeSet::from([store]))
}

fn script_changed(old: &ScriptOutline, new: &ScriptOutline) -> (&'static str, String) {
    if old.valid == new.valid || old.rest != new.rest || old.profiles != new.profiles {
        return ("修改话术", new.title.clone());
    }
    let valid = if new.valid.is_empty() { "长期有效" } else { &new.valid };
    ("调整有效期的话术", format!("{}：{valid}", new.title))
}

fn override_changed<'o>(change: &Change<'o, OverrideOutline>) -> (&'static str, &'o OverrideOutline) {
    match change {
        Change::Added(new) => ("改成自己样子的话术", new),
        Change::Removed(old) => ("改回品牌样子的话术", old),
        Change::Changed(_, new) => ("又改了自己的话术", new),
    }
}

/// Every difference of one thing that is called by its name. What is told in short may differ where it was cut.
fn named_otherwise(old: &Named, new: &Named) -> Vec<String> {
    let renamed = (old.name != new.name).then(|| format!("改名为「{}」", new.name));
    let mut lines: Vec<String> = renamed.into_iter().chain(said_otherwise(&old.says, &new.says)).collect();
    if lines.is_empty() && old.rest != new.rest {
        lines.push("的内容有变".to_owned());
    }
    lines
}

/// Every difference between what was said and what is said now.
fn said_otherwise<'o>(
    old: &'o BTreeMap<String, String>,
    new: &'o BTreeMap<String, String>,
) -> impl Iterator<Item = String> + use<'o> {
    between(old, new).map(|(key, change)| match change {
        Change::Added(value) => format!("{key}定为「{value}」"),
        Change::Removed(_) => format!("去掉了{key}"),
        Change::Changed(old, new) => format!("{key}由「{old}」改为「{new}」"),
    })
}

/// The differences of two maps, in the order of their keys.
fn between<'o, T: PartialEq>(
    before: &'o BTreeMap<String, T>,
    after: &'o BTreeMap<String, T>,
) -> impl Iterator<Item = (&'o str, Change<'o, T>)> + use<'o, T> {
    let keys: BTreeSet<&'o String> = before.keys().chain(after.keys()).collect();
    keys.into_iter().filter_map(|key| {
        let change = match (before.get(key), after.get(key)) {
            (None, Some(new)) => Change::Added(new),
            (Some(old), None) => Change::Removed(old),
            (Some(old), Some(new)) if old != new => Change::Changed(old, new),
            _ => return None,
        };
        Some((key.as_str(), change))
    })
}

/// The first few by name.
fn some(names: &[String]) -> String {
    let more = if names.len() > NAMED { "等" } else { "" };
    format!("{}{more}", names.iter().take(NAMED).cloned().collect::<Vec<_>>().join("、"))
}

fn stores_in_words(names: &[&str]) -> String {
    let some = names.iter().take(NAMED).copied().collect::<Vec<_>>().join("、");
    if names.len() > NAMED { format!("{some}等{}家店", names.len()) } else { some }
}

fn in_words(changes: &[String]) -> String {
    let mut told = changes.iter().take(TOLD_OF_ONE).cloned().collect::<Vec<_>>().join("；");
    if changes.len() > TOLD_OF_ONE {
        told.push_str(&format!("；等{}处", changes.len()));
    }
    told
}

#[cfg(test)]
mod tests;
