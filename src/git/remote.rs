//! Where new commits come from, and how they get into the working tree without losing anything.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Checkout, Commit, GitError};

/// How long the other end may take. A folder of texts comes in seconds; a dead machine never does.
const OVER_THE_NETWORK: Duration = Duration::from_secs(60);
/// How long writing the working tree may take, on the slowest disk and with many pictures. Killing
/// it leaves a lock behind that a person must look at, so it is long.
const WRITING: Duration = Duration::from_secs(120);
/// After this ssh gives up on a machine that does not answer.
const CONNECT_SECONDS: u8 = 10;

/// A branch of another repository.
#[derive(Clone, Debug)]
pub struct Remote {
    /// As `git remote` calls it.
    pub name: String,
    pub branch: String,
    /// For ssh; without one, whatever the user has who runs us.
    pub deploy_key: Option<DeployKey>,
}

/// A private key that only its owner can read.
#[derive(Clone, Debug)]
pub struct DeployKey(PathBuf);

/// Why a key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DeployKeyError {
    #[error("读不到部署密钥 {}：{cause} / the deploy key cannot be read", path.display())]
    Unreadable { path: PathBuf, cause: std::io::Error },
    #[error("部署密钥 {} 别人也能读（权限 {mode:03o}），请执行 chmod 600 / others may read the deploy key", path.display())]
    Open { path: PathBuf, mode: u32 },
}

/// How the current commit stands to another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    Same,
    /// The other one comes after it.
    Behind,
    /// It comes after the other one: somebody committed here and has not pushed yet.
    Ahead,
    /// Both have commits that the other one has not.
    Diverged,
}

impl DeployKey {
    /// Checks the key's file, as ssh would, but says in plain words what is wrong with it.
    pub fn open(path: &Path) -> Result<Self, DeployKeyError> {
        let unreadable = |cause| DeployKeyError::Unreadable { path: path.to_owned(), cause };
        // ssh is started elsewhere than we are.
        let path = path.canonicalize().map_err(unreadable)?;
        let metadata = std::fs::File::open(&path).and_then(|file| file.metadata()).map_err(unreadable)?;
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777;
            if mode & 0o077 != 0 {
                return Err(DeployKeyError::Open { path, mode });
            }
        }
        if !metadata.is_file() {
            return Err(unreadable(std::io::ErrorKind::InvalidInput.into()));
        }
        Ok(Self(path))
    }
}

/// For `GIT_SSH_COMMAND`, which git hands to a shell. Nothing is asked, and no machine is trusted
/// that the user who runs us does not know already.
fn ssh_command(key: Option<&DeployKey>) -> String {
    let identity = key.map_or_else(String::new, |DeployKey(path)| {
        // A path that is no text is told by ssh as one that does not exist.
        format!(" -i {} -o IdentitiesOnly=yes", quoted(&path.to_string_lossy()))
    });
    format!("ssh{identity} -o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout={CONNECT_SECONDS}")
}

/// One word for a shell, whatever is in it.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

impl Checkout {
    /// Brings the remote branch here, without touching the working tree; gives its newest commit.
    pub fn fetch(&self, remote: &Remote) -> Result<Commit, GitError> {
        let Remote { name, branch, deploy_key } = remote;
        let tracking = format!("refs/remotes/{name}/{branch}");
        let refspec = format!("+refs/heads/{branch}:{tracking}");
        let arguments = [
            "fetch",
            "--quiet",
            "--no-tags",
            "--no-recurse-submodules",
            "--no-write-fetch-head",
            name,
            &refspec,
        ];
        let ssh = ssh_command(deploy_key.as_ref());
        self.git().run_with(&arguments, &[("GIT_SSH_COMMAND", OsStr::new(&ssh))], OVER_THE_NETWORK)?;
        self.commit(&tracking)
    }

    /// The branch that is checked out; `None` when none is.
    pub fn branch(&self) -> Result<Option<String>, GitError> {
        let name = self.git().line(&["rev-parse", "--abbrev-ref", "HEAD"])?;
        Ok(Some(name).filter(|name| name != "HEAD"))
    }

    pub fn relation_to(&self, other: &Commit) -> Result<Relation, GitError> {
        let head = self.git().line(&["rev-parse", "--verify", "HEAD"])?;
        if head == other.id {
            return Ok(Relation::Same);
        }
        match self.git().line(&["merge-base", &head, &other.id]) {
            Ok(base) if base == head => Ok(Relation::Behind),
            Ok(base) if base == other.id => Ok(Relation::Ahead),
            // Git also fails when the two have nothing in common.
            Ok(_) | Err(GitError::Failed { .. }) => Ok(Relation::Diverged),
            Err(error) => Err(error),
        }
    }

    /// Writes the files of a commit below `folder`, which must be empty or not there. Neither the
    /// working tree nor its index are touched.
    pub fn lay_out(&self, commit: &Commit, folder: &Path) -> Result<(), GitError> {
        let index = folder.with_extension("index");
        let environment = [("GIT_INDEX_FILE", index.as_os_str())];
        let mut prefix = OsString::from("--prefix=");
        // The final slash makes it a folder.
        prefix.push(folder.join(""));
        let laid_out = self
            .git()
            .run_with(&["read-tree", &commit.id], &environment, WRITING)
            .and_then(|_| {
                let arguments = [OsStr::new("checkout-index"), OsStr::new("--all"), &prefix];
                self.git().run_with(&arguments, &environment, WRITING)
            })
            .map(drop);
        // It is of no use to anybody, and may not be there when the first step failed.
        drop(std::fs::remove_file(&index));
        laid_out
    }

    /// Moves branch and working tree on to a commit that comes after the current one. Git refuses
    /// when that would overwrite something that is not committed.
    pub fn fast_forward(&self, commit: &Commit) -> Result<(), GitError> {
        self.git().run_with(&["merge", "--quiet", "--ff-only", &commit.id], &[], WRITING).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::super::checkout::tests::{commit, repository, run, write};
    use super::*;
    use crate::git::Git;

    struct Pair {
        _folder: tempfile::TempDir,
        author: Git,
        ours: Checkout,
        remote: Remote,
    }

    /// A repository that somebody pushes to, and our clone of it.
    fn pair() -> Pair {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        std::fs::create_dir(path("author")).expect("a folder");
        let author = repository(&path("author"));
        write(&author, "config/a.toml", "a = 1");
        commit(&author, "第一版");
        run(&author, &["clone", "--quiet", "--bare", ".", "../remote.git"]);
        run(&author, &["remote", "add", "origin", "../remote.git"]);
        run(&author, &["clone", "--quiet", "../remote.git", "../ours"]);
        let ours = Checkout::of(&path("ours/config")).expect("git works").expect("a checkout");
        let remote = Remote { name: "origin".into(), branch: "main".into(), deploy_key: None };
        Pair { _folder: folder, author, ours, remote }
    }

    fn push(author: &Git, text: &str, subject: &str) {
        write(author, "config/a.toml", text);
        commit(author, subject);
        run(author, &["push", "--quiet", "origin", "main"]);
    }

    #[test]
    fn a_new_commit_is_fetched_laid_out_and_taken() {
        let Pair { _folder, author, ours, remote } = pair();
        let same = ours.fetch(&remote).expect("fetched");
        assert_eq!(ours.relation_to(&same).expect("told"), Relation::Same);
        push(&author, "a = 2", "第二版");
        let next = ours.fetch(&remote).expect("fetched");
        assert_eq!(next.subject, "第二版");
        assert_eq!(ours.relation_to(&next).expect("told"), Relation::Behind);
        let read = |root: &Path| std::fs::read_to_string(root.join("config/a.toml")).expect("there");
        let scratch = _folder.path().join("scratch tree");
        ours.lay_out(&next, &scratch).expect("laid out");
        assert_eq!((read(&scratch).as_str(), read(ours.root()).as_str()), ("a = 2", "a = 1"));
        assert_eq!(ours.changed().expect("told"), Vec::<String>::new());
        ours.fast_forward(&next).expect("taken");
        assert_eq!((read(ours.root()).as_str(), ours.head().expect("told")), ("a = 2", next));
        assert_eq!(ours.branch().expect("told").as_deref(), Some("main"));
    }

    #[test]
    fn what_somebody_did_here_is_seen_and_never_overwritten() {
        let Pair { _folder, author, ours, remote } = pair();
        let here = repository(ours.root());
        push(&author, "a = 2", "第二版");
        let next = ours.fetch(&remote).expect("fetched");
        write(&here, "config/a.toml", "a = 3");
        assert!(ours.fast_forward(&next).is_err());
        let kept = std::fs::read_to_string(ours.root().join("config/a.toml")).expect("there");
        assert_eq!((kept.as_str(), ours.changed().expect("told").len()), ("a = 3", 1));
        commit(&here, "改在本地");
        assert_eq!(ours.relation_to(&next).expect("told"), Relation::Diverged);
        let first = ours.commit("HEAD~1").expect("there");
        assert_eq!(ours.relation_to(&first).expect("told"), Relation::Ahead);
        run(&here, &["checkout", "--quiet", "--detach"]);
        assert_eq!(ours.branch().expect("told"), None);
    }

    #[test]
    fn a_branch_that_is_not_there_is_an_error_and_no_dialog() {
        let Pair { _folder, ours, mut remote, .. } = pair();
        remote.branch = "nowhere".into();
        let error = ours.fetch(&remote).expect_err("no such branch").to_string();
        assert!(error.contains("nowhere"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("it's a key");
        assert!(matches!(DeployKey::open(&path), Err(DeployKeyError::Unreadable { .. })));
        std::fs::write(&path, "key").expect("written");
        let set = |mode| std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("set");
        set(0o640);
        let error = DeployKey::open(&path).expect_err("open to the group").to_string();
        assert!(error.contains("640") && error.contains("chmod 600"), "{error}");
        set(0o600);
        let command = ssh_command(Some(&DeployKey::open(&path).expect("closed")));
        assert!(command.contains(r"/it'\''s a key' -o IdentitiesOnly=yes -o BatchMode=yes"), "{command}");
        assert!(command.contains("StrictHostKeyChecking=yes"), "{command}");
    }
}
