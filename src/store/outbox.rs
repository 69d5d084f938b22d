//! Rows of the outbox: what is to be delivered, and how it ended.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Row, params};

use super::batch::to_json;
use super::{Batch, Reader, Result, StoreError};
use crate::decision::{Act, Action, Event, EventKind, TimerKind};

/// Posts of one owner that are decided within this become one task: one confirmation instead of many. The
/// owner takes minutes anyway.
const MASS_SENDS_GATHER: SignedDuration = SignedDuration::from_secs(5);

/// One action on its way.
#[derive(Clone, Debug, PartialEq)]
pub struct OutboxRow {
    pub id: i64,
    pub target: String,
    pub attempts: u32,
    pub created_at: Timestamp,
    pub action: Action,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowState {
    Pending,
    /// Claimed; a crash leaves it in doubt.
    Sending,
    Done,
    Failed,
    /// It may or may not have gone out, and twice would be worse than not at all.
    Doubt,
}

impl RowState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Sending => "sending",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Doubt => "doubt",
        }
    }
}

/// Who waits for an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rank {
    /// Somebody said or did something just now.
    Reply,
    /// It was planned: thousands may fall due at once, and no reply must wait behind them.
    Scheduled,
    /// It is good for seconds only (the welcome of a new customer): it leaves before everything else.
    Urgent,
}

impl Rank {
    pub const ALL: [Self; 3] = [Self::Reply, Self::Scheduled, Self::Urgent];

    pub(super) fn of(event: &Event, action: &Action) -> Self {
        match &event.kind {
            _ if action.until.is_some() => Self::Urgent,
            EventKind::PostDue(_) | EventKind::TimerDue { timer: TimerKind::Post, .. } => Self::Scheduled,
            // Whatever has planned it, its owner takes minutes anyway.
            _ if matches!(action.act, Act::MassSend(_)) => Self::Scheduled,
            _ => Self::Reply,
        }
    }

    fn number(self) -> u8 {
        match self {
            Self::Reply => 0,
            Self::Scheduled => 1,
            Self::Urgent => 2,
        }
    }
}

/// Actions of one target leave in the order in which they were decided.
pub(super) fn target_of(action: &Action) -> String {
    match (&action.act, &action.group) {
        (Act::Tell { to, .. } | Act::TaskCard { to, .. } | Act::UpdateCard { to, .. }, _) => {
            format!("person:{to}")
        }
        (Act::WelcomeContact { contact, .. }, _) => format!("contact:{contact}"),
        (Act::ReadGroup { .. }, Some(group)) => format!("read:{group}"),
        // Groups of one owner can be one mass send.
        (Act::MassSend(send), _) => format!("owner:{}", send.owner),
        (Act::JoinCode(act), _) => format!("join-code:{}", act.code),
        (Act::Moment(task), _) => format!("moment:{}", task.moment),
        (Act::WelcomeTemplate(_), _) => "welcome-library".to_owned(),
        (_, Some(group)) => format!("group:{group}"),
        (_, None) => "nowhere".to_owned(),
    }
}

impl Batch<'_> {
    pub(super) fn add_action(&self, event: i64, action: &Action, rank: Rank, now: Timestamp) -> Result<()> {
        // The answer to the callback goes out with it, and again when the platform repeats it.
        let state = match action.act {
            Act::Answer { .. } => RowState::Done,
            _ => RowState::Pending,
        };
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO outbox (event, target, hand, act, task, state, next_at, created_at, body, rank)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?;
        let next_at = match action.act {
            Act::MassSend(_) => now.saturating_add(MASS_SENDS_GATHER).unwrap_or(now),
            _ => now,
        };
        let id = insert.insert(params![
            event,
            target_of(action),
            action.hand.to_string(),
            action.act.name(),
            action.task,
            state.as_str(),
            next_at.as_millisecond(),
            now.as_millisecond(),
            to_json("outbox", action)?,
            rank.number(),
        ])?;
        match &action.act {
            Act::Moment(task) => self.add_moment(id, &action.hand, task, now),
            Act::WelcomeTemplate(change) => self.begin_template(id, change),
            _ => Ok(()),
        }
    }

    /// Claims a row for sending and counts the attempt. False when it is no longer to be sent.
    pub fn claim(&self, id: i64) -> Result<bool> {
        let mut update = self.connection.prepare_cached(
            "UPDATE outbox SET state = 'sending', attempts = attempts + 1 WHERE id = ?1 AND state = 'pending'",
        )?;
        Ok(update.execute([id])? == 1)
    }

    /// Counts a try that ended before anything could be sent: nothing needs claiming.
    pub fn tried(&self, id: i64) -> Result<()> {
        let mut update =
            self.connection.prepare_cached("UPDATE outbox SET attempts = attempts + 1 WHERE id = ?1")?;
        update.execute([id])?;
        Ok(())
    }

    /// Lets a claimed or tried row wait, to be tried from `next_at` on. `counts` is false when the platform or
    /// the hand's pace asked to wait: that is no failed attempt.
    pub fn postpone(&self, id: i64, next_at: Timestamp, counts: bool, why: &str) -> Result<()> {
        let mut update = self.connection.prepare_cached(
            "UPDATE outbox SET state = 'pending', next_at = ?2, attempts = attempts - ?3, result = ?4
             WHERE id = ?1",
        )?;
        update.execute(params![id, next_at.as_millisecond(), i32::from(!counts), why])?;
        Ok(())
    }

    /// Ends a row.
    pub fn end(&self, id: i64, state: RowState, result: &str, now: Timestamp) -> Result<()> {
        let mut update = self
            .connection
            .prepare_cached("UPDATE outbox SET state = ?2, result = ?3, sent_at = ?4 WHERE id = ?1")?;
        update.execute(params![id, state.as_str(), result, now.as_millisecond()])?;
        Ok(())
    }

    /// After a crash: a claimed row may or may not have gone out. What is harmless twice is tried
    /// again; the rest ends in doubt, because a post must not appear twice. Returns the ids in doubt.
    pub fn recover_claims(&self, now: Timestamp) -> Result<Vec<i64>> {
        let mut select = self
            .connection
            .prepare("SELECT id, target, attempts, created_at, body FROM outbox WHERE state = 'sending'")?;
        let rows: Vec<OutboxRow> = select.query_and_then([], read_row)?.collect::<Result<_>>()?;
        let mut doubtful = Vec::new();
        for row in rows {
            if row.action.act.twice_is_harmless() {
                self.postpone(row.id, now, true, "interrupted by a restart, tried again")?;
            } else {
                let result = "interrupted by a restart after it may have been sent; not repeated";
                self.end(row.id, RowState::Doubt, result, now)?;
                doubtful.push(row.id);
            }
        }
        Ok(doubtful)
    }
}

impl Reader {
    /// Rows that were claimed and not ended: what a process that was killed leaves behind.
    pub fn claimed(&self) -> Result<Vec<OutboxRow>> {
        self.with(|connection| {
            let mut select = connection.prepare_cached(
                "SELECT id, target, attempts, created_at, body FROM outbox WHERE state = 'sending'",
            )?;
            select.query_and_then([], read_row)?.collect()
        })
    }

    /// The head of each target's queue of this rank that may be tried at `now`, oldest first.
    ///
    /// The reading jumps from target to target in the index of open rows: this runs after every
    /// commit that left work, so the rows that wait behind a head must cost nothing.
    pub fn due_rows(&self, rank: Rank, now: Timestamp, at_most: usize) -> Result<Vec<OutboxRow>> {
        self.with(|connection| {
            let mut select = connection.prepare_cached(
                "WITH RECURSIVE targets (target) AS (
                     SELECT min(target) FROM outbox WHERE state IN ('pending', 'sending') AND rank = ?3
                     UNION ALL
                     SELECT (SELECT min(target) FROM outbox
                             WHERE state IN ('pending', 'sending') AND rank = ?3 AND target > targets.target)
                     FROM targets WHERE targets.target IS NOT NULL
                 )
                 SELECT head.id, head.target, attempts, created_at, body
                 FROM targets CROSS JOIN outbox AS head ON head.id =
                     (SELECT min(id) FROM outbox
                      WHERE state IN ('pending', 'sending') AND rank = ?3 AND target = targets.target)
                 WHERE state = 'pending' AND next_at <= ?1
                 ORDER BY head.id LIMIT ?2",
            )?;
            let limit = i64::try_from(at_most).unwrap_or(i64::MAX);
            select.query_and_then(params![now.as_millisecond(), limit, rank.number()], read_row)?.collect()
        })
    }

    /// Everything that waits to be sent to this target, in order.
    pub(super) fn pending_of(&self, target: &str) -> Result<Vec<OutboxRow>> {
        self.with(|connection| {
            let mut select = connection.prepare_cached(
                // All ranks are named, because the index of open rows begins with them.
                "SELECT id, target, attempts, created_at, body FROM outbox
                 WHERE state IN ('pending', 'sending') AND rank IN (0, 1, 2) AND target = ?1
                 AND state = 'pending' ORDER BY id",
            )?;
            select.query_and_then([target], read_row)?.collect()
        })
    }

    /// When a row that waits beyond `now` may be tried, if any does.
    pub fn next_due(&self, now: Timestamp) -> Result<Option<Timestamp>> {
        self.with(|connection| {
            let sql = "SELECT min(next_at) FROM outbox WHERE state = 'pending' AND next_at > ?1";
            let mut select = connection.prepare_cached(sql)?;
            let ms: Option<i64> = select.query_row([now.as_millisecond()], |row| row.get(0))?;
            Ok(ms.and_then(|ms| Timestamp::from_millisecond(ms).ok()))
        })
    }

    /// How many rows wait or are on their way.
    pub fn outbox_open(&self) -> Result<u64> {
        self.with(|connection| {
            let sql = "SELECT open FROM outbox_count";
            let count: i64 = connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
            Ok(u64::try_from(count).unwrap_or(0))
        })
    }

    /// What was sent since then, for the pace of the hands after a restart.
    pub fn sent_since(&self, since: Timestamp) -> Result<Vec<(Timestamp, Action)>> {
        self.with(|connection| {
            let mut select = connection.prepare_cached(
                "SELECT sent_at, body FROM outbox WHERE sent_at >= ?1 AND state IN ('done', 'doubt') ORDER BY sent_at",
            )?;
            let rows = select.query_and_then([since.as_millisecond()], |row| {
                let sent_at: i64 = row.get(0)?;
                let body: String = row.get(1)?;
                let action = serde_json::from_str(&body)
                    .map_err(|source| StoreError::Row { table: "outbox", source })?;
                Ok((Timestamp::from_millisecond(sent_at).unwrap_or(since), action))
            })?;
            rows.collect()
        })
    }
}

fn read_row(row: &Row<'_>) -> Result<OutboxRow> {
    let body: String = row.get(4)?;
    let created_at: i64 = row.get(3)?;
    Ok(OutboxRow {
        id: row.get(0)?,
        target: row.get(1)?,
        attempts: row.get(2)?,
        created_at: Timestamp::from_millisecond(created_at).unwrap_or(Timestamp::UNIX_EPOCH),
        action: serde_json::from_str(&body).map_err(|source| StoreError::Row { table: "outbox", source })?,
    })
}
