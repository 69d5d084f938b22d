//! Reading media: hash and form, a piece at a time.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::listing::Listed;
use crate::files::{HEAD_BYTES, MediaForm, MediaSource};

/// The platform takes no file of more than 20 MB (wecom-send.md §12.1); a larger one is named, not read.
const MEDIA_BYTES_READ_AT_MOST: u64 = 20 * 1024 * 1024;
/// Media are read in pieces of this size, never as a whole.
const PIECE_BYTES: usize = 64 * 1024;

pub fn read(listed: &Listed) -> io::Result<MediaSource> {
    let bytes = listed.stamp.size();
    let (sha256, form) = hash_and_form(&listed.path, bytes)?;
    let path = listed.path.to_string_lossy().into_owned();
    Ok(MediaSource { name: listed.name.clone(), path, bytes, sha256, form })
}

/// What is in memory already.
pub fn of(name: String, path: String, content: &[u8]) -> MediaSource {
    let bytes = content.len() as u64;
    let form = MediaForm::of(&content[..content.len().min(HEAD_BYTES)]);
    let sha256 = if bytes > MEDIA_BYTES_READ_AT_MOST { String::new() } else { hex(&Sha256::digest(content)) };
    MediaSource { name, path, bytes, sha256, form }
}

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
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
    Ok((hex(&hash.finalize()), form))
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
