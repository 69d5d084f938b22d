//! Which files stand below the two folders, and how each looks from outside.

use std::collections::BTreeSet;
use std::fs::{self, DirEntry, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use super::{CONFIG, FILES_AT_MOST, SCRIPTS};
use crate::files::{Diagnostic, Severity, SourceFile};

/// Deeper folders than anybody files scripts in; also ends what links back to itself.
const DEPTH_AT_MOST: usize = 8;

/// Every `.toml` file and every medium. Equal listings mean that nothing was touched between them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listing {
    pub(super) files: Vec<Listed>,
    /// What is beside the scripts.
    pub(super) media: Vec<Listed>,
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

impl Listed {
    pub fn with(&self, text: impl Into<Arc<str>>) -> SourceFile {
        let path = self.path.to_string_lossy().into_owned();
        SourceFile { name: self.name.clone(), path, text: text.into() }
    }
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

    /// In bytes.
    pub fn size(self) -> u64 {
        self.size
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

    /// A file, or every `.toml` file below a folder, each by its path.
    pub(super) fn beside(path: &Path) -> Self {
        let mut walk = Walk::default();
        walk.roots.extend(fs::canonicalize(path).ok());
        let name = path.to_string_lossy().replace('\\', "/");
        if path.is_dir() {
            walk.folder(path, name.trim_end_matches('/'), DEPTH_AT_MOST);
        } else {
            walk.file(path.to_owned(), name, Content::Text);
        }
        walk.listing
    }
}

enum Content {
    Text,
    Medium,
}

#[derive(Debug, Default)]
struct Walk {
    listing: Listing,
    /// The real paths of the two folders: links must not lead out of them. Whoever writes scripts must not
    /// make the bot read, show or send other files of the machine.
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
        let kind = match entry.file_type() {
            Ok(kind) => kind,
            Err(error) => return self.unreadable(&path, &error),
        };
        let is_folder = kind.is_dir() || (kind.is_symlink() && path.is_dir());
        let name = format!("{folder}/{file_name}");
        // Scripts inside the configuration are read as what they are.
        if is_folder && name == format!("{CONFIG}/{SCRIPTS}") {
            return;
        }
        if kind.is_symlink() && !self.stays_inside(&path) {
            let hint = "把文件本身放进来，不要用链接";
            return self.problem("link-out-of-tree", &path, "这个链接指向配置和话术文件夹外面", hint);
        }
        if is_folder {
            self.folder(&path, &name, depth_left - 1);
        } else if file_name.ends_with(".toml") {
            self.file(path, name, Content::Text);
        } else if name.starts_with(SCRIPTS) {
            self.file(path, name, Content::Medium);
        }
    }

    /// A link to nowhere counts as inside: that it cannot be read is what is wrong with it.
    fn stays_inside(&self, link: &Path) -> bool {
        fs::canonicalize(link).map_or(true, |real| self.roots.iter().any(|root| real.starts_with(root)))
    }

    fn file(&mut self, path: PathBuf, name: String, content: Content) {
        let metadata = match fs::metadata(&path) {
            // Opening a pipe would wait for somebody to write into it.
            Ok(metadata) if !metadata.is_file() => {
                return self.unreadable(&path, &io::Error::other("不是文件"));
            }
            Ok(metadata) => metadata,
            Err(error) => return self.unreadable(&path, &error),
        };
        let Listing { files, media, problems } = &mut self.listing;
        let list = match content {
            Content::Text => files,
            Content::Medium => media,
        };
        if list.len() < FILES_AT_MOST {
            list.push(Listed { path, name, stamp: Stamp::of(&metadata) });
        } else if problems.iter().all(|problem| problem.code != TOO_MANY_FILES) {
            problems.push(too_many_files(&path));
        }
    }
}

const TOO_MANY_FILES: &str = "too-many-files";

pub(super) fn too_many_files(path: &Path) -> Diagnostic {
    let message = format!("文件太多，最多 {FILES_AT_MOST} 个，从这个开始没有再读");
    let mut problem = Diagnostic::of_file(Severity::Error, TOO_MANY_FILES, path.to_string_lossy(), message);
    problem.hint("把多条话术写进同一个文件");
    problem
}

pub(super) fn unreadable(path: &Path, error: &io::Error) -> Diagnostic {
    let message = format!("读不了：{error}");
    let mut problem = Diagnostic::of_file(Severity::Error, "unreadable", path.to_string_lossy(), message);
    problem.hint("检查它是否存在、运行掌柜的用户能不能读");
    problem
}
