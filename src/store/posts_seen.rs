//! Posts that people were handed and that were then heard in their groups.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::{Batch, Result};
use crate::decision::{Change, GroupId, HandedAs, MemberId, PostSeen};

impl Batch<'_> {
    /// Notes where and when it was seen, and closes the staff task that asked for it. What was seen once stays so.
    pub(super) fn post_seen(&self, seen: &PostSeen) -> Result<()> {
        self.put(
            "INSERT INTO posts_seen (handed, grp, who, at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
            params![seen.handed.id(), seen.group.as_str(), seen.by.as_str(), seen.at.as_millisecond()],
        )?;
        let HandedAs::Task(id) = &seen.handed else { return Ok(()) };
        let Some(mut task) = self.task(id)? else { return Ok(()) };
        if seen.closes(&mut task) {
            self.apply(&Change::Task(Box::new(task)))?;
        }
        Ok(())
    }

    /// Forgets what was seen before `before`.
    pub(super) fn forget_posts_seen(&self, before: Timestamp) -> Result<()> {
        self.put("DELETE FROM posts_seen WHERE at < ?1", [before.as_millisecond()])
    }
}

/// Who put this post into this group, and when, if it was heard.
pub(super) fn seen_of(
    connection: &Connection,
    handed: &str,
    group: &GroupId,
) -> Result<Option<(MemberId, Timestamp)>> {
    let sql = "SELECT who, at FROM posts_seen WHERE handed = ?1 AND grp = ?2";
    let row = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?));
    let found = connection.prepare_cached(sql)?.query_row([handed, group.as_str()], row).optional()?;
    Ok(found.map(|(who, at)| {
        (MemberId::new(who), Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH))
    }))
}
