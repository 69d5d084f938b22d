//! Whatever happens during a run: nobody is told twice, nobody is left out, nobody before their turn.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::plan::PEOPLE_AT_ONCE;
use crate::decision::{
    Act, CardTap, CascadeMemory, CascadeRequest, CascadeRun, CascadeState, CascadesNeeded, Content, Ear,
    Event, EventKey, EventKind, MemberId, Memory, Message, Reach, decide,
};
use crate::files::{SourceFile, Sources};
use crate::perception::Signals;
use crate::rules::{
    CascadeOrder, CascadeRule, CascadeText, Escalation, Org, OrgLevel, OrgNode, Rulebook, compile, samples,
};

const RUN: &str = "run-1";

fn rule(order: CascadeOrder) -> CascadeRule {
    CascadeRule {
        id: "notice".into(),
        title: "通知".into(),
        says: CascadeText::Text("看到请回执".into()),
        levels: OrgLevel::ALL.to_vec(),
        under: Vec::new(),
        order,
        deadline: SignedDuration::from_hours(24),
        remind_after: Some(SignedDuration::from_hours(4)),
        escalate_to: vec![Escalation::Parent, Escalation::Ops],
        quiet: None,
    }
}

fn node(id: &str, parent: Option<&str>, people: Vec<String>) -> OrgNode {
    OrgNode {
        id: id.into(),
        name: id.into(),
        level: if parent.is_none() { OrgLevel::Brand } else { OrgLevel::Distributor },
        parent: parent.map(str::to_owned),
        store: None,
        people,
        place: String::new(),
    }
}

/// Brand, `distributors` below it, `stores` below each, one person in each.
fn three_levels(distributors: usize, stores: usize) -> Vec<OrgNode> {
    let mut nodes = vec![node("brand", None, vec!["lin.yun".into()])];
    for d in 0..distributors {
        nodes.push(node(&format!("d{d}"), Some("brand"), vec![format!("dealer{d}")]));
        for s in 0..stores {
            nodes.push(node(&format!("d{d}s{s}"), Some(&format!("d{d}")), vec![format!("owner{d}.{s}")]));
        }
    }
    nodes
}

/// A bot that has nothing but an organisation and a cascade.
struct World {
    rules: Rulebook,
    memory: Memory,
    now: Timestamp,
    events: usize,
    /// Cards by person, each time one was sent.
    cards: Vec<(Timestamp, MemberId)>,
    told: Vec<(Timestamp, MemberId, String)>,
    /// The most people who were written to by one event.
    most_at_once: usize,
    /// Rows that the last event changed.
    rows: usize,
}

impl World {
    fn new(nodes: Vec<OrgNode>, rule: CascadeRule) -> Self {
        let files = vec![SourceFile::new("config/zhanggui.toml", samples::SERVER)];
        let mut rules = compile(&Sources::new(files)).expect("the sample is right").rulebook;
        rules.org = Org::new(nodes);
        rules.cascades = BTreeMap::from([(rule.id.clone(), rule)]);
        let now = "2026-11-21T09:00:00+08:00".parse().expect("a time");
        let memory = Memory::over(&rules);
        Self { rules, memory, now, events: 0, cards: Vec::new(), told: Vec::new(), most_at_once: 0, rows: 0 }
    }

    fn started(nodes: Vec<OrgNode>, rule: CascadeRule) -> Self {
        let mut world = Self::new(nodes, rule);
        world.start();
        world
    }

    fn start(&mut self) {
        let request = CascadeRequest::Start { run: RUN.into(), cascade: "notice".into() };
        self.happens(Ear::Operator, "lin.yun", EventKind::Cascade(Box::new(request)));
    }

    fn happens(&mut self, ear: Ear, from: &str, kind: EventKind) {
        self.events += 1;
        let key = EventKey::new(format!("test:{}", self.events));
        let (at, from) = (self.now, Some(MemberId::from(from)));
        self.hear(&Event { key, at, ear, via: "test".into(), group: None, from, kind, raw: None });
    }

    fn hear(&mut self, event: &Event) {
        let signals = Signals::default();
        let state = self.memory.load(event, &signals);
        let decision = decide(&state, event, &signals, &self.rules, self.now);
        self.rows = decision.changes.len();
        decision.changes.into_iter().for_each(|change| self.memory.apply(change));
        let mut people = BTreeSet::new();
        for action in decision.actions {
            match action.act {
                Act::TaskCard { to, .. } => {
                    people.insert(to.clone());
                    self.cards.push((self.now, to));
                }
                Act::Tell { to, part } => {
                    people.insert(to.clone());
                    self.told.push((self.now, to, part.in_words().into_owned()));
                }
                _ => {}
            }
        }
        self.most_at_once = self.most_at_once.max(people.len());
    }

    fn pass(&mut self, span: SignedDuration) {
        let until = self.now + span;
        while let Some(timer) = self.memory.take_due(until) {
            self.now = self.now.max(timer.due);
            self.hear(&timer.event());
        }
        self.now = until;
    }

    fn tap(&mut self, person: &str) {
        let task_id = self.run().run.card_of(&person.into());
        let tap = CardTap { task_id, button: super::RECEIVED.into(), ..CardTap::default() };
        self.happens(Ear::App, person, EventKind::CardTapped(tap));
    }

    fn say(&mut self, person: &str, text: &str) {
        let message = Message { private: true, content: Content::text(text), ..Message::default() };
        self.happens(Ear::App, person, EventKind::Message(Box::new(message)));
    }

    fn run(&self) -> CascadeMemory {
        let needed = CascadesNeeded::Whole(CascadeRun::id_of(RUN));
        self.memory.cascades.load(&needed).pop().expect("a run")
    }

    fn reach(&self) -> Reach {
        Reach::of(&self.run(), self.now)
    }

    fn cards_of(&self, person: &str) -> usize {
        self.cards.iter().filter(|(_, to)| to.as_str() == person).count()
    }
}

const SOON: SignedDuration = SignedDuration::from_secs(30);

#[test]
fn a_thousand_who_answer_together_count_once_each() {
    let mut world = World::started(three_levels(10, 100), rule(CascadeOrder::LevelByLevel));
    world.pass(SOON);
    world.tap("lin.yun");
    world.pass(SOON);
    (0..10).for_each(|dealer| world.tap(&format!("dealer{dealer}")));
    world.pass(SignedDuration::from_mins(2));
    assert_eq!(world.cards.len(), 1 + 10 + 1000);
    assert!(world.most_at_once <= PEOPLE_AT_ONCE, "{}", world.most_at_once);
    for owner in 0..1000 {
        let owner = format!("owner{}.{}", owner / 100, owner % 100);
        world.tap(&owner);
        assert!(world.rows <= 3, "an answer writes {} rows", world.rows);
        world.tap(&owner);
        assert_eq!(world.rows, 0, "and the second tap none");
        world.say(&owner, "收到");
    }
    assert_eq!((world.reach().all.told, world.reach().all.acknowledged), (1011, 1011));
    let before = world.told.len();
    world.pass(SOON);
    assert!(matches!(world.run().run.state, CascadeState::Ended { .. }));
    let digests: Vec<_> =
        world.told[before..].iter().map(|(_, to, text)| (to.as_str(), text.as_str())).collect();
    let [("lin.yun", digest)] = digests[..] else { panic!("{digests:?}") };
    assert!(digest.contains("通知 1011 人，1011 人收到，占 100%"), "{digest}");
    world.pass(SignedDuration::from_hours(72));
    assert_eq!(world.told.len(), before + 1, "nothing else was said");
}

#[test]
fn all_at_once_tells_everybody_at_the_runs_pace() {
    let mut world = World::started(three_levels(5, 199), rule(CascadeOrder::AllAtOnce));
    world.pass(SignedDuration::from_mins(1));
    assert_eq!(world.cards.len(), 1 + 5 + 5 * 199);
    let moments: BTreeSet<Timestamp> = world.cards.iter().map(|(at, _)| *at).collect();
    let pauses = moments.iter().zip(moments.iter().skip(1)).map(|(one, next)| next.duration_since(*one));
    assert!(moments.len() == 6 && pauses.min() == Some(super::PAUSE), "{moments:?}");
}

#[test]
fn who_leaves_the_organisation_is_not_waited_for() {
    let mut world = World::started(three_levels(2, 1), rule(CascadeOrder::AllAtOnce));
    world.pass(SOON);
    ["lin.yun", "dealer0", "owner0.0", "owner1.0"].iter().for_each(|person| world.tap(person));
    world.rules.org = Org::new(three_levels(1, 1));
    world.pass(SignedDuration::from_hours(5));
    let reach = world.reach();
    assert_eq!((reach.all.acknowledged, reach.all.gone), (4, 1), "{reach:?}");
    assert!(matches!(world.run().run.state, CascadeState::Ended { .. }));
    assert!(!world.told.iter().any(|(_, to, text)| to.as_str() == "dealer1" && text.contains("提醒")));
}

#[test]
fn whoever_comes_into_the_organisation_is_told_at_the_next_step() {
    let mut world = World::started(three_levels(1, 1), rule(CascadeOrder::LevelByLevel));
    world.pass(SOON);
    world.tap("lin.yun");
    let mut nodes = three_levels(2, 1);
    nodes[0].people.push("he.qiang".into());
    world.rules.org = Org::new(nodes);
    world.pass(SOON);
    for person in ["he.qiang", "dealer0", "dealer1"] {
        assert_eq!(world.cards_of(person), 1, "{person}");
    }
    assert_eq!(world.cards_of("owner1.0"), 0, "not before dealer1 has answered");
}

#[test]
fn a_node_that_moves_is_told_once_wherever_it_hangs() {
    let mut world = World::started(three_levels(2, 1), rule(CascadeOrder::LevelByLevel));
    world.pass(SOON);
    world.tap("lin.yun");
    world.pass(SOON);
    world.tap("dealer0");
    world.pass(SOON);
    assert_eq!((world.cards_of("owner0.0"), world.cards_of("owner1.0")), (1, 0));
    // Both change their distributor: one was told already, the other's new one has answered already.
    let mut nodes = three_levels(2, 1);
    for node in &mut nodes {
        match node.id.as_str() {
            "d0s0" => node.parent = Some("d1".into()),
            "d1s0" => node.parent = Some("d0".into()),
            _ => {}
        }
    }
    world.rules.org = Org::new(nodes);
    world.pass(SignedDuration::from_hours(5));
    assert_eq!((world.cards_of("owner0.0"), world.cards_of("owner1.0")), (1, 1));
}

#[test]
fn a_clock_that_jumps_a_year_ends_it_and_says_so_once() {
    let mut world = World::started(three_levels(2, 2), rule(CascadeOrder::LevelByLevel));
    world.pass(SOON);
    world.now += SignedDuration::from_hours(365 * 24);
    for _ in 0..5 {
        world.pass(SignedDuration::from_hours(30));
    }
    assert_eq!(world.cards.len(), 7, "everybody was told all the same");
    assert!(matches!(world.run().run.state, CascadeState::Ended { .. }));
    assert_eq!(world.told.iter().filter(|(_, _, text)| text.contains("结束")).count(), 1);
}

/// What may happen between two steps.
#[derive(Clone, Debug)]
enum Turn {
    Pass(i64),
    Tap(usize),
    Say(usize),
    /// The node gets another parent, or none, or goes away.
    Move(usize, Option<usize>),
    Remove(usize),
    StartAgain,
}

fn turn() -> impl Strategy<Value = Turn> {
    prop_oneof![
        4 => (1i64..400).prop_map(Turn::Pass),
        4 => (0usize..12).prop_map(Turn::Tap),
        1 => (0usize..12).prop_map(Turn::Say),
        1 => (1usize..12, proptest::option::of(0usize..12)).prop_map(|(node, parent)| Turn::Move(node, parent)),
        1 => (1usize..12).prop_map(Turn::Remove),
        1 => Just(Turn::StartAgain),
    ]
}

/// Twelve nodes of two people each, as the parents say; a node whose parent comes later hangs on the first.
fn chart(parents: &[Option<Option<usize>>]) -> Vec<OrgNode> {
    let mut nodes = Vec::new();
    for (id, parent) in parents.iter().enumerate() {
        let Some(parent) = parent else { continue };
        let parent = (id > 0).then(|| format!("n{}", parent.filter(|parent| *parent < id).unwrap_or(0)));
        let people = vec![format!("p{id}a"), format!("p{id}b")];
        nodes.push(node(&format!("n{id}"), parent.as_deref(), people));
    }
    nodes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Against what an outside observer can check with no idea of how it is done.
    #[test]
    fn whatever_happens_everybody_is_told_once_and_in_their_turn(
        parents in proptest::collection::vec(proptest::option::of(0usize..12), 12),
        turns in proptest::collection::vec(turn(), 0..40),
    ) {
        let mut parents: Vec<Option<Option<usize>>> = parents.into_iter().map(Some).collect();
        let mut world = World::started(chart(&parents), rule(CascadeOrder::LevelByLevel));
        let mut answered: BTreeSet<String> = BTreeSet::new();
        for turn in turns {
            match turn {
                Turn::Pass(minutes) => world.pass(SignedDuration::from_mins(minutes)),
                Turn::Tap(who) | Turn::Say(who) => {
                    let person = format!("p{who}a");
                    // The word counts while somebody waits for it, the card always.
                    let is_tap = matches!(turn, Turn::Tap(_));
                    let told = world.cards_of(&person) > 0 && (is_tap || world.run().run.is_running());
                    if is_tap { world.tap(&person) } else { world.say(&person, "收到") }
                    if told {
                        answered.insert(person);
                    }
                }
                Turn::Move(node, parent) => {
                    if let Some(place) = &mut parents[node] {
                        *place = parent;
                    }
                }
                Turn::Remove(node) => parents[node] = None,
                Turn::StartAgain => world.start(),
            }
            world.rules.org = Org::new(chart(&parents));
            let before: BTreeSet<MemberId> = world.cards.iter().map(|(_, to)| to.clone()).collect();
            prop_assert_eq!(before.len(), world.cards.len(), "somebody was told twice");
        }
        // Time enough for every level's deadline.
        for _ in 0..15 {
            world.pass(SignedDuration::from_hours(25));
        }
        prop_assert!(!world.run().run.is_running());
        let cards: BTreeMap<MemberId, Timestamp> =
            world.cards.iter().map(|(at, to)| (to.clone(), *at)).collect();
        prop_assert_eq!(cards.len(), world.cards.len(), "somebody was told twice");
        let reach = world.reach();
        prop_assert_eq!(reach.all.told, cards.len());
        prop_assert_eq!(reach.all.acknowledged + reach.all.late, answered.len(), "each answer counts once");
        let endings = world.told.iter().filter(|(_, _, text)| text.starts_with("传达「通知」结束")).count();
        prop_assert_eq!(endings, 1);
    }

    /// Without a change of the chart, nobody hears of it before somebody of the node above has answered or a day
    /// has passed since that one was told; and in the end everybody has.
    #[test]
    fn nobody_before_their_turn(
        parents in proptest::collection::vec(proptest::option::of(0usize..12), 12),
        turns in proptest::collection::vec((1i64..400, 0usize..12), 0..40),
    ) {
        let parents: Vec<Option<Option<usize>>> = parents.into_iter().map(Some).collect();
        let mut world = World::started(chart(&parents), rule(CascadeOrder::LevelByLevel));
        let mut answers: BTreeMap<String, Timestamp> = BTreeMap::new();
        for (minutes, who) in turns {
            world.pass(SignedDuration::from_mins(minutes));
            if world.cards_of(&format!("p{who}a")) > 0 {
                answers.entry(format!("n{who}")).or_insert(world.now);
                world.tap(&format!("p{who}a"));
            }
        }
        for _ in 0..15 {
            world.pass(SignedDuration::from_hours(25));
        }
        prop_assert_eq!(world.cards.len(), 24, "everybody");
        let told = |node: &OrgNode| {
            let of_node = |to: &MemberId| node.people.iter().any(|person| person == to.as_str());
            world.cards.iter().find(|(_, to)| of_node(to)).map(|(at, _)| *at)
        };
        for node in world.rules.org.nodes() {
            let Some(parent) = world.rules.org.above(node).next() else { continue };
            let (Some(told_at), Some(parent_told)) = (told(node), told(parent)) else { panic!("untold") };
            let late = parent_told + SignedDuration::from_hours(24);
            let opened = answers.get(&parent.id).copied().unwrap_or(late).min(late);
            prop_assert!(told_at >= opened, "{} at {told_at}, {} opened at {opened}", node.id, parent.id);
        }
    }
}
