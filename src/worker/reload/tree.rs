//! The files as a whole: never half of one version and half of the next.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::files::folder::{Folders, Listing, Trust};
use crate::files::{Diagnostic, Sources};
use crate::git::{Checkout, GitError};
use crate::rules::{Compiled, Compiler};
use crate::telemetry::LiveCommit;
use crate::text::one_line;

/// How often the files are read again because something changed while they were read.
const READINGS: usize = 5;
/// Pause before that.
const PAUSE: Duration = Duration::from_millis(50);
/// How long is waited for git to finish writing the working tree. A pull of thousands of files takes
/// seconds; a lock that is older was left behind by a git that was killed.
const GIT_WRITES_FOR: Duration = Duration::from_secs(10);
/// Scripts and waivers end with a day, wherever on earth; unchanged files are judged again this often.
const JUDGED_AGAIN: SignedDuration = SignedDuration::from_mins(30);
/// Characters of a commit's subject that are shown.
const SUBJECT: usize = 60;

/// The two folders with everything that is remembered from the last reading.
#[derive(Debug)]
pub struct Tree {
    folders: Folders,
    compiler: Compiler,
    /// As of the last reading; `None` without git.
    checkout: Option<Checkout>,
    /// Git's lock was there for so long that nobody waits for it any more.
    lock_left_behind: bool,
    /// What was compiled last, and how the folders looked then.
    last: Option<(Sources, Listing)>,
}

/// What a reading brought.
#[derive(Debug)]
pub enum Reading {
    /// Nothing new since the last reading.
    Same,
    Good(Box<Compiled>),
    Broken(Vec<Diagnostic>),
    /// The files kept changing while they were read.
    Unsettled,
}

impl Tree {
    pub fn new(config: PathBuf, scripts: PathBuf) -> Self {
        let checkout = checkout_of(&config);
        Self {
            folders: Folders::new(config, scripts),
            compiler: Compiler::default(),
            checkout,
            lock_left_behind: false,
            last: None,
        }
    }

    pub fn config(&self) -> &Path {
        self.folders.config()
    }

    pub fn scripts(&self) -> &Path {
        self.folders.scripts()
    }

    /// Reads and checks everything as of `now` (see [`Sources::now`]). Blocks, also for as long as git
    /// writes the files.
    pub fn read(&mut self, trust: Trust, now: Option<Timestamp>) -> Reading {
        self.checkout = checkout_of(self.config());
        self.wait_for_git();
        let Some((sources, listing)) = self.settled(trust) else { return Reading::Unsettled };
        let sources = Sources { now, ..sources };
        if self.last.as_ref().is_some_and(|(last, _)| still_says(last, &sources)) {
            return Reading::Same;
        }
        let compiled = self.compiler.compile(&sources);
        self.last = Some((sources, listing));
        compiled.map_or_else(Reading::Broken, |compiled| Reading::Good(Box::new(compiled)))
    }

    fn git_writes(&self) -> bool {
        self.checkout.as_ref().is_some_and(Checkout::is_being_written)
    }

    fn wait_for_git(&mut self) {
        let mut waited = Duration::ZERO;
        while self.git_writes() && !self.lock_left_behind && waited < GIT_WRITES_FOR {
            std::thread::sleep(PAUSE);
            waited += PAUSE;
        }
        self.lock_left_behind = self.git_writes();
    }

    /// The files as they were at one moment.
    fn settled(&mut self, trust: Trust) -> Option<(Sources, Listing)> {
        for _ in 0..READINGS {
            let listing = self.folders.list();
            let sources = self.folders.read(&listing, trust);
            if self.folders.list() == listing && self.git_writes() == self.lock_left_behind {
                return Some((sources, listing));
            }
            std::thread::sleep(PAUSE);
        }
        None
    }

    /// Which commit the files are of that were read last. `None` without git, and when they have
    /// changed since: then there will be another reading.
    pub fn commit(&self) -> Option<LiveCommit> {
        let (_, listing) = self.last.as_ref()?;
        let checkout = self.checkout.as_ref()?;
        let told = checkout.head().and_then(|head| {
            let differs = checkout.differing(&[self.config(), self.scripts()])?;
            Ok((head, !differs.is_empty()))
        });
        match told {
            Ok((head, differs)) if self.folders.list() == *listing => Some(LiveCommit {
                id: head.short,
                at: head.at,
                author: one_line(&head.author, SUBJECT),
                subject: one_line(&head.subject, SUBJECT),
                differs,
            }),
            Ok(_) => None,
            Err(error) => {
                tracing::warn!(%error, "git cannot tell which commit the files are of");
                None
            }
        }
    }

    /// Files of git whose change says that the files are of another commit now.
    pub fn marks(&self) -> Vec<PathBuf> {
        let folder = self.checkout.iter().map(Checkout::git_folder);
        folder.flat_map(|folder| [folder.join("HEAD"), folder.join("index")]).collect()
    }
}

/// Whether judging the files again would say what was said last.
fn still_says(last: &Sources, sources: &Sources) -> bool {
    let same_hours = match (last.now, sources.now) {
        (Some(last), Some(now)) => now.duration_since(last).abs() < JUDGED_AGAIN,
        (last, now) => last == now,
    };
    same_hours
        && (&last.files, &last.media, &last.problems) == (&sources.files, &sources.media, &sources.problems)
}

fn checkout_of(config: &Path) -> Option<Checkout> {
    match Checkout::of(config) {
        Ok(checkout) => checkout,
        // Whoever does without git need not hear of it at every reading.
        Err(GitError::NotInstalled(_)) => None,
        Err(error) => {
            tracing::warn!(%error, "git cannot tell about the files");
            None
        }
    }
}
