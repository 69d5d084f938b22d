//! PURE. Makes the classifier's model: labelled messages and the project's own corpus → bytes.
//!
//! The same material and the same [`Plan`] give the same bytes on every run of one program on one kind of machine
//! (exponentials come from the system's library). Files are read by the command
//! (`zhanggui train`); this room sees their contents.

mod calibrate;
mod corpus;
pub mod evasion;
mod learner;
mod material;
mod plan;
mod random;
mod rows;

pub use corpus::{Corpus, Line, Part};
pub use learner::{Example, Learner, Weights};
pub use material::{Chosen, Material, Plain};
pub use plan::{Plan, Share};
pub use random::Random;
pub use rows::{Mistakes, Row, read_rows, read_table, unescaped};

use crate::perception::classifier::{Calibration, Model, SLOTS};
use crate::perception::learned::Ordinary;

/// Trains on everything and calibrates on what the models of the folds had not seen. `told` hears how far it is.
pub fn train(rows: &[Row], corpus: &Corpus, plan: &Plan, mut told: impl FnMut(&str)) -> Model {
    let material = Material::new(rows, corpus, plan);
    let mut seen = Vec::new();
    for fold in 0..plan.folds {
        told(&format!("fold {} of {}", fold + 1, plan.folds));
        let weights = learn(&material, plan, Chosen::Without { fold, of: plan.folds });
        let held_out = material.plain(Chosen::Only { fold, of: plan.folds });
        let model = quantised(&weights, plan, calibrate::NONE);
        seen.extend(held_out.iter().filter(|plain| !plain.noisy).map(|plain| calibrate::Seen {
            logit: plain.example.score_by(&model),
            is_ad: plain.example.is_ad(),
        }));
    }
    told("all");
    let weights = learn(&material, plan, Chosen::All);
    quantised(&weights, plan, calibrate::calibrate(seen))
}

/// In how many honest messages each gram stands, of the same material.
pub fn ordinary(rows: &[Row], corpus: &Corpus, plan: &Plan) -> Ordinary {
    let mut counts = vec![0; SLOTS];
    for plain in Material::new(rows, corpus, plan).plain(Chosen::All) {
        if !plain.example.is_ad() {
            plain.example.slots().into_iter().for_each(|slot| counts[slot] += 1);
        }
    }
    Ordinary::of_counts(&counts)
}

fn learn(material: &Material<'_>, plan: &Plan, chosen: Chosen) -> Weights {
    let mut learner = Learner::new(plan);
    for nth in 0..plan.passes {
        learner.pass(&material.pass(nth, chosen), nth + plan.counted >= plan.passes);
    }
    learner.finish()
}

/// Rounds to bytes; what few weights would need a wider range is cut.
fn quantised(weights: &Weights, plan: &Plan, calibration: Calibration) -> Model {
    let mut sizes: Vec<f32> =
        weights.table.iter().map(|weight| weight.abs()).filter(|&size| size > 0.0).collect();
    sizes.sort_by(f32::total_cmp);
    let last = sizes.len().saturating_sub(1);
    let range = sizes.get((last as f32 * plan.cut_at) as usize).copied().unwrap_or(1.0);
    Model::quantised(&weights.table, range, weights.bias, weights.flags, calibration)
}

#[cfg(test)]
mod tests;
