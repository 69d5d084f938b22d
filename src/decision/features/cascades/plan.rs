//! PURE. What is to be done in one step of a run: who is told, who is reminded, what is late, whether it
//! is over, and when to look again.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::decision::event::MemberId;
use crate::decision::{CascadeMemory, CascadeNode, CascadePerson};
use crate::rules::{Org, OrgNode};

/// People who are written to in one step: their rows and messages are a few milliseconds of the lane's
/// time, in which nobody else is answered.
pub(super) const PEOPLE_AT_ONCE: usize = 200;
/// A run that waits for nothing that has a time is looked at this often.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_hours(1);

/// One step, worked out on a copy of the memory.
pub(super) struct Plan<'a> {
    pub memory: CascadeMemory,
    org: &'a Org,
    now: Timestamp,
    /// How many more may be written to.
    left: usize,
    /// Somebody in the organisation was not told yet.
    untold: bool,
    pub told: Vec<MemberId>,
    pub reminded: Vec<MemberId>,
    /// Ids of the nodes whose deadline passed without an answer.
    pub late: Vec<String>,
    pub changed_nodes: BTreeSet<String>,
    pub changed_people: BTreeSet<MemberId>,
}

impl<'a> Plan<'a> {
    pub fn of(memory: &CascadeMemory, org: &'a Org, now: Timestamp) -> Self {
        let mut plan = Self {
            memory: memory.clone(),
            org,
            now,
            left: PEOPLE_AT_ONCE,
            untold: false,
            told: Vec::new(),
            reminded: Vec::new(),
            late: Vec::new(),
            changed_nodes: BTreeSet::new(),
            changed_people: BTreeSet::new(),
        };
        plan.notice_who_left();
        plan.mark_late();
        plan.tell();
        plan.remind();
        plan
    }

    /// Whoever left the organisation is neither reminded nor waited for, until they are back.
    fn notice_who_left(&mut self) {
        for (id, person) in &mut self.memory.people {
            let gone = person.acknowledged_at.is_none() && self.org.node_of(id.as_str()).is_none();
            if person.gone != gone {
                person.gone = gone;
                self.changed_people.insert(id.clone());
            }
        }
    }

    /// A node that is no longer in the organisation has nobody above it who could be told.
    fn mark_late(&mut self) {
        for (id, node) in &mut self.memory.nodes {
            let over = self.memory.run.deadline(node.told_at) <= self.now;
            if over && !node.is_open() && self.org.node(id).is_some() && self.left > 0 {
                node.late = true;
                self.left -= 1;
                self.late.push(id.clone());
                self.changed_nodes.insert(id.clone());
            }
        }
    }

    fn tell(&mut self) {
        let org = self.org;
        for node in org.nodes() {
            if !self.memory.run.rule.takes(node, org) {
                continue;
            }
            let untold: Vec<MemberId> = node
                .people
                .iter()
                .map(|person| MemberId::from(person.as_str()))
                .filter(|person| !self.memory.people.contains_key(person))
                .collect();
            let its_turn = self.left > 0 && self.is_open(node);
            let all_told_now = its_turn && untold.len() <= self.left;
            self.untold |= !untold.is_empty() && !all_told_now;
            if its_turn {
                self.tell_node(node, untold);
            }
        }
    }

    /// Whether those have answered, or had time to, who are to know before this node.
    fn is_open(&self, node: &OrgNode) -> bool {
        let gate = self.memory.run.rule.gate_of(node, self.org);
        gate.is_none_or(|gate| self.memory.nodes.get(&gate.id).is_some_and(CascadeNode::is_open))
    }

    fn tell_node(&mut self, node: &OrgNode, untold: Vec<MemberId>) {
        if !self.memory.nodes.contains_key(&node.id) {
            let mut row = CascadeNode::of(node, self.org, self.now);
            // Everybody in it was told somewhere else: there is no answer to wait for.
            row.acknowledged_at = untold.is_empty().then_some(self.now);
            self.memory.nodes.insert(node.id.clone(), row);
            self.changed_nodes.insert(node.id.clone());
        }
        for person in untold.into_iter().take(self.left) {
            self.left -= 1;
            let row = CascadePerson::of(person.clone(), &node.id, self.now);
            self.memory.people.insert(person.clone(), row);
            self.changed_people.insert(person.clone());
            self.told.push(person);
        }
    }

    fn remind(&mut self) {
        let Some(after) = self.memory.run.rule.remind_after else { return };
        for (id, person) in &mut self.memory.people {
            let due = person.told_at.saturating_add(after).unwrap_or(Timestamp::MAX) <= self.now;
            let in_time = self.now < self.memory.run.deadline(person.told_at);
            if due && in_time && person.waits() && person.reminded_at.is_none() && self.left > 0 {
                person.reminded_at = Some(self.now);
                self.left -= 1;
                self.reminded.push(id.clone());
                self.changed_people.insert(id.clone());
            }
        }
    }

    /// Everybody was told, and nobody can answer in time any more who has not.
    pub fn is_over(&self) -> bool {
        let run = &self.memory.run;
        let open = |person: &CascadePerson| person.waits() && self.now < run.deadline(person.told_at);
        !self.untold && self.left > 0 && !self.memory.people.values().any(open)
    }

    /// When something will be due; at once when this step was full.
    pub fn next_look(&self) -> Timestamp {
        if self.left == 0 {
            return self.now;
        }
        let run = &self.memory.run;
        let reminder = |person: &CascadePerson| {
            let after = run.rule.remind_after.filter(|_| person.reminded_at.is_none())?;
            person.told_at.checked_add(after).ok()
        };
        let of_people = self.memory.people.values().filter(|person| person.waits());
        let of_people = of_people.flat_map(|person| [reminder(person), Some(run.deadline(person.told_at))]);
        let of_nodes = self.memory.nodes.values().filter(|node| !node.is_open());
        let of_nodes = of_nodes.map(|node| Some(run.deadline(node.told_at)));
        let later = self.now.saturating_add(LOOK_AGAIN).unwrap_or(Timestamp::MAX);
        of_people.chain(of_nodes).flatten().filter(|moment| *moment > self.now).min().unwrap_or(later)
    }
}
