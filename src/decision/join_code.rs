//! Join codes (加入群聊二维码, wecom-send.md §6.5): what a code is on the platform, which of its groups have
//! room, and what is asked for. The platform lists no codes: what we do not remember nobody finds again.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::event::GroupId;
use crate::rules::NewGroups;

/// Groups of one code (errcode 41091).
pub const GROUPS_AT_MOST: usize = 5;

/// Everything that the platform is told of a code. A change overwrites all of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinWay {
    pub remark: String,
    pub state: String,
    /// In the order in which they fill; at least one, at most [`GROUPS_AT_MOST`].
    pub groups: Vec<GroupId>,
    /// What the platform makes when all of them are full; `None` = nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_groups: Option<NewGroups>,
}

/// What the platform is asked about one code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinCodeAct {
    /// Id of the code in the files.
    pub code: String,
    pub ask: JoinAsk,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JoinAsk {
    /// Doing it twice makes two codes.
    Make(JoinWay),
    Change {
        config_id: String,
        way: JoinWay,
    },
    Delete {
        config_id: String,
    },
}

impl JoinCodeAct {
    /// The act in one Chinese expression.
    pub fn in_words(&self) -> String {
        let code = &self.code;
        match &self.ask {
            JoinAsk::Make(way) => format!("建进群码 {code}（{} 个群）", way.groups.len()),
            JoinAsk::Change { way, .. } => format!("改进群码 {code}（{} 个群）", way.groups.len()),
            JoinAsk::Delete { .. } => format!("删除进群码 {code}"),
        }
    }
}

/// The platform has done it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinCodeDone {
    pub act: JoinCodeAct,
    /// The platform's id of the code.
    pub config_id: String,
}

/// What whoever runs the bot wants of a code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinCodeOrder {
    pub code: String,
    pub order: JoinOrder,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JoinOrder {
    /// Ask again for what the platform refused, or gave no answer to.
    Retry,
    /// Take a code that has left the files off the platform.
    Delete,
}

/// A code as we know it on the platform.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinCodeState {
    pub id: String,
    /// The platform's id; unknown until it has made the code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_id: Option<String>,
    /// What the platform was told last, and took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub way: Option<JoinWay>,
    /// What is on its way. As long as it is, nothing else is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<JoinAsk>,
    /// What did not work, and is not asked for again as it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<JoinTrouble>,
    /// What ops was told of and still holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<JoinTold>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinTrouble {
    pub ask: JoinAsk,
    /// The answer is missing: it may have been done.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub doubt: bool,
    /// Chinese.
    pub why: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JoinTold {
    /// No group has room.
    Full,
    /// The files do not name the code any more.
    Gone,
}

impl JoinCodeState {
    pub fn new(id: &str) -> Self {
        Self { id: id.to_owned(), ..Self::default() }
    }

    /// Nothing is known of it: it was never made, or is deleted.
    pub fn is_empty(&self) -> bool {
        *self == Self::new(&self.id)
    }

    /// The groups that the platform has in it.
    pub fn groups(&self) -> &[GroupId] {
        self.way.as_ref().map_or(&[], |way| &way.groups)
    }
}

/// A customer group that a code may lead to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinSeat {
    pub name: String,
    /// So many members that the next group comes.
    pub full: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
}

/// How many people a group holds, and which codes lead to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct JoinStanding {
    /// Members by the last reading, people of the store among them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<usize>,
    /// By the ids of the codes.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub seats: BTreeMap<String, JoinSeat>,
}

impl JoinStanding {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What is remembered of one code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JoinCodeMemory {
    pub state: Option<JoinCodeState>,
    /// All groups that it may lead to.
    pub seats: BTreeMap<GroupId, JoinSeat>,
}

impl JoinCodeMemory {
    pub fn has_room(&self) -> bool {
        self.seats.values().any(|seat| !seat.full)
    }

    /// The groups that the code is to lead to, in order. Those with room: first what it leads to now, so that one
    /// group is filled after the other, then the oldest. When none has room, what it leads to now and still
    /// exists, else the newest: a little room is left below the platform's own limit. Empty when there is no group.
    pub fn groups(&self) -> Vec<GroupId> {
        let now = self.state.as_ref().map_or(&[][..], |state| state.groups());
        let mut others: Vec<&GroupId> = self.seats.keys().filter(|id| !now.contains(id)).collect();
        others.sort_by_key(|id| (self.seats[*id].created_at, *id));
        let has_room = |id: &&GroupId| self.seats.get(*id).is_some_and(|seat| !seat.full);
        let take = |ids: &mut dyn Iterator<Item = &GroupId>| -> Vec<GroupId> {
            ids.take(GROUPS_AT_MOST).cloned().collect()
        };
        let roomy = take(&mut now.iter().chain(others.iter().copied()).filter(has_room));
        if !roomy.is_empty() {
            return roomy;
        }
        let left = take(&mut now.iter().filter(|id| self.seats.contains_key(*id)));
        if !left.is_empty() {
            return left;
        }
        take(&mut others.into_iter().rev())
    }

    /// What people call a group of it.
    pub fn name_of<'a>(&'a self, id: &'a GroupId) -> &'a str {
        self.seats.get(id).map_or(id.as_str(), |seat| &seat.name)
    }
}

/// All codes of one bot, kept in maps: for stories, replays and tests.
#[derive(Clone, Debug, Default)]
pub struct JoinCodes {
    states: BTreeMap<String, JoinCodeState>,
    seats: BTreeMap<String, BTreeMap<GroupId, JoinSeat>>,
}

impl JoinCodes {
    pub fn load(&self, id: &str) -> JoinCodeMemory {
        JoinCodeMemory {
            state: self.states.get(id).cloned(),
            seats: self.seats.get(id).cloned().unwrap_or_default(),
        }
    }

    pub fn set(&mut self, state: JoinCodeState) {
        if state.is_empty() {
            self.states.remove(&state.id);
        } else {
            self.states.insert(state.id.clone(), state);
        }
    }

    pub fn set_seat(&mut self, code: String, group: GroupId, seat: Option<JoinSeat>) {
        let seats = self.seats.entry(code).or_default();
        match seat {
            Some(seat) => seats.insert(group, seat),
            None => seats.remove(&group),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seat(full: bool, created_at: i64) -> JoinSeat {
        JoinSeat { name: String::new(), full, created_at: Timestamp::from_second(created_at).ok() }
    }

    fn memory(now: &[&str], seats: &[(&str, bool)]) -> JoinCodeMemory {
        let way = JoinWay {
            remark: String::new(),
            state: String::new(),
            groups: now.iter().map(|id| GroupId::from(*id)).collect(),
            new_groups: None,
        };
        let state = JoinCodeState { way: Some(way), ..JoinCodeState::new("a") };
        let seats = seats.iter().zip(1..).map(|((id, full), at)| (GroupId::from(*id), seat(*full, at)));
        JoinCodeMemory { state: Some(state), seats: seats.collect() }
    }

    fn groups(memory: &JoinCodeMemory) -> Vec<String> {
        memory.groups().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_oldest_come_first_and_five_at_most() {
        let all = [("g", false), ("f", false), ("e", false), ("d", false), ("c", false), ("b", false)];
        assert_eq!(groups(&memory(&[], &all)), ["g", "f", "e", "d", "c"]);
    }

    #[test]
    fn what_fills_now_goes_on_and_full_ones_leave() {
        let seats = [("a", true), ("b", false), ("c", false)];
        assert_eq!(groups(&memory(&["a", "c"], &seats)), ["c", "b"]);
        assert_eq!(groups(&memory(&["gone", "c"], &seats)), ["c", "b"]);
    }

    #[test]
    fn without_room_it_stays_as_it_is() {
        let full = [("a", true), ("b", true)];
        assert_eq!(groups(&memory(&["b", "gone"], &full)), ["b"]);
        assert_eq!(groups(&memory(&["gone"], &[])), [] as [&str; 0]);
        assert_eq!(groups(&memory(&["gone"], &full)), ["b", "a"], "the newest");
        assert!(!memory(&[], &full).has_room() && !memory(&[], &[]).has_room());
    }
}
