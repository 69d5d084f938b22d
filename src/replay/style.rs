//! The two looks of a report that people read: plain lines, and Markdown for a merge request.

use std::borrow::Cow;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    Plain,
    Markdown,
}

impl Style {
    pub(super) fn heading(self, level: usize, text: &str) -> String {
        match self {
            Self::Plain => format!("{text}\n"),
            Self::Markdown => format!("{} {text}\n\n", "#".repeat(level)),
        }
    }

    pub(super) fn item(self, text: &str) -> String {
        match self {
            Self::Plain => format!("  {text}\n"),
            Self::Markdown => format!("- {text}\n"),
        }
    }

    pub(super) fn detail(self, text: &str) -> String {
        match self {
            Self::Plain => format!("      {text}\n"),
            Self::Markdown => format!("  - {text}\n"),
        }
    }

    /// What members wrote is data, never markup.
    pub(super) fn data(self, text: &str) -> Cow<'_, str> {
        const MARKUP: &[char] =
            &['\\', '`', '*', '_', '{', '}', '[', ']', '<', '>', '(', ')', '#', '!', '|', '~', '@', '&', '$'];
        if self == Self::Plain || !text.contains(MARKUP) {
            return Cow::Borrowed(text);
        }
        let mut escaped = String::with_capacity(text.len() + 8);
        for letter in text.chars() {
            if MARKUP.contains(&letter) {
                escaped.push('\\');
            }
            escaped.push(letter);
        }
        Cow::Owned(escaped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_members_wrote_is_no_markup() {
        assert_eq!(Style::Markdown.data("*点我* <b> @all"), "\\*点我\\* \\<b\\> \\@all");
        assert_eq!(Style::Plain.data("*点我*"), "*点我*");
        assert_eq!(Style::Markdown.data("在吗"), "在吗");
    }
}
