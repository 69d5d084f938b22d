//! Names by which files refer to one another: each defined once, none referred to in vain.

use std::collections::BTreeMap;

use crate::files::{At, Id, Place, Report, known_ids};

#[derive(Clone, Debug)]
pub struct Ids {
    /// What they are the ids of, Chinese.
    what: &'static str,
    /// The code of a reference to none of them.
    unknown: &'static str,
    places: BTreeMap<String, Place>,
    /// All files that define them could be parsed; otherwise a missing one is no mistake here.
    whole: bool,
}

impl Ids {
    pub fn new(what: &'static str, unknown: &'static str, whole: bool) -> Self {
        Self { what, unknown, places: BTreeMap::new(), whole }
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

    /// Whether such an id exists; if not, it is reported.
    pub fn check(&self, id: &str, place: Place, report: &mut Report<'_>) -> bool {
        if self.places.contains_key(id) {
            return true;
        }
        if self.whole {
            let hint = known_ids(self.what, id, self.places.keys().map(String::as_str));
            report.error(self.unknown, place, format!("没有编号为 {id:?} 的{}", self.what)).hint(hint);
        }
        false
    }
}
