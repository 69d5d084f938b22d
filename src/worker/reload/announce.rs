//! Tells ops what happened to the files, through the lane like everything else: each thing once,
//! also when the program is killed in between, because the store knows what was told.

use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::clock::Clock;
use crate::decision::{Ear, Event, EventKey, EventKind, FileNews, NamedCommit};
use crate::rules::{Outline, Rulebook, digest};
use crate::store::{Announced, Reader, Refused, StoreError};
use crate::telemetry::LiveCommit;
use crate::worker::Intake;

/// Compares what is in force with what people were told of.
#[derive(Debug)]
pub struct Announcer {
    pub intake: Intake,
    pub reader: Reader,
    pub rules: Arc<ArcSwap<Rulebook>>,
    pub clock: Clock,
}

/// Why nobody could be told.
#[derive(Debug, thiserror::Error)]
pub enum AnnounceError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the outline cannot be written: {0}")]
    Outline(#[from] serde_json::Error),
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error("a task ended early: {0}")]
    Task(#[from] tokio::task::JoinError),
}

impl Announcer {
    /// Tells what is new in the rules in force since people were told last. At the very first start
    /// everything is new, and nothing is told.
    pub async fn taken(&self, commit: Option<LiveCommit>) -> Result<(), AnnounceError> {
        let (reader, rules) = (self.reader.clone(), self.rules.load_full());
        let compare = move || compare(&reader, &rules);
        let Some(Comparison { next, changes, mended }) = tokio::task::spawn_blocking(compare).await?? else {
            return Ok(());
        };
        if changes.is_empty() && !mended {
            self.intake.write(move |batch| batch.set_announced(&next)).await?;
            return Ok(());
        }
        tracing::info!(changes = changes.join("\n"), "what has changed");
        let commit = commit.map(|LiveCommit { id, author, subject, .. }| NamedCommit { id, author, subject });
        let version = next.version.clone();
        self.tell(next, FileNews::Taken { version, commit, mended, changes }).await
    }

    /// Tells that the files were refused, unless people know.
    pub async fn refused(&self, mistakes: usize, first: &str) -> Result<(), AnnounceError> {
        let reader = self.reader.clone();
        let known = tokio::task::spawn_blocking(move || reader.announced()).await??;
        let Some(known) = known.filter(|known| !known.refused) else { return Ok(()) };
        let next = Announced { seq: known.seq + 1, refused: true, ..known };
        self.tell(next, FileNews::Refused { mistakes, first: first.to_owned() }).await
    }

    /// The event and the memory that it was told become durable together.
    async fn tell(&self, next: Announced, news: FileNews) -> Result<(), AnnounceError> {
        let event = news_event(EventKey::new(format!("files:{}", next.seq)), news, &self.clock);
        self.intake.submit(event, move |batch| batch.set_announced(&next)).await?;
        Ok(())
    }
}

/// `key` must be another one for everything that is told.
pub fn news_event(key: EventKey, news: FileNews, clock: &Clock) -> Event {
    Event {
        key,
        at: clock.now(),
        ear: Ear::Files,
        via: "files".into(),
        group: None,
        from: None,
        kind: EventKind::FileNews(Box::new(news)),
        raw: None,
    }
}

struct Comparison {
    next: Announced,
    changes: Vec<String>,
    mended: bool,
}

/// `None` when people know everything.
fn compare(reader: &Reader, rules: &Rulebook) -> Result<Option<Comparison>, AnnounceError> {
    let known = reader.announced()?;
    let mended = known.as_ref().is_some_and(|known| known.refused);
    let seq = known.as_ref().map_or(0, |known| known.seq) + 1;
    if !mended && known.as_ref().is_some_and(|known| known.version == rules.version) {
        return Ok(None);
    }
    let outline = Outline::of(rules);
    let before = known.as_ref().and_then(|known| serde_json::from_str::<Outline>(&known.outline).ok());
    if known.is_some() && before.is_none() {
        tracing::warn!(
            "what was announced by another version of the program cannot be compared; starting anew"
        );
    }
    let before = before.filter(|before| before.compares_with(&outline));
    let changes = before.map(|before| digest(&before, &outline)).unwrap_or_default();
    let version = rules.version.clone();
    let next = Announced { seq, version, refused: false, outline: serde_json::to_string(&outline)? };
    Ok(Some(Comparison { next, changes, mended }))
}
