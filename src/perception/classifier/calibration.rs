//! What a logit means: a weight for the judge, and a probability for people.

/// Measured on messages that the model was not trained on; part of the model's file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Calibration {
    /// Four honest messages in 1 000 have at least this logit, lines written to be hard among them.
    pub ask: f32,
    /// Three in 20 000 of the same have at least this logit; above `ask`.
    pub act: f32,
    /// Probability = 1 / (1 + exp(-(slope × logit + offset))), after Platt.
    pub slope: f32,
    pub offset: f32,
}

/// The weight at which a message is taken for an advertisement without further signals.
const ACT_WEIGHT: f32 = 1.0;
/// The weight at which a person is asked.
const ASK_WEIGHT: f32 = 0.5;

impl Calibration {
    /// 1.0 from the threshold to act, 0.5 at the threshold to ask, in between and below on one line down to 0.
    pub fn weight_of(&self, logit: f32) -> f32 {
        let rise = (logit - self.ask) / (self.act - self.ask);
        (ASK_WEIGHT + rise * (ACT_WEIGHT - ASK_WEIGHT)).clamp(0.0, ACT_WEIGHT)
    }

    /// How probable an advertisement is among the messages that the calibration was made with, 0 to 1.
    pub fn probability(&self, logit: f32) -> f32 {
        1.0 / (1.0 + (-(self.slope * logit + self.offset)).exp())
    }

    /// A calibration that could have been measured.
    pub fn is_sound(&self) -> bool {
        let all = [self.ask, self.act, self.slope, self.offset];
        all.iter().all(|value| value.is_finite()) && self.ask < self.act && self.slope > 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALIBRATION: Calibration = Calibration { ask: 1.0, act: 3.0, slope: 1.0, offset: -1.0 };

    #[test]
    fn weights_follow_the_contract() {
        for (logit, weight) in
            [(-9.0, 0.0), (-1.0, 0.0), (0.0, 0.25), (1.0, 0.5), (2.0, 0.75), (3.0, 1.0), (99.0, 1.0)]
        {
            assert_eq!(CALIBRATION.weight_of(logit), weight, "{logit}");
        }
    }

    #[test]
    fn probabilities_rise_from_zero_to_one() {
        assert_eq!(CALIBRATION.probability(1.0), 0.5);
        assert!(CALIBRATION.probability(-50.0) < 1e-6);
        assert!(CALIBRATION.probability(50.0) > 1.0 - 1e-6);
    }

    #[test]
    fn odd_calibrations_are_not_sound() {
        assert!(CALIBRATION.is_sound());
        assert!(!Calibration { act: 1.0, ..CALIBRATION }.is_sound());
        assert!(!Calibration { slope: f32::NAN, ..CALIBRATION }.is_sound());
    }
}
