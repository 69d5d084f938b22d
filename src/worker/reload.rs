//! Takes new versions of the files while the bot runs; a broken one keeps the last good version.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use notify_debouncer_full::notify::RecursiveMode;
use notify_debouncer_full::{DebounceEventResult, new_debouncer};
use tokio::sync::{Notify, watch};

use crate::clock::Clock;
use crate::files::{self, Diagnostic};
use crate::rules::{Compiled, Rulebook, ServerConfig, compile};
use crate::telemetry::{Health, Metrics};

/// Quiet time after which a burst of changes (an editor's, a `git pull`) counts as over.
const SETTLED: Duration = Duration::from_millis(250);
/// Network disks send no events: the files are read again this often, whatever was heard.
const RESCAN: Duration = Duration::from_secs(30);

/// The reload loop.
#[derive(Debug)]
pub struct Reload {
    pub config: PathBuf,
    pub scripts: PathBuf,
    pub rules: Arc<ArcSwap<Rulebook>>,
    /// As it was at start; a change of it needs a restart.
    pub server: ServerConfig,
    pub clock: Clock,
    pub health: Arc<Health>,
    pub metrics: Arc<Metrics>,
}

impl Reload {
    /// Runs until `stop` becomes true.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let changed = Arc::new(Notify::new());
        let bell = Arc::clone(&changed);
        let heard = move |_: DebounceEventResult| bell.notify_one();
        let watching = new_debouncer(SETTLED, None, heard).and_then(|mut debouncer| {
            debouncer.watch(&self.config, RecursiveMode::Recursive)?;
            if self.scripts.is_dir() {
                debouncer.watch(&self.scripts, RecursiveMode::Recursive)?;
            }
            Ok(debouncer)
        });
        if let Err(error) = &watching {
            tracing::warn!(%error, "the folders cannot be watched; changes are found every 30 s");
        }
        // What was refused last, so that the same mistakes are not told at every rescan.
        let mut refused = String::new();
        loop {
            tokio::select! {
                () = changed.notified() => {}
                () = tokio::time::sleep(RESCAN) => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
            self.read_again(&mut refused).await;
        }
    }

    async fn read_again(&self, refused: &mut String) {
        let (config, scripts) = (self.config.clone(), self.scripts.clone());
        let now = self.clock.now();
        let read = move || compile(&files::folder::read(&config, &scripts).at(now));
        match tokio::task::spawn_blocking(read).await {
            Ok(Ok(compiled)) => {
                refused.clear();
                self.take(compiled);
            }
            Ok(Err(mistakes)) => self.refuse(&mistakes, refused),
            Err(error) => tracing::error!(%error, "reading the files panicked; the last good version stays"),
        }
    }

    fn take(&self, compiled: Compiled) {
        let same = self.rules.load().version == compiled.rulebook.version;
        let healthy = self.health.report(0).rules.broken.is_none();
        if same && healthy {
            return;
        }
        if compiled.server != self.server {
            tracing::warn!("config/zhanggui.toml has changed: the server and its connections need a restart");
        }
        let version = compiled.rulebook.version.clone();
        let scripts = compiled.rulebook.scripts.all().len();
        self.rules.store(Arc::new(compiled.rulebook));
        self.health.rules_loaded(&version, self.clock.now());
        self.metrics.reload(true);
        tracing::info!(version = &version[..version.len().min(12)], scripts, "new rules are in force");
    }

    fn refuse(&self, mistakes: &[Diagnostic], refused: &mut String) {
        let told: Vec<String> =
            mistakes.iter().filter(|mistake| mistake.is_error()).map(ToString::to_string).collect();
        let told = told.join("\n");
        if told == *refused {
            return;
        }
        let count = told.lines().count();
        let first = told.lines().next().unwrap_or_default();
        self.health.rules_broken(format!("{count} 处错误，仍在用上一个正确的版本；第一处：{first}"));
        self.metrics.reload(false);
        tracing::error!(
            mistakes = count,
            first,
            "the changed files were refused; the last good version stays in force"
        );
        *refused = told;
    }
}
