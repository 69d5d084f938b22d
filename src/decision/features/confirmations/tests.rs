use jiff::Timestamp;

use super::*;
use crate::decision::event::{Ear, Event, EventKey, GroupId, MemberId};
use crate::decision::route::TOLD_BYTES_AT_MOST;
use crate::decision::{
    Act, Decision, GroupKind, GroupState, MassSend, Memory, Part, PostEnding, PostName, PostOutcome, decide,
};
use crate::files::{SourceFile, Sources};
use crate::perception::Signals;
use crate::rules::{Rulebook, SendBudget, compile, samples};

fn rules() -> Rulebook {
    let sources = Sources::new(vec![SourceFile::new("config/zhanggui.toml", samples::SERVER)]);
    compile(&sources).unwrap_or_else(|mistakes| panic!("{mistakes:#?}")).rulebook
}

fn now() -> Timestamp {
    "2026-11-22T10:32:00+08:00".parse().expect("a time")
}

fn name() -> PostName {
    PostName { id: "早安@1".into(), title: "早安问候".into(), region: "北京".into() }
}

fn event(group: Option<&str>, kind: EventKind) -> Event {
    Event {
        key: EventKey::from("e"),
        at: now(),
        ear: Ear::Delivery,
        via: "mass-send:assistant".into(),
        group: group.map(GroupId::from),
        from: None,
        kind,
        raw: None,
    }
}

/// A group that was promised the post.
fn memory(promised: bool) -> Memory {
    let mut group = GroupState::new(GroupId::from("wr1"), now());
    group.kind = GroupKind::Customer;
    if promised {
        group.mass_sent.promise("早安@1", now().to_zoned(rules().timezone).date());
    }
    let mut memory = Memory::default();
    memory.groups.insert(group.id.clone(), group);
    memory
}

fn ended(outcome: PostOutcome) -> (Decision, usize) {
    let (rules, mut memory) = (rules(), memory(true));
    let ending = PostEnding { post: name(), owner: "wang.min".into(), outcome, again: None };
    let event = event(Some("wr1"), EventKind::PostEnded(Box::new(ending)));
    let signals = Signals::default();
    let decision = decide(&memory.load(&event, &signals), &event, &signals, &rules, now());
    decision.changes.iter().cloned().for_each(|change| memory.apply(change));
    let today = now().to_zoned(rules.timezone.clone()).date();
    let left = memory.groups[&GroupId::from("wr1")].mass_sent.left(SendBudget::Monthly, today);
    (decision, left)
}

#[test]
fn the_journal_says_who_confirmed_when_and_the_budget_is_counted() {
    for (outcome, says, left) in [
        (PostOutcome::Sent, "「早安问候」由 wang.min 于 11月22日 10:32 确认发出", 29),
        (PostOutcome::LeftOut, "没有发到这个群", 30),
        (PostOutcome::TooLate, "一直没有确认，已取消", 30),
        (PostOutcome::Lost, "没有建成", 30),
        (PostOutcome::Withdrawn, "撤下了", 30),
        (PostOutcome::AskedAgain, "已经过了要发的时间", 30),
        (PostOutcome::Full, "额度已经用完", 0),
    ] {
        let (decision, found) = ended(outcome);
        let reasons: Vec<_> = decision.reasons.iter().filter(|reason| reason.feature == NAME).collect();
        assert!(matches!(&reasons[..], [one] if one.text.contains(says)), "{outcome:?}: {reasons:?}");
        assert_eq!(found, left, "{outcome:?}");
        assert!(decision.actions.is_empty(), "{outcome:?}");
    }
}

fn told(trouble: Trouble, owners: usize, until: Option<Timestamp>) -> String {
    let owner = |number: usize| OwnersGroups {
        owner: MemberId::new(format!("owner{number}")),
        groups: (1..=number).map(|group| format!("{group} 群")).collect(),
        reminded: usize::from(number == 1),
    };
    let owners = (1..=owners).map(owner).collect();
    let trouble = PostTrouble { post: name(), trouble, owners, until };
    let event = event(None, EventKind::PostTrouble(Box::new(trouble)));
    let (memory, signals) = (Memory::default(), Signals::default());
    let decision = decide(&memory.load(&event, &signals), &event, &signals, &rules(), now());
    match &decision.actions[..] {
        [action] => match &action.act {
            Act::Tell { to, part: Part::Text { text } } if to.as_str() == "lin.yun" => text.clone(),
            act => panic!("{act:?}"),
        },
        actions => panic!("ops is told once: {actions:?}"),
    }
}

#[test]
fn ops_is_told_in_plain_words_which_owner_has_not_confirmed() {
    let until = "2026-11-22T20:00:00+08:00".parse().expect("a time");
    assert_eq!(
        told(Trouble::Unconfirmed, 2, Some(until)),
        "「早安问候」（北京）还有 3 个群没发出，群主还没有点“发送”：\n\
         · owner1：1 群（已提醒 1 次）\n\
         · owner2：1 群、2 群\n\
         请联系群主，在企业微信的「群发助手」里点发送；11月22日 20:00 还没发就自动取消。"
    );
    assert!(told(Trouble::Full, 1, None).contains("zhanggui budget"));
    assert!(told(Trouble::Lost, 1, None).contains("不会自动重发"));
}

#[test]
fn a_hundred_owners_are_still_one_message() {
    let text = told(Trouble::Unconfirmed, 100, None);
    assert!(text.len() <= TOLD_BYTES_AT_MOST);
    assert!(text.contains("· 另外 88 位群主") && text.contains("等 12 个群"), "{text}");
}

/// The group's task was cancelled because another store has sold out.
#[test]
fn a_group_that_is_asked_for_again_keeps_its_place_in_the_budget() {
    let groups = "[[group]]\nmatch = { name = \"*\" }\nprofile = \"shop\"\nears = [\"events\"]\nhands = [\"mass-send\", \"staff-task\"]\n";
    let files = [
        ("config/zhanggui.toml", samples::SERVER),
        ("config/profiles/shop.toml", "name = \"店\"\n"),
        ("config/groups/a.toml", groups),
    ];
    let files = files.map(|(name, text)| SourceFile::new(name, text));
    let compiled = compile(&Sources::new(files.to_vec()));
    let rules = compiled.unwrap_or_else(|mistakes| panic!("{mistakes:#?}")).rulebook;
    let mut memory = memory(true);
    let group = memory.groups.get_mut(&GroupId::from("wr1")).expect("the group");
    group.owner = Some("li.na".into());
    let send = MassSend {
        owner: "wang.min".into(),
        parts: vec![Part::text("早")],
        post: name(),
        reminders: Vec::new(),
        escalate_at: Timestamp::MAX,
        cancel_at: Timestamp::MAX,
        store: "hexi".into(),
        withdrawn: false,
    };
    let again = Some(Box::new(send.clone()));
    let ending =
        PostEnding { post: name(), owner: "wang.min".into(), outcome: PostOutcome::AskedAgain, again };
    let event = event(Some("wr1"), EventKind::PostEnded(Box::new(ending)));
    let decision =
        decide(&memory.load(&event, &Signals::default()), &event, &Signals::default(), &rules, now());
    decision.changes.into_iter().for_each(|change| memory.apply(change));
    let [action] = &decision.actions[..] else { panic!("{:#?}", decision.actions) };
    let owner = "li.na".into();
    assert_eq!(action.act, Act::MassSend(Box::new(MassSend { owner, ..send })), "whoever is the owner now");
    let today = now().to_zoned(rules.timezone.clone()).date();
    let sent = &memory.groups[&GroupId::from("wr1")].mass_sent;
    assert_eq!(sent.left(SendBudget::Monthly, today), 29);
}
