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
