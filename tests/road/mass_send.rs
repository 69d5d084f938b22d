//! Mass sends over real HTTP: the outbox asks, the simulated owner taps, the journal knows who and when.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use zhanggui::decision::{
    Act, Action, Ear, Event, EventKey, EventKind, GroupKind, GroupSnapshot, Hand, MassSend, Part, PostName,
};
use zhanggui::rules::SendBudget;
use zhanggui::sim::world::CHAOYANG;
use zhanggui::store::JournalEntry;

use crate::support::office::{Office, Stage, until};

mod sold_out;

const ADD: &str = "externalcontact/add_msg_template";
const REMIND: &str = "externalcontact/remind_groupmsg_send";
const CANCEL: &str = "externalcontact/cancel_groupmsg_send";
const OWNER: &str = "wang.min";

fn minutes(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes)
}

/// A post as the rules plan it: reminders after 30, 60 and 90 minutes, ops after two hours, over after six.
fn post(stage: &Stage, group: &str, owner: &str, parts: Vec<Part>) -> Action {
    let at = |after| stage.clock.now() + minutes(after);
    let send = MassSend {
        owner: owner.into(),
        parts,
        post: PostName { id: "早安@1".into(), title: "早安问候".into(), region: "北京".into() },
        reminders: vec![at(30), at(60), at(90)],
        escalate_at: at(120),
        cancel_at: at(360),
        store: "chaoyang".into(),
        withdrawn: false,
    };
    let hand = Hand::MassSend { app: "assistant".into() };
    let fallback = vec![Hand::StaffTask { app: "assistant".into() }];
    let act = Act::MassSend(Box::new(send));
    Action { group: Some(group.into()), fallback, ..Action::new(hand, act) }
}

fn words() -> Vec<Part> {
    vec![Part::text("街坊们早安")]
}

/// The bot has read this group's details.
async fn know(office: &Office, stage: &Stage, group: &str, name: &str) {
    let snapshot = GroupSnapshot {
        kind: GroupKind::Customer,
        name: name.into(),
        owner: Some(OWNER.into()),
        ..GroupSnapshot::default()
    };
    let event = Event {
        key: EventKey::new(format!("know:{group}")),
        at: stage.clock.now(),
        ear: Ear::Sync,
        via: "test".into(),
        group: Some(group.into()),
        from: None,
        kind: EventKind::GroupSnapshot(Box::new(snapshot)),
        raw: None,
    };
    office.intake.submit(event, |_| Ok(())).await.expect("accepted");
}

/// Decides, and lets the time pass in which posts of one owner are gathered.
async fn decide(office: &Office, stage: &Stage, key: &str, actions: Vec<Action>) {
    office.decide(stage, key, actions).await;
    stage.pass_by(SignedDuration::from_secs(6));
    office.all_sent().await;
}

/// The mass sends that the owner sees, oldest first.
fn tasks(stage: &Stage) -> Vec<String> {
    stage.world().read(|state| {
        let mut sends: Vec<_> = state.mass_sends.values().collect();
        sends.sort_by_key(|send| send.made_at);
        sends.into_iter().map(|send| send.msgid.clone()).collect()
    })
}

async fn tap(stage: &Stage, msgid: &str) -> Value {
    stage.control(&format!("mass-sends/{msgid}/confirm"), json!({})).await
}

fn said(stage: &Stage, group: &str) -> Vec<(String, String)> {
    stage.world().read(|state| {
        let said = state.said.get(group).into_iter().flatten();
        said.map(|message| (message.kind.clone(), message.content.clone())).collect()
    })
}

/// Entries with this code of the feature `confirmations`.
fn entries(office: &Office, code: &str) -> Vec<JournalEntry> {
    let journal = office.reader.journal(0, None, usize::MAX).expect("read");
    let has = |entry: &JournalEntry| {
        entry.reasons.iter().any(|reason| reason.feature == "confirmations" && reason.code == code)
    };
    journal.into_iter().filter(has).collect()
}

async fn ended(office: &Office, code: &str, times: usize) -> Vec<JournalEntry> {
    until(&format!("{times} × {code}"), || entries(office, code).len() == times).await;
    entries(office, code)
}

/// How every action on its way ended: state and result.
fn results(office: &Office, key: &str) -> Vec<(String, String)> {
    let entry = office.reader.entry(key).expect("read").expect("an entry");
    entry.actions.into_iter().map(|action| (action.state, action.result.unwrap_or_default())).collect()
}

/// Nothing else was asked of the platform than this.
fn only(stage: &Stage, paths: &[&str]) {
    let calls: Vec<String> = stage.calls().into_iter().map(|(path, _)| path).collect();
    assert_eq!(calls, paths);
}

async fn another_group(stage: &Stage) -> String {
    make_group(stage, "山谷小铺朝阳店二群（示例）").await
}

async fn make_group(stage: &Stage, name: &str) -> String {
    let group = json!({"name": name, "kind": "customer", "owner": OWNER});
    let made = stage.control("groups", group).await;
    made["chat_id"].as_str().expect("an id").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_tap_of_the_owner_sends_a_post_with_its_picture_to_all_groups() {
    let stage = Stage::build().await;
    let office = stage.open();
    let second = another_group(&stage).await;
    let parts = vec![Part::text("街坊们早安"), stage.image()];
    let actions = [CHAOYANG, &second].map(|group| post(&stage, group, OWNER, parts.clone())).to_vec();
    decide(&office, &stage, "post", actions).await;
    let [msgid] = &tasks(&stage)[..] else { panic!("one task: {:?}", tasks(&stage)) };
    assert!(said(&stage, CHAOYANG).is_empty(), "nothing is sent before the owner taps");
    let waiting = ("done".to_owned(), format!("已建企业群发，等 {OWNER} 确认"));
    assert_eq!(results(&office, "post"), [waiting.clone(), waiting]);

    tap(&stage, msgid).await;
    let tapped = stage.clock.now();
    stage.pass_by(minutes(3));
    for entry in ended(&office, "sent", 2).await {
        assert_eq!(entry.event.from.as_ref().map(|from| from.as_str()), Some(OWNER));
        assert_eq!(entry.event.at.as_second(), tapped.as_second(), "when, not when we saw it");
    }
    for group in [CHAOYANG, &second] {
        let kinds: Vec<String> = said(&stage, group).into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(kinds, ["text", "image"]);
    }
    let sent = ("done".to_owned(), format!("{OWNER} 已确认发出"));
    assert_eq!(results(&office, "post"), [sent.clone(), sent]);
    only(&stage, &["media/upload", ADD]);
    office.close().await;
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_who_does_nothing_is_reminded_then_ops_is_told_once_then_it_is_withdrawn() {
    let stage = Stage::build().await;
    let office = stage.open();
    let second = another_group(&stage).await;
    know(&office, &stage, CHAOYANG, "福利群").await;
    know(&office, &stage, &second, "二群").await;
    // Two texts, so two tasks of one post: ops hears of both at once.
    let actions = vec![
        post(&stage, CHAOYANG, OWNER, words()),
        post(&stage, &second, OWNER, vec![Part::text("二群的街坊早安")]),
    ];
    decide(&office, &stage, "post", actions).await;
    let [first, other] = &tasks(&stage)[..] else { panic!("{:?}", tasks(&stage)) };
    for reminder in 1..=3 {
        stage.pass_by(minutes(30));
        until("the reminders", || stage.times(REMIND) == 2 * reminder).await;
    }
    tap(&stage, first).await;
    stage.pass_by(minutes(31));
    until("ops to be told", || !stage.told("lin.yun").is_empty()).await;
    ended(&office, "sent", 1).await;
    stage.pass_by(minutes(241));
    ended(&office, "too_late", 1).await;
    until("the withdrawal", || stage.times(CANCEL) == 1).await;
    let told = stage.told("lin.yun");
    assert_eq!(told.len(), 1);
    assert!(told[0].1.starts_with("「早安问候」（北京）还有 1 个群没发出"), "{told:?}");
    assert!(told[0].1.contains("二群（已提醒 3 次）") && !told[0].1.contains("福利群"), "{told:?}");
    assert_eq!(results(&office, "post")[1].1, format!("没有等到 {OWNER} 确认，已取消"));
    let withdrawn = stage.world().read(|state| state.mass_sends[other].cancelled_at.is_some());
    assert!(withdrawn, "nobody can send it any more");
    let expected = [&[ADD; 2][..], &[REMIND; 6], &["message/send", CANCEL]].concat();
    only(&stage, &expected);
    office.close().await;
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_whose_budget_members_have_used_up_is_recorded_as_full() {
    let stage = Stage::build().await;
    let office = stage.open();
    know(&office, &stage, CHAOYANG, "福利群").await;
    let own = json!({"sender": OWNER, "chats": [CHAOYANG], "content": "到货了", "times": 31});
    stage.control("mass-sends", own).await;
    let before = said(&stage, CHAOYANG).len();
    decide(&office, &stage, "post", vec![post(&stage, CHAOYANG, OWNER, words())]).await;
    let msgid = tasks(&stage).pop().expect("a task");
    tap(&stage, &msgid).await;
    stage.pass_by(minutes(3));
    ended(&office, "full", 1).await;
    until("ops to be told", || !stage.told("lin.yun").is_empty()).await;
    assert_eq!(said(&stage, CHAOYANG).len(), before, "the platform let nothing through");
    let group = office.reader.group(CHAOYANG).expect("read").expect("known");
    let today = stage.clock.now().to_zoned(jiff::tz::TimeZone::get("Asia/Shanghai").expect("a zone")).date();
    assert_eq!(group.mass_sent.left(SendBudget::Monthly, today), 0);
    assert!(stage.told("lin.yun")[0].1.contains("群发额度已经用完"), "{:?}", stage.told("lin.yun"));
    only(&stage, &[ADD, "message/send"]);
    office.close().await;
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tap_while_the_bot_is_down_is_found_after_the_restart() {
    let stage = Stage::build().await;
    let office = stage.open();
    decide(&office, &stage, "post", vec![post(&stage, CHAOYANG, OWNER, words())]).await;
    office.kill().await;
    tap(&stage, &tasks(&stage)[0]).await;
    stage.pass_by(minutes(50));
    let office = stage.open();
    ended(&office, "sent", 1).await;
    office.close().await;
    let office = stage.open();
    stage.pass_by(minutes(50));
    office.close().await;
    assert_eq!(said(&stage, CHAOYANG).len(), 1);
    only(&stage, &[ADD]);
    stage.close().await;
}

/// The platform has made the task and the bot does not know: it finds the task and makes no second one.
#[tokio::test(flavor = "multi_thread")]
async fn a_kill_between_asking_and_hearing_asks_for_nothing_twice() {
    let stage = Stage::build().await;
    let office = stage.open();
    stage.fault(ADD, "lost-answer").await;
    office.decide(&stage, "post", vec![post(&stage, CHAOYANG, OWNER, words())]).await;
    stage.pass_by(SignedDuration::from_secs(6));
    until("the asking", || stage.times(ADD) == 1).await;
    office.kill().await;

    let office = stage.open();
    until("the doubt", || results(&office, "post")[0].0 == "doubt").await;
    stage.pass_by(minutes(2));
    until("the finding", || results(&office, "post")[0].1.starts_with("核对到")).await;
    tap(&stage, &tasks(&stage)[0]).await;
    stage.pass_by(minutes(3));
    ended(&office, "sent", 1).await;
    only(&stage, &[ADD]);
    office.close().await;
    stage.close().await;
}

/// The request was lost on its way. It is not repeated, because nobody can be sure; ops hears of it once.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_platform_never_heard_of_is_told_to_ops() {
    let stage = Stage::build().await;
    let office = stage.open();
    know(&office, &stage, CHAOYANG, "福利群").await;
    stage.fault(ADD, "timeout").await;
    office.decide(&stage, "post", vec![post(&stage, CHAOYANG, OWNER, words())]).await;
    stage.pass_by(SignedDuration::from_secs(6));
    until("the asking", || stage.times(ADD) == 1).await;
    office.kill().await;

    let office = stage.open();
    for _ in 0..7 {
        let looked_at = office.reader.next_mass_send().expect("read");
        stage.pass_by(minutes(6));
        let now = stage.clock.now();
        let is_later = |next: Option<Timestamp>| next.is_none_or(|next| next > now);
        until("the look", || looked_at.is_none() || is_later(office.reader.next_mass_send().expect("read")))
            .await;
    }
    ended(&office, "lost", 1).await;
    until("ops to be told", || !stage.told("lin.yun").is_empty()).await;
    assert!(stage.told("lin.yun")[0].1.contains("不会自动重发"), "{:?}", stage.told("lin.yun"));
    only(&stage, &[ADD, "message/send"]);
    office.close().await;
    stage.close().await;
}

/// The platform refuses: li.na owns no group. The next hand is a person, who is asked for the same words.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_mass_send_comes_to_a_person() {
    let stage = Stage::build().await;
    let office = stage.open();
    know(&office, &stage, CHAOYANG, "山谷小铺朝阳店福利群（示例）").await;
    decide(&office, &stage, "post", vec![post(&stage, CHAOYANG, "li.na", words())]).await;
    let kinds = || stage.told(OWNER).into_iter().map(|(kind, _)| kind).collect::<Vec<_>>();
    until("the card", || kinds() == ["text", "card"]).await;
    assert_eq!(stage.told(OWNER)[0].1, "街坊们早安");
    assert!(office.reader.next_mass_send().expect("read").is_none(), "nothing is waited for");
    office.all_sent().await;
    only(&stage, &[ADD, "message/send", "message/send"]);
    office.close().await;
    stage.close().await;
}

/// The platform cannot be reached until the post is no longer worth sending: nobody gets it late, ops hears why.
#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_asked_for_in_time_is_not_asked_for_later() {
    let stage = Stage::build().await;
    let office = stage.open();
    know(&office, &stage, CHAOYANG, "福利群").await;
    stage.fault(ADD, "45009").await;
    office.decide(&stage, "post", vec![post(&stage, CHAOYANG, OWNER, words())]).await;
    stage.pass_by(SignedDuration::from_secs(6));
    until("the refusal", || stage.times(ADD) == 1).await;
    stage.pass_by(minutes(361));
    ended(&office, "too_late", 1).await;
    until("ops to be told", || !stage.told("lin.yun").is_empty()).await;
    assert!(stage.told("lin.yun")[0].1.contains("福利群"), "{:?}", stage.told("lin.yun"));
    assert_eq!(results(&office, "post")[0].0, "failed");
    office.all_sent().await;
    only(&stage, &[ADD, "message/send"]);
    assert!(tasks(&stage).is_empty());
    office.close().await;
    stage.close().await;
}
