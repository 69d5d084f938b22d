//! Files that the platform holds for us, so that a restart does not upload them again.

use jiff::Timestamp;
use rusqlite::params;

use super::{Batch, Reader, Result};

/// One upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaRow {
    /// Who may use the id: `corp:ww1`, `webhook:dealers`.
    pub owner: String,
    /// Of the content.
    pub sha256: String,
    /// `image`, `video`, `file`, `article-picture`.
    pub used_as: String,
    /// What the platform called it.
    pub id: String,
    pub uploaded_at: Timestamp,
    /// Not to be used from then on; `None` is never.
    pub good_until: Option<Timestamp>,
}

impl Batch<'_> {
    /// Keeps an upload in place of the earlier one of the same content, and forgets what was no longer
    /// good when it was made.
    pub fn keep_media(&self, row: &MediaRow) -> Result<()> {
        let uploaded_at = row.uploaded_at.as_millisecond();
        self.connection.prepare_cached("DELETE FROM media WHERE good_until <= ?1")?.execute([uploaded_at])?;
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO media (owner, sha256, used_as, id, uploaded_at, good_until) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT DO UPDATE SET id = excluded.id, uploaded_at = excluded.uploaded_at,
                                       good_until = excluded.good_until",
        )?;
        insert.execute(params![
            row.owner,
            row.sha256,
            row.used_as,
            row.id,
            uploaded_at,
            row.good_until.map(Timestamp::as_millisecond),
        ])?;
        Ok(())
    }
}

impl Reader {
    /// Every upload that is still good.
    pub fn media(&self, now: Timestamp) -> Result<Vec<MediaRow>> {
        let moment = |ms: i64| Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH);
        self.with(|connection| {
            let mut select = connection.prepare_cached(
                "SELECT owner, sha256, used_as, id, uploaded_at, good_until FROM media
                 WHERE good_until IS NULL OR good_until > ?1",
            )?;
            let rows = select.query_map([now.as_millisecond()], |row| {
                Ok(MediaRow {
                    owner: row.get(0)?,
                    sha256: row.get(1)?,
                    used_as: row.get(2)?,
                    id: row.get(3)?,
                    uploaded_at: moment(row.get(4)?),
                    good_until: row.get::<_, Option<i64>>(5)?.map(moment),
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::store;

    const NOW: Timestamp = Timestamp::constant(1_790_000_000, 0);

    fn later(hours: i64) -> Timestamp {
        NOW + SignedDuration::from_hours(hours)
    }

    fn row(sha256: &str, id: &str, good_until: Option<Timestamp>) -> MediaRow {
        let (owner, used_as) = ("corp:ww1".to_owned(), "image".to_owned());
        MediaRow { owner, sha256: sha256.into(), used_as, id: id.into(), uploaded_at: NOW, good_until }
    }

    #[test]
    fn uploads_are_kept_until_they_expire() {
        let folder = tempfile::tempdir().unwrap();
        let (mut writer, reader) = store::open(folder.path()).unwrap();
        let (image, picture) = (row("a", "M1", Some(later(71))), row("b", "http://p", None));
        let fresh = row("a", "M2", Some(later(72)));
        writer
            .commit(|batch| {
                batch.keep_media(&image)?;
                batch.keep_media(&picture)?;
                batch.keep_media(&fresh)
            })
            .unwrap();
        assert_eq!(reader.media(NOW).unwrap(), [fresh, picture.clone()], "the later upload stands");
        assert_eq!(reader.media(later(72)).unwrap(), [picture]);
        let other = MediaRow { uploaded_at: later(80), ..row("c", "M3", Some(later(152))) };
        writer.commit(|batch| batch.keep_media(&other)).unwrap();
        assert_eq!(reader.media(NOW).unwrap().len(), 2, "what has expired is gone");
    }
}
