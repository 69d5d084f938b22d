//! PURE. What people have taught: their verdicts, folded in order into a memory of texts and an overlay of the
//! classifier's weights.
//!
//! The memory knows a taught text again, also disguised or edited a little ([`near`]). The overlay moves the weights
//! of what the text is made of, so that the next wording of the same offer is seen, too ([`overlay`]). Nobody can
//! teach without bound: a text counts once however often it is taught, two people who disagree cancel each
//! other out, and each teacher moves weights by a bounded number of texts.

mod hashing;
mod near;
mod ordinary;
mod overlay;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

pub use near::LETTERS_LOOKED_AT;
pub use ordinary::Ordinary;

use super::classifier::Model;
use crate::text::{Folded, fingerprint, fingerprint_of};
use hashing::Build;
use near::{Key, Near};
use overlay::{Overlay, Pull};

/// So many texts are remembered; the oldest go first. A brand of a thousand groups with ten verdicts a day
/// fills it in 13 years; it takes about 15 MiB then.
pub const TEXTS_AT_MOST: usize = 50_000;

/// So many texts of one teacher move weights, the first ones: what follows is remembered, but teaches nothing new.
/// A moderator needs two hundred to teach a new kind of slang; a stolen account must not go on for ever.
pub const TEXTS_OF_A_TEACHER_AT_MOST: usize = 500;

/// What a person said about one text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lesson<'a> {
    pub text: &'a str,
    pub honest: bool,
    /// Whoever said it; two lessons of one teacher on one text count once, the later one.
    pub teacher: &'a str,
}

/// A taught text that a message is nearly the same as.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Known {
    pub honest: bool,
    /// How much it weighs, 0 to 1.
    pub weight: f32,
}

/// The weight of a known text.
const KNOWN_WEIGHT: f32 = 1.0;

/// The weight of a text that is nearly the same as an honest one, but not letter by letter: somebody may have put their
/// own number behind what was called honest.
const HONEST_COPY_WEIGHT: f32 = 0.5;

/// The weight of a text that is made of everyday words alone and that one person alone called an advertisement:
/// below what it takes to ask a person. It may be a slip, or malice, and such texts are said by everybody.
const EVERYDAY_WEIGHT: f32 = 0.45;

/// Everything that was learned so far. Clones are cheap; a clone that goes on learning copies what it changes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Learned {
    /// What the overlay lies over; without it only texts are remembered.
    base: Option<Arc<Model>>,
    /// The base with the overlay, once there is one.
    model: Option<Arc<Model>>,
    near: Arc<Near>,
    overlay: Arc<Overlay>,
    texts: Arc<HashMap<Key, Text, Build>>,
    /// How many texts of each teacher move weights.
    teachers: Arc<HashMap<u64, usize>>,
}

/// What was said about one text.
#[derive(Clone, Debug, Default, PartialEq)]
struct Text {
    /// The last word of each teacher, by the fingerprint of their id; true for honest.
    votes: Vec<(u64, bool)>,
    everyday: bool,
    /// All letters and digits of the text that was last called honest.
    honest_letters: u64,
    pull: Option<Pull>,
    /// Whose bound the pull counts against.
    pulled_for: u64,
}

impl Text {
    /// What most teachers say; nothing when they are as many.
    fn is_honest(&self) -> Option<bool> {
        let honest = self.votes.iter().filter(|vote| vote.1).count();
        match honest.cmp(&(self.votes.len() - honest)) {
            std::cmp::Ordering::Less => Some(false),
            std::cmp::Ordering::Equal => None,
            std::cmp::Ordering::Greater => Some(true),
        }
    }

    fn known(&self, letters: &[char]) -> Option<Known> {
        let honest = self.is_honest()?;
        let ads = self.votes.iter().filter(|vote| !vote.1).count();
        let is_copy = || fingerprint_of(letters.iter().copied()) != self.honest_letters;
        let weight = match honest {
            true if is_copy() => HONEST_COPY_WEIGHT,
            false if self.everyday && ads < 2 => EVERYDAY_WEIGHT,
            _ => KNOWN_WEIGHT,
        };
        Some(Known { honest, weight })
    }
}

impl Learned {
    /// What a bot knows that nobody has taught anything.
    pub fn nothing() -> &'static Self {
        static NOTHING: LazyLock<Learned> = LazyLock::new(Learned::default);
        &NOTHING
    }

    /// Nothing learned yet, over this model.
    pub fn over(base: Option<Arc<Model>>) -> Self {
        Self { base, ..Self::default() }
    }

    /// The lessons in order, each gone through once.
    pub fn of<'a>(base: Option<Arc<Model>>, lessons: impl IntoIterator<Item = Lesson<'a>>) -> Self {
        let mut learned = Self::over(base);
        learned.teach_all(lessons);
        learned
    }

    /// The model that the overlay lies over.
    pub fn base(&self) -> Option<&Arc<Model>> {
        self.base.as_ref()
    }

    /// The lessons gone through again and again, until each text is told as its teachers say, as far as the bounds
    /// allow; better than one step each, and slower.
    pub fn settled<'a>(base: Option<Arc<Model>>, lessons: &[Lesson<'a>]) -> Self {
        let mut learned = Self::over(base);
        for pass in 0..SETTLING_PASSES {
            lessons.iter().for_each(|&lesson| learned.hear(lesson, pass > 0));
        }
        learned.refresh();
        learned
    }

    /// One more lesson.
    pub fn teach(&mut self, lesson: Lesson<'_>) {
        self.teach_all([lesson]);
    }

    /// More lessons, each gone through once.
    pub fn teach_all<'a>(&mut self, lessons: impl IntoIterator<Item = Lesson<'a>>) {
        lessons.into_iter().for_each(|lesson| self.hear(lesson, false));
        self.refresh();
    }

    /// How many texts are remembered.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// The classifier as it was taught; none while nothing was.
    pub fn model(&self) -> Option<&Arc<Model>> {
        self.model.as_ref()
    }

    /// The taught text that these folded letters are nearly the same as. Allocates nothing when there is none.
    pub fn known(&self, letters: &[char]) -> Option<Known> {
        if self.texts.is_empty() {
            return None;
        }
        let key = self.near.find(letters)?;
        self.texts.get(&key)?.known(letters)
    }

    /// `again`: a text that pulls already may pull more.
    fn hear(&mut self, lesson: Lesson<'_>, again: bool) {
        let seen = Seen::new(lesson.text);
        let Some(key) = Key::of(&seen.all) else { return };
        let teacher = fingerprint(lesson.teacher);
        let texts = Arc::make_mut(&mut self.texts);
        let text = texts.entry(key).or_insert_with(|| Text {
            everyday: Ordinary::shipped().is_everyday(&seen.all),
            ..Text::default()
        });
        text.votes.retain(|vote| vote.0 != teacher);
        text.votes.push((teacher, lesson.honest));
        if lesson.honest {
            text.honest_letters = fingerprint_of(seen.all.iter().copied());
        }
        if let Some(model) = &self.base {
            let (overlay, teachers) = (Arc::make_mut(&mut self.overlay), Arc::make_mut(&mut self.teachers));
            if again || text.pull.map(|pull| pull.honest) != text.is_honest() {
                text.pull_at(overlay, teachers, model, &seen, teacher);
            }
        }
        let forgotten = Arc::make_mut(&mut self.near).add(key, &seen.all);
        if let Some(oldest) = forgotten {
            texts.remove(&oldest);
        }
    }

    /// Lays the overlay over the base.
    fn refresh(&mut self) {
        let Some(base) = &self.base else { return };
        self.model = (!self.overlay.is_empty()).then(|| Arc::new(base.overlaid(self.overlay.changes())));
    }
}

/// How often retraining goes through all lessons; the pulls hardly change any more then.
const SETTLING_PASSES: usize = 5;

impl Text {
    /// Moves the weights to where the votes want them, within the bounds.
    fn pull_at(
        &mut self,
        overlay: &mut Overlay,
        teachers: &mut HashMap<u64, usize>,
        model: &Model,
        seen: &Seen,
        teacher: u64,
    ) {
        let wanted = self.is_honest();
        if let Some(pull) = self.pull.take_if(|pull| wanted != Some(pull.honest)) {
            overlay.release(&seen.symbols, &seen.letters, pull);
            teachers.entry(self.pulled_for).and_modify(|count| *count = count.saturating_sub(1));
        }
        let Some(honest) = wanted else { return };
        let accusers = self.votes.iter().filter(|vote| !vote.1).count();
        if !honest && accusers < 2 && Overlay::is_plain_talk(model, &seen.symbols, &seen.letters) {
            return;
        }
        let count = teachers.entry(teacher).or_default();
        if self.pull.is_none() {
            if *count >= TEXTS_OF_A_TEACHER_AT_MOST {
                return;
            }
            *count += 1;
            self.pulled_for = teacher;
        }
        let before = self.pull.take().unwrap_or(Pull { honest, strength: 0.0 });
        self.pull = Some(overlay.pull(model, &seen.symbols, &seen.letters, before));
    }
}

/// A lesson's text.
struct Seen {
    /// As the memory sees it: all letters.
    all: Vec<char>,
    /// As the overlay sees it: the beginning says what a text is, the rest would thin it out.
    symbols: Vec<char>,
    letters: Vec<char>,
}

impl Seen {
    fn new(text: &str) -> Self {
        let Folded { chars: mut symbols, letters, .. } = Folded::new(text);
        symbols.truncate(overlay::SYMBOLS_AT_MOST);
        let beginning = symbols.iter().copied().filter(|&c| crate::text::is_letter(c)).collect();
        Self { all: letters.chars, symbols, letters: beginning }
    }
}

#[cfg(test)]
mod tests;
