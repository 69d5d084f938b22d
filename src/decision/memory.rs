//! Our memory kept in maps: for stories, replays and tests, with the same meaning as the store.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use super::cascade::Cascades;
use super::case::Verdict;
use super::event::{Event, GroupId, MemberId};
use super::join_code::JoinCodes;
use super::needs::{
    Members, cascades_needed, group_needed, join_code_needed, members_needed, schedule_needed, spread_needed,
    task_needed, verdict_needed,
};
use super::scheduled::ScheduleState;
use super::staff_memory::ScriptUse;
use super::staff_task::StaffTask;
use super::standing::{BrandState, Spread};
use super::state::{Change, GroupState, MemberState, PersonState, State, Timer};
use crate::perception::Signals;
use crate::perception::learned::Learned;
use crate::rules::Rulebook;

/// The whole memory of one bot.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    pub groups: BTreeMap<GroupId, GroupState>,
    pub members: BTreeMap<GroupId, BTreeMap<MemberId, MemberState>>,
    pub people: BTreeMap<MemberId, PersonState>,
    pub tasks: BTreeMap<String, StaffTask>,
    timers: Timers,
    pub uses: Vec<ScriptUse>,
    pub verdicts: Vec<Verdict>,
    /// What the verdicts taught.
    pub learned: Arc<Learned>,
    /// By fingerprint.
    pub spreads: BTreeMap<u64, Spread>,
    pub brand: BrandState,
    pub schedules: BTreeMap<String, ScheduleState>,
    pub cascades: Cascades,
    pub join_codes: JoinCodes,
}

impl Memory {
    /// Empty, ready to learn.
    pub fn over(rules: &Rulebook) -> Self {
        let learned = Arc::new(Learned::over(rules.perceiver.classifier().cloned()));
        Self { learned, ..Self::default() }
    }

    /// The part that [`super::decide`] needs for this event.
    pub fn load(&self, event: &Event, signals: &Signals) -> State {
        let task = task_needed(event).and_then(|id| self.tasks.get(id)).cloned();
        let group_id = group_needed(event, task.as_ref());
        let group = group_id.and_then(|id| self.groups.get(id)).cloned().map(Arc::new);
        let here = group_id.and_then(|id| self.members.get(id));
        let (members, asked) = match members_needed(event, group.as_deref(), task.as_ref()) {
            Members::All(listed) => {
                let all: BTreeMap<_, _> = here
                    .into_iter()
                    .flatten()
                    .map(|(id, state)| (id.clone(), Arc::new(state.clone())))
                    .collect();
                let ids = all.keys().cloned().chain(listed).collect();
                (all, ids)
            }
            Members::Named(ids) => {
                let found =
                    ids.iter().filter_map(|id| Some((id.clone(), here?.get(id)?.clone().into()))).collect();
                (found, ids)
            }
        };
        let people = asked
            .into_iter()
            .filter_map(|id| Some((id.clone(), self.people.get(&id)?.clone().into())))
            .collect();
        let spread = spread_needed(event, signals).and_then(|id| self.spreads.get(&id)).cloned();
        let judged = verdict_needed(event, task.as_ref());
        let verdict = judged
            .and_then(|message| self.verdicts.iter().rev().find(|verdict| verdict.message == *message))
            .cloned();
        State {
            group,
            members,
            people,
            task,
            spread,
            verdict,
            brand: self.brand.clone(),
            learned: Arc::clone(&self.learned),
            schedule: schedule_needed(event).and_then(|id| self.schedules.get(&id)).cloned(),
            cascades: Arc::new(self.cascades.load(&cascades_needed(event))),
            join_code: join_code_needed(event).map(|id| self.join_codes.load(id)).unwrap_or_default(),
            // A memory has no platform behind it.
            welcome_templates: Arc::default(),
        }
    }

    pub fn apply(&mut self, change: Change) {
        match change {
            Change::Group(group) => {
                self.groups.insert(group.id.clone(), Arc::unwrap_or_clone(group));
            }
            Change::Member { group, id, state, .. } => {
                self.members.entry(group).or_default().insert(id, Arc::unwrap_or_clone(state));
            }
            Change::Person { id, state } => {
                self.people.insert(id, Arc::unwrap_or_clone(state));
            }
            Change::Task(task) => {
                self.tasks.insert(task.id.clone(), *task);
            }
            Change::Used(used) => self.uses.push(used),
            Change::Verdict(verdict) => self.learn(*verdict),
            Change::Spread(spread) => {
                self.spreads.insert(spread.fingerprint, *spread);
            }
            Change::Brand(brand) => self.brand = brand,
            Change::SetTimer(timer) => {
                self.timers.set(timer);
            }
            Change::ClearTimer { key } => {
                self.timers.take(&key);
            }
            Change::Schedule { id, state } => {
                self.schedules.insert(id, state);
            }
            // A memory sends nothing.
            Change::WithdrawPosts { .. }
            | Change::CancelMoment { .. }
            | Change::ForgetWelcomeTemplate { .. } => {}
            Change::Cascade(change) => self.cascades.apply(*change),
            Change::JoinCode(state) => self.join_codes.set(*state),
            Change::JoinSeat { code, group, seat } => self.join_codes.set_seat(code, group, seat),
            Change::PostSeen(seen) => {
                if let Some(task) = self.tasks.get_mut(seen.handed.id()) {
                    seen.closes(task);
                }
            }
        }
    }

    /// A later verdict on the same message takes the place of the one before.
    fn learn(&mut self, verdict: Verdict) {
        let again = self.verdicts.iter().any(|before| before.message == verdict.message);
        self.verdicts.push(verdict);
        match self.verdicts.last() {
            Some(verdict) if !again => Arc::make_mut(&mut self.learned).teach(verdict.lesson()),
            _ => {
                self.learned =
                    Arc::new(Learned::of(self.learned.base().cloned(), Verdict::lessons(&self.verdicts)))
            }
        }
    }

    /// Takes the earliest timer that is due at `now`.
    pub fn take_due(&mut self, now: Timestamp) -> Option<Timer> {
        self.take_due_if(now, |_| true)
    }

    /// Takes the earliest timer that is due at `now` and that `wanted` holds for.
    pub fn take_due_if(&mut self, now: Timestamp, wanted: impl Fn(&Timer) -> bool) -> Option<Timer> {
        let due = self.timers.until(now).find(|timer| wanted(timer))?;
        let key = due.key.clone();
        self.timers.take(&key)
    }

    /// Takes the timer with this key, if one is set.
    pub fn take_timer(&mut self, key: &str) -> Option<Timer> {
        self.timers.take(key)
    }

    /// The timer with this key, if one is set.
    pub fn timer(&self, key: &str) -> Option<&Timer> {
        self.timers.by_key.get(key)
    }
}

/// Timers by key and by moment: a replay asks after every event what is due.
#[derive(Clone, Debug, Default)]
struct Timers {
    by_key: BTreeMap<String, Timer>,
    by_moment: BTreeSet<(Timestamp, String)>,
}

impl Timers {
    fn set(&mut self, timer: Timer) {
        self.take(&timer.key);
        self.by_moment.insert((timer.due, timer.key.clone()));
        self.by_key.insert(timer.key.clone(), timer);
    }

    fn take(&mut self, key: &str) -> Option<Timer> {
        let timer = self.by_key.remove(key)?;
        self.by_moment.remove(&(timer.due, timer.key.clone()));
        Some(timer)
    }

    /// Everything due at `now`, earliest first.
    fn until(&self, now: Timestamp) -> impl Iterator<Item = &Timer> {
        let due = self.by_moment.iter().take_while(move |(due, _)| *due <= now);
        due.filter_map(|(_, key)| self.by_key.get(key))
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::decision::{
        Act, Blacklisting, Ear, EventKey, EventKind, GroupKind, GroupSnapshot, SnapshotMember, TimerKind,
        decide,
    };
    use crate::files::folder;
    use crate::rules::compile;

    #[test]
    fn timers_are_taken_in_order_and_only_as_set_last() {
        let start: Timestamp = "2026-11-21T09:00:00+08:00".parse().expect("a time");
        let timer = |key: &str, seconds: i64| {
            let due = start + SignedDuration::from_secs(seconds);
            let (key, subject) = (key.to_owned(), String::new());
            Change::SetTimer(Timer { key, due, kind: TimerKind::Welcome, group: None, subject })
        };
        let mut memory = Memory::default();
        for change in [timer("b", 2), timer("a", 1), timer("c", 3), timer("a", 4)] {
            memory.apply(change);
        }
        memory.apply(Change::ClearTimer { key: "c".into() });
        let after = |seconds| start + SignedDuration::from_secs(seconds);
        assert_eq!(memory.take_due(after(1)), None);
        assert_eq!(memory.take_due_if(after(9), |timer| timer.key != "b").expect("a").key, "a");
        assert_eq!(memory.take_due(after(9)).expect("b").key, "b");
        assert_eq!(memory.take_due(after(9)), None);
    }

    /// Whoever is banned from the brand is known as a person before they are a member of the group.
    #[test]
    fn a_banned_newcomer_whom_only_the_member_list_tells_of_is_removed() {
        let now: Timestamp = "2026-11-21T09:00:00+08:00".parse().expect("a time");
        let (group, banned) = (GroupId::from("dealers"), MemberId::from("wu.ming"));
        let mut known = GroupState::new(group.clone(), now);
        known.members_known = true;
        let mut memory = Memory::default();
        memory.apply(Change::Group(known.into()));
        let blacklisted =
            Some(Blacklisting { since: now, until: None, why: "发广告".into(), message: None });
        let state = PersonState { blacklisted, ..PersonState::default() };
        memory.apply(Change::Person { id: banned.clone(), state: state.into() });
        let member = SnapshotMember {
            id: banned.clone(),
            name: None,
            corp_member: false,
            joined_at: None,
            state: None,
        };
        let snapshot = GroupSnapshot {
            kind: GroupKind::Internal,
            name: "经销商一群".into(),
            owner: None,
            admins: Vec::new(),
            created_at: None,
            members: vec![member],
        };
        let event = Event {
            key: EventKey::new("sync:1"),
            at: now,
            ear: Ear::Sync,
            via: "test".into(),
            group: Some(group),
            from: None,
            kind: EventKind::GroupSnapshot(Box::new(snapshot)),
            raw: None,
        };
        let config = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
        let sources = folder::read(&config, &folder::scripts_of(&config));
        let rules = compile(&sources).expect("the shipped files are good").rulebook;
        let decision =
            decide(&memory.load(&event, &Signals::default()), &event, &Signals::default(), &rules, now);
        let removes = |act: &Act| matches!(act, Act::Remove { member } if *member == banned);
        assert!(decision.actions.iter().any(|action| removes(&action.act)), "{:#?}", decision.actions);
    }
}
