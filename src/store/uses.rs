//! How often scripts are used, by whom and where.

use jiff::Timestamp;
use rusqlite::params;

use super::{Batch, Reader, Result};
use crate::decision::{GroupId, ScriptUse};

/// What uses are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsesBy {
    Script,
    Variant,
    Store,
    Person,
}

/// How often something was given, posted by the bot, and seen pasted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UseCount {
    /// The script's id (with ` · variant`), the store's id or the person's; `None` = no store.
    pub of: Option<String>,
    pub given: i64,
    pub posted: i64,
    pub pasted: i64,
}

impl Batch<'_> {
    pub(super) fn add_use(&self, used: &ScriptUse) -> Result<()> {
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO script_uses (at, how, script, variant, store, person, grp)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?;
        insert.execute(params![
            used.at.as_millisecond(),
            used.how.as_str(),
            used.script,
            used.variant,
            used.store,
            used.person.as_str(),
            used.group.as_ref().map(GroupId::as_str),
        ])?;
        Ok(())
    }

    /// Forgets uses before `before`.
    pub(super) fn forget_uses(&self, before: Timestamp) -> Result<()> {
        let mut delete = self.connection.prepare_cached("DELETE FROM script_uses WHERE at < ?1")?;
        delete.execute([before.as_millisecond()])?;
        Ok(())
    }
}

impl Reader {
    /// Uses since a moment, the most used first.
    pub fn uses(&self, since: Timestamp, by: UsesBy) -> Result<Vec<UseCount>> {
        let of = match by {
            UsesBy::Script => "script",
            UsesBy::Variant => "script || coalesce(' · ' || variant, '')",
            UsesBy::Store => "store",
            UsesBy::Person => "person",
        };
        let sql = format!(
            "SELECT {of}, count(*) FILTER (WHERE how = 'given'), count(*) FILTER (WHERE how = 'posted'),
                    count(*) FILTER (WHERE how = 'pasted')
             FROM script_uses WHERE at >= ?1 GROUP BY 1 ORDER BY count(*) DESC, 1"
        );
        self.with(|connection| {
            let mut select = connection.prepare_cached(&sql)?;
            let rows = select.query_map([since.as_millisecond()], |row| {
                Ok(UseCount { of: row.get(0)?, given: row.get(1)?, posted: row.get(2)?, pasted: row.get(3)? })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::{Change, MemberId, UseKind};

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn uses_are_counted_by_what_one_asks() {
        let folder = tempfile::tempdir().expect("a folder");
        let (mut writer, reader) = crate::store::open(folder.path()).expect("opens");
        let used = |how, script: &str, store: Option<&str>, time: &str| {
            Change::Used(ScriptUse {
                at: at(time),
                how,
                script: script.into(),
                variant: (script == "greeting").then(|| "b".into()),
                store: store.map(str::to_owned),
                person: MemberId::from("wang.min"),
                group: None,
            })
        };
        let uses = [
            used(UseKind::Given, "greeting", Some("chaoyang"), "2026-11-20T09:00:00Z"),
            used(UseKind::Pasted, "greeting", Some("chaoyang"), "2026-11-20T09:05:00Z"),
            used(UseKind::Given, "hours", None, "2026-11-20T09:00:00Z"),
            used(UseKind::Given, "old", Some("hexi"), "2026-01-01T09:00:00Z"),
        ];
        writer.commit(|batch| uses.iter().try_for_each(|used| batch.apply(used))).expect("stored");
        let since = at("2026-11-01T00:00:00Z");
        let by = |by| -> Vec<(Option<String>, i64, i64)> {
            let counts = reader.uses(since, by).expect("read");
            counts.into_iter().map(|count| (count.of, count.given, count.pasted)).collect()
        };
        assert_eq!(by(UsesBy::Script), [(Some("greeting".into()), 1, 1), (Some("hours".into()), 1, 0)]);
        assert_eq!(by(UsesBy::Variant)[0].0.as_deref(), Some("greeting · b"));
        assert_eq!(by(UsesBy::Store), [(Some("chaoyang".into()), 1, 1), (None, 1, 0)]);
        assert_eq!(by(UsesBy::Person), [(Some("wang.min".into()), 2, 1)]);
        writer.commit(|batch| batch.forget_uses(at("2027-01-01T00:00:00Z"))).expect("stored");
        assert!(by(UsesBy::Script).is_empty());
    }
}
