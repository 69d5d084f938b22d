//! Finding a script by whatever staff type: keyword, title, body, pinyin, initials, with a slip of the finger.
//!
//! Nothing is scanned: each way of typing has grams by which the index names the few terms worth a look.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::sync::Arc;

mod alphabet;
mod gathered;
mod how;
mod meaning;
mod query;
mod terms;
mod typos;

pub use how::{Extent, Field, How, Way};

use super::Script;
use super::postings::{Tally, in_all};
use super::wordings::{Wordings, neighbours};
use crate::text::{Grams, matching_key};
use gathered::Gathered;
use how::Rank;
use meaning::Meaning;
use query::Query;
use terms::{Gram, Terms};
use typos::Typos;

/// How many terms are looked at. Nobody reads a list of thousands: whoever types what fits so many gets the first
/// ones, keywords before titles.
const LOOKED_AT_AT_MOST: usize = 2_000;
/// How many messages are read for a word in them.
const BODIES_AT_MOST: usize = 200;
/// A body holds almost every single letter.
const BODY_LETTERS_AT_LEAST: usize = 2;
/// Two letters a to z stand in every web address.
const BODY_TYPED_AT_LEAST: usize = 3;
/// How many entries of the index are read for guesses, and how many terms are then compared in full.
const GUESSES_READ_AT_MOST: usize = 4_000;
const GUESSES_AT_MOST: usize = 32;
/// Beyond this nothing is recent.
const RECENT_AT_MOST: usize = 20;
/// Below this nobody sees what two words have in common: one letter of a title of six.
const GUESS_AT_LEAST: f32 = 0.2;

/// What settles the order of hits that match equally well.
#[derive(Clone, Copy, Debug, Default)]
pub struct Preference<'p> {
    /// Scripts of this scene come first.
    pub scene: Option<&'p str>,
    /// Then scripts with these ids, the most recently used first.
    pub recent: &'p [&'p str],
}

/// One script that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// Which script, in the order of the library.
    pub script: usize,
    pub how: How,
}

/// The index over one library.
#[derive(Debug)]
pub struct SearchIndex {
    terms: Terms,
    typos: Typos,
    wordings: Arc<Wordings>,
    ids: Names,
    scenes: Names,
    /// Whether staff find the script at all: those without triggers are the bot's own.
    findable: Vec<bool>,
}

impl SearchIndex {
    pub fn new(scripts: &[impl Borrow<Script>]) -> Self {
        Self::over(scripts, Arc::new(Wordings::new(scripts)))
    }

    pub(super) fn over(scripts: &[impl Borrow<Script>], wordings: Arc<Wordings>) -> Self {
        let terms = Terms::new(scripts);
        let scripts = || scripts.iter().map(Borrow::borrow);
        Self {
            typos: Typos::new(&terms),
            terms,
            wordings,
            ids: Names::of(scripts().map(|script| script.id.as_str())),
            scenes: Names::of(scripts().map(|script| script.scene.as_str())),
            findable: scripts().map(|script| !script.triggers.is_empty()).collect(),
        }
    }

    /// The scripts with exactly this keyword or title in any writing: those with the keyword first, each in the
    /// order of the library.
    pub fn exactly(&self, keyword: &str) -> Vec<usize> {
        let mut scripts = Vec::new();
        for &term in self.terms.exactly(&matching_key(keyword)) {
            let script = self.terms.script(term);
            if !scripts.contains(&script) {
                scripts.push(script);
            }
        }
        scripts
    }

    /// Up to `at_most` fitting scripts, the best match first, equal ones by preference and then in the order of
    /// the library. What is less sure is looked for only when there is still room, and guesses are made only when
    /// there is nothing else.
    pub fn search(
        &self,
        keyword: &str,
        at_most: usize,
        preference: &Preference<'_>,
        fits: impl Fn(usize) -> bool,
    ) -> Vec<Found> {
        let key = matching_key(keyword);
        let preferred = self.preferred(preference);
        let mut gathered = Gathered::new(self.findable.len(), |nth| self.findable[nth] && fits(nth));
        for &term in self.terms.exactly(&key) {
            self.offer(term, Way::Written, Extent::Whole, &mut gathered);
        }
        if let Some(query) = Query::new(&key, &self.terms.alphabet) {
            self.look(&query, &key, at_most, &preferred, &mut gathered);
        }
        gathered.best(at_most, |script| preferred.of(script))
    }

    fn look(
        &self,
        query: &Query,
        key: &str,
        at_most: usize,
        preferred: &Preferred<'_>,
        gathered: &mut Gathered<impl Fn(usize) -> bool>,
    ) {
        for meaning in query.meanings(&self.terms.alphabet) {
            self.find(&meaning, gathered);
        }
        if gathered.len() < at_most && !query.is_written() {
            for mixture in query.mixtures(&self.terms.alphabet) {
                self.find(&mixture, gathered);
            }
        }
        if gathered.len() < at_most && query.is_written() && query.len() > 1 {
            self.find(&query.by_sound(), gathered);
        }
        if gathered.len() < at_most {
            self.find_typos(query, gathered);
        }
        if gathered.len() < at_most {
            self.find_bodies(query, key, at_most, preferred, gathered);
        }
        if gathered.len() == 0 {
            self.guess(query, key, gathered);
        }
    }

    fn offer(&self, term: u32, way: Way, extent: Extent, gathered: &mut Gathered<impl Fn(usize) -> bool>) {
        let how = How { way, field: self.terms.field(term), extent };
        gathered.offer(self.terms.script(term), how, how.rank());
    }

    fn find(&self, meaning: &Meaning, gathered: &mut Gathered<impl Fn(usize) -> bool>) {
        let candidates =
            meaning.candidates(&self.terms).filter(|&term| gathered.takes(self.terms.script(term)));
        for term in candidates.take(LOOKED_AT_AT_MOST).collect::<Vec<u32>>() {
            if let Some((way, extent)) = meaning.find_in(self.terms.letters(term), &self.terms.alphabet) {
                self.offer(term, way, extent, gathered);
            }
        }
    }

    fn find_typos(&self, query: &Query, gathered: &mut Gathered<impl Fn(usize) -> bool>) {
        for typo in self.typos.of(query, &self.terms) {
            let field = self.terms.field(typo.term);
            let how = How { way: Way::Typo, field, extent: Extent::Whole };
            gathered.offer(self.terms.script(typo.term), how, Rank::of_typo(field, typo.wrong_letter));
        }
    }

    /// Only the preferred ones are read, until there are enough.
    fn find_bodies(
        &self,
        query: &Query,
        key: &str,
        at_most: usize,
        preferred: &Preferred<'_>,
        gathered: &mut Gathered<impl Fn(usize) -> bool>,
    ) {
        let at_least = if query.is_typed() { BODY_TYPED_AT_LEAST } else { BODY_LETTERS_AT_LEAST };
        if query.len() < at_least {
            return;
        }
        let holding = in_all(neighbours(key).map(|pair| self.wordings.holding(pair).into()).collect());
        let candidates = holding.map(|nth| (self.wordings.get(nth).0.script, nth));
        let mut candidates: Vec<_> = candidates
            .filter(|(script, _)| gathered.is_new(*script))
            .map(|(script, nth)| (preferred.of(script), script, nth))
            .collect();
        if BODIES_AT_MOST < candidates.len() {
            candidates.select_nth_unstable(BODIES_AT_MOST);
            candidates.truncate(BODIES_AT_MOST);
        }
        candidates.sort_unstable();
        let how = How { way: Way::Written, field: Field::Body, extent: Extent::Inside };
        for (_, script, nth) in candidates {
            if gathered.len() < at_most && self.wordings.get(nth).1.contains(key) {
                gathered.offer(script, how, how.rank());
            }
        }
    }

    /// What has most letters in common.
    fn guess(&self, query: &Query, key: &str, gathered: &mut Gathered<impl Fn(usize) -> bool>) {
        let mut letters = query.numbers();
        letters.sort_unstable();
        letters.dedup();
        let lists = letters.into_iter().map(|letter| self.terms.holding(&Gram::Letter(letter))).collect();
        let nearness = |term: u32, shared: u16| {
            let letters = query.len() + self.terms.letters(term).len();
            u32::from(shared) * 1_000 / u32::try_from(letters).unwrap_or(u32::MAX)
        };
        let terms = self.terms.len() as usize;
        let fits = |term: u32| gathered.takes(self.terms.script(term));
        let near = Tally::of(lists, terms, GUESSES_READ_AT_MOST, fits).highest(GUESSES_AT_MOST, nearness);
        let wanted = Grams::new(key);
        for nth in near {
            let nearness = wanted.similarity(&Grams::new(&self.terms.key(nth)));
            if nearness >= GUESS_AT_LEAST {
                let how = How { way: Way::Near, field: self.terms.field(nth), extent: Extent::Inside };
                gathered.offer(self.terms.script(nth), how, Rank::of_guess(nearness));
            }
        }
    }

    fn preferred(&self, preference: &Preference<'_>) -> Preferred<'_> {
        let recent = preference.recent.iter().take(RECENT_AT_MOST);
        Preferred {
            index: self,
            scene: preference.scene.and_then(|scene| self.scenes.number(scene)),
            recent: recent.filter_map(|id| self.ids.number(id)).collect(),
        }
    }
}

/// A name of each script, numbered, so that comparing takes no time.
#[derive(Debug)]
struct Names {
    of_scripts: Vec<u32>,
    numbers: HashMap<Box<str>, u32>,
}

impl Names {
    fn of<'s>(names: impl Iterator<Item = &'s str>) -> Self {
        let mut numbers: HashMap<Box<str>, u32> = HashMap::new();
        let number = |name: &str| {
            let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
            *numbers.entry(name.into()).or_insert(next)
        };
        Self { of_scripts: names.map(number).collect(), numbers }
    }

    fn number(&self, name: &str) -> Option<u32> {
        self.numbers.get(name).copied()
    }
}

/// A [`Preference`] in the numbers of the index.
struct Preferred<'i> {
    index: &'i SearchIndex,
    scene: Option<u32>,
    recent: Vec<u32>,
}

impl Preferred<'_> {
    /// Smaller is preferred.
    fn of(&self, script: usize) -> (bool, usize) {
        let other_scene = self.scene != Some(self.index.scenes.of_scripts[script]);
        let used = self.recent.iter().position(|recent| *recent == self.index.ids.of_scripts[script]);
        (other_scene, used.unwrap_or(usize::MAX))
    }
}

#[cfg(test)]
mod tests;
