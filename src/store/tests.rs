use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

use super::*;
use crate::decision::{
    Act, Action, Change, Ear, Event, EventKey, EventKind, GroupId, GroupState, Hand, MemberId, MemberState,
    Part, Reason, Timer, TimerKind,
};
use crate::perception::Signals;

fn now() -> Timestamp {
    "2026-11-21T09:00:00+08:00".parse().expect("a time")
}

fn later(seconds: i64) -> Timestamp {
    now() + SignedDuration::from_secs(seconds)
}

fn opened() -> (TempDir, Writer, Reader) {
    let folder = tempfile::tempdir().expect("a folder");
    let (writer, reader) = open(folder.path()).expect("opens");
    (folder, writer, reader)
}

fn event(key: &str) -> Event {
    Event {
        key: EventKey::from(key),
        at: now(),
        ear: Ear::GroupRobot,
        via: "robot".into(),
        group: Some(GroupId::from("wr-1")),
        from: Some(MemberId::from("wu.ming")),
        kind: EventKind::EnteredChat,
        raw: None,
    }
}

fn post(group: &str, text: &str) -> Action {
    let app: Arc<str> = "assistant".into();
    let act = Act::Post { part: Part::text(text), mentions: Vec::new() };
    Action { group: Some(GroupId::from(group)), ..Action::new(Hand::Appchat { app }, act) }
}

fn remove(group: &str) -> Action {
    Action { act: Act::Remove { member: MemberId::from("wu.ming") }, ..post(group, "") }
}

fn add(writer: &mut Writer, key: &str, actions: &[Action]) -> i64 {
    let (event, signals) = (event(key), Signals::default());
    let reasons = [Reason::new("core", "test", "试一试")];
    let new = NewEvent {
        event: &event,
        signals: &signals,
        changes: &[],
        reasons: &reasons,
        actions,
        heard_at: now(),
        rules: "",
    };
    writer.commit(|batch| batch.add_event(&new)).expect("stored").expect("a new key")
}

#[test]
fn an_event_is_kept_with_reasons_and_actions() {
    let (_folder, mut writer, reader) = opened();
    add(&mut writer, "robot:1", &[post("wr-1", "您好"), remove("wr-1")]);
    let journal = reader.journal(0, None, 10).expect("read");
    assert_eq!(journal.len(), 1);
    assert_eq!(journal[0].event, event("robot:1"));
    assert_eq!(journal[0].reasons[0].text, "试一试");
    assert_eq!(
        journal[0].actions.iter().map(|action| action.state.as_str()).collect::<Vec<_>>(),
        ["pending"; 2]
    );
    assert_eq!(reader.why("1").expect("read").len(), 1, "found by the end of its key");
    assert_eq!(reader.why("robot:1").expect("read").len(), 1, "found by its key");
    assert!(reader.why("obot:1").expect("read").is_empty(), "a part of a word is no id");
    assert!(reader.why("%").expect("read").is_empty(), "an id is no pattern");
}

#[test]
fn a_second_row_for_one_key_is_impossible() {
    let (_folder, mut writer, reader) = opened();
    add(&mut writer, "robot:1", &[]);
    let (event, signals) = (event("robot:1"), Signals::default());
    let changes = [Change::Group(GroupState::new(GroupId::from("wr-1"), now()).into())];
    let actions = [post("wr-1", "您好")];
    let (reasons, heard_at) = (&[], now());
    let again = NewEvent {
        event: &event,
        signals: &signals,
        changes: &changes,
        reasons,
        actions: &actions,
        heard_at,
        rules: "",
    };
    assert_eq!(writer.commit(|batch| batch.add_event(&again)).expect("read"), None);
    let journal = reader.journal(0, None, 10).expect("read");
    assert_eq!((journal.len(), journal[0].actions.len()), (1, 0));
    assert_eq!(reader.group("wr-1").expect("read"), None);
}

#[test]
fn what_fails_leaves_nothing_behind() {
    let (_folder, mut writer, reader) = opened();
    let group = GroupState::new(GroupId::from("wr-1"), now());
    let failed: Result<()> = writer.commit(|batch| {
        batch.apply(&Change::Group(group.clone().into()))?;
        batch.set_archive_cursor("ww1", 7)?;
        Err(StoreError::Newer { found: 2, known: 1 })
    });
    assert!(failed.is_err());
    assert!(reader.group("wr-1").expect("read").is_none());
    assert_eq!(reader.archive_cursor("ww1").expect("read"), 0);
}

#[test]
fn memory_comes_back_as_it_was_written() {
    let (_folder, mut writer, reader) = opened();
    let group = GroupState { name: "福利群".into(), ..GroupState::new(GroupId::from("wr-1"), now()) };
    let member = MemberState { strikes: vec![now()], ..MemberState::default() };
    let (id, who) = (group.id.clone(), MemberId::from("wu.ming"));
    writer
        .commit(|batch| {
            batch.apply(&Change::Group(group.clone().into()))?;
            batch.apply(&Change::Member {
                group: id.clone(),
                id: who.clone(),
                state: member.clone().into(),
                lasting: true,
            })
        })
        .expect("written");
    assert_eq!(reader.group("wr-1").expect("read"), Some(group));
    let read = writer.commit(|batch| Ok((batch.member(&id, &who)?, batch.members(&id)?))).expect("read");
    assert_eq!(read, (Some(member.clone()), vec![(who, member)]));
}

#[test]
fn rows_of_one_target_leave_in_order() {
    let (_folder, mut writer, reader) = opened();
    add(&mut writer, "1", &[post("wr-1", "一"), post("wr-1", "二"), post("wr-2", "三")]);
    let ids =
        |at| reader.due_rows(Rank::Reply, at, 10).expect("read").iter().map(|row| row.id).collect::<Vec<_>>();
    assert_eq!(ids(now()), [1, 3], "the head of each queue");
    writer.commit(|batch| batch.claim(1)).expect("claimed");
    assert_eq!(ids(now()), [3], "nothing overtakes a row on its way");
    writer.commit(|batch| batch.postpone(1, later(60), true, "busy")).expect("postponed");
    assert_eq!(ids(now()), [3], "nor one that waits");
    assert_eq!(reader.next_due(now()).expect("read"), Some(later(60)));
    assert_eq!(ids(later(60)), [1, 3]);
    writer.commit(|batch| batch.end(1, RowState::Done, "", later(61))).expect("ended");
    assert_eq!(ids(later(61)), [2, 3]);
    assert_eq!(reader.outbox_open().expect("read"), 2);
    let sent = reader.sent_since(later(60)).expect("read");
    assert_eq!(sent, [(later(61), post("wr-1", "一"))]);
}

/// Counter and index are what keep delivery's questions cheap however many rows wait.
#[test]
fn the_number_of_open_rows_is_kept_right() {
    let (folder, mut writer, reader) = opened();
    let database = rusqlite::Connection::open(folder.path().join(DATABASE)).expect("opens");
    let counted = || -> u64 {
        let sql = "SELECT count(*) FROM outbox WHERE state IN ('pending', 'sending')";
        database.query_row(sql, [], |row| row.get::<_, u32>(0)).expect("counted").into()
    };
    let answer = Action { hand: Hand::Answer, act: Act::Answer { text: "早".into() }, ..post("wr-1", "") };
    add(&mut writer, "1", &[post("wr-1", "一"), post("wr-2", "二"), answer, post("wr-3", "三")]);
    assert_eq!((reader.outbox_open().expect("read"), counted()), (3, 3));
    writer.commit(|batch| batch.claim(1).and_then(|_| batch.claim(2))).expect("claimed");
    writer.commit(|batch| batch.postpone(1, later(60), true, "busy")).expect("postponed");
    writer.commit(|batch| batch.end(2, RowState::Done, "", later(1))).expect("ended");
    writer.commit(|batch| batch.end(2, RowState::Failed, "", later(2))).expect("ended again");
    assert_eq!((reader.outbox_open().expect("read"), counted()), (2, 2));
    writer.commit(|batch| batch.recover_claims(later(3))).expect("recovered");
    writer.commit(|batch| batch.forget(later(9), 100)).expect("forgotten");
    assert_eq!((reader.outbox_open().expect("read"), counted()), (2, 2));

    let plan = "EXPLAIN QUERY PLAN SELECT min(next_at) FROM outbox WHERE state = 'pending' AND next_at > 1";
    let plan: String = database.query_row(plan, [], |row| row.get(3)).expect("planned");
    assert!(plan.contains("outbox_waiting"), "{plan}");
}

#[test]
fn what_has_a_deadline_leaves_before_everything_that_waits() {
    let (_folder, mut writer, reader) = opened();
    let posts: Vec<Action> = (0..300).map(|number| post(&format!("wr-{number}"), "早")).collect();
    add(&mut writer, "1", &posts);
    let act = Act::WelcomeContact { contact: "wm-1".into(), code: "CODE".into(), parts: Vec::new() };
    let hand = Hand::App { app: "assistant".into() };
    let welcome = Action { until: Some(later(20)), ..Action::new(hand, act) };
    add(&mut writer, "2", std::slice::from_ref(&welcome));
    let due = |rank| reader.due_rows(rank, later(1), 2).expect("read");
    let urgent = due(Rank::Urgent);
    assert_eq!((urgent.len(), &urgent[0].action), (1, &welcome));
    assert_eq!(due(Rank::Reply)[0].id, 1);
}

#[test]
fn waiting_for_the_platform_counts_no_attempt() {
    let (_folder, mut writer, reader) = opened();
    add(&mut writer, "1", &[post("wr-1", "一")]);
    let attempts = || reader.due_rows(Rank::Reply, later(1), 1).expect("read")[0].attempts;
    for (counts, expected) in [(false, 0), (true, 1), (false, 1)] {
        writer.commit(|batch| batch.claim(1)).expect("claimed");
        writer.commit(|batch| batch.postpone(1, now(), counts, "")).expect("postponed");
        assert_eq!(attempts(), expected);
    }
}

#[test]
fn after_a_crash_a_post_is_not_repeated_and_a_removal_is() {
    let (folder, mut writer, reader) = opened();
    add(&mut writer, "1", &[post("wr-1", "一"), remove("wr-2"), post("wr-3", "二")]);
    writer.commit(|batch| batch.claim(1).and_then(|_| batch.claim(2))).expect("claimed");
    drop((writer, reader));
    let (mut writer, reader) = open(folder.path()).expect("opens again");
    let doubtful = writer.commit(|batch| batch.recover_claims(now())).expect("recovered");
    assert_eq!(doubtful, [1]);
    let states: Vec<String> = reader
        .journal(0, None, 1)
        .expect("read")
        .remove(0)
        .actions
        .into_iter()
        .map(|action| action.state)
        .collect();
    assert_eq!(states, ["doubt", "pending", "pending"]);
}

#[test]
fn the_answer_to_a_callback_is_given_again() {
    let (_folder, mut writer, _reader) = opened();
    let act = Act::Answer { text: "早安".into() };
    add(&mut writer, "1", &[Action { hand: Hand::Answer, act, ..post("wr-1", "") }]);
    assert_eq!(writer.commit(|batch| batch.answer_to("1")).expect("read").as_deref(), Some("早安"));
}

#[test]
fn a_timer_fires_once_unless_it_was_set_anew() {
    let (_folder, mut writer, reader) = opened();
    let timer = |due| Timer {
        key: "welcome:wr-1".into(),
        due,
        kind: TimerKind::Welcome,
        group: None,
        subject: String::new(),
    };
    writer.commit(|batch| batch.apply(&Change::SetTimer(timer(now())))).expect("set");
    assert_eq!(reader.due_timers(now(), 10).expect("read"), [timer(now())]);
    writer.commit(|batch| batch.apply(&Change::SetTimer(timer(later(30))))).expect("set anew");
    writer.commit(|batch| batch.timer_fired("welcome:wr-1", now())).expect("the old one fired");
    assert_eq!(reader.next_timer().expect("read"), Some(later(30)));
    writer.commit(|batch| batch.timer_fired("welcome:wr-1", later(30))).expect("fired");
    assert_eq!(reader.next_timer().expect("read"), None);
}

#[test]
fn the_archive_cursor_never_goes_back() {
    let (_folder, mut writer, reader) = opened();
    for seq in [5, 3] {
        writer.commit(|batch| batch.set_archive_cursor("ww1", seq)).expect("written");
    }
    assert_eq!(reader.archive_cursor("ww1").expect("read"), 5);
    assert_eq!(reader.archive_cursor("ww2").expect("read"), 0);
}

#[test]
fn one_program_at_a_time() {
    let (folder, writer, _reader) = opened();
    assert!(matches!(open(folder.path()), Err(StoreError::InUse { .. })));
    drop(writer);
    open(folder.path()).expect("free again");
}

#[test]
fn a_newer_database_is_left_alone() {
    let (folder, writer, _reader) = opened();
    drop(writer);
    let connection = rusqlite::Connection::open(folder.path().join(DATABASE)).expect("opens");
    connection.pragma_update(None, "user_version", 999).expect("written");
    assert!(matches!(open(folder.path()), Err(StoreError::Newer { found: 999, .. })));
}
