//! What survives the process: an append-only log of changes, `sim.jsonl`.
//!
//! The first line is the whole state, each further line the changes of one step. Every line goes
//! to the operating system before the step is over, so a killed process loses nothing that anybody
//! was told; a machine that loses power may lose the last lines, which is fine for a simulator.
//! Opening replays the log and writes it anew as one line. A last line without its end was being
//! written when the process died: nobody has seen its effect, it is dropped.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::world::{Change, State};

/// The log's name inside the data folder.
pub const FILE_NAME: &str = "sim.jsonl";

/// One step.
#[derive(Debug, Serialize, Deserialize)]
pub struct Entry {
    /// The last number that had been given out.
    pub number: u64,
    pub changes: Vec<Change>,
}

#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("模拟平台的数据文件 {path} 无法读写：{source}", path = path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("模拟平台的数据文件 {path} 第 {line} 行无法读懂：{source}", path = path.display())]
    Line { path: PathBuf, line: usize, source: serde_json::Error },
}

/// The open log.
pub struct Log {
    path: PathBuf,
    file: File,
}

impl Log {
    /// Brings back the state kept in `folder`, or starts with `fresh`.
    pub fn open(folder: &Path, fresh: impl FnOnce() -> State) -> Result<(State, Self), OpenError> {
        let path = folder.join(FILE_NAME);
        let state = match fs::read(&path) {
            Ok(bytes) => replay(&path, &bytes)?.unwrap_or_else(fresh),
            Err(error) if error.kind() == io::ErrorKind::NotFound => fresh(),
            Err(source) => return Err(OpenError::Io { path, source }),
        };
        let file =
            rewrite(folder, &path, &state).map_err(|source| OpenError::Io { path: path.clone(), source })?;
        Ok((state, Self { path, file }))
    }

    /// Adds a step. When the disk fails the simulator goes on in memory and says so.
    pub fn append(&mut self, entry: &Entry) {
        let written = line(entry).and_then(|line| self.file.write_all(&line));
        if let Err(error) = written {
            tracing::error!(path = %self.path.display(), %error, "the simulator's log can't be written");
        }
    }
}

fn replay(path: &Path, bytes: &[u8]) -> Result<Option<State>, OpenError> {
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    if whole < bytes.len() {
        tracing::warn!(path = %path.display(), "the last line was not finished when the process ended; dropped");
    }
    let mut lines = bytes[..whole].split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let unreadable = |line, source| OpenError::Line { path: path.to_owned(), line, source };
    let Some(first) = lines.next() else { return Ok(None) };
    let mut state: State = serde_json::from_slice(first).map_err(|source| unreadable(1, source))?;
    for (index, line) in lines.enumerate() {
        let entry: Entry = serde_json::from_slice(line).map_err(|source| unreadable(index + 2, source))?;
        entry.changes.into_iter().for_each(|change| state.apply(change));
        state.number = entry.number;
    }
    Ok(Some(state))
}

/// Writes the log anew as one line; the old one stays until the new one is whole.
fn rewrite(folder: &Path, path: &Path, state: &State) -> io::Result<File> {
    fs::create_dir_all(folder)?;
    write_private(path, &line(state)?)?;
    OpenOptions::new().append(true).open(path)
}

fn line(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    Ok(line)
}

/// Replaces a file in one move, readable by its owner alone: the simulator's files hold secrets.
pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".tmp");
    let temporary = path.with_file_name(name);
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&temporary, path)
}
