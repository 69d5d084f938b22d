//! The collector of mistakes: reading never stops at one.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use super::source::{BYTE_ORDER_MARK, Lines};
use super::{Diagnostic, Excerpt, Place, Severity, SourceFile, TableSpec};

/// Knows the sources, so that a [`Place`] is enough to report a mistake.
#[derive(Debug)]
pub struct Report<'s> {
    files: &'s [SourceFile],
    lines: Vec<OnceCell<Lines>>,
    diagnostics: Vec<Diagnostic>,
    /// Files with syntax errors: parts of them may not have been read.
    broken: BTreeSet<usize>,
    /// The file that may hold secrets by mistake, and what it may hold.
    confidential: Option<(usize, &'static TableSpec)>,
}

/// What was told of one file or of a part of it, to be told again as long as that stays the same.
#[derive(Clone, Debug, Default)]
pub struct Remarks {
    diagnostics: Vec<Diagnostic>,
    broken: bool,
}

/// The code of every syntax error.
const SYNTAX: &str = "syntax";

impl<'s> Report<'s> {
    pub fn new(files: &'s [SourceFile]) -> Self {
        let lines = files.iter().map(|_| OnceCell::new()).collect();
        Self { files, lines, diagnostics: Vec::new(), broken: BTreeSet::new(), confidential: None }
    }

    pub fn error(&mut self, code: &'static str, place: Place, message: impl Into<String>) -> &mut Diagnostic {
        self.add(Severity::Error, code, place, message.into())
    }

    pub fn warning(
        &mut self,
        code: &'static str,
        place: Place,
        message: impl Into<String>,
    ) -> &mut Diagnostic {
        self.add(Severity::Warning, code, place, message.into())
    }

    pub fn note(&mut self, code: &'static str, place: Place, message: impl Into<String>) -> &mut Diagnostic {
        self.add(Severity::Note, code, place, message.into())
    }

    /// An empty report on the same files, for a part of the work.
    pub fn aside(&self) -> Self {
        Self { broken: self.broken.clone(), confidential: self.confidential, ..Self::new(self.files) }
    }

    /// Takes out all that was told, which must be of this file alone.
    pub fn take_remarks(&mut self, file: usize) -> Remarks {
        Remarks { diagnostics: std::mem::take(&mut self.diagnostics), broken: self.is_broken(file) }
    }

    /// Tells of this file what was told of it elsewhere or before.
    pub fn repeat(&mut self, file: usize, remarks: &Remarks) {
        self.diagnostics.extend_from_slice(&remarks.diagnostics);
        if remarks.broken {
            self.broken.insert(file);
        }
    }

    /// A mistake of a file that was not read or does not exist.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// From now on, lines of this file are shown only as far as they surely hold no secret:
    /// somebody may have written one in clear, also under a misspelled key.
    pub fn keep_secrets_of(&mut self, file: usize, spec: &'static TableSpec) {
        self.confidential = Some((file, spec));
    }

    pub(super) fn syntax(&mut self, place: Place, message: impl Into<String>) -> &mut Diagnostic {
        self.broken.insert(place.file);
        self.error(SYNTAX, place, message)
    }

    /// Whether parts of this file may be missing because it could not be parsed.
    pub fn is_broken(&self, file: usize) -> bool {
        self.broken.contains(&file)
    }

    /// The text as it stands in the file.
    pub fn text(&self, place: Place) -> &'s str {
        self.files.get(place.file).and_then(|file| file.text.get(place.start..place.end)).unwrap_or_default()
    }

    /// Where the file of this place stands in the tree: `bot-scripts/welcome/a.toml`.
    pub fn file_name(&self, place: Place) -> &'s str {
        self.files.get(place.file).map_or("", |file| file.name.as_str())
    }

    /// `config/stores.toml:12`, for people.
    pub fn locate(&self, place: Place) -> String {
        let Some(file) = self.files.get(place.file) else { return String::new() };
        format!("{}:{}", file.name, self.position(place.file, place.start).0)
    }

    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }

    /// How many errors there are so far.
    pub fn errors(&self) -> usize {
        self.diagnostics.iter().filter(|one| one.is_error()).count()
    }

    /// All mistakes, in the order of files and lines. What a syntax error drags along on its own
    /// line is left out, and so is what an inherited mistake says again.
    pub fn finish(mut self) -> Vec<Diagnostic> {
        let syntax: BTreeSet<(String, usize)> = self
            .diagnostics
            .iter()
            .filter(|one| one.code == SYNTAX)
            .map(|one| (one.file.clone(), one.line))
            .collect();
        self.diagnostics.retain(|one| one.code == SYNTAX || !syntax.contains(&(one.file.clone(), one.line)));
        self.diagnostics.sort_by(|one, other| {
            (&one.file, one.line, one.column).cmp(&(&other.file, other.line, other.column))
        });
        self.diagnostics.dedup();
        self.diagnostics
    }

    fn add(
        &mut self,
        severity: Severity,
        code: &'static str,
        place: Place,
        message: String,
    ) -> &mut Diagnostic {
        let end = place.end.max(place.start);
        let (line, column) = self.position(place.file, place.start);
        let (end_line, end_column) = self.position(place.file, end);
        let file = self.files.get(place.file).map(|file| file.path.clone()).unwrap_or_default();
        let excerpt = self.excerpt(place, line);
        self.diagnostics.push(Diagnostic {
            severity,
            code,
            file,
            line,
            column,
            end_line,
            end_column,
            span: place.start..end,
            excerpt,
            message,
            hint: None,
        });
        let last = self.diagnostics.len() - 1;
        &mut self.diagnostics[last]
    }

    fn excerpt(&self, place: Place, line: usize) -> Option<Excerpt> {
        let source = &self.files.get(place.file)?.text;
        let mut span = self.lines.get(place.file)?.get()?.span(source, line);
        let mut text = source.get(span.clone())?;
        // It takes no column, and nobody sees it.
        if let Some(marked) = text.strip_prefix(BYTE_ORDER_MARK) {
            span.start += text.len() - marked.len();
            text = marked;
        }
        if let Some((file, spec)) = self.confidential
            && file == place.file
        {
            text = without_secrets(text, spec)?;
        }
        let within = |offset: usize| text.floor_char_boundary(offset.saturating_sub(span.start));
        Some(Excerpt { text: text.to_owned(), span: within(place.start)..within(place.end) })
    }

    fn position(&self, file: usize, offset: usize) -> (usize, usize) {
        let (Some(source), Some(lines)) = (self.files.get(file), self.lines.get(file)) else { return (1, 1) };
        lines.get_or_init(|| Lines::of(&source.text)).position(&source.text, offset)
    }
}

/// As much of a line as surely holds no secret.
fn without_secrets<'t>(line: &'t str, spec: &TableSpec) -> Option<&'t str> {
    let plain = line.trim_start();
    if plain.starts_with(['[', '#']) {
        return Some(line);
    }
    let (key, value) = line.split_once('=')?;
    let shown = spec.is_open(key.trim()) || only_references(value);
    Some(if shown { line } else { key.trim_end() })
}

/// Nothing but `"env:NAME"` and `"file:PATH"`.
fn only_references(value: &str) -> bool {
    let mut pieces = value.split(['[', ']', ',', '"', ' ', '\t']).filter(|piece| !piece.is_empty());
    pieces.all(|piece| piece.starts_with("env:") || piece.starts_with("file:"))
}
