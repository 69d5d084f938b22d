use jiff::{SignedDuration, Timestamp};

use crate::decision::{
    Act, Action, Decision, Ear, Event, EventKey, EventKind, GroupChange, GroupId, GroupKind, GroupSnapshot,
    JoinAsk, JoinCodeDone, JoinCodeOrder, JoinCodeState, JoinOrder, JoinTold, Memory, SnapshotMember,
    TimerKind, decide,
};
use crate::files::{SourceFile, Sources};
use crate::perception::Signals;
use crate::rules::samples::SERVER;
use crate::rules::{Rulebook, compile};

const CODE: &str = "counter";
const WRITTEN: &str =
    "[[join_code]]\nid = \"counter\"\ntitle = \"进群领券\"\ngroups = { names = [\"福利群*\"] }\n";

fn rulebook(codes: &str) -> Rulebook {
    let sources = Sources::new(vec![
        SourceFile::new("config/zhanggui.toml", SERVER),
        SourceFile::new("config/profiles/shop.toml", "name = \"店\""),
        SourceFile::new(
            "config/groups/a.toml",
            "[[group]]\nmatch = { name = \"*\" }\nprofile = \"shop\"\nears = []",
        ),
        SourceFile::new("config/join-codes/a.toml", codes),
    ]);
    compile(&sources).expect("good files").rulebook
}

/// A brand with some groups, a platform that answers when it is told to, and a clock.
struct Town {
    memory: Memory,
    rules: Rulebook,
    now: Timestamp,
    /// What the platform was asked and has not answered.
    asked: Vec<Action>,
    told: Vec<String>,
    reasons: Vec<String>,
    events: usize,
}

impl Town {
    fn new(codes: &str) -> Self {
        let rules = rulebook(codes);
        let now = "2026-11-21T09:00:00+08:00".parse().expect("a time");
        let memory = Memory::over(&rules);
        Self { memory, rules, now, asked: Vec::new(), told: Vec::new(), reasons: Vec::new(), events: 0 }
    }

    fn hear(&mut self, group: Option<&str>, kind: EventKind) {
        self.events += 1;
        let event = Event {
            key: EventKey::new(format!("town:{}", self.events)),
            at: self.now,
            ear: Ear::App,
            via: "test".into(),
            group: group.map(GroupId::from),
            from: None,
            kind,
            raw: None,
        };
        self.decide(&event);
    }

    fn decide(&mut self, event: &Event) {
        let state = self.memory.load(event, &Signals::default());
        let Decision { changes, actions, reasons } =
            decide(&state, event, &Signals::default(), &self.rules, self.now);
        changes.into_iter().for_each(|change| self.memory.apply(change));
        self.reasons
            .extend(reasons.iter().filter(|one| one.feature == super::NAME).map(|one| one.code.to_string()));
        for action in actions {
            match &action.act {
                Act::JoinCode(_) => self.asked.push(action),
                Act::Tell { to, part } => {
                    assert_eq!(to.as_str(), "lin.yun");
                    self.told.push(part.in_words().into_owned());
                }
                _ => {}
            }
        }
    }

    /// The group `wr-NAME` is read with so many members; the later its number, the younger it is.
    fn reads(&mut self, name: &str, members: usize) {
        let member = |nth| SnapshotMember {
            id: format!("wm{nth}").as_str().into(),
            name: None,
            corp_member: false,
            joined_at: None,
            state: None,
        };
        let snapshot = GroupSnapshot {
            kind: GroupKind::Customer,
            name: name.into(),
            owner: None,
            admins: Vec::new(),
            created_at: Timestamp::from_second(
                name.chars().last().map_or(0, |last| i64::from(u32::from(last))),
            )
            .ok(),
            members: (0..members).map(member).collect(),
        };
        self.hear(Some(&format!("wr-{name}")), EventKind::GroupSnapshot(Box::new(snapshot)));
        // Longer than an event outweighs a reading.
        self.now += SignedDuration::from_mins(20);
    }

    /// Every timer that is set fires.
    fn pass(&mut self) {
        self.now += SignedDuration::from_mins(1);
        while let Some(timer) = self.memory.take_due_if(self.now, |timer| timer.kind == TimerKind::JoinCode) {
            self.decide(&timer.event());
        }
    }

    fn take(&mut self, codes: &str) {
        self.rules = rulebook(codes);
        for group in self.memory.groups.keys().cloned().collect::<Vec<_>>() {
            let kind = EventKind::TimerDue { timer: TimerKind::Plan, subject: String::new() };
            self.hear(Some(group.as_str()), kind);
        }
        self.hear(None, EventKind::TimerDue { timer: TimerKind::JoinCode, subject: CODE.into() });
        self.pass();
    }

    /// The platform does the only thing that it was asked, and what was asked is told.
    fn answers(&mut self) -> String {
        let action = self.asked.remove(0);
        assert!(self.asked.is_empty(), "one thing at a time: {:?}", self.asked);
        let Act::JoinCode(act) = action.act else { unreachable!("only such are kept") };
        let told = match &act.ask {
            JoinAsk::Make(way) => format!("make {:?}", way.groups),
            JoinAsk::Change { way, .. } => format!("change {:?}", way.groups),
            JoinAsk::Delete { config_id } => format!("delete {config_id}"),
        };
        self.hear(
            None,
            EventKind::JoinCodeDone(Box::new(JoinCodeDone { act: *act, config_id: "9ad7".into() })),
        );
        told.replace("wr-福利群", "").replace('"', "")
    }

    fn order(&mut self, order: JoinOrder) {
        self.hear(None, EventKind::JoinCodeOrdered(JoinCodeOrder { code: CODE.into(), order }));
    }

    fn state(&self) -> JoinCodeState {
        self.memory.join_codes.load(CODE).state.expect("known")
    }
}

#[test]
fn a_code_is_made_once_and_only_for_customer_groups_that_it_names() {
    let mut town = Town::new(WRITTEN);
    town.reads("福利群1", 10);
    town.reads("福利群2", 10);
    town.reads("员工群", 10);
    town.pass();
    assert_eq!(town.answers(), "make [1, 2]");
    let state = town.state();
    assert_eq!(state.config_id.as_deref(), Some("9ad7"));
    assert_eq!(state.way.expect("told").state, "counter");
    town.reads("福利群1", 11);
    town.pass();
    town.take(WRITTEN);
    assert!(town.asked.is_empty() && town.told.is_empty(), "{:?}", town.told);
}

/// The boundary itself: one member less has room, and who is full comes back only with some places more.
#[test]
fn the_next_group_comes_exactly_when_one_is_full() {
    let mut town = Town::new(WRITTEN);
    town.reads("福利群1", 189);
    town.reads("福利群2", 10);
    town.pass();
    assert_eq!(town.answers(), "make [1, 2]");
    town.reads("福利群1", 190);
    town.pass();
    assert_eq!(town.answers(), "change [2]");
    for (members, comes_back) in [(189, false), (181, false), (180, false), (179, true)] {
        town.reads("福利群1", members);
        town.pass();
        assert_eq!(!town.asked.is_empty(), comes_back, "{members}");
    }
    assert_eq!(town.answers(), "change [2, 1]", "the one that fills now goes on");
    assert!(town.told.is_empty());
}

#[test]
fn five_groups_at_most_and_the_sixth_moves_up() {
    let mut town = Town::new(WRITTEN);
    (1..=6).for_each(|nth| town.reads(&format!("福利群{nth}"), 10));
    town.pass();
    assert_eq!(town.answers(), "make [1, 2, 3, 4, 5]");
    town.hear(Some("wr-福利群3"), EventKind::GroupChanged(GroupChange::Dismissed));
    town.pass();
    assert_eq!(town.answers(), "change [1, 2, 4, 5, 6]");
}

#[test]
fn ops_is_told_once_that_all_are_full_and_again_after_there_was_room() {
    let mut town = Town::new(WRITTEN);
    town.reads("福利群1", 10);
    town.pass();
    town.answers();
    for members in [190, 195, 199] {
        town.reads("福利群1", members);
        town.pass();
    }
    assert!(town.asked.is_empty(), "the last group stays: whoever scans still finds a place");
    let [told] = &town.told[..] else { panic!("{:?}", town.told) };
    assert!(
        told.contains("进群领券") && told.contains("福利群1") && told.contains("再建一个客户群"),
        "{told}"
    );
    town.take(WRITTEN);
    assert_eq!(town.told.len(), 1);
    town.reads("福利群2", 1);
    town.pass();
    assert_eq!(town.answers(), "change [2]");
    town.reads("福利群2", 200);
    town.pass();
    assert_eq!(town.told.len(), 2);
}

#[test]
fn where_the_platform_makes_groups_nobody_is_asked_to() {
    let code = format!("{WRITTEN}new_groups = {{ name = \"福利群\", number = 2 }}\n");
    let mut town = Town::new(&code);
    town.reads("福利群1", 195);
    town.pass();
    assert_eq!(town.answers(), "make [1]");
    assert!(town.told.is_empty(), "{:?}", town.told);
    town.reads("福利群2", 2);
    town.pass();
    assert_eq!(town.answers(), "change [2]");
}

#[test]
fn what_changes_while_the_platform_thinks_is_brought_afterwards() {
    let mut town = Town::new(WRITTEN);
    town.reads("福利群1", 10);
    town.pass();
    town.reads("福利群2", 10);
    town.pass();
    assert_eq!(town.answers(), "make [1]");
    assert_eq!(town.answers(), "change [1, 2]");
    assert!(town.asked.is_empty());
}

#[test]
fn a_code_in_doubt_is_not_made_again_until_somebody_says_so() {
    let mut town = Town::new(WRITTEN);
    town.reads("福利群1", 10);
    town.pass();
    let action = Box::new(town.asked.remove(0));
    town.hear(None, EventKind::ActionDoubted { id: 1, action, why: "没有答复".into() });
    town.reads("福利群2", 10);
    town.pass();
    town.take(&WRITTEN.replace("进群领券", "进群有礼"));
    assert!(town.asked.is_empty(), "also with other groups and another title");
    let [told] = &town.told[..] else { panic!("{:?}", town.told) };
    assert!(told.contains("zhanggui join-codes retry counter"), "{told}");
    town.order(JoinOrder::Retry);
    assert_eq!(town.answers(), "make [1, 2]");
}

#[test]
fn what_was_refused_is_asked_again_when_it_is_something_else() {
    let mut town = Town::new(WRITTEN);
    town.reads("福利群1", 10);
    town.pass();
    let action = Box::new(town.asked.remove(0));
    town.hear(None, EventKind::ActionFailed { id: 1, action, why: "群主已离职".into() });
    town.pass();
    town.take(WRITTEN);
    assert!(town.asked.is_empty() && town.told[0].contains("群主已离职"), "{:?}", town.told);
    town.reads("福利群2", 10);
    town.pass();
    assert_eq!(town.answers(), "make [1, 2]");
}

#[test]
fn a_code_that_left_the_files_is_deleted_by_order_alone() {
    let mut town = Town::new(WRITTEN);
    town.reads("福利群1", 10);
    town.pass();
    town.answers();
    town.order(JoinOrder::Delete);
    assert!(town.asked.is_empty(), "it still stands in the files");
    town.take("");
    town.take("# other words");
    let [told] = &town.told[..] else { panic!("{:?}", town.told) };
    assert!(told.contains("zhanggui join-codes delete counter"), "{told}");
    assert_eq!(town.state().told, Some(JoinTold::Gone));
    town.order(JoinOrder::Delete);
    town.order(JoinOrder::Delete);
    assert_eq!(town.answers(), "delete 9ad7", "once");
    assert_eq!(town.memory.join_codes.load(CODE).state, None);
    town.order(JoinOrder::Delete);
    assert!(town.asked.is_empty());
}

#[test]
fn a_group_that_is_renamed_out_of_the_code_leaves_it() {
    let mut town = Town::new(WRITTEN);
    town.reads("福利群1", 10);
    town.reads("福利群2", 10);
    town.pass();
    town.answers();
    let renamed =
        GroupSnapshot { kind: GroupKind::Customer, name: "老友群".into(), ..GroupSnapshot::default() };
    town.hear(Some("wr-福利群1"), EventKind::GroupSnapshot(Box::new(renamed)));
    town.pass();
    assert_eq!(town.answers(), "change [2]");
    assert!(town.reasons.contains(&"seat_gone".to_owned()));
}
