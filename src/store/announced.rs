//! What people were told about the files last, so that they are told everything once.

use rusqlite::{OptionalExtension, params};

use super::{Batch, Reader, Result};

/// One row, written together with the event that tells people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announced {
    /// Grows with every telling: names the next one.
    pub seq: i64,
    /// [`crate::rules::Rulebook::version`].
    pub version: String,
    /// They know that the files were refused, and not yet that they are good again.
    pub refused: bool,
    /// [`crate::rules::Outline`] as JSON.
    pub outline: String,
}

impl Batch<'_> {
    pub fn set_announced(&self, announced: &Announced) -> Result<()> {
        let Announced { seq, version, refused, outline } = announced;
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO announced (id, seq, version, refused, outline) VALUES (1, ?1, ?2, ?3, ?4)
             ON CONFLICT DO UPDATE SET seq = excluded.seq, version = excluded.version,
             refused = excluded.refused, outline = excluded.outline",
        )?;
        insert.execute(params![seq, version, refused, outline])?;
        Ok(())
    }
}

impl Reader {
    /// `None` before the first start.
    pub fn announced(&self) -> Result<Option<Announced>> {
        self.with(|connection| {
            let mut select =
                connection.prepare_cached("SELECT seq, version, refused, outline FROM announced")?;
            let row = select.query_row([], |row| {
                Ok(Announced {
                    seq: row.get(0)?,
                    version: row.get(1)?,
                    refused: row.get(2)?,
                    outline: row.get(3)?,
                })
            });
            Ok(row.optional()?)
        })
    }
}
