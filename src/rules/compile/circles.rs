//! References that must lead to an end.

use std::collections::{BTreeMap, BTreeSet};

use crate::files::{Place, Report};

/// Who refers to whom, and where that is written.
#[derive(Debug, Default)]
pub struct References<'a> {
    by_id: BTreeMap<&'a str, Vec<(&'a str, Place)>>,
}

impl<'a> References<'a> {
    pub fn add(&mut self, from: &'a str, to: &'a str, place: Place) {
        self.by_id.entry(from).or_default().push((to, place));
    }

    /// Tells every reference that leads back to where it stands. `what` is the code, `message` says of an
    /// id what is wrong with it.
    pub fn check(
        &self,
        code: &'static str,
        message: impl Fn(&str) -> String,
        hint: &str,
        report: &mut Report<'_>,
    ) {
        for (from, references) in &self.by_id {
            for (to, place) in references {
                if self.leads(to, from) {
                    report.error(code, *place, message(from)).hint(hint);
                }
            }
        }
    }

    /// Whether one gets from here to there.
    fn leads(&self, from: &'a str, to: &str) -> bool {
        let mut seen = BTreeSet::new();
        let mut open = vec![from];
        while let Some(id) = open.pop() {
            if id == to {
                return true;
            }
            if seen.insert(id) {
                open.extend(self.by_id.get(id).into_iter().flatten().map(|(next, _)| *next));
            }
        }
        false
    }
}
