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

use super::{Result, StoreError};

const MEBIBYTE: i64 = 1 << 20;
/// Bytes of log worth folding back. As all lengths here, it counts the pages without what the log writes around them.
const WORTH: i64 = 4 * MEBIBYTE;
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
    /// Bytes in the log when the thread last looked: asking for them would cost the lane more than all
    /// else that it does here.
    length: AtomicI64,
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
        let length = self.shared.length.load(Ordering::Relaxed);
        if length > if nearly { LONG } else { TOO_LONG }
            && let Err(error) = checkpoint(connection, "PASSIVE")
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
        match fold_back(connection, &shared.length) {
            Ok(true) => shared.nearly.store(true, Ordering::Release),
            Ok(false) => std::thread::park(),
            Err(error) => {
                tracing::warn!(%error, "the log could not be folded back; it grows until that works again");
                std::thread::park();
            }
        }
    }
}

/// Copies what is committed when there is enough of it. Returns whether it did, and keeps `length` up to date.
fn fold_back(connection: &Connection, length: &AtomicI64) -> Result<bool> {
    let fold = |mode| {
        let log = checkpoint(connection, mode)?;
        length.store(log.length, Ordering::Relaxed);
        Ok::<_, StoreError>(log.length - log.folded)
    };
    let mut waiting = fold("NOOP")?;
    if waiting < WORTH {
        return Ok(false);
    }
    loop {
        // A long reader, or the lane's own copying, can hold this up: then it is done later.
        let left = fold("PASSIVE")?;
        if left * 2 >= waiting {
            return Ok(left < WORTH);
        }
        waiting = left;
    }
}

/// Bytes in the log, and how many of them are folded back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Log {
    length: i64,
    folded: i64,
}

/// `NOOP` only looks; `PASSIVE` copies as much as can be copied without waiting for anybody.
fn checkpoint(connection: &Connection, mode: &str) -> Result<Log> {
    // SQLite counts pages, and a database keeps the size of those that it was made with.
    let page: i64 = connection.prepare_cached("PRAGMA page_size")?.query_row([], |row| row.get(0))?;
    let mut pragma = connection.prepare_cached(&format!("PRAGMA wal_checkpoint({mode})"))?;
    let (pages, folded): (i64, i64) = pragma.query_row([], |row| Ok((row.get(1)?, row.get(2)?)))?;
    Ok(Log { length: pages * page, folded: folded * page })
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::checkpoint;
    use crate::store::{Batch, DATABASE, Result, open};

    /// Written in all: twice what the log may hold before the lane helps.
    const COMMITS: u32 = 128;
    const MEBIBYTE: u32 = 1 << 20;

    #[test]
    fn the_log_begins_anew_while_the_lane_goes_on() {
        let folder = tempfile::tempdir().expect("a folder");
        let (mut writer, _reader) = open(folder.path()).expect("opens");
        for number in 0..COMMITS {
            writer.commit(|batch| add_mebibyte(batch, number)).expect("stored");
        }
        let log = std::fs::metadata(folder.path().join(format!("{DATABASE}-wal"))).expect("a log").len();
        assert!(log < u64::from(COMMITS * MEBIBYTE) * 3 / 4, "the log has {log} bytes");
    }

    #[test]
    fn the_log_is_measured_in_bytes_whatever_pages_the_database_was_made_with() {
        for page in [1024, 4096, 16_384] {
            let folder = tempfile::tempdir().expect("a folder");
            let database = Connection::open(folder.path().join(DATABASE)).expect("opens");
            database.pragma_update(None, "page_size", page).expect("set");
            database
                .execute_batch("CREATE TABLE old (id); PRAGMA journal_mode = wal")
                .expect("an older database");
            let (mut writer, _reader) = open(folder.path()).expect("opens");
            writer.commit(|batch| add_mebibyte(batch, 0)).expect("stored");
            let log = checkpoint(&database, "NOOP").expect("looks");
            let file = std::fs::metadata(folder.path().join(format!("{DATABASE}-wal"))).expect("a log").len();
            assert!(
                (i64::from(MEBIBYTE)..file as i64).contains(&log.length),
                "{page}: {log:?} of {file} bytes"
            );
        }
    }

    fn add_mebibyte(batch: &Batch<'_>, number: u32) -> Result<()> {
        let text = "x".repeat(MEBIBYTE as usize);
        batch.connection.execute("INSERT INTO people (id, body) VALUES (?1, ?2)", (number, text))?;
        Ok(())
    }
}
