//! What each script comes to on its own, kept for as long as that cannot have changed.
//!
//! It depends on the script's file (its name and text) and on [`Surroundings`], on nothing else. What scripts are
//! to one another (who names whom, who wants the same keyword) is looked at anew every time, in `scripts`.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use jiff::civil::Date;

use super::ids::Ids;
use super::media::{Media, Shelf};
use super::messages::messages_of;
use super::reading::WrittenScript;
use super::spread::spread;
use super::templates::Trial;
use super::{compliance, lifetime, script, triggers};
use crate::files::{Remarks, Report, SourceFile};
use crate::scripts::{Campaigns, Facts, Products, Script};

/// All that a script is judged by.
#[derive(Debug, PartialEq)]
pub struct Surroundings {
    pub stores: Ids,
    pub regions: Ids,
    pub profiles: Ids,
    pub products: Ids,
    pub prices: Arc<Products>,
    pub campaigns: Arc<Campaigns>,
    pub campaign_ids: Ids,
    pub media: Media,
    /// The longest that texts may be filled in with.
    pub longest: Facts,
    /// Without it nothing is called expired.
    pub today: Option<Date>,
}

/// What one script came to.
#[derive(Debug)]
pub struct Judged {
    /// `None` when something required is missing or wrong.
    pub script: Option<Arc<Script>>,
    /// See [`triggers::keys`].
    pub keys: Vec<Option<String>>,
    /// The names of the media that it names.
    pub media: BTreeSet<String>,
    remarks: Remarks,
}

/// What all scripts came to last.
#[derive(Debug, Default)]
pub struct Judgements {
    surroundings: Option<Surroundings>,
    /// By the slots of their files.
    files: HashMap<usize, (SourceFile, Vec<Judged>)>,
}

impl Judgements {
    /// What every script comes to, in the order of the scripts, which stand file by file. What is wrong is told.
    pub fn of(
        &mut self,
        scripts: &[WrittenScript<'_>],
        surroundings: Surroundings,
        report: &mut Report<'_>,
    ) -> (&Surroundings, Vec<&Judged>) {
        let mut kept = std::mem::take(&mut self.files);
        if self.surroundings.as_ref() != Some(&surroundings) {
            kept.clear();
        }
        let surroundings: &Surroundings = self.surroundings.insert(surroundings);
        let mut new = Vec::new();
        for scripts in of_files(scripts) {
            let slot = scripts[0].slot();
            match kept.remove(&slot).filter(|(file, _)| file == scripts[0].file) {
                Some(same) => drop(self.files.insert(slot, same)),
                None => new.push(scripts),
            }
        }
        let judge = |judge: &mut Judge<'_>, scripts: &&[WrittenScript<'_>]| {
            scripts.iter().map(|script| judge.judge(script)).collect::<Vec<_>>()
        };
        let judged = spread(&new, || Judge::new(surroundings, report.aside()), judge);
        let new = new.into_iter().map(|scripts| &scripts[0]);
        self.files
            .extend(new.zip(judged).map(|(first, judged)| (first.slot(), (first.file.clone(), judged))));
        let mut all = Vec::with_capacity(scripts.len());
        for slot in of_files(scripts).map(|scripts| scripts[0].slot()) {
            for judged in self.files.get(&slot).into_iter().flat_map(|(_, judged)| judged) {
                report.repeat(slot, &judged.remarks);
                all.push(judged);
            }
        }
        (surroundings, all)
    }
}

/// File by file; none is empty.
fn of_files<'s, 't>(scripts: &'s [WrittenScript<'t>]) -> impl Iterator<Item = &'s [WrittenScript<'t>]> {
    scripts.chunk_by(|one, other| one.slot() == other.slot())
}

/// Judges one script after the other.
struct Judge<'j> {
    surroundings: &'j Surroundings,
    trial: Trial<'j>,
    media: Shelf<'j>,
    report: Report<'j>,
}

impl<'j> Judge<'j> {
    fn new(surroundings: &'j Surroundings, report: Report<'j>) -> Self {
        let (trial, media) = (Trial::new(surroundings), surroundings.media.shelf());
        Self { surroundings, trial, media, report }
    }

    fn judge(&mut self, written: &WrittenScript<'_>) -> Judged {
        let Self { surroundings, trial, media, report } = self;
        script::check_entry(written.entry, surroundings, report);
        let script = script::script(written, media, report);
        let keys = triggers::keys(written.entry, report);
        if let Some(script) = &script {
            trial.check(script, messages_of(written.entry), report);
        }
        compliance::check(written, surroundings.today, report);
        if let Some(today) = surroundings.today {
            lifetime::check_end(written, today, report);
        }
        let remarks = report.take_remarks(written.slot());
        Judged { script: script.map(Arc::new), keys, media: media.take_used(), remarks }
    }
}
