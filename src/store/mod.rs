//! What survives: one SQLite database in WAL mode with `synchronous=FULL`.
//!
//! One [`Writer`] exists, owned by the intake lane's thread; what it commits is on disk when
//! [`Writer::commit`] returns. [`Reader`]s have connections of their own, read what is committed and
//! never block the writer, also from another process (`zhanggui journal` beside a running bot).

use std::path::{Path, PathBuf};

mod accepted;
mod announced;
mod batch;
mod cascades;
mod checkpoint;
mod courses;
mod history;
mod join_codes;
mod mass_sends;
mod media;
mod moments;
mod outbox;
mod posts_seen;
mod proof;
mod reader;
mod schedules;
mod schema;
mod standing;
mod uses;
mod welcome_templates;

pub use accepted::{Accepted, Refused};
pub use announced::Announced;
pub use batch::{Batch, NewEvent, Writer};
pub use courses::Course;
pub use history::{HistoryRow, HistorySpan, Memories, PastOutcome};
pub use join_codes::CameBy;
pub use mass_sends::{GroupOfSend, MassSendRow};
pub use media::MediaRow;
pub use moments::{MomentEnd, MomentRow};
pub use outbox::{OutboxRow, Rank, RowState};
pub use proof::{Handing, MissedRecord, PostCourse, PostRecord, PostStatus};
pub use reader::{JournalAction, JournalEntry, Reader};
pub use uses::{UseCount, UsesBy};

/// The database's file inside the data folder.
pub const DATABASE: &str = "zhanggui.db";

/// Why memory could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("database: {0}")]
    Sqlite(#[from] rusqlite::Error),
    #[error("row of table {table} cannot be read: {source}")]
    Row { table: &'static str, source: serde_json::Error },
    #[error("value for table {table} cannot be written: {source}")]
    Value { table: &'static str, source: serde_json::Error },
    #[error("the data folder {path} cannot be used: {source}")]
    Folder { path: PathBuf, source: std::io::Error },
    #[error("the database was written by a newer version (schema {found}, this program knows {known})")]
    Newer { found: i64, known: i64 },
    #[error("另一个程序正在使用它 / another program is running with the data folder {path}")]
    InUse { path: PathBuf },
}

pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// Opens the data folder for the one program that writes, creating and migrating the database.
pub fn open(folder: &Path) -> Result<(Writer, Reader)> {
    std::fs::create_dir_all(folder)
        .map_err(|source| StoreError::Folder { path: folder.to_owned(), source })?;
    let writer = Writer::open(folder)?;
    Ok((writer, read(folder)?))
}

/// Opens an existing data folder for reading.
pub fn read(folder: &Path) -> Result<Reader> {
    Reader::open(&folder.join(DATABASE))
}

#[cfg(test)]
mod tests;
