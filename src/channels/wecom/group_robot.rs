//! The XML callback of a group robot (§5).
//!
//! **Unverified:** whether an ordinary tenant can still switch it on, and every EventType but
//! `add_to_chat`. The formats are those of an official server library.

use jiff::Timestamp;

use super::app::{fields, texts};
use super::xml::{Document, Element};
use super::{Heard, ParseError, event_key};
use crate::decision::event::{Content, ContentKind, GroupChange, Message};
use crate::decision::{Ear, Event, EventKey, EventKind, GroupId, MemberId};

/// The address to post to has the robot's key in it, the other one a code that tells who is in the chat.
const SECRETS: [&str; 2] = ["WebhookUrl", "GetChatInfoUrl"];

/// Kept in the event itself, or secret.
const KNOWN_FIELDS: &[&str] =
    &[SECRETS[0], SECRETS[1], "ChatId", "ChatType", "From", "MsgType", "MsgId", "Text"];

/// Reads the plain text of a group robot's callback. Fails on broken XML alone.
///
/// There is no time in it, so an event's time is `received_at`; and no list of mentions and no name
/// of the robot, so `to_bot` is never set.
pub fn parse(plain: &str, via: &str, corp_id: &str, received_at: Timestamp) -> Result<Event, ParseError> {
    let document = Document::parse(plain)?;
    let root = document.root();
    let heard = Heard { ear: Ear::GroupRobot, via, corp_id, received_at };
    let kind = root.value("MsgType").unwrap_or_default();
    let mut event = match kind {
        "event" => event(heard, root, plain),
        _ => message(heard, kind, root, plain),
    };
    event.from = root.child("From").and_then(|from| from.value("UserId")).map(MemberId::from);
    Ok(event)
}

fn is_private(root: Element<'_>) -> bool {
    root.value("ChatType") == Some("single")
}

fn group(root: Element<'_>) -> Option<GroupId> {
    root.value("ChatId").map(GroupId::from)
}

fn message(heard: Heard<'_>, kind: &str, root: Element<'_>, plain: &str) -> Event {
    let key = key(heard, kind, root);
    let private = is_private(root);
    let group = group(root).filter(|_| !private);
    let Some(content) = content(kind, root) else {
        return Event { group, ..heard.unknown(key, heard.received_at, kind, plain) };
    };
    let message = Message {
        id: root.value("MsgId").unwrap_or_default().to_owned(),
        private,
        content,
        sender_name: root.child("From").and_then(|from| from.value("Name")).map(str::to_owned),
        ..Message::default()
    };
    Event { group, ..heard.event(key, heard.received_at, EventKind::Message(Box::new(message))) }
}

/// A message has its id. The id of an event or of a tapped attachment may be that of the message it
/// is about, so there the content counts too.
fn key(heard: Heard<'_>, kind: &str, root: Element<'_>) -> EventKey {
    let scope = [heard.corp_id, "/", heard.via].concat();
    match (root.value("MsgId"), kind) {
        (Some(id), "text" | "image" | "mixed") => event_key::of_message(&scope, id),
        (id, _) => event_key::of_event_with_id(&scope, id.unwrap_or_default(), root),
    }
}

fn content(kind: &str, root: Element<'_>) -> Option<Content> {
    let (kind, text) = match kind {
        "text" => (ContentKind::Text, text_of(root)?.to_owned()),
        "image" => (ContentKind::Image, String::new()),
        "mixed" => (ContentKind::Mixed, mixed_text(root)),
        "attachment" => (ContentKind::Attachment, String::new()),
        _ => return None,
    };
    Some(Content { kind, text, fields: fields(root, KNOWN_FIELDS) })
}

/// `None` when there is no `Text` at all.
fn text_of(parent: Element<'_>) -> Option<&str> {
    parent.child("Text").map(|text| text.value("Content").unwrap_or_default())
}

fn mixed_text(root: Element<'_>) -> String {
    let items = root.child("MixedMessage").into_iter().flat_map(Element::children);
    items.filter_map(text_of).collect::<Vec<_>>().join("\n")
}

/// The samples of `add_to_chat` say `single` and yet name the group, so there the chat type is not asked.
fn event(heard: Heard<'_>, root: Element<'_>, plain: &str) -> Event {
    let key = key(heard, "event", root);
    let name = root.child("Event").and_then(|event| event.value("EventType")).unwrap_or_default();
    let group = group(root).filter(|_| name != "enter_chat" || !is_private(root));
    let kind = match name {
        "add_to_chat" => EventKind::GroupChanged(GroupChange::RobotAdded),
        "enter_chat" => EventKind::EnteredChat,
        "delete_from_chat" => EventKind::Other { name: name.to_owned(), fields: texts(root, &SECRETS) },
        _ => return Event { group, ..heard.unknown(key, heard.received_at, name, plain) },
    };
    Event { group, ..heard.event(key, heard.received_at, kind) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::channels::wecom::samples;

    const SAMPLES: &str = include_str!("../../../tests/data/wecom/group_robot.txt");

    #[test]
    fn every_sample_becomes_the_expected_event() {
        samples::check(SAMPLES, parse);
    }

    #[test]
    fn taps_on_one_message_are_told_apart() {
        let tap = |button: &str| {
            let text = "<xml><MsgId>1</MsgId><MsgType>attachment</MsgType><Attachment><Actions>";
            let text = format!("{text}<Name>{button}</Name></Actions></Attachment></xml>");
            parse(&text, "ear", "ww1", samples::received_at()).unwrap().key
        };
        assert_eq!(tap("more"), tap("more"));
        assert_ne!(tap("more"), tap("less"));
    }

    #[test]
    fn the_robots_key_is_not_kept() {
        for section in SAMPLES.split("=== ").skip(1).filter(|section| !section.starts_with("unknown")) {
            let (_, expected) = section.split_once("\n---").unwrap();
            assert!(!expected.contains("WebhookUrl"), "{section}");
        }
    }

    proptest! {
        #[test]
        fn damaged_samples_are_read_without_panic(text in samples::damaged(SAMPLES)) {
            let _ = parse(&text, "ear", "ww1", samples::received_at());
        }
    }
}
