//! What differs between the files and the library, worked out from the rules and our memory alone: what is shown
//! before it is applied is what is applied.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::decision::{KnownTemplate, TemplateChange, TemplateStanding, TemplateStep};
use crate::rules::Rulebook;
use crate::rules::welcome_library::TEMPLATES_AT_MOST;
use crate::scripts::Part;

/// What would have to be done.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LibraryPlan {
    /// Deletions first, so that the library is never fuller than before or after.
    pub changes: Vec<TemplateChange>,
    /// What each change begins with, in the same order; empty = it is new.
    pub before: Vec<Vec<Part>>,
    /// Titles of those that are as the files say.
    pub same: Vec<String>,
    /// Titles of those that are being changed now.
    pub under_way: Vec<String>,
    /// Of these nobody knows whether they are there: key and title.
    pub doubtful: Vec<(String, String)>,
    /// Titles of those that stay as they are, with the reason.
    pub left: Vec<(String, String)>,
    /// Key, title and reason of those whose last change did not come about.
    pub failed: Vec<(String, String, String)>,
}

/// Compares; `all` changes also what we believe to be so already. The error is a Chinese sentence: it cannot be done.
pub fn plan(
    rules: &Rulebook,
    known: &[KnownTemplate],
    today: Date,
    all: bool,
) -> Result<LibraryPlan, String> {
    let failed = known
        .iter()
        .filter_map(|known| Some((known.key.clone(), known.title.clone(), known.failure()?.to_owned())));
    let mut plan = LibraryPlan { failed: failed.collect(), ..LibraryPlan::default() };
    let mut keys = BTreeSet::new();
    let (mut edits, mut adds) = (Vec::new(), Vec::new());
    for template in &rules.welcome_library {
        let (key, title) = (template.key(), template.title(rules));
        keys.insert(key.clone());
        let before = known.iter().find(|known| known.key == key);
        let parts = match template.parts(rules, today) {
            Ok(Some(parts)) => parts,
            Ok(None) => {
                plan.left.push((title, "话术今天不能用".to_owned()));
                continue;
            }
            Err(why) => {
                plan.left.push((title, why));
                continue;
            }
        };
        match wanted(before, &parts, all) {
            Wanted::Same => plan.same.push(title),
            Wanted::UnderWay => plan.under_way.push(title),
            Wanted::Doubtful => plan.doubtful.push((key, title)),
            Wanted::Add => adds.push((change(key, title, TemplateStep::Add { parts }), Vec::new())),
            Wanted::Edit { template_id, before } => {
                edits.push((change(key, title, TemplateStep::Edit { template_id, parts }), before));
            }
        }
    }
    let gone = unwanted(known, &keys, &mut plan);
    let kept = known.iter().filter(|known| keys.contains(&known.key) && known.template_id.is_some()).count();
    let after = kept + adds.len() + plan.doubtful.len();
    if after > TEMPLATES_AT_MOST {
        return Err(format!(
            "同步以后会有 {after} 份，企业微信最多收 {TEMPLATES_AT_MOST} 份；先少写几份，什么也没有改"
        ));
    }
    (plan.changes, plan.before) = gone.into_iter().chain(edits).chain(adds).unzip();
    Ok(plan)
}

enum Wanted {
    Same,
    UnderWay,
    Doubtful,
    Add,
    Edit { template_id: String, before: Vec<Part> },
}

/// What is to be done about a template that shall say this.
fn wanted(known: Option<&KnownTemplate>, parts: &[Part], all: bool) -> Wanted {
    let Some(known) = known else { return Wanted::Add };
    match (&known.template_id, &known.standing) {
        (_, TemplateStanding::UnderWay) => Wanted::UnderWay,
        (None, TemplateStanding::Failed(_)) => Wanted::Add,
        (None, _) => Wanted::Doubtful,
        (Some(_), _) if known.parts == parts && !all => Wanted::Same,
        (Some(id), _) => Wanted::Edit { template_id: id.clone(), before: known.parts.clone() },
    }
}

type Step = (TemplateChange, Vec<Part>);

/// Those that the files ask for no more.
fn unwanted(known: &[KnownTemplate], keys: &BTreeSet<String>, plan: &mut LibraryPlan) -> Vec<Step> {
    let mut gone = Vec::new();
    for known in known.iter().filter(|known| !keys.contains(&known.key)) {
        let (key, title) = (known.key.clone(), known.title.clone());
        match (&known.template_id, &known.standing) {
            (_, TemplateStanding::UnderWay) => plan.under_way.push(title),
            (Some(id), _) => {
                let step = TemplateStep::Delete { template_id: id.clone() };
                gone.push((change(key, title, step), known.parts.clone()));
            }
            // It never got there.
            (None, TemplateStanding::Failed(_)) => {}
            (None, _) => plan.doubtful.push((key, title)),
        }
    }
    gone
}

fn change(key: String, title: String, step: TemplateStep) -> TemplateChange {
    TemplateChange { key, title, step, last_of: None }
}
