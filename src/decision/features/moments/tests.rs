use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::decision::event::{Ear, Event, EventKey, MemberId};
use crate::decision::{
    Action, Change, Decision, Memory, MomentFigures, MomentNotMade, MomentPerson, MomentTask, PersonState,
    decide,
};
use crate::files::{Look, SourceFile, Sources, render};
use crate::perception::Signals;
use crate::rules::{Rulebook, compile, samples};

const STORES: &str = r#"
[[store]]
id = "chaoyang"
name = "朝阳店"
region = "北京"
owner = "wang.min"
staff = ["li.na"]

[[store]]
id = "hexi"
name = "河西店"
region = "天津"
owner = "chen.fang"
staff = ["zhou.qi", "li.na"]
"#;

const SCRIPTS: &str = r#"
[[script]]
id = "unloading"
title = "卸货的早上"
[[script.message]]
kind = "text"
text = "早上卸货，车开走了，门口落了两片叶子。"

[[script]]
id = "lamp"
title = "门口的灯"
[[script.ask]]
name = "weather"
label = "今天什么天？"
choices = ["下雨", "下雪"]
[[script.message]]
kind = "text"
text = "{{ weather }}，我把{{ store.name }}门口的灯早开了一会儿。"

[[script]]
id = "beijing"
title = "北京的雪"
regions = ["北京"]
[[script.message]]
kind = "text"
text = "下雪了。"

[[script]]
id = "old"
title = "去年的"
valid = { to = 2025-01-01 }
[[script.message]]
kind = "text"
text = "去年的雪。"

[[script]]
id = "menu"
title = "菜单"
[[script.message]]
kind = "markdown"
text = "**菜单**"

[[script]]
id = "greeting"
title = "早安"
scene = "greeting"
[[script.message]]
kind = "text"
text = "早安。"
"#;

fn rules() -> Rulebook {
    let file = |name: &str, text: &str| SourceFile::new(name, text);
    let sources = Sources::new(vec![
        file("config/zhanggui.toml", samples::SERVER),
        file("config/stores.toml", STORES),
        file("bot-scripts/moments/daily.toml", SCRIPTS),
    ]);
    let compiled = compile(&sources);
    compiled.unwrap_or_else(|mistakes| panic!("{}", render(&mistakes, Look::Plain))).rulebook
}

fn now() -> Timestamp {
    "2026-11-22T19:00:00+08:00".parse().expect("a time")
}

fn order(script: &str) -> MomentOrder {
    MomentOrder {
        moment: "m-1".into(),
        script: script.into(),
        stores: Vec::new(),
        regions: Vec::new(),
        staff: Vec::new(),
        at_most: None,
        answers: BTreeMap::new(),
        deadline: SignedDuration::from_hours(24),
        remind_after: Some(SignedDuration::from_hours(4)),
    }
}

fn happens(memory: &Memory, kind: EventKind) -> Decision {
    let event = Event {
        key: EventKey::from("e"),
        at: now(),
        ear: Ear::Operator,
        via: "control".into(),
        group: None,
        from: Some(MemberId::from("lin.yun")),
        kind,
        raw: None,
    };
    let signals = Signals::default();
    decide(&memory.load(&event, &signals), &event, &signals, &rules(), now())
}

fn sends(order: MomentOrder) -> (Vec<MomentTask>, Vec<(String, String)>) {
    let decision = happens(&Memory::default(), EventKind::Moment(Box::new(MomentRequest::Send(order))));
    let task = |action: Action| match action.act {
        Act::Moment(task) => *task,
        other => panic!("{other:?}"),
    };
    let reasons = decision.reasons.into_iter().filter(|reason| reason.feature == NAME);
    let reasons = reasons.map(|reason| (reason.code.to_string(), reason.text)).collect();
    (decision.actions.into_iter().map(task).collect(), reasons)
}

fn people(task: &MomentTask) -> Vec<&str> {
    task.people.iter().map(|person| person.id.as_str()).collect()
}

#[test]
fn the_same_words_for_everybody_are_one_task_and_nobody_is_reminded_at_night() {
    let (tasks, reasons) = sends(order("unloading"));
    let [task] = &tasks[..] else { panic!("{tasks:?}") };
    assert_eq!(people(task), ["wang.min", "li.na", "chen.fang", "zhou.qi"], "each person once");
    assert_eq!(task.people[1].store, "朝阳店", "the first store that they work in");
    let next_morning: Timestamp = "2026-11-23T08:00:00+08:00".parse().expect("a time");
    assert_eq!((task.remind_at, task.ends_at), (Some(next_morning), now() + SignedDuration::from_hours(24)));
    assert_eq!(reasons[0].0, "asked");
    assert!(reasons[0].1.contains("请 4 人发朋友圈，11月23日 19:00 截止"), "{reasons:?}");
    let brief = MomentOrder { deadline: SignedDuration::from_hours(6), ..order("unloading") };
    assert_eq!(sends(brief).0[0].remind_at, None, "it is over before the morning");
}

#[test]
fn words_that_name_the_store_are_a_task_for_each() {
    let answers = BTreeMap::from([("weather".to_owned(), "下雨".to_owned())]);
    let (tasks, reasons) = sends(MomentOrder { answers, ..order("lamp") });
    let told: Vec<_> = tasks.iter().map(|task| (task.text(), people(task))).collect();
    assert_eq!(
        told,
        [
            ("下雨，我把朝阳店门口的灯早开了一会儿。".to_owned(), vec!["wang.min", "li.na"]),
            ("下雨，我把河西店门口的灯早开了一会儿。".to_owned(), vec!["chen.fang", "zhou.qi"]),
        ]
    );
    assert!(reasons[0].1.contains("内容有 2 种"), "{reasons:?}");
}

#[test]
fn all_conditions_must_hold_of_a_person() {
    let narrow = |stores: &[&str], regions: &[&str], staff: &[&str]| {
        let all = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let order = MomentOrder {
            stores: all(stores),
            regions: all(regions),
            staff: all(staff),
            ..order("unloading")
        };
        sends(order).0.first().map(|task| people(task).iter().map(ToString::to_string).collect::<Vec<_>>())
    };
    assert_eq!(narrow(&["hexi"], &[], &[]).unwrap(), ["chen.fang", "zhou.qi"]);
    assert_eq!(narrow(&[], &["北京"], &[]).unwrap(), ["wang.min", "li.na"]);
    assert_eq!(narrow(&[], &[], &["li.na"]).unwrap(), ["li.na"]);
    assert_eq!(narrow(&["hexi"], &["北京"], &[]), None);
    let (tasks, reasons) = sends(order("beijing"));
    assert_eq!(people(&tasks[0]), ["wang.min", "li.na"]);
    assert!(reasons[0].1.contains("没有请：河西店"), "{reasons:?}");
}

#[test]
fn what_cannot_go_out_says_why_and_does_nothing() {
    for (order, says) in [
        (order("unloadin"), "是不是想写 \"unloading\""),
        (order("greeting"), "不是朋友圈话术"),
        (order("old"), "今天不能用"),
        (order("menu"), "不能发"),
        (order("lamp"), "--answer weather="),
        (
            MomentOrder { answers: BTreeMap::from([("wether".into(), "下雨".into())]), ..order("lamp") },
            "\"weather\"",
        ),
        (
            MomentOrder { answers: BTreeMap::from([("weather".into(), "晴".into())]), ..order("lamp") },
            "朝阳店",
        ),
        (MomentOrder { stores: vec!["hexii".into()], ..order("unloading") }, "\"hexi\""),
        (MomentOrder { regions: vec!["上海".into()], ..order("unloading") }, "没有门店在区域"),
        (MomentOrder { staff: vec!["lin.yun".into()], ..order("unloading") }, "不是任何门店的店员"),
        (MomentOrder { at_most: Some(3), ..order("unloading") }, "超过了 3 人"),
    ] {
        let (tasks, reasons) = sends(order);
        assert!(tasks.is_empty());
        assert!(
            matches!(&reasons[..], [(code, text)] if code == "refused" && text.contains(says)),
            "{reasons:?}"
        );
    }
}

#[test]
fn a_cancellation_is_written_down_with_its_author() {
    let request = MomentRequest::Cancel { moment: "m-1".into() };
    let decision = happens(&Memory::default(), EventKind::Moment(Box::new(request)));
    let cancelled = Change::CancelMoment { moment: "m-1".into(), by: "lin.yun".into(), at: now() };
    assert!(decision.changes.contains(&cancelled), "{:?}", decision.changes);
}

/// What the news makes the bot tell, to whom.
fn told(what: MomentEvent) -> Vec<(String, String)> {
    let mut memory = Memory::default();
    let state = PersonState { name: Some("李娜".into()), ..PersonState::default() };
    memory.apply(Change::Person { id: "li.na".into(), state: state.into() });
    let news = MomentNews { moment: "m-1".into(), title: "卸货的早上".into(), what };
    let decision = happens(&memory, EventKind::MomentNews(Box::new(news)));
    let told = decision.actions.into_iter().map(|action| match action.act {
        Act::Tell { to, part } => (to.to_string(), part.paste().unwrap_or_default().into_owned()),
        other => panic!("{other:?}"),
    });
    told.collect()
}

#[test]
fn who_has_not_published_it_hears_what_to_do() {
    let people = vec![MemberId::from("li.na"), MemberId::from("zhou.qi")];
    let told = told(MomentEvent::Unpublished { people, until: now() });
    assert_eq!(told.iter().map(|(to, _)| to.as_str()).collect::<Vec<_>>(), ["li.na", "zhou.qi"]);
    assert!(told[0].1.contains("「卸货的早上」") && told[0].1.contains("点「发表」"), "{told:?}");
    assert!(told[0].1.contains("11月22日 19:00 以前"), "{told:?}");
}

#[test]
fn ops_hears_the_figures_with_names() {
    let posted = MomentPerson {
        seen_at: Some(now()),
        likes: 3,
        comments: 1,
        ..MomentPerson::new("wang.min".into(), "朝阳店")
    };
    let unable = MomentPerson { unable: true, ..MomentPerson::new("zhou.qi".into(), "河西店") };
    let people = [posted, MomentPerson::new("li.na".into(), "朝阳店"), unable];
    let not_made =
        vec![MomentNotMade { stores: vec!["通州店".into()], people: 2, why: "应用没有权限".into() }];
    let figures = MomentFigures { not_made, ..MomentFigures::of(&people) };
    let told = told(MomentEvent::Over(Box::new(figures)));
    let [(to, text)] = &told[..] else { panic!("{told:?}") };
    assert_eq!(to, "lin.yun");
    for says in [
        "「卸货的早上」到时间了：请了 3 人，1 人发了，收到 3 个赞、1 条评论。",
        "没发的：李娜（朝阳店）",
        "发不了的（不在企业微信里，或不在应用的可见范围内）：zhou.qi（河西店）",
        "· 通州店（2 人）：应用没有权限",
        "· 朝阳店：2 人里 1 人发了，赞 3，评论 1",
        "zhanggui moment show m-1",
    ] {
        assert!(text.contains(says), "{says}: {text}");
    }
}
