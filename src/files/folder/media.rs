//! Reading media: hash and form, a piece at a time, and only of what has changed.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use sha2::{Digest, Sha256};

use crate::files::{HEAD_BYTES, MediaForm, MediaSource};

/// The platform takes no file of more than 20 MB (wecom-send.md §12.1); a larger one is named, not read.
const MEDIA_BYTES_READ_AT_MOST: u64 = 20 * 1024 * 1024;
/// Media are read in pieces of this size, never as a whole.
const PIECE_BYTES: usize = 64 * 1024;

/// What is known of files that were read before: by path, with size and time of the last change. An entry
/// per media file, so that a reload reads only what has changed.
static KNOWN: Mutex<Option<HashMap<PathBuf, Known>>> = Mutex::new(None);

#[derive(Clone, Debug, PartialEq)]
struct Known {
    bytes: u64,
    changed: SystemTime,
    sha256: String,
    form: MediaForm,
}

pub fn source(path: &Path, name: String) -> io::Result<MediaSource> {
    let about = fs::metadata(path)?;
    let (bytes, changed) = (about.len(), about.modified()?);
    let known = with_known(|known| known.get(path).cloned());
    let known = match known.filter(|known| (known.bytes, known.changed) == (bytes, changed)) {
        Some(known) => known,
        None => {
            let (sha256, form) = hash_and_form(path, bytes)?;
            let read = Known { bytes, changed, sha256, form };
            with_known(|known| known.insert(path.to_owned(), read.clone()));
            read
        }
    };
    let path = path.to_string_lossy().into_owned();
    Ok(MediaSource { name, path, bytes, sha256: known.sha256, form: known.form })
}

fn with_known<T>(then: impl FnOnce(&mut HashMap<PathBuf, Known>) -> T) -> T {
    // Whoever panicked left at worst an entry out.
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    then(known.get_or_insert_default())
}

/// Hash (empty for a file that is too large for every hand) and form.
fn hash_and_form(path: &Path, bytes: u64) -> io::Result<(String, MediaForm)> {
    let mut file = File::open(path)?;
    let mut piece = vec![0; PIECE_BYTES];
    let first = read_full(&mut file, &mut piece)?;
    let form = MediaForm::of(&piece[..first.min(HEAD_BYTES)]);
    if bytes > MEDIA_BYTES_READ_AT_MOST {
        return Ok((String::new(), form));
    }
    let mut hash = Sha256::new();
    let mut length = first;
    while length > 0 {
        hash.update(&piece[..length]);
        length = read_full(&mut file, &mut piece)?;
    }
    Ok((hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect(), form))
}

/// Fills the piece as far as the file goes.
fn read_full(file: &mut File, piece: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < piece.len() {
        match file.read(&mut piece[length..])? {
            0 => break,
            more => length += more,
        }
    }
    Ok(length)
}
