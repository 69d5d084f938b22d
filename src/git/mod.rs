//! What git knows about the files that people edit. Runs the `git` program, never a shell, and
//! never waits for somebody to type a password.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

mod revision;

pub use revision::RevisionFile;

/// Why git could not tell.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    #[error("没有找到 git 程序 / git is not installed: {0}")]
    NotInstalled(std::io::Error),
    #[error("git {command} 失败 / failed: {cause}")]
    Failed { command: String, cause: String },
}

/// A folder inside a working tree.
#[derive(Clone, Debug)]
pub struct Git {
    folder: PathBuf,
}

impl Git {
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Runs `git ARGUMENTS` in the folder and returns what it printed.
    pub fn run<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Result<Vec<u8>, GitError> {
        let output = self.command(arguments).output().map_err(GitError::NotInstalled)?;
        printed(arguments, output)
    }

    fn command<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Command {
        let mut command = Command::new("git");
        command
            .arg("-C")
            .arg(&self.folder)
            .args(arguments)
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("LC_ALL", "C");
        command
    }
}

fn printed<A: AsRef<OsStr>>(arguments: &[A], output: Output) -> Result<Vec<u8>, GitError> {
    if output.status.success() {
        return Ok(output.stdout);
    }
    let command = arguments.first().map(|first| first.as_ref().to_string_lossy().into_owned());
    let cause = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(GitError::Failed { command: command.unwrap_or_default(), cause })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_what_git_said() {
        let folder = std::env::temp_dir();
        let version = Git::at(&folder).run(&["--version"]).expect("git is installed");
        assert!(version.starts_with(b"git version"));
        let error = Git::at(&folder).run(&["no-such-command"]).expect_err("unknown");
        assert!(error.to_string().contains("no-such-command"), "{error}");
    }
}
