//! One group, its memory and a clock that is moved by hand: for tests of features that live through days and
//! through changes of the files.

use jiff::Timestamp;

use super::{
    Act, Content, Decision, Ear, Event, EventKey, EventKind, GroupChange, GroupId, GroupSnapshot, GroupState,
    MemberId, MemberState, Memory, Message, SnapshotMember, TimerKind, decide,
};
use crate::files::{Look, SourceFile, Sources, render};
use crate::perception::Signals;
use crate::rules::samples::SERVER;
use crate::rules::{Rulebook, compile};

/// The group of every rehearsal.
pub const GROUP: &str = "wr-1";
/// The owner of the group.
pub const OWNER: &str = "wang.min";

pub struct Rehearsal {
    pub memory: Memory,
    pub rules: Rulebook,
    pub now: Timestamp,
    /// What the group heard and what people were asked to say, each with its minute: `11-21 09:00 早`.
    pub said: Vec<String>,
    /// Codes of all reasons.
    pub reasons: Vec<String>,
    events: usize,
}

/// `2026-11-21 09:00` in the brand's zone.
pub fn at(local: &str) -> Timestamp {
    format!("{}:00+08:00", local.replace(' ', "T")).parse().expect("a time")
}

fn rulebook(files: &[(&str, &str)]) -> Rulebook {
    let mut all: Vec<SourceFile> = files.iter().map(|(name, text)| SourceFile::new(*name, *text)).collect();
    all.push(SourceFile::new("config/zhanggui.toml", SERVER));
    let compiled = compile(&Sources::new(all));
    compiled.unwrap_or_else(|mistakes| panic!("{}", render(&mistakes, Look::Plain))).rulebook
}

impl Rehearsal {
    /// A group that was made at the start, with its owner in it.
    pub fn new(files: &[(&str, &str)], starts: &str) -> Self {
        let (rules, now) = (rulebook(files), at(starts));
        let mut memory = Memory::over(&rules);
        let mut group = GroupState::new(GROUP.into(), now);
        group.members_known = true;
        group.created_at = Some(now);
        group.owner = Some(OWNER.into());
        let owner = MemberState { joined_at: Some(now), ..MemberState::default() };
        memory.members.entry(group.id.clone()).or_default().insert(OWNER.into(), owner);
        memory.groups.insert(group.id.clone(), group);
        let mut rehearsal = Self { memory, rules, now, said: Vec::new(), reasons: Vec::new(), events: 0 };
        rehearsal.plan();
        rehearsal
    }

    pub fn group(&self) -> &GroupState {
        &self.memory.groups[&GroupId::from(GROUP)]
    }

    /// New files are in force.
    pub fn take(&mut self, files: &[(&str, &str)]) {
        self.rules = rulebook(files);
        self.plan();
    }

    fn plan(&mut self) {
        self.hear(None, EventKind::TimerDue { timer: TimerKind::Plan, subject: String::new() });
    }

    /// Time passes; every timer fires at its moment.
    pub fn until(&mut self, local: &str) {
        self.until_moment(at(local));
    }

    pub fn until_moment(&mut self, until: Timestamp) {
        while let Some(timer) = self.memory.take_due(until) {
            self.now = self.now.max(timer.due);
            self.decide(&timer.event());
        }
        self.now = until;
    }

    /// The machine sleeps: what falls due meanwhile fires when it wakes.
    pub fn asleep_until(&mut self, local: &str) {
        self.asleep_until_moment(at(local));
    }

    pub fn asleep_until_moment(&mut self, until: Timestamp) {
        self.now = until;
        self.until_moment(until);
    }

    pub fn says(&mut self, from: &str, text: &str) {
        let message = Message { content: Content::text(text), ..Message::default() };
        self.hear(Some(from), EventKind::Message(Box::new(message)));
    }

    pub fn joins(&mut self, members: &[&str]) {
        let members = members.iter().map(|id| MemberId::from(*id)).collect();
        self.hear(None, EventKind::GroupChanged(GroupChange::MembersAdded { members, scene: None }));
    }

    pub fn leaves(&mut self, members: &[&str]) {
        let members = members.iter().map(|id| MemberId::from(*id)).collect();
        self.hear(None, EventKind::GroupChanged(GroupChange::MembersRemoved { members, scene: None }));
    }

    /// The member list is read: `a`, called 小a, came by this join code.
    pub fn reads(&mut self, members: &[(&str, &str)]) {
        let member = |(id, state): &(&str, &str)| SnapshotMember {
            id: (*id).into(),
            name: Some(format!("小{id}")),
            corp_member: false,
            joined_at: None,
            state: Some((*state).to_owned()).filter(|state| !state.is_empty()),
        };
        let group = self.group();
        let snapshot = GroupSnapshot {
            kind: group.kind,
            name: group.name.clone(),
            owner: group.owner.clone(),
            admins: Vec::new(),
            created_at: group.created_at,
            members: members.iter().chain(&[(OWNER, "")]).map(member).collect(),
        };
        self.hear(None, EventKind::GroupSnapshot(Box::new(snapshot)));
    }

    pub fn hear(&mut self, from: Option<&str>, kind: EventKind) {
        self.events += 1;
        let event = Event {
            key: EventKey::new(format!("rehearsal:{}", self.events)),
            at: self.now,
            ear: Ear::GroupRobot,
            via: "test".into(),
            group: Some(GROUP.into()),
            from: from.map(MemberId::from),
            kind,
            raw: None,
        };
        self.decide(&event);
    }

    fn decide(&mut self, event: &Event) {
        let signals = match &event.kind {
            EventKind::Message(message) => {
                self.rules.perceiver.perceive_with(&message.content.text, &self.memory.learned)
            }
            _ => Signals::default(),
        };
        let state = self.memory.load(event, &signals);
        let Decision { changes, actions, reasons } = decide(&state, event, &signals, &self.rules, self.now);
        changes.into_iter().for_each(|change| self.memory.apply(change));
        let minute = self.now.to_zoned(self.rules.timezone.clone()).strftime("%m-%d %H:%M").to_string();
        for action in actions {
            let text = action.act.text().map(|text| text.trim().to_owned()).unwrap_or_default();
            match &action.act {
                Act::Post { .. } => self.said.push(format!("{minute} {text}")),
                Act::MassSend(send) => self.said.push(format!("{minute} {}群发：{text}", send.owner)),
                Act::TaskCard { to, .. } => self.said.push(format!("{minute} {to}：{text}")),
                _ => {}
            }
        }
        let codes = reasons.iter().map(|reason| format!("{}/{}", reason.feature, reason.code));
        self.reasons.extend(codes);
    }
}
