//! Our memory kept in maps: for stories, replays and tests, with the same meaning as the store.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::event::{Event, GroupId, MemberId};
use super::needs::{Members, group_needed, members_needed, task_needed};
use super::state::{Change, GroupState, MemberState, PersonState, ScriptUse, StaffTask, State, Timer};

/// The whole memory of one bot.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    pub groups: BTreeMap<GroupId, GroupState>,
    pub members: BTreeMap<GroupId, BTreeMap<MemberId, MemberState>>,
    pub people: BTreeMap<MemberId, PersonState>,
    pub tasks: BTreeMap<String, StaffTask>,
    pub timers: BTreeMap<String, Timer>,
    pub uses: Vec<ScriptUse>,
}

impl Memory {
    /// The part that [`super::decide`] needs for this event.
    pub fn load(&self, event: &Event) -> State {
        let task = task_needed(event).and_then(|id| self.tasks.get(id)).cloned();
        let group_id = group_needed(event, task.as_ref());
        let group = group_id.and_then(|id| self.groups.get(id)).cloned();
        let here = group_id.and_then(|id| self.members.get(id));
        let (members, asked) = match members_needed(event, group.as_ref(), task.as_ref()) {
            Members::All(listed) => {
                let all = here.cloned().unwrap_or_default();
                let ids = all.keys().cloned().chain(listed).collect();
                (all, ids)
            }
            Members::Named(ids) => {
                let found = ids.iter().filter_map(|id| Some((id.clone(), here?.get(id)?.clone()))).collect();
                (found, ids)
            }
        };
        let people =
            asked.into_iter().filter_map(|id| Some((id.clone(), self.people.get(&id)?.clone()))).collect();
        State { group, members, people, task }
    }

    pub fn apply(&mut self, change: Change) {
        match change {
            Change::Group(group) => {
                self.groups.insert(group.id.clone(), group);
            }
            Change::Member { group, id, state, .. } => {
                self.members.entry(group).or_default().insert(id, state);
            }
            Change::Person { id, state } => {
                self.people.insert(id, state);
            }
            Change::Task(task) => {
                self.tasks.insert(task.id.clone(), task);
            }
            Change::Used(used) => self.uses.push(used),
            Change::SetTimer(timer) => {
                self.timers.insert(timer.key.clone(), timer);
            }
            Change::ClearTimer { key } => {
                self.timers.remove(&key);
            }
        }
    }

    /// Takes the earliest timer that is due at `now`.
    pub fn take_due(&mut self, now: Timestamp) -> Option<Timer> {
        let due = self.timers.values().filter(|timer| timer.due <= now).min_by_key(|timer| timer.due)?;
        let key = due.key.clone();
        self.timers.remove(&key)
    }
}
