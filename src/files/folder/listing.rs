//! Which files stand below the two folders, and how each looks from outside.

use std::collections::BTreeSet;
use std::fs::{self, DirEntry, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::{CONFIG, SCRIPTS};
use crate::files::{Diagnostic, Severity};

/// Ten thousand scripts in files of their own, and as much again.
const FILES_AT_MOST: usize = 20_000;
/// Deeper folders than anybody files scripts in; also ends what links back to itself.
const DEPTH_AT_MOST: usize = 8;

/// Every `.toml` file. Equal listings mean that nothing was touched between them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listing {
    pub(super) files: Vec<Listed>,
    /// What cannot be read at all.
    pub(super) problems: Vec<Diagnostic>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Listed {
    pub path: PathBuf,
    /// See [`crate::files::SourceFile::name`].
    pub name: String,
    pub stamp: Stamp,
}

/// What changes when a file's text does; see [`Stamp::settled`] for the exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    inode: u64,
    size: u64,
    /// Of the text, and of anything about the file; in nanoseconds since 1970.
    modified: i128,
    changed: i128,
}

/// The coarsest clock that a file system stamps with is FAT's.
const CLOCK_TICK_NS: i128 = 2_000_000_000;

impl Stamp {
    #[cfg(unix)]
    fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        let at = |seconds: i64, ns: i64| i128::from(seconds) * 1_000_000_000 + i128::from(ns);
        Self {
            inode: metadata.ino(),
            size: metadata.len(),
            modified: at(metadata.mtime(), metadata.mtime_nsec()),
            changed: at(metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    #[cfg(not(unix))]
    fn of(metadata: &Metadata) -> Self {
        let modified = metadata.modified().map_or(0, nanoseconds);
        Self { inode: 0, size: metadata.len(), modified, changed: modified }
    }

    /// Whether a later change would show: a file that was written just before `read_at` could be
    /// written again within the same tick of the file system's clock.
    pub fn settled(self, read_at: SystemTime) -> bool {
        self.modified.max(self.changed) + CLOCK_TICK_NS < nanoseconds(read_at)
    }
}

fn nanoseconds(time: SystemTime) -> i128 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    i128::try_from(since).unwrap_or(i128::MAX)
}

impl Listing {
    pub(super) fn of(config: &Path, scripts: &Path) -> Self {
        let mut walk = Walk::default();
        walk.roots.extend([config, scripts].into_iter().filter_map(|root| fs::canonicalize(root).ok()));
        if config.is_dir() {
            walk.folder(config, CONFIG, DEPTH_AT_MOST);
        } else {
            walk.problem(
                "no-config-folder",
                config,
                "没有这个配置文件夹",
                "用 --config 指出配置文件夹在哪里",
            );
        }
        if scripts.is_dir() {
            walk.folder(scripts, SCRIPTS, DEPTH_AT_MOST);
        } else {
            let hint = "用 --scripts 指出话术文件夹在哪里；还没有话术就先建一个空文件夹";
            walk.problem("no-scripts-folder", scripts, "没有话术文件夹，店员查不到任何话术", hint);
        }
        walk.listing
    }
}

#[derive(Debug, Default)]
struct Walk {
    listing: Listing,
    /// The real paths of the two folders: links may not lead out of them.
    roots: Vec<PathBuf>,
    /// Real paths of folders, so that a link to a folder above is not followed for ever.
    visited: BTreeSet<PathBuf>,
}

impl Walk {
    fn problem(&mut self, code: &'static str, path: &Path, message: impl Into<String>, hint: &str) {
        let mut problem = Diagnostic::of_file(Severity::Error, code, path.to_string_lossy(), message);
        problem.hint(hint);
        self.listing.problems.push(problem);
    }

    fn unreadable(&mut self, path: &Path, error: &io::Error) {
        self.listing.problems.push(unreadable(path, error));
    }

    fn folder(&mut self, folder: &Path, name: &str, depth_left: usize) {
        match fs::canonicalize(folder) {
            Ok(real) => {
                if !self.visited.insert(real) {
                    return;
                }
            }
            Err(error) => return self.unreadable(folder, &error),
        }
        if depth_left == 0 {
            let message = format!("文件夹套得太深，最多 {DEPTH_AT_MOST} 层");
            return self.problem("too-deep", folder, message, "把里面的文件往上移");
        }
        let mut entries = match fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>) {
            Ok(entries) => entries,
            Err(error) => return self.unreadable(folder, &error),
        };
        entries.sort_by_key(DirEntry::file_name);
        for entry in entries {
            self.entry(&entry, name, depth_left);
        }
    }

    fn entry(&mut self, entry: &DirEntry, folder: &str, depth_left: usize) {
        let path = entry.path();
        let Ok(file_name) = entry.file_name().into_string() else {
            return self.problem("bad-file-name", &path, "文件名不是 UTF-8", "换一个文件名");
        };
        if file_name.starts_with('.') {
            return;
        }
        let is_toml = file_name.ends_with(".toml");
        let kind = match entry.file_type() {
            Ok(kind) => kind,
            Err(error) => return self.unreadable(&path, &error),
        };
        if kind.is_symlink() && !self.stays_inside(&path) {
            // A picture that is linked to is nobody's business here.
            if is_toml || path.is_dir() {
                let hint = "把文件本身放进来，不要用链接";
                self.problem("link-out-of-tree", &path, "这个链接指向配置和话术文件夹外面", hint);
            }
            return;
        }
        let is_folder = kind.is_dir() || (kind.is_symlink() && path.is_dir());
        let name = format!("{folder}/{file_name}");
        // Scripts inside the configuration are read as what they are.
        if is_folder && name != format!("{CONFIG}/{SCRIPTS}") {
            self.folder(&path, &name, depth_left - 1);
        } else if is_toml {
            self.file(path, name);
        }
    }

    /// A link to nowhere counts as inside: that it cannot be read is what is wrong with it.
    fn stays_inside(&self, link: &Path) -> bool {
        fs::canonicalize(link).map_or(true, |real| self.roots.iter().any(|root| real.starts_with(root)))
    }

    fn file(&mut self, path: PathBuf, name: String) {
        if self.listing.files.len() == FILES_AT_MOST {
            let too_many = "too-many-files";
            if self.listing.problems.iter().all(|problem| problem.code != too_many) {
                let message = format!("文件太多，最多 {FILES_AT_MOST} 个，从这个开始没有再读");
                self.problem(too_many, &path, message, "把多条话术写进同一个文件");
            }
            return;
        }
        match fs::metadata(&path) {
            Ok(metadata) => {
                let stamp = Stamp::of(&metadata);
                self.listing.files.push(Listed { path, name, stamp });
            }
            Err(error) => self.unreadable(&path, &error),
        }
    }
}

pub(super) fn unreadable(path: &Path, error: &io::Error) -> Diagnostic {
    let message = format!("读不了：{error}");
    let mut problem = Diagnostic::of_file(Severity::Error, "unreadable", path.to_string_lossy(), message);
    problem.hint("检查它是否存在、运行掌柜的用户能不能读");
    problem
}
