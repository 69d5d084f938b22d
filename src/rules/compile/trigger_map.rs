//! Every keyword and title of the files: where each is written, and what it brings at some place.

use std::collections::{HashMap, HashSet};

use super::Reading;
use super::tables::Tables;
use crate::files::{At, Id, Report, Sources, Text};
use crate::rules::written::{OverrideEntry, ScriptEntry};
use crate::scripts::{Asker, Library, Scope, Script};
use crate::text::matching_key;

/// What is written, keyword by keyword in the order of the files.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TriggerMap {
    keywords: Vec<Keyword>,
}

/// All that is the same keyword, in whatever writing.
#[derive(Clone, Debug, Default, PartialEq)]
struct Keyword {
    triggers: Vec<Trigger>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Trigger {
    /// As it is written.
    pub keyword: String,
    pub is_title: bool,
    /// The region or store that has put it in place of the brand's keywords; `None` = it is the brand's.
    pub scope: Option<Scope>,
    /// Where the keyword itself stands: `bot-scripts/promotion/mooncake.toml:6`.
    pub place: String,
    /// Id of the script.
    pub script: String,
}

/// What a keyword brings at some place.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer<'m> {
    pub trigger: &'m Trigger,
    /// As it is there.
    pub script: &'m Script,
    /// Others with the same keyword that it keeps from answering.
    pub shadows: Vec<&'m Trigger>,
}

/// What a region or a store makes of the brand's keywords.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference<'m> {
    pub scope: &'m Scope,
    /// What is answered there and otherwise, or by something else, than elsewhere.
    pub answers: Vec<Answer<'m>>,
    /// What is not answered there.
    pub silent: Vec<&'m Trigger>,
}

impl TriggerMap {
    pub fn of(sources: &Sources) -> Self {
        let mut tables = Tables::default();
        tables.take(sources);
        let (mut report, files) = tables.read();
        let reading = Reading::of(files, sources, &mut report);
        let brands = reading.scripts.iter().flat_map(|written| brands(written.entry, &report));
        let changed = reading.overrides.iter().flat_map(|entry| changed(entry, &report));
        let mut nth: HashMap<String, usize> = HashMap::new();
        let mut keywords: Vec<Keyword> = Vec::new();
        for trigger in brands.chain(changed) {
            let nth = *nth.entry(matching_key(&trigger.keyword)).or_insert(keywords.len());
            if nth == keywords.len() {
                keywords.push(Keyword::default());
            }
            keywords[nth].triggers.push(trigger);
        }
        Self { keywords }
    }

    /// What every keyword brings the asker, of the scripts that fit: usable ones before others, keywords before
    /// titles, then as the files stand. By scenes in the order of the files.
    pub fn answers<'m>(
        &'m self,
        library: &'m Library,
        asker: &Asker<'_>,
        fits: impl Fn(&Script) -> bool,
    ) -> Vec<Answer<'m>> {
        let there = There::of(library, asker);
        let mut answers: Vec<_> =
            self.keywords.iter().filter_map(|keyword| there.answer(keyword, &fits)).collect();
        let mut scenes: HashMap<&str, usize> = HashMap::new();
        for (nth, script) in library.all().iter().enumerate() {
            scenes.entry(&script.scene).or_insert(nth);
        }
        answers.sort_by_key(|answer| scenes.get(answer.script.scene.as_str()));
        answers
    }

    /// What this region or store changes of what its asker's keywords bring elsewhere; `None` = nothing.
    pub fn difference<'m>(
        &'m self,
        library: &'m Library,
        scope: &'m Scope,
        asker: &Asker<'_>,
        fits: impl Fn(&Script) -> bool,
    ) -> Option<Difference<'m>> {
        let own = library.overrides().iter().filter(|over| over.scope == *scope);
        let own: HashSet<&str> = own.map(|over| over.script.as_str()).collect();
        let everywhere = There::of(library, &Asker { store: None, region: None, ..*asker });
        let there = There::of(library, asker);
        let mut difference = Difference { scope, answers: Vec::new(), silent: Vec::new() };
        let is_own = |trigger: &Trigger| own.contains(trigger.script.as_str());
        for keyword in self.keywords.iter().filter(|keyword| keyword.triggers.iter().any(is_own)) {
            match (everywhere.answer(keyword, &fits), there.answer(keyword, &fits)) {
                (Some(usual), None) => difference.silent.push(usual.trigger),
                (usual, Some(answer)) if !usual.as_ref().is_some_and(|usual| usual.says(&answer, asker)) => {
                    difference.answers.push(answer);
                }
                _ => {}
            }
        }
        let is_one = !difference.answers.is_empty() || !difference.silent.is_empty();
        is_one.then_some(difference)
    }
}

impl Answer<'_> {
    /// Whether a line about it would say the same.
    fn says(&self, other: &Self, asker: &Asker<'_>) -> bool {
        self.trigger == other.trigger
            && self.shadows == other.shadows
            && self.script.usable_on(asker.today) == other.script.usable_on(asker.today)
    }
}

/// The title and the keywords of a script of the brand's.
fn brands(entry: &ScriptEntry, report: &Report<'_>) -> Vec<Trigger> {
    let Some(id) = &entry.id else { return Vec::new() };
    let keywords = entry.triggers.iter().flat_map(|list| &list.value);
    let keywords = keywords.map(|keyword| trigger(id, keyword, &keyword.0, None, report));
    let title = entry.title.as_ref();
    let title = title.map(|title| Trigger { is_title: true, ..trigger(id, title, &title.0, None, report) });
    keywords.chain(title).collect()
}

/// The keywords that a region or a store puts in place of the brand's.
fn changed(entry: &OverrideEntry, report: &Report<'_>) -> Vec<Trigger> {
    let store = entry.store.as_ref().map(|store| Scope::Store(store.0.clone()));
    let scope = store.or_else(|| entry.region.as_ref().map(|region| Scope::Region(region.0.clone())));
    let (Some(id), Some(scope)) = (&entry.script, scope) else { return Vec::new() };
    let keywords = entry.triggers.iter().flat_map(|list| &list.value);
    keywords.map(|keyword| trigger(id, keyword, &keyword.0, Some(scope.clone()), report)).collect()
}

fn trigger(id: &Id, at: &At<Text>, keyword: &str, scope: Option<Scope>, report: &Report<'_>) -> Trigger {
    let (keyword, place) = (keyword.to_owned(), report.locate(at.place));
    Trigger { keyword, is_title: false, scope, place, script: id.0.clone() }
}

/// A library as one asker sees it.
struct There<'m, 'a> {
    library: &'m Library,
    asker: Asker<'a>,
    /// For scripts whose keywords are not the brand's there: whose they are.
    keywords_of: HashMap<&'m str, &'m Scope>,
}

impl<'m, 'a> There<'m, 'a> {
    fn of(library: &'m Library, asker: &Asker<'a>) -> Self {
        let mut keywords_of = HashMap::new();
        for over in library.overrides().iter().filter(|over| over.triggers.is_some()) {
            match &over.scope {
                Scope::Store(store) if asker.store == Some(store.as_str()) => {
                    keywords_of.insert(over.script.as_str(), &over.scope);
                }
                Scope::Region(region) if asker.region == Some(region.as_str()) => {
                    keywords_of.entry(over.script.as_str()).or_insert(&over.scope);
                }
                _ => {}
            }
        }
        Self { library, asker: *asker, keywords_of }
    }

    fn answer(&self, keyword: &'m Keyword, fits: impl Fn(&Script) -> bool) -> Option<Answer<'m>> {
        let mut wanting: Vec<(&Trigger, &Script)> = Vec::new();
        for trigger in keyword.triggers.iter().filter(|trigger| self.holds(trigger)) {
            let script = self.library.resolved(&trigger.script, &self.asker);
            // Without keywords a script is the bot's own, and its title brings nothing.
            let script = script.filter(|script| !script.triggers.is_empty() && fits(script));
            wanting.extend(script.map(|script| (trigger, script)));
        }
        wanting.sort_by_key(|(trigger, script)| (!script.usable_on(self.asker.today), trigger.is_title));
        let mut scripts = HashSet::new();
        wanting.retain(|(trigger, _)| scripts.insert(trigger.script.as_str()));
        let mut wanting = wanting.into_iter();
        let (trigger, script) = wanting.next()?;
        Some(Answer { trigger, script, shadows: wanting.map(|(trigger, _)| trigger).collect() })
    }

    fn holds(&self, trigger: &Trigger) -> bool {
        trigger.is_title || trigger.scope.as_ref() == self.keywords_of.get(trigger.script.as_str()).copied()
    }
}
