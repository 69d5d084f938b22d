//! A version of the files, from a folder or from git, ready to run.

use std::path::Path;

use anyhow::anyhow;

use super::Side;
use crate::files::{Diagnostic, Look, Sources, folder, render};
use crate::git::{Git, GitError};
use crate::rules::compile;

/// A version and what people call it.
pub struct Version {
    pub name: String,
    pub side: Side,
}

impl Version {
    /// A folder if there is one of this name, else a revision of the configuration's repository.
    pub fn named(name: &str, config: &Path, scripts: Option<&Path>) -> anyhow::Result<Self> {
        let path = Path::new(name);
        if path.is_dir() {
            return Self::of_folder(path, None);
        }
        Self::of_revision(name, config, scripts).map_err(|error| {
            anyhow!("{name:?} 既不是文件夹，也不是 git 版本 / neither a folder nor a revision: {error:#}")
        })
    }

    /// The files as they lie in a folder.
    pub fn of_folder(config: &Path, scripts: Option<&Path>) -> anyhow::Result<Self> {
        let beside = folder::scripts_of(config);
        let sources = folder::read(config, scripts.unwrap_or(&beside));
        Self::of(config.to_string_lossy().into_owned(), &sources)
    }

    /// The configuration as it was committed last.
    pub fn head(config: &Path, scripts: Option<&Path>) -> anyhow::Result<Self> {
        Self::of_revision("HEAD", config, scripts)
    }

    fn of_revision(revision: &str, config: &Path, scripts: Option<&Path>) -> anyhow::Result<Self> {
        let git = Git::at(config);
        let commit = git.commit(revision)?;
        let sources = sources_at(&git, &commit, scripts)?;
        Self::of(format!("{revision}（{}）", &commit[..commit.len().min(10)]), &sources)
    }

    fn of(name: String, sources: &Sources) -> anyhow::Result<Self> {
        let compiled = compile(sources).map_err(|mut mistakes| {
            mistakes.retain(Diagnostic::is_error);
            let told = render(&mistakes, Look::Plain);
            anyhow!("{name} 的文件有错，没法拿来比 / these files have mistakes:\n\n{told}")
        })?;
        Ok(Self { name, side: Side::new(compiled.rulebook, sources) })
    }
}

/// Both folders as they were in a commit. Scripts lie inside the configuration or else beside it,
/// as on disk.
fn sources_at(git: &Git, commit: &str, scripts: Option<&Path>) -> Result<Sources, GitError> {
    let config = git.prefix()?;
    let inside = format!("{config}{}/", folder::SCRIPTS);
    let mut files = Vec::new();
    let mut take = |tree: &str, prefix: &str, wanted: &dyn Fn(&str) -> bool| -> Result<bool, GitError> {
        let found = git.files_at(commit, prefix, wanted)?;
        let some = !found.is_empty();
        files.extend(found.into_iter().map(|file| {
            let shown = format!("{}:{prefix}{}", &commit[..commit.len().min(10)], file.path);
            (format!("{tree}/{}", file.path), shown, file.bytes)
        }));
        Ok(some)
    };
    let scripts_inside = format!("{}/", folder::SCRIPTS);
    take(folder::CONFIG, &config, &|path| path.ends_with(".toml") && !path.starts_with(&scripts_inside))?;
    let everything = |_: &str| true;
    match scripts {
        Some(scripts) => take(folder::SCRIPTS, &Git::at(scripts).prefix()?, &everything)?,
        None => {
            take(folder::SCRIPTS, &inside, &everything)? || {
                let parent = config.trim_end_matches('/').rsplit_once('/').map_or("", |(parent, _)| parent);
                let parent = if parent.is_empty() { String::new() } else { format!("{parent}/") };
                // A configuration that is the whole repository has nothing beside it.
                !config.is_empty()
                    && take(folder::SCRIPTS, &format!("{parent}{scripts_inside}"), &everything)?
            }
        }
    };
    Ok(folder::gather(files))
}
