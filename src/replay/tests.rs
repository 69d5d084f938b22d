use std::path::Path;

use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::decision::{
    Act, Action, Content, Ear, Event, EventKey, EventKind, GroupChange, GroupId, GroupSnapshot, MemberId,
    Memory, Message, SnapshotMember,
};
use crate::files::folder;
use crate::perception::Signals;
use crate::rules::{Rulebook, compile};

const GROUP: &str = "wr-dealers";
const AD: &str = "兼职日结300，加V：abc12345";

/// The example brand with some words of its files replaced.
fn rules(changes: &[(&str, &str, &str)]) -> Rulebook {
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
    let mut sources = folder::read(&config, &folder::scripts_of(&config));
    for (name, from, to) in changes {
        let file = sources.files.iter_mut().find(|file| file.name == *name).expect("a file of the example");
        assert!(file.text.contains(from), "{name} says {from:?} no more");
        file.text = file.text.replace(from, to).into();
    }
    compile(&sources).expect("good files").rulebook
}

fn at(seconds: i64) -> Timestamp {
    let start: Timestamp = "2026-11-21T09:00:00+08:00".parse().expect("a time");
    start + SignedDuration::from_secs(seconds)
}

fn event(seconds: i64, ear: Ear, from: Option<&str>, kind: EventKind) -> Event {
    Event {
        key: EventKey::new(format!("{}:{seconds}", ear.as_str())),
        at: at(seconds),
        ear,
        via: "test".into(),
        group: Some(GroupId::from(GROUP)),
        from: from.map(MemberId::from),
        kind,
        raw: None,
    }
}

fn says(seconds: i64, from: &str, text: &str) -> Event {
    let message = Message { content: Content::text(text), ..Message::default() };
    event(seconds, Ear::GroupRobot, Some(from), EventKind::Message(Box::new(message)))
}

fn asks(seconds: i64, from: &str, text: &str) -> Event {
    let message = Message { content: Content::text(text), private: true, ..Message::default() };
    Event { group: None, ..event(seconds, Ear::App, Some(from), EventKind::Message(Box::new(message))) }
}

fn joins(seconds: i64, who: &str) -> Event {
    let change = GroupChange::MembersAdded { members: vec![MemberId::from(who)], scene: None };
    event(seconds, Ear::Sync, None, EventKind::GroupChanged(change))
}

/// The dealers' group as read from the platform, so that its rules are found by its name.
fn is_read(seconds: i64) -> Event {
    let member = |id: &str, name: &str, corp_member| SnapshotMember {
        id: MemberId::from(id),
        name: Some(name.to_owned()),
        corp_member,
        joined_at: None,
        state: None,
    };
    let snapshot = GroupSnapshot {
        name: "经销商一群".into(),
        owner: Some(MemberId::from("lin.yun")),
        members: vec![member("lin.yun", "林云", true), member("wu.ming", "吴鸣", false)],
        ..GroupSnapshot::default()
    };
    event(seconds, Ear::Sync, None, EventKind::GroupSnapshot(Box::new(snapshot)))
}

fn heard(events: Vec<Event>) -> Vec<Heard> {
    let heard = |(event, seq): (Event, i64)| Heard { seq, heard_at: event.at, event };
    events.into_iter().zip(1..).map(heard).collect()
}

fn signals(rules: &Rulebook, event: &Event) -> Signals {
    match &event.kind {
        EventKind::Message(message) => rules.perceiver.perceive(&message.content.text),
        _ => Signals::default(),
    }
}

fn differences(events: Vec<Event>, record: &Record, before: &Rulebook, after: &Rulebook) -> Vec<Difference> {
    let (mut old, mut new) = (Run::new(before, Memory::default()), Run::new(after, Memory::default()));
    let mut comparison = Comparison::default();
    for one in heard(events) {
        let old = old.hear(&one, &signals(before, &one.event), record);
        let new = new.hear(&one, &signals(after, &one.event), record);
        comparison.add(&old, &new);
    }
    comparison.finish()
}

/// Kind, turn, and the words before and after.
fn told(differences: &[Difference]) -> Vec<(DeedKind, Turn)> {
    differences.iter().filter_map(|one| Some((one.deed()?.key.kind, one.turn))).collect()
}

fn two_ads() -> Vec<Event> {
    vec![
        is_read(0),
        says(10, "wu.ming", AD),
        says(60, "wu.ming", "刷单日结500，加V：abc12345"),
        says(90_000, "a", "早"),
    ]
}

#[test]
fn the_same_files_make_no_difference() {
    let rules = rules(&[]);
    assert!(differences(two_ads(), &Record::default(), &rules, &rules).is_empty());
}

#[test]
fn a_kick_that_is_lost_takes_its_line_along_and_tells_why() {
    let (before, after) = (
        rules(&[]),
        rules(&[("config/profiles/dealers.toml", "[welcome]", "[moderation]\nact_at = 9\n[welcome]")]),
    );
    let lost = differences(two_ads(), &Record::default(), &before, &after);
    assert_eq!(
        told(&lost),
        [
            (DeedKind::Kick, Turn::Lost),
            (DeedKind::Warning, Turn::Lost),
            (DeedKind::Line, Turn::Lost),
            // What is not enough to act upon is shown to a person.
            (DeedKind::Question, Turn::Gained),
        ]
    );
    let kick = lost[0].before.as_ref().expect("it was");
    assert_eq!(kick.who.as_ref().map(|who| who.name.as_str()), Some("吴鸣"));
    assert!(kick.said.starts_with("刷单日结") && kick.why.contains("判为广告"), "{kick:?}");
    assert!(lost[0].instead.contains("可疑"), "{}", lost[0].instead);

    let gained = differences(two_ads(), &Record::default(), &after, &before);
    assert_eq!(
        told(&gained).iter().filter(|(_, turn)| *turn == Turn::Gained).count(),
        3,
        "and the other way"
    );
}

#[test]
fn a_longer_window_moves_the_welcome() {
    let (before, after) =
        (rules(&[]), rules(&[("config/profiles/base.toml", "window = \"30s\"  ", "window = \"2m\"  ")]));
    let events = vec![is_read(0), joins(10, "qian.hai"), says(3600, "a", "早")];
    let moved = differences(events, &Record::default(), &before, &after);
    assert_eq!(told(&moved), [(DeedKind::Welcome, Turn::Moved)]);
    let times = [&moved[0].before, &moved[0].after].map(|deed| deed.as_ref().expect("both").at);
    assert_eq!(times, [at(40), at(130)]);
}

#[test]
fn a_script_says_something_else() {
    let change = ("bot-scripts/greeting/daily.toml", "开门了", "已经开门啦");
    let changed =
        differences(vec![asks(0, "li.na", "早安")], &Record::default(), &rules(&[]), &rules(&[change]));
    assert_eq!(told(&changed), [(DeedKind::Answer, Turn::Changed)]);
    let words = |deed: &Option<Deed>| deed.as_ref().and_then(|deed| deed.text.clone()).expect("words");
    assert!(words(&changed[0].before).contains("开门了") && words(&changed[0].after).contains("已经开门啦"));
}

/// The warning failed in reality: it would have failed with other words, too, and a person is asked.
fn failed_warning(rules: &Rulebook) -> (Vec<Event>, Record) {
    let mut events = vec![is_read(0), says(10, "wu.ming", AD)];
    let mut run = Run::new(rules, Memory::default());
    let decided: Vec<Decided> = heard(events.clone())
        .iter()
        .flat_map(|one| run.hear(one, &signals(rules, &one.event), &Record::default()))
        .collect();
    let post = |action: &&Action| matches!(action.act, Act::Post { .. });
    let action = decided.iter().flat_map(|one| &one.actions).find(post).expect("a warning").clone();
    let failed =
        EventKind::ActionFailed { id: 1, action: Box::new(action.clone()), why: "群已解散".into() };
    events.push(event(12, Ear::Delivery, None, failed));
    events.push(says(90_000, "a", "早"));
    let mut record = Record::default();
    record.outcomes.insert(2, vec![StoredOutcome { seq: 3, action }]);
    (events, record)
}

#[test]
fn an_outcome_belongs_to_the_action_that_each_version_took() {
    let before = rules(&[]);
    let (events, record) = failed_warning(&before);
    let after = rules(&[("bot-scripts/moderation/order.toml", "这个群不发外面的广告", "外面的广告别发这里")]);
    let changed = differences(events.clone(), &record, &before, &after);
    let words: Vec<&str> = changed.iter().filter_map(|one| one.after.as_ref()?.text.as_deref()).collect();
    assert_eq!(words.len(), 2, "the post, and the card that followed its failure: {changed:#?}");
    assert!(words.iter().all(|text| text.contains("外面的广告别发这里")), "{words:?}");

    let silent =
        rules(&[("config/profiles/dealers.toml", "[welcome]", "[moderation]\noff = true\n[welcome]")]);
    let lost = differences(events, &record, &before, &silent);
    assert!(lost.iter().all(|one| one.turn == Turn::Lost), "what was not tried cannot fail: {lost:#?}");
}

#[test]
fn a_task_that_only_one_version_opens_is_done_at_once() {
    // Without appchat everything becomes a card; nobody can know who would have tapped it.
    let change = ("config/groups/10-dealers.toml", "[\"appchat\", \"staff-task\"]", "[\"staff-task\"]");
    let changed = differences(two_ads(), &Record::default(), &rules(&[]), &rules(&[change]));
    assert!(!told(&changed).iter().any(|(kind, _)| *kind == DeedKind::Reminder), "{changed:#?}");
    assert!(told(&changed).contains(&(DeedKind::Kick, Turn::Changed)), "{changed:#?}");
}

fn report(anonymous: bool) -> Report {
    let (before, after) = (
        rules(&[]),
        rules(&[("config/profiles/dealers.toml", "[welcome]", "[moderation]\nact_at = 9\n[welcome]")]),
    );
    let mut events = two_ads();
    events[1] = says(10, "wu.ming", &format!("{AD}，找 吴鸣 *详聊*"));
    let differences = differences(events, &Record::default(), &before, &after);
    let summary = Summary {
        proposed: "config".into(),
        against: "HEAD".into(),
        since: at(0),
        until: at(90_000),
        events: 4,
        deeds_before: 3,
        deeds_after: 0,
    };
    let report = Report { summary, differences, timezone: before.timezone.clone() };
    if anonymous { report.anonymous() } else { report }
}

#[test]
fn the_report_is_for_reviewers_and_for_programs() {
    let markdown = report(false).text(Style::Markdown);
    assert!(markdown.starts_with("## 重放"), "{markdown}");
    assert!(
        markdown.contains("| 移出 | 0 | 1 | 0 | 0 |") && markdown.contains("### 移出：1 处不同"),
        "{markdown}"
    );
    assert!(markdown.contains("吴鸣：「兼职日结300") && markdown.contains("\\*详聊\\*"), "{markdown}");
    let json = report(false).json();
    assert_eq!(json["differences"][0]["name"], "吴鸣");
    assert_eq!(json["counts"]["kick"]["lost"], 1);
}

#[test]
fn names_can_be_hidden_everywhere() {
    let report = report(true);
    let all = format!("{}{}", report.text(Style::Plain), report.json());
    assert!(all.contains("成员1") && !all.contains("吴鸣") && !all.contains("wu.ming"), "{all}");
}

#[test]
fn a_report_without_differences_says_so() {
    let report = Report { differences: Vec::new(), ..report(false) };
    assert!(report.text(Style::Plain).contains("没有任何不同"));
}
