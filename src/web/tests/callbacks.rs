//! Right callbacks: the official vectors, answers, repeats, rotation.

use super::*;
use crate::channels::wecom::Query;
use crate::decision::event::Message;

const V1: &str = "/callback/wecom/assistant?msg_signature=5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3\
    &timestamp=1409659589&nonce=263014780&echostr=P9nAzCzyDtyTWESHep1vC5X9xho%2FqYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp%2B4RPcs8TgAE7OaBO%2BFZXvnaqQ%3D%3D";

const V2: &str = "/callback/wecom/assistant?msg_signature=477715d11cdb4164915debcba66cb864d751f3e6\
    &timestamp=1409659813&nonce=1372623149";

const V2_BODY: &str = "<xml><ToUserName><![CDATA[wx5823bf96d3bd56c7]]></ToUserName><Encrypt><![CDATA[RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/sYYvuJTs3TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIGHBZZIs2pDBS8R07+qN+E7Q==]]></Encrypt><AgentID><![CDATA[218]]></AgentID></xml>";

const AIBOT_MESSAGE: &str = r#"{"msgid":"M1","aibotid":"A","chatid":"C","chattype":"group","from":{"userid":"U"},
    "response_url":"R","msgtype":"text","text":{"content":"@小掌柜 帮助"}}"#;

const AIBOT_ENTERED: &str = r#"{"msgid":"M2","create_time":1700000000,"aibotid":"A","from":{"userid":"U"},
    "msgtype":"event","event":{"eventtype":"enter_chat"}}"#;

fn message(event: &Event) -> &Message {
    match &event.kind {
        EventKind::Message(message) => message,
        other => panic!("no message: {other:?}"),
    }
}

/// The platform's side: opens our encrypted answer.
fn open(platform: &Credentials, answer: &Answer) -> (String, Query) {
    let value = |name: &str| {
        if let Ok(json) = serde_json::from_str::<serde_json::Value>(&answer.body) {
            let value = &json[name.to_lowercase()];
            return value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        }
        let (_, rest) = answer.body.split_once(&format!("<{name}>")).unwrap();
        let (value, _) = rest.split_once(&format!("</{name}>")).unwrap();
        value.trim_start_matches("<![CDATA[").trim_end_matches("]]>").to_owned()
    };
    let query = Query {
        msg_signature: value("MsgSignature"),
        timestamp: value("TimeStamp"),
        nonce: value("Nonce"),
        echostr: None,
    };
    (platform.open(&query, answer.body.as_bytes()).unwrap().message, query)
}

#[tokio::test]
async fn v1_the_address_check_is_answered_with_the_decrypted_bytes() {
    for path in [V1.to_owned(), V1.replace("%2B", "+").replace("%2F", "/")] {
        let answer = House::at(1_409_659_589).get(&path).await;
        assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, "1616140317555161061"));
        assert_eq!(answer.content_type(), "text/plain; charset=utf-8");
    }
}

#[tokio::test]
async fn v2_a_message_is_accepted_and_answered_empty() {
    let house = House::at(1_409_659_813);
    let answer = house.post(V2, V2_BODY).await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, ""));
    let events = house.memory.events.lock().unwrap();
    let [event] = events.as_slice() else { panic!("one event: {events:?}") };
    assert_eq!(message(event).content.text, "hello");
    assert!(house.edge.metrics.encode().unwrap().contains("zhanggui_perceive_seconds_count 1"));
    assert_eq!((&*event.via, event.from.as_ref().unwrap().as_str()), ("assistant", "mycreate"));
}

#[tokio::test]
async fn a_repeat_changes_nothing_and_gets_the_same_answer() {
    let house = House::at(1_409_659_813);
    *house.memory.answer.lock().unwrap() = Some("在的，请说。".into());
    let platform = credentials(&[TOKEN], &[KEY], CORP);
    for _ in 0..2 {
        let answer = house.post(V2, V2_BODY).await;
        assert_eq!(answer.content_type(), "application/xml; charset=utf-8");
        let (plain, _) = open(&platform, &answer);
        assert!(plain.contains("<![CDATA[mycreate]]></ToUserName>"), "{plain}");
        assert!(plain.contains("<Content><![CDATA[在的，请说。]]></Content>"), "{plain}");
    }
    assert_eq!(house.memory.events.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_smart_robot_answers_in_one_finished_stream_with_the_callbacks_nonce() {
    let house = House::at(1_700_000_000);
    *house.memory.answer.lock().unwrap() = Some("**你好**".into());
    let platform = credentials(&[TOKEN], &[KEY], "");
    let (path, body) = callback("/callback/aibot/helper", &platform, AIBOT_MESSAGE, 1_700_000_000);
    let answer = house.post(&path, body).await;
    assert_eq!((answer.status, answer.content_type()), (StatusCode::OK, "text/plain; charset=utf-8"));
    let (plain, query) = open(&platform, &answer);
    assert_eq!(query.nonce, "n0nce");
    let reply: serde_json::Value = serde_json::from_str(&plain).unwrap();
    assert_eq!((&reply["msgtype"], &reply["stream"]["finish"]), (&"stream".into(), &true.into()));
    assert_eq!(reply["stream"]["content"], "**你好**");
}

#[tokio::test]
async fn a_smart_robots_welcome_is_plain_text() {
    let house = House::at(1_700_000_000);
    *house.memory.answer.lock().unwrap() = Some("您好，我是小掌柜。".into());
    let platform = credentials(&[TOKEN], &[KEY], "");
    let (path, body) = callback("/callback/aibot/helper", &platform, AIBOT_ENTERED, 1_700_000_000);
    let (plain, _) = open(&platform, &house.post(&path, body).await);
    let reply: serde_json::Value = serde_json::from_str(&plain).unwrap();
    assert_eq!(reply, serde_json::json!({"msgtype": "text", "text": {"content": "您好，我是小掌柜。"}}));
}

#[tokio::test]
async fn during_a_rotation_both_are_heard_and_answered_with_what_they_used() {
    let house = House::at(1_700_000_000);
    *house.memory.answer.lock().unwrap() = Some("好".into());
    for (id, token, key) in [("1", "old token", KEY), ("2", TOKEN, NEXT_KEY)] {
        let platform = credentials(&[token], &[key], CORP);
        let message = app_message(id, "你好");
        let (path, body) = callback("/callback/wecom/assistant", &platform, &message, 1_700_000_000);
        let answer = house.post(&path, body).await;
        assert!(open(&platform, &answer).0.contains("好"));
    }
    assert_eq!(house.memory.events.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn an_answer_that_the_platform_would_cut_is_left_out_but_the_event_stays() {
    let logged = Logged::start();
    let house = House::at(1_409_659_813);
    *house.memory.answer.lock().unwrap() = Some("长".repeat(1000));
    let answer = house.post(V2, V2_BODY).await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, ""));
    assert_eq!(house.memory.events.lock().unwrap().len(), 1);
    let lines = logged.take();
    assert!(lines.len() == 1 && lines[0].contains("no passive reply"), "{lines:?}");
}
