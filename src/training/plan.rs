//! How a training is done. The shipped model's plan is [`Plan::default`].

/// Everything that decides about the result besides the material.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    pub seed: u64,
    /// Passes over the material; the result is the mean of the last `counted`.
    pub passes: usize,
    pub counted: usize,
    /// Length of a step, and the share of a weight that each of its steps takes back.
    pub rate: f32,
    pub decay: f32,
    /// Of 100 grams of a message so many are left out by chance whenever it is learned, so that the weight of an
    /// advertisement lies on all of its words and not on the loudest. Less than 100.
    pub dropout: usize,
    /// So many models are trained without a part of the material each, to calibrate on that part.
    pub folds: usize,
    /// Weights beyond this quantile of their absolute values (among those that are not 0) are cut to it.
    pub cut_at: f32,
    /// Sources whose labels are often wrong: they count less, and nothing is calibrated on them.
    pub noisy: Vec<String>,
    pub noisy_rows: Share,
    pub ad_rows: Share,
    pub chat_rows: Share,
    pub ad_lines: Share,
    pub chat_lines: Share,
}

/// How often a message of one kind takes part in a pass, and how much it counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Share {
    pub weight: f32,
    /// How often a line with slots is drawn; without slots once.
    pub draws: usize,
    /// Disguised copies of 100 messages.
    pub disguised: usize,
    pub disguised_weight: f32,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            seed: 20_261_122,
            passes: 28,
            counted: 14,
            rate: 0.25,
            decay: 0.0,
            dropout: 25,
            folds: 3,
            cut_at: 0.9995,
            noisy: vec!["msglog".to_owned()],
            noisy_rows: Share { weight: 0.7, draws: 1, disguised: 30, disguised_weight: 0.5 },
            ad_rows: Share { weight: 1.0, draws: 1, disguised: 400, disguised_weight: 0.5 },
            chat_rows: Share { weight: 1.0, draws: 1, disguised: 5, disguised_weight: 1.0 },
            ad_lines: Share { weight: 1.0, draws: 2, disguised: 400, disguised_weight: 0.5 },
            chat_lines: Share { weight: 2.0, draws: 2, disguised: 20, disguised_weight: 1.0 },
        }
    }
}
