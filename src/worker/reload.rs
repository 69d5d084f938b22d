//! Takes new versions of the files while the bot runs, each as a whole; a broken one keeps the last
//! good version. What happened is told to ops once.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, timeout};

use super::Intake;
use crate::clock::Clock;
use crate::files::Diagnostic;
use crate::files::folder::Trust;
use crate::rules::{Compiled, Rulebook, ServerConfig};
use crate::store::Reader;
use crate::telemetry::{Health, Metrics};

mod announce;
mod tree;
mod watching;

use announce::Announcer;
pub(super) use announce::news_event;
pub use tree::{Reading, Tree};
use watching::Watching;

/// Quiet time after which a burst of changes (an editor's, a `git pull`) counts as over.
const SETTLED: Duration = Duration::from_millis(200);
/// A folder in which something changes all the time is read all the same.
const SETTLES_WITHIN: Duration = Duration::from_secs(5);
/// Network disks send no events: the files are read again this often, whatever was heard.
const RESCAN: Duration = Duration::from_secs(30);

/// The reload loop.
#[derive(Debug)]
pub struct Reload {
    /// What was read at start, with all that is remembered of it.
    pub tree: Tree,
    pub rules: Arc<ArcSwap<Rulebook>>,
    /// As it was at start; a change of it needs a restart.
    pub server: ServerConfig,
    pub intake: Intake,
    pub reader: Reader,
    pub clock: Clock,
    pub health: Arc<Health>,
    pub metrics: Arc<Metrics>,
    /// Rung when other rules are in force.
    pub changed: watch::Sender<()>,
}

/// What the loop remembers from round to round.
struct Rounds {
    rules: Arc<ArcSwap<Rulebook>>,
    server: ServerConfig,
    clock: Clock,
    health: Arc<Health>,
    metrics: Arc<Metrics>,
    announcer: Announcer,
    taken: watch::Sender<()>,
    /// The mistakes that were logged last.
    refused: Option<Refusal>,
}

/// Why the files on disk are not in force.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Refusal {
    mistakes: usize,
    first: String,
    all: String,
}

impl Reload {
    /// Runs until `stop` becomes true.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let Self { mut tree, rules, server, intake, reader, clock, health, metrics, changed: taken } = self;
        let announcer = Announcer { intake, reader, rules: rules.clone(), clock: clock.clone() };
        let mut rounds = Rounds { rules, server, clock, health, metrics, announcer, taken, refused: None };
        let changed = Arc::new(Notify::new());
        let mut watching = Watching::new(Arc::clone(&changed));
        let mut trust = Trust::Stamps;
        loop {
            watching.renew(&[tree.config(), tree.scripts()], &tree.marks());
            let round = rounds.read(tree, trust);
            let settled;
            (tree, settled) = tokio::select! {
                done = round => done,
                _ = stop.wait_for(|stop| *stop) => return,
            };
            if !settled {
                changed.notify_one();
            }
            tokio::select! {
                () = changed.notified() => trust = Trust::Stamps,
                () = tokio::time::sleep(RESCAN) => trust = Trust::Nothing,
                _ = stop.wait_for(|stop| *stop) => return,
            }
            let deadline = Instant::now() + SETTLES_WITHIN;
            while Instant::now() < deadline && timeout(SETTLED, changed.notified()).await.is_ok() {}
        }
    }
}

impl Rounds {
    /// Reads the files, takes or refuses them, and tells of it. `false` when they keep changing.
    async fn read(&mut self, tree: Tree, trust: Trust) -> (Tree, bool) {
        let (config, scripts) = (tree.config().to_owned(), tree.scripts().to_owned());
        let mut tree = tree;
        let (now, in_force) = (self.clock.now(), self.rules.load_full());
        let read = tokio::task::spawn_blocking(move || {
            let reading = tree.read(trust, Some(now));
            // Whoever asks for a script first must not wait for the index.
            match &reading {
                Reading::Good(compiled) if compiled.rulebook.version != in_force.version => {
                    compiled.rulebook.scripts.prepare();
                }
                _ => in_force.scripts.prepare(),
            }
            (tree, reading)
        });
        let (tree, reading) = match read.await {
            Ok(read) => read,
            Err(error) => {
                tracing::error!(%error, "reading the files panicked; the last good version stays");
                return (Tree::new(config, scripts), true);
            }
        };
        match reading {
            Reading::Unsettled => return (tree, false),
            Reading::Same => {}
            Reading::Good(compiled) => self.take(*compiled),
            Reading::Broken(mistakes) => self.refuse(&mistakes),
        }
        let tree = self.name_commit(tree).await;
        self.announce().await;
        (tree, true)
    }

    fn take(&mut self, compiled: Compiled) {
        self.refused = None;
        let same = self.rules.load().version == compiled.rulebook.version;
        if same && !self.health.are_rules_broken() {
            return;
        }
        if compiled.server != self.server {
            tracing::warn!("config/zhanggui.toml has changed: the server and its connections need a restart");
        }
        for warning in &compiled.warnings {
            tracing::info!(%warning, "the files are accepted, with a warning");
        }
        let version = compiled.rulebook.version.clone();
        let scripts = compiled.rulebook.scripts.all().len();
        let replaced = self.rules.swap(Arc::new(compiled.rulebook));
        self.taken.send_replace(());
        // Freeing 20 000 scripts takes a tenth of a second, which no request should wait for.
        tokio::task::spawn_blocking(move || drop(replaced));
        self.health.rules_loaded(&version, self.clock.now());
        self.metrics.reload(true);
        tracing::info!(version = &version[..version.len().min(12)], scripts, "new rules are in force");
    }

    fn refuse(&mut self, mistakes: &[Diagnostic]) {
        let told: Vec<String> =
            mistakes.iter().filter(|mistake| mistake.is_error()).map(ToString::to_string).collect();
        let first = told.first().cloned().unwrap_or_default();
        let refusal = Refusal { mistakes: told.len(), first, all: told.join("\n") };
        if self.refused.as_ref() == Some(&refusal) {
            return;
        }
        let Refusal { mistakes, first, .. } = &refusal;
        self.health.rules_broken(format!("{mistakes} 处错误，仍在用上一个正确的版本；第一处：{first}"));
        self.metrics.reload(false);
        tracing::error!(
            mistakes,
            first,
            "the changed files were refused; the last good version stays in force"
        );
        self.refused = Some(refusal);
    }

    /// The commit is that of the files in force, not of whatever lies on the disk.
    async fn name_commit(&self, tree: Tree) -> Tree {
        if self.refused.is_some() {
            return tree;
        }
        let (config, scripts) = (tree.config().to_owned(), tree.scripts().to_owned());
        let asked = tokio::task::spawn_blocking(move || (tree.commit(), tree)).await;
        match asked {
            Ok((commit, tree)) => {
                self.health.commit_is(commit);
                tree
            }
            Err(error) => {
                tracing::error!(%error, "asking git panicked");
                Tree::new(config, scripts)
            }
        }
    }

    async fn announce(&self) {
        let told = match &self.refused {
            Some(Refusal { mistakes, first, .. }) => self.announcer.refused(*mistakes, first).await,
            None => self.announcer.taken(self.health.commit()).await,
        };
        if let Err(error) = told {
            tracing::warn!(%error, "ops could not be told about the files; tried again at the next reading");
        }
    }
}
