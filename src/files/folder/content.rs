//! Reads the pictures, videos and files beside the scripts, and nothing outside the scripts folder.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use super::SCRIPTS;

/// Why a file of the library could not be read.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// Not `bot-scripts/…`, or a way out of the folder, be it by a link.
    #[error("{name:?} is not a file inside the scripts folder")]
    Outside { name: String },
    #[error("{name:?} cannot be read: {cause}")]
    Unreadable { name: String, cause: io::Error },
    /// `bytes` is what the file system says; the file was not read.
    #[error("{name:?} has {bytes} bytes, at most {at_most} are read")]
    TooLarge { name: String, bytes: u64, at_most: usize },
}

/// Reads `bot-scripts/…` below the folder that holds the scripts, at most `at_most` bytes.
pub fn read_media(scripts: &Path, name: &str, at_most: usize) -> Result<Vec<u8>, MediaError> {
    let unreadable = |cause| MediaError::Unreadable { name: name.to_owned(), cause };
    let path = locate(scripts, name)?;
    let found = fs::metadata(&path).map_err(unreadable)?;
    // Opening a pipe would wait for somebody to write into it.
    if !found.is_file() {
        return Err(unreadable(io::Error::other("not a file")));
    }
    let bytes = found.len();
    let limit = u64::try_from(at_most).unwrap_or(u64::MAX);
    let too_large = |bytes| MediaError::TooLarge { name: name.to_owned(), bytes, at_most };
    if bytes > limit {
        return Err(too_large(bytes));
    }
    let mut content = Vec::new();
    // It may grow while it is read.
    let file = File::open(path).map_err(unreadable)?;
    file.take(limit.saturating_add(1)).read_to_end(&mut content).map_err(unreadable)?;
    if content.len() > at_most { Err(too_large(limit.saturating_add(1))) } else { Ok(content) }
}

/// The real path of a file, which is inside the folder's real path.
fn locate(scripts: &Path, name: &str) -> Result<PathBuf, MediaError> {
    let outside = || MediaError::Outside { name: name.to_owned() };
    let unreadable = |cause| MediaError::Unreadable { name: name.to_owned(), cause };
    let inside = name.strip_prefix(SCRIPTS).and_then(|rest| rest.strip_prefix('/')).ok_or_else(outside)?;
    let plain = |part: Component<'_>| matches!(part, Component::Normal(_));
    // A backslash separates folders on Windows alone; no name means the same on every machine with one.
    if inside.is_empty() || inside.contains(['\\', '\0']) || !Path::new(inside).components().all(plain) {
        return Err(outside());
    }
    let folder = fs::canonicalize(scripts).map_err(unreadable)?;
    let path = fs::canonicalize(folder.join(inside)).map_err(unreadable)?;
    if path.starts_with(&folder) { Ok(path) } else { Err(outside()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn library() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("scripts/promotion/media")).unwrap();
        fs::write(folder.path().join("scripts/promotion/media/月饼.jpg"), b"12345678").unwrap();
        fs::write(folder.path().join("secret"), b"12345678").unwrap();
        folder
    }

    #[test]
    fn a_file_is_read_by_its_name_in_the_tree() {
        let folder = library();
        let scripts = folder.path().join("scripts");
        let name = "bot-scripts/promotion/media/月饼.jpg";
        assert_eq!(read_media(&scripts, name, 8).unwrap(), b"12345678");
        assert!(matches!(read_media(&scripts, name, 7), Err(MediaError::TooLarge { bytes: 8, .. })));
        let gone = read_media(&scripts, "bot-scripts/promotion/media/gone.jpg", 8);
        assert!(matches!(gone, Err(MediaError::Unreadable { .. })), "{gone:?}");
        let folder = read_media(&scripts, "bot-scripts/promotion", 8);
        assert!(matches!(folder, Err(MediaError::Unreadable { .. })), "{folder:?}");
    }

    #[test]
    fn no_name_leads_out_of_the_folder() {
        let folder = library();
        let scripts = folder.path().join("scripts");
        #[cfg(unix)]
        std::os::unix::fs::symlink(folder.path().join("secret"), scripts.join("link.jpg")).unwrap();
        for name in [
            "secret",
            "bot-scripts",
            "bot-scripts/",
            "bot-scripts/../secret",
            "bot-scripts/promotion/../../secret",
            "bot-scripts//etc/passwd",
            "/etc/passwd",
            "config/zhanggui.toml",
            "bot-scripts/promotion\\media",
            "bot-scripts/a\0b",
            "bot-scripts/link.jpg",
        ] {
            let read = read_media(&scripts, name, 64);
            assert!(matches!(read, Err(MediaError::Outside { .. })), "{name}: {read:?}");
        }
    }
}
