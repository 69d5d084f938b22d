//! A working tree: which commit it is of, and whether somebody has changed it since.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::{Git, GitError};

/// Exists while git writes the working tree.
const INDEX_LOCK: &str = "index.lock";

/// One commit, as people speak of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// The whole id.
    pub id: String,
    /// As many characters of it as tell it apart in its repository.
    pub short: String,
    /// When it was made.
    pub at: Timestamp,
    pub author: String,
    /// The first line of its message.
    pub subject: String,
}

/// The working tree that a folder of ours belongs to.
#[derive(Clone, Debug)]
pub struct Checkout {
    git: Git,
    root: PathBuf,
    git_folder: PathBuf,
}

impl Checkout {
    /// `None` when the folder is in no working tree, or in one whose current commit knows nothing of
    /// it (somebody's other repository, in which the folder just happens to lie).
    pub fn of(folder: &Path) -> Result<Option<Self>, GitError> {
        let git = Git::at(folder);
        let asked = ["rev-parse", "--show-toplevel", "--absolute-git-dir", "--verify", "HEAD:./"];
        let output = match git.run(&asked) {
            Ok(output) => String::from_utf8_lossy(&output).into_owned(),
            Err(GitError::Failed { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut lines = output.lines().map(PathBuf::from);
        let (Some(root), Some(git_folder)) = (lines.next(), lines.next()) else { return Ok(None) };
        Ok(Some(Self { git: Git::at(&root), root, git_folder }))
    }

    pub fn git(&self) -> &Git {
        &self.git
    }

    /// The top of the working tree.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where git keeps what belongs to this working tree: something changes in it with every commit.
    pub fn git_folder(&self) -> &Path {
        &self.git_folder
    }

    /// Whether git is writing the working tree at this moment (or was killed while it did).
    pub fn is_being_written(&self) -> bool {
        self.git_folder.join(INDEX_LOCK).exists()
    }

    /// The commit that the working tree is of.
    pub fn head(&self) -> Result<Commit, GitError> {
        self.commit("HEAD")
    }

    /// A commit by any name that git knows it by.
    pub fn commit(&self, name: &str) -> Result<Commit, GitError> {
        let format = "--format=%H%x00%h%x00%ct%x00%an%x00%s";
        let output = self.git.run(&["show", "--no-patch", "--no-show-signature", format, name, "--"])?;
        let output = String::from_utf8_lossy(&output);
        let unreadable =
            || GitError::Failed { command: "show".to_owned(), cause: output.clone().into_owned() };
        let mut fields = output.trim_end().splitn(5, '\0');
        let mut next = || fields.next().map(str::to_owned).ok_or_else(unreadable);
        let (id, short, at, author, subject) = (next()?, next()?, next()?, next()?, next()?);
        let at = at.parse().ok().and_then(|second| Timestamp::from_second(second).ok());
        Ok(Commit { id, short, at: at.ok_or_else(unreadable)?, author, subject })
    }

    /// Files below these folders that are not as in the current commit: changed, added or gone.
    /// Folders outside of the working tree are left out, and so is what is hidden or ignored.
    pub fn differing(&self, folders: &[&Path]) -> Result<Vec<String>, GitError> {
        let real = folders.iter().filter_map(|folder| folder.canonicalize().ok());
        let inside: Vec<PathBuf> = real.filter(|folder| folder.starts_with(&self.root)).collect();
        let mut arguments: Vec<&Path> =
            ["status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=all", "--"]
                .map(Path::new)
                .to_vec();
        arguments.extend(inside.iter().map(PathBuf::as_path));
        Ok(names(&self.git.run(&arguments)?).filter(|name| !is_hidden(name)).collect())
    }

    /// Files that git looks after and that were changed since the current commit, anywhere.
    pub fn changed(&self) -> Result<Vec<String>, GitError> {
        let arguments = ["status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=no"];
        Ok(names(&self.git.run(&arguments)?).collect())
    }
}

/// The names in `git status --porcelain=v1 -z`: each behind two letters and a blank.
fn names(output: &[u8]) -> impl Iterator<Item = String> {
    let entries = output.split(|&byte| byte == 0).filter_map(|entry| entry.get(3..));
    entries.map(|name| String::from_utf8_lossy(name).into_owned()).collect::<Vec<_>>().into_iter()
}

fn is_hidden(name: &str) -> bool {
    name.rsplit('/').next().is_some_and(|name| name.starts_with('.'))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A repository of its own, with a name to commit by.
    pub fn repository(folder: &Path) -> Git {
        let git = Git::at(folder);
        run(&git, &["init", "--quiet", "--initial-branch=main"]);
        run(&git, &["config", "user.name", "林云"]);
        run(&git, &["config", "user.email", "lin.yun@example.com"]);
        git
    }

    pub fn run(git: &Git, arguments: &[&str]) -> String {
        let output = git.run(arguments).unwrap_or_else(|error| panic!("{arguments:?}: {error}"));
        String::from_utf8_lossy(&output).into_owned()
    }

    pub fn write(git: &Git, name: &str, text: &str) {
        let path = git.folder().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, text).expect("written");
    }

    pub fn commit(git: &Git, subject: &str) {
        run(git, &["add", "--all"]);
        run(git, &["commit", "--quiet", "--message", subject]);
    }

    #[test]
    fn a_working_tree_names_its_commit_and_what_differs() {
        let folder = tempfile::tempdir().expect("a folder");
        let git = repository(folder.path());
        write(&git, "config/zhanggui.toml", "a = 1");
        write(&git, "README.md", "");
        commit(&git, "初版：第一批话术");
        let config = folder.path().join("config");
        let checkout = Checkout::of(&config).expect("git works").expect("a checkout");
        let head = checkout.head().expect("a commit");
        assert_eq!((head.author.as_str(), head.subject.as_str()), ("林云", "初版：第一批话术"));
        assert!(head.id.starts_with(&head.short) && head.short.len() < head.id.len());
        let differing = |checkout: &Checkout| checkout.differing(&[&config]).expect("git works");
        assert_eq!(differing(&checkout), Vec::<String>::new());

        write(&git, "README.md", "changed, and none of ours");
        write(&git, "config/.zhanggui.toml.swp", "an editor's");
        assert_eq!(differing(&checkout), Vec::<String>::new());
        write(&git, "config/zhanggui.toml", "a = 2");
        write(&git, "config/新的.toml", "");
        assert_eq!(differing(&checkout), ["config/zhanggui.toml", "config/新的.toml"]);
        assert_eq!(checkout.changed().expect("git works"), ["README.md", "config/zhanggui.toml"]);
    }

    #[test]
    fn a_folder_that_no_commit_knows_is_no_checkout() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(Checkout::of(folder.path()).expect("git works").is_none());
        assert!(Checkout::of(&folder.path().join("nowhere")).expect("git works").is_none());
        let git = repository(folder.path());
        assert!(Checkout::of(folder.path()).expect("git works").is_none(), "there is no commit yet");
        write(&git, "code.c", "");
        commit(&git, "somebody's program");
        write(&git, "config/zhanggui.toml", "");
        assert!(Checkout::of(&folder.path().join("config")).expect("git works").is_none());
    }
}
