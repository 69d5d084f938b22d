//! The plain text of answers inside the response to a callback (§2.3, §4.5, §5).
//! [`Credentials::seal`](super::Credentials::seal) encrypts them.

use jiff::Timestamp;
use serde_json::json;

use super::envelope::cdata;

/// The platform cuts an app's longer text, in the middle of a sentence (§2.3).
pub const APP_TEXT_BYTES: usize = 2048;
/// Of one stream snapshot of a smart robot (§4.5).
pub const STREAM_BYTES: usize = 20_480;

/// A text that the platform would cut or refuse. Texts are cut on a character before, or not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the reply has {bytes} bytes, {limit} are allowed")]
pub struct TooLong {
    pub bytes: usize,
    pub limit: usize,
}

fn within(text: &str, limit: usize) -> Result<(), TooLong> {
    if text.len() > limit { Err(TooLong { bytes: text.len(), limit }) } else { Ok(()) }
}

/// A text to the member who wrote to the app or entered it: at most [`APP_TEXT_BYTES`].
pub fn app_text(to: &str, corp_id: &str, now: Timestamp, text: &str) -> Result<String, TooLong> {
    within(text, APP_TEXT_BYTES)?;
    Ok(app_reply(to, corp_id, now, "text", &format!("<Content>{}</Content>", cdata(text))))
}

/// Replaces the buttons of the card that the member tapped by one grey label.
pub fn update_button(to: &str, corp_id: &str, now: Timestamp, label: &str) -> String {
    let button = format!("<Button><ReplaceName>{}</ReplaceName></Button>", cdata(label));
    app_reply(to, corp_id, now, "update_button", &button)
}

fn app_reply(to: &str, corp_id: &str, now: Timestamp, kind: &str, content: &str) -> String {
    format!(
        "<xml><ToUserName>{}</ToUserName><FromUserName>{}</FromUserName><CreateTime>{}</CreateTime>\
         <MsgType>{}</MsgType>{content}</xml>",
        cdata(to),
        cdata(corp_id),
        now.as_second(),
        cdata(kind)
    )
}

/// A text into the group or chat in which a group robot was called (§5, unverified).
pub fn group_robot_text(text: &str) -> String {
    format!("<xml><MsgType>{}</MsgType><Text><Content>{}</Content></Text></xml>", cdata("text"), cdata(text))
}

/// The whole answer of a smart robot to a message, as a stream that ends with its first snapshot:
/// markdown of at most [`STREAM_BYTES`]. `stream_id` must be unique.
pub fn stream(stream_id: &str, markdown: &str) -> Result<String, TooLong> {
    within(markdown, STREAM_BYTES)?;
    let stream = json!({ "id": stream_id, "finish": true, "content": markdown });
    Ok(json!({ "msgtype": "stream", "stream": stream }).to_string())
}

/// A smart robot's welcome to who opens its chat, the answer to `enter_chat` alone.
pub fn aibot_welcome(text: &str) -> String {
    json!({ "msgtype": "text", "text": { "content": text } }).to_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;
    use crate::channels::wecom::xml::Document;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn an_apps_answers_are_the_documented_ones() {
        // The plain text of vector V7.
        let text = "<xml><ToUserName><![CDATA[mycreate]]></ToUserName>\
            <FromUserName><![CDATA[wx5823bf96d3bd56c7]]></FromUserName><CreateTime>1348831860</CreateTime>\
            <MsgType><![CDATA[text]]></MsgType><Content><![CDATA[this is a test]]></Content></xml>";
        let reply = app_text("mycreate", "wx5823bf96d3bd56c7", at(1_348_831_860), "this is a test");
        assert_eq!(reply.as_deref(), Ok(text));
        let button = "<xml><ToUserName><![CDATA[toUser]]></ToUserName>\
            <FromUserName><![CDATA[fromUser]]></FromUserName><CreateTime>1357290913</CreateTime>\
            <MsgType><![CDATA[update_button]]></MsgType>\
            <Button><ReplaceName><![CDATA[ReplaceName]]></ReplaceName></Button></xml>";
        assert_eq!(update_button("toUser", "fromUser", at(1_357_290_913), "ReplaceName"), button);
    }

    #[test]
    fn a_robots_answers_are_the_documented_ones() {
        let json = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        // The plain text of vector V5.
        let expected = r#"{"msgtype":"stream","stream":{"id":"STREAMID","finish":true,"content":"你好"}}"#;
        assert_eq!(json(&stream("STREAMID", "你好").unwrap()), json(expected));
        let welcome = aibot_welcome("hello\nI'm RobotA\n");
        assert_eq!(json(&welcome), json!({"msgtype": "text", "text": {"content": "hello\nI'm RobotA\n"}}));
        let robot = group_robot_text("a]]>b");
        let document = Document::parse(&robot).unwrap();
        let expected = [("MsgType".to_owned(), "text"), ("Text.Content".to_owned(), "a]]>b")];
        assert_eq!(document.root().leaves(), expected);
    }

    #[test]
    fn longer_texts_are_refused_not_cut() {
        let text = |bytes: usize| format!("{}{}", "好".repeat(bytes / 3), "x".repeat(bytes % 3));
        let app = |bytes| app_text("to", "ww1", at(0), &text(bytes)).map(|_| ());
        assert_eq!(app(APP_TEXT_BYTES), Ok(()));
        assert_eq!(app(2049), Err(TooLong { bytes: 2049, limit: 2048 }));
        let robot = |bytes| stream("id", &text(bytes)).map(|_| ());
        assert_eq!(robot(STREAM_BYTES), Ok(()));
        assert_eq!(robot(20_481), Err(TooLong { bytes: 20_481, limit: 20_480 }));
    }

    proptest! {
        #[test]
        fn no_text_breaks_out_of_its_element(text in "[\\]\\[<>&!A-Za-z /]{0,60}") {
            let reply = app_text(&text, "ww1", at(0), &text).unwrap();
            let document = Document::parse(&reply).unwrap();
            prop_assert_eq!(document.root().children().count(), 5);
            prop_assert_eq!(document.root().value("Content").unwrap_or_default(), text.as_str());
            prop_assert_eq!(document.root().value("ToUserName").unwrap_or_default(), text.as_str());
        }
    }
}
