//! Numbered migrations, forward only: expand first, contract in a later version.

use rusqlite::{Connection, TransactionBehavior};

use super::{Result, StoreError};

/// In order; the position (from 1) is the schema's version, kept in `user_version`.
pub(super) const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_main_road.sql"),
    include_str!("migrations/0002_media.sql"),
    include_str!("migrations/0003_outbox_open.sql"),
    include_str!("migrations/0004_script_uses.sql"),
    include_str!("migrations/0005_announced.sql"),
    include_str!("migrations/0006_moderation.sql"),
    include_str!("migrations/0007_courses.sql"),
    include_str!("migrations/0008_schedules.sql"),
    include_str!("migrations/0009_mass_sends.sql"),
    include_str!("migrations/0010_cascades.sql"),
    include_str!("migrations/0011_join_codes.sql"),
    include_str!("migrations/0012_moments_and_templates.sql"),
    include_str!("migrations/0013_posts_seen.sql"),
];

/// Brings the database to this program's schema; each migration is one transaction.
pub(super) fn migrate(connection: &mut Connection) -> Result<()> {
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    for (version, sql) in (1_i64..).zip(MIGRATIONS).filter(|(version, _)| *version > found) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(sql)?;
        transaction.pragma_update(None, "user_version", version)?;
        transaction.commit()?;
    }
    Ok(())
}
