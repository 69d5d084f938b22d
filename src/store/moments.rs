//! Moments that staff are asked to publish: each task of the platform is a row, from its decision on.
//!
//! Until it was asked for, a row belongs to delivery; then to the loop that looks at it. What was asked for
//! and has no `jobid` is in doubt: it is looked up, never asked for again.

use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::{Connection, Row, params};
use serde::{Deserialize, Serialize};

use super::batch::{from_json, to_json};
use super::{Batch, Reader, Result};
use crate::decision::{Hand, MomentTask};

/// One task, and how far it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MomentRow {
    /// Of the outbox row that leads to it.
    pub id: i64,
    pub app: Arc<str>,
    /// What came of it stands with its people.
    pub task: MomentTask,
    pub decided_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_at: Option<Timestamp>,
    /// When it is looked at next; `None` = not before delivery has asked for it, or not any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_at: Option<Timestamp>,
    /// Of the platform's making it, which takes a while.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jobid: Option<String>,
    /// The platform's id, once it is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moment_id: Option<String>,
    /// How often it was looked for in vain.
    #[serde(default)]
    pub looked: usize,
    /// Who has not published it was reminded.
    #[serde(default)]
    pub reminded: bool,
    /// When likes and comments were read last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub figures_at: Option<Timestamp>,
    /// Nobody can publish it any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<MomentEnd>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled_by: Option<String>,
}

/// Why nobody can publish it any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MomentEnd {
    /// It was published by whoever wanted to.
    Over { at: Timestamp },
    /// It never existed; `why` is for people.
    NotMade { at: Timestamp, why: String },
}

impl MomentRow {
    pub fn hand(&self) -> Hand {
        Hand::App { app: Arc::clone(&self.app) }
    }

    /// It is known whether it exists.
    pub fn is_settled(&self) -> bool {
        self.moment_id.is_some() || self.end.is_some()
    }

    /// Why it does not exist, if so.
    pub fn not_made(&self) -> Option<&str> {
        match &self.end {
            Some(MomentEnd::NotMade { why, .. }) => Some(why),
            _ => None,
        }
    }
}

impl Batch<'_> {
    /// A task that was decided, with the outbox row that leads to it.
    pub(super) fn add_moment(&self, id: i64, hand: &Hand, task: &MomentTask, now: Timestamp) -> Result<()> {
        let Hand::App { app } = hand else { return Ok(()) };
        let row = MomentRow {
            id,
            app: Arc::clone(app),
            task: task.clone(),
            decided_at: now,
            asked_at: None,
            next_at: None,
            jobid: None,
            moment_id: None,
            looked: 0,
            reminded: false,
            figures_at: None,
            end: None,
            cancelled_by: None,
        };
        self.put(
            "INSERT INTO moments (id, moment, decided_at, ends_at, running, body) VALUES (?1, ?2, ?3, ?4, 1, ?5)",
            params![
                id,
                task.moment,
                now.as_millisecond(),
                task.ends_at.as_millisecond(),
                to_json("moments", &row)?
            ],
        )
    }

    /// Writes how far a task is. When it ends and who cancelled it stays as it is stored; what was cancelled since
    /// `row` was read is looked at again at once.
    pub fn put_moment(&self, row: &MomentRow) -> Result<()> {
        self.put(
            "UPDATE moments SET running = ?2, moment_id = ?4, body = ?5, next_at =
             CASE WHEN ?3 IS NOT NULL AND ends_at < ?6 THEN min(?3, ends_at) ELSE ?3 END WHERE id = ?1",
            params![
                row.id,
                row.end.is_none(),
                row.next_at.map(Timestamp::as_millisecond),
                row.moment_id,
                to_json("moments", row)?,
                row.task.ends_at.as_millisecond(),
            ],
        )
    }

    pub fn moment(&self, id: i64) -> Result<Option<MomentRow>> {
        the_moment(self.connection, id)
    }

    /// What is running of this moment ends now, as soon as somebody looks.
    pub(super) fn cancel_moment(&self, moment: &str, by: &str, at: Timestamp) -> Result<()> {
        let at = at.as_millisecond();
        self.put(
            "UPDATE outbox SET next_at = min(next_at, ?2) WHERE state = 'pending' AND id IN
             (SELECT id FROM moments WHERE moment = ?1 AND running = 1)",
            params![moment, at],
        )?;
        self.put(
            "UPDATE moments SET ends_at = min(ends_at, ?3), cancelled_by = ?2,
             next_at = CASE WHEN next_at IS NULL THEN NULL ELSE ?3 END WHERE moment = ?1 AND running = 1",
            params![moment, by, at],
        )
    }

    /// Forgets what was decided before `before`; by then everything about it is known.
    pub(super) fn forget_moments(&self, before: Timestamp) -> Result<()> {
        self.put(
            "DELETE FROM moments WHERE decided_at < ?1 AND next_at IS NULL AND running = 0",
            [before.as_millisecond()],
        )
    }
}

impl Reader {
    pub fn moment(&self, id: i64) -> Result<Option<MomentRow>> {
        self.with(|connection| the_moment(connection, id))
    }

    /// Tasks that are to be looked at by `now`, the longest due first.
    pub fn due_moments(&self, now: Timestamp, at_most: usize) -> Result<Vec<MomentRow>> {
        let limit = i64::try_from(at_most).unwrap_or(i64::MAX);
        self.moments_by(
            "SELECT body, ends_at, cancelled_by FROM moments WHERE next_at <= ?1 ORDER BY next_at LIMIT ?2",
            params![now.as_millisecond(), limit],
        )
    }

    /// When the next one is to be looked at.
    pub fn next_moment(&self) -> Result<Option<Timestamp>> {
        self.with(|connection| {
            let sql = "SELECT min(next_at) FROM moments WHERE next_at IS NOT NULL";
            let ms: Option<i64> = connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
            Ok(ms.and_then(|ms| Timestamp::from_millisecond(ms).ok()))
        })
    }

    /// All tasks of one moment, in the order in which they were decided.
    pub fn tasks_of_moment(&self, moment: &str) -> Result<Vec<MomentRow>> {
        let sql = "SELECT body, ends_at, cancelled_by FROM moments WHERE moment = ?1 ORDER BY id";
        self.moments_by(sql, [moment])
    }

    /// All tasks that were decided at `since` or later, the latest moments first.
    pub fn moments(&self, since: Timestamp) -> Result<Vec<MomentRow>> {
        let sql = "SELECT body, ends_at, cancelled_by FROM moments WHERE decided_at >= ?1
                   ORDER BY decided_at DESC, id";
        self.moments_by(sql, [since.as_millisecond()])
    }

    /// The platform's ids of what was decided at `since` or later.
    pub fn moment_ids_since(&self, since: Timestamp) -> Result<Vec<String>> {
        self.with(|connection| {
            let mut select = connection.prepare_cached(
                "SELECT moment_id FROM moments WHERE decided_at >= ?1 AND moment_id IS NOT NULL",
            )?;
            let ids = select.query_map([since.as_millisecond()], |row| row.get(0))?;
            Ok(ids.collect::<Result<_, _>>()?)
        })
    }

    fn moments_by(&self, sql: &str, values: impl rusqlite::Params) -> Result<Vec<MomentRow>> {
        self.with(|connection| {
            let mut select = connection.prepare_cached(sql)?;
            select.query_and_then(values, read)?.collect()
        })
    }
}

fn the_moment(connection: &Connection, id: i64) -> Result<Option<MomentRow>> {
    let sql = "SELECT body, ends_at, cancelled_by FROM moments WHERE id = ?1";
    let mut select = connection.prepare_cached(sql)?;
    select.query_and_then([id], read)?.next().transpose()
}

/// Whoever cancels knows nothing of what is being written meanwhile, so the end stands beside the body.
fn read(row: &Row<'_>) -> Result<MomentRow> {
    let (body, ends_at): (String, i64) = (row.get(0)?, row.get(1)?);
    let mut moment: MomentRow = from_json("moments", &body)?;
    moment.task.ends_at = Timestamp::from_millisecond(ends_at).unwrap_or(moment.task.ends_at);
    moment.cancelled_by = row.get(2)?;
    Ok(moment)
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::decision::{
        Act, Action, Change, Ear, Event, EventKey, EventKind, MomentPerson, Part, TimerKind,
    };
    use crate::perception::Signals;
    use crate::store::{self, NewEvent, Writer};

    const NOW: Timestamp = Timestamp::constant(1_790_000_000, 0);

    fn later(minutes: i64) -> Timestamp {
        NOW + SignedDuration::from_mins(minutes)
    }

    fn decide(writer: &mut Writer, key: &str, moments: &[&str]) {
        let action = |moment: &&str| {
            let task = MomentTask {
                moment: (*moment).to_owned(),
                title: "卸货的早上".into(),
                script: "moments-unloading".into(),
                variant: None,
                parts: vec![Part::text("早上卸货")],
                people: vec![MomentPerson::new("wang.min".into(), "朝阳店")],
                remind_at: None,
                ends_at: later(600),
            };
            Action::new(Hand::App { app: "assistant".into() }, Act::Moment(Box::new(task)))
        };
        let event = Event {
            key: EventKey::new(key),
            at: NOW,
            ear: Ear::Operator,
            via: "control".into(),
            group: None,
            from: None,
            kind: EventKind::TimerDue { timer: TimerKind::Post, subject: String::new() },
            raw: None,
        };
        let actions: Vec<Action> = moments.iter().map(action).collect();
        let signals = Signals::default();
        let new = NewEvent {
            event: &event,
            signals: &signals,
            changes: &[],
            reasons: &[],
            actions: &actions,
            heard_at: NOW,
            rules: "",
        };
        writer.commit(|batch| batch.add_event(&new)).expect("stored");
    }

    #[test]
    fn a_task_is_there_from_its_decision_on_and_looked_at_once_it_was_asked_for() {
        let folder = tempfile::tempdir().expect("a folder");
        let (mut writer, reader) = store::open(folder.path()).expect("opens");
        decide(&mut writer, "a", &["first", "first", "second"]);
        let rows = reader.tasks_of_moment("first").expect("read");
        assert_eq!((rows.len(), rows[0].next_at, reader.next_moment().expect("read")), (2, None, None));

        let mut asked = rows[0].clone();
        (asked.asked_at, asked.next_at) = (Some(NOW), Some(later(1)));
        writer.commit(|batch| batch.put_moment(&asked)).expect("stored");
        assert!(reader.due_moments(NOW, 9).expect("read").is_empty());
        assert_eq!(reader.due_moments(later(1), 9).expect("read"), [asked.clone()]);

        let mut made = asked;
        (made.moment_id, made.next_at) = (Some("mom1".into()), None);
        made.end = Some(MomentEnd::Over { at: later(2) });
        writer.commit(|batch| batch.put_moment(&made)).expect("stored");
        assert_eq!(reader.next_moment().expect("read"), None);
        assert_eq!(reader.moment_ids_since(NOW).expect("read"), ["mom1"]);
        assert_eq!(reader.moments(NOW).expect("read").len(), 3);
        writer.commit(|batch| batch.forget_moments(later(9))).expect("forgotten");
        let kept = reader.moments(NOW).expect("read");
        assert!(kept.len() == 2 && kept.iter().all(|row| row.end.is_none()), "what runs is kept");
    }

    #[test]
    fn a_cancellation_survives_whoever_writes_at_the_same_time() {
        let folder = tempfile::tempdir().expect("a folder");
        let (mut writer, reader) = store::open(folder.path()).expect("opens");
        decide(&mut writer, "a", &["first", "first", "second"]);
        let mut looking = reader.tasks_of_moment("first").expect("read").remove(0);
        looking.next_at = Some(later(5));
        writer.commit(|batch| batch.put_moment(&looking)).expect("stored");
        let cancel = Change::CancelMoment { moment: "first".into(), by: "lin.yun".into(), at: later(1) };
        writer.commit(|batch| batch.apply(&cancel)).expect("stored");
        let due = reader.due_moments(later(1), 9).expect("read");
        assert!(matches!(&due[..], [one] if one.id == looking.id), "delivery has the other one: {due:?}");
        writer.commit(|batch| batch.put_moment(&looking)).expect("stored");
        assert_eq!(reader.due_moments(later(1), 9).expect("read").len(), 1, "it is looked at all the same");
        for row in reader.tasks_of_moment("first").expect("read") {
            assert_eq!((row.task.ends_at, row.cancelled_by.as_deref()), (later(1), Some("lin.yun")));
        }
        let other = reader.tasks_of_moment("second").expect("read").remove(0);
        assert_eq!((other.task.ends_at, other.cancelled_by), (later(600), None));
    }
}
