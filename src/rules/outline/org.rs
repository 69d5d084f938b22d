//! The organisation in words, node by node.

use std::collections::BTreeMap;

use super::{Named, said};
use crate::rules::{Org, OrgLevel, OrgNode, Rulebook};

/// By id. The staff below a store are not told again: they are the store's.
pub fn nodes(rules: &Rulebook) -> BTreeMap<String, Named> {
    let written = |node: &&OrgNode| {
        let is_staff_of = |parent: &String| node.id == OrgNode::staff_of(parent);
        node.level != OrgLevel::Staff || !node.parent.as_ref().is_some_and(is_staff_of)
    };
    let nodes = rules.org.nodes().iter().filter(written);
    nodes.map(|node| (node.id.clone(), named(node, rules))).collect()
}

fn named(node: &OrgNode, rules: &Rulebook) -> Named {
    let OrgNode { id: _, name, level, parent, store, people, place: _ } = node;
    let of_store = store.as_ref().and_then(|id| rules.stores.get(id));
    // So it is when nobody is named, and a new owner is told of the store.
    let is_usual = of_store.is_some_and(|store| store.owner.iter().eq(people));
    let people = if is_usual { String::new() } else { people.join("、") };
    let says = [
        ("层级", level.chinese().to_owned()),
        ("上级", parent.as_ref().map(|id| name_of(id, &rules.org)).unwrap_or_default()),
        ("门店", of_store.map(|store| store.name.clone()).unwrap_or_default()),
        ("人员", people),
    ];
    Named { name: name.clone(), says: said(says), store: store.clone(), ..Named::default() }
}

/// What people call a node.
pub(super) fn name_of(id: &str, org: &Org) -> String {
    org.node(id).map_or_else(|| id.to_owned(), |node| node.name.clone())
}
