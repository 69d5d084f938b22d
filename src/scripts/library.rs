//! All scripts of the brand and how they are found.
//!
//! Scripts without triggers are the bot's own (a warning, a welcome); staff neither find nor see them.

mod finder;
mod versions;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use self::versions::Versions;
use super::{
    Ask, Asker, Campaigns, Facts, FillError, How, Override, Part, Preference, Products, Recognised, Scope,
    Script, ScriptMessage, Templates, Variant,
};

pub use finder::Finder;

/// What a library is made of.
#[derive(Clone, Debug, Default)]
pub struct LibraryParts {
    /// Ids must be unique (the files' check sees to it).
    pub scripts: Vec<Arc<Script>>,
    pub overrides: Vec<Override>,
    /// Store id → region.
    pub regions: BTreeMap<String, String>,
    pub products: Products,
    pub campaigns: Arc<Campaigns>,
    /// That of an earlier library: it serves this one, too, if nothing has changed that it knows.
    pub finder: Finder,
}

/// The whole script library; built once per change of the files.
#[derive(Debug)]
pub struct Library {
    versions: Versions,
    products: Arc<Products>,
    finder: Finder,
    /// The brand's scripts, scene by scene.
    by_scene: Vec<usize>,
    templates: Templates,
}

/// A script that was found, and how.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit<'l> {
    pub script: &'l Script,
    pub how: How,
}

impl Default for Library {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

impl Library {
    /// A library of scripts that are the same everywhere.
    pub fn new(scripts: Vec<Script>) -> Self {
        let scripts = scripts.into_iter().map(Arc::new).collect();
        Self::of(LibraryParts { scripts, ..LibraryParts::default() })
    }

    /// Templates that cannot be compiled are told by the check of the files ([`Templates::draft`]) and again
    /// when somebody fills them in.
    pub fn of(parts: LibraryParts) -> Self {
        let LibraryParts { scripts, overrides, regions, products, campaigns, finder } = parts;
        let versions = Versions::new(scripts, overrides, regions);
        let products = Arc::new(products);
        Self {
            templates: Templates::new(Arc::clone(&products), campaigns),
            products,
            finder: finder.over(versions.all()),
            by_scene: by_scene(versions.brands()),
            versions,
        }
    }

    /// The brand's scripts, in the order of the files.
    pub fn all(&self) -> &[Arc<Script>] {
        self.versions.brands()
    }

    /// The brand's scripts and after them every version that a region or a store has made of one.
    pub fn versions(&self) -> &[Arc<Script>] {
        self.versions.all()
    }

    /// The brand's script, whatever regions and stores make of it.
    pub fn get(&self, id: &str) -> Option<&Script> {
        self.versions.get(id)
    }

    /// What this region or store has made of the script; `None` where it is the brand's or switched off.
    pub fn version_in(&self, id: &str, scope: &Scope) -> Option<&Script> {
        self.versions.changed_in(id, scope)
    }

    /// The brand's products and prices.
    pub fn products(&self) -> &Products {
        &self.products
    }

    /// What regions and stores change, in the order of the files.
    pub fn overrides(&self) -> &[Override] {
        self.versions.overrides()
    }

    /// What the asker's region and then the store change of the script.
    pub fn overrides_of(&self, id: &str, asker: &Asker<'_>) -> Vec<&Override> {
        self.versions.overrides_of(id, asker)
    }

    /// The script as it is for this asker, on whatever day; `None` when it is switched off there or meant
    /// for others.
    pub fn resolved(&self, id: &str, asker: &Asker<'_>) -> Option<&Script> {
        self.versions.resolved(id, asker)
    }

    /// The script that exactly this keyword or title brings, written in any width, case or script. One that
    /// is usable today comes before one that is not; an expired script is found too, so that the caller can
    /// say so and name its successor.
    pub fn triggered(&self, keyword: &str, asker: &Asker<'_>) -> Option<&Script> {
        let found = self.finder.search().exactly(keyword);
        let fitting = || found.iter().filter_map(|&nth| self.versions.here(nth, asker));
        fitting().find(|script| script.usable_on(asker.today)).or_else(|| fitting().next())
    }

    /// Up to `at_most` scripts that the asker may use today, by keyword, title, body, pinyin, initials, or
    /// with a slip of the finger; the best match first. When nothing matches, what comes nearest.
    pub fn search(
        &self,
        keyword: &str,
        at_most: usize,
        preference: &Preference<'_>,
        asker: &Asker<'_>,
    ) -> Vec<Hit<'_>> {
        let usable =
            |nth: usize| self.versions.here(nth, asker).is_some_and(|script| script.usable_on(asker.today));
        let found = self.finder.search().search(keyword, at_most, preference, usable);
        found
            .into_iter()
            .map(|found| Hit { script: &self.versions()[found.script], how: found.how })
            .collect()
    }

    /// The script that a heard text is, pasted as it was given or lightly edited, and where it was found.
    pub fn recognise(&self, text: &str) -> Option<(&Script, Recognised)> {
        self.finder.recogniser().recognise(text).map(|found| (&*self.versions()[found.script], found))
    }

    /// Makes the index by which scripts are found, if it was not made yet, so that nobody waits for it: some
    /// 200 ms for 20 000 scripts.
    pub fn prepare(&self) {
        self.finder.prepare();
    }

    /// What finds its scripts, for the next library.
    pub fn finder(&self) -> &Finder {
        &self.finder
    }

    /// Scripts that this asker may find and use today, in the order of scenes and files.
    pub fn usable(&self, asker: &Asker<'_>) -> Vec<&Script> {
        let all = self.by_scene.iter().map(|&nth| &self.versions.brands()[nth]);
        let here = all.filter_map(|script| self.resolved(&script.id, asker));
        here.filter(|script| !script.triggers.is_empty() && script.usable_on(asker.today)).collect()
    }

    /// The script that stands in for this one today: the first usable one along `replaced_by`.
    pub fn successor(&self, script: &Script, asker: &Asker<'_>) -> Option<&Script> {
        let next = |script: &Script| script.replaced_by.as_deref().and_then(|id| self.resolved(id, asker));
        // Files may name each other in a circle; no chain is longer than the library.
        std::iter::successors(next(script), |script| next(script))
            .take(self.all().len())
            .find(|successor| successor.usable_on(asker.today) && successor.id != script.id)
    }

    /// The variant that this seed draws, by weight; the same seed always draws the same.
    pub fn variant_for<'s>(&self, script: &'s Script, seed: u64) -> Option<&'s str> {
        let weight = |variant: &Variant| u64::from(variant.weight);
        let all: u64 = script.variants.iter().map(weight).sum();
        let mut drawn = seed.checked_rem(all)?;
        let drawn = script.variants.iter().find(|variant| {
            let hit = drawn < weight(variant);
            drawn = drawn.saturating_sub(weight(variant));
            hit
        });
        drawn.map(|variant| variant.name.as_str())
    }

    /// The script between those that it joins, in the order in which they are sent. Joined ones that are
    /// not usable today are left out.
    pub fn with_joined<'s>(&'s self, script: &'s Script, asker: &Asker<'_>) -> Vec<&'s Script> {
        let mut order = Vec::new();
        self.join(script, asker, &mut vec![&script.id], &mut order);
        order
    }

    /// Everything that is filled in for this script and those it joins; the first of a name counts.
    pub fn asks<'s>(&'s self, script: &'s Script, asker: &Asker<'_>) -> Vec<&'s Ask> {
        let mut asks: Vec<&Ask> = Vec::new();
        for ask in self.with_joined(script, asker).into_iter().flat_map(|script| &script.asks) {
            if !asks.iter().any(|known| known.name == ask.name) {
                asks.push(ask);
            }
        }
        asks
    }

    /// Fills every message of the script in, and of those it joins. A message that has nothing to say with
    /// these facts is left out. What is not answered takes its default. The first variant is taken when
    /// none is given.
    pub fn fill(
        &self,
        script: &Script,
        variant: Option<&str>,
        facts: &Facts,
        answers: &BTreeMap<String, String>,
    ) -> Result<Vec<Part>, FillError> {
        let fail = |why: String| FillError { script: script.id.clone(), why };
        let asker = asker_of(facts);
        let answers = answered(&self.asks(script, &asker), answers).map_err(fail)?;
        let mut filled = Vec::new();
        for script in self.with_joined(script, &asker) {
            for message in script.messages_of(script.variant(variant)) {
                filled.extend(self.templates.fill(message, facts, &answers).map_err(fail)?);
            }
        }
        if filled.is_empty() { Err(fail("填好以后是空的".to_owned())) } else { Ok(filled) }
    }

    /// Fills one message in; `None` when it has nothing to say with these facts. The error is a Chinese
    /// sentence.
    pub fn fill_message(
        &self,
        message: &ScriptMessage,
        facts: &Facts,
        answers: &BTreeMap<String, String>,
    ) -> Result<Option<Part>, String> {
        self.templates.fill(message, facts, answers)
    }

    fn join<'s>(
        &'s self,
        script: &'s Script,
        asker: &Asker<'_>,
        seen: &mut Vec<&'s str>,
        order: &mut Vec<&'s Script>,
    ) {
        let usable = |id: &String| self.resolved(id, asker).filter(|joined| joined.usable_on(asker.today));
        for joined in script.joins.before.iter().filter_map(usable) {
            self.join_once(joined, asker, seen, order);
        }
        order.push(script);
        for joined in script.joins.after.iter().filter_map(usable) {
            self.join_once(joined, asker, seen, order);
        }
    }

    fn join_once<'s>(
        &'s self,
        script: &'s Script,
        asker: &Asker<'_>,
        seen: &mut Vec<&'s str>,
        order: &mut Vec<&'s Script>,
    ) {
        if !seen.contains(&script.id.as_str()) {
            seen.push(&script.id);
            self.join(script, asker, seen, order);
        }
    }
}

/// For joined scripts: the same store, the bot itself.
fn asker_of(facts: &Facts) -> Asker<'_> {
    let some = |text: &'_ str| (!text.is_empty()).then_some(());
    let store = some(&facts.store.id).map(|()| facts.store.id.as_str());
    let region = some(&facts.store.region).map(|()| facts.store.region.as_str());
    Asker { store, region, ..Asker::anybody(facts.today) }
}

/// The answer or default of every ask.
fn answered(asks: &[&Ask], answers: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>, String> {
    let answer = |ask: &&Ask| {
        let answer = answers.get(&ask.name).map_or("", String::as_str);
        ask.accepts(answer).map(|answer| (ask.name.clone(), answer))
    };
    asks.iter().map(answer).collect()
}

/// Scenes in the order in which the files bring them.
fn by_scene(scripts: &[Arc<Script>]) -> Vec<usize> {
    let mut scenes: HashMap<&str, usize> = HashMap::new();
    let mut ranks = Vec::with_capacity(scripts.len());
    for script in scripts {
        let next = scenes.len();
        ranks.push(*scenes.entry(&script.scene).or_insert(next));
    }
    let mut order: Vec<usize> = (0..scripts.len()).collect();
    order.sort_by_key(|&nth| ranks[nth]);
    order
}

#[cfg(test)]
mod tests;
