//! Names by which files refer to one another: each defined once, none referred to in vain.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use crate::files::{At, Id, Place, Report, Text, known_ids};

#[derive(Clone, Debug)]
pub struct Ids {
    /// What they are the ids of, Chinese.
    what: &'static str,
    /// The code of a reference to none of them.
    unknown: &'static str,
    places: HashMap<String, Place>,
    /// All files that define them could be parsed; otherwise a missing one is no mistake here.
    whole: bool,
}

/// Whether references are judged the same: where a name stands does not matter to them.
impl PartialEq for Ids {
    fn eq(&self, other: &Self) -> bool {
        self.what == other.what
            && self.whole == other.whole
            && self.places.len() == other.places.len()
            && self.places.keys().all(|id| other.places.contains_key(id))
    }
}

impl Ids {
    pub fn new(what: &'static str, unknown: &'static str, whole: bool) -> Self {
        Self { what, unknown, places: HashMap::new(), whole }
    }

    /// The same ids under another name.
    pub fn named(self, what: &'static str) -> Self {
        Self { what, ..self }
    }

    pub fn define(&mut self, id: Option<&At<Id>>, report: &mut Report<'_>) {
        let Some(id) = id else { return };
        if let Some(first) = self.places.get(&id.0) {
            let message = format!("{}编号 {:?} 已经用在 {}", self.what, id.0, report.locate(*first));
            report.error("duplicate-id", id.place, message).hint("换一个编号，或删掉其中一处");
            return;
        }
        self.places.insert(id.0.clone(), id.place);
    }

    /// A name that may stand in several places, such as a region's; an empty one is none.
    pub fn allow(&mut self, name: &str, place: Place) {
        if !name.is_empty() {
            self.places.entry(name.to_owned()).or_insert(place);
        }
    }

    /// As [`Self::allow`], of a whole list.
    pub fn allow_all(&mut self, names: Option<&At<Vec<At<Text>>>>) {
        for name in names.into_iter().flat_map(|names| &names.value) {
            self.allow(&name.0, name.place);
        }
    }

    /// Whether such an id exists; if not, it is reported.
    pub fn check(&self, id: &str, place: Place, report: &mut Report<'_>) -> bool {
        let exists = self.places.contains_key(id);
        if !exists && self.whole {
            let mut known: Vec<&str> = self.places.keys().map(String::as_str).collect();
            known.sort_unstable();
            let hint = known_ids(self.what, id, known.into_iter());
            report.error(self.unknown, place, format!("没有编号为 {id:?} 的{}", self.what)).hint(hint);
        }
        exists
    }
}

/// Ids that remember which of them something refers to.
#[derive(Debug)]
pub struct ReferredIds {
    ids: Ids,
    referred: RefCell<HashSet<String>>,
}

impl From<Ids> for ReferredIds {
    fn from(ids: Ids) -> Self {
        Self { ids, referred: RefCell::default() }
    }
}

impl ReferredIds {
    /// As [`Ids::define`].
    pub fn define(&mut self, id: Option<&At<Id>>, report: &mut Report<'_>) {
        self.ids.define(id, report);
    }

    /// As [`Ids::check`].
    pub fn check(&self, id: &str, place: Place, report: &mut Report<'_>) -> bool {
        let exists = self.ids.check(id, place, report);
        if exists {
            self.referred.borrow_mut().insert(id.to_owned());
        }
        exists
    }

    /// Whether anything that was checked so far refers to it.
    pub fn is_referred_to(&self, id: &str) -> bool {
        self.referred.borrow().contains(id)
    }
}
