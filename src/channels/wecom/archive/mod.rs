//! 会话内容存档: the decrypted messages of a conversation archive (§6.5), and the signed batches in
//! which a puller posts them.
//!
//! A message may carry a quote as plain text only; it is split off, so that nobody is judged by
//! what they quote. There is no message for joining or leaving a group.

mod batch;
mod content;
mod quote;

use jiff::Timestamp;
use serde_json::Value;

pub use batch::{
    Batch, BatchError, MAX_MESSAGES, SIGNATURE_HEADER, Sequenced, SignatureError, TIMESTAMP_HEADER, sign,
    verify,
};

use super::{Heard, ParseError, event_key, json, milliseconds_or};
use crate::decision::event::Message;
use crate::decision::{Ear, Event, EventKind, GroupId, MemberId};

/// Reads one decrypted message. Fails on broken JSON alone.
pub fn parse(plain: &str, via: &str, corp_id: &str, received_at: Timestamp) -> Result<Event, ParseError> {
    Ok(event(&json::object(plain)?, via, corp_id, received_at))
}

/// The event of one decrypted message, as it comes in a [`Batch`].
pub fn event(message: &Value, via: &str, corp_id: &str, received_at: Timestamp) -> Event {
    let heard = Heard { ear: Ear::Archive, via, corp_id, received_at };
    let id = json::text(message, "/msgid").unwrap_or_default();
    let scope = format!("{corp_id}/archive");
    let key = match id {
        "" => event_key::of_body(&scope, &message.to_string()),
        id => event_key::of_message(&scope, id),
    };
    // `switch` has `time` and `user` in place of `msgtime` and `from`.
    let time = message.get("msgtime").or_else(|| message.get("time")).and_then(Value::as_i64);
    let at = milliseconds_or(time, received_at);
    let (name, kind) = kind(id, message);
    let event = match kind {
        Some(kind) => heard.event(key, at, kind),
        None => heard.unknown(key, at, name, message.to_string()),
    };
    let from = json::text(message, "/from").or_else(|| json::text(message, "/user"));
    let group = json::text(message, "/roomid");
    Event { group: group.map(GroupId::from), from: from.map(MemberId::from), ..event }
}

/// The message's type, and its kind if it is known and complete.
fn kind<'m>(id: &str, message: &'m Value) -> (&'m str, Option<EventKind>) {
    let msgtype = json::text(message, "/msgtype").unwrap_or_default();
    match json::text(message, "/action").unwrap_or_default() {
        "send" => (msgtype, sent(id, msgtype, message)),
        "recall" => (msgtype, json::text(message, "/revoke/pre_msgid").map(recalled)),
        "switch" => {
            ("switch", Some(EventKind::Other { name: "switch".into(), fields: json::leaves(message) }))
        }
        action => (action, None),
    }
}

fn recalled(message: &str) -> EventKind {
    EventKind::Recalled { message: message.to_owned() }
}

fn sent(id: &str, msgtype: &str, message: &Value) -> Option<EventKind> {
    let mut content = content::content(msgtype, message)?;
    let mut quoted = None;
    if msgtype == "text"
        && let Some((quote, own)) = quote::split(&content.text)
    {
        quoted = Some(quote.to_owned()).filter(|quote| !quote.is_empty());
        content.text = own.to_owned();
    }
    let message = Message { id: id.to_owned(), content, quote: quoted, ..Message::default() };
    Some(EventKind::Message(Box::new(message)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::channels::wecom::samples;

    const SAMPLES: &str = include_str!("../../../../tests/data/wecom/archive.txt");

    #[test]
    fn every_sample_becomes_the_expected_event() {
        samples::check(SAMPLES, parse);
    }

    #[test]
    fn a_message_of_a_known_type_without_its_payload_is_kept_whole() {
        for text in [
            r#"{"msgid":"1","action":"send","msgtype":"text"}"#,
            r#"{"msgid":"1","action":"recall","msgtype":"revoke","revoke":{}}"#,
            r#"{"msgid":"1","msgtype":"text","text":{"content":"no action"}}"#,
        ] {
            let event = parse(text, "ear", "ww1", samples::received_at()).unwrap();
            assert!(matches!(event.kind, EventKind::Unknown { .. }), "{text}");
            let raw: Value = serde_json::from_str(&event.raw.unwrap()).unwrap();
            assert_eq!(raw, serde_json::from_str::<Value>(text).unwrap());
        }
    }

    #[test]
    fn nesting_without_end_is_read_to_a_limit() {
        let mut payload = r#"{"content":"deep"}"#.to_owned();
        let mut kind = "text";
        for _ in 0..12 {
            let item = serde_json::json!({ "type": kind, "content": payload });
            (payload, kind) = (serde_json::json!({ "item": [item] }).to_string(), "mixed");
        }
        let text = format!(r#"{{"msgid":"1","action":"send","msgtype":"mixed","mixed":{payload}}}"#);
        let event = parse(&text, "ear", "ww1", samples::received_at()).unwrap();
        let EventKind::Message(message) = event.kind else { panic!("a message") };
        assert_eq!(message.content.text, "");
    }

    proptest! {
        #[test]
        fn damaged_samples_are_read_without_panic(text in samples::damaged(SAMPLES)) {
            let _ = parse(&text, "ear", "ww1", samples::received_at());
        }
    }
}
