//! PURE. The brand's organisation: brand → distributor → store → staff, as a tree.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

/// From the top down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OrgLevel {
    Brand,
    Distributor,
    Store,
    Staff,
}

impl OrgLevel {
    pub const ALL: [Self; 4] = [Self::Brand, Self::Distributor, Self::Store, Self::Staff];

    pub fn chinese(self) -> &'static str {
        match self {
            Self::Brand => "品牌",
            Self::Distributor => "经销商",
            Self::Store => "门店",
            Self::Staff => "店员",
        }
    }
}

/// The head office, a distributor, a store, or the staff of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrgNode {
    pub id: String,
    pub name: String,
    pub level: OrgLevel,
    /// The id of the node above it.
    pub parent: Option<String>,
    /// The id of the store that it is, or that its people work in.
    pub store: Option<String>,
    /// Userids; nobody is in two nodes.
    pub people: Vec<String>,
    /// `config/org.toml:12`, for people.
    pub place: String,
}

impl OrgNode {
    /// The id of the node that a store's staff form: no id of the files can be the same.
    pub fn staff_of(id: &str) -> String {
        format!("{id}+staff")
    }
}

/// The whole tree. Every node comes after the one above it and before the next one of that one's
/// level, so that printing it in order prints the tree.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Org {
    nodes: Vec<OrgNode>,
    by_id: HashMap<String, usize>,
    of_person: HashMap<String, usize>,
}

impl Org {
    /// Orders the nodes; those of one parent stay as they are. What no way leads to from a node
    /// without a parent is left out: a circle, or whatever hangs on an unknown parent.
    pub fn new(written: Vec<OrgNode>) -> Self {
        let mut below: BTreeMap<Option<String>, Vec<OrgNode>> = BTreeMap::new();
        for node in written {
            below.entry(node.parent.clone()).or_default().push(node);
        }
        let mut org = Self::default();
        let mut open = below.remove(&None).unwrap_or_default();
        open.reverse();
        while let Some(node) = open.pop() {
            open.extend(below.remove(&Some(node.id.clone())).unwrap_or_default().into_iter().rev());
            org.add(node);
        }
        org
    }

    fn add(&mut self, node: OrgNode) {
        let at = self.nodes.len();
        self.by_id.insert(node.id.clone(), at);
        for person in &node.people {
            self.of_person.entry(person.clone()).or_insert(at);
        }
        self.nodes.push(node);
    }

    pub fn nodes(&self) -> &[OrgNode] {
        &self.nodes
    }

    pub fn node(&self, id: &str) -> Option<&OrgNode> {
        self.nodes.get(*self.by_id.get(id)?)
    }

    /// The node that this userid is in.
    pub fn node_of(&self, person: &str) -> Option<&OrgNode> {
        self.nodes.get(*self.of_person.get(person)?)
    }

    /// All nodes above this one, the nearest first.
    pub fn above<'o>(&'o self, node: &OrgNode) -> impl Iterator<Item = &'o OrgNode> + use<'o> {
        let parent = |node: &OrgNode| self.node(node.parent.as_deref()?);
        std::iter::successors(parent(node), move |node| parent(node))
    }

    /// All nodes below this one, the nearer ones first on each way down.
    pub fn below<'o>(&'o self, id: &'o str) -> impl Iterator<Item = &'o OrgNode> {
        let first = self.by_id.get(id).map_or(self.nodes.len(), |at| at + 1);
        let is_below = move |node: &&OrgNode| self.above(node).any(|above| above.id == id);
        self.nodes.iter().skip(first).take_while(is_below)
    }

    /// How many nodes are above it.
    pub fn depth(&self, node: &OrgNode) -> usize {
        self.above(node).count()
    }

    /// The distributor to whom this node belongs: itself, or the nearest above it.
    pub fn distributor_of<'o>(&'o self, node: &'o OrgNode) -> Option<&'o OrgNode> {
        std::iter::once(node).chain(self.above(node)).find(|one| one.level == OrgLevel::Distributor)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(super) fn node(id: usize, parent: Option<usize>) -> OrgNode {
        OrgNode {
            id: format!("n{id}"),
            name: format!("节点{id}"),
            level: if parent.is_none() { OrgLevel::Brand } else { OrgLevel::Distributor },
            parent: parent.map(|parent| format!("n{parent}")),
            store: None,
            people: vec![format!("p{id}")],
            place: String::new(),
        }
    }

    #[test]
    fn prints_as_it_is_written() {
        let org = Org::new(vec![node(2, Some(1)), node(1, Some(0)), node(3, Some(0)), node(0, None)]);
        let order: Vec<_> = org.nodes().iter().map(|node| (node.id.as_str(), org.depth(node))).collect();
        assert_eq!(order, [("n0", 0), ("n1", 1), ("n2", 2), ("n3", 1)]);
        assert_eq!(org.node_of("p2").map(|node| node.id.as_str()), Some("n2"));
        assert_eq!(org.node_of("p9"), None);
        assert_eq!(org.below("n0").count(), 3);
        assert_eq!(org.below("n1").map(|node| node.id.as_str()).collect::<Vec<_>>(), ["n2"]);
        assert_eq!(org.below("n9").count(), 0);
    }

    #[test]
    fn a_chain_of_ten_thousand_is_walked() {
        let chain = (0..10_000).map(|id| node(id, id.checked_sub(1))).collect();
        let org = Org::new(chain);
        assert_eq!(org.depth(&org.nodes()[9_999]), 9_999);
    }

    proptest! {
        /// Whatever parents are written, circles and unknown ones among them: what is left is a tree
        /// in its order, it holds everything that hangs on a root, and every walk upwards ends.
        #[test]
        fn whatever_is_written_a_tree_is_left(
            parents in proptest::collection::vec(proptest::option::of(0usize..40), 1..40),
        ) {
            let written: Vec<OrgNode> =
                parents.iter().enumerate().map(|(id, parent)| node(id, *parent)).collect();
            let org = Org::new(written);
            for (at, node) in org.nodes().iter().enumerate() {
                let place = |id: &str| org.nodes().iter().position(|one| one.id == id);
                if let Some(parent) = &node.parent {
                    prop_assert!(place(parent).is_some_and(|above| above < at));
                }
                prop_assert_eq!(place(&node.id), Some(at), "each once");
                prop_assert!(org.above(node).count() < org.nodes().len());
            }
            // The slow model: a node is there when its chain of parents ends without meeting a node twice.
            let rooted = |mut id: usize| {
                for _ in 0..=parents.len() {
                    match parents.get(id) {
                        Some(None) => return true,
                        Some(Some(parent)) => id = *parent,
                        None => return false,
                    }
                }
                false
            };
            let expected = (0..parents.len()).filter(|id| rooted(*id)).count();
            prop_assert_eq!(org.nodes().len(), expected);
        }
    }
}
