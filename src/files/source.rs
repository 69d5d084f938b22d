//! Files in memory, and places in them.

use std::ops::{Deref, Range};
use std::sync::Arc;

use jiff::Timestamp;

use super::{Diagnostic, MediaSource};

/// A UTF-8 byte order mark, as some editors write at the start; the TOML parser skips it.
pub(super) const BYTE_ORDER_MARK: char = '\u{feff}';

/// One file that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// Where it stands in the tree, always with `/`: `config/groups/dealers.toml`,
    /// `bot-scripts/welcome/new.toml`. Decides what kind of file it is.
    pub name: String,
    /// Where it was read from, as people call it.
    pub path: String,
    /// Shared, so that a file that did not change is the same text in every reading.
    pub text: Arc<str>,
}

impl SourceFile {
    /// A file whose path is its name.
    pub fn new(name: impl Into<String>, text: impl Into<Arc<str>>) -> Self {
        let name = name.into();
        Self { path: name.clone(), name, text: text.into() }
    }
}

/// Everything that a reading of the folders brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    /// Sorted by name.
    pub files: Vec<SourceFile>,
    /// Files beside the scripts, sorted by name.
    pub media: Vec<MediaSource>,
    /// What could not be read at all.
    pub problems: Vec<Diagnostic>,
    /// When they are judged; without it nothing is called expired. A bot starts without it: it must not
    /// stay down because a day has passed.
    pub now: Option<Timestamp>,
}

impl Sources {
    pub fn new(mut files: Vec<SourceFile>) -> Self {
        files.sort_by(|one, other| one.name.cmp(&other.name));
        Self { files, ..Self::default() }
    }

    /// The same, judged at this moment.
    pub fn at(self, now: Timestamp) -> Self {
        Self { now: Some(now), ..self }
    }
}

/// A span of bytes in one of the sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Index into [`Sources::files`].
    pub(super) file: usize,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Place {
    pub fn new(file: usize, span: Range<usize>) -> Self {
        Self { file, start: span.start, end: span.end }
    }

    /// The beginning of a file: for what is missing in it.
    pub fn start_of(file: usize) -> Self {
        Self { file, start: 0, end: 0 }
    }

    /// A part of this place; offsets count from its start.
    pub fn part(self, span: Range<usize>) -> Self {
        Self { file: self.file, start: self.start + span.start, end: self.start + span.end }
    }

    pub fn file(self) -> usize {
        self.file
    }
}

/// A value and where it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct At<T> {
    pub value: T,
    pub place: Place,
}

impl<T> Deref for At<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// Where the lines of a text begin.
#[derive(Clone, Debug)]
pub(super) struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    pub fn of(text: &str) -> Self {
        let after_breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Self { starts: std::iter::once(0).chain(after_breaks).collect() }
    }

    /// Line and column, both from 1; the column counts characters. An offset beyond the end or
    /// inside a character counts as the nearest one before it.
    pub fn position(&self, text: &str, offset: usize) -> (usize, usize) {
        let offset = text.floor_char_boundary(offset);
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts[line - 1];
        let before = text.get(start..offset).unwrap_or_default();
        (line, before.trim_start_matches(BYTE_ORDER_MARK).chars().count() + 1)
    }

    /// The bytes of a line, from 1, without its line break.
    pub fn span(&self, text: &str, line: usize) -> Range<usize> {
        let start = self.starts.get(line.saturating_sub(1)).copied().unwrap_or(text.len());
        let end = self.starts.get(line).copied().unwrap_or(text.len());
        start..start + text[start..end].trim_end_matches(['\n', '\r']).len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_columns_in_characters() {
        let text = "名 = 1\r\nb = “x”\n";
        let lines = Lines::of(text);
        assert_eq!(lines.position(text, 0), (1, 1));
        assert_eq!(lines.position(text, 3), (1, 2));
        assert_eq!(lines.position(text, 4), (1, 3));
        assert_eq!(lines.position(text, text.find('“').expect("a quote")), (2, 5));
        assert_eq!(lines.position(text, 9999), (3, 1));
        assert_eq!(&text[lines.span(text, 1)], "名 = 1");
        assert_eq!(&text[lines.span(text, 2)], "b = “x”");
        assert_eq!(&text[lines.span(text, 3)], "");
    }

    #[test]
    fn a_byte_order_mark_takes_no_column() {
        let text = "\u{feff}a = 1";
        assert_eq!(Lines::of(text).position(text, 3), (1, 1));
    }
}
