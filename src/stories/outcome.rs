//! What came otherwise, for people: the place in the file as for any mistake, and below it what
//! happened, moment by moment.

use serde::Serialize;

use crate::files::{Diagnostic, Look, Place, Report, Sources, render as render_diagnostics};

/// What a run of `zhanggui test` brought.
#[derive(Debug, Default, Serialize)]
pub struct Outcome {
    pub stories: usize,
    pub goldens: usize,
    pub failures: Vec<Failure>,
}

/// One story or golden message that came otherwise.
#[derive(Debug, Serialize)]
pub struct Failure {
    #[serde(flatten)]
    pub diagnostic: Diagnostic,
    pub lines: Vec<Line>,
}

/// One line of what happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// `11-21 09:00:00` in the brand's time; empty where nothing happened.
    pub at: String,
    pub mark: Mark,
    /// Chinese.
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// It happened to the bot.
    Event,
    /// The bot did it, as expected.
    Done,
    /// It was expected, and was not done.
    Missing,
    /// It was done, and was not expected.
    Extra,
    /// The bot's own reason.
    Reason,
}

impl Mark {
    fn sign(self) -> &'static str {
        match self {
            Self::Event => " ",
            Self::Done => "=",
            Self::Missing => "-",
            Self::Extra => "+",
            Self::Reason => "?",
        }
    }
}

impl Failure {
    pub(super) fn new(
        sources: &Sources,
        (code, place): (&'static str, Place),
        message: String,
        hint: Option<String>,
        lines: Vec<Line>,
    ) -> Self {
        let mut report = Report::new(&sources.files);
        let diagnostic = report.error(code, place, message);
        diagnostic.hint = hint;
        let diagnostic = diagnostic.clone();
        Self { diagnostic, lines }
    }
}

/// All failures, one paragraph each.
pub fn render(failures: &[Failure], look: Look) -> String {
    let mut text = String::new();
    for failure in failures {
        text.push_str(render_diagnostics(std::slice::from_ref(&failure.diagnostic), look).trim_end());
        text.push_str("\n\n");
        let widest = failure.lines.iter().map(|line| line.at.len()).max().unwrap_or_default();
        for line in &failure.lines {
            text.push_str(&format!("    {:widest$} {} {}\n", line.at, line.mark.sign(), line.text));
        }
        text.push('\n');
    }
    if failures.iter().any(|failure| failure.lines.iter().any(|line| line.mark == Mark::Missing)) {
        text.push_str("- 该做没做　+ 不该做却做了　= 和预想的一样　? 当时的判断\n\n");
    }
    text
}
