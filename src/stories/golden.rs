//! Golden messages: one message in a fresh group, judged by the core as it would be in a real one.

use std::sync::Arc;

use jiff::Timestamp;

use super::outcome::{Failure, Line, Mark};
use crate::decision::{
    Content, Ear, Event, EventKey, EventKind, GroupId, GroupKind, GroupState, MemberId, MemberState, Memory,
    Message, Reason, decide,
};
use crate::files::{Place, Sources};
use crate::perception::Signals;
use crate::rules::written::Must;
use crate::rules::{GroupEar, GroupMatch, GroupRule, Hand, Role, Rulebook};
use crate::text::one_line;

/// A message that moderation must catch, or must let pass.
#[derive(Clone, Debug)]
pub struct Golden {
    /// Its own group: `golden-1`.
    pub group: GroupId,
    pub place: Place,
    pub text: String,
    pub must: Must,
    pub profile: String,
    pub role: Role,
    pub reason: Option<String>,
}

const SPEAKER: &str = "speaker";
/// Characters of the message that are shown.
const SHOWN: usize = 60;

impl Golden {
    /// The entry that binds the message's group to its rules: every message is heard.
    pub fn rule(&self, app: &Arc<str>) -> GroupRule {
        GroupRule {
            matches: GroupMatch { id: Some(self.group.to_string()), ..GroupMatch::default() },
            store: None,
            profile: self.profile.as_str().into(),
            ears: vec![GroupEar::GroupRobot],
            hands: vec![Hand::StaffTask { app: app.clone() }],
            kol: if self.role == Role::Kol { vec![SPEAKER.to_owned()] } else { Vec::new() },
            place: String::new(),
            estate: None,
            tags: Vec::new(),
        }
    }

    fn speaker(&self, rules: &Rulebook) -> MemberId {
        match (self.role, rules.brand.ops.first()) {
            (Role::Ops, Some(ops)) => MemberId::from(ops.as_str()),
            _ => MemberId::from(SPEAKER),
        }
    }

    /// A group in which the speaker is what the file says, and has just come.
    fn memory(&self, speaker: &MemberId, now: Timestamp) -> Memory {
        let mut group = GroupState::new(self.group.clone(), now);
        group.members_known = true;
        // Staff of a customer group are the corp's own members in it.
        group.kind = if self.role == Role::Staff { GroupKind::Customer } else { GroupKind::Internal };
        group.owner = (self.role == Role::Owner).then(|| speaker.clone());
        let corp_member = Some(self.role == Role::Staff);
        let member = MemberState { corp_member, joined_at: Some(now), ..MemberState::default() };
        let mut memory = Memory::default();
        memory.members.entry(self.group.clone()).or_default().insert(speaker.clone(), member);
        memory.groups.insert(self.group.clone(), group);
        memory
    }
}

/// Judges one message; `None` when it came as it must.
pub fn judge(golden: &Golden, rules: &Rulebook, sources: &Sources) -> Option<Failure> {
    // Nothing about a single message depends on when it is said.
    let now = Timestamp::UNIX_EPOCH;
    let from = golden.speaker(rules);
    let message = Message { content: Content::text(golden.text.clone()), ..Message::default() };
    let event = Event {
        key: EventKey::from(golden.group.as_str()),
        at: now,
        ear: Ear::GroupRobot,
        via: "golden".into(),
        group: Some(golden.group.clone()),
        from: Some(from.clone()),
        kind: EventKind::Message(Box::new(message)),
        raw: None,
    };
    let signals = rules.perceiver.perceive(&golden.text);
    let state = golden.memory(&from, now).load(&event, &signals);
    let reasons = decide(&state, &event, &signals, rules, now).reasons;
    let fired = reasons.iter().any(|reason| reason.feature == "moderation" && reason.code == "ad");
    if fired == (golden.must == Must::Fire) {
        return None;
    }
    let said = one_line(&golden.text, SHOWN);
    let (code, message) = match golden.must {
        Must::Fire => ("golden-passed", format!("「{said}」该判为广告，却放行了")),
        Must::Pass => ("golden-fired", format!("「{said}」该放行，却判成了广告")),
    };
    let hint = golden.reason.as_ref().map(|reason| format!("收它的原因：{reason}"));
    Some(Failure::new(sources, (code, golden.place), message, hint, lines(golden, &signals, &reasons, rules)))
}

fn lines(golden: &Golden, signals: &Signals, reasons: &[Reason], rules: &Rulebook) -> Vec<Line> {
    let line = |mark, text| Line { at: String::new(), mark, text };
    let mut lines = Vec::new();
    for signal in &signals.found {
        let (start, end) = signal.span;
        let (name, detail, weight) = (signal.name.chinese(), &signal.detail, signal.weight);
        lines.push(line(Mark::Event, format!("{name}「{detail}」第 {}–{end} 字，{weight:.2} 分", start + 1)));
    }
    if signals.found.is_empty() {
        lines.push(line(Mark::Event, "没有看到任何迹象".to_owned()));
    }
    let needed = rules.profiles.get(&golden.profile).map_or(0.0, |profile| profile.moderation.act_at);
    let all = Signals::weight_of(&signals.found);
    lines.push(line(
        Mark::Event,
        format!("所有迹象合计 {all:.2} 分；群规 {} 到 {needed:.2} 分才算广告", golden.profile),
    ));
    lines.extend(
        reasons.iter().map(|reason| {
            line(Mark::Reason, format!("{}（{}/{}）", reason.text, reason.feature, reason.code))
        }),
    );
    lines
}
