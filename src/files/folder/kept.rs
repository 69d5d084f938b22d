//! The two folders, read again and again: a file that looks the same from outside is not read anew.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::listing::{Listed, Stamp, unreadable};
use super::{FILE_BYTES_AT_MOST, Listing, read_at_most};
use crate::clock;
use crate::files::source::Lines;
use crate::files::{Diagnostic, Severity, SourceFile, Sources};

const WINDOWS_LINE_END: &str = "\r\n";

/// What a reading may take from the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// A file whose stamp (inode, size, times) is the same has the same text.
    Stamps,
    /// Every file is read: network disks and copying programs may keep the stamps of an old file.
    Nothing,
}

/// The folders, and what was read from them last.
#[derive(Debug)]
pub struct Folders {
    config: PathBuf,
    scripts: PathBuf,
    /// By the file's name in the tree.
    kept: HashMap<String, Kept>,
}

#[derive(Debug)]
struct Kept {
    stamp: Stamp,
    settled: bool,
    text: Arc<str>,
}

impl Folders {
    pub fn new(config: PathBuf, scripts: PathBuf) -> Self {
        Self { config, scripts, kept: HashMap::new() }
    }

    pub fn config(&self) -> &Path {
        &self.config
    }

    pub fn scripts(&self) -> &Path {
        &self.scripts
    }

    /// Looks at the folders without reading any file.
    pub fn list(&self) -> Listing {
        Listing::of(&self.config, &self.scripts)
    }

    /// Reads the listed files. What cannot be read becomes a problem among the result's problems.
    pub fn read(&mut self, listing: &Listing, trust: Trust) -> Sources {
        let read_at = clock::file_time();
        let mut kept = HashMap::with_capacity(listing.files.len());
        let mut files = Vec::with_capacity(listing.files.len());
        let mut problems = listing.problems.clone();
        for listed in &listing.files {
            let text = match self.text(listed, trust) {
                Ok(text) => text,
                Err(problem) => {
                    problems.push(*problem);
                    continue;
                }
            };
            let Listed { path, name, stamp } = listed;
            let settled = stamp.settled(read_at);
            kept.insert(name.clone(), Kept { stamp: *stamp, settled, text: Arc::clone(&text) });
            files.push(SourceFile { name: name.clone(), path: path.to_string_lossy().into_owned(), text });
        }
        self.kept = kept;
        let mut sources = Sources::new(files);
        sources.problems = problems;
        sources
    }

    fn text(&self, listed: &Listed, trust: Trust) -> Result<Arc<str>, Box<Diagnostic>> {
        let kept = self.kept.get(&listed.name);
        let same = kept.filter(|kept| trust == Trust::Stamps && kept.settled && kept.stamp == listed.stamp);
        if let Some(same) = same {
            return Ok(Arc::clone(&same.text));
        }
        let text = read_text(&listed.path)?;
        // The same text stays the same allocation: what was made of it is found again at once.
        let same = kept.filter(|kept| *kept.text == *text);
        Ok(same.map_or_else(|| Arc::from(text), |same| Arc::clone(&same.text)))
    }
}

fn read_text(path: &Path) -> Result<String, Box<Diagnostic>> {
    let bytes = read_at_most(path, FILE_BYTES_AT_MOST).map_err(|error| unreadable(path, &error))?;
    if bytes.len() as u64 > FILE_BYTES_AT_MOST {
        let message = format!("文件太大，最多 {} KiB", FILE_BYTES_AT_MOST / 1024);
        let mut problem =
            Diagnostic::of_file(Severity::Error, "file-too-large", path.to_string_lossy(), message);
        problem.hint("拆成几个文件");
        return Err(Box::new(problem));
    }
    let text = String::from_utf8(bytes).map_err(|error| Box::new(not_utf8(path, &error)))?;
    // An editor's line ends must not become part of what customers read.
    Ok(if text.contains(WINDOWS_LINE_END) { text.replace(WINDOWS_LINE_END, "\n") } else { text })
}

fn not_utf8(path: &Path, error: &std::string::FromUtf8Error) -> Diagnostic {
    let valid_up_to = error.utf8_error().valid_up_to();
    let text = String::from_utf8_lossy(&error.as_bytes()[..valid_up_to]);
    let (line, column) = Lines::of(&text).position(&text, valid_up_to);
    let mut problem =
        Diagnostic::of_file(Severity::Error, "not-utf8", path.to_string_lossy(), "文件不是 UTF-8 编码");
    problem.hint("用编辑器另存为，编码选 UTF-8（多半现在是 GBK）");
    (problem.line, problem.column) = (line, column);
    (problem.end_line, problem.end_column) = (line, column);
    problem
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn folders() -> (tempfile::TempDir, Folders) {
        let folder = tempfile::tempdir().expect("a folder");
        let (config, scripts) = (folder.path().join("config"), folder.path().join("bot-scripts"));
        fs::create_dir_all(&config).expect("a folder");
        fs::create_dir_all(&scripts).expect("a folder");
        (folder, Folders::new(config, scripts))
    }

    fn write(folders: &Folders, name: &str, text: &str) {
        fs::write(folders.config().join(name), text).expect("written");
    }

    fn texts(sources: &Sources) -> Vec<&str> {
        sources.files.iter().map(|file| &*file.text).collect()
    }

    #[test]
    fn an_unchanged_file_is_the_same_text_in_every_reading() {
        let (_folder, mut folders) = folders();
        write(&folders, "a.toml", "a = 1");
        write(&folders, "b.toml", "b = 1");
        let first = folders.read(&folders.list(), Trust::Stamps);
        write(&folders, "b.toml", "b = 2");
        let second = folders.read(&folders.list(), Trust::Nothing);
        assert_eq!(texts(&second), ["a = 1", "b = 2"]);
        assert!(Arc::ptr_eq(&first.files[0].text, &second.files[0].text));
    }

    #[test]
    fn a_file_that_was_just_written_is_read_again_whatever_its_stamp_says() {
        let (_folder, mut folders) = folders();
        // As often as it takes for two writes to fall into one tick of the file system's clock.
        for round in 0..200 {
            write(&folders, "a.toml", &format!("a = {round:03}"));
            let read = folders.read(&folders.list(), Trust::Stamps);
            assert_eq!(texts(&read), [format!("a = {round:03}")]);
        }
    }

    #[test]
    fn a_settled_file_is_trusted_by_its_stamp_unless_nothing_is() {
        let (_folder, mut folders) = folders();
        write(&folders, "a.toml", "a = 1");
        let listing = folders.list();
        folders.read(&listing, Trust::Stamps);
        for kept in folders.kept.values_mut() {
            (kept.settled, kept.text) = (true, Arc::from("kept"));
        }
        assert_eq!(texts(&folders.read(&listing, Trust::Stamps)), ["kept"]);
        assert_eq!(texts(&folders.read(&listing, Trust::Nothing)), ["a = 1"]);
    }

    #[test]
    fn line_ends_of_windows_are_those_of_everybody() {
        let (_folder, mut folders) = folders();
        write(&folders, "a.toml", "\u{feff}a = 1\r\nb = 2\r\n");
        assert_eq!(texts(&folders.read(&folders.list(), Trust::Stamps)), ["\u{feff}a = 1\nb = 2\n"]);
    }

    #[test]
    fn listings_differ_when_anything_was_touched() {
        let (_folder, folders) = folders();
        write(&folders, "a.toml", "a = 1");
        let listing = folders.list();
        assert_eq!(folders.list(), listing);
        write(&folders, "a.toml", "a = 12");
        assert_ne!(folders.list(), listing);
        let listing = folders.list();
        write(&folders, "b.toml", "");
        assert_ne!(folders.list(), listing);
    }
}
