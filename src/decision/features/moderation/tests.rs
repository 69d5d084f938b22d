//! What a story cannot tell, because it happens in several groups or comes by no card.

use std::path::Path;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::decision::{
    Act, Case, Content, Ear, Event, EventKey, EventKind, GroupId, GroupKind, GroupState, MemberId,
    MemberState, Memory, Message, Reason, Ruling, decide,
};
use crate::files::folder;
use crate::perception::{Perceiver, Phrase, SignalName, Signals};
use crate::rules::{GroupEar, GroupMatch, GroupRule, Hand, Rulebook, compile};

/// Nobody has judged it before: one sign of its own, too little to act.
const SLANG: &str = "周末在家就能做的手工活儿，材料都给寄到家，做好了寄回来，想做的找我";
const AD: &str = "兼职日结300，加V：abc12345";

/// What the classifier makes of a text changes with every training.
fn phrases_alone(perceiver: &Perceiver) -> Perceiver {
    let phrase = |(category, text, weight): (SignalName, &str, f32)| Phrase {
        text: text.to_owned(),
        category,
        weight,
        allow: Vec::new(),
    };
    Perceiver::new(&perceiver.phrases().map(phrase).collect::<Vec<_>>())
}

/// The brand's groups on the shipped rules, with an owner and a stranger in each.
struct Brand {
    rules: Rulebook,
    memory: Memory,
    now: Timestamp,
    count: u32,
    acts: Vec<(Option<GroupId>, Act)>,
    reasons: Vec<Reason>,
}

impl Brand {
    fn new(groups: &[&str]) -> Self {
        let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
        let sources = folder::read(&config, &folder::scripts_of(&config));
        let mut rules = compile(&sources).expect("the shipped files are good").rulebook;
        rules.perceiver = Arc::new(phrases_alone(&rules.perceiver));
        let now: Timestamp = "2026-11-21T09:00:00+08:00".parse().expect("a time");
        let mut memory = Memory::default();
        let mut entries = Vec::new();
        for name in groups {
            entries.push(GroupRule {
                matches: GroupMatch { id: Some((*name).to_owned()), ..GroupMatch::default() },
                store: None,
                profile: "direct-sale".into(),
                ears: vec![GroupEar::Archive],
                hands: vec![Hand::StaffTask { app: rules.app.clone() }],
                kol: Vec::new(),
                place: String::new(),
                estate: None,
                tags: Vec::new(),
            });
            let mut group = GroupState::new(GroupId::from(*name), now);
            (group.owner, group.kind, group.members_known) =
                (Some(MemberId::new(format!("owner-{name}"))), GroupKind::Customer, true);
            let joined_at = now.checked_sub(SignedDuration::from_hours(24)).ok();
            let member = MemberState { joined_at, ..MemberState::default() };
            let id = MemberId::new(format!("stranger-{name}"));
            memory.members.entry(group.id.clone()).or_default().insert(id, member);
            memory.groups.insert(group.id.clone(), group);
        }
        rules.groups = entries.into();
        Self { rules, memory, now, count: 0, acts: Vec::new(), reasons: Vec::new() }
    }

    fn event(&mut self, group: &str, from: &str, kind: EventKind) -> Event {
        self.count += 1;
        Event {
            key: EventKey::new(format!("event:{}", self.count)),
            at: self.now,
            ear: Ear::Archive,
            via: "test".into(),
            group: Some(GroupId::from(group)),
            from: Some(MemberId::from(from)),
            kind,
            raw: None,
        }
    }

    /// The stranger of this group writes; a minute passes, and what falls due happens.
    fn says(&mut self, group: &str, text: &str) -> EventKey {
        let message = Message { content: Content::text(text), ..Message::default() };
        let event = self.event(group, &format!("stranger-{group}"), EventKind::Message(Box::new(message)));
        let signals = self.rules.perceiver.perceive(text);
        let key = event.key.clone();
        self.hear(&event, &signals);
        while let Some(timer) = self.memory.take_due(self.now) {
            self.hear(&timer.event(), &Signals::default());
        }
        self.now += SignedDuration::from_mins(1);
        key
    }

    fn hear(&mut self, event: &Event, signals: &Signals) {
        let decision = decide(&self.memory.load(event, signals), event, signals, &self.rules, self.now);
        decision.changes.into_iter().for_each(|change| self.memory.apply(change));
        self.acts.extend(decision.actions.into_iter().map(|action| (action.group, action.act)));
        self.reasons.extend(decision.reasons);
    }

    fn member(&self, group: &str) -> &MemberState {
        &self.memory.members[&GroupId::from(group)][&MemberId::new(format!("stranger-{group}"))]
    }

    /// Titles of the cards to the owner of this group.
    fn cards(&self, group: &str) -> Vec<&str> {
        let here = self.acts.iter().filter(|(of, _)| of.as_ref().is_some_and(|of| of.as_str() == group));
        here.filter_map(|(_, act)| match act {
            Act::TaskCard { card, .. } => Some(card.title.as_str()),
            _ => None,
        })
        .collect()
    }

    fn told(&self) -> usize {
        self.acts.iter().filter(|(_, act)| matches!(act, Act::Tell { .. })).count()
    }

    fn because(&self, code: &str) -> usize {
        self.reasons.iter().filter(|reason| reason.feature == "moderation" && reason.code == code).count()
    }

    fn pardon(&mut self, group: &str, message: EventKey, at: Timestamp) {
        let member = MemberId::new(format!("stranger-{group}"));
        let text = AD.to_owned();
        let case = Case { message, at, group: group.into(), member, text, evidence: String::new() };
        let task = self.memory.tasks.keys().next().cloned();
        let ruling = Ruling { case, honest: true, public: true, task };
        let event = self.event(group, "lin.yun", EventKind::Ruled(Box::new(ruling)));
        self.hear(&Event { ear: Ear::Operator, ..event }, &Signals::default());
    }
}

#[test]
fn one_text_in_three_groups_alerts_ops_once_and_is_held_against_everybody_once() {
    let mut brand = Brand::new(&["a", "b", "c", "d"]);
    brand.says("a", SLANG);
    brand.says("b", SLANG);
    assert!(brand.acts.is_empty(), "two groups are not several: {:?}", brand.acts);
    brand.says("c", SLANG);
    assert_eq!(brand.told(), 1, "ops is told");
    for group in ["a", "b", "c"] {
        assert_eq!(brand.cards(group), ["请看看是不是广告"], "{group}");
    }
    brand.says("d", SLANG);
    assert_eq!((brand.told(), brand.cards("d").len()), (1, 1), "ops is told once");
    assert_eq!(brand.because("spread"), 1);
}

#[test]
fn a_strike_for_each_sender_when_the_text_has_signs_of_its_own() {
    let mut brand = Brand::new(&["a", "b", "c"]);
    let text = format!("{SLANG}，日结");
    for group in ["a", "b", "c"] {
        brand.says(group, &text);
    }
    for group in ["a", "b", "c"] {
        assert!(brand.member(group).strikes.len() <= 1, "{group}: once at most");
        assert_eq!(brand.cards(group).len(), 1, "{group}: {:?}", brand.cards(group));
    }
}

#[test]
fn greetings_and_late_copies_are_no_spread() {
    let mut brand = Brand::new(&["a", "b", "c"]);
    for group in ["a", "b", "c"] {
        brand.says(group, "大家早上好");
    }
    brand.says("a", SLANG);
    brand.says("b", SLANG);
    brand.now += SignedDuration::from_hours(2);
    brand.says("c", SLANG);
    assert!(brand.acts.is_empty(), "{:?}", brand.acts);
}

#[test]
fn old_members_who_forward_the_same_text_are_no_spread() {
    let mut brand = Brand::new(&["a", "b", "c"]);
    brand.now += SignedDuration::from_hours(30 * 24);
    for group in ["a", "b", "c"] {
        brand.says(group, SLANG);
    }
    assert!(brand.acts.is_empty() && brand.memory.spreads.is_empty(), "{:?}", brand.acts);
}

#[test]
fn a_pardon_without_a_card_undoes_closes_the_card_and_works_once() {
    let mut brand = Brand::new(&["a"]);
    let at = brand.now;
    let message = brand.says("a", AD);
    assert_eq!(brand.member("a").strikes.len(), 1);
    assert_eq!(brand.cards("a"), ["请在群里提醒这位成员"]);
    brand.acts.clear();
    brand.pardon("a", message.clone(), at);
    assert!(brand.member("a").strikes.is_empty());
    let verdict = brand.memory.verdicts.first().expect("a verdict");
    assert_eq!(
        (verdict.honest, verdict.message_text.as_str(), verdict.teacher.as_str()),
        (true, AD, "lin.yun")
    );
    let task = brand.memory.tasks.values().next().expect("a task");
    assert!(matches!(task.state, crate::decision::TaskState::Pardoned { .. }), "{task:?}");
    assert!(brand.acts.is_empty(), "the line was never pasted, so nobody apologises: {:?}", brand.acts);
    brand.pardon("a", message, at);
    assert_eq!((brand.memory.verdicts.len(), brand.because("same_verdict")), (1, 1));
}

#[test]
fn a_raid_makes_the_bot_stricter_for_a_while_and_cannot_grow_without_bound() {
    let mut brand = Brand::new(&["a"]);
    for number in 0..200 {
        let id = format!("newcomer-{number}");
        let message = Message { content: Content::text("兼职日结300"), ..Message::default() };
        let joined_at = Some(brand.now);
        let member = MemberState { joined_at, ..MemberState::default() };
        let members = brand.memory.members.get_mut(&GroupId::from("a")).expect("the group");
        members.insert(MemberId::from(id.as_str()), member);
        let event = brand.event("a", &id, EventKind::Message(Box::new(message)));
        let signals = brand.rules.perceiver.perceive("兼职日结300");
        brand.hear(&event, &signals);
    }
    let raid = &brand.memory.groups[&GroupId::from("a")].raid;
    assert_eq!((raid.suspects.len(), brand.because("raid")), (3, 1));
    assert_eq!(brand.because("suspicious"), 2, "the third and everybody after are acted upon");
    brand.now += SignedDuration::from_hours(2);
    brand.says("a", "兼职日结300");
    assert_eq!(brand.because("suspicious"), 3, "it is over");
}
