//! Health: what `/health`, `/ready` and `zhanggui status` say about the running house.
//!
//! Whoever knows something new (app, reload, store) writes it here; nobody asks anybody.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use arc_swap::{ArcSwap, ArcSwapOption};
use jiff::Timestamp;
use serde::Serialize;

/// The latest that is known; cheap to write and to read from any task.
#[derive(Debug)]
pub struct Health {
    started: Instant,
    ready: AtomicBool,
    rules: ArcSwap<LoadedRules>,
    rules_broken: ArcSwapOption<String>,
    commit: ArcSwapOption<LiveCommit>,
    pull_broken: ArcSwapOption<String>,
    store_broken: ArcSwapOption<String>,
}

#[derive(Debug, Default)]
struct LoadedRules {
    version: String,
    loaded_at: Option<Timestamp>,
}

/// The commit that the rules in force are of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LiveCommit {
    /// The short id.
    pub id: String,
    /// When it was made.
    pub at: Timestamp,
    pub author: String,
    /// The first line of its message.
    pub subject: String,
    /// The rules in force are not quite this commit: somebody edited files in place.
    pub differs: bool,
}

/// The body of `/health`.
#[derive(Debug, PartialEq, Serialize)]
pub struct HealthReport {
    /// `ok`, or `degraded` when the rules on disk or in the remote are broken or the store fails.
    pub status: &'static str,
    /// Of the program.
    pub version: &'static str,
    pub rules: RulesReport,
    /// `ok`, or what is wrong.
    pub store: String,
    pub outbox_pending: i64,
    pub uptime_seconds: u64,
}

/// Which rules are in force.
#[derive(Debug, PartialEq, Serialize)]
pub struct RulesReport {
    /// [`crate::rules::Rulebook::version`]; empty until the first load.
    pub version: String,
    pub loaded_at: Option<Timestamp>,
    /// `None` where git knows nothing of the files.
    pub commit: Option<LiveCommit>,
    /// Why the files as they are now were not taken; `None` when they were.
    pub broken: Option<String>,
    /// Why the newest commit of the remote branch is not here; `None` when it is, or nobody asked.
    pub pull: Option<String>,
}

impl Default for Health {
    fn default() -> Self {
        Self {
            started: Instant::now(),
            ready: AtomicBool::new(false),
            rules: ArcSwap::default(),
            rules_broken: ArcSwapOption::empty(),
            commit: ArcSwapOption::empty(),
            pull_broken: ArcSwapOption::empty(),
            store_broken: ArcSwapOption::empty(),
        }
    }
}

impl Health {
    /// New rules are in force; what was wrong with the files before is forgotten.
    pub fn rules_loaded(&self, version: impl Into<String>, at: Timestamp) {
        self.rules.store(Arc::new(LoadedRules { version: version.into(), loaded_at: Some(at) }));
        self.rules_broken.store(None);
    }

    /// The files on disk were refused; the last good rules stay in force. `why` is for people.
    pub fn rules_broken(&self, why: impl Into<String>) {
        self.rules_broken.store(Some(Arc::new(why.into())));
    }

    /// Which commit the rules in force are of, found out when they were taken.
    pub fn commit_is(&self, commit: Option<LiveCommit>) {
        self.commit.store(commit.map(Arc::new));
    }

    pub fn commit(&self) -> Option<LiveCommit> {
        self.commit.load().as_deref().cloned()
    }

    pub fn are_rules_broken(&self) -> bool {
        self.rules_broken.load().is_some()
    }

    /// Why the remote branch cannot be followed; `None` when it can (again). For people.
    pub fn pull_is_broken(&self, why: Option<String>) {
        self.pull_broken.store(why.map(Arc::new));
    }

    /// The store failed; `why` is for people.
    pub fn store_broken(&self, why: impl Into<String>) {
        self.store_broken.store(Some(Arc::new(why.into())));
    }

    /// The store works (again). Costs one load while nothing is wrong.
    pub fn store_works(&self) {
        if self.store_broken.load().is_some() {
            self.store_broken.store(None);
        }
    }

    /// Whether callbacks are welcome: true once everything is wired, false while draining.
    pub fn set_ready(&self, ready: bool) {
        self.ready.store(ready, Ordering::Release);
    }

    pub fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Acquire) && self.store_broken.load().is_none()
    }

    pub fn report(&self, outbox_pending: i64) -> HealthReport {
        let rules = self.rules.load();
        let broken = self.rules_broken.load().as_deref().cloned();
        let pull = self.pull_broken.load().as_deref().cloned();
        let store = self.store_broken.load().as_deref().cloned();
        let well = broken.is_none() && pull.is_none() && store.is_none();
        HealthReport {
            status: if well { "ok" } else { "degraded" },
            version: env!("CARGO_PKG_VERSION"),
            rules: RulesReport {
                version: rules.version.clone(),
                loaded_at: rules.loaded_at,
                commit: self.commit(),
                broken,
                pull,
            },
            store: store.unwrap_or_else(|| "ok".to_owned()),
            outbox_pending,
            uptime_seconds: self.started.elapsed().as_secs(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_rules_degrade_but_stay_ready_and_a_good_load_heals() {
        let health = Health::default();
        assert!(!health.is_ready());
        health.set_ready(true);
        health.rules_loaded("v1", Timestamp::UNIX_EPOCH);
        health.rules_broken("profiles/base.toml:3 看不懂");
        assert!(health.is_ready());
        let report = health.report(7);
        assert_eq!(
            (report.status, report.rules.version.as_str(), report.outbox_pending),
            ("degraded", "v1", 7)
        );
        health.rules_loaded("v2", Timestamp::UNIX_EPOCH);
        assert_eq!(health.report(0).status, "ok");
        assert_eq!(health.report(0).rules.broken, None);
    }

    #[test]
    fn a_failing_store_is_not_ready() {
        let health = Health::default();
        health.set_ready(true);
        health.store_broken("磁盘已满");
        assert!(!health.is_ready());
        assert_eq!(health.report(0).store, "磁盘已满");
        health.store_works();
        assert!(health.is_ready());
    }
}
