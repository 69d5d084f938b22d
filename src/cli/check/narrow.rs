//! The report on some of the files.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};

use crate::files::Diagnostic;

/// What is told when somebody asked about some files only.
pub struct Narrowed {
    pub told: Vec<Diagnostic>,
    pub errors_elsewhere: usize,
}

impl Narrowed {
    /// No paths are all of them. Fails when there is nothing at one of the paths.
    pub fn to(diagnostics: Vec<Diagnostic>, paths: &[PathBuf]) -> anyhow::Result<Self> {
        if paths.is_empty() {
            return Ok(Self { told: diagnostics, errors_elsewhere: 0 });
        }
        let wanted = paths.iter().map(|path| existing(path)).collect::<anyhow::Result<Vec<_>>>()?;
        let (told, elsewhere): (Vec<_>, Vec<_>) = diagnostics.into_iter().partition(|diagnostic| {
            let file = real(Path::new(&diagnostic.file));
            wanted.iter().any(|path| file.starts_with(path))
        });
        let errors_elsewhere = elsewhere.iter().filter(|diagnostic| diagnostic.is_error()).count();
        Ok(Self { told, errors_elsewhere })
    }
}

fn existing(path: &Path) -> anyhow::Result<PathBuf> {
    ensure!(path.exists(), "没有 {} / there is no such path", path.display());
    path.canonicalize().with_context(|| format!("读不了 {} / cannot be read", path.display()))
}

/// As it is on the disk; a file that is missing (that may be the mistake) as it is named.
fn real(path: &Path) -> PathBuf {
    path.canonicalize().or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_owned())
}
