//! The memory at the beginning of a journal that retention has cut.

use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;

use crate::decision::{
    Blacklisting, Change, GroupId, GroupState, MemberId, MemberState, Memory, PersonState, RaidState,
    StaffTask, TaskState, WelcomeState,
};

/// What the store remembers today.
#[derive(Clone, Debug, Default)]
pub struct Remembered {
    pub groups: Vec<GroupState>,
    pub members: BTreeMap<GroupId, BTreeMap<MemberId, MemberState>>,
    pub people: BTreeMap<MemberId, PersonState>,
    pub tasks: Vec<StaffTask>,
    /// Groups whose first event is still in the journal: they appear there by themselves.
    pub appear_later: HashSet<GroupId>,
}

impl Remembered {
    /// The same as it was at `start`, as far as anybody can tell: whatever has a later date had not
    /// happened yet. Names, owners and kinds of groups are today's.
    pub fn at(self, start: Timestamp) -> Memory {
        let mut memory = Memory::default();
        let appear_later = self.appear_later;
        for mut group in self.groups.into_iter().filter(|group| !appear_later.contains(&group.id)) {
            group.dismissed_at = before(group.dismissed_at, start);
            group.welcome = WelcomeState::default();
            group.raid = RaidState::default();
            group.handed = group.handed.at(start);
            memory.apply(Change::Group(group.into()));
        }
        for (group, members) in self.members.into_iter().filter(|(group, _)| !appear_later.contains(group)) {
            let members = members.into_iter().map(|(id, state)| (id, member_at(state, start)));
            memory.members.insert(group, members.collect());
        }
        for (id, mut person) in self.people {
            person.blacklisted = blacklisting_at(person.blacklisted, start);
            memory.people.insert(id, person);
        }
        for mut task in self.tasks.into_iter().filter(|task| task.opened_at < start) {
            task.state = task_state_at(task.state, start);
            memory.tasks.insert(task.id.clone(), task);
        }
        memory
    }
}

fn member_at(state: MemberState, start: Timestamp) -> MemberState {
    MemberState {
        joined_at: before(state.joined_at, start),
        left_at: before(state.left_at, start),
        welcomed_at: before(state.welcomed_at, start),
        strikes: state.strikes.into_iter().filter(|strike| *strike < start).collect(),
        removal_asked_at: before(state.removal_asked_at, start),
        removed_at: before(state.removed_at, start),
        asked_at: before(state.asked_at, start),
        trust: state.trust.filter(|trust| trust.last < start),
        blacklisted: blacklisting_at(state.blacklisted, start),
        ..state
    }
}

fn before(moment: Option<Timestamp>, start: Timestamp) -> Option<Timestamp> {
    moment.filter(|moment| *moment < start)
}

fn blacklisting_at(entry: Option<Blacklisting>, start: Timestamp) -> Option<Blacklisting> {
    entry.filter(|entry| entry.since < start)
}

fn task_state_at(state: TaskState, start: Timestamp) -> TaskState {
    match state {
        TaskState::Done { at, .. }
        | TaskState::Refused { at, .. }
        | TaskState::Pardoned { at, .. }
        | TaskState::Expired { at }
            if at >= start =>
        {
            TaskState::Open
        }
        state => state,
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn what_came_later_had_not_happened() {
        let start: Timestamp = "2026-11-21T09:00:00+08:00".parse().expect("a time");
        let (earlier, later) = (start - SignedDuration::from_hours(1), start + SignedDuration::from_hours(1));
        let (old, new) = (GroupId::from("wr-old"), GroupId::from("wr-new"));
        let member = MemberState {
            name: Some("小王".into()),
            joined_at: Some(earlier),
            left_at: Some(later),
            strikes: vec![earlier, later],
            ..MemberState::default()
        };
        let of =
            |group: &GroupId| (group.clone(), BTreeMap::from([(MemberId::from("wm-1"), member.clone())]));
        let remembered = Remembered {
            groups: vec![GroupState::new(old.clone(), earlier), GroupState::new(new.clone(), later)],
            members: BTreeMap::from([of(&old), of(&new)]),
            appear_later: HashSet::from([new.clone()]),
            ..Remembered::default()
        };
        let memory = remembered.at(start);
        assert_eq!(memory.groups.keys().collect::<Vec<_>>(), [&old]);
        let state = &memory.members[&old][&MemberId::from("wm-1")];
        assert_eq!(
            (state.present(), &*state.strikes, state.name.as_deref()),
            (true, &[earlier][..], Some("小王"))
        );
        assert!(!memory.members.contains_key(&new));
    }
}
