//! From single verdicts to the figures that people compare.

use std::collections::BTreeMap;

use serde::Serialize;

use super::measure::{ACT_FROM, ASK_FROM, Judge, Judged, Judges, Measured, Worst};

/// The advertisements and the honest messages of MIX: chat and reviews, by source. Sources of short messages to
/// one person are left out: among their honest rows are advertisements.
pub const MIX_ADS: [&str; 2] = ["charm", "qqmc"];
pub const MIX_HONEST: [&str; 7] = ["qqmc", "lccc", "kdconv", "charm", "nus", "shop", "waimai"];

/// The shares of honest messages that are flagged, at which recall is told.
pub const SHARES: [f64; 3] = [1e-2, 1e-3, 1e-4];

/// Hand-written talk of shops, and what in it only staff may say.
const PROBE: &str = "probe";
const OWNER_PROMOTION: &str = "owner_promo";

/// Everything that was measured in one run.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Verdicts at the shipped thresholds over all rows: acted, and acted or asked.
    pub act: Outcome,
    pub ask: Outcome,
    pub sources: BTreeMap<String, Counts>,
    /// By source and category.
    pub categories: BTreeMap<String, Counts>,
    pub mix: Vec<MixLine>,
    pub probe: Option<Probe>,
    pub evaded: Vec<Evaded>,
    pub flagged: Vec<Worst>,
    pub missed: Vec<Worst>,
}

/// Verdicts at one threshold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Outcome {
    pub precision: f64,
    pub recall: f64,
    pub f1: f64,
    pub false_alarms_per_1000: f64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    pub ads: usize,
    pub ads_acted: usize,
    /// Acted or asked.
    pub ads_asked: usize,
    pub honest: usize,
    pub honest_acted: usize,
    pub honest_asked: usize,
}

/// Recall of one judge where it flags this share of the honest messages of MIX.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MixLine {
    pub judge: &'static str,
    pub share: f64,
    pub threshold: f32,
    pub recall: f64,
    /// By source, for all sources with advertisements.
    pub recalls: BTreeMap<String, f64>,
    pub probe_recall: Option<f64>,
    pub probe_alarms: Option<usize>,
}

/// The probe at the shipped thresholds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Probe {
    pub talk: Counts,
    /// What the shop itself posts, as if a stranger had.
    pub owner: Counts,
}

/// Disguised copies of advertisements, beside the advertisements as they were.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evaded {
    pub trick: String,
    pub copies: usize,
    /// Share of the copies over the share of their parents that is found: at the shipped threshold to ask, and
    /// where the perceiver flags one honest message of MIX in 1 000.
    pub at_ask: f64,
    pub at_mix: f64,
}

impl Counts {
    fn add(&mut self, judged: &Judged) {
        let weight = judged.scores[0];
        let (acted, asked) = (usize::from(weight >= ACT_FROM), usize::from(weight >= ASK_FROM));
        match judged.is_ad {
            Some(true) => {
                self.ads += 1;
                self.ads_acted += acted;
                self.ads_asked += asked;
            }
            Some(false) => {
                self.honest += 1;
                self.honest_acted += acted;
                self.honest_asked += asked;
            }
            None => {}
        }
    }
}

impl Outcome {
    fn new(found: usize, ads: usize, alarms: usize, honest: usize) -> Self {
        let (precision, recall) = (share(found, found + alarms), share(found, ads));
        let sum = precision + recall;
        let f1 = if sum > 0.0 { 2.0 * precision * recall / sum } else { 0.0 };
        Self { precision, recall, f1, false_alarms_per_1000: 1000.0 * share(alarms, honest) }
    }
}

/// 0 of nothing.
fn share(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}

/// Figures of all rows; disguised copies come with [`EvadedCounts`].
pub fn report(measured: &Measured, judges: &Judges, evaded: &EvadedCounts) -> Report {
    let mut all = Counts::default();
    let mut sources: BTreeMap<String, Counts> = BTreeMap::new();
    let mut categories: BTreeMap<String, Counts> = BTreeMap::new();
    let mut probe = Probe::default();
    for judged in &measured.judged {
        let group = measured.group(judged);
        all.add(judged);
        sources.entry(group.source.clone()).or_default().add(judged);
        categories.entry(format!("{} / {}", group.source, group.category)).or_default().add(judged);
        if group.source == PROBE {
            let part = if group.category == OWNER_PROMOTION { &mut probe.owner } else { &mut probe.talk };
            part.add(judged);
        }
    }
    Report {
        act: Outcome::new(all.ads_acted, all.ads, all.honest_acted, all.honest),
        ask: Outcome::new(all.ads_asked, all.ads, all.honest_asked, all.honest),
        probe: sources.contains_key(PROBE).then_some(probe),
        sources,
        categories,
        mix: mix(measured, judges),
        evaded: evaded.lines(mix_threshold(measured, Judge::Perceiver, SHARES[1])),
        flagged: measured.flagged.clone(),
        missed: measured.missed.clone(),
    }
}

/// The table of thresholds; empty when the rows hold no honest message of MIX.
pub fn mix(measured: &Measured, judges: &Judges) -> Vec<MixLine> {
    let judges = Judge::ALL.into_iter().filter(|&judge| judges.has(judge));
    judges
        .flat_map(|judge| SHARES.map(|share| (judge, share)))
        .filter_map(|(judge, share)| {
            Some(mix_line(measured, judge, share, mix_threshold(measured, judge, share)?))
        })
        .collect()
}

/// The score above which this share of the honest messages of MIX lies.
pub fn mix_threshold(measured: &Measured, judge: Judge, share: f64) -> Option<f32> {
    let mut scores: Vec<f32> = measured
        .judged
        .iter()
        .filter(|judged| judged.is_ad == Some(false))
        .filter(|judged| MIX_HONEST.contains(&&*measured.group(judged).source))
        .map(|judged| judged.scores[judge as usize])
        .collect();
    scores.sort_by(|a, b| b.total_cmp(a));
    scores.get((scores.len() as f64 * share) as usize).copied()
}

fn mix_line(measured: &Measured, judge: Judge, share_of_honest: f64, threshold: f32) -> MixLine {
    let mut by_source: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut alarms = 0;
    for judged in &measured.judged {
        let group = measured.group(judged);
        let above = judged.scores[judge as usize] > threshold;
        if judged.is_ad == Some(true) {
            let (found, all) = by_source.entry(&group.source).or_default();
            *found += usize::from(above);
            *all += 1;
        } else if group.source == PROBE && group.category != OWNER_PROMOTION {
            alarms += usize::from(above);
        }
    }
    let (found, all) = MIX_ADS
        .iter()
        .filter_map(|source| by_source.get(source))
        .fold((0, 0), |(found, all), (more_found, more)| (found + more_found, all + more));
    let probe = by_source.get(PROBE).map(|&(found, all)| share(found, all));
    MixLine {
        judge: judge.name(),
        share: share_of_honest,
        threshold,
        recall: share(found, all),
        recalls: by_source
            .iter()
            .map(|(source, &(found, all))| ((*source).to_owned(), share(found, all)))
            .collect(),
        probe_recall: probe,
        probe_alarms: probe.map(|_| alarms),
    }
}

/// What was found among disguised copies, by trick.
#[derive(Debug, Default)]
pub struct EvadedCounts {
    /// The weights of each copy and of its parent.
    pairs: BTreeMap<String, Vec<(f32, f32)>>,
    /// Copies whose parent is in no file that was read.
    pub orphans: usize,
}

impl EvadedCounts {
    pub fn add(&mut self, trick: &str, parent: Option<&Judged>, weight: f32) {
        match parent {
            Some(parent) => {
                self.pairs.entry(trick.to_owned()).or_default().push((weight, parent.scores[0]));
            }
            None => self.orphans += 1,
        }
    }

    fn lines(&self, mix: Option<f32>) -> Vec<Evaded> {
        let relative = |pairs: &[(f32, f32)], found: &dyn Fn(f32) -> bool| {
            let copies = pairs.iter().filter(|pair| found(pair.0)).count();
            share(copies, pairs.iter().filter(|pair| found(pair.1)).count())
        };
        self.pairs
            .iter()
            .map(|(trick, pairs)| Evaded {
                trick: trick.clone(),
                copies: pairs.len(),
                at_ask: relative(pairs, &|weight| weight >= ASK_FROM),
                at_mix: mix.map_or(0.0, |mix| relative(pairs, &|weight| weight > mix)),
            })
            .collect()
    }
}
