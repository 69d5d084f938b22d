//! Folds the write-ahead log back into the database beside the lane, so that nobody who waits for a
//! commit waits for megabytes of old pages to reach the disk.
//!
//! The thread copies what is committed while the lane goes on appending, round after round until what
//! was written meanwhile grows no less. Only the lane can then begin the log anew, and for that it
//! copies those last pages itself: everybody waits for that, so it happens seldom and is little.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::thread::JoinHandle;

use rusqlite::Connection;

use super::batch::PAGE;
use super::{Result, StoreError};

/// Pages of a mebibyte of log.
const MEBIBYTE: i64 = (1 << 20) / PAGE as i64;
/// Pages of log worth folding back.
const PAGES: i64 = 4 * MEBIBYTE;
/// A log of this length is begun anew as soon as nearly all of it is folded back.
const LONG: i64 = 32 * MEBIBYTE;
/// A log of this length means that the thread does not keep up: then the lane helps at every
/// commit, which slows it down.
const TOO_LONG: i64 = 64 * MEBIBYTE;

/// The thread that folds back; it ends with this value.
#[derive(Debug)]
pub(super) struct Checkpointer {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    stop: AtomicBool,
    /// All of the log is folded back but what the lane wrote during the last round.
    nearly: AtomicBool,
    /// Pages in the log when the thread last looked: asking for them would cost the lane more than all
    /// else that it does here.
    pages: AtomicI64,
}

impl Checkpointer {
    pub fn start(file: &Path) -> Result<Self> {
        let connection = Connection::open(file)?;
        connection.pragma_update(None, "synchronous", "full")?;
        let shared = Arc::new(Shared::default());
        let run = {
            let shared = Arc::clone(&shared);
            move || run(&connection, &shared)
        };
        let thread = std::thread::Builder::new()
            .name("checkpoint".into())
            .spawn(run)
            .map_err(|source| StoreError::Folder { path: file.to_owned(), source })?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// There is more log.
    pub fn notice(&self) {
        if let Some(thread) = &self.thread {
            thread.thread().unpark();
        }
    }

    /// Called by the lane between two commits: copies the rest of what the thread has nearly done, so
    /// that the next commit begins the log anew.
    pub fn help(&self, connection: &Connection) {
        let nearly = self.shared.nearly.swap(false, Ordering::AcqRel);
        let pages = self.shared.pages.load(Ordering::Relaxed);
        if pages > if nearly { LONG } else { TOO_LONG }
            && let Err(error) = Log::read(connection, "PASSIVE")
        {
            tracing::warn!(%error, "the rest of the log could not be folded back");
        }
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Release);
        self.notice();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("folding the log back panicked");
        }
    }
}

fn run(connection: &Connection, shared: &Shared) {
    while !shared.stop.load(Ordering::Acquire) {
        match fold_back(connection, &shared.pages) {
            Ok(true) => shared.nearly.store(true, Ordering::Release),
            Ok(false) => std::thread::park(),
            Err(error) => {
                tracing::warn!(%error, "the log could not be folded back; it grows until that works again");
                std::thread::park();
            }
        }
    }
}

/// Copies what is committed when there is enough of it. Returns whether it did, and keeps `pages` up to date.
fn fold_back(connection: &Connection, pages: &AtomicI64) -> Result<bool> {
    let read = |mode| {
        let log = Log::read(connection, mode)?;
        pages.store(log.pages, Ordering::Relaxed);
        Ok::<_, StoreError>(log.waiting())
    };
    let mut waiting = read("NOOP")?;
    if waiting < PAGES {
        return Ok(false);
    }
    loop {
        // A long reader, or the lane's own copying, can hold this up: then it is done later.
        let left = read("PASSIVE")?;
        if left * 2 >= waiting {
            return Ok(left < PAGES);
        }
        waiting = left;
    }
}

/// Pages in the log, and how many of them are folded back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Log {
    pages: i64,
    folded: i64,
}

impl Log {
    /// `NOOP` only looks; `PASSIVE` copies as much as can be copied without waiting for anybody.
    fn read(connection: &Connection, mode: &str) -> Result<Self> {
        let mut pragma = connection.prepare_cached(&format!("PRAGMA wal_checkpoint({mode})"))?;
        Ok(pragma.query_row([], |row| Ok(Self { pages: row.get(1)?, folded: row.get(2)? }))?)
    }

    fn waiting(self) -> i64 {
        self.pages - self.folded
    }
}

#[cfg(test)]
mod tests {
    use crate::store::{DATABASE, open};

    /// Written in all: twice what the log may hold before the lane helps.
    const COMMITS: u32 = 128;
    const MEBIBYTE: u32 = 1 << 20;

    #[test]
    fn the_log_begins_anew_while_the_lane_goes_on() {
        let folder = tempfile::tempdir().expect("a folder");
        let (mut writer, _reader) = open(folder.path()).expect("opens");
        let text = "x".repeat(MEBIBYTE as usize);
        for number in 0..COMMITS {
            let write = |batch: &crate::store::Batch<'_>| {
                batch.connection.execute("INSERT INTO people (id, body) VALUES (?1, ?2)", (number, &text))?;
                Ok(())
            };
            writer.commit(write).expect("stored");
        }
        let log = std::fs::metadata(folder.path().join(format!("{DATABASE}-wal"))).expect("a log").len();
        assert!(log < u64::from(COMMITS * MEBIBYTE) * 3 / 4, "the log has {log} bytes");
    }
}
