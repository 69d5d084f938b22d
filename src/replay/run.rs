//! One version of the files, going through the stored events.

use std::collections::HashMap;

use jiff::Timestamp;

use super::deed::{Deed, Scene, greeted};
use super::record::{Heard, Record};
use crate::decision::{
    Action, CardTap, Change, Decision, Ear, Event, EventKey, EventKind, GroupId, MemberId, Memory, Reason,
    StaffTask, TaskState, TimerKind, decide,
};
use crate::perception::Signals;
use crate::rules::Rulebook;

/// The key of the button by which a person says that it is done.
const DONE: &str = "done";

/// A bot that sends nothing.
#[derive(Debug)]
pub struct Run<'r> {
    rules: &'r Rulebook,
    state: State,
}

/// What a run carries from event to event.
#[derive(Clone, Debug, Default)]
struct State {
    memory: Memory,
    now: Timestamp,
    /// Actions whose end is told by a stored event: its number → our action and what it goes back to.
    awaiting: HashMap<i64, (Action, String)>,
    /// How many times somebody was greeted first in a group.
    greetings: HashMap<(GroupId, MemberId), u32>,
    /// Events of our own so far: the next one's key.
    made: u64,
}

/// A decision of which something can be told.
#[derive(Clone, Debug, PartialEq)]
pub struct Decided {
    /// The event's.
    pub key: EventKey,
    pub actions: Vec<Action>,
    pub reasons: Vec<Reason>,
    pub deeds: Vec<Deed>,
}

/// Why an event is decided about.
struct Cause {
    /// Its number, if it is a stored one: outcomes of actions refer to it.
    seq: Option<i64>,
    /// The event from outside to which it goes back.
    root: String,
}

impl<'r> Run<'r> {
    pub fn new(rules: &'r Rulebook, memory: Memory) -> Self {
        Self { rules, state: State { memory, now: Timestamp::MIN, ..State::default() } }
    }

    /// The same run from here on under other rules.
    pub fn under<'o>(&self, rules: &'o Rulebook) -> Run<'o> {
        Run { rules, state: self.state.clone() }
    }

    /// Hears one stored event, and before it whatever has fallen due. Returns all decisions of which
    /// something can be told, in order.
    pub fn hear(&mut self, heard: &Heard, signals: &Signals, record: &Record) -> Vec<Decided> {
        let mut hearing = Hearing { run: self, record, decided: Vec::new() };
        hearing.pass_time(heard.heard_at);
        hearing.stored(heard, signals);
        hearing.decided
    }
}

/// What one stored event brings.
struct Hearing<'t, 'r> {
    run: &'t mut Run<'r>,
    record: &'t Record,
    decided: Vec<Decided>,
}

impl Hearing<'_, '_> {
    fn state(&mut self) -> &mut State {
        &mut self.run.state
    }

    /// Fires what the real bot did not fire.
    fn pass_time(&mut self, until: Timestamp) {
        let record = self.record;
        let ours = |timer: &crate::decision::Timer| !record.timers.contains(timer.event().key.as_str());
        while let Some(timer) = self.state().memory.take_due_if(until, ours) {
            self.run.state.now = self.run.state.now.max(timer.due);
            self.timer(&timer.event(), None);
        }
        // A clock that was set back does not make what is past future again.
        self.run.state.now = self.run.state.now.max(until);
    }

    fn stored(&mut self, heard: &Heard, signals: &Signals) {
        let event = &heard.event;
        match &event.kind {
            // No timer, but news of the files, which is decided anew by either version.
            EventKind::TimerDue { timer, .. } if *timer != TimerKind::Plan => {
                if self.take_timer(event.key.as_str()) {
                    self.timer(event, Some(heard.seq));
                }
            }
            EventKind::ActionDone { id, .. } => {
                let kind = |action| EventKind::ActionDone { id: *id, action };
                self.outcome(heard, kind);
            }
            EventKind::ActionFailed { id, why, .. } => {
                let kind = |action| EventKind::ActionFailed { id: *id, action, why: why.clone() };
                self.outcome(heard, kind);
            }
            _ => {
                let cause = Cause { seq: Some(heard.seq), root: event.key.to_string() };
                self.decide(event, signals, &cause);
            }
        }
    }

    /// Takes the timer of which a stored event tells, if this run has set it for the same moment.
    fn take_timer(&mut self, event_key: &str) -> bool {
        let memory = &mut self.run.state.memory;
        let key = event_key.strip_prefix("timer:").and_then(|rest| rest.rsplit_once(':')).map(|(key, _)| key);
        let Some(timer) = key.and_then(|key| memory.timer(key)) else { return false };
        if timer.event().key.as_str() != event_key {
            return false;
        }
        let key = timer.key.clone();
        memory.take_timer(&key).is_some()
    }

    fn timer(&mut self, event: &Event, seq: Option<i64>) {
        let root = match &event.kind {
            // Who is greeted is known after the decision.
            EventKind::TimerDue { timer: TimerKind::Welcome, .. } => String::new(),
            EventKind::TimerDue {
                timer: TimerKind::WelcomeStep | TimerKind::Playbook | TimerKind::Nudge,
                ..
            } => of_group(event),
            EventKind::TimerDue { timer, subject } => format!("{}:{subject}", timer.as_str()),
            _ => event.key.to_string(),
        };
        self.decide(event, &Signals::default(), &Cause { seq, root });
    }

    fn outcome(&mut self, heard: &Heard, kind: impl FnOnce(Box<Action>) -> EventKind) {
        let Some((action, root)) = self.state().awaiting.remove(&heard.seq) else { return };
        let event = Event { kind: kind(Box::new(action)), ..heard.event.clone() };
        self.decide(&event, &Signals::default(), &Cause { seq: Some(heard.seq), root });
    }

    fn decide(&mut self, event: &Event, signals: &Signals, cause: &Cause) {
        let Run { rules, state } = &mut *self.run;
        let loaded = state.memory.load(event, signals);
        let decision = decide(&loaded, event, signals, rules, state.now);
        if decision == Decision::default() {
            return;
        }
        let opened: Vec<StaffTask> =
            decision.changes.iter().filter_map(|change| self.opened(change)).collect();
        let Run { state, .. } = &mut *self.run;
        decision.changes.iter().for_each(|change| state.memory.apply(change.clone()));
        let root = match &event.kind {
            EventKind::TimerDue { timer: TimerKind::Welcome, .. } => welcome_root(event, &decision, state),
            _ => cause.root.clone(),
        };
        let scene = Scene { event, decision: &decision, root: &root, at: state.now, memory: &state.memory };
        let deeds = scene.deeds();
        let Decision { actions, reasons, .. } = decision;
        let done = self.expect_outcomes(&actions, cause.seq, &root);
        if !actions.is_empty() || !reasons.is_empty() {
            self.decided.push(Decided { key: event.key.clone(), actions, reasons, deeds });
        }
        for action in done {
            self.succeed(action, &root);
        }
        for task in opened {
            self.close(&task, &root);
        }
    }

    /// A task that only this run opens.
    fn opened(&self, change: &Change) -> Option<StaffTask> {
        match change {
            Change::Task(task) => {
                let new =
                    task.state == TaskState::Open && !self.run.state.memory.tasks.contains_key(&task.id);
                (new && !self.record.tasks.contains(&task.id)).then(|| StaffTask::clone(task))
            }
            _ => None,
        }
    }

    /// Remembers which stored events tell how actions end. Returns those on whose success something
    /// waits and of which no stored event tells.
    fn expect_outcomes(&mut self, actions: &[Action], cause: Option<i64>, root: &str) -> Vec<Action> {
        let mut succeed = Vec::new();
        for action in actions {
            let awaiting = &mut self.run.state.awaiting;
            let stored =
                cause.and_then(|seq| self.record.outcome_of(seq, action, |seq| awaiting.contains_key(&seq)));
            match stored {
                Some(seq) => drop(awaiting.insert(seq, (action.clone(), root.to_owned()))),
                None if action.then.is_some() => succeed.push(action.clone()),
                None => {}
            }
        }
        succeed
    }

    fn succeed(&mut self, action: Action, root: &str) {
        let group = action.group.clone();
        let event = self.event(Ear::Delivery, EventKind::ActionDone { id: 0, action: Box::new(action) });
        let cause = Cause { seq: None, root: root.to_owned() };
        self.decide(&Event { group, ..event }, &Signals::default(), &cause);
    }

    fn close(&mut self, task: &StaffTask, root: &str) {
        let tap = CardTap { task_id: format!("{}-1", task.id), button: DONE.into(), ..CardTap::default() };
        let event = self.event(Ear::App, EventKind::CardTapped(tap));
        let cause = Cause { seq: None, root: root.to_owned() };
        let from = Some(task.assignee.clone());
        self.decide(&Event { from, ..event }, &Signals::default(), &cause);
    }

    /// An event that no platform sent.
    fn event(&mut self, ear: Ear, kind: EventKind) -> Event {
        let state = self.state();
        state.made += 1;
        let key = EventKey::new(format!("replay:{}", state.made));
        Event { key, at: state.now, ear, via: "replay".into(), group: None, from: None, kind, raw: None }
    }
}

/// What a group has before it goes back to the timer, whose key names the group and what is said.
fn of_group(event: &Event) -> String {
    event.key.as_str().rsplit_once(':').map_or_else(|| event.key.to_string(), |(timer, _)| timer.to_owned())
}

/// Who is greeted first, for the how-manieth time: windows may differ, the person does not.
fn welcome_root(event: &Event, decision: &Decision, state: &mut State) -> String {
    let (Some(group), Some(first)) = (&event.group, greeted(decision, state.now).next()) else {
        return event.key.to_string();
    };
    let times = state.greetings.entry((group.clone(), first.clone())).or_default();
    *times += 1;
    format!("welcome:{group}:{first}:{times}")
}
