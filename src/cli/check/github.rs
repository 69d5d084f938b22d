//! Diagnostics as workflow commands: GitHub (and Gitea, Forgejo) shows them beside the changed lines.

use crate::files::{Diagnostic, Severity};

/// `::error file=…,line=…,col=…,title=…::…`, a line for each.
pub fn github(diagnostics: &[Diagnostic]) -> String {
    diagnostics.iter().map(command).collect()
}

fn command(diagnostic: &Diagnostic) -> String {
    let level = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let Diagnostic { line, column, .. } = diagnostic;
    let (file, title) = (property(&diagnostic.file), property(diagnostic.code));
    let hint = diagnostic.hint.iter().map(|hint| format!("\n建议: {hint}")).collect::<String>();
    let message = data(&format!("{}{hint}", diagnostic.message));
    format!("::{level} file={file},line={line},col={column},title={title}::{message}\n")
}

/// A message is one line.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Commas and colons end a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_message_ends_it() {
        let mut diagnostic =
            Diagnostic::of_file(Severity::Note, "compliance/x", "bot-scripts/a,b:c.toml", "100%纯::\r\n天然");
        diagnostic.hint("一\n二");
        assert_eq!(
            github(&[diagnostic]),
            "::notice file=bot-scripts/a%2Cb%3Ac.toml,line=1,col=1,title=compliance/x::\
             100%25纯::%0D%0A天然%0A建议: 一%0A二\n"
        );
    }
}
