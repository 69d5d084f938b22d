//! Schedules: how far each was gone through, what people said about it, and what it still wants to post.

use std::collections::HashMap;

use jiff::Timestamp;
use rusqlite::params;

use super::batch::{from_json, to_json};
use super::{Batch, Reader, Result};
use crate::decision::ScheduleState;

/// What a row says that was taken back.
const WITHDRAWN: &str = "已暂停，没有发出";

impl Batch<'_> {
    /// Everything of this schedule that was due until then has become events. The mark only goes forward.
    pub fn mark_schedule(&self, id: &str, done_until: Timestamp) -> Result<()> {
        self.put(
            "INSERT INTO schedule_marks (id, done_until) VALUES (?1, ?2)
             ON CONFLICT DO UPDATE SET done_until = max(done_until, excluded.done_until)",
            params![id, done_until.as_millisecond()],
        )
    }

    /// Nothing before this moment is owed.
    pub fn begin_schedule(&self, id: &str, at: Timestamp) -> Result<()> {
        self.forget_schedule_mark(id)?;
        self.mark_schedule(id, at)
    }

    /// Forgets how far a schedule was gone through that is in no file any more.
    pub fn forget_schedule_mark(&self, id: &str) -> Result<()> {
        self.put("DELETE FROM schedule_marks WHERE id = ?1", [id])
    }

    pub fn schedule(&self, id: &str) -> Result<Option<ScheduleState>> {
        self.load("schedules", "SELECT body FROM schedules WHERE id = ?1", [id])
    }

    pub(super) fn set_schedule(&self, id: &str, state: &ScheduleState) -> Result<()> {
        self.put(
            "INSERT INTO schedules (id, body) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET body = excluded.body",
            params![id, to_json("schedules", state)?],
        )
    }

    /// Ends what this schedule has in the outbox and nobody has begun to send. Mass sends are
    /// [another matter](Batch::withdraw_mass_sends): they hold a place in a budget.
    pub(super) fn withdraw_posts(&self, schedule: &str) -> Result<()> {
        self.put(
            "UPDATE outbox SET state = 'failed', result = ?2
             WHERE state = 'pending' AND rank = 1 AND act <> 'mass_send' AND event IN
             (SELECT seq FROM events WHERE seq IN (SELECT event FROM outbox WHERE state = 'pending' AND rank = 1)
              AND (json_extract(body, '$.kind.post_due.schedule') = ?1
                   OR substr(json_extract(body, '$.kind.timer_due.subject'), 1, length(?1) + 1) = ?1 || '@'))",
            params![schedule, WITHDRAWN],
        )
    }
}

impl Reader {
    /// How far each schedule was gone through.
    pub fn schedule_marks(&self) -> Result<HashMap<String, Timestamp>> {
        self.with(|connection| {
            let mut select = connection.prepare_cached("SELECT id, done_until FROM schedule_marks")?;
            let rows = select.query_map([], |row| {
                let (id, until): (String, i64) = (row.get(0)?, row.get(1)?);
                Ok((id, Timestamp::from_millisecond(until).unwrap_or(Timestamp::MIN)))
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// What people said about schedules, by id.
    pub fn schedules(&self) -> Result<HashMap<String, ScheduleState>> {
        self.with(|connection| {
            let mut select = connection.prepare_cached("SELECT id, body FROM schedules")?;
            let rows = select.query_and_then([], |row| {
                let (id, body): (String, String) = (row.get(0)?, row.get(1)?);
                Ok((id, from_json("schedules", &body)?))
            })?;
            rows.collect()
        })
    }

    /// Whether an event with this key was accepted.
    pub fn has_event(&self, key: &str) -> Result<bool> {
        self.with(|connection| {
            let sql = "SELECT EXISTS (SELECT 1 FROM events WHERE key = ?1)";
            Ok(connection.prepare_cached(sql)?.query_row([key], |row| row.get(0))?)
        })
    }
}
