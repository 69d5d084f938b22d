//! The one writer: everything inside one [`Writer::commit`] becomes durable together, or not at all.

use std::cell::RefCell;
use std::fs::{File, TryLockError};
use std::ops::Range;
use std::path::Path;

use jiff::Timestamp;
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, OptionalExtension, TransactionBehavior, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::checkpoint::Checkpointer;
use super::outbox::Rank;
use super::{DATABASE, Result, StoreError, schema};
use crate::decision::{
    Act, Action, Change, Event, GroupId, GroupState, MemberId, MemberState, PersonState, Reason, StaffTask,
    TaskState,
};
use crate::perception::Signals;
use crate::text::cut_to_bytes;

/// Statements kept prepared; more than the program has.
const PREPARED_STATEMENTS: usize = 64;
/// Bytes of a page of a new database; an older one keeps its own. An event has half a kilobyte or more, and every page
/// costs system calls on its way into the log and back: with SQLite's own 4 KiB a callback took a fifth more CPU under full
/// load than with 16 KiB. Small transactions change as many pages whatever their size: at half load 4 KiB write 3.9 KB for
/// each callback, 8 KiB 5.3 and 16 KiB 7.6.
const PAGE: u32 = 8 * 1024;
/// Pages kept in memory, in KiB: the inner pages of all indexes and the leaves in use. SQLite's own
/// 2 MiB are too few for thousands of groups, and every miss is a system call.
const CACHE_KIB: i32 = 16 * 1024;
/// Bytes of an event's body that is not unusually long: growing the text step by step costs more than writing it.
const USUAL_BODY: usize = 1024;
/// The file whose lock shows that a program works in the data folder.
const LOCK: &str = "zhanggui.lock";

/// The connection that writes.
#[derive(Debug)]
pub struct Writer {
    connection: Connection,
    checkpointer: Checkpointer,
    /// Held for as long as the writer lives; the system frees it when the process ends, however.
    _lock: File,
}

impl Writer {
    pub(super) fn open(folder: &Path) -> Result<Self> {
        let lock = lock(folder)?;
        let mut connection = Connection::open(folder.join(DATABASE))?;
        connection.pragma_update(None, "page_size", PAGE)?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        connection.pragma_update(None, "synchronous", "full")?;
        connection.pragma_update(None, "wal_autocheckpoint", 0)?;
        // A negative number is in KiB.
        connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
        connection.set_prepared_statement_cache_capacity(PREPARED_STATEMENTS);
        schema::migrate(&mut connection)?;
        let checkpointer = Checkpointer::start(&folder.join(DATABASE))?;
        Ok(Self { connection, checkpointer, _lock: lock })
    }

    /// Runs `write` in one transaction. When this returns `Ok`, everything is on disk; when `write`
    /// or the commit fails, nothing has happened.
    pub fn commit<T>(&mut self, write: impl FnOnce(&Batch<'_>) -> Result<T>) -> Result<T> {
        // Here nobody waits yet who could have been answered.
        self.checkpointer.help(&self.connection);
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let value = write(&Batch::new(&transaction)?)?;
        transaction.commit()?;
        self.checkpointer.notice();
        Ok(value)
    }
}

fn lock(folder: &Path) -> Result<File> {
    let unusable = |source| StoreError::Folder { path: folder.to_owned(), source };
    let file =
        File::options().create(true).truncate(false).write(true).open(folder.join(LOCK)).map_err(unusable)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse { path: folder.to_owned() }),
        Err(TryLockError::Error(source)) => Err(unusable(source)),
    }
}

/// An open transaction.
pub struct Batch<'c> {
    pub(super) connection: &'c Connection,
    /// What every event runs: looking it up by its text each time costs as much as a small statement takes.
    add_event: RefCell<CachedStatement<'c>>,
    /// What of an event is written as JSON; the next event writes over it, in memory that is still at hand.
    event_json: RefCell<Vec<u8>>,
}

impl std::fmt::Debug for Batch<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Batch")
    }
}

/// Characters of a version that tell it from all others of one brand.
pub(super) const RULES_KEPT: usize = 16;

/// An event with what was decided about it.
#[derive(Clone, Copy, Debug)]
pub struct NewEvent<'a> {
    pub event: &'a Event,
    pub signals: &'a Signals,
    /// Only those that are [lasting](Change::is_lasting) are written.
    pub changes: &'a [Change],
    pub reasons: &'a [Reason],
    pub actions: &'a [Action],
    pub heard_at: Timestamp,
    /// [`crate::rules::Rulebook::version`], of which [`RULES_KEPT`] characters are kept.
    pub rules: &'a str,
}

impl<'c> Batch<'c> {
    fn new(connection: &'c Connection) -> Result<Self> {
        let add_event = connection.prepare_cached(
            "INSERT INTO events (key, at, heard_at, kind, grp, body, signals, reasons, rules)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (key) DO NOTHING",
        )?;
        let event_json = Vec::with_capacity(USUAL_BODY).into();
        Ok(Self { connection, add_event: add_event.into(), event_json })
    }

    /// The answer that was given to the event with this key.
    pub fn answer_to(&self, key: &str) -> Result<Option<String>> {
        let sql = "SELECT body FROM outbox WHERE event = (SELECT seq FROM events WHERE key = ?1) AND hand = 'answer'";
        let action: Option<Action> = self.load("outbox", sql, [key])?;
        Ok(action.and_then(|action| match action.act {
            Act::Answer { text } => Some(text),
            _ => None,
        }))
    }

    /// Adds an event and everything that was decided about it. Returns its number in the journal; `None` when an
    /// event with this key is there already, and then nothing is written.
    pub fn add_event(&self, new: &NewEvent<'_>) -> Result<Option<i64>> {
        let mut json = self.event_json.borrow_mut();
        json.clear();
        let body = append_json(&mut json, "events", new.event)?;
        let reasons = append_json(&mut json, "events", new.reasons)?;
        let found = Some(new.signals).filter(|signals| !signals.found.is_empty());
        let signals = found.map(|signals| append_json(&mut json, "events", signals)).transpose()?;
        let added = self.add_event.borrow_mut().execute(params![
            new.event.key.as_str(),
            new.event.at.as_millisecond(),
            new.heard_at.as_millisecond(),
            new.event.kind.name(),
            new.event.group.as_ref().map(GroupId::as_str),
            Json(&json[body]),
            signals.map(|signals| Json(&json[signals])),
            Json(&json[reasons]),
            cut_to_bytes(new.rules, RULES_KEPT),
        ])?;
        if added == 0 {
            return Ok(None);
        }
        let seq = self.connection.last_insert_rowid();
        // Changes come first: what takes posts back does not mean those of its own event.
        new.changes.iter().filter(|change| change.is_lasting()).try_for_each(|change| self.apply(change))?;
        for action in new.actions {
            self.add_action(seq, action, Rank::of(new.event, action), new.heard_at)?;
        }
        Ok(Some(seq))
    }

    pub fn group(&self, id: &GroupId) -> Result<Option<GroupState>> {
        self.load("groups", "SELECT body FROM groups WHERE id = ?1", [id.as_str()])
    }

    pub fn member(&self, group: &GroupId, id: &MemberId) -> Result<Option<MemberState>> {
        let sql = "SELECT body FROM members WHERE grp = ?1 AND id = ?2";
        self.load("members", sql, [group.as_str(), id.as_str()])
    }

    pub fn members(&self, group: &GroupId) -> Result<Vec<(MemberId, MemberState)>> {
        let mut select = self.connection.prepare_cached("SELECT id, body FROM members WHERE grp = ?1")?;
        let rows = select.query_and_then([group.as_str()], |row| {
            let (id, body): (String, String) = (row.get(0)?, row.get(1)?);
            Ok((MemberId::new(id), from_json("members", &body)?))
        })?;
        rows.collect()
    }

    pub fn person(&self, id: &MemberId) -> Result<Option<PersonState>> {
        self.load("people", "SELECT body FROM people WHERE id = ?1", [id.as_str()])
    }

    /// Everybody of whom something is remembered across groups.
    pub fn people(&self) -> Result<Vec<MemberId>> {
        let mut select = self.connection.prepare_cached("SELECT id FROM people")?;
        let ids = select.query_map([], |row| row.get(0).map(|id: String| MemberId::new(id)))?;
        Ok(ids.collect::<Result<_, _>>()?)
    }

    pub fn task(&self, id: &str) -> Result<Option<StaffTask>> {
        self.load("tasks", "SELECT body FROM tasks WHERE id = ?1", [id])
    }

    /// Writes one change of memory.
    pub fn apply(&self, change: &Change) -> Result<()> {
        match change {
            Change::Group(group) => self.put(
                "INSERT INTO groups (id, body) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET body = excluded.body",
                params![group.id.as_str(), to_json("groups", group)?],
            ),
            Change::Member { group, id, state, .. } => self.put(
                "INSERT INTO members (grp, id, body) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET body = excluded.body",
                params![group.as_str(), id.as_str(), to_json("members", state)?],
            ),
            Change::Person { id, state } => self.put(
                "INSERT INTO people (id, body) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET body = excluded.body",
                params![id.as_str(), to_json("people", state)?],
            ),
            Change::Task(task) => self.put(
                "INSERT INTO tasks (id, state, opened_at, body) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT DO UPDATE SET state = excluded.state, body = excluded.body",
                params![task.id, state_name(task), task.opened_at.as_millisecond(), to_json("tasks", task)?],
            ),
            Change::Used(used) => self.add_use(used),
            Change::Verdict(verdict) => self.add_verdict(verdict),
            Change::Spread(spread) => self.set_spread(spread),
            Change::Brand(brand) => self.set_brand(brand),
            Change::SetTimer(timer) => self.put(
                "INSERT INTO timers (key, due, body) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET due = excluded.due, body = excluded.body",
                params![timer.key, timer.due.as_millisecond(), to_json("timers", timer)?],
            ),
            Change::ClearTimer { key } => self.put("DELETE FROM timers WHERE key = ?1", [key]),
            Change::Schedule { id, state } => self.set_schedule(id, state),
            Change::WithdrawPosts { schedule, at, store } => {
                if store.is_none() {
                    self.withdraw_posts(schedule)?;
                }
                self.withdraw_mass_sends(schedule, store.as_deref(), *at)
            }
            Change::Cascade(change) => self.change_cascade(change),
            Change::JoinCode(state) => self.set_join_code(state),
            Change::JoinSeat { code, group, seat } => self.set_join_seat(code, group, seat.as_ref()),
            Change::CancelMoment { moment, by, at } => self.cancel_moment(moment, by, *at),
            Change::ForgetWelcomeTemplate { key } => self.forget_template(key),
            Change::PostSeen(seen) => self.post_seen(seen),
        }
    }

    /// Forgets a timer that has fired, unless it was set anew meanwhile.
    pub fn timer_fired(&self, key: &str, due: Timestamp) -> Result<()> {
        self.put("DELETE FROM timers WHERE key = ?1 AND due = ?2", params![key, due.as_millisecond()])
    }

    /// Forgets the oldest events that were heard before `before`, with their actions, at most
    /// `at_most` of them. Returns how many. What is still on its way is kept.
    pub fn forget(&self, before: Timestamp, at_most: u32) -> Result<usize> {
        let mut actions = self.connection.prepare_cached(
            "DELETE FROM outbox WHERE state NOT IN ('pending', 'sending') AND event IN
             (SELECT seq FROM (SELECT seq, heard_at FROM events ORDER BY seq LIMIT ?2) WHERE heard_at < ?1)",
        )?;
        let mut events = self.connection.prepare_cached(
            "DELETE FROM events WHERE seq IN
             (SELECT seq FROM (SELECT seq, heard_at FROM events ORDER BY seq LIMIT ?2) WHERE heard_at < ?1)",
        )?;
        let values = params![before.as_millisecond(), at_most];
        actions.execute(values)?;
        Ok(events.execute(values)?)
    }

    /// Forgets tasks that were opened before `before` and are closed, runs of cascades likewise, and which
    /// scripts were used then.
    pub fn forget_tasks_and_uses(&self, before: Timestamp) -> Result<()> {
        self.put("DELETE FROM tasks WHERE state <> 'open' AND opened_at < ?1", [before.as_millisecond()])?;
        self.forget_mass_sends(before)?;
        self.forget_cascades(before)?;
        self.forget_moments(before)?;
        self.forget_posts_seen(before)?;
        self.forget_uses(before)
    }

    pub fn set_archive_cursor(&self, corp: &str, seq: u64) -> Result<()> {
        let seq = i64::try_from(seq).unwrap_or(i64::MAX);
        self.put(
            "INSERT INTO archive_cursors (corp, seq) VALUES (?1, ?2)
             ON CONFLICT DO UPDATE SET seq = max(seq, excluded.seq)",
            params![corp, seq],
        )
    }

    pub(super) fn load<T: DeserializeOwned>(
        &self,
        table: &'static str,
        sql: &str,
        key: impl rusqlite::Params,
    ) -> Result<Option<T>> {
        let mut select = self.connection.prepare_cached(sql)?;
        let body: Option<String> = select.query_row(key, |row| row.get(0)).optional()?;
        body.map(|body| from_json(table, &body)).transpose()
    }

    pub(super) fn put(&self, sql: &str, values: impl rusqlite::Params) -> Result<()> {
        self.connection.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }
}

fn state_name(task: &StaffTask) -> &'static str {
    match &task.state {
        // Nobody has to do anything about it.
        TaskState::Open if task.offer.is_some() => "offered",
        TaskState::Open => "open",
        TaskState::Done { .. } => "done",
        TaskState::Refused { .. } => "refused",
        TaskState::Pardoned { .. } => "pardoned",
        TaskState::Expired { .. } => "expired",
    }
}

/// A row's body, ready to be stored.
pub(super) struct Json<B>(B);

impl<B: AsRef<[u8]>> ToSql for Json<B> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        // What was just made as UTF-8 need not be checked for it.
        Ok(ToSqlOutput::Borrowed(ValueRef::Text(self.0.as_ref())))
    }
}

pub(super) fn to_json<T: Serialize + ?Sized>(table: &'static str, value: &T) -> Result<Json<Vec<u8>>> {
    let mut json = Vec::with_capacity(USUAL_BODY);
    append_json(&mut json, table, value)?;
    Ok(Json(json))
}

/// Where in `json` the value stands.
fn append_json<T: Serialize + ?Sized>(
    json: &mut Vec<u8>,
    table: &'static str,
    value: &T,
) -> Result<Range<usize>> {
    let start = json.len();
    serde_json::to_writer(&mut *json, value).map_err(|source| StoreError::Value { table, source })?;
    Ok(start..json.len())
}

pub(super) fn from_json<T: DeserializeOwned>(table: &'static str, body: &str) -> Result<T> {
    serde_json::from_str(body).map_err(|source| StoreError::Row { table, source })
}
