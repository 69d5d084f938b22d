//! How long the disk alone keeps people waiting who want their message to be durable before it is answered.
//!
//! A page is due every millisecond. All that are due are written over old ones of a file, with one fdatasync for all, and
//! their wait counts from the moment at which they were due: what a server could reach that does nothing else.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;

use super::report::percentile;

/// Bytes of a page.
const PAGE: usize = 8 * 1024;
/// Pages of the file; all are written beforehand, so that the file system has nothing to write about them later.
const PAGES: u64 = 4096;
const EVERY: Duration = Duration::from_millis(1);

/// How long pages waited until they were durable.
#[derive(Debug, serde::Serialize)]
pub struct Waits {
    pub pages: usize,
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub max_ms: f64,
}

impl Waits {
    fn new(mut microseconds: Vec<u32>) -> Self {
        microseconds.sort_unstable();
        let at = |share| percentile(&microseconds, share) / 1000.0;
        Self { pages: microseconds.len(), p50_ms: at(0.5), p99_ms: at(0.99), max_ms: at(1.0) }
    }

    /// One line for a terminal.
    pub fn to_text(&self) -> String {
        let Self { pages, p50_ms, p99_ms, max_ms } = self;
        format!(
            "磁盘（每毫秒落盘一页，共 {pages} 页）\n  等待   p50 {p50_ms:.2} ms，p99 {p99_ms:.2} ms，最大 {max_ms:.2} ms\n"
        )
    }
}

/// Measures the disk below `folder` for so long. Nothing is left there, however the program ends.
pub fn measure(folder: &Path, lasts: Duration) -> anyhow::Result<Waits> {
    let file = scratch_file(folder)?;
    let page = [0x5a; PAGE];
    let mut waits = Vec::new();
    let start = Instant::now();
    let mut due = start;
    let mut number = 0;
    while due < start + lasts {
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        let first = due;
        while due <= Instant::now() {
            file.write_all_at(&page, (number % PAGES) * PAGE as u64)?;
            due += EVERY;
            number += 1;
        }
        file.sync_data()?;
        let written =
            std::iter::successors(Some(first), |due| Some(*due + EVERY)).take_while(|one| *one < due);
        waits.extend(written.map(|one| u32::try_from(one.elapsed().as_micros()).unwrap_or(u32::MAX)));
    }
    Ok(Waits::new(waits))
}

/// A file of [`PAGES`] pages without a name: the system frees it with the last handle.
fn scratch_file(folder: &Path) -> anyhow::Result<File> {
    let path = folder.join(format!("zhanggui-load-{}.tmp", std::process::id()));
    let file = File::options().write(true).create_new(true).open(&path);
    let file = file.with_context(|| format!("不能在 {} 里写文件", folder.display()))?;
    std::fs::remove_file(&path)?;
    let page = [0; PAGE];
    for number in 0..PAGES {
        file.write_all_at(&page, number * PAGE as u64)?;
    }
    file.sync_all()?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_that_was_due_is_written_and_nothing_is_left() {
        let folder = tempfile::tempdir().expect("a folder");
        let waits = measure(folder.path(), Duration::from_millis(50)).expect("the disk can be written to");
        assert!(waits.pages >= 50, "{waits:?}");
        assert!(0.0 < waits.p50_ms && waits.p50_ms <= waits.p99_ms && waits.p99_ms <= waits.max_ms);
        assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 0);
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let error = measure(Path::new("/nowhere/at/all"), Duration::ZERO).expect_err("no such folder");
        assert!(error.to_string().contains("/nowhere/at/all"), "{error}");
    }
}
