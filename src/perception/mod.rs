//! PURE. Content → signals, with no memory and no knowledge of the sender.

mod signals;

pub use signals::{Signal, SignalName, Signals};

use crate::text;

/// One phrase of `config/lexicons/*.toml`, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Phrase {
    pub text: String,
    pub category: SignalName,
    /// 0 to 1: how much this phrase alone speaks for an advertisement.
    pub weight: f32,
    /// Longer texts in which the phrase means nothing bad (`第一次` for `第一`).
    pub allow: Vec<String>,
}

/// Sees messages; built once per change of the files, shared by all tasks.
#[derive(Debug, Default)]
pub struct Perceiver {}

impl Perceiver {
    /// Phrases may repeat and may come in any width, case or script; empty ones are ignored.
    pub fn new(_phrases: &[Phrase]) -> Self {
        Self {}
    }

    /// Looks at one message's text.
    pub fn perceive(&self, text: &str) -> Signals {
        let _ = text::fold(text);
        Signals::default()
    }
}
