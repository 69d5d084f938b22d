//! Named findings: why something was done, or was not.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// One finding of one feature. `code` is stable and for machines, `text` is Chinese and for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    pub feature: Cow<'static, str>,
    pub code: Cow<'static, str>,
    pub text: String,
}

impl Reason {
    pub fn new(feature: &'static str, code: &'static str, text: impl Into<String>) -> Self {
        Self { feature: feature.into(), code: code.into(), text: text.into() }
    }
}
