use std::collections::BTreeMap;

use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;
use crate::decision::event::{Ear, Event, EventKey, EventKind, GroupId};
use crate::decision::{Change, Decision, GroupState, State};
use crate::files::{SourceFile, Sources};
use crate::perception::Signals;
use crate::rules::{GroupEar, GroupMatch, GroupRule, Rulebook, compile, fits, samples};

const NOW: Timestamp = Timestamp::constant(1_790_000_000, 0);

fn rules(hands: &[Hand], budget: SendBudget) -> Rulebook {
    let profile = "name = \"基础\"\n[staff_tasks]\nremind_after = \"30m\"\nescalate_after = \"2h\"\nexpire_after = \"6h\"\n";
    let files = [("config/zhanggui.toml", samples::SERVER), ("config/profiles/base.toml", profile)];
    let sources = Sources::new(files.map(|(name, text)| SourceFile::new(name, text)).to_vec());
    let mut rules = compile(&sources).unwrap_or_else(|mistakes| panic!("{mistakes:#?}")).rulebook;
    let rule = GroupRule {
        matches: GroupMatch { name: Some("*".into()), ..GroupMatch::default() },
        store: None,
        profile: "base".into(),
        ears: vec![GroupEar::Events],
        hands: hands.to_vec(),
        kol: Vec::new(),
        place: "test".into(),
        estate: None,
        tags: Vec::new(),
    };
    rules.groups = vec![rule].into();
    rules.send_budget = budget;
    rules
}

fn group(kind: GroupKind) -> GroupState {
    let mut group = GroupState::new(GroupId::from("wr1"), NOW);
    group.kind = kind;
    group.name = "朝阳店福利群".into();
    group.owner = Some("wang.min".into());
    group
}

fn post(id: &str, parts: Vec<Part>) -> LaterPost {
    LaterPost {
        id: id.into(),
        title: "早安".into(),
        why: "每天早上的问候".into(),
        parts,
        ..LaterPost::default()
    }
}

fn mass() -> Hand {
    Hand::MassSend { app: "assistant".into() }
}

fn person() -> Hand {
    Hand::StaffTask { app: "assistant".into() }
}

fn appchat() -> Hand {
    Hand::Appchat { app: "assistant".into() }
}

/// What follows when these posts are planned for the group, one after the other.
fn plan(rules: &Rulebook, group: GroupState, posts: Vec<LaterPost>) -> Decision {
    plan_at(rules, group, posts, NOW)
}

fn plan_at(rules: &Rulebook, group: GroupState, posts: Vec<LaterPost>, now: Timestamp) -> Decision {
    let event = Event {
        key: EventKey::from("e"),
        at: now,
        ear: Ear::Clock,
        via: "clock".into(),
        group: Some(group.id.clone()),
        from: None,
        kind: EventKind::EnteredChat,
        raw: None,
    };
    let state = State { group: Some(group.into()), members: BTreeMap::new(), ..State::default() };
    let signals = Signals::default();
    let mut draft = Draft::new(&state, &event, &signals, rules, now);
    for post in posts {
        draft.post_later(post);
    }
    draft.finish()
}

fn acts(decision: &Decision) -> Vec<&'static str> {
    decision.actions.iter().map(|action| action.act.name()).collect()
}

fn sends(decision: &Decision) -> Vec<&MassSend> {
    decision
        .actions
        .iter()
        .filter_map(|action| match &action.act {
            Act::MassSend(send) => Some(send.as_ref()),
            _ => None,
        })
        .collect()
}

#[test]
fn all_parts_are_one_mass_send_that_the_owner_is_asked_for() {
    let rules = rules(&[mass(), person()], SendBudget::Monthly);
    let parts = vec![Part::text("早安"), Part::text("今天有新品")];
    let decision = plan(&rules, group(GroupKind::Customer), vec![post("早安@1", parts.clone())]);
    let [send] = sends(&decision)[..] else { panic!("{:#?}", decision.actions) };
    assert_eq!((send.owner.as_str(), &send.parts, send.post.id.as_str()), ("wang.min", &parts, "早安@1"));
    let minutes = |minutes| NOW + SignedDuration::from_mins(minutes);
    assert_eq!(send.reminders, [minutes(30), minutes(60), minutes(90)]);
    assert_eq!((send.escalate_at, send.cancel_at), (minutes(120), minutes(360)));
    assert_eq!(decision.actions[0].fallback, [person()]);
}

#[test]
fn one_name_has_one_place_in_the_budget() {
    let rules = rules(&[mass(), person()], SendBudget::Monthly);
    let twice = ["a@1", "a@1"].map(|id| post(id, vec![Part::text("早安")])).to_vec();
    assert_eq!(acts(&plan(&rules, group(GroupKind::Customer), twice)), ["mass_send", "task_card"]);
}

#[test]
fn a_post_that_is_soon_over_is_withdrawn_soon() {
    let rules = rules(&[mass(), person()], SendBudget::Monthly);
    let until = NOW + SignedDuration::from_mins(45);
    let soon = LaterPost { until: Some(until), ..post("a", vec![Part::text("早安")]) };
    let decision = plan(&rules, group(GroupKind::Customer), vec![soon]);
    let send = sends(&decision)[0];
    assert_eq!((send.cancel_at, send.escalate_at, send.reminders.len()), (until, until, 1));
}

#[test]
fn the_budget_is_never_exceeded_and_the_rest_goes_to_a_person() {
    let rules = rules(&[mass(), person()], SendBudget::Daily);
    let posts = ["a", "b", "c"].map(|id| post(id, vec![Part::text(id)])).to_vec();
    let decision = plan(&rules, group(GroupKind::Customer), posts);
    assert_eq!(acts(&decision), ["mass_send", "task_card", "task_card"]);
    let left = decision.changes.iter().find_map(|change| match change {
        Change::Group(group) => {
            Some(group.mass_sent.left(SendBudget::Daily, NOW.to_zoned(rules.timezone.clone()).date()))
        }
        _ => None,
    });
    assert_eq!(left, Some(0));
    let send = sends(&decision)[0];
    let end = send.cancel_at.to_zoned(rules.timezone.clone());
    assert_eq!((end.hour(), end.minute()), (0, 0), "a daily budget is for this day alone");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// However posts are planned over two months, no window ever holds more mass sends than it may, and every
    /// post that is none comes to a person.
    #[test]
    fn no_plan_exceeds_the_budget(
        which in 0usize..3,
        steps in proptest::collection::vec((0i64..4, 1usize..4), 1..30),
    ) {
        let budget = [SendBudget::Monthly, SendBudget::Weekly, SendBudget::Daily][which];
        let rules = rules(&[mass(), person()], budget);
        let (mut group, mut now, mut sent) = (group(GroupKind::Customer), NOW, Vec::new());
        for (number, (days, posts)) in steps.into_iter().enumerate() {
            now += SignedDuration::from_hours(24 * days);
            let name = |post| format!("{number}-{post}@1");
            let planned = (0..posts).map(|one| post(&name(one), vec![Part::text("早安")])).collect();
            let decision = plan_at(&rules, group.clone(), planned, now);
            let asked = acts(&decision).iter().filter(|act| **act == "mass_send").count();
            prop_assert_eq!(decision.actions.len(), posts);
            sent.extend(std::iter::repeat_n(now.to_zoned(rules.timezone.clone()).date(), asked));
            prop_assert_eq!(fits(sent.clone(), budget), Ok(()));
            for change in decision.changes {
                if let Change::Group(changed) = change {
                    group = std::sync::Arc::unwrap_or_clone(changed);
                }
            }
        }
    }
}

#[test]
fn mass_sends_are_for_customer_groups_and_others_post_at_once() {
    let words = || vec![post("a", vec![Part::text("早安")])];
    let both = rules(&[mass(), appchat(), person()], SendBudget::Monthly);
    assert_eq!(acts(&plan(&both, group(GroupKind::Internal), words())), ["post"]);
    let one = rules(&[mass(), person()], SendBudget::Monthly);
    assert_eq!(acts(&plan(&one, group(GroupKind::Internal), words())), ["task_card"]);
    let markdown = vec![post("a", vec![Part::Markdown { text: "**早安**".into() }])];
    assert_eq!(
        acts(&plan(&one, group(GroupKind::Customer), markdown)),
        ["task_card"],
        "no customer reads marks"
    );
    let ownerless = GroupState { owner: None, ..group(GroupKind::Customer) };
    assert_eq!(acts(&plan(&one, ownerless, words())), ["task_card"], "nobody is there to confirm it");
}

#[test]
fn a_reply_is_no_mass_send() {
    let reply = Act::Post { part: Part::text("营业到九点"), mentions: Vec::new() };
    assert!(!mass().can(&reply) && mass().posts_later() && !mass().posts());
}
