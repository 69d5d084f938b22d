//! One mistake, with everything that a person, an editor or a CI needs to find it.

use std::ops::Range;

use serde::Serialize;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The files cannot be used.
    Error,
    /// They can, but hardly as meant.
    Warning,
    /// They are good; something is worth knowing.
    Note,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    pub severity: Severity,
    /// Stable, kebab-case.
    pub code: &'static str,
    /// The path as people call it.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    pub end_line: usize,
    /// The column after the last character.
    pub end_column: usize,
    /// In bytes of the file's text.
    #[serde(skip)]
    pub span: Range<usize>,
    /// The line as it stands in the file; `None` where it may hold a secret or there is no file.
    #[serde(skip)]
    pub excerpt: Option<Excerpt>,
    /// What is wrong, a Chinese sentence without the final stop.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// The first line of what is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    pub text: String,
    /// What is wrong in it, in bytes.
    pub span: Range<usize>,
}

/// One line, for logs: `config/profiles/vip.toml:3:1 未知的键 …（…）`.
impl std::fmt::Display for Diagnostic {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}:{}:{} {}", self.file, self.line, self.column, self.message)?;
        self.hint.as_ref().map_or(Ok(()), |hint| write!(formatter, "（{hint}）"))
    }
}

impl Diagnostic {
    /// A mistake of a file as a whole, or of one that does not exist.
    pub fn of_file(
        severity: Severity,
        code: &'static str,
        path: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            severity,
            code,
            file: path.into(),
            line: 1,
            column: 1,
            end_line: 1,
            end_column: 1,
            span: 0..0,
            excerpt: None,
            message: message.into(),
            hint: None,
        }
    }

    pub fn hint(&mut self, hint: impl Into<String>) -> &mut Self {
        self.hint = Some(hint.into());
        self
    }

    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// `config/stores.toml:12:3`
    pub fn position(&self) -> String {
        format!("{}:{}:{}", self.file, self.line, self.column)
    }
}
