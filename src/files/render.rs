//! Mistakes as people read them: the sentence, the place, the line with a mark under it, the hint.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::{Diagnostic, Severity};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// For files, pipes and tests.
    Plain,
    /// For terminals.
    Coloured,
}

/// All diagnostics in their order, one paragraph each.
pub fn render(diagnostics: &[Diagnostic], look: Look) -> String {
    let renderer = match look {
        Look::Plain => Renderer::plain(),
        Look::Coloured => Renderer::styled(),
    };
    let renderer = renderer.decor_style(DecorStyle::Ascii);
    let mut text = String::new();
    for diagnostic in diagnostics {
        text.push_str(&renderer.render(&[group(diagnostic)]));
        text.push_str("\n\n");
    }
    text
}

fn group(diagnostic: &Diagnostic) -> Group<'_> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR.with_name("错误"),
        Severity::Warning => Level::WARNING.with_name("警告"),
        Severity::Note => Level::NOTE.with_name("提示"),
    };
    let title = level.primary_title(&*diagnostic.message).id(diagnostic.code);
    let group = match &diagnostic.excerpt {
        Some(excerpt) => title.element(
            Snippet::source(&*excerpt.text)
                .line_start(diagnostic.line)
                .path(&*diagnostic.file)
                .annotation(AnnotationKind::Primary.span(excerpt.span.clone())),
        ),
        None => title
            .element(Origin::path(&*diagnostic.file).line(diagnostic.line).char_column(diagnostic.column)),
    };
    match &diagnostic.hint {
        Some(hint) => group.element(Level::HELP.with_name("建议").message(&**hint)),
        None => group,
    }
}
