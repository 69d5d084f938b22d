//! The script library, from the entries of the files.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::circles::References;
use super::judge::{Judged, Judgements, Surroundings};
use super::overrides::{self, Originals};
use super::reading::WrittenScript;
use super::templates::Trial;
use super::{Known, Reading, triggers};
use crate::files::Report;
use crate::rules::written::ScriptEntry;
use crate::scripts::{Finder, Library, LibraryParts, Script};

/// A script and what it was made from.
#[derive(Clone, Copy)]
pub struct Made<'m> {
    pub written: &'m WrittenScript<'m>,
    pub judged: &'m Judged,
    pub script: &'m Arc<Script>,
}

pub fn check(
    reading: &Reading<'_>,
    surroundings: Surroundings,
    known: &Known,
    judgements: &mut Judgements,
    finder: &Finder,
    report: &mut Report<'_>,
) -> Library {
    let (surroundings, judged) = judgements.of(&reading.scripts, surroundings, report);
    let mut media = surroundings.media.shelf();
    let mut made = Vec::with_capacity(judged.len());
    for (written, judged) in reading.scripts.iter().zip(judged) {
        check_references(written.entry, known, report);
        media.use_again(&judged.media);
        made.extend(judged.script.as_ref().map(|script| Made { written, judged, script }));
    }
    triggers::check(&made, report);
    check_circles(&made, report);
    let originals: Originals<'_> =
        made.iter().map(|made| (made.script.id.as_str(), (&**made.script, made.written.entry))).collect();
    let overrides = overrides::check(reading, &originals, known, &mut media, report);
    media.check_unused(report);
    let library = Library::of(LibraryParts {
        scripts: made.iter().map(|made| Arc::clone(made.script)).collect(),
        overrides: overrides.iter().map(|(over, _)| over.clone()).collect(),
        regions: regions(reading),
        products: (*surroundings.prices).clone(),
        campaigns: Arc::clone(&surroundings.campaigns),
        finder: finder.clone(),
    });
    let trial = Trial::new(surroundings);
    for (over, entry) in overrides {
        let Some(version) = library.version_in(&over.script, &over.scope) else { continue };
        if let Some(own) = &entry.message {
            trial.check(version, own.value.iter(), report);
        }
        if let Some(valid) = &entry.valid {
            trial.check_days(version, valid.place, report);
        }
    }
    library
}

/// Store id → region.
fn regions(reading: &Reading<'_>) -> BTreeMap<String, String> {
    let region = |store: &crate::rules::written::StoreEntry| {
        let region = store.region.as_ref().filter(|region| !region.0.is_empty())?;
        Some((store.id.as_ref()?.0.clone(), region.0.clone()))
    };
    reading.stores().filter_map(region).collect()
}

/// To other scripts.
fn check_references(entry: &ScriptEntry, known: &Known, report: &mut Report<'_>) {
    let joins = entry.joins.iter().flat_map(|joins| [&joins.before, &joins.after]);
    let joined = joins.flatten().flat_map(|list| &list.value);
    for script in joined.chain(&entry.replaced_by) {
        known.scripts.check(&script.0, script.place, report);
    }
}

/// Successors and joined scripts must lead to an end.
fn check_circles(made: &[Made<'_>], report: &mut Report<'_>) {
    let (mut successors, mut joins) = (References::default(), References::default());
    for made in made {
        let entry = &made.written.entry.value;
        let Some(id) = entry.id.as_ref().map(|id| id.0.as_str()) else { continue };
        if let Some(successor) = &entry.replaced_by {
            successors.add(id, &successor.0, successor.place);
        }
        let joined = entry.joins.iter().flat_map(|joins| [&joins.before, &joins.after]);
        for joined in joined.flat_map(|list| list.iter().flat_map(|list| &list.value)) {
            joins.add(id, &joined.0, joined.place);
        }
    }
    let message = |id: &str| format!("话术 {id:?} 换来换去又换回了自己");
    successors.check("replaced-by-cycle", message, "删掉其中一个 replaced_by", report);
    let message = |id: &str| format!("话术 {id:?} 带来带去又带上了自己");
    joins.check("joins-cycle", message, "从其中一条的 joins 里删掉", report);
}
