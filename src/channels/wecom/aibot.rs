//! What the smart robot (智能机器人) hears, as JSON (§4.2, §4.3).
//!
//! In a group it hears only what mentions it; the text begins with the literal mention, which
//! [`crate::text::strip_mention`] takes off. Ids of people are opaque and may be encrypted (§4.10).

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::{Heard, ParseError, event_key, json, seconds_or};
use crate::decision::event::{CardTap, Content, ContentKind, Message};
use crate::decision::{Ear, Event, EventKey, EventKind, GroupId, MemberId};

/// Events of §4.3 on which nothing acts yet.
const OTHER_EVENTS: &[&str] = &["feedback_event", "disconnected_event", "auth_change_event"];

/// Reads the plain text of a smart robot's callback. Fails on broken JSON alone.
///
/// A stream refresh becomes `Other { name: "stream" }`: our streams finish with their first reply.
pub fn parse(plain: &str, via: &str, corp_id: &str, received_at: Timestamp) -> Result<Event, ParseError> {
    let body = json::object(plain)?;
    let heard = Heard { ear: Ear::Aibot, via, corp_id, received_at };
    let msgtype = json::text(&body, "/msgtype").unwrap_or_default();
    let key = key(heard, msgtype, &body, plain);
    let at = seconds_or(body.get("create_time").and_then(Value::as_i64), received_at);
    let (name, kind) = match msgtype {
        "event" => event_kind(&body),
        "stream" => (msgtype, Some(other(msgtype, &body))),
        _ => (msgtype, message(msgtype, &body).map(|message| EventKind::Message(Box::new(message)))),
    };
    let event = match kind {
        Some(kind) => heard.event(key, at, kind),
        None => heard.unknown(key, at, name, plain),
    };
    let group = json::text(&body, "/chatid").filter(|_| !is_private(&body)).map(GroupId::from);
    Ok(Event { group, from: json::text(&body, "/from/userid").map(MemberId::from), ..event })
}

/// Events have a msgid too (§1.3). Whether a stream refresh repeats the id of the message it
/// belongs to is not documented, so it is kept apart.
fn key(heard: Heard<'_>, msgtype: &str, body: &Value, plain: &str) -> EventKey {
    let robot = json::text(body, "/aibotid").unwrap_or(heard.via);
    match (json::text(body, "/msgid"), msgtype) {
        (None, _) | (_, "stream") => event_key::of_body(robot, plain),
        (Some(id), _) => event_key::of_message(robot, id),
    }
}

/// `chattype` can be missing, and so can `chatid`: then the chat is the robot's own (§4.3).
fn is_private(body: &Value) -> bool {
    match json::text(body, "/chattype") {
        Some(kind) => kind == "single",
        None => json::text(body, "/chatid").is_none(),
    }
}

fn other(name: &str, body: &Value) -> EventKind {
    EventKind::Other { name: name.to_owned(), fields: json::leaves(body) }
}

/// The event's name, and its kind if it is known.
fn event_kind(body: &Value) -> (&str, Option<EventKind>) {
    let name = json::text(body, "/event/eventtype").unwrap_or_default();
    let kind = match name {
        "enter_chat" => Some(EventKind::EnteredChat),
        "template_card_event" => Some(EventKind::CardTapped(card_tap(body))),
        name if OTHER_EVENTS.contains(&name) => Some(other(name, body)),
        _ => None,
    };
    (name, kind)
}

/// The documentation nests the tap, an official client's types have it flat (§4.3).
fn card_tap(body: &Value) -> CardTap {
    let event = body.get("event").unwrap_or(&Value::Null);
    let tap = event.get("template_card_event").filter(|tap| tap.is_object()).unwrap_or(event);
    let text = |name| json::text(tap, name).unwrap_or_default().to_owned();
    CardTap {
        task_id: text("/task_id"),
        button: text("/event_key"),
        card_type: text("/card_type"),
        response_code: None,
        response_url: json::text(body, "/response_url").map(str::to_owned),
        selected: selected(tap),
        menu: false,
    }
}

fn selected(tap: &Value) -> BTreeMap<String, Vec<String>> {
    let selection = |item: &Value| {
        let question = json::text(item, "/question_key")?.to_owned();
        let options = array(item, "/option_ids/option_id");
        Some((question, options.iter().filter_map(|id| id.as_str().map(str::to_owned)).collect()))
    };
    array(tap, "/selected_items/selected_item").iter().filter_map(selection).collect()
}

fn array<'v>(value: &'v Value, pointer: &str) -> &'v [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// `None` for a msgtype the protocol page does not know, or without its payload.
fn message(msgtype: &str, body: &Value) -> Option<Message> {
    let (kind, text) = readable(msgtype, body)?;
    let mut fields: BTreeMap<_, _> = body.get(msgtype)?.as_object()?.clone().into_iter().collect();
    fields.remove("content");
    let quote = body.get("quote").filter(|quote| quote.is_object());
    if let Some(quote) = quote {
        fields.insert("quote".to_owned(), quote.clone());
    }
    let private = is_private(body);
    Some(Message {
        id: json::text(body, "/msgid").unwrap_or_default().to_owned(),
        private,
        to_bot: !private,
        content: Content { kind, text, fields },
        quote: quote.and_then(quoted),
        sender_name: None,
        response_url: json::text(body, "/response_url").map(str::to_owned),
    })
}

/// The kind and the readable text of a message or of a quoted message. A voice comes as its
/// transcript, a file without its name.
fn readable(msgtype: &str, body: &Value) -> Option<(ContentKind, String)> {
    let text = |pointer| json::text(body, pointer).unwrap_or_default().to_owned();
    Some(match msgtype {
        "text" => (ContentKind::Text, text("/text/content")),
        "voice" => (ContentKind::Voice, text("/voice/content")),
        "mixed" => (ContentKind::Mixed, mixed_text(body)),
        "image" => (ContentKind::Image, String::new()),
        "file" => (ContentKind::File, String::new()),
        "video" => (ContentKind::Video, String::new()),
        _ => return None,
    })
}

fn mixed_text(body: &Value) -> String {
    let items = array(body, "/mixed/msg_item").iter();
    items.filter_map(|item| json::text(item, "/text/content")).collect::<Vec<_>>().join("\n")
}

/// Who wrote the quoted message, and when, is not told (§4.2).
fn quoted(quote: &Value) -> Option<String> {
    let (_, text) = readable(json::text(quote, "/msgtype")?, quote)?;
    Some(text).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::channels::wecom::samples;

    const SAMPLES: &str = include_str!("../../../tests/data/wecom/aibot.txt");

    #[test]
    fn every_sample_becomes_the_expected_event() {
        samples::check(SAMPLES, parse);
    }

    #[test]
    fn what_is_no_object_is_an_error_without_content() {
        for text in ["", "[]", "null", "\"secret\"", "{\"secret\":"] {
            let error = parse(text, "ear", "ww1", samples::received_at()).unwrap_err().to_string();
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn members_of_another_type_are_taken_as_missing() {
        let text = r#"{"msgid":1,"from":"x","chatid":{},"msgtype":"text","text":{"content":7},"quote":"q"}"#;
        let event = parse(text, "ear", "ww1", samples::received_at()).unwrap();
        let EventKind::Message(message) = event.kind else { panic!("a message") };
        assert_eq!((event.group, event.from, message.content.text.as_str()), (None, None, ""));
    }

    proptest! {
        #[test]
        fn damaged_samples_are_read_without_panic(text in samples::damaged(SAMPLES)) {
            let _ = parse(&text, "ear", "ww1", samples::received_at());
        }
    }
}
