//! `zhanggui test`: the stories and golden messages that lie beside the files, tried on the rules as
//! they stand there. Nothing is sent.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, ValueEnum};
use serde::Serialize;

use super::Folders;
use crate::files::{Diagnostic, Look, SourceFile, Sources, folder, render};
use crate::rules::compile;
use crate::rules::written::FileKind;
use crate::stories::{self, Outcome};

#[derive(Args, Clone, Debug)]
pub struct TestArgs {
    /// Files or folders with stories and golden messages, instead of those beside the files 故事或样本所在的文件或文件夹
    paths: Vec<PathBuf>,
    #[command(flatten)]
    folders: Folders,
    /// How the outcome looks 结果的样子
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For CI: counts, mistakes and failures.
    Json,
}

/// What a run gave: mistakes that kept it from trying, or an outcome.
#[derive(Debug, Default, Serialize)]
struct Tried {
    #[serde(flatten)]
    outcome: Outcome,
    mistakes: Vec<Diagnostic>,
}

impl Tried {
    fn is_good(&self) -> bool {
        let wrong = self.mistakes.iter().any(Diagnostic::is_error);
        let tried = self.outcome.stories + self.outcome.goldens > 0;
        tried && !wrong && self.outcome.failures.is_empty()
    }
}

/// Returns whether there was something to try and everything came as expected.
pub fn run(args: &TestArgs) -> anyhow::Result<bool> {
    let tried = try_all(&args.paths, &args.folders.config(), &args.folders.scripts());
    let mut out = io::stdout().lock();
    let text = match args.format {
        Format::Json => serde_json::to_string_pretty(&tried)? + "\n",
        Format::Text => text(&tried, if out.is_terminal() { Look::Coloured } else { Look::Plain }),
    };
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).context("cannot write the outcome")?;
    Ok(tried.is_good())
}

fn try_all(paths: &[PathBuf], config: &Path, scripts: &Path) -> Tried {
    let mut sources = folder::read(config, scripts);
    if !paths.is_empty() {
        sources.files.retain(|file| !is_tried(file));
        for path in paths {
            let beside = folder::read_beside(path);
            sources.files.extend(beside.files.into_iter().filter(is_tried));
            sources.problems.extend(beside.problems);
        }
        sources.files = Sources::new(sources.files).files;
    }
    match compile(&sources) {
        Ok(compiled) => {
            let checked = stories::check(&sources, Some(&compiled.rulebook));
            let outcome = stories::tell(&checked, compiled.rulebook, &sources);
            Tried { outcome, mistakes: checked.diagnostics }
        }
        Err(mut mistakes) => {
            mistakes.retain(Diagnostic::is_error);
            mistakes.extend(stories::check(&sources, None).diagnostics);
            Tried { mistakes, ..Tried::default() }
        }
    }
}

fn is_tried(file: &SourceFile) -> bool {
    matches!(FileKind::of(file), Some(FileKind::Stories | FileKind::Goldens))
}

fn text(tried: &Tried, look: Look) -> String {
    let mut text = render(&tried.mistakes, look);
    text.push_str(&stories::render(&tried.outcome.failures, look));
    let (stories, goldens) = (tried.outcome.stories, tried.outcome.goldens);
    let (failed, mistakes) = (tried.outcome.failures.len(), tried.mistakes.len());
    let verdict = if tried.is_good() {
        "和预想的一样"
    } else if mistakes > 0 {
        "文件里有错，先改好"
    } else if failed > 0 {
        "和预想的不一样"
    } else {
        "没有找到故事和样本：把 *.story.toml 和 *.golden.toml 放在群规和话术旁边"
    };
    text.push_str(&format!(
        "{verdict}：{stories} 个故事，{goldens} 句样本，{failed} 处不一样，{mistakes} 处写错 \
         ({stories} stories, {goldens} golden messages, {failed} failures, {mistakes} mistakes)\n"
    ));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scripts of the example brand have pictures: they must be there for whoever names a story, too.
    #[test]
    fn a_story_that_is_named_is_tried_on_the_whole_brand() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let story = root.join("tests/stories/welcome.story.toml");
        let tried = try_all(&[story], &root.join("config"), &root.join("bot-scripts"));
        assert!(tried.is_good(), "{:#?}", tried.mistakes);
        assert!(tried.outcome.stories > 0 && tried.outcome.goldens == 0);
    }
}
