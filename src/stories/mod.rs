//! PURE. Stories and golden messages: what the rules must do, told beside them by the people who
//! write them, and tried on the same core that runs the bot.
//!
//! [`check`] reads the files and tells every mistake; [`tell`] lets everything happen and tells what
//! came otherwise.

mod check;
mod compare;
mod events;
mod golden;
mod holds;
mod moments;
mod outcome;
mod people;
mod references;
mod steps;
mod story;
mod teller;
#[cfg(test)]
mod tests;

pub use check::{Checked, check};
pub use outcome::{Failure, Line, Mark, Outcome, render};

use std::sync::Arc;

use crate::files::Sources;
use crate::rules::{GroupRule, Playbook, Rulebook};

/// Tells all stories and judges all golden messages. `sources` are those that were checked.
pub fn tell(checked: &Checked, mut rules: Rulebook, sources: &Sources) -> Outcome {
    let of_stories = checked.stories.iter().map(|story| story.rule(&rules.app));
    let ours: Vec<GroupRule> =
        of_stories.chain(checked.goldens.iter().map(|golden| golden.rule(&rules.app))).collect();
    // Each has a group of its own, matched by its id before any of the brand's entries.
    rules.groups = ours.into_iter().chain(rules.groups.iter().cloned()).collect::<Vec<_>>().into();
    let mut failures = Vec::new();
    let playbooks = std::mem::take(&mut rules.playbooks);
    for story in &checked.stories {
        // Those that a story names, and no others: a season that begins is no business of the rest.
        let named = |(id, _): &(&String, &Arc<Playbook>)| story.playbooks.contains(id);
        rules.playbooks =
            playbooks.iter().filter(named).map(|(id, one)| (id.clone(), Arc::clone(one))).collect();
        failures.extend(teller::tell(story, &rules, sources));
    }
    for golden in &checked.goldens {
        failures.extend(golden::judge(golden, &rules, sources));
    }
    Outcome { stories: checked.stories.len(), goldens: checked.goldens.len(), failures }
}
