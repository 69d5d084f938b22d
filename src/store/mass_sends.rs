//! Mass sends that wait for their owners: what was asked, and how far it is.
//!
//! A row is written before the platform is asked, so a crash leaves one whose `msgid` is unknown: it is
//! looked up, never asked for again.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::params;
use serde::{Deserialize, Serialize};

use super::batch::{from_json, to_json};
use super::{Batch, OutboxRow, Reader, Result};
use crate::decision::{Act, GroupId, MassSend, PostOutcome};

/// One task of one owner for some groups.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MassSendRow {
    /// Of the outbox row that led to it.
    pub id: i64,
    pub app: Arc<str>,
    pub send: MassSend,
    pub groups: Vec<GroupOfSend>,
    pub asked_at: Timestamp,
    /// When it is looked at next.
    pub next_at: Timestamp,
    /// The platform's id; unknown until its answer was heard, or it was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub msgid: Option<String>,
    /// When the owner confirmed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_at: Option<Timestamp>,
    /// Reminders that are over, whether the platform sent them or not.
    #[serde(default)]
    pub reminded: usize,
    /// How often it was looked for in vain.
    #[serde(default)]
    pub looked: usize,
    /// Ops knows that it is not confirmed.
    #[serde(default)]
    pub told: bool,
    /// Nothing more will come.
    #[serde(default)]
    pub ended: bool,
}

/// A group that it goes to, with its own row in the outbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupOfSend {
    pub id: GroupId,
    pub row: i64,
    /// What became of it here, once it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<PostOutcome>,
    /// The id of its store, if it has one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub store: String,
    /// Somebody has decided that it shall not go out here.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub withdrawn: bool,
}

impl GroupOfSend {
    /// Whether the owner could still send what is to be taken back here.
    pub fn is_to_be_taken_back(&self) -> bool {
        self.withdrawn && self.outcome.is_none()
    }
}

impl MassSendRow {
    /// What was decided meanwhile stands, whoever writes the row from an older reading: it is looked at then.
    fn with_what_was_withdrawn(mut self, stored: &Self) -> Self {
        for group in &mut self.groups {
            let decided = stored.groups.iter().any(|known| known.id == group.id && known.withdrawn);
            if decided && !group.withdrawn {
                group.withdrawn = true;
                self.next_at = self.next_at.min(stored.next_at);
            }
        }
        self
    }
}

impl Batch<'_> {
    /// Writes a mass send as it stands now.
    pub fn put_mass_send(&self, row: &MassSendRow) -> Result<()> {
        let stored: Option<MassSendRow> =
            self.load("mass_sends", "SELECT body FROM mass_sends WHERE id = ?1", [row.id])?;
        let row = &stored.map_or_else(|| row.clone(), |stored| row.clone().with_what_was_withdrawn(&stored));
        self.put(
            "INSERT INTO mass_sends (id, post, region, open, asked_at, next_at, msgid, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT DO UPDATE SET open = excluded.open, next_at = excluded.next_at,
                                       msgid = excluded.msgid, body = excluded.body",
            params![
                row.id,
                row.send.post.id,
                row.send.post.region,
                !row.ended,
                row.asked_at.as_millisecond(),
                row.next_at.as_millisecond(),
                row.msgid,
                to_json("mass_sends", row)?,
            ],
        )
    }

    /// The platform surely did not take it: as if it had never been asked for.
    pub fn forget_mass_send(&self, id: i64) -> Result<()> {
        self.put("DELETE FROM mass_sends WHERE id = ?1", [id])
    }

    /// Claims a row for asking, as [`Batch::claim`] does, unless it was withdrawn since it was read.
    pub fn claim_mass_send(&self, row: i64) -> Result<bool> {
        let mut select = self.connection.prepare_cached(
            "SELECT json_extract(body, '$.act.mass_send.withdrawn') IS TRUE FROM outbox WHERE id = ?1",
        )?;
        let withdrawn: bool = select.query_row([row], |row| row.get(0))?;
        Ok(!withdrawn && self.claim(row)?)
    }

    /// What owners have not confirmed of any firing of this schedule (posts are called `SCHEDULE@MOMENT`), in the
    /// groups of this store or in all, is withdrawn at the next look; somebody has decided so, and needs not be
    /// told.
    pub fn withdraw_mass_sends(&self, schedule: &str, store: Option<&str>, now: Timestamp) -> Result<()> {
        self.put(
            "UPDATE outbox SET body = json_set(body, '$.act.mass_send.withdrawn', json('true')), next_at = ?3
             WHERE state IN ('pending', 'sending') AND rank IN (0, 1, 2) AND act = 'mass_send'
             AND substr(json_extract(body, '$.act.mass_send.post.id'), 1, length(?1) + 1) = ?1 || '@'
             AND (?2 IS NULL OR json_extract(body, '$.act.mass_send.store') = ?2)",
            params![schedule, store, now.as_millisecond()],
        )?;
        let mut select = self.connection.prepare_cached(
            "SELECT body FROM mass_sends WHERE open = 1 AND substr(post, 1, length(?1) + 1) = ?1 || '@'",
        )?;
        let rows = select.query_and_then([schedule], |row| {
            let body: String = row.get(0)?;
            from_json::<MassSendRow>("mass_sends", &body)
        })?;
        for mut row in rows.collect::<Result<Vec<_>>>()? {
            let meant = |group: &GroupOfSend| store.is_none_or(|store| group.store == store);
            row.groups.iter_mut().filter(|group| meant(group)).for_each(|group| group.withdrawn = true);
            if row.groups.iter().any(GroupOfSend::is_to_be_taken_back) {
                row.next_at = now;
                self.put_mass_send(&row)?;
            }
        }
        Ok(())
    }

    /// Says of an ended outbox row what became of it later.
    pub fn set_result(&self, id: i64, result: &str) -> Result<()> {
        self.put("UPDATE outbox SET result = ?2 WHERE id = ?1", params![id, result])
    }

    /// Forgets what has ended and was asked for before `before`.
    pub(super) fn forget_mass_sends(&self, before: Timestamp) -> Result<()> {
        self.put("DELETE FROM mass_sends WHERE open = 0 AND asked_at < ?1", [before.as_millisecond()])
    }
}

impl Reader {
    /// Rows of the same target as `head` that can go out in one mass send with it, `head` first, each group
    /// once.
    pub fn alike(&self, head: &OutboxRow, at_most: usize) -> Result<Vec<OutboxRow>> {
        let Act::MassSend(send) = &head.action.act else { return Ok(vec![head.clone()]) };
        let alike = |row: &OutboxRow| {
            let same = |other: &MassSend| send.goes_with(other);
            row.action.hand == head.action.hand
                && matches!(&row.action.act, Act::MassSend(other) if same(other))
        };
        let (mut rows, mut groups) = (vec![head.clone()], HashSet::from([head.action.group.clone()]));
        for row in self.pending_of(&head.target)? {
            if rows.len() < at_most && alike(&row) && groups.insert(row.action.group.clone()) {
                rows.push(row);
            }
        }
        Ok(rows)
    }

    /// Open mass sends that are to be looked at by `now`, the longest due first.
    pub fn due_mass_sends(&self, now: Timestamp, at_most: usize) -> Result<Vec<MassSendRow>> {
        let limit = i64::try_from(at_most).unwrap_or(i64::MAX);
        self.mass_sends(
            "SELECT body FROM mass_sends WHERE open = 1 AND next_at <= ?1 ORDER BY next_at LIMIT ?2",
            params![now.as_millisecond(), limit],
        )
    }

    /// When the next one is to be looked at.
    pub fn next_mass_send(&self) -> Result<Option<Timestamp>> {
        self.with(|connection| {
            let sql = "SELECT min(next_at) FROM mass_sends WHERE open = 1";
            let ms: Option<i64> = connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
            Ok(ms.and_then(|ms| Timestamp::from_millisecond(ms).ok()))
        })
    }

    /// All mass sends of one post in one region.
    pub fn mass_sends_of(&self, post: &str, region: &str) -> Result<Vec<MassSendRow>> {
        let sql = "SELECT body FROM mass_sends WHERE post = ?1 AND region = ?2 ORDER BY id";
        self.mass_sends(sql, [post, region])
    }

    /// The latest mass send of this post that this group was in, if the platform was asked for one.
    pub fn mass_send_in(&self, post: &str, group: &GroupId) -> Result<Option<(MassSendRow, GroupOfSend)>> {
        let sends =
            self.mass_sends("SELECT body FROM mass_sends WHERE post = ?1 ORDER BY id DESC", [post])?;
        Ok(sends.into_iter().find_map(|send| {
            let found = send.groups.iter().find(|one| one.id == *group).cloned()?;
            Some((send, found))
        }))
    }

    /// The platform's ids of what was asked for since then.
    pub fn msgids_since(&self, since: Timestamp) -> Result<Vec<String>> {
        self.with(|connection| {
            let mut select = connection.prepare_cached(
                "SELECT msgid FROM mass_sends WHERE asked_at >= ?1 AND msgid IS NOT NULL ORDER BY id",
            )?;
            let ids = select.query_map([since.as_millisecond()], |row| row.get(0))?;
            Ok(ids.collect::<Result<_, _>>()?)
        })
    }

    fn mass_sends(&self, sql: &str, values: impl rusqlite::Params) -> Result<Vec<MassSendRow>> {
        self.with(|connection| {
            let mut select = connection.prepare_cached(sql)?;
            let rows = select.query_and_then(values, |row| {
                let body: String = row.get(0)?;
                from_json("mass_sends", &body)
            })?;
            rows.collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::decision::PostName;
    use crate::store;

    const NOW: Timestamp = Timestamp::constant(1_790_000_000, 0);

    fn row(id: i64, region: &str, minutes: i64) -> MassSendRow {
        let post = PostName { id: "p@1".into(), title: "早安".into(), region: region.into() };
        let send = MassSend {
            owner: "wang.min".into(),
            parts: Vec::new(),
            post,
            reminders: Vec::new(),
            escalate_at: NOW,
            cancel_at: NOW,
            store: String::new(),
            withdrawn: false,
        };
        let groups = vec![of_store("wr1", id, "chaoyang")];
        let next_at = NOW + SignedDuration::from_mins(minutes);
        MassSendRow {
            id,
            app: "assistant".into(),
            send,
            groups,
            asked_at: NOW,
            next_at,
            msgid: None,
            confirmed_at: None,
            reminded: 0,
            looked: 0,
            told: false,
            ended: false,
        }
    }

    fn of_store(id: &str, row: i64, store: &str) -> GroupOfSend {
        GroupOfSend { id: id.into(), row, outcome: None, store: store.into(), withdrawn: false }
    }

    #[test]
    fn what_is_withdrawn_is_due_and_stays_so_whoever_writes_it_from_an_older_reading() {
        let folder = tempfile::tempdir().unwrap();
        let (mut writer, reader) = store::open(folder.path()).unwrap();
        let (mut ours, mut other) = (row(1, "北京", 5), row(2, "北京", 5));
        ours.groups.push(of_store("wr2", 3, "hexi"));
        other.send.post.id = "p2@1".into();
        writer
            .commit(|batch| [&ours, &other].into_iter().try_for_each(|row| batch.put_mass_send(row)))
            .unwrap();
        let withdrawn = |reader: &Reader, now| {
            let due = reader.due_mass_sends(now, 10).unwrap();
            let groups = due.into_iter().flat_map(|row| row.groups);
            groups.filter(GroupOfSend::is_to_be_taken_back).map(|group| group.row).collect::<Vec<_>>()
        };
        let now = NOW + SignedDuration::from_mins(1);
        writer.commit(|batch| batch.withdraw_mass_sends("p", Some("tongzhou"), now)).unwrap();
        assert_eq!(withdrawn(&reader, now), [] as [i64; 0], "no group of that store");
        writer.commit(|batch| batch.withdraw_mass_sends("p", Some("hexi"), now)).unwrap();
        assert_eq!(withdrawn(&reader, now), [3]);
        writer.commit(|batch| batch.put_mass_send(&ours)).unwrap();
        assert_eq!(withdrawn(&reader, now), [3], "read before it was withdrawn, written after it");
        writer.commit(|batch| batch.withdraw_mass_sends("p", None, now)).unwrap();
        assert_eq!(withdrawn(&reader, now), [1, 3]);
        assert_eq!(reader.due_mass_sends(now, 10).unwrap().len(), 1, "the other post waits on");
    }

    #[test]
    fn the_latest_mass_send_of_a_group_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let (mut writer, reader) = store::open(folder.path()).unwrap();
        let rows = [row(1, "北京", 5), row(2, "北京", 5)];
        writer.commit(|batch| rows.iter().try_for_each(|row| batch.put_mass_send(row))).unwrap();
        let found = |post, group: &str| {
            reader.mass_send_in(post, &group.into()).unwrap().map(|(send, group)| (send.id, group.row))
        };
        assert_eq!(
            (found("p@1", "wr1"), found("p@2", "wr1"), found("p@1", "wr2")),
            (Some((2, 2)), None, None)
        );
    }

    #[test]
    fn mass_sends_are_due_until_they_end() {
        let folder = tempfile::tempdir().unwrap();
        let (mut writer, reader) = store::open(folder.path()).unwrap();
        let rows = [row(1, "北京", 5), row(2, "北京", 1), row(3, "南京", 9)];
        writer.commit(|batch| rows.iter().try_for_each(|row| batch.put_mass_send(row))).unwrap();
        let due = |minutes| {
            let due = reader.due_mass_sends(NOW + SignedDuration::from_mins(minutes), 10).unwrap();
            due.into_iter().map(|row| row.id).collect::<Vec<_>>()
        };
        assert_eq!((due(0), due(5), due(9)), (vec![], vec![2, 1], vec![2, 1, 3]));
        assert_eq!(reader.next_mass_send().unwrap(), Some(rows[1].next_at));
        let ended = MassSendRow { msgid: Some("m1".into()), ended: true, ..rows[0].clone() };
        writer.commit(|batch| batch.put_mass_send(&ended)).unwrap();
        assert_eq!(due(9), [2, 3]);
        assert_eq!(reader.mass_sends_of("p@1", "北京").unwrap(), [ended.clone(), rows[1].clone()]);
        assert_eq!(reader.msgids_since(NOW).unwrap(), ["m1"]);
        assert!(reader.msgids_since(NOW + SignedDuration::from_secs(1)).unwrap().is_empty());
        writer
            .commit(|batch| {
                batch.forget_mass_sends(NOW + SignedDuration::from_hours(1))?;
                batch.forget_mass_send(2)
            })
            .unwrap();
        assert_eq!(due(9), [3]);
        assert!(reader.msgids_since(NOW).unwrap().is_empty(), "what has ended is forgotten in time");
    }
}
