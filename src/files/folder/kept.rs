//! The two folders, read again and again: a file that looks the same from outside is not read anew.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use super::listing::{Listed, Stamp, unreadable};
use super::{Listing, media, text};
use crate::clock;
use crate::files::{Diagnostic, MediaSource, Sources};

/// What a reading may take from the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// A file whose stamp (inode, size, times) is the same has the same text.
    Stamps,
    /// Every file is read: network disks and copying programs may keep the stamps of an old file. Media are
    /// trusted all the same: there may be gigabytes of them, and people give another picture another name.
    Nothing,
}

/// The folders, and what was read from them last.
#[derive(Debug)]
pub struct Folders {
    config: PathBuf,
    scripts: PathBuf,
    /// By the file's name in the tree.
    texts: HashMap<String, Kept<Arc<str>>>,
    media: HashMap<String, Kept<MediaSource>>,
}

#[derive(Debug)]
struct Kept<T> {
    stamp: Stamp,
    settled: bool,
    content: T,
}

impl<T> Kept<T> {
    fn at(listed: &Listed, read_at: SystemTime, content: T) -> Self {
        Self { stamp: listed.stamp, settled: listed.stamp.settled(read_at), content }
    }

    /// Whether the file is surely still what it was.
    fn holds_for(&self, listed: &Listed) -> bool {
        self.settled && self.stamp == listed.stamp
    }
}

impl Folders {
    pub fn new(config: PathBuf, scripts: PathBuf) -> Self {
        Self { config, scripts, texts: HashMap::new(), media: HashMap::new() }
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
        let mut problems = listing.problems.clone();
        let mut texts = HashMap::with_capacity(listing.files.len());
        let mut files = Vec::with_capacity(listing.files.len());
        for listed in &listing.files {
            match self.text(listed, trust) {
                Ok(content) => {
                    files.push(listed.with(Arc::clone(&content)));
                    texts.insert(listed.name.clone(), Kept::at(listed, read_at, content));
                }
                Err(problem) => problems.push(*problem),
            }
        }
        let mut media = HashMap::with_capacity(listing.media.len());
        for listed in &listing.media {
            match self.medium(listed) {
                Ok(content) => drop(media.insert(listed.name.clone(), Kept::at(listed, read_at, content))),
                Err(problem) => problems.push(*problem),
            }
        }
        let mut sources = Sources { problems, ..Sources::new(files) };
        sources.media = media.values().map(|kept| kept.content.clone()).collect();
        sources.media.sort_by(|one, other| one.name.cmp(&other.name));
        (self.texts, self.media) = (texts, media);
        sources
    }

    fn text(&self, listed: &Listed, trust: Trust) -> Result<Arc<str>, Box<Diagnostic>> {
        let kept = self.texts.get(&listed.name);
        if let Some(same) = kept.filter(|kept| trust == Trust::Stamps && kept.holds_for(listed)) {
            return Ok(Arc::clone(&same.content));
        }
        let text = text::read(&listed.path)?;
        // The same text stays the same allocation: what was made of it is found again at once.
        let same = kept.filter(|kept| *kept.content == *text);
        Ok(same.map_or_else(|| Arc::from(text), |same| Arc::clone(&same.content)))
    }

    fn medium(&self, listed: &Listed) -> Result<MediaSource, Box<Diagnostic>> {
        match self.media.get(&listed.name).filter(|kept| kept.holds_for(listed)) {
            Some(same) => Ok(same.content.clone()),
            None => media::read(listed).map_err(|error| Box::new(unreadable(&listed.path, &error))),
        }
    }
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
        for kept in folders.texts.values_mut() {
            (kept.settled, kept.content) = (true, Arc::from("kept"));
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
