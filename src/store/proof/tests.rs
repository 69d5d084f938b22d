use std::sync::Arc;

use tempfile::TempDir;

use super::*;
use crate::decision::{
    Act, Action, Change, Hand, HandedAs, MassSend, MemberId, MemberState, Part, PostName, PostOutcome,
    PostSeen, StaffTask, TaskCard, TaskState,
};
use crate::perception::Signals;
use crate::store::{NewEvent, RowState, Writer, open};

const OWNER: &str = "wang.min";

fn noon() -> Timestamp {
    "2026-11-23T12:00:00+08:00".parse().expect("a time")
}

fn minutes(minutes: i64) -> Timestamp {
    noon() + SignedDuration::from_mins(minutes)
}

struct House {
    writer: Writer,
    reader: Reader,
    _folder: TempDir,
}

impl House {
    /// One group in which the owner is called 王敏.
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (mut writer, reader) = open(folder.path()).expect("opens");
        let state = MemberState { name: Some("王敏".into()), ..MemberState::default() };
        let change =
            Change::Member { group: "wr1".into(), id: OWNER.into(), state: state.into(), lasting: true };
        writer.commit(|batch| batch.apply(&change)).expect("written");
        Self { writer, reader, _folder: folder }
    }

    /// The post falls due, with these actions; the first outbox row has the number 1.
    fn due(&mut self, actions: &[Action]) {
        let event = due().event("wr1".into(), noon());
        let signals = Signals::default();
        let new = NewEvent {
            event: &event,
            signals: &signals,
            changes: &[],
            reasons: &[],
            actions,
            heard_at: noon(),
            rules: "",
        };
        self.writer.commit(|batch| batch.add_event(&new)).expect("written");
    }

    fn write(&mut self, write: impl FnOnce(&crate::store::Batch<'_>) -> Result<()>) {
        self.writer.commit(write).expect("written");
    }

    fn course(&self) -> PostCourse {
        let mut records = self.reader.posts(Timestamp::MIN, Timestamp::MAX, None).expect("read");
        records.pop().expect("a post").course
    }
}

fn due() -> PostDue {
    PostDue { schedule: "noon".into(), occurrence: noon() }
}

fn card(task: &str) -> Action {
    let card = TaskCard {
        task_id: format!("{task}-1"),
        title: "请在群里发一段话".into(),
        why: String::new(),
        rows: Vec::new(),
        paste: Some(Box::new(Part::text("早安"))),
        buttons: Vec::new(),
    };
    let hand = Hand::StaffTask { app: "assistant".into() };
    let act = Act::TaskCard { to: OWNER.into(), card };
    Action { group: Some("wr1".into()), task: Some(task.into()), ..Action::new(hand, act) }
}

fn task(id: &str) -> Change {
    let act = Act::Post { part: Part::text("早安"), mentions: Vec::new() };
    Change::Task(Box::new(StaffTask {
        id: id.into(),
        group: Some("wr1".into()),
        app: "assistant".into(),
        assignee: OWNER.into(),
        escalated_to: None,
        title: "请在群里发一段话".into(),
        why: String::new(),
        rows: Vec::new(),
        paste: None,
        act,
        offer: None,
        case: None,
        opened_at: noon(),
        state: TaskState::Open,
    }))
}

fn seen(handed: HandedAs, minute: i64) -> Change {
    let by = MemberId::from(OWNER);
    let (group, name) = (GroupId::from("wr1"), "王敏".to_owned());
    Change::PostSeen(Box::new(PostSeen { handed, group, by, name, at: minutes(minute) }))
}

fn by_owner(minute: i64) -> Handing {
    Handing { name: "王敏".into(), at: minutes(minute) }
}

#[test]
fn a_card_is_handed_over_then_its_words_are_seen_and_nobody_has_tapped() {
    let mut house = House::new();
    house.due(&[card("t1")]);
    house.write(|batch| {
        batch.apply(&task("t1"))?;
        batch.end(1, RowState::Done, "", minutes(1))
    });
    let waiting = PostCourse {
        handed: Some(by_owner(1)),
        ..PostCourse::of(PostStatus::Asked { whom: "王敏".into() })
    };
    assert_eq!(house.course(), waiting);

    house.write(|batch| batch.apply(&seen(HandedAs::Task("t1".into()), 4)));
    let expected = PostCourse {
        outcome: PostStatus::PostedBy { name: "王敏".into(), at: minutes(4) },
        confirmed_at: None,
        delivered_at: Some(minutes(4)),
        seen: Some(by_owner(4)),
        ..waiting
    };
    assert_eq!(house.course(), expected);
    house.write(|batch| batch.apply(&seen(HandedAs::Task("t1".into()), 9)));
    assert_eq!(house.course(), expected, "what was seen first counts");
    let task = house.reader.task("t1").expect("read").expect("a task");
    assert_eq!(task.state, TaskState::Done { by: "王敏".into(), at: minutes(4) });
}

#[test]
fn tapped_and_seen_is_one_post_with_both_moments() {
    let mut house = House::new();
    house.due(&[card("t1")]);
    house.write(|batch| {
        let Change::Task(mut task) = task("t1") else { unreachable!() };
        task.state = TaskState::Done { by: "王敏".into(), at: minutes(6) };
        batch.apply(&Change::Task(task))?;
        batch.end(1, RowState::Done, "", minutes(1))?;
        batch.apply(&seen(HandedAs::Task("t1".into()), 4))
    });
    let course = house.course();
    assert_eq!(course.outcome, PostStatus::PostedBy { name: "王敏".into(), at: minutes(4) });
    assert_eq!((course.confirmed_at, course.delivered_at), (Some(minutes(6)), Some(minutes(4))));
    assert_eq!(house.reader.posts(Timestamp::MIN, Timestamp::MAX, None).expect("read").len(), 1);
}

/// Words and a picture: the picture is still to be forwarded.
#[test]
fn a_post_is_as_far_as_the_part_that_came_least_far() {
    let mut house = House::new();
    house.due(&[card("t1"), card("t2")]);
    house.write(|batch| {
        ["t1", "t2"].into_iter().try_for_each(|id| batch.apply(&task(id)))?;
        [1, 2].into_iter().try_for_each(|row| batch.end(row, RowState::Done, "", minutes(row)))?;
        batch.apply(&seen(HandedAs::Task("t1".into()), 4))
    });
    let course = house.course();
    assert_eq!(course.outcome, PostStatus::Asked { whom: "王敏".into() });
    assert_eq!((course.delivered_at, course.seen), (None, Some(by_owner(4))));
    assert_eq!(course.handed, Some(by_owner(1)));
}

#[test]
fn a_mass_send_is_told_by_the_owners_name_and_seen_in_its_group() {
    let mut house = House::new();
    let send = MassSend {
        owner: OWNER.into(),
        parts: vec![Part::text("早安")],
        post: PostName { id: due().name(), title: "午间".into(), region: String::new() },
        reminders: Vec::new(),
        escalate_at: minutes(120),
        cancel_at: minutes(360),
        store: String::new(),
        withdrawn: false,
    };
    let app: Arc<str> = "assistant".into();
    let act = Act::MassSend(Box::new(send.clone()));
    house.due(&[Action {
        group: Some("wr1".into()),
        ..Action::new(Hand::MassSend { app: app.clone() }, act)
    }]);
    let mut row = MassSendRow {
        id: 1,
        app,
        send,
        groups: vec![GroupOfSend {
            id: "wr1".into(),
            row: 1,
            outcome: None,
            store: String::new(),
            withdrawn: false,
        }],
        asked_at: minutes(1),
        next_at: minutes(2),
        msgid: Some("m1".into()),
        confirmed_at: None,
        reminded: 0,
        looked: 0,
        told: false,
        ended: false,
    };
    house.write(|batch| batch.put_mass_send(&row));
    assert_eq!(house.course().outcome, PostStatus::Asked { whom: "王敏".into() });
    assert_eq!(house.course().handed, Some(by_owner(1)));

    row.confirmed_at = Some(minutes(5));
    row.groups[0].outcome = Some(PostOutcome::Sent);
    house.write(|batch| batch.put_mass_send(&row));
    let sent = house.course();
    assert_eq!(sent.outcome, PostStatus::PostedBy { name: "王敏".into(), at: minutes(5) });
    assert_eq!((sent.confirmed_at, sent.delivered_at, sent.seen), (Some(minutes(5)), Some(minutes(5)), None));

    house.write(|batch| batch.apply(&seen(HandedAs::MassSend(due().name()), 5)));
    assert_eq!(house.course().seen, Some(by_owner(5)));
    house.write(|batch| batch.forget_tasks_and_uses(minutes(6)));
    assert_eq!(house.course().seen, None, "forgotten with everything of its time");
}
