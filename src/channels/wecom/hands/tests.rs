mod media;

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::*;
use crate::channels::wecom::client::scripted::{Answer, KEY, Platform, SECRET, app, errcode, nowhere, robot};
use crate::decision::event::GroupKind;
use crate::decision::{Act, Hand, Part, TaskCard};

const MESSAGE: &str = "/cgi-bin/message/send";
const UPDATE_CARD: &str = "/cgi-bin/message/update_template_card";
const CHAT: &str = "/cgi-bin/appchat/send";
const CHANGE: &str = "/cgi-bin/appchat/update";
const READ: &str = "/cgi-bin/appchat/get";
const WEBHOOK: &str = "/cgi-bin/webhook/send";

fn hands_at(base: &str, clock: Clock) -> Hands {
    let connections = Connections { api_base: base.to_owned(), apps: vec![app()], webhooks: vec![robot()] };
    Hands::new(connections, PathBuf::from("bot-scripts"), clock).unwrap()
}

/// As delivery does it.
async fn perform(hands: &Hands, action: &Action, idempotence: &str) -> Report {
    match hands.prepare(action).await {
        Ok(prepared) => hands.carry_out(action, idempotence, &prepared).await,
        Err(report) => report,
    }
}

fn hands(platform: &Platform) -> Hands {
    hands_at(&platform.base, Clock::system())
}

fn action(hand: Hand, act: Act) -> Action {
    Action { group: Some("CHAT1".into()), ..Action::new(hand, act) }
}

fn appchat() -> Hand {
    Hand::Appchat { app: "assistant".into() }
}

fn by_app() -> Hand {
    Hand::App { app: "assistant".into() }
}

fn webhook() -> Hand {
    Hand::Webhook { id: "dealers".into() }
}

fn post(text: impl Into<String>) -> Act {
    Act::Post { part: Part::text(text), mentions: vec!["u1".into()] }
}

fn tell(text: impl Into<String>) -> Act {
    Act::Tell { to: "lin.yun".into(), part: Part::text(text) }
}

fn remove() -> Action {
    action(appchat(), Act::Remove { member: "Spammer".into() })
}

fn done() -> Report {
    Report::Done { detail: None, sent: SentIds::default(), snapshot: None, config_id: None }
}

/// Three messages of text, and what each says.
fn long_text() -> String {
    ["一", "二", "三"].map(|line| line.repeat(500)).join("\n")
}

fn texts(platform: &Platform, path: &str) -> Vec<String> {
    let text = |body: Value| body["text"]["content"].as_str().unwrap_or_default().to_owned();
    platform.asked(path).iter().map(|asked| text(asked.json())).collect()
}

#[tokio::test]
async fn posts_go_out_by_both_hands() {
    let platform = Platform::start().await;
    let hands = hands(&platform);
    assert_eq!(perform(&hands, &action(appchat(), post("到货了")), "a1").await, done());
    assert_eq!(perform(&hands, &action(webhook(), post("到货了")), "a2").await, done());
    let text = json!({ "content": "到货了", "mentioned_list": ["u1"] });
    assert_eq!(platform.asked(CHAT)[0].json(), json!({ "chatid": "CHAT1", "msgtype": "text", "text": text }));
    assert_eq!(platform.asked(WEBHOOK)[0].json(), json!({ "msgtype": "text", "text": text }));
    assert_eq!(platform.asked(WEBHOOK)[0].query, format!("key={KEY}"));
}

#[tokio::test]
async fn markdown_mentions_inside_its_text() {
    let platform = Platform::start().await;
    let part = Part::Markdown { text: "**到货了**".into() };
    let act = Act::Post { part, mentions: vec!["u1".into(), "u2".into()] };
    perform(&hands(&platform), &action(webhook(), act), "a1").await;
    assert_eq!(platform.asked(WEBHOOK)[0].json()["markdown"]["content"], "<@u1><@u2>\n**到货了**");
}

#[tokio::test]
async fn a_long_post_is_several_messages_and_goes_on_where_it_stopped() {
    let platform = Platform::start().await;
    let clock = Clock::system();
    let hands = hands_at(&platform.base, clock.clone());
    let post = action(appchat(), post(long_text()));
    platform.script(CHAT, [errcode(0), errcode(45009)]);
    let Report::Wait { until, .. } = perform(&hands, &post, "a1").await else { panic!("no wait") };
    assert!(perform(&hands, &post, "a1").await.comes_again());
    assert_eq!(platform.asked(CHAT).len(), 2, "nothing is sent while the limit blocks");

    clock.set_offset(until.duration_since(clock.now()) + SignedDuration::from_secs(1));
    assert_eq!(perform(&hands, &post, "a1").await, done());
    let sent = texts(&platform, CHAT);
    assert_eq!(sent.len(), 4);
    assert_eq!(sent[1], sent[2], "the refused one comes again");
    assert_eq!([&*sent[0], &*sent[1], &*sent[3]].join("\n"), long_text());
    let mentions: Vec<_> =
        platform.asked(CHAT).iter().map(|asked| asked.json()["text"]["mentioned_list"].is_array()).collect();
    assert_eq!(mentions, [true, false, false, false], "people are mentioned once");
}

#[tokio::test]
async fn a_post_in_doubt_is_not_repeated_but_a_private_message_is() {
    let platform = Platform::start().await;
    let hands = hands(&platform);
    platform.script(CHAT, [Answer::Http(502)]);
    assert!(matches!(perform(&hands, &action(appchat(), post("到货了")), "a1").await, Report::Doubt { .. }));

    platform.script(MESSAGE, [Answer::Broken]);
    let tell = action(by_app(), tell("早上好"));
    assert!(matches!(perform(&hands, &tell, "a2").await, Report::Retry { .. }));
    assert_eq!(perform(&hands, &tell, "a2").await, done());
    let asked = platform.asked(MESSAGE);
    assert_eq!(asked[0].bytes, asked[1].bytes, "so that the platform drops the second");
    assert_eq!(asked[0].json()["enable_duplicate_check"], 1);
}

#[tokio::test]
async fn what_was_surely_not_sent_is_always_tried_again() {
    let hands = hands_at(&nowhere().await, Clock::system());
    for hand in [appchat(), webhook()] {
        let report = perform(&hands, &action(hand, post("到货了")), "a1").await;
        assert!(matches!(&report, Report::Wait { .. }), "{report:?}");
        let shown = format!("{report:?}");
        assert!(!shown.contains(KEY) && !shown.contains(SECRET), "{shown}");
    }
}

#[tokio::test]
async fn the_same_words_twice_are_two_messages() {
    let platform = Platform::start().await;
    let hands = hands(&platform);
    for idempotence in ["a1", "a2"] {
        perform(&hands, &action(by_app(), tell("今日话术")), idempotence).await;
    }
    let asked = platform.asked(MESSAGE);
    assert_ne!(asked[0].bytes, asked[1].bytes, "else the platform drops the second answer");
}

#[tokio::test]
async fn codes_become_reports() {
    let cases = [
        (-1, "retry"),
        (45033, "retry"),
        (45009, "wait"),
        (60020, "failed"),
        (81013, "failed"),
        (999_999, "failed"),
    ];
    for (code, expected) in cases {
        let platform = Platform::start().await;
        platform.refuse(MESSAGE, code);
        let report = perform(&hands(&platform), &action(by_app(), tell("早")), "a1").await;
        let name = match &report {
            Report::Done { .. } => "done",
            Report::Retry { .. } => "retry",
            Report::Wait { .. } => "wait",
            Report::Failed { .. } => "failed",
            Report::Doubt { .. } => "doubt",
        };
        assert_eq!(name, expected, "{code}: {report:?}");
    }
}

#[tokio::test]
async fn a_message_that_does_not_reach_its_reader_has_failed() {
    for field in ["invaliduser", "unlicenseduser"] {
        let platform = Platform::start().await;
        platform.script(MESSAGE, [Answer::Json(json!({ "errcode": 0, field: "lin.yun", "msgid": "M1" }))]);
        let report = perform(&hands(&platform), &action(by_app(), tell("早")), "a1").await;
        assert!(matches!(&report, Report::Failed { why } if why.person.contains("lin.yun")), "{report:?}");
    }
}

#[tokio::test]
async fn a_task_sends_its_text_to_paste_and_then_its_card() {
    let platform = Platform::start().await;
    let answer = |id: &str, code: Option<&str>| {
        Answer::Json(json!({ "errcode": 0, "msgid": id, "response_code": code }))
    };
    platform.script(MESSAGE, [answer("M1", None), answer("M2", None), answer("M3", Some("CODE"))]);
    let card = TaskCard {
        task_id: "task-1".into(),
        title: "请处理广告".into(),
        why: format!("他写道：<a href=\"http://ad\">{}</a>", "加微信".repeat(60)),
        rows: vec![("群".into(), "会员群".into())],
        paste: Some(Box::new(Part::text("请勿发广告"))),
        buttons: vec![("done".into(), "已处理".into())],
    };
    let act = Act::TaskCard { to: "lin.yun".into(), card };
    let hand = Hand::StaffTask { app: "assistant".into() };
    let report = perform(&hands(&platform), &action(hand.clone(), act), "t1").await;
    let sent =
        SentIds { msgids: vec!["M1".into(), "M2".into(), "M3".into()], response_code: Some("CODE".into()) };
    assert_eq!(report, Report::Done { detail: None, sent, snapshot: None, config_id: None });
    let [whole, paste, _] = &texts(&platform, MESSAGE)[..] else { panic!("not three messages") };
    assert!(whole.contains(&"加微信".repeat(60)) && !whole.contains('<'), "members' words make no link");
    assert_eq!(paste, "请勿发广告");
    let card = platform.asked(MESSAGE)[2].json();
    assert_eq!((&card["msgtype"], &card["touser"]), (&json!("template_card"), &json!("lin.yun")));
    assert_eq!(card["template_card"]["quote_area"]["quote_text"], "请勿发广告");

    let update = Act::UpdateCard {
        to: "lin.yun".into(),
        response_code: "CODE".into(),
        label: "已处理".into(),
        card: None,
    };
    assert_eq!(perform(&hands(&platform), &action(hand, update), "t2").await, done());
    assert_eq!(platform.asked(UPDATE_CARD)[0].json()["button"]["replace_name"], "已处理");
}

#[tokio::test]
async fn a_member_who_has_left_counts_as_removed() {
    let platform = Platform::start().await;
    let info = |members: &[&str]| {
        Answer::Json(json!({ "errcode": 0, "chat_info": { "chatid": "CHAT1", "userlist": members } }))
    };
    let hands = hands(&platform);
    assert_eq!(perform(&hands, &remove(), "a0").await, done());
    assert_eq!(platform.asked(CHANGE)[0].json(), json!({ "chatid": "CHAT1", "del_user_list": ["Spammer"] }));

    platform.refuse(CHANGE, 86216);
    platform.script(READ, [info(&["u1"])]);
    let report = perform(&hands, &remove(), "a1").await;
    assert!(matches!(&report, Report::Done { detail: Some(_), .. }), "{report:?}");

    platform.refuse(CHANGE, 86101);
    platform.script(READ, [info(&["u1", "spammer"])]);
    let report = perform(&hands, &remove(), "a2").await;
    assert!(matches!(&report, Report::Failed { why } if why.person.contains("群主")), "{report:?}");

    platform.script(CHANGE, [Answer::Http(504)]);
    let report = perform(&hands, &remove(), "a3").await;
    assert!(matches!(&report, Report::Retry { .. }), "removing twice is harmless: {report:?}");
}

#[tokio::test]
async fn groups_are_read() {
    let platform = Platform::start().await;
    let hands = hands(&platform);
    let info = json!({ "chatid": "CHAT1", "name": "经销商群", "owner": "u1", "userlist": ["u1", "u2"] });
    platform.script(READ, [Answer::Json(json!({ "errcode": 0, "chat_info": info }))]);
    let report = perform(&hands, &action(appchat(), Act::ReadGroup { customer: false }), "r1").await;
    let Report::Done { snapshot: Some(snapshot), .. } = report else { panic!("{report:?}") };
    assert_eq!((snapshot.kind, &*snapshot.name), (GroupKind::Internal, "经销商群"));
    assert!(snapshot.members.iter().all(|member| member.corp_member));

    let group = json!({ "chat_id": "CHAT1", "name": "会员群", "owner": "u1",
                        "member_list": [{ "userid": "wm1", "type": 2, "join_time": 1_572_505_491 }] });
    platform.script(
        "/cgi-bin/externalcontact/groupchat/get",
        [Answer::Json(json!({ "errcode": 0, "group_chat": group }))],
    );
    let report = perform(&hands, &action(by_app(), Act::ReadGroup { customer: true }), "r2").await;
    let Report::Done { snapshot: Some(snapshot), .. } = report else { panic!("{report:?}") };
    assert_eq!(snapshot.kind, GroupKind::Customer);
    assert!(!snapshot.members[0].corp_member);
}

#[tokio::test]
async fn a_robot_is_never_asked_for_more_than_twenty_a_minute() {
    let platform = Platform::start().await;
    let clock = Clock::system();
    let hands = hands_at(&platform.base, clock.clone());
    let post = action(webhook(), post("早"));
    for number in 0..20 {
        assert_eq!(perform(&hands, &post, &format!("a{number}")).await, done());
    }
    let Report::Wait { until, .. } = perform(&hands, &post, "a20").await else { panic!("no wait") };
    assert_eq!(platform.asked(WEBHOOK).len(), 20);
    clock.set_offset(until.duration_since(clock.now()) + SignedDuration::from_secs(1));
    assert_eq!(perform(&hands, &post, "a20").await, done());
}

#[tokio::test]
async fn what_was_sent_before_a_restart_counts() {
    let platform = Platform::start().await;
    let clock = Clock::system();
    let hands = hands_at(&platform.base, clock.clone());
    let post = action(webhook(), post("早"));
    for _ in 0..20 {
        hands.remember(&post, clock.now());
    }
    assert!(matches!(perform(&hands, &post, "a1").await, Report::Wait { .. }));
    assert!(platform.paths().is_empty());
}

#[tokio::test]
async fn the_size_of_a_group_counts() {
    let platform = Platform::start().await;
    let hands = hands(&platform);
    hands.know_size(&"CHAT1".into(), 2000);
    let post = action(appchat(), post("早"));
    for number in 0..10 {
        assert_eq!(perform(&hands, &post, &format!("a{number}")).await, done());
    }
    let report = perform(&hands, &post, "a10").await;
    assert!(matches!(report, Report::Wait { .. }), "20 000 people a minute: {report:?}");
}

#[tokio::test]
async fn what_can_never_work_fails_at_once() {
    let platform = Platform::start().await;
    let hands = hands(&platform);
    let cannot = [
        action(webhook(), Act::Remove { member: "u1".into() }),
        action(Hand::Answer, Act::Answer { text: "好".into() }),
        action(Hand::Webhook { id: "nobody".into() }, post("早")),
        action(Hand::App { app: "nobody".into() }, tell("早")),
        action(appchat(), post("  \n ")),
        action(appchat(), post("长".repeat(30_000))),
        Action { group: None, ..action(appchat(), post("早")) },
    ];
    for action in cannot {
        let report = perform(&hands, &action, "a1").await;
        assert!(matches!(report, Report::Failed { .. }), "{action:?}: {report:?}");
    }
    assert!(platform.paths().is_empty(), "nothing else was sent");
}

#[tokio::test]
async fn deliveries_run_side_by_side() {
    let platform = Platform::start().await;
    let hands = std::sync::Arc::new(hands(&platform));
    let deliveries = (0..20).map(|number| {
        let hands = hands.clone();
        let post = action(webhook(), post("早"));
        tokio::spawn(async move { perform(&hands, &post, &format!("a{number}")).await })
    });
    for delivery in deliveries.collect::<Vec<_>>() {
        assert_eq!(delivery.await.unwrap(), done());
    }
    assert_eq!(platform.asked(WEBHOOK).len(), 20);
}
