//! Follows a branch of a git remote. A new commit is checked as a whole before the working tree
//! moves on to it; what somebody has edited or committed here is never overwritten.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::watch;

use super::Intake;
use super::reload::news_event;
use crate::clock::Clock;
use crate::decision::{EventKey, FileNews, NamedCommit};
use crate::files::{Diagnostic, folder};
use crate::git::{Checkout, Commit, DeployKey, DeployKeyError, GitError, Relation, Remote};
use crate::rules::{GitConfig, compile};
use crate::telemetry::Health;
use crate::text::one_line;

/// Inside git's own folder: where a commit is laid out to be checked, and what keeps two of us apart.
const SCRATCH: &str = "zhanggui-check";
const LOCK: &str = "zhanggui-pull.lock";
/// Files of somebody's that are named.
const NAMED: usize = 3;
/// Characters of a commit's subject and author that are shown.
const SHOWN: usize = 60;

/// What is followed, and where it goes.
#[derive(Clone, Debug)]
pub struct Pull {
    pub config: PathBuf,
    pub scripts: PathBuf,
    pub git: GitConfig,
}

/// How one look at the remote ended.
#[derive(Debug)]
pub enum Pulled {
    /// There is nothing that we have not.
    Nothing,
    /// The working tree is this commit now.
    Taken(Commit),
    /// It stays as it was.
    Refused(Refusal),
}

/// A commit that is not taken, and why.
#[derive(Debug)]
pub struct Refusal {
    pub commit: Commit,
    /// Stable, kebab-case: `broken`, `other-branch`, `diverged`, `edited`, `in-the-way`.
    pub code: &'static str,
    /// A Chinese sentence without the final stop.
    pub why: String,
    /// The mistakes in its files, if that is why.
    pub mistakes: Vec<Diagnostic>,
}

/// Why the remote could not be looked at.
#[derive(Debug, thiserror::Error)]
pub enum PullError {
    #[error("配置文件夹不在 git 仓库里，没法拉取 / the configuration is in no git working tree")]
    NoCheckout,
    #[error("另一个掌柜正在拉取 / another pull is under way")]
    Busy,
    #[error(transparent)]
    Key(#[from] DeployKeyError),
    #[error(transparent)]
    Git(#[from] GitError),
    #[error("没法在 {} 里写 / cannot be written: {cause}", path.display())]
    Scratch { path: PathBuf, cause: io::Error },
}

impl Pull {
    /// Asks the remote and takes what is new and good at this moment. Blocks for as long as git takes.
    pub fn once(&self, now: Timestamp) -> Result<Pulled, PullError> {
        let checkout = Checkout::of(&self.config)?.ok_or(PullError::NoCheckout)?;
        let _lock = lock(&checkout)?;
        let key = self.git.deploy_key.as_ref().map(|path| DeployKey::open(&self.config.join(path)));
        let remote = Remote {
            name: self.git.remote.clone(),
            branch: self.git.branch.clone(),
            deploy_key: key.transpose()?,
        };
        let commit = checkout.fetch(&remote)?;
        let relation = checkout.relation_to(&commit)?;
        if matches!(relation, Relation::Same | Relation::Ahead) {
            return Ok(Pulled::Nothing);
        }
        if let Some((code, why)) = self.hindrance(&checkout, relation)? {
            return Ok(Pulled::Refused(Refusal { commit, code, why, mistakes: Vec::new() }));
        }
        let mistakes = self.mistakes(&checkout, &commit, now)?;
        if let Some(first) = mistakes.first() {
            let why = format!("文件有 {} 处错误，第一处：{first}", mistakes.len());
            return Ok(Pulled::Refused(Refusal { commit, code: "broken", why, mistakes }));
        }
        match checkout.fast_forward(&commit) {
            Ok(()) => Ok(Pulled::Taken(commit)),
            // Another git at work is no reason to call for a person.
            Err(GitError::Failed { cause, .. }) if !checkout.is_being_written() => {
                let why = format!("git 不肯更新工作区：{}", one_line(&cause, 200));
                Ok(Pulled::Refused(Refusal { commit, code: "in-the-way", why, mistakes: Vec::new() }))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// What somebody has done here that a new commit would clash with.
    fn hindrance(
        &self,
        checkout: &Checkout,
        relation: Relation,
    ) -> Result<Option<(&'static str, String)>, GitError> {
        let branch = checkout.branch()?;
        if branch.as_deref() != Some(&self.git.branch) {
            let here =
                branch.map_or_else(|| "没有检出任何分支".to_owned(), |branch| format!("在分支 {branch} 上"));
            return Ok(Some(("other-branch", format!("本机{here}，不是 {}", self.git.branch))));
        }
        if relation == Relation::Diverged {
            let why = "本机有没推送的提交，和远端分了岔；请先在本机合并或撤回".to_owned();
            return Ok(Some(("diverged", why)));
        }
        let edited = checkout.changed()?;
        if edited.is_empty() {
            return Ok(None);
        }
        let more =
            if edited.len() > NAMED { format!(" 等 {} 个文件", edited.len()) } else { String::new() };
        let some = edited.into_iter().take(NAMED).collect::<Vec<_>>().join("、");
        Ok(Some(("edited", format!("本机有没提交的修改（{some}{more}）；请先提交或撤回"))))
    }

    /// The mistakes that the files would have at this commit.
    fn mistakes(
        &self,
        checkout: &Checkout,
        commit: &Commit,
        now: Timestamp,
    ) -> Result<Vec<Diagnostic>, PullError> {
        let scratch = checkout.git_folder().join(SCRATCH);
        let cannot = |cause| PullError::Scratch { path: scratch.clone(), cause };
        remove(&scratch).map_err(cannot)?;
        let checked = checkout.lay_out(commit, &scratch).map(|()| {
            let there = |folder: &Path| match real(folder).strip_prefix(checkout.root()) {
                Ok(inside) => scratch.join(inside),
                Err(_) => folder.to_owned(),
            };
            let sources = folder::read(&there(&self.config), &there(&self.scripts)).at(now);
            compile(&sources).err().unwrap_or_default()
        });
        remove(&scratch).map_err(cannot)?;
        let mut mistakes = checked?;
        mistakes.retain(Diagnostic::is_error);
        for mistake in &mut mistakes {
            // People know the files by their place in the repository.
            if let Ok(inside) = Path::new(&mistake.file).strip_prefix(&scratch) {
                mistake.file = inside.to_string_lossy().into_owned();
            }
        }
        Ok(mistakes)
    }
}

/// The real path of a folder, also of one that is not there yet.
fn real(folder: &Path) -> PathBuf {
    let beside = || Some(folder.parent()?.canonicalize().ok()?.join(folder.file_name()?));
    folder.canonicalize().ok().or_else(beside).unwrap_or_else(|| folder.to_owned())
}

fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// Held while the returned file lives.
fn lock(checkout: &Checkout) -> Result<File, PullError> {
    let path = checkout.git_folder().join(LOCK);
    let file = File::options().create(true).truncate(false).write(true).open(&path);
    let file = file.map_err(|cause| PullError::Scratch { path: path.clone(), cause })?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(PullError::Busy),
        Err(TryLockError::Error(cause)) => Err(PullError::Scratch { path, cause }),
    }
}

/// The loop of a running bot.
#[derive(Debug)]
pub struct Puller {
    pub pull: Pull,
    pub intake: Intake,
    pub clock: Clock,
    pub health: Arc<Health>,
}

impl Puller {
    /// Runs until `stop` becomes true. The new files are found by the reload like any other change.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let every = self.pull.git.every.unsigned_abs();
        // What was logged last, so that a machine that is down is not told of every minute.
        let mut last = String::new();
        loop {
            let (pull, now) = (self.pull.clone(), self.clock.now());
            let pulled = tokio::select! {
                pulled = tokio::task::spawn_blocking(move || pull.once(now)) => pulled,
                _ = stop.wait_for(|stop| *stop) => return,
            };
            let said = match pulled {
                Ok(Ok(pulled)) => self.ended(pulled, &last).await,
                Ok(Err(error)) => self.failed(&error.to_string(), &last),
                Err(error) => self.failed(&error.to_string(), &last),
            };
            last = said;
            tokio::select! {
                () = tokio::time::sleep(every) => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
        }
    }

    fn failed(&self, why: &str, last: &str) -> String {
        self.health.pull_is_broken(Some(format!("没法从 git 拉取：{}", one_line(why, 300))));
        if why != last {
            tracing::warn!(why, "the remote branch could not be looked at");
        }
        why.to_owned()
    }

    async fn ended(&self, pulled: Pulled, last: &str) -> String {
        let Refusal { commit, code, why, .. } = match pulled {
            Pulled::Refused(refusal) => refusal,
            Pulled::Taken(commit) => {
                tracing::info!(commit = commit.short, author = commit.author, "pulled a commit");
                self.health.pull_is_broken(None);
                return String::new();
            }
            Pulled::Nothing => {
                self.health.pull_is_broken(None);
                return String::new();
            }
        };
        let key = format!("files:not-pulled:{code}:{}", commit.id);
        let named = named(&commit);
        self.health.pull_is_broken(Some(format!("提交 {named}（作者 {}）没有上线：{why}", named.author)));
        if key == last {
            return key;
        }
        tracing::error!(commit = commit.short, author = commit.author, why, "a commit was not taken");
        // The key makes a repeat of what was told before a restart.
        let event =
            news_event(EventKey::new(key.clone()), FileNews::NotPulled { commit: named, why }, &self.clock);
        match self.intake.submit(event, |_| Ok(())).await {
            Ok(_) => key,
            Err(error) => {
                tracing::warn!(%error, "ops could not be told of the commit; tried again at the next pull");
                String::new()
            }
        }
    }
}

fn named(commit: &Commit) -> NamedCommit {
    NamedCommit {
        id: commit.short.clone(),
        author: one_line(&commit.author, SHOWN),
        subject: one_line(&commit.subject, SHOWN),
    }
}
