//! From logits of messages that a model had not seen to thresholds and probabilities.

use crate::perception::classifier::Calibration;

/// A message that was held out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Seen {
    pub logit: f32,
    pub is_ad: bool,
}

/// The share of honest messages at which a person is asked, among what people said and the lines that were written
/// to be hard: what people said in the training is milder than reviews and groups of shops. Of dialogues alone (`lccc` and
/// `kdconv` of the development rows) less than one in 1 000 then lies above.
const ASK_SHARE: f64 = 4e-3;

/// The share of the same messages at which the bot acts. Of open chat less than one in 10 000 then lies above.
const ACT_SHARE: f64 = 1.5e-4;

/// With fewer honest messages the rarest of them say nothing, and the thresholds stay where they are.
const HONEST_AT_LEAST: usize = 1_000;

/// Newton steps of Platt's fit; it is done long before.
const STEPS: usize = 50;

/// A calibration for logits as they are.
pub(super) const NONE: Calibration = Calibration { ask: 0.0, act: 2.0, slope: 1.0, offset: 0.0 };

/// Thresholds between the honest messages with the highest logits; probabilities after Platt (1999).
pub(super) fn calibrate(seen: Vec<Seen>) -> Calibration {
    let honest = falling(seen.iter().filter(|seen| !seen.is_ad));
    if honest.len() < HONEST_AT_LEAST || honest.len() == seen.len() {
        return NONE;
    }
    let (slope, offset) = platt(&seen);
    let (ask, act) = (above(&honest, ASK_SHARE), above(&honest, ACT_SHARE));
    let calibration = Calibration { ask, act, slope, offset };
    if calibration.is_sound() { calibration } else { NONE }
}

/// Their logits, the highest first.
fn falling<'a>(seen: impl Iterator<Item = &'a Seen>) -> Vec<f32> {
    let mut logits: Vec<f32> = seen.map(|seen| seen.logit).collect();
    logits.sort_by(|a, b| b.total_cmp(a));
    logits
}

/// The logit that this share of them lies above.
fn above(falling: &[f32], share: f64) -> f32 {
    falling[((falling.len() as f64 * share) as usize).min(falling.len() - 1)]
}

/// Slope and offset with the greatest likelihood, by Newton's method.
fn platt(seen: &[Seen]) -> (f32, f32) {
    let (mut slope, mut offset) = (1.0_f64, 0.0_f64);
    for _ in 0..STEPS {
        let (mut first, mut second) = ([0.0; 2], [1e-6, 0.0, 1e-6]);
        for message in seen {
            let logit = f64::from(message.logit);
            let chance = 1.0 / (1.0 + (-(slope * logit + offset)).exp());
            let error = chance - f64::from(u8::from(message.is_ad));
            let spread = chance * (1.0 - chance);
            first = [first[0] + error * logit, first[1] + error];
            second = [second[0] + spread * logit * logit, second[1] + spread * logit, second[2] + spread];
        }
        let determinant = second[0] * second[2] - second[1] * second[1];
        slope -= (second[2] * first[0] - second[1] * first[1]) / determinant;
        offset -= (second[0] * first[1] - second[1] * first[0]) / determinant;
    }
    (slope as f32, offset as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen() -> Vec<Seen> {
        let seen = |logit, is_ad| Seen { logit, is_ad };
        let honest = (0..20_000).map(|nth| seen(nth as f32 / 10_000.0 - 2.0, false));
        let ads = (0..2_000).map(|nth| seen(nth as f32 / 1_000.0 - 0.5, true));
        honest.chain(ads).collect()
    }

    #[test]
    fn thresholds_leave_their_share_of_honest_messages_above() {
        let calibration = calibrate(seen());
        let above = |threshold| seen().iter().filter(|seen| !seen.is_ad && seen.logit > threshold).count();
        assert_eq!((above(calibration.ask), above(calibration.act)), (80, 2), "never more than their share");
    }

    #[test]
    fn probabilities_add_up_to_the_number_of_ads() {
        let calibration = calibrate(seen());
        let sum: f32 = seen().iter().map(|seen| calibration.probability(seen.logit)).sum();
        assert!((sum - 2_000.0).abs() < 20.0, "{sum}");
    }

    #[test]
    fn too_little_material_calibrates_nothing() {
        assert_eq!(calibrate(Vec::new()), NONE);
        assert_eq!(calibrate(seen()[..5_000].to_vec()), NONE);
    }
}
