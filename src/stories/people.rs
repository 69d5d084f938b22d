//! Who is who in a story: staff are called by their userids, everybody else by a name.

use std::collections::BTreeSet;

use crate::decision::MemberId;
use crate::rules::Rulebook;

/// Whoever the files do not know has an id that differs from the name, as on the platform: texts
/// name people only when their name is known.
const CUSTOMER: &str = "wm-";

/// The id of the person that a story calls so.
pub fn id_in_stories(name: &str, rules: Option<&Rulebook>) -> MemberId {
    match rules {
        Some(rules) if is_userid(name, rules) => MemberId::from(name),
        _ => MemberId::new(format!("{CUSTOMER}{name}")),
    }
}

/// What a story calls the person with this id.
pub fn name_in_stories(id: &MemberId) -> String {
    id.as_str().strip_prefix(CUSTOMER).unwrap_or(id.as_str()).to_owned()
}

/// Staff, ops and whoever else the organisation names.
pub fn userids(rules: &Rulebook) -> impl Iterator<Item = &str> {
    let staff = rules.stores.values().flat_map(|store| &store.staff);
    let others = rules.org.nodes().iter().flat_map(|node| &node.people);
    staff.chain(&rules.brand.ops).chain(others).map(String::as_str)
}

fn is_userid(name: &str, rules: &Rulebook) -> bool {
    rules.store_of(name).is_some()
        || rules.brand.ops.iter().any(|ops| ops == name)
        || rules.org.node_of(name).is_some()
}

/// The people who have appeared in a story so far; `None` when the files are not good enough to say
/// who is staff.
#[derive(Clone, Debug)]
pub struct Cast<'a>(Option<BTreeSet<&'a str>>);

impl<'a> Cast<'a> {
    pub fn new(rules: Option<&'a Rulebook>) -> Self {
        Self(rules.map(|rules| userids(rules).collect()))
    }

    pub fn enters(&mut self, name: &'a str) {
        if let Some(known) = &mut self.0 {
            known.insert(name);
        }
    }

    pub fn knows(&self, name: &str) -> bool {
        self.0.as_ref().is_none_or(|known| known.contains(name))
    }

    pub fn names(&self) -> impl Iterator<Item = &'a str> + Clone {
        self.0.iter().flatten().copied().collect::<Vec<_>>().into_iter()
    }
}
