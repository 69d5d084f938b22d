//! What becomes of the outbox's rows, against a platform that answers as scripted.

use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::super::delivery::{Delivery, TRIES};
use super::*;
use crate::channels::wecom::client::scripted::{Answer, Platform, app, errcode, robot};
use crate::channels::wecom::hands::{Connections, Hands};
use crate::decision::{Act, Action, Part, TaskCard};
use crate::store::NewEvent;

const CHAT: &str = "/cgi-bin/appchat/send";
const PRIVATE: &str = "/cgi-bin/message/send";
const WEBHOOK: &str = "/cgi-bin/webhook/send";
/// The platform is busy; the same request may come again.
const BUSY: i64 = -1;

fn post_to(group: &str, text: &str) -> Action {
    let act = Act::Post { part: Part::text(text), mentions: Vec::new() };
    Action { group: Some(GroupId::from(group)), fallback: vec![webhook()], ..Action::new(appchat(), act) }
}

fn post(text: &str) -> Action {
    post_to(GROUP, text)
}

fn tell(text: &str) -> Action {
    let act = Act::Tell { to: MemberId::from("wang.min"), part: Part::text(text) };
    Action { group: None, hand: Hand::App { app: "assistant".into() }, fallback: Vec::new(), act, ..post("") }
}

fn ask() -> Action {
    let card = TaskCard {
        task_id: "t1-1".into(),
        title: "请移出这位成员".into(),
        why: "发广告".into(),
        rows: Vec::new(),
        paste: None,
        buttons: vec![("done".into(), "已处理".into())],
    };
    let act = Act::TaskCard { to: MemberId::from("wang.min"), card };
    Action::new(Hand::StaffTask { app: "assistant".into() }, act)
}

/// A delivery loop at work.
pub(super) struct Running {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Running {
    pub(super) async fn stop(self) {
        self.stop.send_replace(true);
        self.task.await.expect("it stops");
    }
}

impl House {
    pub(super) fn deliver(&self, platform: &Platform) -> Running {
        let connections =
            Connections { api_base: platform.base.clone(), apps: vec![app()], webhooks: vec![robot()] };
        let delivery = Delivery {
            reader: self.reader.clone(),
            intake: self.intake.clone(),
            hands: Arc::new(
                Hands::new(connections, "bot-scripts".into(), self.clock.clone()).expect("hands"),
            ),
            clock: self.clock.clone(),
            metrics: Arc::default(),
            bells: self.bells.clone(),
        };
        let (stop, stopped) = watch::channel(false);
        Running { stop, task: tokio::spawn(delivery.run(stopped)) }
    }

    /// Puts actions into the outbox, as those of an event of this key.
    async fn decide(&self, key: &str, actions: Vec<Action>) {
        let (event, now) = (event(key), self.clock.now());
        let add = move |batch: &store::Batch<'_>| {
            let signals = Signals::default();
            let new = NewEvent {
                event: &event,
                signals: &signals,
                changes: &[],
                reasons: &[],
                actions: &actions,
                heard_at: now,
                rules: "",
            };
            batch.add_event(&new).map(drop)
        };
        self.intake.write(add).await.expect("written");
        self.bells.outbox.notify_one();
    }

    pub(super) async fn all_ended(&self) {
        until("an empty outbox", || self.reader.outbox_open().expect("read") == 0).await;
    }

    /// Hand, state and attempts of every row, in order.
    fn rows(&self) -> Vec<(String, String, u32)> {
        let journal = self.reader.journal(0, None, 10_000).expect("read");
        let actions = journal.into_iter().flat_map(|entry| entry.actions);
        actions.map(|row| (row.action.hand.to_string(), row.state, row.attempts)).collect()
    }

    /// When a waiting row may be tried again.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        self.reader.next_due(self.clock.now()).expect("read")
    }
}

fn row(hand: Hand, state: &str, attempts: u32) -> (String, String, u32) {
    (hand.to_string(), state.to_owned(), attempts)
}

fn texts(platform: &Platform, path: &str) -> Vec<String> {
    let asked = platform.asked(path);
    asked
        .iter()
        .map(|asked| asked.json()["text"]["content"].as_str().unwrap_or_default().to_owned())
        .collect()
}

#[tokio::test]
async fn one_targets_rows_leave_in_order_and_hold_up_nobody_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let (house, platform) = (House::open(folder.path(), &clock()), Platform::start().await);
    platform.script(CHAT, [errcode(BUSY)]);
    house.decide("1", ["一", "二", "三"].map(post).to_vec()).await;
    let running = house.deliver(&platform);
    until("the first is to be tried again", || house.next_due().is_some()).await;
    house.decide("2", vec![post_to("wrOther", "别的群"), post("四")]).await;
    until("the other group is served", || platform.asked(CHAT).len() == 2).await;
    assert_eq!(texts(&platform, CHAT), ["一", "别的群"], "nothing overtakes what waits");
    house.move_clock(SignedDuration::from_secs(10));
    house.all_ended().await;
    assert_eq!(texts(&platform, CHAT), ["一", "别的群", "一", "二", "三", "四"]);
    running.stop().await;
    house.close().await;
}

#[tokio::test]
async fn what_fails_again_and_again_waits_longer_each_time_and_then_falls_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let (house, platform) = (House::open(folder.path(), &clock()), Platform::start().await);
    platform.script(CHAT, vec![errcode(BUSY); TRIES as usize]);
    house.decide("1", vec![post("到货了")]).await;
    let running = house.deliver(&platform);
    let mut pauses = Vec::new();
    for _ in 1..TRIES {
        until("the row waits", || house.next_due().is_some()).await;
        let pause = house.next_due().expect("waits").duration_since(house.clock.now());
        pauses.push(pause.as_secs() + 1);
        house.move_clock(pause);
    }
    house.all_ended().await;
    assert_eq!(texts(&platform, CHAT).len(), TRIES as usize);
    assert!(pauses.is_sorted() && pauses[0] >= 2, "{pauses:?}");
    assert!((15 * 60..30 * 60).contains(&pauses.iter().sum::<i64>()), "about 17 minutes: {pauses:?}");
    assert_eq!(texts(&platform, WEBHOOK), ["到货了"], "the next hand has it");
    assert_eq!(house.rows(), [row(appchat(), "failed", TRIES), row(webhook(), "done", 1)]);
    assert_eq!(house.keys(), ["1", "failed:1"]);
    running.stop().await;
    house.close().await;
}

#[tokio::test]
async fn what_is_a_day_late_is_not_sent_but_falls_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let (house, platform) = (House::open(folder.path(), &clock()), Platform::start().await);
    house.decide("1", vec![post("今天到货")]).await;
    house.move_clock(SignedDuration::from_hours(25));
    let running = house.deliver(&platform);
    house.all_ended().await;
    assert_eq!((platform.asked(CHAT).len(), platform.asked(WEBHOOK).len()), (0, 1));
    assert_eq!(house.rows(), [row(appchat(), "failed", 0), row(webhook(), "done", 1)]);
    running.stop().await;
    house.close().await;
}

#[tokio::test]
async fn what_will_never_work_falls_back_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let (house, platform) = (House::open(folder.path(), &clock()), Platform::start().await);
    platform.refuse(CHAT, 86008);
    platform.refuse(WEBHOOK, 93000);
    let person = Hand::StaffTask { app: "assistant".into() };
    house.decide("1", vec![Action { fallback: vec![webhook(), person.clone()], ..post("到货了") }]).await;
    // The group must be known for its owner to be asked.
    house.hear(said("2", "wu.ming", "你好")).await.expect("accepted");
    let running = house.deliver(&platform);
    until("both hands have failed", || house.keys().len() >= 4).await;
    house.all_ended().await;
    let hands: Vec<_> = house.rows().into_iter().map(|(hand, state, _)| format!("{hand} {state}")).collect();
    assert!(hands.contains(&"appchat:assistant failed".to_owned()), "{hands:?}");
    assert!(hands.contains(&"webhook:dealers failed".to_owned()), "{hands:?}");
    assert!(hands.contains(&format!("{person} done")), "{hands:?}");
    running.stop().await;
    house.close().await;
}

#[tokio::test]
async fn a_post_without_an_answer_is_in_doubt_and_a_private_message_comes_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = clock();
    let (house, platform) = (House::open(folder.path(), &clock), Platform::start().await);
    platform.script(CHAT, [Answer::Broken]);
    platform.script(PRIVATE, [Answer::Broken]);
    house.decide("1", vec![post("一"), tell("私"), post("二")]).await;
    let running = house.deliver(&platform);
    until("the private message waits", || house.next_due().is_some()).await;
    house.move_clock(SignedDuration::from_secs(10));
    house.all_ended().await;
    running.stop().await;
    house.close().await;

    let house = House::open(folder.path(), &clock);
    house.decide("2", vec![post("三")]).await;
    let running = house.deliver(&platform);
    house.all_ended().await;
    assert_eq!(texts(&platform, CHAT), ["一", "二", "三"]);
    assert_eq!(texts(&platform, PRIVATE), ["私", "私"]);
    let app = || Hand::App { app: "assistant".into() };
    let expected = [
        row(appchat(), "doubt", 1),
        row(app(), "done", 2),
        row(appchat(), "done", 1),
        row(appchat(), "done", 1),
    ];
    assert_eq!(house.rows(), expected);
    running.stop().await;
    house.close().await;
}

#[tokio::test]
async fn claims_of_a_killed_run_are_recovered_before_anything_is_sent() {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = clock();
    let (house, platform) = (House::open(folder.path(), &clock), Platform::start().await);
    house.decide("1", vec![post("一"), tell("私"), post("二")]).await;
    house.intake.write(|batch| batch.claim(1).and(batch.claim(2)).map(|_| ())).await.expect("claimed");
    house.close().await;

    let house = House::open(folder.path(), &clock);
    let running = house.deliver(&platform);
    house.all_ended().await;
    assert_eq!((texts(&platform, CHAT), texts(&platform, PRIVATE)), (vec!["二".into()], vec!["私".into()]));
    running.stop().await;
    house.close().await;
}

/// The platform recognises a repetition by its bytes; a card that only reads the same is refused for its
/// task id, and ops would be asked although the owner has the card.
#[tokio::test]
async fn a_card_without_an_answer_comes_again_byte_by_byte() {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = clock();
    let (house, platform) = (House::open(folder.path(), &clock), Platform::start().await);
    platform.script(PRIVATE, [Answer::Broken]);
    house.decide("1", vec![ask()]).await;
    let running = house.deliver(&platform);
    until("the card waits", || house.next_due().is_some()).await;
    running.stop().await;
    house.close().await;

    clock.set_offset(clock.offset() + SignedDuration::from_secs(10));
    let house = House::open(folder.path(), &clock);
    let running = house.deliver(&platform);
    house.all_ended().await;
    let asked = platform.asked(PRIVATE);
    assert_eq!((asked.len(), &asked[0].bytes), (2, &asked[1].bytes));
    assert_eq!(asked[0].json()["enable_duplicate_check"], 1);
    running.stop().await;
    house.close().await;
}

/// A full disk, for example: what has gone out is neither forgotten nor sent again, and when the
/// database works again, so does the group.
#[tokio::test]
async fn an_outcome_that_cannot_be_stored_is_stored_later() {
    let folder = tempfile::tempdir().expect("a folder");
    let (house, platform) = (House::open(folder.path(), &clock()), Platform::start().await);
    let database = rusqlite::Connection::open(folder.path().join(store::DATABASE)).expect("opens");
    let broken = "CREATE TRIGGER broken BEFORE UPDATE ON outbox WHEN NEW.state = 'done'
                  BEGIN SELECT RAISE(ABORT, 'no space'); END";
    database.execute_batch(broken).expect("broken");
    house.decide("1", vec![post("一"), post("二")]).await;
    let running = house.deliver(&platform);
    until("storing fails", || house.watch.health.report(0).status == "degraded").await;
    assert_eq!(texts(&platform, CHAT), ["一"]);
    database.execute_batch("DROP TRIGGER broken").expect("works again");
    house.all_ended().await;
    assert_eq!(texts(&platform, CHAT), ["一", "二"]);
    assert_eq!(house.rows(), [row(appchat(), "done", 1), row(appchat(), "done", 1)]);
    running.stop().await;
    house.close().await;
}

/// Finding what is due takes long when much waits. What ends meanwhile must not be done again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_ends_while_the_outbox_is_read_is_not_sent_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let (house, platform) = (House::open(folder.path(), &clock()), Platform::start().await);
    let (waiting, posts) = (4_000, 40);
    house
        .decide("waiting", (0..waiting).map(|number| post_to(&format!("wrW{number}"), "等")).collect())
        .await;
    let tomorrow = house.clock.now() + SignedDuration::from_hours(20);
    let postpone = move |batch: &store::Batch<'_>| {
        (1..=waiting).try_for_each(|id| batch.postpone(id, tomorrow, false, "wait"))
    };
    house.intake.write(postpone).await.expect("postponed");
    let running = house.deliver(&platform);
    let texts_sent: Vec<String> = (0..posts).map(|number| format!("第{number}条")).collect();
    for (number, text) in texts_sent.iter().enumerate() {
        house.decide(text, vec![post_to(&format!("wrP{number}"), text)]).await;
    }
    until("only the rest waits", || house.reader.outbox_open().expect("read") == waiting as u64).await;
    running.stop().await;
    let mut sent = texts(&platform, CHAT);
    sent.sort();
    let mut expected = texts_sent;
    expected.sort();
    assert_eq!(sent, expected);
    house.close().await;
}
