//! What a pass over the material looks like: every message once or more, advertisements also disguised, slots drawn
//! afresh.

use super::corpus::{Corpus, Line, Part};
use super::evasion::{Disguiser, Trick};
use super::learner::Example;
use super::plan::Plan;
use super::random::Random;
use super::rows::Row;
use crate::text::fingerprint;

/// Promotions of the shop itself: honest only because staff says them, so the text teaches nothing.
const OWNER: &str = "owner";

/// Everything that a model is trained on.
#[derive(Debug)]
pub struct Material<'a> {
    items: Vec<Item<'a>>,
    corpus: &'a Corpus,
    disguiser: Disguiser,
    plan: &'a Plan,
}

#[derive(Clone, Copy, Debug)]
enum Item<'a> {
    Row(&'a Row),
    Line(Part, &'a Line),
}

impl Item<'_> {
    fn is_ad(&self) -> bool {
        match self {
            Self::Row(row) => row.is_ad,
            Self::Line(part, _) => *part == Part::Ads,
        }
    }

    fn text(&self) -> &str {
        match self {
            Self::Row(row) => &row.text,
            Self::Line(_, line) => &line.text,
        }
    }

    /// Which of so many folds a message belongs to, whatever else is in the material.
    fn fold(&self, folds: usize) -> usize {
        (fingerprint(self.text()) % folds.max(1) as u64) as usize
    }
}

/// Which messages take part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chosen {
    All,
    /// All but one of so many folds.
    Without {
        fold: usize,
        of: usize,
    },
    /// That fold alone.
    Only {
        fold: usize,
        of: usize,
    },
}

impl Chosen {
    fn holds(self, item: &Item<'_>) -> bool {
        match self {
            Self::All => true,
            Self::Without { fold, of } => item.fold(of) != fold,
            Self::Only { fold, of } => item.fold(of) == fold,
        }
    }
}

impl<'a> Material<'a> {
    pub fn new(rows: &'a [Row], corpus: &'a Corpus, plan: &'a Plan) -> Self {
        let chat = corpus.chat.iter().filter(|line| !line.family.starts_with(OWNER));
        let items: Vec<Item<'a>> = rows
            .iter()
            .map(Item::Row)
            .chain(corpus.ads.iter().map(|line| Item::Line(Part::Ads, line)))
            .chain(chat.map(|line| Item::Line(Part::Chat, line)))
            .collect();
        let disguiser = Disguiser::new(items.iter().map(Item::text));
        Self { items, corpus, disguiser, plan }
    }

    /// The examples of one pass, in an order by chance.
    pub fn pass(&self, nth: usize, chosen: Chosen) -> Vec<Example> {
        let mut random = Random::for_part(self.plan.seed, &format!("pass {nth}"));
        let mut examples = Vec::new();
        for item in self.items.iter().filter(|item| chosen.holds(item)) {
            self.add(item, &mut random, &mut examples);
        }
        random.shuffle(&mut examples);
        examples
    }

    /// The messages as they are, each once, with what they are: to measure on.
    pub fn plain(&self, chosen: Chosen) -> Vec<Plain> {
        let mut random = Random::for_part(self.plan.seed, "plain");
        let items = self.items.iter().filter(|item| chosen.holds(item));
        items
            .map(|item| {
                let noisy = matches!(item, Item::Row(row) if self.plan.noisy.contains(&row.source));
                Plain { example: Example::new(&self.draw(item, &mut random), item.is_ad(), 1.0), noisy }
            })
            .collect()
    }

    fn draw(&self, item: &Item<'_>, random: &mut Random) -> String {
        match item {
            Item::Row(row) => row.text.clone(),
            Item::Line(_, line) => self.corpus.draw(line, random),
        }
    }

    fn add(&self, item: &Item<'_>, random: &mut Random, examples: &mut Vec<Example>) {
        let share = match item {
            Item::Row(row) if self.plan.noisy.contains(&row.source) => &self.plan.noisy_rows,
            Item::Row(row) if row.is_ad => &self.plan.ad_rows,
            Item::Row(_) => &self.plan.chat_rows,
            Item::Line(Part::Ads, _) => &self.plan.ad_lines,
            Item::Line(Part::Chat, _) => &self.plan.chat_lines,
        };
        let tricks: &[Trick] = if item.is_ad() { &Trick::TAUGHT } else { &Trick::HONEST };
        let drawn = if item.text().contains("{{") { share.draws } else { 1 };
        for _ in 0..drawn {
            examples.push(Example::new(&self.draw(item, random), item.is_ad(), share.weight));
        }
        for _ in 0..share.disguised / 100 + usize::from(random.percent(share.disguised % 100)) {
            let trick = random.choose(tricks).copied().unwrap_or(Trick::Spaces);
            let text = self.disguiser.apply(trick, &self.draw(item, random), random);
            examples.push(Example::new(&text, item.is_ad(), share.disguised_weight));
        }
    }
}

/// A message as it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Plain {
    pub example: Example,
    /// Its label is often wrong: nothing is measured on it.
    pub noisy: bool,
}
