//! The organisation: one tree, everybody in one place of it.

use std::collections::{BTreeMap, HashMap};

use super::circles::References;
use super::{Known, Reading};
use crate::files::{At, Place, Report};
use crate::rules::written::OrgNodeEntry;
use crate::rules::{Org, OrgLevel, OrgNode, Store};

pub fn check(
    reading: &Reading<'_>,
    known: &Known,
    stores: &BTreeMap<String, Store>,
    report: &mut Report<'_>,
) -> Org {
    let entries: Vec<&At<OrgNodeEntry>> = reading.nodes().collect();
    check_parents(&entries, known, report);
    let mut people = People::of(&entries, report);
    let mut nodes = Vec::new();
    for entry in &entries {
        let store = entry.store.as_ref().filter(|id| known.stores.check(&id.0, id.place, report));
        let store = store.and_then(|id| stores.get(&id.0));
        nodes.extend(node(entry, store, &mut people, report));
    }
    // The stores' own people come after everybody who is written by name, owners before staff.
    for (node, place) in &mut nodes {
        let store = node.store.as_ref().and_then(|id| stores.get(id));
        if let Some(store) = store.filter(|_| node.people.is_empty()) {
            node.people = owner(store, *place, &mut people, report);
        }
    }
    let mut below = Vec::new();
    for (node, place) in &mut nodes {
        let store = node.store.as_ref().and_then(|id| stores.get(id));
        let staff = store.map(|store| people.take(store.staff.iter(), *place)).unwrap_or_default();
        below.extend(with_staff(node, staff, *place, report));
    }
    check_levels(&nodes, report);
    let nodes = nodes.into_iter().map(|(node, _)| node).chain(below).collect();
    Org::new(nodes)
}

/// One root, known parents, no circle.
fn check_parents(entries: &[&At<OrgNodeEntry>], known: &Known, report: &mut Report<'_>) {
    let mut references = References::default();
    let mut root: Option<&str> = None;
    for entry in entries {
        let Some(id) = &entry.id else { continue };
        match (&entry.parent, root) {
            (Some(parent), _) => {
                known.nodes.check(&parent.0, parent.place, report);
                references.add(&id.0, &parent.0, parent.place);
            }
            (None, None) => root = Some(&id.0),
            (None, Some(root)) => {
                report
                    .error("orphan-node", id.place, format!("节点 {:?} 不属于谁：最上面只能有一个", id.0))
                    .hint(format!("写明它的上级，例如 parent = {root:?}"));
            }
        }
    }
    let message = |id: &str| format!("节点 {id:?} 的上级绕了一圈又回到它自己");
    references.check("org-cycle", message, "去掉其中一个 parent，或改成真正的上级", report);
}

/// Who is where already, and where that is written.
struct People {
    places: HashMap<String, Place>,
    stores: HashMap<String, Place>,
}

impl People {
    /// Whoever is written by name.
    fn of(entries: &[&At<OrgNodeEntry>], report: &mut Report<'_>) -> Self {
        let mut people = Self { places: HashMap::new(), stores: HashMap::new() };
        for person in entries.iter().filter_map(|entry| entry.people.as_ref()).flat_map(|list| &list.value) {
            if let Some(first) = people.places.get(&person.0) {
                let message = format!("{} 已经写在 {}", person.0, report.locate(*first));
                report
                    .error("person-twice", person.place, message)
                    .hint("一个人只能在一处，留下最合适的那处");
                continue;
            }
            people.places.insert(person.0.clone(), person.place);
        }
        people
    }

    /// Those of a store's people who are nowhere yet; from now on they are here.
    fn take<'p>(&mut self, people: impl Iterator<Item = &'p String>, here: Place) -> Vec<String> {
        let free: Vec<String> = people.filter(|person| !self.places.contains_key(*person)).cloned().collect();
        self.places.extend(free.iter().map(|person| (person.clone(), here)));
        free
    }
}

/// `None` when something required is missing, which has been reported.
fn node(
    entry: &At<OrgNodeEntry>,
    store: Option<&Store>,
    people: &mut People,
    report: &mut Report<'_>,
) -> Option<(OrgNode, Place)> {
    let id = entry.id.as_ref()?;
    let written = entry.name.as_ref().map(|name| name.0.clone());
    let name = written.or_else(|| store.map(|store| store.name.clone()));
    if name.is_none() && entry.store.is_none() {
        report
            .error("missing-key", entry.place, "缺少 name：名字")
            .hint("加一行 name = \"…\"；是门店的话也可以只写 store = \"…\"");
    }
    if let Some(store) = &entry.store {
        if let Some(first) = people.stores.get(&store.0) {
            let message = format!("门店 {:?} 已经写在 {}", store.0, report.locate(*first));
            report.error("store-twice", store.place, message).hint("一家店只能有一个上级，删掉其中一处");
        }
        people.stores.entry(store.0.clone()).or_insert(store.place);
    }
    let usual = match (&entry.parent, &entry.store) {
        (_, Some(_)) => OrgLevel::Store,
        (None, None) => OrgLevel::Brand,
        (Some(_), None) => OrgLevel::Distributor,
    };
    let named = entry.people.iter().flat_map(|list| &list.value);
    let node = OrgNode {
        id: id.0.clone(),
        name: name?,
        level: entry.level.as_ref().map_or(usual, |level| level.value),
        parent: entry.parent.as_ref().map(|parent| parent.0.clone()),
        store: store.map(|store| store.id.clone()),
        people: named.map(|person| person.0.clone()).collect(),
        place: report.locate(entry.place),
    };
    Some((node, entry.place))
}

/// Who stands for a store of which nobody is named; nobody when the owner is somewhere already.
fn owner(store: &Store, place: Place, people: &mut People, report: &mut Report<'_>) -> Vec<String> {
    let free = people.take(store.owner.iter(), place);
    if let (Some(owner), true) = (&store.owner, free.is_empty()) {
        let elsewhere = people.places.get(owner).map(|first| report.locate(*first)).unwrap_or_default();
        report
            .note("owner-elsewhere", place, format!("店长 {owner} 已经在 {elsewhere}，这里由店员代表"))
            .hint("要别人代表就写 people = [\"…\"]");
    }
    free
}

/// The staff of a store are the level below it, or stand for it when nobody else does.
fn with_staff(
    node: &mut OrgNode,
    mut staff: Vec<String>,
    place: Place,
    report: &mut Report<'_>,
) -> Option<OrgNode> {
    if node.people.is_empty() {
        node.people = std::mem::take(&mut staff);
    }
    if node.people.is_empty() {
        let hint = match node.store {
            Some(_) => "在 stores.toml 里写店长，或加一行 people = [\"账号\"]",
            None => "加一行 people = [\"账号\"]",
        };
        report.error("node-without-people", place, format!("节点 {:?} 没有人", node.id)).hint(hint);
    }
    (!staff.is_empty()).then(|| OrgNode {
        id: OrgNode::staff_of(&node.id),
        name: format!("{}店员", node.name),
        level: OrgLevel::Staff,
        parent: Some(node.id.clone()),
        store: node.store.clone(),
        people: staff,
        place: node.place.clone(),
    })
}

/// Nobody stands above somebody of a higher level.
fn check_levels(nodes: &[(OrgNode, Place)], report: &mut Report<'_>) {
    let levels: HashMap<&str, OrgLevel> =
        nodes.iter().map(|(node, _)| (node.id.as_str(), node.level)).collect();
    for (node, place) in nodes {
        let above = node.parent.as_ref().and_then(|parent| levels.get(parent.as_str()));
        if let Some(above) = above.filter(|above| **above > node.level) {
            let message = format!("{}（{}）不能在{}下面", node.name, node.level.chinese(), above.chinese());
            report
                .error("bad-level", *place, message)
                .hint("从上到下是品牌、经销商、门店、店员；改 parent，或写对 level");
        }
    }
}
