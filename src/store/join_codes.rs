//! Join codes: what we know of each on the platform, and the groups that it may lead to.

use std::collections::BTreeMap;

use rusqlite::params;

use super::batch::{from_json, to_json};
use super::reader::bodies;
use super::{Batch, Reader, Result};
use crate::decision::{GroupId, JoinCodeMemory, JoinCodeState, JoinSeat};

/// How many members a mark brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CameBy {
    pub came: u64,
    /// Of these, who is still in the group.
    pub stayed: u64,
}

impl Batch<'_> {
    pub fn join_code(&self, id: &str) -> Result<JoinCodeMemory> {
        memory(self.connection, id)
    }

    /// A code of which nothing is known any more is forgotten.
    pub(super) fn set_join_code(&self, state: &JoinCodeState) -> Result<()> {
        if state.is_empty() {
            return self.put("DELETE FROM join_codes WHERE id = ?1", [&state.id]);
        }
        self.put(
            "INSERT INTO join_codes (id, body) VALUES (?1, ?2)
             ON CONFLICT DO UPDATE SET body = excluded.body",
            params![state.id, to_json("join_codes", state)?],
        )
    }

    pub(super) fn set_join_seat(&self, code: &str, group: &GroupId, seat: Option<&JoinSeat>) -> Result<()> {
        let Some(seat) = seat else {
            return self.put("DELETE FROM join_seats WHERE code = ?1 AND grp = ?2", [code, group.as_str()]);
        };
        self.put(
            "INSERT INTO join_seats (code, grp, body) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET body = excluded.body",
            params![code, group.as_str(), to_json("join_seats", seat)?],
        )
    }
}

impl Reader {
    /// Every code that was ever made and is not deleted, or is on its way.
    pub fn join_codes(&self) -> Result<Vec<JoinCodeState>> {
        self.with(|connection| {
            let mut select = connection.prepare_cached("SELECT body FROM join_codes ORDER BY id")?;
            bodies("join_codes", select.query([])?)
        })
    }

    pub fn join_code(&self, id: &str) -> Result<JoinCodeMemory> {
        self.with(|connection| memory(connection, id))
    }

    /// How many members each mark brought, in all groups.
    pub fn came_by(&self) -> Result<BTreeMap<String, CameBy>> {
        self.with(|connection| {
            let mut select = connection.prepare_cached(
                "SELECT json_extract(body, '$.join_state'), count(*), sum(json_extract(body, '$.left_at') IS NULL)
                 FROM members WHERE json_extract(body, '$.join_state') IS NOT NULL GROUP BY 1",
            )?;
            let rows = select.query_map([], |row| {
                let count = |at: usize| row.get::<_, i64>(at).map(|count| u64::try_from(count).unwrap_or(0));
                Ok((row.get(0)?, CameBy { came: count(1)?, stayed: count(2)? }))
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}

fn memory(connection: &rusqlite::Connection, id: &str) -> Result<JoinCodeMemory> {
    let mut codes = connection.prepare_cached("SELECT body FROM join_codes WHERE id = ?1")?;
    let state = bodies("join_codes", codes.query([id])?)?.pop();
    let mut seats = connection.prepare_cached("SELECT grp, body FROM join_seats WHERE code = ?1")?;
    let rows = seats.query_and_then([id], |row| {
        let (group, body): (String, String) = (row.get(0)?, row.get(1)?);
        Ok((GroupId::new(group), from_json("join_seats", &body)?))
    })?;
    Ok(JoinCodeMemory { state, seats: rows.collect::<Result<_>>()? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::{Change, MemberState};
    use crate::store;

    #[test]
    fn codes_and_their_groups_come_back_until_they_are_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let (mut writer, reader) = store::open(folder.path()).unwrap();
        let state = JoinCodeState { config_id: Some("9ad7".into()), ..JoinCodeState::new("counter") };
        let seat = JoinSeat { name: "福利群".into(), full: false, created_at: None };
        let group = GroupId::from("wr1");
        let seated = |seat| Change::JoinSeat { code: "counter".into(), group: group.clone(), seat };
        writer
            .commit(|batch| {
                batch.apply(&Change::JoinCode(Box::new(state.clone())))?;
                batch.apply(&seated(Some(seat.clone())))?;
                assert_eq!(batch.join_code("counter")?.seats.len(), 1, "read in the same transaction");
                Ok(())
            })
            .unwrap();
        let memory = reader.join_code("counter").unwrap();
        assert_eq!((memory.state, memory.seats.get(&group)), (Some(state.clone()), Some(&seat)));
        assert_eq!(reader.join_codes().unwrap(), [state]);
        writer
            .commit(|batch| {
                batch.apply(&Change::JoinCode(Box::new(JoinCodeState::new("counter"))))?;
                batch.apply(&seated(None))
            })
            .unwrap();
        assert_eq!(reader.join_code("counter").unwrap(), JoinCodeMemory::default());
    }

    #[test]
    fn who_came_by_a_mark_is_counted_also_after_leaving() {
        let folder = tempfile::tempdir().unwrap();
        let (mut writer, reader) = store::open(folder.path()).unwrap();
        let member = |mark: Option<&str>, left: bool| MemberState {
            join_state: mark.map(str::to_owned),
            left_at: left.then_some(jiff::Timestamp::UNIX_EPOCH),
            ..MemberState::default()
        };
        let members = [
            member(Some("a"), false),
            member(Some("a"), true),
            member(Some("b"), false),
            member(None, false),
        ];
        writer
            .commit(|batch| {
                members.into_iter().zip(0..).try_for_each(|(state, nth)| {
                    let (group, id) = ("wr1".into(), format!("wm{nth}").as_str().into());
                    batch.apply(&Change::Member { group, id, state: state.into(), lasting: true })
                })
            })
            .unwrap();
        let came = reader.came_by().unwrap();
        assert_eq!(came.len(), 2);
        assert_eq!((came["a"], came["b"]), (CameBy { came: 2, stayed: 1 }, CameBy { came: 1, stayed: 1 }));
    }
}
