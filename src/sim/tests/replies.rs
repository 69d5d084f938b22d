//! Passive replies: applied when sealed rightly, ignored with a reason otherwise.

use super::*;
use crate::sim::world::{DEALERS, STAFF};

fn tell(stage: &Stage, text: &str) {
    let content = Content::read("text", json!(text)).unwrap();
    stage.world.step(|step| people::tell(step, "li.na", "app:assistant", content)).unwrap();
}

fn text_reply(to: &str, text: &str) -> String {
    let parts = [("ToUserName", to), ("FromUserName", CORP), ("MsgType", "text"), ("Content", text)];
    let inner: String = parts.iter().map(|(name, text)| xml::element(name, text)).collect();
    format!("<xml>{inner}<CreateTime>1</CreateTime></xml>")
}

#[tokio::test]
async fn a_text_reply_lands_in_the_private_window() {
    let stage = Stage::new([Answer::Sealed(text_reply("li.na", "您要的话术"))]);
    tell(&stage, "话术");
    assert_eq!(stage.reports(1).await[0].reply, "text");
    let last = stage.world.read(|state| state.private["li.na"].back().cloned()).unwrap();
    assert_eq!((last.from.as_str(), last.content.as_str()), ("app:assistant", "您要的话术"));
}

#[tokio::test]
async fn replies_that_are_not_right_are_ignored_but_received() {
    let tampered = "<xml><Encrypt>AAAA</Encrypt><MsgSignature>0</MsgSignature><TimeStamp>1</TimeStamp><Nonce>1</Nonce></xml>";
    let answers = [
        Answer::Body("ok".into()),
        Answer::Body(tampered.into()),
        Answer::Sealed(text_reply("wang.min", "给别人的")),
        Answer::Sealed("<xml><ToUserName>li.na</ToUserName><MsgType>smoke</MsgType></xml>".into()),
    ];
    let stage = Stage::new(answers);
    (0..4).for_each(|_| tell(&stage, "话术"));
    let reports = stage.reports(4).await;
    assert!(reports.iter().all(|report| report.received && report.attempts == 1));
    assert!(reports.iter().all(|report| report.reply.starts_with("ignored: ")), "{reports:?}");
    assert_eq!(stage.world.read(|state| state.private["li.na"].len()), 4, "only what the person wrote");
}

#[tokio::test]
async fn a_tap_is_answered_by_a_grey_button() {
    let update = "<xml><ToUserName>li.na</ToUserName><MsgType>update_button</MsgType><Button><ReplaceName>已移出</ReplaceName></Button></xml>";
    let mut stage = Stage::new([Answer::Sealed(update.into())]);
    stage.world.step(|step| {
        let card = serde_json::from_value(json!({"id": "task-1", "sender": "app:assistant", "task_id": "task-1",
            "chat": null, "sent_at": step.now(), "faces": {"li.na": {"label": null, "replaced": null}, "wang.min": {"label": null, "replaced": null}},
            "content": {"card_type": "button_interaction", "button_list": [{"key": "done", "text": "已移出"}]}, "codes": {}}));
        step.make(crate::sim::world::Change::CardSent(Box::new(card.unwrap())));
    });
    stage.world.step(|step| people::tap(step, "task-1", "li.na", "done", &[])).unwrap();
    let request = stage.next().await;
    let texts = xml::texts(&open(&stage.world, &request)).unwrap();
    for (path, text) in [
        ("Event", "template_card_event"),
        ("EventKey", "done"),
        ("TaskId", "task-1"),
        ("CardType", "button_interaction"),
        ("FromUserName", "li.na"),
    ] {
        assert_eq!(texts[path], text, "{path}");
    }
    assert_eq!(stage.reports(1).await[0].reply, "update_button");
    let view = |person: &str| stage.world.read(|state| state.cards["task-1"].view(person));
    assert_eq!(view("li.na")["label"], "已移出");
    assert_eq!(view("wang.min")["state"], "open", "only the member who tapped");
    let again = stage.world.step(|step| people::tap(step, "task-1", "li.na", "done", &[]));
    assert!(again.is_err(), "grey buttons can't be tapped");
}

#[tokio::test]
async fn the_old_robot_answers_the_group() {
    let reply = "<xml><MsgType>markdown</MsgType><Markdown><Content>**请看**</Content></Markdown><VisibleToUser>zhao.lei|sun.qian</VisibleToUser></xml>";
    let stage = Stage::new([Answer::Sealed(reply.into())]);
    stage.say(DEALERS, "zhao.lei", "帮助", true);
    assert_eq!(stage.reports(1).await[0].reply, "markdown");
    let last = stage.world.read(|state| state.said[DEALERS].back().cloned()).unwrap();
    assert_eq!((last.from.as_str(), last.visible_to.len()), ("robot:dealers-robot", 2));
}

#[tokio::test]
async fn a_finished_stream_quotes_the_message() {
    let stream = json!({"msgtype": "stream", "stream": {"id": "s1", "finish": true, "content": "**话术**"}});
    let stage = Stage::new([Answer::Sealed(stream.to_string())]);
    let said = stage.say(STAFF, "li.na", "话术", true);
    assert_eq!(stage.reports(1).await[0].reply, "stream");
    let last = stage.world.read(|state| state.said[STAFF].back().cloned()).unwrap();
    assert_eq!((last.from.as_str(), last.content.as_str()), ("bot:helper", "**话术**"));
    assert_eq!(last.quotes, Some(said.msgid));
    assert_eq!(stage.world.read(|state| state.waiting_callbacks()), 0, "nothing more is asked");
}

#[tokio::test]
async fn an_unfinished_stream_is_asked_for_and_replaced() {
    let part = |finish: bool, content: &str| {
        let stream =
            json!({"msgtype": "stream", "stream": {"id": "s1", "finish": finish, "content": content}});
        Answer::Sealed(stream.to_string())
    };
    let mut stage = Stage::new([part(false, "想"), part(true, "想好了")]);
    stage.say(STAFF, "li.na", "话术", true);
    stage.next().await;
    stage.reports(1).await;
    stage.world.move_clock(jiff::SignedDuration::from_secs(2));
    let request = stage.next().await;
    let body: Value = serde_json::from_str(&open(&stage.world, &request)).unwrap();
    assert_eq!((&body["msgtype"], &body["stream"]["id"]), (&json!("stream"), &json!("s1")));
    assert!(body.get("response_url").is_none());
    stage.reports(2).await;
    let answers: Vec<String> = stage.world.read(|state| {
        state.said[STAFF]
            .iter()
            .filter(|said| said.from == "bot:helper")
            .map(|said| said.content.clone())
            .collect()
    });
    assert_eq!(answers, ["想好了"], "a snapshot replaces the text");
}

#[tokio::test]
async fn smart_robot_rules() {
    let text = json!({"msgtype": "text", "text": {"content": "您好"}}).to_string();
    let long =
        json!({"msgtype": "stream", "stream": {"id": "s", "finish": true, "content": "a".repeat(20_481)}});
    let answers = [Answer::Sealed(text.clone()), Answer::Sealed(long.to_string()), Answer::Sealed(text)];
    let stage = Stage::new(answers);
    for _ in 0..2 {
        let content = Content::read("text", json!("你好")).unwrap();
        stage.world.step(|step| people::tell(step, "li.na", "bot:helper", content)).unwrap();
    }
    stage.world.step(|step| people::open_window(step, "li.na", "bot:helper")).unwrap();
    let replies: Vec<String> = stage.reports(3).await.into_iter().map(|report| report.reply).collect();
    assert!(replies[0].starts_with("ignored: a plain text"));
    assert!(replies[1].starts_with("ignored: stream.content"));
    assert_eq!(replies[2], "text", "the welcome after enter_chat");
}
