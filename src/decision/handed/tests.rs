use super::*;
use crate::decision::event::{CardTap, EventKind, GroupKind};
use crate::decision::rehearsal::{GROUP, OWNER, Rehearsal, at};
use crate::decision::{Content, Message, PostDue};

const SCRIPTS: &str = r#"
[[script]]
id = "morning"
title = "早安"
message = [{ text = "早上好，我们开门了。今天的青菜刚到，带着露水，来晚了就没有了。" }]
[[script]]
id = "rain"
title = "下雨"
message = [{ text = "下雨了，路上滑，大家慢点走。门口放了伞，要用的自己拿，明天还回来就行。" }]
[[script]]
id = "market"
title = "赶集"
message = [
  { text = "星期六上午店门口摆摊，山里的菌子、笋干、土鸡蛋都有，先尝后买。" },
  { text = "要带什么提前在群里说一声，我给您留着，过了十一点就收摊了。" },
]
"#;
const SCHEDULES: &str = r#"
[[schedule]]
id = "morning"
title = "早安"
cron = "30 8 * * *"
groups = { profiles = ["shop"] }
post = "morning"
[[schedule]]
id = "market"
title = "赶集"
cron = "0 10 * * *"
groups = { profiles = ["shop"] }
post = "market"
"#;
const MORNING: &str = "早上好呀，我们开门了。今天的青菜刚到，带着露水，来晚了就没有了哦";

/// A group of 24 November, 8:00, that such ears hear, and into which such hands post.
fn group(ears: &str, hands: &str) -> Rehearsal {
    let groups = format!(
        "[[group]]\nmatch = {{ name = \"*\" }}\nprofile = \"shop\"\nears = [{ears}]\nhands = [{hands}]\n"
    );
    let profile = "name = \"店\"\n[moderation]\noff = true\n";
    let files = [
        ("config/profiles/shop.toml", profile),
        ("config/groups/a.toml", groups.as_str()),
        ("bot-scripts/event/a.toml", SCRIPTS),
        ("config/schedules/a.toml", SCHEDULES),
    ];
    Rehearsal::new(&files, "2026-11-24 08:00")
}

/// The same after its post fell due at half past eight, and a card went to the owner.
fn asked() -> Rehearsal {
    let mut group = group("\"group-robot\"", "\"staff-task\"");
    due(&mut group, "2026-11-24 08:30");
    assert_eq!(group.said.len(), 1, "{:?}", group.said);
    group
}

fn due(group: &mut Rehearsal, moment: &str) {
    due_of(group, "morning", moment);
}

fn due_of(group: &mut Rehearsal, schedule: &str, moment: &str) {
    group.until(moment);
    let due = PostDue { schedule: schedule.into(), occurrence: at(moment) };
    group.hear(None, EventKind::PostDue(due));
}

fn task(group: &Rehearsal) -> &StaffTask {
    group.memory.tasks.values().next().expect("a card")
}

fn times(group: &Rehearsal, code: &str) -> usize {
    group.reasons.iter().filter(|reason| *reason == code).count()
}

#[test]
fn who_pastes_the_words_needs_not_tap_and_is_not_reminded() {
    let mut group = asked();
    group.until("2026-11-24 08:34");
    group.says(OWNER, MORNING);
    let done = TaskState::Done { by: OWNER.into(), at: at("2026-11-24 08:34") };
    assert_eq!(task(&group).state, done);
    assert_eq!(times(&group, "pasted_scripts/post_seen"), 1);
    group.says(OWNER, MORNING);
    group.until("2026-11-26 00:00");
    assert_eq!(times(&group, "pasted_scripts/post_seen"), 1, "said again it is no post");
    for never in ["staff_tasks/reminded", "staff_tasks/escalated", "staff_tasks/expired"] {
        assert_eq!(times(&group, never), 0, "{never}");
    }
}

#[test]
fn several_messages_pasted_as_one_text_are_all_there() {
    let mut group = group("\"group-robot\"", "\"staff-task\"");
    due_of(&mut group, "market", "2026-11-24 10:00");
    assert_eq!(group.memory.tasks.len(), 2, "a card for each message");
    group.until("2026-11-24 10:03");
    group.says(
        OWNER,
        "星期六上午店门口摆摊，山里的菌子、笋干、土鸡蛋都有，先尝后买。\n\
         要带什么提前在群里说一声，我给您留着，过了十一点就收摊了。",
    );
    let done = TaskState::Done { by: OWNER.into(), at: at("2026-11-24 10:03") };
    assert!(group.memory.tasks.values().all(|task| task.state == done), "{:?}", group.memory.tasks);
    assert!(group.group().handed.is_empty());
}

#[test]
fn what_was_tapped_and_is_heard_afterwards_stays_as_it_was_tapped() {
    let mut group = asked();
    group.until("2026-11-24 08:40");
    let tap = CardTap {
        task_id: format!("{}-1", task(&group).id),
        button: "done".into(),
        response_code: None,
        ..CardTap::default()
    };
    group.hear(Some(OWNER), EventKind::CardTapped(tap));
    let tapped = TaskState::Done { by: OWNER.into(), at: at("2026-11-24 08:40") };
    assert_eq!(task(&group).state, tapped);
    group.until("2026-11-24 08:41");
    group.says(OWNER, MORNING);
    assert_eq!(task(&group).state, tapped);
    assert_eq!(times(&group, "pasted_scripts/post_seen"), 1, "and yet it was seen");
    assert!(group.group().handed.is_empty());
}

#[test]
fn other_words_other_people_and_other_days_are_not_the_post() {
    let mut group = asked();
    group.says("a.customer", MORNING);
    group.says(OWNER, "下雨了，路上滑，大家慢点走。门口放了伞，要用的自己拿，明天还回来就行。");
    group.says(OWNER, "早上好，各位");
    assert_eq!(task(&group).state, TaskState::Open);
    group.until("2026-11-25 08:31");
    group.says(OWNER, MORNING);
    assert!(matches!(task(&group).state, TaskState::Expired { .. }), "a day later it is another post");
    assert_eq!(times(&group, "pasted_scripts/post_seen"), 0);
}

/// The archive tells minutes later: what counts is when it was said.
#[test]
fn what_was_said_in_time_closes_a_card_that_has_run_out_meanwhile() {
    let mut group = asked();
    group.until("2026-11-25 08:40");
    assert!(matches!(task(&group).state, TaskState::Expired { .. }));
    let (woke, said_at) = (group.now, at("2026-11-25 08:20"));
    group.now = said_at;
    let message = Message { content: Content::text(MORNING), ..Message::default() };
    group.hear(Some(OWNER), EventKind::Message(Box::new(message)));
    group.now = woke;
    assert_eq!(task(&group).state, TaskState::Done { by: OWNER.into(), at: said_at });
}

#[test]
fn a_mass_send_is_seen_like_a_card() {
    let mut group = group("\"archive\"", "\"mass-send\", \"staff-task\"");
    if let Some(state) = group.memory.groups.get_mut(&GroupId::from(GROUP)) {
        state.kind = GroupKind::Customer;
    }
    due(&mut group, "2026-11-24 08:30");
    let [waiting] = &group.group().handed.0[..] else { panic!("{:?}", group.group().handed) };
    assert_eq!(waiting.handed.id(), PostDue { schedule: "morning".into(), occurrence: group.now }.name());
    group.until("2026-11-24 08:50");
    group.says(OWNER, MORNING);
    assert_eq!(times(&group, "pasted_scripts/post_seen"), 1);
    assert!(group.group().handed.is_empty());
}

#[test]
fn where_people_are_not_heard_nothing_is_waited_for() {
    let mut group = group("", "\"staff-task\"");
    due(&mut group, "2026-11-24 08:30");
    assert!(group.group().handed.is_empty() && group.memory.tasks.len() == 1);
}

fn post(number: i64, message: usize) -> HandedPost {
    let hour = |hours| Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours);
    HandedPost {
        handed: HandedAs::Task(format!("t{number}")),
        script: "morning".into(),
        message,
        at: hour(number),
        until: hour(number + 24),
    }
}

#[test]
fn the_last_one_before_is_taken() {
    let mut posts = HandedPosts::default();
    [post(1, 0), post(1, 1), post(3, 0), post(5, 0)].into_iter().for_each(|post| posts.add(post));
    let hour = |hours| Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours);
    assert_eq!(posts.take("morning", 0, hour(4)), Some(post(3, 0)));
    assert_eq!(posts.take("morning", 0, hour(4)), Some(post(1, 0)));
    assert_eq!(posts.take("morning", 0, hour(4)), None, "the fifth was handed over later");
    assert_eq!(posts.take("evening", 0, hour(6)), None);
    assert_eq!(posts.take("morning", 1, hour(6)), Some(post(1, 1)));
}

#[test]
fn what_is_long_over_is_forgotten_and_there_is_never_much() {
    let mut posts = HandedPosts::default();
    (0..100).for_each(|number| posts.add(post(number, 0)));
    assert_eq!(posts.0.len(), WAITING_AT_MOST);
    posts.add(post(1_000, 0));
    assert_eq!(posts.0, [post(1_000, 0)]);
}
