//! Reading what is committed: the journal, tasks, groups and timers.

use std::path::Path;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, params};

use super::batch::from_json;
use super::{Result, StoreError};
use crate::decision::{
    Action, Event, EventKind, FileNews, GroupId, GroupState, MemberId, MemberState, NamedCommit, PersonState,
    Reason, StaffTask, Timer,
};
use crate::perception::Signals;

/// How long a reader waits for a lock, which only happens while the log is folded back.
const BUSY: std::time::Duration = std::time::Duration::from_secs(5);

/// A read-only connection; clones share it.
#[derive(Clone, Debug)]
pub struct Reader(Arc<Mutex<Connection>>);

/// One accepted event with everything that followed from it.
#[derive(Clone, Debug)]
pub struct JournalEntry {
    pub seq: i64,
    pub heard_at: Timestamp,
    pub event: Event,
    pub signals: Signals,
    pub reasons: Vec<Reason>,
    /// The beginning of the version of the rules that decided.
    pub rules: Option<String>,
    pub actions: Vec<JournalAction>,
}

/// An action and how it stands.
#[derive(Clone, Debug)]
pub struct JournalAction {
    pub id: i64,
    pub action: Action,
    /// `pending`, `sending`, `done`, `failed` or `doubt`; a staff task's card tells of the card only.
    pub state: String,
    pub attempts: u32,
    pub result: Option<String>,
    /// When it was sent, or ended otherwise.
    pub ended_at: Option<Timestamp>,
    pub task: Option<StaffTask>,
    /// The failed action whose place it takes, where that was looked up.
    pub follows: Option<i64>,
}

impl Reader {
    pub(super) fn open(file: &Path) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(file, flags)?;
        connection.busy_timeout(BUSY)?;
        // Otherwise a statement is prepared anew whenever a value is bound on which its plan might depend.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        Ok(Self(Arc::new(Mutex::new(connection))))
    }

    pub(super) fn with<T>(&self, read: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        // A panic while reading leaves nothing half-done behind, so a poisoned lock is no harm.
        let connection = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        read(&connection)
    }

    /// Entries behind `after` (0 = from the beginning), heard at `since` or later, in order.
    pub fn journal(&self, after: i64, since: Option<Timestamp>, at_most: usize) -> Result<Vec<JournalEntry>> {
        let since = since.map_or(i64::MIN, Timestamp::as_millisecond);
        let limit = i64::try_from(at_most).unwrap_or(i64::MAX);
        self.entries(
            "SELECT seq, heard_at, body, signals, reasons, rules FROM events
             WHERE seq > ?1 AND heard_at >= ?2 ORDER BY seq LIMIT ?3",
            params![after, since, limit],
        )
    }

    /// The newest entries behind `after`, oldest first.
    pub fn journal_tail(&self, after: i64, at_most: usize) -> Result<Vec<JournalEntry>> {
        let limit = i64::try_from(at_most).unwrap_or(i64::MAX);
        self.entries(
            "SELECT seq, heard_at, body, signals, reasons, rules FROM
             (SELECT * FROM events WHERE seq > ?1 ORDER BY seq DESC LIMIT ?2) ORDER BY seq",
            [after, limit],
        )
    }

    /// Entries whose key is, or ends in, this message id or event key.
    pub fn why(&self, id: &str) -> Result<Vec<JournalEntry>> {
        // `substr` instead of LIKE: an id may hold `_` and `%`.
        self.entries(
            "SELECT seq, heard_at, body, signals, reasons, rules FROM events
             WHERE key = ?1 OR substr(key, -length(?1) - 1) IN ('/' || ?1, ':' || ?1) ORDER BY seq",
            [id],
        )
    }

    /// The commit that people were told of when these rules came into force; `rules` is the beginning of
    /// a version.
    pub fn commit_of(&self, rules: &str) -> Result<Option<NamedCommit>> {
        self.with(|connection| {
            let mut select = connection
                .prepare_cached("SELECT body FROM events WHERE kind = 'file_news' ORDER BY seq DESC")?;
            let mut rows = select.query([])?;
            while let Some(row) = rows.next()? {
                let body: String = row.get(0)?;
                let event: Event = from_json("events", &body)?;
                let EventKind::FileNews(news) = event.kind else { continue };
                match *news {
                    FileNews::Taken { version, commit, .. } if version.starts_with(rules) => {
                        return Ok(commit);
                    }
                    _ => {}
                }
            }
            Ok(None)
        })
    }

    /// The entry with exactly this key.
    pub fn entry(&self, key: &str) -> Result<Option<JournalEntry>> {
        let sql = "SELECT seq, heard_at, body, signals, reasons, rules FROM events WHERE key = ?1";
        Ok(self.entries(sql, [key])?.pop())
    }

    fn entries(&self, sql: &str, values: impl rusqlite::Params) -> Result<Vec<JournalEntry>> {
        self.with(|connection| {
            let mut select = connection.prepare_cached(sql)?;
            let mut entries: Vec<JournalEntry> =
                select.query_and_then(values, read_entry)?.collect::<Result<_>>()?;
            for entry in &mut entries {
                entry.actions = actions_of(connection, entry.seq)?;
            }
            Ok(entries)
        })
    }

    /// Staff tasks, the latest first; only open ones unless `all`.
    pub fn tasks(&self, all: bool, at_most: usize) -> Result<Vec<StaffTask>> {
        self.with(|connection| {
            let mut select = connection.prepare_cached(
                "SELECT body FROM tasks WHERE ?1 OR state = 'open' ORDER BY opened_at DESC LIMIT ?2",
            )?;
            let limit = i64::try_from(at_most).unwrap_or(i64::MAX);
            bodies("tasks", select.query(params![all, limit])?)
        })
    }

    /// The staff task with this id.
    pub fn task(&self, id: &str) -> Result<Option<StaffTask>> {
        self.with(|connection| {
            let mut select = connection.prepare_cached("SELECT body FROM tasks WHERE id = ?1")?;
            let body: Option<String> = select.query_row([id], |row| row.get(0)).optional()?;
            body.map(|body| from_json("tasks", &body)).transpose()
        })
    }

    /// Groups behind `after` in the order of their ids.
    pub fn groups(&self, after: &str, at_most: usize) -> Result<Vec<GroupState>> {
        self.with(|connection| {
            let mut select =
                connection.prepare_cached("SELECT body FROM groups WHERE id > ?1 ORDER BY id LIMIT ?2")?;
            let limit = i64::try_from(at_most).unwrap_or(i64::MAX);
            bodies("groups", select.query(params![after, limit])?)
        })
    }

    pub fn group(&self, id: &str) -> Result<Option<GroupState>> {
        self.with(|connection| {
            let mut select = connection.prepare_cached("SELECT body FROM groups WHERE id = ?1")?;
            let body: Option<String> = select.query_row([id], |row| row.get(0)).optional()?;
            body.map(|body| from_json("groups", &body)).transpose()
        })
    }

    /// What people call a group; its id as long as nobody told.
    pub fn group_name(&self, id: &GroupId) -> Result<String> {
        let name = self.group(id.as_str())?.map(|group| group.name);
        Ok(name.filter(|name| !name.is_empty()).unwrap_or_else(|| id.to_string()))
    }

    /// What people call somebody, once a member list told.
    pub fn name_of(&self, person: &MemberId) -> Result<Option<String>> {
        self.with(|connection| name_of(connection, person))
    }

    /// Timers due at `now`, earliest first.
    pub fn due_timers(&self, now: Timestamp, at_most: usize) -> Result<Vec<Timer>> {
        self.with(|connection| {
            let mut select =
                connection.prepare_cached("SELECT body FROM timers WHERE due <= ?1 ORDER BY due LIMIT ?2")?;
            let limit = i64::try_from(at_most).unwrap_or(i64::MAX);
            bodies("timers", select.query(params![now.as_millisecond(), limit])?)
        })
    }

    /// When the next timer is due.
    pub fn next_timer(&self) -> Result<Option<Timestamp>> {
        self.with(|connection| {
            let mut select = connection.prepare_cached("SELECT min(due) FROM timers")?;
            let due: Option<i64> = select.query_row([], |row| row.get(0))?;
            Ok(due.and_then(|due| Timestamp::from_millisecond(due).ok()))
        })
    }

    /// How far this corp's archive is stored; 0 when nothing is.
    pub fn archive_cursor(&self, corp: &str) -> Result<u64> {
        self.with(|connection| {
            let mut select = connection.prepare_cached("SELECT seq FROM archive_cursors WHERE corp = ?1")?;
            let seq: Option<i64> = select.query_row([corp], |row| row.get(0)).optional()?;
            Ok(seq.and_then(|seq| u64::try_from(seq).ok()).unwrap_or(0))
        })
    }

    /// Number of accepted events and of known groups.
    pub fn counts(&self) -> Result<(i64, i64)> {
        self.with(|connection| {
            let sql = "SELECT (SELECT coalesce(max(seq), 0) FROM events), (SELECT count(*) FROM groups)";
            Ok(connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?)
        })
    }
}

pub(super) fn bodies<T: serde::de::DeserializeOwned>(
    table: &'static str,
    mut rows: rusqlite::Rows<'_>,
) -> Result<Vec<T>> {
    let mut values = Vec::new();
    while let Some(row) = rows.next()? {
        let body: String = row.get(0)?;
        values.push(from_json(table, &body)?);
    }
    Ok(values)
}

pub(super) fn read_entry(row: &Row<'_>) -> Result<JournalEntry> {
    let (heard_at, body): (i64, String) = (row.get(1)?, row.get(2)?);
    let (signals, reasons): (Option<String>, String) = (row.get(3)?, row.get(4)?);
    Ok(JournalEntry {
        seq: row.get(0)?,
        heard_at: Timestamp::from_millisecond(heard_at).unwrap_or(Timestamp::UNIX_EPOCH),
        event: from_json("events", &body)?,
        signals: signals.map(|signals| from_json("events", &signals)).transpose()?.unwrap_or_default(),
        reasons: from_json("events", &reasons)?,
        rules: row.get(5)?,
        actions: Vec::new(),
    })
}

/// What people call somebody: in this group, elsewhere, or the id while nobody has told a name.
pub(super) fn name_in(connection: &Connection, group: &GroupId, person: &MemberId) -> Result<String> {
    let named = |name: Option<String>| name.filter(|name| !name.is_empty());
    let sql = "SELECT body FROM members WHERE grp = ?1 AND id = ?2";
    let here = connection.prepare_cached(sql)?.query_row([group.as_str(), person.as_str()], |row| row.get(0));
    let here: Option<String> = here.optional()?;
    let here: Option<MemberState> = here.map(|body| from_json("members", &body)).transpose()?;
    if let Some(name) = here.and_then(|member| named(member.name)) {
        return Ok(name);
    }
    let known = name_of(connection, person)?;
    Ok(known.unwrap_or_else(|| person.to_string()))
}

/// What people call somebody, once a member list told.
pub(super) fn name_of(connection: &Connection, person: &MemberId) -> Result<Option<String>> {
    let mut select = connection.prepare_cached("SELECT body FROM people WHERE id = ?1")?;
    let body: Option<String> = select.query_row([person.as_str()], |row| row.get(0)).optional()?;
    let person: Option<PersonState> = body.map(|body| from_json("people", &body)).transpose()?;
    Ok(person.and_then(|person| person.name).filter(|name| !name.is_empty()))
}

pub(super) fn actions_of(connection: &Connection, event: i64) -> Result<Vec<JournalAction>> {
    let mut select = connection.prepare_cached(
        "SELECT outbox.id, outbox.body, outbox.state, attempts, result, tasks.body, sent_at
         FROM outbox LEFT JOIN tasks ON tasks.id = outbox.task WHERE event = ?1 ORDER BY outbox.id",
    )?;
    let rows = select.query_and_then([event], |row| {
        let (body, task): (String, Option<String>) = (row.get(1)?, row.get(5)?);
        Ok::<_, StoreError>(JournalAction {
            id: row.get(0)?,
            action: from_json("outbox", &body)?,
            state: row.get(2)?,
            attempts: row.get(3)?,
            result: row.get(4)?,
            ended_at: row.get::<_, Option<i64>>(6)?.and_then(|ms| Timestamp::from_millisecond(ms).ok()),
            task: task.map(|task| from_json("tasks", &task)).transpose()?,
            follows: None,
        })
    })?;
    rows.collect()
}
