//! Uploads between the hands, who make them, and the store, which remembers them over a restart.

use crate::channels::wecom::hands::{Hands, MediaKey, Uploaded, Use};
use crate::clock::Clock;
use crate::store::{MediaRow, Reader};

/// Tells the hands what the platform still holds.
pub(super) fn remember(reader: &Reader, hands: &Hands, clock: &Clock) {
    match reader.media(clock.now()) {
        Ok(rows) => {
            rows.into_iter().filter_map(uploaded).for_each(|uploaded| hands.remember_upload(uploaded))
        }
        Err(error) => tracing::error!(%error, "what was uploaded is unknown; files will be uploaded again"),
    }
}

pub(super) fn row(uploaded: Uploaded) -> MediaRow {
    let Uploaded { key: MediaKey { owner, sha256, used_as }, id, uploaded_at, good_until } = uploaded;
    MediaRow { owner, sha256, used_as: used_as.as_str().to_owned(), id, uploaded_at, good_until }
}

/// A use that this version does not know belongs to a later one; its files are uploaded again when needed.
fn uploaded(row: MediaRow) -> Option<Uploaded> {
    let MediaRow { owner, sha256, used_as, id, uploaded_at, good_until } = row;
    let key = MediaKey { owner, sha256, used_as: Use::named(&used_as)? };
    Some(Uploaded { key, id, uploaded_at, good_until })
}
